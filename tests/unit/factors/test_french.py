"""French numbers, dates, places and units: one outcome each, and nothing guessed."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factors import french


@pytest.mark.parametrize(
    ("text", "comma", "point"),
    [
        ("9,99", "9.99", None),  # never 999
        ("0,00330", "0.00330", None),
        ("4,74E-3", "0.00474", None),
        ("1,35797546000000", "1.35797546000000", None),
        ("-1,5", "-1.5", None),
        ("2935", "2935", "2935"),
        ("12 345,6", "12345.6", None),
        ("12\u202f345", "12345", "12345"),
        ("1.234,56", "1234.56", None),
        ("1.234", None, "1.234"),
        ("1,234.5", None, "1234.5"),
        ("0.25", None, "0.25"),
        ("1,234", "1.234", None),
        ("12 34", None, None),
        ("1,2,3", None, None),
        ("1,5O", None, None),
        ("#VALUE!", None, None),
        ("", None, None),
    ],
)
def test_numbers_by_the_mark_of_their_column(text: str, comma: str | None, point: str | None) -> None:
    assert french.number(text, french.COMMA) == comma
    assert french.number(text, french.POINT) == point


@pytest.mark.parametrize(
    ("column", "mark"),
    [
        (["9,99", "1.234"], ","),
        (["1.234", "2.345"], ","),  # could be thousands: refused under the comma, never 1.234
        (["0.123", "5"], "."),
        (["1.25", "1.234"], "."),
        (["1.25", "1,5"], ","),
        (["12", ""], ","),
    ],
)
def test_the_mark_is_that_of_the_whole_column(column: list[str], mark: str) -> None:
    assert french.decimal_mark(column) == mark


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=6))
def test_what_is_written_with_a_comma_is_read_back(value: Decimal) -> None:
    assert Decimal(french.number(f"{value:f}".replace(".", ","), french.COMMA) or "NaN") == value


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("20/12/2021", None, "2021-12-21"),
        ("11/03/2024 00:00", None, "2024-03-12"),
        ("31-mars-21", None, "2021-04-01"),
        ("31-janv-23", None, "2023-02-01"),
        ("déc-18", None, "2019-01-01"),
        ("déc.-18", None, "2019-01-01"),
        ("Décembre 2017", None, "2018-01-01"),
        ("juin-24", None, "2024-07-01"),
        ("juil-24", None, "2024-08-01"),
        ("Année 2022", "2022-01-01", "2023-01-01"),
        ("2026", None, "2027-01-01"),
        ("", None, None),
        ("30/02/2021", None, "30/02/2021"),
        ("bientôt", None, "bientôt"),
    ],
)
def test_validities(text: str, start: str | None, end: str | None) -> None:
    assert french.period(text) == (start, end)


@pytest.mark.parametrize(
    ("text", "unit", "basis"),
    [
        ("kgCO2e/kWh PCI", "kWh", "Hi"),
        ("kgCO2e/kWh PCS", "kWh", "Hs"),
        ("kgCO2e/kWh", "kWh", ""),
        ("kgCO2e/litre", "l", ""),
        ("kgCO2e/Kg", "kg", ""),
        ("kgCO2e/tonne de déchets", "t", ""),
        ("kgCO2e/m²", "m2", ""),
        ("kgCO2e/m³", "m3", ""),
        ("kgCO2e/passager.km", "pkm", ""),
        ("kgCO2e/t.km", "tkm", ""),
        ("kgCO2e/keuro", "kEUR", ""),
        ("kgCO2e/k€", "kEUR", ""),
        ("kgCO2e/peq.km", "kgCO2e/peq.km", ""),
        ("gCO2e/kWh", "gCO2e/kWh", ""),
    ],
)
def test_units(text: str, unit: str, basis: str) -> None:
    assert french.unit(text) == (unit, basis)


def test_places() -> None:
    assert french.region("France continentale", "") == "FR"
    assert french.region("Monde", "") == "World"
    assert french.region("Autre pays du monde", "Allemagne") == "DE"
    assert french.region("Autre pays du monde", "Atlantide") == "Autre pays du monde"
