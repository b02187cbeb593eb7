"""A corporate inventory by the GHG Protocol: required disclosures, scopes, gases, factors, exclusions."""

from collections.abc import Collection, Iterator
from decimal import Decimal
from pathlib import Path
from typing import ClassVar, Final

import polars as pl

from bilanz.messages import Language, translate
from bilanz.result import Result
from reports import coverage, inventory, names
from reports.base import Wording
from reports.export import Export
from reports.inventory import BOOKS, LOCATION, MARKET
from reports.reasons import reason
from reports.spreadsheet import Exact, Sheet, Spreadsheet, Value, Year, spreadsheet
from reports.statements import organisation_list, statements
from reports.totals import COUNTED, scope_of, total_of

_PER_TONNE: Final = Decimal(1000)

DISCLOSURES: Final = {
    "Consolidation approach": (
        "Operational control: what an organisation has under its control counts in scopes 1 and 2; what it "
        "rents from others without control counts in category 3.8, what it lets to others in 3.13."
    ),
    "Operational boundary": (
        "Scope 1: direct emissions. Scope 2: electricity, heat and cooling purchased, by location and by "
        "market. Scope 3: the categories for which there are data; the others are not assessed."
    ),
    "Offsets": (
        "No offset, credit or avoided emission is deducted from any figure. What is fed in, sold or "
        "generated is memo and in no total."
    ),
    "Biogenic CO₂": (
        "CO₂ of biomass stands outside the scopes; CH₄ and N₂O of its combustion are in them. Gases of the "
        "Montreal Protocol (CFC, HCFC) stand outside the scopes, too."
    ),
}

APPROACHES: Final = {"financial_control": "financial control", "equity_share": "equity share"}

_NO_LINE: Final = "no line in the data"
_GASES: Final = (
    ("Scope 1", LOCATION, "1"),
    ("Scope 2, location-based", LOCATION, "2"),
    ("Scope 2, market-based", MARKET, "2"),
    ("Scope 3 (with the location-based book)", LOCATION, "3"),
    ("Scope 3 (with the market-based book)", MARKET, "3"),
)


class GhgInventory(Export):
    """Both methods of scope 2 side by side, every category of scope 3, and what is not there said."""

    name: ClassVar[str] = "ghg_inventory"
    suffix: ClassVar[str] = ".xlsx"

    def title(self, language: Language) -> str:
        """Return what the form is."""
        return translate("Corporate inventory by the GHG Protocol (XLSX)", language)

    def write(self, result: Result, wording: Wording, path: Path) -> None:
        """Write the sheets.

        Raises:
            Refused: the result lacks a book of the GHG Protocol.
        """
        inventory.refuse_without(result)
        title = translate("Greenhouse gas inventory {year}", wording.language, year=result.manifest.year)
        with spreadsheet(path, title, wording.language) as book:
            _disclosures(book, title, result, wording)
            _emissions(book, result)
            _gases(book, result)
            _years(book, result, wording)
            _boundary(book, result)
            _factors(book, result)
            _assumptions(book, result)
            _exclusions(book, result, wording)


def _disclosures(book: Spreadsheet, title: str, result: Result, wording: Wording) -> None:
    """Write what the standard requires to be said."""
    language = book.language
    sheet = book.sheet(translate("Disclosures", language), (34, 110))
    sheet.title(title)
    sheet.blank()
    for label, text in DISCLOSURES.items():
        sheet.pair(translate(label, language), translate(text, language))
    for label, text in _declared(wording):
        sheet.pair(label, text)
    for label, text in statements(result, wording, BOOKS):
        sheet.pair(label, text)


def _declared(wording: Wording) -> Iterator[tuple[str, str]]:
    """Yield what the organisation itself has to state, and what it has not stated."""
    language, told = wording.language, wording.declared
    missing = translate("not declared", language)
    approach = told.get("consolidation_approach")
    if approach not in (None, "operational_control"):
        message = "Declared is {approach}; the figures of this form follow operational control."
        said = translate(message, language, approach=translate(APPROACHES.get(approach, approach), language))
        yield translate("Consolidation approach", language), said
    if boundary := told.get("operational_boundary"):
        yield translate("Operational boundary", language), boundary
    base = " – ".join(filter(None, (told.get("base_year"), told.get("base_year_reason"))))
    yield translate("Base year", language), base or missing
    policy = told.get("recalculation_policy", missing)
    yield translate("Recalculation policy", language), policy
    yield translate("Declared exclusions", language), told.get("exclusions", missing)


def _tonnes(kg: Decimal | None) -> Decimal | None:
    return None if kg is None else kg / _PER_TONNE


def _emissions(book: Spreadsheet, result: Result) -> None:
    """Write scopes, categories and what stands outside, in both books."""
    language = book.language
    sheet = book.sheet(translate("Emissions", language), (48, 22, 22, 54, 30, 30))
    methods = [translate("location-based", language), translate("market-based", language)]
    masses = [translate("{name} (t CO₂e)", language, name=method) for method in methods]
    exact = [translate("{name} (kg CO₂e, exact)", language, name=method) for method in methods]
    sheet.heads(["", *masses, translate("Note", language), *exact], is_frozen=True)
    _scope_rows(sheet, result, "1", language)
    _scope_rows(sheet, result, "2", language)
    both = [inventory.scopes_1_and_2(result, code) for code in BOOKS]
    note = _incomplete(result, ("1", "2"), language)
    _row(sheet, translate("Scopes 1 and 2", language), both, note=note, style="strong")
    _scope_3(sheet, result, language)
    total = [total_of(result.lines, code) for code in BOOKS]
    note = _incomplete(result, COUNTED, language)
    _row(sheet, translate("Total of scopes 1 to 3", language), total, note=note, style="strong")
    sheet.blank()
    _scope_rows(sheet, result, "outside", language)
    _scope_rows(sheet, result, "memo", language)


def _incomplete(result: Result, scopes: Collection[str], language: Language) -> str:
    """Return how many quantities of some scopes have no figure; nothing where each has one."""
    missing = max(inventory.open_quantities(result, code, scopes) for code in BOOKS)
    return translate(inventory.INCOMPLETE, language, count=missing) if missing else ""


def _scope_rows(sheet: Sheet, result: Result, scope: str, language: Language) -> None:
    """Write a scope and the categories it is made of."""
    masses = [scope_of(result.lines, code, scope) for code in BOOKS]
    absent = translate(_NO_LINE, language) if masses == [None, None] else ""
    note = _incomplete(result, (scope,), language) or absent
    _row(sheet, names.scope(scope, language), masses, note=note, style="strong")
    _category_rows(sheet, result, scope, (), language)


def _scope_3(sheet: Sheet, result: Result, language: Language) -> None:
    """Write scope 3: each of the fifteen categories has a figure or is said not to be assessed."""
    masses = [scope_of(result.lines, code, "3") for code in BOOKS]
    note = _incomplete(result, ("3",), language)
    _row(sheet, names.scope("3", language), masses, note=note, style="strong")
    _category_rows(sheet, result, "3", inventory.SCOPE_3, language)


def _category_rows(
    sheet: Sheet, result: Result, scope: str, required: tuple[str, ...], language: Language
) -> None:
    """Write the categories of a scope: those required, those with a figure, those with quantities without."""
    parts = [inventory.by_category(result, code, scope) for code in BOOKS]
    gaps = [inventory.gaps(result, code) for code in BOOKS]
    lacking = [category for gap in gaps for of, category in gap if of == scope]
    for category in dict.fromkeys([*required, *parts[0], *parts[1], *sorted(lacking)]):
        masses = [part.get(category) for part in parts]
        missing = max(gap.get((scope, category), 0) for gap in gaps)
        note = _state(result, category, language) if masses == [None, None] else ""
        if missing:
            note = translate(inventory.INCOMPLETE, language, count=missing)
        _row(sheet, f"   {names.category(category, language)}", masses, note=note)


def _state(result: Result, category: str, language: Language) -> str:
    """Return why a category has no figure: as declared, else that nobody assessed it."""
    told = result.beside.scope3
    if told is not None:
        row = told.filter(("3." + pl.col("category").cast(pl.String)) == category)
        if row.height and row["state"][0] == "not_relevant":
            return translate("not relevant: {reason}", language, reason=row["reason"][0])
    return translate("not assessed", language)


def _row(
    sheet: Sheet, name: str, masses: list[Decimal | None], *, note: str = "", style: str = "text"
) -> None:
    """Write a line of the emissions: both methods in t, a note, both in kg exact."""
    sheet.cells([name, *map(_tonnes, masses), note, *map(Exact, masses)], style=style)


def _gases(book: Spreadsheet, result: Result) -> None:
    """Write each scope by gas: the seven of the standard, others, and what is not broken down."""
    language = book.language
    sheet = book.sheet(translate("Gases", language), (42, 30, 18, 18, 30, 44))
    heads = ("Scope", "Gas", "t of the gas", "t CO₂e", "kg CO₂e, exact", "Note")
    sheet.heads([translate(name, language) for name in heads], is_frozen=True)
    for label, code, scope in _GASES:
        found = inventory.by_gas(result, code, scope)
        for gas, name in inventory.GASES.items():
            mass, co2e = found.get(gas, (None, None))
            note = _gas_note(mass, co2e, language) if gas in found else translate(_NO_LINE, language)
            told = (translate(label, language), translate(name, language))
            sheet.cells([*told, _tonnes(mass), _tonnes(co2e), Exact(co2e), note])


def _gas_note(mass: Decimal | None, co2e: Decimal | None, language: Language) -> str:
    """Return what is not known of a gas there are lines of."""
    if co2e is None:
        return translate("a part has no figure; no sum is told", language)
    known = "published as CO₂e only; the mass of the gas is not known"
    return translate(known, language) if mass is None else ""


def _years(book: Spreadsheet, result: Result, wording: Wording) -> None:
    """Write the scopes of every year there is a balance of; the base year is marked."""
    language = book.language
    sheet = book.sheet(translate("Years", language), (10, 18, 18, 18, 18, 18, 14, 68))
    heads = [translate("{name} (t CO₂e)", language, name=translate(label, language)) for label, *_ in _GASES]
    sheet.heads([translate("Year", language), *heads, "", translate("Hash of the result", language)])
    for run in inventory.runs_of(result):
        year = run.manifest.year
        masses = [_tonnes(scope_of(run.lines, code, scope)) for _, code, scope in _GASES]
        is_base = wording.declared.get("base_year") == str(year)
        mark = translate("Base year", language) if is_base else ""
        sheet.cells([Year(year), *masses, mark, run.manifest.result_hash])


def _boundary(book: Spreadsheet, result: Result) -> None:
    """Write the organisations in the inventory."""
    language = book.language
    sheet = book.sheet(translate("Organisations", language), (44, 24, 16))
    sheet.heads([book.heading("organisation"), translate("Code", language), translate("Sources", language)])
    for row in organisation_list(result, language).iter_rows(named=True):
        sheet.cells([row["name"], row["organisation"], int(row["sources"])])


def _factors(book: Spreadsheet, result: Result) -> None:
    """Write the publications the factors come from."""
    language = book.language
    sheet = book.sheet(translate("Factor sources", language), (36, 60, 24, 30, 34, 12))
    frame = inventory.publications(result)
    sheet.heads([*map(book.heading, frame.columns[:-1]), translate("Factors", language)], is_frozen=True)
    for *texts, evidence, count in frame.iter_rows():
        sheet.cells([*texts, names.evidence(evidence, language), count], style="long")


def _assumptions(book: Spreadsheet, result: Result) -> None:
    """Write what was assumed where data or publications say nothing, and how often."""
    language = book.language
    sheet = book.sheet(translate("Assumptions", language), (110, 14))
    sheet.heads([translate("Assumption", language), translate("Number", language)], is_frozen=True)
    counts = result.assumptions.group_by("code").len().sort("code", nulls_last=True)
    for code, count in counts.iter_rows():
        sheet.cells([names.assumption(code, language), count], style="long")


def _exclusions(book: Spreadsheet, result: Result, wording: Wording) -> None:
    """Write what is in no figure, and why: by the rule of a book, or for lack of something."""
    language = book.language
    sheet = book.sheet(translate("Exclusions", language), (34, 44, 70, 70, 14))
    heads = ("Book", "Activity", "Reason", "What to do", "Quantities")
    sheet.heads([translate(name, language) for name in heads], is_frozen=True)
    for code in BOOKS:
        for sentence in wording.exclusions.get(code, ()):
            sheet.cells([names.book(code, language), "", sentence], style="long")
    for row in _missing(result).iter_rows(named=True):
        said = reason(row["code"], language)
        told: list[Value] = [
            names.book(row["book"], language),
            names.activity_name(row["activity"], language),
        ]
        sheet.cells([*told, said.text, said.remedy, row["rows"]], style="long")


def _missing(result: Result) -> pl.DataFrame:
    """Return book, activity, code and number of the exceptions of the two books."""
    found = pl.concat([coverage.exceptions_of(result, code) for code in BOOKS]).unique(maintain_order=True)
    keys = ["book", "activity", "code"]
    return found.group_by(keys).agg(pl.len().cast(pl.Int64).alias("rows")).sort(keys, nulls_last=True)
