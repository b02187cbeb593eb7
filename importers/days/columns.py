"""Which columns of a row-per-day table are the intervals of the day, and how their headers name them.

    [00:30] … [24:00]      clock, ends of half hours        kWh_1 … kWh_48, HH01 …    numbers of periods
    00:00 … 23:30          clock, begins                    Status_1 … Status_48      status of each value

A day of columns has 24, 48 or 96 of them; numbered periods may go on to 25, 50 or 100 for the long day.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bilanz import units
from bilanz.records import Direction
from importers.interval import vocabulary

LENGTHS: Final = {24: 60, 25: 60, 48: 30, 50: 30, 96: 15, 100: 15}
"""Number of columns → minutes of each."""

DAY: Final = 1440
_CLOCK: Final = re.compile(
    r"^\W*([0-9]{1,2}):([0-9]{2})(?::00)?(?:\s*(?:-|–|to|bis)\s*[0-9]{1,2}:[0-9]{2}(?::00)?)?\W*$"
)
_NUMBERED: Final = re.compile(r"^(?P<name>.*?)[ _.\-#]*(?P<number>[0-9]{1,3})$")
_STATUS: Final = frozenset(["status", "flag", "quality", "qualitat", "read type", "ae", "a e"])


@dataclass(frozen=True, slots=True)
class Day:
    """The columns of one quantity over a day.

    Attributes:
        places: positions in the order of time.
        minutes: of each interval.
        offset: minutes from midnight to the begin of the first column.
        is_clock: headers are clock times of the day; otherwise numbers of periods from midnight on.
        title: what messages call the columns together.
        unit: canonical code the headers state, or None.
        refused: a unit that is no energy, as written.
        direction: as the headers state it.
        status: positions of the status columns, or none.
    """

    places: tuple[int, ...]
    minutes: int
    offset: int
    is_clock: bool
    title: str
    unit: str | None = None
    refused: str | None = None
    direction: Direction | None = None
    status: tuple[int, ...] = ()


def days(header: Sequence[str]) -> list[Day]:
    """Return the quantities of a header, in the order of the columns; empty: it is none of such a table."""
    found = [*_clocked(header), *_numbered(header)]
    values = [day for day in found if not _is_status(day.title)]
    states = [day for day in found if _is_status(day.title)]
    if len(values) == 1 and len(states) == 1 and len(values[0].places) == len(states[0].places):
        one = values[0]
        return [_named(one, one.title, status=states[0].places)]
    return [_named(day, day.title) for day in values]


def _named(day: Day, title: str, status: tuple[int, ...] = ()) -> Day:
    """Add what the common part of the headers says: unit, direction."""
    tokens = re.findall(r"[A-Za-z³]+", title)
    unit = next((code for token in tokens if (code := _energy(token))), None)
    refused = next((token for token in tokens if unit is None and units.refusal(token) is not None), None)
    return Day(
        day.places,
        day.minutes,
        day.offset,
        day.is_clock,
        title,
        unit,
        refused,
        vocabulary.direction_in([title]),
        status,
    )


def _energy(token: str) -> str | None:
    found = units.find(token)
    known = {"energy", "power", "volume", "norm_volume"}
    # single letters and short words are names of columns, not units
    return found.unit if found and len(token) > 1 and units.dimension(found.unit) in known else None


def _is_status(title: str) -> bool:
    return " ".join(vocabulary.words(title)) in _STATUS


def _clocked(header: Sequence[str]) -> list[Day]:
    """Return the runs of columns whose headers are clock times in even steps."""
    times = [
        (place, int(found[1]) * 60 + int(found[2]))
        for place, text in enumerate(header)
        if (found := _CLOCK.match(text))
    ]
    runs: list[list[tuple[int, int]]] = []
    for place, minute in times:
        if runs and _follows(runs[-1], minute):
            runs[-1].append((place, minute))
        else:
            runs.append([(place, minute)])
    return [day for run in runs if (day := _clock_day(run, header)) is not None]


def _follows(run: Sequence[tuple[int, int]], minute: int) -> bool:
    last = run[-1][1]
    step = run[1][1] - run[0][1] if len(run) > 1 else minute - last
    return step > 0 and (minute or DAY) == last + step


def _clock_day(run: Sequence[tuple[int, int]], header: Sequence[str]) -> Day | None:
    minutes = LENGTHS.get(len(run))
    if minutes is None or len(run) * minutes != DAY:
        return None
    first = run[0][1]
    if first not in {0, minutes} or run[1][1] - first != minutes:
        return None
    places = tuple(place for place, _ in run)
    return Day(places, minutes, 0, is_clock=True, title=f"{header[places[0]]} … {header[places[-1]]}")


def _numbered(header: Sequence[str]) -> list[Day]:
    """Return the groups of columns named alike and numbered from 1 on, without a hole."""
    groups: dict[str, list[tuple[int, int]]] = {}
    for place, text in enumerate(header):
        if not _CLOCK.match(text) and (found := _NUMBERED.match(text.strip())):
            groups.setdefault(found["name"].strip(), []).append((int(found["number"]), place))
    found_days = []
    for name, members in groups.items():
        numbers = [number for number, _ in members]
        if numbers == list(range(1, len(members) + 1)) and len(members) in LENGTHS:
            places = tuple(place for _, place in members)
            found_days.append(Day(places, LENGTHS[len(members)], 0, is_clock=False, title=name or "1 …"))
    return found_days
