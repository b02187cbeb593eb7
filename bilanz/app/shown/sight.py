"""Which balances somebody may see, and out of which run each is shown.

    own run of an organisation ─┐
    run of one above it ────────┼─► a view: the run, or the part of it the organisation has
    run over all ───────────────┘

A run nobody has released is for those who may read everything of whom it was made for: whoever may read one
agency sees no part of an open balance of the city. Of a released or closed run whoever may see released
balances of an organisation sees the part of that organisation.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Protocol

from bilanz.access import ALL, Right
from bilanz.app.catalogue import releases
from bilanz.app.settings import Settings
from bilanz.app.shown.summary import BOOK_FOLDER
from bilanz.books import read_all
from bilanz.errors import Refused, UnknownName
from bilanz.organisation import OrganisationUnit
from bilanz.period import Period, PeriodState
from bilanz.registry.engine import Registry
from bilanz.registry.organisations import organisations
from bilanz.registry.periods import periods
from bilanz.store.connection import Store, open_store
from bilanz.store.runlines import Entry, delivered_years, entries, trees

EVERYTHING: Final = "*"
"""How an address says that a run is that over all organisations."""


class Seer(Protocol):
    """Somebody with rights."""

    def may(self, right: Right, organisation: str) -> bool:
        """Tell whether a right reaches an organisation; `ALL`: all of them together."""


@dataclass(frozen=True, slots=True)
class View:
    """What is shown of an organisation in a year.

    Attributes:
        year: calendar year.
        organisation: it and what is below it; `ALL`: all.
        of: whose run it is taken from; `ALL`: that over all.
        entry: the run.
        period: the released or closed period the run stands for; None: it is open.
        sees_open: whoever looks may also see what nobody has released of `of`, such as years before.
    """

    year: int
    organisation: str
    of: str
    entry: Entry
    period: Period | None
    sees_open: bool

    @property
    def is_part(self) -> bool:
        """Whether it is a part of a larger run."""
        return self.organisation != self.of

    @property
    def state(self) -> PeriodState:
        """State of the period."""
        return PeriodState.OPEN if self.period is None else PeriodState(self.period.state)

    @property
    def source(self) -> str:
        """How an address says whose run it is."""
        return self.of or EVERYTHING

    @property
    def books(self) -> tuple[str, ...]:
        """The main books of the run; of a run of supplementary ones only, all."""
        main = tuple(book for book in self.entry.books if book not in supplementary())
        return main or self.entry.books


@dataclass(frozen=True, slots=True)
class Outlook:
    """Runs, periods and organisations as they are, to be looked at by somebody."""

    units: Mapping[str, OrganisationUnit]
    latest: Mapping[tuple[int, str], Entry]
    standing: Mapping[tuple[int, str], tuple[Period, Entry]]
    trees: Mapping[str, Mapping[str, str | None]]
    delivered: frozenset[tuple[str, int]] = frozenset()

    @property
    def years(self) -> list[int]:
        """Years with a run, the newest first."""
        return sorted({year for year, _ in (*self.latest, *self.standing)}, reverse=True)

    def views(self, seer: Seer, organisation: str, year: int) -> list[View]:
        """Return what somebody may see of an organisation in a year, its own run first."""
        found = (self._view(seer, organisation, of, year) for of in self._sources(organisation))
        return [view for view in found if view is not None]

    def _sources(self, organisation: str) -> list[str]:
        """Return whose runs hold an organisation: its own, those of what is above it, that over all."""
        chain: list[str] = []
        current: str | None = organisation or None
        while current is not None and current not in chain and current in self.units:
            chain.append(current)
            current = self.units[current].parent
        return [*chain, ALL]

    def _view(self, seer: Seer, organisation: str, of: str, year: int) -> View | None:
        sees_open = seer.may(Right.READ, of)
        stands = self.standing.get((year, of))
        if stands is not None:
            period, entry = stands
            if not (sees_open or seer.may(Right.READ_RELEASED, organisation)):
                return None
        else:
            period, found = None, self.latest.get((year, of))
            if found is None or not sees_open:
                return None
            entry = found
        if organisation != of and organisation not in self.trees.get(entry.run, {}):
            return None
        return View(year, organisation, of, entry, period, sees_open)


def chosen(views: list[View], source: str | None) -> View:
    """Return the view taken from a run; None: the first.

    Raises:
        UnknownName: there is none, or none they may see.
    """
    for view in views:
        if source in {None, "", view.source}:
            return view
    raise UnknownName("There is nothing here, or nothing you may see.")


def view_of(found: Outlook, told: Mapping[str, Any]) -> View:
    """Return what a job shows, with the rights it was ordered with.

    Raises:
        Refused: another run stands for the year now, or nobody has released it any more.
    """
    year, of = told["year"], told["of"]
    stands = found.standing.get((year, of))
    period, entry = stands if stands is not None else (None, found.latest.get((year, of)))
    if entry is None or entry.run != told["run"] or (period is None and not told["sees_open"]):
        raise Refused("The balance of {year} has changed meanwhile. Load its page again.", year=year)
    return View(year, told["organisation"], of, entry, period, told["sees_open"])


def outlook(settings: Settings, registry: Registry, store: Store, year: int | None = None) -> Outlook:
    """Return what there is to be seen; `year`: views of this one only."""
    held = entries(store)
    by_run = {entry.run: entry for entry in held}
    stands = [one for one in periods(registry) if one.run is not None]
    closed = {(one.year, one.organisation) for one in stands}
    latest = {place: entry for place, entry in _latest(settings, held).items() if place not in closed}
    standing = {(one.year, one.organisation): (one, by_run[one.run]) for one in stands if one.run in by_run}
    shown = {
        entry.run
        for entry in (*latest.values(), *(entry for _, entry in standing.values()))
        if year in {None, entry.year}
    }
    years = frozenset(delivered_years(store))
    return Outlook(organisations(registry), latest, standing, trees(store, shown), years)


def _latest(settings: Settings, held: list[Entry]) -> dict[tuple[int, str], Entry]:
    """Return the latest run of each year and organisation; of a year that keeps a release, with that."""
    pins = releases.pins(settings)
    found: dict[tuple[int, str], Entry] = {}
    for entry in held:
        pin = pins.get(entry.year)
        if pin is None or pin.sha256 == entry.factor_release:
            found.setdefault((entry.year, entry.organisation or ALL), entry)
    return found


def seen(settings: Settings, registry: Registry, year: int | None = None) -> Outlook:
    """Return what there is to be seen in a data directory; `year`: views of this one only."""
    with open_store(settings.store_file, wait=settings.wait, read_only=True) as store:
        return outlook(settings, registry, store, year)


@cache
def supplementary() -> frozenset[str]:
    """Return the books that stand apart."""
    return frozenset(name for name, book in read_all(BOOK_FOLDER).items() if book.is_supplementary)
