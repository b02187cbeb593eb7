"""Sets of rates: what a tonne costs society and how money is discounted. Versioned data, never constants.

    rates/*.toml  shipped: only figures that were verified, or marked as quoted by a third party
    FundRate      a set of the board, resolved on by itself

Nothing chooses a set but whoever asks (`choose`). A climate cost is never one number: both time preferences
stand side by side, and one that was not found is named as missing. A year without a rate has none; no rate is
drawn on. Source: Umweltbundesamt, Methodenkonvention 4.0, pp. 10, 14–15 (0 % and 1 % side by side).
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bilanz.books import Text
from bilanz.errors import CatalogueError, Refused, UnitError, UnknownName
from bilanz.fund.rate import FundRate, RateKind
from bilanz.messages import Language, translate
from bilanz.money import CURRENCIES

TIME_PREFERENCES: Final = (Decimal(0), Decimal("0.01"))
"""Pure rates of time preference a climate cost is always shown with."""

_FOLDER: Final = Path(__file__).parent / "rates"
_PER_TONNE: Final = "/t"


class Standing(StrEnum):
    """How sure a figure is."""

    CONFIRMED = "confirmed"  # an official page states it
    THIRD_PARTY = "third_party"  # quoted by others; the publication was not seen
    OWN = "own"  # as the board resolved


STANDING_TEXTS: Final[Mapping[Standing, str]] = {
    Standing.CONFIRMED: "confirmed by an official page",
    Standing.THIRD_PARTY: "quoted by a third party, not confirmed",
    Standing.OWN: "as the board resolved",
}
"""English templates; German: `bilanz/locale/de/fund_money.po`."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Rate(_Model):
    """One figure of a set.

    Attributes:
        time_preference: pure, per year; 0.01: one percent.
        year: of the emission; discount: the first year it holds.
        value: currency per t CO2e; discount: per year, 0.02: two percent.
        unit: "EUR/t", or "1" for a discount.
        price_year: year whose prices the value is in; None: not stated.
    """

    kind: RateKind
    time_preference: Decimal
    year: int
    value: Decimal
    unit: str
    standing: Standing
    source: str
    price_year: int | None = None
    legal_basis: str | None = None

    @property
    def currency(self) -> str:
        """Currency of a climate cost."""
        return self.unit.removesuffix(_PER_TONNE)


class Missing(_Model):
    """A figure a set should hold and does not, and why; `year` None: in no year."""

    kind: RateKind
    time_preference: Decimal
    reason: Text
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """A climate cost of a year at one time preference.

    `rate` None: it is missing; `reason` says why, where that is known.
    """

    set: str
    time_preference: Decimal
    year: int
    rate: Rate | None
    reason: Text | None

    def text(self, language: Language) -> str:
        """Return why there is no rate."""
        if self.reason is not None:
            return self.reason.of(language)
        return translate(
            "The set {set} holds no climate cost for {year} at this time preference.",
            language,
            set=self.set,
            year=self.year,
        )


class RateSet(_Model):
    """A version of rates, shipped or the board's own."""

    id: str = Field(alias="set")
    title: str
    publisher: str
    edition: str
    validity: Text | None = None
    rates: tuple[Rate, ...] = Field(default=(), alias="rate")
    missing: tuple[Missing, ...] = ()

    @property
    def time_preferences(self) -> tuple[Decimal, ...]:
        """Those a climate cost is shown at: 0 % and 1 %, and any other of the set."""
        others = {rate.time_preference for rate in self.rates if rate.kind == RateKind.CLIMATE_COST}
        return tuple(sorted({*TIME_PREFERENCES, *others}))

    def climate_costs(self, year: int) -> tuple[Quote, ...]:
        """Return the climate cost of a year at every time preference; 0 % and 1 % are always there."""
        costs = [rate for rate in self.rates if rate.kind == RateKind.CLIMATE_COST]
        return tuple(
            Quote(
                self.id,
                preference,
                year,
                next((r for r in costs if (r.time_preference, r.year) == (preference, year)), None),
                self._reason(preference, year),
            )
            for preference in self.time_preferences
        )

    def discount(self, year: int, time_preference: Decimal | None = None) -> Rate:
        """Return the discount rate that holds in a year: the latest that began to hold by then.

        Raises:
            Refused: none holds yet, or several of different time preference do and none was named.
        """
        held = [rate for rate in self.rates if rate.kind == RateKind.DISCOUNT and rate.year <= year]
        if time_preference is not None:
            held = [rate for rate in held if rate.time_preference == time_preference]
        latest = max((rate.year for rate in held), default=None)
        found = [rate for rate in held if rate.year == latest]
        if not found:
            message = "The set {set} holds no discount rate for {year}."
            raise Refused(message, set=self.id, year=year)
        if len(found) > 1:
            message = "The set {set} holds several discount rates for {year}; name the time preference."
            raise Refused(message, set=self.id, year=year)
        return found[0]

    def _reason(self, time_preference: Decimal, year: int) -> Text | None:
        """Return why a figure is missing: the reason of the year before that of every year."""
        named = [
            gap
            for gap in self.missing
            if gap.kind == RateKind.CLIMATE_COST
            and gap.time_preference == time_preference
            and gap.year in (year, None)
        ]
        named.sort(key=lambda gap: gap.year is None)
        return named[0].reason if named else None


@cache
def shipped() -> Mapping[str, RateSet]:
    """Return the sets that are shipped, by name.

    Raises:
        CatalogueError: a file is not what it must be.
    """
    sets = [_read(path) for path in sorted(_FOLDER.glob("*.toml"))]
    return {one.id: one for one in sets}


def own(rows: Iterable[FundRate]) -> dict[str, RateSet]:
    """Return the sets of a board, by name.

    Raises:
        Refused: a set has the name of a shipped one, or mixes currencies or price years.
        UnitError: a climate cost is not per tonne of a known currency, or a discount has a unit.
    """
    rates: dict[str, list[Rate]] = {}
    for row in rows:
        rates.setdefault(row.set, []).append(_of_row(row))
    for name in rates:
        if name in shipped():
            raise Refused("The set {set} is shipped; an own one needs another name.", set=name)
    return {
        name: _checked(RateSet(id=name, title=name, publisher="", edition="", rates=tuple(found)))
        for name, found in sorted(rates.items())
    }


def choose(name: str, rows: Iterable[FundRate] = ()) -> RateSet:
    """Return the set of a name, shipped or of the board.

    Raises:
        UnknownName: there is none.
    """
    sets = {**shipped(), **own(rows)}
    if name not in sets:
        message = 'The set of rates "{name}" is not known; known are {known}.'
        raise UnknownName(message, name=name, known=", ".join(sorted(sets)))
    return sets[name]


def _read(path: Path) -> RateSet:
    try:
        return _checked(RateSet.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))))
    except (ValidationError, tomllib.TOMLDecodeError, Refused, UnitError) as error:
        raise CatalogueError(f"{path.name}: {error}") from error


def _of_row(row: FundRate) -> Rate:
    return Rate(
        kind=RateKind(row.kind),
        time_preference=row.time_preference,
        year=row.year,
        value=row.value,
        unit=row.unit,
        standing=Standing.OWN,
        source=row.source,
        price_year=row.price_year,
        legal_basis=row.legal_basis,
    )


def _checked(found: RateSet) -> RateSet:
    """Refuse what could not be added up: units that are none, several currencies or price years."""
    for rate in found.rates:
        is_cost = rate.kind == RateKind.CLIMATE_COST
        if is_cost != rate.unit.endswith(_PER_TONNE) or rate.currency not in _currencies(rate.kind):
            message = "{unit} is no unit of a rate {kind}: EUR/t (any currency) or, for a discount, 1."
            raise UnitError(message, unit=rate.unit, kind=rate.kind.value)
    if len(set(_bases(found))) > 1:
        message = "The set {set} mixes currencies or price years; its climate costs cannot be added up."
        raise Refused(message, set=found.id)
    return found


def _currencies(kind: RateKind) -> frozenset[str]:
    return CURRENCIES if kind == RateKind.CLIMATE_COST else frozenset({"1"})


def _bases(found: RateSet) -> Iterator[tuple[str, int | None]]:
    costs = (rate for rate in found.rates if rate.kind == RateKind.CLIMATE_COST)
    yield from ((rate.currency, rate.price_year) for rate in costs)
