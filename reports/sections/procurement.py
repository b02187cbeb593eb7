from typing import ClassVar

import polars as pl

from bilanz.messages import Language, translate
from bilanz.result import Result
from reports import charts, names, numbers, theme
from reports.base import Column, Panel, Section, Wording
from reports.charts import Series
from reports.totals import book_column, book_columns, by_book, counted, known_sum, largest, named

_BOUGHT = ("purchase", "purchase_capital")


class Procurement(Section):
    """What was bought, and what its production emitted."""

    name: ClassVar[str] = "procurement"
    position: ClassVar[int] = 75

    def title(self, language: Language) -> str:
        """Return the heading."""
        return translate("Procurement", language)

    def panels(self, result: Result, wording: Wording) -> list[Panel]:
        """Return emissions and spending by product group."""
        frame = _by_group(result)
        if frame.is_empty():
            return []
        return [_emissions(result, frame, wording), *_spending(result, wording)]


def _is_purchase() -> pl.Expr:
    """Say whether a row is a purchase, assigned to a product group or not yet."""
    return pl.col("product_group").is_not_null() | pl.col("activity").is_in(_BOUGHT)


def _by_group(result: Result) -> pl.DataFrame:
    """Return kg CO2e by product group and book; groups with spending but no factor hold nulls."""
    lines = by_book(counted(result.lines).filter(_is_purchase()), ["product_group"], result.manifest.books)
    spent = result.usage.filter(_is_purchase(), pl.col("quantity").is_not_null()).select("product_group")
    open_groups = result.exceptions.filter(_is_purchase()).select("product_group")
    groups = pl.concat(
        [lines.select("product_group"), spent.sort("product_group"), open_groups.sort("product_group")]
    )
    groups = groups.unique(maintain_order=True)
    return groups.join(lines, on="product_group", how="left", nulls_equal=True, maintain_order="left")


def _emissions(result: Result, frame: pl.DataFrame, wording: Wording) -> Panel:
    """Return bars by product group, books side by side."""
    language = wording.language
    frame = named(frame, "product_group", wording.product_group)
    books = [book for book in result.manifest.books if frame[book_column(book)].drop_nulls().len()]
    shown = frame.head(charts.LONGEST)
    labels = shown["product_group"].to_list()
    series = [
        Series(
            names.book(book, language),
            charts.in_thousands(shown[book_column(book)].to_list()),
            theme.book_mark(result.manifest.books, book),
        )
        for book in books
    ]
    lacking = frame.filter(pl.all_horizontal(pl.exclude("product_group").is_null())).height
    return Panel(
        identifier="procurement-emissions",
        heading=translate("Emissions of purchases by product group", language),
        finding=_finding(frame, books, lacking, language),
        table=frame,
        columns=(
            Column("product_group", translate("Product group", language)),
            *book_columns(result.manifest.books, language),
        ),
        figure=charts.bars(labels, series, unit="t CO₂e", language=language) if series else None,
        note=" ".join(
            part
            for part in (
                translate(
                    "Estimated from money spent with averages of an industry: it shows where to look, and "
                    "cannot show the effect of a single better purchase.",
                    language,
                ),
                charts.cut_note(frame.height, language),
            )
            if part
        ),
    )


def _finding(frame: pl.DataFrame, books: list[str], lacking: int, language: Language) -> str:
    """Return the largest product group of each book, and how many have no figure."""
    said = [
        f"{names.book(book, language)}: {top[0]} ({numbers.tonnes(top[1], language)})"
        for book in books
        if (top := largest(frame, "product_group", book_column(book)))
    ]
    parts = []
    if said:
        text = translate(
            "The largest product group of each book: {groups}.", language, groups="; ".join(said)
        )
        parts.append(text)
    if lacking:
        parts.append(
            translate(
                "Product groups without factor and figure: {count}.",
                language,
                count=numbers.decimal(lacking, language),
            )
        )
    return " ".join(parts)


def _spending(result: Result, wording: Wording) -> list[Panel]:
    """Return the money spent by product group, one panel per currency."""
    # a row without quantity is a cost whose quantity is counted elsewhere
    spent = result.usage.filter(_is_purchase(), pl.col("quantity").is_not_null())
    amount = (
        pl.when(pl.col("cost_net").is_not_null())
        .then("cost_net")
        .when(pl.col("quality") == "spend")
        .then("quantity")
    )
    currency = pl.coalesce("currency", pl.when(pl.col("quality") == "spend").then("unit"))
    sums = (
        spent.with_columns(amount.alias("amount"), currency.alias("money"))
        .group_by("product_group", "money")
        .agg(known_sum("amount"))
        .filter(pl.col("money").is_not_null(), pl.col("amount").is_not_null())
        .sort(["amount", "product_group"], descending=[True, False])
    )
    sums = named(sums, "product_group", wording.product_group)
    return [
        _spent_in(sums.filter(pl.col("money") == code), code, wording.language)
        for code in sums["money"].unique().sort().to_list()
    ]


def _spent_in(frame: pl.DataFrame, currency: str, language: Language) -> Panel:
    """Return the spending in one currency."""
    shown = frame.head(charts.LONGEST)
    amounts = [round(float(value), 2) for value in shown["amount"].to_list()]
    return Panel(
        identifier=f"procurement-spending-{currency.lower()}",
        heading=translate("Spending by product group in {currency}", language, currency=currency),
        finding=translate(
            "{total} net were spent; product groups: {count}; the largest is {group} with {amount}.",
            language,
            total=numbers.money(frame["amount"].sum(), currency, language),
            count=numbers.decimal(frame.height, language),
            group=shown["product_group"][0],
            amount=numbers.money(shown["amount"][0], currency, language),
        ),
        table=frame.select("product_group", "amount"),
        columns=(
            Column("product_group", translate("Product group", language)),
            Column(
                "amount", translate("Net spending", language), kind="money", unit=currency, is_totalled=True
            ),
        ),
        figure=charts.bars(
            shown["product_group"].to_list(),
            [Series(translate("Net spending", language), amounts)],
            unit=currency,
            language=language,
            digits=0,
        ),
        note=charts.cut_note(frame.height, language),
    )
