"""Product groups of spend and the maps that lead to them.

CPV code of an order  ──longest prefix──►  product group
municipal account     ──longest prefix──►  target (purchase, purchase_capital, no_emission_payment, a family)
                                           and product group
product group         ──family──►          activities whose quantities the spend repeats
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from bilanz.activity import activities
from bilanz.errors import CatalogueError
from factors import table
from factors.table import FILE, ROW

CONFIDENCES: Final = ("high", "medium", "low")
PAYMENTS: Final = ("purchase", "purchase_capital", "no_emission_payment")
FOREIGN: Final = ":"
"""Stands between the name of a classification other than CPA and its code."""

_MAPPED: Final = ("product_group", "confidence", "provenance", "note")


@dataclass(frozen=True, slots=True)
class ProductGroups:
    """The four tables, checked against each other."""

    groups: pl.DataFrame
    cpv_map: pl.DataFrame
    account_map: pl.DataFrame
    families: pl.DataFrame


def load(folder: Path) -> ProductGroups:
    """Return product groups and maps.

    Raises:
        CatalogueError: a table is not what it must be, or names what another does not hold.
    """
    about = table.settings(folder)
    groups = _table(folder, "product_groups", ("product_group", "de", "en", "family"))
    families = _table(folder, "families", ("family", "activity"))
    cpv = _table(folder, "cpv_map", ("cpv", *_MAPPED))
    accounts = _table(folder, "account_map", ("account", "target", *_MAPPED))
    codes = groups.get_column("product_group").to_list()
    names = families.get_column("family").unique().to_list()
    _within(groups, "family", names)
    _within(families, "activity", list(activities()))
    _within(accounts, "target", [*PAYMENTS, *names])
    for frame, key in ((cpv, "cpv"), (accounts, "account")):
        _within(frame, "product_group", codes)
        _within(frame, "confidence", list(CONFIDENCES))
        _within(frame, "provenance", list(about.get(f"{key}_map", {})))
        _distinct(frame, key)
    _distinct(groups, "product_group")
    tables = (frame.drop(FILE, ROW) for frame in (groups, cpv, accounts, families))
    return ProductGroups(*tables)


def with_published(groups: pl.DataFrame, factors: pl.DataFrame) -> pl.DataFrame:
    """Return the product groups with those of other classifications that spend factors state.

    Their codes begin with the classification ("NAICS:111110"); their name is the publisher's own of the line.
    """
    own = groups.get_column("product_group").to_list()
    foreign = pl.col("product_group").str.contains(FOREIGN, literal=True) & pl.col("item").is_not_null()
    spend = factors.filter(foreign & (pl.col("activity") == "purchase"), ~pl.col("product_group").is_in(own))
    named = spend.select(
        "product_group",
        pl.col("item").alias("de"),
        pl.col("item").alias("en"),
        pl.lit(None, pl.String).alias("family"),
    )
    return pl.concat([groups, named.unique("product_group", keep="first").sort("product_group")])


def _table(folder: Path, name: str, columns: tuple[str, ...]) -> pl.DataFrame:
    return table.frame(table.shipped(folder / f"{name}.csv", required=columns)).select(*columns, FILE, ROW)


def _within(frame: pl.DataFrame, column: str, codes: list[str]) -> None:
    _refuse(frame.filter(~pl.col(column).is_in(codes)), column)


def _distinct(frame: pl.DataFrame, column: str) -> None:
    _refuse(frame.filter(pl.col(column).is_duplicated() | pl.col(column).is_null()), column)


def _refuse(rows: pl.DataFrame, column: str) -> None:
    if rows.height:
        row = rows.row(0, named=True)
        message = '{file}, line {row}, column "{column}": {value} is unknown, empty or there twice.'
        raise CatalogueError(message, file=row[FILE], row=row[ROW], column=column, value=row[column] or "–")
