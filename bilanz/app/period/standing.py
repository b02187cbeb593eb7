"""Which run stands for a year: that of a released or closed period, and what it was made of.

A calculation after that stands beside it. What a command shows of the year is the run that stands, made of
the files, decisions and master data of then.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl

from bilanz.app.catalogue import releases
from bilanz.app.settings import Settings
from bilanz.errors import BilanzError, ReleaseBroken
from bilanz.manifest import result_hash
from bilanz.masterdata import MasterData, as_text, of_text, text_of
from bilanz.period import WHOLE, Period, PeriodInputs
from bilanz.registry import periods as registered
from bilanz.registry.engine import Registry, open_registry, registry_exists
from bilanz.result import Manifest, Result
from bilanz.store import runs
from bilanz.store.asof import RESOLUTION_SCHEMA, only, resolutions
from factors.base import Catalogue

if TYPE_CHECKING:
    from bilanz.app.balances import Ledger


@dataclass(frozen=True, slots=True)
class Kept:
    """What a released run was made of. `decided`: `RESOLUTION_SCHEMA`."""

    batches: tuple[str, ...]
    decided: pl.DataFrame
    master: MasterData

    def row(self, run: str) -> PeriodInputs:
        """Return it as it is kept."""
        content = text_of(
            {
                "batches": list(self.batches),
                "resolutions": as_text(self.decided),
                "master": self.master.as_json(),
            }
        )
        return PeriodInputs(run=run, content=content, sha256=hashlib.sha256(content.encode()).hexdigest())


def kept_of(registry: Registry, run: str) -> Kept | None:
    """Return what a run was made of, or None where it never was released.

    Raises:
        BilanzError: it is not what was kept.
    """
    content = registered.inputs(registry, run)
    if content is None:
        return None
    told: dict[str, Any] = json.loads(content)
    decided = of_text(told["resolutions"], RESOLUTION_SCHEMA)
    return Kept(tuple(told["batches"]), decided, MasterData.of_json(told["master"]))


def to_keep(data: "Ledger", batches: frozenset[str]) -> Kept:
    """Return what a run of these batches is made of now."""
    with only(data.store, batches):
        decided = resolutions(data.store)
    return Kept(tuple(sorted(batches)), decided, data.master)


def standing(registry: Registry, year: int, organisation: str | None) -> Period | None:
    """Return the released or closed period of a year, or None where it is open."""
    found = registered.period(registry, organisation or WHOLE, year)
    return found if found.stands else None


def check_unchanged(registry: Registry, found: Result) -> None:
    """Raise where a run stands for a period and its lines are not those that were released.

    Raises:
        BilanzError: the store, or the registry, was changed by other means than the program.
    """
    pinned = found.manifest
    period = standing(registry, pinned.year, pinned.organisation)
    if period is None or period.run != pinned.run:
        return
    hashes = {period.result_hash, pinned.result_hash, result_hash(found.lines)}
    if len(hashes) > 1 or period.manifest_hash != pinned.manifest_hash:
        message = (
            "The balance of {year} is {state}, and the stored lines of the run {run} are not those that were "
            "released. Nothing is shown. Restore the data directory from a backup."
        )
        raise BilanzError(message, code="run_changed", year=pinned.year, state=period.state, run=pinned.run)


def standing_of(settings: Settings, year: int, organisation: str | None = None) -> Period | None:
    """Return the released or closed period of a year in a data directory, or None."""
    return next((one for one in all_standing(settings) if _key(one) == (organisation or WHOLE, year)), None)


def _key(period: Period) -> tuple[str, int]:
    return period.organisation, period.year


def all_standing(settings: Settings) -> list[Period]:
    """Return every released or closed period of a data directory."""
    if not registry_exists(settings.registry):
        return []
    with closing(open_registry(settings.registry)) as registry:
        return [one for one in registered.periods(registry) if one.stands]


def touched(settings: Settings, first: date | None = None, last: date | None = None) -> list[Period]:
    """Return the released and closed periods that days from first to last lie in; None: open at that end."""
    return [
        one
        for one in all_standing(settings)
        if (first is None or first.year <= one.year) and (last is None or one.year <= last.year)
    ]


def factors_of(settings: Settings, pinned: Manifest) -> Catalogue:
    """Return the factors of a run that stands.

    Raises:
        ReleaseBroken: they are gone; a closed period is never calculated with others.
    """
    found = releases.of_hash(settings, pinned.factor_release)
    if found is None:
        message = "The factors {used} of the run {run} are gone. Restore their release from a backup."
        raise ReleaseBroken(message, used=pinned.factor_release, run=pinned.run)
    return found


def released_manifest(data: "Ledger", run: str | None) -> Manifest | None:
    """Return the manifest of a run that was released, or None: its region and potentials are its own."""
    if run is None or registered.inputs(data.registry, run) is None:
        return None
    return runs.manifest(data.store, run)


@contextmanager
def as_released(data: "Ledger", run: str | None) -> Iterator[MasterData]:
    """Show the store as it was when a run was released, and lend the master data of then.

    None, or a run that never was released: everything as it is now.
    """
    kept = None if run is None else kept_of(data.registry, run)
    if kept is None:
        yield data.master
        return
    with only(data.store, kept.batches, kept.decided):
        yield kept.master
