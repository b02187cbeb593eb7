"""Issues: what was found in data, as values.

An issue names where (source row, column), what (code, raw value) and how bad it is. Its text comes from the
message catalogue: where, what, what was expected, what happens now.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

import polars as pl

from bilanz.kinds import Severity, kind
from bilanz.messages import Language, translate


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding. `row` is the 1-based physical line or sheet row; None: the whole file or column."""

    code: str
    row: int | None = None
    column: str | None = None
    value: str | None = None
    parameters: dict[str, str] = field(default_factory=dict)

    @property
    def severity(self) -> Severity:
        """Severity as the catalogue states it."""
        return kind(self.code).severity


ISSUE_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "source_row": pl.Int64,  # null: the whole file or column
    "column": pl.String,
    "value": pl.String,
    "code": pl.String,
    "severity": pl.String,
    "parameters": pl.String,  # JSON object of strings
}


def as_frame(issues: Iterable[Issue]) -> pl.DataFrame:
    """Return issues in `ISSUE_SCHEMA`."""
    rows = [
        (
            issue.row,
            issue.column,
            issue.value,
            issue.code,
            str(issue.severity),
            json.dumps(issue.parameters, ensure_ascii=False, sort_keys=True, separators=(",", ":")),
        )
        for issue in issues
    ]
    return pl.DataFrame(rows, schema=ISSUE_SCHEMA, orient="row")


_CONCLUDED: Final = frozenset({"control_sum", "activity_assumed", "direction_assumed"})
"""Codes whose value is no cell of the file but what the importer found out."""

_SUMS: Final = frozenset({"control_sum", "rounded"})
"""Codes whose numbers are sums of ours, no texts of the file."""

_NUMBER: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_LIST: Final = re.compile(r"(, | / )")
_LAYOUT: Final = re.compile(r"(?=.*[DMY]{2})[DMYHhmsSf.:/ -]+(?: AM)?")
_GERMAN_SIGNS: Final = str.maketrans(",.", ".,")
_GERMAN_LAYOUT: Final = str.maketrans("DY", "TJ")


def text(issue: Issue, language: Language, *, file: str) -> str:
    """Return the full sentence of an issue: where, what, what was expected, what happens now."""
    where = [file]
    if issue.row is not None:
        where.append(translate("row {row}", language, row=issue.row))
    if issue.column:
        where.append(translate('column "{column}"', language, column=issue.column))
    return f"{', '.join(where)}: {sentence(issue, language)}"


def sentence(issue: Issue, language: Language) -> str:
    """Return what an issue says without where it is: what, what was expected, what happens now."""
    named = {name: _worded(issue.code, value, language) for name, value in issue.parameters.items()}
    value = issue.value or ""
    if issue.code in _CONCLUDED:
        value = _worded(issue.code, value, language)
    parameters = {"value": value, "column": issue.column or "", **named}
    return translate(kind(issue.code).text, language, **parameters)


def _worded(code: str, parameter: str, language: Language) -> str:
    """Return a parameter as people of a language write it.

    Templates and lists of templates are translated, sums get the language's decimal sign, layouts of dates
    its letters (TT.MM.JJJJ); everything else is left as it is.
    """
    whole = translate(parameter, language)
    if language == "en" or whole != parameter:
        return whole
    if code in _SUMS and _NUMBER.fullmatch(parameter):
        return f"{Decimal(parameter):,f}".translate(_GERMAN_SIGNS)
    return "".join(_part(part, language) for part in _LIST.split(parameter))


def _part(text_: str, language: Language) -> str:
    """Return one entry of a list in a language."""
    return text_.translate(_GERMAN_LAYOUT) if _LAYOUT.fullmatch(text_) else translate(text_, language)
