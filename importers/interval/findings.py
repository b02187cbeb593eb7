"""Issues of a large file: counted exactly, listed up to a limit, collected column-wise."""

import json
from collections import Counter
from dataclasses import replace
from threading import RLock
from typing import Final

import polars as pl

from bilanz.issues import ISSUE_SCHEMA, Issue
from bilanz.kinds import kind
from importers.base import ImportResult

LISTED: Final = 1000
"""So many issues of one code are listed; one more says how many are not."""

ROW: Final = "__row"


class Findings:
    """Issues and counts of one file.

    Attributes:
        rejected, ignored: records so far.
    """

    def __init__(self) -> None:
        self.rejected = 0
        self.ignored = 0
        self._listed: Counter[str] = Counter()
        self._dropped: Counter[str] = Counter()
        self._frames: list[pl.DataFrame] = []
        self._lock = RLock()  # blocks are converted while series are finished

    def add(self, *issues: Issue) -> None:
        """Take issues that cost no record."""
        for issue in issues:
            self._keep(
                issue.code,
                pl.DataFrame(
                    {
                        "source_row": [issue.row],
                        "column": [issue.column],
                        "value": [issue.value],
                        "parameters": [json.dumps(issue.parameters, ensure_ascii=False)],
                    },
                    schema_overrides=ISSUE_SCHEMA,
                ),
            )

    def reject(self, rows: pl.DataFrame, code: str, column: str, **parameters: str) -> None:
        """Reject records; see `note`."""
        with self._lock:
            self.rejected += rows.height
            self.note(rows, code, column, **parameters)

    def ignore(self, rows: pl.DataFrame, code: str, column: str, **parameters: str) -> None:
        """Ignore records; see `note`."""
        with self._lock:
            self.ignored += rows.height
            self.note(rows, code, column, **parameters)

    def refuse(self, count: int, *issues: Issue) -> None:
        """Reject so many records for reasons that concern them all."""
        with self._lock:
            self.rejected += count
            self.add(*issues)

    def note(self, rows: pl.DataFrame, code: str, column: str, **parameters: str) -> None:
        """Raise an issue for each row.

        Args:
            rows: `__row`, where there is one `value` (String), and `parameters` (a struct of strings) where
                they differ by row.
            code: of the catalogue.
            column: header text.
            parameters: the same for all rows.
        """
        if rows.is_empty():
            return
        with self._lock:
            few = rows.head(max(0, LISTED - self._listed[code]))
            self._dropped[code] += rows.height - few.height
            self._listed[code] += few.height
        own = few["parameters"].to_list() if "parameters" in few.columns else [{}] * few.height
        texts = [json.dumps({**parameters, **one}, ensure_ascii=False) for one in own]
        listed = few.select(
            pl.col(ROW).alias("source_row"),
            pl.lit(column, dtype=pl.String).alias("column"),
            (pl.col("value") if "value" in few.columns else pl.lit(None, dtype=pl.String)).alias("value"),
        ).with_columns(pl.Series("parameters", texts, dtype=pl.String))
        self._keep(code, listed)

    def _keep(self, code: str, listed: pl.DataFrame) -> None:
        severity = pl.lit(str(kind(code).severity)).alias("severity")
        self._frames.append(listed.with_columns(pl.lit(code).alias("code"), severity).select(*ISSUE_SCHEMA))

    def frame(self) -> pl.DataFrame:
        """Return all issues (`ISSUE_SCHEMA`), those of the whole file first, then by row."""
        more = [
            Issue("not_listed", value=code, parameters={"count": str(count)})
            for code, count in sorted(self._dropped.items())
            if count
        ]
        self._dropped.clear()
        self.add(*more)
        if not self._frames:
            return pl.DataFrame(schema=ISSUE_SCHEMA)
        issues = pl.concat(self._frames)
        return issues.sort("source_row", "code", "column", nulls_last=False, maintain_order=True)


def with_issues(result: ImportResult, *issues: Issue) -> ImportResult:
    """Return a result with issues of the whole file before its own; they cost no record."""
    if not issues:
        return result
    findings = Findings()
    findings.add(*issues)
    return replace(result, issues=pl.concat([findings.frame(), result.issues.select(*ISSUE_SCHEMA)]))
