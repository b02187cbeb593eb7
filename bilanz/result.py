"""What one calculation leaves behind, as frames: the only thing reports and exports are made of."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

import polars as pl

from bilanz.consolidated import Consolidation
from bilanz.records import QUANTITY

MASS: Final = pl.Decimal(38, 12)

LINE_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "book": pl.String,
    "organisation": pl.String,
    "site": pl.String,
    "source": pl.String,
    "activity": pl.String,
    "product_group": pl.String,
    "role": pl.String,
    "region": pl.String,
    "month": pl.Date,  # first day of the month, local
    "scope": pl.String,  # "1", "2", "3", "outside" (biogenic CO2), "memo" (shown, in no total)
    "category": pl.String,  # stationary_combustion, mobile_combustion, purchased_electricity, 3.1, ...
    "gas": pl.String,
    "chain": pl.String,
    "quantity": QUANTITY,
    "unit": pl.String,
    "basis": pl.String,
    "is_lead": pl.Boolean,  # true on one row per quantity, so that quantities add up over rows
    "mass_kg": MASS,  # mass of the gas; null for CO2e-only factors
    "co2e_kg": MASS,
    "factor_id": pl.String,
    "grade": pl.String,
    "quality": pl.String,
    "is_apportioned": pl.Boolean,  # a longer period split by day
}

USAGE_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "organisation": pl.String,
    "site": pl.String,
    "source": pl.String,
    "activity": pl.String,
    "product_group": pl.String,
    "role": pl.String,
    "direction": pl.String,
    "month": pl.Date,
    "quantity": QUANTITY,
    "unit": pl.String,
    "basis": pl.String,
    "energy_kwh": QUANTITY,  # in the basis given; null where it is no energy or cannot be converted
    "cost_net": QUANTITY,
    "currency": pl.String,
    "quality": pl.String,
    "is_apportioned": pl.Boolean,
}

EXCEPTION_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "book": pl.String,  # null: every book
    "organisation": pl.String,
    "source": pl.String,
    "activity": pl.String,
    "product_group": pl.String,
    "month": pl.Date,
    "quantity": QUANTITY,
    "unit": pl.String,
    "records": pl.Int64,
    "code": pl.String,  # no_factor, group_missing, activity_unknown, basis_missing, instalment, ...
    "detail": pl.String,  # JSON for `bilanz.sentences.worded`, or empty
}

SUPERSEDED_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "organisation": pl.String,
    "source": pl.String,
    "activity": pl.String,
    "product_group": pl.String,
    "month": pl.Date,
    "quantity": QUANTITY,
    "unit": pl.String,
    "quality": pl.String,
    "records": pl.Int64,
    "reason": pl.String,  # better_rank, sub_meter, instalment, contract, same_purchase, …
}

COVERAGE_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "organisation": pl.String,
    "source": pl.String,
    "activity": pl.String,
    "month": pl.Date,
    "days": pl.Int32,  # days of the month
    "days_measured": pl.Float64,
    "days_billed": pl.Float64,
    "days_estimated": pl.Float64,
}

ORGANISATION_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "organisation": pl.String,
    "parent": pl.String,
    "name": pl.String,
    "kind": pl.String,
    "path": pl.String,
    "region": pl.String,
}

BATCH_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "batch": pl.String,
    "file": pl.String,
    "sha256": pl.String,
    "importer": pl.String,
    "organisation": pl.String,
    "committed_at": pl.String,
    "n_read": pl.Int64,
    "n_accepted": pl.Int64,
    "n_rejected": pl.Int64,
    "n_ignored": pl.Int64,
}


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything a number depends on. The same manifest gives the same bytes."""

    run: str
    year: int
    region: str  # of organisations that state none
    organisation: str | None  # only this one and what is below it; None: all
    books: tuple[str, ...]
    gwp: str
    code_version: str
    factor_release: str  # sha256 of the catalogue
    book_hash: str
    inputs: tuple[tuple[str, str], ...]  # (sha256 of the file, importer and version), sorted
    resolutions_hash: str
    result_hash: str
    manifest_hash: str
    created_at: str  # not part of any hash
    release_name: str | None = None  # of the release named or pinned; not part of any hash

    @property
    def potentials(self) -> dict[str, str]:
        """Book → the set of global warming potentials it was weighted with."""
        return dict(entry.split(": ") for entry in self.gwp.split(", "))

    @property
    def shared_potentials(self) -> str | None:
        """The set all books were weighted with; None: they differ, each book's own."""
        sets = set(self.potentials.values())
        return sets.pop() if len(sets) == 1 else None


@dataclass(frozen=True, slots=True)
class TerritoryView:
    """Territories of a run, balanced and judged by a method.

    Shapes: the schemas of `bilanz.territory` (cells, outside, findings), `bilanz.conformance` (requirements,
    rules, verdicts) and `bilanz.indicators` (quality, indicators); inventory and details: `bilanz.gpc`,
    None without the book they are made of.
    """

    method: str  # name and edition
    cells: pl.DataFrame
    outside: pl.DataFrame
    findings: pl.DataFrame
    requirements: pl.DataFrame
    rules: pl.DataFrame
    verdicts: pl.DataFrame
    quality: pl.DataFrame
    indicators: pl.DataFrame
    inventory: pl.DataFrame | None = None
    details: pl.DataFrame | None = None  # lines under the refs of the inventory


@dataclass(frozen=True, slots=True)
class Restated:
    """A restatement of a closed period. `totals`, `differences`: schemas of `bilanz.restatement`."""

    number: int
    run: str
    by: str
    at: str  # UTC, ISO 8601
    reason: str
    totals: pl.DataFrame
    differences: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Closing:
    """State of a period whose run this is; who and when (UTC, ISO 8601) of each step."""

    state: str  # released, closed
    released_by: str
    released_at: str
    closed_by: str | None
    closed_at: str | None
    exceptions: int  # accepted at the release
    exceptions_reason: str | None
    threshold: Decimal  # share from which a change makes the base year be recalculated
    is_base_year: bool
    restatements: tuple[Restated, ...] = ()


@dataclass(frozen=True, slots=True)
class Beside:
    """Views made for a report beside a run: never stored with it, never hashed.

    Every frame has the schema of the module that makes it. None: not made, which a page says or leaves out.

    Attributes:
        intervals: 95 % intervals of totals and their largest contributions.
        earlier: runs of the same organisations over years before, the newest first.
        causes: the change against the year before, by cause.
        weather: consumption corrected for the weather.
        consolidation: the balance at every level of the organisation, with what was eliminated.
        territory: final energy of the territory by sector, carrier and use.
        calendar: months of sources: known, estimated, missing.
        targets: targets and what is said of them.
        paths: points of targets: path, what was, what is assumed to come.
        measures: the register of measures.
        effects: what measures are worth in the book of a target.
        savings: the savings account of final energy by year.
        closing: state of the period and its restatements.
        profiles: load profiles of meters.
        sites: buildings and plants as registered (`SITE_SCHEMA`).
        figures: organisations with the sizes in force at the end of each of the last years (`year`).
        net_ratios: net per gross calorific energy of each fuel (`bilanz.calorific`).
        iso: the GHG Protocol books by category of ISO 14064-1 (`bilanz.iso14064`).
        gases: mass and CO2e of each gas by scope (`bilanz.disclosure`).
        reconciliation: why the first book and each other differ (`bilanz.reconciliation`).
        disclosures: what the books ask an inventory to state, and whether it is (`bilanz.inventory`).
        scope3: the fifteen categories with figure, state and reason (`bilanz.inventory`).
        compensations: certificates declared beside the balance, in no total.
        suspects: what may be counted twice and is not declared.
    """

    intervals: pl.DataFrame | None = None
    earlier: "tuple[Result, ...]" = ()
    causes: pl.DataFrame | None = None
    weather: pl.DataFrame | None = None
    consolidation: Consolidation | None = None
    territory: TerritoryView | None = None
    calendar: pl.DataFrame | None = None
    targets: pl.DataFrame | None = None
    paths: pl.DataFrame | None = None
    measures: pl.DataFrame | None = None
    effects: pl.DataFrame | None = None
    savings: pl.DataFrame | None = None
    closing: Closing | None = None
    profiles: pl.DataFrame | None = None
    sites: pl.DataFrame | None = None
    figures: pl.DataFrame | None = None
    net_ratios: pl.DataFrame | None = None
    iso: pl.DataFrame | None = None
    gases: pl.DataFrame | None = None
    reconciliation: pl.DataFrame | None = None
    disclosures: pl.DataFrame | None = None
    scope3: pl.DataFrame | None = None
    compensations: pl.DataFrame | None = None
    suspects: pl.DataFrame | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """One run over one year."""

    manifest: Manifest
    lines: pl.DataFrame
    usage: pl.DataFrame
    exceptions: pl.DataFrame
    superseded: pl.DataFrame
    coverage: pl.DataFrame
    organisations: pl.DataFrame
    batches: pl.DataFrame
    factors: pl.DataFrame  # FACTOR_SCHEMA rows in use
    assumptions: pl.DataFrame  # columns: code, subject, detail (as in EXCEPTION_SCHEMA, or identifiers)
    beside: Beside = field(default_factory=Beside)
