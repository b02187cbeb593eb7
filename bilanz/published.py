"""The unit of a published factor, read with the whitelist.

    "kg CO2e of CH4 per kWh (Gross CV)"
      └ mass ┘ └ gas, weighted ┘ └ unit of the quantity, basis

A text with a word that is not on the list is not read: `published` returns None and `unread` names the word
and what it may have meant. What a publication means by an ambiguous word (a US publication by "gallon") is
for its importer to say, in `words`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from bilanz import gases, units
from bilanz.gases import EQUIVALENT

_PER: Final = re.compile(r"\s*/\s*|\s+(?:per|pro|par)\s+", re.IGNORECASE)
_OF: Final = re.compile(r"\s+of\s+", re.IGNORECASE)
_LEADING_PER: Final = re.compile(r"^(?:per|pro|par)\s+", re.IGNORECASE)
_YEAR: Final = re.compile(r"(?P<year>(?:19|20)\d\d)\s+(?P<money>\D.*)")
_NO_WORDS: Final[Mapping[str, str]] = {}
_BARE: Final = "unit"  # "per unit": the unit stands in another column of the publication
_PRICES: Final = {
    "purchaser price": "purchaser",
    "purchaser prices": "purchaser",
    "purchaser's price": "purchaser",
    "basic price": "basic",
    "basic prices": "basic",
}
_VAT: Final = {"HT": "excluded", "TTC": "included"}  # hors taxe, toutes taxes comprises


@dataclass(frozen=True, slots=True)
class Published:
    """What the unit of a published factor says.

    Attributes:
        gas: code of the gas; CO2e where the publication states the equivalent only.
        mass_unit: g, kg, t, lb, … of the gas, or of CO2e where `is_weighted`.
        per_unit: code of the unit of the quantity; None: the text does not say ("per unit").
        basis: Hi, Hs, or None.
        is_weighted: the value is kg CO2e of one gas ("kg CO2e of CH4"): mass = value / potential.
        price_year: year of the prices of a factor of spend.
        prices: `basic` or `purchaser`, where the text says so.
        vat: `excluded` or `included`, where the text says so.
    """

    gas: str
    mass_unit: str
    per_unit: str | None
    basis: str | None = None
    is_weighted: bool = False
    price_year: int | None = None
    prices: str | None = None
    vat: str | None = None

    @property
    def mass(self) -> str:
        """Code of the mass as a unit of the gas's own dimension: `kg_CH4`, `t_CO2e`."""
        return units.mass_of_gas(self.mass_unit, EQUIVALENT if self.is_weighted else self.gas)


def published(
    text: str, *, words: Mapping[str, str] = _NO_WORDS, known: Iterable[str] = ()
) -> Published | None:
    """Return what the unit of a published factor says, or None where a word is not on the list.

    Args:
        text: as published; brackets around the whole are taken off.
        words: a publisher's own words → codes of units, where its publication says what it means
            (`{"gallon": "gal_us"}`); they come before the whitelist.
        known: gas codes besides those of the whitelist (`gases.known_gases` of the catalogue).
    """
    above, below = _parts(text)
    mass = _mass(above, frozenset(known))
    quantity = _quantity(below, words)
    if mass is None or quantity is None:
        return None
    unit, basis, year, prices, vat = quantity
    return Published(mass[1], mass[0], unit, basis, mass[2], year, prices, vat)


def unread(
    text: str, *, words: Mapping[str, str] = _NO_WORDS, known: Iterable[str] = ()
) -> tuple[str, list[str]] | None:
    """Return the first part of a text that is not on the list, and near misses; None: all of it is read."""
    above, below = _parts(text)
    if _mass(above, frozenset(known)) is None:
        return above, [f"kg {gas}" for gas in units.gas_spellings()]
    if _quantity(below, words) is None:
        return below or "", units.near(below or "")
    return None


def _parts(text: str) -> tuple[str, str | None]:
    """Return what stands above and below the stroke; below is None where there is no stroke."""
    name = units.normal(text)
    if name.startswith("(") and name.endswith(")"):
        name = name[1:-1].strip()
    above, *below = _PER.split(name, maxsplit=1)
    return above, _LEADING_PER.sub("", below[0]) if below else None


def _mass(text: str, known: frozenset[str]) -> tuple[str, str, bool] | None:
    """Return mass unit, gas, and whether the gas is weighted as CO2e."""
    stated, *single = _OF.split(text, maxsplit=1)
    found = next(_masses(stated, known), None)
    if found is None or not single:
        return None if found is None else (*found, False)
    mass, equivalent = found
    gas = _gas(single[0], known)
    return (mass, gas, True) if equivalent == EQUIVALENT and gas not in (None, EQUIVALENT) and gas else None


def _masses(text: str, known: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield (unit, gas) for every cut of `kgCO2e` or `metric tons CO2e` into a mass and a gas."""
    for cut in range(1, len(text)):
        mass, gas = units.find(text[:cut].rstrip()), _gas(text[cut:].lstrip(), known)
        if mass is not None and gas is not None and units.dimension(mass.unit) == "mass":
            yield mass.unit, gas


def _gas(text: str, known: frozenset[str]) -> str | None:
    return _spelled().get(text.casefold()) or (gases.find(text, known) if known and text else None)


@cache
def _spelled() -> dict[str, str]:
    return {
        units.normal(spelling).casefold(): gas
        for gas, spellings in units.gas_spellings().items()
        for spelling in spellings
    }


def _quantity(
    text: str | None, words: Mapping[str, str]
) -> tuple[str | None, str | None, int | None, str | None, str | None] | None:
    """Return unit, basis, price year, kind of prices and VAT of what stands below the stroke."""
    if text is None or text.casefold() == _BARE:
        return None, None, None, None, None
    name, year, prices, vat = _of_spend(text)
    own = words.get(name) or words.get(name.casefold())
    found = units.Spelling(units.unit(own).code) if own else units.find(name)
    if found is None:
        return None
    is_spend = units.unit(found.unit).kind == "money"
    if not is_spend and (year or prices or vat):
        return None
    return found.unit, found.basis, year, prices, vat


def _of_spend(text: str) -> tuple[str, int | None, str | None, str | None]:
    """Take price year, kind of prices and VAT off: `2022 USD, purchaser price`, `kEUR HT`."""
    name, _, addition = text.partition(",")
    prices = _PRICES.get(addition.strip().casefold())
    if addition and prices is None:
        name = text
    year = _YEAR.fullmatch(name.strip())
    name = year["money"] if year else name.strip()
    first, _, last = name.rpartition(" ")
    vat = _VAT.get(last) if first else None
    return (first if vat else name), int(year["year"]) if year else None, prices, vat
