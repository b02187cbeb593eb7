from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilanz.messages import Language
from reports import numbers

NBSP = numbers.NBSP


@pytest.mark.parametrize(
    ("value", "digits", "german", "english"),
    [
        (Decimal("1234.56"), 1, "1.234,6", "1,234.6"),
        (Decimal("1234567.25"), 1, "1.234.567,2", "1,234,567.2"),  # half-even
        (Decimal("-12.5"), 1, "−12,5", "−12.5"),
        (0, 1, "0,0", "0.0"),
        (Decimal(0), 0, "0", "0"),
        (Decimal("0.04"), 1, f"<{NBSP}0,1", f"<{NBSP}0.1"),
        (Decimal("-0.04"), 1, "> −0,1", "> −0.1"),
        (Decimal("0.05"), 1, "0,0", "0.0"),  # half-even: the bound starts below the half
        (35_040, 0, "35.040", "35,040"),
        (None, 1, "keine Angabe", "not stated"),
    ],
)
def test_decimal(value: Decimal | int | None, digits: int, german: str, english: str) -> None:
    assert numbers.decimal(value, "de", digits=digits) == german
    assert numbers.decimal(value, "en", digits=digits) == english


def test_masses_and_energies_carry_their_unit() -> None:
    assert numbers.tonnes(Decimal("1234567.8"), "de") == f"1.234,6{NBSP}t{NBSP}CO₂e"
    assert numbers.megawatt_hours(Decimal(42_000), "en") == f"42.0{NBSP}MWh"
    assert numbers.tonnes(None, "de") == "keine Angabe"
    assert numbers.money(Decimal("1999.6"), "EUR", "de") == f"2.000{NBSP}EUR"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, f"100,0{NBSP}%"),
        (0.99996, f">{NBSP}99,9{NBSP}%"),
        (0.5, f"50,0{NBSP}%"),
        (0.0, f"0,0{NBSP}%"),
        (0.00001, f"<{NBSP}0,1{NBSP}%"),
        (None, "keine Angabe"),
    ],
)
def test_only_what_is_complete_reads_hundred_percent(value: float | None, text: str) -> None:
    assert numbers.share(value, "de") == text


def test_months_and_times() -> None:
    assert numbers.month(date(2025, 3, 1), "de") == "März 2025"
    assert numbers.validity(date(2025, 1, 1), date(2026, 1, 1), "de") == "01.01.2025 – 31.12.2025"
    assert numbers.validity(date(2025, 1, 1), None, "en") == "from Jan 1, 2025"
    assert numbers.validity(None, date(2026, 1, 1), "de") == "bis 31.12.2025"
    assert numbers.validity(None, None, "de") is None
    assert numbers.instant("2026-01-15T09:30:00+00:00", "de") == "15.01.2026, 09:30 UTC"
    assert numbers.instant("2026-01-15T09:30:00Z", "en") == "Jan 15, 2026, 09:30 UTC"
    assert numbers.instant("yesterday", "de") == "yesterday"
    assert numbers.instant(None, "de") == "keine Angabe"


@given(
    st.decimals(min_value=-(10**12), max_value=10**12, places=6, allow_nan=False),
    st.sampled_from(["de", "en"]),
    st.integers(min_value=0, max_value=3),
)
def test_what_is_shown_is_the_value_to_half_a_digit(value: Decimal, language: Language, digits: int) -> None:
    text = numbers.decimal(value, language, digits=digits)
    bound = Decimal(1).scaleb(-digits)
    if text.startswith(("<", ">")):
        assert 0 < abs(value) < bound / 2
        return
    decimal_sign, thousands_sign = (",", ".") if language == "de" else (".", ",")
    plain = text.replace(thousands_sign, "").replace(decimal_sign, ".").replace("−", "-")
    assert abs(Decimal(plain) - value) <= bound / 2
    assert value == 0 or Decimal(plain) != 0 or abs(value) == bound / 2
