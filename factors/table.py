"""Reading a table of the catalogue: text with the line it stands in, before any rule is applied.

factors/data/<source>/<edition>.csv   what varies from row to row
factors/data/<source>/source.toml     what is constant: for the source at the top, for an edition below it
"""

import csv
import tomllib
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, Final

import polars as pl

from bilanz.errors import CatalogueError

DATA: Final = Path(__file__).parent / "data"
FILE: Final = "_file"
ROW: Final = "_row"


@dataclass(frozen=True, slots=True)
class Table:
    """The text of one CSV.

    Attributes:
        frame: the columns of the file as text (empty cell = null) with `_file` and `_row`, the 1-based line.
        ragged: lines whose number of fields differs from the header's; they are not in the frame.
    """

    frame: pl.DataFrame
    ragged: tuple[int, ...]


def read(text: str, name: str, *, separator: str = ",") -> Table:
    """Return a CSV as text.

    Raises:
        CatalogueError: there is no header, or a column occurs twice.
    """
    reader = csv.reader(StringIO(text), delimiter=separator, strict=True)
    header = [cell.strip() for cell in next(reader, [])]
    if not any(header) or len(set(header)) != len(header):
        raise CatalogueError("{file}: a header with distinct column names is expected.", file=name)
    rows: list[list[str | None]] = []
    ragged: list[int] = []
    line = reader.line_num + 1
    for cells in reader:
        if len(cells) == len(header):
            rows.append([*(cell.strip() or None for cell in cells), name, str(line)])
        elif any(cells):
            ragged.append(line)
        line = reader.line_num + 1
    frame = pl.DataFrame(rows, schema=dict.fromkeys([*header, FILE, ROW], pl.String), orient="row")
    return Table(frame.with_columns(pl.col(ROW).cast(pl.Int64)), tuple(ragged))


def shipped(path: Path, *, required: frozenset[str] = frozenset()) -> pl.DataFrame:
    """Return one of our own tables.

    Raises:
        CatalogueError: the file is not UTF-8, a row is ragged, or a required column is missing.
    """
    name = path.relative_to(path.parents[1]).as_posix()
    try:
        table = read(path.read_text(encoding="utf-8"), name)
    except (UnicodeDecodeError, csv.Error) as error:
        raise CatalogueError("{file} cannot be read: {reason}", file=name, reason=str(error)) from error
    if table.ragged:
        raise CatalogueError("{file}, line {row}: wrong number of fields.", file=name, row=table.ragged[0])
    if missing := sorted(required.difference(table.frame.columns)):
        raise CatalogueError('{file}: the column "{column}" is missing.', file=name, column=missing[0])
    return table.frame


def settings(folder: Path) -> dict[str, Any]:
    """Return the `source.toml` of a folder.

    Raises:
        CatalogueError: it is missing or no TOML.
    """
    path = folder / "source.toml"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        name = f"{folder.name}/source.toml"
        raise CatalogueError("{file} cannot be read: {reason}", file=name, reason=str(error)) from error


def completed(frame: pl.DataFrame, constants: dict[str, Any], columns: list[str]) -> pl.DataFrame:
    """Return the frame with every column of a schema: from the file, else constant, else null.

    Raises:
        CatalogueError: a column is unknown, or stands in the file and among the constants.
    """
    own = [name for name in frame.columns if name not in (FILE, ROW)]
    name = frame.get_column(FILE)[0] if frame.height else "?"
    for column in own:
        if column not in columns:
            raise CatalogueError('{file}: the column "{column}" is unknown.', file=name, column=column)
        if column in constants:
            message = '{file}: the column "{column}" stands in the file and in source.toml.'
            raise CatalogueError(message, file=name, column=column)
    rest = [column for column in columns if column not in own]
    filled = [pl.lit(constants.get(column), dtype=pl.String).alias(column) for column in rest]
    return frame.with_columns(filled).select(*columns, FILE, ROW)
