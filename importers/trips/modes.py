"""What a word for a way of travelling means."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Final

from bilanz import activity
from bilanz.activity import folded

_KILOMETRES: Final = "km"
_PASSENGER: Final = "pkm"


@cache
def _tables() -> dict[str, Any]:
    with (Path(__file__).parent / "modes.toml").open("rb") as stream:
        return tomllib.load(stream)


@cache
def _names(table: str) -> dict[str, str]:
    entries = _tables()[table].items()
    return {folded(name): activity.activity(code).code for code, entry in entries for name in entry["names"]}


def of_travel(name: str) -> str | None:
    """Return the activity of a trip; None: not known, or a vehicle of the organisation."""
    if is_own(name) or is_irrelevant(name):
        return None
    found = _names("travel").get(folded(name)) or activity.find(name)
    return found if found and found.startswith("travel_") else None


def of_vehicle(name: str) -> str | None:
    """Return the activity of a vehicle whose fuel nobody bills; None: its fuel may be billed."""
    return _names("private").get(folded(name))


def is_own(name: str) -> bool:
    """Return whether a word means a vehicle of the organisation."""
    return folded(name) in map(folded, _tables()["own"]["names"])


def is_irrelevant(name: str) -> bool:
    """Return whether a way of travelling has no emission of its own."""
    return folded(name) in map(folded, _tables()["irrelevant"]["names"])


def irrelevance() -> str:
    """Return why such a trip does not count (English template)."""
    return str(_tables()["irrelevant"]["reason"])


def is_shared(code: str) -> bool:
    """Return whether an activity is measured per passenger only: one distance is that of one person."""
    return "distance" not in activity.activity(code).dimensions


def unit_of(code: str, unit: str) -> str:
    """Return the unit of one person's trip: kilometres of a train are passenger-kilometres."""
    return {"km": _PASSENGER, "mi": "pmi"}.get(unit, unit) if is_shared(code) else unit
