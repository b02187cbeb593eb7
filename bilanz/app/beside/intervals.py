"""Intervals of a run: lines, factors and the table of half widths brought together; never stored.

run ─┬─► bilanz.uncertainty ─► beside the run: cards, section, `--json`
     ├── half widths: shipped defaults, `uncertainty.csv` of the data directory
     └── the run of the year before, for the change
"""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import polars as pl

from bilanz.app.settings import Settings
from bilanz.app.shown.summary import text
from bilanz.result import Result
from bilanz.rounding import as_quoted, rounded
from bilanz.uncertainty import (
    CATEGORY,
    CHANGE,
    FACTOR,
    HALF_WIDTH,
    SCOPE,
    SMALL,
    SOURCE,
    TOTAL,
    Options,
    intervals,
)

_SHARE_DIGITS = 6


def intervals_of(
    settings: Settings, result: Result, earlier: Result | None = None, options: Options | None = None
) -> pl.DataFrame:
    """Return the intervals of a run (`INTERVAL_SCHEMA`), and of its change where another run is given.

    Raises:
        FileRefused: the own half widths of the data directory are not what they must be.
    """
    return intervals(result, half_widths_of(settings), earlier, options)


def half_widths_of(settings: Settings) -> pl.DataFrame:
    """Return the shipped half widths with the own ones of the data directory.

    Raises:
        FileRefused: the own file is not what it must be.
    """
    from factors.halfwidths import half_widths

    return half_widths(settings.data)


def with_intervals(settings: Settings, result: Result) -> Result:
    """Return a run with its intervals beside it, and those of its change where the year before is there."""
    before = year_before(result, result.beside.earlier)
    return replace(result, beside=replace(result.beside, intervals=intervals_of(settings, result, before)))


def year_before(result: Result, earlier: tuple[Result, ...]) -> Result | None:
    """Return the run of the very year before among those of earlier years; None: there is none."""
    wanted = result.manifest.year - 1
    return next((before for before in earlier if before.manifest.year == wanted), None)


def uncertainty_of_year(
    settings: Settings, year: int, organisation: str | None, options: Options
) -> dict[str, Any]:
    """Return the answer of `bilanz uncertainty`: both approaches, contributions and inputs per book.

    Raises:
        Refused: the year has not been calculated so.
    """
    from bilanz.app.balances import latest_result, ledger
    from bilanz.app.period.earlier import earlier

    result = latest_result(settings, year, organisation)
    with ledger(settings) as data:
        before = year_before(result, earlier(settings, data, result))
    found = intervals_of(settings, result, before, options)
    return {
        "run": result.manifest.run,
        "year": year,
        "organisation": organisation,
        "draws": options.draws,
        "seed": options.seed,
        "books": [_book(found, book) for book in result.manifest.books],
    }


def _book(found: pl.DataFrame, book: str) -> dict[str, Any]:
    """Return all that is said about one book."""
    rows = found.filter(pl.col("book") == book)

    def of(*kinds: str) -> list[dict[str, Any]]:
        return rows.filter(pl.col("kind").is_in(kinds)).to_dicts()

    widest = max((row["half_width"] for row in of(TOTAL) if row["half_width"] is not None), default=None)
    return {
        "book": book,
        "largest_half_width": widest,
        "is_small": None if widest is None else widest <= SMALL,
        "totals": [_total(row) for row in of(TOTAL, SCOPE, CATEGORY)],
        "change": next((_change(row) for row in of(CHANGE)), None),
        "contributions": [_contribution(row) for row in of(FACTOR, SOURCE)],
        "half_widths": [_input(row) for row in of(HALF_WIDTH)],
    }


def _total(row: dict[str, Any]) -> dict[str, Any]:
    """Return one total by both approaches, in kg as text, rounded by uncertainty; null: not computed."""
    return {
        "kind": row["kind"],
        "scope": row["scope"],
        "category": row["subject"],
        "co2e_kg": text(row["co2e_kg"]),
        "approach_1": _first(row),
        "approach_2": _second(row),
    }


def _first(row: dict[str, Any]) -> dict[str, str] | None:
    half = row["half_width_kg"]
    if half is None:
        return None
    value = row["co2e_kg"]
    shown = rounded([half, value - Decimal(repr(half)), value + Decimal(repr(half))], half)
    return dict(zip(("half_width", "low", "high"), map(text, shown), strict=True))


def _second(row: dict[str, Any]) -> dict[str, str] | None:
    quoted = as_quoted(row)
    if quoted is None:
        return None
    (median,) = rounded([row["median_kg"]], (row["high_kg"] - row["low_kg"]) / 2)
    return {"median": text(median), "low": text(quoted[1]), "high": text(quoted[2])}


def _change(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "year": row["year"],
        "co2e_kg": text(row["co2e_kg"]),
        "approach_1": _first(row),
        "approach_2": _second(row),
        "is_different": row["is_different"],
    }


def _contribution(row: dict[str, Any]) -> dict[str, Any]:
    told = {name: row[name] for name in ("kind", "subject", "gas", "chain", "quality", "half_width")}
    return told | {"share_of_variance": _share(row["share"]), "co2e_kg": text(row["co2e_kg"])}


def _input(row: dict[str, Any]) -> dict[str, Any]:
    names = ("of", "subject", "half_width", "standing", "de", "en", "title", "note")
    return {name: row[name] for name in names} | {"share": _share(row["share"])}


def _share(share: float | None) -> str | None:
    return None if share is None else text(round(Decimal(repr(share)), _SHARE_DIGITS))
