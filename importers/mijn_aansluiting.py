"""Register readings of Mijn Aansluiting (Netherlands) in JSON: what electricity and gas meters showed.

A reading counts on: the energy is the difference of two. A register is one of a connection (EAN) and a meter,
such as 1.8.1 and 1.8.2 for the two tariffs of one connection; each is followed by itself. Where the total of
a meter (1.8.0) is there for all of their time, it counts and its tariffs do not.
"""

import re
from pathlib import Path
from typing import ClassVar, Final

import polars as pl

from bilanz import units
from bilanz.issues import Issue
from bilanz.periods import local_iso
from bilanz.records import INSTANT, Direction
from importers.base import Claim, FileSample, Importer, ImportRequest, ImportResult, Workspace
from importers.columns import times
from importers.formats import json
from importers.interval import cover, registers
from importers.interval.findings import LISTED, ROW, Findings
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
_PARTLY: Final = "the total of a part of the time its tariffs count, which were taken"


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
        points = _without_repeats(points, titles, names, findings)
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


def _without_repeats(
    points: pl.DataFrame, titles: list[str], names: dict[int, _Register], findings: Findings
) -> pl.DataFrame:
    """Return the points less what the total of a meter and its tariffs both counted: one of the two counts.

        total    |=======|===|               covers the tariffs: they give way
        tariffs  |===|===|===|

        total                |===|           covers a part of them, and every one of them covers it:
        tariffs  |===============|           it gives way

    Points that overlap are judged together. Where neither covers the other, what states more time counts, and
    the rest is rejected.
    """
    if points.is_empty():
        return points
    rows = _judged(points, [names[number] for number in range(len(titles))])
    is_gone = pl.col("loses") & (pl.col("touched") > 0)
    is_same = pl.col("covered") >= cover.MOSTLY
    for reason, which in ((TARIFF, ~pl.col("is_total")), (_PARTLY, pl.col("is_total"))):
        same = rows.filter(is_gone & is_same & which)
        if same.height:
            leave_out(reason, (titles[number] for number in same["series"]), same.height, findings)
    kept = rows.filter(~is_gone)
    for (number,), gone in rows.filter(is_gone & ~is_same).group_by("series", maintain_order=True):
        findings.reject(_overlapping(gone, kept), "overlapping_interval", titles[int(str(number))])
    return points.filter(~rows.select(is_gone).to_series())


def _judged(points: pl.DataFrame, known: list[_Register]) -> pl.DataFrame:
    """Return the points with what decides which count.

    Shape: one row per point, in their order; `key` (meter and direction), `end`, `is_total`, which share of
    the period the other side has `touched` and which it has `covered` with every register, and whether its
    side `loses` among the points it overlaps.
    """
    keys = [f"{connection}|{meter}|{name[:3]}" for connection, meter, name in known]
    facts = pl.DataFrame(
        {
            "series": pl.int_range(len(known), eager=True, dtype=pl.Int32),
            "key": keys,
            "name": [name for *_, name in known],
            "is_total": [_TOTAL.fullmatch(name) is not None for *_, name in known],
        }
    )
    tariffs = facts.filter(~pl.col("is_total"))
    rows = points.with_columns(end=pl.col("start") + pl.duration(minutes="minutes"))
    rows = rows.join(facts, on="series", how="left", maintain_order="left").with_row_index("place")
    totals, parts = rows.filter("is_total"), rows.filter(~pl.col("is_total"))
    covered = cover.shares(parts, totals)
    parts = parts.with_columns(touched=covered, covered=covered)
    totals = totals.with_columns(touched=cover.shares(totals, parts), covered=1.0)
    for name in tariffs["name"].unique():
        has_it = pl.col("key").is_in(tariffs.filter(pl.col("name") == name)["key"].unique().implode())
        share = cover.shares(totals, parts.filter(pl.col("name") == name))
        least = pl.min_horizontal("covered", share.alias("share"))
        totals = totals.with_columns(covered=pl.when(has_it).then(least).otherwise("covered"))
    return _decided(pl.concat([totals, parts]), tariffs.group_by("key").agg(pl.col("name").n_unique()))


def _decided(rows: pl.DataFrame, tariffs: pl.DataFrame) -> pl.DataFrame:
    """Return the rows in the order of their `place`, with `loses`; `tariffs` counts the names of each key."""
    rows = rows.sort("key", "start", "place")
    latest = pl.col("end").cum_max().shift(1).over("key")
    run = (latest.is_null() | (pl.col("start") >= latest)).cum_sum()
    rows = rows.with_columns(run=run).join(tariffs.rename({"name": "tariffs"}), on="key", how="left")
    is_total, minutes = pl.col("is_total"), pl.col("minutes").cast(pl.Int64)
    is_whole = (pl.col("touched") == 0) | (pl.col("covered") >= cover.MOSTLY)
    rows = rows.with_columns(
        tariffs_covered=(is_whole | is_total).all().over("run"),
        total_covered=(is_whole | ~is_total).all().over("run"),
        total_longer=(minutes.filter(is_total).sum() * pl.col("tariffs").first()).over("run")
        >= minutes.filter(~is_total).sum().over("run"),
    )
    total_counts = pl.col("tariffs_covered") | (~pl.col("total_covered") & pl.col("total_longer"))
    return rows.with_columns(loses=total_counts.fill_null(value=True) != is_total).sort("place")


def _overlapping(gone: pl.DataFrame, kept: pl.DataFrame) -> pl.DataFrame:
    """Return what the issues of points say that overlap, in part, points that count."""
    shown = []
    for key, start, end in gone.head(LISTED).select("key", "start", "end").iter_rows():
        overlaps = (pl.col("key") == key) & (pl.col("start") < end) & (pl.col("end") > start)
        first = kept.filter(overlaps)[ROW].min()
        shown.append((f"{local_iso(ZONE, start)} – {local_iso(ZONE, end)}", {"first": str(first)}))
    shown += [("", {"first": ""})] * (gone.height - len(shown))
    values, parameters = zip(*shown, strict=True)
    return gone.select(ROW, pl.Series("value", values, dtype=pl.String), pl.Series("parameters", parameters))


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
