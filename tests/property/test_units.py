"""Laws every conversion obeys."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pint
from hypothesis import given
from hypothesis import strategies as st

from bilanz import units
from bilanz.errors import UnitError

CODES = [code for code, unit in units.units().items() if unit.kind != "money"] + ["EUR", "kEUR", "USD"]
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
    if units.units()[unit].kind == "money":
        return  # currencies are added to the registry from the whitelist, not by the definition file
    exact = Fraction(quantity)
    assert REGISTRY.convert(exact, unit, target) == exact * units.ratio(unit, target)


@given(codes, codes)
def test_only_equal_dimensions_convert_and_the_relation_is_symmetric(unit: str, target: str) -> None:
    assert _fits(unit, target) == _fits(target, unit)
    if _fits(unit, target):
        assert units.dimension(unit) == units.dimension(target)


@given(st.text(max_size=12))
def test_any_text_has_a_defined_outcome(text: str) -> None:
    found = units.find(text)
    assert found is None or found.unit in units.units()
    assert isinstance(units.near(text), list)
    assert units.refusal(text) is None or units.refusal(text)


@given(st.sampled_from(sorted({s for u in units.units().values() for s in u.spellings})))
def test_every_listed_spelling_is_read_as_its_unit(spelling: str) -> None:
    found = units.find(spelling)
    assert found is not None
    assert spelling in units.units()[found.unit].spellings
