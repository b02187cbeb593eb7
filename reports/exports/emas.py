"""EMAS core indicators: A (input or output), B (reference value), R = A/B, over the years there are.

Source: Regulation (EC) No 1221/2009, Annex IV as amended by (EU) 2018/2026; the list of fields was not read
in the regulation itself. What the balance does not hold is a row without a value: it is asked for, too.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import ClassVar, Final

import polars as pl

from bilanz.messages import Language, translate
from bilanz.result import Result
from reports import figures, inventory
from reports.base import Wording
from reports.export import Export
from reports.figures import Amount, added
from reports.inventory import BOOKS, LOCATION, MARKET, runs_of
from reports.sizes import AREA, STAFF, Size, size_of
from reports.spreadsheet import Exact, Spreadsheet, Value, Year, spreadsheet
from reports.statements import statements
from reports.totals import organisation_name, scope_of

YEARS_ASKED: Final = 3
_PER_THOUSAND: Final = Decimal(1000)
_RATIO_DIGITS: Final = Decimal(1).scaleb(-12)
_NOT_IN_BALANCE: Final = "not in the balance"
_NOT_SPLIT: Final = "Whether it is renewable is not told apart in the data."
_ABSENT: Final = Amount(None, 0)


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator: what it is, its unit, and how its A is taken from a run; None: no balance holds it."""

    aspect: str
    name: str
    unit: str
    amount: Callable[[Result], Amount] | None = None
    note: str = _NOT_IN_BALANCE


def _emission(book: str, scope: str, run: Result) -> Amount:
    kg = scope_of(run.lines, book, scope)
    return _ABSENT if kg is None else Amount(kg / _PER_THOUSAND)


def _of_gas(gas: str, run: Result) -> Amount:
    found = inventory.by_gas(run, LOCATION, "1").get(gas)
    if found is None:
        return _ABSENT
    _, kg = found
    return Amount(None if kg is None else kg / _PER_THOUSAND)


def _generated(run: Result) -> Amount:
    """Return the MWh generated on site."""
    rows = run.usage.filter(pl.col("role") == "generated", pl.col("quantity").is_not_null())
    return added([None if kwh is None else kwh / _PER_THOUSAND for kwh in rows["energy_kwh"]])


def _quantity(codes: tuple[str, ...], unit: str, run: Result) -> Amount:
    return figures.quantity(run, codes, unit)


CORE: Final = (
    Indicator("Energy", "Total direct energy consumption", "MWh", figures.energy_mwh),
    Indicator("Energy", "Renewable energy consumption", "MWh", note=_NOT_SPLIT),
    Indicator("Energy", "Energy generated on site (renewable or not)", "MWh", _generated),
    Indicator("Material", "Paper", "t", partial(_quantity, figures.PAPER, "t")),
    Indicator("Material", "Other key materials", "t"),
    Indicator("Water", "Total water use", "m³", partial(_quantity, figures.WATER, "m3")),
    Indicator("Waste", "Total waste", "t", partial(_quantity, figures.WASTE, "t")),
    Indicator("Waste", "Hazardous waste", "t", note="Hazardous waste is not told apart in the data."),
    Indicator("Land", "Total use of land", "m²"),
    Indicator("Land", "Sealed area", "m²"),
    Indicator("Land", "Nature-oriented area on site", "m²"),
    Indicator("Land", "Nature-oriented area off site", "m²"),
    Indicator("Emissions", "Greenhouse gases, direct (scope 1)", "t CO₂e", partial(_emission, LOCATION, "1")),
    *(Indicator("Emissions", name, "t CO₂e", partial(_of_gas, gas)) for gas, name in inventory.GASES.items()),
    Indicator("Emissions", "Scope 2, location-based", "t CO₂e", partial(_emission, LOCATION, "2")),
    Indicator("Emissions", "Scope 2, market-based", "t CO₂e", partial(_emission, MARKET, "2")),
    Indicator("Emissions", "SO₂", "kg"),
    Indicator("Emissions", "NOₓ", "kg"),
    Indicator("Emissions", "Particulate matter", "kg"),
)
"""What is laid before the verifier."""

FURTHER: Final = (
    Indicator(
        "Emissions", "Scope 3 (with the location-based book)", "t CO₂e", partial(_emission, LOCATION, "3")
    ),
    Indicator("Emissions", "Scope 3 (with the market-based book)", "t CO₂e", partial(_emission, MARKET, "3")),
    Indicator(
        "Emissions",
        "Outside the scopes (biogenic CO₂, CFC, HCFC)",
        "t CO₂e",
        partial(_emission, LOCATION, "outside"),
    ),
)
"""What is told beside it and not for validation."""

_HEADS: Final = (
    "Aspect",
    "Name of the indicator",
    "Unit",
    "Year",
    "A",
    "B: staff (FTE)",
    "R = A/B (per FTE)",
    "B: floor area (m²)",
    "R = A/B (per m²)",
    "Validated",
    "Note",
    "A, exact",
)
_WIDTHS: Final = (14, 44, 10, 8, 16, 14, 16, 16, 16, 12, 70, 28)


class Emas(Export):
    """Core indicators of every year there is a balance of; content for validation apart from the rest."""

    name: ClassVar[str] = "emas"
    suffix: ClassVar[str] = ".xlsx"

    def title(self, language: Language) -> str:
        """Return what the form is."""
        return translate("EMAS core indicators (XLSX)", language)

    def write(self, result: Result, wording: Wording, path: Path) -> None:
        """Write the sheets.

        Raises:
            Refused: the result lacks a book of the GHG Protocol.
        """
        inventory.refuse_without(result)
        title = translate("EMAS core indicators {year}", wording.language, year=result.manifest.year)
        with spreadsheet(path, title, wording.language) as book:
            _cover(book, title, result, wording)
            _table(book, translate("For validation", wording.language), CORE, result)
            _table(book, translate("Not for validation", wording.language), FURTHER, result)


def _cover(book: Spreadsheet, title: str, result: Result, wording: Wording) -> None:
    """Write what has to be read with the figures."""
    language = book.language
    sheet = book.sheet(translate("Cover", language), (34, 110))
    sheet.title(title)
    sheet.blank()
    runs = runs_of(result)
    years = [run.manifest.year for run in runs]
    told = translate("The years {years}.", language, years=", ".join(map(str, years)))
    if len(years) < YEARS_ASKED:
        missing = "Three years are asked for; of the others there is no balance beside this one."
        told = f"{told} {translate(missing, language)}"
    sheet.pair(translate("Years", language), told)
    meaning = (
        "A is the yearly input or output, B the size of the organisations with data, R their quotient. R is "
        "never added or averaged. The column for validation is left to the environmental verifier; figures "
        "that are not for validation stand on a sheet of their own."
    )
    sheet.pair(translate("Indicators", language), translate(meaning, language))
    for label, text in statements(result, wording, BOOKS):
        sheet.pair(label, text)
    for run in runs[:-1]:
        label = translate("Hash of the result {year}", language, year=run.manifest.year)
        sheet.pair(label, run.manifest.result_hash)


def _table(book: Spreadsheet, name: str, indicators: tuple[Indicator, ...], result: Result) -> None:
    """Write each indicator, a row per year."""
    language = book.language
    sheet = book.sheet(name, _WIDTHS)
    sheet.heads([translate(head, language) for head in _HEADS], is_frozen=True)
    runs = [(run, size_of(result, run, STAFF), size_of(result, run, AREA)) for run in runs_of(result)]
    for indicator in indicators:
        for run, staff, area in runs:
            sheet.cells(list(_row(indicator, run, staff, area, language)), style="long")


def _row(indicator: Indicator, run: Result, staff: Size, area: Size, language: Language) -> Iterator[Value]:
    """Yield the cells of an indicator in a year."""
    amount = _ABSENT if indicator.amount is None else indicator.amount(run)
    yield translate(indicator.aspect, language)
    yield translate(indicator.name, language)
    yield indicator.unit
    yield Year(run.manifest.year)
    yield amount.value
    for size in (staff, area):
        yield size.value
        yield _quotient(amount.value, size.value)
    yield None
    yield "; ".join(_notes(indicator, amount, run, staff, area, language))
    yield Exact(amount.value)


def _quotient(amount: Decimal | None, size: Decimal | None) -> Decimal | None:
    return (amount / size).quantize(_RATIO_DIGITS) if amount is not None and size else None


def _notes(
    indicator: Indicator, amount: Amount, run: Result, staff: Size, area: Size, language: Language
) -> Iterator[str]:
    """Yield why there is no A, or no B."""
    if indicator.amount is None:
        yield translate(indicator.note, language)
    elif amount.is_absent:
        yield translate("no line in the data", language)
    elif amount.is_incomplete:
        yield translate("a part has no figure; no sum is told", language)
    name = organisation_name(run, language)
    for label, size in (("staff", staff), ("floor area", area)) if amount.value is not None else ():
        if size.missing:
            units = ", ".join(map(name, size.missing))
            message = "{size} is not stated by: {units}"
            yield translate(message, language, size=translate(label, language), units=units)
        elif size.nested:
            units = ", ".join(map(name, size.nested))
            message = "{size}: below another organisation with data, nobody says what holds what: {units}"
            yield translate(message, language, size=translate(label, language), units=units)
