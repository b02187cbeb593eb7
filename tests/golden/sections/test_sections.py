"""Every panel of every section as a reader sees it, for one made-up result, in both languages.

One JSON file per section and language. `--golden-update` rewrites them (where the option is known, else the
environment variable `BILANZ_GOLDEN_UPDATE=1`); the difference is read before it is committed.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from unit.reports.synthetic import full_result

from bilanz.messages import LANGUAGES, Language
from reports import table
from reports.base import Panel, Section, Wording, sections_found

HERE = Path(__file__).parent
SECTIONS = list(sections_found())


def as_read(panel: Panel, language: Language) -> dict[str, Any]:
    foot = table.totals(panel, language)
    return {
        "identifier": panel.identifier,
        "heading": panel.heading,
        "finding": panel.finding,
        "note": panel.note,
        "cards": [
            {"heading": card.heading, "value": card.value, "details": card.details} for card in panel.cards
        ],
        "headers": [" / ".join(filter(None, (head.text, head.unit))) for head in table.headers(panel)],
        "rows": [[cell.text for cell in row] for row in table.rows(panel, language)],
        "foot": None if foot is None else [cell.text for cell in foot],
        "chart": None if panel.figure is None else [trace.type for trace in panel.figure.data],
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.name)
def test_section(section: Section, language: Language, request: pytest.FixtureRequest) -> None:
    found = [as_read(panel, language) for panel in section.panels(full_result(), Wording(language))]
    path = HERE / f"{section.name}.{language}.json"
    text = json.dumps(found, ensure_ascii=False, indent=1) + "\n"
    if request.config.getoption("--golden-update", default=False) or os.environ.get("BILANZ_GOLDEN_UPDATE"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_every_expectation_belongs_to_a_section() -> None:
    expected = {f"{section.name}.{language}.json" for section in SECTIONS for language in LANGUAGES}
    assert {path.name for path in HERE.glob("*.json")} == expected
