"""Master data as CSV files and workbooks (tables: `bilanz.app.master.tables`), or stated row by row."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from bilanz.app.catalogue.releases import catalogue_of
from bilanz.app.master import csvfiles
from bilanz.app.master import workbook as masterworkbook
from bilanz.app.master.access import Rights
from bilanz.app.master.csvfiles import Sheet
from bilanz.app.master.intake import Known, MasterdataSummary, Taking, keys_said, take
from bilanz.app.master.tables import BY_NAME, TABLES, Table
from bilanz.app.settings import Settings
from bilanz.errors import UsageError
from bilanz.issues import text
from bilanz.kinds import Severity
from bilanz.masterrow import MasterRow
from bilanz.messages import translate
from bilanz.organisation import SourceTerm
from bilanz.registry.bulk import Batch, put_all
from bilanz.registry.engine import Registry, open_registry
from bilanz.registry.sources import terms
from bilanz.trail import Deed

__all__ = ["MasterdataSummary", "declare", "export_masterdata", "export_workbook", "import_masterdata"]

TURN: Final = threading.Lock()
"""One change at a time in a process: what rows were held against is still so when they are written."""

Check = Callable[[Taking], bool]


def import_masterdata(
    folder: Path, settings: Settings, *, update: bool = False, reason: str | None = None
) -> MasterdataSummary:
    """Read the files of a folder into the registry; a file that is not there is left out.

    Args:
        folder: holds CSV files named after their tables (`bilanz.app.master.tables`), workbooks named so, or
            masterdata.xlsx with a sheet for each table.
        settings: where the registry lies.
        update: take over rows that differ from what is registered, and list the changes.
        reason: why, for the audit trail.

    Raises:
        UsageError: the folder holds none of the files, or a table twice.
        FileRefused: a file is not UTF-8, or no workbook.
    """
    sheets = _sheets_in(folder)
    with closing(open_registry(settings.registry)) as registry:
        return write(sheets, registry, settings, update=update, reason=reason).summary


def _sheets_in(folder: Path) -> dict[str, Sheet]:
    """Return table → rows of the files of a folder."""
    texts = {table: folder / f"{table.name}.csv" for table in TABLES}
    books = [folder / name for name in (masterworkbook.NAME, *(f"{table.name}.xlsx" for table in TABLES))]
    found = [
        {table.name: csvfiles.read(path.read_bytes(), table, path.name)}
        for table, path in texts.items()
        if path.exists()
    ]
    found += [masterworkbook.read(path.read_bytes(), path.name, path.stem) for path in books if path.exists()]
    if not found:
        names = ", ".join((*(f"{table.name}.csv" for table in TABLES), masterworkbook.NAME))
        raise UsageError("{folder} holds none of {names}.", folder=str(folder), names=names)
    named = Counter(name for sheets in found for name in sheets)
    twice = [name for name, count in named.items() if count > 1]
    if twice:
        message = "{folder} holds more than one file of {names}. Leave one."
        raise UsageError(message, folder=str(folder), names=", ".join(twice))
    return {name: sheet for sheets in found for name, sheet in sheets.items()}


def held_against(
    sheets: Mapping[str, Sheet],
    registry: Registry,
    settings: Settings,
    *,
    update: bool,
    rights: Rights | None = None,
) -> Taking:
    """Return what would become of rows; nothing is written.

    Args:
        sheets: table → rows.
        registry: what they are held against.
        settings: whose factors instruments may name; the language of what is said.
        update: take over rows that differ.
        rights: of whoever states them; None: everything is theirs.
    """
    factors = catalogue_of(settings).factors if "instruments" in sheets else None
    barred: frozenset[str] = frozenset()
    while True:
        known = Known.of(registry, settings.lang, factors, rights)
        taking = take(sheets, known, update=update, barred=barred)
        missing = taking.without_term()
        if not missing:
            return taking
        barred |= missing


def write(
    sheets: Mapping[str, Sheet],
    registry: Registry,
    settings: Settings,
    *,
    update: bool,
    reason: str | None = None,
    rights: Rights | None = None,
    check: Check | None = None,
) -> Taking:
    """Write the rows that can be taken, all or none, and return what became of them.

    Args:
        sheets: table → rows.
        registry: where they go.
        settings: who states them, in which language.
        update: take over rows that differ.
        reason: why, for the audit trail.
        rights: of whoever states them; None: everything is theirs.
        check: asked before anything is written; where it says no, nothing is.
    """
    with TURN:
        taking = held_against(sheets, registry, settings, update=update, rights=rights)
        if check is None or check(taking):
            _put(registry, taking, settings, reason)
    return taking


def _put(registry: Registry, taking: Taking, settings: Settings, reason: str | None) -> None:
    batches = [
        Batch(tuple(rows), _deed(BY_NAME[name], rows, taking.changed, settings.user, reason))
        for name, rows in taking.accepted.items()
        if rows
    ]
    stated = {row.source for row in taking.accepted.get("terms", ()) if isinstance(row, SourceTerm)}
    displaced = [term for term in terms(registry) if term.is_assumed and term.source in stated]
    if batches:
        put_all(registry, batches, displaced)


def _deed(
    table: Table,
    accepted: Sequence[MasterRow],
    changed: Mapping[tuple[str, str], str],
    by: str,
    reason: str | None,
) -> Deed:
    """Return the entry of the trail: what was added, and what was changed with the original."""
    said = keys_said(table, accepted)
    added = [label for label in said if (table.name, label) not in changed]
    told = {label: differences for (name, label), differences in changed.items() if name == table.name}
    return Deed(by, "masterdata.change", table.name, reason, {"added": added, "changed": told})


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
    sheets = {name: stated(name, row) for name, row in rows.items()}
    with closing(open_registry(settings.registry)) as registry:
        summary = write(sheets, registry, settings, update=True, reason=reason).summary
    refused = [issue for _, issue in summary.issues if issue.severity is Severity.ERROR]
    if refused:
        named = text(refused[0], settings.lang, file=translate("command line", settings.lang))
        raise UsageError("{message}", message=named)


def stated(table: str, row: Mapping[str, str | None]) -> Sheet:
    """Return one row as a sheet. A cell that is None is left out: what is registered stays."""
    return Sheet(f"{table}.csv", [(2, {name: cell for name, cell in row.items() if cell is not None})])


def export_masterdata(folder: Path, settings: Settings) -> list[Path]:
    """Write the registry as CSV files that import without any change; return them.

    Assumed terms are written too: once imported again they are stated.
    """
    rows = _registered(settings)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for table in TABLES:
        target = folder / f"{table.name}.csv"
        target.write_bytes(csvfiles.write(table, rows[table.name]))
        written.append(target)
    return written


def export_workbook(folder: Path, settings: Settings) -> list[Path]:
    """Write the registry as one workbook that imports without any change; return it."""
    rows = _registered(settings)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / masterworkbook.NAME
    target.write_bytes(masterworkbook.write([(table, rows[table.name]) for table in TABLES], settings.lang))
    return [target]


def _registered(settings: Settings) -> dict[str, list[tuple[MasterRow, frozenset[str]]]]:
    """Return table → rows, none of whose columns is hidden."""
    with closing(open_registry(settings.registry)) as registry:
        known = Known.of(registry)
        rows: dict[str, list[MasterRow]] = {name: list(held.values()) for name, held in known.rows.items()}
        rows["terms"] = [*terms(registry)]
    return {name: [(row, frozenset[str]()) for row in held] for name, held in rows.items()}
