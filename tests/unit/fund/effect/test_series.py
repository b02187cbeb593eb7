"""Which months count, and why the others do not."""

from datetime import date
from decimal import Decimal

import pytest
from unit.fund.effect.made import AFTER, BEFORE, COURSE, alternating, changed, degree_days, rows, use

from bilanz.fund.effect.reason import LEFT_OUT
from bilanz.fund.effect.series import Driver, DriverKind, Series, days_of, months_between, series


def reasons(found: Series) -> dict[str, str]:
    return {f"{each.month:%Y-%m}": each.reason for each in found.left_out}


def test_the_months_before_and_after_and_those_of_the_works() -> None:
    """The baseline ends with 2021; January is no part of it; works from 10 February to 20 March."""
    found = series(use(rows("A", alternating)), ["A"], COURSE)
    assert tuple(month.month for month in found.before) == BEFORE
    assert tuple(month.month for month in found.after) == AFTER
    assert reasons(found) == {"2022-01": "gap", "2022-02": "works", "2022-03": "works"}
    assert found.before[0].quantity == Decimal(31 * 11)


@pytest.mark.parametrize("state", ["estimated", "apportioned", "partial", "missing"])
def test_a_month_that_was_not_measured_is_left_out_with_its_reason(state: str) -> None:
    frame = changed(use(rows("A", alternating)), "A", {date(2021, 5, 1): state, date(2022, 8, 1): state})
    found = series(frame, ["A"], COURSE)
    assert (len(found.before), len(found.after)) == (11, 11)
    told = reasons(found)
    assert (told["2021-05"], told["2022-08"]) == (state, state)
    assert state in LEFT_OUT


def test_a_month_needs_every_source_that_is_held_in_it() -> None:
    """B takes the place of A in July 2021 and lacks August."""
    exchange = date(2021, 7, 1)
    first = changed(
        use(rows("A", alternating)), "A", {m: "not_held" for m in (*BEFORE, *AFTER) if m >= exchange}
    )
    second = changed(
        use(rows("B", lambda _: 5)),
        "B",
        {m: "not_held" for m in BEFORE if m < exchange} | {date(2021, 8, 1): "missing"},
    )
    found = series(use(first.rows(), second.rows()), ["A", "B"], COURSE)
    assert [set(month.by_source) for month in found.before[:7]] == [{"A"}] * 6 + [{"B"}]
    assert len(found.before) == 11
    assert reasons(found)["2021-08"] == "missing"


def test_a_source_without_a_row_is_missing_and_not_zero() -> None:
    found = series(use(rows("A", alternating)), ["A", "B"], COURSE)
    assert (found.before, found.after) == ((), ())


def test_a_month_without_weather_is_left_out() -> None:
    whole = degree_days()
    short = {month: value for month, value in whole.values.items() if month != date(2021, 3, 1)}
    found = series(
        use(rows("A", alternating)),
        ["A"],
        COURSE,
        [Driver(DriverKind.HEATING, "station", short, is_flow=True)],
    )
    assert reasons(found)["2021-03"] == "no_driver"


def test_a_month_of_another_project_is_left_out() -> None:
    found = series(
        use(rows("A", alternating)), ["A"], COURSE, is_taken=lambda month: month >= date(2023, 1, 1)
    )
    assert len(found.after) == 9
    assert reasons(found)["2023-01"] == "other_project"


def test_whole_months_only() -> None:
    assert list(months_between(date(2021, 1, 2), date(2021, 3, 31))) == [date(2021, 2, 1)]
    assert list(months_between(date(2021, 12, 1), date(2022, 1, 1))) == [date(2021, 12, 1)]


def test_a_sum_is_taken_per_day_and_a_level_as_it_is() -> None:
    february = date(2024, 2, 1)
    values = {february: Decimal(58)}
    assert days_of(february) == 29
    assert Driver(DriverKind.USE, "km", values, is_flow=True).on(february) == 2
    assert Driver(DriverKind.USE, "occupants", values, is_flow=False).on(february) == 58
