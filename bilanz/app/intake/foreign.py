"""What a file says about sources of others is set apart: nobody puts a quantity onto somebody else's meter.

A source is somebody else's in the time in which its terms name organisations for which nothing may be handed
in; where they name no other organisation at all, always. A source named for such an organisation
(`organisation:…`) is theirs too, registered or not.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import polars as pl

from bilanz.issues import ISSUE_SCHEMA, Issue, as_frame
from bilanz.organisation import SourceTerm
from bilanz.periods import day_start
from bilanz.records import INSTANT
from bilanz.registry.engine import Registry
from bilanz.registry.organisations import organisations
from bilanz.registry.sources import terms

SPAN_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "source": pl.String,
    "low": INSTANT,
    "high": INSTANT,
}
"""From when to when, in UTC, a source is somebody else's."""

_EVER: Final = (datetime.min, datetime.max)  # noqa: DTZ901 - the store keeps UTC without a zone


@dataclass(frozen=True, slots=True)
class Others:
    """Who else there is.

    Attributes:
        within: organisations for which something may be handed in.
        zone: in which the days of terms begin.
    """

    registry: Registry
    within: frozenset[str]
    zone: str

    def spans(self, sources: Iterable[str], zones: Iterable[str] = ()) -> pl.DataFrame:
        """Return when which of the sources are somebody else's (`SPAN_SCHEMA`), in any of the zones."""
        wanted = set(sources)
        held: dict[str, list[SourceTerm]] = {}
        for term in terms(self.registry):
            if term.source in wanted:
                held.setdefault(term.source, []).append(term)
        outside = frozenset(organisations(self.registry)) - self.within
        places = sorted({self.zone, *zones})
        rows = [
            (source, *span)
            for source in sorted(wanted)
            for span in self._spans(source, held.get(source, []), outside, places)
        ]
        return pl.DataFrame(rows, schema=SPAN_SCHEMA, orient="row")

    def _spans(
        self, source: str, held: list[SourceTerm], outside: Collection[str], zones: list[str]
    ) -> Iterator[tuple[datetime, datetime]]:
        owner, colon, _ = source.partition(":")
        is_named = not held and colon != "" and owner in outside
        if is_named or (held and all(term.organisation not in self.within for term in held)):
            yield _EVER
        else:
            for term in held:
                if term.organisation not in self.within:
                    yield from ((_start(term, zone), _end(term, zone)) for zone in zones)

    def owns(self, source: str) -> bool:
        """Tell whether a source is somebody else's all the time."""
        return self.spans([source]).rows() == [(source, *_EVER)]


def _start(term: SourceTerm, zone: str) -> datetime:
    return _EVER[0] if term.valid_from is None else day_start(zone, term.valid_from)


def _end(term: SourceTerm, zone: str) -> datetime:
    return _EVER[1] if term.valid_to is None else day_start(zone, term.valid_to)


@dataclass(frozen=True, slots=True)
class Apart:
    """What was set apart.

    Attributes:
        kept: rows of `activities` that may be handed in.
        records: the other ones.
        series: rows of `series`; with all their readings.
        readings: how many those are.
        issues: `ISSUE_SCHEMA`, one per record or series.
    """

    kept: pl.DataFrame
    records: pl.DataFrame
    series: pl.DataFrame
    readings: int
    issues: pl.DataFrame

    @property
    def count(self) -> int:
        """Records and readings."""
        return self.records.height + self.readings


def set_apart(
    others: Others | None, activities: pl.DataFrame, series: pl.DataFrame, measured: pl.DataFrame
) -> Apart:
    """Return what speaks of sources of others; a series whose readings reach into their time wholly does.

    Args:
        others: who there is; None: everything may be handed in.
        activities: records filled with organisation and source.
        series: as well.
        measured: bounds of the readings, a row per series.
    """
    none = Apart(activities, activities.clear(), series.clear(), 0, pl.DataFrame(schema=ISSUE_SCHEMA))
    if others is None:
        return none
    named = {*activities["source"].drop_nulls(), *series["source"].drop_nulls()}
    spans = others.spans(named, series["zone"].drop_nulls())
    if spans.is_empty():
        return none
    is_met = _meets(activities.select("source", "start", "end"), spans)
    records = activities.filter(is_met)
    bounds = series.join(measured.select("series", "low", "high", "records"), on="series", how="left")
    is_met_too = _meets(bounds.select("source", start="low", end="high"), spans)
    met = bounds.filter(is_met_too)
    return Apart(
        activities.filter(~is_met),
        records,
        met.select(series.columns),
        int(met["records"].sum() or 0),
        pl.concat([_row_issues(records), as_frame(_series_issues(met))]),
    )


def _meets(rows: pl.DataFrame, spans: pl.DataFrame) -> pl.Series:
    """Return for each row (source, start, end) whether it lies in a span of its source, if only in part."""
    numbered = rows.with_row_index("at")
    is_before = pl.col("start") < pl.col("high")
    is_after = (pl.col("end") > pl.col("low")) | (pl.col("start") >= pl.col("low"))
    is_undated = pl.col("start").is_null() | pl.col("end").is_null()
    met = numbered.join(spans, on="source").filter(is_undated | (is_before & is_after))
    return numbered["at"].is_in(met["at"].implode())


def _row_issues(records: pl.DataFrame) -> pl.DataFrame:
    return records.select(
        source_row="source_row",
        column=pl.lit("source"),
        value="source",
        code=pl.lit("source_of_others"),
        severity=pl.lit("error"),
        parameters=pl.lit("{}"),
    ).cast(pl.Schema(ISSUE_SCHEMA))


def _series_issues(series: pl.DataFrame) -> list[Issue]:
    return [
        Issue("source_of_others", column=row["column"] or None, value=row["source"])
        for row in series.iter_rows(named=True)
    ]


def without(readings: Path | None, series: pl.DataFrame) -> Path | None:
    """Return a file of readings without those of some series; where nothing is set apart the file itself."""
    if readings is None or series.is_empty():
        return readings
    rest = readings.with_name("own.parquet")
    kept = pl.scan_parquet(readings).filter(~pl.col("series").is_in(series["series"].implode()))
    kept.sink_parquet(rest, maintain_order=True)
    return rest
