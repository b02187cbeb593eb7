"""The list of balances: organisations as a tree, with the years somebody may see of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from bilanz.access import ALL, Right
from bilanz.app.settings import Settings
from bilanz.app.shown.sight import Outlook, Seer, View, outlook
from bilanz.registry.engine import Registry
from bilanz.store.connection import open_store
from bilanz.store.runlines import totals


@dataclass(frozen=True, slots=True)
class Year:
    """A year in the list of an organisation.

    Attributes:
        year: calendar year.
        view: what is shown; None: files are there, and nothing was calculated they may see.
        totals: (book, kg CO2e of scopes 1 to 3; None: not known).
    """

    year: int
    view: View | None
    totals: tuple[tuple[str, Decimal | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Branch:
    """An organisation in the list, the years somebody may see of it, what is below. `ALL`: all together."""

    organisation: str
    name: str
    years: tuple[Year, ...]
    below: tuple["Branch", ...] = ()

    @property
    def size(self) -> int:
        """How many organisations the branch holds."""
        return 1 + sum(branch.size for branch in self.below)


@dataclass(frozen=True, slots=True)
class Overview:
    """What somebody may see.

    Attributes:
        years: with a balance or with files, the newest first.
        year: the one that is listed; None: all.
        branches: organisations as trees, nobody else is named; one whose superior they may not see is on top.
    """

    years: list[int]
    year: int | None
    branches: list[Branch]


NEWEST: Final = 0
"""In place of a year: the newest somebody may see."""


def overview(settings: Settings, registry: Registry, seer: Seer, *, year: int | None = NEWEST) -> Overview:
    """Return the organisations somebody may see something of, with their years; None: all years."""
    with open_store(settings.store_file, wait=settings.wait, read_only=True) as store:
        found = outlook(settings, registry, store)
        held = totals(store, found.trees.keys())
    years = _years_of(found, seer)
    if year == NEWEST:
        year = next(iter(years), None)
    asked = years if year is None else [year]
    sums = {run: _with_below(found.trees[run], own) for run, own in held.items()}
    return Overview(years, year, _Listing(found, seer, asked, sums).branches())


def listed(settings: Settings, registry: Registry, seer: Seer, *, year: int | None = None) -> list[Branch]:
    """Return the organisations somebody may see something of, as trees; `year`: only this one."""
    return overview(settings, registry, seer, year=year).branches


def _years_of(found: Outlook, seer: Seer) -> list[int]:
    places = [ALL, *found.units]
    seen = {year for year in found.years if any(found.views(seer, place, year) for place in places)}
    waiting = {year for name, year in found.delivered if seer.may(Right.READ, name)}
    return sorted(seen | waiting, reverse=True)


def _with_below(
    tree: Mapping[str, str | None], own: Mapping[tuple[str, str], Decimal]
) -> dict[tuple[str, str], Decimal]:
    """Return (organisation, book) → total with everything below it; `ALL`: of the whole run."""
    found: dict[tuple[str, str], Decimal] = {}
    for (organisation, book), value in own.items():
        for name in [ALL, *_upwards(tree, organisation)]:
            found[name, book] = found.get((name, book), Decimal(0)) + value
    return found


def _upwards(tree: Mapping[str, str | None], organisation: str) -> list[str]:
    """Return an organisation of a run and those above it; a circle ends."""
    chain: list[str] = []
    current: str | None = organisation
    while current is not None and current in tree and current not in chain:
        chain.append(current)
        current = tree[current]
    return chain


@dataclass(frozen=True, slots=True)
class _Listing:
    """The list of what somebody may see. `sums`: run → totals as of `_with_below`."""

    outlook: Outlook
    seer: Seer
    asked: list[int]
    sums: Mapping[str, Mapping[tuple[str, str], Decimal]]

    def branches(self) -> list[Branch]:
        """Return all together, then the outermost organisations."""
        visible = [name for name in self.outlook.units if self._is_visible(name)]
        roots = [name for name in visible if self.outlook.units[name].parent not in visible]
        children: dict[str, list[str]] = {}
        for name in visible:
            parent = self.outlook.units[name].parent
            if parent in visible and parent is not None:
                children.setdefault(parent, []).append(name)
        everything = Branch(ALL, "", self._years(ALL))
        trees = [self._branch(name, children, set()) for name in self._by_name(roots)]
        return [*([everything] if everything.years else []), *(tree for tree in trees if _holds(tree))]

    def _is_visible(self, organisation: str) -> bool:
        return self.seer.may(Right.READ_RELEASED, organisation) or self.seer.may(Right.READ, organisation)

    def _branch(self, name: str, children: Mapping[str, list[str]], above: set[str]) -> Branch:
        inner = [each for each in children.get(name, ()) if each not in above]
        below = [self._branch(each, children, above | {name}) for each in self._by_name(inner)]
        kept = tuple(branch for branch in below if _holds(branch))
        return Branch(name, self.outlook.units[name].name, self._years(name), kept)

    def _by_name(self, organisations: list[str]) -> list[str]:
        return sorted(organisations, key=lambda name: (self.outlook.units[name].name.casefold(), name))

    def _years(self, organisation: str) -> tuple[Year, ...]:
        waiting = self._delivered(organisation)
        found = (self._year(organisation, year, waiting) for year in self.asked)
        return tuple(year for year in found if year is not None)

    def _delivered(self, organisation: str) -> set[int]:
        """Return the years of the files of an organisation somebody may read."""
        if not organisation or not self.seer.may(Right.READ, organisation):
            return set()
        return {year for name, year in self.outlook.delivered if name == organisation}

    def _year(self, organisation: str, year: int, waiting: set[int]) -> Year | None:
        views = self.outlook.views(self.seer, organisation, year)
        if not views:
            return Year(year, None) if year in waiting else None
        return Year(year, views[0], tuple(self._totals(views[0])))

    def _totals(self, view: View) -> list[tuple[str, Decimal | None]]:
        held = self.sums[view.entry.run]
        return [(book, held.get((view.organisation, book))) for book in view.books]


def _holds(branch: Branch) -> bool:
    return bool(branch.years or branch.below)
