"""Which run a command means, where its page is written, and what a person reads."""

from pathlib import Path

import pytest
from toy import City, found_city

from bilanz.app.balances import calculate_year, explain_year, latest_result
from bilanz.app.cli.balance import explanation_lines
from bilanz.app.output.rendering import render_year
from bilanz.errors import Refused, UnknownName
from factors.base import catalogue


@pytest.fixture
def city(tmp_path: Path) -> City:
    return found_city(tmp_path)


def test_a_run_restricted_to_an_organisation_is_never_the_run_of_the_city(city: City) -> None:
    calculate_year(city.settings, 2024, organisation="depot")
    with pytest.raises(Refused, match="2024 has not been calculated yet"):
        latest_result(city.settings, 2024)
    assert latest_result(city.settings, 2024, "depot").manifest.organisation == "depot"
    whole = calculate_year(city.settings, 2024)
    assert latest_result(city.settings, 2024).manifest == whole.manifest
    with pytest.raises(Refused, match="for town yet: bilanz calculate --year 2024 --org town"):
        latest_result(city.settings, 2024, "town")
    with pytest.raises(UnknownName):
        calculate_year(city.settings, 2024, organisation="nowhere")


def test_the_page_of_an_organisation_has_a_name_of_its_own(city: City) -> None:
    calculate_year(city.settings, 2024)
    calculate_year(city.settings, 2024, organisation="depot")
    whole = render_year(city.settings, 2024, None)
    part = render_year(city.settings, 2024, None, "depot")
    assert (whole.name, part.name) == ("bilanz-2024.en.html", "bilanz-2024-depot.en.html")
    assert "<title>Town" in whole.read_text(encoding="utf-8")
    assert "<title>Depot" in part.read_text(encoding="utf-8")


def test_a_person_reads_the_candidates_and_what_was_left_off() -> None:
    line = {"title": "T", "steps": ["S"], "tried": ["uba:1990: zu alt"]}
    used = {"release_name": None, "factor_release": "0123456789abcdef"}
    assert explanation_lines({"lines": [line], "left_off": 7} | used, "de") == [
        "Faktoren: die aktuellen (0123456789ab)",
        "T",
        "  S",
        "  nicht genommen: uba:1990: zu alt",
        "7 weitere Zeilen sind weggelassen; Auswahl mit --org, --source, --activity, --month.",
    ]


def test_sentences_are_in_the_language_of_the_settings(city: City) -> None:
    found = explain_year(city.settings.model_copy(update={"lang": "de"}), 2024, book="bisko", gwp=None)
    used = {"release_name": None, "factor_release": catalogue().release}
    assert found == {"book": "bisko", "year": 2024, "lines": [], "left_off": 0} | used
