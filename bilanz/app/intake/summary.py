"""What an import says when it is done: counts, totals, issues, and the rejected rows as CSV."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import polars as pl

from bilanz.issues import Issue, text
from bilanz.kinds import Severity
from bilanz.messages import Language, heading, translate
from bilanz.periods import local_iso
from bilanz.store.completeness import SCHEMA as COVERAGE_SCHEMA
from importers.base import Rejects
from importers.upload.table import OWN

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
        rejects: rejected rows as the file has them; None where the importer cannot give them back.
        coverage: intervals by series and month, known after a commit.
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
    rejects: Rejects | None = None
    coverage: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=COVERAGE_SCHEMA))

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
            "coverage": [{**row, "month": f"{row['month']:%Y-%m}"} for row in self.coverage.to_dicts()],
        }
        return summary if self.batch is None else {**summary, "batch": self.batch}

    def rejects_csv(self) -> str:
        """Return the rejected rows with their reasons as CSV.

        Where the importer gives the rows back: they themselves, under their own header, with row and reason
        behind them, to be mended and imported again. Else row of the file, column, value, code, message.
        Semicolons, as a German spreadsheet expects; headers in the language of the summary.
        """
        target = io.StringIO()
        writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
        errors = self.issues.filter(pl.col("severity") == Severity.ERROR.value)
        rendered = self._rendered(errors.sort("source_row", nulls_last=False, maintain_order=True))
        if self.rejects is not None:
            writer.writerows(self._mendable(self.rejects, list(rendered)))
            return target.getvalue()
        writer.writerow([heading(name, self.language) for name in REJECT_COLUMNS])
        writer.writerows(_cells(rendered))
        return target.getvalue()

    def error_cells(self) -> Iterator[list[object]]:
        """Yield row, column, value, code and message of each error, as cells no spreadsheet runs."""
        errors = self.issues.filter(pl.col("severity") == Severity.ERROR.value)
        yield from _cells(self._rendered(errors.sort("source_row", nulls_last=False, maintain_order=True)))

    def _mendable(self, rejects: Rejects, errors: list[dict[str, Any]]) -> Iterator[list[object]]:
        """Yield the lines of a file that can be imported again; original cells are left as they are.

        An error at a row whose text is not at hand (too few or too many fields) stands on a line of its own.
        """
        if rejects.formats:
            formats = (f"{title}={label}" for title, label in rejects.formats.items())
            yield [translate("bilanz: formats", self.language), *formats]
        own = (translate("bilanz: row", self.language), translate("bilanz: reason", self.language))
        yield [*rejects.header, *own]
        named: dict[int, list[str]] = {}
        for issue in errors:
            if issue["row"] is not None:
                named.setdefault(issue["row"], []).append(issue["message"])
        whole = [issue for issue in errors if issue["row"] is None]
        texts = {row: cells for row, *cells in rejects.rows.iter_rows()}
        blank = [None] * len(rejects.header)
        for row in sorted(texts.keys() | named.keys()):
            cells = texts.get(row, blank)
            reasons = [*named.get(row, []), *_of_columns(whole, rejects.header, cells)]
            yield [*cells, row, _harmless(" ".join(reasons))]

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


def _of_columns(issues: list[dict[str, Any]], header: Sequence[str], cells: Sequence[Any]) -> list[str]:
    """Return what is wrong with whole columns in which a row says something."""
    filled = {title for title, cell in zip(header, cells, strict=True) if (cell or "").strip()}
    return [issue["message"] for issue in issues if issue["column"] in filled]


def _cells(rendered: Iterable[dict[str, Any]]) -> Iterator[list[object]]:
    for issue in rendered:
        yield [_harmless(issue[name]) for name in REJECT_COLUMNS]


def can_be_mended(rejects: str) -> bool:
    """Return whether a file of rejected rows holds the rows themselves, to be mended and imported again."""
    return OWN in rejects.partition("\n")[0]  # the formats, or the header with our own columns


def _harmless(cell: object) -> object:
    """Return a cell that no spreadsheet runs as a formula."""
    is_formula = isinstance(cell, str) and cell[:1] in {"=", "@", "\t"}
    return f"'{cell}" if is_formula else cell
