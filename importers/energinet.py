"""Time series of Energinet's DataHub (Denmark, Eloverblik): `MyEnergyData_MarketDocument` in JSON."""

from pathlib import Path
from typing import ClassVar, Final

import polars as pl

from bilanz.records import Direction
from importers.base import Claim, FileSample, Importer, ImportRequest, ImportResult, Workspace
from importers.columns import times
from importers.formats import json
from importers.interval.findings import ROW, Findings
from importers.interval.points import Facts, unit_facts
from importers.metering import duration, finish, instants
from importers.metering.cells import Cells
from importers.metering.document import Node, first, has_members, node, nodes, objects, text

ZONE: Final = "Europe/Copenhagen"
_TITLE: Final = "out_Quantity.quantity"
_QUALITY: Final = "out_Quantity.quality"
_STAMP: Final = "timeInterval.start"
_POSITION: Final = "position"
_QUALITIES: Final = {
    "A01": finish.ESTIMATED,  # adjusted: calculated by the hub
    "A02": finish.MISSING,  # not available
    "A03": finish.ESTIMATED,
    "A04": finish.MEASURED,  # as provided
    "A05": finish.ESTIMATED,  # incomplete: a part of the sum was missing
}
_DIRECTIONS: Final = {
    "A01": Direction.GENERATION,
    "A04": Direction.CONSUMPTION,
    "A64": Direction.CONSUMPTION,  # consumption by a profile
}
_MOST_POSITIONS: Final = 1_000_000
_MOST_MINUTES: Final = 100_000_000  # behind the begin of a period: 190 years


class Energinet(Importer):
    """Points by their position within a period."""

    name: ClassVar[str] = "energinet"
    version: ClassVar[str] = "1"
    suffixes: ClassVar[tuple[str, ...]] = (".json",)

    def identify(self, sample: FileSample) -> Claim | None:
        """Claim by the name of the document."""
        if not has_members(sample.head, "MyEnergyData_MarketDocument"):
            return None
        return Claim(0.98, "time series of Energinet's DataHub (Denmark)")

    def read(self, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        """Read the file; see `Importer.read`."""
        cells, findings = Cells(), Findings()
        for entry in objects(json.read(path)):
            if "MyEnergyData_MarketDocument" in entry:
                for series in nodes(node(entry["MyEnergyData_MarketDocument"]).get("TimeSeries")):
                    _take(series, cells)
        workspace.progress(0.5)
        rows = finish.with_status(cells.frame(), _QUALITIES, _TITLE, findings)
        rows = finish.with_quantities(rows, cells.facts, findings)
        rows = instants.read(rows, "stamp", _STAMP, ZONE, findings)
        rows = finish.with_minutes(_placed(rows, findings), ZONE, _STAMP, findings)
        return finish.delivered(
            rows, cells, civil=ZONE, request=request, workspace=workspace, findings=findings
        )


def _take(series: Node, cells: Cells) -> None:
    """Take the points of one series."""
    point = node(node(series.get("MarketEvaluationPoint")).get("mRID"))
    meter = first(point, ("name",)) or first(series, ("mRID",))
    unit, business = first(series, ("measurement_Unit.name",)), first(series, ("businessType",))
    number = cells.series(_facts, meter, unit, business)
    for period in nodes(series.get("Period")):
        begin = text(node(period.get("timeInterval")).get("start"))
        length = first(period, ("resolution",))
        for entry in nodes(period.get("Point")):
            cells.take(
                number,
                text=text(entry.get(_TITLE)),
                stamp=begin,
                length=length,
                position=text(entry.get(_POSITION)),
                quality=first(entry, (_QUALITY,)),
            )


def _facts(meter: str | None, unit: str | None, business: str | None) -> Facts:
    canonical, refused = unit_facts(unit)
    direction = _DIRECTIONS.get(business or "")
    if business is not None and direction is None and refused is None:
        refused = ("unknown_value", business, {"expected": ", ".join(_DIRECTIONS)})
    return Facts(
        meter, _TITLE, canonical if refused is None else None, "electricity", direction, refused=refused
    )


def _placed(rows: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """Return the rows with `start`: so many lengths behind the begin of the period as the position says."""
    place = pl.col(_POSITION).str.extract(r"^\s*(\d{1,7})\s*$", 1).cast(pl.Int64)
    rows = rows.with_columns(place=pl.when(place.is_between(1, _MOST_POSITIONS)).then(place))
    lost = rows["place"].is_null()
    shown = rows.filter(lost).select(ROW, pl.col(_POSITION).fill_null("–").str.head(200).alias("value"))
    findings.reject(shown, "not_a_number", _POSITION, expected="1, 2, 3, …")
    rows = rows.filter(~lost).with_columns(start=pl.col("stamp_utc"))
    for length in rows["length"].drop_nulls().unique().sort():
        one = duration.parse(length)
        if one is not None:
            mine = pl.col("length") == length
            rows = rows.with_columns(start=pl.when(mine).then(_moved(rows, one)).otherwise("start"))
    gone = rows["start"].is_null()
    shown = rows.filter(gone).select(ROW, pl.col(_POSITION).alias("value"))
    findings.reject(shown, "nonexistent_time", _POSITION, zone=ZONE)
    return rows.filter(~gone)


def _moved(rows: pl.DataFrame, one: duration.Duration) -> pl.Expr:
    """Return the begin of the period moved by the lengths before a position; null: there is no such time."""
    behind = pl.col("place") - 1
    clock = pl.when(one.minutes * behind < _MOST_MINUTES).then(one.minutes * behind)
    moved = pl.col("stamp_utc") + pl.duration(minutes=clock)
    if one.is_calendar:
        local = instants.to_local(pl.col("stamp_utc"), ZONE)
        steps = pl.format("{}mo{}d{}m", one.months * behind, one.days * behind, one.minutes * behind)
        low, high = instants.years(rows, "stamp_utc")
        most = int(rows["place"].cast(pl.Int64).max() or 0)  # type: ignore[arg-type]
        later = (one.months * most) // 12 + (one.days * most) // 365 + 1
        moved = times.to_utc(local.dt.offset_by(steps), ZONE, (low, high + later))
    return pl.when(moved.dt.year().is_between(times.FIRST_YEAR, times.LAST_YEAR)).then(moved)
