"""Laws every conversion obeys."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pint
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bilanz import units
from bilanz.errors import UnitError

GASES = ("CO2", "CH4", "CH4_fossil", "N2O", "CO2e", "SF6", "HFC134a", "R410A", "HCFO1233zd(E)")
MASSES = [units.mass_of_gas(mass, gas) for gas in GASES for mass in ("kg", "g", "t", "lb", "short_ton")]
CODES = [code for code, unit in units.units().items() if unit.kind != "money"] + [
    "EUR",
    "kEUR",
    "USD",
    *MASSES,
]
DEFINITIONS = Path(units.__file__).with_name("units_registry.txt")
REGISTRY: pint.UnitRegistry = pint.UnitRegistry(str(DEFINITIONS), non_int_type=Fraction)
codes = st.sampled_from(CODES)
quantities = st.decimals(min_value=Decimal(-(10**12)), max_value=Decimal(10**12), places=6)


def _group(code: str) -> list[str]:
    return [other for other in CODES if _fits(code, other)]


def _fits(unit: str, target: str) -> bool:
    try:
        units.ratio(unit, target)
    except UnitError:
        return False
    return True


triples = codes.flatmap(
    lambda code: st.tuples(st.just(code), st.sampled_from(_group(code)), st.sampled_from(_group(code)))
)


@given(triples)
def test_there_and_back_is_the_identity(triple: tuple[str, str, str]) -> None:
    unit, target, _ = triple
    assert units.ratio(unit, target) * units.ratio(target, unit) == 1


@given(triples)
def test_the_way_round_makes_no_difference(triple: tuple[str, str, str]) -> None:
    first, second, third = triple
    assert units.ratio(first, second) * units.ratio(second, third) == units.ratio(first, third)


@given(triples, quantities)
def test_a_ratio_converts_any_quantity_as_pint_does(triple: tuple[str, str, str], quantity: Decimal) -> None:
    unit, target, _ = triple
    if units.unit(unit).kind in {"money", "gas"}:
        return  # currencies and gases are added to the registry by code, not by the definition file
    exact = Fraction(quantity)
    assert REGISTRY.convert(exact, unit, target) == exact * units.ratio(unit, target)


PAIRS = [
    (unit, target) for unit in CODES for target in CODES if units.dimension(unit) == units.dimension(target)
]


@pytest.mark.parametrize(("unit", "target"), PAIRS)
def test_every_pair_of_one_dimension_goes_there_and_back_exactly(unit: str, target: str) -> None:
    if units.dimension(unit) == "bulk_volume" and unit != target:
        with pytest.raises(UnitError):
            units.ratio(unit, target)
    else:
        assert units.ratio(unit, target) * units.ratio(target, unit) == 1


@given(triples, quantities, quantities)
def test_a_conversion_is_linear(triple: tuple[str, str, str], first: Decimal, second: Decimal) -> None:
    unit, target, _ = triple
    if units.unit(unit).kind in {"money", "gas"}:
        return
    parts = [REGISTRY.convert(Fraction(part), unit, target) for part in (first, second)]
    assert sum(parts) == (Fraction(first) + Fraction(second)) * units.ratio(unit, target)


@given(st.sampled_from(MASSES), st.sampled_from(CODES))
def test_a_mass_of_a_gas_converts_into_masses_of_the_same_gas_only(mass: str, other: str) -> None:
    assert _fits(mass, other) == (units.dimension(mass) == units.dimension(other))


@given(codes, codes)
def test_only_equal_dimensions_convert_and_the_relation_is_symmetric(unit: str, target: str) -> None:
    assert _fits(unit, target) == _fits(target, unit)
    if _fits(unit, target):
        assert units.dimension(unit) == units.dimension(target)


@given(st.text(max_size=12))
@example("W")
@example("kWh")
def test_any_text_has_a_defined_outcome(text: str) -> None:
    found = units.find(text)
    assert found is None or found.unit in units.units()
    assert isinstance(units.near(text), list)
    if found is not None:  # of what is known, only power is no quantity
        is_power = units.units()[found.unit].dimension == "power"
        assert (units.refusal(text) is not None) is is_power


@given(st.sampled_from(sorted({s for u in units.units().values() for s in u.spellings})))
def test_every_listed_spelling_is_read_as_its_unit(spelling: str) -> None:
    found = units.find(spelling)
    assert found is not None
    assert spelling in units.units()[found.unit].spellings
