"""Hourly and quarter-hourly values of Datadis (Spain) in JSON."""

from pathlib import Path
from typing import ClassVar, Final

import polars as pl

from bilanz.issues import Issue
from bilanz.records import Direction, Quality
from importers.base import Claim, FileSample, Importer, ImportRequest, ImportResult, Workspace
from importers.columns import times
from importers.formats import json
from importers.interval.findings import ROW, Findings
from importers.interval.points import Facts
from importers.metering import finish, instants
from importers.metering.cells import Cells
from importers.metering.document import Node, first, has_members, objects, text

ZONE: Final = "Europe/Madrid"
CANARIES: Final = "Atlantic/Canary"
_STAMP: Final = "time"
_CONSUMPTION: Final = "consumptionKWh"
_OWN_USE: Final = "selfConsumptionEnergyKWh"
_GENERATION: Final = "generationEnergyKWh"
_FIELDS: Final = {
    _CONSUMPTION: Direction.CONSUMPTION,
    "surplusEnergyKWh": Direction.FEED_IN,
    _GENERATION: Direction.GENERATION,
}
_QUALITIES: Final = {"REAL": finish.MEASURED, "ESTIMADA": finish.ESTIMATED, "ESTIMADO": finish.ESTIMATED}
_DAY_HOURS: Final = 24
_HOUR, _QUARTER = 60, 15


class Datadis(Importer):
    """One row per hour or quarter hour, labelled with its end in local time: 01:00 to 24:00."""

    name: ClassVar[str] = "datadis"
    version: ClassVar[str] = "1"
    suffixes: ClassVar[tuple[str, ...]] = (".json",)

    def identify(self, sample: FileSample) -> Claim | None:
        """Claim by the point of supply and the consumption in kWh."""
        if not has_members(sample.head, "cups", "date", "time", _CONSUMPTION):
            return None
        return Claim(0.97, "hourly values of Datadis (Spain)")

    def read(self, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        """Read the file; see `Importer.read`."""
        cells, findings = Cells(), Findings()
        own_use = 0
        for number, entry in enumerate(_rows(json.read(path)), start=1):
            own_use += _take(entry, number, cells)
        workspace.progress(0.5)
        if own_use:
            _leave_out(own_use, cells, findings)
        rows = finish.with_status(cells.frame(), _QUALITIES, _CONSUMPTION, findings)
        _say_unstated(rows, findings)
        rows = finish.with_quantities(rows, cells.facts, findings)
        zone = CANARIES if request.zone == CANARIES else ZONE
        return finish.delivered(
            _placed(rows, zone, request, findings),
            cells,
            civil=zone,
            request=request,
            workspace=workspace,
            findings=findings,
        )


def _rows(document: object) -> list[Node]:
    return [entry for entry in objects(document) if "cups" in entry and "date" in entry]


def _take(entry: Node, row: int, cells: Cells) -> bool:
    """Take the values of one row; return whether it states a use of own generation as well.

    A field that is null beside the consumption is not stated: many operators leave it so.
    """
    meter = first(entry, ("cups",))
    stamp = f"{text(entry.get('date')) or ''} {text(entry.get(_STAMP)) or ''}".strip()
    for name, direction in _FIELDS.items():
        value = text(entry.get(name))
        if name != _CONSUMPTION and value is None:
            continue
        series = cells.series(_facts, meter, name, direction)
        cells.take(series, row, text=value, stamp=stamp, quality=first(entry, ("obtainMethod",)))
    return text(entry.get(_OWN_USE)) is not None


def _facts(meter: str | None, name: str, direction: Direction) -> Facts:
    return Facts(meter, name, "kWh", "electricity", direction)


def _leave_out(count: int, cells: Cells, findings: Findings) -> None:
    """Ignore the use of own generation: it is a part of the generation, and no energy of its own."""
    cells.read += count
    findings.ignored += count
    parameters = {"count": str(count), "first": _GENERATION}
    findings.add(Issue("repeated_series", column=_OWN_USE, value=_OWN_USE, parameters=parameters))


def _say_unstated(rows: pl.DataFrame, findings: Findings) -> None:
    count = rows.filter(pl.col("quality").is_null()).height
    if count:
        parameters = {"count": str(count), "quality": str(Quality.MEASURED)}
        findings.add(Issue("quality_assumed", column="obtainMethod", parameters=parameters))


def _placed(rows: pl.DataFrame, zone: str, request: ImportRequest, findings: Findings) -> pl.DataFrame:
    """Return the rows with `start` and `minutes`."""
    is_fine = pl.col("stamp").str.contains(r":(?:15|30|45)$").any().over("series")
    rows = rows.with_columns(minutes=pl.when(is_fine).then(_QUARTER).otherwise(_HOUR).cast(pl.Int32))
    declared = request.declared.get("date") or request.declared.get(_STAMP)
    counted = _counted(rows, zone)
    labelled = rows.filter(~counted["is_counted"])
    labelled = instants.read_ends(labelled, "stamp", _STAMP, zone, findings, declared)
    numbered = rows.with_columns(start=counted["start"]).filter(counted["is_counted"])
    return pl.concat([labelled, numbered.select(labelled.columns)]).sort(ROW, maintain_order=True)


def _counted(rows: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Return whether the hours of a row's day are numbered through (01 to 23 in March, 01 to 25 in October).

    Shape: `is_counted` and `start`, one row per row given. Labels that follow the clock skip or repeat one.
    """
    date = pl.col("stamp").str.extract(r"^(\d{4}[/-]\d\d[/-]\d\d) ", 1).str.replace_all("/", "-")
    hour = pl.col("stamp").str.extract(r" (\d\d):00$", 1).cast(pl.Int64)
    rows = rows.select("series", "minutes", hour=hour, day=date.str.to_date("%Y-%m-%d", strict=False))
    years = rows.select(low=pl.col("day").min().dt.year(), high=pl.col("day").max().dt.year()).row(0)
    if years[0] is None or not times.FIRST_YEAR <= years[0] <= years[1] < times.LAST_YEAR:
        nothing = rows.with_columns(
            is_counted=pl.lit(value=False), start=pl.lit(None, dtype=pl.Datetime("us"))
        )
        return nothing.select("is_counted", "start")
    midnight = pl.col("day").cast(pl.Datetime("us"))
    begin = times.to_utc(midnight, zone, (years[0], years[1] + 1))
    end = times.to_utc(midnight + pl.duration(days=1), zone, (years[0], years[1] + 1))
    rows = rows.with_columns(begin=begin, hours=(end - begin).dt.total_hours())
    per_day = ["series", "day"]
    numbered = (pl.col("hour").max().over(per_day) == pl.col("hours")) & (
        pl.col("hour").n_unique().over(per_day) == pl.col("hours")
    )
    changes = (pl.col("hours") != _DAY_HOURS) & (pl.col("minutes") == _HOUR)
    is_counted = (numbered & changes & pl.col("hour").is_not_null()).fill_null(value=False)
    return rows.select(is_counted=is_counted, start=pl.col("begin") + pl.duration(hours=pl.col("hour") - 1))
