"""Targets, measures and growth of the registry, as rows and as frames."""

import polars as pl
from sqlmodel import SQLModel, select

from bilanz.plan import GROWTH_SCHEMA, MEASURE_SCHEMA, TARGET_SCHEMA, Growth, Measure, Target
from bilanz.registry.engine import Registry


def targets(registry: Registry) -> list[Target]:
    """Return the targets, by id."""
    with registry.session() as session:
        return list(session.exec(select(Target).order_by(Target.id)))


def measures(registry: Registry) -> list[Measure]:
    """Return the measures, by id."""
    with registry.session() as session:
        return list(session.exec(select(Measure).order_by(Measure.id)))


def growth(registry: Registry) -> list[Growth]:
    """Return the declared rates of growth, by id."""
    with registry.session() as session:
        return list(session.exec(select(Growth).order_by(Growth.id)))


def targets_frame(registry: Registry) -> pl.DataFrame:
    """Return the targets, `TARGET_SCHEMA`."""
    return _frame(targets(registry), TARGET_SCHEMA)


def measures_frame(registry: Registry) -> pl.DataFrame:
    """Return the measures, `MEASURE_SCHEMA`."""
    return _frame(measures(registry), MEASURE_SCHEMA)


def growth_frame(registry: Registry) -> pl.DataFrame:
    """Return the rates of growth, `GROWTH_SCHEMA`."""
    return _frame(growth(registry), GROWTH_SCHEMA)


def _frame(
    rows: list[Target] | list[Measure] | list[Growth],
    schema: dict[str, pl.DataType | type[pl.DataType]],
) -> pl.DataFrame:
    told: list[SQLModel] = [*rows]
    return pl.DataFrame([row.model_dump() for row in told], schema=schema, orient="row")
