"""Shares of a whole, and how many decimals figures are kept with."""

from decimal import Decimal
from fractions import Fraction
from typing import Final

from bilanz.fund.cents import decimal

CENTS: Final = 2
SHARES: Final = 12
TONNES: Final = 6


def share(part: Fraction | Decimal, whole: Fraction | Decimal, digits: int = SHARES) -> Decimal | None:
    """Return part / whole; None where the whole is not positive: there is no share of nothing."""
    return decimal(Fraction(part) / Fraction(whole), digits) if whole > 0 else None
