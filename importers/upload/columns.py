"""The columns of a table under the names of its fields, and their text as numbers and instants."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import polars as pl

from bilanz.issues import Issue
from bilanz.records import INSTANT, QUANTITY
from importers.columns import numbers, times
from importers.columns.declared import format_of, unit_of
from importers.columns.headers import Match
from importers.upload.findings import ROW, Findings
from importers.upload.table import OWN, Table

_CELL_NUMBER: Final = numbers.NumberFormat(".")
_CELL_DATE: Final = "YYYY-MM-DD"
_SEVERAL: Final = 2
_TYPED: Final = "__typed"
_CLOCK: Final = r"\d(?:[T\s\u00a0]+|, ?)\d{1,2}:?\d\d"
_LARGE: Final = (
    r"^[-+−]?(?:[0-9](?:[.,'’  ]?[0-9]){13,}(?:[.,][0-9]+)?|[0-9]+(?:[.,][0-9]+)?[eE][+]?[0-9]{1,3})$"
)
_NEVER: Final = pl.lit(value=False)


@dataclass(frozen=True, slots=True)
class Columns:
    """What reads the columns of one file, and where it says what it found.

    Attributes:
        match: the header against the fields.
        declared: column header → declared format.
        zone: IANA zone of local times.
        findings: of the file.
        formats: title → format, of the columns read so far whose values or declaration decided it.
        has_mixed_dates: one column of dates may have several layouts; each is read by itself.
    """

    match: Match
    declared: Mapping[str, str]
    zone: str
    findings: Findings
    formats: dict[str, str] = field(default_factory=dict)
    has_mixed_dates: bool = False

    def title(self, name: str) -> str:
        """Return the header text of a field's column, or the field's name where it has none."""
        return self.match.title(name).removeprefix(OWN) or name

    def unit_of(self, name: str) -> str | None:
        """Return the unit stated for a whole column: by its header, else declared; None: by neither."""
        return self.match.brackets.get(name) or unit_of(self.declared.get(self.match.title(name)))

    def named(self, table: Table, names: Sequence[str]) -> pl.DataFrame:
        """Return `__row` and per field its text: trimmed, null where blank or where there is no column.

        Where the file is a workbook, `<name>__typed` says whether the cell is a number or date.
        """
        columns = [pl.col(ROW), *(self._text(name) for name in names)]
        frame = table.frame.select(columns)
        if table.typed is None:
            return frame
        return frame.with_columns(
            table.typed[str(position)].alias(name + _TYPED)
            for name, position in self.match.positions.items()
            if name in names
        )

    def number(self, rows: pl.DataFrame, name: str) -> pl.DataFrame:
        """Return the rows with `<name>_value` (DECIMAL(19,6)); null where blank or not a number.

        The format is decided from all values of the column; numbers of a workbook need no decision.
        """
        value, text, typed, title = f"{name}_value", pl.col(name), _typed(rows, name), self.title(name)
        if rows[name].null_count() == rows.height:
            return rows.with_columns(pl.lit(None, dtype=QUANTITY).alias(value))
        fmt = self._number_format(rows, name)
        cell = pl.when(typed).then(numbers.to_decimal(text, _CELL_NUMBER))
        if isinstance(fmt, numbers.Ambiguous):
            self._refuse(rows.filter(~typed & text.is_not_null()), fmt, title)
            return rows.with_columns(cell.alias(value))
        rows = rows.with_columns(cell.otherwise(numbers.to_decimal(text, fmt)).alias(value))
        wrong = rows.filter(text.is_not_null() & pl.col(value).is_null())
        is_large = text.str.contains(_LARGE)
        self.findings.flag(wrong.filter(is_large), "number_too_large", title, text)
        self.findings.flag(wrong.filter(~is_large), "not_a_number", title, text, expected=fmt.label)
        excess = pl.when(typed).then(numbers.excess(text, _CELL_NUMBER)).otherwise(numbers.excess(text, fmt))
        self.findings.add_rounding(rows.select(excess.alias("x"))["x"], title)
        return rows

    def lenient_number(self, rows: pl.DataFrame, name: str) -> pl.DataFrame:
        """Return the rows with `<name>_value`, null where it cannot be read: for what decides nothing."""
        aside = Columns(self.match, self.declared, self.zone, Findings())
        return aside.number(rows, name)

    def instant(self, rows: pl.DataFrame, name: str, *, beside: str | None = None) -> pl.DataFrame:
        """Return the rows with `<name>_utc`, and `<name>_close`: the end of the day where there is no time.

        `<name>_day` says whether the text states a day without a time.

        Args:
            rows: with the text column `name`.
            name: of the field.
            beside: a second column of times; where nothing in the first decides between day and month, its
                format decides (all starts are the first of a month, the ends are not).
        """
        typed = _typed(rows, name)
        declared = self.declared.get(self.title(name)) or self._format_beside(rows, name, beside)
        parts = [
            *self._layouts(rows.filter(~typed), name, declared),
            self._instants(rows.filter(typed), name, _CELL_DATE),
        ]
        return rows.join(pl.concat(parts), on=ROW, how="left", maintain_order="left")

    def without_midnights(self, rows: pl.DataFrame, start: str, end: str) -> pl.DataFrame:
        """Return the rows, midnights of a workbook behind a start with a time of day taken as moments.

        23:00 – 00:00 is an hour, 1 January – 31 January are days. Where some rows have times and others none,
        that is said: the others are taken as days.
        """
        is_date, is_clock = pl.col(f"{end}_day"), ~pl.col(f"{start}_day")
        moment = _typed(rows, end) & is_date & is_clock
        days = rows.filter(_typed(rows, end) & is_date & pl.col(f"{start}_day") & pl.col(end).is_not_null())
        if days.height and rows.select((~is_date | is_clock).any()).item():
            parameters = {"count": str(days.height)}
            self.findings.add(Issue("days_assumed", column=self.title(end), parameters=parameters))
        return rows.with_columns(
            pl.when(moment).then(f"{end}_utc").otherwise(f"{end}_close").alias(f"{end}_close")
        )

    def _number_format(self, rows: pl.DataFrame, name: str) -> numbers.NumberFormat | numbers.Ambiguous:
        """Decide the format of a column from its texts, and keep it where they or a declaration prove it.

        Whole numbers prove nothing: `12` keeps both signs open for whoever mends a row.
        """
        typed, title = _typed(rows, name), self.title(name)
        texts, declared = rows.filter(~typed)[name], format_of(self.declared.get(title))
        counts = texts.to_frame("x").select(numbers.survey(pl.col("x")).alias("s")).item()
        fmt = numbers.decide(counts, declared)
        if isinstance(fmt, numbers.Ambiguous):
            return fmt
        if declared is not None and numbers.parse_declared(declared) is not None:
            self.formats[title] = declared.strip()
        elif counts["comma"] or counts["point"]:
            self.formats[title] = fmt.label
        elif rows.select((typed & pl.col(name).is_not_null()).any()).item():
            self.formats[title] = _CELL_NUMBER.label
        return fmt

    def _format_beside(self, rows: pl.DataFrame, name: str, beside: str | None) -> str | None:
        """Return the format of the column beside where this one alone is ambiguous."""
        if beside is None:
            return None
        own, other = (times.decide_series(rows.filter(~_typed(rows, it))[it]) for it in (name, beside))
        if not isinstance(own, numbers.Ambiguous):
            return None
        if declared := self.declared.get(self.title(beside)):
            return declared
        label = other.label if isinstance(other, times.TimeFormat) else ""
        return next((layout for layout in own.candidates if label.startswith(layout)), None)

    def _text(self, name: str) -> pl.Expr:
        position = self.match.positions.get(name)
        if position is None:
            return pl.lit(None, dtype=pl.String).alias(name)
        bare = pl.col(str(position)).str.strip_chars(numbers.BLANKS + "\r\n")
        return pl.when(bare != "").then(bare).alias(name)

    def _layouts(self, rows: pl.DataFrame, name: str, declared: str | None) -> list[pl.DataFrame]:
        """Read rows of texts; where a column may mix layouts of dates, layout by layout.

        Day and month of each layout are told apart by its own dates; a declared layout holds for the dates
        that can be written so.
        """
        groups = times.layouts_of(rows[name]) if self.has_mixed_dates else []
        if len(groups) < _SEVERAL:
            return [self._instants(rows, name, declared)]
        self._say_layouts(rows, name, groups)
        own = [
            declared if declared and times.parse_declared(declared) in group.labels else None
            for group in groups
        ]
        return [
            self._instants(rows.filter(group.is_so), name, form, is_part=True)
            for group, form in zip(groups, own, strict=True)
        ]

    def _say_layouts(self, rows: pl.DataFrame, name: str, groups: Sequence[times.Group]) -> None:
        """Say that a column of dates has several layouts, and keep what rejected rows have to declare."""
        title = self.title(name)
        shown = ", ".join(" / ".join(group.labels) for group in groups)
        self.findings.add(Issue("mixed_dates", column=title, parameters={"layouts": shown}))
        for group in groups:
            found = times.decide_series(rows.filter(group.is_so)[name], self.declared.get(title))
            if len(group.labels) > 1 and isinstance(found, times.TimeFormat):
                self.formats[title] = times.parse_declared(found.label) or found.label

    def _instants(
        self, rows: pl.DataFrame, name: str, declared: str | None, *, is_part: bool = False
    ) -> pl.DataFrame:
        """Read rows whose texts share one format; returns `__row` and the columns `instant` adds.

        `is_part`: other rows of the column are written in another way.
        """
        text, title = pl.col(name), self.title(name)
        fmt = times.decide_series(rows[name], declared)
        if fmt is None or isinstance(fmt, numbers.Ambiguous):
            given = rows.filter(text.is_not_null())
            if fmt is None:
                self.findings.flag(given, "not_a_date", title, text, expected="DD.MM.YYYY")
            else:
                self._refuse(given, replace(fmt, code="ambiguous_layout") if is_part else fmt, title)
            nothing = pl.lit(None, dtype=INSTANT)
            return _named(rows.select(ROW, utc=nothing, close=nothing, day=pl.lit(value=True)), name)
        if rows[name].null_count() < rows.height and (layout := times.parse_declared(fmt.label)):
            self.formats.setdefault(title, layout)  # texts before cells of a workbook
        is_day = ~text.str.contains(_CLOCK) if fmt.has_clock else pl.lit(value=True)
        local = times.to_local(text, fmt)
        read = rows.select(ROW, name, is_day.fill_null(value=True).alias("day"), local.alias("local"))
        wrong = read.filter(text.is_not_null() & pl.col("local").is_null())
        self.findings.flag(wrong, "not_a_date", title, text, expected=fmt.label)
        if fmt.has_offset:
            return _named(read.select(ROW, "day", utc="local", close="local"), name)
        return _named(self._utc(read, name), name)

    def _utc(self, read: pl.DataFrame, name: str) -> pl.DataFrame:
        """Return local times as UTC, and say which do not exist or occur twice."""
        local, text, title = pl.col("local"), pl.col(name), self.title(name)
        first, last = read.select(local.dt.year().min().alias("a"), local.dt.year().max().alias("b")).row(0)
        if first is None:
            return read.select(ROW, "day", utc="local", close="local")
        years = (first, last + 1)
        next_day = times.to_utc(local + pl.duration(days=1), self.zone, years)
        read = read.with_columns(utc=times.to_utc(local, self.zone, years))
        read = read.with_columns(close=pl.when("day").then(next_day).otherwise("utc"))
        missing = read.filter(local.is_not_null() & pl.col("utc").is_null())
        self.findings.flag(missing, "nonexistent_time", title, text, zone=self.zone)
        twice = read.filter(times.in_fold(local, self.zone, years) & ~pl.col("day"))
        self.findings.flag(twice, "ambiguous_time", title, text, zone=self.zone)
        return read.select(ROW, "day", "utc", "close")

    def _refuse(self, rows: pl.DataFrame, fmt: numbers.Ambiguous, title: str) -> None:
        """Say that a column is ambiguous, once; every row that has a value in it is rejected."""
        if rows.is_empty():
            return
        self.findings.add(fmt.issue(title))
        self.findings.reject(rows[ROW])


def _typed(rows: pl.DataFrame, name: str) -> pl.Expr:
    """Return whether the cell is a number or date of a workbook."""
    column = name + _TYPED
    return pl.col(column) if column in rows.columns else _NEVER


def _named(read: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return what was read under the names `instant` promises."""
    return read.select(ROW, pl.col("utc", "close", "day").name.prefix(f"{name}_"))
