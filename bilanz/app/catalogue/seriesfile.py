"""A file of values by time → starts in UTC and one column of numbers per header.

Meant for what grid operators and market platforms publish: SMARD (`Datum von;Datum bis;…`, `Datum;Anfang;…`),
ENTSO-E (`MTU`, a range of local or UTC time), and any CSV with one column of times. Times state the begin of
their interval. A value that is not there stays missing; a row that cannot be read is listed with its reason.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from bilanz.errors import FileRefused
from importers.columns import numbers, times
from importers.columns.numbers import Ambiguous
from importers.formats.delimited import ROW, Delimited, open_delimited
from importers.interval.vocabulary import role

MISSING: Final = ("-", "–", "—", "n/e", "n/a", "N/A", "NA", "NaN", "nan", "null")
"""What publishers write where they know no value."""

_RANGE: Final = " - "
_STATED: Final = re.compile(r"\b(UTC|GMT|CET/CEST|CET|CEST)\b")
_TAIL: Final = r"\s*\((?:UTC|GMT|CET/CEST|CET|CEST)\)\s*$"
_UTC: Final = ("UTC", "GMT")
_SECOND: Final = 2
_REASONS: Final = {
    "time": "This is not a time.",
    "nonexistent": "The clock skips this hour, or it occurs twice and nothing tells which is meant.",
    "number": "This is not a number.",
    "twice": "The file states this time more than once; none of the rows was taken.",
    "grid": "The time lies beside the grid of the series.",
    "ragged": "The row has another number of cells than the header.",
}


@dataclass(frozen=True, slots=True)
class Rejected:
    """A cell or row that was not taken, and why (English template)."""

    row: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class SeriesFile:
    """What a file says. `frame`: `start` (UTC), then one DECIMAL column per header asked for, ascending."""

    frame: pl.DataFrame
    minutes: int
    rejected: tuple[Rejected, ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """A file before its values are read: header texts, and which columns state the time."""

    file: Delimited
    clock: tuple[str, ...]
    values: tuple[str, ...]


def open_series(path: Path) -> Opened:
    """Return header and time columns of a file.

    Raises:
        FileRefused: empty, binary, a repeated header, or no column of times.
    """
    file = open_delimited(path)
    if file.duplicates:
        message = '{file}: the column "{column}" is there twice.'
        raise FileRefused(message, file=path.name, column=file.duplicates[0])
    clock = _clock(file.header)
    if not clock:
        message = '{file}: no column of times ("Datum von", "MTU", "timestamp" or similar) was found.'
        raise FileRefused(message, file=path.name)
    begins = {*clock, "Datum bis", "End date", "Ende", "Area"}
    values = tuple(text for text in file.header if text and text not in begins and _is_value(text))
    return Opened(file, clock, values)


def _is_value(header: str) -> bool:
    return role(header) not in {"date_end", "end", "date", "clock"}


def _clock(header: Sequence[str]) -> tuple[str, ...]:
    """Return the columns that state the begin of an interval: one, or date and clock."""
    ranges = [text for text in header if text.upper().startswith("MTU")]
    roles = {text: role(text) for text in header if text}
    begins = [text for text, kind in roles.items() if kind in {"date_begin", "begin", "stamp"}]
    dates = [text for text, kind in roles.items() if kind == "date"]
    clocks = [text for text, kind in roles.items() if kind == "clock" or text == "Anfang"]
    if ranges or begins:
        return ((ranges or begins)[0],)
    return (dates[0], *clocks[:1]) if dates else tuple(clocks[:1])


def read_series(
    opened: Opened,
    columns: Sequence[str],
    *,
    zone: str,
    scale: int,
    declared: Mapping[str, str],
) -> SeriesFile:
    """Return times and values of some columns.

    Args:
        opened: the file.
        columns: headers of the values.
        zone: IANA zone of times that state none.
        scale: decimals kept, rounded half-even.
        declared: header → format of its times or numbers, where a file leaves it open.

    Raises:
        FileRefused: the format of times or numbers is open, or no interval of an hour or less is found.
    """
    path = opened.file.path
    text, ragged = opened.file.table()
    rejected = [_reject(issue.row or 0, "", "", "ragged") for issue in ragged]
    place = {header: str(index) for index, header in enumerate(opened.file.header)}
    text = text.select(ROW, *(pl.col(place[name]).alias(name) for name in (*opened.clock, *columns)))
    blank = pl.all_horizontal(_is_missing(pl.col(name)) for name in columns)
    stamped = _starts(text, opened, zone, declared)
    lacking = stamped.filter(pl.col("start").is_null() & ~blank)
    for row, said, is_gap in lacking.select(ROW, "said", "is_gap").iter_rows():
        rejected.append(_reject(row, opened.clock[0], said or "", "nonexistent" if is_gap else "time"))
    stamped = stamped.filter(pl.col("start").is_not_null())
    minutes = _minutes(stamped["start"], path)
    stamped, beside = _on_grid(stamped, minutes, opened.clock[0])
    values, misread = _numbers(stamped, columns, scale, declared, path)
    rejected += [*beside, *misread]
    return SeriesFile(values.sort("start"), minutes, tuple(sorted(rejected, key=lambda entry: entry.row)))


def _reject(row: int, column: str, value: str, reason: str) -> Rejected:
    return Rejected(row, column, value, _REASONS[reason])


def _is_missing(column: pl.Expr) -> pl.Expr:
    return numbers.is_blank(column) | column.str.strip_chars().is_in(MISSING)


def _starts(text: pl.DataFrame, opened: Opened, zone: str, declared: Mapping[str, str]) -> pl.DataFrame:
    """Add `start` in UTC (null: no time), `said` (the text) and `is_gap` (skipped by the clock)."""
    said = pl.concat_str([pl.col(name) for name in opened.clock], separator=" ")
    begin = said.str.split(_RANGE).list.first() if opened.clock[0].upper().startswith("MTU") else said
    bare = text.with_columns(
        said=said,
        bare=begin.str.replace(_TAIL, "").str.strip_chars(),
        mark=said.str.extract(r"\((UTC|GMT|CET/CEST|CET|CEST)\)", 1),
    )
    fmt = times.decide_series(bare["bare"], declared.get(opened.clock[0]))
    if fmt is None or isinstance(fmt, Ambiguous):
        raise _undecided(opened.file.path, opened.clock[0], fmt)
    local = bare.with_columns(local=times.to_local(pl.col("bare"), fmt))
    if fmt.has_offset:
        return local.with_columns(start=pl.col("local"), is_gap=pl.lit(value=False))
    stated = _STATED.search(opened.clock[0]) or _STATED.search(" ".join(local["mark"].drop_nulls().unique()))
    return _instants(local, "Etc/UTC" if stated and stated[0] in _UTC else zone)


def _instants(local: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Turn local times into UTC; its mark or the order of rows says which pass of a doubled hour it is."""
    years = local["local"].dt.year().drop_nulls().to_list()
    span = (min(years, default=times.FIRST_YEAR), max(years, default=times.FIRST_YEAR))
    folded = local.with_columns(
        start=times.to_utc(pl.col("local"), zone, span), is_fold=times.in_fold(pl.col("local"), zone, span)
    )
    doubled = folded.filter(pl.col("is_fold").fill_null(value=False))
    if doubled.height:
        marked = pl.when(pl.col("mark") == "CET").then(2).when(pl.col("mark") == "CEST").then(1)
        told = times.fold_pass(doubled.select(series=pl.lit(0), local="local", row=ROW))
        passes = doubled.select(ROW, number=pl.coalesce(marked, told))
        folded = folded.join(passes, on=ROW, how="left", maintain_order="left")
        later = pl.col("start") + times.fold_length(zone, span)
        # one pass only: which hour it is, nobody knows
        unknown = pl.col("is_fold") & pl.col("number").is_null()
        start = pl.when(pl.col("number") == _SECOND).then(later).when(~unknown).then("start")
        folded = folded.with_columns(start=start)
    return folded.with_columns(is_gap=pl.col("local").is_not_null() & pl.col("start").is_null())


def _minutes(starts: pl.Series, path: Path) -> int:
    """Return the most frequent distance of neighbouring starts."""
    steps = starts.unique().sort().diff().drop_nulls().dt.total_minutes()
    found = steps.mode().sort()
    minutes = int(found[0]) if found.len() else 0
    if minutes < 1 or 60 % minutes:
        message = (
            "{file}: intervals of an hour, or of a part of an hour, are expected; "
            "found are {minutes} minutes."
        )
        raise FileRefused(message, file=path.name, minutes=minutes or "–")
    return minutes


def _on_grid(rows: pl.DataFrame, minutes: int, column: str) -> tuple[pl.DataFrame, list[Rejected]]:
    """Take rows on the grid whose time occurs once."""
    beside = pl.col("start").dt.timestamp("us") % (minutes * 60_000_000) != 0
    kept = rows.filter(~beside & ~pl.col("start").is_duplicated())
    rejected = [
        _reject(row, column, said, "grid" if is_beside else "twice")
        for row, said, is_beside in rows.filter(~pl.col(ROW).is_in(kept[ROW].implode()))
        .select(ROW, "said", beside.alias("beside"))
        .iter_rows()
    ]
    return kept, rejected


def _numbers(
    rows: pl.DataFrame, columns: Sequence[str], scale: int, declared: Mapping[str, str], path: Path
) -> tuple[pl.DataFrame, list[Rejected]]:
    """Read all values in the one format they share: one program wrote them."""
    text = rows.with_columns(
        pl.when(~_is_missing(pl.col(name))).then(pl.col(name)).alias(name) for name in columns
    )
    stated = next((declared[name] for name in columns if name in declared), None)
    fmt = numbers.decide_series(pl.concat([text[name].rename("x") for name in columns]), stated)
    if isinstance(fmt, Ambiguous):
        raise _undecided(path, columns[0], fmt)
    read = text.select(
        "start", ROW, *(numbers.to_decimal(pl.col(name), fmt, scale).alias(name) for name in columns)
    )
    rejected: list[Rejected] = []
    for name in columns:
        wrong = text.filter(text[name].is_not_null() & read[name].is_null())
        rejected += [
            _reject(row, name, value, "number") for row, value in wrong.select(ROW, name).iter_rows()
        ]
    return read.drop(ROW), rejected


def _undecided(path: Path, column: str, found: Any) -> FileRefused:  # noqa: ANN401 - Ambiguous or None
    candidates = " / ".join(found.candidates) if isinstance(found, Ambiguous) else "YYYY-MM-DD HH:MM"
    message = '{file}, column "{column}": how it is written is open ({candidates}); state it with --declare.'
    return FileRefused(message, file=path.name, column=column, candidates=candidates)
