"""The balance as a workbook that recomputes itself: totals are formulas over the sheet of the lines.

    Totals   stated total │ =SUMIFS(lines) │ difference │ check
    Lines    one row per line, kg as a number and, beside it, exact as text

A line is found by a key of codes (`ghgp_market/3/3.1`). Criteria that read as a number would not do: to a
spreadsheet "3.1" and "3.10" are the same, and in German a day of January.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import ClassVar, Final

import polars as pl

from bilanz.messages import Language, translate
from bilanz.result import LINE_SCHEMA, Result
from bilanz.sentences import worded
from reports import names
from reports.base import Wording
from reports.export import Export
from reports.reasons import reason
from reports.spreadsheet import (
    Exact,
    Formula,
    Share,
    Sheet,
    Spreadsheet,
    Value,
    letters_of,
    quoted,
    refuse_too_long,
    spreadsheet,
)
from reports.statements import statements
from reports.totals import COUNTED, book_column, by_book, known_sum, organisation_name

_EXACT: Final = ("quantity", "mass_kg", "co2e_kg")
_KEYS: Final = (("book", "scope"), ("book", "scope", "category"))
_LINE_COLUMNS: Final = (*LINE_SCHEMA, *(f"{name}_exact" for name in _EXACT), "scope_key", "category_key")
_MASS_AT: Final = _LINE_COLUMNS.index("co2e_kg")
_KEY_AT: Final = {keys: len(_LINE_COLUMNS) - len(_KEYS) + place for place, keys in enumerate(_KEYS)}
_WIDTH: Final = 18
_TOLERANCE: Final = "0.001+1E-9*ABS"


class Workbook(Export):
    """Cover, totals with formulas, lines, factors, exceptions, assumptions, sources, files."""

    name: ClassVar[str] = "workbook"
    suffix: ClassVar[str] = ".xlsx"

    def title(self, language: Language) -> str:
        """Return what the form is."""
        return translate("Workbook whose totals recompute from its lines (XLSX)", language)

    def write(self, result: Result, wording: Wording, path: Path) -> None:
        """Write the sheets.

        Raises:
            Refused: a table has more rows than a sheet.
        """
        language = wording.language
        for name in ("lines", "factors", "exceptions", "assumptions"):
            refuse_too_long(_TABS[name], getattr(result, name).height, language)
        title = translate("Climate balance {year}", language, year=result.manifest.year)
        with spreadsheet(path, title, language) as book:
            _cover(book, title, result, wording)
            _totals(book, result)
            _lines(book, result)
            _frame(book, "factors", result.factors)
            _frame(book, "exceptions", _exceptions(result, language))
            _frame(book, "assumptions", _assumptions(result, language))
            _sources(book, result)
            _frame(book, "batches", result.batches)


_TABS: Final = {
    "cover": "Cover",
    "totals": "Totals",
    "lines": "Lines",
    "factors": "Factors",
    "exceptions": "Exceptions",
    "assumptions": "Assumptions",
    "sources": "Sources",
    "batches": "Files",
}


def _cover(book: Spreadsheet, title: str, result: Result, wording: Wording) -> None:
    """Write what has to be read with the figures."""
    language = book.language
    sheet = book.sheet(translate(_TABS["cover"], language), (34, 110))
    sheet.title(title)
    sheet.blank()
    for label, text in statements(result, wording):
        sheet.pair(label, text)
    digits = (
        "A spreadsheet keeps 15 digits of a number. Columns headed as exact hold the same figure as text "
        "with all its digits; those count. Totals recompute from the sheet of the lines; the column beside "
        "them says whether they agree to one gram."
    )
    sheet.pair(translate("Numbers", language), translate(digits, language))


_TOTAL_HEADS: Final = (
    "Book",
    "Scope",
    "Category",
    "Stated (kg CO₂e)",
    "Stated, exact",
    "From the lines (kg CO₂e)",
    "Difference",
    "Check",
    "Key",
)


def _totals(book: Spreadsheet, result: Result) -> None:
    """Write stated totals and the formulas that make them of the lines."""
    language = book.language
    sheet = book.sheet(translate(_TABS["totals"], language), (44, 30, 44, 18, 30, 18, 14, 12, 44))
    sheet.heads([translate(name, language) for name in _TOTAL_HEADS], is_frozen=True)
    for code in result.manifest.books:
        _book_totals(sheet, result, code, language)
    sheet.blank()
    for keys, total in _sums(result.lines, _KEYS[1]):
        book_code, scope, category = keys
        name = (
            names.book(book_code, language),
            names.scope(scope, language),
            names.category(category, language),
        )
        _total_row(
            sheet, name, total, _sumifs(sheet, result, _KEYS[1], language), language, key="/".join(keys)
        )


def _book_totals(sheet: Sheet, result: Result, code: str, language: Language) -> None:
    """Write the scopes of a book and the total of scopes 1 to 3."""
    first, counted = sheet.row, []
    for (_, scope), total in _sums(result.lines.filter(pl.col("book") == code), _KEYS[0]):
        if scope in COUNTED:  # they come first
            counted.append(total)
        name = (names.book(code, language), names.scope(scope, language), "")
        formula = _sumifs(sheet, result, _KEYS[0], language)
        _total_row(sheet, name, total, formula, language, key=f"{code}/{scope}")
    if counted:
        name = (names.book(code, language), translate("Total of scopes 1 to 3", language), "")
        formula = f"=SUM(F{first + 1}:F{first + len(counted)})"
        _total_row(sheet, name, sum(counted, Decimal(0)), formula, language, style="strong")


def _sums(lines: pl.DataFrame, keys: Sequence[str]) -> Iterator[tuple[tuple[str, ...], Decimal]]:
    """Yield keys and the exact sum of their known kg CO2e, in the order of the keys."""
    sums = lines.group_by(keys).agg(known_sum("co2e_kg")).drop_nulls("co2e_kg").sort(keys)
    for *found, total in sums.iter_rows():
        yield tuple(found), total


def _sumifs(sheet: Sheet, result: Result, keys: Sequence[str], language: Language) -> str:
    """Return the formula that adds up the lines of the key in this row."""
    tab, last = quoted(translate(_TABS["lines"], language)), result.lines.height + 1
    mass, key = letters_of(_MASS_AT), letters_of(_KEY_AT[tuple(keys)])
    return f"=SUMIFS({tab}!${mass}$2:${mass}${last},{tab}!${key}$2:${key}${last},$I{sheet.row + 1})"


def _total_row(
    sheet: Sheet,
    name: tuple[str, str, str],
    total: Decimal,
    formula: str,
    language: Language,
    *,
    key: str = "",
    style: str = "",
) -> None:
    """Write one total: stated, exact, recomputed, their difference, and whether they agree."""
    at = sheet.row + 1
    agrees, differs = translate("agrees", language), translate("differs", language)
    check = f'=IF(ABS(G{at})<={_TOLERANCE}(D{at}),"{agrees}","{differs}")'
    made = (Formula(formula, total), Formula(f"=F{at}-D{at}", 0.0), Formula(check, agrees))
    sheet.cells([*name, total, Exact(total), *made, key], style=style)


def _lines(book: Spreadsheet, result: Result) -> None:
    """Write the lines; keys and exact texts stand behind the columns of the ledger."""
    keyed = result.lines.with_columns(
        *(pl.col(name).alias(f"{name}_exact") for name in _EXACT),
        *(
            pl.concat_str([pl.col(key).fill_null("") for key in keys], separator="/").alias(_LINE_COLUMNS[at])
            for keys, at in _KEY_AT.items()
        ),
    )
    _frame(book, "lines", keyed.select(_LINE_COLUMNS))


def _frame(book: Spreadsheet, name: str, frame: pl.DataFrame) -> None:
    """Write a frame as a sheet, the heads of its columns in the language of the reader."""
    sheet = book.sheet(translate(_TABS[name], book.language), [_WIDTH] * frame.width)
    sheet.heads([_headed(column, book) for column in frame.columns], is_frozen=True)
    exact = {
        place
        for place, (column, kind) in enumerate(frame.schema.items())
        if kind.is_decimal() and (column.endswith("_exact") or name == "factors")
    }
    for row in frame.iter_rows():
        sheet.cells([Exact(value) if place in exact else value for place, value in enumerate(row)])


def _headed(column: str, book: Spreadsheet) -> str:
    """Return the head of a column; that of an exact text says so."""
    plain = column.removesuffix("_exact")
    told = book.heading(plain)
    return told if plain == column else translate("{name}, exact", book.language, name=told)


def _exceptions(result: Result, language: Language) -> pl.DataFrame:
    """Return the exceptions with their reason and what can be done, in words."""
    codes = result.exceptions["code"].unique().drop_nulls().sort().to_list()
    told = {code: reason(code, language) for code in codes}
    return _worded(result.exceptions, language).with_columns(
        pl.col("code")
        .replace_strict(codes, [told[code].text for code in codes], return_dtype=pl.String)
        .alias("reason"),
        pl.col("code")
        .replace_strict(codes, [told[code].remedy for code in codes], return_dtype=pl.String)
        .alias("remedy"),
    )


def _assumptions(result: Result, language: Language) -> pl.DataFrame:
    """Return the assumptions in words."""
    codes = result.assumptions["code"].unique().drop_nulls().sort().to_list()
    told = [names.assumption(code, language) for code in codes]
    reasons = pl.col("code").replace_strict(codes, told, return_dtype=pl.String).alias("reason")
    return _worded(result.assumptions, language).with_columns(reasons)


def _worded(frame: pl.DataFrame, language: Language) -> pl.DataFrame:
    """Return a frame with its details as sentences, each distinct one worded once."""
    details = frame["detail"].unique().drop_nulls().to_list()
    told = [worded(detail, language) for detail in details]
    return frame.with_columns(
        pl.col("detail").replace_strict(details, told, default=None, return_dtype=pl.String)
    )


def _sources(book: Spreadsheet, result: Result) -> None:
    """Write each source: days known, and kg CO2e of scopes 1 to 3 in every book."""
    language, keys = book.language, ["organisation", "source", "activity"]
    sheet = book.sheet(translate(_TABS["sources"], language), [36, 28, 28, *[_WIDTH] * 5])
    heads = [*map(book.heading, keys), translate("Share of days known", language)]
    books = result.manifest.books
    sheet.heads([*heads, *(f"{names.book(code, language)} (kg CO₂e)" for code in books)], is_frozen=True)
    known = pl.sum_horizontal("days_measured", "days_billed", "days_estimated").sum()
    days = result.coverage.group_by(keys).agg((known / pl.col("days").sum()).alias("_share"))
    counted = result.lines.filter(pl.col("scope").is_in(COUNTED))
    sums = by_book(counted, keys, books)
    whole = days.join(sums, on=keys, how="full", coalesce=True, nulls_equal=True).sort(keys, nulls_last=True)
    name = organisation_name(result, language)
    for row in whole.iter_rows(named=True):
        masses: list[Value] = [row[book_column(code)] for code in books]
        activity = names.activity_name(row["activity"], language)
        sheet.cells([name(row["organisation"]), row["source"], activity, Share(row["_share"]), *masses])
