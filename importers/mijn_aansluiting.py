"""Register readings of Mijn Aansluiting (Netherlands) in JSON: what electricity and gas meters showed.

A reading counts on: the energy is the difference of two. A register is one of a connection (EAN) and a meter,
such as 1.8.1 and 1.8.2 for the two tariffs of one connection; each is followed by itself. Where the total of
a meter (1.8.0) is there, it counts and its tariffs do not.
"""

import re
from pathlib import Path
from typing import ClassVar, Final

import polars as pl

from bilanz import units
from bilanz.issues import Issue
from bilanz.records import INSTANT, Direction
from importers.base import Claim, FileSample, Importer, ImportRequest, ImportResult, Workspace
from importers.columns import times
from importers.formats import json
from importers.interval import cover, registers
from importers.interval.findings import Findings
from importers.interval.points import Facts, unit_facts
from importers.metering import finish, instants
from importers.metering.cells import Cells
from importers.metering.document import Node, first, has_members, node, nodes, objects, text
from importers.meterxml.metercodes import TARIFF
from importers.meterxml.values import leave_out

ZONE: Final = "Europe/Amsterdam"
_STAMP: Final = "DateTime"
_DIRECTIONS: Final = {"1.8": Direction.CONSUMPTION, "2.8": Direction.FEED_IN}
_WALL: Final = r"^\s*(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?)"
_HOUR: Final = pl.duration(hours=1)
_TOTAL: Final = re.compile(r"[12]\.8\.0+")


class MijnAansluiting(Importer):
    """Readings of registers, differenced."""

    name: ClassVar[str] = "mijn_aansluiting"
    version: ClassVar[str] = "1"
    suffixes: ClassVar[tuple[str, ...]] = (".json",)

    def identify(self, sample: FileSample) -> Claim | None:
        """Claim by the registers of a connection with their readings."""
        if not has_members(sample.head, "MarketEvaluationPoint", "RegisterList", "ReadingList"):
            return None
        return Claim(0.98, "register readings of Mijn Aansluiting (Netherlands)")

    def read(self, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        """Read the file; see `Importer.read`."""
        cells, findings = Cells(), Findings()
        names: dict[int, _Register] = {}
        for entry in objects(json.read(path)):
            if isinstance(entry.get("RegisterList"), list | dict):
                for register in nodes(entry["RegisterList"]):
                    _take(first(entry, ("MRID", "mRID")), register, cells, names)
        workspace.progress(0.5)
        rows = finish.with_status(cells.frame(), {}, "Value", findings)
        rows = finish.with_quantities(rows, cells.facts, findings)
        rows = _by_the_clock(instants.read(rows, "stamp", _STAMP, ZONE, findings), findings)
        rows = rows.rename({"stamp_utc": "instant", "quantity": "reading"})
        titles = [one.title for one in cells.facts]
        points = registers.differences(rows, titles, civil=ZONE, findings=findings)
        points = _without_tariffs(points, titles, names, findings)
        return finish.delivered(
            points, cells, civil=ZONE, request=request, workspace=workspace, findings=findings
        )


_Register = tuple[str | None, str | None, str]
"""Connection, meter and name of a register."""


def _take(connection: str | None, register: Node, cells: Cells, names: dict[int, _Register]) -> None:
    """Take the readings of one register."""
    meter = first(node(register.get("Meter")), ("MRID", "mRID"))
    name = first(register, ("MRID", "mRID"))
    for reading in nodes(register.get("ReadingList")):
        kind = node(reading.get("ReadingType"))
        unit = (first(kind, ("Multiplier", "multiplier")) or "") + (first(kind, ("Unit", "unit")) or "")
        series = cells.series(_facts, connection, meter, name, unit or None)
        names[series] = (connection, meter, (name or "").strip())
        cells.take(
            series,
            text=text(reading.get("Value")),
            stamp=text(node(reading.get("DateAndOrTime")).get(_STAMP)),
        )


def _facts(connection: str | None, meter: str | None, register: str | None, unit: str | None) -> Facts:
    source = " ".join(part for part in (connection or meter, register) if part) or None
    canonical, refused = unit_facts(unit)
    title = source or "Value"
    if canonical is not None and units.dimension(canonical) != "energy":
        return Facts(source, title, canonical, "natural_gas", Direction.CONSUMPTION, refused=refused)
    direction = _DIRECTIONS.get((register or "")[:3])
    if direction is None and refused is None:
        canonical, refused = None, ("unknown_value", register, {"expected": ", ".join(_DIRECTIONS)})
    return Facts(source, title, canonical, "electricity", direction, refused=refused)


def _without_tariffs(
    points: pl.DataFrame, titles: list[str], names: dict[int, _Register], findings: Findings
) -> pl.DataFrame:
    """Ignore what the tariffs of a meter counted while its total did, too."""
    known = [names[number] for number in range(len(titles))]
    keys = [f"{connection}|{meter}|{name[:3]}" for connection, meter, name in known]
    parts = cover.beside(points, keys, [_TOTAL.fullmatch(name) is not None for _, _, name in known]) > 0
    gone = points.filter(parts)
    if gone.height:
        leave_out(TARIFF, (titles[number] for number in gone["series"]), gone.height, findings)
    return points.filter(~parts)


def _by_the_clock(rows: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """Return the rows, midnights whose offset is an hour wrong put right and said.

    A register is read at midnight. Some give the offset of winter all the year: 00:00+01:00 in May.
    """
    if rows.is_empty():
        return rows
    wall = pl.col("stamp").str.extract(_WALL, 1).str.replace("T", " ").str.head(16)
    local = wall.str.to_datetime("%Y-%m-%d %H:%M", strict=False).cast(INSTANT)
    meant = times.to_utc(local, ZONE, instants.years(rows, "stamp_utc"))
    off = (meant - pl.col("stamp_utc")).abs() == _HOUR
    wrong = (off & (local.dt.time() == pl.time(0))).fill_null(value=False)
    rows = rows.with_columns(meant=meant, wrong=wrong)
    if count := rows["wrong"].sum():
        value = rows.filter("wrong")["stamp"][0]
        parameters = {"count": str(count), "zone": ZONE}
        findings.add(Issue("wrong_offset", column=_STAMP, value=value, parameters=parameters))
    return rows.with_columns(stamp_utc=pl.when("wrong").then("meant").otherwise("stamp_utc"))
