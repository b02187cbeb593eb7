"""Shares of a year, day by day; every figure is worked out in the test."""

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from bilanz.boundary import (
    MEMBERSHIP_SCHEMA,
    Approach,
    edges,
    shares,
    spans,
)
from bilanz.errors import UsageError

YEAR = 2024  # a leap year: February has 29 days


def row(organisation: str, parent: str, **told: object) -> dict[str, Any]:
    given: dict[str, Any] = {
        "organisation": organisation,
        "parent": parent,
        "equity_share": Decimal(1),
        "operational_control": True,
        "financial_control": True,
        "is_declared": True,
    }
    return dict.fromkeys(MEMBERSHIP_SCHEMA) | given | told


def memberships(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=MEMBERSHIP_SCHEMA, orient="row")


def held(
    frame: pl.DataFrame, approach: Approach, *organisations: str
) -> dict[tuple[str, str, int], tuple[Decimal, Decimal, bool]]:
    """Return (node, organisation, month) → (held, minority, is_split)."""
    found = shares(spans(edges(frame), YEAR, approach), organisations)
    return {
        (node, organisation, month.month): (share, minority, is_split)
        for node, organisation, month, share, minority, is_split in found.iter_rows()
    }


def test_an_organisation_holds_itself_all_year() -> None:
    found = held(memberships(), Approach.OPERATIONAL, "town")
    assert found == {("town", "town", month): (1, 0, False) for month in range(1, 13)}


def test_indirect_shares_multiply() -> None:
    """60 % of the works, which own 50 % of the bus company: 0.6 × 0.5 = 0.3; others hold 0.7."""
    frame = memberships(
        row("works", "town", equity_share=Decimal("0.6")), row("bus", "works", equity_share=Decimal("0.5"))
    )
    found = held(frame, Approach.EQUITY, "bus")
    assert found["works", "bus", 1] == (Decimal("0.5"), Decimal("0.5"), False)
    assert found["town", "bus", 1] == (Decimal("0.3"), Decimal("0.7"), False)
    assert held(frame, Approach.OPERATIONAL, "bus")["town", "bus", 1] == (1, 0, False)


def test_without_control_all_is_outside() -> None:
    frame = memberships(row("works", "town", operational_control=False, equity_share=Decimal("0.6")))
    assert held(frame, Approach.OPERATIONAL, "works")["town", "works", 1] == (0, 0, False)
    assert held(frame, Approach.FINANCIAL, "works")["town", "works", 1] == (1, 0, False)
    assert held(frame, Approach.EQUITY, "works")["town", "works", 1] == (
        Decimal("0.6"),
        Decimal("0.4"),
        False,
    )


def test_a_change_within_a_month_is_split_by_days() -> None:
    """From the 11th of February on: 19 of 29 days. The old parent keeps 10 of 29."""
    day = date(YEAR, 2, 11)
    frame = memberships(row("bus", "works", valid_to=day), row("bus", "town", valid_from=day))
    found = held(frame, Approach.OPERATIONAL, "bus")
    new, old = Decimal("0.655172413793103448275862"), Decimal("0.344827586206896551724138")
    assert abs(new - Decimal(19) / 29) < Decimal("1e-24")
    assert found["town", "bus", 2] == (new, 0, True)
    assert found["works", "bus", 2] == (old, 0, True)
    assert [found["town", "bus", month][0] for month in (1, 3)] == [0, 1]
    assert [found["works", "bus", month][0] for month in (1, 3)] == [1, 0]
    assert not found["works", "bus", 3][2]


def test_a_share_that_changes_within_a_month_is_split_by_days() -> None:
    """In June 10 days at 0.5 and 20 at 0.8: (10 × 0.5 + 20 × 0.8) / 30 = 0.7."""
    day = date(YEAR, 6, 11)
    frame = memberships(
        row("bus", "town", valid_to=day, equity_share=Decimal("0.5")),
        row("bus", "town", valid_from=day, equity_share=Decimal("0.8")),
    )
    assert held(frame, Approach.EQUITY, "bus")["town", "bus", 6] == (Decimal("0.7"), Decimal("0.3"), True)


def test_who_was_never_below_a_node_in_the_year_has_no_row() -> None:
    frame = memberships(row("bus", "town", valid_to=date(YEAR, 1, 1)))
    assert {node for node, *_ in held(frame, Approach.EQUITY, "bus")} == {"bus"}


def test_two_parents_at_once_are_refused() -> None:
    frame = memberships(row("bus", "town"), row("bus", "works"))
    with pytest.raises(UsageError, match="two others at once"):
        spans(edges(frame), YEAR, Approach.EQUITY)


def test_a_circle_is_refused() -> None:
    frame = memberships(row("bus", "works"), row("works", "bus"))
    with pytest.raises(UsageError, match="own ancestor"):
        spans(edges(frame), YEAR, Approach.EQUITY)


def test_the_lowest_common_node() -> None:
    frame = memberships(row("works", "town"), row("bus", "works"), row("hall", "town"))
    (first, *_) = spans(edges(frame), YEAR, Approach.EQUITY)
    assert first.lowest("bus", "hall") == "town"
    assert first.lowest("bus", "works") == "works"
    assert first.lowest("bus", "elsewhere") is None
