"""Money per tonne by hand.

I0 1 000 000, ΔC −40 000 a year, 20 years, 2 %, 250 t a year:
Σ 1/1.02^t (t = 1 … 20) = (1 − 1.02^−20)/0.02 = 16.3514333
PV = 1 000 000 − 40 000 · 16.3514333 = 345 942.67
discounted    345 942.67 / (250 · 16.3514333 = 4 087.8583) = 84.63
annuity       CRF = 1/16.3514333 = 0.0611567; (61 156.72 − 40 000)/250 = 84.63
undiscounted  345 942.67 / 5 000 = 69.19
"""

from decimal import Decimal

import pytest
from unit.fund.money import discount as discount_rate
from unit.fund.money import project, rate

from bilanz.errors import Refused, UsageError
from bilanz.fund.cost import (
    CashFlow,
    CostPerTonne,
    Discount,
    MacConvention,
    MacState,
    NotPriced,
    RankBy,
    constant,
    cost_per_tonne,
    discounting,
    of_project,
    present_value,
    rank,
    recovery_factor,
)
from bilanz.fund.rates import own
from bilanz.money import Money

D = Decimal
TWO = Discount(D("0.02"), "board")
NONE = Discount(D(0), "board")
ROOF = constant("roof", Money(D(1_000_000), "EUR"), (D(-40_000), D(250)), 20)


def simple(name: str, investment: str, yearly_cost: str, tonnes: str, years: int = 10) -> CashFlow:
    return constant(name, Money(D(investment), "EUR"), (D(yearly_cost), D(tonnes)), years)


def priced(
    flow: CashFlow, convention: MacConvention = MacConvention.DISCOUNTED, discount: Discount = TWO
) -> CostPerTonne:
    return cost_per_tonne(flow, discount, convention)


@pytest.mark.parametrize(
    ("convention", "mac"),
    [
        (MacConvention.DISCOUNTED, "84.63"),
        (MacConvention.ANNUITY, "84.63"),
        (MacConvention.UNDISCOUNTED_TONNES, "69.19"),
    ],
)
def test_the_worked_example(convention: MacConvention, mac: str) -> None:
    found = priced(ROOF, convention)
    assert found.present_cost == Money(D("345942.67"), "EUR")
    assert found.npv == Money(D("-345942.67"), "EUR")
    assert found.mac == Money(D(mac), "EUR")
    assert (found.convention, found.discount, found.years, found.tonnes_t) == (convention, TWO, 20, 5000)
    assert found.discounted_t == D("4087.858336")
    assert found.state == MacState.KNOWN


def test_the_recovery_factor_and_its_limit_at_zero() -> None:
    assert recovery_factor(D("0.02"), 20) == D("0.061156718125")
    assert recovery_factor(D(0), 20) == D("0.05")
    with pytest.raises(UsageError, match="one year or more"):
        recovery_factor(D("0.02"), 0)


def test_without_discounting_all_conventions_agree() -> None:
    # (1 000 000 − 20 · 40 000) / (20 · 250) = 200 000 / 5 000 = 40
    assert {priced(ROOF, convention, NONE).mac for convention in MacConvention} == {Money(D("40.00"), "EUR")}


def test_years_that_differ_are_discounted_one_by_one_and_have_no_annuity() -> None:
    # 10 %: 110/1.1 + 242/1.21 = 100 + 200
    assert present_value([D(110), D(242)], D("0.1")) == D(300)
    # (1 000 − 300) / (11/1.1 + 12.1/1.21) = 700 / 20 = 35
    flow = CashFlow("uneven", Money(D(1000), "EUR"), (D(-110), D(-242)), (D(11), D("12.1")))
    assert priced(flow, discount=Discount(D("0.1"), "board")).mac == Money(D("35.00"), "EUR")
    with pytest.raises(Refused, match="uneven: an annuity"):
        priced(flow, MacConvention.ANNUITY)


@pytest.mark.parametrize("tonnes", ["0", "-5"])
def test_without_avoided_tonnes_there_is_no_cost_per_tonne(tonnes: str) -> None:
    for convention in MacConvention:
        found = priced(simple("none", "1000", "0", tonnes), convention)
        assert (found.mac, found.state) == (None, MacState.NO_TONNES)
        assert found.npv == Money(D("-1000.00"), "EUR")


def test_a_negative_cost_per_tonne_is_told_and_never_ranked_by() -> None:
    # both save 1 000 · 10 − 5 000 = 5 000 without discounting: −50 €/t for 100 t, −500 €/t for 10 t.
    # By cost per tonne the one that avoids a tenth would come first.
    much = priced(simple("much", "5000", "-1000", "10"), discount=NONE)
    little = priced(simple("little", "5000", "-1000", "1"), discount=NONE)
    assert (much.mac, little.mac) == (Money(D("-50.00"), "EUR"), Money(D("-500.00"), "EUR"))
    assert much.state == little.state == MacState.SAVES_MONEY
    assert [one.name for one in rank([little, much], RankBy.TONNES).ranked] == ["much", "little"]
    assert not {by.value for by in RankBy} & {"mac", "cost_per_tonne"}


def test_ranking_by_net_present_value_has_the_best_first_and_names_break_ties() -> None:
    cheap, dear = priced(simple("cheap", "100", "0", "1")), priced(simple("dear", "200", "0", "5"))
    same = priced(simple("a-same", "100", "0", "0"))
    found = rank([dear, cheap, same, NotPriced("blank", ("avoided_t",))], RankBy.NPV)
    assert [one.name for one in found.ranked] == ["a-same", "cheap", "dear"]
    assert found.unranked == ("blank",)


def test_net_present_values_of_two_rates_or_currencies_are_not_compared() -> None:
    zloty = cost_per_tonne(constant("z", Money(D(1), "PLN"), (D(0), D(1)), 1), TWO, MacConvention.DISCOUNTED)
    for other in (zloty, priced(ROOF, discount=NONE)):
        with pytest.raises(Refused, match="cannot be ranked"):
            rank([priced(ROOF), other], RankBy.NPV)
        assert len(rank([priced(ROOF), other], RankBy.TONNES).ranked) == 2


def test_a_project_is_priced_as_a_whole() -> None:
    told = {"total_cost": D(1_000_000), "yearly_cost": D(-40_000), "lifetime_years": 20}
    found = of_project(project("roof", **told), D(250), TWO, MacConvention.ANNUITY)
    assert isinstance(found, CostPerTonne)
    assert found.mac == Money(D("84.63"), "EUR")


def test_what_a_project_does_not_state_is_named_and_never_zero() -> None:
    found = of_project(project("roof", total_cost=D(1)), None, TWO, MacConvention.DISCOUNTED)
    assert found == NotPriced("roof", ("yearly_cost", "lifetime_years", "avoided_t"))
    nothing = project("roof", total_cost=D(0), yearly_cost=D(0), lifetime_years=0)
    assert of_project(nothing, D(1), TWO, MacConvention.DISCOUNTED) == NotPriced("roof", ("lifetime_years",))


def test_a_discount_comes_from_a_set_and_a_climate_cost_is_none() -> None:
    rates = own([discount_rate("0.02", 2020), rate("250")])["board"]
    assert discounting(rates.discount(2024), rates.id) == TWO
    cost = rates.climate_costs(2025)[0].rate
    assert cost is not None
    with pytest.raises(UsageError, match="no discount rate"):
        discounting(cost, rates.id)


def test_what_cannot_be_calculated_is_refused() -> None:
    with pytest.raises(UsageError, match="above −1"):
        Discount(D(-1), "board")
    with pytest.raises(UsageError, match="same years"):
        CashFlow("x", Money(D(1), "EUR"), (D(1),), (D(1), D(2)))
    with pytest.raises(UsageError, match="one at least"):
        constant("x", Money(D(1), "EUR"), (D(1), D(1)), 0)
