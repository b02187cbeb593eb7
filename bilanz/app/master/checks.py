"""What a row of master data must keep to beside the others: no circle, no two at once, proof where asked."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

from bilanz.app.beside.instruments import check_factor
from bilanz.app.beside.plan import check_book
from bilanz.app.fund.rules import FUND_RULES
from bilanz.app.master.groups import Rows, alike
from bilanz.errors import UsageError
from bilanz.masterrow import MasterRow
from bilanz.organisation import (
    Compensation,
    Delivery,
    EnergyInstrument,
    Membership,
    OrganisationUnit,
    Overlap,
    Source,
    SourceTerm,
)
from bilanz.plan import Growth, Measure, Target, check_growth, check_measure, check_target
from bilanz.registry.compensations import check_compensation
from bilanz.registry.declared import check_apportionment, check_overlap
from bilanz.registry.deliveries import check_delivery
from bilanz.registry.instruments import check_instrument
from bilanz.registry.memberships import check_membership
from bilanz.registry.organisations import path
from bilanz.registry.sources import check_term

if TYPE_CHECKING:
    import polars as pl

_Row = TypeVar("_Row", bound=MasterRow)


def check(row: MasterRow, rows: Rows, factors: "pl.DataFrame | None") -> None:
    """Hold a row against the rules of its table and the other rows.

    `factors`: what an instrument may name; None: not checked.

    Raises:
        BilanzError: it contradicts them; says how.
    """
    if isinstance(row, EnergyInstrument):
        _check_instrument(row, rows, factors)
    for kind, rule in _RULES.items():
        if isinstance(row, kind):
            rule(row, rows)


def _others(rows: Rows, table: str, kind: type[_Row]) -> list[_Row]:
    return [other for other in rows[table].values() if isinstance(other, kind)]


def _units(rows: Rows) -> dict[str, OrganisationUnit]:
    return {unit.id: unit for unit in _others(rows, "organisations", OrganisationUnit)}


def _check_unit(row: OrganisationUnit, rows: Rows) -> None:
    path(row.id, _units(rows) | {row.id: row})


def _check_term(row: SourceTerm, rows: Rows) -> None:
    others = alike(rows, "terms", SourceTerm, row.source)
    check_term(row, [term for term in others if term.valid_from != row.valid_from])


def _check_source(row: Source, _rows: Rows) -> None:
    if row.parent == row.id:
        raise UsageError('The source "{name}" cannot be its own parent.', name=row.id)
    check_apportionment(row)


def _check_target(row: Target, _rows: Rows) -> None:
    check_book(row.book)
    check_target(row)


def _check_instrument(row: EnergyInstrument, rows: Rows, factors: "pl.DataFrame | None") -> None:
    check_instrument(row, _others(rows, "instruments", EnergyInstrument))
    above = path(row.organisation, _units(rows)).split("/") if row.organisation else None
    if factors is not None:
        check_factor(row, factors, above)


_RULES: Final[Mapping[type[MasterRow], Callable[[Any, Rows], None]]] = {
    OrganisationUnit: _check_unit,
    SourceTerm: _check_term,
    Source: _check_source,
    Membership: lambda row, rows: check_membership(
        row, _others(rows, "memberships", Membership), _units(rows)
    ),
    Delivery: lambda row, rows: check_delivery(row, _others(rows, "deliveries", Delivery)),
    Overlap: lambda row, rows: check_overlap(row, _others(rows, "overlaps", Overlap)),
    Compensation: lambda row, _rows: check_compensation(row),
    Target: _check_target,
    Measure: lambda row, _rows: check_measure(row),
    Growth: lambda row, _rows: check_growth(row),
    **FUND_RULES,
}
