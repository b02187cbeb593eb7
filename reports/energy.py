"""Energy of a result: own consumption with its cost, and every other flow.

A cost may stand in another row than the energy it paid for (a reading beats the bill, the bill still cost
money). So energy and cost meet per source and month, never per row.
"""

from typing import Final

import polars as pl

from bilanz.activity import activities
from bilanz.errors import UnitError
from bilanz.records import Basis, Direction, Role
from bilanz.result import Result
from bilanz.units import dimension
from reports.totals import known_sum

_OWN: Final = (Role.CONSUMED.value, Role.DELIVERED.value)
_SOURCE_MONTH: Final = ("organisation", "source", "activity", "month")
_TO_PRICE: Final = 1000


def usage(result: Result) -> pl.DataFrame:
    """Return the usage of energy carriers; `basis` is the one the energy is stated in."""
    carriers = [code for code, activity in activities().items() if activity.carrier]
    fuels = [code for code, activity in activities().items() if activity.needs_basis]
    units = result.usage["unit"].unique().drop_nulls().to_list()
    energies = [unit for unit in units if _is_energy(unit)]
    rows = result.usage.filter(
        pl.col("activity").is_in(carriers) | pl.col("energy_kwh").is_not_null(),
        pl.col("product_group").is_null(),
    )
    # litres, kilograms and cubic metres become energy by their net calorific value
    became_energy = pl.col("energy_kwh").is_not_null() & ~pl.col("unit").is_in(energies)
    is_net = became_energy & pl.col("activity").is_in(fuels)
    return rows.with_columns(pl.when(is_net).then(pl.lit(Basis.HI.value)).otherwise("basis").alias("basis"))


def _is_energy(unit: str) -> bool:
    """Say whether a unit measures energy."""
    try:
        return dimension(unit) == "energy"
    except UnitError:
        return False


_IS_OWN: Final = (pl.col("direction") == Direction.CONSUMPTION.value) & (
    pl.col("role").is_null() | pl.col("role").is_in(_OWN)
)


def own_usage(result: Result) -> pl.DataFrame:
    """Return the usage of what is consumed itself, not passed on."""
    return usage(result).filter(_IS_OWN)


def own_use(result: Result) -> pl.DataFrame:
    """Return energy_kwh and cost_net per source, month, calorific basis and currency.

    Rows without a cost have no currency. A cost without energy takes the basis its source has in that month.
    """
    own = own_usage(result)
    basis = own.filter(pl.col("energy_kwh").is_not_null()).group_by(_SOURCE_MONTH).agg(pl.col("basis").min())
    told = own.join(basis, on=_SOURCE_MONTH, how="left", nulls_equal=True, suffix="_of_energy").with_columns(
        pl.when(pl.col("energy_kwh").is_null())
        .then(pl.coalesce("basis_of_energy", "basis"))
        .otherwise("basis")
        .alias("basis")
    )
    keys = (*_SOURCE_MONTH, "basis")
    energy = told.group_by(keys).agg(known_sum("energy_kwh"))
    costs = (
        told.filter(pl.col("cost_net").is_not_null(), pl.col("currency").is_not_null())
        .group_by(*keys, "currency")
        .agg(pl.col("cost_net").sum())
    )
    return energy.join(costs, on=keys, how="left", nulls_equal=True)


def by_carrier(own: pl.DataFrame) -> pl.DataFrame:
    """Return activity, basis, energy_kwh and the share of it whose cost is known, the largest first."""
    # two currencies in one month must not count its energy twice
    months = own.group_by(*_SOURCE_MONTH, "basis").agg(
        pl.col("energy_kwh").first(), pl.col("cost_net").is_not_null().any().alias("_is_priced")
    )
    priced = pl.col("energy_kwh").filter(pl.col("_is_priced")).sum().cast(pl.Float64)
    whole = pl.col("energy_kwh").sum().cast(pl.Float64)
    return (
        months.group_by("activity", "basis")
        .agg(known_sum("energy_kwh"), pl.when(whole > 0).then(priced / whole).alias("with_cost"))
        .sort(["energy_kwh", "activity", "basis"], descending=[True, False, False], nulls_last=True)
    )


def cost_by_carrier(own: pl.DataFrame, currency: str) -> pl.DataFrame:
    """Return activity, basis, cost_net, the energy it paid for and the price per MWh, the dearest first.

    No price stands where a part of the cost has no energy: the quotient would be too high.
    """
    energy = pl.col("energy_kwh").cast(pl.Float64)
    return (
        own.filter(pl.col("currency") == currency)
        .group_by("activity", "basis")
        .agg(
            known_sum("cost_net"),
            known_sum("energy_kwh"),
            pl.col("energy_kwh").is_null().any().alias("_has_gap"),
        )
        .with_columns(
            pl.when((energy > 0) & ~pl.col("_has_gap"))
            .then(pl.col("cost_net").cast(pl.Float64) / energy * _TO_PRICE)
            .alias("price")
        )
        .drop("_has_gap")
        .sort(["cost_net", "activity", "basis"], descending=[True, False, False], nulls_last=True)
    )


def other_flows(result: Result) -> pl.DataFrame:
    """Return activity, role, direction, basis, energy_kwh of what is not own consumption."""
    return (
        usage(result)
        .filter(~_IS_OWN | pl.col("direction").is_null(), pl.col("quantity").is_not_null())
        .group_by("activity", "role", "direction", "basis")
        .agg(known_sum("energy_kwh"))
        .sort("activity", "role", "direction", "basis", nulls_last=True)
    )
