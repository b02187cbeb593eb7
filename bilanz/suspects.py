"""What may be counted twice and nobody declared: listed for somebody to look at, never subtracted.

    equal_quantities   two sources of one organisation and activity state nearly the same, month after month
    heating_beside     heating electricity and electricity are metered at one site, neither part of the other
    same_amount        spend of an organisation is what a quantity of it cost in the same month
    municipal_inside   consumption of the sector commerce stands beside meters of the municipality

Declared overlaps and sub-meters are no suspects.
"""

from typing import Final

import polars as pl

from bilanz.records import Direction, Role
from bilanz.units import units

EQUAL: Final = "equal_quantities"
HEATING: Final = "heating_beside"
AMOUNT: Final = "same_amount"
MUNICIPAL: Final = "municipal_inside"
KINDS: Final = (EQUAL, HEATING, AMOUNT, MUNICIPAL)

SUSPECT_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "kind": pl.String,  # KINDS
    "organisation": pl.String,
    "first_source": pl.String,  # the one that would be the part
    "first_activity": pl.String,
    "second_source": pl.String,  # null: several
    "second_activity": pl.String,
    "months": pl.Int64,  # in which both are counted so
    "first_quantity": pl.Decimal(38, 6),  # over these months
    "second_quantity": pl.Decimal(38, 6),
    "unit": pl.String,
}

_NEAR: Final = 0.005
"""Relative difference up to which two quantities are nearly the same."""

_LEAST_MONTHS: Final = 3
"""One month may agree by chance."""

_COMMERCE: Final = r"^commerce( /|$)"
"""Sources of the territory begin with their sector."""

_PLACE: Final = ("organisation", "source", "activity")


def suspects(usage: pl.DataFrame, terms: pl.DataFrame, overlaps: pl.DataFrame) -> pl.DataFrame:
    """Return what may be counted twice.

    Shape: one row per pair, `SUSPECT_SCHEMA`, sorted by kind and place.

    Args:
        usage: `USAGE_SCHEMA`.
        terms: `SOURCE_TERM_SCHEMA`, for sub-meters.
        overlaps: `OVERLAP_SCHEMA`.
    """
    own = usage.filter(
        pl.col("quantity").is_not_null(),
        pl.col("direction") == Direction.CONSUMPTION,
        pl.col("role").is_in([Role.CONSUMED, Role.DELIVERED]),
        pl.col("activity").is_not_null(),
    )
    money = [code for code, unit in units().items() if unit.kind == "money"]
    energy, spend = own.filter(~pl.col("unit").is_in(money)), own.filter(pl.col("unit").is_in(money))
    found = pl.concat([_equal(energy), _heating(energy), _amounts(energy, spend), _municipal(energy)])
    known = pl.concat(
        [
            overlaps.select(one="part_source", two="whole_source"),
            terms.select(one="source", two="parent").drop_nulls(),
        ]
    ).unique()
    for one, two in (("one", "two"), ("two", "one")):
        found = found.join(known, left_on=["first_source", "second_source"], right_on=[one, two], how="anti")
    return found.sort("kind", *found.columns[1:6], nulls_last=True)


def _typed(frame: pl.DataFrame, kind: str) -> pl.DataFrame:
    told = frame.with_columns(kind=pl.lit(kind))
    return told.select(pl.col(name).cast(dtype) for name, dtype in SUSPECT_SCHEMA.items())


def _monthly(frame: pl.DataFrame, *more: str) -> pl.DataFrame:
    return frame.group_by(*_PLACE, *more, "month", "unit").agg(pl.col("quantity").sum())


def _is_near(one: str, two: str) -> pl.Expr:
    """Say whether two positive amounts are nearly the same; a comparison, no sum."""
    first, second = pl.col(one).cast(pl.Float64), pl.col(two).cast(pl.Float64)
    near = (first - second).abs() <= _NEAR * pl.max_horizontal(first, second)
    return near & (first > 0) & (second > 0)


def _pairs(frame: pl.DataFrame) -> pl.DataFrame:
    """Return months, first_ and second_quantity of each pair of sources, in enough months."""
    keys = ("organisation", "first_source", "first_activity", "second_source", "second_activity", "unit")
    return (
        frame.group_by(*keys)
        .agg(
            pl.col("month").n_unique().cast(pl.Int64).alias("months"),
            pl.col("first_quantity").sum(),
            pl.col("second_quantity").sum(),
        )
        .filter(pl.col("months") >= _LEAST_MONTHS)
    )


def _equal(energy: pl.DataFrame) -> pl.DataFrame:
    """Compare every source with the next larger one of its organisation, activity and month.

    Neighbours in size only: of many that agree each is named with the next, and nothing is quadratic.
    """
    group = ("organisation", "activity", "month", "unit")
    ordered = _monthly(energy).sort(*group, "quantity", "source")
    following = ordered.with_columns(
        pl.col("source", "quantity").shift(-1).over(group).name.prefix("next_")
    ).filter(_is_near("quantity", "next_quantity"), pl.col("source") != pl.col("next_source"))
    is_turned = pl.col("source") > pl.col("next_source")  # a pair is one pair, whichever is larger
    found = following.select(
        "organisation",
        "month",
        "unit",
        first_source=pl.when(is_turned).then("next_source").otherwise("source"),
        second_source=pl.when(is_turned).then("source").otherwise("next_source"),
        first_quantity=pl.when(is_turned).then("next_quantity").otherwise("quantity"),
        second_quantity=pl.when(is_turned).then("quantity").otherwise("next_quantity"),
        first_activity="activity",
        second_activity="activity",
    )
    return _typed(_pairs(found), EQUAL)


def _heating(energy: pl.DataFrame) -> pl.DataFrame:
    """Find heating electricity at a site that has another electricity meter in the same months."""
    held = _monthly(energy.filter(pl.col("site").is_not_null()), "site")
    parts, wholes = (
        held.filter(pl.col("activity") == name) for name in ("electricity_heating", "electricity")
    )
    joined = parts.join(wholes, on=["organisation", "site", "month", "unit"], how="inner", suffix="_whole")
    found = joined.select(
        "organisation",
        "month",
        "unit",
        first_source="source",
        first_activity="activity",
        second_source="source_whole",
        second_activity="activity_whole",
        first_quantity="quantity",
        second_quantity="quantity_whole",
    ).filter(pl.col("first_source") != pl.col("second_source"))
    return _typed(_pairs(found), HEATING)


def _amounts(energy: pl.DataFrame, spend: pl.DataFrame) -> pl.DataFrame:
    """Find spend that is, to half a percent, what a quantity of the same month cost."""
    costs = (
        energy.filter(pl.col("cost_net") > 0)
        .group_by(*_PLACE, "month", unit="currency")
        .agg(pl.col("cost_net").sum().alias("cost"))
    )
    paid = _monthly(spend)
    joined = paid.join(costs, on=["organisation", "month", "unit"], how="inner", suffix="_whole")
    found = joined.filter(_is_near("quantity", "cost")).select(
        "organisation",
        "month",
        "unit",
        first_source="source",
        first_activity="activity",
        second_source="source_whole",
        second_activity="activity_whole",
        first_quantity="quantity",
        second_quantity="cost",
    )
    return _typed(_pairs(found), AMOUNT)


def _municipal(energy: pl.DataFrame) -> pl.DataFrame:
    """Find the sector commerce of a territory beside meters of the municipality for the same activity."""
    held = _monthly(energy)
    is_sector = pl.col("source").str.contains(_COMMERCE)
    meters = (
        held.filter(~pl.col("source").str.contains(r"^[a-z_]+ /"), ~is_sector)
        .group_by("activity", "month", "unit")
        .agg(pl.col("quantity").sum().alias("municipal"))
    )
    joined = held.filter(is_sector).join(meters, on=["activity", "month", "unit"], how="inner")
    found = joined.group_by(*_PLACE, "unit").agg(
        pl.col("month").n_unique().alias("months"), pl.col("municipal").sum(), pl.col("quantity").sum()
    )
    return _typed(
        found.select(
            "organisation",
            "months",
            "unit",
            first_source=pl.lit(None, pl.String),
            first_activity="activity",
            second_source="source",
            second_activity="activity",
            first_quantity="municipal",
            second_quantity="quantity",
        ),
        MUNICIPAL,
    )
