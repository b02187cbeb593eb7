"""The CSV tables of master data: their columns, and how a cell becomes a value."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from bilanz.app.mastercells import (
    CellError,
    activity_code,
    day,
    month,
    number,
    one_of,
    plain,
    reference,
    share,
    size,
    unit_code,
    weight,
    whole,
    yes_no,
    zone,
)
from bilanz.compensation import COMPENSATION_KINDS
from bilanz.declared import Apportionment, OverlapKind
from bilanz.instrument import INSTRUMENT_KINDS
from bilanz.issues import Issue
from bilanz.organisation import (
    AREA_KINDS,
    DELIVERY_KINDS,
    KINDS,
    NOTATION_KEYS,
    ROLES,
    SITE_KINDS,
    TENURES,
    Compensation,
    Delivery,
    EnergyInstrument,
    MasterRow,
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
from bilanz.plan import Growth, Measure, PathKind, Status, Target
from bilanz.records import Basis


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, how a cell is read, and whether it must be filled."""

    name: str
    read: Callable[[str], Any] = plain
    is_needed: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One CSV file and the table of the registry behind it.

    Attributes:
        name: stem of the file.
        key: columns that identify a row.
    """

    name: str
    model: type[MasterRow]
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def values(self, row: MasterRow) -> dict[str, Any]:
        """Return what the columns hold in a row of the registry."""
        return {column.name: getattr(row, column.name) for column in self.columns}


TABLES: Final = (
    Table(
        "organisations",
        OrganisationUnit,
        ("id",),
        (
            Column("id", is_needed=True),
            Column("parent"),
            Column("name", is_needed=True),
            Column("kind", one_of(*KINDS), is_needed=True),
            Column("region"),
            Column("zone", zone),
            Column("consolidation_share", share),
            Column("active_from", day),
            Column("active_to", day),
            Column("municipality"),
        ),
    ),
    Table(
        "figures",
        OrganisationFigure,
        ("organisation", "valid_from"),
        (
            Column("organisation", is_needed=True),
            Column("valid_from", day, is_needed=True),
            Column("population", whole),
            Column("floor_area_m2", number),
            Column("staff", number),
            Column("source", is_needed=True),
        ),
    ),
    Table(
        "sites",
        Site,
        ("id",),
        (
            Column("id", is_needed=True),
            Column("organisation", is_needed=True),
            Column("name", is_needed=True),
            Column("region"),
            Column("zone", zone),
            Column("kind", one_of(*SITE_KINDS)),
            Column("floor_area_m2", size),
            Column("area_kind", one_of(*AREA_KINDS)),
            Column("population_equivalent", whole),
            Column("light_points", whole),
            Column("burn_hours", size),
            Column("postcode"),
        ),
    ),
    Table(
        "sources",
        Source,
        ("id",),
        (
            Column("id", is_needed=True),
            Column("activity", activity_code),
            Column("unit", unit_code),
            Column("basis", one_of(*(basis.value for basis in Basis))),
            Column("minutes", whole),
            Column("grid_area"),
            Column("region"),
            Column("heating_share", share),
            Column("parent"),
            Column("apportionment", one_of(*(way.value for way in Apportionment))),
            Column("weights"),
        ),
    ),
    Table(
        "terms",
        SourceTerm,
        ("source", "valid_from"),
        (
            Column("source", is_needed=True),
            Column("organisation", is_needed=True),
            Column("site"),
            Column("role", one_of(*ROLES), is_needed=True),
            Column("tenure", one_of(*TENURES), is_needed=True),
            Column("control", yes_no, is_needed=True),
            Column("valid_from", day),
            Column("valid_to", day),
            Column("evidence"),
        ),
    ),
    Table(
        "instruments",
        EnergyInstrument,
        ("id",),
        (
            Column("id", is_needed=True),
            Column("kind", one_of(*INSTRUMENT_KINDS), is_needed=True),
            Column("organisation"),
            Column("source"),
            Column("activity", activity_code, is_needed=True),
            Column("factor", is_needed=True),
            Column("valid_from", day, is_needed=True),
            Column("valid_to", day),
            Column("quantity_kwh", whole),
            Column("evidence", is_needed=True),
            Column("evidence_sha256"),
            Column("vintage"),
            Column("zone"),
            Column("technology"),
            Column("cancelled_on", day),
        ),
    ),
    Table(
        "targets",
        Target,
        ("id",),
        (
            Column("id", is_needed=True),
            Column("organisation", is_needed=True),
            Column("book", is_needed=True),
            Column("scopes", is_needed=True),
            Column("base_year", whole, is_needed=True),
            Column("base_t", number),
            Column("base_source"),
            Column("target_year", whole, is_needed=True),
            Column("reduction", share, is_needed=True),
            Column("path", one_of(*(kind.value for kind in PathKind)), is_needed=True),
            Column("budget_t", number),
            Column("adopted_by"),
            Column("evidence", is_needed=True),
        ),
    ),
    Table(
        "measures",
        Measure,
        ("id",),
        (
            Column("id", is_needed=True),
            Column("organisation", is_needed=True),
            Column("title", is_needed=True),
            Column("starts_on", day, is_needed=True),
            Column("lifetime_years", whole),
            Column("effect_kg", number),
            Column("effect_kwh", number),
            Column("activity", activity_code, is_needed=True),
            Column("cost_net", number),
            Column("currency"),
            Column("status", one_of(*(status.value for status in Status)), is_needed=True),
            Column("method"),
            Column("evidence", is_needed=True),
        ),
    ),
    Table(
        "growth",
        Growth,
        ("id",),
        (
            Column("id", is_needed=True),
            Column("organisation", is_needed=True),
            Column("activity", activity_code, is_needed=True),
            Column("rate", number, is_needed=True),
            Column("first_year", whole, is_needed=True),
            Column("last_year", whole, is_needed=True),
            Column("title", is_needed=True),
            Column("evidence", is_needed=True),
        ),
    ),
    Table(
        "memberships",
        Membership,
        ("organisation", "valid_from"),
        (
            Column("organisation", is_needed=True),
            Column("parent", is_needed=True),
            Column("valid_from", day, is_needed=True),
            Column("valid_to", day),
            Column("equity_share", share, is_needed=True),
            Column("operational_control", yes_no, is_needed=True),
            Column("financial_control", yes_no, is_needed=True),
            Column("evidence"),
        ),
    ),
    Table(
        "deliveries",
        Delivery,
        ("id",),
        (
            Column("id", is_needed=True),
            Column("kind", one_of(*DELIVERY_KINDS), is_needed=True),
            Column("seller", is_needed=True),
            Column("buyer", is_needed=True),
            Column("activity", activity_code),
            Column("seller_source"),
            Column("buyer_source"),
            Column("valid_from", day, is_needed=True),
            Column("valid_to", day),
            Column("evidence", is_needed=True),
        ),
    ),
    Table(
        "compensations",
        Compensation,
        ("id",),
        (
            Column("id", is_needed=True),
            Column("organisation", is_needed=True),
            Column("year", whole, is_needed=True),
            Column("kind", one_of(*COMPENSATION_KINDS), is_needed=True),
            Column("tonnes", number, is_needed=True),
            Column("standard", is_needed=True),
            Column("evidence", is_needed=True),
            Column("cancelled_on", day),
        ),
    ),
    Table(
        "notation_keys",
        NotationKey,
        ("organisation", "year", "ref"),
        (
            Column("organisation", is_needed=True),
            Column("year", whole, is_needed=True),
            Column("ref", reference, is_needed=True),
            Column("key", one_of(*NOTATION_KEYS), is_needed=True),
            Column("explanation", is_needed=True),
        ),
    ),
    Table(
        "weights",
        MonthWeight,
        ("name", "month"),
        (
            Column("name", is_needed=True),
            Column("month", month, is_needed=True),
            Column("value", weight, is_needed=True),
            Column("evidence", is_needed=True),
        ),
    ),
    Table(
        "overlaps",
        Overlap,
        ("id",),
        (
            Column("id", is_needed=True),
            Column("kind", one_of(*(kind.value for kind in OverlapKind)), is_needed=True),
            Column("part_source", is_needed=True),
            Column("part_activity", activity_code),
            Column("whole_source", is_needed=True),
            Column("whole_activity", activity_code),
            Column("valid_from", day),
            Column("valid_to", day),
            Column("evidence", is_needed=True),
        ),
    ),
)

DEFAULTS: Final[Mapping[str, Any]] = {"consolidation_share": Decimal(1)}
"""What an empty cell means where that is not "not stated"; documented in docs/administrator.md."""


def read_row(table: Table, row: Mapping[str, str], line: int) -> tuple[dict[str, Any], list[Issue]]:
    """Return the values of one row by column, and what is wrong with it.

    A column the file does not have is left out of the values: it is not changed.
    """
    values: dict[str, Any] = {}
    issues: list[Issue] = []
    for column in table.columns:
        if column.name not in row:
            continue
        cell = row[column.name].strip()
        try:
            values[column.name] = column.read(cell) if cell else DEFAULTS.get(column.name)
        except CellError as error:
            issues.append(Issue(error.code, line, column.name, cell, error.parameters))
        if not cell and column.is_needed:
            issues.append(Issue("missing_value", line, column.name, ""))
    return values, issues


def cells(table: Table, row: MasterRow) -> Iterator[str]:
    """Yield a row of the registry as cells that read back to the same values."""
    for value in table.values(row).values():
        match value:
            case None:
                yield ""
            case bool():
                yield "true" if value else "false"
            case Decimal():
                yield f"{value.normalize():f}"
            case _:
                yield str(value)
