"""Backups of the refuelling app Fuelio: one vehicle and its log. Specification: `docs/formats/fleet.md`."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Final

import polars as pl

from bilanz import units
from bilanz.errors import FileRefused
from bilanz.issues import Issue
from importers.base import (
    Claim,
    FileSample,
    Importer,
    ImportRequest,
    ImportResult,
    Workspace,
)
from importers.columns.headers import Match
from importers.formats.encoding import guess
from importers.fuel.reading import read_lines
from importers.fuel.sections import Section, names_in, sections
from importers.tables.alike import declared_alike
from importers.tables.made import with_column
from importers.upload.findings import Findings
from importers.upload.table import Table, no_rows
from importers.upload.words import looked_up

_VEHICLE: Final = "Vehicle"
_LOG: Final = "Log"
_COLUMNS: Final = {
    "date": ("Data", "Date"),
    "odometer": ("Odo",),
    "quantity": ("Fuel",),
    "cost_gross": ("Price",),
    "merchant": ("City",),
    "transaction_id": ("UniqueId",),
}
_NUMBERS: Final = ("Fuel", "Odo", "Price", "VolumePrice")
_NEEDED: Final = ("date", "quantity")
_UNITS: Final = {"0": "l", "1": "gal_us", "2": "gal_uk", "3": "kWh"}
_FUELS: Final = {
    "100": "petrol", "110": "petrol", "112": "petrol", "113": "petrol", "114": "petrol", "119": "e10",
    "200": "diesel", "201": "diesel", "202": "diesel", "211": "biodiesel", "400": "lpg", "401": "lpg",
    "500": "cng", "501": "cng", "502": "bio cng", "600": "charging", "601": "charging", "602": "charging",
}  # fmt: skip
"""Code of a fuel or a tank → product name; blends nobody can place (E85, B10 to B30) are left out."""

_UNSET: Final = ("", "0", "-1")
_PERSONAL: Final = ("latitude", "longitude", "Notes")


class Fuelio(Importer):
    """CSV of several sections; the log of the refuellings is read, the vehicle and its tanks with it."""

    name: ClassVar[str] = "fuelio"
    version: ClassVar[str] = "1"
    suffixes: ClassVar[tuple[str, ...]] = (".csv",)

    def identify(self, sample: FileSample) -> Claim | None:
        """Claim by the names of the sections."""
        names = names_in(sample.head, guess(sample.head))
        if names[:1] == [_VEHICLE] and (_LOG in names or sample.size > len(sample.head)):
            return Claim(0.97, "a backup of the refuelling app Fuelio")
        return None

    def read(self, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        """Read the file; see `Importer.read`."""
        found = sections(path)
        log = found.get(_LOG)
        if log is None or not log.header:
            raise FileRefused(
                "{file}: no line is a header this importer knows.", code="no_header", file=path.name
            )
        workspace.progress(0.3)
        findings = Findings()
        table = log.table()
        vehicle = _vehicle(found.get(_VEHICLE))
        table, match = _named(table, vehicle, path.name)
        alike = [place for name in _NUMBERS if (place := _place(table, (name,))) is not None]
        title = match.title("quantity")
        declared, said = declared_alike(table, alike, request.declared)
        request = replace(request, declared={**declared, **request.declared})
        findings.add(
            *(one for one in said if one.column == title),
            *table.issues,
            *no_rows(table),
            *_left_out(match),
            *_other_sections(found),
        )
        result = read_lines(table, match, request, findings)
        workspace.progress(0.9)
        return result


def _vehicle(section: Section | None) -> dict[str, str]:
    """Return what the file says of its vehicle: column → text."""
    if section is None or not section.rows:
        return {}
    return dict(zip(section.header, section.rows[0][1], strict=False))


def _named(table: Table, vehicle: Mapping[str, str], file: str) -> tuple[Table, Match]:
    """Return the table with vehicle, fuel and unit per row, and its columns by the names of `fuel.fields`."""
    at = {name: place for name, titles in _COLUMNS.items() if (place := _place(table, titles)) is not None}
    if lacking := [name for name in _NEEDED if name not in at]:
        raise FileRefused(
            "{file}: columns are missing: {missing}. Similar columns of the file: {near}.",
            code="missing_column",
            file=file,
            missing=", ".join(_COLUMNS[name][0] for name in lacking),
            near="–",
        )
    height = table.frame.height
    name = vehicle.get("Plate") or vehicle.get("Name")
    made = {"vehicle": pl.Series([name] * height, dtype=pl.String), "product": _products(table, vehicle)}
    made["unit"] = _units(table, at["quantity"], vehicle)
    for field, texts in made.items():
        title = {"product": "FuelType", "unit": table.header[at["quantity"]]}.get(field, field)
        table, at[field] = with_column(table, title, texts)
    unused = tuple(
        place
        for place, text in enumerate(table.header)
        if text and place not in at.values() and text.partition(" (")[0] not in {"FuelType", "TankNumber"}
    )
    return table, Match(table.header, at, {}, (), unused, {}, ())


def _place(table: Table, titles: tuple[str, ...]) -> int | None:
    """Return the position of a column, whatever stands in brackets behind its name."""
    names = [text.partition(" (")[0] for text in table.header]
    return next((names.index(title) for title in titles if title in names), None)


def _products(table: Table, vehicle: Mapping[str, str]) -> pl.Series:
    """Return the fuel of each row: its own code, else that of its tank; one against its tank is none."""
    tanks = {"1": vehicle.get("Tank1Type", ""), "2": vehicle.get("Tank2Type", "")}
    fuels, numbers = (_place(table, (name,)) for name in ("FuelType", "TankNumber"))
    frame = table.frame.with_columns(
        fuel=pl.col(str(fuels)) if fuels is not None else pl.lit(""),
        tank=pl.col(str(numbers)).replace({"": "1"}) if numbers is not None else pl.lit("1"),
    ).with_columns(key=pl.concat_str("fuel", "tank", separator="\x1f"))

    def product(key: str) -> str | None:
        fuel, _, number = key.partition("\x1f")
        tank = tanks.get(number, "")
        if fuel in _UNSET:
            return _FUELS.get(tank, tank if tank not in _UNSET else None)
        is_against = tank not in _UNSET and tank[:1] != fuel[:1]
        return f"{fuel} / {tank}" if is_against else _FUELS.get(fuel, fuel)

    return frame.select(looked_up(frame, "key", product).alias("x"))["x"]


def _units(table: Table, quantity: int, vehicle: Mapping[str, str]) -> pl.Series:
    """Return the unit of each row: of the header where it is one, else as set for the tank."""
    stated = table.header[quantity].partition("(")[2].strip(") ")
    first = stated if units.find(stated) else _UNITS.get(vehicle.get("FuelUnit", ""))
    second = first
    if vehicle.get("TankCount", "1") != "1" and vehicle.get("FuelUnitTank2"):
        second = _UNITS.get(vehicle["FuelUnitTank2"])
    numbers = _place(table, ("TankNumber",))
    is_second = pl.col(str(numbers)) == "2" if numbers is not None else pl.lit(value=False)
    text = pl.when(is_second).then(pl.lit(second, dtype=pl.String)).otherwise(pl.lit(first, dtype=pl.String))
    return table.frame.with_columns(text.alias("x"))["x"]


def _left_out(match: Match) -> list[Issue]:
    """Say which columns were not used, and which were not kept because they tell where people were."""
    titles = [match.header[place] for place in match.unused]
    personal = [title for title in titles if title.startswith(_PERSONAL)]
    other = [title for title in titles if title not in personal]
    return [
        Issue(code, value=", ".join(found), parameters={"count": str(len(found))})
        for code, found in (("columns_ignored", other), ("personal_data", personal))
        if found
    ]


def _other_sections(found: Mapping[str, Section]) -> list[Issue]:
    """Say which sections with rows hold no refuelling."""
    other = [
        f"{name} ({len(section.rows)})"
        for name, section in found.items()
        if name not in {_VEHICLE, _LOG} and section.rows
    ]
    if not other:
        return []
    return [Issue("sections_ignored", value=", ".join(other), parameters={"count": str(len(other))})]
