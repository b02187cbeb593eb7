"""Allocation of combined heat and power, each method by hand."""

from fractions import Fraction

import pytest

from bilanz.errors import Refused
from bilanz.factor import Method
from bilanz.heat import Output, Reference, Temperatures, primary_energy_saving, weights

PLANT = Output(electricity=Fraction(350), heat=Fraction(500))
NETWORK = Temperatures(supply=Fraction(373), back=Fraction(283))
SEPARATE = Reference(heat=Fraction("0.9"), electricity=Fraction("0.5"), source="figures of this test")


def share(method: Method) -> Fraction:
    return weights(method, temperatures=NETWORK, reference=SEPARATE).share_of_heat(PLANT)


def test_by_exergy() -> None:
    # 1 − 283 K / 373 K = 90/373 = 0.24129; 0.24129 × 500 = 120.64; 120.64 / (120.64 + 350) = 0.25634
    assert NETWORK.carnot == Fraction(90, 373)
    assert share(Method.EXERGY) == Fraction(45_000, 45_000 + 350 * 373) == Fraction(900, 3511)
    assert float(share(Method.EXERGY)) == pytest.approx(0.25634, abs=1e-5)


def test_by_energy() -> None:
    assert share(Method.ENERGY) == Fraction(500, 850)


def test_by_reference_efficiencies() -> None:
    # heat 500 / 0.9 = 555.56; power 350 / 0.5 = 700; 555.56 / 1255.56 = 0.44248
    assert share(Method.EFFICIENCY) == Fraction(5000, 9) / (Fraction(5000, 9) + 700)
    assert float(share(Method.EFFICIENCY)) == pytest.approx(0.44248, abs=1e-5)


def test_by_the_finnish_method() -> None:
    # fuel 1000: separate generation takes 500 / 0.9 + 350 / 0.5 = 1255.56; PES = 1 − 1000 / 1255.56 = 0.20354
    # share of heat = (1 − PES) × (500 / 1000) / 0.9 = 0.79646 × 0.55556 = 0.44248
    saving = primary_energy_saving(PLANT, Fraction(1000), SEPARATE)
    assert saving == 1 - Fraction(1000) / (Fraction(5000, 9) + 700)
    assert float(saving) == pytest.approx(0.20354, abs=1e-5)
    assert share(Method.FINNISH) == (1 - saving) * Fraction(500, 1000) / Fraction("0.9")


def test_a_plant_without_electricity_is_heat_and_one_without_heat_is_none() -> None:
    weighed = weights(Method.EXERGY, temperatures=NETWORK)
    assert weighed.share_of_heat(Output(Fraction(0), Fraction(5))) == 1
    assert weighed.share_of_heat(Output(Fraction(5), Fraction(0))) == 0


@pytest.mark.parametrize(("supply", "back"), [(283, 283), (280, 283), (300, 0), (300, -5)])
def test_temperatures_that_cannot_be(supply: int, back: int) -> None:
    with pytest.raises(Refused, match="must be above the return"):
        Temperatures(Fraction(supply), Fraction(back))


@pytest.mark.parametrize(("power", "heat"), [(0, 0), (-1, 5), (5, -1)])
def test_outputs_that_cannot_be(power: int, heat: int) -> None:
    with pytest.raises(Refused):
        Output(Fraction(power), Fraction(heat))


@pytest.mark.parametrize(
    ("heat", "power", "source"), [(90, 50, "x"), (0, 1, "x"), ("0.9", -1, "x"), (1, 1, " ")]
)
def test_efficiencies_in_percent_or_without_source(heat: str | int, power: str | int, source: str) -> None:
    with pytest.raises(Refused):
        Reference(Fraction(heat), Fraction(power), source)


@pytest.mark.parametrize("method", [Method.EXERGY, Method.EFFICIENCY, Method.FINNISH])
def test_nothing_is_assumed_where_a_method_lacks_what_it_needs(method: Method) -> None:
    with pytest.raises(Refused, match="needs"):
        weights(method)


@pytest.mark.parametrize("method", [Method.CREDIT, Method.UNSTATED])
def test_a_credit_is_no_allocation(method: Method) -> None:
    with pytest.raises(Refused, match="shares nothing"):
        weights(method, temperatures=NETWORK, reference=SEPARATE)


def test_a_saving_needs_fuel() -> None:
    with pytest.raises(Refused):
        primary_energy_saving(PLANT, Fraction(0), SEPARATE)
