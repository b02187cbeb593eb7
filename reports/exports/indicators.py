"""The indicators of an organisation's own list: each with a value or an explanation, never neither."""

from decimal import Decimal
from pathlib import Path
from typing import ClassVar, Final

from bilanz.errors import Refused
from bilanz.messages import Language, translate
from bilanz.result import Result
from reports.base import Wording
from reports.export import Export
from reports.indicator import FIGURES, Indicator, Per
from reports.sizes import population, size_of
from reports.spreadsheet import Exact, Spreadsheet, spreadsheet
from reports.statements import statements

_DIGITS: Final = Decimal(1).scaleb(-12)
_PER: Final = {"population": "inhabitant", "staff": "full-time equivalent", "floor_area_m2": "m²"}
_HEADS: Final = (
    "Framework",
    "No.",
    "Aspect",
    "Name of the indicator",
    "Formula",
    "Value",
    "Unit",
    "Explanation",
    "Source",
)


class Indicators(Export):
    """One row per indicator of `indicators.toml`."""

    name: ClassVar[str] = "indicators"
    suffix: ClassVar[str] = ".xlsx"

    def title(self, language: Language) -> str:
        """Return what the form is."""
        return translate("Indicators of an own list: BNK, SDG and others (XLSX)", language)

    def write(self, result: Result, wording: Wording, path: Path) -> None:
        """Write the table and the statements that belong to it.

        Raises:
            Refused: no list of indicators is stated.
        """
        language = wording.language
        if not wording.indicators:
            message = (
                "No indicators are stated: write indicators.toml into the data directory (docs/exports.md)."
            )
            raise Refused(message)
        title = translate("Indicators {year}", language, year=result.manifest.year)
        with spreadsheet(path, title, language) as book:
            _table(book, result, wording)
            sheet = book.sheet(translate("Cover", language), (34, 110))
            sheet.title(title)
            sheet.blank()
            for label, text in statements(result, wording):
                sheet.pair(label, text)


def _table(book: Spreadsheet, result: Result, wording: Wording) -> None:
    """Write one row per indicator."""
    language = book.language
    sheet = book.sheet(translate("Indicators", language), (18, 10, 24, 44, 44, 16, 24, 60, 44, 28))
    heads = [translate(name, language) for name in (*_HEADS, "Value, exact")]
    sheet.heads(heads, is_frozen=True)
    for entry in wording.indicators:
        value, unit, why, source = told(entry, result, language)
        names = (entry.framework, entry.id, entry.aspect, entry.name, entry.formula)
        sheet.cells([*names, value, unit, why, source, Exact(value)], style="long")


def told(entry: Indicator, result: Result, language: Language) -> tuple[Decimal | None, str, str, str]:
    """Return value, unit, explanation and source of an indicator; an explanation where there is no value."""
    if entry.figure is not None:
        value, unit, why = _of_balance(entry, result, language)
        source = translate("this balance: {figure}", language, figure=entry.figure)
        return value, unit, entry.explanation if entry.explanation and value is None else why, source
    stated = entry.value.get(str(result.manifest.year))
    if stated is not None:
        return Decimal(stated), entry.unit, entry.explanation, entry.source
    missing = translate("No value is stated for {year}.", language, year=result.manifest.year)
    return None, entry.unit, entry.explanation or missing, entry.source


def _of_balance(entry: Indicator, result: Result, language: Language) -> tuple[Decimal | None, str, str]:
    """Return value and unit of a figure of the balance, and why there is none."""
    unit, taken = FIGURES[str(entry.figure)]
    amount = taken(result)
    if amount.value is None:
        why = "no line in the data" if amount.is_absent else "a part has no figure; no sum is told"
        return None, unit, translate(why, language)
    if entry.per is None:
        return amount.value, unit, ""
    per = translate(_PER[entry.per], language)
    size = _size(result, entry.per)
    unit = translate("{unit} per {per}", language, unit=unit, per=per)
    if not size:
        message = "The organisations with data do not all state it, or state it twice: {per}"
        return None, unit, translate(message, language, per=per)
    return (amount.value / size).quantize(_DIGITS), unit, ""


def _size(result: Result, per: Per) -> Decimal | None:
    return population(result, result) if per == "population" else size_of(result, result, per).value
