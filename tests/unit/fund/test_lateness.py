"""Late projects by the calendar."""

from datetime import date

from unit.fund.money import project

from bilanz.fund.lateness import LateState, late

DUE = date(2024, 12, 31)


def test_a_project_is_late_from_the_day_after() -> None:
    told = project(planned_completion=DUE)
    assert late([told], DUE) == ()
    (row,) = late([told], date(2025, 1, 10))
    assert (row.days, row.state, row.completed_on) == (10, LateState.OVERDUE, None)


def test_completed_late_counts_up_to_completion() -> None:
    told = project(planned_completion=DUE, completed_on=date(2025, 1, 31))
    (row,) = late([told], date(2026, 1, 1))
    assert (row.days, row.state) == (31, LateState.COMPLETED_LATE)


def test_completed_in_time_is_not_late() -> None:
    assert late([project(planned_completion=DUE, completed_on=DUE)], date(2026, 1, 1)) == ()


def test_what_is_completed_later_than_the_day_asked_for_is_still_open_on_it() -> None:
    told = project(planned_completion=DUE, completed_on=date(2025, 3, 1))
    (row,) = late([told], date(2025, 1, 1))
    assert (row.days, row.state, row.completed_on) == (1, LateState.OVERDUE, None)


def test_the_latest_comes_first() -> None:
    rows = late(
        [
            project("A", planned_completion=date(2024, 6, 1)),
            project("B", planned_completion=date(2024, 1, 1)),
            project("C", planned_completion=date(2024, 6, 1)),
        ],
        DUE,
    )
    assert [row.project for row in rows] == ["B", "A", "C"]
