"""From a run to the tables of a bundle: consolidated at the member, at the published grain.

lines ─► parts at the member ─► joined rows ─► marks, control sums
deliveries to and from others ─► the lines of this side
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from bilanz.boundary import SHARE_SCHEMA
from bilanz.consolidation import Plan, parts
from bilanz.conversion import Converter
from bilanz.factor import FACTOR_SCHEMA
from bilanz.gases import EQUIVALENT, GwpSet, gwp_value, weights
from bilanz.league.bundle import (
    CONTROL_SCHEMA,
    DENOMINATOR_SCHEMA,
    EXCEPTION_SCHEMA,
    INDICATOR_SCHEMA,
    MEASURES,
    ORGANISATION_SCHEMA,
    POTENTIAL_SCHEMA,
    TERRITORY_SCHEMA,
)
from bilanz.league.grain import joined, place
from bilanz.league.products import marked, ways
from bilanz.league.table import known_sum

UNITS: Final = {"population": "inhabitants", "floor_area_m2": "m2", "staff": "full-time equivalents"}
"""Figure → unit of it."""

_CO2E_PARTS: Final = {
    f"co2e_kg_{part}": f"{part}_kg" for part in ("outside", "minority", "eliminated", "consolidated")
}


@dataclass(frozen=True, slots=True)
class Boundary:
    """Who publishes, and how what is below it was consolidated.

    Attributes:
        node: the outermost organisation.
        lines: `LINE_SCHEMA`, without those of territories.
        made: what decides which of these lines belongs to it.
        territories: organisations that stand for a territory: never part of it.
    """

    node: str
    lines: pl.DataFrame
    made: Plan
    territories: frozenset[str]

    def held(self) -> pl.DataFrame:
        """Return the lines at or below the node, with the parts of their CO2e.

        Shape: `LINE_SCHEMA` and `PARTS`.
        """
        told = parts(self.lines, self.made, ["co2e_kg"], node=self.node).rename(_CO2E_PARTS)
        return told.select(*self.lines.columns, *_CO2E_PARTS.values())

    def organisations(self) -> list[str]:
        """Return who was at or below the node on a day of the year, territories left out."""
        found = self.made.shares.filter(pl.col("node") == self.node)["organisation"].unique().sort()
        return [name for name in found.to_list() if name not in self.territories]


@dataclass(frozen=True, slots=True)
class Weights:
    """What a run was weighted with.

    Attributes:
        factors: `FACTOR_SCHEMA`, those in use.
        books: book → potentials.
        sets: set of potentials → its values, those factors were published with.
        converter: conversions by sourced properties.
        regions: where these must hold, the narrowest first.
    """

    factors: pl.DataFrame
    books: Mapping[str, GwpSet]
    sets: Mapping[str, GwpSet]
    converter: Converter
    regions: tuple[str, ...]


def balance_of(held: pl.DataFrame, weights_of: Weights, smallest: int, on: date) -> dict[str, pl.DataFrame]:
    """Return the balance of a member, and what it can be calculated again with.

    Shape: name → frame as in `bilanz.league.bundle`: balance, factors, potentials, conversions, controls.

    Args:
        held: lines of who publishes, with their parts (`Boundary.held`).
        weights_of: what the run was weighted with.
        smallest: places behind a row at least.
        on: the day properties must hold on.
    """
    rows = joined(held, smallest)
    factors = _factors_of(weights_of.factors, rows)
    potentials = pl.concat([potentials_of(rows, weights_of.books), _published_with(factors, weights_of.sets)])
    found = ways(rows, factors, weights_of.converter, weights_of.regions, on)
    balance, used = marked(rows, factors, potentials, found)
    return {
        "balance": balance,
        "factors": factors,
        "potentials": potentials,
        "conversions": used,
        "controls": _controls(balance),
    }


def _controls(rows: pl.DataFrame) -> pl.DataFrame:
    several = pl.col("joined").str.contains("activities")
    sums = rows.group_by("book", "scope").agg(
        *(known_sum(name) for name in MEASURES),
        pl.col("lines").sum(),
        pl.col("lines").filter(several).sum().alias("joined_lines"),
        pl.col("co2e_kg").filter(several).sum().alias("joined_kg"),
        pl.col("places").max(),
    )
    return sums.select(pl.col(name).cast(kind) for name, kind in CONTROL_SCHEMA.items()).sort("book", "scope")


def _factors_of(factors: pl.DataFrame, balance: pl.DataFrame) -> pl.DataFrame:
    """Return the factors the rows of a balance name. Shape: `FACTOR_SCHEMA`."""
    named = balance["factor_id"].drop_nulls().unique()
    told = factors.filter(pl.col("factor_id").is_in(named.to_list()))
    return told.select(list(FACTOR_SCHEMA)).sort("factor_id", "chain", "gas", nulls_last=True)


def potentials_of(balance: pl.DataFrame, sets: Mapping[str, GwpSet]) -> pl.DataFrame:
    """Return the potentials of the gases of a balance. Shape: `POTENTIAL_SCHEMA`."""
    found = [pl.DataFrame(schema=POTENTIAL_SCHEMA)]
    for book, chosen in sorted(sets.items()):
        gases = balance.filter(pl.col("book") == book, pl.col("mass_kg").is_not_null())["gas"].unique()
        told = weights(chosen, [gas for gas in gases.to_list() if gas != EQUIVALENT])
        named = told.with_columns(book=pl.lit(book), gwp=pl.lit(chosen.name)).rename({"gwp_value": "value"})
        found.append(named.select(pl.col(name).cast(kind) for name, kind in POTENTIAL_SCHEMA.items()))
    return pl.concat(found)


def _published_with(factors: pl.DataFrame, sets: Mapping[str, GwpSet]) -> pl.DataFrame:
    """Return the potentials that stand in factors which state kg CO2e of a gas."""
    weighted = factors.filter(pl.col("gas") != EQUIVALENT, pl.col("gwp").is_in(list(sets)))
    pairs = weighted.select("gwp", "gas").unique().sort("gwp", "gas")
    rows = [
        (None, name, gas, found.value, found.resolution.value)
        for name, gas in pairs.iter_rows()
        if (found := gwp_value(sets[name], gas))
    ]
    return pl.DataFrame(rows, schema=POTENTIAL_SCHEMA, orient="row")


def organisations_of(organisations: pl.DataFrame, names: Sequence[str], node: str) -> pl.DataFrame:
    """Return who is in a bundle. Shape: `ORGANISATION_SCHEMA`; the node first."""
    told = organisations.filter(pl.col("organisation").is_in([*names]))
    outer = pl.when(pl.col("organisation") != node).then("parent").alias("parent")
    ordered = told.with_columns(outer).sort(pl.col("organisation") != node, "organisation")
    return ordered.select(pl.col(name).cast(kind) for name, kind in ORGANISATION_SCHEMA.items())


def denominators_of(figures: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Return the figures of the organisations in a bundle. Shape: `DENOMINATOR_SCHEMA`."""
    told = figures.filter(pl.col("organisation").is_in([*names]), pl.col("value").is_not_null())
    unit = pl.col("figure").replace_strict(UNITS, return_dtype=pl.String).alias("unit")
    kept = told.with_columns(unit).select(
        pl.col(name).cast(kind) for name, kind in DENOMINATOR_SCHEMA.items()
    )
    return kept.sort("organisation", "figure")


def indicators_of(indicators: pl.DataFrame, node: str) -> pl.DataFrame:
    """Return the ratios of the node. Shape: `INDICATOR_SCHEMA`."""
    told = indicators.filter(pl.col("node") == node).rename({"numerator": "numerator_kg"})
    lists = [pl.col(name).list.sort().list.join(", ").alias(name) for name in ("missing", "silent")]
    return (
        told.with_columns(lists)
        .select(pl.col(name).cast(kind) for name, kind in INDICATOR_SCHEMA.items())
        .sort("book", "indicator")
    )


def exceptions_of(
    exceptions: pl.DataFrame, places: pl.DataFrame, smallest: int, names: Sequence[str]
) -> pl.DataFrame:
    """Return the quantities without a number; activity and quantity only where enough places are behind them.

    Shape: `EXCEPTION_SCHEMA`. `places`: each `source` once, with its `site`; null: it has none.
    """
    own = exceptions.filter(pl.col("organisation").is_in([*names]))
    told = own.join(places.select("source", "site"), on="source", how="left").with_columns(place=place())
    keys = ["book", "code", "activity", "unit"]
    is_shown = pl.col("place").n_unique().over(keys) >= smallest
    shown = told.with_columns(is_shown=is_shown).with_columns(
        pl.when("is_shown").then(name).alias(name) for name in ("activity", "unit", "quantity")
    )
    known = pl.when(pl.col("quantity").is_not_null().any()).then(
        pl.col("quantity").cast(pl.Decimal(38, 6)).sum()
    )
    rows = shown.group_by(keys).agg(
        known.alias("quantity"), pl.col("records").sum(), pl.col("place").n_unique().alias("places")
    )
    return rows.select(pl.col(name).cast(kind) for name, kind in EXCEPTION_SCHEMA.items()).sort(
        keys, nulls_last=True
    )


def territory_of(cells: pl.DataFrame, territories: Sequence[str]) -> pl.DataFrame:
    """Return the final energy of territories. Shape: `TERRITORY_SCHEMA`. Nothing is eliminated in it."""
    told = cells.filter(pl.col("organisation").is_in([*territories])).rename({"organisation": "territory"})
    kept = told.select(pl.col(name).cast(kind) for name, kind in TERRITORY_SCHEMA.items())
    return kept.sort("territory", "sector", "carrier", "use", nulls_last=True)


def share_of(made: Plan, node: str) -> pl.DataFrame:
    """Return the share of the node in each organisation by month: `organisation`, `month`, `held`."""
    named = [name for name in SHARE_SCHEMA if name in {"organisation", "month", "held"}]
    return made.shares.filter(pl.col("node") == node).select(named)
