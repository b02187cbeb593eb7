"""Members of the fund in the registry: who they are, by which figures they pay, what they paid."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlmodel import Field, SQLModel


class FigureKind(StrEnum):
    """What is known of a member for a year; each is a row with its source."""

    INHABITANTS = "inhabitants"
    INCOME = "income"  # disposable household income per head, in `unit` (a currency, or PPS)
    PRICE_LEVEL = "price_level"  # shown beside, in no key; 100: the mean of `source`; `unit` such as DE=100
    TAX_CAPACITY = "tax_capacity"  # Umlagegrundlagen per head, in `unit`
    EXCHANGE_RATE = "exchange_rate"  # member's currency for one of the fund's, mean of the year; PLN/EUR


class KeyKind(StrEnum):
    """How contributions are adjusted to living conditions."""

    ELASTIC = "elastic"  # S1: elastic capacity
    RELIEF = "relief"  # S2: relief below the mean, as the United Nations' scale has it
    TWO_TIER = "two_tier"  # S3: countries by S1 or S2, members of one by fiscal capacity


class AmountMode(StrEnum):
    """What stays fixed; both cannot."""

    TOTAL = "total"  # the total is fixed: amount per head of all, times all inhabitants
    ANCHOR = "anchor"  # the amount per head of one member is fixed, the total follows


class FundMember(SQLModel, table=True):
    """An organisation that pays into the fund."""

    organisation: str = Field(primary_key=True, foreign_key="organisationunit.id")
    country: str = Field(max_length=2)  # ISO 3166-1 alpha-2
    currency: str = Field(max_length=3)
    joined_on: date
    left_on: date | None = None  # first day on which it is no member
    evidence: str


class FundFigure(SQLModel, table=True):
    """A statistic of a member for a year, with where it was published."""

    organisation: str = Field(primary_key=True, foreign_key="organisationunit.id")
    kind: str = Field(primary_key=True)  # FigureKind
    year: int = Field(primary_key=True)
    value: Decimal = Field(max_digits=19, decimal_places=6)
    unit: str  # person, EUR, PPS, an index's base …
    source: str  # publication, table, code
    retrieved_on: date
    licence: str


class FundKey(SQLModel, table=True):
    """A solidarity key the members have resolved, from a year on until the next one."""

    id: str = Field(primary_key=True, max_length=64)
    organisation: str = Field(foreign_key="organisationunit.id", index=True)  # the league
    first_year: int
    is_proposal: bool | None = None  # compared with the key in force, never in force; null: it was resolved
    key: str  # KeyKind
    mode: str  # AmountMode
    amount: Decimal = Field(max_digits=15, decimal_places=2)  # per head: of all, or of the anchor
    currency: str = Field(max_length=3)
    anchor: str | None = Field(default=None, foreign_key="organisationunit.id")  # only mode "anchor"
    elasticity: Decimal | None = Field(default=None, max_digits=7, decimal_places=4)  # ε, S1 (or tier 1)
    relief: Decimal | None = Field(default=None, max_digits=7, decimal_places=4)  # g, S2 (or tier 1)
    fiscal_weight: Decimal | None = Field(default=None, max_digits=7, decimal_places=4)  # β, S3
    lowest: Decimal | None = Field(default=None, max_digits=9, decimal_places=4)  # w_min; S2, S3: per head
    highest: Decimal | None = Field(default=None, max_digits=9, decimal_places=4)  # w_max; S2, S3: per head
    mean_years: int = 3  # years whose figures are averaged, those before the year of the contribution
    evidence: str


class FundPayment(SQLModel, table=True):
    """Money a member paid for a year; negative: paid back."""

    id: str = Field(primary_key=True, max_length=64)
    organisation: str = Field(foreign_key="organisationunit.id", index=True)
    year: int
    paid_on: date
    amount: Decimal = Field(max_digits=19, decimal_places=2)
    currency: str = Field(max_length=3)
    evidence: str
