"""Electricity by annual and by hourly factors, side by side: the same kilowatt hours in different books."""

from decimal import Decimal
from fractions import Fraction
from typing import ClassVar

import polars as pl

from bilanz.messages import Language, translate
from bilanz.records import QUANTITY
from bilanz.result import MASS, Result
from bilanz.units import ratio
from reports import charts, names, numbers, theme
from reports.base import Column, Panel, Section, Wording
from reports.charts import Series
from reports.reasons import reason
from reports.sections.months import months_of
from reports.totals import book_column, book_columns, by_book, counted, named, total_of

_PLACE = ["organisation", "source", "activity", "month"]


class Hourly(Section):
    """A supplementary calculation: in no total, and never a headline."""

    name: ClassVar[str] = "hourly"
    position: ClassVar[int] = 80
    is_supplementary: ClassVar[bool] = True

    def title(self, language: Language) -> str:
        """Return the heading."""
        return translate("Supplementary: electricity by the hour", language)

    def panels(self, result: Result, wording: Wording) -> list[Panel]:
        """Return annual and hourly figures of the same source-months, and what was not matched."""
        apart = wording.supplementary - wording.pairs.keys()
        asked = [book for book in result.manifest.books if book in apart]
        return [panel for book in asked for panel in _of_book(result, book, wording)]


def compared(result: Result, book: str) -> pl.DataFrame:
    """Return the lines of every book about the source-months of which a supplementary one holds anything."""
    lines = counted(result.lines).filter(pl.col("factor_id").is_not_null())
    held = lines.filter(pl.col("book") == book).select(_PLACE).unique()
    return lines.join(held, on=_PLACE, how="semi", nulls_equal=True)


def by_energy(lines: pl.DataFrame, books: list[str]) -> pl.DataFrame:
    """Return kWh, kg CO2e and g CO2e per kWh of each book; numerator and denominator are summed first."""
    leads = lines.filter("is_lead")
    ratios = {unit: ratio(unit, "kWh") for unit in leads["unit"].unique()}
    rows = []
    for book in books:
        sums = leads.filter(pl.col("book") == book).group_by("unit").agg(pl.col("quantity").sum())
        energy = sum((Fraction(quantity) * ratios[unit] for unit, quantity in sums.iter_rows()), Fraction())
        mass = total_of(lines, book)
        grams = None if mass is None or not energy else float(Fraction(mass) * 1000 / energy)
        rows.append((book, round(Decimal(energy.numerator) / Decimal(energy.denominator), 6), mass, grams))
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "book": pl.String,
        "energy_kwh": QUANTITY,
        "co2e_kg": MASS,
        "grams": pl.Float64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _of_book(result: Result, book: str, wording: Wording) -> list[Panel]:
    """Return the panels of one supplementary book."""
    others = [name for name in result.manifest.books if name not in wording.supplementary]
    books, lines = [*others, book], compared(result, book)
    found = [_totals(lines, books, wording), _months(result, lines, books, wording.language)]
    return [*(panel for panel in found if panel is not None), *_unmatched(result, book, wording.language)]


def _totals(lines: pl.DataFrame, books: list[str], wording: Wording) -> Panel:
    """Return energy, emissions and grams per kWh of each book."""
    language, book = wording.language, books[-1]
    frame = by_energy(lines, books)
    note = translate(
        "Supplementary: these figures replace none of the balance and are in none of its totals. Where hours "
        "have no value, the hourly book holds less electricity; where a tenant's meter is not read by the "
        "hour, it holds more: compare grams per kWh. Books that include upstream chains hold more than "
        "direct emissions.",
        language,
    )
    return Panel(
        identifier=f"hourly-{book}",
        heading=translate("The same meters by annual and by hourly factors", language),
        finding=_finding(lines, frame, language),
        table=named(frame, "book", lambda code: names.book(code, language)),
        columns=(
            Column("book", translate("Book", language)),
            Column("energy_kwh", names.activity_name("electricity", language), kind="energy"),
            Column("co2e_kg", translate("Emissions", language), kind="mass"),
            Column("grams", translate("Per kWh", language), kind="number", digits=1, unit="g CO₂e/kWh"),
        ),
        note=" ".join([note, *wording.verdicts.get(book, ())]),
    )


def _finding(lines: pl.DataFrame, frame: pl.DataFrame, language: Language) -> str:
    """Return grams per kWh of each book in one sentence, and over how many source-months."""
    said = [
        f"{names.book(book, language)}: {numbers.decimal(Decimal(str(grams)), language, digits=1)} g/kWh"
        for book, grams in frame.select("book", "grams").drop_nulls().iter_rows()
    ]
    if lines.is_empty() or not said:
        return translate("No reading could be matched by the hour.", language)
    count = numbers.decimal(lines.select(_PLACE).unique().height, language)
    return translate(
        "Source-months with readings matched by the hour: {count}. {figures}.",
        language,
        count=count,
        figures="; ".join(said),
    )


def _months(result: Result, lines: pl.DataFrame, books: list[str], language: Language) -> Panel | None:
    """Return emissions by month, books side by side; None where nothing was matched."""
    if lines.is_empty():
        return None
    grid = pl.DataFrame({"month": months_of(result.manifest.year)}, schema={"month": pl.Date})
    frame = grid.join(by_book(lines, ["month"], books), on="month", how="left").sort("month")
    series = [
        Series(
            names.book(name, language),
            charts.in_thousands(frame[book_column(name)].to_list()),
            theme.book_mark(tuple(books), name),
        )
        for name in books
    ]
    return Panel(
        identifier=f"hourly-{books[-1]}-months",
        heading=translate("Electricity by month, annual and hourly factors", language),
        finding=translate("Books stand side by side and are never added.", language),
        table=frame,
        columns=(
            Column("month", translate("Month", language), kind="month"),
            *book_columns(books, language),
        ),
        figure=charts.lines(frame["month"].to_list(), series, unit="t CO₂e", language=language),
    )


def _unmatched(result: Result, book: str, language: Language) -> list[Panel]:
    """Return the quantities that met no value of their hour, by reason and unit."""
    found = result.exceptions.filter(pl.col("book") == book)
    if found.is_empty():
        return []
    frame = (
        found.group_by("code", "unit")
        .agg(pl.col("quantity").sum(), pl.col("records").sum(), pl.col("source").n_unique().alias("sources"))
        .sort("code", "unit")
    )
    frame = named(frame, "code", lambda code: reason(code or "", language).text)
    return [
        Panel(
            identifier=f"hourly-{book}-unmatched",
            heading=translate("Electricity that was not matched by the hour", language),
            finding=translate(
                "Quantities without a reading or a value of the hour are listed and never estimated.",
                language,
            ),
            table=frame,
            columns=(
                Column("code", translate("Reason", language), kind="long"),
                Column("quantity", translate("Quantity", language), kind="number"),
                Column("unit", translate("Unit", language), kind="code"),
                Column("records", translate("Records", language), kind="number"),
                Column("sources", translate("Sources", language), kind="number"),
            ),
        )
    ]
