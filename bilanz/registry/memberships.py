"""Dated memberships: to whom an organisation belongs, with which share and which control."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import partial

import polars as pl
from sqlmodel import select

from bilanz.boundary import MEMBERSHIP_SCHEMA, check_circle
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
    new: Membership, others: Sequence[Membership], units: Mapping[str, OrganisationUnit]
) -> None:
    """Hold a membership against the others.

    Raises:
        UsageError: it ends before it starts, an organisation would belong to two at once or to itself.
    """
    if new.valid_to is not None and new.valid_to <= new.valid_from:
        message = 'The membership of "{name}" ends before it starts (the end is exclusive).'
        raise UsageError(message, name=new.organisation)
    held: dict[str, list[Membership]] = {new.organisation: [new]}
    for row in others:
        if (row.organisation, row.valid_from) != (new.organisation, new.valid_from):
            held.setdefault(row.organisation, []).append(row)
    for other in held[new.organisation]:
        if other is not new and _overlap(new, other):
            message = (
                'Two memberships of "{name}" hold at once: from {first} and from {second}. End the earlier '
                "one on the day the later one begins."
            )
            both = sorted((str(new.valid_from), str(other.valid_from)))
            raise UsageError(message, name=new.organisation, first=both[0], second=both[1])
    starts = {new.valid_from, *(row.valid_from for rows in held.values() for row in rows)}
    starts |= {unit.active_from for unit in units.values() if unit.active_from is not None}
    end = new.valid_to or date.max
    days = sorted(day for day in starts if new.valid_from <= day < end)
    check_circle(new.organisation, days, partial(_parent_on, held, units))


def put_membership(registry: Registry, new: Membership) -> None:
    """Add a membership or replace the one of the same organisation and day.

    Raises:
        UnknownName: an organisation is not registered.
        UsageError: it does not go with the others.
    """
    for name in (new.organisation, new.parent):
        organisation(registry, name)
    check_membership(new, memberships(registry), organisations(registry))
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


def _parent_on(
    held: Mapping[str, Sequence[Membership]], units: Mapping[str, OrganisationUnit], name: str, day: date
) -> str | None:
    """Return to whom an organisation belongs on a day."""
    if name in held:
        return next((row.parent for row in held[name] if _holds(row.valid_from, row.valid_to, day)), None)
    unit = units.get(name)
    return unit.parent if unit is not None and _holds(unit.active_from, unit.active_to, day) else None


def _holds(first: date | None, end: date | None, day: date) -> bool:
    return (first or date.min) <= day < (end or date.max)


def _overlap(first: Membership, second: Membership) -> bool:
    ends = (first.valid_to or date.max, second.valid_to or date.max)
    return first.valid_from < ends[1] and second.valid_from < ends[0]
