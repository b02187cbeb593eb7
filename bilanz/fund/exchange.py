"""Money of several currencies in one: by the mean rate of its year, or apart. No rate is assumed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from bilanz.errors import Refused, UnknownName
from bilanz.fund.cents import decimal
from bilanz.fund.share import CENTS
from bilanz.money import CURRENCIES, Money


@dataclass(frozen=True, slots=True)
class Exchange:
    """The exchange rates a fund reckons with.

    Attributes:
        currency: the fund's.
        rates: (currency, year) → units of that currency for one of the fund's, mean of the year
            (`bilanz.fund.member.FigureKind.EXCHANGE_RATE`).

    Raises:
        UnknownName: a currency is not known.
        Refused: a rate is not positive, or the fund's own currency has one that is not 1.
    """

    currency: str
    rates: Mapping[tuple[str, int], Decimal] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for (currency, year), rate in self.rates.items():
            _known(currency)
            if rate <= 0 or (currency == self.currency and rate != 1):
                message = "{rate} is no exchange rate of {currency} to {fund} in {year}."
                raise Refused(message, rate=rate, currency=currency, fund=self.currency, year=year)
        _known(self.currency)

    def in_fund(self, money: Money, year: int) -> Decimal | None:
        """Return an amount in the fund's currency, to the cent; None: the year's rate is not known."""
        found = self.exchanged(money, year, self.currency)
        return None if found is None else found.amount

    def exchanged(self, money: Money, year: int, currency: str) -> Money | None:
        """Return an amount in a currency, to the cent, half to even; None: a rate of the year is not known.

        An amount that is in the currency already stays as it is.
        """
        if money.currency == currency:
            return money
        start, end = self._rate(money.currency, year), self._rate(currency, year)
        if start is None or end is None:
            return None
        exact = Fraction(money.amount) / Fraction(start) * Fraction(end)
        return Money(decimal(exact, CENTS), currency)

    def _rate(self, currency: str, year: int) -> Decimal | None:
        return Decimal(1) if currency == self.currency else self.rates.get((currency, year))


def _known(currency: str) -> None:
    if currency not in CURRENCIES:
        raise UnknownName('The currency "{name}" is not known.', name=currency)
