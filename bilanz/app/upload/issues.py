"""The issues of an uploaded file: kept beside the bytes, said part by part in the reader's language."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import polars as pl

from bilanz.app.intake.summary import ImportSummary
from bilanz.app.web.remedies import remedy
from bilanz.issues import ISSUE_SCHEMA, Issue, sentence
from bilanz.kinds import CATALOGUE, Severity
from bilanz.messages import Language

PART: Final = 50
"""Issues of one page."""

_SCHEMA: Final = {**ISSUE_SCHEMA, "file": pl.String}
_RANK: Final = {Severity.ERROR.value: 0, Severity.WARNING.value: 1, Severity.INFO.value: 2}
_ELSEWHERE: Final = ("overlap",)
"""Codes that a page shows in another way."""


def keep(members: Sequence[ImportSummary], target: Path) -> dict[str, int]:
    """Write the issues of a file, of a package those of each member, and return how many of each severity."""
    frames = [member.issues.with_columns(file=pl.lit(member.file)) for member in members]
    every = pl.concat([pl.DataFrame(schema=_SCHEMA), *frames]).filter(
        ~pl.col("code").is_in(_ELSEWHERE) & pl.col("code").is_in(list(CATALOGUE))
    )
    rank = pl.col("severity").replace_strict(_RANK, return_dtype=pl.Int8)
    target.parent.mkdir(parents=True, exist_ok=True)
    every.sort(rank, "file", "source_row", nulls_last=False, maintain_order=True).write_parquet(target)
    counts = dict(every.group_by("severity").len().iter_rows())
    return {severity: counts.get(severity, 0) for severity in _RANK}


def part(source: Path, language: Language, *, offset: int = 0) -> list[dict[str, Any]]:
    """Return a part of the issues in words: row, column, value, code, severity, message, remedy, file."""
    if not source.exists():
        return []
    found = pl.scan_parquet(source).slice(offset, PART).collect()
    return list(in_words(found, language))


def in_words(issues: pl.DataFrame, language: Language) -> Iterator[dict[str, Any]]:
    """Yield issues (`ISSUE_SCHEMA`, and `file`) in words."""
    for row in issues.iter_rows(named=True):
        parameters = json.loads(row["parameters"] or "{}")
        issue = Issue(row["code"], row["source_row"], row["column"], row["value"], parameters)
        yield {
            "row": row["source_row"],
            "column": row["column"],
            "value": row["value"],
            "code": row["code"],
            "severity": row["severity"],
            "message": sentence(issue, language),
            "remedy": remedy(issue, language),
            "file": row["file"],
        }


def undeclared(source: Path) -> dict[str, list[str]]:
    """Return column → formats it can have, of the columns whose format nothing in the file decides."""
    if not source.exists():
        return {}
    asked = pl.scan_parquet(source).filter(
        pl.col("code").is_in(list(FORMATS)) & pl.col("column").is_not_null()
    )
    found: dict[str, list[str]] = {}
    for row in asked.collect().iter_rows(named=True):
        found[row["column"]] = list(FORMATS[row["code"]])
    return found


FORMATS: Final = {
    "ambiguous_number": ("1.234,56", "1,234.56"),
    "ambiguous_date": ("DD.MM.YYYY", "MM/DD/YYYY"),
    "ambiguous_layout": ("DD/MM/YYYY", "MM/DD/YYYY"),
    "ambiguous_stamp": ("begin", "end"),
}
"""Code → formats to choose from."""


def of_rows(source: Path, rows: Sequence[int | None], language: Language) -> dict[int, list[str]]:
    """Return row → what is wrong with it, for some rows."""
    if not source.exists():
        return {}
    wanted = [row for row in rows if row is not None]
    is_error = pl.col("severity") == Severity.ERROR.value
    found = pl.scan_parquet(source).filter(is_error & pl.col("source_row").is_in(wanted)).collect()
    said: dict[int, list[str]] = {}
    for issue in in_words(found, language):
        said.setdefault(issue["row"], []).append(issue["message"])
    return said


def of_columns(source: Path, language: Language) -> dict[str, str]:
    """Return column → what is wrong with all of it."""
    if not source.exists():
        return {}
    is_whole = pl.col("source_row").is_null() & pl.col("column").is_not_null()
    is_error = pl.col("severity") == Severity.ERROR.value
    found = pl.scan_parquet(source).filter(is_error & is_whole).head(PART).collect()
    return {issue["column"]: issue["message"] for issue in in_words(found, language)}
