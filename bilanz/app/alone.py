"""Only one process at a time does some work over a data directory."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bilanz.errors import StoreBusy


@contextmanager
def only_one(data: Path, work: str, message: str, *, wait: float = 0) -> Iterator[None]:
    """Keep other processes that do the same over the same data directory out.

    An exclusive SQLite transaction is the lock: it waits, works on every platform, and dies with the process.

    Args:
        data: the data directory; made where it is missing.
        work: name of the work; the lock is `<work>.lock` in the data directory.
        message: what is said to the other one; may name `{data}`.
        wait: seconds.

    Raises:
        StoreBusy: another process holds it for longer.
    """
    data.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(data / f"{work}.lock", timeout=wait, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise StoreBusy(message, data=data) from error
        yield
