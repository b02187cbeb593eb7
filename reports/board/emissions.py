"""Financed emissions: the fund's part of what its projects emit, apart from what they avoid."""

from functools import partial
from typing import Any, Final

import polars as pl

from bilanz.fund.board import Board
from bilanz.fund.financed import FINANCED_TEXTS
from bilanz.messages import Language, translate
from reports import numbers
from reports.base import Column, Panel
from reports.board.words import tonnes

_TONNES: Final = pl.Decimal(38, 6)


def panels(board: Board, language: Language) -> list[Panel]:
    """Return financed emissions; nothing where there is no project."""
    found = board.financed
    if not found.projects:
        return []
    say = partial(translate, language=language)
    stated = [one for one in found.projects if one.emissions_t is not None]
    rows = [
        {
            "id": one.project,
            "project": board.projects[one.project].title,
            "emissions": one.emissions_t,
            "alpha": one.alpha,
            "financed": one.financed_t,
            "half": one.half_width_t,
            "quality": one.data_quality,
            "state": say(FINANCED_TEXTS[one.state]),
        }
        for one in stated
    ]
    schema: dict[str, Any] = {
        "id": pl.String,
        "project": pl.String,
        "emissions": _TONNES,
        "alpha": pl.Decimal(38, 12),
        "financed": _TONNES,
        "half": _TONNES,
        "quality": pl.Int64,
        "state": pl.String,
    }
    return [
        Panel(
            "fund-financed",
            translate("Financed emissions in {year}", language, year=board.year),
            translate(
                "{total} of scopes 1 and 2, stated for {stated} of {projects} projects. {apart}",
                language,
                total=tonnes(found.total_t, language),
                stated=len(stated),
                projects=len(found.projects),
                apart=found.sentence(language),
            ),
            pl.DataFrame(rows, schema=schema, orient="row"),
            (
                Column("project", say("Project")),
                Column("emissions", say("Emissions of the project"), kind="number", digits=1, unit="t CO₂e"),
                Column("alpha", say("Share of the fund"), kind="share"),
                Column("financed", say("Financed by the fund"), kind="number", digits=1, unit="t CO₂e"),
                Column("half", say("± 95 %"), kind="number", digits=1, unit="t CO₂e"),
                Column("quality", say("Data quality (1 is best)"), kind="number"),
                Column("state", say("State"), kind="long"),
            ),
            note=translate(
                "Projects without stated emissions: {count}. They are not counted as zero.",
                language,
                count=numbers.decimal(len(found.projects) - len(stated), language),
            ),
            lines=tuple({"project": str(row["id"])} for row in rows),
        )
    ]
