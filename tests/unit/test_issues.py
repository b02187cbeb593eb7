"""Issues say where, what, what was expected and what happens now, in both languages."""

import re
import string

import pytest

from bilanz.errors import UnknownName
from bilanz.issues import Issue, text
from bilanz.kinds import CATALOGUE, Severity, kind


def test_the_house_wording() -> None:
    issue = Issue("not_a_number", 118, "Verbrauch", "1.234,5O", {"expected": "1.234,56"})
    assert text(issue, "en", file="lastgang.csv") == (
        'lastgang.csv, row 118, column "Verbrauch": "1.234,5O" is not a number (1.234,56 expected). '
        "The row was not imported."
    )
    assert text(issue, "de", file="lastgang.csv").startswith("lastgang.csv, Zeile 118, Spalte „Verbrauch“: ")


def test_an_unknown_code_is_a_defect() -> None:
    with pytest.raises(UnknownName):
        kind("no_such_code")


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_every_kind_has_a_text_and_a_remedy(code: str) -> None:
    entry = CATALOGUE[code]
    assert re.fullmatch(r"[a-z][a-z0-9_]*", code)
    assert entry.text.endswith((".", "?"))
    assert entry.remedy.endswith((".", "?"))


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_every_kind_can_be_written_in_both_languages(code: str) -> None:
    fields = {name for _, name, _, _ in string.Formatter().parse(CATALOGUE[code].text) if name}
    issue = Issue(code, 7, "Menge", "x", dict.fromkeys(fields - {"value", "column"}, "y"))
    english, german = text(issue, "en", file="a.csv"), text(issue, "de", file="a.csv")
    assert english != german
    assert "{" not in english + german


def test_errors_say_that_the_row_was_not_imported() -> None:
    said = [entry.text for entry in CATALOGUE.values() if entry.severity is Severity.ERROR]
    assert said
    assert not [text_ for text_ in said if "imported" not in text_ and "missing" not in text_]
