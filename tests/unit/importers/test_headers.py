import pytest

from bilanz.errors import FileRefused
from importers.columns.headers import Field, match

FIELDS = (
    Field("start", ("Beginn", "von"), is_required=True),
    Field("quantity", ("Menge", "Verbrauch"), is_required=True),
    Field("unit", ("Einheit",)),
)


def test_case_accents_and_punctuation_do_not_count() -> None:
    found = match(["BEGINN:", "Ménge", " einheit "], FIELDS)
    assert dict(found.positions) == {"start": 0, "quantity": 1, "unit": 2}
    assert found.missing == ()


def test_parts_of_a_name_never_match() -> None:
    found = match(["Beginn", "Diesel #2 Menge"], FIELDS)
    assert "quantity" not in found.positions
    assert found.unused == (1,)


def test_each_column_is_consumed_once() -> None:
    found = match(["Menge"], (Field("a", ("Menge",)), Field("b", ("Menge",))))
    assert dict(found.positions) == {"a": 0}


def test_earlier_spelling_wins_and_the_other_column_is_left_over() -> None:
    found = match(["Verbrauch", "Menge", "von"], FIELDS)
    assert found.positions["quantity"] == 1
    assert found.unused == (0,)


def test_text_in_brackets_is_kept() -> None:
    found = match(["von", "Menge [kWh]"], FIELDS)
    assert found.positions["quantity"] == 1
    assert found.brackets == {"quantity": "kWh"}
    assert found.title("quantity") == "Menge [kWh]"


def test_repeated_headers_are_said_and_the_first_is_read() -> None:
    found = match(["Beginn", "Menge", "Menge", "", ""], FIELDS)
    assert found.positions["quantity"] == 1
    assert [issue.value for issue in found.duplicate_issues()] == ["Menge"]


def test_missing_column_is_refused_with_near_misses() -> None:
    found = match(["Begin", "Mengen", "Einheit"], FIELDS)
    with pytest.raises(FileRefused) as caught:
        found.require("a.csv")
    assert caught.value.code == "missing_column"
    assert caught.value.parameters["missing"] == "Beginn, Menge"
    assert caught.value.parameters["near"] == "Beginn ← Begin; Menge ← Mengen"
