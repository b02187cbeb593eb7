"""The section about a territory as a reader sees it, for one made-up town, in both languages."""

import json
import os
from pathlib import Path

import pytest
from golden.sections.test_sections import as_read
from town import lindenau, with_view

from bilanz.messages import LANGUAGES, Language
from bilanz.result import Result
from reports.base import Wording
from reports.sections.territory import TerritoryBalance

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return with_view(lindenau(), tmp_path_factory.mktemp("town"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_section(result: Result, language: Language, request: pytest.FixtureRequest) -> None:
    found = [as_read(panel, language) for panel in TerritoryBalance().panels(result, Wording(language))]
    path = HERE / f"section.{language}.json"
    text = json.dumps(found, ensure_ascii=False, indent=1) + "\n"
    if request.config.getoption("--golden-update", default=False) or os.environ.get("BILANZ_GOLDEN_UPDATE"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
