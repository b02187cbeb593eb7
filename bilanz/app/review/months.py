"""What the store holds of the months of a year, source by source: for the calendar and for estimates.

Counted by the same slices as a balance (one rank a day, owners from day to day), without factors and books.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from bilanz import completeness
from bilanz.app.calculation import descendants, spending_of
from bilanz.app.settings import Settings
from bilanz.completeness import CALENDAR_SCHEMA, METHOD_SCHEMA, PLACE
from bilanz.coverage import coverage
from bilanz.messages import translate
from bilanz.records import QUANTITY
from bilanz.result import Result
from bilanz.slices import build

if TYPE_CHECKING:
    from bilanz.app.balances import Ledger
    from bilanz.spend import Spending

ESTIMATION: Final = "estimation"
"""Name of the importer that reads estimates made here."""

HELD_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    **dict.fromkeys(PLACE, pl.String),
    "month": pl.Date,
    "unit": pl.String,
    "basis": pl.String,
    "region": pl.String,
    "quality": pl.String,
    "quantity": QUANTITY,
}

# Deductions are left out: what a meter showed, not what remains of it.
_HELD: Final = """
SELECT organisation, source, activity, month, unit, basis, region, quality, SUM(quantity) AS quantity
FROM engine_wide
WHERE outcome = 'counted' AND NOT is_deduction AND direction = 'consumption' AND activity IS NOT NULL
    AND role IN ('consumed', 'delivered') AND unit NOT IN (SELECT unit FROM engine_money)
GROUP BY ALL ORDER BY ALL
"""

# An estimate of a month begins at its local midnight: half a day later lies in it in every zone.
_METHODS: Final = f"""
SELECT DISTINCT a.organisation, a.source, a.activity,
    CAST(date_trunc('month', a."start" + INTERVAL 12 HOUR) AS DATE) AS month,
    coalesce(json_extract_string(a.attributes, '$.method'), '{completeness.STATED}') AS method
FROM activity_live a JOIN batch b USING (batch_key)
WHERE b.importer = '{ESTIMATION}' AND NOT a.is_superseded ORDER BY ALL
"""


@dataclass(frozen=True, slots=True)
class Months:
    """What the store holds of a year: `HELD_SCHEMA` and `COVERAGE_SCHEMA`."""

    held: pl.DataFrame
    coverage: pl.DataFrame

    @property
    def quantities(self) -> pl.DataFrame:
        """The quantities whatever their quality, `QUANTITY_SCHEMA`."""
        return self.held.group_by(*PLACE, "month", "unit").agg(pl.col("quantity").sum())


def months(
    data: "Ledger", settings: Settings, spending: "Spending", year: int, organisation: str | None = None
) -> Months:
    """Return what the store holds of a year; `organisation`: only this one and what is below it."""
    within = None if organisation is None else descendants(data.organisations, organisation)
    build(
        data.store.con,
        data.organisations,
        data.source_terms,
        spending=spending,
        year=year,
        region=settings.region,
        within=within,
        declared=data.declared,
        zone=data.zone,
    )
    frame: pl.DataFrame = data.store.con.sql(_HELD).pl()
    held = frame.select(pl.col(name).cast(kind) for name, kind in HELD_SCHEMA.items())
    return Months(held, coverage(data.store.con, is_limited=within is not None))


def methods(data: "Ledger") -> pl.DataFrame:
    """Return how the estimates made here were made, `METHOD_SCHEMA`."""
    frame: pl.DataFrame = data.store.con.sql(_METHODS).pl()
    return frame.select(pl.col(name).cast(kind) for name, kind in METHOD_SCHEMA.items())


def calendar_of(settings: Settings, data: "Ledger", result: Result) -> pl.DataFrame:
    """Return the calendar of a run, as its coverage and usage have it."""
    from bilanz.app.beside.standards import catalogue_of

    year, spending = result.manifest.year, spending_of(catalogue_of(settings, result))
    then = settings.model_copy(update={"region": result.manifest.region})
    return completeness.calendar(
        year,
        result.coverage,
        completeness.used(result.usage),
        data.source_terms,
        earlier=months(data, then, spending, year - 1).quantities,
        methods=methods(data),
    )


def calendar_frame(
    data: "Ledger", now: Months, year: int, earlier: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Return the calendar of a year as the store holds it; `earlier`: quantities of the year before."""
    return completeness.calendar(
        year, now.coverage, now.quantities, data.source_terms, earlier=earlier, methods=methods(data)
    )


def calendar_now(settings: Settings, year: int, organisation: str | None = None) -> pl.DataFrame:
    """Return the calendar of a year as the data are now, calculated or not.

    Raises:
        UsageError: there is no data directory.
        UnknownName: there is no such organisation.
        StoreBusy: another process holds the store.
    """
    from bilanz.app.balances import ledger
    from bilanz.app.catalogue.releases import catalogue_of

    spending = spending_of(catalogue_of(settings))
    with ledger(settings) as data:
        before = months(data, settings, spending, year - 1)
        now = months(data, settings, spending, year, organisation)
        return calendar_frame(data, now, year, before.quantities)


def completeness_of(settings: Settings, year: int, organisation: str | None = None) -> dict[str, Any]:
    """Return what is known of a year and what is missing, for the command."""
    frame = calendar_now(settings, year, organisation)
    expected = frame.filter(pl.col("days_expected") > 0)
    estimated = frame.filter(pl.col("days_estimated") > 0)
    events = frame.filter(pl.col("state") == completeness.EVENT)
    return {
        "year": year,
        "organisation": organisation,
        "sources": expected.select(PLACE).n_unique(),
        "expected_months": expected.height,
        "complete_months": expected.filter(pl.col("days_missing") == 0).height,
        "estimated_months": estimated.height,
        "sources_without_expected_months": events.select(PLACE).n_unique(),
        "missing": _rows(completeness.gaps(frame)),
        "estimated": _rows(estimated),
    }


def _rows(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Return rows of a calendar for other programs: months as YYYY-MM, quantities as exact text."""
    told = frame.select(CALENDAR_SCHEMA.keys()).with_columns(
        pl.col("month").dt.strftime("%Y-%m"), pl.col("quantity", "earlier_quantity").cast(pl.String)
    )
    return told.to_dicts()


def overlaps_of(settings: Settings, year: int, organisation: str | None = None) -> dict[str, Any]:
    """Return what declared overlaps did in the latest calculation, and what may be counted twice.

    Raises:
        Refused: the year has not been calculated so.
    """
    from bilanz.app.balances import reported_result
    from reports import names
    from reports.sections.overlaps import SUSPICIONS

    result = reported_result(settings, year, organisation)
    declared = result.assumptions.filter(pl.col("code").str.starts_with("overlap_"))
    suspected = pl.DataFrame() if result.beside.suspects is None else result.beside.suspects
    return {
        "year": year,
        "organisation": organisation,
        "declared": [
            row | {"said": names.assumption(row["code"], settings.lang)} for row in declared.to_dicts()
        ],
        "suspected": [
            row | {"said": translate(SUSPICIONS[row["kind"]], settings.lang)} for row in suspected.to_dicts()
        ],
    }
