"""Every reason has words in both languages."""

from datetime import date
from string import Formatter

import pytest

from bilanz.fund.effect.reason import FLAGS, LEFT_OUT, NOT_ASSESSABLE, LeftOut, because, refuse
from bilanz.messages import catalogue

TEXTS = {**NOT_ASSESSABLE, **FLAGS, **LEFT_OUT}


@pytest.mark.parametrize("code", sorted(TEXTS))
def test_every_reason_has_a_german_text_with_the_same_facts(code: str) -> None:
    german = catalogue("de")[TEXTS[code]]
    named = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in (TEXTS[code], german)]
    assert named[0] == named[1]


def test_no_code_stands_for_two_things() -> None:
    assert len(TEXTS) == len(NOT_ASSESSABLE) + len(FLAGS) + len(LEFT_OUT)


def test_a_reason_says_its_facts() -> None:
    found = refuse("poor_model", error=31, limit=25).reason
    assert found.text("en") == "The baseline model misses the measured months by 31 %; 25 % is the limit."
    assert because("no_use").text("de").startswith("Es ist keine Nutzungsgröße erklärt")
    assert LeftOut(date(2022, 2, 1), "works").text("de") == "es wurde gebaut"
