"""Emissions per head, per m² and per full-time equivalent at every level: Σ numerators / Σ denominators.

Ratios are never added. At every node the numerator is its consolidated balance and the denominator the sum
of the figures of its parts, each in the share in which the node held it over the year. A part without the
figure, or with the figure and without data, leaves the whole without a ratio, and is named.

People live in municipalities: inhabitants are those of the topmost municipalities of a node, and a node
without one has no ratio per head. A site belongs to the figures of the organisation it is part of.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

import polars as pl

from bilanz.consolidated import INDICATOR_SCHEMA
from bilanz.consolidation import Plan
from bilanz.organisation import Kind

PER_HEAD: Final = "population"
INDICATORS: Final = (PER_HEAD, "floor_area_m2", "staff")

_COUNTED: Final = ("1", "2", "3")
_PLACES: Final = 6


@dataclass(frozen=True, slots=True)
class Data:
    """Of which organisations a book holds lines in months in which the node held them.

    Attributes:
        any: organisations with any line, shown or counted.
        counted: organisations with a line in scope 1, 2 or 3.
    """

    any: frozenset[str]
    counted: frozenset[str]


@dataclass(frozen=True, slots=True)
class Member:
    """An organisation in the boundary of a node.

    Attributes:
        share: mean share of the node over the days of the year.
        between: organisations from itself up to the node, on the last days the node held it.
    """

    organisation: str
    share: Fraction
    between: tuple[str, ...]


def indicators(
    lines: pl.DataFrame, levels: pl.DataFrame, made: Plan, organisations: pl.DataFrame
) -> pl.DataFrame:
    """Return the ratios of every node in every book.

    Shape: `INDICATOR_SCHEMA`, by node, book and indicator; no row where a ratio does not apply.

    Args:
        lines: the lines consolidated.
        levels: `LEVEL_SCHEMA`.
        made: what they were consolidated with.
        organisations: `organisation`, `kind` and the figures in force on the last day of the year
            (`population`, `floor_area_m2`, `staff`).
    """
    stated = organisations.select("organisation", "kind", *INDICATORS).iter_rows(named=True)
    known = {row["organisation"]: row for row in stated}
    held = _members(made)
    data = _data(lines, made)
    counted = levels.filter(pl.col("scope").is_in(_COUNTED), pl.col("consolidated").is_not_null())
    totals = counted.group_by("node", "book").agg(pl.col("consolidated").sum()).sort("node", "book")
    rows = [
        row
        for node, book, total in totals.iter_rows()
        for name in INDICATORS
        if (row := _ratio(node, book, name, total, held[node], data[node, book], known)) is not None
    ]
    return pl.DataFrame(rows, schema=INDICATOR_SCHEMA, orient="row")


def _members(made: Plan) -> dict[str, list[Member]]:
    """Return node → who was in its boundary in the year."""
    days = Fraction(sum((span.end - span.first).days for span in made.spans))
    held: dict[tuple[str, str], tuple[Fraction, tuple[str, ...]]] = {}
    organisations = made.shares["organisation"].unique().sort().to_list()
    for span in made.spans:
        part = (span.end - span.first).days / days
        for organisation in organisations:
            line = span.line(organisation)
            path = [*line]
            for index, (node, share) in enumerate(line.items()):
                if share:
                    before = held.get((node, organisation), (Fraction(0), ()))[0]
                    held[node, organisation] = before + share * part, tuple(path[: index + 1])
    found: dict[str, list[Member]] = {}
    for (node, organisation), (share, between) in held.items():
        found.setdefault(node, []).append(Member(organisation, share, between))
    return found


def _data(lines: pl.DataFrame, made: Plan) -> dict[tuple[str, str], Data]:
    """Return (node, book) → of whom there are data."""
    keys = ["organisation", "month", "book"]
    told = lines.select(*keys, is_counted=pl.col("scope").is_in(_COUNTED)).unique()
    held = made.shares.filter(pl.col("held") > 0).select("node", "organisation", "month")
    met = told.join(held, on=["organisation", "month"])
    organisation = pl.col("organisation")
    found = met.group_by("node", "book").agg(
        organisation.unique().alias("any"), organisation.filter("is_counted").unique().alias("counted")
    )
    return {
        (node, book): Data(frozenset(some), frozenset(counted))
        for node, book, some, counted in found.iter_rows()
    }


def _ratio(
    node: str,
    book: str,
    name: str,
    total: Decimal,
    members: list[Member],
    data: Data,
    known: Mapping[str, Mapping[str, object]],
) -> tuple[object, ...] | None:
    """Return a row of `INDICATOR_SCHEMA`, or None where the ratio does not apply."""
    parts = _parts(name, members, known)
    if name == PER_HEAD and not parts:
        return None
    amount, missing, silent = Fraction(0), [], []
    for part, covered in sorted(parts.items()):
        figure = known.get(part, {}).get(name)
        share = next((each.share for each in members if each.organisation == part), Fraction(0))
        if figure is None:
            missing += [part] if covered & data.counted else []
        elif covered & data.any:
            amount += Fraction(str(figure)) * share
        else:
            silent.append(part)
    denominator = None if missing or silent or not amount else _rounded(amount)
    value = None if denominator is None else _rounded(Fraction(total) / amount)
    return node, book, name, total, denominator, value, missing, silent


def _parts(
    name: str, members: list[Member], known: Mapping[str, Mapping[str, object]]
) -> dict[str, frozenset[str]]:
    """Return organisation whose figure counts → organisations whose emissions it speaks for."""
    found: dict[str, set[str]] = {}
    for member in members:
        if (part := _speaker(name, member, known)) is not None:
            found.setdefault(part, set()).add(member.organisation)
    return {part: frozenset(covered) for part, covered in found.items()}


def _speaker(name: str, member: Member, known: Mapping[str, Mapping[str, object]]) -> str | None:
    """Return whose figure holds for a member: its topmost municipality, or the owner of a site."""
    kinds = [(each, known.get(each, {}).get("kind")) for each in member.between]
    if name == PER_HEAD:
        return next((each for each, kind in reversed(kinds) if kind == Kind.MUNICIPALITY), None)
    return next((each for each, kind in kinds if kind != Kind.SITE), member.organisation)


def _rounded(amount: Fraction) -> Decimal:
    return Decimal(round(amount * 10**_PLACES)).scaleb(-_PLACES)
