"""Readings matched by the hour, worked out by hand."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hours import balance, instants, keep, lines, mass, missed, read, series, steady
from toy import City, found_city, use_toys

from bilanz.app.intake.ingest import import_file, withdraw
from bilanz.errors import CatalogueError, UnknownName
from bilanz.organisation import Source, SourceTerm
from bilanz.registry.engine import open_registry
from bilanz.registry.sources import put_source, put_term
from bilanz.store.connection import open_store

FOUR = [("2024-06-03T08:00", "400"), ("2024-06-03T09:00", "300"), ("2024-06-03T10:00", "200.5"),
        ("2024-06-03T11:00", "100")]  # fmt: skip


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> City:
    use_toys(monkeypatch)
    return found_city(tmp_path)


def owned(source: str, organisation: str, **told: object) -> SourceTerm:
    """Return a term of the registry: consumed, owned, under own control."""
    given = {"role": "consumed", "tenure": "owned", "control": True} | told
    return SourceTerm(source=source, organisation=organisation, **given)


def test_four_hours_with_four_intensities(city: City) -> None:
    keep(city, series(FOUR))
    hours = ["2024-06-03T08:00", "2024-06-03T09:00", "2024-06-03T10:00", "2024-06-03T11:00"]
    read(city, "a.csv", list(zip(hours, ["1", "2", "3", "4"], strict=True)), minutes=60)
    result = balance(city)
    # 1·400 + 2·300 + 3·200.5 + 4·100 = 400 + 600 + 601.5 + 400 = 2001.5 g
    assert mass(result) == Decimal("2.0015")
    (line,) = lines(result).iter_rows(named=True)
    assert (line["quantity"], line["month"], line["scope"]) == (10, date(2024, 6, 1), "2")
    assert (line["gas"], line["mass_kg"], line["chain"], line["is_lead"]) == ("CO2e", None, "direct", True)
    assert (line["factor_id"], line["grade"], line["quality"]) == ("series:grid", "custom", "measured")
    assert missed(result) == []


def test_quarter_hours_take_the_value_of_their_hour(city: City) -> None:
    keep(city, series(FOUR))
    read(
        city,
        "a.csv",
        [(at, "0.25") for at in instants("2024-06-03T08:00", "2024-06-03T10:00", 15)],
        minutes=15,
    )
    # four quarter hours of 0.25 kWh at 400 g, four at 300 g: 1·400 + 1·300 = 700 g
    assert mass(balance(city)) == Decimal("0.7")


def test_an_hour_over_quarter_hours_is_spread_evenly(city: City) -> None:
    quarters = [("2024-06-03T08:00", "100"), ("2024-06-03T08:15", "200"), ("2024-06-03T08:30", "300"),
                ("2024-06-03T08:45", "401")]  # fmt: skip
    keep(city, series(quarters, minutes=15))
    read(city, "a.csv", [("2024-06-03T08:00", "2"), ("2024-06-03T09:00", "5")], minutes=60)
    result = balance(city)
    # 2 kWh · (100 + 200 + 300 + 401) / 4 g = 2 · 250.25 = 500.5 g; the second hour has no value
    assert mass(result) == Decimal("0.5005")
    assert missed(result) == [("hour_missing", Decimal(5), 1)]


def test_a_missing_hour_is_an_exception_and_never_filled(city: City) -> None:
    keep(city, series([FOUR[0], FOUR[2]]))
    read(
        city, "a.csv", [(at, "1") for at in instants("2024-06-03T08:00", "2024-06-03T11:00", 60)], minutes=60
    )
    result = balance(city)
    assert mass(result) == Decimal("0.6005")  # 400 + 200.5 g; nine o'clock is missing
    assert lines(result)["quantity"].to_list() == [2]
    assert missed(result) == [("hour_missing", Decimal(1), 1)]


@pytest.mark.parametrize(
    ("first", "end", "quarters"),
    [("2024-03-30T23:00", "2024-03-31T22:00", 92), ("2024-10-26T22:00", "2024-10-27T23:00", 100)],
)
def test_days_on_which_the_clock_changes(city: City, first: str, end: str, quarters: int) -> None:
    hours = instants(first, end, 60)
    keep(city, series([(at, str(100 + index)) for index, at in enumerate(hours)]))
    starts = instants(first, end, 15)
    assert len(starts) == quarters
    read(city, "a.csv", [(at, "1") for at in starts], minutes=15)
    result = balance(city)
    # four quarter hours of 1 kWh in each hour: 4 · Σ (100 + i) g over 23 or 25 hours
    count = quarters // 4
    assert mass(result) == Decimal(4 * (100 * count + count * (count - 1) // 2)) / 1000
    assert lines(result)["quantity"].sum() == quarters
    assert missed(result) == []


def test_a_constant_series_gives_what_an_annual_factor_gives(city: City) -> None:
    # UBA states 353 g CO2 per kWh for 2024; as a constant series it must give the same to the last digit
    keep(city, steady("2023-12-31T23:00", "2024-12-31T23:00", "363", gas="CO2", gwp=None))
    rows = [
        (at, f"0.{index % 997 + 1:06d}")
        for index, at in enumerate(instants("2024-01-31T00:00", "2024-03-02T00:00", 15))
    ]
    read(city, "a.csv", rows, minutes=15)
    result = balance(city)
    total = sum(Decimal(value) for _, value in rows)
    assert mass(result) == total * Decimal("0.363")
    assert lines(result)["mass_kg"].sum() == lines(result)["co2e_kg"].sum()
    assert lines(result)["month"].n_unique() == 3


def test_bills_and_long_readings_are_exceptions(city: City) -> None:
    keep(city, steady("2024-01-01T00:00", "2024-12-31T00:00", "100"))
    bill = city.file("bill.csv", "source,start,end,quantity", "B1,2024-01-01,2024-02-01,310")
    import_file(bill, organisation="town", settings=city.settings)
    read(city, "a.csv", [("2024-06-03T08:00", "7"), ("2024-06-03T10:00", "8")], minutes=120)
    result = balance(city)
    assert mass(result) == 0
    # the bill reaches an hour into the local February, so it has two parts
    assert missed(result) == [("no_hourly_reading", Decimal(310), 2), ("reading_too_long", Decimal(15), 2)]


def test_without_a_series_of_the_region_there_is_no_factor(city: City) -> None:
    keep(city, steady("2024-01-01T00:00", "2024-12-31T00:00", "100", region="FR"))
    read(city, "a.csv", [("2024-06-03T08:00", "7")], minutes=60)
    result = balance(city)
    assert missed(result) == [("no_factor", Decimal(7), 1)]
    assert "holds for the region" not in result.exceptions["detail"][0]  # codes and facts only
    assert "series:grid" not in str(result.lines["factor_id"].to_list())


def test_resolutions_decide_reading_by_reading(city: City) -> None:
    keep(city, series(FOUR))
    read(city, "a.csv", [("2024-06-03T08:00", "1"), ("2024-06-03T09:00", "1")], minutes=60)
    read(city, "b.csv", [("2024-06-03T09:00", "9"), ("2024-06-03T10:00", "2")], minutes=60)
    result = balance(city)
    # the first delivery stays: 1·400 + 1·300, then 2·200.5 = 1101 g; the 9 kWh gave way
    assert mass(result) == Decimal("1.101")
    assert result.superseded.select("quantity", "reason").rows() == [(Decimal(9), "resolution")]


def test_of_two_series_of_a_meter_only_the_one_that_counts_is_matched(city: City) -> None:
    keep(city, series(FOUR))
    day = instants("2024-06-02T22:00", "2024-06-03T22:00", 60)
    keep(city, series([(at, "100") for at in day], name="day"))
    read(city, "a.csv", [(at, "1") for at in day], minutes=60)
    bill = city.file("b.csv", "source,start,end,quantity,quality", "M1,2024-06-01,2024-07-01,60,billed")
    import_file(bill, organisation="town", settings=city.settings)
    result = balance(city, series=("day",))
    # the measured day beats 1/30 of the bill (2 kWh); the other 58 kWh are no readings: two hours of the bill
    # lie in the local July, of which the series says nothing
    assert mass(result) == Decimal("2.4")  # 24 kWh · 100 g
    assert [code for code, _, _ in missed(result)] == ["no_factor", "no_hourly_reading"]
    assert sum(quantity for _, quantity, _ in missed(result)) == 58
    assert result.superseded["quantity"].to_list() == [2]


def test_a_change_of_owner_cuts_the_month(city: City) -> None:
    keep(city, steady("2024-05-31T22:00", "2024-06-30T22:00", "100"))
    registry = open_registry(city.settings.registry)
    put_source(registry, Source(id="M1", activity="electricity"))
    put_term(registry, owned("M1", "town", valid_to=date(2024, 6, 11)))
    put_term(registry, owned("M1", "depot", valid_from=date(2024, 6, 11)))
    registry.close()
    read(
        city, "a.csv", [(at, "1") for at in instants("2024-05-31T22:00", "2024-06-30T22:00", 60)], minutes=60
    )
    result = balance(city)
    assert lines(result).select("organisation", "quantity", "co2e_kg").sort("organisation").rows() == [
        ("depot", Decimal(480), Decimal(48)),  # 20 days · 24 h · 100 g
        ("town", Decimal(240), Decimal(24)),
    ]


def test_a_tenant_is_taken_off_by_the_hour(city: City) -> None:
    keep(city, series(FOUR))
    registry = open_registry(city.settings.registry)
    put_source(registry, Source(id="M1", activity="electricity"))
    put_source(registry, Source(id="T1", activity="electricity", parent="M1"))
    put_term(registry, owned("M1", "town"))
    put_term(registry, owned("T1", "town", role="tenant"))
    registry.close()
    read(city, "a.csv", [("2024-06-03T08:00", "5"), ("2024-06-03T09:00", "5")], minutes=60)
    read(city, "t.csv", [("2024-06-03T09:00", "2")], minutes=60, source="T1")
    result = balance(city)
    found = lines(result).group_by("scope").agg(pl.col("quantity", "co2e_kg").sum()).sort("scope").rows()
    # scope 2: 5·400 + 5·300 − 2·300 = 2900 g for 8 kWh; the tenant's 2 kWh at nine are 600 g
    assert found == [("2", Decimal(8), Decimal("2.9")), ("3", Decimal(2), Decimal("0.6"))]


def test_what_a_tenant_used_by_a_bill_is_taken_off_among_the_exceptions(city: City) -> None:
    keep(city, steady("2024-05-31T22:00", "2024-06-30T22:00", "100"))
    registry = open_registry(city.settings.registry)
    put_source(registry, Source(id="M1", activity="electricity"))
    put_source(registry, Source(id="T1", activity="electricity", parent="M1"))
    put_term(registry, owned("M1", "town"))
    put_term(registry, owned("T1", "town", role="tenant"))
    registry.close()
    read(city, "a.csv", [("2024-06-03T08:00", "50"), ("2024-06-03T09:00", "50")], minutes=60)
    bill = city.file("t.csv", "source,start,end,quantity", "T1,2024-06-02,2024-06-29,30")
    import_file(bill, organisation="town", settings=city.settings)
    result = balance(city)
    # nobody knows in which hours the tenant used 30 kWh: the meter stays whole, minus and plus are exceptions
    assert mass(result) == Decimal(10)  # 100 kWh · 100 g
    found = result.exceptions.select("source", "quantity", "records", "code").sort("source").rows()
    assert found == [
        ("M1", Decimal(-30), 0, "no_hourly_reading"),
        ("T1", Decimal(30), 1, "no_hourly_reading"),
    ]


def test_a_run_of_one_organisation_holds_its_meters_only(city: City) -> None:
    keep(city, series(FOUR))
    registry = open_registry(city.settings.registry)
    for source, organisation in (("M1", "town"), ("M2", "depot")):
        put_source(registry, Source(id=source, activity="electricity"))
        put_term(registry, owned(source, organisation))
    registry.close()
    read(city, "a.csv", [("2024-06-03T08:00", "1")], minutes=60)
    read(city, "b.csv", [("2024-06-03T08:00", "2")], minutes=60, source="M2")
    assert mass(balance(city, organisation="depot")) == Decimal("0.8")  # 2 · 400 g
    assert mass(balance(city)) == Decimal("1.2")


def test_a_withdrawn_file_is_not_read(city: City) -> None:
    keep(city, series(FOUR))
    read(city, "a.csv", [("2024-06-03T08:00", "1")], minutes=60)
    path = city.readings("b.csv", [("2024-06-03T08:00", "5")], source="M1", minutes=60)
    second = import_file(path, organisation="town", settings=city.settings, on_overlap="replace")
    assert mass(balance(city)) == Decimal(2)  # 5 · 400 g
    withdraw(second.batch, reason="test", settings=city.settings)
    assert mass(balance(city)) == Decimal("0.4")


def test_estimated_days_are_lines_of_their_own(city: City) -> None:
    keep(city, series(FOUR))
    read(city, "a.csv", [("2024-06-03T08:00", "1"), ("2024-06-03T09:00", "2")], minutes=60)
    with open_store(city.settings.store_file) as store:
        store.con.execute("UPDATE daily SET n_estimated = n_measured, n_measured = 0")
    assert lines(balance(city)).select("quality", "quantity").rows() == [("estimated", Decimal(3))]


def test_other_activities_are_memo_and_other_books_unchanged(city: City) -> None:
    keep(city, series(FOUR))
    read(city, "a.csv", [("2024-06-03T08:00", "1")], minutes=60)
    gas = city.file(
        "g.csv", "source,start,end,quantity,activity,basis", "G1,2024-01-01,2024-02-01,31,natural_gas,Hs"
    )
    import_file(gas, organisation="town", settings=city.settings)
    alone, default = balance(city, "ghgp_location"), balance(city, "hourly", "ghgp_location")
    assert default.manifest.books == ("ghgp_location", "hourly")  # the supplementary one comes last
    assert lines(default, "ghgp_location").equals(alone.lines)
    memo = lines(default).filter(pl.col("activity") == "natural_gas")
    assert memo.select("scope", "category", "co2e_kg").unique().rows() == [("memo", "excluded", None)]
    assert memo["quantity"].sum() == 31


def test_a_run_without_the_book_does_not_see_a_series(city: City) -> None:
    read(city, "a.csv", [("2024-06-03T08:00", "1")], minutes=60)
    before = balance(city, "bisko", "ghgp_location", "ghgp_market").manifest
    keep(city, series(FOUR))
    after = balance(city, "bisko", "ghgp_location", "ghgp_market").manifest
    assert (before.result_hash, before.manifest_hash) == (after.result_hash, after.manifest_hash)


def test_the_series_is_part_of_the_manifest(city: City) -> None:
    entry = series(FOUR)
    keep(city, entry)
    read(city, "a.csv", [("2024-06-03T20:00", "1")], minutes=60)  # beside all hours of the series
    with_one = balance(city).manifest
    assert (entry.hash(), "series:grid") in with_one.inputs
    keep(city, series([*FOUR, ("2024-06-03T12:00", "1")]))
    with_other = balance(city).manifest
    assert with_one.result_hash == with_other.result_hash
    assert with_one.manifest_hash != with_other.manifest_hash


def test_what_is_assumed_is_listed_and_the_series_is_shown_without_a_value(city: City) -> None:
    keep(city, series(FOUR, delivery="generated", gas="CO2", gwp=None, excluded=("Pumping",), zero=("Tide",)))
    read(city, "a.csv", [("2024-06-03T08:00", "1")], minutes=60)
    result = balance(city)
    codes = set(result.assumptions["code"])
    assert {"losses_not_in", "series_excluded", "series_zero", "co2_only", "no_upstream"} <= codes
    (factor,) = result.factors.iter_rows(named=True)
    assert (factor["factor_id"], factor["value"], factor["licence"]) == ("series:grid", None, "none")
    assert factor["locator"] == "2024-06-03T08:00:00Z/2024-06-03T12:00:00Z, PT60M"


def test_a_total_with_upstream_stands_in_graded_proxy(city: City) -> None:
    keep(city, series(FOUR, chain="total"))
    read(city, "a.csv", [("2024-06-03T08:00", "1")], minutes=60)
    result = balance(city)
    assert lines(result).select("chain", "grade", "co2e_kg").rows() == [("total", "proxy", Decimal("0.4"))]
    assert "total_in_scope" in set(result.assumptions["code"])


def test_two_series_alike_must_be_chosen_from(city: City) -> None:
    keep(city, series(FOUR), series([(at, "1") for at, _ in FOUR], name="other"))
    read(city, "a.csv", [("2024-06-03T08:00", "1")], minutes=60)
    with pytest.raises(CatalogueError, match="series:grid, series:other"):
        balance(city)
    assert mass(balance(city, series=("other",))) == Decimal("0.001")
    with pytest.raises(UnknownName, match="grid, other"):
        balance(city, series=("grdi",))


def test_tonnes_per_megawatt_hour(city: City) -> None:
    keep(city, series([("2024-06-03T08:00", "0.123456789012")], mass_unit="t", per_unit="MWh"))
    read(city, "a.csv", [("2024-06-03T08:00", "3.000001")], minutes=60)
    # 3.000001 kWh · 0.123456789012 t/MWh = 3.000001 · 0.123456789012 kg, rounded to 12 decimals
    exact = Decimal("3.000001") * Decimal("0.123456789012")
    assert mass(balance(city)) == round(exact, 12)
