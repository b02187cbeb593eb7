"""Each indicator has a value or an explanation, and a figure of the balance is that of the balance."""

from decimal import Decimal
from pathlib import Path

import pytest
from golden.exports.made_up import INDICATORS, result

from bilanz.app.output.reporting import wording, write_export
from bilanz.errors import Refused
from bilanz.messages import LANGUAGES, Language
from reports.export import export
from reports.exports.indicators import told
from reports.indicator import FIGURES, Indicator
from reports.totals import total_of


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_value_or_an_explanation_never_neither(language: Language) -> None:
    run = result()
    rows = [told(entry, run, language) for entry in INDICATORS]
    assert all(value is not None or why for value, _, why, _ in rows)
    assert [value is not None for value, *_ in rows] == [True, True, False, False, True, False, False, False]


def test_a_figure_is_divided_by_what_the_organisations_state() -> None:
    run = result()
    total = total_of(run.lines, "ghgp_market")
    assert total
    value, unit, why, source = told(INDICATORS[0], run, "en")
    assert value == round(total / 1000 / 18_240, 12)
    assert (unit, why, source) == ("t CO₂e per inhabitant", "", "this balance: ghgp_market.total")
    assert told(INDICATORS[1], run, "en")[0] == round(Decimal("1635.84") / 430, 12)


def test_an_explanation_of_ones_own_comes_before_that_of_the_program() -> None:
    run = result()
    assert told(INDICATORS[2], run, "en")[2] == "no line in the data"
    assert told(INDICATORS[3], run, "en")[2] == "Der Abfall wird noch nicht gewogen."
    assert told(INDICATORS[5], run, "en")[2] == "No value is stated for 2025."


@pytest.mark.parametrize("figure", FIGURES)
def test_every_figure_can_be_taken(figure: str) -> None:
    value, unit, why, _ = told(Indicator(id="x", name="x", figure=figure), result(), "en")
    assert unit
    assert value is not None or why


def test_without_a_list_the_form_is_refused(tmp_path: Path) -> None:
    run = result()
    with pytest.raises(Refused, match=r"indicators\.toml"):
        write_export(export("indicators"), run, wording("en", result=run), tmp_path / "i.xlsx")
