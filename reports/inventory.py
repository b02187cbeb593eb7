"""What a corporate inventory by the GHG Protocol discloses, taken from the two books of that name.

Source: GHG Protocol Corporate Standard (2004), chapter 9; Scope 2 Guidance (2015), both methods; Corporate
Value Chain (Scope 3) Standard (2011), fifteen categories. A figure the balance does not hold stays empty.
"""

import re
from dataclasses import replace
from decimal import Decimal
from typing import Final

import polars as pl

from bilanz.activity import activities
from bilanz.errors import Refused
from bilanz.result import Result
from reports import coverage
from reports.totals import known_sum

LOCATION: Final = "ghgp_location"
MARKET: Final = "ghgp_market"
BOOKS: Final = (LOCATION, MARKET)

SCOPE_3: Final = tuple(f"3.{number}" for number in range(1, 16))

BLENDS: Final = "Blends of refrigerants"
OTHER: Final = "Other gases"
UNDIVIDED: Final = "Not broken down by gas"
GASES: Final = ("CO2", "CH4", "N2O", "HFCs", "PFCs", "SF6", "NF3", BLENDS, OTHER, UNDIVIDED)
"""The seven gases of the standard, then what is none of them alone."""

_FORMS: Final = (
    (r"CO2|N2O|SF6|NF3", None),
    (r"CH4.*", "CH4"),
    (r"HFC\d.*", "HFCs"),
    (r"c?C\d*F\d+", "PFCs"),
    (r"R\d+.*", BLENDS),
    (r"CO2e", UNDIVIDED),
)


def refuse_without(result: Result, books: tuple[str, ...] = BOOKS) -> None:
    """Refuse a result without the books a form is made of.

    Raises:
        Refused: names the books that are missing.
    """
    missing = [book for book in books if book not in result.manifest.books]
    if missing:
        message = "The form needs the books {books}, which the calculation of {year} does not hold."
        raise Refused(message, books=", ".join(missing), year=result.manifest.year)


def gas_group(gas: str) -> str:
    """Return the row of the standard a gas belongs to. A blend is not taken apart: it has its own row."""
    for form, group in _FORMS:
        if re.fullmatch(form, gas):
            return group or gas
    return OTHER


def by_gas(result: Result, book: str, scope: str) -> dict[str, tuple[Decimal | None, Decimal | None]]:
    """Return gas group → (kg of the gas, kg CO2e); groups without a line are left out.

    The mass is None where it is not known of every line of the group.
    """
    lines = result.lines.filter(
        pl.col("book") == book, pl.col("scope") == scope, pl.col("co2e_kg").is_not_null()
    )
    codes = lines["gas"].unique().to_list()
    groups = pl.col("gas").replace_strict(codes, list(map(gas_group, codes)), return_dtype=pl.String)
    mass = pl.when(pl.col("mass_kg").is_not_null().all()).then(pl.col("mass_kg").sum())
    sums = lines.group_by(groups.alias("group")).agg(mass.alias("mass_kg"), pl.col("co2e_kg").sum())
    return {group: (mass, co2e) for group, mass, co2e in sums.iter_rows()}


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
