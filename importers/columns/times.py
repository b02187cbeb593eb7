"""Dates and times as text: which layout a column has, and which instant in UTC it means.

    survey      masks of all values (digits become 9), and whether a day above 12 gives the order away
    decide      one date layout per column, with every clock layout met; else `Ambiguous`
    to_local    text → Datetime as written (UTC already where the text carries offsets)
    to_utc      local time of an IANA zone → UTC; the hour that does not exist becomes null, the hour that
                occurs twice is taken as the first pass
    fold_pass   which of the two passes a row of the doubled hour belongs to, by the order of the rows

Date and time in two columns: put them together first (`pl.concat_str([date, time], separator=" ")`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any, Final, cast

import polars as pl

from bilanz.periods import intervals, naive_utc
from bilanz.records import INSTANT
from importers.columns.numbers import Ambiguous, counted

FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 2099
"""Years outside are misreadings (`01.02.24` is the year 24 to a parser), never data of a city."""

_FIRST: Final = int(datetime(FIRST_YEAR, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
_BEHIND: Final = int(datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
_MASKS: Final = 200  # distinct layouts kept by a survey; more than that is no column of times
_DAY: Final = timedelta(days=1)
_BLANKS: Final = " \t\u00a0"
_GAP: Final = "(?:[ \u00a0]+|T|, ?)"
_OFFSET: Final = "(?P<zone> ?(?:Z|[+-]99(?::?99)?))?"
_NAMED_MONTH: Final = "%b"
_MONTHS: Final = {"mai": "May", "okt": "Oct", "dez": "Dec", "mrz": "Mar"}
_MIDNIGHT: Final = "([ T\u00a0])24:00((?::00)?)"
_MARKS: Final = {
    "first_over": r"^\s*(?:1[3-9]|[23][0-9])[/-][0-9]{1,2}[/-]",
    "second_over": r"^\s*[0-9]{1,2}[/-](?:1[3-9]|[23][0-9])[/-]",
    "midnight": _MIDNIGHT,
    "padded": r"^[ \t\u00a0]|[ \t\u00a0]$",
}
"""What a survey counts beside the masks: the order of day and month, 24:00, blanks around."""


@dataclass(frozen=True, slots=True)
class _Date:
    """A way to write a date: its label, its mask and the format polars parses."""

    label: str
    mask: str
    strptime: str
    is_short: bool = False  # two-digit year: never read unless declared


_DATES: Final = (
    _Date("YYYY-MM-DD", r"9999-99?-99?", "%Y-%m-%d"),
    _Date("DD.MM.YYYY", r"99?\.99?\.9999", "%d.%m.%Y"),
    _Date("DD/MM/YYYY", r"99?/99?/9999", "%d/%m/%Y"),
    _Date("MM/DD/YYYY", r"99?/99?/9999", "%m/%d/%Y"),
    _Date("DD-MM-YYYY", r"99?-99?-9999", "%d-%m-%Y"),
    _Date("MM-DD-YYYY", r"99?-99?-9999", "%m-%d-%Y"),
    _Date("YYYY/MM/DD", r"9999/99?/99?", "%Y/%m/%d"),
    _Date("YYYY.MM.DD", r"9999\.99?\.99?", "%Y.%m.%d"),
    _Date("YYYYMMDD", r"99999999", "%Y%m%d"),
    _Date("DD Mon YYYY", r"99?[ -][AT]{3,}[ -]9999", "%d %b %Y"),
    _Date("Mon DD YYYY", r"[AT]{3,} 99?,? 9999", "%b %d %Y"),
    _Date("DD Mon YY", r"99?[ -][AT]{3,}[ -]99", "%d %b %y"),
    _Date("DD.MM.YY", r"99?\.99?\.99", "%d.%m.%y", is_short=True),
    _Date("DD/MM/YY", r"99?/99?/99", "%d/%m/%y", is_short=True),
    _Date("MM/DD/YY", r"99?/99?/99", "%m/%d/%y", is_short=True),
    _Date("YY-MM-DD", r"99-99-99", "%y-%m-%d", is_short=True),
)

_CLOCKS: Final = (
    ("HH:MM", r"99?:99", "%H:%M"),
    ("HH:MM:SS", r"99?:99:99", "%H:%M:%S"),
    ("HH:MM:SS.f", r"99?:99:99\.9{1,9}", "%H:%M:%S%.f"),
    ("hh:MM AM", r"99?:99 ?AA", "%I:%M %p"),
    ("hh:MM:SS AM", r"99?:99:99 ?AA", "%I:%M:%S %p"),
    ("HHMM", r"9999", "%H%M"),
    ("HHMMSS", r"999999", "%H%M%S"),
)


@dataclass(frozen=True, slots=True)
class TimeFormat:
    """How the times of one column are written.

    Attributes:
        label: date and, where there is one, clock: `DD.MM.YYYY HH:MM`.
        strptime: the formats to try, the most frequent first.
        has_clock: some value carries a time of day.
        has_offset: values carry a UTC offset; a value without one is no time of this column.
        has_24: some value says 24:00, the end of its day.
        is_padded: blanks stand around some value.
    """

    label: str
    strptime: tuple[str, ...]
    has_clock: bool = False
    has_offset: bool = False
    has_24: bool = False
    is_padded: bool = True


@dataclass(frozen=True, slots=True)
class _Layout:
    """What one mask can be: the dates it fits, and its clock."""

    dates: tuple[_Date, ...]
    clock: str
    strptime: str
    has_offset: bool


def _masked(text: pl.Expr) -> pl.Expr:
    bare = text.str.strip_chars(_BLANKS)
    return bare.str.replace_all("[0-9]", "9").str.replace_all("[A-SU-Ya-z]", "A")


def survey(column: pl.Expr) -> pl.Expr:
    """Describe all values of a text column as one struct, streaming-safe.

    Fields: `masks` (list of structs `mask`, `count`, the most frequent first: digits become 9, letters A, T
    and Z stay; blank cells left out), `first_over` and `second_over` (values whose first or second number is
    above 12 in a date with slashes or dashes), `midnight` (values that say 24:00), `padded` (values with
    blanks around them).
    """
    masks = _masked(column).alias("mask")
    kept = masks.filter(masks.is_not_null() & (masks != ""))
    return pl.struct(
        kept.value_counts(sort=True, name="count").head(_MASKS).implode().alias("masks"),
        *(column.str.contains(pattern).sum().alias(name) for name, pattern in _MARKS.items()),
    )


def survey_series(column: pl.Series) -> dict[str, Any]:
    """Survey a text series; each text is looked at once, however often meters repeat it."""
    texts = column.to_frame("x").group_by("x").len("count")
    marks = {
        name: counted(pl.col("x").str.contains(pattern), pl.col("count")) for name, pattern in _MARKS.items()
    }
    masks = (
        texts.select("count", mask=_masked(pl.col("x")))
        .filter(pl.col("mask") != "")
        .group_by("mask")
        .agg(pl.col("count").sum())
        .sort("count", "mask", descending=[True, False])
    )
    return {"masks": masks.head(_MASKS).to_dicts(), **texts.select(**marks).row(0, named=True)}


@cache
def _layout(mask: str) -> _Layout | None:
    """Return what a mask can mean; None: it is no date."""
    found = None
    for date in (date for date in _DATES if re.match(date.mask, mask)):
        for clock, pattern, strptime in (("", "", ""), *_CLOCKS):
            middle = f"(?P<gap>{_GAP}){pattern}{_OFFSET}" if pattern else ""
            match = re.fullmatch(date.mask + middle, mask)
            if match is None:
                continue
            has_offset = bool(pattern) and bool(match["zone"])
            tail = match["gap"] + strptime + ("%#z" if has_offset else "") if pattern else ""
            dates = (*found.dates, date) if found is not None else (date,)
            found = _Layout(dates, clock, tail, has_offset)
    return found


def _declared(declared: str) -> tuple[_Date, str] | None:
    """Split a declared format into its date and its clock; German letters (TT.MM.JJJJ) are read too."""
    text = declared.strip().translate(str.maketrans("TJ", "DY"))
    for date in sorted(_DATES, key=lambda entry: -len(entry.label)):
        if text.upper().startswith(date.label.upper()):
            return date, text[len(date.label) :].strip()
    return None


def parse_declared(declared: str) -> str | None:
    """Return the date layout a declared format names (`DD.MM.YYYY HH:MM`, `MM/DD/YYYY`); None: it is none."""
    found = _declared(declared)
    return None if found is None else found[0].label


def _choose_date(layouts: Mapping[str, _Layout], counts: Mapping[str, Any]) -> _Date | Ambiguous | None:
    """Return the one date layout all values allow."""
    votes: dict[tuple[_Date, ...], int] = {}
    for entry in counts["masks"]:
        if (layout := layouts.get(entry["mask"])) is not None:
            votes[layout.dates] = votes.get(layout.dates, 0) + entry["count"]
    if not votes:
        return None
    long = {dates: count for dates, count in votes.items() if not dates[0].is_short}
    if not long:
        shown = {date.label for dates in votes for date in dates}
        return Ambiguous((*sorted(shown), "YYYY-MM-DD"), "ambiguous_date")
    dates = max(long, key=lambda kind: long[kind])
    if len(dates) == 1:
        return dates[0]
    first, second = counts["first_over"], counts["second_over"]
    if bool(first) == bool(second):
        return Ambiguous(tuple(date.label for date in dates), "ambiguous_date")
    return dates[0] if first else dates[1]


def decide(counts: Mapping[str, Any], declared: str | None = None) -> TimeFormat | Ambiguous | None:
    """Choose the layout of a column from the survey of *all* its values; None: no value is a date.

    One date layout per column (values in another become `not_a_date`), every clock met with it. Day and
    month are told apart by a value above 12 or by declaration, never by habit; values that prove both
    orders, or none, leave the column ambiguous. Two-digit years are read only where declared.
    """
    layouts = {entry["mask"]: found for entry in counts["masks"] if (found := _layout(entry["mask"]))}
    fixed = _declared(declared) if declared is not None else None
    date = fixed[0] if fixed is not None else _choose_date(layouts, counts)
    if date is None or isinstance(date, Ambiguous):
        return date
    fitting = [layouts[entry["mask"]] for entry in counts["masks"] if entry["mask"] in layouts]
    fitting = [layout for layout in fitting if date in layout.dates]
    if any(layout.has_offset for layout in fitting):
        fitting = [layout for layout in fitting if layout.has_offset]
    strptime = tuple(dict.fromkeys(date.strptime + layout.strptime for layout in fitting))
    clock = next((layout.clock for layout in fitting if layout.clock), fixed[1] if fixed else "")
    return TimeFormat(
        f"{date.label} {clock}".rstrip(),
        strptime or (date.strptime,),
        has_clock=any(layout.clock for layout in fitting),
        has_offset=any(layout.has_offset for layout in fitting),
        has_24=bool(counts["midnight"]),
        is_padded=bool(counts["padded"]),
    )


def decide_series(column: pl.Series, declared: str | None = None) -> TimeFormat | Ambiguous | None:
    """Choose the layout of a text series that fits into memory; see `decide`."""
    return decide(survey_series(column), declared)


@dataclass(frozen=True, slots=True)
class Group:
    """The dates of a column that are written in one way.

    Attributes:
        labels: the layouts they can be; more than one where day and month may change places.
        is_so: per value, whether it is one of them.
    """

    labels: tuple[str, ...]
    is_so: pl.Series


def layouts_of(column: pl.Series) -> list[Group]:
    """Return the ways in which the dates of a text series are written, the most frequent first.

    What is no date belongs to the first group, where it will be no date.
    """
    masks = column.to_frame("x").select(_masked(pl.col("x")).fill_null("").alias("mask"))["mask"]
    labels = {
        mask: " / ".join(date.label for date in found.dates)
        for mask in masks.unique().to_list()
        if (found := _layout(mask)) is not None
    }
    names = masks.replace_strict(labels, default=None, return_dtype=pl.String).rename("label")
    counted = (
        names.drop_nulls()
        .value_counts(sort=True, name="count")
        .sort("count", "label", descending=[True, False])
    )
    order = counted["label"].to_list()
    return [Group(tuple(label.split(" / ")), names.fill_null(order[0]) == label) for label in order]


def to_local(column: pl.Expr, fmt: TimeFormat) -> pl.Expr:
    """Read text as Datetime("us") as written; UTC already where `fmt.has_offset`. Null: blank or no time.

    24:00 is the 00:00 of the next day. Years outside 1970 to 2099 are null.
    """
    text = column.str.strip_chars(_BLANKS) if fmt.is_padded else column
    if fmt.has_24:
        text = text.str.replace(_MIDNIGHT, "${1}00:00${2}")
    if any(_NAMED_MONTH in form for form in fmt.strptime):
        text = _with_short_months(text)
    zone = "UTC" if fmt.has_offset else None
    read = [
        text.str.to_datetime(form, time_unit="us", time_zone=zone, strict=False, cache=False)
        for form in fmt.strptime
    ]
    value = (read[0] if len(read) == 1 else pl.coalesce(read)).dt.replace_time_zone(None)
    if fmt.has_24:
        value = pl.when(column.str.contains(_MIDNIGHT)).then(value + pl.duration(days=1)).otherwise(value)
    # a function, because polars would evaluate an expression named twice twice
    return value.map_batches(_within_years, return_dtype=INSTANT, is_elementwise=True)


def _with_short_months(text: pl.Expr) -> pl.Expr:
    """Return dates with the short English name of their month: `02-Jan-2013` becomes `02 Jan 2013`."""
    text = text.str.replace(r"^([0-9]{1,2})[ -]([A-Za-z]{3})[A-Za-z]*[ -]", "${1} ${2} ")
    text = text.str.replace(r"^([A-Za-z]{3})[A-Za-z]* ([0-9]{1,2}),? ", "${1} ${2} ")
    for german, english in _MONTHS.items():
        text = text.str.replace(rf"(?i)\b{german}\b", english)
    return text


def _within_years(moments: pl.Series) -> pl.Series:
    physical = moments.to_physical()  # polars knows years Python does not
    low, high = physical.min(), physical.max()
    if low is None or (cast("int", low) >= _FIRST and cast("int", high) < _BEHIND):
        return moments
    inside = moments.dt.year().is_between(FIRST_YEAR, LAST_YEAR)
    return moments.to_frame("x").select(pl.when(inside).then(pl.col("x"))).to_series()


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a zone's UTC offset. Local times within [low, high) do not exist or exist twice.

    Attributes:
        low, high: bounds of the gap or fold in local time, without zone.
        before, after: UTC offset on either side.
    """

    low: datetime
    high: datetime
    before: timedelta
    after: timedelta

    @property
    def is_fold(self) -> bool:
        """The clocks go back: the hour exists twice."""
        return self.after < self.before


@cache
def changes(zone: str, first: int, last: int) -> tuple[timedelta, tuple[Change, ...]]:
    """Return the offset at the start of year `first` and every change up to the end of year `last`."""
    start, end = (naive_utc(datetime(year, 1, 1, tzinfo=UTC)) for year in (first, last + 1))
    tiles = intervals(zone, start - _DAY, end + _DAY)
    found = []
    for (_, turn, before), (_, _, after) in pairwise(tiles):
        low, high = sorted((turn + before, turn + after))
        found.append(Change(low, high, before, after))
    return tiles[0][2], tuple(found)


def _years(years: tuple[int, int] | None) -> tuple[int, int]:
    return (FIRST_YEAR, LAST_YEAR) if years is None else (max(FIRST_YEAR, years[0]), min(LAST_YEAR, years[1]))


def to_utc(local: pl.Expr, zone: str, years: tuple[int, int] | None = None) -> pl.Expr:
    """Turn local time of an IANA zone into UTC without a zone, by precomputed changes of the offset.

    Null for a time that does not exist (issue `nonexistent_time`); the first pass of the doubled hour, see
    `in_fold`. `years` narrows the changes looked at to the years of the data, for speed.
    """
    offset, found = changes(zone, *_years(years))
    # the first pass of a fold keeps the offset before it, so a change takes effect at its upper bound
    shifts = [
        pl.when(local >= change.high).then(change.after - change.before).otherwise(timedelta())
        for change in found
    ]
    gaps = [
        local.is_between(change.low, change.high, closed="left") for change in found if not change.is_fold
    ]
    value = local - offset - pl.sum_horizontal(shifts) if shifts else local - offset
    if gaps:
        value = pl.when(~pl.any_horizontal(gaps)).then(value)
    return value.cast(INSTANT)


def in_fold(local: pl.Expr, zone: str, years: tuple[int, int] | None = None) -> pl.Expr:
    """Return whether a local time lies in an hour that occurs twice."""
    _, found = changes(zone, *_years(years))
    folds = [local.is_between(change.low, change.high, closed="left") for change in found if change.is_fold]
    return pl.any_horizontal(folds) if folds else local.is_null() & False


def fold_length(zone: str, years: tuple[int, int] | None = None) -> timedelta:
    """Return what the second pass is later than the first (an hour nearly everywhere)."""
    _, found = changes(zone, *_years(years))
    return max((change.before - change.after for change in found if change.is_fold), default=timedelta())


def fold_pass(rows: pl.DataFrame) -> pl.Series:
    """Return the pass (1 or 2) of rows within doubled hours by their order; null: the order does not tell.

    Shape: columns `series`, `local`, `row`; one value per row, in the order given. Per series and day the
    rows run through the hour once or twice, upwards or downwards. Where they start over (02:45, 02:00) the
    other pass begins; every second mention of a stamp belongs to the other pass as well. Where neither
    happens only one of two passes is there: null.
    """
    group = ["series", pl.col("local").dt.date()]
    zero, seen = pl.duration(), pl.col("seen")
    falling = (pl.col("step") < zero).sum().over(group) > (pl.col("step") > zero).sum().over(group)
    turn = pl.when(falling).then(pl.col("step") > zero).otherwise(pl.col("step") < zero)
    number = pl.when("is_falling").then(2 - seen).otherwise(1 + seen)
    told = (seen.max().over(group) > 0) & number.is_between(1, 2)
    ordered = rows.lazy().with_row_index("position").sort("series", "row")
    return (
        ordered.with_columns(
            step=(pl.col("local") - pl.col("local").shift(1)).over(group),
            mention=pl.col("local").cum_count().over("series", "local") - 1,
        )
        .with_columns(turns=turn.fill_null(value=False), is_falling=falling)
        .with_columns(seen=pl.max_horizontal(pl.col("turns").cum_sum().over(group), "mention"))
        .select("position", pl.when(told).then(number).cast(pl.Int8).alias("pass"))
        .sort("position")
        .collect()["pass"]
    )
