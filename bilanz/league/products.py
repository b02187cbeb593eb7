"""Quantity × factor: which rows of a balance come out as the product of what is published beside it.

    quantity ──conversion──► unit of the factor ──value──► mass of the gas, or CO2e as published

A conversion is by definition (kWh → MWh) or by sourced properties (litres → GJ of net calorific value). A
factor that states kg CO2e of a gas is divided by the potential it was published with.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

import polars as pl

from bilanz.conversion import Conversion, Converter
from bilanz.errors import UnitError
from bilanz.factor import UNSTATED
from bilanz.gases import EQUIVALENT
from bilanz.league.bundle import CONVERSION_SCHEMA
from bilanz.records import Basis
from bilanz.units import ratio

MEMBER: Final = "member"

_DIGITS: Final = 24
_STEP: Final = Decimal("0.000000000001")
_WIDE: Final = pl.Decimal(38, 12)
_FACTOR: Final = (MEMBER, "factor_id", "gas", "chain")
_STATED: Final = ("value", "mass_unit", "per_unit", "basis_of_factor", "potential")


def gap(one: str, other: str) -> pl.Expr:
    """Return how far two columns are apart."""
    return (pl.col(one) - pl.col(other)).abs()


def leeway() -> pl.Expr:
    """Return how far products of a row may be off: a unit of the last decimal a line, and one for the row."""
    return (pl.col("lines") + 1).cast(_WIDE) * pl.lit(_STEP)


def comes_out() -> pl.Expr:
    """Tell whether a row of `products` is the product."""
    return (gap("expected", "target") <= leeway()).fill_null(value=False)


def products(
    balance: pl.DataFrame, factors: pl.DataFrame, potentials: pl.DataFrame, conversions: pl.DataFrame
) -> pl.DataFrame:
    """Return rows with `expected` = quantity × factor, and `target`, what it has to be.

    Shape: tables of bundles with `member`; the rows of `balance` in, the same rows out.
    """
    ways = conversions.select(MEMBER, "conversion", "activity", "unit", "basis", "per_unit", *_RATIO)
    told = balance.join(_amounts(factors, potentials), on=list(_FACTOR), how="left")
    on = [MEMBER, "conversion", "activity", "unit", "basis", "per_unit"]
    return _weighted(told.join(ways, on=on, how="left")).select(*balance.columns, "expected", "target")


_RATIO: Final = ("numerator", "denominator")


def _amounts(factors: pl.DataFrame, potentials: pl.DataFrame) -> pl.DataFrame:
    """Return what each factor states of a gas, where it is one figure, and the potential in it."""
    told = factors.rename({"basis": "basis_of_factor"}).filter(pl.len().over(_FACTOR) == 1)
    sets = potentials.filter(pl.col("book").is_null()).select(MEMBER, "gwp", "gas", potential="value")
    named = told.join(sets, on=[MEMBER, "gwp", "gas"], how="left")
    is_weighted = pl.col("gwp").is_not_null() & (pl.col("gas") != EQUIVALENT)
    # A weighted figure whose potential is not there has no mass: none is made up.
    known = ~is_weighted | pl.col("potential").is_not_null()
    weight = pl.when(is_weighted).then("potential").otherwise(pl.lit(1)).cast(pl.Decimal(38, 18))
    return named.with_columns(potential=weight).filter(known).select(*_FACTOR, *_STATED)


def _weighted(told: pl.DataFrame) -> pl.DataFrame:
    """Return rows with the product of quantity and factor; without a way between the units it is unknown."""
    alike = pl.col("basis_of_factor").is_in([Basis.NONE.value]) | pl.col("basis_of_factor").eq_missing(
        "basis"
    )
    by_definition = pl.col("conversion").is_null() & alike
    start = pl.when(by_definition).then("unit").when(pl.col("numerator").is_not_null()).then("per_unit")
    named = told.with_columns(start=start)
    keys = ["start", "value", "mass_unit", "per_unit", "potential", *_RATIO]
    distinct = (
        named.filter(pl.col("start").is_not_null(), pl.col("value").is_not_null()).select(keys).unique()
    )
    rows = [(*row, _multiplier(*row)) for row in distinct.iter_rows()]
    schema = {**distinct.schema, "multiplier": pl.Decimal(38, _DIGITS)}
    ratios = pl.DataFrame(rows, schema=schema, orient="row")
    met = named.join(ratios, on=keys, how="left", nulls_equal=True)
    target = pl.when(pl.col("gas") == EQUIVALENT).then("co2e_kg").otherwise("mass_kg")
    expected = (pl.col("quantity") * pl.col("multiplier")).round(12).cast(_WIDE)
    return met.with_columns(expected=expected, target=target)


def _multiplier(
    start: str,
    value: Decimal,
    mass_unit: str,
    per_unit: str,
    potential: Decimal,
    numerator: str | None,
    denominator: str | None,
) -> Decimal | None:
    """Return kg per unit of the quantity to 24 decimals; None where the units do not convert."""
    try:
        exact = Fraction(value) * ratio(mass_unit, "kg") / Fraction(potential)
        exact *= 1 if start == per_unit else ratio(start, per_unit)
        if numerator is not None and denominator is not None:
            exact *= Fraction(int(numerator), int(denominator))
    except (UnitError, ValueError, ZeroDivisionError):
        return None
    return Decimal(round(exact * 10**_DIGITS)).scaleb(-_DIGITS)


def ways(
    balance: pl.DataFrame, factors: pl.DataFrame, converter: Converter, regions: tuple[str, ...], on: date
) -> pl.DataFrame:
    """Return every conversion by properties a row may have taken.

    Shape: `CONVERSION_SCHEMA`; the columns of a bundle without `member`.
    """
    stated = factors.select("factor_id", "gas", "chain", "per_unit", basis_of_factor="basis").unique()
    named = balance.filter(pl.col("quantity").is_not_null()).join(stated, on=["factor_id", "gas", "chain"])
    asked = named.select("activity", "unit", "basis", "per_unit", "basis_of_factor").unique()
    found: dict[tuple[object, ...], str] = {}
    for activity, unit, basis, per_unit, of_factor in asked.sort(asked.columns).iter_rows():
        for end in _ends(of_factor):
            told = converter.convert(activity, unit, basis, per_unit, end, regions, on)
            if isinstance(told, Conversion):
                source = "; ".join(step.source for step in told.steps if step.source)
                exact = (str(told.ratio.numerator), str(told.ratio.denominator))
                found.setdefault((activity, unit, basis, per_unit, *exact), source)
    rows = [(f"C{number}", *key, source) for number, (key, source) in enumerate(found.items(), start=1)]
    return pl.DataFrame(rows, schema=CONVERSION_SCHEMA, orient="row")


def _ends(basis: str) -> Iterable[str]:
    """Return the bases a factor may be stated per; of one that does not say, all."""
    return (Basis.HI.value, Basis.HS.value, Basis.NONE.value) if basis == UNSTATED else (basis,)


def marked(
    balance: pl.DataFrame, factors: pl.DataFrame, potentials: pl.DataFrame, conversions: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return rows that say whether and by which conversion they are a product, and the conversions in use.

    Shape: tables of one bundle without `member`.
    """
    own = [
        frame.with_columns(pl.lit("").alias(MEMBER)) for frame in (balance, factors, potentials, conversions)
    ]
    rows = own[0].with_row_index("row")
    found = pl.concat([_matching(candidates, own) for candidates in _candidates(rows, own[3])])
    first = found.sort("row", "conversion", nulls_last=False).unique("row", keep="first", maintain_order=True)
    told = rows.drop("conversion", "is_recomputable").join(first, on="row", how="left", maintain_order="left")
    kept = told.with_columns(is_recomputable=pl.col("is_recomputable").fill_null(value=False))
    used = conversions.filter(pl.col("conversion").is_in(kept["conversion"].drop_nulls().unique().to_list()))
    return kept.select(balance.columns), used


def _candidates(rows: pl.DataFrame, conversions: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield rows without a conversion, then with each that begins at their unit."""
    named = rows.filter(pl.col("quantity").is_not_null(), pl.col("factor_id").is_not_null())
    yield named
    starts = conversions.select("activity", "unit", "basis", "conversion")
    yield named.drop("conversion").join(starts, on=["activity", "unit", "basis"]).select(named.columns)


def _matching(candidates: pl.DataFrame, own: list[pl.DataFrame]) -> pl.DataFrame:
    told = products(candidates, own[1], own[2], own[3]).filter(comes_out())
    return told.select("row", "conversion", is_recomputable=pl.lit(value=True))
