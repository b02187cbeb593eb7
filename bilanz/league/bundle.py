"""A bundle: what a member publishes of a year. Its files, their columns, and its head.

balance.csv        lines at the published grain       manifest.json      what it is, what it depends on
factors.csv        factors named there                datapackage.json   what its columns are
potentials.csv     kg CO2e per kg of each gas         dcat.jsonld        metadata of open data portals
conversions.csv    units of factors, with sources     public.pem         key of the publisher
controls.csv       sums by book and scope             SHA256SUMS         hashes of all these
organisations.csv  who is in it                       SHA256SUMS.sig     signature of the hashes
denominators.csv   inhabitants, areas, staff
indicators.csv     ratios as Σ / Σ
exceptions.csv     quantities without a number
deliveries.csv     deliveries to and from other members, delivered.csv: the lines they speak of
territory.csv      final energy of territories        effects.csv        effects of projects; where told
findings.csv    what meters of projects came to, or why to nothing; where told
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bilanz.errors import Refused
from bilanz.factor import FACTOR_SCHEMA
from bilanz.league.table import broken
from bilanz.result import MASS, Manifest

FORMAT: Final = "bilanz-bundle 2"
HEAD: Final = "manifest.json"

IDENTIFIER: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
"""Of a member: it names files, and its line in the file of keys."""

ORGANISATION: Final = r"^[^\s\pC/#=,]([^\pC/#=,]{0,62}[^\s\pC/#=,])?$"
"""Of an organisation: what `member/organisation`, `--same` and lists by comma can be told apart with."""

Types = dict[str, pl.DataType | type[pl.DataType]]

WIDE: Final = pl.Decimal(38, 6)
"""Quantities and figures."""

PARTS: Final = ("outside_kg", "minority_kg", "eliminated_kg", "consolidated_kg")
MEASURES: Final = ("co2e_kg", *PARTS)
_MEASURES: Final[Types] = dict.fromkeys(MEASURES, MASS)

BALANCE_SCHEMA: Final[Types] = {
    "book": pl.String,
    "organisation": pl.String,  # null: several
    "activity": pl.String,  # null: several
    "role": pl.String,
    "scope": pl.String,
    "category": pl.String,  # null: several
    "gas": pl.String,  # null: several, or nothing is emitted
    "chain": pl.String,
    "factor_id": pl.String,  # null: several, or none
    "unit": pl.String,
    "basis": pl.String,
    "quantity": WIDE,  # what the masses of the row were made of
    "lead_quantity": WIDE,  # the part of it that is in no other row of the book: this adds up
    "mass_kg": MASS,  # of the gas
    **_MEASURES,  # co2e_kg as calculated; outside, minority, eliminated, consolidated: its parts
    "lines": pl.Int64,  # lines of the run in the row
    "places": pl.Int64,  # sites, or sources without a site, behind it
    "joined": pl.String,  # what was joined so that enough places are behind it; empty: nothing
    "is_recomputable": pl.Boolean,  # quantity × factor is the mass
    "conversion": pl.String,  # from the unit of the quantity to that of the factor; null: by definition
}

CONVERSION_SCHEMA: Final[Types] = {
    "conversion": pl.String,
    "activity": pl.String,
    "unit": pl.String,
    "basis": pl.String,
    "per_unit": pl.String,  # of the factor
    "numerator": pl.String,  # quantity × numerator / denominator is in per_unit: exact integers
    "denominator": pl.String,
    "source": pl.String,  # where density, calorific value, … stand
}

POTENTIAL_SCHEMA: Final[Types] = {
    "book": pl.String,  # null: of a set that a factor was published with
    "gwp": pl.String,
    "gas": pl.String,
    "value": pl.Decimal(38, 18),  # kg CO2e per kg
    "resolution": pl.String,  # `bilanz.gases.Resolution`
}

CONTROL_SCHEMA: Final[Types] = {
    "book": pl.String,
    "scope": pl.String,
    **_MEASURES,
    "lines": pl.Int64,
    "joined_lines": pl.Int64,  # of them in rows without an activity
    "joined_kg": MASS,
    "places": pl.Int64,
}

ORGANISATION_SCHEMA: Final[Types] = {
    "organisation": pl.String,
    "parent": pl.String,
    "name": pl.String,
    "kind": pl.String,
    "region": pl.String,
}

DENOMINATOR_SCHEMA: Final[Types] = {
    "organisation": pl.String,
    "figure": pl.String,  # population, floor_area_m2, staff
    "value": WIDE,
    "unit": pl.String,
    "valid_from": pl.Date,
    "source": pl.String,
}

INDICATOR_SCHEMA: Final[Types] = {
    "book": pl.String,
    "indicator": pl.String,
    "numerator_kg": MASS,  # scopes 1 to 3, consolidated
    "denominator": WIDE,  # null: a part is missing
    "value": WIDE,
    "missing": pl.String,  # organisations without the figure, by comma
    "silent": pl.String,  # organisations with the figure and without data
}

EXCEPTION_SCHEMA: Final[Types] = {
    "book": pl.String,  # null: every book
    "code": pl.String,
    "activity": pl.String,  # null: several
    "unit": pl.String,
    "quantity": WIDE,
    "records": pl.Int64,
    "places": pl.Int64,
}

DELIVERY_SCHEMA: Final[Types] = {
    "id": pl.String,
    "kind": pl.String,  # `bilanz.organisation.DeliveryKind`
    "side": pl.String,  # of this member: seller, buyer
    "seller": pl.String,
    "buyer": pl.String,
    "activity": pl.String,
    "is_named": pl.Boolean,  # the seller's source is named: all of it is sold
    "valid_from": pl.Date,
    "valid_to": pl.Date,  # exclusive; null: open
    "evidence": pl.String,  # empty: free text is not published
    "burns": pl.String,  # books, by comma, in which a seller that generates counts anything in scope 1
    "lines": pl.String,  # of `delivered.csv`
}

DELIVERED_SCHEMA: Final[Types] = {
    "lines": pl.String,
    "book": pl.String,
    "month": pl.Date,
    "share": pl.Decimal(38, 24),  # of the member in the organisation in the month
    "activity": pl.String,
    "role": pl.String,
    "scope": pl.String,
    "category": pl.String,
    "unit": pl.String,
    "basis": pl.String,
    "is_lead": pl.Boolean,
    "quantity": WIDE,
    "co2e_kg": MASS,
    "taken": pl.Decimal(
        38, 24
    ),  # of what is sold: the part taken off within the member; null: cannot be said
}

TERRITORY_SCHEMA: Final[Types] = {
    "territory": pl.String,
    "year": pl.Int32,
    "sector": pl.String,
    "carrier": pl.String,
    "use": pl.String,
    "energy_kwh": WIDE,  # net calorific value
    "co2e_kg": MASS,
    "gaps": pl.Int64,  # entries without a factor
}

EFFECT_SCHEMA: Final[Types] = {
    "project": pl.String,
    "year": pl.Int32,
    "saved_quantity": WIDE,
    "unit": pl.String,
    "half_width": WIDE,  # of the 95 % interval, in the unit
    "co2e_kg": MASS,  # avoided; null: no factor is declared
    "half_width_co2e_kg": MASS,  # of the 95 % interval
    "method": pl.String,
}

FINDING_SCHEMA: Final[Types] = {
    "project": pl.String,
    "year": pl.Int32,  # null: of the project as a whole
    "assessed_on": pl.Date,
    "since": pl.Date,  # of the first assessment that said the same
    "code": pl.String,  # why there is no effect, `bilanz.fund.effect.reason.KEPT`; null: there is one
    "facts": pl.String,  # of the code, as JSON
    "saved_quantity": WIDE,
    "unit": pl.String,
    "half_width": WIDE,
    "co2e_kg": MASS,
    "half_width_co2e_kg": MASS,
}

SCHEMAS: Final[Mapping[str, Types]] = {
    "balance": BALANCE_SCHEMA,
    "factors": FACTOR_SCHEMA,
    "potentials": POTENTIAL_SCHEMA,
    "conversions": CONVERSION_SCHEMA,
    "controls": CONTROL_SCHEMA,
    "organisations": ORGANISATION_SCHEMA,
    "denominators": DENOMINATOR_SCHEMA,
    "indicators": INDICATOR_SCHEMA,
    "exceptions": EXCEPTION_SCHEMA,
    "deliveries": DELIVERY_SCHEMA,
    "delivered": DELIVERED_SCHEMA,
}
"""Tables every bundle has."""

OPTIONAL: Final[Mapping[str, Types]] = {
    "territory": TERRITORY_SCHEMA,
    "effects": EFFECT_SCHEMA,
    "findings": FINDING_SCHEMA,
}


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Member(_Model):
    """Who publishes: the outermost organisation of the bundle. `id` is unique in the league."""

    id: str = Field(pattern=IDENTIFIER)
    organisation: str = Field(pattern=ORGANISATION)
    name: str
    kind: str
    region: str | None


class State(_Model):
    """State of the period: open, released or closed. Times: UTC, ISO 8601. No person is named.

    Attributes:
        restatements: number of restatements of the year that are known.
        restatement: which of them was published; None: the run that stands for the year.
    """

    state: Literal["open", "released", "closed"]
    released_at: str | None = None
    closed_at: str | None = None
    restatements: int = 0
    restatement: int | None = None


class TerritoryRun(_Model):
    """The run the final energy of a territory is of. `method`: name and edition."""

    territory: str
    run: str
    result_hash: str
    state: Literal["open", "released", "closed"]
    method: str


class Grain(_Model):
    """What a row stands for. `smallest`: places behind a row at least; `joined`: what → rows.

    Attributes:
        below: rows that rest on fewer, since nothing could be joined with them.
        solvable: places of which control sums tell something by themselves, alone or with too few others.
        effects_left_out: projects of which effects were measured and are of too few places to be published.
    """

    period: Literal["year"] = "year"
    smallest: int
    lines: int
    rows: int
    joined: dict[str, int]
    below: int
    solvable: int = 0
    effects_left_out: int = 0


class Head(_Model):
    """What a bundle is and what its numbers depend on (`manifest.json`).

    Attributes:
        run: the manifest of the run; its `result_hash` is over lines finer than those published.
    """

    format: Literal["bilanz-bundle 2"] = FORMAT
    member: Member
    year: int
    published_at: str
    calculated_at: str
    approach: str
    state: State
    grain: Grain
    exceptions: int
    territories: list[TerritoryRun] = []
    run: dict[str, Any]

    @property
    def manifest(self) -> Manifest:
        """The manifest of the run.

        Raises:
            Refused: it is none.
        """
        try:
            told = dict(self.run) | {"created_at": self.calculated_at}
            told["books"] = tuple(told["books"])
            if not all(isinstance(text, str) for text in (*told["books"], told["gwp"])):
                raise broken(HEAD, "run.books, run.gwp")
            told["inputs"] = tuple((sha256, importer) for sha256, importer in told["inputs"])
            return Manifest(**told)
        except (KeyError, TypeError, ValueError) as error:
            raise broken(HEAD, str(error)) from None

    @property
    def potentials(self) -> dict[str, str]:
        """Book → the set of potentials it was weighted with.

        Raises:
            Refused: it does not say so.
        """
        try:
            return self.manifest.potentials
        except ValueError as error:
            raise broken(HEAD, f"run.gwp: {error}") from None

    @property
    def books(self) -> tuple[str, ...]:
        """The books of the run."""
        return self.manifest.books

    def as_bytes(self) -> bytes:
        """Return it as the file."""
        return (json.dumps(self.model_dump(), ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def pinned(manifest: Manifest) -> dict[str, Any]:
    """Return the manifest of a run as a head holds it: without the time, which stands beside it."""
    told = {field.name: getattr(manifest, field.name) for field in fields(manifest)}
    del told["created_at"]
    return told | {"books": list(manifest.books), "inputs": [list(pair) for pair in manifest.inputs]}


def check_format(content: bytes, known: str) -> None:
    """Raise where a head is of another format, as that of an earlier version of the program.

    Raises:
        Refused: it is; says which formats these are.
    """
    try:
        told = json.loads(content)
    except (ValueError, RecursionError):
        return  # no head at all: told when it is read
    found = told.get("format") if isinstance(told, dict) else None
    if isinstance(found, str) and found != known:
        message = (
            'The format is "{found}", and this program reads "{known}": it has to be published again with '
            "this version. Nothing was added."
        )
        raise Refused(message, code="bundle_format", found=found, known=known)


def head_of(content: bytes) -> Head:
    """Return the head of a bundle.

    Raises:
        Refused: it is none, or of a format this program does not know.
    """
    check_format(content, FORMAT)
    try:
        return Head.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise broken(HEAD, f"{where}: {first['msg']}") from None


def check_organisations(organisations: pl.DataFrame) -> None:
    """Raise where an organisation has a name it cannot be told apart by.

    Raises:
        Refused: names it.
    """
    names = organisations["organisation"]
    is_good = names.str.contains(ORGANISATION).fill_null(value=False)
    for name in names.filter(~is_good).head(1):
        raise broken("organisations.csv", repr(name))


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle that was read: its head, its tables, and by which key and bytes it is known.

    Attributes:
        tables: name → frame: those of `SCHEMAS`, and of `OPTIONAL` as far as they are there.
        fingerprint: of the key that signed it.
        digest: sha256 of its `SHA256SUMS`.
    """

    head: Head
    tables: Mapping[str, pl.DataFrame]
    fingerprint: str
    digest: str

    @property
    def member(self) -> str:
        """Who published it."""
        return self.head.member.id
