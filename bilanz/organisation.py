"""Who is accounted for and what measures it: organisations, sites, sources, instruments and memberships."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

import polars as pl
from sqlmodel import BigInteger, Field, SQLModel

from bilanz.records import Role


class Kind(StrEnum):
    """What an organisation unit is."""

    LEAGUE = "league"
    MUNICIPALITY = "municipality"
    AGENCY = "agency"
    ENTERPRISE = "enterprise"
    SITE = "site"


class Tenure(StrEnum):
    """On what terms an organisation has what a source measures."""

    OWNED = "owned"
    RENTED = "rented"
    LET = "let"
    CONTRACTING = "contracting"
    LEASED = "leased"


class SiteKind(StrEnum):
    """What a building or plant is for, as municipal energy reports sort them."""

    NON_RESIDENTIAL = "non_residential"
    CARE_HOME = "care_home"
    SPORTS_GROUND = "sports_ground"
    POOL = "pool"
    STREET_LIGHTING = "street_lighting"
    WATER_SUPPLY = "water_supply"
    SEWAGE_PLANT = "sewage_plant"
    RESIDENTIAL = "residential"
    OTHER = "other"


class AreaKind(StrEnum):
    """What an area is of; areas of two kinds are never added."""

    GROSS_FLOOR = "gross_floor"  # BGF
    NET_FLOOR = "net_floor"  # NRF, NGF
    HEATED_GROSS_FLOOR = "heated_gross_floor"
    ENERGY_REFERENCE = "energy_reference"  # EBF
    WATER_SURFACE = "water_surface"  # of pools
    GROUND = "ground"  # of sports grounds


class DeliveryKind(StrEnum):
    """What the seller of an internal delivery does, which decides whose emissions count."""

    GENERATES = "generates"  # in its own plants: its scope 1 stays
    RESELLS = "resells"  # what it buys itself: the buyer's scope 2 stays
    LETS = "lets"  # rooms or vehicles: scope 1 and 2 stay with who has control


class OrganisationUnit(SQLModel, table=True):
    """A league, municipality, agency, enterprise or site; a tree by `parent`."""

    id: str = Field(primary_key=True, max_length=64)
    parent: str | None = Field(default=None, foreign_key="organisationunit.id", index=True)
    name: str
    kind: str
    region: str | None = None  # ISO 3166-1/-2 or NUTS; null: the parent's, else the setting
    zone: str | None = None  # IANA; null: the parent's, else the setting
    consolidation_share: Decimal = Field(default=Decimal(1), max_digits=7, decimal_places=6)
    active_from: date | None = None
    active_to: date | None = None  # exclusive
    municipality: str | None = Field(
        default=None, max_length=64
    )  # of a territory: whose facilities lie in it


class OrganisationFigure(SQLModel, table=True):
    """Size of an organisation from a day on, until the next row: numerators and denominators stay apart."""

    organisation: str = Field(primary_key=True, foreign_key="organisationunit.id")
    valid_from: date = Field(primary_key=True)
    population: int | None = None
    floor_area_m2: Decimal | None = Field(default=None, max_digits=18, decimal_places=2)
    staff: Decimal | None = Field(default=None, max_digits=12, decimal_places=2)  # full-time equivalents
    source: str  # where the figures were published


class Site(SQLModel, table=True):
    """A building or a piece of ground; null is "not stated", never none."""

    id: str = Field(primary_key=True, max_length=64)
    organisation: str = Field(foreign_key="organisationunit.id", index=True)
    name: str
    region: str | None = None
    zone: str | None = None
    kind: str | None = None  # SiteKind
    floor_area_m2: Decimal | None = Field(default=None, max_digits=18, decimal_places=2)
    area_kind: str | None = None  # AreaKind: what the area is of
    population_equivalent: int | None = None  # of a sewage plant
    light_points: int | None = None  # of street lighting
    burn_hours: Decimal | None = Field(
        default=None, max_digits=8, decimal_places=2
    )  # of a light point a year
    postcode: str | None = Field(default=None, max_length=10)


class Source(SQLModel, table=True):
    """A meter, vehicle, contract or supplier: what a file calls it, and what it measures."""

    id: str = Field(primary_key=True, max_length=200)
    activity: str | None = None  # code; null: several, or not known
    unit: str | None = None  # canonical code, where files name none
    basis: str | None = None  # Hi, Hs, none
    minutes: int | None = None  # interval of readings
    grid_area: str | None = None
    region: str | None = None
    heating_share: Decimal | None = Field(default=None, max_digits=7, decimal_places=6)
    parent: str | None = Field(default=None, foreign_key="source.id", index=True)  # of a sub-meter
    apportionment: str | None = None  # of long bills: day, degree_days, profile; null: day
    weights: str | None = Field(default=None, max_length=64)  # monthly weights it goes by


class SourceTerm(SQLModel, table=True):
    """From when to when a source belonged to whom, and how."""

    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(foreign_key="source.id", index=True)
    organisation: str = Field(foreign_key="organisationunit.id", index=True)
    site: str | None = Field(default=None, foreign_key="site.id")
    role: str
    tenure: str
    control: bool
    valid_from: date | None = None  # null: always
    valid_to: date | None = None  # exclusive; null: open
    evidence: str | None = None
    is_assumed: bool = False  # made by an import, confirmed by nobody


class MonthWeight(SQLModel, table=True):
    """Degree days of a station, or a load profile, of one month: what long bills are spread by."""

    name: str = Field(primary_key=True, max_length=64)
    month: date = Field(primary_key=True)  # first day
    value: Decimal = Field(max_digits=18, decimal_places=6)
    evidence: str


class Overlap(SQLModel, table=True):
    """A part that lies in a whole, so that it must not count twice; columns as in `bilanz.declared`."""

    id: str = Field(primary_key=True, max_length=64)
    kind: str
    part_source: str = Field(foreign_key="source.id", index=True)
    part_activity: str | None = None  # null: every activity of the source
    whole_source: str = Field(foreign_key="source.id", index=True)
    whole_activity: str | None = None  # null: that of the part
    valid_from: date | None = None  # null: always
    valid_to: date | None = None  # exclusive; null: open
    evidence: str


class EnergyInstrument(SQLModel, table=True):
    """A certificate, contract or label with its evidence; columns as in `bilanz.instrument`."""

    id: str = Field(primary_key=True, max_length=64)
    kind: str
    organisation: str | None = Field(default=None, foreign_key="organisationunit.id", index=True)
    source: str | None = Field(default=None, foreign_key="source.id", index=True)
    activity: str
    factor: str
    valid_from: date
    valid_to: date | None = None  # exclusive; null: open
    quantity_kwh: int | None = Field(default=None, sa_type=BigInteger)  # null: all of it
    evidence: str
    evidence_sha256: str | None = Field(default=None, max_length=64)
    vintage: str | None = None
    zone: str | None = None
    technology: str | None = None
    cancelled_on: date | None = None


class Membership(SQLModel, table=True):
    """To whom an organisation belongs from a day on, with which share and which control.

    An organisation with a row here belongs to nobody on days no row holds; one without belongs to the parent
    of its unit.
    """

    organisation: str = Field(primary_key=True, foreign_key="organisationunit.id")
    valid_from: date = Field(primary_key=True)
    parent: str = Field(foreign_key="organisationunit.id", index=True)
    valid_to: date | None = None  # exclusive; null: open
    equity_share: Decimal = Field(max_digits=7, decimal_places=6)  # of the parent, 0 to 1
    operational_control: bool
    financial_control: bool
    evidence: str | None = None


class Delivery(SQLModel, table=True):
    """What one organisation of a tree delivers to another: counted once when both are consolidated."""

    id: str = Field(primary_key=True, max_length=64)
    kind: str
    seller: str = Field(foreign_key="organisationunit.id", index=True)
    buyer: str = Field(foreign_key="organisationunit.id", index=True)
    activity: str | None = None  # code; null: whatever the source measures
    seller_source: str | None = Field(default=None, foreign_key="source.id")  # null: all that is sold
    buyer_source: str | None = Field(default=None, foreign_key="source.id")  # null: all of the activity
    valid_from: date
    valid_to: date | None = None  # exclusive; null: open
    evidence: str


class Compensation(SQLModel, table=True):
    """Certificates declared beside the balance of a year; columns as in `bilanz.compensation`."""

    id: str = Field(primary_key=True, max_length=64)
    organisation: str = Field(foreign_key="organisationunit.id", index=True)
    year: int
    kind: str
    tonnes: Decimal = Field(max_digits=18, decimal_places=6)  # t CO2e
    standard: str
    evidence: str
    cancelled_on: date | None = None  # null: not cancelled


class NotationKey(SQLModel, table=True):
    """Why a row of a territory's inventory holds no number in a year: declared, with its explanation."""

    organisation: str = Field(primary_key=True, foreign_key="organisationunit.id")
    year: int = Field(primary_key=True)
    ref: str = Field(primary_key=True, max_length=16)  # of GPC 1.1
    key: str  # NOTATION_KEYS
    explanation: str


NOTATION_KEYS: Final = ("NO", "NE", "IE", "C")
"""Not occurring, not estimated, included elsewhere, confidential (GPC 1.1)."""

SOURCE_TERM_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "source": pl.String,
    "organisation": pl.String,
    "activity": pl.String,
    "region": pl.String,
    "area": pl.String,  # supply area of the grid, or null
    "site": pl.String,
    "parent": pl.String,
    "role": pl.String,
    "tenure": pl.String,
    "control": pl.Boolean,
    "valid_from": pl.Date,  # null: always
    "valid_to": pl.Date,  # exclusive; null: open
    "is_assumed": pl.Boolean,
}

SITE_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "site": pl.String,
    "organisation": pl.String,
    "name": pl.String,
    "kind": pl.String,
    "floor_area_m2": pl.Decimal(18, 2),
    "area_kind": pl.String,
    "population_equivalent": pl.Int64,
    "light_points": pl.Int64,
    "burn_hours": pl.Decimal(8, 2),
}

ROLES: Final = tuple(role.value for role in Role)
TENURES: Final = tuple(tenure.value for tenure in Tenure)
KINDS: Final = tuple(kind.value for kind in Kind)
SITE_KINDS: Final = tuple(kind.value for kind in SiteKind)
AREA_KINDS: Final = tuple(kind.value for kind in AreaKind)
DELIVERY_KINDS: Final = tuple(kind.value for kind in DeliveryKind)
