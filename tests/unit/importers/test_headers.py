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


def is_number(addition: str) -> bool:
    return addition.isdigit()


def test_a_field_takes_only_additions_that_leave_its_meaning_alone() -> None:
    field = Field("quantity", ("Menge",), is_required=True, takes=is_number, is_measure=True)
    for header, addition in (("Menge (12)", "12"), ("Menge 12", "12"), ("Menge in 12", "12")):
        assert match([header], [field]).brackets == {"quantity": addition}
    for header in ("Menge (Plan)", "Menge Plan"):
        found = match([header], [field])
        assert found.missing == (field,)
        assert found.near(field) == [header]


def test_a_column_that_might_be_meant_as_well_is_a_rival() -> None:
    found = match(["Menge", "Verbrauch", "Menge [2]", "Menge"], FIELDS)
    assert [issue.value for issue in found.rival_issues({"quantity"})] == ["Verbrauch", "Menge [2]"]
    assert not found.rival_issues({"unit"})
    assert found.doubled({"quantity", "unit"}) == {"Menge": [0, 3]}
    assert not found.doubled({"unit"})
