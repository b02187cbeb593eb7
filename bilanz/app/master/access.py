"""Whose a row of master data is: who may see it, who may change it, which other rows it may name.

    figures, sites, targets, …  their organisation
    fund_members, fund_figures  their organisation sees them, the one above it changes them (none: ALL);
    and fund_payments           what a member owes and paid is the league's to state
    fund_flows, fund_claims     the project's organisation sees them; that of its programme has to agree
    organisations               the unit itself; a new one: the parent; a moved one: both parents; a root: ALL
    sources                     every organisation of their terms; one without terms: ALL
    terms                       their organisation, and every other the source has or had terms with
    instruments                 their organisation, or those of their source
    memberships, deliveries     both sides
    overlaps                    the organisations of both sources
    weights                     the organisations of the sources that name them; of none: ALL
    of the fund                 their organisation; of a project: that of the project

Seen with READ on one of the organisations of each side, changed with MASTER on all of them. An object that
may not be seen is not there: naming it and naming nothing known end in the same words.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

from bilanz.access import ALL, Right
from bilanz.app.fund.tables import FUND_TABLES, OF_PROJECTS
from bilanz.fund.project import FundProgramme, FundProject
from bilanz.masterrow import MasterRow
from bilanz.organisation import (
    Delivery,
    EnergyInstrument,
    Membership,
    MonthWeight,
    OrganisationUnit,
    Overlap,
    Source,
    SourceTerm,
)

if TYPE_CHECKING:
    import polars as pl

Rows = Mapping[str, Mapping[tuple[Any, ...], MasterRow]]
"""Table → key → row: what is registered and what was read so far."""

HIDDEN: Final = "***"
"""What stands for the name of an object that may not be seen; read back, it leaves the name as it is."""

_EVERYBODY: Final = frozenset({ALL})


class Rights(Protocol):
    """What somebody may do where."""

    def may(self, right: Right, organisation: str) -> bool:
        """Tell whether a right reaches an organisation; `ALL`: all of them together."""


@dataclass(frozen=True, slots=True)
class Owners:
    """Whose a row is.

    Attributes:
        sides: of each of these one must be readable to see the row.
        all: all of these must be changeable to change it.
    """

    sides: tuple[frozenset[str], ...]
    all: frozenset[str]


@dataclass(slots=True)
class Access:
    """What somebody may see and change of master data.

    Attributes:
        rows: what is registered; rows taken in are added to it from outside.
        holders: source → organisations of its terms, assumed ones included.
        announced: new source → organisations of the terms it comes with.
        fresh: sources that were taken in and not registered before.
        below: organisation taken in → its parent; rights reach it as they reach the parent.
        spread: name of monthly weights → the sources that are spread by them.
    """

    rights: Rights
    rows: Rows
    holders: dict[str, set[str]]
    announced: Mapping[str, frozenset[str]] = field(default_factory=dict)
    fresh: set[str] = field(default_factory=set)
    below: dict[str, str] = field(default_factory=dict)
    spread: dict[str, set[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, rights: Rights, rows: Rows, terms: Iterable[SourceTerm]) -> "Access":
        """Return what somebody may do with the rows of a registry. `terms`: all, assumed ones too."""
        holders: dict[str, set[str]] = {}
        for term in terms:
            holders.setdefault(term.source, set()).add(term.organisation)
        made = cls(rights, rows, holders)
        for row in rows["sources"].values():
            made._spread_by(None, row)
        return made

    def may(self, right: Right, organisation: str) -> bool:
        """Tell whether a right reaches an organisation."""
        while organisation in self.below:
            organisation = self.below[organisation]
        return self.rights.may(right, organisation)

    def of_source(self, source: str) -> frozenset[str]:
        """Return the organisations of a source; one without terms belongs to all together."""
        held = self.announced.get(source) if source in self.fresh else self.holders.get(source)
        return frozenset(held or _EVERYBODY)

    def owners(self, table: str, row: MasterRow) -> Owners:
        """Return whose a row is."""
        return OWNERS[table](row, self)

    def sees(self, table: str, row: MasterRow) -> bool:
        """Tell whether a row may be seen."""
        return all(any(self.may(Right.READ, name) for name in side) for side in self.owners(table, row).sides)

    def sees_id(self, table: str, identifier: object) -> bool:
        """Tell whether there is a row of an identifier that may be seen."""
        row = self.rows[table].get((identifier,))
        return row is not None and self.sees(table, row)

    def may_change(self, table: str, before: MasterRow | None, after: MasterRow) -> bool:
        """Tell whether a row may become another one. `before`: None: it is new."""
        if isinstance(after, OrganisationUnit):
            return self._may_change_unit(before, after)
        if isinstance(after, Source):
            return self._may_change_source(before, after)
        return all(self._masters(table, row) for row in (before, after) if row is not None)

    def _masters(self, table: str, row: MasterRow) -> bool:
        return all(self.may(Right.MASTER, name) for name in self.owners(table, row).all)

    def _may_change_unit(self, before: MasterRow | None, after: OrganisationUnit) -> bool:
        if not isinstance(before, OrganisationUnit):
            return self.may(Right.MASTER, after.parent or ALL)
        moved = {before.parent, after.parent} if before.parent != after.parent else set[str | None]()
        return self.may(Right.MASTER, before.id) and all(
            self.may(Right.MASTER, parent or ALL) for parent in moved
        )

    def _may_change_source(self, before: MasterRow | None, after: Source) -> bool:
        """A source changes with its organisations; it may not take weights of others."""
        owners = self.announced.get(after.id, _EVERYBODY) if before is None else self.of_source(after.id)
        is_taken = isinstance(before, Source) and before.weights == after.weights
        return all(self.may(Right.MASTER, name) for name in owners or _EVERYBODY) and (
            is_taken or self._may_name_weights(after.weights)
        )

    def _may_name_weights(self, name: str | None) -> bool:
        if name is None:
            return True
        named = [row for row in self.rows["weights"].values() if isinstance(row, MonthWeight)]
        return all(self.sees("weights", row) for row in named if row.name == name)

    def hides(self, references: Mapping[str, str], column: str, value: object) -> bool:
        """Tell whether a cell names an object that may not be seen. `references`: column → table."""
        return value is not None and column in references and not self.sees_id(references[column], value)

    def visible(self, names: Iterable[str]) -> dict[str, dict[tuple[Any, ...], MasterRow]]:
        """Return the rows of some tables that may be seen."""
        return {
            name: {key: row for key, row in self.rows[name].items() if self.sees(name, row)} for name in names
        }

    def learn(self, before: MasterRow | None, row: MasterRow) -> None:
        """Take note of a row that was taken in."""
        if isinstance(row, OrganisationUnit) and before is None:
            self.below[row.id] = row.parent or ALL
        elif isinstance(row, Source):
            self._spread_by(before, row)
            if before is None:
                self.fresh.add(row.id)
        elif isinstance(row, SourceTerm):
            self.holders.setdefault(row.source, set()).add(row.organisation)

    def _spread_by(self, before: MasterRow | None, row: MasterRow) -> None:
        if isinstance(before, Source) and before.weights is not None:
            self.spread[before.weights].discard(before.id)
        if isinstance(row, Source) and row.weights is not None:
            self.spread.setdefault(row.weights, set()).add(row.id)

    def factors(self, known: "pl.DataFrame") -> "pl.DataFrame":
        """Return the factors that may be named: everybody's, and own ones of and above what may be read."""
        import polars as pl

        units = {
            row.id: row for row in self.rows["organisations"].values() if isinstance(row, OrganisationUnit)
        }
        named: set[str] = set()
        for unit in units.values():
            current: str | None = unit.id if self.may(Right.READ, unit.id) else None
            while current is not None and current not in named:
                named.add(current)
                current = units[current].parent if current in units else None
        return known.filter(pl.col("organisation").is_null() | pl.col("organisation").is_in(sorted(named)))


def _one(*names: str) -> Owners:
    return Owners(tuple(frozenset({name}) for name in names), frozenset(names))


def _unit(row: OrganisationUnit, _access: Access) -> Owners:
    return _one(row.id)


def _of_organisation(row: Any, _access: Access) -> Owners:  # noqa: ANN401 - a row with this column
    return _one(row.organisation)


def _source(row: Source, access: Access) -> Owners:
    held = access.of_source(row.id)
    return Owners((held,), held)


def _term(row: SourceTerm, access: Access) -> Owners:
    """Return that of a term: whoever states one for a source of others would take it from them."""
    return Owners((frozenset({row.organisation}),), access.of_source(row.source) | {row.organisation})


def _instrument(row: EnergyInstrument, access: Access) -> Owners:
    if row.organisation is not None or row.source is None:
        return _one(row.organisation or ALL)
    held = access.of_source(row.source)
    return Owners((held,), held)


def _membership(row: Membership, _access: Access) -> Owners:
    return _one(row.organisation, row.parent)


def _delivery(row: Delivery, _access: Access) -> Owners:
    return _one(row.seller, row.buyer)


def _overlap(row: Overlap, access: Access) -> Owners:
    sides = access.of_source(row.part_source), access.of_source(row.whole_source)
    return Owners(sides, sides[0] | sides[1])


def _weight(row: MonthWeight, access: Access) -> Owners:
    """Return the organisations of the sources that are spread by the weights."""
    spread = access.spread.get(row.name, ())
    held = frozenset(name for source in spread for name in access.of_source(source))
    return Owners((held or _EVERYBODY,), held or _EVERYBODY)


def _of_league(row: Any, access: Access) -> Owners:  # noqa: ANN401 - a row with this column
    """Return whose a figure of a member is: its own to see, the league's to change; without one, ALL's."""
    unit = access.rows["organisations"].get((row.organisation,))
    above = unit.parent if isinstance(unit, OrganisationUnit) else None
    return Owners((frozenset({row.organisation}),), frozenset({above or ALL}))


def _of_project(row: Any, access: Access) -> Owners:  # noqa: ANN401 - a row with this column
    """Return that of the project a row belongs to."""
    project = access.rows["fund_projects"].get((row.project,))
    return _one(project.organisation if isinstance(project, FundProject) else ALL)


def _of_programme(row: Any, access: Access) -> Owners:  # noqa: ANN401 - a row of a project
    """Return whose money or claim it is: the project's to see, to change that of its programme too."""
    project = access.rows["fund_projects"].get((row.project,))
    if not isinstance(project, FundProject):
        return _one(ALL)
    programme = access.rows["fund_programmes"].get((project.programme,))
    above = programme.organisation if isinstance(programme, FundProgramme) else ALL
    return Owners((frozenset({project.organisation}),), frozenset({project.organisation, above}))


OWNERS: Final[Mapping[str, Callable[[Any, Access], Owners]]] = {
    "organisations": _unit,
    "figures": _of_organisation,
    "sites": _of_organisation,
    "sources": _source,
    "terms": _term,
    "instruments": _instrument,
    "targets": _of_organisation,
    "measures": _of_organisation,
    "growth": _of_organisation,
    "memberships": _membership,
    "deliveries": _delivery,
    "compensations": _of_organisation,
    "notation_keys": _of_organisation,
    "weights": _weight,
    "overlaps": _overlap,
    **{table.name: _of_organisation for table in FUND_TABLES},
    **dict.fromkeys(("fund_members", "fund_figures", "fund_payments"), _of_league),
    **dict.fromkeys(OF_PROJECTS, _of_project),
    **dict.fromkeys(("fund_flows", "fund_claims"), _of_programme),
}
"""Table → whose a row of it is."""
