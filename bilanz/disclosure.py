"""What an inventory has to disclose by gas: each of the seven in mass and CO2e, per scope.

    CH4, CH4_fossil, CH4_biogenic ──► CH4      HFC… and blends by their parts ──► HFCs     C2F6 … ──► PFCs
    CO2e as published             ──► not_broken_down: never CO2
    other gases (HFO, ethers, …)  ──► other: weighted, and none of the seven
    biogenic CO2, Montreal gases  ──► rows of their own, outside the scopes

Source: GHG Protocol, required disclosure of an inventory: each of the seven gases in tonnes and CO2e,
biogenic CO2 apart (secondary: the Corporate Standard itself was not at hand).
"""

import re
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

import polars as pl

from bilanz.gases import EQUIVALENT, GwpSet
from bilanz.result import MASS
from bilanz.scopes import BIOGENIC_CATEGORY, COUNTED, OUTSIDE
from bilanz.slices import QuantityLost

SEVEN: Final = ("CO2", "CH4", "N2O", "HFCs", "PFCs", "SF6", "NF3")
NOT_BROKEN_DOWN: Final = "not_broken_down"
OTHER: Final = "other"
BIOGENIC: Final = "biogenic_co2"
MONTREAL: Final = "montreal_gases"
ROWS: Final = (*SEVEN, OTHER, NOT_BROKEN_DOWN, BIOGENIC, MONTREAL)

GAS_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "book": pl.String,
    "scope": pl.String,  # "1", "2", "3", "outside"
    "gas": pl.String,  # one of `ROWS`
    "mass_kg": MASS,  # of the gas; null: not known (CO2e only)
    "co2e_kg": MASS,
}

_PERFLUORO: Final = re.compile(r"c?C\d*F\d+")
_DIGITS: Final = 12


def group_of(gas: str) -> str:
    """Return the row a single gas belongs to."""
    if gas == EQUIVALENT:
        return NOT_BROKEN_DOWN
    if gas.startswith("CH4"):
        return "CH4"
    if gas.startswith("HFC"):
        return "HFCs"
    if _PERFLUORO.fullmatch(gas):
        return "PFCs"
    return gas if gas in SEVEN else OTHER


def by_gas(lines: pl.DataFrame, sets: Mapping[str, GwpSet]) -> pl.DataFrame:
    """Return mass and CO2e of each gas by book and scope.

    Args:
        lines: `LINE_SCHEMA`.
        sets: book → the potentials it was weighted with; only these books.

    Shape: `GAS_SCHEMA`, one row per book, scope and gas that has a figure; ordered as `ROWS`.

    Raises:
        QuantityLost: the gases do not add up to the book (a defect).
    """
    shown = (*COUNTED, OUTSIDE)
    told = lines.filter(
        pl.col("book").is_in(list(sets)), pl.col("scope").is_in(list(shown)), pl.col("gas").is_not_null()
    )
    sums = told.group_by("book", "scope", "category", "gas").agg(
        pl.when(pl.col("mass_kg").is_not_null().all()).then(pl.col("mass_kg").sum()).alias("mass_kg"),
        pl.col("co2e_kg").sum(),
    )
    rows = [part for row in sums.iter_rows() for part in _parts(row, sets[row[0]])]
    frame = pl.DataFrame(rows, schema=GAS_SCHEMA, orient="row").group_by("book", "scope", "gas")
    found = frame.agg(
        pl.when(pl.col("mass_kg").is_not_null().all()).then(pl.col("mass_kg").sum()).alias("mass_kg"),
        pl.col("co2e_kg").sum(),
    ).select(list(GAS_SCHEMA))
    if found["co2e_kg"].sum() != told["co2e_kg"].sum():
        message = "the gases hold {parts} kg CO2e, the lines {whole} kg"
        raise QuantityLost(message, parts=found["co2e_kg"].sum(), whole=told["co2e_kg"].sum())
    return found.sort("book", "scope", pl.col("gas").cast(pl.Enum(ROWS)))


_Part = tuple[str, str, str, Decimal | None, Decimal]


def _parts(row: tuple[Any, ...], gwp: GwpSet) -> Iterator[_Part]:
    """Yield the rows of one sum: a blend by its composition, the last part taking what rounding leaves."""
    book, scope, category, gas, mass, co2e = row
    if scope == OUTSIDE:
        yield book, scope, BIOGENIC if category == BIOGENIC_CATEGORY else MONTREAL, mass, co2e
        return
    shares = _shares(gas, gwp)
    left_mass, left = mass, co2e
    for group, (of_mass, of_co2e) in list(shares.items())[:-1]:
        part = _rounded(co2e, of_co2e)
        part_mass = None if mass is None else _rounded(mass, of_mass)
        left, left_mass = left - part, None if left_mass is None else left_mass - (part_mass or 0)
        yield book, scope, group, part_mass, part
    yield book, scope, [*shares][-1], left_mass, left


def _shares(gas: str, gwp: GwpSet) -> dict[str, tuple[Fraction, Fraction]]:
    """Return row → its share of mass and of CO2e of a gas or blend."""
    parts = gwp.blends.get(gas)
    if gas in gwp.values or parts is None:
        return {group_of(gas): (Fraction(1), Fraction(1))}
    # every component has a potential, or the line would be an exception
    weights = {name: Fraction(share) * Fraction(gwp.values[name]) for name, share in parts}
    whole, whole_mass = (
        sum(weights.values(), Fraction(0)),
        sum((Fraction(share) for _, share in parts), Fraction(0)),
    )
    found: dict[str, tuple[Fraction, Fraction]] = {}
    for name, share in parts:
        mass, co2e = found.get(group_of(name), (Fraction(0), Fraction(0)))
        found[group_of(name)] = (mass + Fraction(share) / whole_mass, co2e + weights[name] / whole)
    return found


def _rounded(amount: Decimal, share: Fraction) -> Decimal:
    """Return a share of an amount, rounded once to 12 decimals (half-even)."""
    exact = Fraction(amount) * share
    return Decimal(round(exact * 10**_DIGITS)).scaleb(-_DIGITS)


def missing(found: pl.DataFrame, book: str) -> Collection[str]:
    """Return which of the seven gases no factor in use states by itself."""
    held = set(found.filter(pl.col("book") == book)["gas"])
    return [gas for gas in SEVEN if gas not in held]
