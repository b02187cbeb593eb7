"""What became of each declared delivery, and what looks like one that nobody declared."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Final

import polars as pl

from bilanz.activity import activities
from bilanz.boundary import Span
from bilanz.consolidated import OUTCOME_SCHEMA, SUSPECT_SCHEMA
from bilanz.consolidation import Plan, above, during, eliminated
from bilanz.delivery import RULES, Claim, Delivery
from bilanz.organisation import DeliveryKind
from bilanz.records import QUANTITY, Role
from bilanz.sale import Sale

_USED: Final = (Role.CONSUMED.value, Role.DELIVERED.value)
_SHORTEST_NAME: Final = 5
"""A shorter name of an organisation would be found in names of sources it has nothing to do with."""


WITHIN_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    **OUTCOME_SCHEMA,
    "within": QUANTITY,  # of `sold`: taken off elsewhere already; null: cannot be said, or nothing is stated
}
NOT_KNOWN: Final = "not_known"
"""State of a delivery of whose sale nobody can say what is left."""


def outcomes(lines: pl.DataFrame, made: Plan) -> pl.DataFrame:
    """Return what became of every delivery in every book, at the lowest node that holds both sides.

    Shape: `OUTCOME_SCHEMA`; at least one row per delivery that holds in the year.
    """
    return outcomes_within(lines, made).select(list(OUTCOME_SCHEMA))


def outcomes_within(lines: pl.DataFrame, made: Plan) -> pl.DataFrame:
    """Return the same where a part of a sale is taken off elsewhere already.

    Shape: `WITHIN_SCHEMA`; `state` also `NOT_KNOWN`.
    """
    gone = eliminated(lines.with_row_index("line"), made, ["co2e_kg"]).filter(pl.col("node") == pl.col("at"))
    sums = {
        (cut, book, node): mass
        for cut, book, node, mass in gone.group_by("cut", "book", "node")
        .agg(pl.when(pl.col("co2e_kg").is_not_null().any()).then(pl.col("co2e_kg").sum()))
        .iter_rows()
    }
    told = [(sale, claim) for sale in made.sales for claim in sale.claims]
    rows: list[tuple[object, ...]] = []
    for cut, (sale, claim) in enumerate(told):
        if _is_idle(claim, made):
            continue
        at = dict.fromkeys(
            node for span in during(claim.delivery, made.spans) if (node := _lowest(claim, span))
        )
        for book in _books(claim):
            met: list[str | None] = [node for node in at if (cut, book, node) in sums]
            rows += [
                _outcome(sale, claim, made, book, node, sums.get((cut, book or "", node or "")))
                for node in (met or [next(reversed(at), None)])
            ]
    return pl.DataFrame(rows, schema=WITHIN_SCHEMA, orient="row").sort("delivery", "book", "node", "side")


def _lowest(claim: Claim, span: Span) -> str | None:
    return span.lowest(claim.delivery.seller, claim.delivery.buyer)


def _is_idle(claim: Claim, made: Plan) -> bool:
    """Say whether another rule of the same delivery says more: a lease is told by the side that counts it."""
    others = [each for each in made.claims if each.delivery.id == claim.delivery.id and each is not claim]
    if not claim.goes.is_empty() or not others:
        return False
    is_first = RULES[claim.delivery.kind].index(claim.rule) == 0
    return any(not other.goes.is_empty() for other in others) or not is_first


def _books(claim: Claim) -> list[str | None]:
    named = pl.concat([frame.select("book") for frame in (claim.goes, claim.sold, claim.bought)])
    found: list[str | None] = named["book"].unique().sort().to_list()
    return found or [None]


def _outcome(
    sale: Sale, claim: Claim, made: Plan, book: str | None, node: str | None, mass: Decimal | None
) -> tuple[object, ...]:
    told, name = claim.delivery, book or ""
    state = _state(sale, claim, made, name, node)
    if mass and told.kind == DeliveryKind.GENERATES and not claim.kept.get(name):
        state = "nothing_kept"
    left, bought = sale.left.get(name), sale.all_bought.get(name)
    difference = None if left is None or bought is None else left - bought
    return (
        told.id,
        told.kind,
        told.seller,
        told.buyer,
        told.activity,
        book,
        node,
        claim.rule.side if mass is not None else None,
        _rounded(sale.sold.get(name)),
        _rounded(sale.bought(claim).get(name)),
        sale.unit,
        _rounded(difference),
        mass if mass is not None else Decimal(0),
        claim.kept.get(name),
        claim.left.get(name),
        state,
        None if left is None else _rounded(sale.sold[name] - left),
    )


def _state(sale: Sale, claim: Claim, made: Plan, book: str, node: str | None) -> str:
    """Return which of `bilanz.consolidated.STATES` a claim is in."""
    is_inside = any(True for span in during(claim.delivery, made.spans) for _ in above(claim, span))
    is_idle = claim.goes.filter(pl.col("book") == book).is_empty()
    checks = (
        (node is None, "apart"),
        (not is_inside, "not_inside"),
        (book in sale.left and sale.left[book] is None and not is_idle, NOT_KNOWN),
        (sale.ratios is None, "not_comparable"),
        (book not in sale.bought(claim), "nothing_bought"),
        (is_idle, "nothing_counted"),
        (book not in sale.sold, "not_stated"),
        ((left := sale.left.get(book)) is not None and left < sale.all_bought.get(book, left), "capped"),
    )
    return next((state for is_met, state in checks if is_met), "agreed")


def _rounded(amount: Fraction | None) -> Decimal | None:
    return None if amount is None else Decimal(round(amount * 10**6)).scaleb(-6)


def suspects(usage: pl.DataFrame, made: Plan, names: dict[str, str]) -> pl.DataFrame:
    """Return what looks like an internal delivery that is not declared: listed, never eliminated.

    * `sold`: one sells electricity, heat or cold, another of its tree buys the same.
    * `itself`: one sells it and buys it: its own balance is not changed.
    * `named`: a source of one is called like another of its tree.

    Shape: `SUSPECT_SCHEMA`. `usage` has `USAGE_SCHEMA`; `names`: organisation → its name.
    """
    known = [claim.delivery for claim in made.claims]
    bought = _summed(usage.filter(pl.col("role").is_in(_USED)))
    sold = usage.filter(pl.col("role") == Role.SOLD.value).select("organisation", "activity").unique()
    delivered = {code for code, entry in activities().items() if entry.scope == "2"}
    sellers = [
        (seller, code)
        for seller, code in sold.sort("organisation", "activity").iter_rows()
        if code in delivered
    ]
    rows: dict[tuple[object, ...], None] = {}
    for buyer, activity, source, unit, quantity in bought.iter_rows():
        for seller, reason in _sellers(buyer, activity, source, sellers, names):
            is_declared = any(_covers(each, seller, buyer, activity, source) for each in known)
            if not is_declared and _are_together(seller, buyer, made):
                rows[reason, seller, buyer, activity, source, quantity, unit] = None
    return pl.DataFrame(list(rows), schema=SUSPECT_SCHEMA, orient="row").sort(
        "reason", "seller", "buyer", "activity", "source", "unit"
    )


def _summed(usage: pl.DataFrame) -> pl.DataFrame:
    keys = ["organisation", "activity", "source", "unit"]
    found = usage.drop_nulls("quantity").group_by(keys).agg(pl.col("quantity").cast(pl.Decimal(38, 6)).sum())
    return found.sort(keys)


def _sellers(
    buyer: str, activity: str, source: str, sellers: list[tuple[str, str]], names: dict[str, str]
) -> Iterator[tuple[str, str]]:
    """Yield (organisation, reason) of those who may have sold what a source of a buyer counts."""
    for seller, code in sellers:
        if code == activity:
            yield seller, "itself" if seller == buyer else "sold"
    folded = source.casefold()
    for organisation, name in sorted(names.items()):
        spellings = (organisation.casefold(), name.casefold())
        if organisation != buyer and any(
            len(each) >= _SHORTEST_NAME and each in folded for each in spellings
        ):
            yield organisation, "named"


def _covers(declared: Delivery, seller: str, buyer: str, activity: str, source: str) -> bool:
    return (
        (declared.seller, declared.buyer) == (seller, buyer)
        and declared.activity in (None, activity)
        and declared.buyer_source in (None, source)
    )


def _are_together(first: str, second: str, made: Plan) -> bool:
    """Say whether a node held both on a day of the year."""
    return any(span.lowest(first, second) is not None for span in made.spans)
