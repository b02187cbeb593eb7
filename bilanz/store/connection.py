"""Opening the store: one process at a time, a lock met is waited for and then named.

The threads of a server share one connection: many read, each in a transaction of its own, one writes. It is
closed when nobody uses it, so that another process gets its turn.
"""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import duckdb
import polars as pl

from bilanz.errors import BilanzError, StoreBusy, UsageError
from bilanz.store.schema import VERSION, statements, upgrades

OFFLINE: Final[dict[str, str | bool | int | float | list[str]]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
"""Everything needed is built in; without these a missing function would wait for the network."""

PAUSE: Final = 0.2
_HOLDER: Final = re.compile(r"held in (?P<command>.+?) \(PID (?P<pid>\d+)\)")


@dataclass(frozen=True, slots=True)
class Store:
    """An open store.

    Attributes:
        con: the connection; an unread result blocks the next statement, so fetch everything.
        directory: the data directory, in which readings and archive lie.
    """

    con: duckdb.DuckDBPyConnection
    directory: Path

    @property
    def readings(self) -> Path:
        """Directory of the Parquet files, one per batch."""
        return self.directory / "readings"

    def readings_file(self, batch: str) -> Path:
        """Return the Parquet file of a batch."""
        return self.readings / f"{batch}.parquet"

    def rows(self, query: str, parameters: list[object] | None = None) -> list[tuple[Any, ...]]:
        """Run one statement with `?` parameters and return all its rows."""
        return self.con.execute(query, parameters or []).fetchall()

    def frame(self, query: str, parameters: list[object] | None = None) -> pl.DataFrame:
        """Run one query with `?` parameters and return its result as a frame."""
        frame: pl.DataFrame = self.con.sql(query, params=parameters or []).pl()
        return frame

    @contextmanager
    def lend(self, **frames: pl.DataFrame) -> Iterator[None]:
        """Make frames readable as tables of their names for a while."""
        for name, frame in frames.items():
            self.con.register(name, frame)
        try:
            yield
        finally:
            for name in frames:
                self.con.unregister(name)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do everything inside or nothing."""
        self.con.execute("BEGIN TRANSACTION")
        try:
            yield
        except BaseException:
            self.con.execute("ROLLBACK")
            raise
        self.con.execute("COMMIT")


def settle(con: duckdb.DuckDBPyConnection) -> None:
    """Turn off the progress bar: it is printed to stdout even where that is no terminal."""
    con.execute("SET enable_progress_bar = false")


def _busy(error: Exception, path: Path) -> StoreBusy:
    holder = _HOLDER.search(str(error))
    if holder is None:
        return StoreBusy("The store {file} is held by another process.", file=path.name)
    message = "The store {file} is held by process {pid} ({command}). Try again when it has finished."
    return StoreBusy(message, file=path.name, pid=holder["pid"], command=holder["command"])


def _is_lock(error: duckdb.Error) -> bool:
    return "Could not set lock" in str(error) or "different configuration" in str(error)


def _connect(path: Path, *, wait: float, read_only: bool) -> duckdb.DuckDBPyConnection:
    deadline = time.monotonic() + wait
    while True:
        try:
            return duckdb.connect(path, read_only=read_only, config=OFFLINE)
        except duckdb.Error as error:
            if not _is_lock(error):
                message = "The store {file} cannot be opened: {reason}"
                raise BilanzError(message, code="store_damaged", file=path.name, reason=str(error)) from error
            if time.monotonic() >= deadline:
                raise _busy(error, path) from None
        time.sleep(PAUSE)


def _versions(con: duckdb.DuckDBPyConnection) -> list[tuple[int]]:
    """Return the versions a store states: one, where it is a store of ours."""
    query = "SELECT table_name FROM duckdb_tables() WHERE table_name = 'store_version'"
    if not con.execute(query).fetchall():
        return []
    return con.execute("SELECT version FROM store_version").fetchall()


def _check_version(con: duckdb.DuckDBPyConnection, path: Path, *, read_only: bool) -> None:
    tables = {name for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    if not tables and not read_only:
        con.execute("BEGIN TRANSACTION")
        for statement in statements():
            con.execute(statement)
        con.execute("COMMIT")
        return
    found = _versions(con)
    changes = upgrades(found[0][0]) if len(found) == 1 else ()
    if changes and not read_only:
        con.execute("BEGIN TRANSACTION")
        for statement in changes:
            con.execute(statement)
        con.execute("COMMIT")
    elif found != [(VERSION,)]:
        message = "The store {file} has version {found}, this program reads version {expected}."
        stated = str(found[0][0]) if found else "–"
        raise BilanzError(message, code="store_version", file=path.name, found=stated, expected=str(VERSION))


def _is_older(con: duckdb.DuckDBPyConnection) -> bool:
    """Tell whether a store is of a version that is brought up to this one by whoever writes."""
    found = _versions(con)
    return len(found) == 1 and bool(upgrades(found[0][0]))


@dataclass(slots=True)
class _Shared:
    """What the threads of this process share of a store. `writing`: held by the one that writes."""

    writing: threading.RLock = field(default_factory=threading.RLock)
    entering: threading.Lock = field(default_factory=threading.Lock)
    con: duckdb.DuckDBPyConnection | None = None
    users: int = 0

    def enter(self, path: Path, wait: float) -> duckdb.DuckDBPyConnection:
        """Return a cursor of the one connection, opened by the first to come."""
        with self.entering:
            if self.con is None:
                self.con = _opened(path, wait=wait, read_only=False)
            self.users += 1
            return self.con.cursor()

    def leave(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Give a cursor back; the last one closes the connection."""
        cursor.close()
        with self.entering:
            self.users -= 1
            if self.users == 0 and self.con is not None:
                self.con.close()
                self.con = None


_SHARED: Final[dict[Path, _Shared]] = {}


@contextmanager
def shared_by_threads(path: Path) -> Iterator[None]:
    """Let the threads of this process use a store at the same time, as a server does."""
    _SHARED[path.resolve()] = _Shared()
    try:
        yield
    finally:
        del _SHARED[path.resolve()]


def _opened(path: Path, *, wait: float, read_only: bool) -> duckdb.DuckDBPyConnection:
    """Return a connection to a store of this version; one of before is brought up to it."""
    con = _connect(path, wait=wait, read_only=read_only)
    try:
        if read_only and _is_older(con):
            con.close()
            _opened(path, wait=wait, read_only=False).close()
            con = _connect(path, wait=wait, read_only=True)
        settle(con)
        _check_version(con, path, read_only=read_only)
    except BaseException:
        con.close()
        raise
    return con


@contextmanager
def _connection(path: Path, *, wait: float, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    """Lend a connection: of this process alone, or a cursor of the one its threads share."""
    shared = _SHARED.get(path.resolve())
    if shared is None:
        con = _opened(path, wait=wait, read_only=read_only)
        try:
            yield con
        finally:
            con.close()
    elif read_only:
        cursor = shared.enter(path, wait)
        try:
            settle(cursor)
            cursor.execute("BEGIN TRANSACTION READ ONLY")  # one state of the data from first to last
            yield cursor
        finally:
            shared.leave(cursor)
    else:
        if not shared.writing.acquire(timeout=wait):
            raise StoreBusy("The store {file} is being written to. Try again in a moment.", file=path.name)
        try:
            cursor = shared.enter(path, wait)
            try:
                settle(cursor)
                yield cursor
            finally:
                shared.leave(cursor)
        finally:
            shared.writing.release()


@contextmanager
def open_store(path: Path, *, wait: float = 60, read_only: bool = False) -> Iterator[Store]:
    """Open the store, making it where there is none, and close it afterwards.

    Args:
        path: the DuckDB file; its directory is the data directory.
        wait: seconds to wait for another process to let go.
        read_only: without the right to change anything; temporary tables can be made.

    Raises:
        StoreBusy: another process holds it still, which is named, or another thread writes.
        UsageError: it is to be read and there is none.
        BilanzError: it is damaged or of another version.
    """
    if read_only and not path.exists():
        message = "There is no store in {directory}; import a file first."
        raise UsageError(message, code="no_store", directory=str(path.parent))
    path.parent.mkdir(parents=True, exist_ok=True)
    with _connection(path, wait=wait, read_only=read_only) as con:
        store = Store(con=con, directory=path.parent)
        if not read_only:
            store.readings.mkdir(exist_ok=True)
        yield store
