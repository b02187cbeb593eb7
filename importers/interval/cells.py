"""Text cells → typed cells: one per value of a block, with its series, times and status."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from bilanz import units
from bilanz.records import QUANTITY, STATUS_ESTIMATED, STATUS_MEASURED
from importers.columns import numbers, times
from importers.columns.times import TimeFormat
from importers.formats.delimited import Block, Delimited
from importers.interval import vocabulary
from importers.interval.findings import ROW, Findings
from importers.interval.formats import Formats, text_of
from importers.interval.layout import Group, Value
from importers.interval.repeats import Repeated

CELL_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "series": pl.Int32,
    "local": pl.Datetime("us"),  # begin or stamp as written (UTC where the text carries offsets)
    "length": pl.Int32,  # minutes from begin to end as written; null where no end is given
    "quantity": QUANTITY,
    "status": pl.Int8,
    ROW: pl.Int64,
}
_PART: Final = "\x1f"
_SHORT: Final = len("0,123456")  # a longer text may have more than six decimals
_TOTAL: Final = r"(?i)\b(?:summe|gesamt|total|sum|gesamtsumme|ergebnis)\b"


@dataclass(slots=True)
class Keys:
    """Numbers the series of a file in the order they are met.

    A series is a value column of a group together with what the row says: metering point, OBIS code, unit.
    """

    known: dict[tuple[int, int, str], int] = field(default_factory=dict)

    def number(self, group: int, place: int, text: str) -> int:
        """Return the number of a series."""
        return self.known.setdefault((group, place, text), len(self.known))

    def numbers(self, group: int, place: int, texts: pl.Series) -> pl.Series:
        """Return the numbers of a column of series texts; files name a series for many rows on end."""
        runs = texts.rle().struct.unnest()
        if runs.height * 4 > texts.len():
            return self._by_join(group, place, texts)
        numbered = pl.Series([self.number(group, place, text) for text in runs["value"]], dtype=pl.Int32)
        return numbered.repeat_by(runs["len"]).explode()

    def _by_join(self, group: int, place: int, texts: pl.Series) -> pl.Series:
        distinct = texts.unique(maintain_order=True)
        table = {text: self.number(group, place, text) for text in distinct}
        return texts.replace_strict(table, return_dtype=pl.Int32)


def _reader(fmt: TimeFormat | None) -> Repeated | None:
    """Return what reads a column of times; None: it holds none."""
    if fmt is None:
        return None
    local = times.to_local(pl.col("x"), fmt)
    return Repeated(lambda texts: texts.to_frame("x").select(local).to_series())


def _read(reader: Repeated | None, frame: pl.DataFrame, places: tuple[int, ...]) -> pl.Series:
    if reader is None:
        return pl.repeat(None, frame.height, dtype=pl.Datetime("us"), eager=True)
    return reader.read(frame.select(text_of(places).alias("x"))["x"])


class Converter:
    """Turns the blocks of one group into cells; counts and reports what cannot be taken."""

    def __init__(
        self,
        file: Delimited,
        groups: list[Group],
        index: int,
        formats: Formats,
        keys: Keys,
        findings: Findings,
    ) -> None:
        self.file, self.index, self.group, self.formats = file, index, groups[index], formats
        self.has_neighbours = len(groups) > 1
        self.begin, self.end = _reader(formats.begin), _reader(formats.end)
        self.keys, self.findings = keys, findings
        self.read = 0
        self.rounded: dict[int, tuple[int, pl.Series]] = {}
        self.unknown_status: set[str] = set()

    def convert(self, block: Block) -> Iterator[pl.DataFrame]:
        """Yield the cells of each value column of a block (`CELL_SCHEMA`), in the order of the file."""
        self._ragged(block)
        timed = self._times(self._own_rows(block.frame))
        for value in self.group.values:
            self.read += timed.height
            yield self._cells(timed, value)

    def _own_rows(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Leave out rows that belong to a longer table beside this one: no time and no value here."""
        if not self.has_neighbours:
            return frame
        places = {*self.group.begin, *self.group.end, *(value.place for value in self.group.values)}
        return frame.filter(pl.any_horizontal(~numbers.is_blank(pl.col(str(place))) for place in places))

    def _ragged(self, block: Block) -> None:
        for value in self.group.values:
            self.read += block.ragged.height
            parameters = pl.struct(
                found=pl.col("found").cast(pl.String), expected=pl.lit(str(self.file.width))
            )
            rows = block.ragged.select(ROW, parameters.alias("parameters"))
            self.findings.reject(rows, "ragged_row", value.title)

    def _times(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Add `local` and `length` to a block."""
        frame = frame.with_columns(_read(self.begin, frame, self.group.begin).alias("local"))
        if frame["local"].null_count():
            text = frame.filter(pl.col("local").is_null()).select(text_of(self.group.begin).alias("x"))["x"]
            self.formats.check_time(text.drop_nulls())
        if self.end is None:
            return frame.with_columns(length=pl.lit(None, dtype=pl.Int32))
        frame = frame.with_columns(_read(self.end, frame, self.group.end).alias("end"))
        minutes = ((pl.col("end") - pl.col("local")).dt.total_seconds() + 59) // 60
        # 23:59 is the last minute of an interval as 23:59:59 is its last second
        minutes = minutes + ((minutes % 5 == 4) & (minutes > 0)).cast(pl.Int64)  # noqa: PLR2004
        if self.group.begin[0] == self.group.end[0]:  # one date for both clocks: the end may be past midnight
            minutes = pl.when(minutes <= 0).then(minutes + 1440).otherwise(minutes)
        return frame.with_columns(length=minutes.cast(pl.Int32)).drop("end")

    def _cells(self, frame: pl.DataFrame, value: Value) -> pl.DataFrame:
        text = pl.col(str(value.place))
        if value.place in self.formats.refused:
            blank = frame.filter(numbers.is_blank(text))
            self.findings.ignore(blank.select(ROW), "blank", value.title)
            self.findings.refuse(frame.height - blank.height)
            return pl.DataFrame(schema=CELL_SCHEMA)
        fmt = self.formats.numbers[value.place]
        frame = frame.with_columns(numbers.read_series(frame[str(value.place)], fmt).alias("quantity"))
        if frame["quantity"].null_count():
            frame = self._without_numbers(frame, value)
        if frame["local"].null_count():
            frame = self._without_times(frame, value)
        if frame.is_empty():
            return pl.DataFrame(schema=CELL_SCHEMA)
        frame = self._without_missing(frame, value)
        if value.is_reversed:
            frame = frame.with_columns(-pl.col("quantity"))
        self._round(frame, value)
        frame = frame.with_columns(self._series(frame, value), self._status(frame, value))
        return frame.select(*CELL_SCHEMA)

    def _without_numbers(self, frame: pl.DataFrame, value: Value) -> pl.DataFrame:
        """Ignore blank cells, reject what is no number."""
        text, missing = pl.col(str(value.place)), pl.col("quantity").is_null()
        fmt = self.formats.numbers[value.place]
        if fmt.is_plain:
            return self._reread(frame, value)
        is_blank = numbers.is_blank(text)
        self.findings.ignore(frame.filter(missing & is_blank).select(ROW), "blank", value.title)
        repeated = text.str.strip_chars() == value.title
        self.findings.ignore(frame.filter(missing & repeated).select(ROW), "repeated_header", value.title)
        below = self._units(frame, value, missing & ~is_blank)
        repeated |= pl.col(ROW).is_in(below)
        wrong = frame.filter(missing & ~is_blank & ~repeated).select(ROW, text.alias("value"))
        self.formats.check_number(value.place, wrong["value"])
        self.findings.reject(wrong, "not_a_number", value.title, expected=fmt.label)
        return frame.filter(~missing)

    def _units(self, frame: pl.DataFrame, value: Value, worded: pl.Expr) -> list[int]:
        """Ignore the line of units below the header, without a time; return its row."""
        lines = frame.filter(worded & pl.col("local").is_null() & (pl.col(ROW) <= self.file.header_row + 2))
        text = lines[str(value.place)].str.strip_chars("[]() ")
        rows = lines.select(ROW, value=text).filter(
            [units.find(unit) is not None or units.refusal(unit) is not None for unit in text]
        )
        self.findings.ignore(rows, "unit_row", value.title)
        return rows[ROW].to_list()

    def _without_missing(self, frame: pl.DataFrame, value: Value) -> pl.DataFrame:
        """Ignore zeros whose status says that the value is missing."""
        if value.status is None:
            return frame
        status = frame[str(value.status)].fill_null("")
        words = [text for text in status.unique() if vocabulary.is_missing(text)]
        missing = status.is_in(words) & (frame["quantity"] == 0)
        if not missing.any():
            return frame
        shown = pl.col(str(value.place)).str.strip_chars().alias("value")
        rows = frame.filter(missing).select(
            ROW, shown, pl.struct(status=str(value.status)).alias("parameters")
        )
        self.findings.ignore(rows, "marked_missing", value.title)
        return frame.filter(~missing)

    def _reread(self, frame: pl.DataFrame, value: Value) -> pl.DataFrame:
        """Read a column again with every sign its format allows: the first block was plainer."""
        known = self.formats.numbers[value.place]
        self.formats.numbers[value.place] = numbers.NumberFormat(known.decimal, known.group)
        fmt = self.formats.numbers[value.place]
        frame = frame.with_columns(quantity=numbers.to_decimal(pl.col(str(value.place)), fmt))
        return self._without_numbers(frame, value) if frame["quantity"].null_count() else frame

    def _without_times(self, frame: pl.DataFrame, value: Value) -> pl.DataFrame:
        """Reject values without a time; a total below the table is ignored."""
        shown = text_of(self.group.begin).fill_null("").alias("value")
        wrong = frame.filter(pl.col("local").is_null())
        cells = pl.concat_str(
            [pl.col(str(place)) for place in self.group.places()], separator=" ", ignore_nulls=True
        )
        total = wrong.filter(cells.str.contains(_TOTAL)).select(ROW, shown)
        self.findings.ignore(total, "total_row", value.title)
        fmt = self.formats.begin
        self.findings.reject(
            wrong.filter(~cells.str.contains(_TOTAL)).select(ROW, shown),
            "not_a_date",
            " + ".join(self.file.header[place] for place in self.group.begin),
            expected=fmt.label if fmt else "DD.MM.YYYY HH:MM",
        )
        return frame.filter(pl.col("local").is_not_null())

    def _round(self, frame: pl.DataFrame, value: Value) -> None:
        """Add up what rounding to six decimals changed."""
        fmt = self.formats.numbers[value.place]
        texts = frame[str(value.place)]
        texts = texts.filter(texts.str.len_bytes() > _SHORT)
        excess = texts.to_frame("x").select(numbers.excess(pl.col("x"), fmt))["x"].drop_nulls()
        if not excess.is_empty():
            count, total = self.rounded.get(value.place, (0, pl.Series(dtype=excess.dtype)))
            both = pl.concat([total, pl.Series([excess.sum()], dtype=excess.dtype)])
            self.rounded[value.place] = (count + excess.len(), both)

    def _series(self, frame: pl.DataFrame, value: Value) -> pl.Series:
        present = [place for place in self.group.key_places() if place is not None]
        if not present:
            number = self.keys.number(self.index, value.place, "")
            return pl.repeat(number, frame.height, dtype=pl.Int32, eager=True).alias("series")
        if len(present) == 1:
            texts = frame[str(present[0])].fill_null("")
        else:
            columns = [pl.col(str(place)).fill_null("") for place in present]
            texts = frame.select(pl.concat_str(columns, separator=_PART).alias("x"))["x"]
        return self.keys.numbers(self.index, value.place, texts).alias("series")

    def _status(self, frame: pl.DataFrame, value: Value) -> pl.Series:
        """Return STATUS_* per row; a word nobody knows counts as estimated and is reported once."""
        if value.status is None:
            return pl.repeat(STATUS_MEASURED, frame.height, dtype=pl.Int8, eager=True).alias("status")
        texts = frame[str(value.status)].fill_null("")
        is_substitute = "ersatz" in self.file.header[value.status].casefold()
        table = {}
        for text in texts.unique():
            known = vocabulary.status(text)
            if known is None and not is_substitute:
                self.unknown_status.add(text)
            table[text] = STATUS_ESTIMATED if known is None else known
        return texts.replace_strict(table, return_dtype=pl.Int8).cast(pl.Int8).alias("status")
