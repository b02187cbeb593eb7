from typing import ClassVar

import polars as pl

from bilanz.messages import Language, translate
from bilanz.result import Result
from bilanz.sentences import worded
from reports import charts, names, numbers, theme
from reports.base import Column, Panel, Section, Wording
from reports.charts import Series
from reports.reasons import reason
from reports.totals import book_column, known_sum, named, organisation_name

_SUBJECT = ("code", "organisation", "source", "activity", "product_group", "unit")
_DETAILS = 3


class Exceptions(Section):
    """What is in no total, why, and what to do."""

    name: ClassVar[str] = "exceptions"
    position: ClassVar[int] = 90

    def title(self, language: Language) -> str:
        """Return the heading."""
        return translate("Exceptions", language)

    def panels(self, result: Result, wording: Wording) -> list[Panel]:
        """Return reasons by book, the list of exceptions, and what was superseded."""
        language = wording.language
        return [*_reasons(result, language), *_list(result, wording), *_superseded(result, wording)]


def records_by_reason(exceptions: pl.DataFrame, books: tuple[str, ...]) -> pl.DataFrame:
    """Return code and records per book, the most frequent first; what concerns every book counts in each."""
    records = [
        pl.col("records")
        .filter((pl.col("book") == book) | pl.col("book").is_null())
        .sum()
        .alias(book_column(book))
        for book in books
    ]
    most = pl.max_horizontal([book_column(book) for book in books])
    return exceptions.group_by("code").agg(records).sort([most, "code"], descending=[True, False])


def _reasons(result: Result, language: Language) -> list[Panel]:
    """Return records by reason, books side by side."""
    if result.exceptions.is_empty():
        return []
    books = result.manifest.books
    frame = records_by_reason(result.exceptions, books)
    shown = frame.head(charts.LONGEST)
    series = [
        Series(names.book(book, language), shown[book_column(book)].to_list(), theme.book_mark(books, book))
        for book in books
    ]
    table = named(frame, "code", lambda code: reason(code or "", language).short, alias="reason")
    table = named(table, "code", lambda code: reason(code or "", language).text, alias="text")
    table = named(table, "code", lambda code: reason(code or "", language).remedy, alias="remedy")
    return [
        Panel(
            identifier="exceptions-reasons",
            heading=translate("Records without a figure, by reason", language),
            finding=translate(
                'The most frequent gap is "{reason}". Gaps are in no total and do not count as zero.',
                language,
                reason=reason(frame["code"][0], language).short,
            ),
            table=table,
            columns=(
                Column("reason", translate("Reason", language)),
                Column("text", translate("What it means", language), kind="long"),
                Column("remedy", translate("What to do", language), kind="long"),
                *(
                    Column(book_column(book), names.book(book, language), "number", is_totalled=True)
                    for book in books
                ),
            ),
            figure=charts.bars(
                [reason(code, language).short for code in shown["code"].to_list()],
                series,
                unit=translate("Records", language),
                language=language,
                digits=0,
            ),
        )
    ]


def _list(result: Result, wording: Wording) -> list[Panel]:
    """Return one row per subject; months and books are drawn together."""
    if result.exceptions.is_empty():
        return []
    language = wording.language
    frame = subjects(result.exceptions)
    return [
        Panel(
            identifier="exceptions-list",
            heading=translate("List of exceptions", language),
            finding=translate(
                "Items waiting for a decision or a factor: {count} (records: {records}).",
                language,
                count=numbers.decimal(frame.height, language),
                records=numbers.decimal(frame["records"].sum(), language),
            ),
            table=_list_table(frame, result, wording),
            columns=_list_columns(language),
        )
    ]


def subjects(exceptions: pl.DataFrame) -> pl.DataFrame:
    """Return one row per subject and set of books: first and last month, quantity, records, details (a list).

    The same record is an exception of several books at once: books are drawn together by their maximum, never
    added.
    """
    in_book = exceptions.group_by(*_SUBJECT, "month", "book").agg(
        known_sum("quantity"), pl.col("records").sum(), pl.col("detail").drop_nulls().unique().sort()
    )
    in_month = in_book.group_by(*_SUBJECT, "month").agg(
        pl.col("book").unique().sort().alias("books"),
        pl.col("quantity").max(),
        pl.col("records").max(),
        pl.col("detail").explode(empty_as_null=True).drop_nulls().unique().sort(),
    )
    return (
        in_month.group_by(*_SUBJECT, "books")
        .agg(
            pl.col("month").min().alias("first"),
            pl.col("month").max().alias("last"),
            known_sum("quantity"),
            pl.col("records").sum(),
            pl.col("detail").explode(empty_as_null=True).drop_nulls().unique().sort().head(_DETAILS),
        )
        .sort(["records", *_SUBJECT], descending=[True, *[False] * len(_SUBJECT)], nulls_last=True)
    )


def _list_table(frame: pl.DataFrame, result: Result, wording: Wording) -> pl.DataFrame:
    """Return the list with names instead of codes."""
    language = wording.language
    every = set(result.manifest.books)
    books = [
        names.book(None, language)
        if None in codes or set(codes) >= every
        else ", ".join(names.book(code, language) for code in result.manifest.books if code in codes)
        for codes in frame["books"].to_list()
    ]
    details = ["; ".join(worded(text, language) for text in texts) for texts in frame["detail"].to_list()]
    told = {"books": books, "detail": details}
    frame = frame.with_columns(pl.Series(name, texts, dtype=pl.String) for name, texts in told.items())
    frame = named(frame, "code", lambda code: reason(code or "", language).short, alias="reason")
    frame = named(frame, "code", lambda code: reason(code or "", language).remedy, alias="remedy")
    frame = named(frame, "organisation", organisation_name(result, language))
    return subject_named(frame, wording)


def subject_named(frame: pl.DataFrame, wording: Wording) -> pl.DataFrame:
    """Return the frame with names of activities, with their product group where there is one, and units."""
    frame = named(frame, "activity", lambda code: names.activity_name(code, wording.language))
    frame = named(frame, "unit", lambda code: names.unit(code, wording.language))
    frame = named(frame, "product_group", wording.product_group, alias="_group")
    return frame.with_columns(
        pl.when(pl.col("product_group").is_not_null())
        .then(pl.concat_str("activity", pl.lit(": "), "_group"))
        .otherwise("activity")
        .alias("activity")
    ).drop("_group")


def _list_columns(language: Language) -> tuple[Column, ...]:
    """Return the columns of the list."""
    return (
        Column("organisation", translate("Organisation", language)),
        Column("activity", translate("Activity", language)),
        Column("source", translate("Source", language)),
        Column("reason", translate("Reason", language)),
        Column("remedy", translate("What to do", language), kind="long"),
        Column("records", translate("Records", language), kind="number", is_totalled=True),
        Column("quantity", translate("Quantity", language), kind="number", digits=1),
        Column("unit", translate("Unit", language)),
        Column("first", translate("First month", language), kind="month"),
        Column("last", translate("Last month", language), kind="month"),
        Column("books", translate("Concerns", language)),
        Column("detail", translate("Detail", language), kind="long"),
    )


def _superseded(result: Result, wording: Wording) -> list[Panel]:
    """Return what gave way to better data."""
    language = wording.language
    keys = ("organisation", "activity", "product_group", "unit", "quality", "reason")
    frame = (
        result.superseded.group_by(keys)
        .agg(known_sum("quantity"), pl.col("records").sum())
        .sort(["records", *keys], descending=[True, *[False] * len(keys)], nulls_last=True)
    )
    if frame.is_empty():
        return []
    records = numbers.decimal(frame["records"].sum(), language)
    frame = named(frame, "organisation", organisation_name(result, language))
    frame = named(frame, "quality", lambda code: names.quality(code, language))
    frame = named(frame, "reason", lambda code: names.superseded(code, language))
    frame = subject_named(frame, wording)
    return [
        Panel(
            identifier="exceptions-superseded",
            heading=translate("Superseded by better data", language),
            finding=translate(
                "Records that do not count because other data hold the same quantity: {records}.",
                language,
                records=records,
            ),
            table=frame,
            columns=(
                Column("organisation", translate("Organisation", language)),
                Column("activity", translate("Activity", language)),
                Column("quantity", translate("Quantity", language), kind="number", digits=1),
                Column("unit", translate("Unit", language)),
                Column("quality", translate("Quality", language)),
                Column("records", translate("Records", language), kind="number", is_totalled=True),
                Column("reason", translate("Reason", language), kind="long"),
            ),
        )
    ]
