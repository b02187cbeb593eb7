"""Accounts of members: what was due and what was paid, year by year.

    arrears of a year = due − paid                      below zero: overpaid, which stays visible
    cumulative        = Σ arrears up to the year        unknown from the first year on that is unknown

What is paid in the member's currency counts at the exchange rate its contribution was told with. A payment
belongs to the year it was made for. No money is lost: who pays without being a member owes nothing and has
overpaid; payments for years outside the account are listed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from bilanz.errors import Refused
from bilanz.fund.cents import amount_of, whole_cents
from bilanz.fund.contributions import Contribution, Contributions, contributions, key_in_force
from bilanz.fund.figures import Figures, Gap, Reason, gap
from bilanz.fund.member import FundKey, FundMember, FundPayment


@dataclass(frozen=True, slots=True)
class Account:
    """How a member stands for a year. Units: `currency`, with two decimals. None: `gaps` say why."""

    organisation: str
    year: int
    currency: str
    due: Decimal | None  # zero in a year in which it is no member
    paid: Decimal | None
    arrears: Decimal | None
    cumulative: Decimal | None
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class Ledger:
    """All years from the first key on.

    `accounts` has a row for each year from the first in which someone is a member or paid, also when it left.
    """

    years: tuple[Contributions, ...]
    accounts: tuple[Account, ...]  # by organisation, then year
    outside: tuple[FundPayment, ...]  # for years before the first key or after the last year


def ledger(
    last: int,
    *,
    members: Sequence[FundMember],
    figures: Figures,
    keys: Sequence[FundKey],
    payments: Iterable[FundPayment],
) -> Ledger:
    """Return what was due and paid from the first year of a key up to a year.

    Raises:
        Refused: keys contradict each other, or change the currency within these years.
    """
    years = _years(last, members, figures, keys)
    covered = {year.year for year in years}
    paid: dict[tuple[str, int], list[FundPayment]] = {}
    outside: list[FundPayment] = []
    for payment in sorted(payments, key=lambda payment: payment.id):
        if payment.year in covered:
            paid.setdefault((payment.organisation, payment.year), []).append(payment)
        else:
            outside.append(payment)
    known = {member.organisation: member for member in members}
    owed = {(row.organisation, year.year): row for year in years for row in year.rows}
    named = {name for name, _ in (*owed, *paid)}
    accounts: list[Account] = []
    for name in sorted(named):
        balance: int | None = 0
        is_begun = False
        for year in years:
            place = (name, year.year)
            is_begun = is_begun or place in owed or place in paid
            if is_begun:
                received = _received(paid.get(place, ()), known.get(name), year.key.currency, figures)
                account, balance = _account(place, owed.get(place), received, balance, year.key.currency)
                accounts.append(account)
    return Ledger(years, tuple(accounts), tuple(outside))


def _years(
    last: int, members: Sequence[FundMember], figures: Figures, keys: Sequence[FundKey]
) -> tuple[Contributions, ...]:
    first = min((key.first_year for key in keys if not key.is_proposal), default=last + 1)
    found: list[Contributions] = []
    for year in range(first, last + 1):
        key = key_in_force(keys, year)
        if key is None:
            continue
        if found and found[-1].key.currency != key.currency:
            message = "The keys change from {first} to {second} in {year}: accounts cannot be added up."
            raise Refused(message, first=found[-1].key.currency, second=key.currency, year=year)
        found.append(contributions(year, members=members, figures=figures, key=key))
    return tuple(found)


def _account(
    place: tuple[str, int], owed: Contribution | None, received: int | Gap, before: int | None, currency: str
) -> tuple[Account, int | None]:
    """Return an account and the balance after it, in cents."""
    gaps = () if owed is None else owed.gaps
    paid: int | None = None
    if isinstance(received, Gap):
        gaps = (*gaps, received)
    else:
        paid = received
    due = 0 if owed is None else _cents(owed.due)
    arrears = None if due is None or paid is None else due - paid
    after = None if before is None or arrears is None else before + arrears
    name, year = place
    account = Account(
        organisation=name,
        year=year,
        currency=currency,
        due=_amount(due),
        paid=_amount(paid),
        arrears=_amount(arrears),
        cumulative=_amount(after),
        gaps=gaps,
    )
    return account, after


def _amount(cents: int | None) -> Decimal | None:
    return None if cents is None else amount_of(cents)


def _cents(amount: Decimal | None) -> int | None:
    return None if amount is None else whole_cents(Fraction(amount))


def _received(
    payments: Sequence[FundPayment], member: FundMember | None, currency: str, figures: Figures
) -> int | Gap:
    """Return payments for one year in cents, or why one of them cannot be converted."""
    cents = 0
    for payment in payments:
        rate = _rate(payment, member, currency, figures)
        if isinstance(rate, Gap):
            return rate
        cents += whole_cents(Fraction(payment.amount) / rate)
    return cents


def _rate(payment: FundPayment, member: FundMember | None, currency: str, figures: Figures) -> Fraction | Gap:
    """Return how many units of the payment's currency are one of the fund's."""
    if payment.currency == currency:
        return Fraction(1)
    if member is None or payment.currency != member.currency:
        name, unit = payment.organisation, payment.currency
        return gap(name, Reason.PAYMENT, year=payment.year, unit=unit, expected=currency)
    rate = figures.rate(member, currency, payment.year)
    return rate if isinstance(rate, Gap) else rate.value
