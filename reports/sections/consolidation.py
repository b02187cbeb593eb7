"""The balance at every level of the organisations: what counts twice, what others own, what remains."""

from decimal import Decimal
from typing import ClassVar

import polars as pl

from bilanz.consolidated import Consolidation
from bilanz.messages import Language, translate
from bilanz.organisation import Kind
from bilanz.result import Result
from reports import names, numbers
from reports.base import Column, Panel, Section, Wording
from reports.consolidation import (
    APPROACHES,
    INDENT,
    KINDS,
    REASONS,
    SOUND_STATES,
    STATES,
    UNITS,
    Name,
    of_books,
    ratios,
    totals,
    word,
)
from reports.totals import named, organisation_name


class ConsolidationSection(Section):
    """What remains of the sum of all organisations when nothing counts twice."""

    name: ClassVar[str] = "consolidation"
    position: ClassVar[int] = 55

    def title(self, language: Language) -> str:
        """Return the heading."""
        return translate("Consolidation", language)

    def panels(self, result: Result, wording: Wording) -> list[Panel]:
        """Return the levels of each book, the deliveries, what looks like one, and the ratios."""
        found = result.beside.consolidation
        if found is None or not (found.nodes["members"] > 0).any():
            return []
        language, name = wording.language, organisation_name(result, wording.language)
        books = result.manifest.books
        note = _assumed(result, found, name, language)
        panels = [_levels(found, book, name, note, language) for book in books]
        panels += [_deliveries(found, books, name, language), _suspects(found, name, language)]
        return [panel for panel in [*panels, _ratios(found, books, name, language)] if panel.table.height]


def _levels(found: Consolidation, book: str, name: Name, assumed: str, language: Language) -> Panel:
    """Return the balance of every level in one book."""
    told = totals(found.levels, found.nodes, book)
    table = told.with_columns(
        organisation=pl.Series(
            [INDENT * depth + name(node) for node, depth in told.select("node", "depth").iter_rows()],
            dtype=pl.String,
        )
    )
    headers = {
        "own": "Sum of all organisations",
        "outside": "Outside the boundary",
        "minority": "Share of other owners",
        "eliminated": "Internal deliveries",
        "consolidated": "Consolidated",
    }
    is_needed = {"outside": (told["outside"] != 0).any(), "minority": (told["minority"] != 0).any()}
    columns = [
        Column(code, translate(header, language), kind="mass")
        for code, header in headers.items()
        if is_needed.get(code, True)
    ]
    approach = word(APPROACHES, found.approach, language)
    split = (
        translate("A change within a month splits the lines of that month by days.", language)
        if told["is_split"].any()
        else ""
    )
    return Panel(
        identifier=f"consolidation-{book.replace('_', '-')}",
        heading=translate(
            "Consolidated by level ({approach}): {book}",
            language,
            approach=approach,
            book=names.book(book, language),
        ),
        finding=_finding(told, name, language),
        table=table,
        columns=(Column("organisation", translate("Organisation", language)), *columns),
        note=" ".join(filter(None, (assumed, split))),
    )


def _finding(told: pl.DataFrame, name: Name, language: Language) -> str:
    """Return what became of the largest outermost organisation."""
    tops = told.filter(pl.col("members") > 0).sort(["own", "node"], descending=[True, False])
    if tops.is_empty():
        return ""
    top = tops.row(0, named=True)
    elsewhere = top["outside"] + top["minority"]
    message = (
        "{organisation}: {own} before; {elsewhere} outside the boundary or of other owners, {eliminated} "
        "counted twice in internal deliveries, {rest} after."
        if elsewhere
        else "{organisation}: {own} before, {eliminated} counted twice in internal deliveries, {rest} after."
    )
    return translate(
        message,
        language,
        organisation=name(top["node"]),
        own=numbers.tonnes(top["own"], language),
        elsewhere=numbers.tonnes(elsewhere, language),
        eliminated=numbers.tonnes(top["eliminated"], language),
        rest=numbers.tonnes(top["consolidated"], language),
    )


def _assumed(result: Result, found: Consolidation, name: Name, language: Language) -> str:
    """Return which enterprises have no declared membership; agencies are parts of their parent anyway."""
    enterprises = result.organisations.filter(pl.col("kind") == Kind.ENTERPRISE)["organisation"]
    assumed = found.nodes.filter("is_assumed", pl.col("node").is_in(enterprises.to_list()))["node"].to_list()
    if not assumed:
        return ""
    return translate(
        "No membership is declared for {organisations}: control is assumed, the share is as registered.",
        language,
        organisations=", ".join(name(code) for code in assumed),
    )


def _deliveries(found: Consolidation, books: tuple[str, ...], name: Name, language: Language) -> Panel:
    """Return what became of every declared delivery."""
    told = of_books(found.deliveries, books)
    doubtful = told.filter(~pl.col("state").is_in(SOUND_STATES))["delivery"].n_unique()
    table = told.select(
        "delivery",
        "sold",
        "bought",
        "unit",
        "eliminated",
        "kept",
        "left",
        pl.col("book").replace_strict({book: names.book(book, language) for book in books}, default=None),
        *(_worded(told[code], words, language) for code, words in (("kind", KINDS), ("state", STATES))),
        _named(told, "seller", name),
        _named(told, "buyer", name),
        _named(told, "node", name),
        pl.Series("activity", [_activity(code, language) for code in told["activity"]], dtype=pl.String),
    )
    columns = (
        Column("seller", translate("Seller", language)),
        Column("buyer", translate("Buyer", language)),
        Column("activity", translate("Activity", language)),
        Column("book", translate("Book", language)),
        Column("eliminated", translate("Eliminated", language), kind="mass"),
        Column("sold", translate("Sold", language), kind="number"),
        Column("bought", translate("Bought", language), kind="number"),
        Column("unit", translate("Unit", language)),
        Column("state", translate("Finding", language), kind="long"),
        Column("kind", translate("The seller …", language)),
        Column("kept", translate("Stays", language), kind="mass"),
        Column("node", translate("Eliminated at", language)),
        Column("delivery", translate("Delivery", language), kind="code"),
    )
    message = (
        "Declared internal deliveries: {deliveries}; to be checked: {doubtful}."
        if doubtful
        else "Declared internal deliveries: {deliveries}; the quantities of both sides go together."
    )
    return Panel(
        identifier="consolidation-deliveries",
        heading=translate("Internal deliveries", language),
        finding=translate(message, language, deliveries=told["delivery"].n_unique(), doubtful=doubtful),
        table=table,
        columns=columns,
        note=_left(told, language),
    )


def _left(told: pl.DataFrame, language: Language) -> str:
    """Return what buyers count for a delivery in categories that are not eliminated."""
    rows = told.drop_nulls("left").filter(pl.col("left") > 0)
    if rows.is_empty():
        return ""
    return translate(
        "The buyer counts a part of it in other categories of scope 3 (deliveries {deliveries}): it stays.",
        language,
        deliveries=", ".join(rows["delivery"].unique().sort()),
    )


def _suspects(found: Consolidation, name: Name, language: Language) -> Panel:
    """Return what looks like an internal delivery that nobody declared."""
    told = found.suspects
    table = told.select(
        "source",
        "quantity",
        "unit",
        _worded(told["reason"], REASONS, language),
        _named(told, "seller", name),
        _named(told, "buyer", name),
        pl.Series("activity", [_activity(code, language) for code in told["activity"]], dtype=pl.String),
    )
    return Panel(
        identifier="consolidation-suspects",
        heading=translate("Perhaps internal deliveries, not declared", language),
        finding=translate(
            "Purchases that may come from within: {suspects}; nothing was eliminated for them.",
            language,
            suspects=told.height,
        ),
        table=table,
        columns=(
            Column("seller", translate("Perhaps from", language)),
            Column("buyer", translate("Buyer", language)),
            Column("activity", translate("Activity", language)),
            Column("source", translate("Source", language), kind="code"),
            Column("quantity", translate("Quantity", language), kind="number"),
            Column("unit", translate("Unit", language)),
            Column("reason", translate("Why", language), kind="long"),
        ),
    )


def _ratios(found: Consolidation, books: tuple[str, ...], name: Name, language: Language) -> Panel:
    """Return emissions per head, per m² and per full-time equivalent of every level."""
    table = ratios(found, books, name, language)
    digits = {"population": 1, "floor_area_m2": 2, "staff": 1}
    headers = {
        code: translate("Per {unit}", language, unit=translate(unit, language))
        for code, unit in UNITS.items()
    }
    return Panel(
        identifier="consolidation-ratios",
        heading=translate("Per head, area and staff at every level", language),
        finding=_per_head(of_books(found.indicators, books), found, name, language),
        table=table,
        columns=(
            Column("organisation", translate("Organisation", language)),
            Column("book", translate("Book", language)),
            *(
                Column(code, header, kind="number", digits=digits[code], unit="kg CO₂e")
                for code, header in headers.items()
            ),
            Column("missing", translate("What is missing", language), kind="long"),
        ),
        note=translate(
            "Sums of emissions over sums of figures, never sums of ratios; scopes 1 to 3, consolidated. The "
            "figures are those in force on the last day of the year; only municipalities have inhabitants.",
            language,
        ),
    )


def _per_head(told: pl.DataFrame, found: Consolidation, name: Name, language: Language) -> str:
    """Return the ratio per head of the outermost organisation that has one."""
    known = told.filter(pl.col("indicator") == "population", pl.col("value").is_not_null())
    first = found.nodes.join(known, on="node", how="inner", maintain_order="left").head(1).to_dicts()
    if not first:
        return ""
    row = first[0]
    return translate(
        "{organisation}: {value} kg CO₂e per head ({book}).",
        language,
        organisation=name(row["node"]),
        value=numbers.decimal(Decimal(row["value"]), language, digits=1),
        book=names.book(row["book"], language),
    )


def _named(told: pl.DataFrame, column: str, name: Name) -> pl.Series:
    known = named(told.select(column), column, lambda code: "" if code is None else name(code))
    return known[column]


def _worded(codes: pl.Series, words: dict[str, str], language: Language) -> pl.Series:
    return pl.Series(codes.name, [word(words, code, language) for code in codes], dtype=pl.String)


def _activity(code: str | None, language: Language) -> str:
    return (
        translate("whatever the source measures", language)
        if code is None
        else names.activity_name(code, language)
    )
