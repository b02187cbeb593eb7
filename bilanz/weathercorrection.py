"""Consumption corrected for the weather: a view beside the balance, never part of it.

    measured ──► heating share h ──► corrected = measured + measured · h · (ratio − 1)

`ratio` is what brings a year to a normal one: the climate factor of the postcode, or mean / year of degree
days of one definition, one region and one edition. One view has one definition; definitions never mix.
Whatever cannot be corrected keeps its row and its measured energy, has no corrected one, and says why.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

import polars as pl

from bilanz.activity import activities
from bilanz.errors import UnitError
from bilanz.records import Basis, Direction, Quality, Role
from bilanz.result import Result
from bilanz.units import dimension
from bilanz.weather import Definition

NORMAL: Final = (1991, 2020)
"""First and last year of the mean that degree days are held against; every year of it must be there."""

TOLERANCE_DAYS: Final = 1.0
"""Days of a year that may be unknown: the day of a meter's exchange."""

RATIO: Final = pl.Decimal(18, 12)
ENERGY: Final = pl.Decimal(38, 6)
_PLACES: Final = Decimal("1e-12")
_DIGITS: Final = Decimal("1e-6")
_OWN: Final = (Role.CONSUMED.value, Role.DELIVERED.value)


class State(StrEnum):
    """Whether an energy was corrected, or why not."""

    CORRECTED = "corrected"
    NO_SHARE = "no_share"  # nobody states which part of it heats rooms
    NO_PLACE = "no_place"  # neither postcode nor region, or more than one
    NO_DEGREE_DAYS = "no_degree_days"  # the place has no value for the year
    MONTHS_MISSING = "months_missing"  # a factor of a year does not fit a part of it
    DELIVERY = "delivery"  # a delivery to stock is no consumption of the year
    NO_ENERGY = "no_energy"  # the quantity could not be converted


WEATHER_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "year": pl.Int32,
    "organisation": pl.String,
    "source": pl.String,
    "activity": pl.String,
    "basis": pl.String,  # calorific basis of the energy: Hi, Hs, none
    "measured_kwh": ENERGY,  # null: could not be converted
    "heating_share": pl.Decimal(7, 6),  # 0 to 1; null: not stated
    "definition": pl.String,  # bilanz.weather.Definition, one for all rows
    "place": pl.String,  # postcode or region whose value was taken; null: none
    "ratio": RATIO,  # a normal year / this one
    "corrected_kwh": ENERGY,  # null: not corrected
    "state": pl.String,  # State
}

HEATING_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "source": pl.String,
    "heating_share": pl.Decimal(7, 6),
    "region": pl.String,  # null: more than one, or none
    "postcode": pl.String,  # null: more than one, or none
}
"""What the registry says about a source: one row each."""

RATIO_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "place": pl.String,
    "year": pl.Int32,
    "ratio": RATIO,
}

_KEYS: Final = ("organisation", "source", "activity", "basis")


@dataclass(frozen=True, slots=True)
class Choice:
    """The definition of a view and its ratios, `RATIO_SCHEMA`."""

    definition: Definition
    ratios: pl.DataFrame


def heat_carriers() -> list[str]:
    """Return the activities that may heat rooms: bought heat, fuels of buildings, electricity for heating."""
    heating = ("stationary_combustion", "purchased_heat")
    return [
        code
        for code, activity in activities().items()
        if not activity.is_fleet and (activity.category in heating or code == "electricity_heating")
    ]


def climate_factors(degree_days: pl.DataFrame) -> pl.DataFrame:
    """Return the climate factors of calendar years by postcode, `RATIO_SCHEMA`; the newest edition counts."""
    return (
        _calendar(degree_days, Definition.DWD_CLIMATE_FACTOR)
        .filter(pl.col("place").is_not_null())
        .sort("edition")
        .unique(["place", "year"], keep="last", maintain_order=True)
        .select("place", "year", pl.col("value").cast(RATIO).alias("ratio"))
        .sort("place", "year")
    )


def against_normal(degree_days: pl.DataFrame, definition: Definition) -> pl.DataFrame:
    """Return mean of `NORMAL` / value of a year, by region; `RATIO_SCHEMA`.

    Mean and year are of one edition: the newest that holds every year of the mean. A region without one has
    no row.
    """
    told = _calendar(degree_days, definition).filter(pl.col("place").is_null(), pl.col("value") > 0)
    first, last = NORMAL
    means = (
        told.filter(pl.col("year").is_between(first, last))
        .group_by("region", "source", "edition")
        .agg(pl.col("value").sum().alias("total"), pl.col("year").n_unique().alias("years"))
        .filter(pl.col("years") == last - first + 1)
        .sort("edition", "source")
        .unique("region", keep="last", maintain_order=True)
    )
    rows = told.join(means, on=["region", "source", "edition"], how="inner").sort("region", "year")
    ratios = [
        (Decimal(total) / years / Decimal(value)).quantize(_PLACES)
        for total, years, value in rows.select("total", "years", "value").iter_rows()
    ]
    return rows.select(pl.col("region").alias("place"), "year", pl.Series("ratio", ratios, dtype=RATIO))


def _calendar(degree_days: pl.DataFrame, definition: Definition) -> pl.DataFrame:
    """Return the rows of a definition that are calendar years; a climate factor moves on by the month."""
    first, after = pl.col("valid_from"), pl.col("valid_to")
    return degree_days.filter(
        pl.col("definition") == definition.value,
        first.dt.ordinal_day() == 1,
        after.dt.ordinal_day() == 1,
        after.dt.year() == first.dt.year() + 1,
    ).with_columns(first.dt.year().alias("year"))


def choose(degree_days: pl.DataFrame, heating: pl.DataFrame, years: Sequence[int]) -> Choice:
    """Return the one definition of a view: climate factors where every heating source has one in every year.

    Else the degree days of Eurostat, by region. Never one for this source and another for that.
    """
    factors = climate_factors(degree_days)
    wanted = heating.filter(pl.col("heating_share") > 0).select("postcode").unique()
    grid = wanted.join(pl.DataFrame({"year": list(years)}, schema={"year": pl.Int32}), how="cross")
    met = grid.join(factors, left_on=["postcode", "year"], right_on=["place", "year"], how="semi")
    if grid.height and met.height == grid.height:
        return Choice(Definition.DWD_CLIMATE_FACTOR, factors)
    return Choice(Definition.EUROSTAT_HDD, against_normal(degree_days, Definition.EUROSTAT_HDD))


def corrected(results: Iterable[Result], heating: pl.DataFrame, choice: Choice) -> pl.DataFrame:
    """Return the energy of heating sources, measured beside corrected, by year and source.

    Shape: `WEATHER_SCHEMA`; one row per year, organisation, source, activity and calorific basis of what may
    heat rooms (`heat_carriers`) or has a heating share. No row is lost for want of a degree day.
    Units: kWh in the basis given.
    """
    parts = [_year(result, heating, choice) for result in results]
    return pl.concat([pl.DataFrame(schema=WEATHER_SCHEMA), *parts])


def _year(result: Result, heating: pl.DataFrame, choice: Choice) -> pl.DataFrame:
    year = result.manifest.year
    is_local = choice.definition is Definition.DWD_CLIMATE_FACTOR
    country = pl.col("region").str.slice(
        0, 2
    )  # Eurostat counts by country; ISO 3166-2 and NUTS begin with it
    place = pl.col("postcode") if is_local else country
    known = heating.select("source", "heating_share", place.alias("place"))
    ratios = choice.ratios.filter(pl.col("year") == year).select("place", "ratio")
    rows = (
        own_energy(result)
        .join(known, on="source", how="left", maintain_order="left")
        .filter(pl.col("activity").is_in(heat_carriers()) | pl.col("heating_share").is_not_null())
        .join(ratios, on="place", how="left", maintain_order="left")
        .join(_partly(result), on=["organisation", "source", "activity"], how="left", maintain_order="left")
        .with_columns(_state().alias("state"), pl.lit(year, dtype=pl.Int32).alias("year"))
        .sort(_KEYS, nulls_last=True)
    )
    rows = rows.with_columns(
        pl.lit(choice.definition.value).alias("definition"),
        pl.Series("corrected_kwh", _corrected_kwh(rows), dtype=ENERGY),
    )
    return rows.select(pl.col(name).cast(kind) for name, kind in WEATHER_SCHEMA.items())


def own_energy(result: Result) -> pl.DataFrame:
    """Return measured_kwh of own use per organisation, source, activity and basis.

    Null where a part of it could not be converted. `is_delivery`: a part of it is a delivery to stock.
    """
    carriers = [code for code, activity in activities().items() if activity.carrier]
    fuels = [code for code, activity in activities().items() if activity.needs_basis]
    units = result.usage["unit"].unique().drop_nulls().to_list()
    energies = [unit for unit in units if _is_energy(unit)]
    # litres, kilograms and cubic metres become energy by their net calorific value
    is_net = ~pl.col("unit").is_in(energies) & pl.col("activity").is_in(fuels)
    own = result.usage.filter(
        pl.col("direction") == Direction.CONSUMPTION.value,
        pl.col("role").is_null() | pl.col("role").is_in(_OWN),
        pl.col("activity").is_in(carriers),
        pl.col("quantity").is_not_null(),
    ).with_columns(pl.when(is_net).then(pl.lit(Basis.HI.value)).otherwise("basis").alias("basis"))
    is_delivery = (pl.col("role") == Role.DELIVERED.value) & (pl.col("quality") == Quality.ESTIMATED.value)
    energy = pl.col("energy_kwh").cast(ENERGY)
    return own.group_by(_KEYS).agg(
        pl.when(energy.is_null().any()).then(None).otherwise(energy.sum()).alias("measured_kwh"),
        is_delivery.fill_null(value=False).any().alias("is_delivery"),
    )


def _is_energy(unit: str) -> bool:
    try:
        return dimension(unit) == "energy"
    except UnitError:
        return False


def _partly(result: Result) -> pl.DataFrame:
    """Return which metered sources are not known over the whole year."""
    known = pl.sum_horizontal("days_measured", "days_billed", "days_estimated")
    first, after = date(result.manifest.year, 1, 1), date(result.manifest.year + 1, 1, 1)
    days = (after - first).days
    return (
        result.coverage.group_by("organisation", "source", "activity")
        .agg(known.sum().alias("known"))
        .select(
            "organisation", "source", "activity", (pl.col("known") < days - TOLERANCE_DAYS).alias("is_partly")
        )
    )


def _state() -> pl.Expr:
    """Say why a row is not corrected: the first reason that applies."""
    reasons = (
        (pl.col("heating_share").is_null(), State.NO_SHARE),
        (pl.col("measured_kwh").is_null(), State.NO_ENERGY),
        (pl.col("is_delivery"), State.DELIVERY),
        (pl.col("is_partly").fill_null(value=False), State.MONTHS_MISSING),
        (pl.col("place").is_null(), State.NO_PLACE),
        (pl.col("ratio").is_null(), State.NO_DEGREE_DAYS),
    )
    found = pl.lit(None, dtype=pl.String)
    for condition, state in reversed(reasons):
        found = pl.when(condition).then(pl.lit(state.value)).otherwise(found)
    return found.fill_null(State.CORRECTED.value)


def _corrected_kwh(rows: pl.DataFrame) -> list[Decimal | None]:
    """Return measured + measured · h · (ratio − 1), rounded once; sources and years, never readings."""
    return [
        (kwh + kwh * share * (ratio - 1)).quantize(_DIGITS) if state == State.CORRECTED.value else None
        for kwh, share, ratio, state in rows.select(
            "measured_kwh", "heating_share", "ratio", "state"
        ).iter_rows()
    ]
