"""The board's page: chapters of panels, as one file or as a part of a page of the web application."""

from collections.abc import Callable
from typing import Final

from bilanz.fund.board import Board
from bilanz.messages import Language, translate
from reports import table
from reports.base import Panel
from reports.board import (
    cost,
    effects,
    emissions,
    evidence,
    gaps,
    headline,
    indicators,
    money,
    pillars,
    timing,
)
from reports.page import Head, document
from reports.views import Chapter, Shown, figures_json, template, views

_CHAPTERS: Final[tuple[tuple[str, str, Callable[[Board, Language], list[Panel]]], ...]] = (
    ("glance", "At a glance", headline.panels),
    ("contributions", "Who owes and paid what", money.panels),
    ("spending", "Where the money went", pillars.panels),
    ("effect", "What it achieved", effects.panels),
    ("emissions", "What the projects emit", emissions.panels),
    ("cost", "Money per tonne", cost.panels),
    ("timing", "Time and money at hand", timing.panels),
    ("indicators", "Social and digital indicators", indicators.panels),
    ("gaps", "What nobody has assessed", gaps.panels),
    ("evidence", "Where the figures come from", evidence.panels),
)
"""Identifier, title, panels."""


def shown(board: Board, language: Language) -> Shown:
    """Return the chapters that have something to say."""
    found = (
        Chapter(name, translate(title, language), tuple(panels(board, language)))
        for name, title, panels in _CHAPTERS
    )
    chapters = tuple(chapter for chapter in found if chapter.panels)
    return Shown(chapters, not (board.rows.members or board.rows.projects))


def page(board: Board, title: str, language: Language, *, made: str, seal: str) -> str:
    """Return the page as one file that needs nothing else.

    Args:
        board: what is shown.
        title: name of the league.
        language: of every text.
        made: when and with what it was made.
        seal: hash of the rows it rests on.
    """
    subtitle = translate("The common fund, {year}", language, year=board.year)
    empty = translate("There are no members and no projects: nothing is registered.", language)
    return document(
        shown(board, language),
        Head(title, subtitle, made, seal),
        board.year,
        language,
        empty=empty,
        lines=lambda behind: f"#{evidence.anchor(behind)}-title",
    )


def sections(board: Board, language: Language, lines: table.Address) -> tuple[str, str]:
    """Return the chapters as a part of a page, and the JSON of their figures; empty: there is none.

    `lines`: where the rows behind a figure are.
    """
    told = shown(board, language)
    html = template("sections.html.jinja").render(
        sections=views(told, board.year, language, lines=lines),
        say=lambda text, **parameters: translate(text, language, **parameters),
    )
    return html, figures_json(told.figures, language) if told.figures else ""
