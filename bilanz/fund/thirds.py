"""Equal thirds: does each pillar get its third, year by year and in all?

    T_y     what was spent in a year y, X_p,y on pillar p; τ the tolerance, in parts of the whole
    lack    L_p,y = max(0, T_y/3 − τ·max(T_y, 0) − X_p,y)    what p is short of the edge of the tolerance
    excess  S_p,y = max(0, X_p,y − T_y/3)                    what p got beyond its third

    A lack is made good by the same pillar's excess: first by one of the `carry_years` before it (an advance),
    then by one of the `carry_years` after it. The oldest comes first, every cent counts once.

An advance has to count: whoever makes up for one pillar lacks in the two others. The tolerance bounds what a
pillar may lack; one pillar alone may then have up to twice as much beyond its third.

A year with money apart (no exchange rate, no valid split) has no verdict, and neither has a lack it might
have made good. Source: the fund's rule of equal thirds; the account is our own reading of "carry-over".
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from bilanz.errors import UsageError
from bilanz.fund.cents import amount_of, shares, whole_cents
from bilanz.fund.project import FlowKind, Pillar
from bilanz.fund.share import share
from bilanz.fund.spending import Apart, ByPillar, Spending

THIRD: Final = Fraction(1, 3)
_DIGITS: Final = 6


class ThirdsVerdict(StrEnum):
    """What is said of a year, or of all years up to it."""

    KEPT = "kept"
    ADVANCED = "advanced"
    MADE_UP = "made_up"
    OPEN = "open"
    BROKEN = "broken"
    LACKING = "lacking"  # of all years up to one
    NOTHING_SPENT = "nothing_spent"
    INCOMPLETE = "incomplete"


VERDICT_TEXTS: Final[Mapping[ThirdsVerdict, str]] = {
    ThirdsVerdict.KEPT: "every pillar has its third within the tolerance",
    ThirdsVerdict.ADVANCED: "a pillar lacks money it got in advance in an earlier year",
    ThirdsVerdict.MADE_UP: "a pillar lacked money that was made up in a later year",
    ThirdsVerdict.OPEN: "a pillar lacks money; there is still time to make up for it",
    ThirdsVerdict.BROKEN: "a pillar lacks money and it was not made up in time",
    ThirdsVerdict.LACKING: "a pillar has had less than its third, less the tolerance, in all years so far",
    ThirdsVerdict.NOTHING_SPENT: "no money in this year",
    ThirdsVerdict.INCOMPLETE: "not assessable: money that cannot be converted or assigned to a pillar",
}
"""English templates; German: `bilanz/locale/de/fund_money.po`."""


@dataclass(frozen=True, slots=True)
class ThirdsRule:
    """What the members resolved on.

    Attributes:
        tolerance: how far below its third a pillar may stay, in parts of the whole (0.05: five points).
        carry_years: for how many years a lack or an advance is carried; 0: each year stands alone.

    Raises:
        UsageError: the tolerance is not within 0 … 1/3, or the years are negative.
    """

    tolerance: Decimal
    carry_years: int

    def __post_init__(self) -> None:
        if not 0 <= Fraction(self.tolerance) <= THIRD:
            raise UsageError("The tolerance of the thirds lies between 0 and 1/3.")
        if self.carry_years < 0:
            raise UsageError("The years a lack is carried are 0 or more.")


@dataclass(frozen=True, slots=True)
class PillarYear:
    """A pillar in a year: amounts in the fund's currency, shares of the year's (or all years') total.

    `lacking` = `from_advance` + `made_up` + `remaining`, each to the cent. Shares are None where the total is
    not positive.
    """

    pillar: Pillar
    amount: Decimal
    share: Decimal | None
    cumulative_amount: Decimal
    cumulative_share: Decimal | None
    lacking: Decimal
    from_advance: Decimal
    made_up: Decimal
    remaining: Decimal


@dataclass(frozen=True, slots=True)
class ThirdsYear:
    """The rule in a year.

    Attributes:
        total: of the three pillars, in the fund's currency; money apart is not in it.
        cumulative_verdict: of all years up to this one: `kept`, `lacking`, `nothing_spent`, `incomplete`.
        make_up_until: last year in which a lack of this one may be made up.
        apart: what is in no sum, in its own currency.
    """

    year: int
    total: Decimal
    cumulative_total: Decimal
    pillars: tuple[PillarYear, ...]
    verdict: ThirdsVerdict
    cumulative_verdict: ThirdsVerdict
    make_up_until: int
    apart: tuple[Apart, ...]


@dataclass(frozen=True, slots=True)
class Thirds:
    """The rule over all years of one kind of money, with the parameters it was applied with."""

    kind: FlowKind
    currency: str
    rule: ThirdsRule
    closed_until: int
    years: tuple[ThirdsYear, ...]


@dataclass(slots=True)
class _Lack:
    """A pillar's lack of a year and how it is made good."""

    year: int
    lacking: Fraction = Fraction(0)
    advanced: Fraction = Fraction(0)
    made_up: Fraction = Fraction(0)

    @property
    def remaining(self) -> Fraction:
        return self.lacking - self.advanced - self.made_up


@dataclass(slots=True)
class _Advance:
    year: int
    left: Fraction


@dataclass(frozen=True, slots=True)
class _Case:
    """What is known of a year: its sums, all sums up to it, and everything that is apart."""

    year: int
    amounts: ByPillar
    running: ByPillar
    lacks: Mapping[Pillar, _Lack]
    apart: Mapping[int, tuple[Apart, ...]]

    def is_incomplete(self, until: int) -> bool:
        """Return whether money of a year up to `until` is apart."""
        return any(year <= until for year in self.apart)


def thirds(spending: Spending, kind: FlowKind, rule: ThirdsRule, *, closed_until: int) -> Thirds:
    """Return whether each pillar got its third, for every year from the first flow of a kind to the last.

    Args:
        spending: what was committed and paid out.
        kind: commitments or disbursements; each has its own account.
        rule: tolerance and carry-over.
        closed_until: the last year that is over; a lack that may still be made up after it is open.
    """
    sums, apart = spending.by_year(kind), spending.kept_apart(kind)
    accounts = {pillar: _account(sums, pillar, rule) for pillar in Pillar}
    running, years = ByPillar(), []
    for year, amounts in sums.items():
        running += amounts
        lacks = {pillar: accounts[pillar][year] for pillar in Pillar}
        case = _Case(year, amounts, running, lacks, apart)
        years.append(_year(case, rule, closed_until))
    return Thirds(kind, spending.currency, rule, closed_until, tuple(years))


def _year(case: _Case, rule: ThirdsRule, closed_until: int) -> ThirdsYear:
    until = case.year + rule.carry_years
    return ThirdsYear(
        case.year,
        case.amounts.total,
        case.running.total,
        tuple(_pillar_year(pillar, case) for pillar in Pillar),
        _verdict(case, until, closed_until),
        _cumulative(case, rule),
        until,
        case.apart.get(case.year, ()),
    )


def _account(sums: Mapping[int, ByPillar], pillar: Pillar, rule: ThirdsRule) -> dict[int, _Lack]:
    """Return year → a pillar's lack, made good from its excess before and after: the oldest first."""
    lacks: dict[int, _Lack] = {}
    advances: deque[_Advance] = deque()
    for year, amounts in sums.items():
        lacks[year] = lack = _Lack(year, _lacking(amounts, pillar, rule))
        while advances and advances[0].year < year - rule.carry_years:
            advances.popleft()
        excess = max(Fraction(0), Fraction(amounts.of(pillar)) - Fraction(amounts.total) * THIRD)
        for earlier in lacks.values():
            if year - rule.carry_years <= earlier.year < year:
                used = min(excess, earlier.remaining)
                earlier.made_up += used
                excess -= used
        for advance in advances:
            used = min(advance.left, lack.remaining)
            lack.advanced += used
            advance.left -= used
        if excess:
            advances.append(_Advance(year, excess))
    return lacks


def _lacking(amounts: ByPillar, pillar: Pillar, rule: ThirdsRule) -> Fraction:
    total = Fraction(amounts.total)
    edge = total * THIRD - Fraction(rule.tolerance) * max(total, Fraction(0))
    return max(Fraction(0), edge - Fraction(amounts.of(pillar)))


def _verdict(case: _Case, until: int, closed_until: int) -> ThirdsVerdict:
    lacks = case.lacks.values()
    if case.year in case.apart:
        return ThirdsVerdict.INCOMPLETE
    if case.amounts == ByPillar():
        return ThirdsVerdict.NOTHING_SPENT
    if not any(lack.lacking for lack in lacks):
        return ThirdsVerdict.KEPT
    if case.is_incomplete(until):
        return ThirdsVerdict.INCOMPLETE
    if any(lack.remaining for lack in lacks):
        return ThirdsVerdict.OPEN if until > closed_until else ThirdsVerdict.BROKEN
    return ThirdsVerdict.MADE_UP if any(lack.made_up for lack in lacks) else ThirdsVerdict.ADVANCED


def _cumulative(case: _Case, rule: ThirdsRule) -> ThirdsVerdict:
    if case.is_incomplete(case.year):
        return ThirdsVerdict.INCOMPLETE
    if case.running == ByPillar():
        return ThirdsVerdict.NOTHING_SPENT
    is_kept = not any(_lacking(case.running, pillar, rule) for pillar in Pillar)
    return ThirdsVerdict.KEPT if is_kept else ThirdsVerdict.LACKING


def _pillar_year(pillar: Pillar, case: _Case) -> PillarYear:
    amount, running, lack = case.amounts.of(pillar), case.running.of(pillar), case.lacks[pillar]
    ways = {"advance": lack.advanced, "made_up": lack.made_up, "remaining": lack.remaining}
    cents = shares(whole_cents(lack.lacking), ways)
    return PillarYear(
        pillar,
        amount,
        share(amount, case.amounts.total, _DIGITS),
        running,
        share(running, case.running.total, _DIGITS),
        amount_of(sum(cents.values())),
        amount_of(cents["advance"]),
        amount_of(cents["made_up"]),
        amount_of(cents["remaining"]),
    )
