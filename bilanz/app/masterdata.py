"""Master data as CSV files, one for each table of `bilanz.app.mastertables`.

A row is new, unchanged, or it differs from what is registered. A difference is never taken over silently: it
is an issue, or with `update` a change that is listed. A bad row is an issue; the other rows are taken.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from bilanz.app.masterchecks import check
from bilanz.app.mastertables import TABLES, Table, cells, read_row
from bilanz.app.releases import catalogue_of
from bilanz.app.settings import Settings
from bilanz.errors import BilanzError, FileRefused, UsageError
from bilanz.issues import Issue, text
from bilanz.kinds import Severity
from bilanz.messages import Language, translate
from bilanz.organisation import (
    MasterRow,
    SourceTerm,
)
from bilanz.registry.bulk import drop_terms, put_all
from bilanz.registry.compensations import compensations
from bilanz.registry.declared import month_weights, overlaps
from bilanz.registry.deliveries import deliveries
from bilanz.registry.engine import Registry, open_registry
from bilanz.registry.instruments import instruments
from bilanz.registry.memberships import memberships
from bilanz.registry.organisations import figures, notation_keys, organisations, sites
from bilanz.registry.plan import growth, measures, targets
from bilanz.registry.sources import sources, terms
from bilanz.trail import Deed

if TYPE_CHECKING:
    import polars as pl

Key = tuple[Any, ...]
REFERENCES: Final[Mapping[str, Mapping[str, str]]] = {
    "organisations": {"parent": "organisations", "municipality": "organisations"},
    "figures": {"organisation": "organisations"},
    "sites": {"organisation": "organisations"},
    "sources": {"parent": "sources"},
    "terms": {"source": "sources", "organisation": "organisations", "site": "sites"},
    "instruments": {"source": "sources", "organisation": "organisations"},
    "targets": {"organisation": "organisations"},
    "measures": {"organisation": "organisations"},
    "growth": {"organisation": "organisations"},
    "memberships": {"organisation": "organisations", "parent": "organisations"},
    "deliveries": {
        "seller": "organisations",
        "buyer": "organisations",
        "seller_source": "sources",
        "buyer_source": "sources",
    },
    "compensations": {"organisation": "organisations"},
    "notation_keys": {"organisation": "organisations"},
    "weights": {},
    "overlaps": {"part_source": "sources", "whole_source": "sources"},
}


@dataclass
class Count:
    """What became of the rows of one table. read = added + changed + unchanged + rejected."""

    read: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0


@dataclass(frozen=True)
class MasterdataSummary:
    """What an import of master data did, by table, with the issues by file."""

    language: Language
    tables: dict[str, Count] = field(default_factory=dict)
    issues: list[tuple[str, Issue]] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """0 clean, 1 rejected rows."""
        return 1 if any(count.rejected for count in self.tables.values()) else 0

    def as_json(self) -> dict[str, Any]:
        """Return it for other programs."""
        return {
            "tables": {name: dict(vars(count)) for name, count in self.tables.items()},
            "issues": [
                {
                    "file": file,
                    "row": issue.row,
                    "column": issue.column,
                    "code": issue.code,
                    "severity": issue.severity.value,
                    "value": issue.value,
                    "message": text(issue, self.language, file=file),
                }
                for file, issue in self.issues
            ],
        }


@dataclass(frozen=True)
class Known:
    """What is registered, and what the rows read so far will add: table → key → values."""

    rows: dict[str, dict[Key, MasterRow]]
    language: Language = "en"
    factors: "pl.DataFrame | None" = None

    @classmethod
    def of(
        cls, registry: Registry, language: Language = "en", factors: "pl.DataFrame | None" = None
    ) -> "Known":
        """Read the registry; assumed terms are not known, they give way. `factors`: what may be named."""
        stated = [term for term in terms(registry) if not term.is_assumed]
        tables: dict[str, Sequence[MasterRow]] = {
            "organisations": list(organisations(registry).values()),
            "figures": figures(registry),
            "sites": list(sites(registry).values()),
            "sources": list(sources(registry).values()),
            "terms": stated,
            "instruments": list(instruments(registry).values()),
            "targets": targets(registry),
            "measures": measures(registry),
            "growth": growth(registry),
            "memberships": memberships(registry),
            "deliveries": list(deliveries(registry).values()),
            "compensations": list(compensations(registry).values()),
            "notation_keys": notation_keys(registry),
            "weights": month_weights(registry),
            "overlaps": overlaps(registry),
        }
        keys = {table.name: table.key for table in TABLES}
        return cls(
            {
                name: {tuple(getattr(row, key) for key in keys[name]): row for row in rows}
                for name, rows in tables.items()
            },
            language,
            factors,
        )


def import_masterdata(
    folder: Path, settings: Settings, *, update: bool = False, reason: str | None = None
) -> MasterdataSummary:
    """Read the CSV files of a folder into the registry; a file that is not there is left out.

    Args:
        folder: holds any of organisations.csv, figures.csv, sites.csv, sources.csv, terms.csv,
            instruments.csv, memberships.csv, deliveries.csv, targets.csv, measures.csv, growth.csv,
            compensations.csv, notation_keys.csv, weights.csv, overlaps.csv.
        settings: where the registry lies.
        update: take over rows that differ from what is registered, and list the changes.
        reason: why, for the audit trail.

    Raises:
        UsageError: the folder holds none of the files.
        FileRefused: a file is not UTF-8.
    """
    present = [table for table in TABLES if (folder / f"{table.name}.csv").exists()]
    if not present:
        names = ", ".join(f"{table.name}.csv" for table in TABLES)
        raise UsageError("{folder} holds none of {names}.", folder=str(folder), names=names)
    named = catalogue_of(settings).factors if any(table.name == "instruments" for table in present) else None
    registry = open_registry(settings.registry)
    try:
        known, summary = Known.of(registry, settings.lang, named), MasterdataSummary(settings.lang)
        for table in present:
            accepted = _take(table, folder / f"{table.name}.csv", known, summary, update=update)
            if table.name == "terms":
                _displace(registry, accepted)
            changed = _changed(summary, f"{table.name}.csv")
            put_all(registry, accepted, _deed(table, accepted, changed, settings.user, reason))
    finally:
        registry.close()
    return summary


def _changed(summary: MasterdataSummary, file: str) -> dict[str, str]:
    """Return label → what differs, of the rows of a file that were taken over."""
    return {
        str(issue.value): str(issue.parameters["differences"])
        for name, issue in summary.issues
        if name == file and issue.code == "masterdata_changed"
    }


def _deed(
    table: Table, accepted: Sequence[MasterRow], changed: Mapping[str, str], by: str, reason: str | None
) -> Deed | None:
    """Return the entry of the trail: what was added, and what was changed with the original."""
    if not accepted:
        return None
    labels = (tuple(getattr(row, name) for name in table.key) for row in accepted)
    said = [", ".join(str(part) for part in label if part is not None) for label in labels]
    added = [label for label in said if label not in changed]
    return Deed(by, "masterdata.change", table.name, reason, {"added": added, "changed": dict(changed)})


def declare(
    rows: Mapping[str, Mapping[str, str | None]], settings: Settings, *, reason: str | None = None
) -> None:
    """Register single rows by the rules of the files.

    Args:
        rows: table → column → cell; None leaves what is registered as it is, what differs is taken over.
        settings: where the registry lies.
        reason: why, for the audit trail.

    Raises:
        UsageError: a cell cannot be taken; says which and why.
    """
    with TemporaryDirectory() as folder:
        for name, row in rows.items():
            stated = {column: cell for column, cell in row.items() if cell is not None}
            with (Path(folder) / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
                writer = csv.DictWriter(stream, list(stated))
                writer.writeheader()
                writer.writerow(stated)
        summary = import_masterdata(Path(folder), settings, update=True, reason=reason)
    refused = [issue for _, issue in summary.issues if issue.severity is Severity.ERROR]
    if refused:
        named = text(refused[0], settings.lang, file=translate("command line", settings.lang))
        raise UsageError("{message}", message=named)


def export_masterdata(folder: Path, settings: Settings) -> list[Path]:
    """Write the registry as CSV files that import without any change; return them.

    Assumed terms are written too: once imported again they are stated.
    """
    registry = open_registry(settings.registry)
    try:
        known = Known.of(registry)
        rows: dict[str, Sequence[MasterRow]] = {
            name: list(table.values()) for name, table in known.rows.items() if name != "terms"
        }
        rows["terms"] = terms(registry)
    finally:
        registry.close()
    folder.mkdir(parents=True, exist_ok=True)
    return [_write(folder / f"{table.name}.csv", table, rows[table.name]) for table in TABLES]


def _write(target: Path, table: Table, rows: Sequence[MasterRow]) -> Path:
    with target.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, delimiter=";", lineterminator="\r\n")
        writer.writerow([column.name for column in table.columns])
        writer.writerows(cells(table, row) for row in rows)
    return target


def _read(file: Path, table: Table) -> tuple[list[tuple[int, dict[str, str]]], list[Issue]]:
    """Return (line, row by column) of a CSV file, and what is wrong with its header."""
    try:
        content = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise FileRefused("{file} is not UTF-8.", code="encoding", file=file.name) from None
    first = content.partition("\n")[0]
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=";" if ";" in first else ",")
    header = [name.strip() for name in next(reader, [])]
    names = {column.name for column in table.columns}
    issues = [Issue("column_ignored", 1, name, name) for name in header if name not in names]
    missing = [column.name for column in table.columns if column.is_needed and column.name not in header]
    near = ", ".join(header) or "–"
    issues += [Issue("missing_column", 1, parameters={"expected": name, "near": near}) for name in missing]
    if missing:
        return [], issues
    lines = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    padding = [""] * len(header)
    return [(line, dict(zip(header, [*row, *padding], strict=False))) for line, row in lines], issues


def _take(
    table: Table, file: Path, known: Known, summary: MasterdataSummary, *, update: bool
) -> list[MasterRow]:
    """Sort the rows of a file into new, unchanged, changed and rejected; return what is to be written."""
    rows, issues = _read(file, table)
    count = summary.tables[table.name] = Count(read=len(rows))
    count.rejected += any(issue.severity is Severity.ERROR for issue in issues)
    count.read += count.rejected
    read = [(line, *read_row(table, row, line)) for line, row in rows]
    accepted: list[MasterRow] = []
    for line, values, found in _parents_first(table, read):
        before = len(accepted)
        outcome = found or _place(table, known, accepted, values, line, update=update)
        _tally(count, outcome, is_written=len(accepted) > before)
        issues += outcome
    summary.issues.extend((file.name, issue) for issue in issues)
    return accepted


def _tally(count: Count, outcome: list[Issue], *, is_written: bool) -> None:
    if any(issue.severity is Severity.ERROR for issue in outcome):
        count.rejected += 1
    elif not is_written:
        count.unchanged += 1
    elif outcome:
        count.changed += 1
    else:
        count.added += 1


def _key(table: Table, values: Mapping[str, Any]) -> Key:
    return tuple(values.get(name) for name in table.key)


Line = tuple[int, dict[str, Any], list[Issue]]


def _parents_first(table: Table, rows: list[Line]) -> list[Line]:
    """Return rows so that a parent comes before its children, as the database wants them."""
    if REFERENCES[table.name].get("parent") != table.name:
        return rows
    by_id = {values.get("id"): values.get("parent") for _, values, _ in rows}

    def depth(row: Line) -> int:
        steps, parent = 0, row[1].get("parent")
        while parent in by_id and steps <= len(by_id):
            steps, parent = steps + 1, by_id[parent]
        return steps

    return sorted(rows, key=depth)


def _place(
    table: Table,
    known: Known,
    accepted: list[MasterRow],
    values: dict[str, Any],
    line: int,
    *,
    update: bool,
) -> list[Issue]:
    """Accept a row that is new or may change; return the issues."""
    held = known.rows[table.name]
    key = _key(table, values)
    before = held.get(key)
    changes: list[Issue] = []
    if before is not None:
        old = table.values(before)
        differing = {name: value for name, value in values.items() if old[name] != value}
        if not differing:
            return []
        said = "; ".join(f"{name}: {old[name]} → {value}" for name, value in differing.items())
        code = "masterdata_changed" if update else "masterdata_differs"
        label = ", ".join(str(part) for part in key if part is not None)
        changes = [Issue(code, line, None, label, {"differences": said})]
        if not update:
            return changes
        values = {**old, **values}
    row = table.model(**{name: value for name, value in values.items() if value is not None})
    if isinstance(row, SourceTerm) and isinstance(before, SourceTerm):
        row.id = before.id
    problem = _missing_reference(table, known, values, line) or _broken(row, known, line)
    if problem:
        return [problem]
    held[key] = row
    accepted.append(row)
    return changes


def _missing_reference(table: Table, known: Known, values: Mapping[str, Any], line: int) -> Issue | None:
    for column, target in REFERENCES[table.name].items():
        name = values.get(column)
        if name is not None and (name,) not in known.rows[target] and name != values.get("id"):
            return Issue("unknown_reference", line, column, name, {"table": target})
    return None


def _broken(row: MasterRow, known: Known, line: int) -> Issue | None:
    """Return an issue where a row contradicts the others."""
    try:
        check(row, known.rows, known.factors)
    except BilanzError as error:
        reason = translate(error.template, known.language, **error.parameters)
        return Issue("masterdata_refused", line, None, None, {"reason": reason})
    return None


def _displace(registry: Registry, accepted: Sequence[MasterRow]) -> None:
    """Delete the assumed terms of sources whose terms are stated now."""
    stated = {row.source for row in accepted if isinstance(row, SourceTerm)}
    drop_terms(registry, [term for term in terms(registry) if term.is_assumed and term.source in stated])
