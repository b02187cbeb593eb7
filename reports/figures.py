"""Figures of a result in the units forms ask for: net energy, water, waste. What is not known stays unknown.

Amount(value, lines)     value None, lines 0   nothing of the kind in the data
                         value None, lines n   a part of it has no figure: no sum is told
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import polars as pl

from bilanz.activity import Activity, activities
from bilanz.errors import UnitError
from bilanz.records import Basis
from bilanz.result import Result
from bilanz.units import ratio
from reports import energy
from reports.totals import known_sum

WATER: Final = ("water_supply",)
WASTE: Final = tuple(code for code in activities() if code.startswith("waste_") and code != "waste_water")
PAPER: Final = ("paper",)
ELECTRICITY: Final = ("electricity", "electricity_heating", "electricity_traction")
RENEWABLE_CARRIERS: Final = (
    "Biomasse",
    "Biogas",
    "Bio-Diesel",
    "Bio-Benzin",
    "Solarthermie",
    "Umweltwärme",
)
UNTOLD: Final = ("hydrogen",)
"""Fuels that are renewable or not, which nothing in the data says."""

_DIGITS: Final = Decimal(1).scaleb(-6)
_PER_THOUSAND: Final = Decimal(1000)


@dataclass(frozen=True, slots=True)
class Amount:
    """A figure and the number of sums it is made of."""

    value: Decimal | None
    parts: int = 1

    @property
    def is_absent(self) -> bool:
        """Whether the data hold nothing of the kind."""
        return self.parts == 0

    @property
    def is_incomplete(self) -> bool:
        """Whether there is something, and a part of it has no figure."""
        return self.value is None and self.parts > 0


def added(values: Sequence[Decimal | None]) -> Amount:
    """Return the sum; None where one of the values is not known, or there is none."""
    known = [value for value in values if value is not None]
    is_whole = bool(values) and len(known) == len(values)
    return Amount(sum(known, Decimal(0)) if is_whole else None, len(values))


def fleet() -> pl.Expr:
    """Say whether a row is of vehicles; what is not classified is not."""
    codes = [code for code, entry in activities().items() if entry.is_fleet]
    return pl.col("activity").is_in(codes).fill_null(value=False)


def net_energy(
    result: Result, keys: Sequence[str], rows: pl.DataFrame | None = None
) -> Iterator[tuple[dict[str, Any], Decimal | None]]:
    """Yield sums of own consumption and their kWh by net calorific value; None: a part has no figure.

    Args:
        result: one run; the ratios of gross to net stand beside it.
        keys: columns a sum is made for; activity and basis among them.
        rows: of `energy.own_usage`; None: all.
    """
    used = energy.own_usage(result) if rows is None else rows
    sums = (
        used.filter(pl.col("quantity").is_not_null())
        .group_by(keys)
        .agg(
            known_sum("energy_kwh"),
            pl.col("energy_kwh").is_null().any().alias("has_gap"),
            pl.col("month").unique().alias("months"),
        )
        .sort(keys, nulls_last=True)
    )
    table = result.beside.net_ratios
    ratios = {} if table is None else dict(table.select("activity", "net_per_gross").iter_rows())
    for row in sums.iter_rows(named=True):
        yield row, None if row["has_gap"] else _net(row, ratios)


def _net(row: dict[str, Any], ratios: Mapping[str, Decimal]) -> Decimal | None:
    """Return kWh by net calorific value; None where a fuel states no basis or has no ratio."""
    kwh: Decimal = row["energy_kwh"]
    known = activities().get(row["activity"])
    if row["basis"] == Basis.HI.value or (known and not known.needs_basis):
        return kwh
    ratio_ = ratios.get(row["activity"])
    return (kwh * ratio_).quantize(_DIGITS) if row["basis"] == Basis.HS.value and ratio_ is not None else None


def energy_mwh(result: Result, wanted: Callable[[Activity], bool] | None = None) -> Amount:
    """Return the own consumption of energy in MWh by net calorific value, vehicles included.

    `wanted`: of which activities; None: all, also what is not classified.
    """
    known = activities()
    sums = [
        None if kwh is None else kwh / _PER_THOUSAND
        for row, kwh in net_energy(result, ("activity", "basis"))
        if wanted is None or (row["activity"] in known and wanted(known[row["activity"]]))
    ]
    return added(sums)


def quantity(result: Result, codes: Collection[str], unit: str) -> Amount:
    """Return what was consumed of some activities in a unit; None where a quantity is of another kind."""
    usage = result.usage.filter(
        pl.col("activity").is_in(list(codes)),
        pl.col("direction") == "consumption",
        pl.col("role").is_null() | pl.col("role").is_in(["consumed", "delivered"]),
        pl.col("quantity").is_not_null(),
    )
    sums = usage.group_by("unit").agg(pl.col("quantity").sum()).sort("unit", nulls_last=True)
    return added([_in_unit(value, stated, unit) for stated, value in sums.iter_rows()])


def _in_unit(value: Decimal, stated: str | None, unit: str) -> Decimal | None:
    if stated is None:
        return None
    try:
        found = ratio(stated, unit)
    except UnitError:
        return None
    return (value * found.numerator / found.denominator).quantize(_DIGITS)


def is_fuel(entry: Activity) -> bool:
    """Tell whether energy is bought as a fuel: it has a carrier and is burnt in scope 1."""
    return entry.carrier is not None and entry.scope == "1"


def is_electricity(entry: Activity) -> bool:
    """Tell whether energy is electricity."""
    return entry.code in ELECTRICITY


def is_renewable(entry: Activity) -> bool:
    """Tell whether a carrier is renewable as such; electricity and heat are not told apart."""
    return entry.carrier in RENEWABLE_CARRIERS


def is_mixed(entry: Activity) -> bool:
    """Tell whether a fuel holds a share of biofuel that its quantity does not state, or may be either."""
    return is_fuel(entry) and (entry.biofuel is not None or entry.code in UNTOLD)
