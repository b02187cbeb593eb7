"""The CSV tables of master data: their columns, and how a cell becomes a value."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from bilanz import activity, units
from bilanz.declared import Apportionment, OverlapKind
from bilanz.errors import UnknownName
from bilanz.instrument import INSTRUMENT_KINDS
from bilanz.issues import Issue
from bilanz.organisation import (
    KINDS,
    ROLES,
    TENURES,
    EnergyInstrument,
    MasterRow,
    MonthWeight,
    OrganisationFigure,
    OrganisationUnit,
    Overlap,
    Site,
    Source,
    SourceTerm,
)
from bilanz.periods import zone_of
from bilanz.records import Basis

YES: Final = frozenset({"true", "yes", "ja", "wahr", "1", "x"})
NO: Final = frozenset({"false", "no", "nein", "falsch", "0"})

_HEAVIEST: Final = 1_000_000
"""Weights of months are proportions; below this their products with any quantity stay exact."""


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


def _month(cell: str) -> date:
    try:
        return datetime.strptime(cell, "%Y-%m").date()  # noqa: DTZ007 - a civil day has no zone
    except ValueError:
        day = _day(cell)
    if day.day != 1:
        raise CellError("not_a_date", expected="YYYY-MM")
    return day


def _weight(cell: str) -> Decimal:
    number = _number(cell)
    if not 0 <= number < _HEAVIEST:
        raise CellError("not_a_number", expected=f"0–{_HEAVIEST - 1}")
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
            Column("apportionment", _one_of(*(way.value for way in Apportionment))),
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
        "weights",
        MonthWeight,
        ("name", "month"),
        (
            Column("name", is_needed=True),
            Column("month", _month, is_needed=True),
            Column("value", _weight, is_needed=True),
            Column("evidence", is_needed=True),
        ),
    ),
    Table(
        "overlaps",
        Overlap,
        ("id",),
        (
            Column("id", is_needed=True),
            Column("kind", _one_of(*(kind.value for kind in OverlapKind)), is_needed=True),
            Column("part_source", is_needed=True),
            Column("part_activity", _activity),
            Column("whole_source", is_needed=True),
            Column("whole_activity", _activity),
            Column("valid_from", _day),
            Column("valid_to", _day),
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
