"""Numbers, dates, places and units as French publications write them.

What cannot be read for certain is returned as it stands, or as None: the row is refused, nothing is guessed.
"""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from bilanz.activity import folded

COMMA: Final = ","
POINT: Final = "."
_PLAIN: Final = r"-?(?:\d+|\d{1,3}(?:[ \u00a0\u202f]\d{3})+)"
_EXPONENT: Final = r"(?:E[+-]?\d{1,2})?"
_NUMBERS: Final = {
    COMMA: re.compile(rf"(?:{_PLAIN}(?:,\d+)?|-?\d{{1,3}}(?:\.\d{{3}})+,\d+){_EXPONENT}", re.IGNORECASE),
    POINT: re.compile(rf"(?:{_PLAIN}(?:\.\d+)?|-?\d{{1,3}}(?:,\d{{3}})+\.\d+){_EXPONENT}", re.IGNORECASE),
}
_POINTED: Final = re.compile(r"-?(?:0\.\d+|\d+\.(?!\d{3}(?!\d))\d+)", re.IGNORECASE)
_MOST_DECIMALS: Final = -18

_MONTHS: Final = ("jan", "fev", "mar", "avr", "mai", "juin", "juil", "aou", "sep", "oct", "nov", "dec")
_DAY: Final = re.compile(r"(\d{1,2}) (\d{1,2}) (\d{4})(?: \d{1,2} \d{2})?")
_NAMED_DAY: Final = re.compile(r"(\d{1,2}) ([a-z]+) (\d{4}|\d{2})")
_MONTH: Final = re.compile(r"([a-z]+) (\d{4}|\d{2})")
_YEAR: Final = re.compile(r"(annee )?(20\d\d)")
_CENTURY: Final = 2000

_REGIONS: Final = {
    "france continentale": "FR", "france": "FR", "monde": "World", "guadeloupe": "GP", "martinique": "MQ",
    "guyane": "GF", "la reunion": "RE", "reunion": "RE", "mayotte": "YT", "saint pierre et miquelon": "PM",
    "nouvelle caledonie": "NC", "polynesie francaise": "PF", "corse": "FR-20R", "allemagne": "DE",
    "autriche": "AT", "belgique": "BE", "espagne": "ES", "italie": "IT", "luxembourg": "LU", "pays bas": "NL",
    "portugal": "PT", "royaume uni": "GB", "suisse": "CH", "etats unis": "US",
}  # fmt: skip
_UNITS: Final = {
    "kwh": ("kWh", ""), "kwh pci": ("kWh", "Hi"), "kwh pcs": ("kWh", "Hs"), "mwh": ("MWh", ""),
    "mwh pci": ("MWh", "Hi"), "mwh pcs": ("MWh", "Hs"), "gj": ("GJ", ""), "gj pci": ("GJ", "Hi"),
    "gj pcs": ("GJ", "Hs"), "tj pci": ("TJ", "Hi"), "tj pcs": ("TJ", "Hs"), "litre": ("l", ""),
    "l": ("l", ""), "kg": ("kg", ""), "tonne": ("t", ""), "t": ("t", ""), "tonne de dechets": ("t", ""),
    "m3": ("m3", ""), "m2": ("m2", ""), "km": ("km", ""), "vehicule km": ("km", ""),
    "passager km": ("pkm", ""), "personne km": ("pkm", ""), "t km": ("tkm", ""), "tonne km": ("tkm", ""),
    "unite": ("count", ""), "appareil": ("count", ""), "keuro": ("kEUR", ""), "k euro": ("kEUR", ""),
    "euro": ("EUR", ""),
}  # fmt: skip
_PER: Final = re.compile(r"kg ?CO2e ?/ ?(.+)", re.IGNORECASE)


def decimal_mark(values: Iterable[str]) -> str:
    """Return the decimal mark of a column: a comma, or a point where no value has a comma and one shows it.

    `1.234` shows nothing: it could be a thousand. Under a decimal comma it is refused.
    """
    texts = list(values)
    is_pointed = any(_POINTED.fullmatch(text) for text in texts)
    return POINT if is_pointed and not any(COMMA in text for text in texts) else COMMA


def number(text: str, mark: str) -> str | None:
    """Return a number as a plain decimal with a point; None: it is none under this decimal mark."""
    if not _NUMBERS[mark].fullmatch(text):
        return None
    bare = re.sub(r"[ \u00a0\u202f]", "", text)
    other = POINT if mark == COMMA else COMMA
    value = Decimal(bare.replace(other, "").replace(mark, POINT))
    exponent = value.as_tuple().exponent
    is_long = isinstance(exponent, int) and exponent < _MOST_DECIMALS
    return format(value.quantize(Decimal(1).scaleb(_MOST_DECIMALS)) if is_long else value, "f")


def day(text: str) -> date | None:
    """Return a date such as 20/12/2021, or None."""
    found = _DAY.fullmatch(folded(text))
    return _date(int(found[3]), int(found[2]), int(found[1])) if found else None


def period(text: str) -> tuple[str | None, str | None]:
    """Return (from, to) of a validity as ISO dates, the end exclusive; a text that is none stands as the end.

    `déc-18` is until the end of December 2018, `Année 2022` that year, `2026` until its end, nothing open.
    """
    words = folded(text)
    if not words:
        return None, None
    if found := _YEAR.fullmatch(words):
        return (f"{found[2]}-01-01" if found[1] else None), f"{int(found[2]) + 1}-01-01"
    end = _end(words)
    return None, end.isoformat() if end else text


def region(place: str, part: str) -> str:
    """Return the code of a place, or the place as it stands; another country is named by the part."""
    name = part if folded(place).startswith("autre pays") else place
    return _REGIONS.get(folded(name), place)


def unit(text: str) -> tuple[str, str]:
    """Return (unit of the activity, calorific basis or nothing) of `kgCO2e/kWh PCI`; else the text."""
    found = _PER.fullmatch(text)
    spelt = found[1].replace("²", "2").replace("³", "3").replace("€", "euro") if found else ""
    return _UNITS.get(folded(spelt), (text, ""))


def _end(words: str) -> date | None:
    """Return the first day after a day or a month."""
    if found := _DAY.fullmatch(words):
        last = _date(int(found[3]), int(found[2]), int(found[1]))
        return last + timedelta(days=1) if last else None
    if (found := _NAMED_DAY.fullmatch(words)) and (month := _month(found[2])):
        last = _date(_full(found[3]), month, int(found[1]))
        return last + timedelta(days=1) if last else None
    if (found := _MONTH.fullmatch(words)) and (month := _month(found[1])):
        year = _full(found[2])
        return date(year + month // 12, month % 12 + 1, 1)
    return None


def _month(word: str) -> int | None:
    return next((at for at, start in enumerate(_MONTHS, 1) if word.startswith(start)), None)


def _full(year: str) -> int:
    return int(year) if len(year) > len("18") else _CENTURY + int(year)


def _date(year: int, month: int, day_of_month: int) -> date | None:
    try:
        return date(year, month, day_of_month)
    except ValueError:
        return None
