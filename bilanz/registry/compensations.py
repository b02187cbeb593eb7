"""Compensation certificates as they were declared, and the rules they must keep."""

import polars as pl
from sqlmodel import select

from bilanz.compensation import COMPENSATION_SCHEMA
from bilanz.errors import Refused
from bilanz.organisation import Compensation
from bilanz.registry.engine import Registry


def compensations(registry: Registry) -> dict[str, Compensation]:
    """Return id → declared compensation, by id."""
    with registry.session() as session:
        found = session.exec(select(Compensation).order_by(Compensation.id))
        return {entry.id: entry for entry in found}


def compensations_frame(registry: Registry) -> pl.DataFrame:
    """Return what was declared, `COMPENSATION_SCHEMA`, by id."""
    rows = [entry.model_dump() for entry in compensations(registry).values()]
    return pl.DataFrame(rows, schema=COMPENSATION_SCHEMA, orient="row")


def check_compensation(new: Compensation) -> None:
    """Hold a declared compensation against the rules.

    Raises:
        Refused: the mass is not more than zero, or evidence or standard is blank.
    """
    if new.tonnes <= 0:
        message = (
            'The compensation "{id}" needs more than zero tonnes: it is never deducted and needs no sign.'
        )
        raise Refused(message, id=new.id)
    if not new.evidence.strip() or not new.standard.strip():
        message = 'The compensation "{id}" needs its standard and its evidence: register, number, day.'
        raise Refused(message, id=new.id)
