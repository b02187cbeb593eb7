"""Projects of the fund in the registry: money, what they touch, what is expected and what was observed."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlmodel import Field, SQLModel


class Pillar(StrEnum):
    """The thirds of the fund."""

    NATURE = "nature"
    SOCIAL = "social"
    DEMOCRACY_DIGITAL = "democracy_digital"


class ClimateTag(StrEnum):
    """How an expenditure bears on the climate; blank: not assessed."""

    PRINCIPAL = "principal"  # 100 %
    SIGNIFICANT = "significant"  # 40 %
    NONE = "none"  # 0 %
    UNFAVOURABLE = "unfavourable"


class TaxonomyState(StrEnum):
    """Where an activity stands by the EU taxonomy; blank: not assessed."""

    ALIGNED = "aligned"
    ELIGIBLE = "eligible_not_aligned"
    NOT_ELIGIBLE = "not_eligible"


class FlowKind(StrEnum):
    """What happened to money."""

    COMMITMENT = "commitment"
    DISBURSEMENT = "disbursement"


class Sight(StrEnum):
    """Whether a figure was expected before or observed after."""

    EX_ANTE = "ex_ante"
    EX_POST = "ex_post"


class Claimant(StrEnum):
    """Who may claim avoided emissions."""

    FUND = "fund"
    CO_FINANCIER = "co_financier"
    MUNICIPALITY = "municipality"
    ETS_OPERATOR = "ets_operator"


class SourceUse(StrEnum):
    """What a source is to a project."""

    TOUCHED = "touched"  # its use is what the project changes
    CONTROL = "control"  # it is compared with, untouched


class FundProgramme(SQLModel, table=True):
    """A programme: projects under one resolution."""

    id: str = Field(primary_key=True, max_length=64)
    organisation: str = Field(foreign_key="organisationunit.id", index=True)  # the league, or a member
    title: str
    evidence: str


class FundProject(SQLModel, table=True):
    """A project the fund pays for, in whole or in part. What is blank is not assessed; nothing is assumed."""

    id: str = Field(primary_key=True, max_length=64)
    organisation: str = Field(foreign_key="organisationunit.id", index=True)  # who carries it out
    programme: str = Field(foreign_key="fundprogramme.id", index=True)
    title: str
    nature_share: Decimal = Field(max_digits=7, decimal_places=6)  # the three add up to 1
    social_share: Decimal = Field(max_digits=7, decimal_places=6)
    democracy_share: Decimal = Field(max_digits=7, decimal_places=6)
    icma_category: str | None = None
    icma_subcategory: str | None = None
    eligible_share: Decimal | None = Field(default=None, max_digits=7, decimal_places=6)  # ICMA column F
    taxonomy_activity: str | None = None  # such as "CCM 4.1"
    taxonomy_state: str | None = None  # TaxonomyState
    climate_tag: str | None = None  # ClimateTag
    starts_on: date
    planned_completion: date
    completed_on: date | None = None
    lifetime_years: int | None = None
    total_cost: Decimal | None = Field(default=None, max_digits=19, decimal_places=2)
    currency: str = Field(max_length=3)
    yearly_cost: Decimal | None = Field(
        default=None, max_digits=19, decimal_places=2
    )  # ΔOPEX; negative: saved
    is_legally_required: bool | None = None
    is_otherwise_financed: bool | None = None
    is_ets_covered: bool | None = None
    overlap_share: Decimal | None = Field(default=None, max_digits=7, decimal_places=6)  # with other measures
    rebound_share: Decimal | None = Field(default=None, max_digits=7, decimal_places=6)
    measurement_plan: str | None = None  # document, paragraph
    baseline: str | None = None  # what would be without the project, in words
    baseline_from: date | None = None
    baseline_to: date | None = None  # first day no longer in it
    activity: str | None = None  # what is saved, a code of the vocabulary
    unit: str | None = None  # of what is saved: kWh, km, m3
    expected_saving: Decimal | None = Field(default=None, max_digits=19, decimal_places=3)  # `unit` per year
    factor_series: str | None = None  # what a saved unit is multiplied with, `FundFactor.series`
    weather_series: str | None = None  # degree days by month, `MonthWeight.name`; null: of its sources
    use_series: str | None = None  # how much it is used by month, `MonthWeight.name`; null: not declared
    is_use_flow: bool | None = None  # the use is a sum of the month (km), else a level (occupants)
    contract: str | None = None  # procurement contract number
    evidence: str


class FundFlow(SQLModel, table=True):
    """Money committed to a project or paid out; negative: taken back."""

    id: str = Field(primary_key=True, max_length=64)
    project: str = Field(foreign_key="fundproject.id", index=True)
    kind: str  # FlowKind
    on: date
    amount: Decimal = Field(max_digits=19, decimal_places=2)
    currency: str = Field(max_length=3)
    budget_line: str | None = None
    contract: str | None = None  # of the procurement record it is taken from
    evidence: str


class FundFinancing(SQLModel, table=True):
    """What others than the fund pay for a project."""

    id: str = Field(primary_key=True, max_length=64)
    project: str = Field(foreign_key="fundproject.id", index=True)
    financier: str
    on: date | None = None  # day it is paid or promised; null: its money is told in its own currency only
    amount: Decimal = Field(max_digits=19, decimal_places=2)
    currency: str = Field(max_length=3)
    evidence: str


class FundSource(SQLModel, table=True):
    """A meter, vehicle or building a project touches, or is compared with."""

    project: str = Field(primary_key=True, foreign_key="fundproject.id")
    source: str = Field(primary_key=True, foreign_key="source.id")
    use: str  # SourceUse


class FundObservation(SQLModel, table=True):
    """An indicator of a project in a year, as it is: expected or observed, never turned into tonnes."""

    id: str = Field(primary_key=True, max_length=64)
    project: str = Field(foreign_key="fundproject.id", index=True)
    indicator: str  # in words, such as "flats renovated"
    year: int
    value: Decimal = Field(max_digits=19, decimal_places=6)
    unit: str
    sight: str  # Sight
    verified_by: str | None = None
    data_quality: int | None = None  # 1 (best) to 5, as PCAF has it
    half_width: Decimal | None = Field(default=None, max_digits=19, decimal_places=6)  # of 95 %, in `unit`
    evidence: str


class FundFinding(SQLModel, table=True):
    """What the meters of a project came to when its effect was last taken, or why nothing could be said.

    One row of the project as a whole (`year` null), and one of each year that was spoken of.
    """

    id: str = Field(primary_key=True, max_length=64)
    project: str = Field(foreign_key="fundproject.id", index=True)
    year: int | None = None
    assessed_on: date
    since: date  # first day of an unbroken row of assessments that said the same
    code: str | None = None  # `bilanz.fund.effect.reason.KEPT`; null: assessable
    facts: str | None = None  # of the code, as JSON
    saved: Decimal | None = Field(default=None, max_digits=19, decimal_places=6)  # in `unit`
    unit: str | None = None
    half_width: Decimal | None = Field(default=None, max_digits=19, decimal_places=6)  # of 95 %, in `unit`
    avoided_t: Decimal | None = Field(default=None, max_digits=19, decimal_places=6)
    half_width_t: Decimal | None = Field(default=None, max_digits=19, decimal_places=6)  # of 95 %
    evidence: str


class FundClaim(SQLModel, table=True):
    """Who claims which share of what a project avoids in a year."""

    project: str = Field(primary_key=True, foreign_key="fundproject.id")
    year: int = Field(primary_key=True)
    claimant: str = Field(primary_key=True)  # Claimant
    share: Decimal = Field(max_digits=7, decimal_places=6)
    evidence: str
