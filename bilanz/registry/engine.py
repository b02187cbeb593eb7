"""Opening the registry: SQLite by default, PostgreSQL by URL; migrations run to head on the way."""

from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection as SQLiteConnection
from typing import Final

from sqlalchemy import Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session

import bilanz.access
import bilanz.batch
import bilanz.confirmation
import bilanz.fund.assessment
import bilanz.job
import bilanz.masterrow
import bilanz.period
import bilanz.trail  # noqa: F401 - declares its tables
from bilanz.errors import StoreBusy, UsageError

MIGRATIONS: Final = Path(__file__).parent / "migrations"
HEAD: Final = "0015"
"""Newest revision; a test holds it against the scripts. Knowing it spares the import of Alembic."""

BUSY_SECONDS: Final = 30
_PRAGMAS: Final = (
    f"busy_timeout={BUSY_SECONDS * 1000}",
    "foreign_keys=ON",
    "journal_mode=WAL",
    "synchronous=FULL",
)


@dataclass(frozen=True, slots=True)
class Registry:
    """An open registry; sessions are short and belong to one function each."""

    engine: Engine

    def session(self) -> Session:
        """Return a session whose objects stay readable after it is closed."""
        return Session(self.engine, expire_on_commit=False)

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()


def _prepare_sqlite(connection: object, _record: object) -> None:
    """Turn on what SQLite leaves off: foreign keys, waiting, readers beside writers, durability."""
    if not isinstance(connection, SQLiteConnection):
        return
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def registry_exists(url: str) -> bool:
    """Return whether there is a registry to open; a database server is taken to be there."""
    parsed = make_url(url)
    return parsed.get_backend_name() != "sqlite" or bool(parsed.database and Path(parsed.database).exists())


def open_registry(url: str) -> Registry:
    """Open a registry, creating or upgrading its tables.

    Raises:
        UsageError: the address is not usable, or the registry was written by a newer version.
        StoreBusy: another process is upgrading it.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    # An error message goes into the log of the server: what was to be written does not belong there.
    engine = create_engine(url, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    try:
        upgrade(engine)
    except DatabaseError as error:
        engine.dispose()
        if "locked" in str(error.orig):
            raise StoreBusy("The registry {url} is being changed by another process.", url=url) from error
        message = "The registry {url} cannot be opened: {reason}"
        raise UsageError(message, url=url, reason=str(error.orig)) from error
    return Registry(engine)


def is_reachable(registry: Registry) -> bool:
    """Return whether the registry answers."""
    try:
        return revision(registry.engine) == HEAD
    except DatabaseError:
        return False


def revision(engine: Engine) -> str | None:
    """Return the revision of the tables, or None where there are none yet."""
    if not inspect(engine).has_table("alembic_version"):
        return None
    with engine.connect() as connection:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def upgrade(engine: Engine) -> None:
    """Run the migrations to head, in one transaction.

    Raises:
        UsageError: the registry was written by a newer version.
    """
    if revision(engine) == HEAD:
        return
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            message = "The registry was written by a newer version of bilanz: {reason}"
            raise UsageError(message, reason=str(error)) from error
