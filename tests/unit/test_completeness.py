"""The completeness calendar: what is expected, known, estimated and missing, by hand."""

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from unit.reports.synthetic import frame

from bilanz import completeness
from bilanz.completeness import CALENDAR_SCHEMA, METHOD_SCHEMA, QUANTITY_SCHEMA, STATES, calendar, gaps
from bilanz.organisation import SOURCE_TERM_SCHEMA
from bilanz.result import COVERAGE_SCHEMA, USAGE_SCHEMA

Row = dict[str, Any]

PLACE: Row = {"organisation": "city", "source": "M1", "activity": "electricity"}
YEAR = 2024


def known(month: int, *, measured: float = 0, billed: float = 0, estimated: float = 0, **told: object) -> Row:
    days = {"days_measured": measured, "days_billed": billed, "days_estimated": estimated}
    return {**PLACE, "month": date(YEAR, month, 1), "days": 31, **days, **told}


def term(**told: object) -> Row:
    return {**PLACE, "role": "consumed", "tenure": "owned", "control": True, "is_assumed": False, **told}


def held(year: int, month: int, quantity: str, **told: object) -> Row:
    row = {**PLACE, "month": date(year, month, 1), "unit": "kWh", "quantity": Decimal(quantity)}
    return {**row, **told}


def made(
    coverage: list[Row],
    terms: list[Row] | None = None,
    quantities: list[Row] | None = None,
    earlier: list[Row] | None = None,
    methods: list[Row] | None = None,
) -> pl.DataFrame:
    return calendar(
        YEAR,
        frame(coverage, COVERAGE_SCHEMA),
        frame(quantities or [], QUANTITY_SCHEMA),
        frame(terms or [], SOURCE_TERM_SCHEMA),
        earlier=frame(earlier or [], QUANTITY_SCHEMA),
        methods=frame(methods or [], METHOD_SCHEMA),
    )


def at(found: pl.DataFrame, month: int) -> dict[str, Any]:
    return found.filter(pl.col("month") == date(YEAR, month, 1)).row(0, named=True)


def test_states_of_months_the_registry_knows() -> None:
    found = made(
        [
            known(1, measured=31),
            known(2, billed=29),
            known(3, estimated=31),
            known(4, measured=29.5, estimated=0.5),
            known(5, measured=20),
        ],
        [term()],
    )
    assert found.columns == list(CALENDAR_SCHEMA)
    states = dict(zip(found["month"].dt.month(), found["state"], strict=True))
    assert [states[month] for month in range(1, 7)] == [
        "measured", "billed", "estimated", "partly_estimated", "partial", "missing",
    ]  # fmt: skip
    assert at(found, 5)["days_missing"] == 31 - 20
    assert at(found, 6)["days_missing"] == 30
    assert at(found, 4)["days_missing"] == 0
    assert set(found["reason"]) == {"registered"}


def test_a_source_is_expected_only_while_it_is_held() -> None:
    """From 11 March: 21 of its days; sold on 1 July: no day of July."""
    found = made([known(4, billed=30)], [term(valid_from=date(2024, 3, 11), valid_to=date(2024, 7, 1))])
    assert (at(found, 2)["state"], at(found, 2)["reason"]) == ("not_expected", "outside_term")
    assert (at(found, 3)["state"], at(found, 3)["days_expected"]) == ("missing", 21)
    assert at(found, 6)["days_expected"] == 30
    assert at(found, 7)["state"] == "not_expected"
    assert gaps(found)["month"].to_list() == [date(2024, 5, 1), date(2024, 6, 1), date(2024, 3, 1)]


def test_a_role_that_is_not_consumption_expects_nothing() -> None:
    found = made([known(1, measured=31)], [term(role="sub_meter")])
    assert (at(found, 1)["state"], at(found, 1)["days_missing"]) == ("measured", 0)
    assert (at(found, 2)["state"], at(found, 2)["reason"]) == ("not_expected", "other_role")


def test_a_term_without_an_activity_holds_for_what_its_source_is_known_of() -> None:
    rows = [known(1, measured=31)]
    found = made(rows, [term(activity=None)])
    assert at(found, 7)["state"] == "missing"
    assert found.equals(made(rows, [term()]))


def test_a_source_nobody_registered_is_expected_all_year() -> None:
    found = made([known(1, measured=31)])
    assert at(found, 12)["state"] == "missing"
    assert set(found["reason"]) == {"known"}
    assert gaps(found).height == 11


def test_deliveries_have_no_expected_months() -> None:
    delivered = held(2024, 3, "900", source="tank", activity="heating_oil", unit="l")
    found = made([], quantities=[delivered])
    assert found.height == 1
    assert at(found, 3)["state"] == "event"
    assert (at(found, 3)["days_expected"], at(found, 3)["days_missing"]) == (0, None)
    assert gaps(found).is_empty()


def test_the_quantity_of_a_year_before_stands_beside_a_gap_in_the_same_unit_only() -> None:
    found = made(
        [known(1, measured=31)],
        quantities=[held(2024, 1, "100")],
        earlier=[held(2023, 1, "7", unit="MWh"), held(2023, 2, "90.5")],
    )
    assert at(found, 1)["earlier_quantity"] is None  # MWh of the year before say nothing beside kWh
    assert (at(found, 2)["earlier_quantity"], at(found, 2)["unit"]) == (Decimal("90.5"), "kWh")


def test_two_units_in_a_month_are_not_added() -> None:
    found = made([known(1, measured=31)], quantities=[held(2024, 1, "1"), held(2024, 1, "1", unit="MWh")])
    assert (at(found, 1)["quantity"], at(found, 1)["unit"]) == (None, None)


def test_estimates_say_how_they_were_made() -> None:
    method = {**PLACE, "month": date(2024, 2, 1), "method": "own_history"}
    rows = [known(1, estimated=31), known(2, estimated=29), known(3, measured=31)]
    later = {**method, "month": date(2024, 3, 1)}  # superseded by what was measured
    found = made(rows, methods=[method, later])
    assert [at(found, month)["method"] for month in (1, 2, 3)] == ["stated", "own_history", None]


def test_only_own_consumption_is_used() -> None:
    rows = [
        {"unit": "kWh", "role": "consumed", "direction": "consumption", "quantity": Decimal(5)},
        {"unit": "kWh", "role": "fed_in", "direction": "feed_in", "quantity": Decimal(7)},
        {"unit": "EUR", "role": "consumed", "direction": "consumption", "quantity": Decimal(9)},
    ]
    usage = frame([{**PLACE, "month": date(2024, 1, 1), **row} for row in rows], USAGE_SCHEMA)
    assert completeness.used(usage)["quantity"].to_list() == [Decimal(5)]


days = st.floats(min_value=0, max_value=31)


@given(st.lists(st.tuples(days, days, days), min_size=12, max_size=12), st.booleans())
def test_nothing_is_lost_and_every_gap_is_seen(
    rows: list[tuple[float, float, float]],
    is_registered: bool,  # noqa: FBT001 - hypothesis gives it
) -> None:
    """Twelve rows whatever is known; a day that is expected and not known is missing."""
    coverage = [
        known(index + 1, measured=measured, billed=billed, estimated=estimated)
        for index, (measured, billed, estimated) in enumerate(rows)
    ]
    found = made(coverage, [term()] if is_registered else [])
    assert found.height == 12
    assert set(found["state"]) <= set(STATES)
    for row in found.iter_rows(named=True):
        total = row["days_measured"] + row["days_billed"] + row["days_estimated"]
        assert row["days_missing"] >= 0
        assert row["days_missing"] >= row["days_expected"] - total - 0.001
        assert (row["state"] == "missing") == (total == 0)
        assert (row["method"] is not None) == (row["days_estimated"] > 0)
