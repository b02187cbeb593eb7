"""Energy by gross calorific value (Hs) brought to net (Hi): the ratio of each fuel, and where it comes from.

A form that asks for net energy is served from bills that state gross energy. The ratio is a sourced property;
a fuel without one keeps its basis, which is said where its energy is missing.
"""

from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Final

import polars as pl

from bilanz.conversion import Conversion, Converter, Misfit
from bilanz.factor import FACTOR_VALUE
from bilanz.matching import regions_of
from bilanz.records import Basis

NET_RATIO_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "activity": pl.String,
    "net_per_gross": FACTOR_VALUE,  # kWh (Hi) per kWh (Hs), 18 decimals
    "source": pl.String,  # publisher, title, page of the properties used
}
_DIGITS: Final = Decimal(1).scaleb(-18)
_PRECISION: Final = 60


def net_ratios(usage: pl.DataFrame, converter: Converter, region: str, on: date) -> pl.DataFrame:
    """Return the ratio of every fuel whose energy is stated by gross calorific value.

    Args:
        usage: columns activity, basis, energy_kwh.
        converter: conversions by the properties of a catalogue.
        region: where the properties must hold.
        on: the day they must hold on.

    Shape: one row per activity with a ratio, `NET_RATIO_SCHEMA`, by activity.
    """
    gross = usage.filter(pl.col("basis") == Basis.HS.value, pl.col("energy_kwh").is_not_null())
    rows = []
    for code in gross["activity"].unique().drop_nulls().sort():
        found = net_per_gross(converter, code, region, on)
        if isinstance(found, Conversion):
            said = "; ".join(step.source for step in found.steps if step.source)
            rows.append((code, _decimal(found.ratio), said))
    return pl.DataFrame(rows, schema=NET_RATIO_SCHEMA, orient="row")


def net_per_gross(converter: Converter, code: str, region: str, on: date) -> Conversion | Misfit:
    """Return how a kWh (Hs) of a fuel becomes kWh (Hi) in a region on a day, or why it does not."""
    regions = regions_of(region, ())
    return converter.convert(code, "kWh", Basis.HS.value, "kWh", Basis.HI.value, regions, on)


def _decimal(value: Fraction) -> Decimal:
    """Return a ratio with 18 decimals, rounded half-even."""
    with localcontext(prec=_PRECISION):
        return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(_DIGITS)
