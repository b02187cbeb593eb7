"""What the fund may pay out of its capital in a year, by the rule the members resolved on.

    none          0
    real_return   x · market value at the end of the year before
    pomv          x · mean of the market values at the ends of the k years before   (percent of market value)

Rates and years are parameters, none is built in. Source: Norway pays out about the expected real return
(regjeringen.no, 2015); a share of the mean market value of several years: as Alaska does, from memory.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from bilanz.errors import UnitError, UsageError
from bilanz.fund.cents import decimal
from bilanz.fund.share import CENTS
from bilanz.money import Money


class PayoutKind(StrEnum):
    """How a payout follows from market values."""

    NONE = "none"
    REAL_RETURN = "real_return"
    POMV = "pomv"


@dataclass(frozen=True, slots=True)
class PayoutRule:
    """The rule of payouts; made by `nothing`, `real_return` or `pomv`.

    Attributes:
        rate: part of the market value, 0.03: three percent; None: nothing is paid out.
        years: how many years before are averaged; 0: nothing is paid out.

    Raises:
        UsageError: the rate is not within 0 … 1, or nothing is averaged.
    """

    kind: PayoutKind
    rate: Decimal | None
    years: int

    def __post_init__(self) -> None:
        if self.kind == PayoutKind.NONE:
            return
        if self.rate is None or not 0 <= self.rate <= 1:
            raise UsageError("The rate of a payout lies between 0 and 1 (0.03: three percent).")
        if self.years < 1:
            raise UsageError("A payout needs the market value of at least one year.")


@dataclass(frozen=True, slots=True)
class Payout:
    """What may be paid out in a year, to the cent; None: a market value is missing.

    Attributes:
        base: the market value, or the mean of several, that the rate was applied to.
        missing_years: years whose market value the rule needs and nobody stated.
    """

    year: int
    rule: PayoutRule
    currency: str
    base: Decimal | None
    amount: Decimal | None
    missing_years: tuple[int, ...]


def nothing() -> PayoutRule:
    """Return the rule by which nothing is paid out of the capital."""
    return PayoutRule(PayoutKind.NONE, None, 0)


def real_return(rate: Decimal) -> PayoutRule:
    """Return the rule: the expected real return of the capital as it was at the end of the year before."""
    return PayoutRule(PayoutKind.REAL_RETURN, rate, 1)


def pomv(rate: Decimal, years: int) -> PayoutRule:
    """Return the rule: a part of the mean market value of some years."""
    return PayoutRule(PayoutKind.POMV, rate, years)


def payout(rule: PayoutRule, values: Mapping[int, Money], year: int, *, currency: str) -> Payout:
    """Return what may be paid out in a year.

    Args:
        rule: the rule.
        values: year → market value of the fund at its end; negative ones count as they are.
        year: of the payout; its own market value is not needed.
        currency: the fund's.

    Raises:
        UnitError: a market value is in another currency.
    """
    if rule.rate is None:
        return Payout(year, rule, currency, None, Decimal("0.00"), ())
    needed = range(year - rule.years, year)
    missing = tuple(number for number in needed if number not in values)
    if missing:
        return Payout(year, rule, currency, None, None, missing)
    total = sum((_amount(values[number], currency) for number in needed), Fraction(0))
    base = total / rule.years
    paid = max(Fraction(0), base) * Fraction(rule.rate)
    return Payout(year, rule, currency, decimal(base, CENTS), decimal(paid, CENTS), ())


def _amount(value: Money, currency: str) -> Fraction:
    if value.currency != currency:
        message = "{first} and {second} cannot be added without an exchange rate."
        raise UnitError(message, first=currency, second=value.currency)
    return Fraction(value.amount)
