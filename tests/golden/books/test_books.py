"""Sections that show what stands beside a run, as a reader sees them: statements, ISO, gases, causes.

`--golden-update`, or the environment variable `BILANZ_GOLDEN_UPDATE=1`, rewrites the files; the difference is
read before it is committed.
"""

import json
import os
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from golden.sections.test_sections import as_read
from ledger import gwp
from unit.reports.synthetic import BOOKS, frame, full_result

from bilanz import inventory, iso14064
from bilanz.compensation import COMPENSATION_SCHEMA, declared
from bilanz.disclosure import by_gas
from bilanz.messages import LANGUAGES, Language
from bilanz.reconciliation import reconciliation
from bilanz.result import Beside, Result
from reports.base import Section, Wording, sections_found

HERE = Path(__file__).parent
SHOWN = ("statements", "iso", "gases", "reconciliation", "administration", "compensation")
SECTIONS = [section for section in sections_found() if section.name in SHOWN]
PAIRS = {"ghgp_location": "ghgp_market", "ghgp_market": "ghgp_location"}  # stand in for the administration's


def with_views() -> Result:
    """Return the made-up year with one fuel by its gases, declarations and every view of the books."""
    result = full_result()
    gas = pl.col("activity") == "natural_gas"
    lines = result.lines.with_columns(
        gas=pl.when(gas).then(pl.lit("CO2")).otherwise("gas"),
        mass_kg=pl.when(gas).then("co2e_kg").otherwise("mass_kg"),
    )
    result = replace(result, lines=lines)
    told = inventory.Declared.model_validate(
        {
            "consolidation_approach": "operational_control",
            "base_year": 2019,
            "exclusions": (),
            "scope3": {
                "14": {"state": "not_relevant", "reason": "The town grants no franchises"},
                "15": {"state": "not_assessed", "reason": "Holdings are planned for next year"},
                "1": {"state": "not_relevant", "reason": "We buy nothing"},
            },
        }
    )
    sets = {book: gwp("AR5" if book == "bisko" else "AR6") for book in BOOKS}
    categories = inventory.scope3(result, BOOKS[1:], told)
    certificates = [
        {"id": "z1", "organisation": "rathaus", "year": 2025, "kind": "reduction", "tonnes": Decimal("120.5"),
         "standard": "Standard A", "evidence": "Register X 123", "cancelled_on": date(2026, 2, 1)},
        {"id": "z2", "organisation": "werke", "year": 2025, "kind": "removal", "tonnes": Decimal(3),
         "standard": "Standard B", "evidence": "Register Y 9"},
    ]  # fmt: skip
    return replace(
        result,
        beside=Beside(
            iso=iso14064.by_category(lines, BOOKS[1:], iso14064.mapping()),
            gases=by_gas(lines, {book: sets[book] for book in BOOKS[1:]}),
            reconciliation=pl.concat([reconciliation(result, BOOKS[0], book, sets) for book in BOOKS[1:]]),
            disclosures=inventory.disclosures(BOOKS[1], inventory.NEEDED, told, categories),
            scope3=categories,
            compensations=declared(frame(certificates, COMPENSATION_SCHEMA), 2025, ["rathaus", "werke"]),
        ),
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.name)
def test_section(section: Section, language: Language, request: pytest.FixtureRequest) -> None:
    panels = section.panels(with_views(), Wording(language, pairs=PAIRS))
    assert panels
    text = json.dumps([as_read(panel, language) for panel in panels], ensure_ascii=False, indent=1) + "\n"
    path = HERE / f"{section.name}.{language}.json"
    if request.config.getoption("--golden-update", default=False) or os.environ.get("BILANZ_GOLDEN_UPDATE"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_every_expectation_belongs_to_a_section() -> None:
    assert {path.name for path in HERE.glob("*.json")} == {
        f"{name}.{language}.json" for name in SHOWN for language in LANGUAGES
    }
