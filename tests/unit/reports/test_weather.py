"""What the page says about weather."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from unit.reports.synthetic import YEAR, frame, full_result

from bilanz.messages import LANGUAGES, Language
from bilanz.result import Beside
from bilanz.weathercorrection import WEATHER_SCHEMA, State
from reports import table
from reports.base import Panel, Wording
from reports.numbers import NBSP
from reports.sections.weather import STATES, Weather

DONE: dict[str, Any] = {
    "year": YEAR,
    "organisation": "rathaus",
    "source": "G-17",
    "activity": "natural_gas",
    "basis": "Hs",
    "measured_kwh": Decimal(1_000_000),
    "heating_share": Decimal("0.8"),
    "definition": "eurostat_hdd",
    "place": "DE",
    "ratio": Decimal("1.2"),
    "corrected_kwh": Decimal(1_160_000),
    "state": "corrected",
}
LEFT = DONE | {"source": "G-18", "heating_share": None, "corrected_kwh": None, "state": "no_share"}


def panels(language: Language, *rows: dict[str, Any]) -> list[Panel]:
    seen = replace(full_result(), beside=Beside(weather=frame(list(rows), dict(WEATHER_SCHEMA))))
    return Weather().panels(seen, Wording(language))


def test_measured_stands_beside_corrected_and_what_is_left() -> None:
    first, second = panels("en", DONE, LEFT)
    assert first.finding.replace(NBSP, " ") == (
        "Natural gas (Hs): 1,000.0 MWh were used in 2025; in a year of normal weather it would have been "
        "1,160.0 MWh."
    )
    read = [cell.text for cell in table.rows(first, "en")[0]]
    assert read == ["Natural gas", "Hs", "2025", "1", "1,000.0", "1,160.0", "1", "1,000.0"]
    assert second.finding == "Sources that were not corrected: 1 of 2."
    assert second.table["state"].to_list() == ["The heating share of the source is not stated."]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_balance_is_corrected_and_the_page_says_so(language: Language) -> None:
    (panel,) = panels(language, DONE)
    assert "BISKO" in panel.note


def test_without_a_view_there_is_no_section() -> None:
    assert Weather().panels(full_result(), Wording("en")) == []
    assert panels("en") == []


def test_every_state_has_a_sentence() -> None:
    assert set(STATES) == set(State) - {State.CORRECTED}
