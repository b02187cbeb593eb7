"""Reading a table of the catalogue: text with the line it stands in, before any rule is applied.

factors/data/<source>/<edition>.csv   what varies from row to row
factors/data/<source>/source.toml     what is constant: for the source at the top, for an edition below it
"""

import csv
import hashlib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from io import StringIO
from pathlib import Path
from typing import Any, Final

import polars as pl

from bilanz.errors import CatalogueError, FileRefused

DATA: Final = Path(__file__).parent / "data"
FILE: Final = "_file"
ROW: Final = "_row"
SEAL: Final = ".sha256"

Cells = list[str | None]
_HEAD: Final = 4096
BROKEN: Final = '{file}, line {row}, column "{column}": {reason} Found: {value}.'


@dataclass(frozen=True, slots=True)
class Table:
    """The text of one CSV.

    Attributes:
        rows: the cells of each row (empty = None) and, last, its 1-based line.
        ragged: lines whose number of fields differs from the header's; they are not in the rows.
    """

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cells, int], ...]
    ragged: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One sentence about a column; `broken` is true where it does not hold."""

    column: str
    broken: pl.Expr
    reason: str


def read(text: str, name: str, *, separator: str = ",") -> Table:
    """Return a CSV as text.

    Raises:
        CatalogueError: there is no header, or a column occurs twice.
    """
    reader = csv.reader(StringIO(text), delimiter=separator, strict=True)
    header = tuple(cell.strip() for cell in next(reader, []))
    if not any(header) or len(set(header)) != len(header):
        raise CatalogueError("{file}: a header with distinct column names is expected.", file=name)
    rows: list[tuple[Cells, int]] = []
    ragged: list[int] = []
    line = reader.line_num + 1
    for cells in reader:
        if len(cells) == len(header):
            rows.append(([cell.strip() or None for cell in cells], line))
        elif any(cells):
            ragged.append(line)
        line = reader.line_num + 1
    return Table(name, header, tuple(rows), tuple(ragged))


def shipped(path: Path, *, required: Iterable[str] = ()) -> Table:
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
    for column in required:
        if column not in table.header:
            raise CatalogueError('{file}: the column "{column}" is missing.', file=name, column=column)
    return table


def head(path: Path, *, encoding: str = "utf-8") -> str:
    """Return the beginning of a file as text; empty where it cannot be read. Never raises."""
    try:
        with path.open("rb") as stream:
            return stream.read(_HEAD).decode(encoding, errors="replace")
    except OSError:
        return ""


def received(path: Path, *, required: Iterable[str], known: Iterable[str]) -> Table:
    """Return somebody's CSV: UTF-8, comma or semicolon between fields, with the columns of a schema.

    Raises:
        FileRefused: it cannot be read, lacks a required column, or has an unknown one.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise FileRefused("{file} cannot be read: {reason}", file=path.name, reason=str(error)) from error
    header = text.partition("\n")[0]
    separator = ";" if header.count(";") > header.count(",") else ","
    try:
        table = read(text, path.name, separator=separator)
    except (csv.Error, CatalogueError) as error:
        raise FileRefused("{file} cannot be read: {reason}", file=path.name, reason=str(error)) from error
    for name in required:
        if name not in table.header:
            message = '{file}: the column "{column}" is missing. Similar: {near}.'
            raise FileRefused(message, file=path.name, column=name, near=_near(name, table.header))
    columns = tuple(known)
    for name in table.header:
        if name not in columns:
            message = '{file}: the column "{column}" is unknown. Similar: {near}.'
            raise FileRefused(message, file=path.name, column=name, near=_near(name, columns))
    return table


def _near(name: str, names: Sequence[str]) -> str:
    return ", ".join(get_close_matches(name, names)) or "–"


def seal(path: Path) -> None:
    """Write the sha256 of a table beside it: what an import wrote is told from what somebody typed."""
    path.with_suffix(SEAL).write_text(hashlib.sha256(path.read_bytes()).hexdigest(), encoding="ascii")


def is_sealed(path: Path) -> bool:
    """Tell whether a table is still what an import wrote."""
    seal_file = path.with_suffix(SEAL)
    stated = seal_file.read_text(encoding="ascii").strip() if seal_file.exists() else ""
    return stated == hashlib.sha256(path.read_bytes()).hexdigest()


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


def completed(table: Table, constants: dict[str, Any], columns: Sequence[str]) -> list[Cells]:
    """Return rows with every column of a schema: from the file, else constant, else None; then file and line.

    Raises:
        CatalogueError: a column is unknown, or stands in the file and among the constants.
    """
    for column in table.header:
        if column not in columns:
            raise CatalogueError('{file}: the column "{column}" is unknown.', file=table.name, column=column)
        if column in constants:
            message = '{file}: the column "{column}" stands in the file and in source.toml.'
            raise CatalogueError(message, file=table.name, column=column)
    places = [table.header.index(column) if column in table.header else None for column in columns]
    rest: Cells = [constants.get(column) for column in columns]
    return [
        [
            *(fixed if place is None else cells[place] for place, fixed in zip(places, rest, strict=True)),
            table.name,
            str(line),
        ]
        for cells, line in table.rows
    ]


def framed(rows: Sequence[Cells], columns: Iterable[str]) -> pl.DataFrame:
    """Return completed rows as a frame of text with `_file` and `_row`."""
    data = dict(zip((*columns, FILE, ROW), zip(*rows, strict=True), strict=True)) if rows else {}
    schema = dict.fromkeys((*columns, FILE, ROW), pl.String)
    return pl.DataFrame(data, schema=schema).with_columns(pl.col(ROW).cast(pl.Int64))


def gathered(rows: Iterable[Mapping[str, str | None]], file: str, columns: Sequence[str]) -> pl.DataFrame:
    """Return rows that state only some columns, `_row` and its place, as a frame of text.

    `_file` names the file and, where the row has a locator, the place in it: a line may hold several values.
    """
    cells: list[Cells] = [
        [*(row.get(name) for name in columns), _placed(file, row.get("locator")), row[ROW]] for row in rows
    ]
    return framed(cells, columns)


def _placed(file: str, locator: str | None) -> str:
    return f"{file}, {locator}" if locator else file


def frame(table: Table) -> pl.DataFrame:
    """Return a table as it is, as a frame of text with `_file` and `_row`."""
    return framed(completed(table, {}, table.header), table.header)


def editions(
    folder: Path,
    schema: Iterable[str],
    *,
    required: Iterable[str],
    about: Iterable[str] = ("published", "url"),
) -> pl.DataFrame:
    """Return all CSV of a folder, one per edition, as one frame of text with `_file` and `_row`.

    Args:
        folder: `source.toml` and the CSV files beside it.
        schema: the columns of the table.
        required: columns that must stand in every file.
        about: keys of `source.toml` that are no columns.

    Raises:
        CatalogueError: a file cannot be read, or holds other columns.
    """
    known, columns = settings(folder), tuple(schema)
    told: dict[str, dict[str, Any]] = known.pop("editions", {})
    paths = sorted(folder.glob("*.csv"))
    if {path.stem for path in paths} != set(told):
        message = "{file}: the editions of source.toml are not the CSV files beside it."
        raise CatalogueError(message, file=folder.name)
    rows: list[Cells] = []
    for path in paths:
        constants = {key: value for key, value in {**known, **told[path.stem]}.items() if key not in about}
        rows += completed(shipped(path, required=required), constants, columns)
    return framed(rows, columns)


def typed(rows: pl.DataFrame, schema: dict[str, pl.DataType | type[pl.DataType]]) -> pl.DataFrame:
    """Return checked rows of text in the types of a schema."""
    return rows.select(
        pl.col(name).str.to_date("%Y-%m-%d").alias(name) if kind == pl.Date else pl.col(name).cast(kind)
        for name, kind in schema.items()
    )


def findings(rows: pl.DataFrame, rules: Sequence[Rule]) -> pl.DataFrame:
    """Return the rows that break a rule, with `column` and `reason`; in the order of the rules."""
    parts = [
        rows.filter(rule.broken.fill_null(value=False)).with_columns(
            pl.lit(rule.column).alias("column"), pl.lit(rule.reason).alias("reason")
        )
        for rule in rules
    ]
    return pl.concat(parts)


def check(rows: pl.DataFrame, rules: Sequence[Rule]) -> None:
    """Hold rows against rules; what cannot be decided (null) is not broken.

    Raises:
        CatalogueError: the first row that breaks the first broken rule.
    """
    flags = rows.select(rule.broken.fill_null(value=False).alias(str(i)) for i, rule in enumerate(rules))
    for rule, column in zip(rules, flags.iter_columns(), strict=True):
        if column.any():
            refuse(rows.row(column.to_list().index(True), named=True), rule.column, rule.reason)


def refuse(row: dict[str, Any], column: str, reason: str, value: str | None = None) -> None:
    """Raise with file, line and column.

    Raises:
        CatalogueError: always.
    """
    shown = value or row.get(column) or "–"
    raise CatalogueError(BROKEN, file=row[FILE], row=row[ROW], column=column, reason=reason, value=shown)


def save(rows: pl.DataFrame, path: Path) -> None:
    """Write typed rows as a CSV that is read back in the same schema; values without trailing zeros."""
    text = rows.select(pl.col(column).cast(pl.String) for column in rows.columns)
    pointed = pl.col("value").str.contains(".", literal=True)
    plain = pl.col("value").str.strip_chars_end("0").str.strip_chars_end(".")
    path.parent.mkdir(parents=True, exist_ok=True)
    text.with_columns(value=pl.when(pointed).then(plain).otherwise("value")).write_csv(path)
    seal(path)
