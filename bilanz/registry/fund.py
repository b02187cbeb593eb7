"""The tables of the fund in the registry, as rows."""

from datetime import datetime
from typing import TypeVar

from sqlalchemy import inspect
from sqlmodel import col, select

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
from bilanz.fund.withdrawn import ACTION, Withdrawn
from bilanz.masterrow import MasterRow
from bilanz.registry.engine import Registry
from bilanz.trail import TrailEntry, told

_Row = TypeVar("_Row", bound=MasterRow)


def members(registry: Registry) -> list[FundMember]:
    """Return the members, by organisation."""
    return rows(registry, FundMember)


def figures(registry: Registry) -> list[FundFigure]:
    """Return the statistics of members, by organisation, kind and year."""
    return rows(registry, FundFigure)


def keys(registry: Registry) -> list[FundKey]:
    """Return the solidarity keys, by id."""
    return rows(registry, FundKey)


def payments(registry: Registry) -> list[FundPayment]:
    """Return what members paid, by id."""
    return rows(registry, FundPayment)


def programmes(registry: Registry) -> list[FundProgramme]:
    """Return the programmes, by id."""
    return rows(registry, FundProgramme)


def projects(registry: Registry) -> list[FundProject]:
    """Return the projects, by id."""
    return rows(registry, FundProject)


def flows(registry: Registry) -> list[FundFlow]:
    """Return commitments and disbursements, by id."""
    return rows(registry, FundFlow)


def financing(registry: Registry) -> list[FundFinancing]:
    """Return what others pay for projects, by id."""
    return rows(registry, FundFinancing)


def project_sources(registry: Registry) -> list[FundSource]:
    """Return the sources of projects, by project and source."""
    return rows(registry, FundSource)


def observations(registry: Registry) -> list[FundObservation]:
    """Return the indicators of projects, by id."""
    return rows(registry, FundObservation)


def findings(registry: Registry) -> list[FundFinding]:
    """Return what meters of projects last came to, by id."""
    return rows(registry, FundFinding)


def claims(registry: Registry) -> list[FundClaim]:
    """Return who claims what of projects, by project, year and claimant."""
    return rows(registry, FundClaim)


def rates(registry: Registry) -> list[FundRate]:
    """Return climate cost and discount rates, by set, kind, time preference and year."""
    return rows(registry, FundRate)


def factors(registry: Registry) -> list[FundFactor]:
    """Return the declared factor series, by series and year."""
    return rows(registry, FundFactor)


def withdrawn(registry: Registry) -> list[Withdrawn]:
    """Return the rows of the fund that were taken back, the first one first."""
    query = select(TrailEntry).where(TrailEntry.action == ACTION, col(TrailEntry.subject).startswith("fund_"))
    with registry.session() as session:
        entries = session.exec(query.order_by(col(TrailEntry.sequence))).all()
    return [_withdrawn(entry) for entry in entries]


def _withdrawn(entry: TrailEntry) -> Withdrawn:
    details = told(entry)["details"]
    day = datetime.fromisoformat(entry.at).date()
    return Withdrawn(
        entry.sequence, entry.subject, details["key"], day, entry.reason or "", details["withdrawn"]
    )


def rows(registry: Registry, model: type[_Row]) -> list[_Row]:
    """Return the rows of a table, by what identifies them."""
    with registry.session() as session:
        return list(session.exec(select(model).order_by(*inspect(model).primary_key)))
