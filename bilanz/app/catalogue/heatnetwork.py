"""A heat network calculated: every fuel through the matching of a book, every plant through its allocation.

    form ──► fuel × factor (the decision of the book) ──► share of heat ──► Σ ──► / heat delivered ──► factor

There is no second matcher: a fuel here meets the factor a bill of it would meet in a balance of the year.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from bilanz.activity import activities
from bilanz.app.calculation import Engine, engine
from bilanz.app.catalogue.estimation import activity_of, amount_of, no_factor, unit_of
from bilanz.app.catalogue.networkfile import Energy, Fuel, NetworkForm, PlantForm
from bilanz.conversion import Misfit
from bilanz.decision import Decision, Key
from bilanz.errors import BilanzError, Refused, UnknownName
from bilanz.factor import Chain, Evidence, Method
from bilanz.heat import (
    CALCULATED,
    Output,
    Reference,
    Temperatures,
    Weights,
    primary_energy_saving,
    shown,
    weights,
)
from bilanz.instrument import InstrumentKind
from bilanz.matching import regions_of
from bilanz.messages import Language, translate
from bilanz.network import Feed, NetworkFactor, Plant, checked, factor_of
from bilanz.scopes import OWN_CONSUMPTION
from bilanz.units import ratio
from bilanz.weighting import Part, Weighted, parts_of
from factors.base import Catalogue

HEAT: Final = "district_heat"
_MOST_OUT: Final = Fraction("1.2")
"""More energy than this out of one unit of fuel (net calorific value) is a slip of units, not a plant."""

_HEATS: Final = frozenset({HEAT, "district_steam"})
_FUELLED: Final = frozenset({"chp", "boiler"})


@dataclass(frozen=True, slots=True)
class Taken:
    """One fuel with its decision; `energy` is kWh by net calorific value, None where none leads there."""

    quantity: Decimal
    key: Key
    decision: Decision
    parts: tuple[Part, ...]
    energy: Fraction | None

    @property
    def feed(self) -> Feed:
        """Return it as a network counts it."""
        return Feed(self.key.activity, Fraction(self.quantity), self.parts)


@dataclass(frozen=True, slots=True)
class Run:
    """One plant calculated. What belongs to a method is None where the plant has no electricity."""

    form: PlantForm
    output: Output | None
    taken: tuple[Taken, ...]
    share: Fraction
    weights: Weights | None = None
    temperatures: Temperatures | None = None
    reference: Reference | None = None
    saving: Fraction | None = None

    @property
    def plant(self) -> Plant:
        """Return it as a network counts it."""
        return Plant(self.form.name, self.share, tuple(taken.feed for taken in self.taken))


@dataclass(frozen=True, slots=True)
class HeatNetwork:
    """One network calculated in a book. Energies in kWh."""

    form: NetworkForm
    method: Method
    weighted: Weighted
    release: str
    runs: tuple[Run, ...]
    fed_in: Fraction
    delivered: Fraction
    losses: Fraction
    factor: NetworkFactor
    assumptions: tuple[tuple[str, str, str], ...]


def method_of(name: str) -> Method:
    """Return the method of a name.

    Raises:
        UnknownName: there is no such method, or it is none that can be calculated here (credit).
    """
    if name not in CALCULATED:
        message = 'The method "{name}" is not calculated here. There are: {near}.'
        raise UnknownName(message, name=name, near=", ".join(CALCULATED))
    return Method(name)


def calculate(
    form: NetworkForm,
    catalogue: Catalogue,
    *,
    book: str,
    method: Method,
    gwp: str | None = None,
    language: Language = "en",
) -> HeatNetwork:
    """Calculate the factor of a network.

    Raises:
        NoFactor: a fuel has no factor in the book, so the network has none; names plant and fuel.
        Refused: outputs, temperatures or efficiencies that cannot be; names the plant.
        UnknownName: an unknown activity, book or set.
        UnitError: an unknown unit, or one that is no energy.
    """
    machine = engine(catalogue, year=form.year, books=(book,), gwp=gwp)
    weighted = machine.books[0]
    if method.value in weighted.book.refused_methods:
        message = "The book {book} refuses factors by the method {method}."
        raise Refused(message, code="method_refused", book=book, method=method.value)
    _distinct(form)
    runs = []
    for plant in form.plants:
        with _naming(plant.name, language):
            runs.append(_run(plant, form, machine, method, language))
    fed_in = sum((run.output.heat for run in runs if run.output), Fraction(0))
    delivered = kwh(form.delivered)
    losses = checked(fed_in, delivered)
    family = weighted.book.family(HEAT)
    wanted = Chain(family.chain) if family else Chain.TOTAL
    plants = [run.plant for run in runs]
    factor = factor_of(plants, delivered, wanted=wanted, gwp=weighted.gwp.name)
    noted = tuple(dict.fromkeys(_assumptions(runs, weighted, method, factor)))
    return HeatNetwork(
        form, method, weighted, catalogue.release, tuple(runs), fed_in, delivered, losses, factor, noted
    )


def kwh(energy: Energy) -> Fraction:
    """Return an amount of energy in kWh.

    Raises:
        UnitError: the unit is unknown or measures no energy.
    """
    return Fraction(energy.quantity) * ratio(unit_of(energy.unit, None)[0], "kWh")


@contextmanager
def _naming(plant: str, language: Language) -> Iterator[None]:
    """Put the name of the plant before every refusal, in words: the parts of it are translated already."""
    try:
        yield
    except BilanzError as error:
        text = translate(error.template, language, **error.parameters)
        named = type(error)(f"{plant}: {text}", code=error.code)
        raise named from error


def _distinct(form: NetworkForm) -> None:
    names = [plant.name for plant in form.plants]
    for name in names:
        if names.count(name) > 1:
            raise Refused('Two plants have the name "{name}".', name=name)


def _run(plant: PlantForm, form: NetworkForm, machine: Engine, method: Method, language: Language) -> Run:
    """Return one plant calculated."""
    _complete(plant)
    taken = tuple(_taken(fuel, form, machine, language) for fuel in plant.fuels)
    if plant.heat is None:
        return Run(plant, None, taken, Fraction(1))
    heat = kwh(plant.heat)
    power = Fraction(0) if plant.electricity is None else kwh(plant.electricity)
    output = Output(power, heat)
    energies = [each.energy for each in taken]
    fuel = sum((energy or Fraction(0) for energy in energies), Fraction(0))
    is_known = bool(energies) and None not in energies
    if is_known and plant.kind in _FUELLED and power + heat > _MOST_OUT * fuel:
        message = "{output} kWh of heat and electricity from {fuel} kWh of fuel: the units cannot be right."
        raise Refused(message, code="output", output=shown(power + heat), fuel=shown(fuel))
    if not power:
        return Run(plant, output, taken, Fraction(1))
    temperatures = _temperatures(plant, form, machine) if method is Method.EXERGY else None
    reference = _reference(plant, form) if method in {Method.EFFICIENCY, Method.FINNISH} else None
    weighed = weights(method, temperatures=temperatures, reference=reference)
    saving = None
    if method is Method.FINNISH and reference is not None:
        if not is_known:
            message = "The method needs the energy of every fuel, and no heating value leads to it."
            raise Refused(message, code="fuel")
        saving = primary_energy_saving(output, fuel, reference)
    share = weighed.share_of_heat(output)
    return Run(plant, output, taken, share, weighed, temperatures, reference, saving)


def _complete(plant: PlantForm) -> None:
    """Raise where a plant lacks what its kind has, or has what its kind lacks."""
    is_auxiliary, is_chp = plant.kind == "auxiliary", plant.kind == "chp"
    if is_auxiliary != (plant.heat is None):
        raise Refused("Every plant states its heat, and auxiliary power has none.", code="output")
    if plant.heat is not None and plant.heat.quantity <= 0:
        raise Refused("The heat fed in must be more than zero.", code="output")
    if is_chp != (plant.electricity is not None):
        message = "Combined heat and power states its electricity, other plants have none."
        raise Refused(message, code="output")
    if plant.electricity is not None and plant.electricity.quantity <= 0:
        message = "The electricity of combined heat and power must be more than zero; else it is a boiler."
        raise Refused(message, code="output")
    if bool(plant.fuels) == bool(plant.emission_free) or (plant.emission_free and plant.kind != "waste_heat"):
        message = (
            "A plant states its fuels; waste heat without any states why nothing is counted (emission_free)."
        )
        raise Refused(message, code="fuel")


def _taken(fuel: Fuel, form: NetworkForm, machine: Engine, language: Language) -> Taken:
    """Return a fuel with the factor the book takes for it."""
    weighted = machine.books[0]
    code = activity_of(fuel.activity)
    unit, basis = unit_of(fuel.unit, fuel.basis)
    quantity = amount_of(fuel.quantity)
    if quantity < 0:
        raise Refused("{activity}: a quantity cannot be negative.", code="fuel", activity=fuel.activity)
    named = {"contract": fuel.factor, "kind": InstrumentKind.CONTRACT.value} if fuel.factor else {}
    key = Key(code, "", unit, basis, form.region, date(form.year, 1, 1), **named)
    decision = _decided(weighted, key)
    if decision.hit is None:
        raise no_factor(decision, weighted, key.on, language)
    if fuel.factor and decision.hit.statement.id != fuel.factor:
        message = 'The book {book} does not take the factor "{factor}" for {activity}.'
        raise Refused(message, book=weighted.book.id, factor=fuel.factor, activity=fuel.activity)
    if code in _HEATS and not fuel.factor and decision.hit.statement.evidence == Evidence.CUSTOM:
        message = (
            "Bought heat names the factor of its network (factor = …): it could be {factor}, "
            "or that is the factor of this very network."
        )
        raise Refused(message, code="fuel", factor=decision.hit.statement.id)
    regions = regions_of(form.region, weighted.book.wider)
    target = "Hi" if activities()[code].needs_basis else "none"
    found = machine.converter.convert(code, unit, basis, "kWh", target, regions, key.on)
    energy = None if isinstance(found, Misfit) else Fraction(quantity) * found.ratio
    return Taken(quantity, key, decision, parts_of(decision, weighted, OWN_CONSUMPTION), energy)


def _decided(weighted: Weighted, key: Key) -> Decision:
    """Return the decision of a whole year.

    Raises:
        Refused: another factor or heating value counts in another month: one quantity of the year cannot be
            split.
    """
    months = [replace(key, on=date(key.on.year, month, 1)) for month in range(1, 13)]
    decisions = [weighted.matcher.decide(month) for month in months]
    made = {tuple((hit.statement.id, hit.conversion.ratio) for hit in each.hits) for each in decisions}
    if len(made) > 1:
        message = "The factor of {activity} changes within {year}: one figure of the year cannot be split."
        raise Refused(message, code="factor_changes", activity=key.activity, year=key.on.year)
    return decisions[0]


def _temperatures(plant: PlantForm, form: NetworkForm, machine: Engine) -> Temperatures | None:
    """Return the temperatures of an allocation by exergy; a book may fix that of the return."""
    book, told = machine.books[0].book, plant.supply or form.supply
    supply = None if told is None else told.value
    stated = None if form.back is None else form.back.value
    if (told and supply is None) or (form.back and stated is None):
        raise Refused("A temperature is stated in kelvin or in celsius, in one of them.", code="temperatures")
    fixed = None if book.heat is None else Fraction(book.heat.return_kelvin)
    if fixed is not None and stated not in {None, fixed}:
        message = "The book {book} fixes the return temperature at {kelvin} K; leave it out or state that."
        raise Refused(message, code="temperatures", book=book.id, kelvin=shown(fixed))
    back = stated if fixed is None else fixed
    return None if supply is None or back is None else Temperatures(supply, back)


def _reference(plant: PlantForm, form: NetworkForm) -> Reference | None:
    """Return the efficiencies of a plant, else those of the network."""
    told = plant.reference or form.reference
    return None if told is None else Reference(Fraction(told.heat), Fraction(told.electricity), told.source)


def _assumptions(
    runs: list[Run], weighted: Weighted, method: Method, factor: NetworkFactor
) -> Iterator[tuple[str, str, str]]:
    """Yield (code, subject, detail) of all the factor takes for granted."""
    for run in runs:
        for taken in run.taken:
            yield from taken.decision.assumptions
        if run.form.emission_free:
            yield "heat_emission_free", run.form.name, run.form.emission_free
    if factor.without_upstream:
        yield "upstream_incomplete", HEAT, ", ".join(factor.without_upstream)
    rule = weighted.book.heat
    if rule is not None and method.value != rule.method and any(run.weights for run in runs):
        yield "method_other", HEAT, f"{method.value} ({rule.method})"
