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
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Final, Literal

import polars as pl

from bilanz.boundary import length
from bilanz.errors import UnitError
from bilanz.organisation import DeliveryKind
from bilanz.units import ratio

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
Amounts = Mapping[tuple[str, date], Fraction]
"""(book, month) → quantity."""

_WHOLE: Final = Fraction(1)
_NOTHING: Final = Fraction(0)
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
        sold: `book`, `month`, `unit`, `basis`, `quantity` as the seller counts it.
        bought: the same as the buyer counts it.
        kept: book → kg CO2e of the lines that stay.
        left: book → kg CO2e the buyer counts in other categories of scope 3.
    """

    delivery: Delivery
    rule: Rule
    goes: pl.DataFrame
    sold: pl.DataFrame
    bought: pl.DataFrame
    kept: Mapping[str, Decimal]
    left: Mapping[str, Decimal]

    @property
    def sale(self) -> tuple[object, ...]:
        """Return what it shares with other claims: buyers of one sale share what was sold."""
        told = self.delivery
        return told.kind, RULES[told.kind].index(self.rule), told.seller, told.activity, told.seller_source


@dataclass(frozen=True)
class Sale:
    """What one seller sells, and everybody of the tree who buys of it: claims that share one quantity.

    Where the buyer's lines go, they go up to what was sold in the year; where the seller's go, on each
    day up to what was bought. Quantities of a month are spread over its days evenly.
    """

    claims: tuple[Claim, ...]

    @cached_property
    def ratios(self) -> Mapping[str, Fraction] | None:
        """Return unit → its ratio to the first, the buyers'; None where they do not go together."""
        named = pl.concat([*(claim.bought for claim in self.claims), self.claims[0].sold])
        pairs = list(dict.fromkeys(named.select("unit", "basis").iter_rows()))
        units = list(dict.fromkeys(unit for unit, _ in pairs))
        if len({basis for _, basis in pairs}) > 1:
            return None
        try:
            return {unit: ratio(unit, units[0]) if unit != units[0] else _WHOLE for unit in units}
        except UnitError:
            return None

    @property
    def unit(self) -> str | None:
        """Return the unit of all quantities; None: nothing is counted, or it does not go together."""
        return next(iter(self.ratios or ()), None)

    @cached_property
    def sold(self) -> Mapping[str, Fraction]:
        """Return book → what was sold in the year on the days on which any of the deliveries holds."""
        days = {month: self._union(month) for _, month in self._months_sold}
        return _by_book({key: amount * days[key[1]] for key, amount in self._months_sold.items()})

    def bought(self, *claims: Claim) -> dict[str, Fraction]:
        """Return book → what the buyers of claims bought in the year on the days these hold."""
        return _by_book(*(self._held(claim) for claim in claims))

    @cached_property
    def all_bought(self) -> Mapping[str, Fraction]:
        """Return book → what all buyers together bought in the year."""
        return self.bought(*self.claims)

    def part(self, claim: Claim, book: str, day: date) -> Fraction:
        """Return the part of the lines of a book that goes on a day on which the claim holds."""
        if self.ratios is None:
            return Fraction(claim.rule.is_trusted)
        return self._of_year(claim, book) if claim.rule.side == "buyer" else self._of_day(claim, book, day)

    def _of_year(self, claim: Claim, book: str) -> Fraction:
        limit, wanted = self.sold.get(book), self.all_bought.get(book, _NOTHING)
        if limit is None:
            return Fraction(claim.rule.is_trusted)
        return min(_WHOLE, max(limit, _NOTHING) / wanted) if wanted > 0 else _NOTHING

    def _of_day(self, claim: Claim, book: str, day: date) -> Fraction:
        key = book, day.replace(day=1)
        sold = self._months_sold.get(key, _NOTHING)
        amounts = [
            max(self._months_bought[each.delivery.id].get(key, _NOTHING), _NOTHING)
            for each in self.claims
            if each.delivery.first <= day < each.delivery.end
        ]
        wanted = max(self._months_bought[claim.delivery.id].get(key, _NOTHING), _NOTHING)
        return wanted / max(sold, sum(amounts, _NOTHING)) if sold > 0 else _NOTHING

    @cached_property
    def _months_sold(self) -> Amounts:
        return _amounts(self.claims[0].sold, self.ratios or {})

    @cached_property
    def _months_bought(self) -> Mapping[str, Amounts]:
        return {claim.delivery.id: _amounts(claim.bought, self.ratios or {}) for claim in self.claims}

    def _held(self, claim: Claim) -> Amounts:
        """Return what a buyer bought on the days the delivery holds."""
        months = self._months_bought[claim.delivery.id]
        return {key: amount * claim.delivery.days_of(key[1]) for key, amount in months.items()}

    def _union(self, month: date) -> Fraction:
        """Return the days of a month on which any of the deliveries holds, as a share of the month."""
        held = [claim.delivery for claim in self.claims]
        days = [month + timedelta(days=number) for number in range(length(month))]
        met = sum(any(each.first <= day < each.end for each in held) for day in days)
        return Fraction(met, len(days))


def claims(lines: pl.DataFrame, deliveries: Iterable[Delivery]) -> Iterator[Claim]:
    """Yield every delivery under each of its rules.

    Shape: `lines` has `LINE_SCHEMA` and `line`, its row index.
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
            yield Claim(
                delivery,
                rule,
                sides[rule.side].filter(_goes(delivery, rule)).select("line", "book", "month"),
                _quantities(sides["seller"].filter(rule.sold)),
                _quantities(sides["buyer"].filter(rule.bought)),
                _masses(burnt if is_made else sides[other].filter(_OWN)),
                _masses(sides["buyer"].filter(indirect)) if is_made else {},
            )


def sales(found: Iterable[Claim]) -> Iterator[Sale]:
    """Yield the claims by what they are a part of."""
    told = list(found)
    for sale in dict.fromkeys(claim.sale for claim in told):
        yield Sale(tuple(claim for claim in told if claim.sale == sale))


def _goes(delivery: Delivery, rule: Rule) -> pl.Expr:
    """Return the lines that may go; a meter that is named as the seller's is all for sale."""
    is_named = delivery.kind == DeliveryKind.RESELLS and delivery.seller_source is not None
    return rule.goes | (pl.col("category") == "3.3") if is_named else rule.goes


def _quantities(lines: pl.DataFrame) -> pl.DataFrame:
    keys = ["book", "month", "unit", "basis"]
    wide = pl.col("quantity").cast(pl.Decimal(38, 6)).sum()
    return lines.filter("is_lead").group_by(keys).agg(wide).sort(keys)


def _masses(lines: pl.DataFrame) -> dict[str, Decimal]:
    known = lines.drop_nulls("co2e_kg").group_by("book").agg(pl.col("co2e_kg").sum()).sort("book")
    return dict(known.iter_rows())


def _amounts(frame: pl.DataFrame, ratios: Mapping[str, Fraction]) -> Amounts:
    """Return (book, month) → quantity of the whole month."""
    found: dict[tuple[str, date], Fraction] = {}
    for book, month, unit, _, quantity in frame.iter_rows():
        if unit in ratios:
            found[book, month] = found.get((book, month), _NOTHING) + Fraction(quantity) * ratios[unit]
    return found


def _by_book(*parts: Amounts) -> dict[str, Fraction]:
    sums: dict[str, Fraction] = {}
    for part in parts:
        for (book, _), amount in part.items():
            sums[book] = sums.get(book, _NOTHING) + amount
    return sums
