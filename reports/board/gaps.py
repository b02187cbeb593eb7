"""What of the projects nobody has assessed."""

from functools import partial
from typing import Any

import polars as pl

from bilanz.fund.board import Board
from bilanz.fund.unassessed import LACK_TEXTS
from bilanz.messages import Language, translate
from reports.base import Column, Panel


def panels(board: Board, language: Language) -> list[Panel]:
    """Return the projects of which something is missing."""
    say = partial(translate, language=language)
    rows = [
        {
            "id": one.project,
            "project": one.title,
            "member": board.name(one.organisation),
            "missing": "; ".join(say(LACK_TEXTS[lack]) for lack in one.missing),
            "count": len(one.missing),
        }
        for one in board.unassessed
    ]
    schema: dict[str, Any] = {
        **dict.fromkeys(("id", "project", "member", "missing"), pl.String),
        "count": pl.Int64,
    }
    return [
        Panel(
            "fund-unassessed",
            say("Projects nobody has assessed in full"),
            translate(
                "{count} of {projects} projects lack something. What is not assessed is neither "
                "yes nor no, and "
                "never a zero.",
                language,
                count=len(rows),
                projects=len(board.holdings),
            ),
            pl.DataFrame(rows, schema=schema, orient="row"),
            (
                Column("project", say("Project")),
                Column("member", say("Carried out by")),
                Column("count", say("Missing"), kind="number", lines={}),
                Column("missing", say("What is missing"), kind="long"),
            ),
            lines=tuple({"project": str(row["id"])} for row in rows),
        )
    ]
