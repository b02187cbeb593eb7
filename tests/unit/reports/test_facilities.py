"""Energy of sites: net calorific value, matching to sites, and what has no figure."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import polars as pl
from golden.exports.made_up import NET_PER_GROSS, result
from sheets import texts

from bilanz.app.output.reporting import wording, write_export
from bilanz.organisation import AREA_KINDS, SITE_KINDS, SITE_SCHEMA
from reports.energy import own_usage
from reports.export import export
from reports.exports.energy_report import AREAS, KINDS, covered
from reports.facilities import CATEGORIES, Facility, facilities, left_out, whole


def by_place(found: list[Facility]) -> dict[str | None, Facility]:
    return {facility.place: facility for facility in found}


def test_every_kind_has_a_name() -> None:
    assert set(KINDS) == set(SITE_KINDS) > set(CATEGORIES)
    assert set(AREAS) == set(AREA_KINDS)


def test_gross_energy_becomes_net_and_sites_are_found_by_id_and_by_name() -> None:
    found = by_place(facilities(result()))
    # gas: 2 months × 90 000 kWh (Hs) × 0.9; electricity: 2 × 42 000 kWh
    hall = found["Rathaus am Markt"]
    assert hall.carriers == {"Erdgas": 2 * 90_000 * NET_PER_GROSS, "Strom": Decimal(84_000)}
    assert hall.missing == []
    assert found["Beleuchtung"].missing == ["light_points", "burn_hours"]
    assert found["Alte Wache"].missing == ["site"]
    assert found["Schule"].missing == ["kind", "area_kind"]


def test_no_energy_is_lost() -> None:
    told = result()
    own = own_usage(told)["energy_kwh"].drop_nulls().sum()
    gas = Decimal(2 * 90_000)
    sites = whole([facility.total for facility in facilities(told)])
    vehicles = left_out(told)
    assert sites is not None
    assert vehicles is not None
    assert sites + vehicles == own - gas + gas * NET_PER_GROSS


def test_without_a_ratio_there_is_no_figure_and_no_sum() -> None:
    told = result()
    bare = replace(told, beside=replace(told.beside, net_ratios=None))
    hall = by_place(facilities(bare))["Rathaus am Markt"]
    assert hall.carriers == {"Erdgas": None, "Strom": Decimal(84_000)}


def test_a_missing_figure_is_said_and_its_total_stays_empty(tmp_path: Path) -> None:
    told = result()
    bare = replace(told, beside=replace(told.beside, net_ratios=None))
    path = write_export(export("energy_report"), bare, wording("en", result=bare), tmp_path / "e.xlsx")
    heads, *rows = texts(path, "Sites")
    row = dict(zip(heads, next(row for row in rows if row[1] == "Rathaus am Markt"), strict=True))
    assert row["Natural gas (kWh)"] == row["Total (kWh)"] == ""
    assert row["Missing"] == "energy of Natural gas"


CNG = {"activity": "cng", "unit": "kWh", "basis": "Hs", "quantity": Decimal(1000)}


def test_energy_of_vehicles_is_net_and_unknown_where_a_part_is(tmp_path: Path) -> None:
    told = result()
    row = next(row for row in told.usage.to_dicts() if row["source"] == "Karte 7")
    gas = pl.DataFrame([{**row, **CNG, "energy_kwh": Decimal(1000)}], schema=told.usage.schema)
    with_gas = replace(told, usage=pl.concat([told.usage, gas]))
    # 2 months × (44 000 l diesel × 9.96 + 1 200 l petrol × 8.9 + 55 000 kWh of traction), see FLOWS
    without_gas = 2 * (44_000 * Decimal("9.96") + 1_200 * Decimal("8.9") + 55_000)
    assert told.beside.net_ratios is not None
    ratio = told.beside.net_ratios.with_columns(pl.lit("cng").alias("activity"))
    ratios = pl.concat([told.beside.net_ratios, ratio])
    known = replace(with_gas, beside=replace(told.beside, net_ratios=ratios))
    assert left_out(told) == without_gas
    assert left_out(known) == without_gas + 1000 * NET_PER_GROSS
    assert left_out(with_gas) is None  # nothing leads from the gross value to the net one
    assert left_out(replace(told, usage=told.usage.clear())) == 0
    path = write_export(export("energy_report"), with_gas, wording("en", result=told), tmp_path / "e.xlsx")
    cover = {row[0]: row[1] for row in texts(path, "Cover") if len(row) > 1}
    assert cover["Vehicles"] == "Energy of vehicles is not in the report: unknown."


def test_shares_of_energy_need_all_energy() -> None:
    hall = Facility("a", "hall", {"kind": "non_residential"}, {"Strom": Decimal(30)})
    other = Facility("a", "flat", {"kind": "residential"}, {"Strom": Decimal(10)})
    assert covered([hall, other], "en")[1].startswith("75.0")  # 30 of 40 kWh
    unknown = Facility("a", "bath", {"kind": "residential"}, {"Strom": Decimal(10), "Erdgas": None})
    assert covered([hall, unknown], "en")[1].startswith("not stated of the energy")


def test_energy_nobody_classified_is_kept() -> None:
    told = result()
    first = told.usage.head(1).with_columns(pl.lit(None, pl.String).alias("activity"))
    usage = pl.concat([told.usage, first])
    found = by_place(facilities(replace(told, usage=usage)))
    assert found["Rathaus am Markt"].carriers[""] is None  # nobody says whether it has a basis


def test_a_name_two_sites_share_leads_to_neither() -> None:
    told = result()
    assert told.beside.sites is not None
    twin = {"site": "hall2", "organisation": "rathaus", "name": "Rathaus am Markt"}
    twins = pl.concat([told.beside.sites, pl.DataFrame([twin], schema=SITE_SCHEMA)])
    found = facilities(replace(told, beside=replace(told.beside, sites=twins)))
    unregistered = [facility for facility in found if not facility.facts]
    assert {"Rathaus am Markt", "Alte Wache"} == {facility.place for facility in unregistered}


def test_only_sites_of_the_organisations_of_the_run_are_listed() -> None:
    told = result()
    bounded = replace(
        told,
        manifest=replace(told.manifest, organisation="werke"),
        usage=told.usage.filter(pl.col("organisation") == "werke"),
    )
    assert {facility.place for facility in facilities(bounded)} == {"Beleuchtung", "Klärwerk"}
