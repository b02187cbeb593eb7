"""From the lines of all organisations to the balance of every node, with what was eliminated.

    lines × shares of the month ──► own = held + minority + outside
    deliveries × days           ──► the part of a line that goes, at the lowest node that holds both and above
    held - eliminated           ──► consolidated

Parts are exact products, rounded half-even to 12 decimals (quantities: 6); what remains is the difference, so
that they always add up to the line. A change within a month splits its lines by days.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import polars as pl

from bilanz.boundary import WEIGHT, Approach, Span, edges, shares, spans, weighted
from bilanz.consolidated import LEVEL_SCHEMA, NODE_SCHEMA
from bilanz.delivery import Claim, Delivery, claims, declared
from bilanz.errors import Refused
from bilanz.result import LINE_SCHEMA
from bilanz.sale import Sale, sales
from bilanz.slices import QuantityLost

if TYPE_CHECKING:
    from datetime import date

CUT_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "cut": pl.Int32,  # index of the claim
    "book": pl.String,
    "month": pl.Date,
    "node": pl.String,
    "at": pl.String,  # the lowest node that holds seller and buyer
    "part": WEIGHT,  # of a line of the month that goes at the node
}

MEASURES: Final = ("quantity", "mass_kg", "co2e_kg")
PARTS: Final = ("outside", "minority", "eliminated", "consolidated")


@dataclass(frozen=True, slots=True)
class Plan:
    """What decides where a line belongs.

    Attributes:
        spans: the year, cut wherever anything changes.
        shares: `SHARE_SCHEMA`.
        cuts: `CUT_SCHEMA`.
        hits: `line`, `cut`: which claims speak of a line.
        sales: the claims behind the cuts, by what they are a part of.
        claims: in the order of `cut`.
    """

    spans: tuple[Span, ...]
    shares: pl.DataFrame
    cuts: pl.DataFrame
    hits: pl.DataFrame
    sales: tuple[Sale, ...]
    claims: tuple[Claim, ...]


def plan(
    lines: pl.DataFrame,
    memberships: pl.DataFrame,
    deliveries: pl.DataFrame,
    *,
    year: int,
    approach: Approach,
) -> Plan:
    """Decide what every node holds of every organisation, and what goes for which delivery.

    Args:
        lines: `LINE_SCHEMA`, of all organisations.
        memberships: `MEMBERSHIP_SCHEMA`.
        deliveries: `DELIVERY_SCHEMA`.
        year: calendar year of the lines.
        approach: how the boundary is drawn.

    Raises:
        UsageError: the memberships contradict each other.
        Refused: two deliveries take the same line.
    """
    held = declared(deliveries, year)
    changes = {day for each in held for day in (each.first, each.end)}
    tree = edges(memberships)
    cut_year = spans(tree, year, approach, changes)
    named = {name for edge in tree for name in (edge.organisation, edge.parent)}
    indexed = lines.with_row_index("line")
    found = tuple(sales(claims(indexed, held)))
    ordered = tuple(claim for sale in found for claim in sale.claims)
    hits = [claim.goes.select("line", cut=pl.lit(cut, pl.Int32)) for cut, claim in enumerate(ordered)]
    none = pl.DataFrame(schema={"line": indexed.schema["line"], "cut": pl.Int32})
    hit = pl.concat([none, *hits])
    _check_once(hit, ordered)
    _check_sold_once(ordered)
    return Plan(
        cut_year,
        shares(cut_year, {*lines["organisation"], *named}),
        weighted(_cuts(found, cut_year), CUT_SCHEMA),
        hit,
        found,
        ordered,
    )


def _cuts(found: Sequence[Sale], year: Sequence[Span]) -> Iterator[tuple[object, ...]]:
    """Yield the rows of `CUT_SCHEMA`."""
    told = ((sale, claim) for sale in found for claim in sale.claims)
    for cut, (sale, claim) in enumerate(told):
        books = claim.goes["book"].unique().sort().to_list()
        parts: dict[tuple[str, date, str, str], Fraction] = {}
        for span in during(claim.delivery, year):
            met = tuple(above(claim, span))
            for book in books if met else ():
                part = sale.part(claim, book, span.first) * span.days
                for node, at, share in met:
                    key = book, span.month, node, at
                    parts[key] = parts.get(key, Fraction(0)) + part * share
        yield from ((cut, *key, part) for key, part in parts.items() if part)


def _check_once(hits: pl.DataFrame, ordered: Sequence[Claim]) -> None:
    """Raise where two deliveries take the same line at the same time and are no parts of one sale.

    Raises:
        Refused: they do; names both.
    """
    sides = pl.DataFrame(
        [(cut, str(claim.sale), claim.rule.side == "buyer") for cut, claim in enumerate(ordered)],
        schema={"cut": pl.Int32, "sale": pl.String, "is_buyers": pl.Boolean},
        orient="row",
    )
    # Many buyers of one sale take parts of the seller's lines; nothing else may meet on a line.
    told = hits.join(sides, on="cut")
    alone = (pl.col("sale").n_unique() == 1) & ~pl.col("is_buyers").any()
    crowded = told.filter((pl.len() > 1).over("line") & ~alone.over("line"))
    met = crowded.join(crowded, on="line").filter(pl.col("cut") < pl.col("cut_right"))
    for one, two in met.select("cut", "cut_right").unique().sort("cut", "cut_right").iter_rows():
        first, second = ordered[one], ordered[two]
        is_shared = first.sale == second.sale and first.rule.side == "seller"
        if not is_shared and _are_at_once(first.delivery, second.delivery):
            raise _same_quantity(first.delivery, second.delivery)


def _check_sold_once(ordered: Sequence[Claim]) -> None:
    """Raise where two sales of one kind rest on the same quantity: each would take off up to all of it.

    Raises:
        Refused: they do, as where one names the source of the seller and the other does not; names both.
    """
    none = {"line": pl.UInt32, "cut": pl.Int32, "sale": pl.String, "rule": pl.String}
    rows = [
        claim.states.select(
            pl.col("line").cast(pl.UInt32),
            cut=pl.lit(cut, pl.Int32),
            sale=pl.lit(str(claim.sale)),
            rule=pl.lit(str(claim.sale[:2])),
        )
        for cut, claim in enumerate(ordered)
    ]
    told = pl.concat([pl.DataFrame(schema=none), *rows])
    crowded = told.filter((pl.col("sale").n_unique() > 1).over("line", "rule"))
    met = crowded.join(crowded, on=["line", "rule"]).filter(
        pl.col("cut") < pl.col("cut_right"), pl.col("sale") != pl.col("sale_right")
    )
    for one, two in met.select("cut", "cut_right").unique().sort("cut", "cut_right").iter_rows():
        first, second = ordered[one].delivery, ordered[two].delivery
        if _are_at_once(first, second):
            raise _same_quantity(first, second)


def _are_at_once(first: Delivery, second: Delivery) -> bool:
    return max(first.first, second.first) < min(first.end, second.end)


def _same_quantity(first: Delivery, second: Delivery) -> Refused:
    message = (
        'The deliveries "{id}" and "{other}" speak of the same quantity at the same time: name the '
        "source of each, or end the earlier one."
    )
    return Refused(message, id=first.id, other=second.id)


def during(delivery: Delivery, year: Sequence[Span]) -> Iterator[Span]:
    """Yield the days of a year on which a delivery holds."""
    return (span for span in year if delivery.first <= span.first < delivery.end)


def above(claim: Claim, span: Span) -> Iterator[tuple[str, str, Fraction]]:
    """Yield (node, lowest node that holds both, part that counts twice) of a claim.

    Where the lowest node holds a part of the seller and a part of the buyer, the product counts twice. Above
    it, what was eliminated is held like everything else: it is eliminated once.
    """
    seller, buyer = claim.delivery.seller, claim.delivery.buyer
    at = span.lowest(seller, buyer)
    if at is None:
        return
    both = span.line(seller)[at] * span.line(buyer)[at]
    if both:
        yield from ((node, at, both * share) for node, share in span.line(at).items() if share)


def parts(
    lines: pl.DataFrame, made: Plan, measures: Sequence[str] = MEASURES, node: str | None = None
) -> pl.DataFrame:
    """Return what becomes of every line at every node that holds or held its organisation.

    Shape: the columns of `lines`, `node`, `is_split`, and for each measure its parts (`co2e_kg_outside`, …);
    one row per line and node at or above its organisation on a day of the year. `node`: only of one.

    Raises:
        QuantityLost: a line has no node, or its parts do not add up (a defect).
    """
    kept = made.shares if node is None else made.shares.filter(pl.col("node") == node)
    indexed = lines.with_row_index("line")
    joined = indexed.join(kept, on=["organisation", "month"], how="inner", maintain_order="left")
    at_home = joined.filter(pl.col("node") == pl.col("organisation")).height
    if node is None and at_home != lines.height:
        raise QuantityLost("{lines} lines, {found} of them at a node", lines=lines.height, found=at_home)
    gone = eliminated(indexed, made, measures, node).group_by("line", "node").agg(pl.col(measures).sum())
    gone = gone.rename({name: f"{name}_eliminated" for name in measures})
    told = joined.join(gone, on=["line", "node"], how="left", maintain_order="left")
    for measure in measures:
        told = _divided(told, measure)
    _check_sums(told, measures)
    return told.drop("line", "held", "minority")


def _divided(frame: pl.DataFrame, measure: str) -> pl.DataFrame:
    """Return the parts of a measure beside it; they add up to it."""
    own, kind = pl.col(measure), frame.schema[measure]
    total = pl.col("held") + pl.col("minority")
    held, others = f"{measure}_consolidated", f"{measure}_minority"
    gone = f"{measure}_eliminated"
    shared = frame.with_columns(
        _product(own, "held", kind).alias(held),
        _product(own, "minority", kind).alias(others),
        pl.when(own.is_not_null()).then(pl.col(gone).fill_null(pl.lit(0).cast(kind))).alias(gone),
    )
    # Where nothing is outside, or nobody else has a share, the difference is not a rounding of its own.
    exact = shared.with_columns(
        pl.when(total == 1).then(own - pl.col(held)).otherwise(pl.col(others)).cast(kind).alias(others)
    )
    return exact.with_columns(
        (own - pl.col(held) - pl.col(others)).cast(kind).alias(f"{measure}_outside"),
        (pl.col(held) - pl.col(gone)).cast(kind).alias(held),
    )


def _product(own: pl.Expr, weight: str, kind: pl.DataType) -> pl.Expr:
    """Return a measure times a share, rounded once to its decimals."""
    scale = kind.scale if isinstance(kind, pl.Decimal) else 0
    wide = own.cast(pl.Decimal(38, scale))
    return (
        pl.when(pl.col(weight) == 1)
        .then(own)
        .when(pl.col(weight) == 0)
        .then(pl.when(own.is_not_null()).then(pl.lit(0).cast(kind)))
        .otherwise((wide * pl.col(weight)).cast(kind))
    )


def eliminated(
    indexed: pl.DataFrame, made: Plan, measures: Sequence[str], node: str | None = None
) -> pl.DataFrame:
    """Return what goes of each line at each node for each claim.

    Shape: `line`, `node`, `at`, `cut`, `book` and the measures. The products of the running sums of the parts
    are rounded, so that claims which take a whole line together leave nothing.
    """
    cuts = made.cuts if node is None else made.cuts.filter(pl.col("node") == node)
    keys = ["line", "book", "month"]
    met = made.hits.join(indexed.select(*keys, *measures), on="line").join(cuts, on=["cut", "book", "month"])
    ordered = met.sort("line", "node", "cut", "at")
    after = pl.col("part").cum_sum().over("line", "node").alias("after")
    running = ordered.with_columns(after).with_columns(before=pl.col("after") - pl.col("part"))
    return running.select(
        "line",
        "node",
        "at",
        "cut",
        "book",
        *(
            (
                _product(pl.col(name), "after", indexed.schema[name])
                - _product(pl.col(name), "before", indexed.schema[name])
            )
            .cast(indexed.schema[name])
            .alias(name)
            for name in measures
        ),
    )


def _check_sums(frame: pl.DataFrame, measures: Sequence[str]) -> None:
    """Raise unless every line is the sum of its parts, and unknown where they are unknown."""
    for name in measures:
        total = pl.sum_horizontal(*(pl.col(f"{name}_{part}") for part in PARTS), ignore_nulls=False)
        lost = frame.filter(total.ne_missing(pl.col(name))).height
        if lost:
            raise QuantityLost("{name}: {lost} lines are not the sum of their parts", name=name, lost=lost)


def node_lines(lines: pl.DataFrame, made: Plan, node: str) -> pl.DataFrame:
    """Return the consolidated lines of one node.

    Shape: `LINE_SCHEMA`; quantity, mass and CO2e are what the node holds after eliminations. Lines of
    which it holds nothing are left out.
    """
    told = parts(lines, made, node=node)
    inside = made.shares.filter(pl.col("node") == node, pl.col("held") != 0).select("organisation", "month")
    held = told.join(inside, on=["organisation", "month"], how="semi", maintain_order="left")
    named = held.with_columns(pl.col(f"{name}_consolidated").alias(name) for name in MEASURES)
    return named.select(list(LINE_SCHEMA))


def levels(lines: pl.DataFrame, made: Plan) -> pl.DataFrame:
    """Return the balance of every node by book, scope and category.

    Shape: `LEVEL_SCHEMA`, sorted by its keys. Units: kg CO2e.

    Raises:
        QuantityLost: the parts do not add up (a defect).
    """
    told = parts(lines, made, ["co2e_kg"])
    keys = ["node", "book", "scope", "category"]
    summed = told.group_by(keys).agg(
        _known("co2e_kg").alias("own"),
        *(_known(f"co2e_kg_{part}").alias(part) for part in PARTS),
        pl.col("is_split").any(),
    )
    found = summed.select(pl.col(name).cast(kind) for name, kind in LEVEL_SCHEMA.items()).sort(keys)
    _check_levels(lines, found)
    return found


def nodes(made: Plan, memberships: pl.DataFrame) -> pl.DataFrame:
    """Return the tree as it is on the last day of the year, parents first.

    Shape: `NODE_SCHEMA`; one row per organisation.
    """
    last = made.spans[-1]
    below = made.shares.filter(pl.col("node") != pl.col("organisation"))
    members = dict(below.group_by("node").agg(pl.col("organisation").n_unique()).iter_rows())
    declared_ones = set(memberships.filter("is_declared")["organisation"])
    names = {*made.shares["organisation"], *made.shares["node"]}
    # From the root down: every organisation follows the one above it.
    ordered = sorted(names, key=lambda name: [*last.line(name)][::-1])
    rows = [
        (
            name,
            last.above[name][0] if name in last.above else None,
            len(last.line(name)) - 1,
            members.get(name, 0),
            name in last.above and name not in declared_ones,
        )
        for name in ordered
    ]
    return pl.DataFrame(rows, schema=NODE_SCHEMA, orient="row")


def _known(name: str) -> pl.Expr:
    """Return the sum of what is known; null, not zero, where nothing is."""
    return pl.when(pl.col(name).is_not_null().any()).then(pl.col(name).sum())


def _check_levels(lines: pl.DataFrame, found: pl.DataFrame) -> None:
    wrong = found.filter(
        pl.sum_horizontal(*(pl.col(part) for part in PARTS), ignore_nulls=False).ne_missing(pl.col("own"))
    ).height
    if wrong:
        raise QuantityLost("{wrong} sums of {lines} lines do not add up", wrong=wrong, lines=lines.height)
