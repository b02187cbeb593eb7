"""Interval values of grid operators in workbooks (XLSX, XLS): the layouts of `interval_csv`.

The sheet whose header fits best becomes text with the same row numbers and goes the way of a CSV. Number and
date cells need no decision about their format.
"""

from pathlib import Path
from typing import ClassVar

from importers.base import Claim, FileSample, Importer, ImportRequest, ImportResult, Workspace
from importers.formats import sheets
from importers.interval import layout
from importers.interval.findings import with_issues
from importers.interval_csv import LEAST, IntervalCsv


class IntervalWorkbook(Importer):
    """Interval values in a sheet of a workbook."""

    name: ClassVar[str] = "interval_workbook"
    version: ClassVar[str] = "1"
    suffixes: ClassVar[tuple[str, ...]] = (".xlsx", ".xlsm", ".xls")

    def identify(self, sample: FileSample) -> Claim | None:
        """Claim a workbook one of whose sheets `interval_csv` would claim as text."""
        if not sheets.is_workbook(sample):
            return None
        claims = [IntervalCsv().identify(text) for text in sheets.as_samples(sample)]
        return max((claim for claim in claims if claim), key=lambda claim: claim.confidence, default=None)

    def read(self, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        """Read the sheet whose header fits best.

        Raises:
            FileRefused: no workbook, too large, or no sheet with a header.
        """
        carried = sheets.as_text(path, layout.score, workspace.directory, least=LEAST)
        result = IntervalCsv().read(carried.path, request, workspace)
        return with_issues(result, *carried.issues)
