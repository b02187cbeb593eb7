"""What the store holds of named sources, month by month, and whether it was measured in just that month.

Counted by the same slices as a balance. A sub-meter counts here too: it is in no total, but it measures.
"""

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING, Final

import polars as pl

from bilanz.app.calculation import spending_of
from bilanz.app.catalogue.releases import catalogue_of
from bilanz.app.review.months import months
from bilanz.app.settings import Settings
from bilanz.coverage import METERED
from bilanz.fund.effect.series import MonthState

if TYPE_CHECKING:
    from bilanz.app.balances import Ledger

PLACE: Final = ("source", "activity", "month")

USED_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "source": pl.String,
    "activity": pl.String,
    "month": pl.Date,
    "quantity": pl.Decimal(38, 6),
    "unit": pl.String,  # null: several
    "basis": pl.String,  # null: several
    "quality": pl.String,  # billed, else measured
    "state": pl.String,  # MonthState, never not_held
}

TOLERANCE: Final = 0.0005
"""Days: coverage is rounded to six decimals a day."""

MOST_SUBSTITUTE: Final = 1.0
"""Days of substitute values a month may hold and still be measured, as `bilanz.app.review.filling` has it."""

# Deductions are left out: what a meter showed, not what remains of it.
_USED: Final = """
SELECT source, activity, month, SUM(quantity) AS quantity,
    CASE WHEN COUNT(DISTINCT unit) = 1 THEN MIN(unit) END AS unit,
    CASE WHEN COUNT(DISTINCT basis) = 1 THEN MIN(basis) END AS basis,
    bool_or(quality = 'billed') AS is_billed, bool_or(quality = 'estimated') AS is_estimated,
    bool_or(is_apportioned) AS is_apportioned
FROM engine_wide
WHERE NOT is_deduction AND direction = 'consumption' AND activity IS NOT NULL
    AND (outcome = 'counted' OR reason = 'sub_meter')
    AND unit NOT IN (SELECT unit FROM engine_money)
    AND source IN (SELECT source FROM fund_source)
GROUP BY source, activity, month
"""

# Days of records of what has no meter, such as a logbook: a refuelling of one day makes no month.
_LOGGED: Final = """
SELECT g.source, g.activity, s.month,
    CAST(SUM(s.days) FILTER (s.is_calm AND s.rank < 3) AS DOUBLE) AS calm,
    CAST(COUNT(DISTINCT s.day) FILTER (NOT s.is_calm AND s.rank < 3) AS DOUBLE) AS days
FROM engine_share s JOIN engine_segment g ON g.segment = s.segment
WHERE NOT s.is_lost AND g.direction = 'consumption' AND g.source IN (SELECT source FROM fund_source)
    AND COALESCE(s.document_type, '') NOT IN ('instalment', 'contract')
GROUP BY g.source, g.activity, s.month
"""

_YEARS: Final = """
SELECT MIN(first), MAX(last) FROM (
    SELECT MIN(d."day") AS first, MAX(d."day") AS last FROM daily d JOIN series s USING (series_key)
    WHERE s.source IN (SELECT source FROM fund_source)
    UNION ALL
    SELECT CAST(MIN(a."start") AS DATE), CAST(MAX(a."end") AS DATE)
    FROM activity a JOIN series s USING (series_key)
    WHERE s.source IN (SELECT source FROM fund_source))
"""


def used(data: "Ledger", settings: Settings, sources: Collection[str], start: date) -> pl.DataFrame:
    """Return the months of some sources from a day on, `USED_SCHEMA`; by source, activity and month.

    A month of which nothing is known has no row. The years are read one by one, each once for all sources.
    """
    told = pl.DataFrame({"source": sorted(sources)}, schema={"source": pl.String})
    spending = spending_of(catalogue_of(settings))
    frames = [pl.DataFrame(schema=USED_SCHEMA)]
    with data.store.lend(fund_source=told):
        ((first, last),) = data.store.rows(_YEARS)
        years = range(max(first, start).year, last.year + 1) if first is not None else range(0)
        for year in years:
            coverage = months(data, settings, spending, year).coverage
            held, logged = data.store.frame(_USED), data.store.frame(_LOGGED)
            frames.append(_stated(held, _known(coverage, logged)))
    return pl.concat(frames).filter(pl.col("month") >= start.replace(day=1)).sort(PLACE)


def _known(coverage: pl.DataFrame, logged: pl.DataFrame) -> pl.DataFrame:
    """Return known and estimated days by source, activity and month; of what has no meter the logged ones."""
    metered = coverage.group_by(PLACE).agg(
        (pl.col("days_measured") + pl.col("days_billed")).sum().alias("known"),
        pl.col("days_estimated").sum().alias("estimated"),
    )
    beside = logged.filter(~pl.col("activity").is_in(METERED)).select(
        "source",
        "activity",
        pl.col("month").cast(pl.Date),
        known=pl.col("calm").fill_null(0.0) + pl.col("days").fill_null(0.0),
        estimated=pl.lit(0.0),
    )
    return pl.concat([metered.select(beside.columns), beside])


def _stated(held: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Return the quantities of a year with what is known of their months."""
    days = pl.col("month").dt.month_end().dt.day().cast(pl.Float64)
    frame = held.with_columns(pl.col("month").cast(pl.Date)).join(known, on=list(PLACE), how="left")
    firm, substitute = pl.col("known").fill_null(0.0), pl.col("estimated").fill_null(0.0)
    is_lacking = firm + substitute < days - TOLERANCE
    state = (
        pl.when(pl.col("is_apportioned"))
        .then(pl.lit(MonthState.APPORTIONED.value))
        .when((substitute > MOST_SUBSTITUTE) | (pl.col("is_estimated") & is_lacking))
        .then(pl.lit(MonthState.ESTIMATED.value))
        .when(is_lacking)
        .then(pl.lit(MonthState.PARTIAL.value))
        .otherwise(pl.lit(MonthState.MEASURED.value))
    )
    quality = pl.when(pl.col("is_billed")).then(pl.lit("billed")).otherwise(pl.lit("measured"))
    told = frame.with_columns(quality=quality, state=state)
    return told.select(pl.col(name).cast(kind) for name, kind in USED_SCHEMA.items())
