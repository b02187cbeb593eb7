"""Two importers of our own for tests of what comes after reading: `toy` records and `toy_readings`."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import ClassVar

import polars as pl
import pytest

from bilanz.app.settings import Settings
from bilanz.issues import ISSUE_SCHEMA
from bilanz.organisation import OrganisationUnit
from bilanz.records import ACTIVITY_SCHEMA, QUANTITY, READING_SCHEMA, SERIES_SCHEMA
from bilanz.registry.engine import open_registry
from bilanz.registry.organisations import put_organisation
from importers.base import Claim, ControlSum, FileSample, Importer, ImportRequest, ImportResult, Workspace

DEFAULTS = {
    "column": "quantity",
    "activity": "electricity",
    "direction": "consumption",
    "unit": "kWh",
    "basis": "none",
    "quality": "billed",
}


class Toy(Importer):
    """CSV whose headers are columns of `ACTIVITY_SCHEMA`, after a first line `toy`. `x` is no quantity."""

    name: ClassVar[str] = "toy"
    version: ClassVar[str] = "1"
    suffixes: ClassVar[tuple[str, ...]] = (".csv",)

    def identify(self, sample: FileSample) -> Claim | None:
        return Claim(1.0, "first line {line}", {"line": "toy"}) if sample.head.startswith(b"toy\n") else None

    def read(self, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        assert request.period is None
        rows = pl.read_csv(path, skip_rows=1, infer_schema=False).with_row_index("at", offset=3)
        bad = rows.filter(pl.col("quantity") == "x")
        good = rows.filter(pl.col("quantity") != "x")
        good = good.with_columns(
            pl.col("start", "end").str.to_datetime("%Y-%m-%d"),
            pl.col("at").cast(pl.Int64).alias("source_row"),
            pl.lit("quantity").alias("column"),
            original_quantity=pl.col("quantity"),
        )
        missing = {name: pl.lit(DEFAULTS.get(name)) for name in ACTIVITY_SCHEMA if name not in good.columns}
        records = good.with_columns(**missing).select(
            pl.col(name).cast(kind) for name, kind in ACTIVITY_SCHEMA.items()
        )
        issues = bad.select(
            source_row="at",
            column=pl.lit("quantity"),
            value="quantity",
            code=pl.lit("not_a_number"),
            severity=pl.lit("error"),
            parameters=pl.lit('{"expected": "a number"}'),
        ).cast(ISSUE_SCHEMA)
        sums = records.group_by("unit").agg(pl.col("quantity").sum(), pl.len().alias("n"))
        workspace.progress(1.0)
        return ImportResult(
            read=rows.height,
            rejected=bad.height,
            ignored=0,
            activities=records,
            issues=issues,
            control_sums=tuple(
                ControlSum("quantity", unit, total, count) for unit, total, count in sums.iter_rows()
            ),
        )


class ToyReadings(Importer):
    """First line `toy_readings SOURCE ZONE MINUTES [STEP]`, then `start,quantity` in UTC."""

    name: ClassVar[str] = "toy_readings"
    version: ClassVar[str] = "1"
    suffixes: ClassVar[tuple[str, ...]] = (".csv",)

    def identify(self, sample: FileSample) -> Claim | None:
        return Claim(1.0, "first line") if sample.head.startswith(b"toy_readings ") else None

    def read(self, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        assert request.period is None
        with path.open(encoding="utf-8") as stream:
            _, source, zone, minutes = stream.readline().split()
        rows = pl.read_csv(path, skip_rows=1, infer_schema=False).with_row_index("at", offset=3)
        readings = rows.select(
            series=pl.lit(0),
            start=pl.col("start").str.to_datetime("%Y-%m-%dT%H:%M"),
            minutes=pl.lit(int(minutes)),
            quantity=pl.col("quantity").cast(QUANTITY),
            status=pl.lit(0),
            source_row=pl.col("at"),
        ).cast(READING_SCHEMA)
        target = workspace.directory / "readings.parquet"
        readings.sort("series", "start").write_parquet(target)
        series = pl.DataFrame(
            [(0, source, "electricity", "consumption", "kWh", "none", int(minutes), zone, "quantity")],
            schema=SERIES_SCHEMA,
            orient="row",
        )
        total = readings["quantity"].sum() or Decimal(0)
        return ImportResult(
            read=rows.height,
            rejected=0,
            ignored=0,
            series=series,
            readings=target,
            readings_accepted=rows.height,
            control_sums=(ControlSum("quantity", "kWh", total, rows.height),),
        )


def use_toys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let only the toys be found."""
    for module in ("importers.base", "bilanz.app.intake.examination"):
        monkeypatch.setattr(f"{module}.importers_found", lambda: iter([Toy(), ToyReadings()]))


@dataclass(frozen=True)
class City:
    """A data directory with two organisations, `town` and its agency `depot`."""

    settings: Settings
    folder: Path

    def file(self, name: str, header: str, *lines: str) -> Path:
        """Write a toy file of records."""
        path = self.folder / name
        path.write_text("\n".join(["toy", header, *lines, ""]), encoding="utf-8")
        return path

    def readings(
        self, name: str, rows: list[tuple[str, str]], *, source: str = "M1", minutes: int = 15
    ) -> Path:
        """Write a toy file of readings in Berlin time zones, `rows` being (UTC start, quantity)."""
        path = self.folder / name
        head = [f"toy_readings {source} Europe/Berlin {minutes}", "start,quantity"]
        path.write_text("\n".join([*head, *(f"{at},{value}" for at, value in rows), ""]), encoding="utf-8")
        return path


def found_city(folder: Path) -> City:
    """Make the data directory and register the organisations."""
    settings = Settings(data=folder / "data", lang="en", wait=5)
    registry = open_registry(settings.registry)
    put_organisation(registry, OrganisationUnit(id="town", name="Town", kind="municipality"))
    put_organisation(registry, OrganisationUnit(id="depot", name="Depot", kind="agency", parent="town"))
    registry.close()
    return City(settings, folder)
