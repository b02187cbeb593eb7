"""Where every figure of the page comes from: the rows behind it, member by member and project by project."""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import partial

import polars as pl

from bilanz.fund.board import Board
from bilanz.fund.finding import reason_of
from bilanz.fund.project import FundFinancing, FundFinding, FundProject
from bilanz.messages import Language, translate
from reports import numbers
from reports.base import Column, Panel
from reports.board.unmeasured import gone_said, told_said
from reports.board.words import (
    CLAIMANTS,
    FIGURES,
    FLOWS,
    INDICATORS,
    NOT_ASSESSED,
    SIGHTS,
    TABLES,
    cents,
    exact,
    measure,
    said,
)

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")


def anchor(behind: Mapping[str, str]) -> str:
    """Return the id of the panel that holds the rows behind a figure of a member, a pillar or a project."""
    kind, code = next(iter(behind.items()))
    return f"evidence-{kind}-{_UNSAFE.sub('-', code)}" if kind != "pillar" else "evidence-flows"


def panels(board: Board, language: Language) -> list[Panel]:
    """Return the rows behind the page."""
    members = [_member(name, board, language) for name in _members(board)]
    projects = [_project(project, board, language) for project in board.rows.projects]
    last = _withdrawn(board, language)
    return [_resolved(board, language), *members, _flows(board, language), *projects, last]


def _members(board: Board) -> list[str]:
    named = {one.organisation for one in board.rows.members}
    return sorted(named | {one.organisation for one in board.rows.payments})


def _member(name: str, board: Board, language: Language) -> Panel:
    """Return statistics and payments of a member with their sources."""
    say = partial(translate, language=language)
    rows = [
        {
            "what": f"{said(FIGURES, one.kind, language)}, {one.year}",
            "value": measure(one.value, one.unit, language),
            "source": f"{one.source}; {one.licence}; {numbers.day(one.retrieved_on, language)}",
        }
        for one in board.rows.figures
        if one.organisation == name
    ]
    rows += [
        {
            "what": translate("payment {id} for {year}", language, id=one.id, year=one.year),
            "value": cents(one.amount, one.currency, language),
            "source": f"{one.evidence}; {numbers.day(one.paid_on, language)}",
        }
        for one in board.rows.payments
        if one.organisation == name
    ]
    return _panel(
        anchor({"member": name}),
        board.name(name),
        say("Statistics the contribution rests on, and what was paid."),
        rows,
        language,
    )


def _flows(board: Board, language: Language) -> Panel:
    say = partial(translate, language=language)
    rows = [
        {
            "what": f"{one.project}: {say(FLOWS[one.kind])}, {numbers.day(one.on, language)}",
            "value": cents(one.amount, one.currency, language),
            "source": "; ".join(part for part in (one.budget_line, one.contract, one.evidence) if part),
        }
        for one in board.rows.flows
    ]
    return _panel(
        "evidence-flows", say("All money"), say("Every commitment and every payment."), rows, language
    )


def _project(project: FundProject, board: Board, language: Language) -> Panel:
    """Return what a project states, its money by others and its observations."""
    say = partial(translate, language=language)
    gone = {one.observation.id: gone_said(one, language) for one in board.outdated}
    stated = {
        "total cost": None
        if project.total_cost is None
        else cents(project.total_cost, project.currency, language),
        "lifetime in years": None if project.lifetime_years is None else str(project.lifetime_years),
        "baseline": project.baseline,
        "measurement plan": project.measurement_plan,
        "completed": None if project.completed_on is None else numbers.day(project.completed_on, language),
        "series of factors": project.factor_series,
        "promised saving a year": _promise(project, language),
        "overlap with other measures": _part(project.overlap_share, language),
        "rebound": _part(project.rebound_share, language),
    }
    rows = [
        {"what": say(name), "value": value or numbers.missing(language), "source": project.evidence}
        for name, value in stated.items()
    ]
    rows += [
        {
            "what": translate("factor {series} for {year}", language, series=one.series, year=one.year),
            "value": f"{exact(one.value, language)} kg CO2e/{one.unit}",
            "source": one.source,
        }
        for one in board.rows.factors
        if one.series == project.factor_series and one.year == board.year
    ]
    rows += [
        {
            "what": translate(
                "claimed by {who} for {year}", language, who=say(CLAIMANTS[one.claimant]), year=one.year
            ),
            "value": numbers.share(one.share, language),
            "source": one.evidence,
        }
        for one in board.rows.claims
        if one.project == project.id
    ]
    rows += [
        {
            "what": _payer(one, language),
            "value": cents(one.amount, one.currency, language),
            "source": one.evidence,
        }
        for one in board.rows.financing
        if one.project == project.id
    ]
    rows += [
        {
            "what": f"{said(INDICATORS, one.indicator, language)}, {one.year} ({say(SIGHTS[one.sight])})",
            "value": told_said((one.value, one.unit, one.half_width), language),
            "source": "; ".join(part for part in (gone.get(one.id), one.evidence) if part),
        }
        for one in board.rows.observations
        if one.project == project.id
    ]
    rows += [_finding(one, language) for one in board.rows.findings if one.project == project.id]
    heading = f"{project.id}: {project.title}"
    return _panel(
        anchor({"project": project.id}),
        heading,
        say("What the figures of the project rest on."),
        rows,
        language,
    )


def _payer(row: FundFinancing, language: Language) -> str:
    if row.on is None:
        return translate("paid by {who}", language, who=row.financier)
    day = numbers.day(row.on, language)
    return translate("paid by {who}, {day}", language, who=row.financier, day=day)


def _finding(row: FundFinding, language: Language) -> dict[str, str]:
    """Return what meters came to of a project as a whole, or of a year."""
    say, reason = partial(translate, language=language), reason_of(row)
    parts = [] if reason is None else [reason.text(language)]
    if row.saved is not None and row.unit is not None:
        parts.append(told_said((row.saved, row.unit, row.half_width), language))
    looked = translate("looked at on {day}", language, day=numbers.day(row.assessed_on, language))
    return {
        "what": say("what the meters say")
        if row.year is None
        else translate("what the meters say of {year}", language, year=row.year),
        "value": " ".join(parts) or say("assessable"),
        "source": f"{looked}; {row.evidence}",
    }


def _promise(project: FundProject, language: Language) -> str | None:
    if project.expected_saving is None:
        return None
    return measure(project.expected_saving, project.unit, language)


def _part(share: Decimal | None, language: Language) -> str:
    return translate(NOT_ASSESSED, language) if share is None else numbers.share(share, language)


def _resolved(board: Board, language: Language) -> Panel:
    """Return keys and rates with the resolution or publication behind them."""
    say = partial(translate, language=language)
    rows = [
        {
            "what": translate("key {id}, from {year} on", language, id=one.id, year=one.first_year),
            "value": say("a proposal") if one.is_proposal else say("resolved"),
            "source": one.evidence,
        }
        for one in board.rows.keys
    ]
    rows += [
        {
            "what": f"{one.set}, {one.year}, {numbers.share(one.time_preference, language)}",
            "value": f"{exact(one.value, language)} {one.unit}",
            "source": one.source,
        }
        for one in board.rows.rates
    ]
    heading = say("What was resolved")
    return _panel("evidence-resolved", heading, say("Keys and rates with their resolutions."), rows, language)


def _withdrawn(board: Board, language: Language) -> Panel:
    """Return the rows that were taken back: how many, which, when and why."""
    say = partial(translate, language=language)
    rows = [
        {
            "what": f"{said(TABLES, one.table, language)}: {one.key}",
            "value": _taken_back(one.values, language),
            "source": translate(
                "withdrawn on {day}: {reason}", language, day=numbers.day(one.on, language), reason=one.reason
            ),
        }
        for one in board.rows.withdrawn
    ]
    finding = translate(
        "{count} rows of the fund were withdrawn, of whatever year. They are in no figure; the audit trail "
        "keeps them whole.",
        language,
        count=len(rows),
    )
    return _panel("evidence-withdrawn", say("Withdrawn rows"), finding, rows, language)


def _taken_back(values: Mapping[str, str], language: Language) -> str:
    """Return the figure of a row, else what it is called."""
    if "amount" in values and "currency" in values:
        return cents(Decimal(values["amount"]), values["currency"], language)
    if "value" in values and "unit" in values:
        return f"{exact(Decimal(values['value']), language)} {values['unit']}"
    return values.get("title", "–")


def _panel(
    identifier: str, heading: str, finding: str, rows: list[dict[str, str]], language: Language
) -> Panel:
    say = partial(translate, language=language)
    return Panel(
        identifier,
        heading,
        finding,
        pl.DataFrame(rows, schema=dict.fromkeys(("what", "value", "source"), pl.String), orient="row"),
        (
            Column("what", say("What")),
            Column("value", say("Value")),
            Column("source", say("Where it stands"), kind="long"),
        ),
    )
