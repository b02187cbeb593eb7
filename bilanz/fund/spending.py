"""What was committed and paid out, by year and pillar, in the fund's currency.

    flows ──► the year's exchange rate ──► booked: amount · shares of the project's pillars
      │                                      (exact: cents times six decimals)
      └─────► apart: no rate, no valid split or no project; named, in its own currency, in no sum

Every flow is booked or apart: read = booked + apart.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from bilanz.fund.cents import PER_UNIT, amount_of, decimal, shares, whole_cents
from bilanz.fund.exchange import Exchange
from bilanz.fund.project import FlowKind, FundFlow, FundProject, Pillar
from bilanz.fund.share import CENTS
from bilanz.money import Money

NOTHING: Final = Decimal(0)
_ONE: Final = Decimal(1)


class ApartReason(StrEnum):
    """Why money is in no sum."""

    NO_RATE = "no_rate"
    NO_SPLIT = "no_split"
    NO_PROJECT = "no_project"


APART_TEXTS: Final[Mapping[ApartReason, str]] = {
    ApartReason.NO_RATE: "not convertible: no exchange rate of the year",
    ApartReason.NO_SPLIT: "the shares of the pillars do not add up to 1",
    ApartReason.NO_PROJECT: "the project is not known",
}
"""English templates; German: `bilanz/locale/de/fund_money.po`."""


@dataclass(frozen=True, slots=True)
class ByPillar:
    """A figure of each pillar: shares, or amounts of one currency."""

    nature: Decimal = NOTHING
    social: Decimal = NOTHING
    democracy_digital: Decimal = NOTHING

    @property
    def total(self) -> Decimal:
        """The three together."""
        return self.nature + self.social + self.democracy_digital

    def of(self, pillar: Pillar) -> Decimal:
        """Return the figure of a pillar."""
        return {
            Pillar.NATURE: self.nature,
            Pillar.SOCIAL: self.social,
            Pillar.DEMOCRACY_DIGITAL: self.democracy_digital,
        }[pillar]

    def __add__(self, other: "ByPillar") -> "ByPillar":
        return ByPillar(
            self.nature + other.nature,
            self.social + other.social,
            self.democracy_digital + other.democracy_digital,
        )

    def __mul__(self, factor: Decimal) -> "ByPillar":
        return ByPillar(self.nature * factor, self.social * factor, self.democracy_digital * factor)

    def in_cents(self) -> "ByPillar":
        """Return amounts in whole cents that still add up to the total, by largest remainder."""
        exact = {pillar.value: Fraction(self.of(pillar)) * PER_UNIT for pillar in Pillar}
        whole = {name: cents.__floor__() for name, cents in exact.items()}
        rest = {name: cents - whole[name] for name, cents in exact.items()}
        more = shares(whole_cents(Fraction(self.total)) - sum(whole.values()), rest)
        return ByPillar(*(amount_of(whole[name] + more[name]) for name in exact))


@dataclass(frozen=True, slots=True)
class Booked:
    """A flow in the fund's currency; `pillars` add up to `amount` exactly. `money`: as it was paid."""

    project: str
    kind: FlowKind
    year: int
    amount: Decimal
    pillars: ByPillar
    money: Money


@dataclass(frozen=True, slots=True)
class Apart:
    """A flow that is in no sum, in its own currency, and why."""

    flow: str
    project: str
    kind: FlowKind
    year: int
    money: Money
    reason: ApartReason


@dataclass(frozen=True, slots=True)
class Spending:
    """Every flow of some projects: booked in `currency`, or apart."""

    currency: str
    booked: tuple[Booked, ...]
    apart: tuple[Apart, ...]

    def years(self, kind: FlowKind) -> range:
        """Return the years from the first flow of a kind to the last; one without flows is among them."""
        found = [flow.year for flow in self.booked if flow.kind == kind]
        found += [flow.year for flow in self.apart if flow.kind == kind]
        return range(min(found), max(found) + 1) if found else range(0)

    def by_year(self, kind: FlowKind) -> dict[int, ByPillar]:
        """Return the sums of a kind by year and pillar."""
        sums = dict.fromkeys(self.years(kind), ByPillar())
        for flow in self.booked:
            if flow.kind == kind:
                sums[flow.year] += flow.pillars
        return sums

    def by_project(self, kind: FlowKind) -> dict[str, Decimal]:
        """Return the sums of a kind by project; a project without a flow of it is not there."""
        sums: dict[str, Decimal] = {}
        for flow in self.booked:
            if flow.kind == kind:
                sums[flow.project] = sums.get(flow.project, NOTHING) + flow.amount
        return sums

    def to_pay(self) -> dict[str, Decimal | None]:
        """Return what is promised to projects and not paid yet, by project; None: a promise is apart.

        Promised and paid are held against each other in their own currency; what is left counts at the mean
        rate of the promises. So a rate that moved leaves nothing to be paid, and pays nothing.
        """
        promised, paid = self._own(FlowKind.COMMITMENT), self._own(FlowKind.DISBURSEMENT)
        apart = {flow.project for flow in self.apart if flow.kind == FlowKind.COMMITMENT}
        left: dict[str, Decimal | None] = {}
        for project, amount in self.by_project(FlowKind.COMMITMENT).items():
            own = promised[project]
            rest = max(NOTHING, own - paid.get(project, NOTHING))
            exact = Fraction(amount) * Fraction(rest) / Fraction(own) if own > 0 else Fraction(0)
            left[project] = None if project in apart else decimal(exact, CENTS)
        return left | dict.fromkeys(apart)

    def _own(self, kind: FlowKind) -> dict[str, Decimal]:
        """Return the sums of a kind by project in its own currency, with what is apart."""
        sums: dict[str, Decimal] = {}
        flows: list[Booked | Apart] = [*self.booked, *self.apart]
        for flow in flows:
            if flow.kind == kind:
                sums[flow.project] = sums.get(flow.project, NOTHING) + flow.money.amount
        return sums

    def kept_apart(self, kind: FlowKind) -> dict[int, tuple[Apart, ...]]:
        """Return what is in no sum of a kind, by year; a year without it is not there."""
        found: dict[int, tuple[Apart, ...]] = {}
        for flow in self.apart:
            if flow.kind == kind:
                found[flow.year] = (*found.get(flow.year, ()), flow)
        return found


def split_of(project: FundProject) -> ByPillar | None:
    """Return a project's shares of the pillars; None: they are not within 0 … 1 or do not add up to 1."""
    shares = ByPillar(project.nature_share, project.social_share, project.democracy_share)
    is_valid = shares.total == 1 and all(0 <= shares.of(pillar) <= _ONE for pillar in Pillar)
    return shares if is_valid else None


def book(projects: Iterable[FundProject], flows: Iterable[FundFlow], exchange: Exchange) -> Spending:
    """Return what was committed and paid out for projects.

    The year of a flow is that of its day; money taken back is negative in the year it came back.

    Raises:
        UnknownName: a currency is not known.
    """
    splits = {project.id: split_of(project) for project in projects}
    booked: list[Booked] = []
    apart: list[Apart] = []
    for flow in flows:
        found = _booked(flow, splits, exchange)
        if isinstance(found, Booked):
            booked.append(found)
        else:
            apart.append(found)
    return Spending(exchange.currency, tuple(booked), tuple(apart))


def _booked(flow: FundFlow, splits: Mapping[str, ByPillar | None], exchange: Exchange) -> Booked | Apart:
    money, kind, year = Money(flow.amount, flow.currency), FlowKind(flow.kind), flow.on.year
    amount, split = exchange.in_fund(money, year), splits.get(flow.project)
    if amount is not None and split is not None:
        return Booked(flow.project, kind, year, amount, split * amount, money)
    if flow.project not in splits:
        reason = ApartReason.NO_PROJECT
    else:
        reason = ApartReason.NO_SPLIT if split is None else ApartReason.NO_RATE
    return Apart(flow.id, flow.project, kind, year, money, reason)
