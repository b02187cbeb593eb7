"""From staging to final: one batch, all of it or nothing.

    staging/…/readings.parquet ──rename──► readings/<batch>.parquet
                                                │
              ┌─────────────── one transaction ─┴───────────────────────────────┐
              │ batch · series · batch_series · activity · resolution · issue · daily │ ──► control check
              └─────────────────────────────────────────────────────────────────┘

The row in `batch` is the truth: without it the Parquet file is an orphan, which opening the store removes.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import polars as pl

from bilanz.errors import AlreadyImported, BilanzError, UsageError
from bilanz.issues import ISSUE_SCHEMA
from bilanz.records import ACTIVITY_SCHEMA, SERIES_SCHEMA
from bilanz.store.archive import sync_directory, sync_file
from bilanz.store.completeness import completeness
from bilanz.store.connection import Store
from bilanz.store.control import Control, check_stored
from bilanz.store.findings import overlap_issues
from bilanz.store.measure import measured
from bilanz.store.outliers import outliers
from bilanz.store.overlaps import Choice, resolve_overlaps
from bilanz.store.rollup import recompute, touched_days
from bilanz.store.schema import names


@dataclass(frozen=True, slots=True)
class Delivery:
    """One file, read and checked, ready to be committed.

    Attributes:
        activities: `ACTIVITY_SCHEMA` with organisation and source filled.
        series: `SERIES_SCHEMA` with source filled, plus `organisation`.
        readings: Parquet in `READING_SCHEMA`, sorted by series and start, on the file system of the store.
        zone: zone in which issues name times.
        measured: `MEASURED_SCHEMA`, what that file holds; None: it is still to be looked at.
        controls: sums the stored quantities must give.
        delivered: when the message was made, UTC; None: not stated.
    """

    batch: str
    sha256: str
    file: str
    importer: str
    importer_version: str
    organisation: str
    zone: str
    n_read: int
    n_accepted: int
    n_rejected: int
    n_ignored: int
    activities: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=ACTIVITY_SCHEMA))
    series: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(schema={**SERIES_SCHEMA, "organisation": pl.String})
    )
    readings: Path | None = None
    measured: pl.DataFrame | None = None
    issues: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=ISSUE_SCHEMA))
    controls: tuple[Control, ...] = ()
    delivered: datetime | None = None


@dataclass(frozen=True, slots=True)
class Committed:
    """What a commit did.

    Attributes:
        batch_key: key of the batch.
        issues: what only the store can see: overlaps, values far from their history.
        coverage: intervals by series and month (`completeness.SCHEMA`).
        overlaps: what `bilanz.store.overlaps.resolve_overlaps` returns.
    """

    batch_key: int
    issues: pl.DataFrame
    coverage: pl.DataFrame
    overlaps: pl.DataFrame


Agree = Callable[[pl.DataFrame], None]
"""Is shown the overlaps of a commit before it stands; raises where they are not to stand."""


class _TakenBack(Exception):
    """A rehearsal is over."""


def first_import(store: Store, sha256: str) -> tuple[str, str, str] | None:
    """Return (batch, file, day) of the committed batch of these bytes, or None."""
    found = store.rows(
        "SELECT batch, file, strftime(committed_at, '%Y-%m-%d') FROM batch "
        "WHERE sha256 = ? AND state = 'committed'",
        [sha256],
    )
    return found[0] if found else None


def already_imported(file: str, batch: str, first_file: str, day: str) -> AlreadyImported:
    """Return the refusal of bytes that are committed already."""
    message = "{file} was imported already, as {first_file} in batch {batch} on {day}. Nothing was imported."
    return AlreadyImported(message, file=file, batch=batch, first_file=first_file, day=day)


def refuse_known(store: Store, sha256: str, file: str) -> None:
    """Refuse bytes that are committed already.

    Raises:
        AlreadyImported: names the first batch.
    """
    first = first_import(store, sha256)
    if first is not None:
        raise already_imported(file, *first)


@contextmanager
def _placed(store: Store, delivery: Delivery) -> Iterator[None]:
    """Put the readings under their final name; take them away again where the commit fails."""
    if delivery.readings is None:
        yield
        return
    final = store.readings_file(delivery.batch)
    sync_file(delivery.readings)
    delivery.readings.replace(final)
    final.chmod(0o444)
    sync_directory(final.parent)
    try:
        yield
    except BaseException:
        final.unlink(missing_ok=True)
        raise


def commit(store: Store, delivery: Delivery, choice: Choice, agree: Agree | None = None) -> Committed:
    """Store a delivery, all of it or nothing.

    Raises:
        AlreadyImported: the same bytes are committed already.
        UsageError: both are to count and no reason is given.
        BilanzError: the stored sums differ from the control sums, or readings break the rules of the roll-up.
    """
    if choice.rule == "both" and not choice.reason:
        raise UsageError("Letting both count needs a reason (--reason).")
    refuse_known(store, delivery.sha256, delivery.file)
    with _placed(store, delivery), store.transaction():
        return _written(store, delivery, choice, agree)


def rehearse(store: Store, delivery: Delivery, choice: Choice) -> Committed:
    """Return what a commit would do, by doing it and taking all of it back; the readings are used up.

    Raises:
        AlreadyImported: the same bytes are committed already.
        BilanzError: as a commit.
    """
    refuse_known(store, delivery.sha256, delivery.file)
    done: list[Committed] = []
    with suppress(_TakenBack), _placed(store, delivery), store.transaction():
        done.append(_written(store, delivery, choice, None))
        raise _TakenBack
    return done[0]


def _written(store: Store, delivery: Delivery, choice: Choice, agree: Agree | None) -> Committed:
    """Write a delivery inside the caller's transaction."""
    key = _insert_batch(store, delivery, choice)
    _insert_series(store, delivery)
    _insert_readings(store, delivery, key)
    _insert_activities(store, delivery, key)
    _date_batch(store, key)
    overlaps = resolve_overlaps(store, key, choice)
    if agree is not None:
        agree(overlaps)
    issues = overlap_issues(overlaps, batch=delivery.batch, file=delivery.file, zone=delivery.zone)
    recompute(store, touched_days(store, key))
    issues = pl.concat([issues, outliers(store, key)])
    _insert_issues(store, pl.concat([delivery.issues, issues]), key)
    check_stored(store, key, delivery.controls, accepted=delivery.n_accepted)
    return Committed(key, issues, completeness(store, key), overlaps)


def _insert_batch(store: Store, delivery: Delivery, choice: Choice) -> int:
    ((key,),) = store.rows("SELECT coalesce(max(batch_key), 0) + 1 FROM batch")
    store.con.execute(
        "INSERT INTO batch VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'committed', ?, ?, ?, ?, NULL, NULL, ?)",
        [
            key,
            delivery.batch,
            delivery.sha256,
            delivery.file,
            delivery.importer,
            delivery.importer_version,
            delivery.organisation,
            choice.at,
            delivery.n_read,
            delivery.n_accepted,
            delivery.n_rejected,
            delivery.n_ignored,
            delivery.delivered,
        ],
    )
    return int(key)


_SAME = """s.organisation = w.organisation AND s.source = w.source AND s.direction = w.direction
    AND s.unit = w.unit AND s.basis = w.basis AND s.activity IS NOT DISTINCT FROM w.activity
    AND s.product_group IS NOT DISTINCT FROM w.product_group AND s.minutes IS NOT DISTINCT FROM w.minutes
    AND s.zone IS NOT DISTINCT FROM w.zone"""
_IDENTITY = ("organisation", "source", "activity", "product_group", "direction", "unit", "basis")


def _insert_series(store: Store, delivery: Delivery) -> None:
    """Give a key to every combination that has none yet."""
    readings = delivery.series.with_columns(product_group=pl.lit(None, pl.String))
    records = delivery.activities.with_columns(minutes=pl.lit(None, pl.Int32), zone=pl.lit(None, pl.String))
    wanted = pl.concat(
        [frame.select(*_IDENTITY, "minutes", "zone") for frame in (readings, records)]
    ).unique()
    with store.lend(wanted=wanted.sort(pl.all())):
        store.con.execute(f"""
            INSERT INTO series
            SELECT (SELECT coalesce(max(series_key), 0) FROM series) + row_number() OVER (), w.*
            FROM wanted w WHERE NOT EXISTS (SELECT 1 FROM series s WHERE {_SAME})""")


def _measure(store: Store, delivery: Delivery) -> None:
    """Lay down what the Parquet file holds as the temporary tables `delivered_series` and `delivered_sums`.

    What was measured before the commit is held against the roll-up afterwards, as the file then gives it.
    """
    file = store.readings_file(delivery.batch) if delivery.readings else None
    sums = delivery.measured
    if sums is None:
        sums = measured(file, store.directory)
    series = delivery.series.with_columns(product_group=pl.lit(None, pl.String))
    for name, frame in {"delivered_series": series, "delivered_sums": sums}.items():
        with store.lend(lent=frame):
            store.con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM lent")


def _insert_readings(store: Store, delivery: Delivery, key: int) -> None:
    """Enter which series the Parquet file holds, and how much of each.

    Raises:
        BilanzError: the file and its series frame do not fit: a defect of the importer.
    """
    _measure(store, delivery)
    store.con.execute(f"""
        INSERT INTO batch_series
        SELECT {key}, w.series, s.series_key, r.records, r.low, r.high
        FROM delivered_sums r
        JOIN delivered_series w ON w.series = r.series AND w.minutes = r.shortest AND w.minutes = r.longest
        JOIN series s ON {_SAME}
        ORDER BY w.series""")
    ((missing,),) = store.rows(
        """SELECT (SELECT coalesce(sum(records), 0) FROM delivered_sums)
            - (SELECT coalesce(sum(readings), 0) FROM batch_series WHERE batch_key = ?)""",
        [key],
    )
    if missing:
        message = "{missing} readings belong to no series of their interval. Nothing was stored."
        raise BilanzError(message, code="readings", missing=missing)


def _insert_activities(store: Store, delivery: Delivery, key: int) -> None:
    records = delivery.activities.with_columns(
        minutes=pl.lit(None, pl.Int32), zone=pl.lit(None, pl.String)
    ).with_row_index("position")
    columns = ", ".join(f"w.{name}" for name in names(ACTIVITY_SCHEMA).split(", "))
    with store.lend(delivered=records):
        store.con.execute(f"""
            INSERT INTO activity
            SELECT (SELECT coalesce(max(record_id), 0) FROM activity) + 1 + w.position, {key}, s.series_key,
                {columns}
            FROM delivered w JOIN series s ON {_SAME}
            ORDER BY w.position""")


def _date_batch(store: Store, key: int) -> None:
    """Enter the period the batch covers."""
    store.con.execute(
        """
        UPDATE batch SET period_start = p.low, period_end = p.high FROM (
            SELECT min(low) AS low, max(high) AS high FROM (
                SELECT min("start") AS low, max("end") AS high FROM activity WHERE batch_key = $1
                UNION ALL
                SELECT min(first_start), max(last_end) FROM batch_series WHERE batch_key = $1)) p
        WHERE batch_key = $1""",
        [key],
    )


def _insert_issues(store: Store, issues: pl.DataFrame, key: int) -> None:
    with store.lend(found=issues.select(ISSUE_SCHEMA.keys())):
        store.con.execute(f"INSERT INTO issue SELECT {key}, {names(ISSUE_SCHEMA)} FROM found")
