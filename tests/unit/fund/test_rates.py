"""Sets of rates: what is shipped, what a board adds, and that nothing is chosen silently."""

from decimal import Decimal
from typing import Any

import pytest
from unit.fund.money import discount, rate

from bilanz.books import Text
from bilanz.errors import Refused, UnitError, UnknownName
from bilanz.fund.rate import FundRate, RateKind
from bilanz.fund.rates import TIME_PREFERENCES, Missing, RateSet, Standing, choose, own, shipped

D = Decimal
ZERO, ONE = TIME_PREFERENCES


def test_the_rates_of_2024_are_880_and_300_euros_and_only_one_is_confirmed() -> None:
    zero, one = choose("uba-mk-3.2").climate_costs(2024)
    assert zero.rate is not None
    assert one.rate is not None
    assert (zero.time_preference, zero.rate.value, zero.rate.standing) == (ZERO, 880, Standing.THIRD_PARTY)
    assert (one.time_preference, one.rate.value, one.rate.standing) == (ONE, 300, Standing.CONFIRMED)
    assert zero.rate.currency == "EUR"
    assert zero.rate.price_year is None  # nobody saw it


def test_the_rate_of_1_percent_of_mk_4_0_is_reported_as_missing() -> None:
    zero, one = choose("uba-mk-4.0").climate_costs(2026)
    assert zero.rate is not None
    assert zero.rate.value == 990
    assert one.rate is None
    assert "1 %" in one.text("en")
    assert "nicht gefunden" in one.text("de")


def test_the_rate_of_the_law_of_baden_wuerttemberg_is_open_since_mk_4_0() -> None:
    law = choose("bw-co2-shadow-price")
    zero, one = law.climate_costs(2025)
    assert one.rate is not None
    assert (one.rate.value, one.rate.legal_basis) == (300, "§ 8 KlimaG BW with CO2-Schattenpreis-Verordnung")
    assert zero.rate is None
    assert "question of law" in law.climate_costs(2026)[1].text("en")
    assert law.validity is not None
    assert "recommends no other value" in law.validity.of("en")


def test_a_year_without_a_rate_has_none_and_both_time_preferences_are_still_there() -> None:
    quotes = choose("uba-mk-3.2").climate_costs(2025)
    assert [(quote.time_preference, quote.rate) for quote in quotes] == [(ZERO, None), (ONE, None)]
    assert "2025" in quotes[0].text("en")


@pytest.mark.parametrize("name", sorted(shipped()))
def test_every_shipped_rate_has_a_source_and_every_set_a_validity(name: str) -> None:
    found = shipped()[name]
    assert found.rates
    assert all(rate.source and rate.standing != Standing.OWN for rate in found.rates)
    assert found.validity is not None
    assert found.publisher


def test_why_a_year_lacks_a_rate_comes_before_why_every_year_does() -> None:
    gaps = tuple(
        Missing(kind=RateKind.CLIMATE_COST, time_preference=ZERO, year=year, reason=Text(de=words, en=words))
        for year, words in ((None, "always"), (2026, "in 2026"))
    )
    found = RateSet(id="x", title="x", publisher="x", edition="x", missing=gaps)
    assert [found.climate_costs(year)[0].text("en") for year in (2025, 2026)] == ["always", "in 2026"]


def test_no_discount_rate_is_shipped() -> None:
    # the federal rate is published every year and was not confirmed
    assert not [rate for one in shipped().values() for rate in one.rates if rate.kind == RateKind.DISCOUNT]


def test_a_set_is_chosen_by_its_name_only() -> None:
    assert choose("board", [rate("250")]).climate_costs(2025)[0].rate is not None
    with pytest.raises(UnknownName, match=r'"mine" is not known; known are .*uba-mk-4\.0'):
        choose("mine", [rate("250")])


def test_an_own_set_keeps_its_own_time_preferences_beside_both() -> None:
    found = own([rate("250", time_preference=D("0.005"))])["board"]
    assert [quote.rate is not None for quote in found.climate_costs(2025)] == [False, True, False]
    assert found.time_preferences == (ZERO, D("0.005"), ONE)


def test_an_own_set_never_takes_the_name_of_a_shipped_one() -> None:
    with pytest.raises(Refused, match=r"uba-mk-3\.2 is shipped"):
        own([rate("1", set="uba-mk-3.2")])


@pytest.mark.parametrize(
    ("told", "message"),
    [({"unit": "PLN/t"}, "mixes"), ({"price_year": 2020}, "mixes"), ({"price_year": None}, "mixes")],
)
def test_what_cannot_be_added_up_is_no_set(told: dict[str, Any], message: str) -> None:
    with pytest.raises(Refused, match=message):
        own([rate("250"), rate("260", year=2026, **told)])


@pytest.mark.parametrize(
    "told", [rate("250", unit="EUR"), rate("250", unit="XXX/t"), rate("0.02", kind=RateKind.DISCOUNT)]
)
def test_a_unit_that_is_none_is_refused(told: FundRate) -> None:
    with pytest.raises(UnitError, match="no unit of a rate"):
        own([told])


def test_a_discount_rate_holds_from_its_year_until_the_next() -> None:
    found = own([discount("0.03", 2020), discount("0.02", 2024)])["board"]
    assert [found.discount(year).value for year in (2020, 2023, 2024, 2030)] == [
        D("0.03"),
        D("0.03"),
        D("0.02"),
        D("0.02"),
    ]
    with pytest.raises(Refused, match="holds no discount rate for 2019"):
        found.discount(2019)


def test_of_several_discount_rates_one_is_named() -> None:
    found = own([discount("0.03", 2020), discount("0.02", 2020, ONE)])["board"]
    with pytest.raises(Refused, match="name the time preference"):
        found.discount(2021)
    assert found.discount(2021, ONE).value == D("0.02")


def test_a_set_without_climate_costs_lacks_both() -> None:
    found: RateSet = own([discount("0.03", 2020)])["board"]
    assert [quote.rate for quote in found.climate_costs(2020)] == [None, None]
