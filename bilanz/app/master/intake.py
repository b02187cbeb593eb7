"""Rows of master data held against what is registered: new, unchanged, changed, rejected. Nothing is written.

A difference is never taken over silently: it is an issue, or with `update` a change that is listed. A bad row
is an issue; the other rows are taken.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from bilanz.access import ALL, Right
from bilanz.app.fund.tables import FUND_TABLES, IN_ORDER
from bilanz.app.master.access import HIDDEN, Access, Rights
from bilanz.app.master.checks import check
from bilanz.app.master.csvfiles import Sheet
from bilanz.app.master.groups import GROUPED, Grouped
from bilanz.app.master.tables import TABLES, Table, read_row
from bilanz.errors import BilanzError
from bilanz.issues import Issue, text
from bilanz.kinds import Severity
from bilanz.masterrow import MasterRow
from bilanz.messages import Language, translate
from bilanz.organisation import SourceTerm
from bilanz.registry import fund
from bilanz.registry.compensations import compensations
from bilanz.registry.declared import month_weights, overlaps
from bilanz.registry.deliveries import deliveries
from bilanz.registry.engine import Registry
from bilanz.registry.instruments import instruments
from bilanz.registry.memberships import memberships
from bilanz.registry.organisations import figures, notation_keys, organisations, sites
from bilanz.registry.plan import growth, measures, targets
from bilanz.registry.sources import sources, terms

if TYPE_CHECKING:
    import polars as pl

Key = tuple[Any, ...]

_NAMED_BY_CHECKS: Final = ("memberships", "deliveries", "overlaps", "instruments", "terms")
"""Tables whose rows a rule may name when another row contradicts them."""


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

    @property
    def is_change(self) -> bool:
        """Whether anything is new or changed."""
        return any(count.added or count.changed for count in self.tables.values())

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
    """What is registered, and what the rows read so far will add: table → key → values.

    Attributes:
        factors: what an instrument may name; None: not checked.
        access: what whoever asks may see and change; None: everything.
        assumed: terms nobody has stated yet; they are no rows, they give way.
    """

    rows: dict[str, dict[Key, MasterRow]]
    language: Language = "en"
    factors: "pl.DataFrame | None" = None
    access: Access | None = None
    assumed: tuple[SourceTerm, ...] = ()

    @classmethod
    def of(
        cls,
        registry: Registry,
        language: Language = "en",
        factors: "pl.DataFrame | None" = None,
        rights: Rights | None = None,
    ) -> "Known":
        """Read the registry."""
        every = terms(registry)
        tables: dict[str, Iterable[MasterRow]] = {
            "organisations": organisations(registry).values(),
            "figures": figures(registry),
            "sites": sites(registry).values(),
            "sources": sources(registry).values(),
            "terms": [term for term in every if not term.is_assumed],
            "instruments": instruments(registry).values(),
            "targets": targets(registry),
            "measures": measures(registry),
            "growth": growth(registry),
            "memberships": memberships(registry),
            "deliveries": deliveries(registry).values(),
            "compensations": compensations(registry).values(),
            "notation_keys": notation_keys(registry),
            "weights": month_weights(registry),
            "overlaps": overlaps(registry),
            **{table.name: fund.rows(registry, table.model) for table in FUND_TABLES},
        }
        rows = {table.name: {table.key_of(row): row for row in tables[table.name]} for table in TABLES}
        rows |= {name: Grouped(column, rows[name]) for name, column in GROUPED.items()}
        access = None if rights is None else Access.of(rights, rows, every)
        named = factors if factors is None or access is None else access.factors(factors)
        assumed = tuple(term for term in every if term.is_assumed)
        return cls(rows, language, named, access, assumed)


@dataclass(frozen=True)
class Taking:
    """What is to be written, by table, and what is said of the rows.

    Attributes:
        changed: (table, label of a row) → what differs in it, of the rows that are taken over.
    """

    known: Known
    summary: MasterdataSummary
    accepted: dict[str, list[MasterRow]] = field(default_factory=dict)
    changed: dict[tuple[str, str], str] = field(default_factory=dict)

    def without_term(self) -> frozenset[str]:
        """Return the new sources that none of the terms taken in speaks of, though one is asked for."""
        access = self.known.access
        if access is None or access.may(Right.MASTER, ALL):
            return frozenset()
        held = {row.source for row in self.accepted.get("terms", ()) if isinstance(row, SourceTerm)}
        return frozenset(access.fresh - held)


def take(
    sheets: Mapping[str, Sheet], known: Known, *, update: bool, barred: frozenset[str] = frozenset()
) -> Taking:
    """Sort the rows of sheets into new, unchanged, changed and rejected.

    Args:
        sheets: table → rows.
        known: what they are held against; rows that are taken are added to it.
        update: take over rows that differ from what is registered.
        barred: new sources that are not taken because no term of them can be.
    """
    taking = Taking(known, MasterdataSummary(known.language))
    if known.access is not None:
        known.access.announced = _announced(sheets.get("terms"), barred)
    for table in TABLES:
        if table.name in sheets:
            taking.accepted[table.name] = _take(table, sheets[table.name], taking, update=update)
    return taking


def _announced(sheet: Sheet | None, barred: frozenset[str]) -> dict[str, frozenset[str]]:
    """Return source → the organisations of the terms that are stated for it."""
    found: dict[str, set[str]] = {}
    for _, row in sheet.rows if sheet else ():
        source, organisation = (row.get(name, "").strip() for name in ("source", "organisation"))
        if source not in barred and organisation:
            found.setdefault(source, set()).add(organisation)
    return {source: frozenset(names) for source, names in found.items()}


def _take(table: Table, sheet: Sheet, taking: Taking, *, update: bool) -> list[MasterRow]:
    """Return the rows of a sheet that are to be written; count all."""
    issues = list(sheet.issues)
    count = taking.summary.tables[table.name] = Count(read=len(sheet.rows))
    count.rejected += any(issue.severity is Severity.ERROR for issue in issues)
    count.read += count.rejected
    read = [(line, *read_row(table, _shown(table, row), line)) for line, row in sheet.rows]
    accepted: list[MasterRow] = []
    left, is_last = _ordered(table, read), False
    while left:
        refused: list[Line] = []
        for row in left:
            before, (line, values, found) = len(accepted), row
            outcome = found or _place(table, taking.known, accepted, values, line, update=update)
            if not is_last and any(issue.code == "masterdata_refused" for issue in outcome):
                refused.append(row)  # it may keep to the rules once the others are in
                continue
            _tally(count, outcome, is_written=len(accepted) > before)
            issues += outcome
        left, is_last = refused, len(refused) == len(left)
    taking.summary.issues.extend((sheet.file, issue) for issue in issues)
    taking.changed.update(_changed(table, issues))
    return accepted


def _changed(table: Table, issues: Iterable[Issue]) -> dict[tuple[str, str], str]:
    return {
        (table.name, str(issue.value)): str(issue.parameters["differences"])
        for issue in issues
        if issue.code == "masterdata_changed"
    }


def _shown(table: Table, row: Mapping[str, str]) -> dict[str, str]:
    """Return a row without the names that were not shown to whoever states it: they stay as they are."""
    return {name: cell for name, cell in row.items() if cell != HIDDEN or name not in table.references}


def _tally(count: Count, outcome: list[Issue], *, is_written: bool) -> None:
    if any(issue.severity is Severity.ERROR for issue in outcome):
        count.rejected += 1
    elif not is_written:
        count.unchanged += 1
    elif outcome:
        count.changed += 1
    else:
        count.added += 1


Line = tuple[int, dict[str, Any], list[Issue]]


def _ordered(table: Table, rows: list[Line]) -> list[Line]:
    """Return rows as rules and database want them: a parent comes before its children."""
    if table.name in IN_ORDER:
        return sorted(rows, key=lambda row: IN_ORDER[table.name](row[1]))
    if table.references.get("parent") != table.name:
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
    key = tuple(values.get(name) for name in table.key)
    before = known.rows[table.name].get(key)
    if before is not None and known.access is not None and not known.access.sees(table.name, before):
        return [Issue("masterdata_foreign", line)]
    old = {} if before is None else table.values(before)
    differing = {name: value for name, value in values.items() if before is None or old[name] != value}
    if before is not None and not differing:
        return []
    if before is None and (unstated := _unstated(table, values, line)):
        return unstated
    row = table.model(**{name: value for name, value in (old | values).items() if value is not None})
    if isinstance(row, SourceTerm) and isinstance(before, SourceTerm):
        row.id = before.id
    problem = _not_theirs(table, known, before, row, differing, line)
    changes = [] if before is None else [_difference(table, before, differing, line, is_taken=update)]
    if problem is None and (before is None or update):
        problem = _missing_reference(table, known, differing, line, row) or _broken(row, known, line)
    if problem is not None or (before is not None and not update):
        return changes if problem is None else [problem]
    known.rows[table.name][key] = row
    if known.access is not None:
        known.access.learn(before, row)
    accepted.append(row)
    return changes


def _difference(
    table: Table, before: MasterRow, differing: Mapping[str, Any], line: int, *, is_taken: bool
) -> Issue:
    """Return what differs from the registered row."""
    old = table.values(before)
    said = "; ".join(f"{name}: {old[name]} → {value}" for name, value in differing.items())
    (label,) = keys_said(table, [before])
    code = "masterdata_changed" if is_taken else "masterdata_differs"
    return Issue(code, line, None, label, {"differences": said})


def _unstated(table: Table, values: Mapping[str, Any], line: int) -> list[Issue]:
    """Return an issue for every cell a new row must have and that nobody states."""
    return [
        Issue("missing_value", line, column.name, "")
        for column in table.columns
        if column.is_needed and values.get(column.name) is None
    ]


def _not_theirs(
    table: Table,
    known: Known,
    before: MasterRow | None,
    row: MasterRow,
    differing: Mapping[str, Any],
    line: int,
) -> Issue | None:
    """Return an issue where whoever asks may not make this of a row."""
    access = known.access
    if access is None:
        return None
    old = {} if before is None else table.values(before)
    if any(access.hides(table.references, name, old.get(name)) for name in differing):
        return Issue("masterdata_foreign", line)
    missing = _missing_reference(table, known, differing, line, row)
    if missing:
        return missing
    if before is None and table.name == "sources" and not _comes_with_term(row, access):
        reason = translate("A new source needs a term with an organisation of yours.", known.language)
        return Issue("masterdata_refused", line, None, None, {"reason": reason})
    return None if access.may_change(table.name, before, row) else Issue("masterdata_foreign", line)


def _comes_with_term(row: MasterRow, access: Access) -> bool:
    return access.may(Right.MASTER, ALL) or getattr(row, "id", None) in access.announced


def _missing_reference(
    table: Table, known: Known, values: Mapping[str, Any], line: int, row: MasterRow
) -> Issue | None:
    """Return an issue where a row names what there is not, or what may not be seen: both alike."""
    access = known.access
    for column, target in table.references.items():
        name = values.get(column)
        if name is None or (target == table.name and name == getattr(row, "id", None)):
            continue
        if (name,) not in known.rows[target] or (access is not None and not access.sees_id(target, name)):
            return Issue("unknown_reference", line, column, name, {"table": target})
    return None


def _broken(row: MasterRow, known: Known, line: int) -> Issue | None:
    """Return an issue where a row contradicts the others; rows that may not be seen are not named."""
    try:
        check(row, known.rows, known.factors)
    except BilanzError as error:
        reason = translate(error.template, known.language, **error.parameters)
        if known.access is not None:
            reason = _reason_shown(row, known, known.access)
        return Issue("masterdata_refused", line, None, None, {"reason": reason})
    return None


def _reason_shown(row: MasterRow, known: Known, access: Access) -> str:
    """Return why a row contradicts what may be seen, else only that it does."""
    try:
        check(row, known.rows | access.visible(_NAMED_BY_CHECKS), known.factors)
    except BilanzError as error:
        return translate(error.template, known.language, **error.parameters)
    return translate("They are not yours to see.", known.language)


def keys_said(table: Table, rows: Sequence[MasterRow]) -> list[str]:
    """Return rows by their keys, for people."""
    return [", ".join(str(part) for part in table.key_of(row) if part is not None) for row in rows]
