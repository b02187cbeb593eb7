"""What an organisation has resolved: targets, measures and declared rates of growth, with their rules."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

import polars as pl
from sqlmodel import Field, SQLModel

from bilanz.errors import Refused

SCOPES: Final = ("1", "2", "3")
KG_PER_T: Final = 1000


class PathKind(StrEnum):
    """How a target leads from the base year to the target year."""

    LINEAR = "linear"
    BUDGET = "budget"


class Status(StrEnum):
    """How far a measure has got."""

    PLANNED = "planned"
    DECIDED = "decided"
    IMPLEMENTED = "implemented"
    ABANDONED = "abandoned"


class Target(SQLModel, table=True):
    """A reduction somebody has adopted, for one book and some of its scopes."""

    id: str = Field(primary_key=True, max_length=64)
    organisation: str = Field(foreign_key="organisationunit.id", index=True)
    book: str
    scopes: str  # of "1", "2", "3", joined by commas
    base_year: int
    base_t: Decimal | None = Field(default=None, max_digits=15, decimal_places=3)  # null: of the run
    base_source: str | None = None  # where a stated base was published
    target_year: int
    reduction: Decimal = Field(max_digits=7, decimal_places=6)  # of the base, 0 to 1
    path: str
    budget_t: Decimal | None = Field(default=None, max_digits=15, decimal_places=3)  # after the base year
    adopted_by: str | None = None
    evidence: str


class Measure(SQLModel, table=True):
    """Something that is to lower emissions or energy, with the effect expected of it in a year."""

    id: str = Field(primary_key=True, max_length=64)
    organisation: str = Field(foreign_key="organisationunit.id", index=True)
    title: str
    starts_on: date
    lifetime_years: int | None = None  # null: not stated, its effect does not end
    effect_kg: Decimal | None = Field(default=None, max_digits=15, decimal_places=3)  # kg CO2e less per year
    effect_kwh: Decimal | None = Field(default=None, max_digits=15, decimal_places=3)  # kWh less per year
    activity: str  # what is used less, or more where an effect is negative
    cost_net: Decimal | None = Field(default=None, max_digits=15, decimal_places=2)
    currency: str | None = Field(default=None, max_length=3)
    status: str
    method: str | None = None  # how the effect was determined
    evidence: str


class Growth(SQLModel, table=True):
    """A rate of growth somebody has declared for an activity; nothing grows by itself."""

    id: str = Field(primary_key=True, max_length=64)
    organisation: str = Field(foreign_key="organisationunit.id", index=True)
    activity: str
    rate: Decimal = Field(max_digits=9, decimal_places=6)  # per year; −0.02: two percent less
    first_year: int
    last_year: int
    title: str
    evidence: str


TARGET_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "id": pl.String,
    "organisation": pl.String,
    "book": pl.String,
    "scopes": pl.String,
    "base_year": pl.Int64,
    "base_t": pl.Decimal(15, 3),
    "base_source": pl.String,
    "target_year": pl.Int64,
    "reduction": pl.Decimal(7, 6),
    "path": pl.String,
    "budget_t": pl.Decimal(15, 3),
    "adopted_by": pl.String,
    "evidence": pl.String,
}

MEASURE_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "id": pl.String,
    "organisation": pl.String,
    "title": pl.String,
    "starts_on": pl.Date,
    "lifetime_years": pl.Int64,
    "effect_kg": pl.Decimal(15, 3),
    "effect_kwh": pl.Decimal(15, 3),
    "activity": pl.String,
    "cost_net": pl.Decimal(15, 2),
    "currency": pl.String,
    "status": pl.String,
    "method": pl.String,
    "evidence": pl.String,
}

GROWTH_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "id": pl.String,
    "organisation": pl.String,
    "activity": pl.String,
    "rate": pl.Decimal(9, 6),
    "first_year": pl.Int64,
    "last_year": pl.Int64,
    "title": pl.String,
    "evidence": pl.String,
}


def check_target(new: Target) -> None:
    """Hold a target against the rules.

    Raises:
        Refused: scopes, years, reduction, base or budget contradict each other or are incomplete.
    """
    scopes = new.scopes.split(",")
    if not set(scopes) <= set(SCOPES) or len(set(scopes)) != len(scopes):
        raise Refused('"{value}" is no set of scopes: 1, 2 and 3, joined by commas.', value=new.scopes)
    if new.target_year <= new.base_year:
        message = 'The target "{id}" must lie after its base year ({base}).'
        raise Refused(message, id=new.id, base=str(new.base_year))
    if not 0 < new.reduction <= 1:
        raise Refused('The reduction of the target "{id}" must be more than 0 and at most 1.', id=new.id)
    if (new.base_t is None) != (new.base_source is None):
        message = 'A stated base of the target "{id}" needs its source, and a source needs a base.'
        raise Refused(message, id=new.id)
    if (new.path == PathKind.BUDGET) != (new.budget_t is not None):
        message = 'The target "{id}" has a budget if, and only if, its path is "budget".'
        raise Refused(message, id=new.id)
    if any(value is not None and value <= 0 for value in (new.base_t, new.budget_t)):
        raise Refused('Base and budget of the target "{id}" must be more than zero.', id=new.id)


def check_measure(new: Measure) -> None:
    """Hold a measure against the rules.

    Raises:
        Refused: no effect, a cost without currency, a lifetime of no year.
    """
    if new.effect_kg is None and new.effect_kwh is None:
        message = 'The measure "{id}" needs an effect: kg CO2e or kWh per year.'
        raise Refused(message, id=new.id)
    if (new.cost_net is None) != (new.currency is None):
        raise Refused(
            'The cost of the measure "{id}" needs its currency, and the other way round.', id=new.id
        )
    if new.lifetime_years is not None and new.lifetime_years <= 0:
        raise Refused('The lifetime of the measure "{id}" must be at least one year.', id=new.id)


def check_growth(new: Growth) -> None:
    """Hold a rate of growth against the rules.

    Raises:
        Refused: it ends before it begins, or more than everything would vanish.
    """
    if new.last_year < new.first_year:
        raise Refused('The growth "{id}" ends before it begins.', id=new.id)
    if new.rate <= -1:
        raise Refused('The rate of the growth "{id}" must be above −1 (−100 % per year).', id=new.id)
