"""What holds for every plant and network, whatever its figures."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from bilanz.factor import Method
from bilanz.heat import CALCULATED, Output, Reference, Temperatures, Weights, primary_energy_saving, weights

amounts = st.fractions(min_value=Fraction(1, 100), max_value=10**7, max_denominator=1000)
shares = st.fractions(min_value=Fraction(1, 10), max_value=1, max_denominator=1000)
kelvins = st.fractions(min_value=284, max_value=800, max_denominator=100)


def weighed(method: Method, supply: Fraction, heat: Fraction, power: Fraction) -> Weights:
    temperatures = Temperatures(supply, Fraction(283))
    return weights(method, temperatures=temperatures, reference=Reference(heat, power, "drawn"))


@given(st.sampled_from(CALCULATED), amounts, amounts, kelvins, shares, shares)
def test_heat_and_electricity_share_all_of_it(
    method: Method, power: Fraction, heat: Fraction, supply: Fraction, of_heat: Fraction, of_power: Fraction
) -> None:
    held = weighed(method, supply, of_heat, of_power)
    of_electricity = Weights(
        electricity=held.heat, heat=held.electricity
    )  # the same plant, seen from the other side
    share = held.share_of_heat(Output(power, heat))
    assert 0 < share < 1
    assert share + of_electricity.share_of_heat(Output(heat, power)) == 1


@given(st.sampled_from(CALCULATED), amounts, amounts, amounts, kelvins)
def test_a_plant_of_any_size_shares_alike(
    method: Method, power: Fraction, heat: Fraction, size: Fraction, supply: Fraction
) -> None:
    held = weighed(method, supply, Fraction("0.9"), Fraction("0.5"))
    assert held.share_of_heat(Output(power, heat)) == held.share_of_heat(Output(size * power, size * heat))


@given(amounts, amounts, kelvins, kelvins)
def test_warmer_heat_bears_more_by_exergy_and_the_same_by_energy(
    power: Fraction, heat: Fraction, one: Fraction, other: Fraction
) -> None:
    output, (cold, warm) = Output(power, heat), sorted((one, other))
    unit = Fraction(1)
    by = {
        method: [weighed(method, at, unit, unit).share_of_heat(output) for at in (cold, warm)]
        for method in (Method.EXERGY, Method.ENERGY)
    }
    assert (by[Method.EXERGY][0] < by[Method.EXERGY][1]) is (cold < warm)
    assert by[Method.ENERGY][0] == by[Method.ENERGY][1]
    assert by[Method.EXERGY][1] < by[Method.ENERGY][1]  # heat is worth less than electricity


@given(amounts, amounts, amounts, shares, shares)
def test_the_finnish_share_follows_from_the_saving(
    power: Fraction, heat: Fraction, fuel: Fraction, of_heat: Fraction, of_power: Fraction
) -> None:
    output, reference = Output(power, heat), Reference(of_heat, of_power, "drawn")
    saving = primary_energy_saving(output, fuel, reference)
    share = weights(Method.FINNISH, reference=reference).share_of_heat(output)
    assert share == (1 - saving) * (heat / fuel) / of_heat
