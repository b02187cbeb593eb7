"""What the engine needs of the store: a connection that is lent, and frames that become temporary tables."""

from typing import Any, Protocol

import polars as pl


class Database(Protocol):
    """The connection the store lends: SQL in, rows or a frame out."""

    def execute(self, query: str, parameters: object = ...) -> Any:  # noqa: ANN401 - a driver's own type
        """Run one statement."""

    def sql(self, query: str) -> Any:  # noqa: ANN401 - a driver's own type
        """Return a relation with `.pl()`."""

    def register(self, view_name: str, python_object: object) -> Any:  # noqa: ANN401 - a driver's own type
        """Make a frame readable under a name."""

    def unregister(self, view_name: str) -> Any:  # noqa: ANN401 - a driver's own type
        """Forget a frame."""


def lend(con: Database, name: str, frame: pl.DataFrame) -> None:
    """Copy a frame into a temporary table of that name."""
    con.register(f"{name}_frame", frame)
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM {name}_frame")
    con.unregister(f"{name}_frame")
