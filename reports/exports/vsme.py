"""VSME B3, C3, B6, B7 (EFRAG): a table of concepts, each value with the named range of the digital template.

Names: EFRAG taxonomy `vsme` 2026-05-01 and template 1.3.0. The units of waste are those of EFRAG's converter;
the names of the members of totals, of the target years and of water were read in a public check of the
template, not in the taxonomy itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import ClassVar, Final

from bilanz.activity import Activity
from bilanz.messages import Language, translate
from bilanz.result import Result
from reports import figures, inventory
from reports.base import Wording
from reports.export import Export
from reports.figures import Amount
from reports.inventory import BOOKS, LOCATION, MARKET
from reports.spreadsheet import Exact, Spreadsheet, Value, Year, spreadsheet
from reports.statements import statements
from reports.totals import COUNTED, scope_of, total_of

PREFIX: Final = "vsme:"
RENEWABLE: Final = "RenewableEnergyMember"
NON_RENEWABLE: Final = "NonRenewableEnergyMember"
ALL_ENERGY: Final = "TotalRenewableAndNonRenewableEnergyMember"
STATED: Final = "CurrentlyStatedMember"
BASELINE: Final = "BaselineYearMember"
TARGET: Final = "TargetYearMember"

_INTENSITY_DIGITS: Final = Decimal(1).scaleb(-18)
_PER_THOUSAND: Final = Decimal(1000)
_METHODS: Final = (("LocationBased", LOCATION), ("MarketBased", MARKET))

NOT_SPLIT: Final = "Whether it is renewable is not told apart in the data."
NO_LINE: Final = "no line in the data"
INCOMPLETE: Final = "a part has no figure; no sum is told"
NOT_IN_BALANCE: Final = "not in the balance"


@dataclass(frozen=True, slots=True)
class Fact:
    """One row: concept, member, value and unit, where the value comes from, and what is to be said."""

    block: str
    concept: str
    member: str
    value: Decimal | None
    unit: str
    source: str
    note: str = ""
    is_year: bool = False
    missing: int = 0  # quantities without a figure, as the note counts them

    @property
    def name(self) -> str:
        """Return the named range of the template."""
        return f"{self.concept}_{self.member}" if self.member else self.concept


class Vsme(Export):
    """What a balance can say of VSME; what it cannot is a row without a value, and a note."""

    name: ClassVar[str] = "vsme"
    suffix: ClassVar[str] = ".xlsx"

    def title(self, language: Language) -> str:
        """Return what the form is."""
        return translate("VSME B3, C3, B6, B7 with the names of EFRAG's template (XLSX)", language)

    def write(self, result: Result, wording: Wording, path: Path) -> None:
        """Write the table and the statements that belong to it.

        Raises:
            Refused: the result lacks a book of the GHG Protocol.
        """
        inventory.refuse_without(result)
        title = translate("VSME {year}", wording.language, year=result.manifest.year)
        with spreadsheet(path, title, wording.language) as book:
            _table(book, list(facts(result, wording)))
            _statements(book, title, result, wording)


def _table(book: Spreadsheet, rows: list[Fact]) -> None:
    """Write one row per fact; its value carries the name of the template."""
    language = book.language
    sheet = book.sheet("VSME", (8, 66, 46, 18, 12, 44, 70, 28))
    heads = ("Block", "Concept", "Member", "Value", "Unit", "Source", "Note", "Value, exact")
    sheet.heads([translate(name, language) for name in heads], is_frozen=True)
    for fact in rows:
        book.name(fact.name, sheet, sheet.row, 3)
        note = translate(fact.note, language, count=fact.missing) if fact.note else ""
        source = translate(fact.source, language)
        value: Value = Year(int(fact.value)) if fact.value is not None and fact.is_year else fact.value
        told = (fact.block, PREFIX + fact.concept, fact.member, value, fact.unit, source, note)
        sheet.cells([*told, Exact(fact.value)], style="long")


def _statements(book: Spreadsheet, title: str, result: Result, wording: Wording) -> None:
    """Write what has to be read with the figures."""
    language = book.language
    sheet = book.sheet(translate("Cover", language), (34, 110))
    sheet.title(title)
    sheet.blank()
    heat = (
        "Energy in MWh by net calorific value, vehicles included. District heat and cooling are in the total "
        "and in none of the three rows of electricity and fuels. Emissions are gross: nothing is deducted."
    )
    sheet.pair(translate("Energy", language), translate(heat, language))
    for label, text in statements(result, wording, BOOKS):
        sheet.pair(label, text)


def facts(result: Result, wording: Wording) -> Iterator[Fact]:
    """Yield every row in the order of the template."""
    yield from _energy(result)
    yield from _emissions(result, "B3", "", STATED)
    yield from _intensities(result, wording)
    yield from _targets(result, wording)
    yield from _water_and_waste(result)


def _of(amount: Amount) -> tuple[Decimal | None, str]:
    """Return the value of an amount, and why there is none."""
    note = NO_LINE if amount.is_absent else INCOMPLETE if amount.is_incomplete else ""
    return amount.value, note


def _energy(result: Result) -> Iterator[Fact]:
    source = "own consumption"
    value, note = _of(figures.energy_mwh(result))
    yield Fact("B3", "TotalEnergyConsumption", "", value, "MWh", source, note)
    electricity = "EnergyConsumptionFromElectricity"
    for member in (RENEWABLE, NON_RENEWABLE):
        yield Fact("B3", electricity, member, None, "MWh", source, NOT_SPLIT)
    value, note = _of(figures.energy_mwh(result, figures.is_electricity))
    yield Fact("B3", electricity, ALL_ENERGY, value, "MWh", source, note)
    generated = "What was generated and used on site is not metered as such in the balance."
    for member in (RENEWABLE, NON_RENEWABLE, ALL_ENERGY):
        yield Fact(
            "B3",
            f"{electricity.removesuffix('Electricity')}SelfGeneratedElectricity",
            member,
            None,
            "MWh",
            source,
            generated,
        )
    yield from _fuels(result, source)


def _fuels(result: Result, source: str) -> Iterator[Fact]:
    """Yield the fuels; with a blend of biofuel among them, renewable and other are not told apart."""
    concept = "EnergyConsumptionFromFuels"
    has_blends = not figures.energy_mwh(result, figures.is_mixed).is_absent
    for member, is_renewable in ((RENEWABLE, True), (NON_RENEWABLE, False)):
        amount = figures.energy_mwh(result, _renewable_fuel if is_renewable else _other_fuel)
        value, note = (None, NOT_SPLIT) if has_blends else _of(amount)
        yield Fact("B3", concept, member, value, "MWh", source, note)
    value, note = _of(figures.energy_mwh(result, figures.is_fuel))
    yield Fact("B3", concept, ALL_ENERGY, value, "MWh", source, note)


def _renewable_fuel(entry: Activity) -> bool:
    return figures.is_fuel(entry) and figures.is_renewable(entry)


def _other_fuel(entry: Activity) -> bool:
    return figures.is_fuel(entry) and not figures.is_renewable(entry)


def _emissions(result: Result | None, block: str, member: str, with_scope_3: str) -> Iterator[Fact]:
    """Yield gross emissions in t of one year; None: of a year there is no balance of.

    `with_scope_3`: member of the figures that hold scope 3.
    """

    def fact(concept: str, code: str, scopes: tuple[str, ...]) -> Fact:
        kg = None if result is None else _mass(result, code, scopes)
        missing = 0 if result is None else inventory.open_quantities(result, code, scopes)
        value = None if kg is None else kg / _PER_THOUSAND
        note = inventory.INCOMPLETE if missing else NO_LINE if kg is None else ""
        member_ = with_scope_3 if "3" in scopes else member
        return Fact(block, concept, member_, value, "tCO2e", _SOURCES[code], note, missing=missing)

    yield fact("GrossScope1GreenhouseGasEmissions", LOCATION, ("1",))
    for method, code in _METHODS:
        yield fact(f"Gross{method}Scope2GreenhouseGasEmissions", code, ("2",))
    for method, code in _METHODS:
        yield fact(f"TotalGross{method}Scope1AndScope2GHGEmissions", code, _OWN)
    yield fact("GrossScope3GreenhouseGasEmissions", LOCATION, ("3",))
    for method, code in _METHODS:
        yield fact(f"TotalGross{method}GHGEmissions", code, COUNTED)


def _mass(result: Result, code: str, scopes: tuple[str, ...]) -> Decimal | None:
    """Return kg CO2e of one scope, of scopes 1 and 2, or of all three."""
    if scopes == COUNTED:
        return total_of(result.lines, code)
    return inventory.scopes_1_and_2(result, code) if scopes == _OWN else scope_of(result.lines, code, *scopes)


_OWN: Final = ("1", "2")
_SOURCES: Final = {LOCATION: "GHG Protocol, location-based", MARKET: "GHG Protocol, market-based"}


def _intensities(result: Result, wording: Wording) -> Iterator[Fact]:
    """Yield t CO2e per euro of turnover, where the turnover of the year is declared."""
    stated = wording.declared.get(f"turnover_eur.{result.manifest.year}")
    turnover = None if stated is None else Decimal(stated)
    note = "" if turnover else "The turnover of the year is not declared."
    yield Fact("B1", "Turnover", "", turnover, "EUR", "declared by the organisation", note)
    emissions = {fact.concept: fact for fact in _emissions(result, "B3", "", STATED)}
    for concept, total in (
        ("Scope1AndScope2GreenhouseGasEmissionsIntensityValue{}", "TotalGross{}Scope1AndScope2GHGEmissions"),
        ("Total{}GreenhouseGasEmissionsIntensityValue", "TotalGross{}GHGEmissions"),
    ):
        for method, code in _METHODS:
            whole = emissions[total.format(method)]
            value = None
            if turnover and whole.value is not None:
                value = (whole.value / turnover).quantize(_INTENSITY_DIGITS)
            told = (note or whole.note, False, whole.missing)
            yield Fact("B3", concept.format(method), "", value, "tCO2e/EUR", _SOURCES[code], *told)


def _targets(result: Result, wording: Wording) -> Iterator[Fact]:
    """Yield base and target year as declared, and the balance of the base year where there is one."""
    declared, source = wording.declared, "declared by the organisation"
    for concept, name in (
        ("GreenhouseGasEmissionReductionTargetBaseYear", "base_year"),
        ("GreenhouseGasEmissionReductionTargetYear", "target_year"),
    ):
        year = declared.get(name)
        value, note = (None, "not declared") if year is None else (Decimal(year), "")
        yield Fact("C3", concept, "", value, "", source, note, is_year=True)
    runs = {str(run.manifest.year): run for run in (result, *result.beside.earlier)}
    base = declared.get("base_year")
    for fact in _emissions(runs.get(base or ""), "C3", BASELINE, BASELINE):
        missing = "not declared" if base is None else "There is no balance of the base year."
        yield fact if base in runs else replace(fact, note=missing)
    for fact in _emissions(None, "C3", TARGET, TARGET):
        yield Fact("C3", fact.concept, TARGET, None, fact.unit, source, NOT_IN_BALANCE)


def _water_and_waste(result: Result) -> Iterator[Fact]:
    source = "own consumption"
    value, note = _of(figures.quantity(result, figures.WATER, "m3"))
    yield Fact("B6", "TotalAmountOfWaterWithdrawnFromAllSites", "", value, "m3", source, note)
    for concept in ("AmountOfWaterWithdrawnAtSitesLocatedInAreasOfHighWaterStress", "TotalWaterConsumption"):
        yield Fact("B6", concept, "", None, "m3", source, NOT_IN_BALANCE)
    for concept in ("TotalHazardousWasteGeneratedMass", "TotalNonHazardousWasteGeneratedMass"):
        yield Fact("B7", concept, "", None, "t", source, "Hazardous waste is not told apart in the data.")
    value, note = _of(figures.quantity(result, figures.WASTE, "t"))
    yield Fact("B7", "TotalWasteGeneratedMass", "", value, "t", source, note)
    yield Fact("B7", "TotalMassOfMaterialUsed", "", None, "t", source, NOT_IN_BALANCE)
