"""The same months never count for two projects."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from bilanz.fund.effect.sharing import Span, are_divided, is_taken, rivals

OWN = Span("P1", frozenset({"A"}), date(2021, 1, 1), date(2022, 2, 10), date(2022, 3, 20), None)


def other(project: str = "P2", sources: str = "A", **told: object) -> Span:
    found = Span(project, frozenset(sources), date(2022, 4, 1), date(2023, 1, 15), None, None)
    return replace(found, **told)


def test_months_count_until_another_project_begins_on_the_same_source() -> None:
    found = rivals(OWN, [OWN, other()])
    assert [span.project for span in found] == ["P2"]
    assert not is_taken(date(2022, 12, 1), found)
    assert is_taken(date(2023, 1, 1), found)


def test_the_later_project_counts_from_its_own_baseline_on() -> None:
    """The earlier one was completed in March; the baseline of the later one begins in April and holds it."""
    later = other()
    assert rivals(later, [OWN, later]) == ()
    too_early = other(baseline_from=date(2022, 3, 1))
    assert [span.project for span in rivals(too_early, [OWN])] == ["P1"]


def test_another_source_is_another_matter() -> None:
    assert rivals(OWN, [other(sources="B")]) == ()


def test_shares_divide_only_where_all_are_stated_and_add_up() -> None:
    """0.6 and 0.4 are left to the two: 1. 0.7 and 0.4 would be more than there is."""
    own = Span("P1", OWN.sources, OWN.baseline_from, OWN.starts_on, OWN.completed_on, Decimal("0.4"))
    assert are_divided(own, [other(overlap_share=Decimal("0.6"))])
    assert not are_divided(own, [other(overlap_share=Decimal("0.5"))])
    assert not are_divided(own, [other()])
    assert not are_divided(OWN, [other(overlap_share=Decimal(1))])
