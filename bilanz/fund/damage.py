"""Climate costs avoided: what the tonnes that were not emitted would have cost society.

    D = Σ_t ΔE_t · SCC_t       t of a year times the rate of that year's emissions, in the prices of the rate

Each time preference of a set has its own sum; nobody chooses between them here. A year without a rate is
missing and named, and never counts as 0. Later years are not discounted to today: the sum is one of prices of
each year's emissions, all in the prices of one year. Source: Umweltbundesamt, Methodenkonvention 3.2 and 4.0.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from bilanz.fund.cents import decimal
from bilanz.fund.rates import Quote, Rate, RateSet, Standing
from bilanz.fund.share import CENTS
from bilanz.money import Money


@dataclass(frozen=True, slots=True)
class Damage:
    """Climate costs avoided at one time preference.

    Attributes:
        amount: of the years with a rate; None: no year has one.
        valued_t: t CO2e of those years.
        missing: years with tonnes and without a rate, each with the reason where one is known.
        missing_t: their t CO2e.
        price_year: year whose prices `amount` is in; None: not stated.
        rates: those used, each with its source.
    """

    set: str
    time_preference: Decimal
    amount: Money | None
    price_year: int | None
    valued_t: Decimal
    missing: tuple[Quote, ...]
    missing_t: Decimal
    rates: tuple[Rate, ...]

    @property
    def is_complete(self) -> bool:
        """Whether every year has a rate."""
        return not self.missing

    @property
    def is_confirmed(self) -> bool:
        """Whether no rate is merely quoted by a third party; False where there is none."""
        return bool(self.rates) and all(rate.standing != Standing.THIRD_PARTY for rate in self.rates)


def climate_costs_avoided(avoided_t: Mapping[int, Decimal], rates: RateSet) -> tuple[Damage, ...]:
    """Return the climate costs avoided, at every time preference: 0 % and 1 % always.

    Args:
        avoided_t: year → t CO2e not emitted in it; negative: more was emitted.
        rates: the set, chosen by name.
    """
    quotes = [quote for year in sorted(avoided_t) for quote in rates.climate_costs(year)]
    return tuple(
        _damage(rates.id, preference, [q for q in quotes if q.time_preference == preference], avoided_t)
        for preference in rates.time_preferences
    )


def _damage(
    name: str, time_preference: Decimal, quotes: list[Quote], avoided_t: Mapping[int, Decimal]
) -> Damage:
    used = [quote.rate for quote in quotes if quote.rate is not None]
    missing = tuple(quote for quote in quotes if quote.rate is None)
    worth = sum((Fraction(avoided_t[rate.year]) * Fraction(rate.value) for rate in used), Fraction(0))
    return Damage(
        name,
        time_preference,
        Money(decimal(worth, CENTS), used[0].currency) if used else None,
        used[0].price_year if used else None,
        sum((avoided_t[rate.year] for rate in used), Decimal(0)),
        missing,
        sum((avoided_t[quote.year] for quote in missing), Decimal(0)),
        tuple(used),
    )
