"""What a command or a scheduled run asks of balances: registry, store and catalogue brought together."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl

from bilanz import activity as vocabulary
from bilanz.app.catalogue import releases
from bilanz.app.settings import Settings
from bilanz.errors import Refused, UnknownName, UsageError
from bilanz.result import Beside, Result
from factors.base import Catalogue

if TYPE_CHECKING:
    from bilanz.declared import Declared
    from bilanz.masterdata import MasterData
    from bilanz.registry.engine import Registry
    from bilanz.store.connection import Store


@dataclass(frozen=True, slots=True)
class Ledger:
    """Everything a calculation reads."""

    store: "Store"
    organisations: pl.DataFrame
    source_terms: pl.DataFrame
    instruments: pl.DataFrame
    sites: pl.DataFrame
    registry: "Registry"
    compensations: pl.DataFrame
    declared: "Declared"
    zone: str  # IANA, of organisations that state none

    @property
    def master(self) -> "MasterData":
        """The master data as they are now."""
        from bilanz.masterdata import MasterData

        return MasterData(self.organisations, self.source_terms, self.instruments, self.declared, self.zone)


@contextmanager
def ledger(settings: Settings, *, is_alone: bool = False) -> Iterator[Ledger]:
    """Open registry and store of a data directory.

    `is_alone`: nobody else writes meanwhile, to keep what is found or to show the store as it was; else it is
    only read, beside others.

    Raises:
        UsageError: there is no data directory.
        BilanzError: registry, store and files do not belong together.
        StoreBusy: another process holds the store.
    """
    from bilanz.app.upkeep import settle
    from bilanz.registry.compensations import compensations_frame
    from bilanz.registry.declared import declared_of
    from bilanz.registry.engine import open_registry, registry_exists
    from bilanz.registry.frames import organisations_frame, sites_frame, source_terms_frame
    from bilanz.registry.instruments import instruments_frame
    from bilanz.store.connection import open_store

    if not registry_exists(settings.registry):
        message = (
            'There is no data in "{path}": import master data and files first, or name it with --data-dir.'
        )
        raise UsageError(message, path=settings.data)
    registry = open_registry(settings.registry)
    try:
        organisations, terms = organisations_frame(registry), source_terms_frame(registry)
        held, certificates = instruments_frame(registry), compensations_frame(registry)
        declared = declared_of(registry)
        is_read = not is_alone and settings.store_file.exists()
        with open_store(settings.store_file, wait=settings.wait, read_only=is_read) as store:
            if not is_read:
                settle(registry, store)
            yield Ledger(
                store,
                organisations,
                terms,
                held,
                sites_frame(registry),
                registry,
                certificates,
                declared,
                settings.zone,
            )
    finally:
        registry.close()


def calculate_year(
    settings: Settings,
    year: int,
    *,
    books: tuple[str, ...] = (),
    gwp: str | None = None,
    organisation: str | None = None,
    release: str | None = None,
    series: tuple[str, ...] = (),
) -> Result:
    """Calculate a year in several books and keep the run.

    Of a year that is released or closed it stands beside the run that was, and in no report.

    `release`: name or hash of a release, or `current`; None: that of the run that stands for the year, else
    the one pinned for it, else the current catalogue. `series`: names of those that a book which matches by
    the hour may take; none: all.
    """
    from bilanz.app.beside.standards import stated
    from bilanz.app.calculation import calculate
    from bilanz.app.catalogue.series import series_for
    from bilanz.inventory import read
    from bilanz.registry.frames import organisations_frame

    read(settings.data)  # a broken declaration stops before anything is kept
    with ledger(settings, is_alone=True) as data:
        result = calculate(
            data.store,
            organisations_frame(data.registry, date(year, 12, 31)),  # with the sizes of the year
            data.source_terms,
            _factors(settings, data, year, organisation, release),
            year=year,
            books=books,
            gwp=gwp,
            region=settings.region,
            zone=settings.zone,
            organisation=organisation,
            series=series_for(settings, books, series),
            instruments=data.instruments,
            declared=data.declared,
        )
        keep(settings, data, result)
    return replace(result, beside=Beside(disclosures=stated(settings, result)))


def keep(settings: Settings, data: Ledger, result: Result) -> None:
    """Keep a run and enter it in the trail, with the hash of the master data the manifest does not name.

    A run that stands for a released or closed period is there already and is not written again.
    """
    from bilanz.app.period.standing import standing
    from bilanz.app.trail import enter
    from bilanz.store import runs

    pinned = result.manifest
    period = standing(data.registry, pinned.year, pinned.organisation)
    if period is None or period.run != pinned.run:
        runs.save(data.store, result)
    details = {
        "year": pinned.year,
        "organisation": pinned.organisation,
        "result_hash": pinned.result_hash,
        "manifest_hash": pinned.manifest_hash,
        "boundary_hash": data.master.hash(),
    }
    enter(settings, "calculation.save", pinned.run, details=details)


def _factors(
    settings: Settings, data: Ledger, year: int, organisation: str | None, release: str | None
) -> Catalogue:
    """Return the factors of a calculation: named, or those a closed period keeps, or those of the year."""
    from bilanz.app.period.standing import factors_of, standing
    from bilanz.store import runs

    period = standing(data.registry, year, organisation)
    if release is None and period is not None and period.run is not None:
        return factors_of(settings, runs.manifest(data.store, period.run))
    return releases.of_year(settings, year, release)


def latest_result(settings: Settings, year: int, organisation: str | None = None) -> Result:
    """Return the latest calculation of a year: over all, or restricted to one organisation.

    Of a year that keeps a release, only calculations with that release: no other restates it silently.

    Raises:
        Refused: the year has not been calculated so.
    """
    with ledger(settings) as data:
        return _loaded(settings, data, year, organisation)


def reported_result(settings: Settings, year: int, organisation: str | None = None) -> Result:
    """Return the latest calculation of a year with every view a report shows beside it.

    Raises:
        Refused: the year has not been calculated so.
    """
    with ledger(settings, is_alone=True) as data:
        return _viewed(settings, data, _loaded(settings, data, year, organisation))


def with_views(settings: Settings, result: Result, *, only_released: bool = False) -> Result:
    """Return a result with every view a report shows beside it; `only_released`: see `beside`."""
    with ledger(settings, is_alone=True) as data:
        return _viewed(settings, data, result, only_released=only_released)


def _viewed(settings: Settings, data: Ledger, result: Result, *, only_released: bool = False) -> Result:
    """Return a result with its views; of a released one from the files and master data of then."""
    from bilanz.app.beside.views import beside
    from bilanz.app.period.standing import as_released

    with as_released(data, result.manifest.run) as around:
        then = replace(
            data,
            organisations=around.organisations,
            source_terms=around.source_terms,
            instruments=around.instruments,
            declared=around.declared,
            zone=around.zone,
        )
        return replace(result, beside=beside(settings, then, result, only_released=only_released))


def _loaded(settings: Settings, data: Ledger, year: int, organisation: str | None) -> Result:
    """Return the result that stands for a year.

    Raises:
        Refused: the year has not been calculated so.
        BilanzError: it is released or closed, and its lines are not those that were.
    """
    found = standing_result(settings, data, year, organisation)
    if found is None:
        raise _not_calculated(year, organisation, releases.pins(settings).get(year))
    return found


def standing_result(settings: Settings, data: Ledger, year: int, organisation: str | None) -> Result | None:
    """Return the result that stands for a year, or None where it has not been calculated so.

    Raises:
        BilanzError: it is released or closed, and its lines are not those that were.
    """
    from bilanz.app.period.standing import check_unchanged
    from bilanz.store import runs

    run = _latest(settings, data, year, organisation)
    if run is None:
        return None
    found = runs.load(data.store, run)
    check_unchanged(data.registry, found)
    return found


def latest_of(settings: Settings, data: Ledger, year: int, organisation: str | None) -> str:
    """Return the run that stands for a year.

    Raises:
        Refused: the year has not been calculated so.
    """
    run = _latest(settings, data, year, organisation)
    if run is None:
        raise _not_calculated(year, organisation, releases.pins(settings).get(year))
    return run


def _latest(settings: Settings, data: Ledger, year: int, organisation: str | None) -> str | None:
    """Return the run that stands for a year, or None: the released or closed one, else the latest."""
    from bilanz.app.period.standing import standing
    from bilanz.store import runs

    period = standing(data.registry, year, organisation)
    if period is not None:
        return period.run
    pin = releases.pins(settings).get(year)
    return runs.latest(data.store, year, organisation, None if pin is None else pin.sha256)


def _not_calculated(year: int, organisation: str | None, pin: releases.Pin | None) -> Refused:
    if pin is not None:
        message = "{year} keeps the release {release} and has not been calculated with it yet."
        return Refused(message, year=year, release=pin.name)
    if organisation is None:
        return Refused("{year} has not been calculated yet: bilanz calculate --year {year}.", year=year)
    message = (
        "{year} has not been calculated for {organisation} yet: "
        "bilanz calculate --year {year} --org {organisation}."
    )
    return Refused(message, year=year, organisation=organisation)


def explain_year(
    settings: Settings,
    year: int,
    *,
    book: str,
    gwp: str | None = None,
    release: str | None = None,
    series: tuple[str, ...] = (),
    run: str | None = None,
    readers: Collection[str] | None = None,
    **chosen: str | None,
) -> dict[str, Any]:
    """Return every step of the balance lines chosen (organisation, source, activity, month).

    `release`: as for a calculation; None: the factors of the run that stands for the year.
    `run`: which one is explained; None: the one that stands for the year.
    `readers`: organisations whose files are told in full; None: all.

    Raises:
        UnknownName: there is no such organisation, activity or release.
        Refused: the factors of the run are neither the current ones nor kept as a release.
    """
    from bilanz.app.catalogue.series import series_for
    from bilanz.app.explaining.explanation import explain
    from bilanz.app.period.standing import as_released, released_manifest

    if name := chosen.get("activity"):
        chosen["activity"] = vocabulary.activity(vocabulary.find(name) or name).code
    with ledger(settings, is_alone=True) as data:
        known = data.organisations["organisation"].to_list()
        if (unit := chosen.get("organisation")) is not None and unit not in known:
            message = 'The organisation "{name}" is not registered. There are: {known}.'
            raise UnknownName(message, name=unit, known=", ".join(known) or "–")
        if run is None and release is None:
            run = _explained(settings, data, year, chosen.get("organisation"))
        catalogue = _explaining(settings, data, year, run, release)
        pinned = released_manifest(data, run)
        sets = {} if pinned is None else pinned.potentials
        with as_released(data, run) as around:
            return explain(
                data.store,
                around.organisations,
                around.source_terms,
                catalogue,
                year=year,
                book=book,
                gwp=gwp or sets.get(book),
                region=settings.region if pinned is None else pinned.region,
                zone=around.zone,
                language=settings.lang,
                series=series_for(settings, (book,), series),
                instruments=around.instruments,
                declared=around.declared,
                readers=readers,
                **chosen,
            )


def _explained(settings: Settings, data: Ledger, year: int, organisation: str | None) -> str | None:
    """Return the run an explanation is about, or None.

    The released or closed one of the organisation, else that of the whole, else that of the organisation.
    """
    from bilanz.app.period.standing import standing

    if organisation is not None and standing(data.registry, year, organisation) is not None:
        return _latest(settings, data, year, organisation)
    run = _latest(settings, data, year, None)
    return run or (None if organisation is None else _latest(settings, data, year, organisation))


def _explaining(
    settings: Settings, data: Ledger, year: int, run: str | None, release: str | None
) -> Catalogue:
    """Return the catalogue of the run that stands for a year; where there is none, that of its next one."""
    from bilanz.store import runs

    if release is not None or run is None:
        return releases.of_year(settings, year, release)
    used = runs.manifest(data.store, run).factor_release
    found = releases.of_hash(settings, used)
    if found is None:
        message = (
            "The calculation {run} of {year} used the factors {used}, which are neither the current ones nor "
            "kept as a release. Calculate {year} again, or name a release with --release."
        )
        raise Refused(message, run=run, year=year, used=used)
    return found
