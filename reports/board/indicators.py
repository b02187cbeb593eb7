"""Social and digital indicators as they are: never turned into tonnes, never added across projects."""

from functools import partial
from typing import Any, Final

import polars as pl

from bilanz.fund.board import Board
from bilanz.fund.financed import EMISSIONS
from bilanz.fund.observed import AVOIDED, SAVED
from bilanz.messages import Language, translate
from reports.base import Column, Panel
from reports.board.words import SIGHTS, exact

_OWN: Final = frozenset({SAVED, AVOIDED, EMISSIONS})
"""Indicators that have panels of their own."""


def panels(board: Board, language: Language) -> list[Panel]:
    """Return the indicators of the year; nothing where there are none."""
    say = partial(translate, language=language)
    rows = [
        {
            "id": one.project,
            "project": board.projects[one.project].title,
            "indicator": one.indicator,
            "value": exact(one.value, language),
            "unit": one.unit,
            "sight": say(SIGHTS[one.sight]),
            "verified": one.verified_by or say("nobody"),
            "evidence": one.evidence,
        }
        for one in board.rows.observations
        if one.year == board.year and one.indicator not in _OWN and one.project in board.projects
    ]
    if not rows:
        return []
    schema: dict[str, Any] = dict.fromkeys(
        ("id", "project", "indicator", "value", "unit", "sight", "verified", "evidence"), pl.String
    )
    return [
        Panel(
            "fund-indicators",
            translate("What else the projects report for {year}", language, year=board.year),
            say("As the projects state it. None of it is turned into tonnes or added up."),
            pl.DataFrame(rows, schema=schema, orient="row"),
            (
                Column("project", say("Project")),
                Column("indicator", say("Indicator"), kind="long"),
                Column("value", say("Value"), lines={}),
                Column("unit", say("Unit")),
                Column("sight", say("Expected or observed")),
                Column("verified", say("Verified by")),
                Column("evidence", say("Evidence"), kind="long"),
            ),
            lines=tuple({"project": str(row["id"])} for row in rows),
        )
    ]
