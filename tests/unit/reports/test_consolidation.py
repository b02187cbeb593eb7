"""The section about levels, and the words it uses."""

from dataclasses import replace

import polars as pl
import pytest
from unit.reports.synthetic import full_result

from bilanz.consolidated import STATES, Consolidation
from bilanz.messages import LANGUAGES, Language, catalogue
from bilanz.organisation import DELIVERY_KINDS
from bilanz.result import Beside, Result
from reports import consolidation as words
from reports.base import Panel, Wording
from reports.sections.consolidation import ConsolidationSection


def panels(result: Result, language: Language = "en") -> dict[str, Panel]:
    return {panel.identifier: panel for panel in ConsolidationSection().panels(result, Wording(language))}


def found(result: Result) -> Consolidation:
    assert result.beside.consolidation is not None
    return result.beside.consolidation


def test_every_word_has_a_german_text() -> None:
    german = catalogue("de")
    for table in (words.APPROACHES, words.KINDS, words.STATES, words.REASONS, words.UNITS, words.GAPS):
        assert [text for text in table.values() if text not in german] == []
    assert set(words.STATES) == set(STATES)
    assert set(words.KINDS) == set(DELIVERY_KINDS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_consolidation_the_section_is_left_out(language: Language) -> None:
    assert panels(replace(full_result(), beside=Beside()), language) == {}


def test_a_single_organisation_has_no_levels() -> None:
    result = full_result()
    alone = replace(found(result), nodes=found(result).nodes.with_columns(members=pl.lit(0, pl.Int32)))
    assert panels(replace(result, beside=Beside(consolidation=alone))) == {}


def test_every_level_is_the_sum_of_its_parts() -> None:
    for book in full_result().manifest.books:
        table = panels(full_result())[f"consolidation-{book.replace('_', '-')}"].table
        masses = table.select("own", "outside", "minority", "eliminated", "consolidated").rows()
        assert masses
        assert all(own == sum(parts) for own, *parts in masses)


def test_a_missing_figure_is_named_and_gives_no_value() -> None:
    table = panels(full_result())["consolidation-ratios"].table
    town = table.filter(pl.col("organisation") == "Stadt Musterhafen", pl.col("floor_area_m2").is_null())
    assert town.height == 2  # the books that count purchases
    assert "Zentrale Beschaffungsstelle" in town["missing"][0]


def test_a_column_of_nothing_but_zero_is_left_out() -> None:
    columns = {column.name for column in panels(full_result())["consolidation-bisko"].columns}
    assert "eliminated" in columns
    assert "minority" not in columns
