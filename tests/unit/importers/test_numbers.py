from decimal import Decimal

import polars as pl
import pytest

from importers.columns import numbers
from importers.columns.numbers import Ambiguous, NumberFormat

GERMAN = NumberFormat(",", ".")


def column(*values: str | None) -> pl.Series:
    return pl.Series("x", values, dtype=pl.String)


def read(*values: str | None, declared: str | None = None) -> list[Decimal | None]:
    series = column(*values)
    fmt = numbers.decide_series(series, declared)
    assert isinstance(fmt, NumberFormat)
    found = series.to_frame().select(numbers.to_decimal(pl.col("x"), fmt)).to_series()
    assert found.equals(numbers.read_series(series, fmt), null_equal=True)
    return found.to_list()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9,99", "9.99"),
        ("1.234,56", "1234.56"),
        ("1.000.000", "1000000"),
        ("1,000,000.5", "1000000.5"),
        ("1'234.5", "1234.5"),
        ("1’234.5", "1234.5"),
        ("1 234,5", "1234.5"),
        ("1\u00a0234,5", "1234.5"),
        ("1\u202f234,5", "1234.5"),
        ("0.219", "0.219"),
        ("1.2345", "1.2345"),
        ("12345.678", "12345.678"),
        ("0", "0"),
        ("007", "7"),
        ("  12,5 ", "12.5"),
        ("-12,5", "-12.5"),
        ("−12,5", "-12.5"),
        ("12,5-", "-12.5"),
        ("+12,5", "12.5"),
        (",5", "0.5"),
        ("1e-3", "0.001"),
        ("1,2E+05", "120000"),
    ],
)
def test_each_spelling_has_one_value(text: str, expected: str) -> None:
    assert read(text) == [Decimal(expected)]
    fmt = numbers.decide_series(column(text))
    assert isinstance(fmt, NumberFormat)
    assert numbers.parse(text, fmt) == Decimal(expected)


@pytest.mark.parametrize(
    "text",
    ["#VALUE!", "n/a", "(12,5)", "12,5 kWh", "1,", "1.23,4", "1,2,3", "-5-", "1.2.3", "12:30", "1e999"],
)
def test_what_is_no_number_is_null_never_a_near_number(text: str) -> None:
    assert read("9,99", text) == [Decimal("9.99"), None]
    assert numbers.parse(text, GERMAN) is None


def test_blank_is_missing_and_zero_is_zero() -> None:
    series = column("0", "", "  ", None, "\u00a0", "1,5")
    assert read(*series) == [Decimal(0), None, None, None, None, Decimal("1.5")]
    blank = series.to_frame().select(numbers.is_blank(pl.col("x"))).to_series()
    assert blank.to_list() == [False, True, True, True, True, False]


@pytest.mark.parametrize("values", [("1.234",), ("1,234",), ("1.234", "12", "5.678"), ("9,99", "1.5")])
def test_a_column_nothing_decides_is_ambiguous_until_declared(values: tuple[str, ...]) -> None:
    found = numbers.decide_series(column(*values))
    assert found == Ambiguous(("1.234,56", "1,234.56"))
    assert isinstance(numbers.decide_series(column(*values), "1.234,56"), NumberFormat)


def test_a_declaration_decides() -> None:
    assert read("1.234", declared="1.234,56") == [Decimal(1234)]
    assert read("1.234", declared="1,234.56") == [Decimal("1.234")]
    assert read("1.234", "1234,5", declared="1234,56") == [None, Decimal("1234.5")]


def test_one_value_decides_for_all_others() -> None:
    assert read("1.234", "0.219") == [Decimal("1.234"), Decimal("0.219")]
    assert read("1.234", "9,99") == [Decimal(1234), Decimal("9.99")]


def test_contradicting_values_leave_each_its_only_reading_and_reject_the_rarer_kind() -> None:
    assert read("9,99", "1.5", "2,5") == [Decimal("9.99"), None, Decimal("2.5")]
    # but once a value could be either, nothing is sure
    assert isinstance(numbers.decide_series(column("9,99", "1.5", "2,5", "1.234")), Ambiguous)


@pytest.mark.parametrize(
    ("text", "decimal", "groups"),
    [("1.234,56", ",", "."), ("1,234.56", ".", ","), ("1234,56", ",", ""), ("1'234.56", ".", "'\u2019")],
)
def test_declared_formats_are_read(text: str, decimal: str, groups: str) -> None:
    assert numbers.parse_declared(text) == NumberFormat(decimal, groups)


@pytest.mark.parametrize("text", ["begin", "DD.MM.YYYY", "1.234.56", "12,5"])
def test_other_declarations_are_no_number_formats(text: str) -> None:
    assert numbers.parse_declared(text) is None


def test_the_label_shows_the_format() -> None:
    assert [GERMAN.label, NumberFormat(".", ",").label, NumberFormat(",").label] == [
        "1.234,56",
        "1,234.56",
        "1234,56",
    ]


def test_digits_beyond_six_are_rounded_half_even_and_the_change_is_told() -> None:
    values = ("0,1234565", "0,1234575", "0,120999999999185", "1,5")
    assert read(*values) == [Decimal(text) for text in ("0.123456", "0.123458", "0.121000", "1.5")]
    excess = column(*values).to_frame().select(numbers.excess(pl.col("x"), GERMAN)).to_series()
    # read - written: 0.123456 - 0.1234565, 0.123458 - 0.1234575, 0.121 - 0.120999999999185
    expected = ["-0.0000005", "0.0000005", "0.000000000000815"]
    assert excess.to_list() == [*map(Decimal, expected), None]


def test_a_number_too_large_for_a_reading_is_none() -> None:
    assert read("9999999999999,5", "10000000000000,5") == [Decimal("9999999999999.5"), None]
    assert numbers.parse("10000000000000,5", GERMAN) is None


def test_a_plain_column_is_read_as_any_other() -> None:
    series = column("0,820", "-1,5", "12", None, "1.234", "1,2,3", "x", "1-2", "")
    plain = NumberFormat(",", ".", is_plain=True)
    expected = [Decimal("0.82"), Decimal("-1.5"), Decimal(12), None, None, None, None, None, None]
    assert numbers.read_series(series, plain).to_list() == expected
    assert series.to_frame().select(numbers.to_decimal(pl.col("x"), plain)).to_series().to_list() == expected


def test_the_survey_streams() -> None:
    frame = column("9,99", "1.234", "", "x").to_frame().lazy()
    counts = frame.select(numbers.survey(pl.col("x")).alias("s")).collect(engine="streaming").item()
    expected = {"values": 3, "comma": 1, "point": 0, "open": 1, "plain": 2, "commas": 1, "points": 1}
    assert counts == expected


def test_an_ambiguous_column_names_its_candidates() -> None:
    issue = Ambiguous(("1.234,56", "1,234.56")).issue("Wert")
    assert (issue.code, issue.column, issue.parameters) == (
        "ambiguous_number",
        "Wert",
        {"candidates": "1.234,56 / 1,234.56"},
    )
