"""What a row of master data is: of any table of the registry that people fill in."""

from bilanz.fund.member import FundFigure, FundKey, FundMember, FundPayment
from bilanz.fund.project import (
    FundClaim,
    FundFinancing,
    FundFinding,
    FundFlow,
    FundObservation,
    FundProgramme,
    FundProject,
    FundSource,
)
from bilanz.fund.rate import FundFactor, FundRate
from bilanz.organisation import (
    Compensation,
    Delivery,
    EnergyInstrument,
    Membership,
    MonthWeight,
    NotationKey,
    OrganisationFigure,
    OrganisationUnit,
    Overlap,
    Site,
    Source,
    SourceTerm,
)
from bilanz.plan import Growth, Measure, Target

FundRow = (
    FundMember
    | FundFigure
    | FundKey
    | FundPayment
    | FundProgramme
    | FundProject
    | FundFlow
    | FundFinancing
    | FundSource
    | FundObservation
    | FundFinding
    | FundClaim
    | FundRate
    | FundFactor
)
"""A row of a table of the fund."""

MasterRow = (
    OrganisationUnit
    | OrganisationFigure
    | Site
    | Source
    | SourceTerm
    | EnergyInstrument
    | Target
    | Measure
    | Growth
    | Membership
    | Delivery
    | Compensation
    | NotationKey
    | MonthWeight
    | Overlap
    | FundRow
)
"""A row of any table of master data."""
