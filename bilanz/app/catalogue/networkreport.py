"""What is told about a calculated heat network: the trace, one JSON object, and rows of own factors."""

import csv
import hashlib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any, Final

from bilanz.activity import folded
from bilanz.app.catalogue.heatnetwork import HEAT, HeatNetwork, Run, Taken
from bilanz.app.explaining.amounts import exact, plain
from bilanz.app.explaining.steps import mass, number, steps_of
from bilanz.factor import Chain
from bilanz.messages import Language, translate
from bilanz.network import Row
from bilanz.sentences import METHODS, worded
from reports import names, numbers

VALUE_DIGITS: Final = 12
COLUMNS: Final = (
    "factor_id",
    "activity",
    "region",
    "valid_from",
    "valid_to",
    "gas",
    "value",
    "mass_unit",
    "per_unit",
    "chain",
    "gwp",
    "method",
    "title",
    "publisher",
    "locator",
    "note",
)


def decimal(value: Fraction) -> str:
    """Return a value as it is written to files: twelve decimals, rounded half-even."""
    scaled = round(value * 10**VALUE_DIGITS)
    return plain(Decimal(scaled).scaleb(-VALUE_DIGITS))


def payload(network: HeatNetwork, language: Language) -> dict[str, Any]:
    """Return the answer of the command; the schema stands in docs/cli.md."""
    form, factor = network.form, network.factor
    return {
        "network": form.name,
        "region": form.region,
        "year": form.year,
        "book": network.weighted.book.id,
        "gwp": network.weighted.gwp.name,
        "method": network.method.value,
        "release": network.release,
        "co2e_kg_per_kwh": decimal(factor.co2e()),
        "factor": [
            {"chain": row.chain.value, "gas": row.gas, "kg_per_kwh": decimal(row.kg), "gwp": row.gwp}
            for row in factor.rows
        ],
        "fed_in_kwh": decimal(network.fed_in),
        "delivered_kwh": decimal(network.delivered),
        "losses_kwh": decimal(network.losses),
        "plants": [_plant(run, language) for run in network.runs],
        "assumptions": _assumptions(network, language),
        "steps": list(steps(network, language)),
    }


def _plant(run: Run, language: Language) -> dict[str, Any]:
    output = run.output
    return {
        "name": run.form.name,
        "kind": run.form.kind,
        "heat_kwh": decimal(output.heat) if output else None,
        "electricity_kwh": decimal(output.electricity) if output else None,
        "share_of_heat": decimal(run.share),
        "primary_energy_saving": None if run.saving is None else decimal(run.saving),
        "co2e_kg": decimal(run.plant.co2e()),
        "fuels": [_fuel(taken, language) for taken in run.taken],
    }


def _fuel(taken: Taken, language: Language) -> dict[str, Any]:
    key, hits = taken.key, (taken.decision.hit, taken.decision.upstream, taken.decision.biogenic)
    return {
        "activity": key.activity,
        "name": names.activity_name(key.activity, language),
        "quantity": plain(taken.quantity),
        "unit": key.unit,
        "basis": key.basis,
        "factors": [hit.statement.id for hit in hits if hit],
        "grade": taken.decision.grade.value,
        "co2e_kg": decimal(taken.feed.co2e()),
    }


def _assumptions(network: HeatNetwork, language: Language) -> list[dict[str, str]]:
    return [
        {
            "code": code,
            "subject": subject,
            "detail": worded(detail, language),
            "text": names.assumption(code, language),
        }
        for code, subject, detail in network.assumptions
    ]


def steps(network: HeatNetwork, language: Language) -> Iterator[str]:
    """Yield every step from the fuels to the factor."""
    for run in network.runs:
        yield f"{run.form.name}:"
        for taken in run.taken:
            yield from steps_of(
                taken.quantity,
                taken.key.unit,
                taken.decision,
                taken.parts,
                network.weighted,
                language=language,
            )
        if run.form.emission_free:
            yield translate("0 kg CO2e: {reason}", language, reason=run.form.emission_free)
        yield from _shared(run, network, language)
    yield from _network(network, language)


def _shared(run: Run, network: HeatNetwork, language: Language) -> Iterator[str]:
    """Yield how a plant's emissions are shared, and what is left for heat."""
    shown = partial(number, language=language)
    output, held = run.output, run.weights
    if output is not None and held is not None:
        yield from _method(run, language)
        heat, power = shown(output.heat), shown(output.electricity)
        share = (
            f"{shown(held.heat)} × {heat} kWh / ({shown(held.heat)} × {heat} kWh + "
            f"{shown(held.electricity)} × {power} kWh) = {shown(run.share)}"
        )
        method = translate(METHODS[network.method.value], language)
        yield translate("Share of heat, {method}: {share}", language, method=method, share=share)
    for chain in Chain:
        parts = [(taken, part) for taken in run.taken for part in taken.parts if part.chain == chain]
        if parts:
            total = sum((mass(taken.quantity, part.co2e) for taken, part in parts), Decimal(0))
            named = names.chain(chain.value, language)
            heat = shown(Fraction(total) * run.share)
            yield f"Σ {named}: {exact(total, language)} kg CO2e × {shown(run.share)} = {heat} kg CO2e"


def _method(run: Run, language: Language) -> Iterator[str]:
    """Yield what the weights are made of."""
    shown = partial(number, language=language)
    output, told, reference = run.output, run.temperatures, run.reference
    if told is not None:
        message = "Carnot: 1 − {back} K / {supply} K = {carnot}"
        values = {"back": shown(told.back), "supply": shown(told.supply), "carnot": shown(told.carnot)}
        yield translate(message, language, **values)
    if reference is not None:
        message = "Reference efficiencies: heat {heat}, electricity {electricity} [{source}]"
        heat, electricity = shown(reference.heat), shown(reference.electricity)
        yield translate(message, language, heat=heat, electricity=electricity, source=reference.source)
    if run.saving is not None and output is not None and reference is not None:
        fuel = shown(sum((taken.energy or Fraction(0) for taken in run.taken), Fraction(0)))
        terms = (
            f"1 − {fuel} kWh / ({shown(output.heat)} kWh / {shown(reference.heat)} + "
            f"{shown(output.electricity)} kWh / {shown(reference.electricity)}) = {shown(run.saving)}"
        )
        yield translate("Primary energy saving: {terms}", language, terms=terms)


def _network(network: HeatNetwork, language: Language) -> Iterator[str]:
    """Yield the losses and the division by the heat delivered."""
    shown = partial(number, language=language)
    message = "Heat: {fed_in} kWh fed in − {losses} kWh lost ({percent} %) = {delivered} kWh delivered"
    percent = shown(Fraction(round(network.losses / network.fed_in * 1000), 10))
    yield translate(
        message,
        language,
        fed_in=shown(network.fed_in),
        losses=shown(network.losses),
        percent=percent,
        delivered=shown(network.delivered),
    )
    for row in network.factor.rows:
        total, delivered = shown(row.kg * network.delivered), shown(network.delivered)
        named, per = names.chain(row.chain.value, language), translate("per kWh delivered", language)
        yield f"{named}: {total} kg {row.gas} / {delivered} kWh = {shown(row.kg)} kg {row.gas} {per}"
    told = {each for run in network.runs for taken in run.taken for each in taken.decision.assumptions}
    for code, _, detail in (each for each in network.assumptions if each not in told):
        said = {"text": names.assumption(code, language), "detail": detail}
        yield translate("Assumed: {text} [{detail}]", language, **said)


def lines(network: HeatNetwork, language: Language) -> list[str]:
    """Return the answer as text: the headline, then every step."""
    headline = translate(
        "{network} {year}: {value} g CO2e per kWh of heat delivered ({book}, {method})",
        language,
        network=network.form.name,
        year=network.form.year,
        value=numbers.decimal(Decimal(round(network.factor.co2e() * 10**5)).scaleb(-2), language, digits=2),
        book=network.weighted.book.name.of(language),
        method=translate(METHODS[network.method.value], language),
    )
    return [headline, "", *steps(network, language)]


def write(network: HeatNetwork, path: Path, source: Path, language: Language) -> None:
    """Write the factor as own factors, in the columns `bilanz factors import` reads.

    Args:
        network: a calculated network.
        path: the CSV to be written.
        source: the description of the network; its name and hash stand in the locator.
        language: of the title.
    """
    digest = hashlib.sha256(source.read_bytes()).hexdigest()[:12]
    form, book = network.form, network.weighted.book
    title = translate(
        "Factor of the heat network {network} {year}, {method}, {book}",
        language,
        network=form.name,
        year=form.year,
        method=translate(METHODS[network.method.value], language),
        book=book.name.of(language),
    )
    slug = folded(form.name).replace(" ", "_")
    shared = {
        "factor_id": f"heat_network:{slug}:{form.year}:{book.id}:{network.method.value}",
        "activity": HEAT,
        "region": form.region,
        "valid_from": date(form.year, 1, 1).isoformat(),
        "valid_to": date(form.year + 1, 1, 1).isoformat(),
        "mass_unit": "kg",
        "per_unit": "kWh",
        "method": network.method.value,
        "title": title,
        "publisher": form.operator or "",
        "locator": f"{source.name}, sha256 {digest}; factors {network.release[:12]}",
        "note": "; ".join(f"{code}: {detail}" for code, _, detail in network.assumptions),
    }
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(shared | _row(row) for row in network.factor.rows)


def _row(row: Row) -> dict[str, str]:
    return {"gas": row.gas, "value": decimal(row.kg), "chain": row.chain.value, "gwp": row.gwp or ""}
