"""Rules every value of a message has to meet, whatever the format."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import polars as pl

from bilanz import units
from bilanz.activity import activity as activity_of
from bilanz.errors import FileRefused
from bilanz.issues import Issue
from importers.interval.findings import ROW, Findings
from importers.interval.points import Facts, with_quantities
from importers.meterxml.texts import shown
from importers.upload.words import expected_dimensions

POWER: Final = "power beside the energy of the same point"
UNKNOWN: Final = "what it counts is not known"
MAX_SERIES: Final = 5_000
"""Most series of one file; more are no metering points but noise."""


def check_series(path: Path, count: int) -> None:
    """Refuse a file of more series than any sender puts into one.

    Raises:
        FileRefused: more than `MAX_SERIES`.
    """
    if count > MAX_SERIES:
        message = "{file} holds {count} series; at most {limit} are read. Split the file."
        raise FileRefused(message, code="too_large", file=path.name, count=count, limit=MAX_SERIES)


def quantities(rows: pl.DataFrame, column: str, title: str, findings: Findings) -> pl.DataFrame:
    """Return the rows with `quantity`; blanks ignored, what is no number or negative rejected.

    A meter counts each direction by itself: below zero, either the value or its direction is wrong.
    """
    rows = with_quantities(rows, column, title, findings)
    negative = rows.filter(pl.col("quantity") < 0)
    findings.reject(negative.select(ROW, pl.col(column).alias("value")), "negative_metered", title)
    return rows.filter(pl.col("quantity") >= 0)


def ignore_all(count: int, issue: Issue, findings: Findings) -> None:
    """Ignore so many values for one reason that concerns them all."""
    findings.ignored += count
    findings.add(issue)


def named_apart(facts: Sequence[Facts], labels: Sequence[str], points: pl.DataFrame) -> list[Facts]:
    """Return the facts, the source with its label where several series of it go the same way.

    The store knows a series by source, activity and direction: two tariffs of one meter must not become one.

    Args:
        facts: by number of the series.
        labels: what tells series of one source apart.
        points: with `series`; series without any are no rivals.
    """
    present = set(points["series"])
    ways = [(one.source, one.activity, one.direction) for one in facts]
    taken = Counter(way for number, way in enumerate(ways) if number in present and not facts[number].refused)
    return [
        replace(one, source=" ".join(filter(None, (one.source, label)))) if taken[way] > 1 else one
        for one, label, way in zip(facts, labels, ways, strict=True)
    ]


def unit_mismatch(
    activity: str | None, unit: str | None, *, is_power: bool = False
) -> tuple[str, str | None, Mapping[str, str]] | None:
    """Return why a unit does not measure an activity, as a refusal of `Facts`; None: no reason.

    Args:
        activity: code.
        unit: canonical code.
        is_power: a power counts as the energy it becomes over its interval.
    """
    if activity is None or unit is None:
        return None
    measured = units.dimension(unit)
    known = activity_of(activity)
    allowed = known.dimensions
    if measured in allowed or (is_power and measured == "power" and "energy" in allowed):
        return None
    return "unit_mismatch", unit, {"activity": known.en, "expected": expected_dimensions(activity)}


def leave_out(reason: str, codes: Iterable[str], count: int, findings: Findings) -> None:
    """Leave out series for a reason (an English template): ignored, but `UNKNOWN` is rejected.

    Args:
        reason: why.
        codes: what the series are called, with repeats.
        count: of all their values.
        findings: takes issue and count.
    """
    value = shown(", ".join(dict.fromkeys(code or "–" for code in codes)))
    if reason == UNKNOWN:
        findings.refuse(count, Issue("series_unknown", value=value, parameters={"count": str(count)}))
        return
    issue = Issue("series_ignored", value=value, parameters={"count": str(count), "reason": reason})
    ignore_all(count, issue, findings)
