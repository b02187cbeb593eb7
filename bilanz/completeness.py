"""The completeness calendar: which months of which source are known, how, and which are expected.

    coverage (counted before anything is spread or filled) ─┐
    quantities of the year and of the year before          ─┼─► calendar: one row per source and month
    terms of the registry, methods of estimates            ─┘

A meter is expected on every day somebody holds it as a consumer. What arrives by delivery, refuelling or trip
has no month in which it must arrive: such rows are there with what they hold, and nothing of them can be
missing.
"""

from datetime import date
from typing import Final

import polars as pl

from bilanz.organisation import SOURCE_TERM_SCHEMA
from bilanz.records import QUANTITY, Direction, Role
from bilanz.result import COVERAGE_SCHEMA, USAGE_SCHEMA
from bilanz.units import units

MEASURED: Final = "measured"
BILLED: Final = "billed"
ESTIMATED: Final = "estimated"
PARTLY_ESTIMATED: Final = "partly_estimated"
PARTIAL: Final = "partial"
MISSING: Final = "missing"
NOT_EXPECTED: Final = "not_expected"
EVENT: Final = "event"
STATES: Final = (MEASURED, BILLED, PARTLY_ESTIMATED, ESTIMATED, PARTIAL, MISSING, NOT_EXPECTED, EVENT)
"""Of a month, the best first: a gap outweighs an estimate, an estimate what is measured beside it."""

REGISTERED: Final = "registered"
KNOWN: Final = "known"
OUTSIDE_TERM: Final = "outside_term"
OTHER_ROLE: Final = "other_role"
DELIVERY: Final = "delivery"
REASONS: Final = (REGISTERED, KNOWN, OUTSIDE_TERM, OTHER_ROLE, DELIVERY)
"""Why a month is expected (the first two) or not."""

STATED: Final = "stated"
"""Method of an estimate that was handed in as one."""

PLACE: Final = ("organisation", "source", "activity")

CALENDAR_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "organisation": pl.String,
    "source": pl.String,
    "activity": pl.String,
    "month": pl.Date,
    "state": pl.String,  # STATES
    "reason": pl.String,  # REASONS
    "days": pl.Int32,  # of the month
    "days_expected": pl.Int32,
    "days_measured": pl.Float64,
    "days_billed": pl.Float64,
    "days_estimated": pl.Float64,
    "days_missing": pl.Float64,  # expected and not known
    "method": pl.String,  # of what is estimated: STATED, or how it was estimated here; else null
    "quantity": QUANTITY,  # known of the month
    "unit": pl.String,
    "earlier_quantity": QUANTITY,  # of the same month of the year before, in the unit; null: not known
}

QUANTITY_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    **dict.fromkeys(PLACE, pl.String),
    "month": pl.Date,
    "unit": pl.String,
    "quantity": QUANTITY,
}
METHOD_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    **dict.fromkeys(PLACE, pl.String),
    "month": pl.Date,
    "method": pl.String,
}

_KNOWN_DAYS: Final = ("days_measured", "days_billed", "days_estimated")
_TOLERANCE: Final = 0.0005
"""Days: coverage is rounded to six decimals a day; less than a minute is no gap."""


def calendar(
    year: int,
    coverage: pl.DataFrame,
    quantities: pl.DataFrame,
    terms: pl.DataFrame,
    *,
    earlier: pl.DataFrame | None = None,
    methods: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Return the calendar of a year.

    Shape: twelve rows per source of the coverage, one per month with data of any other; `CALENDAR_SCHEMA`.

    Args:
        year: calendar year.
        coverage: `COVERAGE_SCHEMA`.
        quantities: `QUANTITY_SCHEMA`, what the year holds.
        terms: `SOURCE_TERM_SCHEMA`.
        earlier: `QUANTITY_SCHEMA` of the year before; None: not known.
        methods: `METHOD_SCHEMA` of estimates made here; None: there are none.
    """
    held = _one_unit(quantities)
    metered = _metered(year, coverage, terms)
    events = held.join(metered, on=PLACE, how="anti", nulls_equal=True).select(
        *PLACE, "month", state=pl.lit(EVENT), reason=pl.lit(DELIVERY), days_expected=pl.lit(0, pl.Int32)
    )
    frame = pl.concat([metered, events], how="diagonal").join(
        held, on=[*PLACE, "month"], how="left", nulls_equal=True
    )
    before = _one_unit(pl.DataFrame(schema=QUANTITY_SCHEMA) if earlier is None else earlier)
    return (
        _with_earlier(frame, before)
        .pipe(_with_method, pl.DataFrame(schema=METHOD_SCHEMA) if methods is None else methods)
        .select(pl.col(name).cast(kind) for name, kind in CALENDAR_SCHEMA.items())
        .sort(*PLACE, "month", nulls_last=False)
    )


def used(usage: pl.DataFrame) -> pl.DataFrame:
    """Return the own consumption of a run in `QUANTITY_SCHEMA`; money is no quantity."""
    money = [code for code, unit in units().items() if unit.kind == "money"]
    return (
        usage.select(USAGE_SCHEMA.keys())
        .filter(
            pl.col("quantity").is_not_null(),
            ~pl.col("unit").is_in(money),
            pl.col("direction") == Direction.CONSUMPTION,
            pl.col("role").is_in([Role.CONSUMED, Role.DELIVERED]),
        )
        .group_by(*PLACE, "month", "unit")
        .agg(pl.col("quantity").sum())
        .select(pl.col(name).cast(kind) for name, kind in QUANTITY_SCHEMA.items())
    )


def gaps(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of a calendar in which days are missing, the longest gaps first."""
    return frame.filter(pl.col("days_missing") > 0).sort(
        "days_missing", *PLACE, "month", descending=[True, *[False] * 4], nulls_last=True
    )


def _one_unit(quantities: pl.DataFrame) -> pl.DataFrame:
    """Return one row per source and month; what is held in several units has no quantity."""
    return (
        quantities.group_by(*PLACE, "month")
        .agg(
            pl.when(pl.col("unit").n_unique() == 1).then(pl.col("quantity").sum()).alias("quantity"),
            pl.when(pl.col("unit").n_unique() == 1).then(pl.col("unit").first()).alias("unit"),
        )
        .sort(*PLACE, "month")
    )


def _months(year: int) -> pl.DataFrame:
    """Return month, end (exclusive) and days of the twelve months."""
    starts = pl.date_range(date(year, 1, 1), date(year, 12, 1), "1mo", eager=True).alias("month").to_frame()
    ends = starts.with_columns(end=pl.col("month").dt.offset_by("1mo"))
    return ends.with_columns(days=(pl.col("end") - pl.col("month")).dt.total_days().cast(pl.Int32))


def _metered(year: int, coverage: pl.DataFrame, terms: pl.DataFrame) -> pl.DataFrame:
    """Return twelve months of every source of the coverage with their state."""
    known = coverage.select(COVERAGE_SCHEMA.keys()).drop("days")
    grid = known.select(PLACE).unique().join(_months(year), how="cross")
    frame = (
        _expected(grid, terms)
        .join(known, on=[*PLACE, "month"], how="left", nulls_equal=True)
        .with_columns(pl.col(_KNOWN_DAYS).fill_null(0.0))
    )
    total = pl.sum_horizontal(_KNOWN_DAYS)
    lacking = pl.col("days_expected") - total
    frame = frame.with_columns(days_missing=pl.when(lacking > _TOLERANCE).then(lacking).otherwise(0.0))
    firm = pl.col("days_measured") + pl.col("days_billed")
    state = (
        pl.when((total == 0) & (pl.col("days_expected") == 0))
        .then(pl.lit(NOT_EXPECTED))
        .when(total == 0)
        .then(pl.lit(MISSING))
        .when(pl.col("days_missing") > 0)
        .then(pl.lit(PARTIAL))
        .when((pl.col("days_estimated") > 0) & (firm == 0))
        .then(pl.lit(ESTIMATED))
        .when(pl.col("days_estimated") > 0)
        .then(pl.lit(PARTLY_ESTIMATED))
        .when(pl.col("days_measured") >= pl.col("days_billed"))
        .then(pl.lit(MEASURED))
        .otherwise(pl.lit(BILLED))
    )
    return frame.with_columns(state=state)


def _expected(grid: pl.DataFrame, terms: pl.DataFrame) -> pl.DataFrame:
    """Return the grid with the days on which each source is expected, and why.

    As the coverage has it: a registered source on the days it is held as a consumer of its activity, a source
    the registry does not know on every day of the year.
    """
    held = _of_activities(terms, grid)
    first = pl.max_horizontal("month", pl.col("valid_from").fill_null(pl.col("month")))
    last = pl.min_horizontal("end", pl.col("valid_to").fill_null(pl.col("end")))
    spans = (
        grid.join(held, on=PLACE, how="inner")
        .with_columns(span=(last - first).dt.total_days().clip(0))
        .group_by(*PLACE, "month")
        .agg(
            pl.col("span").filter(pl.col("role") == Role.CONSUMED).sum().alias("consumed"),
            pl.col("span").filter(pl.col("role") != Role.CONSUMED).sum().alias("other"),
        )
    )
    told = grid.join(spans, on=[*PLACE, "month"], how="left").with_columns(
        pl.col("consumed", "other").fill_null(0),
        is_registered=pl.col("source").is_in(held["source"].unique().implode()),
    )
    return told.with_columns(
        days_expected=pl.when("is_registered").then("consumed").otherwise("days").cast(pl.Int32),
        reason=pl.when(~pl.col("is_registered"))
        .then(pl.lit(KNOWN))
        .when(pl.col("consumed") > 0)
        .then(pl.lit(REGISTERED))
        .when(pl.col("other") > 0)
        .then(pl.lit(OTHER_ROLE))
        .otherwise(pl.lit(OUTSIDE_TERM)),
    ).drop("consumed", "other", "is_registered", "end")


def _of_activities(terms: pl.DataFrame, grid: pl.DataFrame) -> pl.DataFrame:
    """Return the terms by activity; one that states none holds for every activity its source is known of."""
    held = terms.select("source", "organisation", "activity", "role", "valid_from", "valid_to").cast(
        {name: SOURCE_TERM_SCHEMA[name] for name in ("valid_from", "valid_to")}
    )
    known = grid.select(PLACE).unique()
    unstated = held.filter(pl.col("activity").is_null()).drop("activity")
    of_source = unstated.join(known, on=["source", "organisation"], how="inner")
    return pl.concat([held.filter(pl.col("activity").is_not_null()), of_source.select(held.columns)])


def _with_earlier(frame: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with the quantity of the same month of the year before, where its unit is the same."""
    told = before.select(
        *PLACE, pl.col("month").dt.offset_by("1y"), earlier_quantity="quantity", earlier_unit="unit"
    )
    joined = frame.join(told, on=[*PLACE, "month"], how="left", nulls_equal=True)
    unit = pl.coalesce("unit", "earlier_unit")
    is_same = pl.col("earlier_unit") == unit
    return joined.with_columns(earlier_quantity=pl.when(is_same).then("earlier_quantity"), unit=unit)


def _with_method(frame: pl.DataFrame, methods: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with how what is estimated was estimated; several ways are all named."""
    named = methods.group_by(*PLACE, "month").agg(
        pl.col("method").unique().sort().str.join(", ").alias("method")
    )
    joined = frame.join(named, on=[*PLACE, "month"], how="left", nulls_equal=True)
    is_estimated = pl.col("days_estimated") > 0
    return joined.with_columns(method=pl.when(is_estimated).then(pl.col("method").fill_null(STATED)))
