"""Sentences of the engine, kept as a code and its facts until somebody reads them in a language.

    decision ──► Sentence ──► JSON in a column of the run ──► `worded` in German or English

A run is read for years, by people of both languages: it holds no text. Whatever is no such JSON (an
identifier, an interval) needs no words and is shown as it is.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from bilanz.messages import Language, translate

TEMPLATES: Final[Mapping[str, str]] = {
    # why a statement lost
    "outranked": "comes later by the rules of the book",
    "other_chain": "holds only {chains}",
    "too_new": "valid only from {valid_from}",
    "too_far_ahead": "valid only from {valid_from}; the book allows {allowed} years before",
    "too_old": "{years} years older than the activity; the book allows {allowed}",
    "method_refused": "shares what combined heat and power emits {method}; the book refuses that",
    "other_owner": "is an own factor of another organisation",
    # how far an instrument went
    "used_of": "{used} of {limit} kWh used; {evidence}",
    "used_unlimited": "{used} kWh used, no limit; {evidence}",
    "unused_of": "{unused} of {limit} kWh are left over: more than there is to cover",
    "exhausted": "exhausted: {used} of {limit} kWh used",
    "covers_nothing": "nothing was left for it to cover",
    "alike": "another own factor stands for the same",
    # why there is none
    "no_source": "the book names no source of factors for the activity",
    "nothing_near": "no source of the book holds the activity in this region and product group",
    "group_needed": "spend needs a product group, a CPV code or an account",
    "substance_needed": "a release needs the name of its substance, such as R410A",
    # why a quantity does not reach the unit of a factor
    "unit_unknown": "the unit {name} is not known",
    "unit_of_another": "the activity is not measured in {unit}",
    "no_basis": "{unit} without calorific basis",
    "no_way": "no heating value or density leads from {start} to {end}",
    "no_rate": "no exchange rate leads from {start} to {end} on {day}",
    "no_tax": "no tax rate {category} is known for {day}",
    # why a factor cannot be weighted
    "gwp_value": "{set} has no value for {gas}",
    "gwp_component": "{set} has no value for {gas}, a component of {blend}",
    "too_large": "{multiplier} kg per unit",
    # how sure a classification is
    "cpv_medium": "CPV code {code}: most of what it covers fits",
    "cpv_low": "CPV code {code}: a mixture; the likeliest product group was taken",
    "account_medium": "account {code}: most of what it covers fits",
    "account_low": "account {code}: a mixture; the likeliest product group was taken",
}

CHAINS: Final[Mapping[str, str]] = {
    "direct": "direct emissions",
    "upstream": "the upstream part",
    "total": "direct emissions and upstream part in one figure",
    "biogenic": "CO2 of biomass",
}

METHODS: Final[Mapping[str, str]] = {
    "exergy": "by exergy",
    "energy": "by energy",
    "efficiency": "by reference efficiencies",
    "finnish": "by the Finnish method",
    "credit": "by a credit for the electricity",
    "unstated": "by a method not stated",
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is to be said: a code of `TEMPLATES` and its facts, none of which is a word of a language."""

    code: str
    facts: tuple[tuple[str, str], ...] = ()

    def text(self, language: Language) -> str:
        """Return the sentence in a language."""
        facts = dict(self.facts)
        if "chains" in facts:
            facts["chains"] = _chains(facts["chains"], language)
        if "method" in facts:
            facts["method"] = translate(METHODS[facts["method"]], language)
        return translate(TEMPLATES[self.code], language, **facts)


def say(code: str, /, **facts: object) -> Sentence:
    """Return a sentence."""
    return Sentence(code, tuple((name, str(fact)) for name, fact in sorted(facts.items())))


def _chains(codes: str, language: Language) -> str:
    return ", ".join(translate(CHAINS[code], language) for code in codes.split())


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence about something: a `factor_id`, or nothing in particular (empty)."""

    subject: str
    sentence: Sentence

    def text(self, language: Language) -> str:
        """Return the remark in a language."""
        said = self.sentence.text(language)
        return f"{self.subject}: {said}" if self.subject else said


def packed(remarks: Iterable[Remark]) -> str:
    """Return remarks as JSON for a column: the same remarks give the same bytes."""
    rows = [[remark.subject, remark.sentence.code, dict(remark.sentence.facts)] for remark in remarks]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":")) if rows else ""


def worded(detail: str | None, language: Language) -> str:
    """Return what a column says in a language."""
    if not detail or not detail.startswith("[["):
        return detail or ""
    remarks = [Remark(subject, say(code, **facts)) for subject, code, facts in json.loads(detail)]
    return "; ".join(remark.text(language) for remark in remarks)
