"""Does the money suffice, year by year: what came in, what went out, what is promised and still to be paid.

    change  = contributions paid + payout − disbursed        up to the year that is asked for
    balance = opening + Σ change
    to_pay  = Σ max(0, committed − disbursed) of the projects planned to be completed in the year

Later years hold promises only: what will be paid in is not known. A payout that is not known, or money that
cannot be converted, leaves change and balance of its year open, and the balance of all years after it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from bilanz.fund.exchange import Exchange
from bilanz.fund.member import FundPayment
from bilanz.fund.payout import Payout
from bilanz.fund.project import FlowKind, FundProject
from bilanz.fund.spending import NOTHING, Spending
from bilanz.money import Money


class Unknown(StrEnum):
    """Why the change of a year is not known."""

    PAYOUT = "payout"
    CONTRIBUTION = "contribution"
    DISBURSEMENT = "disbursement"
    FUTURE = "future"


UNKNOWN_TEXTS: Final[Mapping[Unknown, str]] = {
    Unknown.PAYOUT: "the payout is not known: a market value is missing",
    Unknown.CONTRIBUTION: "a contribution cannot be converted: no exchange rate of the year",
    Unknown.DISBURSEMENT: "a disbursement cannot be converted or assigned",
    Unknown.FUTURE: "the year is not over: only what is promised is known",
}
"""English templates; German: `bilanz/locale/de/fund_money.po`."""


@dataclass(frozen=True, slots=True)
class LiquidityYear:
    """Money of a year, in the fund's currency.

    Attributes:
        contributions: paid in during the year, for whatever year; None: a later year.
        payout: out of the capital; None: not known.
        disbursed: net of what was taken back; None: a later year.
        change, balance: None: not known (`unknown`, of this year or an earlier one).
        to_pay: promised and not yet paid to projects planned to be completed in the year; None: not known.
        is_overdue: whether `to_pay` stands in a year before the one that is asked for.
        apart: contributions and disbursements in no sum, in their own currency.
    """

    year: int
    contributions: Decimal | None
    payout: Decimal | None
    disbursed: Decimal | None
    change: Decimal | None
    balance: Decimal | None
    to_pay: Decimal | None
    is_overdue: bool
    unknown: tuple[Unknown, ...]
    apart: tuple[Money, ...]


@dataclass(frozen=True, slots=True)
class Liquidity:
    """All years, from the first money to the last promise."""

    currency: str
    opening: Decimal
    this_year: int
    years: tuple[LiquidityYear, ...]

    @property
    def to_pay(self) -> Decimal | None:
        """All that is promised and not yet paid; None: of one year it is not known."""
        known = [row.to_pay for row in self.years if row.to_pay is not None]
        return sum(known, NOTHING) if len(known) == len(self.years) else None


@dataclass(frozen=True, slots=True)
class _Sums:
    contributions: Mapping[int, Decimal]
    disbursed: Mapping[int, Decimal]
    to_pay: Mapping[int, Decimal | None]
    unpaid: Mapping[int, tuple[Money, ...]]
    unbooked: Mapping[int, tuple[Money, ...]]


def liquidity(
    payments: Iterable[FundPayment],
    payouts: Mapping[int, Payout],
    projects: Iterable[FundProject],
    spending: Spending,
    exchange: Exchange,
    *,
    opening: Decimal,
    this_year: int,
) -> Liquidity:
    """Return the fund's money by year.

    Args:
        payments: of members; the year is that of the day they were paid on.
        payouts: year → payout by the rule, for every year that has money; absent: not known.
        projects: when they are planned to be completed.
        spending: of these projects.
        exchange: for payments.
        opening: money at hand before the first year, in the fund's currency.
        this_year: last year whose money is told; promises may stand in later ones.
    """
    contributions, unpaid = _contributions(payments, exchange)
    disbursed = {year: sums.total for year, sums in spending.by_year(FlowKind.DISBURSEMENT).items()}
    unbooked = {
        year: tuple(flow.money for flow in flows)
        for year, flows in spending.kept_apart(FlowKind.DISBURSEMENT).items()
    }
    sums = _Sums(contributions, disbursed, _to_pay(projects, spending), unpaid, unbooked)
    known = {year for part in (contributions, disbursed, sums.to_pay, unpaid, unbooked) for year in part}
    first, last = min((*known, this_year)), max((*known, this_year))
    balance: Decimal | None = opening
    rows = []
    for year in range(first, last + 1):
        row = _year(year, sums, payouts.get(year), balance, this_year)
        balance = row.balance
        rows.append(row)
    return Liquidity(exchange.currency, opening, this_year, tuple(rows))


def _contributions(
    payments: Iterable[FundPayment], exchange: Exchange
) -> tuple[dict[int, Decimal], dict[int, tuple[Money, ...]]]:
    sums: dict[int, Decimal] = {}
    apart: dict[int, tuple[Money, ...]] = {}
    for payment in payments:
        year, money = payment.paid_on.year, Money(payment.amount, payment.currency)
        amount = exchange.in_fund(money, year)
        if amount is None:
            apart[year] = (*apart.get(year, ()), money)
        else:
            sums[year] = sums.get(year, NOTHING) + amount
    return sums, apart


def _to_pay(projects: Iterable[FundProject], spending: Spending) -> dict[int, Decimal | None]:
    """Return what is left to be paid by year of planned completion; None: of one project it is not known."""
    left, sums = spending.to_pay(), dict[int, Decimal | None]()
    for project in projects:
        rest = left.get(project.id, NOTHING)
        year = project.planned_completion.year
        if rest is None:
            sums[year] = None
        elif rest > 0:
            before = sums.get(year, NOTHING)
            sums[year] = None if before is None else before + rest
    return sums


def _year(
    year: int, sums: _Sums, payout: Payout | None, before: Decimal | None, this_year: int
) -> LiquidityYear:
    apart = (*sums.unpaid.get(year, ()), *sums.unbooked.get(year, ()))
    to_pay = sums.to_pay.get(year, NOTHING)
    if year > this_year:
        return LiquidityYear(year, None, None, None, None, None, to_pay, False, (Unknown.FUTURE,), apart)
    paid, disbursed = sums.contributions.get(year, NOTHING), sums.disbursed.get(year, NOTHING)
    amount = None if payout is None else payout.amount
    causes = {
        Unknown.PAYOUT: amount is None,
        Unknown.CONTRIBUTION: year in sums.unpaid,
        Unknown.DISBURSEMENT: year in sums.unbooked,
    }
    unknown = tuple(cause for cause, holds in causes.items() if holds)
    change = None if unknown or amount is None else paid + amount - disbursed
    balance = None if before is None or change is None else before + change
    is_overdue = year < this_year and to_pay != 0
    return LiquidityYear(year, paid, amount, disbursed, change, balance, to_pay, is_overdue, unknown, apart)
