"""Every code the fund's money is judged by has a text in both languages."""

from enum import StrEnum
from importlib import import_module

import pytest

from bilanz.fund import claims, financed
from bilanz.fund.rates import shipped
from bilanz.messages import catalogue

MODULES = (
    *("attribution", "claims", "cost", "financed", "lateness", "liquidity", "rates", "spending", "thirds"),
    "unassessed",
)
TEXTS = {
    f"{module}.{name}": texts
    for module in MODULES
    for name, texts in vars(import_module(f"bilanz.fund.{module}")).items()
    if name.endswith("_TEXTS")
}


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_every_code_has_an_english_and_a_german_text(name: str) -> None:
    texts = TEXTS[name]
    (kind,) = {type(code) for code in texts}
    assert issubclass(kind, StrEnum)
    assert set(texts) == set(kind)
    assert not [text for text in texts.values() if text not in catalogue("de")]


def test_the_sentences_beside_figures_are_german_too() -> None:
    assert len(TEXTS) >= 13
    assert claims.SEPARATE in catalogue("de")
    assert financed.APART in catalogue("de")


def test_shipped_sets_speak_both_languages() -> None:
    texts = [one.validity for one in shipped().values() if one.validity]
    texts += [gap.reason for one in shipped().values() for gap in one.missing]
    assert len(texts) > 5
    assert not [text.en for text in texts if text.de == text.en or not text.de]
