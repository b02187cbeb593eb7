"""Finding factors by the words people use, and telling which activities have none."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

import polars as pl

from bilanz.activity import activities, find, folded
from bilanz.gases import find as find_gas
from bilanz.gases import known_gases
from bilanz.messages import Language
from factors.base import Catalogue, catalogue

COVERAGE_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "activity": pl.String,
    "year": pl.Int32,
    "is_covered": pl.Boolean,  # at least one factor is valid on every day of the year, in some region
    "factors": pl.Int64,  # statements valid at some time of the year
    "regions": pl.String,  # of these, sorted, separated by spaces
    "chains": pl.String,
    "sources": pl.String,
}
_WITHOUT_FACTOR: Final = frozenset({"no_emission_payment"})


def search(text: str, language: Language, *, known: Catalogue | None = None) -> pl.DataFrame:
    """Return the factors whose activity, product group or published line a text names, in part or whole.

    Args:
        text: any German or English words: names, aliases and codes are compared without case and accents.
        language: language of the column `name`.
        known: the catalogue to search; the shipped one where none is given.

    Shape: rows of `FACTOR_SCHEMA` with `name` in front: the activity of exactly that name first, then
        by activity and region, newest first.
    """
    shelf = known or catalogue()
    wanted = folded(text)
    if not wanted:
        return _named(shelf.factors.clear(), shelf, language)
    codes = [code for code, names in _names_of_activities().items() if _names(wanted, names)]
    groups = [
        row["product_group"]
        for row in shelf.product_groups.iter_rows(named=True)
        if _names(wanted, (row["product_group"], row["de"], row["en"]))
    ]
    lines = shelf.factors.select("category", "item").unique().rows()
    named = pl.DataFrame(
        [line for line in lines if _names(wanted, (text for text in line if text))],
        schema={"category": pl.String, "item": pl.String},
        orient="row",
    )
    substance = find_gas(text, known_gases(shelf.gwp, shelf.blends))
    groups += [substance] if substance else []
    found = pl.col("activity").is_in(codes) | pl.col("product_group").is_in(groups)
    by_line = shelf.factors.join(named, on=named.columns, how="semi", nulls_equal=True)
    hits = pl.concat([shelf.factors.filter(found), by_line]).unique(maintain_order=True)
    meant = pl.col("activity") != (find(text) or "")
    order = [meant, *(pl.col(name) for name in ("activity", "region", "valid_from", "factor_id"))]
    newest = hits.sort(*order, descending=[False, False, False, True, False], nulls_last=True)
    return _named(newest, shelf, language)


def coverage(known: Catalogue, years: Sequence[int]) -> pl.DataFrame:
    """Return for every activity and year whether there is a factor.

    Shape: one row per activity and year in `COVERAGE_SCHEMA`, in the order of the vocabulary. Whether a
    factor of another region may be used is up to the book; the regions are named.
    """
    codes = [code for code in activities() if code not in _WITHOUT_FACTOR]
    grid = pl.DataFrame({"activity": codes}).join(_years(years), how="cross")
    valid = known.factors.join(_years(years), how="cross").filter(
        (pl.col("valid_from") < pl.col("next"))
        & (pl.col("valid_to").is_null() | (pl.col("valid_to") > pl.col("first")))
    )
    whole = (pl.col("valid_from") <= pl.col("first")) & (
        pl.col("valid_to").is_null() | (pl.col("valid_to") >= pl.col("next"))
    )
    found = valid.group_by("activity", "year").agg(
        whole.any().alias("is_covered"),
        pl.col("factor_id").n_unique().cast(pl.Int64).alias("factors"),
        *(
            pl.col(name).unique().sort().str.join(" ").alias(plural)
            for name, plural in (("region", "regions"), ("chain", "chains"), ("source", "sources"))
        ),
    )
    joined = grid.join(found, on=["activity", "year"], how="left", maintain_order="left")
    filled = joined.with_columns(
        pl.col("is_covered").fill_null(value=False),
        pl.col("factors").fill_null(0),
        pl.col("regions", "chains", "sources").fill_null(""),
    )
    return filled.select(pl.col(name).cast(kind) for name, kind in COVERAGE_SCHEMA.items())


def _years(years: Iterable[int]) -> pl.DataFrame:
    rows = [(year, date(year, 1, 1), date(year + 1, 1, 1)) for year in years]
    return pl.DataFrame(rows, schema={"year": pl.Int32, "first": pl.Date, "next": pl.Date}, orient="row")


def _names_of_activities() -> dict[str, tuple[str, ...]]:
    return {code: (code, entry.de, entry.en, *entry.aliases) for code, entry in activities().items()}


def _names(wanted: str, names: Iterable[str]) -> bool:
    """Return whether one of the names contains the words, ends of words aside."""
    return any(wanted in folded(name) for name in names)


def _named(frame: pl.DataFrame, shelf: Catalogue, language: Language) -> pl.DataFrame:
    names = {code: entry.name(language) for code, entry in activities().items()}
    groups = dict(shelf.product_groups.select("product_group", language).iter_rows())
    activity = pl.col("activity").replace_strict(names, default=None, return_dtype=pl.String)
    group = pl.col("product_group").replace_strict(groups, default=None, return_dtype=pl.String)
    return frame.select(pl.coalesce(group, activity, "item").alias("name"), pl.all())
