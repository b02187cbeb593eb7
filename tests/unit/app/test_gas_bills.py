"""Gas in cubic metres from the registry and the bill's parameters to the balance, recomputed by hand."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from ledger import Ledger, co2e, term

from bilanz.app.catalogue.ownfactors import import_own_properties
from bilanz.app.catalogue.releases import catalogue_of
from bilanz.app.settings import Settings
from bilanz.errors import Refused
from bilanz.organisation import OrganisationUnit, Source, SourceTerm
from bilanz.registry.engine import open_registry
from bilanz.registry.frames import source_terms_frame
from bilanz.result import Result
from factors.base import Catalogue

BILL = """activity;kind;area;valid_from;valid_to;value;unit;per_unit;title
Erdgas;state_number;Netz Nord;2024-01-01;2025-01-01;0.9512;;;Gas bill 2024
Erdgas;gross_calorific_value;Netz Nord;2024-01-01;2025-01-01;11.432;kWh;m³ (n);Gas bill 2024
"""
YEAR = (date(2024, 1, 1), date(2025, 1, 1))
# 1000 m3 × 0.9512 × 11.432 kWh/m3n = 10 874.1184 kWh (Hs); × 0.903 = 9 819.3289152 kWh (Hi)
NET_KWH = Decimal("9819.3289152")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data")


@pytest.fixture
def bill(tmp_path: Path) -> Path:
    path = tmp_path / "gas_2024.csv"
    path.write_text(BILL, encoding="utf-8")
    return path


def calculated(catalogue: Catalogue, *, area: str | None, quantity: str = "1000", unit: str = "m3") -> Result:
    ledger = Ledger()
    ledger.terms.append(term("G-1", activity="natural_gas", area=area))
    ledger.bill("G-1", "natural_gas", quantity, *YEAR, unit=unit)
    return ledger.calculate(catalogue=catalogue)


def energy(result: Result) -> Decimal:
    return Decimal(result.usage["energy_kwh"].sum())


def codes(result: Result) -> set[str]:
    return set(result.assumptions["code"])


def test_the_parameters_of_the_area_reach_the_balance(settings: Settings, bill: Path) -> None:
    assert import_own_properties(bill, settings, dry_run=False)["accepted"] == 2
    result = calculated(catalogue_of(settings), area="Netz Nord")
    assert abs(energy(result) - NET_KWH) < Decimal("0.000006")  # twelve months, each rounded once
    assert "general_gas_value" not in codes(result)
    # EBeV 2030: 0.0558 t CO2/GJ (Hi) of natural gas × 3.6 GJ/MWh = 0.20088 kg/kWh
    direct = result.lines.filter(pl.col("book") == "ghgp_location", pl.col("chain") == "direct", gas="CO2")
    assert abs(Decimal(direct["co2e_kg"].sum()) - NET_KWH * Decimal("0.20088")) < Decimal("0.0001")


def test_a_bill_in_cubic_metres_and_one_in_kilowatt_hours_give_the_same(
    settings: Settings, bill: Path
) -> None:
    import_own_properties(bill, settings, dry_run=False)
    known = catalogue_of(settings)
    ledger = Ledger()
    ledger.bill("G-1", "natural_gas", "10874.1184", *YEAR, basis="Hs")
    by_energy = ledger.calculate(catalogue=known)
    by_volume = calculated(known, area="Netz Nord")
    by_norm = calculated(known, area="Netz Nord", quantity="951.2", unit="m3n")
    for book, chain, gas in (
        ("bisko", "total", "CO2e"),
        ("ghgp_location", "direct", "CO2"),
        ("ghgp_market", "direct", "CO2"),
    ):
        assert co2e(by_energy, book) > 0
        for other in (by_volume, by_norm):
            carbon = [co2e(found, book, chain=chain, gas=gas) for found in (other, by_energy)]
            assert abs(carbon[0] / carbon[1] - 1) < Decimal("0.000000001")
            # CH4 and N2O are published per m3 and per kWh with two digits each
            assert abs(co2e(other, book) / co2e(by_energy, book) - 1) < Decimal("0.00001")


@pytest.mark.parametrize("area", [None, "Netz Süd"])
def test_without_parameters_a_general_value_stands_in_and_is_listed(
    settings: Settings, bill: Path, area: str | None
) -> None:
    import_own_properties(bill, settings, dry_run=False)
    result = calculated(catalogue_of(settings), area=area)
    assert energy(result) == 10_000  # HeizkostenV: 10 kWh/m3
    assert "general_gas_value" in codes(result)


def test_a_change_of_the_parameters_in_the_year_counts_from_its_month_on(
    settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "two.csv"
    second = BILL.splitlines()[1].replace("2024-01-01;2025", "2024-07-01;2025").replace("0.9512", "0.9012")
    path.write_text(BILL.replace("0.9512", "0.9512") + second + "\n", encoding="utf-8")
    assert import_own_properties(path, settings, dry_run=True)["accepted"] == 1  # both hold in autumn
    first = BILL.replace("2024-01-01;2025-01-01;0.9512", "2024-01-01;2024-07-01;0.9512")
    path.write_text(first + second + "\n", encoding="utf-8")
    assert import_own_properties(path, settings, dry_run=False)["accepted"] == 3
    result = calculated(catalogue_of(settings), area="Netz Nord")
    months = dict(
        result.usage.group_by("month").agg(pl.col("energy_kwh").sum() / pl.col("quantity").sum()).iter_rows()
    )
    june, july = float(months[date(2024, 6, 1)]), float(months[date(2024, 7, 1)])
    assert june == pytest.approx(0.9512 * 11.432 * 0.903)
    assert july == pytest.approx(0.9012 * 11.432 * 0.903)


def test_a_file_is_not_imported_twice_and_a_dry_run_keeps_nothing(settings: Settings, bill: Path) -> None:
    import_own_properties(bill, settings, dry_run=True)
    before = catalogue_of(settings).release
    import_own_properties(bill, settings, dry_run=False)
    assert catalogue_of(settings).release != before
    with pytest.raises(Refused, match="gas_2024"):
        import_own_properties(bill, settings, dry_run=False)


def test_the_area_of_a_source_stands_in_its_terms(tmp_path: Path) -> None:
    registry = open_registry(f"sqlite:///{tmp_path / 'registry.sqlite'}")
    rows = [
        OrganisationUnit(id="city", name="City", kind="municipality"),
        Source(id="G-1", activity="natural_gas", grid_area="Netz Nord"),
        SourceTerm(source="G-1", organisation="city", role="consumed", tenure="owned", control=True),
    ]
    for row in rows:
        with registry.session() as session:
            session.add(row)
            session.commit()
    assert source_terms_frame(registry)["area"].to_list() == ["Netz Nord"]
    registry.close()
