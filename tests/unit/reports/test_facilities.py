"""Energy of sites: net calorific value, matching to sites, and what has no figure."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import polars as pl
from golden.exports.made_up import NET_PER_GROSS, result
from sheets import texts

from bilanz.app.reporting import wording, write_export
from bilanz.organisation import AREA_KINDS, SITE_KINDS, SITE_SCHEMA
from reports.energy import own_usage
from reports.export import export
from reports.exports.energy_report import AREAS, KINDS
from reports.facilities import CATEGORIES, Facility, facilities, left_out


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
    sites = sum((facility.total for facility in facilities(told)), Decimal(0))
    assert sites + left_out(told) == own - gas + gas * NET_PER_GROSS


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
