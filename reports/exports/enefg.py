"""The savings account of § 6 EnEfG as a workbook: what it is, the account by year, the measures."""

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Final

import polars as pl

from bilanz.errors import Refused
from bilanz.messages import Language, translate
from bilanz.result import Result
from bilanz.savings import FIRST_YEAR, Standing, counted
from reports import names, words
from reports.base import Wording
from reports.export import Export
from reports.spreadsheet import Spreadsheet, Value, Year, spreadsheet
from reports.totals import named, organisation_name

STANDINGS: Final = {
    Standing.MET: "met",
    Standing.OPEN: "open, to be made up in time",
    Standing.OVERDUE: "overdue",
    Standing.NONE: "no duty",
    Standing.UNKNOWN: "not known",
}

REASONS: Final = {
    "not_implemented": "not implemented",
    "before_law": "implemented before 2024",
    "after_year": "implemented after the year",
    "no_energy": "no saved energy stated",
    "no_method": "no method stated",
}

ACCOUNT: Final = {
    "year": "Year",
    "energy_before_kwh": "Final energy of the year before (kWh, net calorific value)",
    "lacking_before": "Source-months without data in it",
    "duty_kwh": "Saving owed (kWh)",
    "saved_kwh": "Saved by measures of the year (kWh)",
    "met_by_own_kwh": "Met by savings of the year (kWh)",
    "met_by_earlier_kwh": "Met by surplus of earlier years (kWh)",
    "met_by_later_kwh": "Made up in later years (kWh)",
    "open_kwh": "Open (kWh)",
    "make_up_until": "To be made up until",
    "surplus_kwh": "Surplus left (kWh)",
    "usable_until": "Creditable until",
    "standing": "Standing",
}

MEASURES: Final = {
    "id": "Measure",
    "title": "Title",
    "organisation": "Organisation",
    "activity": "Energy carrier",
    "starts_on": "Implemented on",
    "year": "Year",
    "effect_kwh": "Energy saved per year (kWh)",
    "method": "How it was determined",
    "status": "Status",
    "is_counted": "Counts",
    "reason": "Why not",
    "evidence": "Evidence",
}

_WIDTH: Final = 22.0
_PROSE_WIDTH: Final = 100.0


class Enefg(Export):
    """Duties, savings, carry-over and the measures behind them."""

    name: ClassVar[str] = "enefg"
    suffix: ClassVar[str] = ".xlsx"

    def title(self, language: Language) -> str:
        """Return what the form is."""
        return translate("Savings account of § 6 EnEfG with its measures (XLSX)", language)

    def write(self, result: Result, wording: Wording, path: Path) -> None:
        """Write three sheets.

        Raises:
            Refused: the year lies before the law, or there is no measure.
        """
        account, measures = result.beside.savings, result.beside.measures
        if account is None or measures is None:
            message = (
                "The savings account needs a year from {first} on and at least one measure (measures.csv)."
            )
            raise Refused(message, first=FIRST_YEAR)
        language = wording.language
        with spreadsheet(path, self.title(language), language) as book:
            about = book.sheet(translate("About", language), [_PROSE_WIDTH])
            for text in _about(result, account, language):
                about.cells([text], style="long")
            _table(book, "Account", ACCOUNT, _account(account, language))
            _table(book, "Measures", MEASURES, _measures(result, measures, language))


def _about(result: Result, account: pl.DataFrame, language: Language) -> Iterator[str]:
    """Yield what the account is, whether it binds, and what it leaves open."""
    owner = result.manifest.organisation
    roots = result.organisations.filter(pl.col("parent").is_null())["name"].to_list()
    name = organisation_name(result, language)(owner) if owner else " · ".join(roots)
    yield translate(
        "Savings account of § 6 EnEfG, {name}, as of {year}", language, name=name, year=result.manifest.year
    )
    basis = account["legal_basis"][0]
    if basis is None:
        yield translate(
            "Whether the law binds this body is not stated (a municipality only through the law of its "
            "Land); the account is kept voluntarily.",
            language,
        )
    else:
        yield translate("Binding by: {basis}", language, basis=basis)
    yield translate(
        "Owed are 2 % of the final energy of the year before, from 1 GWh on, up to 2045. What is missing is "
        "made up within two years, a surplus counts for five. The oldest duty is met first, by the oldest "
        "saving.",
        language,
    )
    yield translate(
        "Energy that is turned into heat or electricity for others is not taken off. Where months lack data, "
        "the energy and with it the duty are too low.",
        language,
    )
    yield translate("Result {hash}", language, hash=result.manifest.result_hash)


def _account(account: pl.DataFrame, language: Language) -> pl.DataFrame:
    return named(
        account, "standing", lambda code: translate(STANDINGS[Standing(code or "unknown")], language)
    )


def _measures(result: Result, measures: pl.DataFrame, language: Language) -> pl.DataFrame:
    """Return the measures of the organisations of the run with what counts of them."""
    own = measures.filter(pl.col("organisation").is_in(result.organisations["organisation"].implode()))
    told = (
        counted(own, result.manifest.year)
        .rename({"measure": "id"})
        .select("id", "year", "is_counted", "reason")
    )
    frame = own.join(told, on="id", how="left", maintain_order="left")
    frame = named(frame, "organisation", organisation_name(result, language))
    frame = named(frame, "activity", lambda code: names.activity_name(code, language))
    frame = named(frame, "status", lambda code: words.status(code or "", language))
    return named(frame, "reason", lambda code: "" if code is None else translate(REASONS[code], language))


def _table(book: Spreadsheet, title: str, columns: dict[str, str], frame: pl.DataFrame) -> None:
    sheet = book.sheet(translate(title, book.language), [_WIDTH] * len(columns))
    sheet.heads([translate(text, book.language) for text in columns.values()], is_frozen=True)
    for row in frame.select(list(columns)).iter_rows():
        sheet.cells([_cell(value, book.language) for value in row])


def _cell(value: Value, language: Language) -> Value:
    """Return a value as a cell: every whole number here is a year or a number of months."""
    if isinstance(value, bool):
        return translate("yes" if value else "no", language)
    return Year(value) if isinstance(value, int) else value
