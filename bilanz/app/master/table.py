"""What a table of master data is: its file, its columns, what identifies a row."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bilanz.app.master.cells import plain
from bilanz.masterrow import MasterRow


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        read: how a cell becomes a value.
        is_needed: whether it must be filled.
        refers: the table whose `id` it names; None: it names nothing.
    """

    name: str
    read: Callable[[str], Any] = plain
    is_needed: bool = False
    refers: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """One CSV file and the table of the registry behind it.

    Attributes:
        name: stem of the file.
        key: columns that identify a row.
    """

    name: str
    model: type[MasterRow]
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def key_of(self, row: MasterRow) -> tuple[Any, ...]:
        """Return what identifies a row."""
        return tuple(getattr(row, name) for name in self.key)

    @property
    def references(self) -> dict[str, str]:
        """Return column → the table it refers to."""
        return {column.name: column.refers for column in self.columns if column.refers is not None}

    def values(self, row: MasterRow) -> dict[str, Any]:
        """Return what the columns hold in a row of the registry."""
        return {column.name: getattr(row, column.name) for column in self.columns}
