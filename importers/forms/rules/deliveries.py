"""Deliveries to a tank or store, and levels of the tank: together they are what was used.

    level 31.12.2023   1200
    delivery 05.03.    3000   ─┐
    delivery 20.10.    2500   ─┴─► one record 2024-01-01 – 2024-12-31: 1200 + 5500 − 900 = 5800, measured
    level 31.12.2024    900

A row states a delivery (with or without the stock before and after), a level, or both (the level after it).
A delivery not between two levels stays one: it is no consumption, and the import says so. A delivery that was
rejected between two levels takes the record with it: what was used is not known.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

import polars as pl

from bilanz import units
from bilanz.issues import Issue
from bilanz.records import Quality, Role
from importers.forms.rows import ORIGINAL, TYPED, Sheet, Span, filled, told, with_span
from importers.forms.rules.days import boundary
from importers.upload.findings import ROW
from importers.upload.words import with_meaning

_KEY: Final = ("organisation", "site", "source", "activity")
_STOCK: Final = ("stock_before", "stock_after")
_COST: Final = ("cost_net", "currency")

Row = dict[str, Any]


@dataclass(slots=True)
class _Account:
    """What happened to a tank between two neighbouring levels.

    Attributes:
        opening, closing: rows of the levels; a delivery of the closing row came before its level.
        between: deliveries after the opening level, that of the closing row last.
    """

    opening: Row
    closing: Row
    between: list[Row] = field(default_factory=list)

    @property
    def merged(self) -> list[Row]:
        """The deliveries that stand in rows of their own."""
        return [row for row in self.between if row is not self.closing]


def read(rows: pl.DataFrame, sheet: Sheet) -> list[pl.DataFrame]:
    """Return one row per span between two levels, and the deliveries outside of such spans."""
    dated = sheet.days(_filled(rows, sheet), "start")
    rows = _readable(dated, sheet)
    lost = dated.join(rows, on=ROW, how="anti").filter(
        pl.col(ROW).is_in(sheet.columns.findings.rejected().implode())
    )
    accounts = list(_accounts(rows, sheet))
    taken = {row[ROW] for one in accounts for row in (one.closing, *one.between)}
    whole = [one for one in accounts if _is_whole(one, lost.to_dicts(), sheet)]
    bare = rows.filter(~pl.col(ROW).is_in(list(taken)) & pl.col("quantity").is_not_null())
    every = pl.concat([bare, _measured(rows, whole, sheet)], how="diagonal").sort(ROW)
    sheet.titles["role"] = sheet.title("quantity")
    return [every.with_columns(role=pl.lit(str(Role.DELIVERED)))]


def _filled(rows: pl.DataFrame, sheet: Sheet) -> pl.DataFrame:
    """Return the rows with all columns of the form; where a row states no unit, with that of the header."""
    names = (*_KEY, *_STOCK, *_COST, "quality", "level", "unit")
    return filled(rows, *names).with_columns(unit=sheet.unit("quantity", "level"))


def _readable(rows: pl.DataFrame, sheet: Sheet) -> pl.DataFrame:
    """Return the rows that state a date, a unit, and a delivery or a level; blank ones are ignored."""
    empty = pl.col("level").is_null() & pl.col("quantity").is_null()
    sheet.flag(rows.filter(empty), "blank", "quantity")
    rows = sheet.columns.lenient_number(sheet.numbers(rows.filter(~empty), "quantity", "level"), "cost_net")
    sheet.flag(rows.filter(pl.col("start").is_null()), "missing_value", "start")
    sheet.flag(rows.filter(pl.col("unit").is_null()), "missing_unit", "unit")
    back = rows.filter((pl.col("quantity_value") < 0).fill_null(value=False))
    sheet.flag(back, "negative_quantity", "quantity", pl.col("quantity"))
    rows = sheet.limits(sheet.without_rejected(rows), "level", pl.col("level_value") < 0, "numbers from 0")
    rows = with_meaning(rows, "unit", "__unit", _unit)
    header = pl.lit(_unit(sheet.units.get("level", "")), dtype=pl.String)
    other = rows.filter(pl.col("level").is_not_null() & (pl.col("__unit") != header))
    sheet.flag(other, "unit_conflict", "unit", pl.col("unit"), stated=sheet.title("level"))
    rows = sheet.without_rejected(rows)
    first = pl.col("__unit").drop_nulls().first().over(_KEY)
    has_level = pl.col("level").is_not_null().any().over(_KEY)
    mixed = rows.with_columns(first=first).filter(has_level & (pl.col("__unit") != pl.col("first")))
    sheet.flag(mixed, "unknown_value", "unit", pl.col("unit"), expected=pl.col("first"))
    return sheet.without_rejected(rows)


def _unit(text: str) -> str | None:
    found = units.find(text)
    return found.unit if found else None


def _accounts(rows: pl.DataFrame, sheet: Sheet) -> Iterator[_Account]:
    """Yield the spans between neighbouring levels of a tank; say which level opens one and closes none."""
    for _, tank in rows.sort("start_local", ROW).group_by(_KEY, maintain_order=True):
        entries = tank.to_dicts()
        levels = [place for place, row in enumerate(entries) if row["level_value"] is not None]
        if levels and entries[levels[0]]["quantity_value"] is None:
            _say_opening(entries[levels[0]], sheet, is_alone=len(levels) == 1)
        for first, last in pairwise(levels):
            between = [row for row in entries[first + 1 : last + 1] if row["quantity_value"] is not None]
            yield _Account(entries[first], entries[last], between)


def _say_opening(row: Row, sheet: Sheet, *, is_alone: bool) -> None:
    code = "single_level" if is_alone else "opening_level"
    sheet.add(Issue(code, row[ROW], sheet.title("level"), row["level"], {"date": row["start"]}))


def _is_whole(account: _Account, lost: list[Row], sheet: Sheet) -> bool:
    """Return whether no row of the tank was rejected in the span; else its rows are rejected, too."""
    first, last = account.opening["start_local"], account.closing["start_local"]
    for row in lost:
        is_same = all(row[name] == account.closing[name] for name in _KEY)
        if is_same and (row["start_local"] is None or first <= row["start_local"] <= last):
            for told_of in (*account.merged, account.closing):
                parameters = {"lost": str(row[ROW])}
                sheet.add(Issue("span_incomplete", told_of[ROW], sheet.title("level"), None, parameters))
            return False
    return True


def _measured(rows: pl.DataFrame, accounts: list[_Account], sheet: Sheet) -> pl.DataFrame:
    """Return the closing row of each span as the record of what was used in it."""
    sheet.titles.update(dict.fromkeys(_STOCK, sheet.title("level")) if accounts else {})
    found = [_record(one, sheet) for one in accounts]
    names = ["quantity", *_STOCK, ORIGINAL, *_COST]
    sums = pl.DataFrame(found, schema={ROW: pl.Int64} | dict.fromkeys(names, pl.String), orient="row")
    closed = rows.drop("quantity", *_STOCK, *_COST).join(sums, on=ROW, how="inner", maintain_order="left")
    closed = closed.with_columns(
        *(pl.lit(value=True).alias(name + TYPED) for name in ("quantity", *_STOCK, "cost_net")),
        quality=pl.lit(str(Quality.MEASURED)),
        document=pl.lit(None, dtype=pl.String),
    )
    periods: dict[int, Span] = {
        one.closing[ROW]: (boundary(one.opening["start_local"]), boundary(one.closing["start_local"]))
        for one in accounts
    }
    return with_span(closed, periods)


def _record(account: _Account, sheet: Sheet) -> tuple[int | str | None, ...]:
    """Return row, delivered quantity, stocks, how they were put together, cost and currency."""
    row, merged = account.closing[ROW], account.merged
    delivered = sum((entry["quantity_value"] for entry in account.between), Decimal(0))
    before, after = told(account.opening["level_value"]), told(account.closing["level_value"])
    if merged:
        parameters = {"count": str(len(merged)), "first": str(row)}
        sheet.add(Issue("aggregated", merged[0][ROW], sheet.title("quantity"), None, parameters))
    reason = f"{before} + {told(delivered)} − {after}"
    return row, told(delivered), before, after, reason, *_cost([*merged, account.closing], sheet)


def _cost(deliveries: list[Row], sheet: Sheet) -> tuple[str | None, str | None]:
    """Return the cost of deliveries and its currency; nothing where they cannot be added, and said."""
    stated = [row for row in deliveries if row["cost_net"] is not None]
    header = sheet.units.get("cost_net")
    currencies = {row["currency"] or header for row in stated}
    if not stated:
        return None, None
    if len(currencies) > 1 or any(row["cost_net_value"] is None for row in stated):
        text = " + ".join(row["cost_net"] for row in stated)
        parameters = {"reason": "costs that cannot be added up"}
        sheet.add(Issue("cost_unusable", stated[0][ROW], sheet.title("cost_net"), text, parameters))
        return None, None
    return told(sum((row["cost_net_value"] for row in stated), Decimal(0))), currencies.pop()
