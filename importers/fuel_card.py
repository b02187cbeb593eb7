"""Fuel-card exports: one line of a transaction, one record. Personal data is not kept: `docs/upload.md`."""

from pathlib import Path
from typing import ClassVar, Final

from bilanz.issues import Issue
from importers.base import (
    Claim,
    FileSample,
    Importer,
    ImportRequest,
    ImportResult,
    Workspace,
)
from importers.columns.headers import Match, match
from importers.fuel.fields import PERSONAL, declared_fields
from importers.fuel.lines import unit_of_header
from importers.fuel.reading import read_lines
from importers.upload.findings import Findings
from importers.upload.table import Table, no_rows, open_table, refuse_doubled, sample_headers

_SIGNS: Final = ("vehicle", "card", "odometer", "merchant", "product_class", "product", "transaction_id")
_MEASURE: Final = ("quantity", "unit")
_DECISIVE: Final = (
    *("date", "time", "vehicle", "transaction_id", "line", "product", "product_class", "product_description"),
    *("quantity", "unit", "cost_net", "currency", "document_type"),
)
_STRONG: Final = 3
_LEAST: Final = 2
_PERIOD_WORDS: Final = frozenset({"beginn", "ende", "start", "end", "von", "bis", "start date", "end date"})


class FuelCard(Importer):
    """Exports of fuel-card and charging-card providers, and fuel logs of vehicles."""

    name: ClassVar[str] = "fuel_card"
    version: ClassVar[str] = "1"
    suffixes: ClassVar[tuple[str, ...]] = (".csv", ".txt", ".xlsx")

    def identify(self, sample: FileSample) -> Claim | None:
        """Claim by the header: a date, a quantity, and what only a fuel card or a log of a vehicle has."""
        found = max(
            (match(header, declared_fields()) for header in sample_headers(sample)), key=_score, default=None
        )
        if found is None or found.missing or _score(found) < _LEAST:
            return None
        if any(text.casefold() in _PERIOD_WORDS for text in found.header):
            return None  # a period from – to is no refuelling
        titles = ", ".join(found.title(name) for name in ("date", "quantity", *_SIGNS) if found.title(name))
        has = set(found.positions)
        is_log = {"odometer", "cost_gross"} <= has and unit_of_header(found.title("quantity")) is not None
        is_sure = is_log or (_score(found) >= _STRONG and bool({"vehicle", "card", "odometer"} & has))
        reason = "the columns of a fuel-card export: {columns}"
        return Claim(0.95 if is_sure else 0.6, reason, {"columns": titles})

    def read(self, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        """Read the file; see `Importer.read`."""
        table = open_table(path, lambda header: _points(match(header, declared_fields())))
        found = match(table.header, declared_fields())
        found.require(path.name)
        workspace.progress(0.3)
        findings = Findings()
        refuse_doubled(table, found, _DECISIVE, path.name)
        findings.add(
            *table.issues, *found.duplicate_issues(), *found.rival_issues(_MEASURE), *_left_out(found, table)
        )
        findings.add(*no_rows(table))
        result = read_lines(table, found, request, findings)
        workspace.progress(0.9)
        return result


def _points(found: Match) -> int:
    return len(found.positions)


def _score(found: Match) -> int:
    if found.missing:
        return -1
    return sum(name in found.positions for name in _SIGNS)


def _left_out(found: Match, table: Table) -> list[Issue]:
    """Say which columns were not used, and which were not kept because they name people or cards."""
    issues = []
    unused = [found.header[place] for place in found.unused if not table.is_own(place)]
    personal = [found.title(name) for name in PERSONAL if name in found.positions]
    for code, titles in (("columns_ignored", unused), ("personal_data", personal)):
        if titles:
            parameters = {"count": str(len(titles))}
            issues.append(Issue(code, value=", ".join(titles), parameters=parameters))
    return issues
