"""The balance lines as CSV: one row per line of the ledger, exact, with the hash it belongs to."""

import csv
from decimal import Decimal
from pathlib import Path
from typing import ClassVar

from bilanz.messages import Language, translate
from bilanz.result import Result
from reports.base import Wording
from reports.export import Export
from reports.table import harmless


class Lines(Export):
    """Every line of every book; no cell is read as a formula."""

    name: ClassVar[str] = "lines"
    suffix: ClassVar[str] = ".csv"

    def title(self, language: Language) -> str:
        """Return what the form is."""
        return translate("Balance lines, exact (CSV)", language)

    def write(self, result: Result, wording: Wording, path: Path) -> None:  # noqa: ARG002 - the same in every language
        """Write the lines in their order, numbers with a decimal point, and the hash of the result."""
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow([*result.lines.columns, "result_hash"])
            for row in result.lines.iter_rows():
                writer.writerow([*(_cell(value) for value in row), result.manifest.result_hash])


def _cell(value: object) -> str:
    """Return a value as text: absent is empty, truth is true or false."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Decimal():
            return f"{value:f}"
        case _:
            return harmless(str(value))
