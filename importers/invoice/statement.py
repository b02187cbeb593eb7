"""The statement on CO2 that German suppliers put on bills for fuels and heat (CO2KostAufG § 3).

    CO2-Emissionen der Lieferung: 1.234 kg         kg of CO2
    Emissionsfaktor: 0,20088 kg CO2/kWh            of the calorific value Hi
    Energiegehalt: 6.143 kWh (Hi)                  of what was delivered

It stands in item properties (BT-160, BT-161), notes of a line or notes of the bill. What is found is kept
beside the record as it was stated; it is no input of a calculation. `1.234` may be two numbers: the other
numbers of the statement decide, or their product; else the number is left out, as is one of which the words
around do not say that it is the figure (a year, a rate, `12 34`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product
from typing import Final

TOLERANCE: Final = Decimal("0.02")

_LONGEST: Final = 4_000  # signs of a text that are looked at

_NUMBER: Final = (
    r"(?<![\w.,'])(?P<number>\d{1,3}(?: \d{3})+(?:[.,]\d+)?|\d+(?:[.,']\d+)*)(?!\d|[.,']\d|\s+\d)"
)
_CO2: Final = r"(?:CO2|Kohlen(?:stoff)?dioxid)"
_PER: Final = r"\s*(?:CO2\w*)?\s*(?:/|pro\b|je\b)\s*\w"
_RATE_BETWEEN: Final = rf"\d+(?:[.,]\d+)?\s*(?:EUR|€|ct|Cent){_PER}+(?:\s*CO2\w*)?"
_BETWEEN: Final = rf"(?:CO2|{_RATE_BETWEEN}|[^\d;])"
_GAP: Final = rf"{_BETWEEN}{{0,60}}?"
_END: Final = r"(?=\s*(?:$|[;|\n]|[.,](?:\s|$)|\(?H[iuso]\b))"
_MASS: Final = r"(?P<unit>kg|t)\b"
_ENERGY: Final = r"(?P<unit>kWh|MWh|GJ)\b"
_RATE: Final = r"(?P<unit>kg|g|t)\s*(?:CO2\w*)?\s*(?:/|pro|je)\s*(?P<per>kWh|MWh|GJ)\b"
_NAMES: Final = {
    "co2_stated_kg": rf"(?:{_CO2}[- ]?(?:Emission(?:en)?|Menge|emissions?)|Brennstoffemission(?:en)?)\b",
    "co2_factor_stated": r"(?:Emissionsfaktor|emission factor)\b",
    "energy_stated_kwh_hi": r"(?:Energiegehalt|Energieinhalt|energy content)\b",
    "co2_cost_stated": rf"{_CO2}[- ]?(?:Kosten|costs?)\b",
}
_UNITS: Final = {
    "co2_stated_kg": rf"{_MASS}(?!{_PER})",
    "co2_factor_stated": _RATE,
    "energy_stated_kwh_hi": _ENERGY,
    "co2_cost_stated": rf"(?P<unit>EUR|€)(?!{_PER})",
}
_MENTIONED: Final = {**_UNITS, "co2_cost_stated": r"(?P<unit>EUR|€)"}
_BEFORE_UNIT: Final = r"[^\d;:]{0,30}?"
_PATTERNS: Final = {
    name: (
        re.compile(rf"{words}{_GAP}{_NUMBER}\s*{_UNITS[name]}", re.IGNORECASE),
        re.compile(rf"{words}{_BEFORE_UNIT}{_UNITS[name]}{_BETWEEN}{{0,20}}?{_NUMBER}{_END}", re.IGNORECASE),
    )
    for name, words in _NAMES.items()
}
_MENTIONS: Final = {
    name: (
        re.compile(rf"{words}[^\d;]{{0,60}}?\d[\d.,' ]*{_MENTIONED[name]}", re.IGNORECASE),
        re.compile(rf"{words}{_BEFORE_UNIT}{_MENTIONED[name]}[^\d;]{{0,20}}\d", re.IGNORECASE),
    )
    for name, words in _NAMES.items()
}
"""The same with any figure: what cannot be read is about CO2 all the same."""

_RATIO: Final = re.compile(rf"(?:Umrechnung|Verhältnis)\w{{0,20}}{_GAP}{_NUMBER}", re.IGNORECASE)
_SHARES: Final = (Decimal("0.8"), Decimal(1))
PRODUCT: Final = ("co2_stated_kg", "co2_factor_stated", "energy_stated_kwh_hi")
"""Mass = factor × energy."""

_BOTH: Final = (re.compile(r"\b(?:Hs|Ho|Brennwert\w*)\b"), re.compile(r"\b(?:Hi|Hu|Heizwert\w*)\b"))
_LOW, _HIGH = Decimal("0.5"), Decimal("1.5")  # of the billed energy; readings differ by a factor of 1000
_ANY: Final = "any"
_TO_KG: Final = {"kg": Decimal(1), "g": Decimal("0.001"), "t": Decimal(1000)}
_TO_KWH: Final = {"kwh": Decimal(1), "mwh": Decimal(1000), "gj": Decimal(1000) / Decimal("3.6")}
_GERMAN: Final = re.compile(r"(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?")
_ENGLISH: Final = re.compile(r"(?:\d{1,3}(?:[,']\d{3})+|\d+)(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Statement:
    """What a bill states about the CO2 of a supply.

    Attributes:
        values: attribute name → number (kg; kg/kWh; kWh; the currency of the bill).
        lines: numbers of the lines a statement of the whole bill covers, where it covers several.
    """

    values: Mapping[str, Decimal] = field(default_factory=dict)
    lines: tuple[str, ...] = ()

    def attributes(self) -> dict[str, object]:
        """Return the entries of a record's attributes."""
        found: dict[str, object] = {name: f"{value.normalize():f}" for name, value in self.values.items()}
        return {**found, "co2_statement_lines": list(self.lines)}


def is_statement(text: str) -> bool:
    """Tell whether a text is part of such a statement: it says nothing about the line it stands in."""
    plain = _plain(text)
    return any(any(True for _ in _found(plain, of)) for of in (_PATTERNS, _MENTIONS)) or _converts(plain)


def _plain(text: str) -> str:
    return (
        text[:_LONGEST].replace("₂", "2").replace("\u00a0", " ").replace("\u202f", " ").replace("\u2009", " ")
    )


def _found(
    text: str, of: Mapping[str, tuple[re.Pattern[str], ...]] = _PATTERNS
) -> Iterator[tuple[str, re.Match[str]]]:
    """Yield (attribute, match) of what a text states, each once."""
    for name, patterns in of.items():
        match = next((hit for pattern in patterns if (hit := pattern.search(text))), None)
        if match is not None and not (name == "energy_stated_kwh_hi" and _is_gross(text, match)):
            yield name, match


def _is_gross(text: str, match: re.Match[str]) -> bool:
    """Tell whether an energy content is said to be gross: the words until the next figure decide."""
    gross, net = (pattern.search(text[match.start() : match.end() + 12]) for pattern in _BOTH)
    return gross is not None and net is None


def read(texts: Sequence[str], billed: Decimal | None = None) -> Statement | None:
    """Return what texts state; numbers that can be read in two ways are decided together or left out.

    Args:
        texts: of a line or a bill.
        billed: billed energy in kWh, whose size decides that of the energy content; None: not known.
    """
    matches: dict[str, re.Match[str]] = {}
    for text in texts:
        for name, match in _found(_plain(text)):
            matches.setdefault(name, match)
    if not matches:
        return None
    values = _settled(
        {
            name: {style: _scaled(number, match) for style, number in _readings(match["number"]).items()}
            for name, match in matches.items()
        },
        {name: match["number"] for name, match in matches.items()},
        billed,
    )
    return Statement({name: next(iter(numbers)) for name, numbers in values.items() if len(numbers) == 1})


def _settled(
    readings: dict[str, dict[str, Decimal]], texts: Mapping[str, str], billed: Decimal | None
) -> dict[str, set[Decimal]]:
    """Return the readings left of each number: by size, by the style of the others, by the product."""
    energy = readings.get(PRODUCT[2], {})
    if billed and len(energy) > 1:
        near = {style: number for style, number in energy.items() if _LOW * billed < number < _HIGH * billed}
        readings |= {PRODUCT[2]: near} if len(near) == 1 else {}
    styles = {style for options in readings.values() if len(options) == 1 for style in options} - {_ANY}
    style = styles.pop() if len(styles) == 1 else None
    # a decimal point may be that of a machine: beside it "1.234 kg" is still two numbers
    fixed = {name for name in texts if style == "de" or (style == "en" and "." not in texts[name])}
    values = {
        name: {options[style]} if style in options and name in fixed else set(options.values())
        for name, options in readings.items()
    }
    return _consistent(values)


def _readings(text: str) -> dict[str, Decimal]:
    """Return the number a text stands for in German and in English; blanks group digits in both."""
    text = text.replace(" ", "")
    read: dict[str, Decimal] = {}
    if _GERMAN.fullmatch(text):
        read["de"] = Decimal(text.replace(".", "").replace(",", "."))
    if _ENGLISH.fullmatch(text):
        read["en"] = Decimal(text.replace(",", "").replace("'", ""))
    if len(set(read.values())) == 1 and len(read) > 1:
        return {_ANY: next(iter(read.values()))}
    return read


def _scaled(number: Decimal, match: re.Match[str]) -> Decimal:
    unit = match["unit"].casefold()
    if "per" in match.re.groupindex:
        return number * _TO_KG[unit] / _TO_KWH[match["per"].casefold()]
    return number * _TO_KG.get(unit, _TO_KWH.get(unit, Decimal(1)))


def _consistent(values: dict[str, set[Decimal]]) -> dict[str, set[Decimal]]:
    """Keep the only readings whose product holds, where there is exactly one such combination."""
    if not set(PRODUCT) <= set(values):
        return values
    holding = [
        combination
        for combination in product(*(values[name] for name in PRODUCT))
        if not differs(combination[0], combination[1] * combination[2])
    ]
    if len(holding) != 1:
        return values
    return values | {name: {number} for name, number in zip(PRODUCT, holding[0], strict=True)}


def differs(stated: Decimal, expected: Decimal) -> bool:
    """Tell whether two figures are further apart than rounding explains."""
    return abs(stated - expected) > TOLERANCE * max(abs(stated), abs(expected))


def _converts(text: str) -> bool:
    """Tell whether a text is about converting Hs to Hi: it names both, and neither for the quantity."""
    return _RATIO.search(text) is not None and all(pattern.search(text) for pattern in _BOTH)


def net_share(texts: Sequence[str]) -> Decimal | None:
    """Return Hi/Hs where a text states how the two are converted (0.9024 or 1.108); None: none does."""
    for text in map(_plain, texts):
        match = _RATIO.search(text)
        if match is None or not _converts(text):
            continue
        numbers = {
            1 / number if number > 1 else number for number in _readings(match["number"]).values() if number
        }
        fitting = [number for number in numbers if _SHARES[0] < number < _SHARES[1]]
        if len(fitting) == 1:
            return fitting[0]
    return None
