"""Interval values in tables of one row per day: British half-hourly data, and hours or quarter hours alike.

48 columns by the clock (`[00:30]` … `[24:00]`, `00:00` … `23:30`) or by number (`kWh_1` … `kWh_48`, `HH01`
…), a date, a metering point (MPAN); CSV or workbook. Without a header only where the rows leave no doubt: a
valid MPAN, a date and 48 numbers. A unit has to be stated somewhere.
"""

from pathlib import Path
from typing import ClassVar, Final

from bilanz.errors import FileRefused
from bilanz.issues import Issue
from importers.base import SURE, Claim, FileSample, Importer, ImportRequest, ImportResult, Workspace
from importers.days import layout
from importers.days.layout import Layout
from importers.days.reading import read
from importers.formats import sheets
from importers.formats.delimited import Delimited, open_delimited, open_sample
from importers.formats.headerless import first_lines, named
from importers.interval.findings import with_issues

LEAST: Final = 24
LIMIT: Final = 100 * 1024 * 1024
"""Largest file taken: its values are held in memory."""

_HEAD: Final = 65_536
_ROWS: Final = 200


class HalfHourly(Importer):
    """Rows of days, columns of intervals."""

    name: ClassVar[str] = "half_hourly"
    version: ClassVar[str] = "1"
    suffixes: ClassVar[tuple[str, ...]] = (".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".xls")

    def identify(self, sample: FileSample) -> Claim | None:
        """Claim a date and a day of columns; without a header only with a valid MPAN."""
        samples = sheets.as_samples(sample) if sheets.is_workbook(sample) else [sample]
        claims = [claim for one in samples if (claim := _claim(one)) is not None]
        return max(claims, key=lambda claim: claim.confidence, default=None)

    def read(self, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        """Read the whole file.

        Raises:
            FileRefused: empty, binary, too large, or no table of days.
        """
        carried, issues = path, tuple[Issue, ...]()
        if sheets.is_workbook(FileSample.of(path)):
            sheet = sheets.as_text(path, layout.score, workspace.directory, least=LEAST)
            carried, issues = sheet.path, sheet.issues
        if carried.stat().st_size > LIMIT:
            raise FileRefused(
                "{file} is too large ({size} MiB, at most {limit} MiB). Split it, for example by year.",
                code="too_large",
                file=path.name,
                size=str(carried.stat().st_size >> 20),
                limit=str(LIMIT >> 20),
            )
        return with_issues(read(*_opened(carried), request, workspace), *issues)


def _claim(sample: FileSample) -> Claim | None:
    opened = open_sample(sample, layout.score)
    if opened is None:
        return None
    points, file, lines = opened
    if points >= LEAST:
        below = [fields for row, fields in lines if row > file.header_row][:_ROWS]
        found = layout.with_header(file.header, below)
        if found is None:
            return None
        reason = 'A day per row by "{date}", {count} columns of {minutes} minutes.'
        parameters = {"date": file.header[found.date], **_size(found)}
        return Claim(SURE + 0.05 if found.has_dates else SURE / 2, reason, parameters)
    found = layout.without_header(lines[:_ROWS])
    if found is None:
        return None
    reason = "No header, but a date and {count} columns of {minutes} minutes in each row."
    return Claim(SURE + 0.05 if found.is_mpan else SURE / 2, reason, _size(found))


def _size(found: Layout) -> dict[str, str]:
    day = found.days[0]
    return {"count": str(len(day.places)), "minutes": str(day.minutes)}


def _opened(path: Path) -> tuple[Delimited, Layout]:
    """Open a file by its header, or by its rows where it has none.

    Raises:
        FileRefused: `no_header`.
    """
    try:
        file = open_delimited(path, layout.score, least=LEAST)
    except FileRefused as refused:
        if refused.code != "no_header":
            raise
        return _without_header(path, refused)
    rows = next(file.blocks(size=_HEAD)).frame.drop("__row").head(_ROWS).rows()
    found = layout.with_header(file.header, [[cell or "" for cell in row] for row in rows])
    if found is None:
        message = "{file}: no line is a header this importer knows."
        raise FileRefused(message, code="no_header", file=path.name)
    return file, found


def _without_header(path: Path, refused: FileRefused) -> tuple[Delimited, Layout]:
    """Open a file whose rows no header names; its columns are called by their numbers."""
    lines, separator = first_lines(path)
    found = layout.without_header(lines[:_ROWS])
    if found is None:
        raise refused
    titles = [str(number + 1) for number in range(found.days[0].places[-1] + 1)]
    return named(path, separator, titles), found
