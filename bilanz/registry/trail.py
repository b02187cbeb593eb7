"""The audit trail in the database: entries are added and read, nothing else."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, col, select, update

from bilanz.registry.engine import Registry
from bilanz.trail import START, Break, Deed, TrailEntry, TrailHead, broken, canonical, link, told


def append(session: Session, deed: Deed) -> TrailEntry:
    """Add an entry in the caller's transaction: it stands if what it tells of does.

    The first statement takes the head: a second writer waits here until the first has committed, on SQLite
    for the file, on PostgreSQL for the row.
    """
    session.exec(update(TrailHead).values(sequence=col(TrailHead.sequence) + 1))
    head = session.exec(select(TrailHead).execution_options(populate_existing=True)).one()
    entry = link(deed, sequence=head.sequence, previous_hash=head.hash)
    head.hash = entry.hash
    session.add_all((entry, head))
    session.flush()
    return entry


def record(registry: Registry, *deeds: Deed) -> None:
    """Add entries about what was done outside the registry."""
    with registry.session() as session:
        for deed in deeds:
            append(session, deed)
        session.commit()


def entries(registry: Registry, subject: str | None = None) -> list[TrailEntry]:
    """Return the entries in their order, all or those of a subject."""
    query = select(TrailEntry).order_by(col(TrailEntry.sequence))
    if subject is not None:
        query = query.where(TrailEntry.subject == subject)
    with registry.session() as session:
        return list(session.exec(query))


def found(
    registry: Registry,
    *,
    subject: str = "",
    by: str = "",
    action: str = "",
    before: int | None = None,
    limit: int,
) -> list[TrailEntry]:
    """Return entries, the newest first, of a subject, a person or an action where one is named.

    Args:
        registry: whose.
        subject: of the entries, exactly.
        by: who did it, exactly.
        action: a code of `ACTIONS`.
        before: only entries before this one.
        limit: how many at most.
    """
    query = select(TrailEntry).order_by(col(TrailEntry.sequence).desc()).limit(limit)
    for column, value in ((TrailEntry.subject, subject), (TrailEntry.by, by), (TrailEntry.action, action)):
        if value:
            query = query.where(col(column) == value)
    if before is not None:
        query = query.where(col(TrailEntry.sequence) < before)
    with registry.session() as session:
        return list(session.exec(query))


def entry(registry: Registry, sequence: int) -> TrailEntry | None:
    """Return the entry of a number, or None."""
    with registry.session() as session:
        return session.get(TrailEntry, sequence)


def head(registry: Registry) -> tuple[int, str] | None:
    """Return sequence and hash of the end; None where somebody has removed it."""
    with registry.session() as session:
        found = session.exec(select(TrailHead)).first()
    return None if found is None else (found.sequence, found.hash)


def broken_link(registry: Registry) -> Break | None:
    """Return the first link of the chain that does not hold, or None."""
    rows = entries(registry)
    for place, entry in enumerate(rows, 1):
        if _object(entry) is None:
            return broken(map(told, rows[: place - 1]), _end(rows[: place - 1])) or Break(place, "content")
    return broken(map(told, rows), head(registry))


def _object(entry: TrailEntry) -> Mapping[str, Any] | None:
    """Return the details of an entry; None where their text is not the one that was written."""
    try:
        found = told(entry)["details"]
    except ValueError:
        return None
    return found if isinstance(found, dict) and canonical(found) == entry.details else None


def _end(rows: list[TrailEntry]) -> tuple[int, str]:
    return (len(rows), rows[-1].hash if rows else START)
