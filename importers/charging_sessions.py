"""Lists of charging sessions as operators of charge points export them, CSV or XLSX."""

from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Final

import polars as pl

from bilanz.issues import Issue
from importers.base import Claim, FileSample, Importer, ImportRequest, ImportResult, Workspace
from importers.charging import sessions
from importers.charging.fields import NAMES, PERSONAL, declared_fields, zone_of
from importers.columns.headers import Match, match
from importers.upload import sorting
from importers.upload.columns import Columns
from importers.upload.findings import Findings
from importers.upload.rejects import rejects_of
from importers.upload.table import Table, no_rows, open_table, refuse_doubled, sample_headers

DEFAULT_ZONE: Final = "Europe/Berlin"
_POINTS: Final = ("charge_point", "station")
_SIGNS: Final = (*_POINTS, "session", "connector")
_LENGTH: Final = ("end", "end_time", "duration")
_DECISIVE: Final = (
    *("start", "start_time", "end", "end_time", "quantity", "unit", "session", "cost_net"),
    *_POINTS,
)


class ChargingSessions(Importer):
    """One row, one session at a charge point."""

    name: ClassVar[str] = "charging_sessions"
    version: ClassVar[str] = "1"
    suffixes: ClassVar[tuple[str, ...]] = (".csv", ".txt", ".xlsx")

    def identify(self, sample: FileSample) -> Claim | None:
        """Claim by the header: a start, an energy, and a charge point."""
        found = max(
            (match(header, declared_fields()) for header in sample_headers(sample)), key=_points, default=None
        )
        if found is None or found.missing or not any(name in found.positions for name in _POINTS):
            return None
        if not any(name in found.positions for name in (*_LENGTH, "session", "connector")):
            return None
        names = ("start", "quantity", *_SIGNS)
        titles = ", ".join(found.title(name) for name in names if found.title(name))
        reason = "the columns of a list of charging sessions: {columns}"
        return Claim(0.95, reason, {"columns": titles})

    def read(self, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        """Read the file; see `Importer.read`."""
        table = open_table(path, lambda header: _points(match(header, declared_fields())))
        found = match(table.header, declared_fields())
        found.require(path.name)
        workspace.progress(0.3)
        findings = Findings()
        refuse_doubled(table, found, _DECISIVE, path.name)
        findings.add(*table.issues, *found.duplicate_issues(), *found.rival_issues(("quantity",)))
        findings.add(*_left_out(found, table), *no_rows(table))
        zone = zone_of(found.title("start")) or request.zone or DEFAULT_ZONE
        columns = Columns(found, {**table.declared, **request.declared}, zone, findings)
        named = sorting.with_first_text(columns.named(table, NAMES), table.original)
        cells = table.original.select(
            "__row", pl.struct(pl.exclude("__row")).struct.json_encode().alias("__cells")
        )
        named = named.join(cells, on="__row", how="left", maintain_order="left")
        rows = sorting.split_empty(named, findings)
        rows, totals = sorting.split_totals(rows, "start", findings)
        rows = sessions.read(rows, columns, request)
        sorting.compare_totals(rows, columns.lenient_number(totals, "quantity"), columns)
        workspace.progress(0.9)
        result = sessions.result(rows, columns, read=named.height + table.ragged, rejected=table.ragged)
        return replace(result, rejects=rejects_of(rows, table, columns))


def _points(found: Match) -> int:
    return len(found.positions)


def _left_out(found: Match, table: Table) -> list[Issue]:
    """Say which columns were not used, and which were not kept because they say who charged."""
    unused = [found.header[place] for place in found.unused if not table.is_own(place)]
    personal = [found.title(name) for name in PERSONAL if name in found.positions]
    return [
        Issue(code, value=", ".join(titles), parameters={"count": str(len(titles))})
        for code, titles in (("columns_ignored", unused), ("personal_data", personal))
        if titles
    ]
