"""What the words of a consolidation are: approaches, kinds and states of deliveries, reasons of suspects."""

from collections.abc import Callable, Sequence
from typing import Final

import polars as pl

from bilanz.consolidated import Consolidation
from bilanz.messages import Language, translate
from reports import names

COUNTED: Final = ("1", "2", "3")

APPROACHES: Final = {
    "operational": "operational control",
    "financial": "financial control",
    "equity": "equity share",
}

KINDS: Final = {
    "generates": "generates it itself",
    "resells": "resells it",
    "lets": "lets to the other",
}

SIDES: Final = {
    "buyer": "scope 2 and 3.3 of the buyer (3.8 of a tenant)",
    "seller": "3.3 and 3.11 of the seller (3.13 of a landlord)",
}

STATES: Final = {
    "agreed": "At least as much was sold as was bought.",
    "capped": "More was bought than sold: eliminated only as far as it was sold.",
    "not_stated": "The seller states no quantity; the statement stands alone.",
    "nothing_kept": "The seller counts nothing in scope 1: right for sun and wind; else fuels are missing.",
    "not_comparable": "Units or calorific values of both sides do not go together; check both.",
    "nothing_bought": "The buyer counts nothing it could have bought.",
    "nothing_counted": "Nobody counts it twice: there is nothing to eliminate.",
    "apart": "No organisation holds both.",
    "not_inside": "One of them is not in the boundary of the organisation that holds both.",
}

SOUND_STATES: Final = ("agreed", "nothing_counted")
"""States nobody has to look at."""

REASONS: Final = {
    "sold": "The one sells it, the other buys it.",
    "itself": "It sells it and counts it as bought: its own balance is not changed.",
    "named": "The source of the one is called like the other.",
}


UNITS: Final = {"population": "inhabitant", "floor_area_m2": "m²", "staff": "full-time equivalent"}
"""Indicator → what it is per."""

GAPS: Final = {
    "missing": "Per {unit}: no figure for {organisations}.",
    "silent": "Per {unit}: no emissions of {organisations}.",
}

Name = Callable[[str | None], str]
INDENT: Final = "\u2003"


def of_books(frame: pl.DataFrame, books: Sequence[str]) -> pl.DataFrame:
    """Return the rows about some books, or about none."""
    return frame.filter(pl.col("book").is_null() | pl.col("book").is_in(list(books)))


def totals(levels: pl.DataFrame, nodes: pl.DataFrame, book: str) -> pl.DataFrame:
    """Return the levels of a book over scopes 1 to 3, in the order of the tree.

    Shape: `node`, `depth`, `members`, `own`, `outside`, `minority`, `eliminated`, `consolidated`, `is_split`;
    one row per node with a value. Units: kg CO2e.
    """
    masses = ["own", "outside", "minority", "eliminated", "consolidated"]
    told = levels.filter(pl.col("book") == book, pl.col("scope").is_in(COUNTED), pl.col("own").is_not_null())
    sums = told.group_by("node").agg(pl.col(masses).sum(), pl.col("is_split").any())
    return nodes.select("node", "depth", "members").join(sums, on="node", how="inner", maintain_order="left")


def word(words: dict[str, str], code: str | None, language: Language) -> str | None:
    """Return a code in words; a code without words stands for itself."""
    return None if code is None else translate(words.get(code, code), language)


def ratios(found: Consolidation, books: Sequence[str], name: Name, language: Language) -> pl.DataFrame:
    """Return emissions per head, per m² and per full-time equivalent, in the order of the tree.

    Shape: `organisation` (indented), `book`, the indicators, `missing` (sentences); one row per book and
    node. Units: kg CO2e per unit of the figure.
    """
    rows = []
    for book in books:
        for node, depth in found.nodes.select("node", "depth").iter_rows():
            held = found.indicators.filter(pl.col("node") == node, pl.col("book") == book)
            if held.height:
                values = dict(held.select("indicator", "value").iter_rows())
                told = [values.get(code) for code in UNITS]
                label = INDENT * depth + name(node)
                rows.append((label, names.book(book, language), *told, _gaps(held, name, language)))
    schema = {"organisation": pl.String, "book": pl.String} | dict.fromkeys(UNITS, pl.Decimal(24, 6))
    return pl.DataFrame(rows, schema=schema | {"missing": pl.String}, orient="row")


def _gaps(held: pl.DataFrame, name: Name, language: Language) -> str:
    """Return which organisations leave a ratio without a value."""
    said = [
        translate(
            template,
            language,
            unit=translate(UNITS[row["indicator"]], language),
            organisations=", ".join(name(part) for part in row[code]),
        )
        for row in held.iter_rows(named=True)
        for code, template in GAPS.items()
        if row[code]
    ]
    return " ".join(said) or translate("nothing", language)
