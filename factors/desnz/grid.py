"""A sheet by its 1-based rows, with the words that say where a cell stands."""

from dataclasses import dataclass
from pathlib import Path

from factors import sheets

Row = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The text of one sheet; None: the cell is empty."""

    name: str
    rows: tuple[Row, ...]

    def row(self, number: int) -> Row:
        """Return a row by its 1-based number; an empty one where the sheet has ended."""
        return self.rows[number - 1] if 0 < number <= len(self.rows) else ()

    def place(self, row: int, column: int | None = None) -> str:
        """Return where a cell stands (1-based row, 0-based column), or a row."""
        where = f"row {row}" if column is None else f"cell {sheets.address(row, column)}"
        return f'sheet "{self.name}" {where}'


def read(path: Path, name: str) -> Sheet:
    """Return a sheet.

    Raises:
        FileRefused: the file or the sheet cannot be read.
    """
    return Sheet(name, tuple(tuple(cell or None for cell in row) for row in sheets.read(path, name)))
