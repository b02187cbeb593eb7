"""What an import says when it is done: counts, totals, issues, and the rejected rows as CSV."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import polars as pl

from bilanz.issues import Issue, Severity, text
from bilanz.messages import Language, translate
from bilanz.periods import local_iso

SHOWN: Final = 1000
"""Most issues in the JSON; `issues_total` is their number, errors come first."""

REJECT_COLUMNS: Final = ("row", "column", "value", "code", "message")
_RANK: Final = {Severity.ERROR.value: 0, Severity.WARNING.value: 1, Severity.INFO.value: 2}

TOTAL_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "activity": pl.String,
    "direction": pl.String,
    "unit": pl.String,
    "basis": pl.String,
    "quantity": pl.Decimal(38, 6),
    "records": pl.Int64,
}


def plain(number: Decimal) -> str:
    """Return a decimal without exponent and without trailing zeros."""
    digits = f"{number:f}"
    return (digits.rstrip("0").rstrip(".") or "0") if "." in digits else digits


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """The outcome of one import or dry run.

    Attributes:
        issues: `ISSUE_SCHEMA`, all of them.
        totals: `TOTAL_SCHEMA`, accepted quantities.
        period: [start, end) in UTC of what was accepted, or None.
        zone: zone in which the period is written.
        batch: None for a dry run.
    """

    file: str
    importer: str
    sha256: str
    read: int
    accepted: int
    rejected: int
    ignored: int
    issues: pl.DataFrame
    totals: pl.DataFrame
    period: tuple[datetime, datetime] | None
    zone: str
    language: Language
    batch: str | None = None

    @property
    def exit_code(self) -> int:
        """0 clean, 1 rejects."""
        return 1 if self.rejected else 0

    def as_json(self) -> dict[str, Any]:
        """Return it for other programs (schema: docs/cli.md, `bilanz import`)."""
        start, end = (local_iso(self.zone, at) for at in self.period) if self.period else (None, None)
        summary: dict[str, Any] = {
            "importer": self.importer,
            "sha256": self.sha256,
            "read": self.read,
            "accepted": self.accepted,
            "rejected": self.rejected,
            "ignored": self.ignored,
            "issues_total": self.issues.height,
            "issues": list(self._rendered(self._ranked().head(SHOWN))),
            "totals": [{**row, "quantity": plain(row["quantity"])} for row in self.totals.to_dicts()],
            "period": {"start": start, "end": end},
        }
        return summary if self.batch is None else {**summary, "batch": self.batch}

    def rejects_csv(self) -> str:
        """Return the rejected rows with their reasons as CSV (row of the file, column, value, code, message).

        Semicolons, as a German spreadsheet expects; headers in the language of the summary.
        """
        target = io.StringIO()
        writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
        writer.writerow([translate(name, self.language) for name in REJECT_COLUMNS])
        errors = self.issues.filter(pl.col("severity") == Severity.ERROR.value)
        for issue in self._rendered(errors.sort("source_row", nulls_last=False, maintain_order=True)):
            writer.writerow([_harmless(issue[name]) for name in REJECT_COLUMNS])
        return target.getvalue()

    def _ranked(self) -> pl.DataFrame:
        rank = pl.col("severity").replace_strict(_RANK, return_dtype=pl.Int8)
        return self.issues.sort(rank, pl.col("source_row"), nulls_last=False, maintain_order=True)

    def _rendered(self, issues: pl.DataFrame) -> Iterator[dict[str, Any]]:
        for row in issues.iter_rows(named=True):
            parameters = json.loads(row["parameters"] or "{}")
            issue = Issue(row["code"], row["source_row"], row["column"], row["value"], parameters)
            yield {
                "row": row["source_row"],
                "column": row["column"],
                "code": row["code"],
                "severity": row["severity"],
                "value": row["value"],
                "message": text(issue, self.language, file=self.file),
            }


def _harmless(cell: object) -> object:
    """Return a cell that no spreadsheet runs as a formula."""
    is_formula = isinstance(cell, str) and cell[:1] in {"=", "@", "\t"}
    return f"'{cell}" if is_formula else cell
