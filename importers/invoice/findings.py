"""Issues and counts of one invoice."""

import json
from dataclasses import dataclass, field

import polars as pl

from bilanz.issues import ISSUE_SCHEMA, Issue
from importers.invoice.model import Line
from importers.upload.findings import SHOWN


@dataclass(slots=True)
class Findings:
    """Collects what was found; every line is read once and accepted, rejected or ignored once."""

    issues: list[Issue] = field(default_factory=list)
    rejected: int = 0
    ignored: int = 0

    def note(
        self,
        code: str,
        line: Line | None = None,
        *,
        column: str | None = None,
        value: str | None = None,
        **parameters: str,
    ) -> None:
        """Record a finding about a line or, without one, about the whole file."""
        row = line.row if line is not None else None
        if value is not None and len(value) > SHOWN:
            value = f"{value[:SHOWN]}…"
        self.issues.append(Issue(code, row, column, value, parameters))

    def reject(
        self,
        code: str,
        line: Line,
        *,
        column: str | None = None,
        value: str | None = None,
        **parameters: str,
    ) -> None:
        """Record why a line was not imported."""
        self.rejected += 1
        self.note(code, line, column=column, value=value, **parameters)

    def ignore(
        self,
        code: str,
        line: Line,
        *,
        column: str | None = None,
        value: str | None = None,
        **parameters: str,
    ) -> None:
        """Record why a line is no record of its own."""
        self.ignored += 1
        self.note(code, line, column=column, value=value, **parameters)

    def frame(self) -> pl.DataFrame:
        """Return the issues in `ISSUE_SCHEMA`: those of the whole file first, then by row."""
        ordered = sorted(self.issues, key=lambda issue: issue.row or 0)
        records = [
            (
                issue.row,
                issue.column,
                issue.value,
                issue.code,
                issue.severity.value,
                json.dumps(issue.parameters, ensure_ascii=False, sort_keys=True),
            )
            for issue in ordered
        ]
        return pl.DataFrame(records, schema=ISSUE_SCHEMA, orient="row")
