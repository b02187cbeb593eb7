"""Deliveries between members: what each side states of its lines, and what counts twice in the league.

    member   delivery to or from another ──► lines of this side, by month: quantities and kg CO2e, no sources
    league   both sides of a delivery    ──► lines of two organisations ──► the rules of `bilanz.delivery`

A delivery only one side has declared, or whose other side is no member, eliminates nothing: it is listed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import Any, Final

import polars as pl

from bilanz.boundary import MEMBERSHIP_SCHEMA, Approach
from bilanz.consolidated import LEVEL_SCHEMA, OUTCOME_SCHEMA
from bilanz.consolidation import levels, plan
from bilanz.delivery import DELIVERY_SCHEMA as DECLARED_SCHEMA
from bilanz.delivery import RULES, Delivery, Side, declared
from bilanz.doublecount import outcomes
from bilanz.league.bundle import DELIVERED_SCHEMA, DELIVERY_SCHEMA, WIDE
from bilanz.league.products import MEMBER
from bilanz.organisation import DeliveryKind, Kind
from bilanz.result import LINE_SCHEMA, MASS

LEAGUE: Final = "league"
"""The node above all members."""

ONE_SIDED: Final = "one_sided"
NOT_A_MEMBER: Final = "not_a_member"

ACROSS_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    **{name: kind for name, kind in OUTCOME_SCHEMA.items() if name not in {"node", "kept", "left"}},
}
"""What became of a delivery between members: `state` also `one_sided`, `not_a_member`."""

_LEAGUE_ID: Final = "/"
_BODIES: Final = {Kind.MUNICIPALITY.value, Kind.ENTERPRISE.value, Kind.AGENCY.value}
_KEYS: Final = ["book", "month", "activity", "role", "scope", "category", "unit", "basis", "is_lead"]


def stated(
    lines: pl.DataFrame,
    deliveries: pl.DataFrame,
    shares: pl.DataFrame,
    kinds: Mapping[str, str],
    *,
    year: int,
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
    found = [_delivered(lines.filter(reduce(or_, asked)), token, shares) for token, asked in wanted.items()]
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


def _key(each: Delivery, side: Side) -> tuple[str, str | None, str | None]:
    if side == "seller":
        return each.seller, each.seller_source, each.activity
    return each.buyer, each.buyer_source, each.activity


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


def _delivered(lines: pl.DataFrame, token: str, shares: pl.DataFrame) -> pl.DataFrame:
    known = [
        pl.when(pl.col(name).is_not_null().any()).then(pl.col(name).cast(kind).sum()).alias(name)
        for name, kind in (("quantity", WIDE), ("co2e_kg", MASS))
    ]
    told = lines.join(shares.rename({"held": "share"}), on=["organisation", "month"], how="left")
    sums = told.group_by(*_KEYS, "share").agg(*known).with_columns(lines=pl.lit(token))
    kept = sums.select(pl.col(name).cast(kind) for name, kind in DELIVERED_SCHEMA.items())
    return kept.sort(*_KEYS, nulls_last=True)


@dataclass(frozen=True, slots=True)
class Across:
    """What counts twice between members.

    Attributes:
        eliminated: `book`, `scope`, `category`, `eliminated` (kg CO2e).
        outcomes: `ACROSS_SCHEMA`; organisations as `member/organisation`.
    """

    eliminated: pl.DataFrame
    outcomes: pl.DataFrame


def across(
    deliveries: pl.DataFrame, delivered: pl.DataFrame, organisations: pl.DataFrame, *, year: int
) -> Across:
    """Return what counts twice between members, by the rules for deliveries within one.

    Args:
        deliveries: `DELIVERY_SCHEMA` with `member`.
        delivered: `DELIVERED_SCHEMA` with `member`.
        organisations: `ORGANISATION_SCHEMA` with `member`.
        year: calendar year.

    Raises:
        Refused: two deliveries take the same line.
    """
    pairs, alone = _pairs(deliveries, organisations)
    found = pl.DataFrame(alone, schema=ACROSS_SCHEMA, orient="row")
    nothing = pl.DataFrame(
        schema={name: LEVEL_SCHEMA[name] for name in ("book", "scope", "category", "eliminated")}
    )
    if not pairs:
        return Across(nothing, found)
    lines, memberships = _lines(pairs, delivered, year)
    declared_ones = pl.DataFrame([pair.declared for pair in pairs], schema=DECLARED_SCHEMA, orient="row")
    made = plan(lines, memberships, declared_ones, year=year, approach=Approach.EQUITY)
    sums = levels(lines, made).filter(pl.col("node") == LEAGUE, pl.col("eliminated") != 0)
    told = outcomes(lines, made).with_columns(
        pl.col(name).str.replace(r"#L\d+$", "") for name in ("seller", "buyer")
    )
    return Across(
        sums.select(nothing.columns).sort("book", "scope", "category"),
        pl.concat([told.select(list(ACROSS_SCHEMA)), found]).sort("delivery", "book", "side"),
    )


@dataclass(frozen=True, slots=True)
class _Pair:
    """Both sides of a delivery, and the days on which both say it holds."""

    seller: Mapping[str, Any]
    buyer: Mapping[str, Any]
    declared: tuple[object, ...]


def _pairs(
    deliveries: pl.DataFrame, organisations: pl.DataFrame
) -> tuple[list[_Pair], list[tuple[object, ...]]]:
    """Return deliveries both sides declare, and rows of `ACROSS_SCHEMA` of the others."""
    names = _Names(organisations)
    sides: dict[str, dict[tuple[object, ...], list[dict[str, Any]]]] = {"seller": {}, "buyer": {}}
    alone: list[tuple[object, ...]] = []
    for row in deliveries.iter_rows(named=True):  # declared deliveries are few
        told = names.resolved(row)
        if told is None:
            alone.append(_alone(row, NOT_A_MEMBER))
            continue
        key = (told["kind"], told["seller"], told["buyer"], told["activity"])
        sides[row["side"]].setdefault(key, []).append(told)
    pairs: list[_Pair] = []
    for both in sorted(sides["seller"].keys() | sides["buyer"].keys(), key=str):
        sold, bought = sides["seller"].get(both, []), sides["buyer"].get(both, [])
        met = [pair for one in sold for other in bought if (pair := _met(one, other)) is not None]
        paired: set[tuple[str, str]] = {(pair.seller["id"], pair.buyer["id"]) for pair in met}
        alone += [_alone(one, ONE_SIDED) for one in sold if all(one["id"] != first for first, _ in paired)]
        alone += [_alone(one, ONE_SIDED) for one in bought if all(one["id"] != last for _, last in paired)]
        pairs += met
    return pairs, alone


class _Names:
    """Organisations of all members: how one calls that of another."""

    def __init__(self, organisations: pl.DataFrame) -> None:
        pairs = list(organisations.select(MEMBER, "organisation").iter_rows())
        self.qualified = {f"{member}{_LEAGUE_ID}{name}" for member, name in pairs}
        self.plain: dict[str, list[str]] = {}
        for member, name in pairs:
            self.plain.setdefault(name, []).append(f"{member}{_LEAGUE_ID}{name}")

    def resolved(self, row: dict[str, Any]) -> dict[str, Any] | None:
        """Return a delivery with both organisations as `member/organisation`; None: one is no member's."""
        side, other = (row["side"], "buyer" if row["side"] == "seller" else "seller")
        asked = row[other]
        known = self.plain.get(asked, [])
        found = asked if asked in self.qualified else known[0] if len(known) == 1 else None
        if found is None:
            return None
        return {**row, side: f"{row[MEMBER]}{_LEAGUE_ID}{row[side]}", other: found}


def _alone(row: Mapping[str, Any], state: str) -> tuple[object, ...]:
    told = {"delivery": row["id"], "state": state, "side": row["side"]}
    told |= {name: row[name] for name in ("kind", "seller", "buyer", "activity")}
    return tuple(told.get(name) for name in ACROSS_SCHEMA)


def _met(seller: dict[str, Any], buyer: dict[str, Any]) -> _Pair | None:
    """Return a delivery of two sides, or None where they do not hold at once."""
    first = max(seller["valid_from"], buyer["valid_from"])
    ends = [side["valid_to"] for side in (seller, buyer) if side["valid_to"] is not None]
    if ends and min(ends) <= first:
        return None
    name = f"{seller['seller']}: {seller['id']} = {buyer['buyer']}: {buyer['id']}"
    told = {
        "id": name,
        "kind": seller["kind"],
        "seller": _pseudo(seller, "seller"),
        "buyer": _pseudo(buyer, "buyer"),
        "activity": seller["activity"],
        "seller_source": seller["lines"] if seller["is_named"] else None,
        "buyer_source": None if seller["activity"] is not None else buyer["lines"],
        "valid_from": first,
        "valid_to": min(ends, default=None),
        "evidence": seller["evidence"],
    }
    return _Pair(seller, buyer, tuple(told[column] for column in DECLARED_SCHEMA))


def _pseudo(row: Mapping[str, Any], side: str) -> str:
    """Return an organisation with the lines it states: a name for each, so that none is taken for another."""
    return f"{row[side]}#{row['lines']}"


def _lines(pairs: Sequence[_Pair], delivered: pl.DataFrame, year: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the lines of the organisations of deliveries (`LINE_SCHEMA`) and their memberships."""
    sides = [(pair.seller, "seller") for pair in pairs] + [(pair.buyer, "buyer") for pair in pairs]
    asked = {(row[MEMBER], row["lines"]): _pseudo(row, side) for row, side in sides}
    names = pl.DataFrame(
        [(*key, name) for key, name in asked.items()],
        schema={MEMBER: pl.String, "lines": pl.String, "organisation": pl.String},
        orient="row",
    )
    met = delivered.join(names, on=[MEMBER, "lines"]).with_columns(source=pl.col("lines"))
    burnt = pl.DataFrame(list(_burnt(pairs, date(year, 1, 1))), schema=_BURNT, orient="row")
    told = pl.concat([met.drop("lines", "share", MEMBER), burnt], how="diagonal")
    lines = told.select(
        (pl.col(name) if name in told.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in LINE_SCHEMA.items()
    )
    return lines, _memberships(met, names)


_BURNT: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "book": pl.String,
    "organisation": pl.String,
    "source": pl.String,
    "month": pl.Date,
    "scope": pl.String,
    "is_lead": pl.Boolean,
    "co2e_kg": MASS,
}


def _burnt(pairs: Sequence[_Pair], month: date) -> Iterator[tuple[object, ...]]:
    """Yield a line in scope 1 of each seller that says it counts some: that, not how much, decides."""
    for name, pair in {_pseudo(pair.seller, "seller"): pair for pair in pairs}.items():
        for book in filter(None, pair.seller["burns"].split(",")):
            yield book, name, "", month, "1", False, 1


def _memberships(met: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """Return the share of the league in each organisation, month by month where it changes."""
    held = met.select("organisation", "month", "share").unique()
    whole = held.filter(pl.col("share").n_unique().over("organisation") == 1)
    always = whole.group_by("organisation").agg(pl.col("share").first())
    silent = names.filter(~pl.col("organisation").is_in(held["organisation"].to_list())).select(
        "organisation"
    )
    monthly = held.filter(pl.col("share").n_unique().over("organisation") > 1)
    nothing = pl.lit(None, pl.Date)
    parts = [
        always.with_columns(valid_from=nothing, valid_to=nothing),
        silent.with_columns(share=pl.lit(1), valid_from=nothing, valid_to=nothing),
        monthly.with_columns(valid_from="month", valid_to=pl.col("month").dt.offset_by("1mo")).drop("month"),
    ]
    told = pl.concat(parts, how="diagonal_relaxed").with_columns(
        parent=pl.lit(LEAGUE),
        equity_share=pl.col("share").cast(MEMBERSHIP_SCHEMA["equity_share"]),
        operational_control=pl.lit(value=True),
        financial_control=pl.lit(value=True),
        is_declared=pl.lit(value=True),
    )
    return told.select(pl.col(name).cast(kind) for name, kind in MEMBERSHIP_SCHEMA.items()).sort(
        "organisation", "valid_from"
    )
