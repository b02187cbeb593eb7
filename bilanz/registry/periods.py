"""Periods, what their runs were made of, and their restatements; every change with its entry in the trail."""

import hashlib

from sqlmodel import col, func, select

from bilanz.errors import BilanzError
from bilanz.period import Period, PeriodInputs, Restatement
from bilanz.registry.engine import Registry
from bilanz.registry.trail import append
from bilanz.trail import Deed


def periods(registry: Registry) -> list[Period]:
    """Return all periods that were ever released, by organisation and year."""
    with registry.session() as session:
        return list(session.exec(select(Period).order_by(col(Period.organisation), col(Period.year))))


def period(registry: Registry, organisation: str, year: int) -> Period:
    """Return a period; one nobody has released is open."""
    with registry.session() as session:
        found = session.get(Period, (organisation, year))
    return found or Period(organisation=organisation, year=year)


def put_period(registry: Registry, changed: Period, deed: Deed, kept: PeriodInputs | None = None) -> None:
    """Keep a period as it is now, its entry in the trail and what its run was made of: all or nothing."""
    with registry.session() as session:
        session.merge(changed)
        if kept is not None:
            session.merge(kept)
        append(session, deed)
        session.commit()


def inputs(registry: Registry, run: str) -> str | None:
    """Return what a released run was made of, or None where it never was released.

    Raises:
        BilanzError: it is not what was kept.
    """
    with registry.session() as session:
        found = session.get(PeriodInputs, run)
    if found is None:
        return None
    if hashlib.sha256(found.content.encode()).hexdigest() != found.sha256:
        message = "What was kept of the run {run} was changed. Restore the registry from a backup."
        raise BilanzError(message, code="period_inputs", run=run)
    return found.content


def add_restatement(registry: Registry, made: Restatement, deed: Deed) -> int:
    """Keep a restatement under the next number of its period and return the number."""
    with registry.session() as session:
        append(session, deed)  # takes the lock, so that numbers are given once
        taken = session.exec(
            select(func.max(Restatement.number)).where(
                Restatement.organisation == made.organisation, Restatement.year == made.year
            )
        ).one()
        made.number = (taken or 0) + 1
        session.add(made)
        session.commit()
        return made.number


def restatements(registry: Registry, organisation: str, year: int) -> list[Restatement]:
    """Return the restatements of a period, the first one first."""
    query = select(Restatement).where(Restatement.organisation == organisation, Restatement.year == year)
    with registry.session() as session:
        return list(session.exec(query.order_by(col(Restatement.number))))
