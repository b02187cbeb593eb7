"""Every flow is booked by pillar, or apart and named."""

from decimal import Decimal

from unit.fund.money import committed, paid, project, split

from bilanz.fund.exchange import Exchange
from bilanz.fund.project import FlowKind, Pillar
from bilanz.fund.spending import ApartReason, ByPillar, book, split_of

D = Decimal
PAID = FlowKind.DISBURSEMENT
EURO = Exchange("EUR")


def test_a_flow_is_split_by_the_shares_of_its_project() -> None:
    # 100.01 · 0.5 / 0.3 / 0.2
    spending = book([split("P", "0.5", "0.3", "0.2")], [paid(2024, "100.01")], EURO)
    assert spending.by_year(PAID) == {2024: ByPillar(D("50.005"), D("30.003"), D("20.002"))}
    assert spending.by_year(PAID)[2024].total == D("100.01")


def test_in_cents_the_pillars_still_add_up() -> None:
    # 0.10 · thirds (0.333333, 0.333333, 0.333334): 3.33333, 3.33333, 3.33334 cents → 3, 3, 4
    thirds = split("P", "0.333333", "0.333333", "0.333334")
    exact = book([thirds], [paid(2024, "0.10")], EURO).by_year(PAID)[2024]
    assert exact.in_cents() == ByPillar(D("0.03"), D("0.03"), D("0.04"))
    back = book([thirds], [paid(2024, "-0.10")], EURO).by_year(PAID)[2024]
    assert back.in_cents().total == D("-0.10")


def test_years_without_a_flow_are_there_and_commitments_are_no_disbursements() -> None:
    flows = [paid(2023, "10"), paid(2025, "5"), committed(2022, "99")]
    spending = book([project()], flows, EURO)
    assert {year: sums.total for year, sums in spending.by_year(PAID).items()} == {
        2023: D(10),
        2024: D(0),
        2025: D(5),
    }
    assert spending.by_project(FlowKind.COMMITMENT) == {"P": D(99)}
    assert list(book([project()], [], EURO).years(PAID)) == []


def test_money_taken_back_is_negative_in_the_year_it_came_back() -> None:
    spending = book([project()], [paid(2023, "10"), paid(2024, "-4")], EURO)
    assert spending.by_year(PAID)[2024].of(Pillar.NATURE) == D(-4)
    assert spending.by_project(PAID) == {"P": D(6)}


def test_what_cannot_be_added_is_apart_with_its_reason_and_currency() -> None:
    flows = [
        paid(2024, "10"),
        paid(2024, "20", currency="PLN"),
        paid(2024, "30", of="Q"),
        paid(2024, "40", of="R"),
    ]
    spending = book([project(), split("Q", "0.5", "0.3", "0.1")], flows, EURO)
    assert len(flows) == len(spending.booked) + len(spending.apart)
    assert [(one.project, str(one.money), one.reason) for one in spending.apart] == [
        ("P", "20 PLN", ApartReason.NO_RATE),
        ("Q", "30 EUR", ApartReason.NO_SPLIT),
        ("R", "40 EUR", ApartReason.NO_PROJECT),
    ]
    assert spending.by_year(PAID)[2024].total == D(10)
    assert set(spending.kept_apart(PAID)) == {2024}
    assert spending.kept_apart(FlowKind.COMMITMENT) == {}


def test_a_year_that_holds_only_money_apart_is_a_year() -> None:
    spending = book([project()], [paid(2024, "10"), paid(2026, "20", currency="PLN")], EURO)
    assert list(spending.years(PAID)) == [2024, 2025, 2026]


def test_shares_are_valid_within_0_and_1_and_add_up_to_1() -> None:
    assert split_of(split("P", "0.5", "0.3", "0.2")) == ByPillar(D("0.5"), D("0.3"), D("0.2"))
    assert split_of(split("P", "0.5", "0.3", "0.3")) is None
    assert split_of(split("P", "1.5", "-0.5", "0")) is None
