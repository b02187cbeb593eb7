"""A municipal energy report by building and plant, in the style of KlimaG BW § 18; no official form."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import ClassVar, Final

from bilanz.messages import Language, translate
from bilanz.result import Result
from reports import names, numbers
from reports.base import Wording
from reports.export import Export
from reports.facilities import CATEGORIES, Facility, carrier_name, carriers, facilities, left_out, whole
from reports.spreadsheet import Share, Sheet, Spreadsheet, Value, spreadsheet
from reports.statements import hashes, organisation_names, period
from reports.totals import organisation_name, ratio

KINDS: Final = {
    "non_residential": "Non-residential building",
    "care_home": "Care home",
    "sports_ground": "Sports ground",
    "pool": "Swimming pool",
    "street_lighting": "Street lighting",
    "water_supply": "Public water supply",
    "sewage_plant": "Sewage plant",
    "residential": "Residential building",
    "other": "Other",
}
AREAS: Final = {
    "gross_floor": "gross floor area",
    "net_floor": "net floor area",
    "heated_gross_floor": "heated gross floor area",
    "energy_reference": "energy reference area",
    "water_surface": "water surface",
    "ground": "ground",
}
FACTS: Final = {
    "site": "The site is not registered.",
    "kind": "kind of the site",
    "floor_area_m2": "area",
    "area_kind": "kind of the area",
    "population_equivalent": "population equivalents",
    "light_points": "light points",
    "burn_hours": "hours of burning",
}
_FACT_HEADS: Final = (
    "Category",
    "Area (m²)",
    "Kind of area",
    "Population equivalents",
    "Light points",
    "Hours of burning a year",
)
_FACT_WIDTHS: Final = (24, 12, 24, 14, 12, 14)


class EnergyReport(Export):
    """Each site with its size and its final energy by carrier; what is not stated is listed as missing."""

    name: ClassVar[str] = "energy_report"
    suffix: ClassVar[str] = ".xlsx"

    def title(self, language: Language) -> str:
        """Return what the form is."""
        return translate("Municipal energy report by building and plant (XLSX)", language)

    def write(self, result: Result, wording: Wording, path: Path) -> None:
        """Write the sheets."""
        found = facilities(result)
        title = translate("Energy report {year}", wording.language, year=result.manifest.year)
        with spreadsheet(path, title, wording.language) as book:
            _cover(book, title, result, found)
            _sites(book, result, found)
            _categories(book, found)
            _ratios(book, result)


def _cover(book: Spreadsheet, title: str, result: Result, found: Sequence[Facility]) -> None:
    """Write what has to be read with the figures, and the shares that are covered."""
    language = book.language
    sheet = book.sheet(translate("Cover", language), (34, 110))
    sheet.title(title)
    sheet.blank()
    missing = numbers.missing(language)
    sheet.pair(translate("Organisation", language), organisation_names(result) or missing)
    sheet.pair(translate("Period", language), period(result, language))
    sheet.pair(translate("Inhabitants", language), _inhabitants(result) or missing)
    basis = (
        "Final energy in kWh as consumed, not corrected for the weather. Fuels by net calorific value (Hi); "
        "gross energy of bills was brought to net by the ratios of the last sheet. An empty cell of a "
        "carrier the site uses means that a part of it has no figure; nothing was filled in."
    )
    sheet.pair(translate("Energy", language), translate(basis, language))
    kwh = left_out(result)
    energy = translate("unknown", language) if kwh is None else numbers.megawatt_hours(kwh, language)
    vehicles = translate("Energy of vehicles is not in the report: {energy}.", language, energy=energy)
    sheet.pair(translate("Vehicles", language), vehicles)
    for text in covered(found, language):
        sheet.pair(translate("Coverage", language), text)
    for label, text in hashes(result, language):
        sheet.pair(label, text)


def _inhabitants(result: Result) -> str:
    """Return the inhabitants of the organisations that state them."""
    figures = result.beside.figures
    if figures is None:
        return ""
    within = set(result.organisations["organisation"])
    stated = [
        f"{row['name']}: {row['population']}"
        for row in figures.iter_rows(named=True)
        if row["year"] == result.manifest.year and row["population"] is not None
        if row["organisation"] in within
    ]
    return "; ".join(stated)


def covered(found: Sequence[Facility], language: Language) -> list[str]:
    """Return how many sites have energy, and how much energy has a site of a category where all is known."""
    asked = [facility for facility in found if facility.kind in CATEGORIES]
    having = [facility for facility in asked if facility.carriers]
    placed = whole([facility.total for facility in asked])
    energy = whole([facility.total for facility in found])
    return [
        translate(
            "{part} of {whole} registered sites of a category of the report have energy ({share}).",
            language,
            part=len(having),
            whole=len(asked),
            share=numbers.share(ratio(len(having), len(asked)), language),
        ),
        translate(
            "{share} of the energy belongs to a registered site of a category.",
            language,
            share=numbers.share(ratio(placed, energy), language),
        ),
        translate(
            "KlimaG BW § 18 is content with 80 % of the main consumers (as KEA-BW describes it). The shares "
            "are shown; which sites are main consumers, and whether they suffice, is for the municipality to "
            "say.",
            language,
        ),
    ]


def _sites(book: Spreadsheet, result: Result, found: Sequence[Facility]) -> None:
    """Write one row per site with its carriers side by side."""
    language, used = book.language, carriers(list(found))
    widths = (36, 34, *_FACT_WIDTHS, *[16] * len(used), 16, 10, 60)
    sheet = book.sheet(translate("Sites", language), widths)
    heads = [translate(name, language) for name in ("Organisation", "Site", *_FACT_HEADS)]
    heads += [f"{carrier_name(carrier, language)} (kWh)" for carrier in used]
    heads += [translate(name, language) for name in ("Total (kWh)", "Months with data", "Missing")]
    sheet.heads(heads, is_frozen=True)
    name = organisation_name(result, language)
    for facility in found:
        place = facility.place or translate("no site stated", language)
        energies = [facility.carriers.get(carrier) for carrier in used]
        row: list[Value] = [name(facility.organisation), place, *_facts(facility, language), *energies]
        total = facility.total if facility.carriers else None
        sheet.cells([*row, total, len(facility.months), _missing(facility, language)])


def _facts(facility: Facility, language: Language) -> list[Value]:
    """Return what is stated of a site; what is not stays empty."""
    told = facility.facts
    kind, area = facility.kind, told.get("area_kind")
    return [
        translate(KINDS[kind], language) if kind else None,
        told.get("floor_area_m2"),
        translate(AREAS[area], language) if area else None,
        told.get("population_equivalent"),
        told.get("light_points"),
        told.get("burn_hours"),
    ]


def _missing(facility: Facility, language: Language) -> str:
    """Return in words what is not stated, and which carriers have no figure."""
    told = [translate(FACTS[name], language) for name in facility.missing]
    if not facility.carriers:
        told.append(translate("no energy in the data", language))
    told += [
        translate("energy of {carrier}", language, carrier=carrier_name(carrier, language))
        for carrier, kwh in facility.carriers.items()
        if kwh is None
    ]
    return "; ".join(told)


def _categories(book: Spreadsheet, found: Sequence[Facility]) -> None:
    """Write the sum of each category, and how many of its sites have energy."""
    language, used = book.language, carriers(list(found))
    sheet = book.sheet(translate("Categories", language), (36, 12, 14, 14, *[16] * len(used)))
    heads = [translate(name, language) for name in ("Category", "Number of sites", "With energy", "Share")]
    sheet.heads([*heads, *(f"{carrier_name(carrier, language)} (kWh)" for carrier in used)], is_frozen=True)
    for kind in (*CATEGORIES, "residential", "other", None):
        members = [facility for facility in found if facility.kind == kind]
        if members or kind in CATEGORIES:
            label = translate(KINDS[kind] if kind else "not stated", language)
            _category(sheet, label, members, used)


def _category(sheet: Sheet, label: str, members: list[Facility], used: list[str]) -> None:
    """Write one category; a carrier one of its sites has no figure of has no sum."""
    having = [facility for facility in members if facility.carriers]
    sums: list[Value] = []
    for carrier in used:
        values = [facility.carriers[carrier] for facility in members if carrier in facility.carriers]
        known = [value for value in values if value is not None]
        sums.append(sum(known, Decimal(0)) if values and len(known) == len(values) else None)
    share = Share(ratio(len(having), len(members)))
    sheet.cells([label, len(members), len(having), share, *sums])


def _ratios(book: Spreadsheet, result: Result) -> None:
    """Write the ratios gross energy was brought to net by, with their sources."""
    language = book.language
    sheet = book.sheet(translate("Calorific values", language), (30, 24, 100))
    heads = ("Activity", "kWh (Hi) per kWh (Hs)", "Source")
    sheet.heads([translate(name, language) for name in heads], is_frozen=True)
    table = result.beside.net_ratios
    for code, value, source in [] if table is None else table.iter_rows():
        sheet.cells([names.activity_name(code, language), value, source], style="long")
