"""Load curves and daily values of Enedis (France) in JSON.

    meter_reading { usage_point_id, reading_type, interval_reading [ value, date, interval_length ] }
    { idPrm, grandeur [ grandeurMetier, unite, points [ v, d, p, n ] ] }        since 2026, and in R63 and R65

A date with a time ends its interval, a date alone is its day. Power beside the energy of the same connection
and time is ignored.
"""

from pathlib import Path
from typing import ClassVar, Final

import polars as pl

from bilanz import units
from bilanz.records import Direction
from importers.base import Claim, FileSample, Importer, ImportRequest, ImportResult, Workspace
from importers.formats import json
from importers.interval import cover
from importers.interval.findings import Findings
from importers.interval.points import Facts, unit_facts
from importers.metering import finish, instants
from importers.metering.cells import Cells
from importers.metering.document import Node, first, has_members, node, nodes, objects, text
from importers.meterxml.values import POWER, leave_out

ZONE: Final = "Europe/Paris"
_TITLE: Final = "value"
_STAMP: Final = "date"
_QUALITIES: Final = {
    "B": finish.MEASURED,  # brut
    "BRUT": finish.MEASURED,
    "R": finish.MEASURED,  # réel
    "C": finish.ESTIMATED,  # corrigé
    "CORRIGE": finish.ESTIMATED,
    "E": finish.ESTIMATED,
    "ESTIME": finish.ESTIMATED,
}
_CURVE: Final = frozenset({"average", "sum", ""})
_ACTIVE: Final = frozenset({"EA", "PA", ""})
_DIRECTIONS: Final = {"CONS": Direction.CONSUMPTION, "PROD": Direction.FEED_IN}
_DAY: Final = "P1D"
_CLOCK: Final = r"\d[ T]\d{1,2}:\d\d"


class Enedis(Importer):
    """Mean power in watts per interval, stamped at its end, and energy per day."""

    name: ClassVar[str] = "enedis"
    version: ClassVar[str] = "1"
    suffixes: ClassVar[tuple[str, ...]] = (".json",)

    def identify(self, sample: FileSample) -> Claim | None:
        """Claim by the readings with their reading type."""
        is_reading = has_members(sample.head, "usage_point_id", "reading_type", "interval_reading")
        if not is_reading and not has_members(sample.head, "idPrm", "grandeur", "points"):
            return None
        return Claim(0.97, "a load curve or daily values of Enedis (France)")

    def read(self, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        """Read the file; see `Importer.read`."""
        cells, findings = Cells(), Findings()
        for entry in objects(json.read(path)):
            if isinstance(entry.get("interval_reading"), list | dict):
                _take(entry, cells)
            elif "idPrm" in entry:
                _take_quantities(entry, cells)
        workspace.progress(0.5)
        rows = finish.with_status(cells.frame(), _QUALITIES, _TITLE, findings)
        rows = finish.with_quantities(rows, cells.facts, findings)
        return finish.delivered(
            _without_power(_placed(rows, findings), cells.facts, findings),
            cells,
            civil=ZONE,
            request=request,
            workspace=workspace,
            findings=findings,
        )


def _take(reading: Node, cells: Cells) -> None:
    """Take the values of one `meter_reading`."""
    kind = node(reading.get("reading_type"))
    meter = first(reading, ("usage_point_id",))
    unit = first(kind, ("unit",))
    aggregate = (first(kind, ("aggregate",)) or "").lower()
    length = first(kind, ("measuring_period", "interval_length"))
    quality = first(reading, ("quality",))
    series = cells.series(_facts, meter, unit, aggregate, None)
    for entry in nodes(reading["interval_reading"]):
        cells.take(
            series,
            text=text(entry.get("value")),
            stamp=text(entry.get(_STAMP)),
            length=first(entry, ("interval_length",)) or length,
            quality=first(entry, ("measure_type",)) or quality,
        )


def _take_quantities(measure: Node, cells: Cells) -> None:
    """Take the values of one `mesure`, which holds one or more quantities of a connection."""
    meter = first(measure, ("idPrm",))
    step, stage = first(measure, ("pas",)), first(measure, ("etapeMetier",))
    for quantity in nodes(measure.get("grandeur")):
        kind = first(quantity, ("grandeurPhysique",)) or ""
        business = first(quantity, ("grandeurMetier",))
        aggregate = "" if kind in _ACTIVE else kind
        series = cells.series(_facts, meter, first(quantity, ("unite",)), aggregate, business)
        for entry in nodes(quantity.get("points")):
            value = text(entry.get("v"))
            cells.take(
                series,
                text=None if value == "null" else value,
                stamp=text(entry.get("d")),
                length=first(entry, ("p",)) or step,
                quality=first(entry, ("n",)) or stage,
            )


def _facts(meter: str | None, unit: str | None, aggregate: str, business: str | None) -> Facts:
    canonical, refused = unit_facts(unit)
    power = units.find(unit or "")
    if power is not None and units.dimension(power.unit) == "power":
        canonical, refused = power.unit, None  # the length of each interval is stated
    if aggregate not in _CURVE:
        canonical, refused = None, ("refused_unit", unit, {"reason": "not a quantity of energy or volume"})
    direction = _DIRECTIONS.get(business or "")
    if business is not None and direction is None and refused is None:
        canonical, refused = None, ("unknown_value", business, {"expected": ", ".join(_DIRECTIONS)})
    return Facts(meter, _TITLE, canonical, "electricity", direction, refused=refused)


def _without_power(rows: pl.DataFrame, facts: list[Facts], findings: Findings) -> pl.DataFrame:
    """Ignore the power of times whose energy is stated, too."""
    keys = [f"{one.source}|{one.direction or Direction.CONSUMPTION}" for one in facts]
    is_energy = [one.unit is not None and units.dimension(one.unit) == "energy" for one in facts]
    repeats = cover.beside(rows, keys, is_energy) >= cover.MOSTLY
    gone = rows.filter(repeats)
    if gone.height:
        leave_out(POWER, (facts[number].source or "" for number in gone["series"]), gone.height, findings)
    return rows.filter(~repeats)


def _placed(rows: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """Return the rows with `start` and `minutes`: a stamp with a time ends an interval, a date is a day."""
    is_day = ~pl.col("stamp").str.contains(_CLOCK).fill_null(value=False)
    days = rows.filter(is_day).with_columns(pl.col("length").fill_null(_DAY))
    days = instants.read(days, "stamp", _STAMP, ZONE, findings).rename({"stamp_utc": "start"})
    days = finish.with_minutes(days, ZONE, _STAMP, findings)
    curve = finish.with_clock_minutes(rows.filter(~is_day), _STAMP, findings)
    curve = instants.read_ends(curve, "stamp", _STAMP, ZONE, findings)
    return pl.concat([curve, days.select(curve.columns)]).sort("__row")
