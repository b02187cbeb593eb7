"""The share of a period that others cover."""

from datetime import datetime, timedelta

import polars as pl

from importers.interval import cover

DAY = datetime(2025, 1, 1)  # noqa: DTZ001 - UTC without a zone, as the frames have it


def periods(*rows: tuple[str, float, float]) -> pl.DataFrame:
    return pl.DataFrame(
        [(key, DAY + timedelta(hours=low), DAY + timedelta(hours=high)) for key, low, high in rows],
        schema={"key": pl.String, "start": pl.Datetime("us"), "end": pl.Datetime("us")},
        orient="row",
    )


def test_the_share_is_that_of_the_minutes_whatever_overlaps() -> None:
    values = periods(("a", 0, 10), ("b", 0, 10), ("a", 20, 24), ("a", -5, 5))
    others = periods(("a", 0, 4), ("a", 2, 5), ("a", 2, 3), ("a", 22, 30), ("c", 0, 10))
    assert cover.shares(values, others).to_list() == [0.5, 0.0, 0.5, 0.5]


def test_neighbours_without_a_break_cover_the_whole() -> None:
    others = periods(*(("a", hour / 4, (hour + 1) / 4) for hour in range(96)))
    found = cover.shares(periods(("a", 0, 24), ("a", 0, 26)), others)
    assert (found >= cover.MOSTLY).to_list() == [True, False]


def test_nothing_covers_nothing() -> None:
    assert cover.shares(periods(("a", 0, 1), ("a", 1, 1)), periods()).to_list() == [0.0, 0.0]


def test_the_sum_is_of_what_begins_in_the_period() -> None:
    others = periods(*(("a", hour, hour + 1) for hour in range(4))).with_columns(
        quantity=pl.Series([1, 2, 4, 8], dtype=pl.Decimal(19, 6))
    )
    values = periods(("a", 1, 3), ("a", 0, 24), ("b", 0, 24), ("a", 5, 6))
    assert [float(one) for one in cover.sums(values, others)] == [6, 15, 0, 0]
