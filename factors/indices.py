"""Indices of money: price indices, exchange rates, tax rates and margins, shipped and own ones."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import polars as pl

from bilanz.factor import Evidence
from bilanz.money import CURRENCIES
from bilanz.price import INDEX_SCHEMA, IndexKind
from factors import gate, rules, table
from factors.publication import Extract
from factors.table import Rule

NULLABLE: Final = ("region", "product_group", "category", "valid_to", "base_year", "note")
CUSTOM: Final = Evidence.CUSTOM.value
VAT_CATEGORIES: Final = ("standard", "reduced")
PERCENT: Final = "percent"
RATIO: Final = "1"
_KEY: Final = (
    "kind",
    "series",
    "region",
    "product_group",
    "category",
    "valid_from",
    "valid_to",
    "unit",
    "per_unit",
)
_HIGHEST_VAT: Final = 30
_BASE: Final = 100
_YEARLY: Final = pl.col("kind").is_in([IndexKind.PRICE_INDEX.value, IndexKind.MARGIN.value])


REQUIRED: Final = ("kind", "valid_from", "value", "title")
"""Columns an own table must have; the others where its kind needs them."""

_RAGGED: Final = "The row has more or fewer fields than the header."
_OWN_RANK: Final = "0"


def own(path: Path) -> Extract:
    """Return somebody's own indices: a CSV with the columns of docs/factors.md.

    An own index counts before a shipped one (rank 0) unless it states a rank.

    Raises:
        FileRefused: the file cannot be read, lacks a required column, or has an unknown one.
    """
    parsed = table.received(path, required=REQUIRED, known=INDEX_SCHEMA)
    edition = re.sub(r"[^a-z0-9]+", "_", path.stem.lower()).strip("_") or "own"
    rows = table.framed(table.completed(parsed, {}, tuple(INDEX_SCHEMA)), INDEX_SCHEMA)
    prefix = f"{CUSTOM}:{edition}:"
    named = ("kind", "region", "product_group", "category", "unit", "per_unit", "valid_from")
    made = pl.concat_str([pl.col(name).fill_null("") for name in named], separator=":")
    one = pl.lit(RATIO)
    rows = rows.with_columns(
        source=pl.lit(CUSTOM),
        edition=pl.lit(edition),
        evidence=pl.lit(CUSTOM),
        rank=pl.col("rank").fill_null(_OWN_RANK),
        unit=pl.when(_is(IndexKind.VAT_RATE)).then(pl.lit(PERCENT)).when(_YEARLY).then(one).otherwise("unit"),
        per_unit=pl.when(_is(IndexKind.EXCHANGE_RATE)).then("per_unit").otherwise(one),
    )
    series = pl.lit(f"{CUSTOM}_{edition}_") + pl.concat_str(
        [pl.col(name).fill_null("") for name in named[:-1]], separator="_"
    )
    rows = rows.with_columns(
        series=pl.coalesce("series", series),
        index_id=pl.lit(prefix) + pl.coalesce(pl.col("index_id").str.strip_prefix(prefix), made),
    )
    return Extract(
        source=CUSTOM,
        edition=edition,
        rows=rows,
        n_read=rows.height + len(parsed.ragged),
        unreadable=tuple((row, _RAGGED) for row in parsed.ragged),
        table="indices",
    )


def checks() -> Iterator[Rule]:
    """Yield the rules of the table."""
    yield from rules.present(INDEX_SCHEMA, NULLABLE)
    yield rules.closed("kind", (kind.value for kind in IndexKind), "Not a kind of index.")
    yield rules.decimal("value")
    yield Rule("value", rules.number("value") <= 0, "A value above zero is expected.")
    yield Rule("rank", ~pl.col("rank").str.contains(r"^\d{1,5}$"), "A whole number is expected.")
    yield from _rates()
    yield from _price_indices()
    yield from _taxes_and_margins()
    yield from rules.described()
    yield from rules.dated()
    yield from _periods()
    yield from rules.distinct("index_id", (*_KEY, "source", "edition"))


def _is(kind: IndexKind) -> pl.Expr:
    return pl.col("kind") == kind.value


def _rates() -> Iterator[Rule]:
    rate = _is(IndexKind.EXCHANGE_RATE)
    for name in ("unit", "per_unit"):
        foreign = rate & ~pl.col(name).is_in(list(CURRENCIES))
        yield Rule(name, foreign, "Not a currency in use.")
    yield Rule(
        "unit", rate & (pl.col("unit") == pl.col("per_unit")), "Two different currencies are expected."
    )
    yield Rule("region", rate & pl.col("region").is_not_null(), "An exchange rate has no region.")
    yield Rule("region", ~rate & pl.col("region").is_null(), rules.REQUIRED)
    yield Rule("per_unit", ~rate & (pl.col("per_unit") != RATIO), 'Expected "1".')


def _price_indices() -> Iterator[Rule]:
    index = _is(IndexKind.PRICE_INDEX)
    yield Rule("unit", (index | _is(IndexKind.MARGIN)) & (pl.col("unit") != RATIO), 'Expected "1".')
    year = pl.col("base_year").str.contains(r"^(19|20)\d\d$").fill_null(value=False)
    yield Rule("base_year", index & ~year, "The year of the base (= 100) is required.")
    yield Rule("base_year", ~index & pl.col("base_year").is_not_null(), "Only a price index has a base year.")
    several = pl.col("base_year").fill_null("").n_unique().over("series") > 1
    yield Rule("base_year", several, "Differs within one series.")
    is_base = pl.col("base_year") == pl.col("valid_from").str.slice(0, 4)
    based = index & is_base & (rules.number("value") != _BASE)
    yield Rule("value", based, "The base year must be 100.")


def _taxes_and_margins() -> Iterator[Rule]:
    vat, margin, value = _is(IndexKind.VAT_RATE), _is(IndexKind.MARGIN), rules.number("value")
    yield Rule("unit", vat & (pl.col("unit") != PERCENT), 'Expected "percent".')
    yield Rule("value", vat & (value > _HIGHEST_VAT), "Implausible for a tax rate in percent.")
    known = pl.col("category").is_in(list(VAT_CATEGORIES)).fill_null(value=False)
    yield Rule("category", vat & ~known, "Expected standard or reduced.")
    yield Rule("category", ~vat & pl.col("category").is_not_null(), "Only a tax rate has a category.")
    above = margin & (value > 1)
    yield Rule("value", above, "A basic price is at most the purchaser's price: a ratio up to 1 is expected.")
    yield Rule("product_group", margin & pl.col("product_group").is_null(), "A margin needs a product group.")
    other = (vat | _is(IndexKind.EXCHANGE_RATE)) & pl.col("product_group").is_not_null()
    yield Rule("product_group", other, "Only prices and margins have a product group.")


def _periods() -> Iterator[Rule]:
    ended = ~_is(IndexKind.VAT_RATE) & pl.col("valid_to").is_null()
    yield Rule("valid_to", ended, rules.REQUIRED)
    years, months = rules.whole_years(), rules.whole_months()
    yield Rule(years.column, years.broken & _YEARLY, years.reason)
    yield Rule(months.column, months.broken & _is(IndexKind.EXCHANGE_RATE), months.reason)
    start, end = gate.iso_date("valid_from"), gate.iso_date("valid_to")
    long = _YEARLY & (end.dt.year() != start.dt.year() + 1)
    yield Rule("valid_to", long, "One year a row is expected.")
