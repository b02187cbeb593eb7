"""Rounding by uncertainty: no digit is shown that is not known."""

import math
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any


def place(half_width: float) -> int | None:
    """Return the power of ten of the second significant digit of a half width; None: it rounds nothing."""
    if not math.isfinite(half_width) or half_width <= 0:
        return None
    power = math.floor(math.log10(half_width)) - 1
    is_carried = round(half_width / 10.0**power) >= 100  # noqa: PLR2004 - 99.6 became 100: two digits again
    return power + 1 if is_carried else power


def rounded(values: Sequence[Decimal | float], half_width: float) -> tuple[Decimal, ...]:
    """Return values rounded half-even to the place of the second significant digit of a half width.

    12 345.6 with ± 234 is 12 350 (± 230). A half width of zero, or none, rounds nothing.
    """
    exact = [value if isinstance(value, Decimal) else Decimal(repr(value)) for value in values]
    power = place(half_width)
    if power is None:
        return tuple(exact)
    unit = Decimal(1).scaleb(power)
    return tuple((value / unit).quantize(Decimal(1), ROUND_HALF_EVEN) * unit for value in exact)


def as_quoted(row: Mapping[str, Any]) -> tuple[Decimal, Decimal, Decimal] | None:
    """Return (value, low, high) in kg of a row of totals, rounded by uncertainty; None: no interval."""
    low, high = row["low_kg"], row["high_kg"]
    if low is None or high is None or row["co2e_kg"] is None:
        return None
    value, lower, upper = rounded([row["co2e_kg"], low, high], (high - low) / 2)
    return value, lower, upper
