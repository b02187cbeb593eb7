"""Readings a caretaker keeps by hand: neighbouring readings of one meter make a consumption.

    31.12.2023  10 234          opens
    31.03.2024  13 100          2 866 since then
    14.05.2024  14 020  old     920, and the old meter ends
    14.05.2024       3  new     opens
    31.12.2024   8 003          8 000

One reading is one statement; what becomes of it is told in `importers.interval.registers`. A register is one
meter of a source: it ends where the meter is changed. A register that started again at zero is followed where
its row says so and states the capacity; every other fall is rejected.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

import polars as pl

from bilanz.activity import folded
from bilanz.issues import Issue
from bilanz.records import STATUS_MEASURED
from importers.forms.rows import Sheet, Span, filled, told, with_quantity, with_span
from importers.forms.rules.capacity import exact
from importers.forms.rules.days import boundary
from importers.interval.findings import Findings
from importers.interval.registers import READING_SCHEMA, differences
from importers.upload.findings import ROW
from importers.upload.words import looked_up

_SOURCE: Final = ("organisation", "site", "source", "activity")
_KEY: Final = (*_SOURCE, "role")
_BACK: Final = r"(?i)einspeis|feed.?in|fed.?in|erzeugung|generation|lieferung ins netz|export"
"""A name of a meter that counts no consumption."""

_CHANGES: Final = ("removed", "installed", "changed")
_REMARKS: Final = {
    "removed": ("alter zahler", "old meter", "ausbau"),
    "installed": ("neuer zahler", "new meter", "einbau"),
    "changed": ("zahlerwechsel", "meter change", "zahler gewechselt", "meter changed"),
    "rollover": ("uberlauf", "rollover"),
}


class _Told(Findings):
    """Hands every issue of the registers to the sheet, row by row."""

    def __init__(self, sheet: Sheet, dates: Mapping[int, str]) -> None:
        super().__init__()
        self._sheet = sheet
        self._dates = dates

    def add(self, *issues: Issue) -> None:
        """Take issues; instants are told as the dates their rows state."""
        for issue in issues:
            date = self._dates.get(issue.row or 0)
            is_dated = date is not None and "instant" in issue.parameters
            parameters = {name: _plain(text) for name, text in issue.parameters.items()}
            parameters |= {"instant": str(date)} if is_dated else {}
            value = None if issue.value is None else _plain(issue.value)
            self._sheet.add(replace(issue, value=value, parameters=parameters))

    def note(self, rows: pl.DataFrame, code: str, column: str, **parameters: str) -> None:
        """Raise an issue for each row."""
        for row in rows.to_dicts():
            own = {**parameters, **(row.get("parameters") or {})}
            self.add(Issue(code, row[ROW], column, row.get("value"), own))


def _plain(text: str) -> str:
    """Return a stored decimal without the zeros that no register shows."""
    return text.rstrip("0").rstrip(".") if re.fullmatch(r"-?[0-9]+\.[0-9]{6}", text) else text


@dataclass(slots=True)
class _Register:
    """One meter of a source, followed row by row.

    Attributes:
        rows: its readings, in time.
        offset: what the register has counted in full turns so far.
        is_over: the meter was taken out.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    offset: Decimal = Decimal(0)
    is_over: bool = False


def read(rows: pl.DataFrame, sheet: Sheet) -> list[pl.DataFrame]:
    """Return one row per pair of neighbouring readings: the closing one, with its quantity and period."""
    every = _filled(rows, sheet)
    rows = _readable(every, sheet)
    lost = every.join(rows, on=ROW, how="anti").filter(pl.col("event").is_in(_CHANGES))
    registers = [register for source in _sources(rows, lost) for register in _registers(source, sheet)]
    readings = [_reading(number, row) for number, one in enumerate(registers) for row in one.rows]
    frame = pl.DataFrame(readings, schema=READING_SCHEMA, orient="row")
    titles = [sheet.title("reading")] * len(registers)
    by_row = {row[ROW]: row for one in registers for row in one.rows}
    findings = _Told(sheet, {number: row["date"] for number, row in by_row.items()})
    points = differences(frame, titles, civil="UTC", findings=findings).to_dicts()
    return [_records(rows, points, by_row, sheet)]


def _filled(rows: pl.DataFrame, sheet: Sheet) -> pl.DataFrame:
    """Return the rows with all columns of the form and with their dates; blank ones are ignored."""
    names = (*_KEY, "meter_id", "unit", "multiplier", "event", "capacity")
    rows = filled(rows, *names)
    rows = rows.with_columns(unit=sheet.unit("reading"))
    blank = pl.col("reading").is_null()
    sheet.flag(rows.filter(blank), "blank", "reading")
    source, activity = (
        pl.lit(text, dtype=pl.String) for text in (sheet.request.source, sheet.request.activity)
    )
    rows = rows.filter(~blank).with_columns(
        source=pl.coalesce("source", "meter_id", source),
        activity=pl.coalesce("activity", activity),
        event=pl.coalesce("event", looked_up(rows, "note", _remarked)),
    )
    return sheet.days(_with_role(rows, sheet), "date")


def _with_role(rows: pl.DataFrame, sheet: Sheet) -> pl.DataFrame:
    """Return the rows with the one role their source states; a name that says another one is remarked."""
    stated = pl.col("role").drop_nulls()
    only = pl.when(stated.n_unique().over(_SOURCE) == 1).then(stated.first().over(_SOURCE))
    rows = rows.with_columns(role=pl.coalesce("role", only))
    silent = rows.filter(pl.col("role").is_null() & pl.col("source").str.contains(_BACK))
    sheet.flag(silent.unique(_SOURCE, keep="first", maintain_order=True), "role_by_name", "source")
    return rows


def _remarked(text: str) -> str | None:
    """Return what a remark begins with where the occasion is empty: `Zählerwechsel am 3.5.`, no `kein …`."""
    words = folded(text)
    return next((event for event, names in _REMARKS.items() if words.startswith(names)), None)


def _readable(rows: pl.DataFrame, sheet: Sheet) -> pl.DataFrame:
    """Return the readings that state source, activity, date, unit and a number."""
    rows = sheet.require(rows, "source", "activity", "date")
    sheet.flag(rows.filter(pl.col("unit").is_null()), "missing_unit", "unit")
    rows = sheet.numbers(rows, "reading", "multiplier", "capacity")
    rows = sheet.limits(
        sheet.without_rejected(rows), "multiplier", pl.col("multiplier_value") <= 0, "numbers above 0"
    )
    turned = (pl.col("event") == "rollover") & ~(pl.col("capacity_value") > 0).fill_null(value=False)
    return sheet.limits(rows, "capacity", turned, "the reading at which the register shows zero again")


def _sources(rows: pl.DataFrame, lost: pl.DataFrame) -> Iterator[list[dict[str, Any]]]:
    """Yield the readings of each source in time; of one day in the order old meter, others, new meter.

    A change of the meter whose reading was rejected is among them, marked: it still ends a register.
    """
    dated = lost.filter(pl.col("date_local").is_not_null()).with_columns(is_lost=pl.lit(value=True))
    every = pl.concat([rows.with_columns(is_lost=pl.lit(value=False)), dated], how="diagonal")
    for _, part in every.group_by(_KEY, maintain_order=True):
        entries = part.to_dicts()
        for row in entries:
            row["instant"] = boundary(row["date_local"])
        order = {"removed": 0, "installed": 2}
        yield sorted(entries, key=lambda row: (row["instant"], order.get(row["event"] or "", 1), row[ROW]))


def _registers(source: list[dict[str, Any]], sheet: Sheet) -> list[_Register]:
    """Return the meters of a source, one after the other."""
    registers = [_Register()]
    for place, row in enumerate(source):
        current = registers[-1]
        if row["is_lost"] or _is_lone(source, place, current.rows):
            _break(row, current, sheet)
            continue
        if current.rows and (current.is_over or _is_new(row, current.rows[-1])):
            _say_gap(current.rows[-1], row, sheet)
            current = _Register()
            registers.append(current)
        if row["event"] == "rollover" and not _turned(row, current, sheet):
            continue
        current.rows.append(row | {"shown": row["reading_value"] + current.offset})
        current.is_over = row["event"] == "removed" or _closes(source, place)
    return [one for one in registers if one.rows]


def _is_new(row: dict[str, Any], former: dict[str, Any]) -> bool:
    """Return whether a reading is of another meter than the one before it."""
    if row["event"] == "installed":
        return True
    return None not in {row["meter_id"], former["meter_id"]} and row["meter_id"] != former["meter_id"]


def _is_lone(source: list[dict[str, Any]], place: int, former: list[dict[str, Any]]) -> bool:
    """Return whether one reading alone says `changed`, and nothing says whether it is of the old meter."""
    row = source[place]
    beside = [*source[max(0, place - 1) : place], *source[place + 1 : place + 2]]
    pairs = [it for it in beside if it["event"] == "changed" and it["instant"] == row["instant"]]
    if row["event"] != "changed" or any(not it["is_lost"] for it in pairs):
        return False
    return not former or None in {row["meter_id"], former[-1]["meter_id"]} or _is_old(row, former[-1])


def _is_old(row: dict[str, Any], former: dict[str, Any]) -> bool:
    return bool(row["meter_id"] == former["meter_id"])


def _break(row: dict[str, Any], register: _Register, sheet: Sheet) -> None:
    """End a register at a change of the meter of which a reading is missing."""
    register.is_over = True
    if not row["is_lost"]:
        sheet.add(Issue("change_incomplete", row[ROW], sheet.title("reading"), row["reading"]))


def _closes(source: list[dict[str, Any]], place: int) -> bool:
    """Return whether the first of two readings of one day that say `changed` ends the old meter."""
    row, later = source[place], [it for it in source[place + 1 : place + 2] if not it["is_lost"]]
    is_change = row["event"] == "changed" and bool(later) and later[0]["event"] == "changed"
    return is_change and later[0]["instant"] == row["instant"]


def _turned(row: dict[str, Any], register: _Register, sheet: Sheet) -> bool:
    """Count a full turn of the register; a row that is no fall is rejected."""
    former = register.rows[-1]["reading_value"] if register.rows else None
    if former is None or row["reading_value"] >= former or former > row["capacity_value"]:
        opening = "–" if former is None else told(former)
        parameters = {"opening": opening}
        sheet.add(Issue("rollover_contradicts", row[ROW], sheet.title("reading"), row["reading"], parameters))
        return False
    register.offset += row["capacity_value"]
    return True


def _say_gap(old: dict[str, Any], new: dict[str, Any], sheet: Sheet) -> None:
    if old["instant"] < new["instant"]:
        parameters = {"before": old["date"]}
        sheet.add(Issue("meter_gap", new[ROW], sheet.title("date"), new["date"], parameters))


def _reading(number: int, row: dict[str, Any]) -> tuple[int, datetime, Decimal, int, int]:
    return number, row["instant"], row["shown"], STATUS_MEASURED, row[ROW]


def _records(
    rows: pl.DataFrame, points: list[dict[str, Any]], by_row: dict[int, dict[str, Any]], sheet: Sheet
) -> pl.DataFrame:
    """Return the closing readings with quantity × multiplier, period and the reading before."""
    quantities: dict[int, tuple[Decimal, str]] = {}
    spans: dict[int, Span] = {}
    opened: list[tuple[int, str]] = []
    for point in points:
        row = by_row[point[ROW]]
        counted, factor = point["quantity"], row["multiplier_value"]
        turn = row["capacity_value"] if row["event"] == "rollover" else Decimal(0)
        opening = told(row["reading_value"] + turn - counted)
        closing = told(row["reading_value"]) + (f" + {told(turn)}" if turn else "")
        times = "" if factor is None else f" × {told(factor)}"
        quantities[row[ROW]] = (
            counted if factor is None else exact(Fraction(counted) * Fraction(factor)),
            f"({closing} − {opening}){times}" if times else f"{closing} − {opening}",
        )
        spans[row[ROW]] = (point["start"], point["start"] + timedelta(minutes=point["minutes"]))
        opened.append((row[ROW], opening))
    date = sheet.title("date")
    sheet.titles.update(quantity=sheet.title("reading"), start=date, end=date)
    before = pl.DataFrame(opened, schema={ROW: pl.Int64, "opened": pl.String}, orient="row")
    closing_rows = rows.join(before, on=ROW, how="inner", maintain_order="left").with_columns(
        turn=pl.when(pl.col("event") == "rollover").then("capacity")
    )
    return with_span(with_quantity(closing_rows, sheet, quantities, None), spans)
