"""What there is to look at before a year is released: by organisation and year, and for one of them.

runs and periods (`bilanz.app.shown.sight`) ─┐
years of committed files                    ─┼─► years ─► one year: gaps, exceptions, findings, pairs
warnings and confirmations                  ─┘
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Protocol

import polars as pl

from bilanz.access import ALL, Right
from bilanz.app.balances import ledger
from bilanz.app.calculation import descendants, resolutions_hash
from bilanz.app.review.findings import OPEN, found
from bilanz.app.settings import Settings
from bilanz.app.shown import sight
from bilanz.app.shown.sight import Outlook, View
from bilanz.organisation import OrganisationUnit
from bilanz.period import Period, PeriodState
from bilanz.registry import periods as registered
from bilanz.store import runs, values
from bilanz.store.runlines import within

if TYPE_CHECKING:
    from bilanz.app.balances import Ledger


class Reader(Protocol):
    """Somebody with rights."""

    def may(self, right: Right, organisation: str) -> bool:
        """Tell whether a right reaches an organisation; `ALL`: all of them together."""

    def where(self, right: Right) -> list[str]:
        """Return the organisations a right reaches."""


@dataclass(frozen=True, slots=True)
class YearState:
    """How a year of an organisation stands.

    Attributes:
        organisation: it and what is below it; `ALL`: all.
        depth: of the organisation in the tree, the first one 0.
        state: of its own period.
        exceptions: of the run that is shown; None: not calculated, or only in a run they may not see.
        open_findings: warnings nobody has decided on.
    """

    organisation: str
    depth: int
    year: int
    state: PeriodState
    exceptions: int | None
    open_findings: int


@dataclass(frozen=True, slots=True)
class YearView:
    """One year of an organisation.

    Attributes:
        view: the run that is shown; None: there is none they may see.
        period: the own one, which may be open.
        standing: released and closed periods of what is above, which hold the organisation too.
        is_current: files and decisions are those of the run; None: there is no run.
        exceptions: rows of the run, `EXCEPTION_SCHEMA`.
    """

    organisation: str
    year: int
    view: View | None
    period: Period
    standing: tuple[Period, ...]
    is_current: bool | None
    exceptions: pl.DataFrame


def order(units: Mapping[str, OrganisationUnit]) -> list[tuple[str, int]]:
    """Return the organisations with their depth, each below the one it belongs to, by name."""
    children: dict[str | None, list[OrganisationUnit]] = {}
    for unit in units.values():
        parent = unit.parent if unit.parent in units else None
        children.setdefault(parent, []).append(unit)
    found: list[tuple[str, int]] = []
    pending = [(unit, 0) for unit in sorted(children.get(None, []), key=_name, reverse=True)]
    while pending:
        unit, depth = pending.pop()
        found.append((unit.id, depth))
        below = sorted(children.get(unit.id, []), key=_name, reverse=True)
        pending += [(child, depth + 1) for child in below]
    return found


def _name(unit: OrganisationUnit) -> tuple[str, str]:
    return unit.name.casefold(), unit.id


def years_of(settings: Settings, reader: Reader, only: str | None = None) -> list[YearState]:
    """Return the years of the organisations somebody may read, with a run or data; the newest first.

    `only`: of this organisation; `ALL` (empty): of all together.
    """
    with ledger(settings) as data:
        outlook = sight.outlook(settings, data.registry, data.store)
        readable = set(reader.where(Right.READ)) | ({ALL} if reader.may(Right.READ, ALL) else set())
        places = [(ALL, 0), *order(outlook.units)]
        shown = [(name, depth) for name, depth in places if name in readable and only in {None, name}]
        held = values.years(data.store, data.source_terms)
        every = sorted({year for _, year in held} | set(outlook.years), reverse=True)
        waiting = {year: _open_findings(settings, data, year) for year in every}
        exceptions = cache(lambda run: runs.exceptions(data.store, run))
        rows = []
        for name, depth in shown:
            below = below_of(data, name)
            for year in every:
                views = outlook.views(reader, name, year)
                has_data = any(each == year and (name == ALL or one in below) for one, each in held)
                if not has_data and not any(view.of == name for view in views):
                    continue
                period = registered.period(data.registry, name, year)
                rows.append(
                    YearState(
                        organisation=name,
                        depth=depth,
                        year=year,
                        state=PeriodState(period.state),
                        exceptions=_part(exceptions(views[0].entry.run), outlook, views[0]).height
                        if views
                        else None,
                        open_findings=waiting[year].total()
                        if name == ALL
                        else sum(waiting[year][each] for each in below),
                    )
                )
    return rows


def _open_findings(settings: Settings, data: "Ledger", year: int) -> Counter[str]:
    """Return organisation → warnings of a year nobody has decided on."""
    return Counter(one.value.organisation for one in found(settings, data, year) if one.state == OPEN)


def below_of(data: "Ledger", organisation: str) -> frozenset[str]:
    """Return an organisation and everything below it; `ALL`: every one."""
    if organisation == ALL:
        return frozenset(data.organisations["organisation"].to_list())
    return frozenset(descendants(data.organisations, organisation))


def _part(frame: pl.DataFrame, outlook: Outlook, view: View) -> pl.DataFrame:
    """Return those exceptions of a run (`EXCEPTION_SCHEMA`) that are of what is shown of it."""
    if not view.is_part:
        return frame
    below = within(outlook.trees.get(view.entry.run, {}), view.organisation)
    return frame.filter(pl.col("organisation").is_in(below))


def year_of(settings: Settings, reader: Reader, organisation: str, year: int) -> YearView:
    """Return how a year of an organisation stands; whoever asks may read the organisation.

    Raises:
        UnknownName: there is no such organisation.
    """
    with ledger(settings) as data:
        below_of(data, organisation)
        outlook = sight.outlook(settings, data.registry, data.store, year)
        views = outlook.views(reader, organisation, year)
        view = views[0] if views else None
        chain = set(above(outlook.units, organisation)) - {organisation}
        period = registered.period(data.registry, organisation, year)
        every = registered.periods(data.registry)
        return YearView(
            organisation=organisation,
            year=year,
            view=view,
            period=period,
            standing=tuple(
                one for one in every if one.stands and one.year == year and one.organisation in chain
            ),
            is_current=None if view is None else _is_current(data, view),
            exceptions=pl.DataFrame()
            if view is None
            else _part(runs.exceptions(data.store, view.entry.run), outlook, view),
        )


def above(units: Mapping[str, OrganisationUnit], organisation: str) -> list[str]:
    """Return an organisation, those above it, and `ALL`."""
    chain: list[str] = []
    current: str | None = organisation or None
    while current is not None and current in units and current not in chain:
        chain.append(current)
        current = units[current].parent
    return [*chain, ALL]


def _is_current(data: "Ledger", view: View) -> bool:
    """Tell whether the committed files and the decisions are those a run was made of."""
    pinned = runs.manifest(data.store, view.entry.run)
    query = """SELECT sha256, importer || ' ' || importer_version FROM batch WHERE state = 'committed'"""
    files = set(data.store.rows(query))
    is_decided_so = resolutions_hash(data.store) == pinned.resolutions_hash
    return is_decided_so and files <= set(pinned.inputs) and _kept(files, pinned.inputs)


def _kept(files: set[tuple[str, str]], inputs: Sequence[tuple[str, str]]) -> bool:
    """Tell whether no file of a run was withdrawn; hourly series are inputs and no files."""
    known = {sha256 for sha256, importer in inputs if " " in importer}
    return known <= {sha256 for sha256, _ in files}
