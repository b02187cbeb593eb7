"""The audit trail: who did what, when and why; a chain, every entry holds the hash of the one before.

    hash 1 = sha256(entry 1 + 000…0)      hash 2 = sha256(entry 2 + hash 1)      …      head = (n, hash n)

Whoever changes, removes, inserts or reorders entries breaks the chain at that place; whoever cuts its end off
breaks it against the head. Whoever rewrites everything changes the last hash: it is worth noting elsewhere.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from sqlmodel import Field, SQLModel, Text

START: Final = "0" * 64
"""What the first entry holds as the hash of the one before."""

ACTIONS: Final = {
    "import.commit": "file imported",
    "import.settle": "interrupted import settled",
    "batch.withdraw": "file withdrawn",
    "profile.save": "mapping profile saved",
    "masterdata.change": "master data changed",
    "masterdata.withdraw": "row of master data withdrawn",
    "instrument.remove": "instrument removed",
    "factors.import": "factors imported",
    "factors.withdraw": "factors withdrawn",
    "release.create": "factor release made",
    "release.pin": "factor release kept for a year",
    "release.unpin": "factor release given up by a year",
    "calculation.save": "balance calculated",
    "period.release": "period released",
    "period.close": "period closed",
    "period.reopen": "period reopened",
    "period.restate": "period restated",
    "fund.assess": "contributions assessed",
    "user.add": "user added",
    "user.grant": "rights changed",
    "user.password": "password changed",
    "user.activate": "user let in",
    "user.deactivate": "user locked out",
    "user.second_factor": "second factor changed",
    "user.invite": "invitation made",
    "user.unlock": "user unlocked",
    "user.identity": "identity of the sign-in service changed",
    "token.add": "token made",
    "token.revoke": "token revoked",
    "issue.confirm": "value confirmed",
    "issue.reopen": "confirmation taken back",
    "record.exclude": "record excluded",
    "record.include": "exclusion taken back",
}
"""Code → words."""

_FIELDS: Final = ("sequence", "at", "by", "action", "subject", "reason", "details", "previous_hash", "hash")

BREAKS: Final = {
    "missing": "an entry is missing here, or the order was changed",
    "content": "the entry was changed",
    "link": "the entry does not follow the one before",
    "end": "entries at the end are missing, or the head was changed",
    "unreadable": "the line is no entry",
}
"""Code → what is wrong with a link."""


class TrailEntry(SQLModel, table=True):
    """One entry. It is only ever added; triggers of the database refuse everything else."""

    __tablename__: ClassVar[str] = "trail"

    sequence: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: str  # UTC, ISO 8601 with microseconds: the text is what is hashed
    by: str
    action: str
    subject: str = Field(index=True)
    reason: str | None = Field(default=None, sa_type=Text)
    details: str = Field(sa_type=Text)  # canonical JSON
    previous_hash: str = Field(max_length=64)
    hash: str = Field(max_length=64)


class TrailHead(SQLModel, table=True):
    """The end of the chain, one row. Who appends locks it, so that there is only one chain."""

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    sequence: int
    hash: str = Field(max_length=64)


@dataclass(frozen=True, slots=True)
class Deed:
    """What is to be entered.

    Attributes:
        by: who did it.
        action: a code of `ACTIONS`.
        subject: what it was done to: a batch, a year, a release.
        reason: why, where one was given.
        details: text, whole numbers, truth values, and lists and mappings of them; no floats.
    """

    by: str
    action: str
    subject: str
    reason: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Break:
    """The first link that does not hold. `code`: of `BREAKS`."""

    sequence: int
    code: str


def canonical(value: object) -> str:
    """Return the one JSON text of a value: sorted keys, no spaces."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def link(deed: Deed, *, sequence: int, previous_hash: str) -> TrailEntry:
    """Return the entry of a deed at its place in the chain.

    Raises:
        ValueError: nobody is named, or the action is not in the vocabulary (a defect).
    """
    if not deed.by.strip() or deed.action not in ACTIONS:
        message = f"no entry of the trail: {deed.action} by {deed.by!r}"
        raise ValueError(message)
    entry = TrailEntry(
        sequence=sequence,
        at=datetime.now(UTC).isoformat(timespec="microseconds"),
        by=deed.by,
        action=deed.action,
        subject=deed.subject,
        reason=deed.reason,
        details=canonical(dict(deed.details)),
        previous_hash=previous_hash,
        hash="",
    )
    entry.hash = hash_of(told(entry))
    return entry


def told(entry: TrailEntry) -> dict[str, Any]:
    """Return an entry for other programs, its details as an object."""
    return {name: getattr(entry, name) for name in _FIELDS} | {"details": json.loads(entry.details)}


def hash_of(entry: Mapping[str, Any]) -> str:
    """Return the sha256 over everything an entry says, the hash of the one before included."""
    content = {name: entry[name] for name in _FIELDS if name != "hash"}
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def broken(entries: Iterable[Mapping[str, Any]], head: tuple[int, str] | None) -> Break | None:
    """Return the first link that does not hold, or None.

    Args:
        entries: in their order, as `told` gives them.
        head: sequence and hash of the end; None: there is none, which is a break of its own.
    """
    sequence, previous = 0, START
    for entry in entries:
        sequence += 1
        if entry["sequence"] != sequence:
            return Break(sequence, "missing")
        if hash_of(entry) != entry["hash"]:
            return Break(sequence, "content")
        if entry["previous_hash"] != previous:
            return Break(sequence, "link")
        previous = entry["hash"]
    return None if head == (sequence, previous) else Break(sequence + 1, "end")


def lines(entries: Iterable[TrailEntry], head: tuple[int, str]) -> Iterator[str]:
    """Yield the chain as JSON lines; the last one is its end."""
    yield from (canonical(told(entry)) for entry in entries)
    yield canonical({"end": head[0], "hash": head[1]})


def broken_line(text: Iterable[str]) -> tuple[Break | None, tuple[int, str] | None]:
    """Return the first broken link of a chain written by `lines`, and its end.

    A line must be the canonical text of what it says: a changed byte that means the same is a break too.
    """
    entries: list[dict[str, Any]] = []
    head: tuple[int, str] | None = None
    for number, line in enumerate(text, 1):
        found = _parsed(line)
        if found is None or head is not None:
            return broken(entries, (number - 1, _last(entries))) or Break(number, "unreadable"), None
        if "end" in found:
            head = (found["end"], found["hash"])
        else:
            entries.append(found)
    return broken(entries, head), head


def _last(entries: list[dict[str, Any]]) -> str:
    return str(entries[-1]["hash"]) if entries else START


def _parsed(line: str) -> dict[str, Any] | None:
    """Return what a line says; None where it is neither an entry nor an end in their canonical text."""
    try:
        found = json.loads(line)
        is_same = canonical(found) == line
    except ValueError:
        return None
    names = set(found) if isinstance(found, dict) else set()
    return found if is_same and names in (set(_FIELDS), {"end", "hash"}) else None
