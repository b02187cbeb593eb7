"""Which figures hold for a year, and what is said where one is missing."""

from fractions import Fraction

import pytest
from unit.fund.paying import constant, figure, known, member

from bilanz.errors import Refused
from bilanz.fund.figures import KINDS, TEMPLATES, Figures, Gap, Held, Reason, gap, span, unlike
from bilanz.fund.member import FigureKind
from bilanz.messages import catalogue

YEARS = range(2023, 2026)


def incomes(*values: int, unit: str = "EUR", first: int = 2023) -> list[object]:
    return [figure("x", "income", first + number, value, unit) for number, value in enumerate(values)]


def test_the_years_before_the_contribution_are_averaged() -> None:
    rows = incomes(10, 20, 30, 400, first=2022)  # 2022 to 2025
    found = Figures(rows).mean("x", "income", span(2025, 3))
    assert isinstance(found, Held)
    assert (found.value, found.unit) == (20, "EUR")  # (10 + 20 + 30)/3: 2025 is not before 2025
    assert [row.year for row in found.rows] == [2022, 2023, 2024]


def test_a_mean_over_fewer_years_is_a_gap_that_names_them() -> None:
    found = Figures(incomes(10, 20, first=2024)).mean("x", "income", range(2022, 2026))
    assert found == gap("x", Reason.MISSING, "income", years="2022, 2023", first=2022, last=2025)
    assert isinstance(found, Gap)
    assert (
        found.text("en") == "x: disposable income per head missing for 2022, 2023; 2022 to 2025 are needed."
    )
    assert found.text("de") == (
        "x: verfügbares Einkommen je Einwohner fehlt für 2022, 2023; gebraucht werden 2022 bis 2025."
    )


def test_years_in_two_units_have_no_mean() -> None:
    rows = [*incomes(10, 20), figure("x", "income", 2025, 30, "PPS")]
    assert Figures(rows).mean("x", "income", YEARS) == gap("x", Reason.MIXED, "income", units="EUR, PPS")


def test_a_mean_of_zero_is_nothing_to_compare_with() -> None:
    rows = [figure("x", "tax_capacity", year, 0, "EUR") for year in YEARS]
    found = Figures(rows).mean("x", "tax_capacity", YEARS)
    assert found == gap("x", Reason.NOT_POSITIVE, "tax_capacity", first=2023, last=2025)


def test_two_figures_of_one_year_are_refused() -> None:
    with pytest.raises(Refused, match="two figures"):
        Figures([*incomes(1), *incomes(2)])


def test_incomes_of_another_currency_are_converted_year_by_year() -> None:
    rows = [
        *incomes(80, 90, 110, unit="PLN"),
        *(
            figure("x", "exchange_rate", year, rate, "PLN/EUR")
            for year, rate in zip(YEARS, (4, 5, 5), strict=True)
        ),
    ]
    found = Figures(rows).income(member("x", currency="PLN"), "EUR", YEARS)
    assert isinstance(found, Held)
    assert (found.value, found.unit) == (20, "EUR")  # 80/4 + 90/5 + 110/5 = 20 + 18 + 22 = 60
    assert len(found.rows) == 6  # with the rates: whatever was used can be looked up


def test_incomes_in_the_currency_of_the_fund_or_in_purchasing_power_need_no_rate() -> None:
    for unit in ("EUR", "PPS_EU27_2020_HAB"):
        found = Figures(incomes(10, 20, 30, unit=unit)).income(member("x", currency="PLN"), "EUR", YEARS)
        assert isinstance(found, Held)
        assert (found.value, found.unit) == (20, unit)


def test_an_income_that_cannot_be_converted_is_a_gap() -> None:
    poland = member("x", currency="PLN")
    foreign = Figures(incomes(1, 2, 3, unit="USD")).income(poland, "EUR", YEARS)
    assert isinstance(foreign, Gap)
    assert foreign.text("en") == "x: disposable income per head in USD; expected is EUR, PLN, PPS…."
    lacking = Figures(incomes(1, 2, 3, unit="PLN")).income(poland, "EUR", YEARS)
    assert lacking == gap(
        "x", Reason.MISSING, "exchange_rate", years="2023, 2024, 2025", first=2023, last=2025
    )
    upside_down = [figure("x", "exchange_rate", year, "0.2", "EUR/PLN") for year in YEARS]
    turned = Figures([*incomes(1, 2, 3, unit="PLN"), *upside_down]).income(poland, "EUR", YEARS)
    assert turned == gap("x", Reason.FOREIGN, "exchange_rate", unit="EUR/PLN", expected="PLN/EUR")
    nothing = [figure("x", "exchange_rate", year, 0, "PLN/EUR") for year in YEARS]
    zero = Figures([*incomes(1, 2, 3, unit="PLN"), *nothing]).income(poland, "EUR", YEARS)
    assert zero == gap("x", Reason.NOT_POSITIVE, "exchange_rate", first=2023, last=2025)


def test_what_is_due_is_converted_at_the_rate_of_the_year_before() -> None:
    rows = constant("x", {"exchange_rate": (4, "PLN/EUR")}, [2024]) + constant(
        "x", {"exchange_rate": (5, "PLN/EUR")}, [2025]
    )
    found = Figures(rows).rate(member("x", currency="PLN"), "EUR", 2026)
    assert isinstance(found, Held)
    assert found.value == 5
    assert isinstance(Figures(rows).rate(member("x", currency="PLN"), "EUR", 2027), Gap)
    same = Figures(()).rate(member("x"), "EUR", 2026)
    assert same == Held(Fraction(1), "EUR/EUR", ())


def test_only_like_is_compared_with_like() -> None:
    held = {
        "a": Held(Fraction(1), "EUR", ()),
        "b": Held(Fraction(1), "PPS", ()),
        "c": Held(Fraction(2), "EUR", ()),
    }
    assert set(unlike(held, "income", None)) == {"a", "b", "c"}  # nobody can say which is right
    assert unlike(held, "income", "EUR") == {"b": gap("b", Reason.UNLIKE, "income", unit="PPS", others="EUR")}
    assert unlike({"a": held["a"], "c": held["c"]}, "income", None) == {}


def test_every_gap_and_every_kind_has_words_in_both_languages() -> None:
    german = catalogue("de")
    assert set(TEMPLATES) == set(Reason)
    assert set(KINDS) == set(FigureKind)
    assert not [text for text in (*TEMPLATES.values(), *KINDS.values()) if text not in german]


def test_the_figures_of_the_examples_are_complete() -> None:
    assert isinstance(known().mean("a", "inhabitants", YEARS), Held)
