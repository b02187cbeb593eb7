"""Deliveries between organisations of one tree: which lines speak of them, and what of them counts twice.

    delivery × kind ──► rules: whose lines go, up to which quantity
    lines of both   ──► quantities by book and month ──► the part of the lines that goes

| kind      | stays                                  | goes                                            |
|-----------|----------------------------------------|-------------------------------------------------|
| generates | scope 1 of the seller                  | scope 2 of the buyer and the matching 3.3       |
| resells   | scope 1 and 2 of the buyer             | 3.3 and 3.11 of the seller for what it sells    |
| lets      | scope 1 and 2 of whoever has control   | 3.13 of the landlord, or 3.8 of the tenant      |

Source: the rule of the project; the notion of double counting between scope 1 of one and scope 2 of another
organisation, and of 3.13 and 3.8 as counterparts, is that of the GHG Protocol.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final, Literal

import polars as pl

from bilanz.boundary import length
from bilanz.organisation import DeliveryKind

DELIVERY_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "id": pl.String,
    "kind": pl.String,  # DeliveryKind
    "seller": pl.String,
    "buyer": pl.String,
    "activity": pl.String,  # null: whatever the sources measure
    "seller_source": pl.String,  # null: all that is sold
    "buyer_source": pl.String,  # null: all of the activity
    "valid_from": pl.Date,
    "valid_to": pl.Date,  # exclusive; null: open
    "evidence": pl.String,
}

Side = Literal["seller", "buyer"]
Taken = Mapping[tuple[str, date], Fraction | None]
"""(book, month) → part of what is sold on each day that goes to somebody else; None: cannot be said."""

_OWN: Final = pl.col("scope").is_in(["1", "2"])
_SOLD: Final = pl.col("category").is_in(["sold", "fed_in"])
_FOR_SALE: Final = pl.col("role").is_in(["sold", "fed_in"])


@dataclass(frozen=True, slots=True)
class Rule:
    """One way in which a delivery counts twice.

    Attributes:
        side: whose lines go.
        goes: which of the lines of that side.
        sold: lines of the seller that state the quantity.
        bought: lines of the buyer that state the quantity.
        is_trusted: without a quantity of the seller the declaration alone suffices.
    """

    side: Side
    goes: pl.Expr
    sold: pl.Expr
    bought: pl.Expr
    is_trusted: bool = False


RULES: Final[Mapping[str, tuple[Rule, ...]]] = {
    DeliveryKind.GENERATES: (
        Rule(
            side="buyer",
            goes=(pl.col("scope") == "2") | ((pl.col("category") == "3.3") & ~_FOR_SALE),
            sold=_SOLD,
            bought=pl.col("scope") == "2",
            is_trusted=True,
        ),
    ),
    DeliveryKind.RESELLS: (
        Rule(
            side="seller",
            goes=(pl.col("category") == "3.11") | ((pl.col("category") == "3.3") & _FOR_SALE),
            sold=_SOLD | (pl.col("category") == "3.11"),
            bought=_OWN,
        ),
    ),
    DeliveryKind.LETS: (
        Rule(
            side="seller",
            goes=pl.col("category") == "3.13",
            sold=pl.col("category") == "3.13",
            bought=_OWN,
        ),
        Rule(
            side="buyer",
            goes=pl.col("category") == "3.8",
            sold=_OWN,
            bought=pl.col("category") == "3.8",
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class Delivery:
    """One declared delivery on the days [first, end)."""

    id: str
    kind: str
    seller: str
    buyer: str
    activity: str | None
    seller_source: str | None
    buyer_source: str | None
    first: date
    end: date

    def speaks_of(self, side: Side) -> pl.Expr:
        """Return which lines of a side the delivery speaks of."""
        organisation, source = (
            (self.seller, self.seller_source) if side == "seller" else (self.buyer, self.buyer_source)
        )
        found = pl.col("organisation") == organisation
        if source is not None:
            found &= pl.col("source") == source
        return found if self.activity is None else found & (pl.col("activity") == self.activity)

    def days_of(self, month: date) -> Fraction:
        """Return the days of a month on which it holds, as a share of the month."""
        days = length(month)
        first, end = month.toordinal(), month.toordinal() + days
        held = min(end, self.end.toordinal()) - max(first, self.first.toordinal())
        return Fraction(max(held, 0), days)


def declared(frame: pl.DataFrame, year: int) -> tuple[Delivery, ...]:
    """Return the rows of `DELIVERY_SCHEMA` that hold on a day of a year, by id."""
    start, last = date(year, 1, 1), date(year + 1, 1, 1)
    rows = [
        Delivery(
            row["id"],
            row["kind"],
            row["seller"],
            row["buyer"],
            row["activity"],
            row["seller_source"],
            row["buyer_source"],
            row["valid_from"],
            row["valid_to"] or date.max,
        )
        for row in frame.select(list(DELIVERY_SCHEMA)).sort("id").iter_rows(named=True)
    ]
    return tuple(each for each in rows if each.first < last and each.end > start)


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery under one of its rules, with the lines it speaks of.

    Attributes:
        goes: `line` (row index), `book`, `month` of the lines that may go.
        states: `line` of the lines of the seller that state the quantity sold.
        sold: `book`, `month`, `unit`, `basis`, `quantity` as the seller counts it.
        bought: the same as the buyer counts it.
        kept: book → kg CO2e of the lines that stay.
        left: book → kg CO2e the buyer counts in other categories of scope 3.
        taken: what of the quantity sold is taken off elsewhere already; empty: nothing.
    """

    delivery: Delivery
    rule: Rule
    goes: pl.DataFrame
    states: pl.DataFrame
    sold: pl.DataFrame
    bought: pl.DataFrame
    kept: Mapping[str, Decimal]
    left: Mapping[str, Decimal]
    taken: Taken

    @property
    def sale(self) -> tuple[object, ...]:
        """Return what it shares with other claims: buyers of one sale share what was sold."""
        told = self.delivery
        return told.kind, RULES[told.kind].index(self.rule), told.seller, told.activity, told.seller_source


def claims(lines: pl.DataFrame, deliveries: Iterable[Delivery]) -> Iterator[Claim]:
    """Yield every delivery under each of its rules.

    Shape: `lines` has `LINE_SCHEMA` and `line`, its row index; `taken` where the bundle of a member says what
    of the quantity of a line is taken off within it (null: cannot be said).
    """
    for delivery in deliveries:
        sides: dict[Side, pl.DataFrame] = {
            side: lines.filter(delivery.speaks_of(side)) for side in ("seller", "buyer")
        }
        burnt = lines.filter(pl.col("organisation") == delivery.seller, pl.col("scope") == "1")
        for rule in RULES[delivery.kind]:
            is_made = delivery.kind == DeliveryKind.GENERATES
            other: Side = "buyer" if rule.side == "seller" else "seller"
            indirect = (pl.col("scope") == "3") & (pl.col("category") != "3.3")
            stated = sides["seller"].filter(rule.sold)
            yield Claim(
                delivery,
                rule,
                sides[rule.side].filter(_goes(delivery, rule)).select("line", "book", "month"),
                stated.filter("is_lead").select("line"),
                _quantities(stated),
                _quantities(sides["buyer"].filter(rule.bought)),
                _masses(burnt if is_made else sides[other].filter(_OWN)),
                _masses(sides["buyer"].filter(indirect)) if is_made else {},
                _taken(stated),
            )


def _goes(delivery: Delivery, rule: Rule) -> pl.Expr:
    """Return the lines that may go; a meter that is named as the seller's is all for sale."""
    is_named = delivery.kind == DeliveryKind.RESELLS and delivery.seller_source is not None
    return rule.goes | (pl.col("category") == "3.3") if is_named else rule.goes


def _quantities(lines: pl.DataFrame) -> pl.DataFrame:
    keys = ["book", "month", "unit", "basis"]
    wide = pl.col("quantity").cast(pl.Decimal(38, 6)).sum()
    return lines.filter("is_lead").group_by(keys).agg(wide).sort(keys)


def _taken(lines: pl.DataFrame) -> Taken:
    if "taken" not in lines.columns:
        return {}
    part = pl.when(pl.col("taken").is_not_null().all()).then(pl.col("taken").max())
    rows = lines.filter("is_lead").group_by("book", "month").agg(part).iter_rows()
    return {(book, month): None if taken is None else Fraction(taken) for book, month, taken in rows}


def _masses(lines: pl.DataFrame) -> dict[str, Decimal]:
    known = lines.drop_nulls("co2e_kg").group_by("book").agg(pl.col("co2e_kg").sum()).sort("book")
    return dict(known.iter_rows())
