from pathlib import Path

import polars as pl
from ledger import CITY, Ledger
from town import HALL, YEAR, lindenau, put, registered, with_view

from bilanz.app.beside.territory import territory_view
from bilanz.app.settings import Settings
from bilanz.result import Result, TerritoryView


def view(result: Result) -> TerritoryView:
    assert result.beside.territory is not None
    return result.beside.territory


def codes(result: Result) -> list[str]:
    return view(result).findings["code"].to_list()


def municipal(result: Result) -> dict[str, int]:
    rows = view(result).cells.filter(pl.col("sector") == "municipal")
    return {carrier: int(energy) for carrier, energy in rows.select("carrier", "energy_kwh").iter_rows()}


def test_the_municipality_comes_from_its_own_run(tmp_path: Path) -> None:
    result = with_view(lindenau(), tmp_path)
    # 2 260 000 kWh (Hs) × 0.903; the oil of the town hall is more than commerce has, and is not moved
    assert municipal(result) == {"Strom": 1_180_000, "Erdgas": 2_040_780}
    assert codes(result) == ["municipal_exceeds"]


def test_a_run_over_all_says_that_the_rest_of_the_page_adds_both_up(tmp_path: Path) -> None:
    result = with_view(lindenau(), tmp_path, organisation=None)
    assert municipal(result) == {"Strom": 1_180_000, "Erdgas": 2_040_780}
    assert codes(result) == ["both_in_run", "municipal_exceeds"]
    assert view(result).cells["organisation"].unique().to_list() == [CITY]


def test_without_a_municipality_or_its_balance_that_is_said(tmp_path: Path) -> None:
    ledger = lindenau()
    unstated = with_view(ledger, tmp_path, municipality=None)
    assert (municipal(unstated), codes(unstated)) == ({}, ["municipality_unstated"])
    known = registered(lindenau())
    result = ledger.calculate(organisations=known.organisations, organisation=CITY)
    found = territory_view(Settings(data=tmp_path), known, result)
    assert found is not None
    assert found.findings["code"].to_list() == ["municipality_uncalculated"]
    broken = found.rules.filter(pl.col("state") == "broken")["rule"].to_list()
    assert "municipal_once" in broken


def test_quantities_of_the_municipality_without_a_factor_are_said(tmp_path: Path) -> None:
    ledger = lindenau()
    ledger.bill("R-4", "natural_gas", "500", *YEAR, organisation=HALL)  # no basis: an exception
    assert "municipality_gaps" in codes(with_view(ledger, tmp_path))


def test_an_administration_is_no_territory(tmp_path: Path) -> None:
    ledger = Ledger()
    ledger.bill("R-1", "electricity", "1180000", *YEAR)
    known = registered(ledger)
    result = ledger.calculate(organisations=known.organisations, organisation=CITY)
    assert territory_view(Settings(data=tmp_path), known, result) is None


def test_without_the_book_of_the_method_there_is_no_balance_and_without_that_of_gpc_no_inventory(
    tmp_path: Path,
) -> None:
    ledger = lindenau()
    known = registered(ledger)
    for books, has_view in ((("ghgp_location",), False), (("bisko",), True)):
        result = ledger.calculate(organisations=known.organisations, organisation=CITY, books=books)
        found = territory_view(Settings(data=tmp_path), known, result)
        assert (found is not None) is has_view
        assert found is None or found.inventory is None


def test_records_of_another_year_are_not_of_this_one(tmp_path: Path) -> None:
    ledger = lindenau()
    put(ledger, "households", "wood_pellets", "1000", source="later / households", start=YEAR[1])
    found = view(with_view(ledger, tmp_path))
    state = found.requirements.filter(pl.col("carrier") == "Biomasse")["state"].to_list()
    assert state == ["blank"]
