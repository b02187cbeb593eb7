"""Quantities times an exact factor: transformer ratios, powers of ten, units.

Integer arithmetic in millionths, rounded half-even to the six decimals that are stored; what rounding changed
is counted, so that it can be said.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

import polars as pl

from bilanz.records import QUANTITY

_MICRO: Final = pl.Decimal(38, 6)
_PLACES: Final = Decimal("0.000000000001")
_LIMIT: Final = 10**19  # millionths that a QUANTITY holds
_SAFE: Final = 10**18
"""Largest part of a factor: a product with 19 digits then stays within 128 bits."""


@dataclass(frozen=True, slots=True)
class Scaled:
    """Scaled quantities.

    Attributes:
        quantities: `QUANTITY`; null where the product is too large to be stored.
        rounded: how many were rounded.
        change: scaled − exact sum.
    """

    quantities: pl.Series
    rounded: int
    change: Fraction

    @property
    def difference(self) -> str:
        """The change as a decimal, for the issue `rounded`."""
        exact = Decimal(self.change.numerator) / Decimal(self.change.denominator)
        return f"{exact.quantize(_PLACES).normalize() + 0:f}"


def scaled(quantities: pl.Series, factor: Fraction) -> Scaled:
    """Return decimals times a factor.

    Args:
        quantities: `QUANTITY` without nulls.
        factor: numerator and denominator below 10^18.

    Raises:
        ValueError: a larger factor: no ratio of instruments or units is.
    """
    if factor == 1 or not quantities.len():
        return Scaled(quantities, 0, Fraction(0))
    over, under = factor.numerator, factor.denominator
    if max(abs(over), under) >= _SAFE:
        message = f"a factor of {factor} is out of range"
        raise ValueError(message)
    micro = quantities.to_physical().cast(pl.Int128)
    wide = pl.DataFrame({"micro": micro}).with_columns(
        over=pl.lit(over, pl.Int128), under=pl.lit(under, pl.Int128)
    )
    product = pl.col("micro") * pl.col("over")
    parts = wide.select(whole=product // pl.col("under"), rest=product % pl.col("under") * 2, under="under")
    rest, limit = pl.col("rest"), pl.col("under")
    up = (rest > limit) | ((rest == limit) & (pl.col("whole") % 2 == 1))
    rounded = parts.select(whole=pl.col("whole") + up.cast(pl.Int128), is_rounded=rest != 0)
    fits = pl.col("whole").abs() < pl.lit(_LIMIT, pl.Int128)
    decimal = pl.when(fits).then(pl.col("whole")).cast(pl.Decimal(38, 0)) * pl.lit("0.000001").cast(_MICRO)
    result = rounded.select(decimal.cast(QUANTITY).alias(quantities.name)).to_series()
    count = int(rounded["is_rounded"].sum())
    return Scaled(result, count, _change(micro, rounded["whole"], factor) if count else Fraction(0))


def _change(before: pl.Series, after: pl.Series, factor: Fraction) -> Fraction:
    return Fraction(int(after.sum()), 10**6) - Fraction(int(before.sum()), 10**6) * factor
