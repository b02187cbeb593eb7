"""Monthly weights and overlaps: what the registry declares beside what it knows."""

from collections.abc import Sequence
from datetime import date
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
        return list(session.exec(select(MonthWeight).order_by(MonthWeight.name, MonthWeight.month)))  # type: ignore[arg-type]  # columns of a table are typed as their values


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


def check_overlap(overlap: Overlap, others: Sequence[Overlap]) -> None:
    """Check one overlap against the others.

    Raises:
        UsageError: the part is its own whole, also through others; it would be taken off twice; its time
            is not in whole months or ends before it starts.
    """
    if overlap.part_source == overlap.whole_source and overlap.whole_activity in {
        None,
        overlap.part_activity,
    }:
        raise UsageError('"{source}" cannot be a part of itself.', source=overlap.part_source)
    days = [day for day in (overlap.valid_from, overlap.valid_to) if day is not None]
    if any(day.day != 1 for day in days):
        message = 'The overlap "{name}" holds for whole months: from and to are first days of a month.'
        raise UsageError(message, name=overlap.id)
    if overlap.valid_from and overlap.valid_to and overlap.valid_to <= overlap.valid_from:
        raise UsageError('The overlap "{name}" ends before it starts.', name=overlap.id)
    rest = [other for other in others if other.id != overlap.id]
    for other in rest:
        if _is_same_part(overlap, other):
            message = '"{source}" is declared a part already, by "{other}"; it would be taken off twice.'
            raise UsageError(message, source=overlap.part_source, other=other.id)
    if _leads_back(overlap, rest):
        message = 'The overlap "{name}" makes a circle: "{source}" would be a part of itself.'
        raise UsageError(message, name=overlap.id, source=overlap.part_source)


def _is_same_part(first: Overlap, second: Overlap) -> bool:
    """Return whether two overlaps speak of the same part in the same month."""
    activities = (first.part_activity, second.part_activity)
    is_same = first.part_source == second.part_source and (None in activities or len(set(activities)) == 1)
    starts = (first.valid_from or date.min, second.valid_from or date.min)
    ends = (first.valid_to or date.max, second.valid_to or date.max)
    return is_same and starts[0] < ends[1] and starts[1] < ends[0]


def _leads_back(overlap: Overlap, others: Sequence[Overlap]) -> bool:
    """Return whether the whole of an overlap is, through others, a part of its part."""
    reached, pending = set[str](), [overlap.whole_source]
    while pending:
        current = pending.pop()
        reached.add(current)
        pending += [
            other.whole_source
            for other in others
            if other.part_source == current and other.whole_source not in reached
        ]
    return overlap.part_source in reached and overlap.part_source != overlap.whole_source
