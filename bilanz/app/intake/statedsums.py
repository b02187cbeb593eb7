"""Control sums a delivery states about itself, in a line above its header, held against what was read.

bilanz: sums;kWh=12345.6;l=980;records=120
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final

import polars as pl

from bilanz import units
from bilanz.issues import Issue
from bilanz.messages import LANGUAGES, translate
from importers.base import FileSample
from importers.formats.delimited import sample_lines
from importers.formats.workbook import header_texts

_RECORDS: Final = frozenset({"records", "datensätze", "datensaetze"})
_ROWS: Final = 60
_MARK: Final = "bilanz: sums"
_ZIP: Final = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class StatedSums:
    """What a file says it holds.

    Attributes:
        totals: canonical unit → sum of all quantities in it.
        records: number of records; None: not stated.
        wrong: entries that cannot be read, as written.
    """

    totals: Mapping[str, Decimal] = field(default_factory=dict)
    records: int | None = None
    wrong: tuple[str, ...] = ()

    @property
    def is_stated(self) -> bool:
        """Whether the file states anything."""
        return bool(self.totals) or self.records is not None or bool(self.wrong)


def stated_sums(path: Path) -> StatedSums:
    """Return the control sums a file states above its header; nothing where it states none. Never raises."""
    marks = {translate(_MARK, language).casefold() for language in LANGUAGES}
    for cells in _first_rows(path):
        if cells and cells[0].strip().casefold() in marks:
            return _read([cell.strip() for cell in cells[1:] if cell.strip()])
    return StatedSums()


def _first_rows(path: Path) -> list[list[str]]:
    sample = FileSample.of(path)
    if sample.head.startswith(_ZIP):
        return [list(row) for row in header_texts(path)[:_ROWS]]
    return [fields for _, fields in sample_lines(sample)[:_ROWS]]


def _read(entries: list[str]) -> StatedSums:
    totals: dict[str, Decimal] = {}
    records, wrong = None, []
    for entry in entries:
        name, sign, text = entry.rpartition("=")
        number, spelling = _number(text), units.find(name.strip())
        if sign and name.strip().casefold() in _RECORDS and number is not None and number == int(number):
            records = int(number)
        elif number is None or spelling is None or spelling.unit in totals:
            wrong.append(entry)
        else:
            totals[spelling.unit] = number
    return StatedSums(totals, records, tuple(wrong))


def _number(text: str) -> Decimal | None:
    """Return a number with one decimal sign, comma or point, and nothing else."""
    try:
        found = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def compare(stated: StatedSums, totals: pl.DataFrame, read: int) -> list[Issue]:
    """Return an issue for every stated sum that is not what was read.

    Args:
        stated: see `stated_sums`.
        totals: accepted quantities (`TOTAL_SCHEMA`); what was rejected is missing in them.
        read: number of records of the file.
    """
    summed = totals.group_by("unit").agg(pl.col("quantity").sum())
    found = dict(summed.iter_rows())
    issues = [
        Issue("stated_sum", value=f"{_short(found.get(unit, Decimal(0)))} {unit}", parameters={
            "expected": f"{_short(total)} {unit}"})
        for unit, total in stated.totals.items()
        if found.get(unit, Decimal(0)) != total
    ]  # fmt: skip
    if stated.records is not None and stated.records != read:
        issues.append(Issue("stated_records", value=str(read), parameters={"expected": str(stated.records)}))
    return [*issues, *(Issue("stated_unreadable", value=entry) for entry in stated.wrong)]


def _short(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
