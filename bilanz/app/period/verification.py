"""`bilanz verify RUN`: calculate a run again, hold both hashes against it, and say what differs."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bilanz.app.catalogue import releases
from bilanz.app.catalogue.effects import totals
from bilanz.app.period.recomputation import Files, files_of, recalculated, series_of
from bilanz.app.period.standing import Kept, kept_of
from bilanz.app.settings import Settings
from bilanz.app.shown.summary import text
from bilanz.manifest import given, manifest_hash, result_hash
from bilanz.masterdata import MasterData
from bilanz.result import Manifest, Result
from factors.base import Catalogue

if TYPE_CHECKING:
    from bilanz.app.balances import Ledger

CAUSES = {
    "stored": "the stored lines or manifest are not those of the run: the data directory was changed by hand",
    "files": "files of the run were withdrawn or are gone",
    "resolutions": "what counts where files overlap was decided anew",
    "factors": "the factors of the run are neither the current ones nor kept as a release",
    "books": "the rules of the books",
    "potentials": "the global warming potentials",
    "code": "the version of the program",
    "boundary": "the master data: organisations, sources, instruments",
    "unexplained": "no input differs: the program is not deterministic, or the run is of an unknown origin",
}
"""Code of an input → words."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What came out: the run as it was kept, the same calculated again, and what differs between them.

    `is_released`: it was calculated from what was kept at its release, withdrawn files included.
    """

    old: Result
    new: Result
    files: Files
    causes: tuple[str, ...]
    is_released: bool = False

    @property
    def is_result_equal(self) -> bool:
        """Whether the lines are the same, and those that were kept are those of the run."""
        same = self.old.manifest.result_hash == self.new.manifest.result_hash
        return same and "stored" not in self.causes

    @property
    def is_manifest_equal(self) -> bool:
        """Whether the inputs are the same too."""
        return self.is_result_equal and self.old.manifest.manifest_hash == self.new.manifest.manifest_hash

    def as_json(self) -> dict[str, Any]:
        """Return it for other programs."""
        pinned, fresh = self.old.manifest, self.new.manifest
        old, new = totals(self.old), totals(self.new)
        return {
            "run": pinned.run,
            "year": pinned.year,
            "organisation": pinned.organisation,
            "is_result_equal": self.is_result_equal,
            "is_manifest_equal": self.is_manifest_equal,
            "result_hash": {"old": pinned.result_hash, "new": fresh.result_hash},
            "manifest_hash": {"old": pinned.manifest_hash, "new": fresh.manifest_hash},
            "causes": list(self.causes),
            "is_released": self.is_released,
            "files": {
                "withdrawn": [
                    {"batch": entry.batch, "file": entry.file, "reason": entry.withdrawn}
                    for entry in self.files.withdrawn
                ],
                "gone": [{"sha256": sha256, "importer": importer} for sha256, importer in self.files.gone],
                "added": [{"batch": entry.batch, "file": entry.file} for entry in self.files.added],
            },
            "code_version": {"old": pinned.code_version, "new": fresh.code_version},
            "books": [
                {
                    "book": book,
                    "co2e_old_kg": text(old[book, True]),
                    "co2e_new_kg": text(new[book, True]),
                    "difference_kg": text(new[book, True] - old[book, True]),
                }
                for book in pinned.books
            ],
        }


def verify(settings: Settings, run: str) -> Verification:
    """Calculate a run again from store, registry and its factors, and compare.

    The files are those of the run: what was imported later is set aside, and named.

    Raises:
        UnknownName: there is no such run, or one of its books is gone.
    """
    from bilanz.app.balances import ledger
    from bilanz.store import runs

    with ledger(settings, is_alone=True) as data:
        old = runs.load(data.store, run)
        return verified(settings, data, old, kept_of(data.registry, old.manifest.run))


def verified(settings: Settings, data: "Ledger", old: Result, kept: Kept | None) -> Verification:
    """Calculate a run of an open ledger again and compare.

    It is calculated from what was kept of it; where that is None, from the files and master data of now.
    """
    pinned = old.manifest
    series = series_of(settings, pinned)
    files = files_of(data, pinned, series)
    found = releases.of_hash(settings, pinned.factor_release)
    catalogue = found or releases.of_year(settings, pinned.year)
    if kept is None:
        new = recalculated(settings, data, pinned, catalogue, batches=files.names())
    else:  # withdrawn files count again, as they did then
        new = recalculated(
            settings,
            data,
            pinned,
            catalogue,
            batches=kept.batches,
            decided=kept.decided,
            master=kept.master,
        )
    around = data.master if kept is None else kept.master
    causes = _causes(settings, old, new, found, around, is_complete=kept is not None or files.is_complete)
    return Verification(old, new, files, causes, is_released=kept is not None)


def _causes(
    settings: Settings,
    old: Result,
    new: Result,
    found: Catalogue | None,
    around: MasterData,
    *,
    is_complete: bool,
) -> tuple[str, ...]:
    """Return what differs between two calculations of a run; of master data only where the result does."""
    pinned, fresh = old.manifest, new.manifest
    differs = {
        "stored": not _is_as_kept(old),
        "files": not is_complete,
        "resolutions": pinned.resolutions_hash != fresh.resolutions_hash,
        "factors": found is None,
        "books": pinned.book_hash != fresh.book_hash,
        "potentials": pinned.gwp != fresh.gwp,
        "code": pinned.code_version != fresh.code_version,
    }
    causes = [name for name, is_so in differs.items() if is_so]
    if pinned.result_hash == fresh.result_hash:
        return tuple(causes)
    then = boundary_of(settings, pinned)
    if then is None:
        return tuple(causes or ["boundary"])  # nobody entered it, and nothing else is left
    if then != around.hash():
        causes.append("boundary")
    return tuple(causes or ["unexplained"])


def _is_as_kept(old: Result) -> bool:
    pinned: Manifest = old.manifest
    lines = result_hash(old.lines)
    return lines == pinned.result_hash and manifest_hash(given(pinned), lines) == pinned.manifest_hash


def boundary_of(settings: Settings, pinned: Manifest) -> str | None:
    """Return the hash of the master data a run was last calculated with, as the trail has it, or None."""
    from bilanz.app.trail import listed

    entered = [
        entry["details"]["boundary_hash"]
        for entry in listed(settings, pinned.run)
        if entry["action"] == "calculation.save"
    ]
    return entered[-1] if entered else None
