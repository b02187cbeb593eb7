"""The acceptance tests that failures of comparable systems demand, as far as they concern what exists here.

Number 6 (required BISKO cells) stands in tests/unit/test_conformance.py, number 7 (a correction series
shorter than the data) in tests/unit/test_weathercorrection.py.
"""

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from unit.test_ratios import figures, league
from unit.test_ratios import found as ratios_of

from bilanz.app.catalogue.estimation import estimate
from bilanz.errors import NoFactor
from bilanz.periods import slots_of_day
from factors.base import catalogue
from importers.columns import numbers

DAY = date(2024, 6, 30)


def kilograms(**asked: Any) -> Decimal:  # noqa: ANN401 - the options of an estimate
    return Decimal(estimate(catalogue(), **({"day": DAY} | asked))["co2e_kg"])


def read(*texts: str, declared: str | None = None) -> list[Decimal | None] | str:
    """Return the numbers of a column, or the code of the issue that refuses it."""
    column = pl.Series(texts, dtype=pl.String)
    form = numbers.decide_series(column, declared)
    if isinstance(form, numbers.Ambiguous):
        return form.code
    return [numbers.parse(text, form) for text in texts]


@pytest.mark.parametrize(
    ("texts", "outcome"),
    [
        (("9,99",), [Decimal("9.99")]),
        (("1.234,56",), [Decimal("1234.56")]),
        (("1.000.000",), [Decimal(1000000)]),
        (("1'234.5",), [Decimal("1234.5")]),
        (("1.234", "0,5"), [Decimal(1234), Decimal("0.5")]),
        (("#VALUE!", "2,5"), [None, Decimal("2.5")]),
        (("", "2,5"), [None, Decimal("2.5")]),
        (("0", "2,5"), [Decimal(0), Decimal("2.5")]),
        (("1.234", "5.678"), "ambiguous_number"),
    ],
)
def test_1_every_spelling_of_a_number_has_one_outcome(texts: tuple[str, ...], outcome: object) -> None:
    assert read(*texts) == outcome


def test_1_an_ambiguous_column_is_read_once_it_is_declared() -> None:
    assert read("1.234", "5.678", declared="1.234,56") == [Decimal(1234), Decimal(5678)]
    assert read("1.234", "5.678", declared="1,234.56") == [Decimal("1.234"), Decimal("5.678")]


def test_2_twice_the_quantity_is_twice_the_result() -> None:
    once = kilograms(activity="electricity", quantity="1234.5", unit="kWh")
    assert kilograms(activity="electricity", quantity="2469", unit="kWh") == 2 * once
    assert once == Decimal("1234.5") * Decimal("0.361")


def test_2_twice_the_factor_is_twice_the_result() -> None:
    # both figures by UBA, edition 2026: 2024 with upstream 414 g, 2021 with upstream 477 g
    figures = [
        kilograms(activity="electricity", quantity="1000", unit="kWh", book="bisko", day=date(year, 6, 30))
        for year in (2024, 2021)
    ]
    assert figures == [Decimal(414), Decimal(477)]


def test_3_an_old_factor_alone_is_no_factor() -> None:
    # the German mix is known to 2025; ten years later nothing may stand in without a word
    with pytest.raises(NoFactor):
        kilograms(activity="electricity", quantity="1", unit="kWh", day=date(2035, 6, 30))


@pytest.mark.parametrize("region", ["XX", "JP", "BR"])
def test_4_an_unknown_region_is_an_error_never_zero(region: str) -> None:
    with pytest.raises(NoFactor):
        kilograms(activity="electricity", quantity="1000", unit="kWh", region=region)


def test_5_one_terajoule_through_three_routes() -> None:
    # EBeV 2030: diesel 42.8 GJ/t, 0.845 t/m3, 0.074 t CO2/GJ; 1 TJ = 74 t. Beside it CH4 and N2O, DESNZ 2024:
    # 1 TJ / 0.0036 GJ/kWh × (0.00003 × 27.9/28 + 0.0033 × 273/265) kg/kWh = 952.64319407008 kg
    tonnes = Decimal(1000) / Decimal("42.8")
    routes = [
        kilograms(activity="diesel", quantity="1", unit="TJ", basis="Hi"),
        kilograms(activity="diesel", quantity=str(round(tonnes, 6)), unit="t"),
        kilograms(activity="diesel", quantity=str(round(tonnes / Decimal("0.845"), 6)), unit="m3"),
    ]
    assert routes[0] == Decimal("74952.64319407008")
    assert all(abs(route / routes[0] - 1) < Decimal("0.01") for route in routes)


def test_8_three_sets_give_three_results_for_methane() -> None:
    known = catalogue()
    rows = known.gwp.filter(pl.col("gas") == "CH4").select("gwp", "value").rows()
    values = dict(rows)
    assert {values["AR4"], values["AR5"], values["AR6"]} == {Decimal(25), Decimal(28), Decimal("27.9")}


def test_9_per_head_of_the_league_is_all_emissions_by_all_people() -> None:
    """(2 000 + 9 000) kg / (1 000 + 9 000) people, neither the sum nor the mean of 2 and 1."""
    people = figures(league={}, alpha={"population": 1_000}, beta={"population": 9_000})
    rows = ratios_of(league(), people)
    assert [rows[name, "population"]["value"] for name in ("alpha", "beta", "league")] == [
        2,
        1,
        Decimal("1.1"),
    ]


@pytest.mark.parametrize(
    ("day", "quarters"), [(date(2024, 3, 31), 92), (date(2024, 7, 1), 96), (date(2024, 10, 27), 100)]
)
def test_10_days_have_92_96_or_100_quarter_hours(day: date, quarters: int) -> None:
    assert slots_of_day("Europe/Berlin", day, 15) == quarters
