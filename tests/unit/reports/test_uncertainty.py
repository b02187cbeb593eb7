"""The section on uncertainty, and intervals where totals stand."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from unit.reports.synthetic import BOOKS, empty_result, full_result

from bilanz.messages import LANGUAGES, Language, catalogue
from bilanz.result import Beside, Result
from bilanz.uncertainty import INTERVAL_SCHEMA, Options, intervals
from factors.halfwidths import shipped
from reports import intervals as shown
from reports.base import Panel, Wording
from reports.numbers import NBSP
from reports.sections.headline import Headline
from reports.sections.uncertainty import Uncertainty

FAST = Options(draws=2_000)


def year_before() -> Result:
    """A tenth more of everything the year before."""
    result = full_result()
    more = result.lines.with_columns((pl.col("co2e_kg") * pl.lit(Decimal("1.1"))).cast(pl.Decimal(38, 12)))
    return replace(result, lines=more, manifest=replace(result.manifest, year=2024))


def with_intervals(earlier: Result | None = None) -> Result:
    result = full_result()
    return replace(result, beside=Beside(intervals=intervals(result, shipped(), earlier, FAST)))


RESULT = with_intervals(year_before())


def panels(result: Result, language: Language = "en") -> dict[str, Panel]:
    return {panel.identifier: panel for panel in Uncertainty().panels(result, Wording(language))}


def row(kind: str = "total", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any column
    told = {
        "kind": kind,
        "book": "bisko",
        "co2e_kg": Decimal(1_192_800),
        "low_kg": 1_081_234.0,
        "high_kg": 1_312_345.0,
    }
    return dict.fromkeys(INTERVAL_SCHEMA) | told | more


def test_a_span_shows_no_digit_more_than_is_known() -> None:
    # half of 1 312 345 − 1 081 234 is 115 556 kg: two digits of it are tens of tonnes
    assert shown.span(row(), "en") == f"1,080 to 1,310{NBSP}t{NBSP}CO₂e"
    assert shown.value(row(), "de") == f"1.190{NBSP}t{NBSP}CO₂e"
    # half of 30 kg is 15 kg: to the kilogram
    narrow = row(co2e_kg=Decimal(5_000), low_kg=4_985.0, high_kg=5_015.0)
    assert shown.span(narrow, "de") == f"4,985 bis 5,015{NBSP}t{NBSP}CO₂e"
    assert shown.span(None, "en") == shown.span(row(low_kg=None), "en") == "not computed"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_panel_in_both_languages(language: Language) -> None:
    found = panels(RESULT, language)
    assert [*found] == [
        f"uncertainty-{name}" for name in ("totals", "changes", "contributions", "inputs", "qualities")
    ]
    for panel in found.values():
        assert panel.finding.endswith(".")
        assert panel.table.height > 0
        assert {column.name for column in panel.columns} <= set(panel.table.columns)


def test_totals_and_scopes_stand_with_both_approaches() -> None:
    table = panels(RESULT)["uncertainty-totals"].table
    assert table.height == 3 + 3 + 3 + 3  # three books; scopes 1, 2, memo and twice 1, 2, 3
    first = table.row(0, named=True)
    assert first["co2e_kg"] == Decimal(1_192_800)
    # 117 123 of 1 192 800, by the half widths shipped
    assert first["relative"] == pytest.approx(0.0982, abs=0.0001)


def test_a_difference_is_said_only_where_the_interval_excludes_zero() -> None:
    # −10 % where factors cancel and quantities hold ± 5 %: known; a change of nothing is not
    table = panels(RESULT)["uncertainty-changes"].table
    assert table["is_different"].to_list()[0] == "yes"
    same = replace(full_result(), manifest=replace(full_result().manifest, year=2024))
    found = panels(with_intervals(same))["uncertainty-changes"]
    assert set(found.table["is_different"]) == {"not known"}
    assert "not known to differ from 2024" in found.finding


def test_inputs_name_what_nobody_confirmed() -> None:
    found = panels(RESULT)["uncertainty-inputs"]
    known = set(found.table["standing"])
    assert {"read in the source", "not confirmed", "proposal of this program"} <= known
    # every factor of the made-up books rests on a default that nobody confirmed
    assert found.finding.count(f"100.0{NBSP}%") == 3


def test_only_the_quality_of_quantities_stands_without_intervals() -> None:
    assert [*panels(full_result())] == ["uncertainty-qualities"]
    assert not panels(empty_result())
    table = panels(full_result())["uncertainty-qualities"].table
    # bisko: measured 184 800 + 624 000, billed 237 600 + 146 400 of 1 192 800
    assert table.rows()[:2] == [
        (
            "Municipal facilities by the BISKO method",
            "measured",
            Decimal(808_800),
            pytest.approx(808_800 / 1_192_800),
        ),
        (
            "Municipal facilities by the BISKO method",
            "billed",
            Decimal(384_000),
            pytest.approx(384_000 / 1_192_800),
        ),
    ]


def test_the_headline_shows_the_interval_on_every_card_and_in_the_basis() -> None:
    found = {panel.identifier: panel for panel in Headline().panels(RESULT, Wording("en"))}
    cards = [dict(card.details) for card in found["headline-totals"].cards]
    assert len(cards) == len(BOOKS)
    for card, book in zip(cards, BOOKS, strict=True):
        assert card["95 % interval"] == shown.span(shown.of_total(RESULT, book), "en")
        assert " to " in card["95 % interval"]
        assert "measured" in card["Basis of the quantities"]
    statement = dict(found["headline-basis"].table.rows())["95 % interval"]
    assert "2,000 draws" in statement
    assert "different from 2024 by" in statement


def test_every_default_has_a_german_name_and_origin() -> None:
    known = catalogue("de")
    for column in ("title", "note"):
        assert not [text for text in shipped()[column].drop_nulls() if text not in known]
    told = panels(RESULT, "de")["uncertainty-inputs"].table["source"]
    assert any(text.endswith(": Oberes Ende der Spanne") for text in told)
