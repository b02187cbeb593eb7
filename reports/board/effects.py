"""What was promised and what the meters say, project by project, with its interval; claims beside it."""

from decimal import Decimal
from functools import partial
from typing import Any, Final

import plotly.graph_objects as go
import polars as pl

from bilanz.fund.attribution import (
    ALPHA_TEXTS,
    BEFORE_TEXTS,
    GAP_TEXTS,
    Additionality,
    AlphaState,
    Attribution,
    Financier,
    additionality,
    attributed,
)
from bilanz.fund.board import Board
from bilanz.fund.claims import CLAIM_TEXTS, ClaimState, check
from bilanz.fund.observed import AVOIDED, SAVED, YearlyEffect, is_indistinct
from bilanz.fund.portfolio import Holding
from bilanz.fund.project import Claimant, Sight
from bilanz.messages import Language, translate
from reports import charts, names, numbers, theme
from reports.base import Column, Panel
from reports.board import unmeasured, upcoming
from reports.board.words import CLAIMANTS, cents, tonnes
from reports.charts import Series

NOT_DISTINCT: Final = "The interval contains zero: that anything was saved cannot be said."
_ADDITIONAL: Final = {
    Additionality.ADDITIONAL: "yes",
    Additionality.REQUIRED_OR_FINANCED: "no",
    Additionality.NOT_ASSESSED: "not assessed",
}
_MOST_BARS: Final = 20
_TONNES: Final = pl.Decimal(38, 6)
_SHARE: Final = pl.Decimal(38, 12)


def panels(board: Board, language: Language) -> list[Panel]:
    """Return promise and measurement, the fund's part, who claims it, and why others are not measured."""
    shown, others = (
        [one for one in board.holdings if _has_effect(one, board)],
        unmeasured.panels(board, language),
    )
    if not shown:
        return others
    return [
        _delivered(shown, board, language),
        _avoided(shown, board, language),
        *upcoming.panels(board, language),
        *others,
        *_claims(board, language),
    ]


def _has_effect(holding: Holding, board: Board) -> bool:
    effect = board.effect(holding.project.id)
    stated = (holding.project.expected_saving, effect.saved, effect.expected_t, effect.measured_t)
    is_gone = any(unmeasured.gone(board, holding.project.id, name) for name in (SAVED, AVOIDED))
    return is_gone or any(one is not None for one in stated)


def _delivered(shown: list[Holding], board: Board, language: Language) -> Panel:
    """Return savings in their own units: promised, measured, delivered."""
    say = partial(translate, language=language)
    rows = [_saving(holding, board.effect(holding.project.id), board, language) for holding in shown]
    measured = sum(1 for row in rows if row["saved"] is not None)
    schema: dict[str, Any] = {
        "id": pl.String,
        "project": pl.String,
        "member": pl.String,
        "unit": pl.String,
        "promised": _TONNES,
        "saved": _TONNES,
        "half": _TONNES,
        "delivered": _SHARE,
        "baseline": pl.String,
        "remark": pl.String,
    }
    return Panel(
        "fund-delivered",
        say("Promised and measured saving"),
        translate(
            "{measured} of {projects} projects with an effect are measured for {year}.",
            language,
            measured=measured,
            projects=len(rows),
            year=board.year,
        )
        + _gone(board, language),
        pl.DataFrame(rows, schema=schema, orient="row"),
        (
            Column("project", say("Project")),
            Column("unit", say("Unit")),
            Column("promised", say("Promised a year"), kind="number"),
            Column("saved", say("Measured in the year"), kind="number", lines={}),
            Column("half", say("± 95 %"), kind="number"),
            Column("delivered", say("Delivered"), kind="share"),
            Column("remark", say("Remark"), kind="long"),
            Column("baseline", say("Baseline"), kind="long"),
            Column("member", say("League member")),
        ),
        figure=_delivered_bars(rows, language),
        note=_cut_note(sum(1 for row in rows if row["delivered"] is not None), language)
        + say(
            "Measured: what the meters would have counted without the project, by the weather and the use of "
            "the year, less what they counted. The interval holds the error of that model and of the meters. "
            "A promise counts from the year after completion on; of a project that is late, from the year "
            "after its planned completion."
        ),
        lines=tuple({"project": str(row["id"])} for row in rows),
    )


def _gone(board: Board, language: Language) -> str:
    """Return of how many projects a figure is left out; empty: of none."""
    gone = {one.observation.project for one in board.outdated if one.observation.year == board.year}
    message = " Of {count} a figure is left out, for the meters say otherwise since."
    return translate(message, language, count=len(gone)) if gone else ""


def _saving(holding: Holding, effect: YearlyEffect, board: Board, language: Language) -> dict[str, Any]:
    saved, project = effect.saved, holding.project
    remark = translate(NOT_DISTINCT, language) if is_indistinct(saved) else "–"
    if (later := upcoming.of_project(board, project.id)) is not None:
        remark = upcoming.said(later, language)
    gone = unmeasured.gone(board, project.id, SAVED)
    return {
        "id": project.id,
        "project": project.title,
        "member": board.name(board.members.get(project.organisation, project.organisation)),
        "unit": names.unit(effect.unit, language),
        "promised": effect.promised,
        "saved": None if saved is None else saved.value,
        "half": None if saved is None else saved.half_width,
        "delivered": effect.delivered,
        "baseline": project.baseline,
        "remark": remark if gone is None else unmeasured.gone_said(gone, language),
    }


def _delivered_bars(rows: list[dict[str, Any]], language: Language) -> go.Figure | None:
    """Return delivered shares in percent with their intervals, the least first.

    What is not measured or not promised has no bar.
    """
    known = sorted((row for row in rows if row["delivered"] is not None), key=lambda row: row["delivered"])
    if not known:
        return None
    shown = known[:_MOST_BARS]
    return charts.bars(
        [str(row["project"]) for row in shown],
        [
            Series(
                translate("Delivered", language),
                [round(float(row["delivered"]) * 100, 1) for row in shown],
                theme.SINGLE,
                [_percent(row["half"], row["promised"]) for row in shown],
            )
        ],
        unit=translate("% of what was promised", language),
        language=language,
        digits=0,
    )


def _percent(half: Decimal | None, promised: Decimal) -> float | None:
    return None if half is None else round(float(half / promised) * 100, 1)


def _cut_note(count: int, language: Language) -> str:
    """Return which projects a chart shows; empty where it shows all."""
    if count <= _MOST_BARS:
        return ""
    message = "The chart shows the {shown} of {count} projects that delivered least; the table holds all."
    return translate(message, language, shown=_MOST_BARS, count=count) + " "


def _avoided(shown: list[Holding], board: Board, language: Language) -> Panel:
    """Return avoided emissions: of the project, of the fund, and what the figure stands before."""
    say, whole = partial(translate, language=language), board.whole
    rows = [_row(holding, board, language) for holding in shown]
    schema: dict[str, Any] = {
        "id": pl.String,
        "project": pl.String,
        "expected": _TONNES,
        "measured": _TONNES,
        "half": _TONNES,
        "alpha": _SHARE,
        "of_fund": _TONNES,
        "before": pl.String,
        "additional": pl.String,
    }
    return Panel(
        "fund-avoided",
        translate("Avoided emissions in {year}", language, year=board.year),
        translate(
            "Measured in {year}, of {count} projects against their baselines: {measured}; the fund's part by "
            "its share of the cost: {of_fund}. Share and effect are known for {coverage} of the money paid "
            "out; {quality}.",
            language,
            year=board.year,
            count=len(whole.projects) - len(whole.without_measured),
            measured=tonnes(whole.measured_t, language, whole.half_width_t),
            of_fund=of_fund(board, language),
            coverage=numbers.share(whole.alpha_coverage, language),
            quality=_quality(board, language),
        ),
        pl.DataFrame(rows, schema=schema, orient="row"),
        (
            Column("project", say("Project")),
            Column("expected", say("Expected"), kind="number", digits=1, unit="t CO₂e", lines={}),
            Column("measured", say("Measured"), kind="number", digits=1, unit="t CO₂e", lines={}),
            Column("half", say("± 95 %"), kind="number", digits=1, unit="t CO₂e"),
            Column("alpha", say("Share of the fund"), kind="share"),
            Column("of_fund", say("Measured, part of the fund"), kind="number", digits=1, unit="t CO₂e"),
            Column("before", say("What is not taken off"), kind="long"),
            Column("additional", say("Additional?")),
        ),
        note=say(
            "Avoided emissions stand apart from every balance and are never subtracted from one. Tonnes come "
            "from the saving times one declared series of factors, so that a cleaner grid is not counted as "
            "the effect of a project. Without the total cost of a project there is no part of the fund."
        ),
        lines=tuple({"project": str(row["id"])} for row in rows),
    )


def of_fund(board: Board, language: Language) -> str:
    """Return the fund's part of what was measured, of how many projects, and what it stands before."""
    known = [one for one in board.holdings if one.fund_measured_t is not None]
    measured = sum(1 for one in board.holdings if one.measured_t is not None)
    halves = [one.half_width_t * one.alpha if one.half_width_t and one.alpha else None for one in known]
    half = sum((one for one in halves if one is not None), Decimal(0)) if None not in halves else None
    said = tonnes(board.whole.fund_measured_t, language, half if known else None)
    if len(known) < measured:
        message = "{tonnes}, of {count} of {all} projects"
        said = translate(message, language, tonnes=said, count=len(known), all=measured)
    blank = [one for one in known if one.project.overlap_share is None or one.project.rebound_share is None]
    if blank:
        message = "{tonnes}; an upper bound for {count} projects whose overlap or rebound nobody assessed"
        said = translate(message, language, tonnes=said, count=len(blank))
    return said


def _quality(board: Board, language: Language) -> str:
    found = board.quality
    if found.score is None:
        return translate("nobody has stated a data quality", language)
    return translate(
        "data quality {score} (1 is best, 5 the least), stated for {scored} of it",
        language,
        score=numbers.decimal(found.score, language, digits=1),
        scored=numbers.share(found.coverage, language),
    )


def _row(holding: Holding, board: Board, language: Language) -> dict[str, Any]:
    project = holding.project
    share, effect = board.shares[project.id], board.effect(project.id)
    part = attributed(project, share, holding.measured_t, Sight.EX_POST)
    before = [translate(BEFORE_TEXTS[one], language) for one in part.before]
    if share.state != AlphaState.KNOWN:
        before = [translate(ALPHA_TEXTS[share.state], language)]
    before += _unchecked(share, language)
    before += [
        translate("stated twice, counts for neither: {what}", language, what=what)
        for what in effect.contradicted
    ]
    gone = unmeasured.gone(board, project.id, AVOIDED)
    before += [] if gone is None else [unmeasured.gone_said(gone, language)]
    return {
        "id": project.id,
        "project": project.title,
        "expected": holding.expected_t,
        "measured": holding.measured_t,
        "half": holding.half_width_t,
        "alpha": holding.alpha,
        "of_fund": holding.fund_measured_t,
        "before": "; ".join(before) or "–",
        "additional": translate(_ADDITIONAL[additionality(project)], language),
    }


def _unchecked(share: Attribution, language: Language) -> list[str]:
    """Return whose money the shares are not checked with; nothing where all of it is compared."""
    if not share.others:
        return []
    gaps = "; ".join(_gap(one, language) for one in share.others if one.gap is not None)
    if gaps:
        message = "not compared, so that the shares are not checked: {gaps}"
        return [translate(message, language, gaps=gaps)]
    if share.sum_of_shares is None:
        return [translate("what others pay cannot be compared: the shares are not checked", language)]
    return []


def _gap(one: Financier, language: Language) -> str:
    if one.gap is None:
        return ""
    money = cents(one.money.amount, one.money.currency, language)
    year = "" if one.on is None else one.on.year
    return translate(GAP_TEXTS[one.gap], language, who=one.name, money=money, year=year)


def _claims(board: Board, language: Language) -> list[Panel]:
    """Return who claims what was measured in the year."""
    if not (board.claims.years or board.rows.claims):
        return []
    say = partial(translate, language=language)
    rows = [
        {
            "id": one.project,
            "project": board.projects[one.project].title,
            "effect": one.effect_t,
            "by": "; ".join(f"{say(CLAIMANTS[name])}: {tonnes(part, language)}" for name, part in one.tonnes)
            or "–",
            "unclaimed": one.unclaimed_t,
            "disputed": one.disputed_t,
            "state": say(CLAIM_TEXTS[one.state]),
        }
        for one in board.claims.years
        if one.project in board.projects
    ]
    schema: dict[str, Any] = {
        "id": pl.String,
        "project": pl.String,
        "effect": _TONNES,
        "by": pl.String,
        "unclaimed": _TONNES,
        "disputed": _TONNES,
        "state": pl.String,
    }
    return [
        Panel(
            "fund-claims",
            say("Who claims it"),
            " ".join((board.claims.sentence(language), *_disputes(board, language))),
            pl.DataFrame(rows, schema=schema, orient="row"),
            (
                Column("project", say("Project")),
                Column("effect", say("Measured"), kind="number", digits=1, unit="t CO₂e"),
                Column("by", say("Claimed by"), kind="long"),
                Column("unclaimed", say("Nobody's"), kind="number", digits=1, unit="t CO₂e"),
                Column("disputed", say("In dispute"), kind="number", digits=1, unit="t CO₂e"),
                Column("state", say("State"), kind="long"),
            ),
            lines=tuple({"project": str(row["id"])} for row in rows),
        )
    ]


def _disputes(board: Board, language: Language) -> list[str]:
    """Return what is claimed twice in any year, and where the fund claims another part than it paid for."""
    told = [
        translate("Claimed twice: {project}, {year}.", language, project=one.project, year=one.year)
        for one in check(board.rows.claims)
        if one.state in (ClaimState.CLAIMED_TWICE, ClaimState.INVALID)
    ]
    for one in check(board.rows.claims):
        claim, share = dict(one.shares).get(Claimant.FUND), board.shares.get(one.project)
        alpha = None if share is None else share.alpha
        if one.year == board.year and claim is not None and alpha is not None and claim > alpha:
            message = "{project}: the fund claims {claim}; its share of the cost is {alpha}."
            parts = {"claim": numbers.share(claim, language), "alpha": numbers.share(alpha, language)}
            told.append(translate(message, language, project=one.project, **parts))
    return told
