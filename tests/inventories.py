"""Published inventories as our program calculates them: own factors, files, balance, row against row.

Everything goes the way of a user: master data from CSV, own factors through the gate, files through their
importers, a calculation in the market-based book (own electricity factors count by contract only).
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

import polars as pl

from bilanz.app.balances import calculate_year
from bilanz.app.catalogue.ownfactors import import_factors
from bilanz.app.intake.ingest import ImportSummary, import_file
from bilanz.app.master.data import import_masterdata
from bilanz.app.settings import Settings
from bilanz.result import Result

_BESIDE: Final = [above / "shared" / "data" for above in Path(__file__).parents[1:]]
DATA: Final = next((folder for folder in _BESIDE if folder.is_dir()), _BESIDE[1])
ABSENT: Final = "the published inventories are not beside the repository"
BOOK: Final = "ghgp_market"

FACTOR_HEADER: Final = (
    "factor_id", "activity", "region", "valid_from", "valid_to", "gas", "value", "mass_unit", "per_unit",
    "basis", "chain", "gwp", "method", "title",
)  # fmt: skip
UPLOAD_HEADER: Final = (
    "organisation", "source", "activity", "start", "end", "quantity", "unit", "basis", "quality",
)  # fmt: skip

TABLE_LINE: Final = (
    "{name:44} {rows:>6} {within:>7} {differ:>7} {tolerance:>12} {largest:>12} {published:>17} {ours:>17}"
)


@dataclass(frozen=True)
class Compared:
    """Published and calculated figures of the same rows.

    Attributes:
        rows: key → (published, calculated), in the unit of the publication.
        tolerance: half a unit of the last digit published, and what rounding of factors may add.
        relative: the same as a share: half a unit of the last digit of the factor.
    """

    name: str
    rows: Mapping[str, tuple[Decimal, Decimal]]
    tolerance: Decimal
    unit: str
    relative: Decimal = Decimal(0)

    @property
    def differing(self) -> dict[str, Decimal]:
        """Key → calculated minus published, of the rows outside the tolerance."""
        return {
            key: ours - published
            for key, (published, ours) in self.rows.items()
            if abs(ours - published) > self.tolerance + self.relative * published
        }

    @property
    def published(self) -> Decimal:
        return sum((pair[0] for pair in self.rows.values()), Decimal(0))

    @property
    def calculated(self) -> Decimal:
        return sum((pair[1] for pair in self.rows.values()), Decimal(0))

    def line(self) -> str:
        """Return one line of the table."""
        agreeing = [abs(b - a) for key, (a, b) in self.rows.items() if key not in self.differing]
        return TABLE_LINE.format(
            name=self.name,
            rows=len(self.rows),
            within=len(agreeing),
            differ=len(self.differing),
            tolerance=f"{self.tolerance} {self.unit}",
            largest=f"{max(agreeing, default=Decimal(0)):.6f}",
            published=f"{self.published:,.3f}",
            ours=f"{self.calculated:,.3f}",
        )


class Place:
    """A data directory of one publication."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = Settings(data=folder / "data", lang="en", wait=5)

    def master(self, **tables: tuple[Sequence[str], Iterable[Sequence[str]]]) -> None:
        """Register rows of master data; every row must be taken."""
        folder = self.folder / "master"
        folder.mkdir(exist_ok=True)
        for name, (header, rows) in tables.items():
            _write(folder / f"{name}.csv", header, rows)
        summary = import_masterdata(folder, self.settings, update=True)
        assert summary.exit_code == 0, summary.as_json()

    def factors(
        self, name: str, rows: Iterable[Sequence[str]], organisation: str | None = None
    ) -> list[dict[str, object]]:
        """Import own factors and return what the gate kept out."""
        path = _write(self.folder / f"{name}.csv", FACTOR_HEADER, rows)
        summary = import_factors(path, self.settings, dry_run=False, organisation=organisation)
        return list(summary["quarantined"])

    def file(self, path: Path, organisation: str, zone: str) -> ImportSummary:
        """Import a file; nothing of it may be rejected."""
        summary = import_file(path, organisation=organisation, settings=self.settings, zone=zone)
        assert isinstance(summary, ImportSummary)
        assert summary.as_json()["rejected"] == 0
        return summary

    def upload(self, name: str, rows: Iterable[Sequence[str]], organisation: str, zone: str) -> ImportSummary:
        """Import rows in the upload format."""
        return self.file(_write(self.folder / f"{name}.csv", UPLOAD_HEADER, rows), organisation, zone)

    def balance(self, year: int, gwp: str | None = None) -> Result:
        """Calculate a year in the market-based book."""
        return calculate_year(self.settings, year, books=(BOOK,), gwp=gwp)


def by_source(result: Result, key: str = "source", scopes: Sequence[str] = ("1", "2")) -> dict[str, Decimal]:
    """Return kg CO2e by source (or another column) over some scopes."""
    lines = result.lines.filter(pl.col("scope").is_in(list(scopes)), pl.col("co2e_kg").is_not_null())
    return {
        name: Decimal(total) for name, total in lines.group_by(key).agg(pl.col("co2e_kg").sum()).iter_rows()
    }


def contracts(*entries: tuple[str, str, str, str, str]) -> tuple[Sequence[str], list[Sequence[str]]]:
    """Return the table of contracts: (id, organisation, factor, from, to) for all its electricity."""
    header = ("id", "kind", "organisation", "activity", "factor", "valid_from", "valid_to", "evidence")
    rows = [
        (name, "contract", unit, "electricity", factor, first, last, "factor of the publication")
        for name, unit, factor, first, last in entries
    ]
    return header, [*rows]


def organisations(*names: str, region: str, zone: str) -> tuple[Sequence[str], list[Sequence[str]]]:
    """Return the table of organisations."""
    header = ("id", "name", "kind", "region", "zone")
    return header, [*((name, name, "municipality", region, zone) for name in names)]


def table_of(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV of the publications."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert rows
    return rows


def number(text: str | None) -> Decimal | None:
    """Return a number with thousands separators, or None where the publication states none."""
    plain = (text or "").replace(",", "").strip()
    return None if plain in {"", "NA", "Not Available"} else Decimal(plain)


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        writer.writerows(rows)
    return path
