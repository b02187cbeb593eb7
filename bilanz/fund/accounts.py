"""Accounts of members: what was due and what was paid, year by year.

    due of a year     = as assessed; provisionally by today's rows, while there is no assessment
    arrears of a year = due − paid                      below zero: overpaid, which stays visible
    cumulative        = Σ arrears up to the year        unknown from the first year on that is unknown

A year with an assessment changes with no figure, key or rate: `Ledger.standing` tells what today's rows
would give.
What is paid in the member's currency counts at the exchange rate its contribution was told with. A payment
belongs to the year it was made for. No money is lost: who pays without being a member owes nothing and has
overpaid; payments for years outside the account are listed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from bilanz.errors import Refused
from bilanz.fund.assessed import Assessment, as_assessed
from bilanz.fund.cents import amount_of, whole_cents
from bilanz.fund.contributions import Contribution, Contributions, contributions, key_in_force
from bilanz.fund.figures import Figures, Gap, Held, Reason, gap
from bilanz.fund.member import FigureKind, FundKey, FundMember, FundPayment
from bilanz.fund.standing import Standing, standing


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

    years: tuple[Contributions, ...]  # as assessed; by today's rows where there is no assessment
    accounts: tuple[Account, ...]  # by organisation, then year
    outside: tuple[FundPayment, ...]  # for years before the first key or after the last year
    standing: tuple[Standing, ...]  # of each of the years


def ledger(
    last: int,
    *,
    members: Sequence[FundMember],
    figures: Figures,
    keys: Sequence[FundKey],
    payments: Iterable[FundPayment],
    assessments: Mapping[int, Sequence[Assessment]] | None = None,
) -> Ledger:
    """Return what was due and paid from the first year of a key, or the first assessed one, up to a year.

    Args:
        last: calendar year.
        members: of today.
        figures: of today.
        keys: of one league.
        payments: of members.
        assessments: year → its assessments, the last of which holds.

    Raises:
        Refused: keys contradict each other in a year that is not assessed, or the currency changes.
    """
    found = list(_years(last, members, figures, keys, assessments or {}))
    years = tuple(year for year, _ in found)
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
                row = owed.get(place)
                received = _received(paid.get(place, ()), row, known.get(name), year.key.currency, figures)
                account, balance = _account(place, row, received, balance, year.key.currency)
                accounts.append(account)
    return Ledger(years, tuple(accounts), tuple(outside), tuple(stands for _, stands in found))


def _years(
    last: int,
    members: Sequence[FundMember],
    figures: Figures,
    keys: Sequence[FundKey],
    assessments: Mapping[int, Sequence[Assessment]],
) -> Iterator[tuple[Contributions, Standing]]:
    begun = (*(key.first_year for key in keys if not key.is_proposal), *assessments)
    currency: str | None = None
    for year in range(min(begun, default=last + 1), last + 1):
        stands = _standing(year, members, figures, keys, assessments.get(year, ()))
        holds = stands.assessment
        found = stands.reckoned if holds is None else as_assessed(holds, figures.all(FigureKind.PRICE_LEVEL))
        if found is None:
            continue
        if currency not in {None, found.key.currency}:
            message = "The keys change from {first} to {second} in {year}: accounts cannot be added up."
            raise Refused(message, first=currency, second=found.key.currency, year=year)
        currency = found.key.currency
        yield found, stands


def _standing(
    year: int,
    members: Sequence[FundMember],
    figures: Figures,
    keys: Sequence[FundKey],
    history: Sequence[Assessment],
) -> Standing:
    """Return how a year stands; keys that contradict each other change nothing of an assessed one."""
    reckoned: Contributions | None = None
    refusal: Refused | None = None
    try:
        key = key_in_force(keys, year)
        if key is not None:
            reckoned = contributions(year, members=members, figures=figures, key=key)
    except Refused as error:
        if not history:
            raise
        refusal = error
    return standing(year, history, reckoned, refusal, members=members, figures=figures)


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
    payments: Sequence[FundPayment],
    owed: Contribution | None,
    member: FundMember | None,
    currency: str,
    figures: Figures,
) -> int | Gap:
    """Return payments for one year in cents, or why one of them cannot be converted."""
    cents = 0
    for payment in payments:
        rate = _rate(payment, owed, member, currency, figures)
        if isinstance(rate, Gap):
            return rate
        cents += whole_cents(Fraction(payment.amount) / rate)
    return cents


def _rate(
    payment: FundPayment,
    owed: Contribution | None,
    member: FundMember | None,
    currency: str,
    figures: Figures,
) -> Fraction | Gap:
    """Return how many units of the payment's currency are one of the fund's: by the rate of what is owed."""
    if payment.currency == currency:
        return Fraction(1)
    rate: Held | Gap
    if owed is not None and payment.currency == owed.own_currency:
        rate = owed.exchange_rate
    elif member is not None and payment.currency == member.currency:
        rate = figures.rate(member, currency, payment.year)
    else:
        name, unit = payment.organisation, payment.currency
        return gap(name, Reason.PAYMENT, year=payment.year, unit=unit, expected=currency)
    return rate if isinstance(rate, Gap) else rate.value
