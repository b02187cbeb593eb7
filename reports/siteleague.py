"""Panels of the open data page of a league: its members, what they sell each other, what is missing."""

from typing import Final

import polars as pl

from bilanz.league.consolidation import League
from reports import charts, names
from reports.base import Column, Panel
from reports.consolidation import STATES as STATES_WITHIN
from reports.sitepanels import Say, few_effects
from reports.totals import COUNTED, known_sum

STATES: Final = {
    **STATES_WITHIN,
    "one_sided": "Only one side declares it: nothing is eliminated.",
    "not_a_member": "One side is no member: nothing is eliminated.",
    "not_known": "How much of it was sold within the member cannot be said: nothing is eliminated.",
}
"""State of a delivery between members → in words."""

_PER_HEAD: Final = "population"

_MEMBER: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "name": pl.String,
    "mass": pl.Decimal(38, 12),
    "head": pl.Decimal(38, 6),
    "state": pl.String,
}


def members_panel(found: League, book: str, say: Say) -> Panel:
    """Return the members with their totals and what they are per inhabitant."""
    language = say.language
    counted = found.totals.filter(
        pl.col("member").is_not_null(), pl.col("book") == book, pl.col("scope").is_in(COUNTED)
    )
    sums = dict(counted.group_by("member").agg(known_sum("league_kg")).iter_rows())
    heads = {
        row["member"]: row["value"]
        for row in found.ratios.iter_rows(named=True)
        if row["member"] and row["book"] == book and row["indicator"] == _PER_HEAD
    }
    rows = [
        (row["name"], sums.get(row["member"]), heads.get(row["member"]), say(row["state"]))
        for row in found.members.iter_rows(named=True)
    ]
    table = pl.DataFrame(rows, schema=_MEMBER, orient="row").sort("mass", descending=True, nulls_last=True)
    shown = table.head(charts.LONGEST)
    figure = charts.bars(
        shown["name"].to_list(),
        [charts.Series("t CO₂e", charts.in_thousands(shown["mass"].to_list()))],
        unit="t CO₂e",
        language=language,
    )
    columns = (
        Column("name", say("Member")),
        Column("mass", say("Emissions"), kind="mass"),
        Column("head", say("per inhabitant"), kind="number", digits=1, unit="kg CO₂e"),
        Column("state", say("State of the period")),
    )
    finding = say("{book}, scopes 1 to 3. This is no ranking of cities.", book=names.book(book, language))
    note = charts.cut_note(table.height, language)
    return Panel("members", say("Members"), finding, table, columns, figure=figure, note=note)


_LACK: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "book": pl.String,
    "count": pl.Int64,
    "names": pl.String,
}


def league_gaps_panel(found: League, say: Say) -> Panel:
    """Return which members have no figure in a book, and how many records have no number."""
    titles = dict(found.members.select("member", "name").iter_rows())
    told = found.totals.filter(
        pl.col("member").is_not_null(), pl.col("scope").is_in(COUNTED), pl.col("league_kg").is_not_null()
    )
    there = dict(told.group_by("book").agg(pl.col("member").unique()).iter_rows())
    rows = []
    for book in found.common.books:
        lacking = sorted(titles[one] for one in titles.keys() - set(there.get(book, [])))
        rows.append((names.book(book, say.language), len(lacking), ", ".join(lacking) or "–"))
    absent = found.mismatches.filter(pl.col("kind") == "books", pl.col("value") == "missing")
    for book, members, count in absent.select("subject", "members", "count").iter_rows():
        named = [titles.get(one, one) for one in members.split(", ")]
        rest = ["…"] if count > len(named) else []
        rows.append((names.book(book, say.language), count, ", ".join(sorted(named) + rest)))
    columns = (
        Column("book", say("Book")),
        Column("count", say("Members without a figure"), kind="number"),
        Column("names", say("Members"), kind="long"),
    )
    finding = say(
        "{count} records of all members have no number in the balance: their emissions are missing, not "
        "zero.",
        count=found.members["exceptions"].sum(),
    )
    note = say(
        "A member without a figure is not in the sum of the book; a book not all members have has no sum."
    )
    few = few_effects(int(found.members["effects_left_out"].sum()), say)
    note = f"{note} {few}" if few else note
    table = pl.DataFrame(rows, schema=_LACK, orient="row")
    return Panel("league-gaps", say("What is missing"), finding, table, columns, note=note)


def deliveries_panel(found: League, say: Say) -> Panel | None:
    """Return deliveries between members; None where none is declared."""
    if found.deliveries.is_empty():
        return None
    columns = (
        Column("delivery", say("Delivery"), kind="code"),
        Column("book", say("Book")),
        Column("eliminated", say("Eliminated"), kind="mass"),
        Column("state", say("State"), kind="long"),
    )
    states = [say(STATES.get(code, code)) for code in found.deliveries["state"]]
    table = found.deliveries.with_columns(
        pl.Series("state", states, dtype=pl.String),
        pl.Series(
            "book", [names.book(code, say.language) for code in found.deliveries["book"]], dtype=pl.String
        ),
    ).select("delivery", "book", "eliminated", "state")
    finding = say(
        "What one member sells to another counts once: it is taken off the league, not off the members."
    )
    return Panel("deliveries", say("Deliveries between members"), finding, table, columns)
