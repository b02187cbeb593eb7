"""The CSV tables of master data: their columns, and how a cell becomes a value."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from bilanz.app.fund.tables import FUND_TABLES
from bilanz.app.master.cells import (
    CellError,
    activity_code,
    day,
    fits,
    month,
    number,
    one_of,
    reference,
    share,
    size,
    start,
    unit_code,
    weight,
    whole,
    written,
    year,
    yes_no,
    zone,
)
from bilanz.app.master.table import Column, Table
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
from bilanz.registry.bulk import limits

__all__ = ["BY_NAME", "DEFAULTS", "TABLES", "Column", "Table", "cell", "read_row"]

TABLES: Final = (
    Table(
        "organisations",
        OrganisationUnit,
        ("id",),
        (
            Column("id", is_needed=True),
            Column("parent", refers="organisations"),
            Column("name", is_needed=True),
            Column("kind", one_of(*KINDS), is_needed=True),
            Column("region"),
            Column("zone", zone),
            Column("consolidation_share", share),
            Column("active_from", day),
            Column("active_to", day),
            Column("municipality", refers="organisations"),
        ),
    ),
    Table(
        "figures",
        OrganisationFigure,
        ("organisation", "valid_from"),
        (
            Column("organisation", is_needed=True, refers="organisations"),
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
            Column("organisation", is_needed=True, refers="organisations"),
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
            Column("parent", refers="sources"),
            Column("apportionment", one_of(*(way.value for way in Apportionment))),
            Column("weights"),
        ),
    ),
    Table(
        "terms",
        SourceTerm,
        ("source", "valid_from"),
        (
            Column("source", is_needed=True, refers="sources"),
            Column("organisation", is_needed=True, refers="organisations"),
            Column("site", refers="sites"),
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
            Column("organisation", refers="organisations"),
            Column("source", refers="sources"),
            Column("activity", activity_code, is_needed=True),
            Column("factor", is_needed=True),
            Column("valid_from", start, is_needed=True),
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
            Column("organisation", is_needed=True, refers="organisations"),
            Column("book", is_needed=True),
            Column("scopes", is_needed=True),
            Column("base_year", year, is_needed=True),
            Column("base_t", number),
            Column("base_source"),
            Column("target_year", year, is_needed=True),
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
            Column("organisation", is_needed=True, refers="organisations"),
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
            Column("organisation", is_needed=True, refers="organisations"),
            Column("activity", activity_code, is_needed=True),
            Column("rate", number, is_needed=True),
            Column("first_year", year, is_needed=True),
            Column("last_year", year, is_needed=True),
            Column("title", is_needed=True),
            Column("evidence", is_needed=True),
        ),
    ),
    Table(
        "memberships",
        Membership,
        ("organisation", "valid_from"),
        (
            Column("organisation", is_needed=True, refers="organisations"),
            Column("parent", is_needed=True, refers="organisations"),
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
            Column("seller", is_needed=True, refers="organisations"),
            Column("buyer", is_needed=True, refers="organisations"),
            Column("activity", activity_code),
            Column("seller_source", refers="sources"),
            Column("buyer_source", refers="sources"),
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
            Column("organisation", is_needed=True, refers="organisations"),
            Column("year", year, is_needed=True),
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
            Column("organisation", is_needed=True, refers="organisations"),
            Column("year", year, is_needed=True),
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
            Column("part_source", is_needed=True, refers="sources"),
            Column("part_activity", activity_code),
            Column("whole_source", is_needed=True, refers="sources"),
            Column("whole_activity", activity_code),
            Column("valid_from", day),
            Column("valid_to", day),
            Column("evidence", is_needed=True),
        ),
    ),
    *FUND_TABLES,
)

BY_NAME: Final[Mapping[str, Table]] = {table.name: table for table in TABLES}

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
            fits(values[column.name], limits(table.model).get(column.name))
        except CellError as error:
            issues.append(Issue(error.code, line, column.name, cell, error.parameters))
        if not cell and column.is_needed:
            issues.append(Issue("missing_value", line, column.name, ""))
    return values, issues


def cell(value: Any) -> str:  # noqa: ANN401 - of any column
    """Return a value of the registry as a cell that reads back to the same value."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Decimal():
            return written(value)
        case _:
            return str(value)
