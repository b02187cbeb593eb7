"""What is expected of projects whose promise is not due yet: apart from all that is achieved."""

from decimal import Decimal
from functools import partial
from typing import Any

import polars as pl

from bilanz.fund.board import Board
from bilanz.fund.upcoming import Upcoming
from bilanz.messages import Language, translate
from reports import names, numbers
from reports.base import Column, Panel
from reports.board.words import tonnes


def panels(board: Board, language: Language) -> list[Panel]:
    """Return what is to come; nothing where no project has a promise that is not due."""
    shown = [one for one in board.upcoming if one.is_stated]
    if not shown:
        return []
    say = partial(translate, language=language)
    schema: dict[str, Any] = {
        **dict.fromkeys(("id", "project", "member", "completion", "from", "unit"), pl.String),
        "saving": pl.Decimal(38, 6),
        "tonnes": pl.Decimal(38, 6),
    }
    return [
        Panel(
            "fund-upcoming",
            say("Expected from completion on"),
            _finding(shown, board, language),
            pl.DataFrame([_row(one, board, language) for one in shown], schema=schema, orient="row"),
            (
                Column("project", say("Project")),
                Column("completion", say("Completion")),
                Column("from", say("Counts from")),
                Column("saving", say("Expected saving a year"), kind="number", lines={}),
                Column("unit", say("Unit")),
                Column("tonnes", say("Expected a year"), kind="number", digits=1, unit="t CO₂e", lines={}),
                Column("member", say("Carried out by")),
            ),
            note=translate(
                "Estimates of before completion (ex ante), by the factors declared for {year}. They are in "
                "no sum of the year and are added to nothing that is achieved; what is measured is held "
                "against them from the year on that they count.",
                language,
                year=board.year,
            ),
            lines=tuple({"project": one.project} for one in shown),
        )
    ]


def _finding(shown: list[Upcoming], board: Board, language: Language) -> str:
    known = [one.expected_t for one in shown if one.expected_t is not None]
    return translate(
        "{count} projects with money promised are completed in {year} at the earliest: {stated} state what "
        "they expect, {known} of them in tonnes, together {tonnes} a year.",
        language,
        count=len(board.upcoming),
        year=board.year,
        stated=len(shown),
        known=len(known),
        tonnes=tonnes(sum(known, Decimal(0)) if known else None, language),
    )


def _row(one: Upcoming, board: Board, language: Language) -> dict[str, Any]:
    day = numbers.day(one.completion, language)
    return {
        "id": one.project,
        "project": one.title,
        "member": board.name(one.organisation),
        "completion": day if one.is_completed else translate("planned {day}", language, day=day),
        "from": str(one.from_year),
        "unit": names.unit(one.unit, language),
        "saving": one.saving,
        "tonnes": one.expected_t,
    }


def of_project(board: Board, project: str) -> Upcoming | None:
    """Return what a project is expected to bring about later; None: nothing, or it counts already."""
    return next((one for one in board.upcoming if one.project == project and one.is_stated), None)


def said(one: Upcoming, language: Language) -> str:
    """Return from when on a promise counts."""
    return translate("The promise counts from {year} on.", language, year=one.from_year)
