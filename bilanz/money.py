"""Money: an exact amount that never loses its currency."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from bilanz.errors import UnitError, UnknownName

_CODES: Final = """
    AUD BAM BGN BRL CAD CHF CNY CZK DKK EUR GBP HUF ILS INR ISK JPY KRW MKD MXN NOK NZD PLN RON RSD SEK SGD
    TRY UAH USD ZAR
"""
CURRENCIES: Final = frozenset(_CODES.split())
"""Currencies read from files (ISO 4217)."""

_SIGNS: Final = {"€": "EUR", "EURO": "EUR", "£": "GBP", "SFR": "CHF", "FR.": "CHF", "ZŁ": "PLN", "KČ": "CZK"}
# No "$", "kr" or "¥": each is the sign of several currencies.


def find_currency(spelling: str) -> str | None:
    """Return the ISO 4217 code of a code or an unambiguous sign, or None."""
    plain = spelling.strip().upper()
    return plain if plain in CURRENCIES else _SIGNS.get(plain)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency. Adding another currency is refused, there is no silent exchange rate."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if self.currency not in CURRENCIES:
            raise UnknownName('The currency "{name}" is not known.', name=self.currency)

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            message = "{first} and {second} cannot be added without an exchange rate."
            raise UnitError(message, first=self.currency, second=other.currency)

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __mul__(self, factor: Decimal | int) -> "Money":
        return Money(self.amount * factor, self.currency)

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"
