"""Dated memberships: to whom an organisation belongs, with which share and which control."""

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction

import polars as pl
from sqlmodel import select

from bilanz.boundary import MEMBERSHIP_SCHEMA, Edge, check_circle
from bilanz.errors import UnknownName, UsageError
from bilanz.organisation import Membership, OrganisationUnit
from bilanz.registry.engine import Registry
from bilanz.registry.organisations import organisation, organisations


def memberships(registry: Registry) -> list[Membership]:
    """Return all declared memberships by organisation and day."""
    with registry.session() as session:
        found = session.exec(select(Membership)).all()
    return sorted(found, key=lambda row: (row.organisation, row.valid_from))


def check_membership(
    new: Membership, others: Sequence[Membership], units: Iterable[OrganisationUnit]
) -> None:
    """Hold a membership against the others.

    Raises:
        UsageError: it ends before it starts, an organisation would belong to two at once or to itself.
    """
    if new.valid_to is not None and new.valid_to <= new.valid_from:
        message = 'The membership of "{name}" ends before it starts (the end is exclusive).'
        raise UsageError(message, name=new.organisation)
    if new.parent == new.organisation:
        raise UsageError('The organisation "{name}" is its own ancestor.', name=new.organisation)
    kept = [row for row in others if (row.organisation, row.valid_from) != (new.organisation, new.valid_from)]
    for other in kept:
        if other.organisation == new.organisation and _overlap(new, other):
            message = (
                'Two memberships of "{name}" hold at once: from {first} and from {second}. End the earlier '
                "one on the day the later one begins."
            )
            days = sorted((str(new.valid_from), str(other.valid_from)))
            raise UsageError(message, name=new.organisation, first=days[0], second=days[1])
    edge, *held = _edges([new, *kept], units)
    check_circle(edge, held)


def put_membership(registry: Registry, new: Membership) -> None:
    """Add a membership or replace the one of the same organisation and day.

    Raises:
        UnknownName: an organisation is not registered.
        UsageError: it does not go with the others.
    """
    for name in (new.organisation, new.parent):
        organisation(registry, name)
    check_membership(new, memberships(registry), organisations(registry).values())
    with registry.session() as session:
        session.merge(new)
        session.commit()


def remove_membership(registry: Registry, name: str, first: date) -> None:
    """Delete the membership of an organisation that begins on a day.

    Raises:
        UnknownName: there is none.
    """
    with registry.session() as session:
        found = session.get(Membership, (name, first))
        if found is None:
            days = ", ".join(str(row.valid_from) for row in memberships(registry) if row.organisation == name)
            message = 'No membership of "{name}" begins on {day}. There are: {known}.'
            raise UnknownName(message, name=name, day=str(first), known=days or "–")
        session.delete(found)
        session.commit()


def memberships_frame(registry: Registry) -> pl.DataFrame:
    """Return who belongs to whom, `MEMBERSHIP_SCHEMA`.

    An organisation without a declared membership belongs to the parent of its unit, while it is active, with
    its consolidation share and under control; `is_declared` is false.
    """
    declared = memberships(registry)
    rows = [
        {
            "organisation": row.organisation,
            "parent": row.parent,
            "valid_from": row.valid_from,
            "valid_to": row.valid_to,
            "equity_share": row.equity_share,
            "operational_control": row.operational_control,
            "financial_control": row.financial_control,
            "is_declared": True,
        }
        for row in declared
    ]
    rows += [
        {
            "organisation": unit.id,
            "parent": unit.parent,
            "valid_from": unit.active_from,
            "valid_to": unit.active_to,
            "equity_share": unit.consolidation_share,
            "operational_control": True,
            "financial_control": True,
            "is_declared": False,
        }
        for unit in _undeclared(declared, organisations(registry).values())
    ]
    return pl.DataFrame(rows, schema=MEMBERSHIP_SCHEMA, orient="row")


def _undeclared(declared: Iterable[Membership], units: Iterable[OrganisationUnit]) -> list[OrganisationUnit]:
    """Return the units with a parent and without any declared membership."""
    named = {row.organisation for row in declared}
    return [unit for unit in units if unit.parent is not None and unit.id not in named]


def _edges(declared: Sequence[Membership], units: Iterable[OrganisationUnit]) -> list[Edge]:
    """Return memberships as edges of which only the days and the ends matter, the declared ones first."""
    spans: list[tuple[str, str, date | None, date | None]] = [
        (row.organisation, row.parent, row.valid_from, row.valid_to) for row in declared
    ]
    spans += [
        (unit.id, unit.parent or "", unit.active_from, unit.active_to)
        for unit in _undeclared(declared, units)
    ]
    return [
        Edge(
            name, parent, first or date.min, end or date.max, Fraction(1), operational=True, financial=True,
            is_declared=True,
        )
        for name, parent, first, end in spans
    ]  # fmt: skip


def _overlap(first: Membership, second: Membership) -> bool:
    ends = (first.valid_to or date.max, second.valid_to or date.max)
    return first.valid_from < ends[1] and second.valid_from < ends[0]
