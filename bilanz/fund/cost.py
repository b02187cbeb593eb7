"""Money per tonne: present value, annuity and the cost of avoiding a tonne, each with its convention.

    PV    = I0 + Σ_t ΔC_t/(1+r)^t          t = 1 … n: what the years cost or save is due at their ends
    NPV   = −PV
    CRF   = r(1+r)^n / ((1+r)^n − 1)        r = 0: 1/n
    discounted            MAC = PV / Σ_t ΔE_t/(1+r)^t
    annuity               MAC = (I0·CRF + ΔC) / ΔE        the same every year; equals the discounted form
    undiscounted_tonnes   MAC = PV / Σ_t ΔE_t

The three differ, so a figure is never without its convention. Where no tonne is avoided there is none: a MAC
of zero or fewer tonnes says nothing. A negative MAC (money saved) is told and never ranked by: of two
measures that save the same money, the one that avoids fewer tonnes would come first. `rank` knows NPV and
tonnes only.

Everything is rational arithmetic, rounded once. Source: the usual definitions of investment appraisal.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from bilanz.errors import Refused, UsageError
from bilanz.fund.cents import decimal
from bilanz.fund.project import FundProject
from bilanz.fund.rate import RateKind
from bilanz.fund.rates import Rate
from bilanz.fund.share import CENTS, SHARES, TONNES
from bilanz.money import Money

_ONE: Final = Fraction(1)


class MacConvention(StrEnum):
    """How money per tonne is made."""

    DISCOUNTED = "discounted"
    ANNUITY = "annuity"
    UNDISCOUNTED_TONNES = "undiscounted_tonnes"


class MacState(StrEnum):
    """What a cost per tonne is worth."""

    KNOWN = "known"
    SAVES_MONEY = "saves_money"
    NO_TONNES = "no_tonnes"


class RankBy(StrEnum):
    """What measures may be ranked by."""

    NPV = "npv"
    TONNES = "tonnes"


CONVENTION_TEXTS: Final = {
    MacConvention.DISCOUNTED: "costs and tonnes discounted",
    MacConvention.ANNUITY: "yearly cost (annuity) per tonne of a year",
    MacConvention.UNDISCOUNTED_TONNES: "costs discounted, tonnes not",
}
STATE_TEXTS: Final = {
    MacState.KNOWN: "cost per tonne avoided",
    MacState.SAVES_MONEY: "saves money: a negative cost per tonne cannot be ranked",
    MacState.NO_TONNES: "no tonnes avoided: a cost per tonne is not assessable",
}
"""English templates; German: `bilanz/locale/de/fund_money.po`."""


@dataclass(frozen=True, slots=True)
class Discount:
    """A yearly rate and the set it is from.

    Raises:
        UsageError: the rate is −1 or less.
    """

    rate: Decimal
    set: str
    price_year: int | None = None

    def __post_init__(self) -> None:
        if self.rate <= -1:
            raise UsageError("A discount rate is above −1 (0.02: two percent).")


@dataclass(frozen=True, slots=True)
class CashFlow:
    """What a measure costs and avoids over its lifetime.

    Attributes:
        investment: at the start.
        yearly_costs: ΔC of the years 1 … n in the currency of the investment; negative: saved.
        avoided_t: ΔE of the same years in t CO2e.

    Raises:
        UsageError: there is no year, or costs and tonnes are not of the same years.
    """

    name: str
    investment: Money
    yearly_costs: tuple[Decimal, ...]
    avoided_t: tuple[Decimal, ...]

    def __post_init__(self) -> None:
        if not self.yearly_costs or len(self.yearly_costs) != len(self.avoided_t):
            raise UsageError("Yearly costs and avoided tonnes are needed for the same years, one at least.")

    @property
    def is_constant(self) -> bool:
        """Whether every year is like the first."""
        return len(set(self.yearly_costs)) == len(set(self.avoided_t)) == 1


@dataclass(frozen=True, slots=True)
class CostPerTonne:
    """Money per tonne with everything it depends on.

    Attributes:
        years: n; yearly amounts are due at the end of each year, the investment at the start.
        present_cost: PV of all costs less savings, to the cent; `npv` is its negative.
        tonnes_t: t CO2e over the lifetime, undiscounted.
        discounted_t: t CO2e discounted as the money is.
        mac: per t CO2e, to the cent; None where no tonnes are avoided (`state`).
    """

    name: str
    convention: MacConvention
    discount: Discount
    years: int
    present_cost: Money
    tonnes_t: Decimal
    discounted_t: Decimal
    mac: Money | None
    state: MacState

    @property
    def npv(self) -> Money:
        """Net present value: what is saved less what it costs."""
        return -self.present_cost


@dataclass(frozen=True, slots=True)
class NotPriced:
    """A project without money per tonne, and which fields it lacks."""

    name: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ranking:
    """Measures in order, the best first, and by name those that cannot be ranked."""

    by: RankBy
    ranked: tuple[CostPerTonne, ...]
    unranked: tuple[str, ...]


def discounting(rate: Rate, name: str) -> Discount:
    """Return the discount of a rate of a set (`RateSet.discount`).

    Raises:
        UsageError: the rate is no discount rate.
    """
    if rate.kind != RateKind.DISCOUNT:
        raise UsageError("A climate cost is no discount rate.")
    return Discount(rate.value, name, rate.price_year)


def constant(name: str, investment: Money, yearly: tuple[Decimal, Decimal], years: int) -> CashFlow:
    """Return a measure whose years are alike.

    Args:
        name: of the measure.
        investment: at the start.
        yearly: cost and t CO2e avoided of a year.
        years: lifetime.
    """
    cost, avoided_t = yearly
    return CashFlow(name, investment, (cost,) * years, (avoided_t,) * years)


def present_value(amounts: Sequence[Decimal], rate: Decimal) -> Decimal:
    """Return Σ x_t/(1+r)^t of the years 1 … n, with twelve decimals."""
    return decimal(_present(amounts, rate), SHARES)


def recovery_factor(rate: Decimal, years: int) -> Decimal:
    """Return the capital recovery factor, with twelve decimals; 1/n where the rate is 0."""
    return decimal(_recovery(rate, years), SHARES)


def cost_per_tonne(flow: CashFlow, discount: Discount, convention: MacConvention) -> CostPerTonne:
    """Return what avoiding a tonne costs by a convention.

    Raises:
        Refused: an annuity of a measure whose years differ.
    """
    if convention == MacConvention.ANNUITY and not flow.is_constant:
        message = "{name}: an annuity needs the same cost and the same tonnes every year."
        raise Refused(message, name=flow.name)
    tonnes, discounted = sum(map(Fraction, flow.avoided_t)), _present(flow.avoided_t, discount.rate)
    cost = Fraction(flow.investment.amount) + _present(flow.yearly_costs, discount.rate)
    mac = _mac(flow, discount.rate, convention) if min(tonnes, discounted) > 0 else None
    currency = flow.investment.currency
    return CostPerTonne(
        flow.name,
        convention,
        discount,
        len(flow.avoided_t),
        Money(decimal(cost, CENTS), currency),
        decimal(Fraction(tonnes), TONNES),
        decimal(discounted, TONNES),
        None if mac is None else Money(decimal(mac, CENTS), currency),
        _state(mac),
    )


def of_project(
    project: FundProject, avoided_t: Decimal | None, discount: Discount, convention: MacConvention
) -> CostPerTonne | NotPriced:
    """Return what a tonne costs in a project: all of its cost and all of its effect, whoever paid.

    Args:
        project: total cost, yearly cost and lifetime; what it does not state is not assumed to be 0.
        avoided_t: t CO2e of a year, expected or measured; None: not known.
        discount: rate and set.
        convention: of the figure.
    """
    total, yearly, years = project.total_cost, project.yearly_cost, project.lifetime_years
    if total is None or yearly is None or not years or avoided_t is None:
        needed = {"total_cost": total, "yearly_cost": yearly, "lifetime_years": years or None}
        needed["avoided_t"] = avoided_t
        return NotPriced(project.id, tuple(name for name, value in needed.items() if value is None))
    flow = constant(project.id, Money(total, project.currency), (yearly, avoided_t), years)
    return cost_per_tonne(flow, discount, convention)


def rank(costs: Iterable[CostPerTonne | NotPriced], by: RankBy) -> Ranking:
    """Return measures by net present value or by tonnes over their lifetime; never by cost per tonne.

    Equal ones stand in the order of their names.

    Raises:
        Refused: by NPV, measures in several currencies or discounted by several rates.
    """
    known = list(costs)
    priced = [one for one in known if isinstance(one, CostPerTonne)]
    bases = {(one.present_cost.currency, one.discount) for one in priced}
    if by == RankBy.NPV and len(bases) > 1:
        raise Refused("Net present values of several currencies or discount rates cannot be ranked.")
    priced.sort(key=lambda one: (-(one.npv.amount if by == RankBy.NPV else one.tonnes_t), one.name))
    return Ranking(by, tuple(priced), tuple(sorted(one.name for one in known if isinstance(one, NotPriced))))


def _present(amounts: Sequence[Decimal], rate: Decimal) -> Fraction:
    """Return the sum of discounted amounts; by Horner's rule, from the last year to the first."""
    factor, value = _ONE / (1 + Fraction(rate)), Fraction(0)
    for amount in reversed(amounts):
        value = (value + Fraction(amount)) * factor
    return value


def _recovery(rate: Decimal, years: int) -> Fraction:
    if years < 1:
        raise UsageError("A lifetime is one year or more.")
    if rate == 0:
        return Fraction(1, years)
    growth = (1 + Fraction(rate)) ** years
    return Fraction(rate) * growth / (growth - 1)


def _state(mac: Fraction | None) -> MacState:
    if mac is None:
        return MacState.NO_TONNES
    return MacState.SAVES_MONEY if mac < 0 else MacState.KNOWN


def _mac(flow: CashFlow, rate: Decimal, convention: MacConvention) -> Fraction:
    investment = Fraction(flow.investment.amount)
    if convention == MacConvention.ANNUITY:
        yearly = investment * _recovery(rate, len(flow.avoided_t)) + Fraction(flow.yearly_costs[0])
        return yearly / Fraction(flow.avoided_t[0])
    cost = investment + _present(flow.yearly_costs, rate)
    if convention == MacConvention.UNDISCOUNTED_TONNES:
        return cost / sum(map(Fraction, flow.avoided_t))
    return cost / _present(flow.avoided_t, rate)
