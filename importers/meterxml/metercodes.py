"""What the meter codes of Austrian metering data mean, and which of them may be added up.

    1-1:1.9.0 P.01   metered consumption of a point that takes part in no energy community
    1-1:1.9.0 G.01   metered consumption of one that does           1-1:2.9.0 G.01   its metered feed-in
    1-1:2.9.0 P.01   metered feed-in; beside G.01 only what the community left over
    G.02, G.03, G.03R   shares of the community's generation allotted to a consumer: part of its consumption
    G.01T, P.01T        the same again in proportion to the share of participation

So the metered total counts and everything else is a part of it, or of another point's.
Source: ebutilities.at, MeterCodes CR_MSG (13 December 2023).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from bilanz import units
from bilanz.records import Direction
from importers.meterxml.values import POWER, UNKNOWN

_CODE: Final = re.compile(
    r"(?P<medium>[0-9])-[0-9]{1,2}:(?P<what>[0-9]{1,3})\.(?P<kind>[0-9]{1,3})\.(?P<tariff>[0-9]{1,3})"
    r"(?:\*255)?(?:\s+(?P<part>[A-Z]\.[0-9]{2}[A-Z]?))?",
    re.ASCII,
)
_ELECTRICITY: Final = "1"
_MEDIA: Final = {"1": "electricity", "5": "district_cooling", "6": "district_heat", "7": "natural_gas"}
_DIRECTIONS: Final = {"1": Direction.CONSUMPTION, "2": Direction.FEED_IN}
_METERED: Final = "P.01"
_MEMBER: Final = "G.01"
_READING: Final = "8"  # OBIS group D: a register that counts on
_TOTAL: Final = "0"

SHARE: Final = "a share within an energy community, part of a metered total"
LEFT_OVER: Final = "what an energy community left over, part of the metered total G.01"
TARIFF: Final = "a part of the register of the total, which was taken"
REACTIVE: Final = "reactive or apparent energy"
READING: Final = "the reading of a register, no quantity"
OTHER_UNIT: Final = "the same gas as volume; its energy was taken"


@dataclass(frozen=True, slots=True)
class Series:
    """What a block of values is identified by, as written."""

    point: str | None
    code: str
    unit: str | None


def activity(code: str) -> str | None:
    """Return the activity of a meter code, or None."""
    found = _CODE.fullmatch(code)
    return _MEDIA.get(found["medium"]) if found is not None else None


def direction(code: str) -> Direction | None:
    """Return the direction of a meter code of electricity, or None."""
    found = _CODE.fullmatch(code)
    if found is None or found["medium"] != _ELECTRICITY:
        return None
    return _DIRECTIONS.get(found["what"])


def left_out(every: Iterable[Series]) -> dict[Series, str]:
    """Return the series that must not be added to the others, with the reason (an English template)."""
    given = list(every)
    by_energy = {_way(one) for one in given if _measures(one, "energy") and not _is_reading(one)}
    powers = {one: POWER for one in given if _measures(one, "power") and _way(one) in by_energy}
    known = [one for one in given if one not in powers]
    members = {_way(one) for one in known if (code := _CODE.fullmatch(one.code)) and code["part"] == _MEMBER}
    totals = {_way(one) for one in known if (code := _CODE.fullmatch(one.code)) and code["tariff"] == _TOTAL}
    energies = {one.point for one in known if _measures(one, "energy")}
    found = {one: _reason(one, members, totals, energies) for one in known}
    return {one: reason for one, reason in found.items() if reason is not None} | powers


def _is_reading(one: Series) -> bool:
    code = _CODE.fullmatch(one.code)
    return code is not None and code["kind"] == _READING


def _way(one: Series) -> tuple[str | None, str, str]:
    """Return point, medium and OBIS group C."""
    code = _CODE.fullmatch(one.code)
    return (one.point, "", one.code) if code is None else (one.point, code["medium"], code["what"])


def _measures(one: Series, dimension: str) -> bool:
    found = units.find(one.unit or "")
    return found is not None and units.dimension(found.unit) == dimension


def _reason(
    one: Series,
    members: set[tuple[str | None, str, str]],
    totals: set[tuple[str | None, str, str]],
    energies: set[str | None],
) -> str | None:
    code = _CODE.fullmatch(one.code)
    if code is None:
        return UNKNOWN
    if code["kind"] == _READING:
        return READING
    if code["medium"] != _ELECTRICITY:
        return OTHER_UNIT if one.point in energies and not _measures(one, "energy") else None
    if code["what"] not in _DIRECTIONS:
        return REACTIVE
    return _part(one, code, members, totals)


def _part(
    one: Series,
    code: re.Match[str],
    members: set[tuple[str | None, str, str]],
    totals: set[tuple[str | None, str, str]],
) -> str | None:
    """Return of which total of electricity a series is a part, or None."""
    if code["part"] not in {None, _METERED, _MEMBER}:
        return SHARE
    if code["part"] != _MEMBER and _way(one) in members:
        return LEFT_OVER
    return TARIFF if code["tariff"] != _TOTAL and _way(one) in totals else None
