"""What is answered about master data. Cells are texts as in the CSV files: decimal points, ISO 8601 days."""

from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from bilanz.app.master.access import HIDDEN
from bilanz.app.master.fields import is_hidden_in
from bilanz.app.master.intake import Known, MasterdataSummary
from bilanz.app.master.rows import key_texts, mark_of, may_change, rows_of
from bilanz.app.master.tables import Table, cell
from bilanz.app.master.words import column_words, table_words
from bilanz.masterrow import MasterRow
from bilanz.messages import translate
from bilanz.organisation import SourceTerm
from bilanz.period import Period

_EXAMPLE: Final[dict[str, Any]] = {
    "key": ["rathaus"],
    "cells": {"id": "rathaus", "organisation": "city", "name": "Rathaus", "floor_area_m2": "4200"},
    "mark": "5d41402abc4b2a76",
    "may_change": True,
    "is_assumed": False,
}


class ColumnTold(BaseModel):
    """A column. `refers`: the table whose `id` it names."""

    name: str
    title: str
    purpose: str
    is_needed: bool
    refers: str | None


class TableTold(BaseModel):
    """A table of master data. `key`: columns that identify a row; `rows`: how many the caller may see."""

    name: str
    title: str
    purpose: str
    key: list[str]
    columns: list[ColumnTold]
    rows: int


class RowTold(BaseModel):
    """A row. `mark`: changes with it; `***`: a name the caller may not see; `is_assumed`: by an import."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    key: list[str]
    cells: dict[str, str]
    mark: str
    may_change: bool
    is_assumed: bool


class CountTold(BaseModel):
    """What became of the rows of a table: read = added + changed + unchanged + rejected."""

    read: int
    added: int
    changed: int
    unchanged: int
    rejected: int


class MasterIssue(BaseModel):
    """What is wrong with a row, or what was changed in it."""

    file: str
    row: int | None
    column: str | None
    code: str
    severity: str
    value: str | None
    message: str


class PeriodNamed(BaseModel):
    """A released or closed year the rows speak of; its balance stays as it is."""

    organisation: str
    year: int
    state: str


class Intaken(BaseModel):
    """What became, or would become, of rows. `is_written`: whether anything was."""

    is_written: bool
    tables: dict[str, CountTold]
    issues: list[MasterIssue]
    periods: list[PeriodNamed]


class RowWritten(BaseModel):
    """A row that was written, or was so already."""

    row: RowTold
    is_written: bool
    periods: list[PeriodNamed]


class EvidenceTold(BaseModel):
    """A file a row names as its evidence."""

    sha256: str
    name: str
    media: str


def table_told(table: Table, known: Known) -> TableTold:
    """Return a table with its columns in words."""
    words, language = table_words(table.name), known.language
    return TableTold(
        name=table.name,
        title=translate(words.title, language),
        purpose=translate(words.purpose, language),
        key=list(table.key),
        columns=[
            ColumnTold(
                name=column.name,
                title=translate(column_words(table.name, column.name).title, language),
                purpose=translate(column_words(table.name, column.name).purpose, language),
                is_needed=column.is_needed,
                refers=column.refers,
            )
            for column in table.columns
        ],
        rows=len(rows_of(known, table)),
    )


def row_told(table: Table, row: MasterRow, known: Known) -> RowTold:
    """Return a row with its cells as in the CSV files."""
    cells = {
        name: HIDDEN if is_hidden_in(table, known, row, name) else cell(value)
        for name, value in table.values(row).items()
    }
    is_assumed = isinstance(row, SourceTerm) and row.is_assumed
    return RowTold(
        key=list(key_texts(table, row)),
        cells=cells,
        mark=mark_of(table, row),
        may_change=not is_assumed and may_change(known, table, row),
        is_assumed=is_assumed,
    )


def periods_told(periods: tuple[Period, ...]) -> list[PeriodNamed]:
    """Return released and closed years."""
    return [PeriodNamed(organisation=one.organisation, year=one.year, state=one.state) for one in periods]


def intaken(summary: MasterdataSummary, periods: tuple[Period, ...], *, is_written: bool) -> Intaken:
    """Return what became of rows."""
    told: dict[str, Any] = summary.as_json()
    return Intaken(**told, periods=periods_told(periods), is_written=is_written)
