"""Assess the contributions of a year, and list the assessments there are."""

from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bilanz.app.fund.board import rows_of
from bilanz.app.settings import Settings
from bilanz.app.trail import existing
from bilanz.errors import Refused, UsageError
from bilanz.fund.assessed import Assessment, assess, by_year, lacking
from bilanz.fund.board import Board, Rows, check_currency
from bilanz.fund.cents import amount_of
from bilanz.fund.contributions import contributions, key_in_force
from bilanz.fund.figures import Figures
from bilanz.fund.standing import Difference, between
from bilanz.fund.terms import read_terms
from bilanz.registry import assessments
from bilanz.registry.engine import Registry
from bilanz.trail import Deed


@dataclass(frozen=True, slots=True)
class Assessed:
    """An assessment beside the one before; `differences`: of all members of both."""

    assessment: Assessment
    former: Assessment | None
    differences: tuple[Difference, ...]


def assess_year(
    settings: Settings, year: int, *, reason: str | None = None, is_trial: bool = False
) -> Assessed:
    """Fix what each member owes for a year, as a further assessment where there is one.

    Args:
        settings: where the registry lies, and who assesses.
        year: calendar year; also one that has not begun, once its figures are there.
        reason: why; needed for a further assessment.
        is_trial: only say what it would be.

    Raises:
        UsageError: there is no fund, or a further assessment has no reason.
        Refused: an amount cannot be told, or nothing has changed since the former assessment.
    """
    with closing(existing(settings)) as registry:
        return assess_in(registry, settings, year, reason=reason, is_trial=is_trial)


def assess_in(
    registry: Registry,
    settings: Settings,
    year: int,
    *,
    reason: str | None = None,
    is_trial: bool = False,
    seen: str | None = None,
) -> Assessed:
    """Fix what each member owes for a year, in an open registry; see `assess_year`.

    `seen`: hash of what somebody looked at who now confirms it; what rests on anything else is refused.
    """
    league, rows = _of_league(registry, settings)
    history = by_year(rows.assessments, rows.assessed).get(year, ())
    why = (reason or "").strip() or None
    former = history[-1] if history else None
    if former is not None and why is None and not is_trial:
        message = "{year} is assessed already. A further assessment needs a reason."
        raise UsageError(message, year=year)
    made = _made(settings, year, league, rows, why, former)
    if seen is not None and seen != made.head.sha256:
        message = "What the amounts of {year} rest on has changed meanwhile. Look at them again."
        raise Refused(message, year=year)
    if not is_trial:
        deed = Deed(settings.user, "fund.assess", f"{year} {league}", why, _details(made, former))
        assessments.add(registry, made.head, made.amounts, deed)
    return Assessed(made, former, between(former, made))


def _of_league(registry: Registry, settings: Settings) -> tuple[str, Rows]:
    """Return the league of the fund, and rows whose keys and assessments are its own."""
    terms = read_terms(settings.data)
    rows, league = rows_of(registry), terms.league
    own = Rows(
        members=rows.members,
        figures=rows.figures,
        keys=[one for one in rows.keys if one.organisation == league],
        assessments=[one for one in rows.assessments if one.league == league],
        assessed=[one for one in rows.assessed if one.league == league],
    )
    check_currency(own, terms)
    return league, own


def _made(
    settings: Settings, year: int, league: str, rows: Rows, reason: str | None, former: Assessment | None
) -> Assessment:
    key = key_in_force(rows.keys, year)
    if key is None:
        raise Refused("No key is in force in {year}: there is nothing to assess.", year=year)
    found = contributions(year, members=rows.members, figures=Figures(rows.figures), key=key)
    gaps = lacking(found)
    if gaps:
        message = "{year} cannot be assessed, as amounts are missing. {reasons}"
        reasons = " ".join(gap.text(settings.lang) for gap in gaps)
        raise Refused(message, year=year, reasons=reasons)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return assess(found, rows.members, league=league, by=settings.user, at=at, reason=reason, former=former)


def _details(made: Assessment, former: Assessment | None) -> dict[str, Any]:
    """Return what the trail keeps: enough to notice that an amount was changed behind its back."""
    head = made.head
    return {
        "number": head.number,
        "former": None if former is None else former.head.number,
        "key": head.key,
        "currency": head.currency,
        "total_cents": head.total_cents,
        "amounts_cents": {one.organisation: one.due_cents for one in made.amounts},
        "inputs_sha256": head.sha256,
    }


def history(settings: Settings, year: int) -> list[Assessed]:
    """Return the assessments of a year, each beside the one before, the first one first."""
    with closing(existing(settings)) as registry:
        return history_in(registry, settings, year)


def history_in(registry: Registry, settings: Settings, year: int) -> list[Assessed]:
    """Return the assessments of a year, of an open registry; see `history`."""
    _, rows = _of_league(registry, settings)
    found: list[Assessed] = []
    former: Assessment | None = None
    for one in by_year(rows.assessments, rows.assessed).get(year, ()):
        found.append(Assessed(one, former, between(former, one)))
        former = one
    return found


def holding(found: Board) -> dict[str, Any] | None:
    """Return the assessment a board's year rests on, for other programs; None: it is provisional."""
    holds = None if found.standing is None else found.standing.assessment
    if holds is None:
        return None
    head = holds.head
    return {
        "number": head.number,
        "key": head.key,
        "total": f"{holds.total}",
        "assessed_at": head.at,
        "reason": head.reason,
        "inputs_sha256": head.sha256,
    }


def beside(found: Board) -> list[dict[str, Any]]:
    """Return members of whom today's rows would ask something else, for other programs."""
    names = ("assessed", "reckoned", "difference", "own_assessed", "own_reckoned")
    return [
        {"organisation": one.organisation, "own_currency": one.own_currency}
        | {name: None if getattr(one, name) is None else f"{getattr(one, name)}" for name in names}
        for one in (() if found.standing is None else found.standing.differences)
    ]


def as_json(one: Assessed) -> dict[str, Any]:
    """Return an assessment for other programs."""
    head = one.assessment.head
    of = {row.organisation: row for row in one.assessment.amounts}
    return {
        "year": head.year,
        "number": head.number,
        "key": head.key,
        "currency": head.currency,
        "total": f"{amount_of(head.total_cents)}",
        "assessed_at": head.at,
        "assessed_by": head.by,
        "reason": head.reason,
        "inputs_sha256": head.sha256,
        "amounts": [
            {
                "organisation": row.organisation,
                "days": None if row.organisation not in of else of[row.organisation].days,
                "due": None if row.reckoned is None else f"{row.reckoned}",
                "due_own": None if row.own_reckoned is None else f"{row.own_reckoned}",
                "own_currency": row.own_currency,
                "former": None if row.assessed is None else f"{row.assessed}",
                "difference": None if one.former is None else f"{row.difference}",
            }
            for row in one.differences
        ],
    }
