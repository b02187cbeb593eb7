"""EDA: metered data of Austrian grid operators (ConsumptionRecord of ebutilities.at, 01p31 and 01p41), XML.

Every value has its own begin and end. Of several codes of one point only the metered total counts; shares
within an energy community are parts of it (`importers.meterxml.metercodes`). The row of an issue is the
number of the value in the message.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Final

import polars as pl

from bilanz.errors import FileRefused
from bilanz.issues import Issue
from bilanz.records import STATUS_ESTIMATED, STATUS_MEASURED
from importers.base import SURE, Claim, FileSample, Importer, ImportRequest, ImportResult, Workspace
from importers.columns import times
from importers.formats import xml
from importers.interval import points
from importers.interval.findings import ROW, Findings
from importers.interval.points import POINT_SCHEMA, Facts
from importers.meterxml import eda_message, metercodes
from importers.meterxml.eda_message import Block, Message
from importers.meterxml.instants import placed, utc
from importers.meterxml.metercodes import Series
from importers.meterxml.texts import shown
from importers.meterxml.values import check_series, leave_out, named_apart, quantities, unit_mismatch

ZONE: Final = "Europe/Vienna"
_PUBLISHER: Final = "ebutilities.at"
_VALUE: Final = "BQ"

_TEST: Final = "SIMU"
_SECTORS: Final = {"01": "electricity", "02": "natural_gas"}
_METHODS: Final = {"L1": STATUS_MEASURED, "L2": STATUS_ESTIMATED, "L3": STATUS_ESTIMATED}


class Eda(Importer):
    """ConsumptionRecord messages of EDA."""

    name: ClassVar[str] = "eda"
    version: ClassVar[str] = "1"
    suffixes: ClassVar[tuple[str, ...]] = (".xml",)

    def identify(self, sample: FileSample) -> Claim | None:
        """Claim a file whose root element is a ConsumptionRecord of ebutilities.at."""
        if xml.root_name(sample.head) != eda_message.ROOT or _PUBLISHER not in xml.head_text(sample.head):
            return None
        parameters = {"root": eda_message.ROOT, "publisher": _PUBLISHER}
        return Claim(max(SURE, 0.99), "Root element {root} of {publisher}.", parameters)

    def read(self, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        """Read one message.

        Raises:
            FileRefused: too large, unsafe or broken XML, another document, a test message, or no values.
        """
        message = eda_message.parse(path)
        workspace.progress(0.5)
        if message.mode == _TEST:
            told = "{file} is a test message (DocumentMode {value}); it holds no real data."
            raise FileRefused(told, code="test_message", file=path.name, value=_TEST)
        if message.values.is_empty():
            raise FileRefused("{file} holds no metered values.", code="no_values", file=path.name)
        findings = Findings()
        zone = request.zone or ZONE
        numbers = _numbered(message.blocks)
        check_series(path, len(numbers))
        left_out = metercodes.left_out(numbers)
        rows = _with_blocks(message, numbers, left_out, findings)
        rows = _counted(rows, numbers, left_out, findings)
        rows = quantities(rows, "quantity_text", _VALUE, findings)
        rows = _with_status(_timed(rows, zone, findings), findings)
        facts = [_facts(one, message.sector) for one in numbers]
        result = points.deliver(
            rows.select(pl.col(name).cast(kind) for name, kind in POINT_SCHEMA.items()),
            named_apart(facts, [one.code for one in numbers], rows),
            read=message.values.height,
            civil=zone,
            request=request,
            workspace=workspace,
            findings=findings,
            latest_delivery=True,
        )
        return replace(result, delivered=utc(message.creation))


def _numbered(blocks: tuple[Block, ...]) -> dict[Series, int]:
    """Return the series of a message with their numbers."""
    numbers: dict[Series, int] = {}
    for block in blocks:
        numbers.setdefault(Series(block.point, block.code, block.unit), len(numbers))
    return numbers


def _facts(one: Series, sector: str | None) -> Facts:
    unit, refused = points.unit_facts(one.unit)
    activity = metercodes.activity(one.code) or _SECTORS.get(sector or "")
    refused = refused or unit_mismatch(activity, unit, is_power=True)
    return Facts(
        source=one.point,
        title=_VALUE,
        unit=unit,
        activity=activity,
        direction=metercodes.direction(one.code),
        refused=None if refused is None else (refused[0], shown(refused[1]), refused[2]),
    )


def _with_blocks(
    message: Message, numbers: Mapping[Series, int], left_out: Mapping[Series, str], findings: Findings
) -> pl.DataFrame:
    """Return the values with `series` and `interval`; those outside any EnergyData are rejected."""
    rows: list[tuple[int, int, str | None]] = []
    before = 0
    for block in message.blocks:
        count, first, before = block.last - before, before + 1, block.last
        one = Series(block.point, block.code, block.unit)
        if count:
            rows.append((block.last, numbers[one], block.interval))
        if count and one not in left_out:
            _check_count(block, first, count, findings)
    if left := message.values.height - before:
        findings.refuse(left, Issue("block_unusable", before + 1, "EP", "–", {"count": str(left)}))
    schema = {"last": pl.Int64(), "series": pl.Int32(), "interval": pl.String()}
    blocks = pl.DataFrame(rows, schema=schema, orient="row")
    joined = message.values.join_asof(blocks, left_on=ROW, right_on="last", strategy="forward")
    return joined.filter(pl.col("series").is_not_null())


def _check_count(block: Block, first: int, count: int, findings: Findings) -> None:
    if block.expected is not None and block.expected.lstrip("0") != str(count):
        parameters = {
            "expected": shown(block.expected),
            "start": shown(block.start),
            "end": shown(block.end),
        }
        findings.add(Issue("interval_count", first, shown(block.code), str(count), parameters))


def _counted(
    rows: pl.DataFrame, numbers: Mapping[Series, int], left_out: Mapping[Series, str], findings: Findings
) -> pl.DataFrame:
    """Ignore the values of the series that are parts of others."""
    sizes = dict(rows.group_by("series").len().iter_rows())
    reasons: dict[str, list[Series]] = {}
    for one, reason in left_out.items():
        reasons.setdefault(reason, []).append(one)
    for reason, parts in reasons.items():
        count = sum(sizes.get(numbers[one], 0) for one in parts)
        leave_out(reason, (one.code for one in parts), count, findings)
    return rows.filter(~pl.col("series").is_in([numbers[one] for one in left_out]))


def _timed(rows: pl.DataFrame, zone: str, findings: Findings) -> pl.DataFrame:
    """Return the values with `start` in UTC and `minutes`; where no end is stated, the interval gives it."""
    rows = placed(placed(rows, "start", zone), "end", zone)
    wrong = pl.col("start_at").is_null() | (pl.col("end_at").is_null() & (pl.col("end").fill_null("") != ""))
    text = pl.when(pl.col("start_at").is_null()).then(pl.col("start")).otherwise(pl.col("end"))
    refused = rows.filter(wrong).select(ROW, text.fill_null("–").alias("value"))
    findings.reject(refused, "not_a_date", "DTF", expected="YYYY-MM-DDTHH:MM:SS+HH:MM")
    rows = rows.filter(~wrong).with_columns(minutes=_minutes(zone))
    unknown = rows.filter(pl.col("minutes").is_null()).select(ROW, pl.col("start").alias("value"))
    findings.reject(unknown, "length_missing", "DTT")
    backward = rows.filter(pl.col("minutes") <= 0)
    span = pl.concat_str("start", "end", separator=" / ", ignore_nulls=True).alias("value")
    findings.reject(backward.select(ROW, span), "end_before_start", "DTT")
    return rows.filter(pl.col("minutes") > 0).drop("start").rename({"start_at": "start"})


def _minutes(zone: str) -> pl.Expr:
    """Return the length of an interval: to its end, else as its code says (QH, H, D: a civil day)."""
    start, interval = pl.col("start_at"), pl.col("interval")
    local = start.dt.replace_time_zone("UTC").dt.convert_time_zone(zone).dt.replace_time_zone(None)
    end = pl.coalesce(
        "end_at",
        pl.when(interval == "QH").then(start + pl.duration(minutes=15)),
        pl.when(interval == "H").then(start + pl.duration(hours=1)),
        pl.when(interval == "D").then(times.to_utc(local + pl.duration(days=1), zone)),
    )
    return (end - start).dt.total_minutes().cast(pl.Int32)


def _with_status(rows: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """Add `status`: L1 is metered, L2 and L3 are substitutes; another code is taken as one, and said."""
    method = pl.col("method")
    for word in rows.filter(~method.is_in(list(_METHODS)))["method"].unique().sort():
        findings.add(Issue("unknown_status", column="MM", value=word or "–"))
    status = method.replace_strict(_METHODS, default=STATUS_ESTIMATED, return_dtype=pl.Int8)
    return rows.with_columns(status=status)
