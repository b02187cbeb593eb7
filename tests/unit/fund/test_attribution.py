"""The fund's share by hand: α = min(1, paid / cost), effect = ΔE · α · (1 − overlap) · (1 − rebound)."""

from datetime import date
from decimal import Decimal

import pytest
from unit.fund.money import committed, paid, project

from bilanz.fund.attribution import (
    Additionality,
    AlphaState,
    Attribution,
    Before,
    EffectState,
    EtsCover,
    FinancierGap,
    additionality,
    attribute,
    attributed,
    attributions,
    ets_cover,
)
from bilanz.fund.exchange import Exchange
from bilanz.fund.project import FundFinancing, FundFlow, FundProject, Sight
from bilanz.money import Money

D = Decimal
END = date(2024, 12, 31)
ZLOTY = Exchange("EUR", {("PLN", 2024): D("4.3")})


def other(amount: str, name: str = "Land", currency: str = "EUR", on: date | None = None) -> FundFinancing:
    return FundFinancing(
        id=name, project="P", financier=name, on=on, amount=D(amount), currency=currency, evidence="contract"
    )


def shared(
    flows: list[FundFlow],
    *others: FundFinancing,
    cost: str | None = "400",
    **told: object,
) -> Attribution:
    total = None if cost is None else D(cost)
    return attribute(project(total_cost=total, **told), flows, others, ZLOTY, END)


def test_the_share_is_what_was_paid_out_by_the_total_cost() -> None:
    # 100 / 400; commitments, other projects and later payments do not count
    flows = [paid(END, "100"), committed(2024, "300"), paid(2024, "50", "Q"), paid(date(2025, 1, 1), "25")]
    found = shared(flows)
    assert (found.alpha, found.state, found.sum_of_shares) == (D("0.25"), AlphaState.KNOWN, D("0.25"))
    assert found.disbursed == Money(D(100), "EUR")
    assert not found.is_capped


def test_nothing_paid_out_is_a_share_of_zero_and_not_a_gap() -> None:
    assert shared([]).alpha == 0


def test_more_than_the_cost_is_a_share_of_one_and_says_so() -> None:
    found = shared([paid(2024, "500")])
    assert (found.alpha, found.is_capped) == (D(1), True)


@pytest.mark.parametrize("cost", [None, "0", "-1"])
def test_without_a_denominator_there_is_no_share(cost: str | None) -> None:
    found = shared([paid(2024, "100")], cost=cost)
    assert (found.alpha, found.state, found.total_cost) == (None, AlphaState.NO_DENOMINATOR, None)


def test_all_financiers_together_have_one_share_at_most() -> None:
    # 100/400 + 200/400 + 100/400 = 1; one euro more and nobody's share is known
    found = shared([paid(2024, "100")], other("200"), other("100", "Bund"))
    assert (found.alpha, found.sum_of_shares) == (D("0.25"), D(1))
    assert [one.share for one in found.others] == [D("0.5"), D("0.25")]
    over = shared([paid(2024, "101")], other("200"), other("100", "Bund"))
    assert (over.alpha, over.state, over.sum_of_shares) == (None, AlphaState.OVER_FINANCED, D("1.0025"))


def test_what_others_pay_is_converted_at_the_rate_of_its_year() -> None:
    # 430 PLN / 4.3 = 100 EUR, 860.01 PLN / 4.3 = 200.0023… = 200.00 EUR: 0.25 + 0.25 + 0.5 = 1
    gmina = other("430", "Gmina", "PLN", date(2024, 1, 1))
    found = shared([paid(2024, "100")], gmina, other("860.01", "Senat", "PLN", END))
    assert (found.alpha, found.sum_of_shares) == (D("0.25"), D(1))
    assert [(one.paid, one.share) for one in found.others] == [
        (Money(D("100.00"), "EUR"), D("0.25")),
        (Money(D("200.00"), "EUR"), D("0.5")),
    ]
    # 430 + 1 290.05 PLN = 100 + 300.01 EUR, with 100 EUR of the fund one euro cent and 100 EUR too much
    over = shared([paid(2024, "100")], gmina, other("1290.05", "Senat", "PLN", END))
    assert (over.alpha, over.state, over.sum_of_shares) == (
        None,
        AlphaState.OVER_FINANCED,
        D("1.250025"),
    )


def test_between_two_foreign_currencies_both_rates_of_the_year_count() -> None:
    # 745 DKK / 7.45 · 4.3 = 430 PLN of 860 PLN
    rates = Exchange("EUR", {("PLN", 2024): D("4.3"), ("DKK", 2024): D("7.45")})
    told = project(total_cost=D(860), currency="PLN")
    found = attribute(told, [], [other("745", "Kommune", "DKK", END)], rates, END)
    assert (found.others[0].paid, found.sum_of_shares) == (Money(D("430.00"), "PLN"), D("0.5"))


def test_what_others_pay_without_a_day_or_a_rate_leaves_the_sum_unchecked_and_is_named() -> None:
    undated, early = other("100", "Senat", "PLN"), other("100", "Gmina", "PLN", date(2023, 12, 31))
    found = shared([paid(2024, "100")], other("100"), undated, early)
    assert (found.alpha, found.sum_of_shares) == (D("0.25"), None)
    assert [(one.share, one.gap) for one in found.others] == [
        (D("0.25"), None),
        (None, FinancierGap.NO_DATE),
        (None, FinancierGap.NO_RATE),
    ]


def test_what_others_pay_counts_up_to_the_day_and_always_without_one() -> None:
    # 100/400 + 100/400; what is paid on the day after does not count
    later = other("300", "Bund", on=date(2025, 1, 1))
    found = shared([paid(2024, "100")], other("100"), later)
    assert (found.sum_of_shares, [one.name for one in found.others]) == (D("0.5"), ["Land"])
    assert shared([paid(2024, "100")], other("100", on=END)).sum_of_shares == D("0.5")


def test_without_a_denominator_what_others_pay_has_no_share_either() -> None:
    found = shared([paid(2024, "100")], other("430", "Gmina", "PLN", END), cost=None)
    assert (found.state, found.sum_of_shares) == (AlphaState.NO_DENOMINATOR, None)
    assert [(one.paid, one.share) for one in found.others] == [(Money(D("100.00"), "EUR"), None)]


def test_payments_are_converted_to_the_currency_of_the_cost() -> None:
    # 100 EUR · 4.3 = 430 PLN of 860 PLN
    found = shared([paid(2024, "100")], cost="860", currency="PLN")
    assert (found.disbursed, found.alpha) == (Money(D("430.00"), "PLN"), D("0.5"))


def test_a_payment_that_cannot_be_converted_leaves_the_share_open() -> None:
    found = shared([paid(2024, "100"), paid(2023, "5")], cost="860", currency="PLN")
    assert (found.alpha, found.disbursed, found.state) == (None, None, AlphaState.NO_RATE)


def test_more_taken_back_than_paid_is_no_share() -> None:
    assert shared([paid(2024, "100"), paid(2024, "-101")]).state == AlphaState.TAKEN_BACK


def test_many_projects_have_the_shares_each_has_alone() -> None:
    told = [project(name, total_cost=D(400)) for name in "PQR"]
    flows, financing = [paid(2024, "100"), paid(2024, "200", "Q")], [other("300")]
    found = attributions(told, flows, financing, ZLOTY, END)
    assert found == {one.id: attribute(one, flows, financing, ZLOTY, END) for one in told}
    assert [one.alpha for one in found.values()] == [D("0.25"), D("0.5"), D(0)]


def quarter(told: FundProject) -> Attribution:
    told.total_cost = D(400)
    return attribute(told, [paid(2024, "100")], [], ZLOTY, END)


def test_overlap_and_rebound_are_taken_off() -> None:
    # 1 000 · 0.25 · 0.9 · 0.8 = 180
    told = project(overlap_share=D("0.1"), rebound_share=D("0.2"))
    for sight in Sight:
        found = attributed(told, quarter(told), D(1000), sight)
        assert (found.attributed_t, found.before, found.state) == (D(180), (), EffectState.ATTRIBUTED)
        assert found.text("en") == ""


def test_what_nobody_assessed_is_said_and_not_taken_as_zero() -> None:
    # 1 000 · 0.25 · 0.9 = 225, before rebound
    told = project(overlap_share=D("0.1"))
    found = attributed(told, quarter(told), D(1000), Sight.EX_ANTE)
    assert (found.attributed_t, found.before) == (D(225), (Before.REBOUND,))
    told = project()
    found = attributed(told, quarter(told), D(1000), Sight.EX_POST)
    assert (found.attributed_t, found.before) == (D(250), (Before.OVERLAP, Before.REBOUND))
    assert (
        found.text("de")
        == "vor Überschneidung, die niemand bewertet hat; vor Rebound, den niemand bewertet hat"
    )
    assert (found.overlap, found.rebound) == (None, None)


def test_an_assessed_overlap_of_zero_is_assessed() -> None:
    told = project(overlap_share=D(0), rebound_share=D(0))
    found = attributed(told, quarter(told), D(1000), Sight.EX_POST)
    assert (found.attributed_t, found.before) == (D(250), ())


def test_an_increase_is_attributed_with_its_sign() -> None:
    told = project()
    assert attributed(told, quarter(told), D(-8), Sight.EX_POST).attributed_t == D(-2)


def test_without_share_or_effect_there_is_no_figure() -> None:
    told = project(total_cost=None)
    none = attribute(told, [paid(2024, "100")], [], ZLOTY, END)
    found = attributed(told, none, D(1000), Sight.EX_POST)
    assert (found.attributed_t, found.state, found.before) == (None, EffectState.NO_SHARE, ())
    assert "share of the fund" in found.text("en")
    assert attributed(told, quarter(told), None, Sight.EX_POST).state == EffectState.NO_EFFECT
    wrong = project(overlap_share=D("1.5"))
    assert attributed(wrong, quarter(wrong), D(1), Sight.EX_POST).state == EffectState.INVALID_SHARE


@pytest.mark.parametrize(
    ("required", "financed", "expected"),
    [
        (False, False, Additionality.ADDITIONAL),
        (True, None, Additionality.REQUIRED_OR_FINANCED),
        (False, True, Additionality.REQUIRED_OR_FINANCED),
        (False, None, Additionality.NOT_ASSESSED),
        (None, None, Additionality.NOT_ASSESSED),
    ],
)
def test_additional_takes_two_answers(required: object, financed: object, expected: Additionality) -> None:
    told = project(is_legally_required=required, is_otherwise_financed=financed)
    assert additionality(told) == expected
    assert attributed(told, quarter(told), D(1), Sight.EX_ANTE).additionality == expected


def test_emissions_trading_is_flagged_or_not_assessed() -> None:
    covers = [ets_cover(project(is_ets_covered=cover)) for cover in (True, False, None)]
    assert covers == [EtsCover.COVERED, EtsCover.NOT_COVERED, EtsCover.NOT_ASSESSED]
