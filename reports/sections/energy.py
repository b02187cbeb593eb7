from typing import ClassVar

import polars as pl

from bilanz.messages import Language, translate
from bilanz.result import Result
from reports import charts, energy, names, numbers
from reports.base import Column, Panel, Section, Wording
from reports.charts import Series
from reports.totals import largest, named


class Energy(Section):
    """Energy consumed, what it cost, and what else flowed."""

    name: ClassVar[str] = "energy"
    position: ClassVar[int] = 60

    def title(self, language: Language) -> str:
        """Return the heading."""
        return translate("Energy and cost", language)

    def panels(self, result: Result, wording: Wording) -> list[Panel]:
        """Return energy by carrier, cost by currency, and flows that are not own consumption."""
        language = wording.language
        own = energy.own_use(result)
        found = [*_use(own, language), *_costs(own, language), *_other(result, language)]
        return [panel for panel in found if panel.table.height]


def _label(activity: str | None, basis: str | None, language: Language) -> str:
    """Return the name of a carrier with its calorific basis, where it has one."""
    name = names.activity_name(activity, language)
    return f"{name} ({basis})" if basis and basis != "none" else name


def _use(own: pl.DataFrame, language: Language) -> list[Panel]:
    """Return the energy by carrier; net and gross calorific value stay apart."""
    frame = energy.by_carrier(own)
    shown = frame.filter(pl.col("energy_kwh").is_not_null()).head(charts.LONGEST)
    if shown.is_empty():
        return []
    labels = [
        _label(activity, basis, language) for activity, basis in shown.select("activity", "basis").iter_rows()
    ]
    top = shown.row(0, named=True)
    return [
        Panel(
            identifier="energy-carriers",
            heading=translate("Energy consumed by carrier", language),
            finding=translate(
                "{carrier} is the largest: {energy}.",
                language,
                carrier=labels[0],
                energy=numbers.megawatt_hours(top["energy_kwh"], language),
            ),
            table=_named_activity(frame, language),
            columns=(
                Column("activity", translate("Energy carrier", language)),
                Column("basis", translate("Calorific basis", language)),
                Column("energy_kwh", translate("Energy", language), kind="energy"),
                Column("with_cost", translate("Share with known cost", language), kind="share"),
            ),
            figure=charts.bars(
                labels,
                [Series(translate("Energy", language), charts.in_thousands(shown["energy_kwh"].to_list()))],
                unit="MWh",
                language=language,
            ),
            note=translate(
                "Energy by net (Hi) and by gross calorific value (Hs) differs and is not added. Where no "
                "energy is stated, the quantity could not be converted.",
                language,
            ),
        )
    ]


def _named_activity(frame: pl.DataFrame, language: Language) -> pl.DataFrame:
    """Return the frame with names of activities and of the missing basis."""
    named_frame = named(frame, "activity", lambda code: names.activity_name(code, language))
    return named(named_frame, "basis", lambda code: names.basis(code, language))


def _costs(own: pl.DataFrame, language: Language) -> list[Panel]:
    """Return the net cost by carrier, one panel per currency."""
    currencies = own["currency"].drop_nulls().unique().sort().to_list()
    if not currencies:
        return [_no_costs(language)] if own.height else []
    return [_cost(energy.cost_by_carrier(own, currency), currency, language) for currency in currencies]


def _no_costs(language: Language) -> Panel:
    """Return the panel that says no cost is known."""
    row = {"topic": translate("Net cost of energy", language), "statement": numbers.missing(language)}
    return Panel(
        identifier="energy-cost",
        heading=translate("Cost of energy", language),
        finding=translate("None of the files states what the energy cost.", language),
        table=pl.DataFrame([row]),
        columns=(
            Column("topic", translate("Topic", language)),
            Column("statement", translate("Statement", language), kind="long"),
        ),
    )


def _cost(frame: pl.DataFrame, currency: str, language: Language) -> Panel:
    """Return the net cost in one currency."""
    shown = frame.head(charts.LONGEST)
    labels = [
        _label(activity, basis, language) for activity, basis in shown.select("activity", "basis").iter_rows()
    ]
    amounts = [round(float(value), 2) for value in shown["cost_net"].to_list()]
    return Panel(
        identifier=f"energy-cost-{currency.lower()}",
        heading=translate("Cost of energy in {currency}", language, currency=currency),
        finding=translate(
            "Known net cost: {total}; the largest part is {carrier} with {amount}.",
            language,
            total=numbers.money(frame["cost_net"].sum(), currency, language),
            carrier=labels[0],
            amount=numbers.money(shown["cost_net"][0], currency, language),
        ),
        table=_named_activity(frame, language),
        columns=(
            Column("activity", translate("Energy carrier", language)),
            Column("basis", translate("Calorific basis", language)),
            Column(
                "cost_net", translate("Net cost", language), kind="money", unit=currency, is_totalled=True
            ),
            Column("energy_kwh", translate("Energy it was paid for", language), kind="energy"),
            Column("price", translate("Price", language), kind="money", digits=2, unit=f"{currency}/MWh"),
        ),
        figure=charts.bars(
            labels,
            [Series(translate("Net cost", language), amounts)],
            unit=currency,
            language=language,
            digits=0,
        ),
        note=translate(
            "Only what the files state; energy without a stated cost is not in this panel.", language
        ),
    )


def _other(result: Result, language: Language) -> list[Panel]:
    """Return what was generated, fed in, sold, passed on or measured a second time."""
    frame = energy.other_flows(result)
    if frame.is_empty():
        return []
    flows = [
        names.flow(role, direction, language) for role, direction in frame.select("role", "direction").rows()
    ]
    frame = frame.with_columns(pl.Series("flow", flows, dtype=pl.String))
    top = largest(frame, "flow", "energy_kwh")
    return [
        Panel(
            identifier="energy-other",
            heading=translate("Energy that is not own consumption", language),
            finding=translate(
                "The largest flow beside own consumption is {flow}: {energy}. None of these is in a total.",
                language,
                flow=top[0],
                energy=numbers.megawatt_hours(top[1], language),
            )
            if top
            else translate("None of these is in a total.", language),
            table=_named_activity(frame, language).select("activity", "flow", "basis", "energy_kwh"),
            columns=(
                Column("activity", translate("Energy carrier", language)),
                Column("flow", translate("Flow", language)),
                Column("basis", translate("Calorific basis", language)),
                Column("energy_kwh", translate("Energy", language), kind="energy"),
            ),
        )
    ]
