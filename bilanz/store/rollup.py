"""Readings rolled up by civil day whenever a batch comes or goes, so that a balance never scans readings.

    readings/<batch>.parquet ──► per file: series × local day ──► all files: series_key × local day ──► daily
                    └── readings a resolution lets give way ──► daily_superseded

The local day comes from the intervals of constant UTC offset, as integer minutes; the database's own function
is several times slower per row. Readings lie inside one civil day; what crosses midnight is an activity
record.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import polars as pl

from bilanz.errors import BilanzError
from bilanz.periods import days, segments
from bilanz.store.connection import Store

TOUCHED_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "series_key": pl.Int32,
    "first_day": pl.Date,
    "last_day": pl.Date,
}
DAY: Final = timedelta(days=1)
LONGEST_DAY: Final = 25 * 60
"""Minutes; the slot bitmap is as long as this day, so that all days of a series compare bit by bit."""


@dataclass(frozen=True, slots=True)
class Part:
    """The readings of one batch in one group of series (same zone and interval)."""

    batch_key: int
    batch: str
    zone: str
    minutes: int
    first_day: date
    last_day: date

    @property
    def low(self) -> datetime:
        """A UTC instant before the first day in any zone."""
        return datetime.combine(self.first_day - DAY, datetime.min.time())

    @property
    def high(self) -> datetime:
        """A UTC instant after the last day in any zone."""
        return datetime.combine(self.last_day + 2 * DAY, datetime.min.time())


def _case(cuts: Sequence[tuple[datetime, int]]) -> str:
    """Return the CASE over `start` for (end of interval, value), the last one open."""
    if len(cuts) == 1:
        return str(cuts[0][1])
    branches = " ".join(f"WHEN start < TIMESTAMP '{end}' THEN {value}" for end, value in cuts[:-1])
    return f"CASE {branches} ELSE {cuts[-1][1]} END"


def _merged(cuts: Sequence[tuple[datetime, int]]) -> list[tuple[datetime, int]]:
    """Return the intervals with equal neighbours made one."""
    merged: list[tuple[datetime, int]] = []
    for end, value in cuts:
        if merged and merged[-1][1] == value:
            merged.pop()
        merged.append((end, value))
    return merged


def local_minutes(zone: str, low: datetime, high: datetime) -> tuple[str, str]:
    """Return SQL over `start`: local minutes since 1970, and what makes them minutes since the day began."""
    tiles = segments(zone, low, high)
    ends = tiles["utc_end"].to_list()
    offset = _case(_merged(list(zip(ends, tiles["offset_minutes"].to_list(), strict=True))))
    correction = _case(_merged(list(zip(ends, tiles["correction_minutes"].to_list(), strict=True))))
    return f"epoch_us(start) // 60000000 + {offset}", correction


# Ranges meet readings day by day (UTC): an equality the hash join can use.
LOSING: Final = """
    SELECT m.series, x."start" AS lost_start, x."end" AS lost_end,
        unnest(range(epoch_us(x."start" - to_minutes(s.minutes)) // 86400000000,
            epoch_us(x."end") // 86400000000 + 1)) AS bucket
    FROM resolution x
    JOIN batch_series m ON m.batch_key = x.loser_batch AND m.series_key = x.series_key
    JOIN series s ON s.series_key = x.series_key
    WHERE x.loser_batch = {batch_key} AND x.loser_record IS NULL AND x.rule <> 'both'{rules}
"""
_EXCLUDED: Final = " AND x.rule = 'excluded'"
_GAVE_WAY: Final = " AND x.rule <> 'excluded'"

_LOST: Final = """ {kind} JOIN {losing} ON {losing}.series = r.series
    AND {losing}.bucket = epoch_us(r.start) // 86400000000
    AND r.start < {losing}.lost_end AND r.start + to_minutes(r.minutes) > {losing}.lost_start"""


def _part_sql(store: Store, part: Part, *, bits: int, is_lost: bool | None, is_excluded: bool = False) -> str:
    """Return the query of one file: one row per series_key and day number.

    Args:
        store: the open store.
        part: which readings.
        bits: length of the slot bitmap.
        is_lost: only readings that give way (True) or that count (False); None: all, nothing gives way.
        is_excluded: of those that give way only what a person excluded (True), or only all others (False).
    """
    return f"""(SELECT g.series_key, sum(d.quantity) AS quantity, d.day_number, sum(d.n) AS n, sum(d.e) AS e,
            bit_or(d.slots) AS slots, max(d.latest) AS latest
        FROM (
            SELECT series, lm // 1440 AS day_number, sum(quantity) AS quantity, count(*) AS n,
                sum(status) AS e, bitstring_agg(((lm % 1440 + c) // {part.minutes})::INTEGER, 0, {bits - 1})
                AS slots, max(start) AS latest
            FROM {readings_of(store, part, is_lost=is_lost, is_excluded=is_excluded)}
            GROUP BY series, day_number) d
        JOIN {mapping_of(part)} g ON g.series = d.series
        GROUP BY g.series_key, d.day_number)"""


def mapping_of(part: Part) -> str:
    """Return the touched series of a part: `series` in its file, `series_key`."""
    return f"""(SELECT m.series, m.series_key FROM batch_series m JOIN series s USING (series_key)
        WHERE m.batch_key = {part.batch_key} AND s.zone = '{part.zone}' AND s.minutes = {part.minutes}
        AND s.series_key IN (SELECT series_key FROM touched))"""


def readings_of(store: Store, part: Part, *, is_lost: bool | None, is_excluded: bool = False) -> str:
    """Return the readings of a part: `series`, `quantity`, `status`, `start`, and their place in local time.

    `lm` are local minutes since 1970; with `c` added, modulo a day, they are the minutes since it began.
    `is_lost`, `is_excluded`: as in `_part_sql`.
    """
    local, correction = local_minutes(part.zone, part.low, part.high)
    losing, lost = _losing(part, is_lost=is_lost, is_excluded=is_excluded)
    return f"""({losing}SELECT r.series, r.quantity, r.status, r.start, {local} AS lm, {correction} AS c
        FROM read_parquet('{_quoted(store, part)}') r{lost}
        WHERE r.start >= TIMESTAMP '{part.low}' AND r.start < TIMESTAMP '{part.high}'
        {_only(store, part, mapping_of(part))})"""


def _losing(part: Part, *, is_lost: bool | None, is_excluded: bool) -> tuple[str, str]:
    """Return the ranges that give way as tables, and the joins that choose readings by them."""
    if is_lost is None:
        return "", ""
    every = LOSING.format(batch_key=part.batch_key, rules="")
    if not is_lost:
        return f"WITH losing AS ({every}) ", _LOST.format(kind="ANTI", losing="losing")
    excluded = LOSING.format(batch_key=part.batch_key, rules=_EXCLUDED)
    if is_excluded:
        return f"WITH excluded AS ({excluded}) ", _LOST.format(kind="SEMI", losing="excluded")
    others = LOSING.format(batch_key=part.batch_key, rules=_GAVE_WAY)
    pairs = (("SEMI", "others"), ("ANTI", "excluded"))
    joins = (_LOST.format(kind=kind, losing=name) for kind, name in pairs)
    return f"WITH others AS ({others}), excluded AS ({excluded}) ", "".join(joins)


def _quoted(store: Store, part: Part) -> str:
    return str(store.readings_file(part.batch)).replace("'", "''")


def _only(store: Store, part: Part, mapping: str) -> str:
    """Return the condition that leaves out series of other groups; empty where the whole file is wanted."""
    query = f"SELECT count(*) = (SELECT count(*) FROM batch_series WHERE batch_key = ?) FROM {mapping}"
    ((is_whole,),) = store.rows(query, [part.batch_key])
    return "" if is_whole else f"AND r.series IN (SELECT series FROM {mapping})"


def parts_of(store: Store) -> list[Part]:
    """Return the files that hold readings of the touched series-days, grouped by zone and interval.

    `touched` is lent by the caller, in `TOUCHED_SCHEMA`.
    """
    query = """
        SELECT m.batch_key, b.batch, s.zone, s.minutes, min(t.first_day), max(t.last_day)
        FROM touched t JOIN series s USING (series_key) JOIN batch_series m USING (series_key)
        JOIN batch b USING (batch_key)
        WHERE b.state = 'committed' AND m.first_start < t.last_day + INTERVAL 2 DAY
            AND m.last_end > t.first_day - INTERVAL 1 DAY
        GROUP BY ALL ORDER BY s.zone, s.minutes, m.batch_key"""
    return [Part(*row) for row in store.rows(query)]


def has_losses(store: Store, part: Part) -> bool:
    """Tell whether a resolution lets readings of a part give way."""
    return bool(store.rows(f"SELECT 1 FROM ({LOSING.format(batch_key=part.batch_key, rules='')}) LIMIT 1"))


def _day_frame(parts: Sequence[Part]) -> pl.DataFrame:
    """Return the civil days of a group with the minutes each has."""
    first, last = min(part.first_day for part in parts), max(part.last_day for part in parts)
    return days(parts[0].zone, first, last).with_columns(
        day_number=(pl.col("day") - pl.date(1970, 1, 1)).dt.total_days().cast(pl.Int64),
        length=(pl.col("utc_end") - pl.col("utc_start")).dt.total_minutes().cast(pl.Int64),
    )


def _roll_group(store: Store, parts: Sequence[Part]) -> None:
    """Fill `daily` for the touched days of one group of series."""
    civil, minutes = _day_frame(parts), parts[0].minutes
    longest = max(LONGEST_DAY, int(civil["length"].max() or 0))  # type: ignore[arg-type]
    bits = -(-longest // minutes)
    losses = {part.batch_key: has_losses(store, part) for part in parts}
    queries = [
        _part_sql(store, part, bits=bits, is_lost=False if losses[part.batch_key] else None) for part in parts
    ]
    counted = " UNION ALL ".join(f"SELECT * FROM {query}" for query in queries)
    with store.lend(civil=civil):
        store.con.execute(f"""
            CREATE OR REPLACE TEMP TABLE rolled AS
            SELECT u.series_key, c."day", c.utc_end, sum(u.quantity)::DECIMAL(25,6) AS quantity,
                greatest(any_value(c.length) // {minutes}, 1) AS n_expected, sum(u.n) AS n, sum(u.e) AS e,
                bit_or(u.slots) AS slots, max(u.latest) AS latest
            FROM ({counted}) u JOIN civil c ON c.day_number = u.day_number
            JOIN touched t ON t.series_key = u.series_key AND c."day" BETWEEN t.first_day AND t.last_day
            GROUP BY u.series_key, c."day", c.utc_end""")
        for part in parts:
            if losses[part.batch_key]:
                _note_losses(store, part, bits)
    _check(store, minutes)
    store.con.execute("""INSERT INTO daily SELECT series_key, "day", quantity, n_expected, n - e, e, slots
        FROM rolled ORDER BY series_key, "day" """)
    store.con.execute("DROP TABLE rolled")


def _note_losses(store: Store, part: Part, bits: int) -> None:
    found = store.rows(
        "SELECT DISTINCT rule = 'excluded' FROM resolution WHERE loser_batch = ? AND loser_record IS NULL",
        [part.batch_key],
    )
    for (is_excluded,) in found:
        query = _part_sql(store, part, bits=bits, is_lost=True, is_excluded=is_excluded)
        store.con.execute(f"""
            INSERT INTO daily_superseded
            SELECT u.series_key, c."day", {part.batch_key}, u.quantity, u.n, {is_excluded}
            FROM {query} u JOIN civil c ON c.day_number = u.day_number
            JOIN touched t ON t.series_key = u.series_key AND c."day" BETWEEN t.first_day AND t.last_day""")


_DOUBLED: Final = """bit_count(slots) <> n
    AND series_key NOT IN (SELECT series_key FROM resolution WHERE rule = 'both')"""
"""More values than slots of the day hold: some state the same times."""


def _check(store: Store, minutes: int) -> None:
    """Refuse readings that cross midnight (a defect of an importer) or would count twice.

    Raises:
        BilanzError: with the number of series-days concerned, and the first source that would count twice.
    """
    ((crossing, doubled),) = store.rows(f"""
        SELECT count(*) FILTER (latest + to_minutes({minutes}) > utc_end), count(*) FILTER ({_DOUBLED})
        FROM rolled""")
    if doubled:
        ((source, day),) = store.rows(f"""
            SELECT source, "day" FROM rolled JOIN series USING (series_key)
            WHERE {_DOUBLED} ORDER BY "day", source LIMIT 1""")
        message = (
            "The file states several values of the same times for {source} (days: {doubled}, the first one "
            "{day}), such as a total beside its tariffs or power beside energy: they would count twice. "
            "Nothing was stored. Leave only one of them in the file."
        )
        raise BilanzError(message, code="rollup", source=source, doubled=doubled, day=str(day))
    if crossing:
        message = "Readings of {crossing} days of a series cross midnight. Nothing was stored."
        raise BilanzError(message, code="rollup", crossing=crossing)


def recompute(store: Store, touched: pl.DataFrame) -> None:
    """Compute `daily` anew for series-days, from the Parquet of all committed batches less what gives way.

    Shape of `touched`: one row per series and range of days, `TOUCHED_SCHEMA`; ranges of a series are joined.
    Runs inside the caller's transaction.
    """
    if touched.is_empty():
        return
    whole = touched.group_by("series_key").agg(pl.col("first_day").min(), pl.col("last_day").max())
    with store.lend(touched=whole):
        for table in ("daily", "daily_superseded"):
            store.con.execute(f"""DELETE FROM {table} USING touched t WHERE {table}.series_key = t.series_key
                AND {table}."day" BETWEEN t.first_day AND t.last_day""")
        groups: dict[tuple[str, int], list[Part]] = {}
        for part in parts_of(store):
            groups.setdefault((part.zone, part.minutes), []).append(part)
        for parts in groups.values():
            _roll_group(store, parts)


def touched_days(store: Store, batch_key: int) -> pl.DataFrame:
    """Return the series-days a batch touches: its own, and those of its resolutions (`TOUCHED_SCHEMA`).

    A day to either side costs little and spares the civil bounds of every series.
    """
    return store.frame(
        """
        SELECT series_key, first_start::DATE - 1 AS first_day, last_end::DATE + 1 AS last_day
        FROM batch_series WHERE batch_key = $1
        UNION ALL
        SELECT series_key, "start"::DATE - 1, "end"::DATE + 1 FROM resolution
        WHERE loser_record IS NULL AND (winner_batch = $1 OR loser_batch = $1)""",
        [batch_key],
    ).cast({"series_key": pl.Int32, "first_day": pl.Date, "last_day": pl.Date})
