"""The standard upload: one row, one record, as CSV or XLSX. Specification: `docs/upload.md`."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Final

from bilanz.issues import Issue
from importers.base import (
    SURE,
    Claim,
    FileSample,
    Importer,
    ImportRequest,
    ImportResult,
    Workspace,
)
from importers.columns.declared import unit_of
from importers.columns.headers import Match, match
from importers.upload import sorting, spans
from importers.upload.columns import Columns
from importers.upload.fields import declared_fields
from importers.upload.findings import Findings
from importers.upload.reading import NAMES, read_rows, result
from importers.upload.rejects import rejects_of
from importers.upload.table import (
    Table,
    no_rows,
    open_table,
    refuse_doubled,
    sample_headers,
    unreadable_workbook,
)

DEFAULT_ZONE: Final = "Europe/Berlin"
_TITLES: Final = {field.name: field.title for field in declared_fields()}
_SIGNATURE: Final = ("activity", "start", "end", "quantity", "unit")
_LEAST: Final = 3
_LISTED: Final = 20
_DECISIVE: Final = tuple(
    name for name in NAMES if name not in {"note", "document", "counterparty", "meter_id"}
)


class StandardUpload(Importer):
    """The upload format of our own template, and files whose headers mean the same."""

    name: ClassVar[str] = "standard"
    version: ClassVar[str] = "1"
    suffixes: ClassVar[tuple[str, ...]] = (".csv", ".txt", ".xlsx")

    def identify(self, sample: FileSample) -> Claim | None:
        """Claim by the header: activity, start, end, quantity and unit are there.

        A file that is named as a workbook and cannot be read as one is claimed, too: reading says why.
        """
        if (refused := unreadable_workbook(sample)) is not None:
            return Claim(SURE, refused.template, refused.parameters)
        found = max((_match(header) for header in sample_headers(sample)), key=_score, default=None)
        if found is None or _score(found) < _LEAST + ("activity" not in found.positions):
            return None
        lacking = _lacking(found, ImportRequest())
        if not lacking:
            return Claim(0.95, "the columns of the standard upload: {columns}", {"columns": _found(found)})
        return Claim(
            0.5 + 0.1 * (_score(found) - _LEAST),
            "resembles the standard upload, but these columns are missing: {columns}",
            {"columns": ", ".join(_TITLES[name] for name in lacking)},
        )

    def read(self, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        """Read the file; see `Importer.read`."""
        table = upload_table(path)
        found = _match(table.header, request)
        found.require(path.name)
        workspace.progress(0.3)
        findings = Findings()
        refuse_doubled(table, found, _DECISIVE, path.name)
        findings.add(
            *table.issues, *found.duplicate_issues(), *found.rival_issues(_SIGNATURE), *_unused(found, table)
        )
        columns = Columns(
            found, {**table.declared, **request.declared}, request.zone or DEFAULT_ZONE, findings
        )
        findings.add(*no_rows(table))
        named = columns.named(table, NAMES)
        rows = read_rows(sorting.with_first_text(named, table.original), columns, request)
        spans.remark_doubles(findings.without_rejected(rows), table.original, columns)
        workspace.progress(0.9)
        read = result(rows, named.height, columns, table.ragged)
        return replace(read, rejects=rejects_of(rows, table, columns))


def upload_table(path: Path) -> Table:
    """Read the table of an upload below its header.

    Raises:
        FileRefused: see `open_table`.
    """
    return open_table(path, lambda header: _points(_match(header)))


def _match(header: Sequence[str], request: ImportRequest | None = None) -> Match:
    fields = declared_fields()
    found = match(header, fields)
    if request is None:
        return found
    needed = _lacking(found, request)
    return match(header, [replace(field, is_required=field.name in needed) for field in fields])


def _lacking(found: Match, request: ImportRequest) -> list[str]:
    """Return the fields without which nothing can be read."""
    has = set(found.positions)
    lacking = [name for name in ("start", "end") if name not in has]
    if "activity" not in has and request.activity is None:
        lacking.append("activity")
    if "quantity" not in has and not {"opening_reading", "closing_reading"} <= has:
        lacking.append("quantity")
    stated = request.unit or unit_of(request.declared.get(found.title("quantity")))
    if "unit" not in has and "quantity" not in found.brackets and stated is None:
        lacking.append("unit")
    return lacking


def _points(found: Match) -> int:
    return len(found.positions)


def _score(found: Match) -> int:
    return sum(name in found.positions for name in _SIGNATURE)


def _found(found: Match) -> str:
    return ", ".join(found.title(name) for name in _SIGNATURE if name in found.positions)


def _unused(found: Match, table: Table) -> list[Issue]:
    """Say which columns were not used: each by itself, or all in one issue where there are many."""
    titles = [found.header[place] for place in found.unused if not table.is_own(place)]
    if len(titles) <= _LISTED:
        return [Issue("column_ignored", column=title, value=title) for title in titles]
    listed = ", ".join([*titles[:_LISTED], "…"])
    return [Issue("columns_ignored", value=listed, parameters={"count": str(len(titles))})]
