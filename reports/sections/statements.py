"""What a GHG Protocol inventory states beside its numbers, and the fifteen categories of scope 3."""

from typing import ClassVar

import polars as pl

from bilanz.messages import Language, translate
from bilanz.result import Result
from reports import names, numbers
from reports.base import Column, Panel, Section, Wording
from reports.totals import book_columns, by_book, named


class Statements(Section):
    """Declared statements and scope 3, complete or named as missing."""

    name: ClassVar[str] = "statements"
    position: ClassVar[int] = 87

    def title(self, language: Language) -> str:
        """Return the heading."""
        return translate("Statements of the inventory", language)

    def panels(self, result: Result, wording: Wording) -> list[Panel]:
        """Return statements and categories; nothing where no book asks for them."""
        asked, categories = result.beside.disclosures, result.beside.scope3
        if asked is None or asked.is_empty() or categories is None:
            return []
        return [_asked(asked, wording.language), _categories(result, categories, wording.language)]


def _asked(asked: pl.DataFrame, language: Language) -> Panel:
    """Return the statements; books that ask for the same share them."""
    told = asked.unique("item", keep="first", maintain_order=True)
    missing, whole = translate("missing", language), translate("stated for every category", language)
    # of scope 3 the text names what lacks a statement, so it stands where it is missing too
    said = pl.when(pl.col("is_stated") | (pl.col("item") == "scope3")).then("statement")
    frame = told.with_columns(
        said.fill_null(pl.when("is_stated").then(pl.lit(whole)).otherwise(pl.lit(missing)))
    )
    nothing = {"–": translate("no exclusions", language)}
    frame = named(frame, "statement", lambda code: nothing.get(code or "") or names.approach(code, language))
    lacking = told.filter(~pl.col("is_stated"))["item"].to_list()
    return Panel(
        identifier="statements-required",
        heading=translate("Required statements", language),
        finding=_finding(told.height, lacking, language),
        table=named(frame, "item", lambda code: names.disclosure(code, language)),
        columns=(
            Column("item", translate("Topic", language)),
            Column("statement", translate("Statement", language), kind="long"),
        ),
        note=translate(
            "Declared by the organisation in inventory.toml of the data directory; what nobody declared is "
            "missing and never assumed.",
            language,
        ),
    )


def _finding(whole: int, lacking: list[str], language: Language) -> str:
    if not lacking:
        return translate("All statements the GHG Protocol asks for are there.", language)
    return translate(
        "{count} of {whole} statements the GHG Protocol asks for are there. Missing: {items}.",
        language,
        count=whole - len(lacking),
        whole=whole,
        items=", ".join(names.disclosure(item, language) for item in lacking),
    )


def _categories(result: Result, found: pl.DataFrame, language: Language) -> Panel:
    """Return the fifteen rows."""
    books = [book for book in result.manifest.books if book in set(found["book"])]
    heads = found.unique("category", keep="first").sort("category").select("category", "state", "reason")
    frame = heads.join(by_book(found, ["category"], books), on="category", how="left", maintain_order="left")
    labels = [names.scope3(number, language) for number in frame["category"]]
    counts = dict(heads.group_by("state").len().iter_rows())
    frame = frame.with_columns(pl.Series("label", labels, dtype=pl.String))
    return Panel(
        identifier="statements-scope3",
        heading=translate("Categories of scope 3", language),
        finding=translate(
            "In the balance: {present} of 15. Not relevant, with a reason: {irrelevant}. "
            "Not assessed: {open}.",
            language,
            present=numbers.decimal(counts.get("present", 0), language),
            irrelevant=numbers.decimal(counts.get("not_relevant", 0), language),
            open=numbers.decimal(counts.get("not_assessed", 0), language),
        ),
        table=named(frame, "state", lambda code: names.scope3_state(code, language)),
        columns=(
            Column("label", translate("Category", language)),
            Column("state", translate("State", language)),
            Column("reason", translate("Reason", language), kind="long"),
            *book_columns(books, language),
        ),
    )
