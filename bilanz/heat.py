"""Heat from combined heat and power: which share of what a plant emits belongs to its heat, exactly.

    power P, heat Q ──► weight of each by a method ──► share of heat = w·Q / (w·Q + v·P)

    exergy       w = 1 − T_return / T_supply (Carnot), v = 1
    energy       w = 1, v = 1
    efficiency   w = 1 / reference efficiency of heat, v = 1 / reference efficiency of electricity
    finnish      the same weights, taken from harmonised reference values of separate generation; besides, the
                 primary energy saving PES = 1 − 1 / (η_heat/ref_heat + η_power/ref_power)

With the same reference efficiencies `efficiency` and `finnish` give the same share: (1 − PES)·η_heat/ref_heat
is Q/ref_heat over the sum of both. They differ in where the efficiencies come from, and in the saving stated.
Values by a credit (electricity displaced elsewhere is taken off) are no allocation and not calculated here.

Sources: exergy: BISKO Methodenpapier (ifeu, Klima-Bündnis, July 2024), as described by a third party
(kausaltech/kausal-paths, nodes/generic.py: return temperature of the heat network, fixed at 283 K; supply
temperature of the network), evidence secondary; also "work potential" in WRI/WBCSD, Allocation of GHG
Emissions from a CHP Plant, Guide v1.0 (2006), appendix I. energy, efficiency: the same guide, appendix II and
chapter III. finnish: PES of Directive 2012/27/EU, Annex II (b).
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from bilanz.errors import Refused
from bilanz.factor import Method

CALCULATED: Final = (Method.EXERGY, Method.ENERGY, Method.EFFICIENCY, Method.FINNISH)
KELVIN_OF_ZERO_CELSIUS: Final = Fraction("273.15")


@dataclass(frozen=True, slots=True)
class Temperatures:
    """Supply and return temperature of the network in kelvin.

    Raises:
        Refused: no absolute temperature, or a supply no warmer than the return.
    """

    supply: Fraction
    back: Fraction

    def __post_init__(self) -> None:
        """Refuse what is no temperature of a heat network."""
        if self.back <= 0 or self.supply <= self.back:
            message = "The supply temperature ({supply} K) must be above the return temperature ({back} K)."
            raise Refused(message, code="temperatures", supply=shown(self.supply), back=shown(self.back))

    @property
    def carnot(self) -> Fraction:
        """Return the work one unit of heat could do: 1 − T_return / T_supply."""
        return 1 - self.back / self.supply


@dataclass(frozen=True, slots=True)
class Reference:
    """Efficiencies of separate generation of heat and electricity, and where they are stated.

    Raises:
        Refused: an efficiency outside ]0, 1.2] (above 1: condensing boilers, net calorific value), no source.
    """

    heat: Fraction
    electricity: Fraction
    source: str

    def __post_init__(self) -> None:
        """Refuse percentages and efficiencies without a source."""
        for value in (self.heat, self.electricity):
            if not 0 < value <= Fraction("1.2"):
                message = "{value} is no reference efficiency: a share such as 0.9 is expected."
                raise Refused(message, code="reference", value=shown(value))
        if not self.source.strip():
            raise Refused("Reference efficiencies need the source they are taken from.", code="reference")


@dataclass(frozen=True, slots=True)
class Output:
    """What a plant gives in a period: electricity (net) and useful heat, in the same unit of energy.

    Raises:
        Refused: a negative output, or none at all.
    """

    electricity: Fraction
    heat: Fraction

    def __post_init__(self) -> None:
        """Refuse what nothing can be shared between."""
        if self.electricity < 0 or self.heat < 0:
            raise Refused("Electricity and heat of a plant cannot be negative.", code="output")
        if not self.electricity + self.heat:
            raise Refused("A plant without electricity and heat has nothing to share between.", code="output")


@dataclass(frozen=True, slots=True)
class Weights:
    """What one unit of electricity and one unit of heat count in the allocation."""

    electricity: Fraction
    heat: Fraction

    def share_of_heat(self, output: Output) -> Fraction:
        """Return the share of the emissions that belongs to the heat; the rest belongs to the electricity."""
        heat = self.heat * output.heat
        return heat / (heat + self.electricity * output.electricity)


def weights(
    method: Method, *, temperatures: Temperatures | None = None, reference: Reference | None = None
) -> Weights:
    """Return the weights of a method.

    Raises:
        Refused: what the method needs is missing, nothing is assumed in its place; or it is no allocation.
    """
    if method not in CALCULATED:
        message = "The method {method} shares nothing between electricity and heat."
        raise Refused(message, code="method", method=method.value)
    if method is Method.ENERGY:
        return Weights(Fraction(1), Fraction(1))
    if method is Method.EXERGY:
        if temperatures is None:
            message = "Allocation by exergy needs the supply and the return temperature."
            raise Refused(message, code="temperatures")
        return Weights(Fraction(1), temperatures.carnot)
    if reference is None:
        message = "Allocation by reference efficiencies needs both efficiencies and their source."
        raise Refused(message, code="reference")
    return Weights(1 / reference.electricity, 1 / reference.heat)


def primary_energy_saving(output: Output, fuel: Fraction, reference: Reference) -> Fraction:
    """Return what a plant saves against separate generation, as a share of what that would take.

    Args:
        output: electricity and heat.
        fuel: energy of the fuel by net calorific value, in the unit of the output.
        reference: efficiencies of separate generation.

    Raises:
        Refused: no fuel.
    """
    if fuel <= 0:
        raise Refused("A saving of primary energy needs the energy of the fuel.", code="fuel")
    separate = output.heat / reference.heat + output.electricity / reference.electricity
    return 1 - fuel / separate


def shown(value: Fraction, digits: int = 6) -> str:
    """Return a ratio as a decimal for a sentence; more digits are rounded and marked."""
    rounded = round(value, digits)
    text = f"{Decimal(rounded.numerator) / Decimal(rounded.denominator):f}"
    return text if rounded == value else f"{text}…"
