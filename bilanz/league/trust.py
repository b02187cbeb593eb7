"""Which key signs for which member: pinned at first sight, refused when it changes.

A file of lines `member fingerprint day`, kept by whoever consolidates; a person may write it beforehand.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from bilanz.errors import Refused, UsageError

_FIELDS: Final = 3
_HEADER: Final = "# member fingerprint day\n"


@dataclass(frozen=True, slots=True)
class Pin:
    """The key of a member, and the day (ISO 8601) from which it is known."""

    fingerprint: str
    day: str


def pins_of(text: str) -> dict[str, Pin]:
    """Return member → key.

    Raises:
        UsageError: a line is none.
    """
    found: dict[str, Pin] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = line.split()
        if len(cells) != _FIELDS or cells[0] in found:
            message = "Line {line} of the file of keys is not: member, fingerprint, day; one line a member."
            raise UsageError(message, line=number)
        found[cells[0]] = Pin(cells[1], cells[2])
    return found


def text_of(pins: Mapping[str, Pin]) -> str:
    """Return the file."""
    lines = [f"{member} {pin.fingerprint} {pin.day}\n" for member, pin in sorted(pins.items())]
    return _HEADER + "".join(lines)


def state_of(pins: Mapping[str, Pin], member: str, fingerprint: str) -> str:
    """Return `known`, `first` or `changed`."""
    if member not in pins:
        return "first"
    return "known" if pins[member].fingerprint == fingerprint else "changed"


def pinned(
    pins: Mapping[str, Pin], seen: Iterable[tuple[str, str]], day: str
) -> tuple[dict[str, Pin], list[str]]:
    """Return the keys with those seen for the first time, and whose these are.

    Raises:
        Refused: a key is not the one that is pinned.
    """
    told, fresh = dict(pins), []
    for member, fingerprint in seen:
        match state_of(told, member, fingerprint):
            case "first":
                told[member] = Pin(fingerprint, day)
                fresh.append(member)
            case "changed":
                message = (
                    "The bundle of {member} is signed with the key {new}, not with {old}, which is known "
                    "since {day}. Ask {member} by another way; only then change its line in the file of keys."
                )
                old = told[member]
                raise Refused(
                    message,
                    code="key_changed",
                    member=member,
                    new=fingerprint,
                    old=old.fingerprint,
                    day=old.day,
                )
    return told, fresh
