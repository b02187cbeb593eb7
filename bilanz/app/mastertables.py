"""The CSV tables of master data: their columns, and how a cell becomes a value."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any, Final

from bilanz import activity, units
from bilanz.app.references import references
from bilanz.compensation import COMPENSATION_KINDS
from bilanz.errors import UnknownName
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
    NotationKey,
    OrganisationFigure,
    OrganisationUnit,
    Site,
    Source,
    SourceTerm,
)
from bilanz.periods import zone_of
from bilanz.plan import Growth, Measure, PathKind, Status, Target
from bilanz.records import Basis

YES: Final = frozenset({"true", "yes", "ja", "wahr", "1", "x"})
NO: Final = frozenset({"false", "no", "nein", "falsch", "0"})


class CellError(ValueError):
    """A cell that is no value of its column; becomes an issue."""

    def __init__(self, code: str, **parameters: str) -> None:
        self.code = code
        self.parameters = parameters
        super().__init__(code)


def _text(cell: str) -> str:
    return cell


def _day(cell: str) -> date:
    for form in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            return datetime.strptime(cell, form).date()  # noqa: DTZ007 - a civil day has no zone
        except ValueError:
            continue
    raise CellError("not_a_date", expected="YYYY-MM-DD, DD.MM.YYYY")


def _number(cell: str) -> Decimal:
    try:
        number = Decimal(cell.replace(",", "."))
    except InvalidOperation:
        raise CellError("not_a_number", expected="1234.5") from None
    if not number.is_finite():
        raise CellError("not_a_number", expected="1234.5")
    return number


def _whole(cell: str) -> int:
    if not cell.isdecimal():
        raise CellError("not_a_number", expected="1234")
    return int(cell)


def _share(cell: str) -> Decimal:
    number = _number(cell)
    if not 0 <= number <= 1:
        raise CellError("not_a_number", expected="0–1")
    return number


def _size(cell: str) -> Decimal:
    number = _number(cell)
    if number <= 0:
        raise CellError("not_a_number", expected="> 0")
    return number


def _yes_no(cell: str) -> bool:
    if cell.casefold() in YES | NO:
        return cell.casefold() in YES
    raise CellError("unknown_value", expected="true, false")


def _one_of(*names: str) -> Callable[[str], str]:
    def read(cell: str) -> str:
        if cell not in names:
            raise CellError("unknown_value", expected=", ".join(names))
        return cell

    return read


def _activity(cell: str) -> str:
    code = activity.find(cell)
    if code is None:
        raise CellError("unknown_activity", near=", ".join(activity.near(cell)) or "–")
    return code


def _unit(cell: str) -> str:
    found = units.find(cell)
    if found is None:
        raise CellError("unknown_unit", near=", ".join(units.near(cell)) or "–")
    return found.unit


def _zone(cell: str) -> str:
    try:
        return str(zone_of(cell))
    except UnknownName:
        raise CellError("unknown_value", expected="IANA, e.g. Europe/Berlin") from None


def _reference(cell: str) -> str:
    known = references().refs
    if cell not in known:
        near = get_close_matches(cell, known, n=5, cutoff=0.5)
        raise CellError("unknown_value", expected=", ".join(near or known))
    return cell


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, how a cell is read, and whether it must be filled."""

    name: str
    read: Callable[[str], Any] = _text
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
            Column("kind", _one_of(*KINDS), is_needed=True),
            Column("region"),
            Column("zone", _zone),
            Column("consolidation_share", _share),
            Column("active_from", _day),
            Column("active_to", _day),
            Column("municipality"),
        ),
    ),
    Table(
        "figures",
        OrganisationFigure,
        ("organisation", "valid_from"),
        (
            Column("organisation", is_needed=True),
            Column("valid_from", _day, is_needed=True),
            Column("population", _whole),
            Column("floor_area_m2", _number),
            Column("staff", _number),
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
            Column("zone", _zone),
            Column("kind", _one_of(*SITE_KINDS)),
            Column("floor_area_m2", _size),
            Column("area_kind", _one_of(*AREA_KINDS)),
            Column("population_equivalent", _whole),
            Column("light_points", _whole),
            Column("burn_hours", _size),
            Column("postcode"),
        ),
    ),
    Table(
        "sources",
        Source,
        ("id",),
        (
            Column("id", is_needed=True),
            Column("activity", _activity),
            Column("unit", _unit),
            Column("basis", _one_of(*(basis.value for basis in Basis))),
            Column("minutes", _whole),
            Column("grid_area"),
            Column("region"),
            Column("heating_share", _share),
            Column("parent"),
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
            Column("role", _one_of(*ROLES), is_needed=True),
            Column("tenure", _one_of(*TENURES), is_needed=True),
            Column("control", _yes_no, is_needed=True),
            Column("valid_from", _day),
            Column("valid_to", _day),
            Column("evidence"),
        ),
    ),
    Table(
        "instruments",
        EnergyInstrument,
        ("id",),
        (
            Column("id", is_needed=True),
            Column("kind", _one_of(*INSTRUMENT_KINDS), is_needed=True),
            Column("organisation"),
            Column("source"),
            Column("activity", _activity, is_needed=True),
            Column("factor", is_needed=True),
            Column("valid_from", _day, is_needed=True),
            Column("valid_to", _day),
            Column("quantity_kwh", _whole),
            Column("evidence", is_needed=True),
            Column("evidence_sha256"),
            Column("vintage"),
            Column("zone"),
            Column("technology"),
            Column("cancelled_on", _day),
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
            Column("base_year", _whole, is_needed=True),
            Column("base_t", _number),
            Column("base_source"),
            Column("target_year", _whole, is_needed=True),
            Column("reduction", _share, is_needed=True),
            Column("path", _one_of(*(kind.value for kind in PathKind)), is_needed=True),
            Column("budget_t", _number),
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
            Column("starts_on", _day, is_needed=True),
            Column("lifetime_years", _whole),
            Column("effect_kg", _number),
            Column("effect_kwh", _number),
            Column("activity", _activity, is_needed=True),
            Column("cost_net", _number),
            Column("currency"),
            Column("status", _one_of(*(status.value for status in Status)), is_needed=True),
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
            Column("activity", _activity, is_needed=True),
            Column("rate", _number, is_needed=True),
            Column("first_year", _whole, is_needed=True),
            Column("last_year", _whole, is_needed=True),
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
            Column("valid_from", _day, is_needed=True),
            Column("valid_to", _day),
            Column("equity_share", _share, is_needed=True),
            Column("operational_control", _yes_no, is_needed=True),
            Column("financial_control", _yes_no, is_needed=True),
            Column("evidence"),
        ),
    ),
    Table(
        "deliveries",
        Delivery,
        ("id",),
        (
            Column("id", is_needed=True),
            Column("kind", _one_of(*DELIVERY_KINDS), is_needed=True),
            Column("seller", is_needed=True),
            Column("buyer", is_needed=True),
            Column("activity", _activity),
            Column("seller_source"),
            Column("buyer_source"),
            Column("valid_from", _day, is_needed=True),
            Column("valid_to", _day),
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
            Column("year", _whole, is_needed=True),
            Column("kind", _one_of(*COMPENSATION_KINDS), is_needed=True),
            Column("tonnes", _number, is_needed=True),
            Column("standard", is_needed=True),
            Column("evidence", is_needed=True),
            Column("cancelled_on", _day),
        ),
    ),
    Table(
        "notation_keys",
        NotationKey,
        ("organisation", "year", "ref"),
        (
            Column("organisation", is_needed=True),
            Column("year", _whole, is_needed=True),
            Column("ref", _reference, is_needed=True),
            Column("key", _one_of(*NOTATION_KEYS), is_needed=True),
            Column("explanation", is_needed=True),
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
