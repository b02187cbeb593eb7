"""The variables of a source: degree days of one definition, and the use variable a project declares.

weights.csv named by the source or the project ──┐  monthly degree days of a station
catalogue: months of the region                ──┴─► one definition for all months
weights.csv named by the project               ────► use variable
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

import polars as pl

from bilanz.activity import activities
from bilanz.declared import Apportionment, Declared
from bilanz.fund.effect.reason import NotAssessable, refuse
from bilanz.fund.effect.series import Driver, DriverKind
from bilanz.weather import Definition
from bilanz.weathercorrection import heat_carriers

_HEATING: Final = (Definition.VDI_G20_15, Definition.EUROSTAT_HDD)
_COOLING: Final = (Definition.EUROSTAT_CDD,)
_COOLED: Final = "district_cooling"


@dataclass(frozen=True, slots=True)
class Variables:
    """What a project declares of its variables: names of monthly values (weights.csv).

    Attributes:
        weather: degree days of a station; None: those of its sources, else of their region.
        use: use variable; None: none.
        is_flow: the use variable is a sum over the month (kilometres), else a level (occupants).
    """

    weather: str | None = None
    use: str | None = None
    is_flow: bool = False


@dataclass(frozen=True, slots=True)
class Meter:
    """What decides about the variables of a source.

    Attributes:
        activity: code; None: not known.
        heating_share: 0 to 1; None: not stated.
        region: of its sites; None: several or none.
    """

    activity: str | None
    heating_share: Decimal | None
    region: str | None


def drivers(
    meters: Mapping[str, Meter], variables: Variables, declared: Declared, degree_days: pl.DataFrame
) -> tuple[Driver, ...] | NotAssessable:
    """Return the variables of some sources together; or that weather matters and nobody knows it."""
    found: list[Driver] = []
    if any(_may_follow(meter) for meter in meters.values()):
        weather = _weather(meters, variables, declared, degree_days)
        if weather is not None:
            found.append(weather)
        elif any(_follows(meter) for meter in meters.values()):
            return refuse("no_degree_days")
    if variables.use is not None:
        values = _named(declared, variables.use)
        found.append(Driver(DriverKind.USE, variables.use, values, variables.is_flow))
    return tuple(found)


def _follows(meter: Meter) -> bool:
    """Tell whether a source heats or cools rooms: without degree days nothing can be said of it."""
    if meter.activity == _COOLED:
        return True
    if meter.heating_share is not None:
        return meter.heating_share > 0
    return meter.activity in heat_carriers()


def _may_follow(meter: Meter) -> bool:
    """Tell whether weather may matter: energy of buildings, unless no part of it heats."""
    if _follows(meter):
        return True
    known = activities().get(meter.activity or "")
    is_energy = known is not None and known.carrier is not None and not known.is_fleet
    return is_energy and meter.heating_share is None


def _weather(
    meters: Mapping[str, Meter], variables: Variables, declared: Declared, degree_days: pl.DataFrame
) -> Driver | None:
    """Return the degree days of a station that is named, else those of the region."""
    is_cold = any(meter.activity == _COOLED for meter in meters.values())
    kind, definitions = (DriverKind.COOLING, _COOLING) if is_cold else (DriverKind.HEATING, _HEATING)
    name = variables.weather or _station(declared, meters)
    if name is not None:
        values = _named(declared, name)
        return Driver(kind, name, values, is_flow=True) if values else None
    regions = {meter.region for meter in meters.values()}
    region = regions.pop() if len(regions) == 1 else None
    return None if region is None else _of_region(degree_days, region, definitions, kind)


def _station(declared: Declared, sources: Collection[str]) -> str | None:
    """Return the degree days all sources are spread by; None: several, or none."""
    rows = declared.apportionments.filter(
        pl.col("source").is_in(list(sources)), pl.col("method") == Apportionment.DEGREE_DAYS.value
    )
    names = rows["weights"].unique().to_list()
    return str(names[0]) if len(names) == 1 else None


def _named(declared: Declared, name: str) -> dict[date, Decimal]:
    rows = declared.weights.filter(pl.col("name") == name)
    return dict(rows.select("month", "value").iter_rows())


def _of_region(
    degree_days: pl.DataFrame, region: str, definitions: Iterable[Definition], kind: DriverKind
) -> Driver | None:
    """Return the months of the definition that knows most of them; the region comes before its country."""
    best: Driver | None = None
    for definition in definitions:
        for name in dict.fromkeys((region, region[:2])):
            values = _months(degree_days, definition, name)
            if values and (best is None or len(values) > len(best.values)):
                best = Driver(kind, f"{definition.value} {name}", values, is_flow=True)
    return best


def _months(degree_days: pl.DataFrame, definition: Definition, region: str) -> dict[date, Decimal]:
    """Return month → degree days; of several editions the newest."""
    first = pl.col("valid_from")
    rows = degree_days.filter(
        pl.col("definition") == definition.value,
        pl.col("region") == region,
        pl.col("place").is_null(),
        first.dt.day() == 1,
        pl.col("valid_to") == first.dt.offset_by("1mo"),
    ).sort("edition")
    return {month: Decimal(str(value)) for month, value in rows.select("valid_from", "value").iter_rows()}
