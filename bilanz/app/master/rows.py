"""Rows of master data, one by one: listed, found, entered in a form, saved. By the rules of the files."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from bilanz.app.catalogue.releases import catalogue_of
from bilanz.app.fund.tables import OF_PROJECTS
from bilanz.app.master.access import Access, Rights
from bilanz.app.master.cells import CellError
from bilanz.app.master.csvfiles import Sheet
from bilanz.app.master.data import held_against, stated, write
from bilanz.app.master.fields import as_cell, entry, is_hidden_in, shown, shown_value
from bilanz.app.master.intake import Known, Taking
from bilanz.app.master.periods import touched
from bilanz.app.master.tables import BY_NAME, Table, cell
from bilanz.app.master.words import column_words
from bilanz.app.settings import Settings
from bilanz.errors import UnknownName
from bilanz.issues import Issue, text
from bilanz.kinds import Severity
from bilanz.masterrow import MasterRow
from bilanz.messages import Language, translate
from bilanz.period import Period
from bilanz.registry.engine import Registry

TERM: Final = "term."
"""Before the names of the fields of the term a new source comes with."""


@dataclass(frozen=True, slots=True)
class Desk:
    """At which somebody works on master data: where it lies, who it is, what they may."""

    registry: Registry
    settings: Settings
    rights: Rights

    def known(self, *, with_factors: bool = False) -> Known:
        """Return what is registered, for whoever works here."""
        factors = catalogue_of(self.settings).factors if with_factors else None
        return Known.of(self.registry, self.settings.lang, factors, self.rights)


@dataclass(frozen=True, slots=True)
class Entry:
    """What was entered.

    Attributes:
        table: of the row.
        cells: name of a field → what stands in it, as it was entered.
        key: of the row that is changed, as texts; None: a new one.
        seen: mark of the row when it was shown; empty: not shown yet.
    """

    table: Table
    cells: Mapping[str, str]
    key: tuple[str, ...] | None = None
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What would become of one value, in words."""

    title: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What would become, or became, of an entry.

    Attributes:
        problems: name of a field → what is wrong with it.
        general: what is wrong with the whole.
        changes: of a row that is there.
        periods: released or closed years the row speaks of.
        mark: of the row as it is registered.
        row: as it is to be written; None: nothing would be written.
    """

    problems: Mapping[str, str] = field(default_factory=dict)
    general: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    periods: tuple[Period, ...] = ()
    mark: str = ""
    row: MasterRow | None = None

    @property
    def is_refused(self) -> bool:
        """Whether something is wrong."""
        return bool(self.problems or self.general)


def access_of(known: Known) -> Access:
    """Return what whoever asks may do; the rows were read for somebody."""
    if known.access is None:
        message = "rows read for nobody"
        raise TypeError(message)
    return known.access


def rows_of(
    known: Known, table: Table, *, organisation: str = "", source: str = "", sought: str = ""
) -> list[MasterRow]:
    """Return the rows of a table that may be seen, assumed terms included.

    Args:
        known: what is registered.
        table: whose rows.
        organisation: only those that name it, of sources those it has or had, of projects its own.
        source: only those that name it.
        sought: only those in which this text occurs.
    """
    access = access_of(known)
    every: Iterable[MasterRow] = known.rows[table.name].values()
    if table.name == "terms":
        every = sorted((*every, *known.assumed), key=lambda row: [cell(part) for part in table.key_of(row)])
    found = [row for row in every if access.sees(table.name, row)]
    if organisation:
        found = [row for row in found if _is_of(table, row, organisation, access)]
    if source:
        found = [row for row in found if source in _named(table, row, "sources")]
    if sought:
        found = [row for row in found if _holds(table, row, known, sought.casefold())]
    return found


def _named(table: Table, row: MasterRow, target: str) -> set[str]:
    columns = [column for column, refers in table.references.items() if refers == target]
    columns += ["id"] if table.name == target else []
    return {str(getattr(row, column)) for column in columns}


def _is_of(table: Table, row: MasterRow, organisation: str, access: Access) -> bool:
    if table.name == "sources":
        return organisation in access.of_source(str(getattr(row, "id", "")))
    if table.name in OF_PROJECTS:
        return organisation in access.owners(table.name, row).all
    return organisation in _named(table, row, "organisations")


def _holds(table: Table, row: MasterRow, known: Known, sought: str) -> bool:
    texts = (shown(table, column, row, known) for column in table.columns)
    return any(sought in text_.casefold() for text_ in texts) or any(
        sought in cell(value).casefold()
        for name, value in table.values(row).items()
        if not is_hidden_in(table, known, row, name)
    )


def key_texts(table: Table, row: MasterRow) -> tuple[str, ...]:
    """Return what identifies a row, as it stands in an address."""
    return tuple(cell(part) for part in table.key_of(row))


def find(known: Known, table: Table, key: Sequence[str]) -> MasterRow:
    """Return a row that may be seen.

    Raises:
        UnknownName: there is none, or it may not be seen.
    """
    row = _held(known, table, tuple(key))
    if row is None or not access_of(known).sees(table.name, row):
        raise UnknownName("There is nothing here, or nothing you may see.")
    return row


def _held(known: Known, table: Table, key: tuple[str, ...]) -> MasterRow | None:
    every = [*known.rows[table.name].values(), *(known.assumed if table.name == "terms" else ())]
    return next((row for row in every if key_texts(table, row) == key), None)


def may_change(known: Known, table: Table, row: MasterRow) -> bool:
    """Tell whether a row may be changed."""
    return access_of(known).may_change(table.name, row, row)


def entries(table: Table, row: MasterRow, known: Known) -> dict[str, str]:
    """Return the values of a row as they stand in fields; hidden ones are left out."""
    return {
        column.name: entry(column, row, known.language)
        for column in table.columns
        if not is_hidden_in(table, known, row, column.name)
    }


def propose(desk: Desk, entered: Entry) -> Outcome:
    """Say what would become of an entry; nothing is written."""
    known = desk.known()
    before = _before(known, entered)
    sheets, problems = _sheets(entered, before, known)
    mark = mark_of(entered.table, before)
    if not problems:
        taking = held_against(sheets, desk.registry, desk.settings, update=True, rights=desk.rights)
        return _outcome(desk, entered, before, taking, mark)
    return Outcome(problems, mark=mark)


def save(desk: Desk, entered: Entry, reason: str | None) -> Outcome:
    """Write what was entered, unless something is wrong or the row is no longer the one that was shown."""
    known = desk.known()
    before = _before(known, entered)
    mark = mark_of(entered.table, before)
    sheets, problems = _sheets(entered, before, known)
    if problems:
        return Outcome(problems, mark=mark)

    was_agreed = False

    def is_agreed(taking: Taking) -> bool:
        """Tell whether the row is taken and is still the one that was shown: nobody came between."""
        nonlocal was_agreed
        is_same = mark_of(entered.table, _before(desk.known(), entered)) == mark == (entered.seen or mark)
        is_new = taking.summary.tables[entered.table.name].added == 1
        was_agreed = is_same and taking.summary.exit_code == 0 and (before is not None or is_new)
        return was_agreed

    taking = write(
        sheets, desk.registry, desk.settings, update=True, reason=reason, rights=desk.rights, check=is_agreed
    )
    found = _outcome(desk, entered, before, taking, mark)
    if was_agreed or found.is_refused:
        return found
    said = translate("Somebody changed the row meanwhile. Look at the differences again.", known.language)
    return Outcome(general=(said,), mark=mark_of(entered.table, _before(desk.known(), entered)))


def _before(known: Known, entered: Entry) -> MasterRow | None:
    return None if entered.key is None else find(known, entered.table, entered.key)


def mark_of(table: Table, row: MasterRow | None) -> str:
    """Return a mark of a row that changes with its values; "new" where there is none."""
    if row is None:
        return "new"
    told = [cell(value) for value in table.values(row).values()]
    return hashlib.sha256("\x1f".join(told).encode()).hexdigest()[:16]


def _sheets(
    entered: Entry, before: MasterRow | None, known: Known
) -> tuple[dict[str, Sheet], dict[str, str]]:
    """Return the rows an entry states, by table, and what is wrong with single fields."""
    main, problems = _row(entered.table, entered.cells, known)
    if before is not None:
        main |= dict(zip(entered.table.key, key_texts(entered.table, before), strict=True))
        for name in entered.table.references:
            if is_hidden_in(entered.table, known, before, name):
                main.pop(name, None)
    sheets = {entered.table.name: stated(entered.table.name, main)}
    if entered.table.name == "sources" and before is None and _states_term(entered.cells):
        told = {
            name.removeprefix(TERM): text_ for name, text_ in entered.cells.items() if name.startswith(TERM)
        }
        term, wrong = _row(BY_NAME["terms"], told, known)
        problems |= {TERM + name: said for name, said in wrong.items()}
        sheets["terms"] = stated("terms", term | {"source": main.get("id", "")})
    return sheets, problems


def _states_term(cells: Mapping[str, str]) -> bool:
    return bool(cells.get(f"{TERM}organisation", "").strip())


def _row(table: Table, cells: Mapping[str, str], known: Known) -> tuple[dict[str, str], dict[str, str]]:
    """Return the cells of a row, and what is wrong with single fields."""
    found: dict[str, str] = {}
    problems: dict[str, str] = {}
    for column in table.columns:
        if column.name not in cells:
            continue
        try:
            found[column.name] = as_cell(column, cells[column.name], known.language)
        except CellError as error:
            issue = Issue(error.code, None, None, cells[column.name], error.parameters)
            problems[column.name] = said_of(issue, known.language)
    return found, problems


def _outcome(desk: Desk, entered: Entry, before: MasterRow | None, taking: Taking, mark: str) -> Outcome:
    problems: dict[str, str] = {}
    general: list[str] = []
    for file, issue in taking.summary.issues:
        if issue.severity is not Severity.ERROR:
            continue
        said = said_of(issue, desk.settings.lang)
        name = f"{TERM if entered.table.name == 'sources' and file == 'terms.csv' else ''}{issue.column}"
        if name in _entered_fields(entered):
            problems[name] = said
        elif said not in general:
            general.append(said)
    count, rows = taking.summary.tables[entered.table.name], taking.accepted.get(entered.table.name, [])
    if before is None and (count.changed or count.unchanged):
        said = translate("There is such a row already. Change that one.", desk.settings.lang)
        problems[entered.table.key[0]] = said
    if problems or general or not rows:
        return Outcome(problems, tuple(general), mark=mark)
    spoken = (*((before,) if before else ()), *rows, *taking.accepted.get("terms", ()))
    return Outcome(
        changes=() if before is None else tuple(_changes(entered.table, before, rows[0], taking.known)),
        periods=touched(desk.registry, desk.rights, spoken),
        mark=mark,
        row=rows[0],
    )


def _entered_fields(entered: Entry) -> set[str]:
    """Return the names of the fields a form has."""
    fixed = () if entered.key is None else entered.table.key
    names = {column.name for column in entered.table.columns if column.name not in fixed}
    if entered.key is None and entered.table.name == "sources":
        names |= {f"{TERM}{column.name}" for column in BY_NAME["terms"].columns if column.name != "source"}
    return names


def _changes(table: Table, before: MasterRow, after: MasterRow, known: Known) -> Iterable[Change]:
    for column in table.columns:
        old, new = getattr(before, column.name), getattr(after, column.name)
        if old != new:
            title = translate(column_words(table.name, column.name).title, known.language)
            yield Change(title, *(shown_value(table, column, value, known) for value in (old, new)))


def said_of(issue: Issue, language: Language) -> str:
    """Return what is wrong with a field: no place, and no row that was not imported."""
    if issue.code == "unknown_reference":
        return translate("This is not known, or not yours to see. Choose one that is offered.", language)
    whole = text(Issue(issue.code, None, None, issue.value, issue.parameters), language, file="")
    return whole.removeprefix(": ").removesuffix(translate("The row was not imported.", language)).strip()
