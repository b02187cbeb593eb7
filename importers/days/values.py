"""Cells of a row-per-day table → points: numbers, statuses, sums of the day, one column after the other."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

import polars as pl

from bilanz.issues import Issue
from bilanz.records import STATUS_ESTIMATED, STATUS_MEASURED
from importers.columns import numbers
from importers.columns.numbers import Ambiguous, NumberFormat
from importers.days import clock
from importers.days.columns import DAY, Day
from importers.interval import vocabulary
from importers.interval.findings import ROW, Findings
from importers.interval.points import POINT_SCHEMA

_EXACT: Final = pl.Decimal(38, 6)


@dataclass(slots=True)
class Values:
    """Reads the cells of one quantity.

    Attributes:
        frame: rows of the table with `__row`, `day` (midnight as written), `series` (Int32) and the texts by
            position; only rows with a date and a series.
        header: header texts by position.
        zone: of the days.
        points: read so far.
    """

    frame: pl.DataFrame
    header: tuple[str, ...]
    day: Day
    zone: str
    findings: Findings
    unknown: set[str] = field(default_factory=set)
    _points: list[pl.DataFrame] = field(default_factory=list)
    _rounded: list[pl.Series] = field(default_factory=list)

    def read(self, declared: str | None, total: int | None) -> pl.DataFrame:
        """Return the points (`POINT_SCHEMA`), in the order of the rows."""
        fmt = number_format(self.frame, self.day, declared)
        if isinstance(fmt, Ambiguous):
            self._refuse(fmt)
            return pl.DataFrame(schema=POINT_SCHEMA)
        starts = clock.begins(self.frame["day"], self.day, self.zone)
        parsed = [numbers.read_series(self.frame[str(place)], fmt) for place in self.day.places]
        for number, (place, quantity) in enumerate(zip(self.day.places, parsed, strict=True)):
            self._column(number, place, quantity, starts[number], fmt)
        if total is not None:
            self._compare(parsed, total, fmt)
        self._say()
        if not self._points:
            return pl.DataFrame(schema=POINT_SCHEMA)
        return pl.concat(self._points).sort("series", "start", ROW)

    def _refuse(self, fmt: Ambiguous) -> None:
        blank = sum(
            int(self.frame.select(numbers.is_blank(pl.col(str(place))).sum()).item())
            for place in self.day.places
        )
        self.findings.ignored += blank
        count = self.frame.height * len(self.day.places) - blank
        self.findings.refuse(count, fmt.issue(self.day.title))

    def _column(
        self, number: int, place: int, quantity: pl.Series, start: pl.Series, fmt: NumberFormat
    ) -> None:
        """Take the values of one column; say what cannot be taken."""
        title, texts = self.header[place], self.frame[str(place)]
        rows = self.frame.select(ROW, "series", value=texts, day="day").with_columns(
            quantity=quantity, start=start, status=self._status(number)
        )
        if quantity.null_count():
            empty = numbers.is_blank(pl.col("value"))
            missing = rows.filter(pl.col("quantity").is_null())
            self.findings.ignore(missing.filter(empty).select(ROW), "blank", title)
            wrong = missing.filter(~empty).select(ROW, "value")
            self.findings.reject(wrong, "not_a_number", title, expected=fmt.label)
            rows = rows.filter(pl.col("quantity").is_not_null())
        rows = self._without_missing(rows, number, title)
        negative = rows["quantity"] < 0
        if negative.any():
            self.findings.reject(rows.filter(negative).select(ROW, "value"), "negative_metered", title)
            rows = rows.filter(~negative)
        if rows["start"].null_count():
            rows = self._outside(rows, title)
        if self.day.is_clock:
            self._doubled(number, title)
        self._rounded.append(texts.to_frame("x").select(numbers.excess(pl.col("x"), fmt))["x"].drop_nulls())
        taken = rows.with_columns(minutes=pl.lit(self.day.minutes))
        self._points.append(taken.select(pl.col(name).cast(kind) for name, kind in POINT_SCHEMA.items()))

    def _outside(self, rows: pl.DataFrame, title: str) -> pl.DataFrame:
        """Leave out what lies in no interval of its day: zeros fill the column, other values are rejected."""
        outside = pl.col("start").is_null()
        zero = outside & (pl.col("quantity") == 0)
        shown = pl.col("day").dt.to_string("%Y-%m-%d").alias("value")
        self.findings.ignore(rows.filter(zero).select(ROW, shown), "period_outside_day", title)
        self.findings.reject(
            rows.filter(outside & ~zero).select(ROW, shown), "value_outside_day", title, zone=self.zone
        )
        return rows.filter(~outside)

    def _doubled(self, number: int, title: str) -> None:
        doubled = clock.is_doubled(self.frame["day"], self.day, number, self.zone)
        rows = self.frame.filter(doubled)
        shown = rows.select(ROW, pl.col("day").dt.to_string(f"%Y-%m-%d {title}").alias("value"))
        self.findings.note(shown, "ambiguous_time", title, zone=self.zone)

    def _without_missing(self, rows: pl.DataFrame, number: int, title: str) -> pl.DataFrame:
        """Ignore zeros whose status says that the value is missing."""
        said = self._states(number)
        if said is None:
            return rows
        known = self.frame.select(ROW, said=pl.col(said).fill_null(""))
        words = [text for text in known["said"].unique() if vocabulary.is_missing(text)]
        absent = known.filter(pl.col("said").is_in(words))
        found = rows.filter(pl.col("quantity") == 0).join(absent, on=ROW)
        shown = found.select(ROW, "value", parameters=pl.struct(status="said"))
        self.findings.ignore(shown, "marked_missing", title)
        return rows.filter(~pl.col(ROW).is_in(found[ROW].implode()))

    def _states(self, number: int) -> str | None:
        """Return the column of the statuses of a column, its own or that of the row."""
        name = str(self.day.status[number]) if self.day.status else "status"
        return name if name in self.frame.columns else None

    def _status(self, number: int) -> pl.Series:
        """Return STATUS_* of a column, from its status column or that of the row."""
        name = self._states(number)
        if name is None:
            return pl.repeat(STATUS_MEASURED, self.frame.height, dtype=pl.Int8, eager=True)
        texts = self.frame[name].fill_null("")
        table = {}
        for text in texts.unique():
            known = vocabulary.status(text)
            if known is None:
                self.unknown.add(text)
            table[text] = STATUS_ESTIMATED if known is None else known
        return texts.replace_strict(table, return_dtype=pl.Int8).cast(pl.Int8)

    def _compare(self, parsed: list[pl.Series], total: int, fmt: NumberFormat) -> None:
        """Hold the values of each row against the sum it states."""
        texts = self.frame[str(total)]
        decided = numbers.decide_series(texts)
        stated_as = decided if isinstance(decided, NumberFormat) and decided.decimal == fmt.decimal else fmt
        names = [f"q{number}" for number in range(len(parsed))]
        table = pl.DataFrame([one.cast(_EXACT).alias(name) for name, one in zip(names, parsed, strict=True)])
        added = table.select(pl.sum_horizontal(names)).to_series()
        both = self.frame.select(ROW, value=texts).with_columns(
            added=added, stated=numbers.read_series(texts, stated_as).cast(_EXACT)
        )
        off = both.filter((pl.col("added") - pl.col("stated")).abs() > self._tolerance(texts, fmt))
        shown = off.select(
            ROW,
            pl.Series("value", [_plain(value) for value in off["added"]], dtype=pl.String),
            pl.Series("parameters", [{"expected": _plain(value)} for value in off["stated"]]),
        )
        self.findings.note(shown, "control_sum", self.header[total])

    def _tolerance(self, texts: pl.Series, fmt: NumberFormat) -> Decimal:
        """Return what rounding of the values and of the sum can amount to."""
        own = _decimals(texts, fmt)
        values = max(_decimals(self.frame[str(place)], fmt) for place in self.day.places)
        spread = Decimal(len(self.day.places)) * Decimal(10) ** -values if own < values else Decimal(0)
        return (Decimal(10) ** -own + spread) / 2

    def _say(self) -> None:
        changes = pl.concat(self._rounded) if self._rounded else pl.Series(dtype=pl.Decimal(38, 18))
        if changes.len():
            parameters = {"count": str(changes.len()), "difference": f"{changes.sum():f}"}
            self.findings.add(Issue("rounded", column=self.day.title, parameters=parameters))
        self.findings.add(*(Issue("unknown_status", value=word) for word in sorted(self.unknown)))


def number_format(frame: pl.DataFrame, day: Day, declared: str | None) -> NumberFormat | Ambiguous:
    """Decide the format of all columns of a quantity together."""
    counts: dict[str, int] = {}
    for survey in frame.select(
        numbers.survey(pl.col(str(place))).alias(str(place)) for place in day.places
    ).row(0):
        counts = _added(counts, survey)
    return numbers.decide(counts, declared)


def has_values_outside(frame: pl.DataFrame, day: Day, zone: str) -> bool:
    """Return whether a day without an hour has numbers other than zero in all its columns of that hour.

    Such a file does not change its clock. Shape: as `Values.frame`.
    """
    starts = clock.begins(frame["day"], day, zone)
    outside = [
        (place, start.is_null())
        for place, start in zip(day.places, starts, strict=True)
        if start.null_count()
    ]
    regular = DAY // day.minutes
    outside = [(place, mask) for place, mask in outside if day.places.index(place) < regular]
    if not outside:
        return False
    marks = [
        (mask, frame[str(place)].str.contains("[1-9]").fill_null(value=False)) for place, mask in outside
    ]
    concerned = sum(int(mask.sum()) for mask, _ in marks)
    return concerned > 0 and all(bool((says | ~mask).all()) for mask, says in marks)


def _added(counts: Mapping[str, int], survey: Mapping[str, int]) -> dict[str, int]:
    return {name: counts.get(name, 0) + count for name, count in survey.items()}


def _decimals(texts: pl.Series, fmt: NumberFormat) -> int:
    tails = texts.str.strip_chars().str.extract(rf"[{fmt.decimal}]([0-9]+)$", 1).str.len_chars()
    return int(str(tails.max() or 0))


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
