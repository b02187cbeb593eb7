"""Published statements: the rows of a factor catalogue that share one `factor_id`, ready to be matched."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any, Final, NamedTuple

import polars as pl

from bilanz.books import CUSTOM, SERIES
from bilanz.errors import CatalogueError
from bilanz.factor import Chain, Evidence
from bilanz.gases import find as find_gas

CO2: Final = "CO2"
CO2E: Final = "CO2e"
SUBSTANCES: Final = frozenset({"refrigerant", "released_gas"})
"""Activities whose product group is the substance that escapes."""

_GASES_OF_FUEL: Final = 3
_BOTH: Final = (Chain.DIRECT, Chain.UPSTREAM)


@dataclass(frozen=True, slots=True)
class Amount:
    """A gas per unit of the activity, as published.

    Attributes:
        gwp: the set the publisher weighted the value with; None: the value is a mass.
        divisor: what makes a mass of the value: its potential in that set where a gas other than CO2e was
            stated as CO2e, else 1.
    """

    gas: str
    value: Fraction
    mass_unit: str
    gwp: str | None
    reference: str
    divisor: Fraction = Fraction(1)

    @property
    def mass(self) -> Fraction:
        """Mass of the gas (CO2e: the equivalent) in `mass_unit`, exactly."""
        return self.value / self.divisor


@dataclass(frozen=True, slots=True)
class Statement:
    """One published statement about one activity, with its gases per chain part."""

    id: str
    source: str
    edition: str
    activity: str | None
    product_group: str | None
    region: str
    valid_from: date | None
    valid_to: date | None
    per_unit: str
    basis: str
    evidence: str
    delivery: str | None
    method: str | None
    price_year: int | None
    price_basis: str | None
    edition_rank: int
    unit_rank: int
    amounts: Mapping[Chain, tuple[Amount, ...]]
    organisation: str | None = None

    @property
    def first_year(self) -> int:
        """Year in which its validity begins."""
        return date.min.year if self.valid_from is None else self.valid_from.year

    @property
    def last_year(self) -> int:
        """Year in which its validity ends."""
        return date.max.year if self.valid_to is None else self.valid_to.year

    @property
    def likeness(self) -> tuple[object, ...]:
        """All that can decide between two statements of one source, activity and region but their edition."""
        gases = tuple((chain, *(amount.gas for amount in part)) for chain, part in self.amounts.items())
        own = self.edition if self.evidence == Evidence.CUSTOM else ""
        place = (self.source, own, self.product_group, self.valid_from, self.valid_to, self.organisation)
        return (*place, self.per_unit, self.basis, self.evidence, self.delivery, self.method, gases)

    @property
    def chains(self) -> tuple[str, ...]:
        """Chain parts it holds."""
        return tuple(chain.value for chain in self.amounts)

    @property
    def valid(self) -> str:
        """Validity as an ISO interval, end exclusive; `..` where open."""
        return f"{self.valid_from or '..'}/{self.valid_to or '..'}"

    def parts(self, wanted: Chain) -> tuple[Chain, ...]:
        """Return the parts to take for a wanted chain: none where it does not hold them.

        Total is one figure, or direct and upstream of the same statement; never of two publishers.
        """
        if wanted is Chain.TOTAL and wanted not in self.amounts:
            return _BOTH if all(chain in self.amounts for chain in _BOTH) else ()
        if wanted not in self.amounts:
            return ()
        if wanted is Chain.DIRECT:
            return tuple(chain for chain in (*_BOTH, Chain.BIOGENIC) if chain in self.amounts)
        return tuple(chain for chain in (wanted, Chain.BIOGENIC) if chain in self.amounts)

    def age(self, on: date) -> int:
        """Return 0 where valid on a day, the years since it was, or minus the years until it will be."""
        if self.valid_from is not None and on < self.valid_from:
            return -max(1, self.valid_from.year - on.year)
        if self.valid_to is None or on < self.valid_to:
            return 0
        return max(1, on.year - (self.valid_to - timedelta(days=1)).year)

    def gases(self, chain: Chain, only: frozenset[str] | None = None) -> tuple[Amount, ...]:
        """Return the amounts that add up: single gases where all are there, else the published CO2e.

        `only`: these gases and no other.
        """
        amounts = self.amounts[chain]
        if only is not None:
            return tuple(amount for amount in amounts if amount.gas in only)
        if len(amounts) == 1:
            return amounts
        single = tuple(amount for amount in amounts if amount.gas != CO2E)
        if len(single) == len(amounts) or len(single) >= _GASES_OF_FUEL:
            return single
        return tuple(amount for amount in amounts if amount.gas == CO2E)

    def states(self, gases: frozenset[str]) -> bool:
        """Tell whether the direct part states each of the gases by itself."""
        direct = self.amounts.get(Chain.DIRECT, ())
        return gases <= {amount.gas for amount in direct}

    def is_co2_only(self, chains: tuple[Chain, ...]) -> bool:
        """Tell whether methane and nitrous oxide are missing from the parts taken."""
        parts = [self.gases(chain) for chain in chains if chain is not Chain.BIOGENIC]
        return any(parts) and all(amount.gas == CO2 for part in parts for amount in part)

    def is_equivalent(self, chains: tuple[Chain, ...]) -> bool:
        """Tell whether a part taken is CO2e as published, which no set can weight anew."""
        return any(amount.gas == CO2E for chain in chains for amount in self.gases(chain))

    def is_complete(self, chains: tuple[Chain, ...]) -> bool:
        """Tell whether more than CO2 is covered."""
        return not self.is_co2_only(chains)


class Span(NamedTuple):
    """Which statements of a place are looked at.

    Attributes:
        first, last: years in which they must hold.
        nearest: instead, so many validities nearest to these years.
        is_whole: older editions of what a newer one states too.
    """

    first: int
    last: int
    nearest: int | None = None
    is_whole: bool = False


class Statements:
    """The statements of a catalogue, by source and activity."""

    def __init__(
        self,
        factors: pl.DataFrame,
        properties: pl.DataFrame,
        potentials: pl.DataFrame,
        *,
        year: int,
        indices: pl.DataFrame | None = None,
    ) -> None:
        """Group the rows.

        Args:
            factors: rows of `FACTOR_SCHEMA`.
            properties: rows of `PROPERTY_SCHEMA`; their validity bounds decisions.
            potentials: rows of `GWP_SCHEMA`, to make masses of gases that were stated as CO2e.
            year: the year that is matched.
            indices: rows of `INDEX_SCHEMA`, whose validity bounds decisions too; None: none.

        Raises:
            CatalogueError: a gas was stated as CO2e with a set that has no value for it.
        """
        editions, units = _editions(factors), sorted(set(factors["per_unit"]) | set(factors["basis"]))
        weights = {(gwp, gas): Fraction(value) for gwp, gas, value in _potentials(potentials)}
        rows: dict[str, list[dict[str, Any]]] = {}
        for row in factors.iter_rows(named=True):
            rows.setdefault(row["factor_id"], []).append(row)
        self._by_id = {name: _statement(group, editions, units, weights) for name, group in rows.items()}
        self._about: dict[tuple[str, str, str | None, str], list[Statement]] = {}
        self._grouped: set[tuple[str, str]] = set()
        self._within = cache(self._select)
        for statement in self._by_id.values():
            if statement.activity is not None:
                self._keep(statement, statement.activity)
        of_substance = factors.filter(pl.col("activity").is_in(list(SUBSTANCES)))
        self._substances = frozenset(of_substance["product_group"].drop_nulls())
        self._bounds = _bounds((factors, properties, *(() if indices is None else (indices,))), year)

    def _keep(self, statement: Statement, activity: str) -> None:
        is_own = statement.evidence == Evidence.CUSTOM and statement.source != SERIES
        source = CUSTOM if is_own else statement.source
        place = (source, activity, statement.product_group, statement.region)
        self._about.setdefault(place, []).append(statement)
        if statement.product_group is not None:
            self._grouped.add((source, activity))

    def about(
        self, source: str, activity: str, group: str, regions: tuple[str, ...], span: Span
    ) -> Iterator[Statement]:
        """Yield the statements of a source about an activity: of the product group, and of none."""
        for name in (None, group) if group else (None,):
            for region in dict.fromkeys(regions):
                yield from self._within((source, activity, name, region), span)

    def _select(self, place: tuple[str, str, str | None, str], span: Span) -> tuple[Statement, ...]:
        """Return the statements of one place in a span of years."""
        first, last, nearest, is_whole = span
        held = self._about.get(place, [])
        if nearest is None:
            found = [one for one in held if one.first_year <= last and one.last_year >= first]
        else:
            away = {one.valid: max(one.first_year - last, first - one.last_year, 0) for one in held}
            near = set(sorted(away, key=lambda valid: (away[valid], valid))[:nearest])
            found = [one for one in held if one.valid in near]
        return tuple(found) if is_whole else _newest(found)

    def has_groups(self, source: str, activity: str) -> bool:
        """Tell whether a source states an activity by product group or substance."""
        return (source, activity) in self._grouped

    def by_id(self, factor_id: str) -> Statement | None:
        """Return one statement, or None."""
        return self._by_id.get(factor_id)

    def substance(self, spelling: str) -> str:
        """Return the code of a substance as files spell it (`R-410A`); the spelling where unknown."""
        return find_gas(spelling, self._substances) or spelling

    def anchor(self, on: date) -> date:
        """Return the day since which no validity has begun or ended: same day, same decision."""
        index = bisect_right(self._bounds, on)
        return self._bounds[index - 1] if index else on


def _editions(factors: pl.DataFrame) -> dict[tuple[str, str], int]:
    """Return (source, edition) → rank, the newest highest: by the last year in its name, then by name."""
    pairs = set(factors.select("source", "edition").unique().iter_rows())

    def age(pair: tuple[str, str]) -> tuple[int, str]:
        years = re.findall(r"(?:19|20)\d\d", pair[1])
        return (int(years[-1]) if years else 0, pair[1])

    return {pair: rank for rank, pair in enumerate(sorted(pairs, key=age))}


def _bounds(frames: tuple[pl.DataFrame, ...], year: int) -> list[date]:
    """Return the first day of the year and every day in it on which a validity begins or ends."""
    first = date(year, 1, 1)
    names = ("valid_from", "valid_to")
    days = {day for frame in frames for name in names for day in frame[name].drop_nulls()}
    return sorted({first, *(day for day in days if first < day < date(year + 1, 1, 1))})


def _newest(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """Return the newest editions of what is stated alike but for the value: no rule prefers an older one."""
    kept: dict[tuple[object, ...], list[Statement]] = {}
    for one in statements:
        alike = kept.setdefault(one.likeness, [])
        if not alike or one.edition_rank > alike[0].edition_rank:
            alike[:] = [one]
        elif one.edition_rank == alike[0].edition_rank:
            alike.append(one)
    return tuple(one for alike in kept.values() for one in alike)


def _potentials(frame: pl.DataFrame) -> Iterator[tuple[str, str, Decimal]]:
    yield from frame.select("gwp", "gas", "value").iter_rows()


def _divisor(row: dict[str, Any], weights: Mapping[tuple[str, str], Fraction]) -> Fraction:
    """Return the potential a value was weighted with, 1 for a mass and for CO2e."""
    if row["gwp"] is None or row["gas"] == CO2E:
        return Fraction(1)
    try:
        return weights[row["gwp"], row["gas"]]
    except KeyError:
        message = "{factor}: the GWP set {set} has no value for {gas}."
        raise CatalogueError(message, factor=row["factor_id"], set=row["gwp"], gas=row["gas"]) from None


def _reference(row: dict[str, Any]) -> str:
    """Return where a value was read: publisher, title, edition, page or cell."""
    title = f"{row['title']} ({row['edition']})"
    named = title if row["publisher"] is None else f"{row['publisher']}: {title}"
    return named if row["locator"] is None else f"{named}, {row['locator']}"


def _statement(
    rows: list[dict[str, Any]],
    editions: Mapping[tuple[str, str], int],
    units: list[str],
    weights: Mapping[tuple[str, str], Fraction],
) -> Statement:
    head = rows[0]
    amounts: dict[Chain, tuple[Amount, ...]] = {}
    for row in sorted(rows, key=lambda row: (row["chain"], row["gas"])):
        stated = (row["gas"], Fraction(row["value"]), row["mass_unit"], row["gwp"])
        amount = Amount(*stated, _reference(row), _divisor(row, weights))
        chain = Chain(row["chain"])
        amounts[chain] = (*amounts.get(chain, ()), amount)
    return Statement(
        id=head["factor_id"],
        source=head["source"],
        edition=head["edition"],
        activity=head["activity"],
        product_group=head["product_group"],
        region=head["region"],
        valid_from=head["valid_from"],
        valid_to=head["valid_to"],
        per_unit=head["per_unit"],
        basis=head["basis"],
        evidence=head["evidence"],
        delivery=head["delivery"],
        method=head["method"],
        price_year=head["price_year"],
        price_basis=head["price_basis"],
        edition_rank=editions[head["source"], head["edition"]],
        unit_rank=units.index(head["per_unit"]) * len(units) + units.index(head["basis"]),
        amounts=amounts,
        organisation=head["organisation"],
    )
