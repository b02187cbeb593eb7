"""The CSV files of master data: what is written is no formula to a spreadsheet and reads back unchanged.

A text that a spreadsheet would take for a formula gets an apostrophe before it, and reading takes it off. A
text that begins with apostrophes and goes on like a formula gets one more, so that both ways lead back.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from bilanz.app.master.access import HIDDEN
from bilanz.app.master.decimals import settled
from bilanz.app.master.tables import Table, cell
from bilanz.errors import FileRefused
from bilanz.issues import Issue
from bilanz.masterrow import MasterRow
from reports.table import FORMULA_STARTS

_FORMULA: Final = re.compile(f"'*[{re.escape(''.join(FORMULA_STARTS))}]")


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows of one table that somebody states: (line, column → cell), and what is wrong with the header."""

    file: str
    rows: Sequence[tuple[int, dict[str, str]]]
    issues: list[Issue] = field(default_factory=list)


def read(content: bytes, table: Table, file: str) -> Sheet:
    """Return the rows of a CSV file.

    Raises:
        FileRefused: it is not UTF-8, or no CSV.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileRefused("{file} is not UTF-8.", code="encoding", file=file) from None
    first = text.partition("\n")[0]
    delimiter = ";" if ";" in first else ","
    # strict: a quotation mark that is not closed would make one cell of all rows that follow
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        lines = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise FileRefused("{file} is no CSV file: {reason}.", file=file, reason=str(error)) from error
    cells = [(line, [*map(bare, row)]) for line, row in lines]
    return of_rows(header, settled(header, cells, table), table, file)


def of_rows(
    header: Sequence[str],
    lines: Sequence[tuple[int, Sequence[str]]],
    table: Table,
    file: str,
    header_row: int = 1,
) -> Sheet:
    """Return rows of cells as a sheet; none of them where its header cannot be taken.

    Args:
        header: names of columns.
        lines: line of the file, cells; a row may be shorter than the header.
        table: whose rows they are.
        file: for messages.
        header_row: where the header stands.
    """
    issues, is_whole = _of_header(header, table, header_row)
    padding = [""] * len(header)
    rows = [(line, dict(zip(header, [*row, *padding], strict=False))) for line, row in lines if is_whole]
    return Sheet(file, rows, issues)


def _of_header(header: Sequence[str], table: Table, row: int) -> tuple[list[Issue], bool]:
    """Return what is wrong with a header, and whether every column that is needed is there, and once."""
    names = {column.name for column in table.columns}
    issues = [Issue("column_ignored", row, name, name) for name in header if name not in names]
    repeated = [name for name, count in Counter(header).items() if count > 1 and name in names]
    issues += [Issue("repeated_column", row, name, name) for name in repeated]
    missing = [column.name for column in table.columns if column.is_needed and column.name not in header]
    near = ", ".join(header) or "–"
    issues += [Issue("missing_column", row, parameters={"expected": name, "near": near}) for name in missing]
    return issues, not missing and not repeated


def write(table: Table, rows: Iterable[tuple[MasterRow, frozenset[str]]]) -> bytes:
    """Return rows as a CSV file. Beside each row: its columns whose content is not shown (`HIDDEN`)."""
    target = io.StringIO()
    writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
    writer.writerow([column.name for column in table.columns])
    for row, hidden in rows:
        values = table.values(row).items()
        writer.writerow([escaped(value, is_hidden=name in hidden) for name, value in values])
    return target.getvalue().encode("utf-8-sig")


def escaped(value: Any, *, is_hidden: bool = False) -> str:  # noqa: ANN401 - a value of the registry
    """Return the cell of a value; only texts can be formulas, a negative number stays one.

    `is_hidden`: it names what may not be seen.
    """
    if is_hidden:
        return HIDDEN
    text = cell(value)
    return f"'{text}" if isinstance(value, str) and _FORMULA.match(text) else text


def bare(text: str) -> str:
    """Return what a cell says without the apostrophe that keeps a spreadsheet from running it."""
    told = text.strip()
    return told[1:] if told.startswith("'") and _FORMULA.match(told[1:]) else told
