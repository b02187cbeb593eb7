"""Which projects have no measured effect in the year, and why; what meters no longer tell, in words."""

from functools import partial
from typing import Final

import polars as pl

from bilanz.fund.board import Board
from bilanz.fund.finding import Outdated, Told, reason_of
from bilanz.fund.observed import TONNES
from bilanz.fund.unmeasured import Unmeasured
from bilanz.messages import Language, translate
from reports import names, numbers
from reports.base import Column, Panel
from reports.board.words import exact, tonnes

_LARGE: Final = 100
_TEXTS: Final = ("id", "project", "member", "reason", "months", "since", "looked")


def panels(board: Board, language: Language) -> list[Panel]:
    """Return the projects that meters are to judge and that have no measured effect, and how many others.

    Nothing where no meters are missed.
    """
    metered = [one for one in board.unmeasured if one.is_metered]
    if not metered:
        return []
    say = partial(translate, language=language)
    rows = [_row(one, board, language) for one in metered]
    return [
        Panel(
            "fund-unmeasured",
            translate("Not measured in {year}, and why", language, year=board.year),
            _finding(board, metered, language),
            pl.DataFrame(rows, schema=dict.fromkeys(_TEXTS, pl.String), orient="row"),
            (
                Column("project", say("Project")),
                Column("reason", say("Why there is no figure"), kind="long"),
                Column("months", say("Months measured, of those needed")),
                Column("since", say("Said since")),
                Column("looked", say("Last looked at"), lines={}),
                Column("member", say("Carried out by")),
            ),
            note=say(
                "What the assessment of the meters came to when it was last kept or published. A missing "
                "figure is no zero."
            ),
            lines=tuple({"project": one.project} for one in metered),
        )
    ]


def _finding(board: Board, metered: list[Unmeasured], language: Language) -> str:
    unseen = sum(1 for one in metered if one.assessed_on is None)
    others = len(board.unmeasured) - len(metered)
    parts = ["{metered} of {projects} projects that meters are to judge have no measured effect for {year}."]
    if unseen:
        parts.append("At {unseen} of them nobody has looked yet.")
    if others:
        parts.append(
            "{others} more promise no saving, and nothing of them is for nature: meters are not asked."
        )
    facts = {"metered": len(metered), "unseen": unseen, "others": others, "year": board.year}
    facts["projects"] = len(board.holdings) - others
    return " ".join(translate(part, language, **facts) for part in parts)


def _row(one: Unmeasured, board: Board, language: Language) -> dict[str, str]:
    unseen = translate("nobody has looked yet", language)
    return {
        "id": one.project,
        "project": one.title,
        "member": board.name(one.organisation),
        "reason": one.reason.text(language),
        "months": "–"
        if one.months is None
        else translate("{count} of {all}", language, count=one.months, all=one.needed),
        "since": "–" if one.since is None else numbers.day(one.since, language),
        "looked": unseen if one.assessed_on is None else numbers.day(one.assessed_on, language),
    }


def gone(board: Board, project: str, indicator: str) -> Outdated | None:
    """Return what the meters of a project no longer tell of the year."""
    for one in board.outdated:
        row = one.observation
        if (row.project, row.indicator, row.year) == (project, indicator, board.year):
            return one
    return None


def gone_said(one: Outdated, language: Language) -> str:
    """Return that meters say otherwise, since when, what was stated and what they say now."""
    row, reason = one.observation, reason_of(one.finding)
    message = "They say now: {new}." if reason is None else "Of these months they say: {new}."
    said = translate(
        "The meters say otherwise since {day}; not counted: {old}.",
        language,
        day=numbers.day(one.since, language),
        old=_short((row.value, row.unit, row.half_width), language),
    )
    parts = [said] if reason is None else [said, reason.text(language)]
    if one.told is not None:
        parts.append(translate(message, language, new=_short(one.told, language)))
    return " ".join(parts)


def _short(told: Told, language: Language) -> str:
    """Return a figure as it is read, in digits that tell something; the evidence has all of them."""
    value, unit, half = told
    if unit == TONNES:
        return tonnes(value, language, half)
    digits = 0 if abs(value) >= _LARGE else 2
    width = "" if half is None else f" ± {numbers.decimal(half, language, digits=digits)}"
    return (
        f"{numbers.decimal(value, language, digits=digits)}{width}{numbers.NBSP}{names.unit(unit, language)}"
    )


def told_said(told: Told, language: Language) -> str:
    """Return a figure with its unit and half of its interval."""
    value, unit, half = told
    width = "" if half is None else f" ± {exact(half, language)}"
    return f"{exact(value, language)}{width}{numbers.NBSP}{names.unit(unit, language)}"
