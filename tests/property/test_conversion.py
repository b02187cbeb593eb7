"""Laws of conversion through sourced properties: 1 TJ by three routes, order of rows, there and back."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from random import Random
from typing import NamedTuple

import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bilanz import units
from bilanz.activity import activities, activity
from bilanz.conversion import Conversion, Converter, Misfit
from factors.base import catalogue

DE = ("DE",)
DAY = date(2024, 6, 1)
LIMIT = Fraction(101, 100)

FUELS = [code for code, entry in activities().items() if entry.needs_basis]
MEASURES = [
    (unit, basis)
    for unit, entry in units.units().items()
    if entry.kind in {"energy", "mass", "volume", "norm_volume", "bulk_volume"}
    for basis in (("Hi", "Hs") if entry.kind == "energy" else ("none",))
]
measures = st.sampled_from(MEASURES)


@cache
def shipped() -> Converter:
    return Converter(catalogue().properties)


class Route(NamedTuple):
    """Emissions of one terajoule (Hi) of a fuel by the factor of one unit."""

    fuel: str
    source: str
    year: int
    chain: str
    gas: str
    dimension: str
    kilograms: Fraction
    rounding: Fraction
    """By what part the printed figure may differ from the one that was meant."""


@cache
def routes(source: str, year: int) -> tuple[Route, ...]:
    """Return what every factor of one edition makes of 1 TJ, with properties of the same publisher only."""
    properties = catalogue().properties.filter(pl.col("source") == source)
    own, on = Converter(properties), date(year, 6, 1)
    stated = pl.col("valid_from").is_null() | (
        (pl.col("valid_from") <= on) & (pl.col("valid_to").is_null() | (pl.col("valid_to") > on))
    )
    factors = catalogue().factors.filter(
        stated, pl.col("source") == source, pl.col("activity").is_in(FUELS), pl.col("basis") != "unstated"
    )
    return tuple(_routes(own, factors, source, on))


def _routes(own: Converter, factors: pl.DataFrame, source: str, on: date) -> Iterator[Route]:
    for row in factors.iter_rows(named=True):
        unit, basis = row["per_unit"], row["basis"]
        found = own.convert(row["activity"], "TJ", "Hi", unit, basis, (row["region"],), on)
        if isinstance(found, Conversion):
            kilograms = found.ratio * Fraction(row["value"]) * units.ratio(row["mass_unit"], "kg")
            kind = units.unit(unit).kind
            gas = f"{row['gas']} {row['gwp'] or ''}"
            last = Fraction(10) ** Decimal(row["value"]).normalize().as_tuple().exponent
            rounding = last / 2 / Fraction(row["value"]) if row["value"] else Fraction(0)
            yield Route(row["activity"], source, on.year, row["chain"], gas, kind, kilograms, rounding)


def _groups(source: str, year: int) -> dict[tuple[str, str, str], dict[str, list[Route]]]:
    """Return fuel, chain and gas → the routes by dimension; traces (CH4, N2O) have too few digits to tell."""
    groups: dict[tuple[str, str, str], dict[str, list[Route]]] = {}
    for route in routes(source, year):
        if route.kilograms and route.gas.split(" ")[0] in {"CO2", "CO2e"}:
            group = groups.setdefault((route.fuel, route.chain, route.gas), {})
            group.setdefault(route.dimension, []).append(route)
    return {key: group for key, group in groups.items() if len(group) > 1}


# What DESNZ publishes about the upstream of these fuels does not fit its own densities and heating values,
# which changed while the upstream figures stayed. Spread of the routes: 1.1 to 1.9 %.
_EVERY_YEAR = {"natural_gas", "heating_oil", "heavy_fuel_oil", "wood_chips", "wood_pellets"}
INCONSISTENT_AS_PUBLISHED = {2024: _EVERY_YEAR, 2025: _EVERY_YEAR, 2026: {*_EVERY_YEAR, "cng"}}
BY_THREE_ROUTES = {
    *("diesel", "diesel_b7", "petrol", "petrol_e10", "hvo", "biodiesel", "bioethanol"),
    *("heating_oil", "heavy_fuel_oil", "kerosene", "lpg", "natural_gas"),
}


@pytest.mark.parametrize("year", INCONSISTENT_AS_PUBLISHED)
def test_one_terajoule_by_mass_volume_and_energy_agrees_within_one_percent(year: int) -> None:
    groups = _groups("desnz", year)
    assert {fuel for (fuel, *_), group in groups.items() if len(group) == 3} == BY_THREE_ROUTES
    apart = set()
    for (fuel, chain, _), group in groups.items():
        found = [route for several in group.values() for route in several]
        least = max(route.kilograms * (1 - route.rounding) for route in found)
        most = min(route.kilograms * (1 + route.rounding) for route in found)
        if least > LIMIT * most:
            apart.add((fuel, chain))
    assert apart == {(fuel, "upstream") for fuel in INCONSISTENT_AS_PUBLISHED[year]}


def _fuels_of_the_statute() -> list[tuple[str, Fraction, Fraction]]:
    """Return fuel, GJ per t and t per m3 of every fuel for which EBeV 2030 states both."""
    rows = catalogue().properties.filter(pl.col("source") == "ebev2030")
    stated = {(row["activity"], row["kind"]): Fraction(row["value"]) for row in rows.iter_rows(named=True)}
    return [
        (fuel, value, stated[fuel, "density"])
        for (fuel, kind), value in stated.items()
        if kind == "net_calorific_value" and (fuel, "density") in stated
    ]


@pytest.mark.parametrize(("fuel", "heating_value", "density"), _fuels_of_the_statute())
def test_a_terajoule_is_the_same_whether_weighed_or_measured(
    fuel: str, heating_value: Fraction, density: Fraction
) -> None:
    tonnes = 1000 / heating_value  # 1000 GJ
    for unit, quantity in (("t", tonnes), ("m3", tonnes / density), ("l", 1000 * tonnes / density)):
        found = shipped().convert(fuel, unit, "none", "TJ", "Hi", DE, DAY)
        assert isinstance(found, Conversion)
        assert quantity * found.ratio == 1


def test_the_statute_states_mass_and_volume_of_eight_fuels() -> None:
    fuels = "petrol diesel heating_oil kerosene hvo biodiesel bioethanol plant_oil"
    assert {fuel for fuel, *_ in _fuels_of_the_statute()} == set(fuels.split())


@given(st.sampled_from(FUELS), measures, measures)
def test_there_and_back_is_the_identity(fuel: str, first: tuple[str, str], second: tuple[str, str]) -> None:
    # A unit the fuel is not measured in (sewage gas by mass) may be that of a factor, not of a quantity.
    assume(all(units.unit(unit).kind in activity(fuel).dimensions for unit, _ in (first, second)))
    there = shipped().convert(fuel, *first, *second, DE, DAY)
    back = shipped().convert(fuel, *second, *first, DE, DAY)
    assert isinstance(there, Misfit) == isinstance(back, Misfit)
    if isinstance(there, Conversion) and isinstance(back, Conversion):
        assert there.ratio * back.ratio == 1


@given(st.randoms(use_true_random=False), st.sampled_from(FUELS), measures, measures)
def test_the_order_of_the_rows_makes_no_difference(
    random: Random, fuel: str, first: tuple[str, str], second: tuple[str, str]
) -> None:
    rows = catalogue().properties
    order = list(range(rows.height))
    random.shuffle(order)
    shuffled = Converter(rows[order])
    assert shuffled.convert(fuel, *first, *second, DE, DAY) == shipped().convert(
        fuel, *first, *second, DE, DAY
    )


@given(st.sampled_from(FUELS), measures, st.decimals(Decimal("0.1"), Decimal(10), places=3))
def test_a_ratio_is_linear_in_every_property_it_uses(
    fuel: str, first: tuple[str, str], times: Decimal
) -> None:
    found = shipped().convert(fuel, *first, "kWh", "Hi", DE, DAY)
    if not isinstance(found, Conversion):
        return
    for used in found.properties:
        scaled = pl.when(pl.col("property_id") == used).then(
            (pl.col("value") * times).cast(pl.Decimal(38, 18))
        )
        rows = catalogue().properties.with_columns(value=scaled.otherwise("value"))
        again = Converter(rows).convert(fuel, *first, "kWh", "Hi", DE, DAY)
        assert isinstance(again, Conversion)
        assert again.ratio / found.ratio in {Fraction(times), 1 / Fraction(times)}


@given(st.sampled_from(FUELS), measures, st.sampled_from(["kg_CO2", "kg_CH4", "kg_CO2e", "kg_HFC134a"]))
def test_no_property_turns_a_fuel_into_a_gas(fuel: str, first: tuple[str, str], gas: str) -> None:
    assert isinstance(shipped().convert(fuel, *first, gas, "none", DE, DAY), Misfit)
