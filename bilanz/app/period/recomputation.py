"""A run calculated again: from the files it was made of, with the factors, books and potentials it names."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from bilanz.app.calculation import calculate
from bilanz.app.catalogue.series import load_series
from bilanz.app.settings import Settings
from bilanz.intensity import Intensity
from bilanz.masterdata import MasterData
from bilanz.result import Manifest, Result
from bilanz.store.asof import Held, held, only
from factors.base import Catalogue

if TYPE_CHECKING:
    from bilanz.app.balances import Ledger


@dataclass(frozen=True, slots=True)
class Files:
    """What has become of the files of a run.

    Attributes:
        batches: committed batches that hold them.
        withdrawn: batches that held files of the run and are withdrawn.
        gone: (sha256, importer or series) of what is not there at all, or was read by another version.
        added: batches committed that the run did not see.
    """

    batches: tuple[Held, ...]
    withdrawn: tuple[Held, ...]
    gone: tuple[tuple[str, str], ...]
    added: tuple[Held, ...]

    @property
    def is_complete(self) -> bool:
        """Whether every file of the run is still committed."""
        return not (self.withdrawn or self.gone)

    def names(self) -> frozenset[str]:
        """Return the batches of the run that are there."""
        return frozenset(entry.batch for entry in self.batches)


def files_of(data: "Ledger", pinned: Manifest, series: Collection[Intensity]) -> Files:
    """Match the files of a manifest with the batches of the store, by bytes and importer."""
    wanted = Counter(pinned.inputs)
    wanted.subtract(Counter((entry.hash(), entry.factor_id) for entry in series))
    batches, added, withdrawn = [], [], []
    every = held(data.store)
    for entry in every:
        key = (entry.sha256, entry.importer)
        if entry.is_committed and wanted[key] > 0:
            wanted[key] -= 1
            batches.append(entry)
        elif entry.is_committed:
            added.append(entry)
    for entry in reversed(every):  # the newest that held it
        key = (entry.sha256, entry.importer)
        if not entry.is_committed and wanted[key] > 0:
            wanted[key] -= 1
            withdrawn.append(entry)
    gone = tuple(sorted(key for key, count in wanted.items() for _ in range(max(count, 0))))
    return Files(tuple(batches), tuple(withdrawn), gone, tuple(added))


def series_of(settings: Settings, pinned: Manifest) -> tuple[Intensity, ...]:
    """Return the series a run was given, by their hashes; those that are gone are missing."""
    known = {sha256 for sha256, _ in pinned.inputs}
    return tuple(entry for entry in load_series(settings) if entry.hash() in known)


def recalculated(
    settings: Settings,
    data: "Ledger",
    pinned: Manifest,
    catalogue: Catalogue,
    *,
    batches: Collection[str],
    decided: pl.DataFrame | None = None,
    master: MasterData | None = None,
) -> Result:
    """Calculate the year of a run again; nothing is kept and the store stays as it is.

    Args:
        settings: where the series lie.
        data: the open ledger.
        pinned: year, region, organisation, books and potentials.
        catalogue: the factors.
        batches: what counts as committed.
        decided: resolutions that hold; None: those there are among these batches.
        master: master data; None: those of now.
    """
    around = master or data.master
    with only(data.store, batches, decided):
        return calculate(
            data.store,
            around.organisations,
            around.source_terms,
            catalogue,
            year=pinned.year,
            books=pinned.books,
            gwp=pinned.shared_potentials,
            region=pinned.region,
            organisation=pinned.organisation,
            series=series_of(settings, pinned),
            instruments=around.instruments,
            declared=around.declared,
            zone=around.zone,
        )
