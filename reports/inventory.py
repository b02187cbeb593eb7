"""What a corporate inventory by the GHG Protocol discloses, taken from the two books of that name.

Source: GHG Protocol Corporate Standard (2004), chapter 9; Scope 2 Guidance (2015), both methods; Corporate
Value Chain (Scope 3) Standard (2011), fifteen categories. A figure the balance does not hold stays empty.
"""

from collections.abc import Collection
from dataclasses import replace
from decimal import Decimal
from typing import Final

import polars as pl

from bilanz import disclosure
from bilanz.activity import activities
from bilanz.errors import Refused
from bilanz.gases import GwpSet
from bilanz.result import Result
from reports import coverage
from reports.totals import COUNTED, known_sum, scope_of

LOCATION: Final = "ghgp_location"
MARKET: Final = "ghgp_market"
BOOKS: Final = (LOCATION, MARKET)

_OWN: Final = ("1", "2")
_UNCLASSIFIED: Final = ""

INCOMPLETE: Final = "incomplete; quantities without a figure: {count}"

SCOPE_3: Final = tuple(f"3.{number}" for number in range(1, 16))

GASES: Final = {
    **{gas: gas for gas in disclosure.SEVEN},
    disclosure.OTHER: "Other gases",
    disclosure.NOT_BROKEN_DOWN: "Not broken down by gas",
}
"""The seven gases of the standard, then what is none of them alone: rows of `bilanz.disclosure` by name."""

_BLEND: Final = r"^R\d"
_PARTS_OF_BLENDS: Final = ("CO2", "HFCs", "PFCs", disclosure.OTHER)
_NO_COMPOSITIONS: Final = GwpSet("", {}, {})


def refuse_without(result: Result, books: tuple[str, ...] = BOOKS) -> None:
    """Refuse a result without the books a form is made of.

    Raises:
        Refused: names the books that are missing.
    """
    missing = [book for book in books if book not in result.manifest.books]
    if missing:
        message = "The form needs the books {books}, which the calculation of {year} does not hold."
        raise Refused(message, books=", ".join(missing), year=result.manifest.year)


def by_gas(result: Result, book: str, scope: str) -> dict[str, tuple[Decimal | None, Decimal | None]]:
    """Return gas → (kg of the gas, kg CO2e), blends by their composition; gases without a line are left out.

    The mass is None where it is not known of every line of the gas. Both are None where a blend may be part
    of the row and nobody took it apart (a run without `Beside.gases`).
    """
    told = result.beside.gases
    found = _without_compositions(result, book) if told is None else told
    rows = found.filter(pl.col("book") == book, pl.col("scope") == scope).select("gas", "mass_kg", "co2e_kg")
    return {gas: (mass, co2e) for gas, mass, co2e in rows.iter_rows()}


def _without_compositions(result: Result, book: str) -> pl.DataFrame:
    """Return the gases of a book as `GAS_SCHEMA` has them, and rows without a figure for those of blends."""
    lines = result.lines.filter(
        pl.col("book") == book, pl.col("scope").is_in(COUNTED), pl.col("co2e_kg").is_not_null()
    )
    is_blend = pl.col("gas").str.contains(_BLEND)
    alone = disclosure.by_gas(lines.filter(~is_blend), {book: _NO_COMPOSITIONS})
    scopes = lines.filter(is_blend)["scope"].unique().to_list()
    rows = [(book, scope, gas, None, None) for scope in scopes for gas in _PARTS_OF_BLENDS]
    open_ = pl.DataFrame(rows, schema=disclosure.GAS_SCHEMA, orient="row")
    return pl.concat([alone.join(open_, on=["book", "scope", "gas"], how="anti"), open_])


def by_category(result: Result, book: str, scope: str) -> dict[str, Decimal]:
    """Return category → kg CO2e of a scope; categories without a value are left out."""
    lines = result.lines.filter(pl.col("book") == book, pl.col("scope") == scope)
    sums = lines.group_by("category").agg(known_sum("co2e_kg")).drop_nulls("co2e_kg").sort("category")
    return dict(sums.iter_rows())


def gaps(result: Result, book: str) -> dict[tuple[str, str], int]:
    """Return (scope, category) → quantities of its activities that have no figure in the book.

    What is not classified has neither and counts under two empty texts.
    """
    known = {code: (entry.scope, entry.category) for code, entry in activities().items()}
    counted: dict[tuple[str, str], int] = {}
    for code, rows in coverage.exceptions_of(result, book).group_by("activity").len().iter_rows():
        place = known.get(code or "", ("", ""))
        counted[place] = counted.get(place, 0) + rows
    return counted


def open_quantities(result: Result, book: str, scopes: Collection[str]) -> int:
    """Return how many quantities of some scopes have no figure in the book.

    What is not classified may belong to any scope: it counts where all three are asked for.
    """
    asked = {*scopes, *([_UNCLASSIFIED] if {*COUNTED} <= {*scopes} else [])}
    return sum(rows for (scope, _), rows in gaps(result, book).items() if scope in asked)


def scopes_1_and_2(result: Result, book: str) -> Decimal | None:
    """Return kg CO2e of scopes 1 and 2; None where a scope with activities has no figure.

    A scope without any activity is none: the other one alone is the sum.
    """
    found = {scope: scope_of(result.lines, book, scope) for scope in _OWN}
    known = [mass for mass in found.values() if mass is not None]
    is_whole = not any(mass is None and _has_activity(result, book, scope) for scope, mass in found.items())
    return sum(known, Decimal(0)) if known and is_whole else None


def _has_activity(result: Result, book: str, scope: str) -> bool:
    """Return whether a scope has lines in a book, or quantities without a figure."""
    lines = result.lines.filter(pl.col("book") == book, pl.col("scope") == scope)
    return lines.height > 0 or open_quantities(result, book, (scope,)) > 0


def publications(result: Result) -> pl.DataFrame:
    """Return each publication in use: publisher, title, edition, licence, evidence, number of factors."""
    keys = ["publisher", "title", "edition", "licence", "evidence"]
    return (
        result.factors.group_by(keys)
        .agg(pl.col("factor_id").n_unique().cast(pl.Int64).alias("factors"))
        .sort(keys, nulls_last=True)
    )


def runs_of(result: Result) -> list[Result]:
    """Return a run per year, the oldest first; an earlier year without the books is left out.

    Gross energy of every year becomes net by the ratios of the run reported.
    """
    found = {run.manifest.year: run for run in (*result.beside.earlier, result)}
    ratios = result.beside.net_ratios
    return [
        replace(run, beside=replace(run.beside, net_ratios=ratios))
        for _, run in sorted(found.items())
        if {*BOOKS} <= {*run.manifest.books}
    ]
