"""Rates and factor series a board resolves on, in the registry: versioned data, never constants."""

from decimal import Decimal
from enum import StrEnum

from sqlmodel import Field, SQLModel


class RateKind(StrEnum):
    """What a rate is for."""

    CLIMATE_COST = "climate_cost"  # currency per t CO2e emitted in `year`
    DISCOUNT = "discount"  # per year, 0.02: two percent


class FundRate(SQLModel, table=True):
    """One figure of a versioned set of rates."""

    set: str = Field(primary_key=True, max_length=64)  # such as "uba-mk-3.2"
    kind: str = Field(primary_key=True)  # RateKind
    time_preference: Decimal = Field(primary_key=True, max_digits=7, decimal_places=6)  # pure; 0 and 0.01
    year: int = Field(primary_key=True)  # of the emission; discount: first year it holds
    organisation: str = Field(foreign_key="organisationunit.id", index=True)  # the league
    value: Decimal = Field(max_digits=19, decimal_places=6)
    unit: str  # EUR/t, or 1 for a discount
    price_year: int | None = None
    source: str
    legal_basis: str | None = None


class FundFactor(SQLModel, table=True):
    """What a saved unit avoids in a year, by a series the board has declared."""

    series: str = Field(primary_key=True, max_length=64)
    year: int = Field(primary_key=True)
    organisation: str = Field(foreign_key="organisationunit.id", index=True)  # the league
    value: Decimal = Field(max_digits=19, decimal_places=9)  # kg CO2e per `unit`
    unit: str
    half_width: Decimal | None = Field(default=None, max_digits=9, decimal_places=6)  # 95 %, 0.1: ten percent
    source: str  # publication, edition, page; or the resolution that holds a year's factor
