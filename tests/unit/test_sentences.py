"""What the engine says is kept without words and said in both languages."""

import json

import pytest

from bilanz.app.explaining.explanation import TENURES
from bilanz.app.explaining.steps import KINDS
from bilanz.app.shown.summary import BOOK_FOLDER
from bilanz.books import read_all
from bilanz.messages import LANGUAGES, Language, catalogue
from bilanz.organisation import Tenure
from bilanz.sentences import CHAINS, TEMPLATES, Remark, packed, say, worded
from reports.names import ASSUMPTIONS
from reports.reasons import REASONS

TABLES = {"sentences": TEMPLATES, "chains": CHAINS, "kinds of steps": KINDS, "tenures": TENURES}


@pytest.mark.parametrize("table", TABLES)
def test_every_text_of_a_table_is_there_in_german(table: str) -> None:
    assert [text for text in TABLES[table].values() if text not in catalogue("de")] == []


def test_every_tenure_has_a_name() -> None:
    assert set(TENURES) == {tenure.value for tenure in Tenure}


def test_a_column_holds_no_words_and_says_the_same_in_both_languages() -> None:
    remarks = [
        Remark("uba:2010", say("too_old", years=13, allowed=2)),
        Remark("", say("other_chain", chains="direct upstream")),
    ]
    stored = packed(remarks)
    assert json.loads(stored) == [
        ["uba:2010", "too_old", {"allowed": "2", "years": "13"}],
        ["", "other_chain", {"chains": "direct upstream"}],
    ]
    assert worded(stored, "en") == (
        "uba:2010: 13 years older than the activity; the book allows 2; "
        "holds only direct emissions, the upstream part"
    )
    assert worded(stored, "de") == (
        "uba:2010: 13 Jahre älter als die Aktivität; das Bilanzbuch lässt 2 zu; "
        "enthält nur direkte Emissionen, die Vorkette"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_needs_no_words_is_shown_as_it_is(language: Language) -> None:
    assert packed([]) == ""
    assert worded("", language) == worded(None, language) == ""
    assert worded("geg:2020:wood → Hi", language) == "geg:2020:wood → Hi"


def test_every_assumption_and_exception_of_the_engine_has_words() -> None:
    rules = [
        rule
        for book in read_all(BOOK_FOLDER).values()
        for family in book.families
        for rule in (*family.sources, *family.upstream)
    ]
    said = {rule.code for rule in rules if rule.code} | {
        "outside_validity",
        "basis_unstated",
        "foreign_property",
        "later_property",
        "co2_only",
        "no_upstream",
        "source_assumed",
        "spend_classified",
    }
    assert len(rules) > 10
    assert said <= set(ASSUMPTIONS)
    codes = {"no_source", "no_factor", "group_missing", "basis_missing", "basis", "unit_mismatch"}
    assert codes | {"gwp_missing", "too_large", "activity_unknown", "instalment_open"} <= set(REASONS)
