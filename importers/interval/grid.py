"""Cells of complete series → readings on a grid in UTC.

local time ──► UTC ──► order ──► interval of the series ──► begin of each reading
                                              │
   duplicates and overlaps rejected, gaps named, power turned into energy, nothing filled in
"""

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Final

import polars as pl

from bilanz import units
from bilanz.errors import FileRefused
from bilanz.periods import local_iso
from bilanz.records import INSTANT, QUANTITY, READING_SCHEMA
from importers.columns import times
from importers.interval.findings import LISTED, ROW, Findings

DAY_MINUTES: Final = 1440
_HOUR: Final = 60
_MINUTE: Final = timedelta(minutes=1)
_JUDGED: Final = 20
_REGULAR: Final = 0.5
_MICRO: Final = pl.Decimal(38, 6)


@dataclass(frozen=True, slots=True)
class Clock:
    """How the times of a group are to be understood.

    Attributes:
        zone: IANA zone of local times; None: they are UTC already.
        civil: zone whose days count, for messages too.
    """

    zone: str | None
    civil: str


def _year_span(cells: pl.DataFrame) -> tuple[int, int]:
    local = pl.col("local")
    low, high = cells.select(low=local.min().dt.year(), high=local.max().dt.year()).row(0)
    return low, high


def to_instants(cells: pl.DataFrame, clock: Clock, column: str, findings: Findings) -> pl.DataFrame:
    """Add `stamp` in UTC; reject times that do not exist, resolve the doubled hour by the order of rows."""
    if clock.zone is None or cells.is_empty():
        return cells.with_columns(stamp=pl.col("local"))
    years = _year_span(cells)
    cells = cells.with_columns(stamp=times.to_utc(pl.col("local"), clock.zone, years))
    if cells["stamp"].null_count():
        missing = cells.filter(pl.col("stamp").is_null())
        findings.reject(_shown(missing, "local"), "nonexistent_time", column, zone=clock.zone)
        cells = cells.filter(pl.col("stamp").is_not_null())
    folded = cells.select(times.in_fold(pl.col("local"), clock.zone, years).alias("x"))["x"].arg_true()
    return _unfolded(cells, folded, clock.zone, years, column, findings) if folded.len() else cells


def _unfolded(
    cells: pl.DataFrame,
    places: pl.Series,
    zone: str,
    years: tuple[int, int],
    column: str,
    findings: Findings,
) -> pl.DataFrame:
    rows = cells[places].rename({ROW: "row"})
    number = times.fold_pass(rows)
    untold = rows.filter(number.is_null()).rename({"row": ROW})
    findings.note(_shown(untold, "local"), "ambiguous_time", column, zone=zone)
    later = rows["stamp"] + times.fold_length(zone, years)
    stamp = pl.select(pl.when(number == 2).then(later).otherwise(rows["stamp"])).to_series()  # noqa: PLR2004
    return cells.with_columns(cells["stamp"].clone().scatter(places, stamp).alias("stamp"))


def _shown(rows: pl.DataFrame, column: str) -> pl.DataFrame:
    return rows.select(ROW, pl.col(column).dt.to_string("%Y-%m-%d %H:%M").alias("value"))


def ordered(cells: pl.DataFrame) -> pl.DataFrame:
    """Return cells by series and stamp; among equals in the order of the file."""
    same = pl.col("series") == pl.col("series").shift(1)
    rising = (pl.col("stamp") >= pl.col("stamp").shift(1)) | ~same
    if cells["series"].is_sorted() and cells.select(rising.fill_null(value=True).all()).item():
        return cells
    return cells.sort("series", "stamp", ROW)


def with_step(cells: pl.DataFrame) -> pl.DataFrame:
    """Add `step`: minutes since the stamp before in the series; null at its first."""
    step = (pl.col("stamp") - pl.col("stamp").shift(1)).dt.total_minutes()
    same = pl.col("series") == pl.col("series").shift(1)
    return cells.with_columns(step=pl.when(same).then(step).cast(pl.Int32))


def intervals(cells: pl.DataFrame) -> pl.DataFrame:
    """Return the interval of each series in minutes: the most frequent length, or distance of stamps.

    Shape: `series`, `minutes`; a series of one value without an end takes the interval most series have.
    """
    kind = pl.col("length") if cells["length"].null_count() < cells.height else pl.col("step")
    low, high, known = cells.select(low=kind.min(), high=kind.max(), known=kind.count()).row(0)
    every = cells.select(pl.col("series").unique().sort())
    if known and 0 < low == high:
        return every.with_columns(minutes=pl.lit(low, dtype=pl.Int32))
    counted = (
        cells.lazy()
        .select("series", minutes=kind)
        .filter(pl.col("minutes") > 0)
        .group_by("series", "minutes")
        .len()
        .sort("series", "len", "minutes", descending=[False, True, False])
        .unique("series", keep="first", maintain_order=True)
        .select("series", "minutes", "len")
        .collect()
    )
    usual = (
        counted.group_by("minutes").agg(pl.col("len").sum()).sort("len", "minutes", descending=[True, False])
    )
    found = every.join(counted.select("series", "minutes"), on="series", how="left", maintain_order="left")
    return found.with_columns(pl.coalesce("minutes", pl.lit(usual["minutes"].first(), dtype=pl.Int32)))


def with_intervals(cells: pl.DataFrame) -> pl.DataFrame:
    """Add `minutes`, the interval of each series (see `intervals`)."""
    found = intervals(cells)
    usual = found["minutes"].unique()
    if usual.len() == 1:
        return cells.with_columns(minutes=pl.lit(usual[0], dtype=pl.Int32))
    return cells.join(found, on="series", how="left", maintain_order="left")


def refuse_irregular(cells: pl.DataFrame, column: str) -> None:
    """Refuse what is no series of intervals: charging sessions, events, readings by hand.

    Raises:
        FileRefused: most lengths or distances differ from the interval of their series.
    """
    kind = pl.col("length") if cells["length"].null_count() < cells.height else pl.col("step")
    known, fitting = cells.select(
        known=((kind != 0) & kind.is_not_null()).sum(), fitting=(kind == pl.col("minutes")).sum()
    ).row(0)
    if known >= _JUDGED and fitting < _REGULAR * known:
        message = (
            'The times of "{column}" lie at no regular distance: this is no load profile. '
            "Nothing was imported."
        )
        raise FileRefused(message, code="irregular_times", column=column)


def stamp_votes(cells: pl.DataFrame, clock: Clock) -> tuple[int, int]:
    """Return how many series begin at 00:00 and do not end there, and how many the other way round.

    The former are stamped at the begin of the interval, the latter at its end.
    """
    edges = cells.group_by("series").agg(first=pl.col("stamp").min(), last=pl.col("stamp").max())
    zone = clock.zone or clock.civil
    local = edges.select(
        (pl.col(name).dt.replace_time_zone("UTC").dt.convert_time_zone(zone).dt.time() == pl.time(0))
        for name in ("first", "last")
    )
    begins = local.filter(pl.col("first") & ~pl.col("last")).height
    return begins, local.filter(~pl.col("first") & pl.col("last")).height


def without_repeats(readings: pl.DataFrame, column: str, clock: Clock, findings: Findings) -> pl.DataFrame:
    """Reject the second mention of an interval and what overlaps an interval of the grid.

    Shape: readings with `step` (minutes since the one before in the series).
    """
    repeated = pl.col("step") == 0
    if readings.select(repeated.any()).item():
        first = pl.when(repeated.not_() | pl.col("step").is_null()).then(pl.col(ROW)).forward_fill()
        marked = readings.with_columns(first=first)
        rows = marked.filter(repeated)
        findings.reject(_with_first(rows, clock), "duplicate_interval", column)
        readings = with_step(readings.filter(repeated.not_() | pl.col("step").is_null()))
    is_short = pl.col("step") < pl.col("minutes")
    return (
        _without_overlaps(readings, column, clock, findings)
        if readings.select(is_short.any()).item()
        else readings
    )


def _without_overlaps(readings: pl.DataFrame, column: str, clock: Clock, findings: Findings) -> pl.DataFrame:
    """Reject readings off the grid of their series that overlap one on it, or an earlier one off it."""
    epoch = pl.col("stamp").dt.epoch("us") // 60_000_000
    phased = readings.with_columns(phase=epoch % pl.col("minutes"), slot=epoch // pl.col("minutes"))
    usual = phased.group_by("series", "phase").len().sort("len", "phase", descending=[True, False])
    usual = usual.unique("series", keep="first", maintain_order=True).select("series", usual="phase")
    phased = phased.join(usual, on="series", how="left", maintain_order="left")
    phased = phased.with_columns(slot=(epoch - pl.col("usual")) // pl.col("minutes"))
    on = phased.filter(pl.col("phase") == pl.col("usual")).select("series", "slot", first=ROW)
    off = phased.filter(pl.col("phase") != pl.col("usual"))
    both = pl.concat([on, on.with_columns(slot=pl.col("slot") - 1)]).unique(["series", "slot"], keep="first")
    off = off.join(both, on=["series", "slot"], how="left", maintain_order="left")
    earlier = pl.col(ROW).first().over("series", "slot")
    first = pl.coalesce(pl.col("first"), pl.when(earlier != pl.col(ROW)).then(earlier))
    wrong = off.with_columns(first=first).filter(pl.col("first").is_not_null())
    findings.reject(_with_first(wrong, clock), "overlapping_interval", column)
    return with_step(
        readings.join(wrong.select("series", ROW), on=["series", ROW], how="anti", maintain_order="left")
    )


def _with_first(rows: pl.DataFrame, clock: Clock) -> pl.DataFrame:
    """Name the interval and the row that holds it already."""
    shown = [local_iso(clock.civil, stamp) for stamp in rows["stamp"].head(LISTED)]
    return rows.select(
        ROW,
        pl.Series("value", shown + [""] * (rows.height - len(shown)), dtype=pl.String),
        pl.struct(first=pl.col("first").cast(pl.String)).alias("parameters"),
    )


def crosses_midnight(readings: pl.DataFrame, clock: Clock) -> pl.Series | None:
    """Return which readings end on another civil day than they begin; None: none does.

    A grid of whole parts of an hour that starts at full hours never does, in zones of whole hours.
    """
    minutes = pl.col("minutes")
    phase = pl.col("start").dt.epoch("us") // 60_000_000 % minutes
    if readings.select(((phase == 0) & (minutes <= _HOUR)).all()).item():
        return None
    local = pl.col("start").dt.replace_time_zone("UTC").dt.convert_time_zone(clock.civil)
    since = local.dt.hour().cast(pl.Int32) * _HOUR + local.dt.minute()
    found = readings.select((since + minutes > DAY_MINUTES).alias("x"))["x"]
    return found if found.any() else None


def name_gaps(readings: pl.DataFrame, column: str, clock: Clock, findings: Findings) -> None:
    """Raise an issue per run of missing intervals, at the row behind it."""
    gaps = readings.filter(pl.col("step") >= 2 * pl.col("minutes"))
    if gaps.is_empty():
        return
    few = gaps.head(LISTED)
    rows = [
        {
            "count": str(step // minutes - 1),
            "start": local_iso(clock.civil, start - _MINUTE * (step - minutes)),
            "end": local_iso(clock.civil, start),
        }
        for start, step, minutes in few.select("start", "step", "minutes").iter_rows()
    ]
    rows += [{"count": "", "start": "", "end": ""}] * (gaps.height - few.height)
    findings.note(gaps.select(ROW).with_columns(pl.Series("parameters", rows)), "gap", column)


def with_energy(readings: pl.DataFrame, power: str) -> tuple[pl.DataFrame, int]:
    """Turn mean power into energy of the interval, half-even to six decimals; return how many were rounded.

    Shape: readings with `minutes`; `quantity` changed. Exact integer arithmetic in millionths.
    """
    shares = {minutes: share(power, minutes) for minutes in readings["minutes"].unique()}
    if not shares:
        return readings, 0
    minutes = pl.col("minutes")
    over = minutes.replace_strict({key: one.numerator for key, one in shares.items()}, return_dtype=pl.Int64)
    under = minutes.replace_strict(
        {key: one.denominator for key, one in shares.items()}, return_dtype=pl.Int64
    )
    product = pl.col("quantity").to_physical().cast(pl.Int128) * over
    parts = readings.select(whole=product // under, rest=product % under * 2, under=under)
    up = (pl.col("rest") > pl.col("under")) | (
        (pl.col("rest") == pl.col("under")) & (pl.col("whole") % 2 == 1)
    )
    micro = (pl.col("whole") + up.cast(pl.Int128)).cast(pl.Decimal(38, 0)) * pl.lit("0.000001").cast(_MICRO)
    quantity = parts.select(micro.cast(QUANTITY).alias("quantity")).to_series()
    return readings.with_columns(quantity), parts.select((pl.col("rest") != 0).sum()).item()


def energy_unit(unit: str, minutes: int) -> str:
    """Return the unit values are stored in: power has become energy."""
    found = units.energy_of_power(unit, minutes)
    return unit if found is None else found[0]


def share(power: str, minutes: int) -> Fraction:
    """Return the energy of one unit of mean power over an interval, in the energy unit that belongs to it."""
    found = units.energy_of_power(power, minutes)
    return Fraction(1) if found is None else found[1]


def as_readings(cells: pl.DataFrame) -> pl.DataFrame:
    """Return `READING_SCHEMA` of cells with `start` and `minutes`."""
    return cells.select(
        "series",
        pl.col("start").cast(INSTANT),
        pl.col("minutes").cast(pl.Int32),
        "quantity",
        "status",
        pl.col(ROW).alias("source_row"),
    ).select(*READING_SCHEMA)
