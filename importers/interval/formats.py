"""Which number and time formats the columns of an interval file have, decided from all their values.

A large file is not read twice for this. The first block decides; every later block is held against it:
each value that does not fit is surveyed, and if it proves another format, the decision is taken again from
all blocks (`Undecided`). The outcome is the same as from a survey of everything.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from bilanz.activity import folded
from bilanz.issues import Issue
from importers.columns import numbers, times
from importers.columns.declared import format_of
from importers.columns.numbers import Ambiguous, NumberFormat
from importers.columns.times import TimeFormat
from importers.formats.delimited import BLOCK, Delimited
from importers.interval.layout import Group


class Undecided(Exception):
    """A value met later proves that the first block does not speak for the file."""


def text_of(places: tuple[int, ...]) -> pl.Expr:
    """Return the text of a date and a clock in one or two columns; null where the date is missing."""
    first = pl.col(str(places[0]))
    if len(places) == 1:
        return first
    return pl.concat_str([first.str.strip_chars(), pl.col(str(places[1])).str.strip_chars()], separator=" ")


def declared_for(declared: Mapping[str, str], header: tuple[str, ...], places: Iterable[int]) -> list[str]:
    """Return what was declared for columns, by header text without regard to case."""
    by_name = {folded(name): text for name, text in declared.items()}
    titles = [header[place] for place in places]
    names = dict.fromkeys(folded(title) for title in (*titles, " + ".join(titles)))
    return [by_name[name] for name in names if name in by_name]


@dataclass(slots=True)
class Formats:
    """The formats of one group of columns.

    Attributes:
        begin, end: of the time columns; None: none, or no value is a time.
        numbers: position of a value column → its format.
        issues: columns that are refused because nothing decides.
        refused: positions of value columns nothing decides.
        offsets: UTC offsets the first block carries.
        is_final: taken from all blocks.
    """

    begin: TimeFormat | None = None
    end: TimeFormat | None = None
    numbers: dict[int, NumberFormat] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)
    refused: set[int] = field(default_factory=set)
    offsets: frozenset[str] = frozenset()
    is_final: bool = False

    def check_number(self, place: int, misfits: pl.Series) -> None:
        """Hold values that are no numbers in the decided format against it.

        Raises:
            Undecided: one proves the other decimal sign.
        """
        if self.is_final or misfits.is_empty():
            return
        counts = numbers.survey_series(misfits)
        if counts["comma" if self.numbers[place].decimal == "." else "point"]:
            raise Undecided

    def check_time(self, misfits: pl.Series) -> None:
        """Hold texts that are no times in the decided format against it.

        Raises:
            Undecided: one has the layout of a time.
        """
        if not self.is_final and not misfits.is_empty() and times.decide_series(misfits):
            raise Undecided


def decide(
    file: Delimited, group: Group, declared: Mapping[str, str], *, from_all: bool, size: int = BLOCK
) -> Formats:
    """Decide the formats of a group, from the first block or from all."""
    blocks = file.blocks(group.places(), size)
    first = next(blocks)
    is_whole = first.share >= 1
    counts = [_count(group, first.frame)]
    proofs = all(one["comma"] or one["point"] for one in counts[0]["numbers"].values())
    if not is_whole and (from_all or not proofs):
        counts += [_count(group, block.frame) for block in blocks]
        is_whole = True
    total = _added(counts)
    found = Formats(is_final=is_whole)
    for value in group.values:
        fixed = format_of(next(iter(declared_for(declared, file.header, [value.place])), None))
        chosen = numbers.decide(total["numbers"][value.place], fixed)
        if isinstance(chosen, Ambiguous):
            found.refused.add(value.place)
            found.issues.append(chosen.issue(value.title))
        else:
            found.numbers[value.place] = chosen
    found.begin = _time(found, file, group.begin, total["begin"], declared)
    found.end = _time(found, file, group.end, total["end"], declared) if group.end else None
    if found.begin is not None and found.begin.has_offset:
        ends = text_of(group.begin).str.strip_chars().str.extract("(Z|[+-][0-9]{2}(?::?[0-9]{2})?)$")
        found.offsets = frozenset(first.frame.select(ends.alias("x"))["x"].drop_nulls().unique())
    return found


def _time(
    found: Formats,
    file: Delimited,
    places: tuple[int, ...],
    counts: Mapping[str, Any],
    declared: Mapping[str, str],
) -> TimeFormat | None:
    formats = [text for text in declared_for(declared, file.header, places) if times.parse_declared(text)]
    chosen = times.decide(counts, formats[0] if formats else None)
    if isinstance(chosen, Ambiguous):
        found.issues.append(chosen.issue(" + ".join(file.header[place] for place in places)))
        return None
    return chosen


def _count(group: Group, frame: pl.DataFrame) -> dict[str, Any]:
    def surveyed(places: tuple[int, ...]) -> dict[str, Any]:
        return times.survey_series(frame.select(text_of(places).alias("x"))["x"])

    return {
        "numbers": {value.place: numbers.survey_series(frame[str(value.place)]) for value in group.values},
        "begin": surveyed(group.begin),
        "end": surveyed(group.end) if group.end else None,
    }


def _added(counts: list[dict[str, Any]]) -> dict[str, Any]:
    """Add the surveys of blocks."""
    first = counts[0]
    numeric = {
        place: {name: sum(one["numbers"][place][name] for one in counts) for name in survey}
        for place, survey in first["numbers"].items()
    }
    total: dict[str, Any] = {"numbers": numeric, "end": None}
    for name in ("begin", "end"):
        if first[name] is not None:
            total[name] = _added_times([one[name] for one in counts])
    return total


def _added_times(surveys: list[dict[str, Any]]) -> dict[str, Any]:
    masks: dict[str, int] = {}
    for survey in surveys:
        for entry in survey["masks"]:
            masks[entry["mask"]] = masks.get(entry["mask"], 0) + entry["count"]
    ordered = sorted(masks.items(), key=lambda pair: (-pair[1], pair[0]))
    total: dict[str, Any] = {
        name: sum(one[name] for one in surveys)
        for name in ("first_over", "second_over", "midnight", "padded")
    }
    return {**total, "masks": [{"mask": mask, "count": count} for mask, count in ordered]}
