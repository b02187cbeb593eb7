"""What one seller sells and who of a tree buys of it: how much of it counts twice, and how much is left.

claims of one sale ──► sold, bought, what is taken off elsewhere ──► the part of the lines that goes
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from typing import Final

import polars as pl

from bilanz.boundary import length
from bilanz.delivery import Claim, Taken
from bilanz.errors import UnitError
from bilanz.units import ratio

Amounts = Mapping[tuple[str, date], Fraction]
"""(book, month) → quantity."""

_WHOLE: Final = Fraction(1)
_NOTHING: Final = Fraction(0)


@dataclass(frozen=True)
class Sale:
    """What one seller sells, and everybody of the tree who buys of it: claims that share one quantity.

    Where the buyer's lines go, they go up to what was sold in the year; where the seller's go, on each
    day up to what was bought. Quantities of a month are spread over its days evenly. What of the sale is
    taken off elsewhere already is not there any more.
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
        return self._sold_to(self.claims)

    @cached_property
    def left(self) -> Mapping[str, Fraction | None]:
        """Return book → what of `sold` is not taken off elsewhere already; None: cannot be said."""
        months = self._months_sold.items()
        left = _by_book({key: self._left(key, amount) * _held(self.claims, key[1]) for key, amount in months})
        return left | dict.fromkeys(self._unknown)

    def bought(self, *claims: Claim) -> dict[str, Fraction]:
        """Return book → what the buyers of claims bought in the year on the days these hold."""
        return _by_book(*(self._held(claim) for claim in claims))

    @cached_property
    def all_bought(self) -> Mapping[str, Fraction]:
        """Return book → what all buyers together bought in the year."""
        return self.bought(*self.claims)

    def part(self, claim: Claim, book: str, day: date) -> Fraction:
        """Return the part of the lines of a book that goes on a day on which the claim holds."""
        if book in self._unknown:
            return _NOTHING
        if self.ratios is None:
            return Fraction(claim.rule.is_trusted)
        return self._of_year(claim, book) if claim.rule.side == "buyer" else self._of_day(claim, book, day)

    def _of_year(self, claim: Claim, book: str) -> Fraction:
        limit, wanted = self.left.get(book), self.all_bought.get(book, _NOTHING)
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
        left = self._left(key, sold)
        return wanted / max(left, sum(amounts, _NOTHING)) * left / sold if left > 0 else _NOTHING

    def taken(self, own: Sequence[Claim]) -> Taken:
        """Return what of each day's sale some of the claims take: of a month, what its busiest day has.

        Of a year, what they take is laid on the days on which they hold, evenly by what is sold on these;
        what is more than that, on the other days of the sale.
        """
        keys = self.claims[0].sold.select("book", "month").unique().sort("book", "month").rows()
        if self.ratios is None:
            return dict.fromkeys(keys, None if any(claim.bought.height for claim in own) else _NOTHING)
        of_day = self._taken_of_year(own) if own and own[0].rule.side == "buyer" else self._taken_of_day(own)
        return {key: max(of_day(key[0], day) for day in self._edges(key[1])) for key in keys}

    def _taken_of_day(self, own: Sequence[Claim]) -> Callable[[str, date], Fraction]:
        def part(book: str, day: date) -> Fraction:
            held = (claim for claim in own if claim.delivery.first <= day < claim.delivery.end)
            return sum((self._of_day(claim, book, day) for claim in held), _NOTHING)

        return part

    def _taken_of_year(self, own: Sequence[Claim]) -> Callable[[str, date], Fraction]:
        parts: dict[str, tuple[Fraction, Fraction]] = {}
        within = self._sold_to(own)
        for book, bought in self.bought(*own).items():
            amount = bought * self._of_year(own[0], book) if book in self.sold else _NOTHING
            days, others = (
                within.get(book, _NOTHING),
                self.sold.get(book, _NOTHING) - within.get(book, _NOTHING),
            )
            parts[book] = _part(amount, days), _part(amount - days, others)

        def part(book: str, day: date) -> Fraction:
            first, rest = parts.get(book, (_NOTHING, _NOTHING))
            is_held = any(claim.delivery.first <= day < claim.delivery.end for claim in own)
            return first if is_held else rest

        return part

    def _edges(self, month: date) -> list[date]:
        """Return the days of a month on which something begins or ends, and its first."""
        last = month + timedelta(days=length(month))
        days = (day for claim in self.claims for day in (claim.delivery.first, claim.delivery.end))
        return [month, *(day for day in days if month < day < last)]

    def _left(self, key: tuple[str, date], amount: Fraction) -> Fraction:
        """Return what of a quantity sold in a month is not taken off elsewhere."""
        return amount * (1 - (self.claims[0].taken.get(key) or _NOTHING))

    @cached_property
    def _unknown(self) -> frozenset[str]:
        """Return books of which nobody can say what is taken off elsewhere."""
        return frozenset(book for (book, _), part in self.claims[0].taken.items() if part is None)

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

    def _sold_to(self, some: Sequence[Claim]) -> dict[str, Fraction]:
        """Return book → what was sold in the year on the days on which any of some claims holds."""
        return _by_book({key: amount * _held(some, key[1]) for key, amount in self._months_sold.items()})


def sales(found: Iterable[Claim]) -> Iterator[Sale]:
    """Yield the claims by what they are a part of."""
    told = list(found)
    for sale in dict.fromkeys(claim.sale for claim in told):
        yield Sale(tuple(claim for claim in told if claim.sale == sale))


def _held(some: Sequence[Claim], month: date) -> Fraction:
    """Return the days of a month on which any of some deliveries holds, as a share of the month."""
    days = [month + timedelta(days=number) for number in range(length(month))]
    met = sum(any(each.delivery.first <= day < each.delivery.end for each in some) for day in days)
    return Fraction(met, len(days))


def _amounts(frame: pl.DataFrame, ratios: Mapping[str, Fraction]) -> Amounts:
    """Return (book, month) → quantity of the whole month."""
    found: dict[tuple[str, date], Fraction] = {}
    for book, month, unit, _, quantity in frame.iter_rows():
        if unit in ratios:
            found[book, month] = found.get((book, month), _NOTHING) + Fraction(quantity) * ratios[unit]
    return found


def _part(amount: Fraction, whole: Fraction) -> Fraction:
    """Return a part of a whole: none of nothing, and no more than all."""
    return min(_WHOLE, max(amount, _NOTHING) / whole) if whole > 0 else Fraction(amount > 0)


def _by_book(*parts: Amounts) -> dict[str, Fraction]:
    sums: dict[str, Fraction] = {}
    for part in parts:
        for (book, _), amount in part.items():
            sums[book] = sums.get(book, _NOTHING) + amount
    return sums
