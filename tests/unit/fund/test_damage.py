"""Climate costs avoided by hand."""

from decimal import Decimal

from unit.fund.money import rate

from bilanz.fund.damage import climate_costs_avoided
from bilanz.fund.rates import TIME_PREFERENCES, choose, own
from bilanz.money import Money

D = Decimal
ZERO, ONE = TIME_PREFERENCES


def test_both_time_preferences_stand_side_by_side() -> None:
    # 10 t · 880 €/t = 8 800 €; 10 t · 300 €/t = 3 000 €
    zero, one = climate_costs_avoided({2024: D(10)}, choose("uba-mk-3.2"))
    assert (zero.time_preference, zero.amount) == (ZERO, Money(D("8800.00"), "EUR"))
    assert (one.time_preference, one.amount) == (ONE, Money(D("3000.00"), "EUR"))
    assert (zero.is_confirmed, one.is_confirmed) == (False, True)
    assert zero.is_complete


def test_a_year_without_a_rate_is_named_and_in_no_sum() -> None:
    zero, _ = climate_costs_avoided({2024: D(10), 2025: D(7), 2026: D(5)}, choose("uba-mk-3.2"))
    assert zero.amount == Money(D("8800.00"), "EUR")
    assert [quote.year for quote in zero.missing] == [2025, 2026]
    assert (zero.valued_t, zero.missing_t, zero.is_complete) == (10, 12, False)


def test_without_any_rate_there_is_no_amount_and_not_zero() -> None:
    _, one = climate_costs_avoided({2026: D(10)}, choose("uba-mk-4.0"))
    assert one.amount is None
    assert (one.valued_t, one.missing_t, one.is_confirmed) == (0, 10, False)
    assert "was not found" in one.missing[0].text("en")


def test_each_year_has_its_own_rate() -> None:
    # 10 · 250 + 8 · 260.5 − 1 · 270 = 2 500 + 2 084 − 270
    rates = own([rate("250"), rate("260.5", year=2026), rate("270", year=2027)])["board"]
    zero, one = climate_costs_avoided({2025: D(10), 2026: D(8), 2027: D(-1)}, rates)
    assert zero.amount == Money(D("4314.00"), "EUR")
    assert (zero.price_year, zero.set, zero.is_confirmed) == (2025, "board", True)
    assert one.amount is None


def test_without_tonnes_both_are_there_and_say_nothing() -> None:
    assert [one.amount for one in climate_costs_avoided({}, choose("uba-mk-3.2"))] == [None, None]
