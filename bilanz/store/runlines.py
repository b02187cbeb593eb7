"""Balance lines of kept runs, asked for in place: totals of many runs, and the lines behind one figure.

Sums are those of the store's decimals; nothing is rounded here.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

import polars as pl

from bilanz.result import LINE_SCHEMA
from bilanz.store.connection import Store
from bilanz.store.schema import names

COUNTED: Final = ("1", "2", "3")
EXACT: Final = ("book", "scope", "category", "source", "activity", "gas", "month", "factor_id")
"""Columns of lines that can be asked for."""

GROUPS: Final = ("organisation", "source", "activity", "category", "month", "gas", "factor_id")
"""Columns by which lines can be summed."""

_ENTRIES: Final = """
SELECT run, year, json_extract_string(manifest, '$.organisation'),
    json_extract_string(manifest, '$.factor_release'), CAST(json_extract(manifest, '$.books') AS VARCHAR[]),
    json_extract_string(manifest, '$.created_at'), json_extract_string(manifest, '$.manifest_hash')
FROM run ORDER BY created_at DESC, rowid DESC
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One kept run. `organisation`: it was restricted to; None: over all."""

    run: str
    year: int
    organisation: str | None
    factor_release: str
    books: tuple[str, ...]
    created_at: str
    manifest_hash: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines of a run.

    Attributes:
        run: the run.
        organisations: whose lines; None: all of the run, also of those nobody registered.
        equal: column of `EXACT` → value; None: the line has none.
        is_counted: only scopes 1 to 3.
    """

    run: str
    organisations: tuple[str, ...] | None
    equal: Mapping[str, str | date | None] = field(default_factory=dict)
    is_counted: bool = False

    def condition(self) -> tuple[str, list[object]]:
        """Return the condition and its values."""
        terms, values = ["run = ?"], list[object]([self.run])
        if self.organisations is not None:
            terms.append("organisation IN (SELECT unnest(?))")
            values.append(list(self.organisations))
        for name in EXACT:
            if name in self.equal:
                terms.append(f'"{name}" IS NOT DISTINCT FROM ?')
                values.append(self.equal[name])
        if self.is_counted:
            terms.append(f"scope IN {COUNTED}")
        return " AND ".join(terms), values


@dataclass(frozen=True, slots=True)
class Sums:
    """What lines add up to. `co2e_kg`: None: no line has a figure; `quantities`: (unit, basis) → quantity."""

    lines: int
    co2e_kg: Decimal | None
    quantities: tuple[tuple[str, str, Decimal], ...]


def entries(store: Store) -> list[Entry]:
    """Return all kept runs, the newest first."""
    return [
        Entry(run, year, organisation, release, tuple(books), at, sha256)
        for run, year, organisation, release, books, at, sha256 in store.rows(_ENTRIES)
    ]


def trees(store: Store, runs: Collection[str]) -> dict[str, dict[str, str | None]]:
    """Return run → organisation → the one above it, as it was."""
    found: dict[str, dict[str, str | None]] = {run: {} for run in runs}
    query = "SELECT run, organisation, parent FROM run_organisation WHERE run IN (SELECT unnest(?))"
    for run, organisation, parent in store.rows(query, [list(runs)]):
        found[run][organisation] = parent
    return found


def totals(store: Store, runs: Collection[str]) -> dict[str, dict[tuple[str, str], Decimal]]:
    """Return run → (organisation itself, book) → kg CO2e of scopes 1 to 3; what is not known is not there."""
    found: dict[str, dict[tuple[str, str], Decimal]] = {run: {} for run in runs}
    query = f"""
        SELECT run, organisation, book, SUM(co2e_kg) FROM run_line
        WHERE run IN (SELECT unnest(?)) AND scope IN {COUNTED} AND co2e_kg IS NOT NULL GROUP BY ALL"""
    for run, organisation, book, total in store.rows(query, [list(runs)]):
        found[run][organisation, book] = total
    return found


def within(tree: Mapping[str, str | None], root: str) -> tuple[str, ...]:
    """Return an organisation of a run and everything below it, as it was then; none where it is not there."""
    children: dict[str | None, list[str]] = {}
    for name, parent in tree.items():
        children.setdefault(parent, []).append(name)
    found = [root] if root in tree else []
    for name in found:  # grows while it is walked
        found += [child for child in children.get(name, ()) if child not in found]
    return tuple(found)


def sums(store: Store, wanted: Wanted) -> Sums:
    """Return how many lines there are and what they add up to."""
    where, values = wanted.condition()
    ((count, total),) = store.rows(f"SELECT COUNT(*), SUM(co2e_kg) FROM run_line WHERE {where}", values)
    query = f"""
        SELECT unit, basis, SUM(quantity) FROM run_line WHERE {where} AND is_lead AND quantity IS NOT NULL
        GROUP BY unit, basis ORDER BY unit, basis"""
    return Sums(count, total, tuple((unit, basis, held) for unit, basis, held in store.rows(query, values)))


def lines(store: Store, wanted: Wanted, *, first: int, count: int) -> pl.DataFrame:
    """Return some of the lines, the largest first; `LINE_SCHEMA`."""
    where, values = wanted.condition()
    query = f"""
        SELECT {names(LINE_SCHEMA)} FROM run_line WHERE {where}
        ORDER BY co2e_kg DESC NULLS LAST, {names(LINE_SCHEMA)} LIMIT ? OFFSET ?"""
    frame = store.frame(query, [*values, count, first])
    return frame.select(pl.col(name).cast(kind) for name, kind in LINE_SCHEMA.items())


def grouped(store: Store, wanted: Wanted, by: str) -> pl.DataFrame:
    """Return the sums by a column of `GROUPS`, the largest first.

    Shape: the columns of the group (of a category also its scope), `lines`, `co2e_kg` (null: not known).
    """
    keys = ("scope", "category") if by == "category" else (by,)
    where, values = wanted.condition()
    listed = names(dict.fromkeys(keys, pl.String))
    query = f"""
        SELECT {listed}, COUNT(*) AS lines, SUM(co2e_kg) AS co2e_kg FROM run_line WHERE {where}
        GROUP BY {listed} ORDER BY co2e_kg DESC NULLS LAST, {listed}"""
    return store.frame(query, values)


def factors(store: Store, run: str, factor_ids: Iterable[str]) -> pl.DataFrame:
    """Return factor_id → publisher, title, edition, locator of factors of a run, one row each."""
    query = """
        SELECT DISTINCT ON (factor_id) factor_id, publisher, title, edition, locator FROM run_factor
        WHERE run = ? AND factor_id IN (SELECT unnest(?)) ORDER BY factor_id"""
    return store.frame(query, [run, list(factor_ids)])


def delivered_years(store: Store) -> set[tuple[str, int]]:
    """Return (organisation of the file, year) of what is committed; a year begins half a day off at most."""
    query = """
        SELECT DISTINCT organisation, unnest(range(year(period_start + INTERVAL 12 HOUR),
            year(period_end - INTERVAL 12 HOUR) + 1))
        FROM batch WHERE state = 'committed' AND period_start IS NOT NULL AND period_end IS NOT NULL"""
    return {(organisation, int(year)) for organisation, year in store.rows(query)}
