"""Sources (meters, vehicles, contracts, suppliers) and their dated terms."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Final

from sqlmodel import col, select

from bilanz.errors import UnknownName, UsageError
from bilanz.organisation import ROLES, TENURES, Source, SourceTerm, Tenure
from bilanz.registry.engine import Registry

CHUNK: Final = 500  # SQLite allows 32 766 parameters a statement; this stays far below with every driver


@dataclass(frozen=True, slots=True)
class Found:
    """A source a file names that may not be registered yet."""

    source: str
    organisation: str
    activity: str | None
    unit: str | None
    basis: str | None
    minutes: int | None
    role: str


def sources(registry: Registry) -> dict[str, Source]:
    """Return id → source, by id."""
    with registry.session() as session:
        return {source.id: source for source in session.exec(select(Source).order_by(Source.id))}


def terms(registry: Registry) -> list[SourceTerm]:
    """Return all terms by source and day."""
    with registry.session() as session:
        found = session.exec(select(SourceTerm)).all()
    return sorted(found, key=lambda term: (term.source, term.valid_from or date.min))


def source(registry: Registry, identifier: str) -> Source:
    """Return one source.

    Raises:
        UnknownName: there is none of this id; the message names near misses.
    """
    with registry.session() as session:
        found = session.get(Source, identifier)
    if found is None:
        close = get_close_matches(identifier, sources(registry), n=3, cutoff=0.6)
        message = 'The source "{name}" is not registered. Similar: {near}.'
        raise UnknownName(message, name=identifier, near=", ".join(close) or "–")
    return found


def find(registry: Registry, identifier: str) -> Source | None:
    """Return one source, or None where it is not registered."""
    with registry.session() as session:
        return session.get(Source, identifier)


def put_source(registry: Registry, changed: Source) -> None:
    """Add a source or replace the one of its id.

    Raises:
        UnknownName: its parent is not registered.
        UsageError: it would be its own parent.
    """
    if changed.parent == changed.id:
        raise UsageError('The source "{name}" cannot be its own parent.', name=changed.id)
    if changed.parent is not None:
        source(registry, changed.parent)
    with registry.session() as session:
        session.merge(changed)
        session.commit()


def _overlaps(first: SourceTerm, second: SourceTerm) -> bool:
    starts = (first.valid_from or date.min, second.valid_from or date.min)
    ends = (first.valid_to or date.max, second.valid_to or date.max)
    return starts[0] < ends[1] and starts[1] < ends[0]


def check_term(term: SourceTerm, others: Sequence[SourceTerm]) -> None:
    """Check one term against the closed vocabularies and the other terms of its source.

    Raises:
        UnknownName: role or tenure is not known.
        UsageError: it ends before it starts, or two terms hold at once.
    """
    for name, expected in ((term.role, ROLES), (term.tenure, TENURES)):
        if name not in expected:
            raise UnknownName('"{name}" is not one of {expected}.', name=name, expected=", ".join(expected))
    if term.valid_from and term.valid_to and term.valid_to <= term.valid_from:
        message = 'The term of "{source}" ends before it starts (the end is exclusive).'
        raise UsageError(message, source=term.source)
    for other in others:
        is_itself = other is term or (term.id is not None and other.id == term.id)
        if other.source == term.source and not is_itself and _overlaps(term, other):
            message = 'Two terms of "{source}" hold at the same time: from {first} and from {second}.'
            first, second = (str(each.valid_from or "–") for each in (other, term))
            raise UsageError(message, source=term.source, first=first, second=second)


def put_term(registry: Registry, term: SourceTerm) -> None:
    """Add a term; terms an import had assumed for the source give way to a stated one.

    Raises:
        UnknownName: the source, its role or its tenure is not known.
        UsageError: it ends before it starts, or two terms hold at once.
    """
    source(registry, term.source)
    with registry.session() as session:
        present = session.exec(select(SourceTerm).where(SourceTerm.source == term.source)).all()
        assumed = [other for other in present if other.is_assumed and not term.is_assumed]
        check_term(term, [other for other in present if other not in assumed])
        for other in assumed:
            session.delete(other)
        session.merge(term)
        session.commit()


def registered(registry: Registry, identifiers: Iterable[str]) -> set[str]:
    """Return those of the ids that are registered."""
    wanted = sorted(set(identifiers))
    known: set[str] = set()
    with registry.session() as session:
        for index in range(0, len(wanted), CHUNK):
            part = wanted[index : index + CHUNK]
            known.update(session.exec(select(Source.id).where(col(Source.id).in_(part))))
    return known


def organisations_of(registry: Registry, identifiers: Iterable[str]) -> dict[str, set[str]]:
    """Return source → the organisations that hold or held it."""
    wanted = set(identifiers)
    held: dict[str, set[str]] = {}
    for term in terms(registry):
        if term.source in wanted:
            held.setdefault(term.source, set()).add(term.organisation)
    return held


def register_assumed(registry: Registry, found: Iterable[Found]) -> list[Found]:
    """Register the sources that are not known yet as owned, under own control, and marked as assumed.

    Returns:
        Those that were added, in the order given; a source given twice is added once.
    """
    candidates = list({entry.source: entry for entry in reversed(list(found))}.values())[::-1]
    known = registered(registry, (entry.source for entry in candidates))
    added = [entry for entry in candidates if entry.source not in known]
    with registry.session() as session:
        for entry in added:
            session.add(
                Source(
                    id=entry.source,
                    activity=entry.activity,
                    unit=entry.unit,
                    basis=entry.basis,
                    minutes=entry.minutes,
                )
            )
        session.flush()
        for entry in added:
            session.add(
                SourceTerm(
                    source=entry.source,
                    organisation=entry.organisation,
                    role=entry.role,
                    tenure=Tenure.OWNED,
                    control=True,
                    is_assumed=True,
                )
            )
        session.commit()
    return added
