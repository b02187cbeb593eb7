"""Monthly weights and overlaps: what the registry declares beside what it knows."""

from decimal import Decimal
from typing import Final

import polars as pl
from sqlmodel import select

from bilanz.declared import (
    APPORTIONMENT_SCHEMA,
    OVERLAP_SCHEMA,
    WEIGHT_SCHEMA,
    Apportionment,
    Declared,
)
from bilanz.errors import UsageError
from bilanz.organisation import MonthWeight, Overlap, Source
from bilanz.registry.engine import Registry
from bilanz.registry.sources import sources

_WEIGHTED: Final = (Apportionment.DEGREE_DAYS.value, Apportionment.PROFILE.value)


def month_weights(registry: Registry) -> list[MonthWeight]:
    """Return all monthly weights, by name and month."""
    with registry.session() as session:
        return list(session.exec(select(MonthWeight).order_by(MonthWeight.name, MonthWeight.month)))  # type: ignore[arg-type]


def overlaps(registry: Registry) -> list[Overlap]:
    """Return all declared overlaps, by id."""
    with registry.session() as session:
        return list(session.exec(select(Overlap).order_by(Overlap.id)))


def declared_of(registry: Registry) -> Declared:
    """Return what the registry declares about spreading and overlaps."""
    spread = [
        {
            "source": source.id,
            "method": source.apportionment,
            "weights": source.weights,
            "heating_share": source.heating_share
            if source.apportionment == Apportionment.DEGREE_DAYS
            else Decimal(1),
        }
        for source in sources(registry).values()
        if source.apportionment in _WEIGHTED
    ]
    weights = [{name: getattr(row, name) for name in WEIGHT_SCHEMA} for row in month_weights(registry)]
    told = [{name: getattr(row, name) for name in OVERLAP_SCHEMA} for row in overlaps(registry)]
    return Declared(
        pl.DataFrame(spread, schema=APPORTIONMENT_SCHEMA, orient="row"),
        pl.DataFrame(weights, schema=WEIGHT_SCHEMA, orient="row"),
        pl.DataFrame(told, schema=OVERLAP_SCHEMA, orient="row"),
    )


def check_apportionment(source: Source) -> None:
    """Check that a source says by what its bills are spread.

    Raises:
        UsageError: weights or heating share are missing.
    """
    if source.apportionment in _WEIGHTED and source.weights is None:
        message = 'The apportionment "{name}" of "{source}" needs weights: a name in weights.csv.'
        raise UsageError(message, name=source.apportionment, source=source.id)
    if source.apportionment == Apportionment.DEGREE_DAYS and source.heating_share is None:
        message = 'Only the heating share goes by degree days; "{source}" does not state it (heating_share).'
        raise UsageError(message, source=source.id)


def check_overlap(overlap: Overlap) -> None:
    """Check one overlap.

    Raises:
        UsageError: the part is its own whole, or its time is not in whole months or ends before it starts.
    """
    if (overlap.part_source, overlap.part_activity) == (overlap.whole_source, overlap.whole_activity):
        raise UsageError('"{source}" cannot be a part of itself.', source=overlap.part_source)
    days = [day for day in (overlap.valid_from, overlap.valid_to) if day is not None]
    if any(day.day != 1 for day in days):
        message = 'The overlap "{name}" holds for whole months: from and to are first days of a month.'
        raise UsageError(message, name=overlap.id)
    if overlap.valid_from and overlap.valid_to and overlap.valid_to <= overlap.valid_from:
        raise UsageError('The overlap "{name}" ends before it starts.', name=overlap.id)
