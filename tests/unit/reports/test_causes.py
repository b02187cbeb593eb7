"""What the page says about the change against the year before."""

from dataclasses import replace
from decimal import Decimal

import pytest
from unit.reports.synthetic import YEAR, full_result

from bilanz.causes import Cause, causes, total
from bilanz.messages import LANGUAGES, Language
from bilanz.result import Beside, Result
from reports.base import Wording
from reports.numbers import NBSP
from reports.sections.causes import Causes
from reports.words import CAUSES, cause


def changed() -> Result:
    """The made-up year beside a year before it with 25 % more of everything by quantity."""
    now = full_result()
    lines = now.lines.with_columns(
        month=now.lines["month"].dt.offset_by("-1y"),
        quantity=now.lines["quantity"] * Decimal("1.25"),
        co2e_kg=now.lines["co2e_kg"] * Decimal("1.25"),
    ).cast(dict(now.lines.schema))
    before = replace(now, manifest=replace(now.manifest, year=YEAR - 1), lines=lines)
    return replace(now, beside=Beside(earlier=(before,), causes=causes(before, now)))


def test_a_book_says_both_totals_and_the_largest_cause() -> None:
    result = changed()
    first, *_, details = Causes().panels(result, Wording("en"))
    now = total(result, "bisko") / 1000
    finding = first.finding.replace(NBSP, " ")
    assert finding.startswith(f"2024: {now * Decimal('1.25'):,.1f} t CO₂e; 2025: {now:,.1f} t CO₂e; change −")
    assert "Activity (quantities)" in finding
    assert Decimal(first.table["co2e_kg"].sum()) == total(result, "bisko") - total(
        result.beside.earlier[0], "bisko"
    )
    assert "The weather was not assessed" in first.note
    assert [trace.name for trace in first.figure.data] == ["less", "sum"]
    assert details.table.height > 0


def test_supplementary_books_and_years_that_stand_alone_are_left_out() -> None:
    assert Causes().panels(full_result(), Wording("en")) == []
    shown = Causes().panels(changed(), Wording("en", supplementary=frozenset({"bisko"})))
    assert "causes-bisko" not in [panel.identifier for panel in shown]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cause_has_a_name(language: Language) -> None:
    assert set(CAUSES) == set(Cause)
    assert len({cause(code.value, language) for code in Cause}) == len(Cause)
