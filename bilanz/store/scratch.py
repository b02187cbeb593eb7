"""A database in memory for bulk work while a file is read: no file behind it, no network."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from bilanz.store.connection import OFFLINE, settle


@dataclass(frozen=True, slots=True)
class ScratchDatabase:
    """What importers see as `importers.base.Scratch`."""

    con: duckdb.DuckDBPyConnection

    def execute(self, query: str, parameters: list[object] | None = None) -> list[tuple[Any, ...]]:
        """Run one statement with `?` parameters and return all its rows."""
        return self.con.execute(query, parameters or []).fetchall()

    def frame(self, query: str) -> pl.DataFrame:
        """Run one query and return its result as a frame."""
        frame: pl.DataFrame = self.con.sql(query).pl()
        return frame


def new_scratch(directory: Path, *, memory_limit: str = "1GB") -> ScratchDatabase:
    """Return a scratch database that spills to a directory beyond its memory limit."""
    con = duckdb.connect(":memory:", config=OFFLINE)
    settle(con)
    con.execute("SET memory_limit = ?", [memory_limit])
    con.execute("SET temp_directory = ?", [str(directory)])
    return ScratchDatabase(con)


@contextmanager
def scratch(directory: Path, *, memory_limit: str = "1GB") -> Iterator[ScratchDatabase]:
    """Lend a scratch database and close it afterwards."""
    database = new_scratch(directory, memory_limit=memory_limit)
    try:
        yield database
    finally:
        database.con.close()
