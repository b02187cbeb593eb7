"""What the page says about targets."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from unit.reports.synthetic import YEAR, frame, full_result

from bilanz.messages import LANGUAGES, Language, catalogue
from bilanz.plan import GROWTH_SCHEMA, MEASURE_SCHEMA, TARGET_SCHEMA, Status
from bilanz.result import Beside, Result
from bilanz.targets import Plan, Reason, Series, Verdict, pathways
from reports import words
from reports.base import Panel, Wording
from reports.numbers import NBSP
from reports.sections.pathway import Pathway

TARGET: dict[str, Any] = {
    "id": "T 1/ä",
    "organisation": "stadt",
    "book": "bisko",
    "scopes": "1,2",
    "base_year": YEAR - 5,
    "base_t": Decimal(1000),
    "base_source": "report",
    "target_year": YEAR + 5,
    "reduction": Decimal("0.5"),
    "path": "linear",
    "evidence": "council",
}
MEASURE: dict[str, Any] = {
    "id": "M-1",
    "organisation": "rathaus",
    "title": "Roof",
    "starts_on": date(YEAR + 1, 1, 1),
    "effect_kg": Decimal(5000),
    "activity": "natural_gas",
    "status": "planned",
    "evidence": "report",
}


def panels(language: Language, **change: Any) -> list[Panel]:  # noqa: ANN401 - cells of a target
    return Pathway().panels(resolved(**change), Wording(language))


def resolved(**change: Any) -> Result:  # noqa: ANN401 - cells of a target
    result = full_result()
    plan = Plan(
        frame([TARGET | change], dict(TARGET_SCHEMA)),
        frame([MEASURE], dict(MEASURE_SCHEMA)),
        frame([], dict(GROWTH_SCHEMA)),
    )
    found = pathways(result, (), plan, {book: frozenset({"natural_gas"}) for book in result.manifest.books})
    beside = Beside(targets=found.targets, paths=found.points, measures=plan.measures, effects=found.effects)
    return replace(result, beside=beside)


def test_a_target_says_where_it_stands_and_why() -> None:
    target, measures = panels("en")
    finding = target.finding.replace(NBSP, " ")
    # half of ten years: 1000 · (1 − 0.5 · 0.5) = 750 t
    assert "; the path says 750.0 t CO₂e." in finding
    assert "Stadt Musterhafen: 50.0 % less until 2030" in target.heading.replace(NBSP, " ")
    assert target.identifier == "pathway-T-201-2f-e4"
    assert [column.name for column in target.columns] == ["year", "path", "actual", "frozen", "measures"]
    assert "Evidence: council." in target.note
    assert "its boundary was not checked" in target.note
    assert measures.table["title"].to_list() == ["Roof"]


def test_a_budget_says_what_is_left_only_where_every_year_is_known() -> None:
    target, _ = panels("en", path="budget", budget_t=Decimal(5000))
    assert "Not every year since 2020 has been calculated." in target.finding
    assert "used since 2020: not stated" in target.finding
    target, _ = panels("en", path="budget", budget_t=Decimal(5000), base_year=YEAR - 1)
    assert "At constant emissions the budget ends in" in target.finding


def test_supplementary_books_are_left_out() -> None:
    assert Pathway().panels(full_result(), Wording("en")) == []
    shown = Pathway().panels(resolved(), Wording("en", supplementary=frozenset({"bisko"})))
    assert [panel.identifier for panel in shown] == ["pathway-measures"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_words(language: Language) -> None:
    for table, codes in (
        (words.SERIES, Series),
        (words.VERDICTS, Verdict),
        (words.REASONS, Reason),
        (words.STATUSES, Status),
    ):
        assert set(table) == set(codes)
        known = catalogue(language)
        assert not known or not [text for text in table.values() if text not in known]
    known = catalogue(language)
    assert not known or not [
        text for text in (*words.CAUSES.values(), *words.ASSUMED.values()) if text not in known
    ]
