"""VSME: each value is one of the balance, carries the name of the template, or says why it is missing."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import polars as pl
from golden.exports.made_up import result
from sheets import Cell, names, sheets

from bilanz.app.output.reporting import wording, write_export
from bilanz.result import Result
from reports.base import Wording
from reports.export import export
from reports.exports.vsme import Fact, facts
from reports.totals import scope_of, total_of


def told(run: Result, **declared: str) -> dict[str, Fact]:
    found = list(facts(run, replace(Wording("en"), declared=declared)))
    named = {fact.name: fact for fact in found}
    assert len(named) == len(found)
    return named


def test_energy_adds_up_and_heat_is_in_the_total_alone() -> None:
    found = told(result())
    electricity = Decimal(2 * (42 + 130 + 55))  # MWh in two months
    gas, heat = 2 * Decimal(90) * Decimal("0.9"), Decimal(2 * 61)
    # litres × 9.96 kWh (diesel) and 8.9 kWh (petrol), as the synthetic city has it
    fuels = 2 * (Decimal(44_000) * Decimal("9.96") + Decimal(1_200) * Decimal("8.9")) / 1000
    everything = "TotalRenewableAndNonRenewableEnergyMember"
    assert found[f"EnergyConsumptionFromElectricity_{everything}"].value == electricity
    assert found[f"EnergyConsumptionFromFuels_{everything}"].value == gas + fuels
    assert found["TotalEnergyConsumption"].value == electricity + gas + heat + fuels
    assert found["EnergyConsumptionFromFuels_NonRenewableEnergyMember"].value == gas + fuels


def test_a_blend_of_biofuel_is_not_told_apart() -> None:
    run = result()
    blended = run.usage.with_columns(pl.col("activity").replace({"diesel": "diesel_b7"}))
    found = told(replace(run, usage=blended))
    for member in ("RenewableEnergyMember", "NonRenewableEnergyMember"):
        fact = found[f"EnergyConsumptionFromFuels_{member}"]
        assert fact.value is None
        assert fact.note == "Whether it is renewable is not told apart in the data."
    assert found["EnergyConsumptionFromFuels_TotalRenewableAndNonRenewableEnergyMember"].value


def test_energy_without_a_figure_takes_the_total_with_it() -> None:
    run = result()
    bare = told(replace(run, beside=replace(run.beside, net_ratios=None)))
    assert bare["TotalEnergyConsumption"].value is None
    assert bare["TotalEnergyConsumption"].note == "a part has no figure; no sum is told"


def test_emissions_are_those_of_the_books_and_intensities_need_a_turnover() -> None:
    run = result()
    found = told(run, **{"turnover_eur.2025": "1000000", "turnover_eur.2024": "1"})
    one, three = (scope_of(run.lines, "ghgp_market", scope) for scope in ("1", "3"))
    assert one
    assert three
    assert found["GrossScope1GreenhouseGasEmissions"].value == one / 1000
    assert found["GrossScope3GreenhouseGasEmissions_CurrentlyStatedMember"].value == three / 1000
    total = total_of(run.lines, "ghgp_market")
    assert total
    assert found["TotalGrossMarketBasedGHGEmissions_CurrentlyStatedMember"].value == total / 1000
    intensity = found["TotalMarketBasedGreenhouseGasEmissionsIntensityValue"].value
    assert intensity == total / 1000 / 1_000_000
    assert told(run)["TotalMarketBasedGreenhouseGasEmissionsIntensityValue"].value is None


def test_emissions_without_a_part_say_how_many_quantities_are_missing() -> None:
    found = told(result(), **{"turnover_eur.2025": "1"})
    # without a figure are 2 of natural gas in scope 1, 5 of electricity in scope 2 and a purchase in scope 3
    said = {
        "GrossScope1GreenhouseGasEmissions": 2,
        "GrossLocationBasedScope2GreenhouseGasEmissions": 5,
        "TotalGrossMarketBasedScope1AndScope2GHGEmissions": 7,
        "GrossScope3GreenhouseGasEmissions_CurrentlyStatedMember": 1,
        "TotalGrossLocationBasedGHGEmissions_CurrentlyStatedMember": 8,
        "TotalLocationBasedGreenhouseGasEmissionsIntensityValue": 8,
    }
    assert {name: found[name].missing for name in said} == said
    assert {found[name].note for name in said} == {"incomplete; quantities without a figure: {count}"}


def test_the_base_year_is_taken_from_its_own_balance() -> None:
    run = result()
    past = replace(run, manifest=replace(run.manifest, year=2019), lines=run.lines.head(40))
    with_past = replace(run, beside=replace(run.beside, earlier=(past,)))
    name = "TotalGrossLocationBasedGHGEmissions_BaselineYearMember"
    expected = total_of(past.lines, "ghgp_location")
    assert expected
    assert told(with_past, base_year="2019")[name].value == expected / 1000
    assert told(run, base_year="2019")[name].note == "There is no balance of the base year."
    assert told(with_past)[name].note == "not declared"


def test_water_and_waste_are_brought_to_the_unit_of_the_form() -> None:
    run = result()
    row = run.usage.row(0, named=True)
    added = [
        {**row, "activity": "water_supply", "quantity": Decimal(7), "unit": "m3"},
        {**row, "activity": "waste_residual", "quantity": Decimal(250), "unit": "kg"},
        {**row, "activity": "waste_paper", "quantity": Decimal(1), "unit": "t"},
    ]
    usage = pl.concat([run.usage, pl.DataFrame(added, schema=run.usage.schema)])
    found = told(replace(run, usage=usage))
    assert found["TotalAmountOfWaterWithdrawnFromAllSites"].value == 7
    assert found["TotalWasteGeneratedMass"].value == Decimal("1.25")
    heaped = [{**added[1], "unit": "EUR"}]
    found = told(replace(run, usage=pl.concat([usage, pl.DataFrame(heaped, schema=usage.schema)])))
    assert found["TotalWasteGeneratedMass"].value is None


def test_each_name_leads_to_the_cell_of_its_value(tmp_path: Path) -> None:
    run = result()
    path = write_export(export("vsme"), run, wording("en", result=run), tmp_path / "v.xlsx")
    sheet, expected = sheets(path)["VSME"], told(run)
    defined = {name: target for name, target in names(path).items() if not name.startswith("_xlnm")}
    assert set(defined) == set(expected)
    for name, target in defined.items():
        tab, _, address = target.replace("$", "").rpartition("!")
        assert tab.strip("'") == "VSME"
        value = expected[name].value
        assert sheet.get(address, Cell(None)).value == (None if value is None else float(value))
        assert sheet[f"B{address[1:]}"].value == f"vsme:{expected[name].concept}"
