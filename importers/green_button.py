"""Green Button (ESPI): usage data of utilities as an Atom feed, mostly North American.

A value counts value × 10^powerOfTenMultiplier of its unit, over an interval given in seconds since 1970
(UTC). What the codes mean stands in `importers.meterxml.espi`. The row of an issue is the number of the
IntervalReading in the feed. Titles (often an address), costs and usage summaries are not kept.
"""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import ClassVar, Final

import polars as pl

from bilanz.errors import FileRefused
from bilanz.issues import Issue
from bilanz.records import INSTANT, QUANTITY, STATUS_ESTIMATED
from importers.base import SURE, Claim, FileSample, Importer, ImportRequest, ImportResult, Workspace
from importers.columns.times import FIRST_YEAR, LAST_YEAR
from importers.formats import xml
from importers.interval import points, registers
from importers.interval.findings import ROW, Findings
from importers.interval.points import POINT_SCHEMA, Facts
from importers.interval.reading import ZONE
from importers.interval.scale import Scaled, scaled
from importers.meterxml import espi, espi_feed, repeats
from importers.meterxml.espi_feed import Feed, Series
from importers.meterxml.repeats import Measured
from importers.meterxml.texts import shown
from importers.meterxml.values import check_series, leave_out, named_apart, quantities

_VALUE: Final = "value"
_SECONDS: Final = r"^[0-9]{1,12}(?:\.[0-9]*)?$"
_MINUTE: Final = 60
_MOST_SECONDS: Final = 3 * 366 * 86_400
_FORECAST: Final = "a forecast, nothing measured"


class GreenButton(Importer):
    """Green Button feeds."""

    name: ClassVar[str] = "green_button"
    version: ClassVar[str] = "1"
    suffixes: ClassVar[tuple[str, ...]] = (".xml",)

    def identify(self, sample: FileSample) -> Claim | None:
        """Claim an Atom feed that holds elements of ESPI."""
        if xml.root_name(sample.head) != espi_feed.ROOT:
            return None
        if espi_feed.NAMESPACE not in xml.head_text(sample.head):
            return None
        parameters = {"namespace": espi_feed.NAMESPACE}
        return Claim(max(SURE, 0.99), "Atom feed with elements of {namespace}.", parameters)

    def read(self, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        """Read one feed.

        Raises:
            FileRefused: too large, unsafe or broken XML, another document, or no values.
        """
        feed = espi_feed.parse(path)
        workspace.progress(0.5)
        if feed.values.is_empty():
            raise FileRefused("{file} holds no metered values.", code="no_values", file=path.name)
        findings = Findings()
        civil = espi.zone(feed.times()) or request.zone
        if civil is None:
            findings.add(Issue("zone_assumed", parameters={"zone": ZONE}))
        every, rows = _numbered(feed, findings)
        check_series(path, len(every))
        frame = _points(rows, every, civil or ZONE, findings)
        labels = [one.name.rpartition("/MeterReading")[2].strip("/") for one in every]
        return points.deliver(
            frame,
            named_apart([_facts(one) for one in every], labels, frame),
            read=feed.values.height,
            civil=civil or ZONE,
            request=request,
            workspace=workspace,
            findings=findings,
        )


def _numbered(feed: Feed, findings: Findings) -> tuple[list[Measured], pl.DataFrame]:
    """Return the series of a feed, and its values with `series`; values outside any entry are rejected."""
    numbers: dict[int, int] = {}
    every: list[Measured] = []
    blocks = []
    for last, series in feed.series():
        number = numbers.setdefault(id(series), len(every))
        if number == len(every):
            path = series.reading.path if series.reading is not None else ""
            every.append(Measured(series, espi.meaning(series), path or "–"))
        blocks.append((last, number))
    frame = pl.DataFrame(blocks, schema={"last": pl.Int64, "series": pl.Int32}, orient="row")
    rows = feed.values.join_asof(frame, left_on=ROW, right_on="last", strategy="forward")
    if left := rows["series"].null_count():
        findings.refuse(left, Issue("block_unusable", None, "entry", "–", {"count": str(left)}))
    return every, rows.filter(pl.col("series").is_not_null())


def _facts(one: Measured) -> Facts:
    known = one.meaning
    return Facts(
        source=_source(one.series),
        title=_VALUE,
        unit=known.unit,
        activity=known.activity,
        direction=known.direction,
        refused=known.refused,
    )


def _source(series: Series) -> str | None:
    """Return the address of the usage point below that of the service; None where the feed has none."""
    path = series.point.path if series.point is not None else ""
    return shown(path.rpartition("/resource/")[2]) if path else None


def _points(rows: pl.DataFrame, every: Sequence[Measured], civil: str, findings: Findings) -> pl.DataFrame:
    """Return the points of all series; refused ones stay in, for the delivery to reject."""
    rows = _timed(rows, every, findings)
    rows = _without_shared_starts(rows, every, findings)
    rows = _without_seconds(rows, every, findings)
    rows = quantities(rows, "value_text", _VALUE, findings)
    rows = _with_status(_without_forecasts(rows, findings), every, findings)
    rows = _scaled(rows, every, findings)
    counts_on = pl.col("series").is_in([number for number, one in enumerate(every) if _counts_on(one)])
    intervals = rows.filter(~counts_on & (pl.col("minutes") > 0))
    lacking = rows.filter(~counts_on & (pl.col("minutes").fill_null(0) <= 0))
    findings.reject(lacking.select(ROW, pl.col("start").alias("value")), "length_missing", "duration")
    intervals = intervals.drop("start").rename({"start_at": "start"})
    return pl.concat(
        [
            intervals.select(pl.col(name).cast(kind) for name, kind in POINT_SCHEMA.items()),
            _differences(rows.filter(counts_on), len(every), civil, findings),
        ]
    )


def _counts_on(one: Measured) -> bool:
    return one.meaning.is_register and one.meaning.refused is None


def _differences(rows: pl.DataFrame, count: int, civil: str, findings: Findings) -> pl.DataFrame:
    """Return what registers counted; a register was read at the end of the interval stated with it."""
    at = pl.col("start_at") + pl.duration(minutes=pl.col("minutes").fill_null(0))
    readings = rows.select(
        pl.col("series"),
        at.cast(INSTANT).alias("instant"),
        pl.col("quantity").alias("reading"),
        "status",
        ROW,
    )
    return registers.differences(readings, [_VALUE] * count, civil=civil, findings=findings)


def _timed(rows: pl.DataFrame, every: Sequence[Measured], findings: Findings) -> pl.DataFrame:
    """Add `start_at` (UTC) and `seconds`; the type states the length where the value does not."""
    lengths = {number: _length(one) for number, one in enumerate(every)}
    usual = pl.col("series").replace_strict(lengths, default=None, return_dtype=pl.Int64)
    seconds = pl.coalesce(_whole(pl.col("duration")), usual)
    start = pl.from_epoch(_whole(pl.col("start")), time_unit="s").cast(INSTANT)
    rows = rows.with_columns(start_at=start, seconds=seconds)
    is_sane = pl.col("start_at").dt.year().is_between(FIRST_YEAR + 1, LAST_YEAR).fill_null(value=False)
    wrong = rows.filter(~is_sane).select(ROW, pl.col("start").fill_null("–").alias("value"))
    findings.reject(wrong, "not_a_date", "start", expected="seconds since 1970")
    return rows.filter(is_sane)


def _whole(text: pl.Expr) -> pl.Expr:
    """Return whole seconds; a fraction of one is cut off."""
    return (
        pl.when(text.str.contains(_SECONDS)).then(text.str.extract(r"^([0-9]+)")).cast(pl.Int64, strict=False)
    )


def _length(one: Measured) -> int | None:
    text = one.series.type.texts.get("intervalLength", "") if one.series.type is not None else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 and int(text) else None  # noqa: PLR2004 - digits of three years


def _without_shared_starts(rows: pl.DataFrame, every: Sequence[Measured], findings: Findings) -> pl.DataFrame:
    """Reject series whose intervals all begin at one instant: that is the time of the export."""
    shared = rows.group_by("series", maintain_order=True).agg(
        pl.len().alias("count"),
        pl.col("start_at").n_unique().alias("starts"),
        pl.col(ROW).min(),
        pl.col("start").first(),
    )
    found = shared.filter((pl.col("count") > 1) & (pl.col("starts") == 1))
    for number, count, _, row, start in found.iter_rows():
        parameters = {"count": str(count), "name": shown(every[number].name)}
        findings.refuse(count, Issue("shared_start", row, "start", start, parameters))
    return rows.filter(~pl.col("series").is_in(found["series"].implode()))


def _without_seconds(rows: pl.DataFrame, every: Sequence[Measured], findings: Findings) -> pl.DataFrame:
    """Add `minutes`; leave out series that repeat the energy of another one of their point."""
    whole = (pl.col("seconds") % _MINUTE == 0) & pl.col("seconds").is_between(1, _MOST_SECONDS)
    rows = rows.with_columns(minutes=pl.when(whole).then(pl.col("seconds") // _MINUTE).cast(pl.Int32))
    reasons: dict[str, list[int]] = {}
    spans = repeats.spans(rows)
    for number, reason in repeats.repeated(spans, every).items():
        reasons.setdefault(reason, []).append(number)
    for reason, numbers in reasons.items():
        count = sum(spans[number].count for number in numbers)
        leave_out(reason, (every[number].name for number in numbers), count, findings)
    left_out = [number for numbers in reasons.values() for number in numbers]
    return rows.filter(~pl.col("series").is_in(left_out))


def _without_forecasts(rows: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    is_forecast = _codes().list.contains(espi.FORECAST).fill_null(value=False)
    count = rows.select(is_forecast.sum()).item()
    if count:
        leave_out(_FORECAST, (f"quality {espi.FORECAST}",), count, findings)
    return rows.filter(~is_forecast)


def _codes() -> pl.Expr:
    """Return the codes of quality of a value."""
    return pl.col("quality").str.strip_chars().str.split(" ")


def _with_status(rows: pl.DataFrame, every: Sequence[Measured], findings: Findings) -> pl.DataFrame:
    """Add `status`: the worst of the codes; that of the type where the value has none."""
    usual = {number: _default_quality(one) for number, one in enumerate(every)}
    default = pl.col("series").replace_strict(usual, default="0", return_dtype=pl.String)
    text = pl.when(pl.col("quality").fill_null("").str.strip_chars() == "").then(default).otherwise("quality")
    rows = rows.with_columns(quality=text)
    distinct = rows["quality"].unique().to_list()
    known = {word: _status(word) for word in distinct}
    for code in sorted({code for word in distinct for code in word.split() if code not in espi.STATUS}):
        findings.add(Issue("unknown_status", column="quality", value=code))
    return rows.with_columns(status=pl.col("quality").replace_strict(known, return_dtype=pl.Int8))


def _default_quality(one: Measured) -> str:
    return one.series.type.texts.get("defaultQuality", "0") if one.series.type is not None else "0"


def _status(word: str) -> int:
    return max((espi.STATUS.get(code, STATUS_ESTIMATED) for code in word.split()), default=STATUS_ESTIMATED)


def _scaled(rows: pl.DataFrame, every: Sequence[Measured], findings: Findings) -> pl.DataFrame:
    """Return the values in the units of their series; what is too large or too small to store is rejected."""
    parts = [pl.DataFrame(schema=rows.schema)]
    rounded, change = 0, Fraction(0)
    for (number,), part in rows.group_by("series", maintain_order=True):
        factor = every[int(str(number))].meaning.factor
        product = scaled(part["quantity"], factor)
        is_lost = ((product.quantities == 0) & (part["quantity"] != 0)).fill_null(value=False)
        _reject(part.filter(product.quantities.is_null()), "number_too_large", findings)
        _reject(part.filter(is_lost), "number_too_small", findings)
        kept = part.filter(product.quantities.is_not_null() & ~is_lost)
        product = scaled(kept["quantity"], factor)
        rounded, change = rounded + product.rounded, change + product.change
        parts.append(kept.with_columns(product.quantities.cast(QUANTITY).alias("quantity")))
    if rounded:
        difference = Scaled(pl.Series(dtype=QUANTITY), rounded, change).difference
        findings.add(
            Issue("rounded", column=_VALUE, parameters={"count": str(rounded), "difference": difference})
        )
    return pl.concat(parts).sort(ROW)


def _reject(rows: pl.DataFrame, code: str, findings: Findings) -> None:
    findings.reject(rows.select(ROW, pl.col("value_text").alias("value")), code, _VALUE)
