"""What stands beside a run: earlier runs, the weather; the run itself stays as it is."""

from decimal import Decimal
from pathlib import Path

import pytest
from toy import City, found_city, use_toys

from bilanz.app.balances import calculate_year, reported_result
from bilanz.app.beside.plan import targets_of_year
from bilanz.app.catalogue.ownfactors import import_factors
from bilanz.app.intake.ingest import import_file
from bilanz.app.master.data import export_masterdata, import_masterdata
from bilanz.app.period.change import compare_years
from bilanz.errors import Refused, UsageError
from bilanz.weathercorrection import NORMAL

HEADER = "source,activity,basis,start,end,quantity"


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> City:
    """Gas of the town over 2023 and 2024 (but for the last day), by one bill each."""
    use_toys(monkeypatch)
    city = found_city(tmp_path)
    bills = city.file(
        "gas.csv",
        HEADER,
        "G-1,natural_gas,Hs,2022-12-31,2023-12-31,1000",
        "G-1,natural_gas,Hs,2023-12-31,2024-12-31,900",
    )
    import_file(bills, organisation="town", settings=city.settings)
    return city


def state_share(city: City, share: str) -> None:
    folder = city.folder / f"master-{share}"
    folder.mkdir()
    (folder / "sources.csv").write_text(f"id,heating_share\nG-1,{share}\n", encoding="utf-8")
    assert import_masterdata(folder, city.settings, update=True).exit_code == 0


def test_earlier_runs_are_of_the_same_organisation_the_newest_first(city: City) -> None:
    for year in (2022, 2023, 2024):
        calculate_year(city.settings, year)
    calculate_year(city.settings, 2021, organisation="depot")
    result = reported_result(city.settings, 2024)
    assert [one.manifest.year for one in result.beside.earlier] == [2023, 2022]
    assert reported_result(city.settings, 2022).beside.earlier == ()


def test_the_correction_stands_beside_and_changes_no_balance(city: City) -> None:
    before = [calculate_year(city.settings, year).manifest.result_hash for year in (2023, 2024)]
    state_share(city, "0.8")
    after = [calculate_year(city.settings, year).manifest.result_hash for year in (2023, 2024)]
    assert before == after
    frame = reported_result(city.settings, 2024).beside.weather
    assert frame is not None
    assert frame["year"].to_list() == [2024, 2023]
    assert frame["state"].to_list() == ["corrected", "corrected"]
    # Eurostat, Germany: 2024 has 2568.75 K d; a warm year needs more than it used
    assert NORMAL == (1991, 2020)
    first = frame.row(0, named=True)
    moved = first["measured_kwh"] * Decimal("0.8") * (first["ratio"] - 1)
    assert first["corrected_kwh"] == (first["measured_kwh"] + moved).quantize(Decimal("1e-6"))
    assert first["ratio"] > 1


def test_two_years_are_compared_by_cause(city: City) -> None:
    state_share(city, "0.8")
    calculate_year(city.settings, 2023)
    with pytest.raises(Refused, match="2024 has not been calculated"):
        compare_years(city.settings, [2023, 2024])
    calculate_year(city.settings, 2024)
    found = compare_years(city.settings, [2024, 2023])
    assert (found["year_before"], found["year"]) == (2023, 2024)
    assert [book["book"] for book in found["books"]] == ["bisko", "ghgp_location", "ghgp_market"]
    for book in found["books"]:
        told = {entry["cause"]: Decimal(entry["co2e_kg"] or 0) for entry in book["causes"]}
        assert sum(told.values()) == Decimal(book["difference_kg"])
        assert told["weather"] < 0  # 2024 was warmer than 2023
    causes = reported_result(city.settings, 2024).beside.causes
    assert causes is not None
    assert causes["cause"].unique().sort().to_list() == ["activity", "factor", "weather"]


@pytest.mark.parametrize("years", [[2024], [2024, 2024], [2022, 2023, 2024]])
def test_other_than_two_years_are_no_comparison(city: City, years: list[int]) -> None:
    with pytest.raises(UsageError, match="Two different years"):
        compare_years(city.settings, years)


PLANS = {
    "targets": (
        "id,organisation,book,scopes,base_year,target_year,reduction,path,evidence",
        'T-1,town,bisko,"1,2,3",2023,2030,0.5,linear,council',
        'T-2,town,none,"1",2023,2030,0.5,linear,council',
        'T-3,town,bisko,"1",2023,2020,0.5,linear,council',
        'T-4,nowhere,bisko,"1",2023,2030,0.5,linear,council',
        'T-5,town,bisko,"1",2023,2030,1.5,linear,council',
    ),
    "measures": (
        "id,organisation,title,starts_on,effect_kwh,activity,status,evidence",
        "M-1,town,Roof,2026-01-01,200,Erdgas,decided,report",
        "M-2,town,Roof,2026-01-01,,Erdgas,decided,report",
        "M-3,town,Roof,2026-01-01,200,,decided,report",
    ),
    "growth": (
        "id,organisation,activity,rate,first_year,last_year,title,evidence",
        "G-1,town,Erdgas,0.02,2025,2030,Growth,plan",
        "G-2,town,Erdgas,0.02,2030,2025,Growth,plan",
    ),
}


def test_plans_are_imported_row_by_row_and_stand_beside_the_run(city: City) -> None:
    folder = city.folder / "plans"
    folder.mkdir()
    for name, lines in PLANS.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    tables = import_masterdata(folder, city.settings).as_json()["tables"]
    assert {name: (row["added"], row["rejected"]) for name, row in tables.items()} == {
        "targets": (1, 4),
        "measures": (1, 2),
        "growth": (1, 1),
    }
    again = import_masterdata(export_folder(city), city.settings).as_json()["tables"]
    assert {name: row["unchanged"] for name, row in again.items()}["targets"] == 1
    for year in (2023, 2024):
        calculate_year(city.settings, year)
    found = targets_of_year(city.settings, 2024)
    (target,) = found["targets"]
    assert (target["target"], target["boundary"], target["verdict"]) == (
        "T-1",
        "same",
        "unclear",
    )  # 900 of 1000 kWh, the path allows 92.9 %: below it, but its interval is not
    assert {point["series"] for point in found["points"]} == {
        "path",
        "actual",
        "frozen",
        "measures",
        "growth",
    }


def export_folder(city: City) -> Path:
    folder = city.folder / "out"
    export_masterdata(folder, city.settings)
    return folder


def test_the_savings_account_takes_energy_by_net_calorific_value(city: City) -> None:
    folder = city.folder / "measures"
    folder.mkdir()
    head = "id,organisation,title,starts_on,effect_kwh,activity,status,method,evidence"
    row = "M-1,town,Roof,2024-05-01,200,Erdgas,implemented,reading,report"
    (folder / "measures.csv").write_text(f"{head}\n{row}\n", encoding="utf-8")
    for year in (2023, 2024):
        calculate_year(city.settings, year)
    assert reported_result(city.settings, 2024).beside.savings is None  # there is no measure yet
    assert import_masterdata(folder, city.settings).exit_code == 0
    bound = city.settings.model_copy(update={"enefg": "Land law"})
    result = reported_result(bound, 2024)
    assert result.beside.savings is not None
    (account,) = result.beside.savings.iter_rows(named=True)
    gross = result.beside.earlier[0].usage["energy_kwh"].sum()
    assert account["energy_before_kwh"] == (gross * Decimal("0.903")).quantize(Decimal("1e-6"))  # Hs → Hi
    assert (account["standing"], account["legal_basis"], account["saved_kwh"]) == ("none", "Land law", 200)


def test_climate_factors_count_where_the_place_of_every_heating_source_has_one(city: City) -> None:
    state_share(city, "0.8")
    folder = city.folder / "places"
    folder.mkdir()
    (folder / "sites.csv").write_text(
        "id,organisation,name,postcode\nS-1,town,Hall,01067\n", encoding="utf-8"
    )
    term = "source,organisation,site,role,tenure,control\nG-1,town,S-1,consumed,owned,true\n"
    (folder / "terms.csv").write_text(term, encoding="utf-8")
    assert import_masterdata(folder, city.settings).exit_code == 0
    file = city.folder / "factors.csv"
    years = [f"01.01.{year};31.12.{year};01067;1,{year - 2018}0" for year in (2023, 2024)]
    file.write_text("\n".join([*years, ""]), encoding="latin-1")
    import_factors(file, city.settings, dry_run=False)
    for year in (2022, 2023, 2024):
        calculate_year(city.settings, year)
    frame = reported_result(city.settings, 2024).beside.weather
    assert frame is not None
    assert frame["definition"].unique().to_list() == ["dwd_climate_factor"]
    now, before, first = frame.iter_rows(named=True)
    assert (now["ratio"], before["ratio"], now["place"]) == (Decimal("1.6"), Decimal("1.5"), "01067")
    assert first["state"] in {"no_degree_days", "months_missing"}  # 2022 has no factor and stays
    assert (first["year"], first["corrected_kwh"]) == (2022, None)
