"""Whether a bundle is what its publisher signed, and whether its figures come out again.

    files ──► hashes, signature ──► tables ──► figures         (`bilanz.league.recomputation`)
                                          ├──► contradictions  (`bilanz.league.agreement`)
                                          └──► descriptions    (`bilanz.league.description`)

What is finer than the published grain is not in a bundle: the hash of the run's lines, joined rows and
conversions between calorific values cannot be calculated again from it, and are said to be so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from bilanz.errors import Refused
from bilanz.league.agreement import agreements
from bilanz.league.bundle import HEAD, Bundle
from bilanz.league.consolidation import stacked
from bilanz.league.description import descriptions, of_bundle
from bilanz.league.package import DESCRIPTOR
from bilanz.league.reading import read
from bilanz.league.recomputation import Check, checks, coverage
from bilanz.league.signing import Integrity, integrity
from bilanz.league.table import is_canonical


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came out.

    Attributes:
        integrity: of the files.
        bundle: what was read; None: it cannot be read.
        problem: why it cannot be read; None: it can.
        checks: of the figures.
        recomputed: book → (rows that are quantity × factor, rows with kg CO2e).
        odd: tables that are not written as the program writes them.
    """

    integrity: Integrity
    bundle: Bundle | None
    problem: Refused | None
    checks: tuple[Check, ...]
    recomputed: Mapping[str, tuple[int, int]]
    odd: tuple[str, ...]

    @property
    def is_good(self) -> bool:
        """Whether files, signature and figures are what they must be."""
        is_read = self.bundle is not None and self.problem is None and not self.odd
        return self.integrity.is_whole and is_read and not any(check.wrong for check in self.checks)

    def as_json(self) -> dict[str, Any]:
        """Return it for other programs."""
        head = None if self.bundle is None else self.bundle.head
        named: dict[str, Any] = dict.fromkeys(("member", "name", "year", "state", "run", "result_hash"))
        if head is not None:
            named = {
                "member": head.member.id,
                "name": head.member.name,
                "year": head.year,
                "state": head.state.state,
                "run": head.manifest.run,
                "result_hash": head.manifest.result_hash,
            }
        return {
            "is_good": self.is_good,
            **named,
            **self.integrity.as_json(),
            "checks": [each.as_json() for each in self.checks],
            "recomputed": [
                {"book": book, "rows": rows, "recomputed": marked}
                for book, (marked, rows) in self.recomputed.items()
            ],
            "odd": list(self.odd),
        }


def verify(files: Mapping[str, bytes]) -> Verdict:
    """Return what is to be said of the files of a bundle. Never raises for what stands in them."""
    found = integrity(files)
    try:
        bundle = read(files, found)
        tables, heads = stacked([bundle]), {bundle.member: bundle.head}
        told = [
            *descriptions(files, bundle.tables, of_bundle(bundle)),
            *agreements(tables, heads),
            *checks(tables, heads),
        ]
    except Refused as problem:
        return Verdict(found, None, problem, (), {}, ())
    odd = [name for name, frame in bundle.tables.items() if not _is_as_written(files, name, frame)]
    return Verdict(found, bundle, None, tuple(told), coverage(bundle.tables["balance"]), tuple(odd))


def _is_as_written(files: Mapping[str, bytes], name: str, frame: pl.DataFrame) -> bool:
    return is_canonical(files[f"{name}.csv"], frame)


def is_bundle(names: set[str]) -> bool:
    """Tell whether files look like a bundle."""
    return HEAD in names and DESCRIPTOR in names
