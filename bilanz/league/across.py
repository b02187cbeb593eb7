"""What counts twice between members: deliveries of which each side states its lines.

both sides of a delivery ──► lines of two organisations ──► the rules of `bilanz.delivery`, up to what of the
                                                             sale is not taken off within the seller's member

A delivery only one side has declared, or whose other side is no member, eliminates nothing: it is listed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import polars as pl

from bilanz.boundary import MEMBERSHIP_SCHEMA, Approach
from bilanz.consolidated import LEVEL_SCHEMA
from bilanz.consolidation import levels, plan
from bilanz.delivery import DELIVERY_SCHEMA as DECLARED_SCHEMA
from bilanz.doublecount import WITHIN_SCHEMA, outcomes_within
from bilanz.league.bundle import DELIVERED_SCHEMA
from bilanz.league.products import MEMBER
from bilanz.result import LINE_SCHEMA, MASS

LEAGUE: Final = "league"
"""The node above all members."""

ONE_SIDED: Final = "one_sided"
NOT_A_MEMBER: Final = "not_a_member"

ACROSS_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    **{name: kind for name, kind in WITHIN_SCHEMA.items() if name not in {"node", "kept", "left"}},
}
"""What became of a delivery between members: `state` also `one_sided`, `not_a_member`, `not_known`."""

_LEAGUE_ID: Final = "/"


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
    deliveries: pl.DataFrame,
    delivered: pl.DataFrame,
    organisations: pl.DataFrame,
    *,
    year: int,
    same: Mapping[str, str] | None = None,
) -> Across:
    """Return what counts twice between members, by the rules for deliveries within one.

    Args:
        deliveries: `DELIVERY_SCHEMA` with `member`.
        delivered: `DELIVERED_SCHEMA` with `member`.
        organisations: `ORGANISATION_SCHEMA` with `member`.
        year: calendar year.
        same: `member/organisation` that counts elsewhere → where.

    Raises:
        Refused: two deliveries take the same line.
    """
    pairs, alone = _pairs(deliveries, _Names(organisations, same or {}))
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
    told = outcomes_within(lines, made).with_columns(
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


def _pairs(deliveries: pl.DataFrame, names: "_Names") -> tuple[list[_Pair], list[tuple[object, ...]]]:
    """Return deliveries both sides declare, and rows of `ACROSS_SCHEMA` of the others."""
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

    def __init__(self, organisations: pl.DataFrame, same: Mapping[str, str]) -> None:
        self.known: dict[str, set[str]] = {}
        for member, name in organisations.select(MEMBER, "organisation").iter_rows():
            own = f"{member}{_LEAGUE_ID}{name}"
            for spelling in (own, name):
                self.known.setdefault(spelling, set()).add(same.get(own, own))

    def resolved(self, row: dict[str, Any]) -> dict[str, Any] | None:
        """Return a delivery with both organisations as `member/organisation`; None: one is no member's."""
        side, other = (row["side"], "buyer" if row["side"] == "seller" else "seller")
        known = self.known.get(row[other], set())
        if len(known) != 1:
            return None
        return {**row, side: f"{row[MEMBER]}{_LEAGUE_ID}{row[side]}", other: next(iter(known))}


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
    """Return the lines of the organisations of deliveries (`LINE_SCHEMA`, `taken`) and their memberships."""
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
        for name, kind in {**LINE_SCHEMA, "taken": DELIVERED_SCHEMA["taken"]}.items()
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
