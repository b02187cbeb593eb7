"""Runs: a calculation as it was, kept under the hash of everything it depends on.

Saving the same run again changes nothing: the same manifest gives the same bytes.
"""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

import polars as pl

from bilanz.errors import UnknownName
from bilanz.result import Manifest, Result
from bilanz.store.connection import Store
from bilanz.store.schema import RUN_TABLES, Schema, names

_FIELDS: Final[dict[str, str]] = {
    "run_line": "lines",
    "run_usage": "usage",
    "run_exception": "exceptions",
    "run_superseded": "superseded",
    "run_coverage": "coverage",
    "run_assumption": "assumptions",
    "run_factor": "factors",
    "run_organisation": "organisations",
    "run_batch": "batches",
}


def save(store: Store, result: Result) -> str:
    """Keep a run and return its identifier; one that is there already is written anew, in one go."""
    pinned = result.manifest
    with store.transaction():
        remove(store, pinned.run)
        store.con.execute(
            "INSERT INTO run VALUES (?, ?, ?, ?)",
            [
                pinned.run,
                pinned.year,
                json.dumps(asdict(pinned), ensure_ascii=False, sort_keys=True),
                datetime.fromisoformat(pinned.created_at).replace(tzinfo=None),
            ],
        )
        for table, schema in RUN_TABLES.items():
            frame = _shaped(getattr(result, _FIELDS[table]), schema)
            with store.lend(run_frame=frame):
                store.con.execute(
                    f"INSERT INTO {table} (run, {names(schema)}) SELECT ?, {names(schema)} FROM run_frame",
                    [pinned.run],
                )
    return pinned.run


def remove(store: Store, run: str) -> None:
    """Forget a run; one that is not there is no error."""
    for table in ("run", *RUN_TABLES):
        store.con.execute(f"DELETE FROM {table} WHERE run = ?", [run])


def load(store: Store, run: str) -> Result:
    """Return a run as it was saved.

    Raises:
        UnknownName: there is no such run.
    """
    pinned = manifest(store, run)
    frames: dict[str, Any] = {field: _frame(store, table, run) for table, field in _FIELDS.items()}
    return Result(manifest=pinned, **frames)


def manifest(store: Store, run: str) -> Manifest:
    """Return what a run depends on.

    Raises:
        UnknownName: there is no such run.
    """
    found = store.rows("SELECT manifest FROM run WHERE run = ?", [run])
    if not found:
        raise UnknownName('The run "{name}" is not known.', name=run)
    return _manifest(json.loads(found[0][0]))


def usage(store: Store, run: str) -> pl.DataFrame:
    """Return what a run counted, `USAGE_SCHEMA`; no row: there is no such run."""
    return _frame(store, "run_usage", run)


def exceptions(store: Store, run: str) -> pl.DataFrame:
    """Return what a run has no number for, `EXCEPTION_SCHEMA`; no row: none, or no such run."""
    return _frame(store, "run_exception", run)


def latest(
    store: Store, year: int, organisation: str | None = None, factor_release: str | None = None
) -> str | None:
    """Return the run of a year saved last, or None.

    `organisation`: of the runs restricted to it; None: of the runs over all. Neither stands for the other.
    `factor_release`: only of the runs with this catalogue (sha256); None: with any.
    """
    found = store.rows(
        """SELECT run FROM run
        WHERE year = ? AND json_extract_string(manifest, '$.organisation') IS NOT DISTINCT FROM ?
            AND json_extract_string(manifest, '$.factor_release') = COALESCE(?,
                json_extract_string(manifest, '$.factor_release'))
        ORDER BY created_at DESC, rowid DESC LIMIT 1""",
        [year, organisation, factor_release],
    )
    return str(found[0][0]) if found else None


def runs(store: Store) -> list[Manifest]:
    """Return the manifests of all runs, the newest first."""
    rows = store.rows("SELECT manifest FROM run ORDER BY created_at DESC, run")
    return [_manifest(json.loads(text)) for (text,) in rows]


def _shaped(frame: pl.DataFrame, schema: Schema) -> pl.DataFrame:
    """Return a frame in a schema; a column it does not have is null."""
    missing = [
        pl.lit(None, dtype=kind).alias(name) for name, kind in schema.items() if name not in frame.columns
    ]
    return frame.with_columns(missing).select(pl.col(name).cast(kind) for name, kind in schema.items())


def _frame(store: Store, table: str, run: str) -> pl.DataFrame:
    schema = RUN_TABLES[table]
    frame = store.frame(f"SELECT {names(schema)} FROM {table} WHERE run = ?", [run])
    typed = frame.select(pl.col(name).cast(kind) for name, kind in schema.items())
    return typed.sort(typed.columns, nulls_last=False)


def _manifest(stored: dict[str, Any]) -> Manifest:
    stored["books"] = tuple(stored["books"])
    stored["inputs"] = tuple((sha256, importer) for sha256, importer in stored["inputs"])
    return Manifest(**stored)
