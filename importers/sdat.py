"""SDAT-CH: metered data of Swiss grid operators (message E66 of ebIX, validated metered data), XML.

Values have no stamps of their own: the n-th begins (n − 1) resolutions after the begin of the interval, in
UTC. The row of an issue is the number of the value in the message, which is often one line long.

A day whose values are all zero and all marked provisional (condition 21) is announced, not measured: it is
ignored with an issue and stays a gap until the delivery with its values comes. The standard lets the latest
delivery of a point and day win.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar, Final

import polars as pl

from bilanz import units
from bilanz.errors import FileRefused
from bilanz.issues import Issue
from bilanz.periods import local_iso
from bilanz.records import INSTANT, STATUS_ESTIMATED, STATUS_MEASURED, Direction
from importers.base import SURE, Claim, FileSample, Importer, ImportRequest, ImportResult, Workspace
from importers.formats import xml
from importers.interval import points
from importers.interval.findings import ROW, Findings
from importers.interval.points import POINT_SCHEMA, Facts
from importers.meterxml import sdat_message
from importers.meterxml.instants import utc
from importers.meterxml.sdat_message import Block, Message
from importers.meterxml.texts import shown
from importers.meterxml.values import POWER, check_series, ignore_all, leave_out, quantities

ZONE: Final = "Europe/Zurich"
_VALUE: Final = "Volume"
_SEQUENCE: Final = "Sequence"

_CANCELLATION: Final = "1"  # UN/EDIFACT 1225; 9 is an original
_PROVISIONAL: Final = "21"
_STATUS: Final = {"21": STATUS_ESTIMATED, "56": STATUS_ESTIMATED}  # temporary, estimated
_DIRECTIONS: Final = {"Consumption": Direction.CONSUMPTION, "Production": Direction.FEED_IN}
_SECTORS: Final = {"23": "electricity", "27": "natural_gas"}
_ACTIVE: Final = {"8716867000016": "active power", "8716867000030": "active energy"}
_REACTIVE: Final = frozenset(
    ["8716867000023", "8716867000047", "8716867000115", "8716867000122", "8716867000139", "8716867000146"]
)
_MINUTES: Final = {"MIN": 1, "HUR": 60, "H": 60, "HOUR": 60}
_ISO: Final = re.compile(r"PT(?:([0-9]{1,3})H)?(?:([0-9]{1,4})M)?", re.ASCII)
_DAY: Final = 1440
_GRIDS: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "last": pl.Int64,  # number of the last value
    "series": pl.Int32,
    "start": INSTANT,
    "minutes": pl.Int32,
    "slots": pl.Int64,  # intervals from begin to end
}
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class _Grid:
    """The instants of a block: the n-th value begins at start + (n − 1) minutes."""

    start: datetime
    minutes: int
    slots: int


class Sdat(Importer):
    """SDAT-CH messages E66."""

    name: ClassVar[str] = "sdat"
    version: ClassVar[str] = "1"
    suffixes: ClassVar[tuple[str, ...]] = (".xml",)

    def identify(self, sample: FileSample) -> Claim | None:
        """Claim a file whose root element is ValidatedMeteredData, in any version."""
        root = xml.root_name(sample.head) or ""
        if re.fullmatch(rf"{sdat_message.ROOT}(?:_[0-9]+)?", root, re.ASCII) is None:
            return None
        return Claim(max(SURE, 0.99), "Root element {root} of SDAT-CH (ebIX E66).", {"root": root})

    def read(self, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        """Read one message.

        Raises:
            FileRefused: too large, unsafe or broken XML, another document, or no values.
        """
        message = sdat_message.parse(path)
        workspace.progress(0.5)
        if message.type not in {None, "E66"}:
            told = "{file} is a message {value} of SDAT-CH; only E66 (metered data) is read."
            raise FileRefused(told, code="not_sdat", file=path.name, value=shown(message.type))
        if message.values.is_empty():
            raise FileRefused("{file} holds no metered values.", code="no_values", file=path.name)
        findings = Findings()
        facts, frame = _points(message, findings)
        check_series(path, len(facts))
        result = points.deliver(
            frame,
            facts,
            read=message.values.height,
            civil=request.zone or ZONE,
            request=request,
            workspace=workspace,
            findings=findings,
            latest_delivery=True,
        )
        return replace(result, delivered=utc(message.creation))


def _points(message: Message, findings: Findings) -> tuple[list[Facts], pl.DataFrame]:
    """Return facts and points of a message."""
    if message.status == _CANCELLATION:
        parameters = {"count": str(message.values.height)}
        issue = Issue("delivery_cancelled", value=_CANCELLATION, parameters=parameters)
        ignore_all(message.values.height, issue, findings)
        return [], pl.DataFrame(schema=POINT_SCHEMA)
    facts, grids = _blocks(message, findings)
    rows = _without_power(_placed(message.values, grids, findings), facts, findings)
    rows = quantities(rows, "volume", _VALUE, findings)
    rows = _without_placeholders(_with_status(rows, findings), facts, findings)
    return facts, rows.select(pl.col(name).cast(kind) for name, kind in POINT_SCHEMA.items())


def _blocks(message: Message, findings: Findings) -> tuple[list[Facts], pl.DataFrame]:
    """Return the facts, and the blocks (`_GRIDS`): null but for `last` where they have no place in time."""
    numbers: dict[tuple[str | None, ...], int] = {}
    facts: list[Facts] = []
    grids: list[tuple[int, int | None, datetime | None, int | None, int | None]] = []
    before = 0
    for block in message.blocks:
        count, first, before = block.last - before, before + 1, block.last
        grid = _grid(block)
        if count and grid is None:
            findings.refuse(count, _unusable(block, first, count))
            grids.append((block.last, None, None, None, None))
        elif count and grid is not None:
            key = (block.kind, block.point, block.product, block.unit)
            number = numbers.setdefault(key, len(facts))
            if number == len(facts):
                facts.append(_facts(block, message.sector))
                _say_virtual(block, first, findings)
            grids.append((block.last, number, grid.start, grid.minutes, grid.slots))
            if count != grid.slots:
                findings.add(_miscounted(grid, first, count))
    if left := message.values.height - before:
        findings.refuse(left, Issue("block_unusable", before + 1, "Observation", "–", {"count": str(left)}))
    return facts, pl.DataFrame(grids, schema=_GRIDS, orient="row")


def _facts(block: Block, sector: str | None) -> Facts:
    unit, refused = points.unit_facts(block.unit)
    if block.product in _REACTIVE:
        refused = ("refused_unit", block.product, {"reason": "reactive or apparent energy"})
    electric = "electricity" if block.product in _ACTIVE else None
    return Facts(
        source=block.point,
        title=_VALUE,
        unit=unit,
        activity=electric or _SECTORS.get(sector or ""),
        direction=_DIRECTIONS.get(block.kind),
        refused=None if refused is None else (refused[0], shown(refused[1]), refused[2]),
    )


def _grid(block: Block) -> _Grid | None:
    """Return where the values of a block lie in time; None: its interval or resolution is none."""
    start, end, minutes = utc(block.start), utc(block.end), _resolution(block)
    if start is None or end is None or minutes is None or end <= start:
        return None
    return _Grid(start, minutes, -((start - end) // (_MINUTE * minutes)))


def _resolution(block: Block) -> int | None:
    """Return the length of an interval in minutes: 15 MIN, 1 HUR or PT15M; None: no part of a day."""
    text = block.resolution or ""
    iso = _ISO.fullmatch(text)
    if iso is not None:
        minutes = int(iso[1] or 0) * 60 + int(iso[2] or 0)
    elif re.fullmatch("[0-9]{1,4}", text, re.ASCII):
        minutes = int(text) * _MINUTES.get((block.resolution_unit or "").upper(), 0)
    else:
        return None
    return minutes if 0 < minutes <= _DAY else None


def _unusable(block: Block, first: int, count: int) -> Issue:
    told = (block.start, block.end, block.resolution, block.resolution_unit)
    value = shown(" / ".join(text or "–" for text in told))
    return Issue("block_unusable", first, "Interval", value, {"count": str(count)})


def _miscounted(grid: _Grid, first: int, count: int) -> Issue:
    end = grid.start + _MINUTE * (grid.minutes * grid.slots)
    parameters = {
        "expected": str(grid.slots),
        "start": local_iso(ZONE, grid.start),
        "end": local_iso(ZONE, end),
    }
    return Issue("interval_count", first, "Interval", str(count), parameters)


def _say_virtual(block: Block, first: int, findings: Findings) -> None:
    if block.kind == "Virtual":
        findings.add(Issue("virtual_point", first, value=shown(block.point)))


def _placed(values: pl.DataFrame, grids: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """Return the values of usable blocks with series, start and minutes; a wrong position is rejected."""
    rows = values.join_asof(grids, left_on=ROW, right_on="last", strategy="forward")
    rows = rows.filter(pl.col("series").is_not_null())
    rows = rows.with_columns(position=pl.col("sequence").cast(pl.Int64, strict=False))
    wrong = rows.filter(pl.col("position").is_null())
    text = pl.col("sequence").fill_null("–").alias("value")
    findings.reject(wrong.select(ROW, text), "not_a_number", _SEQUENCE, expected="1")
    rows = rows.filter(pl.col("position").is_not_null())
    is_inside = pl.col("position").is_between(1, pl.col("slots"))
    expected = pl.struct(expected=pl.col("slots").cast(pl.String)).alias("parameters")
    findings.reject(rows.filter(~is_inside).select(ROW, text, expected), "position_outside", _SEQUENCE)
    rows = rows.filter(is_inside)
    since = pl.duration(minutes=pl.col("minutes").cast(pl.Int64) * (pl.col("position") - 1))
    return rows.with_columns(start=pl.col("start") + since)


def _without_power(rows: pl.DataFrame, facts: list[Facts], findings: Findings) -> pl.DataFrame:
    """Ignore the mean power of a point whose energy is in the message, too."""
    kinds = [units.dimension(one.unit) if one.unit is not None else "" for one in facts]
    energies = {
        (one.source, one.direction) for one, kind in zip(facts, kinds, strict=True) if kind == "energy"
    }
    repeats = [
        number
        for number, (one, kind) in enumerate(zip(facts, kinds, strict=True))
        if kind == "power" and (one.source, one.direction) in energies
    ]
    is_power = pl.col("series").is_in(repeats)
    if count := rows.select(is_power.sum()).item():
        leave_out(POWER, (facts[number].source or "" for number in repeats), count, findings)
    return rows.filter(~is_power)


def _with_status(rows: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """Add `status`; a condition nobody knows makes a value estimated, said once per code."""
    code = pl.col("condition")
    unknown = rows.filter(code.is_not_null() & (code != "") & ~code.is_in(list(_STATUS)))
    for text in unknown["condition"].unique().sort():
        findings.add(Issue("unknown_status", column="Condition", value=text))
    is_measured = code.is_null() | (code == "")
    status = pl.when(is_measured).then(STATUS_MEASURED).otherwise(STATUS_ESTIMATED)
    return rows.with_columns(status=status.cast(pl.Int8))


def _without_placeholders(rows: pl.DataFrame, facts: list[Facts], findings: Findings) -> pl.DataFrame:
    """Ignore the days of a series that hold nothing but zeros marked provisional."""
    day = pl.col("start").dt.replace_time_zone("UTC").dt.convert_time_zone(ZONE).dt.date()
    rows = rows.with_columns(day=day)
    is_empty = (pl.col("quantity") == 0) & (pl.col("condition") == _PROVISIONAL)
    is_placeholder = is_empty.fill_null(value=False).all().over("series", "day")
    days = (
        rows.filter(is_placeholder)
        .group_by("series", "day", maintain_order=True)
        .agg(pl.len(), pl.col(ROW).min())
    )
    for number, day_, count, row in days.iter_rows():
        parameters = {"count": str(count), "day": day_.isoformat(), "code": _PROVISIONAL}
        ignore_all(
            count, Issue("placeholder", row, _VALUE, shown(facts[number].source), parameters), findings
        )
    return rows.filter(~is_placeholder)
