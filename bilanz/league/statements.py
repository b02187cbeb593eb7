"""What a member states of its deliveries to and from others: what the league takes off needs no more.

deliveries to or from others ──► lines of this side, by month: quantities and kg CO2e, no sources
deliveries within the member ──► the part of what is sold that is taken off within it already
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from math import ceil
from operator import or_
from typing import Final

import polars as pl

from bilanz.consolidation import Plan
from bilanz.delivery import RULES, Delivery, Rule, Side, Taken, declared
from bilanz.league.bundle import DELIVERED_SCHEMA, DELIVERY_SCHEMA, WIDE
from bilanz.organisation import DeliveryKind, Kind
from bilanz.result import MASS

_TAKEN: Final = DELIVERED_SCHEMA["taken"]
_PLACES: Final = 24
_BODIES: Final = {Kind.MUNICIPALITY.value, Kind.ENTERPRISE.value, Kind.AGENCY.value}
_KEYS: Final = ["book", "month", "activity", "role", "scope", "category", "unit", "basis", "is_lead"]


def stated(
    lines: pl.DataFrame,
    deliveries: pl.DataFrame,
    shares: pl.DataFrame,
    kinds: Mapping[str, str],
    *,
    year: int,
    made: Plan,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the deliveries of a member to and from others, and the lines of its side.

    What is let to or by anybody but a public body or enterprise is no delivery between members: left out, as
    it may tell of a tenant. Evidence is free text, and not published.

    Shape: `DELIVERY_SCHEMA`, `DELIVERED_SCHEMA` of `bilanz.league.bundle`.

    Args:
        lines: `LINE_SCHEMA`.
        deliveries: as registered (`bilanz.delivery`).
        shares: `organisation`, `month`, `held`: the share of the member.
        kinds: organisation → kind.
        year: calendar year.
        made: what the lines were consolidated with.
    """
    own = set(shares["organisation"])
    told = [
        (each, side)
        for each in declared(deliveries, year)
        if _is_public(each, kinds) and (side := _side(each, own)) is not None
    ]
    tokens = {
        key: f"L{number}" for number, key in enumerate(dict.fromkeys(_key(*one) for one in told), start=1)
    }
    rows = [_row(each, side, lines, tokens[_key(each, side)]) for each, side in told]
    wanted: dict[str, list[pl.Expr]] = {}
    for each, side in told:
        wanted.setdefault(tokens[_key(each, side)], []).append(each.speaks_of(side) & _needed(each, side))
    within = {tokens[_key(each, side)]: _within(each, own, made) for each, side in told if side == "seller"}
    found = [
        _taken(_delivered(lines.filter(reduce(or_, asked)), token, shares), within.get(token, []))
        for token, asked in wanted.items()
    ]
    none = pl.DataFrame(schema=DELIVERED_SCHEMA)
    return pl.DataFrame(rows, schema=DELIVERY_SCHEMA, orient="row"), pl.concat([none, *found])


def _is_public(each: Delivery, kinds: Mapping[str, str]) -> bool:
    """Tell whether a delivery may be published: of rooms and vehicles only between bodies and enterprises."""
    return each.kind != DeliveryKind.LETS or all(
        kinds.get(one) in _BODIES for one in (each.seller, each.buyer)
    )


def _side(each: Delivery, own: set[str]) -> Side | None:
    """Return the side of a member on which it deals with somebody else; None: on both, or on none."""
    is_seller, is_buyer = each.seller in own, each.buyer in own
    if is_seller == is_buyer:
        return None
    return "seller" if is_seller else "buyer"


def _key(each: Delivery, side: Side) -> tuple[str | None, ...]:
    """Return what decides which lines of a side are stated: of a seller, those of one sale."""
    if side == "seller":
        return side, each.seller, each.seller_source, each.activity, each.kind
    return side, each.buyer, each.buyer_source, each.activity


def _row(each: Delivery, side: Side, lines: pl.DataFrame, token: str) -> tuple[object, ...]:
    burns = ""
    if side == "seller" and each.kind == DeliveryKind.GENERATES:
        burnt = lines.filter(
            pl.col("organisation") == each.seller, pl.col("scope") == "1", pl.col("co2e_kg") != 0
        )
        burns = ",".join(burnt["book"].unique().sort())
    end = None if each.end == date.max else each.end
    is_named = each.seller_source is not None
    facts = (each.id, each.kind, side, each.seller, each.buyer, each.activity, is_named)
    return (*facts, each.first, end, "", burns, token)


def _needed(each: Delivery, side: Side) -> pl.Expr:
    """Return which lines of a side decide what counts twice; no other is published."""
    found = [rule.sold if side == "seller" else rule.bought for rule in RULES[each.kind]]
    found += [rule.goes for rule in RULES[each.kind] if rule.side == side]
    if each.kind == DeliveryKind.RESELLS and side == "seller" and each.seller_source is not None:
        found.append(pl.col("category") == "3.3")
    return reduce(or_, found)


def _within(each: Delivery, own: set[str], made: Plan) -> list[tuple[Rule, Taken]]:
    """Return what of a sale organisations of the member itself take, by the rule whose quantity it is."""
    found = []
    for sale in made.sales:
        if any(claim.delivery.id == each.id for claim in sale.claims):
            buyers = [claim for claim in sale.claims if claim.delivery.buyer in own]
            found.append((sale.claims[0].rule, sale.taken(buyers)))
    return found


def _taken(rows: pl.DataFrame, within: Sequence[tuple[Rule, Taken]]) -> pl.DataFrame:
    """Return rows of `DELIVERED_SCHEMA` with what of the quantity sold is taken off within the member."""
    keys, told = ["book", "month"], rows
    for rule, parts in within:
        parted = [(*key, None if part is None else _rounded_up(part)) for key, part in parts.items()]
        schema = {**{name: DELIVERED_SCHEMA[name] for name in keys}, "part": _TAKEN}
        found = pl.DataFrame(parted, schema=schema, orient="row")
        met = told.join(found, on=keys, how="left", maintain_order="left")
        part = pl.when(rule.sold & pl.col("is_lead")).then("part").otherwise("taken")
        told = met.with_columns(taken=part).drop("part")
    return told


def _rounded_up(part: Fraction) -> Decimal:
    """Return a part to 24 decimals: what is left is never more than there is."""
    return Decimal(ceil(part * 10**_PLACES)).scaleb(-_PLACES)


def _delivered(lines: pl.DataFrame, token: str, shares: pl.DataFrame) -> pl.DataFrame:
    known = [
        pl.when(pl.col(name).is_not_null().any()).then(pl.col(name).cast(kind).sum()).alias(name)
        for name, kind in (("quantity", WIDE), ("co2e_kg", MASS))
    ]
    told = lines.join(shares.rename({"held": "share"}), on=["organisation", "month"], how="left")
    sums = told.group_by(*_KEYS, "share").agg(*known).with_columns(lines=pl.lit(token), taken=pl.lit(None))
    kept = sums.select(pl.col(name).cast(kind) for name, kind in DELIVERED_SCHEMA.items())
    return kept.sort(*_KEYS, nulls_last=True)
