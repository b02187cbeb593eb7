"""A closed period keeps its numbers, factors and data, whatever comes after; two persons close it."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from toy import City, found_city, use_toys

from bilanz.app import trail
from bilanz.app.balances import calculate_year, explain_year, latest_result, reported_result
from bilanz.app.catalogue import releases
from bilanz.app.cli import run as command
from bilanz.app.intake.ingest import batches, import_file, withdraw
from bilanz.app.output.rendering import render_year
from bilanz.app.period import closing
from bilanz.app.period.closing import Asked
from bilanz.app.period.standing import standing_of
from bilanz.app.period.verification import verify
from bilanz.app.settings import Settings
from bilanz.errors import BilanzError, Refused, UsageError
from bilanz.period import Period
from bilanz.registry.engine import open_registry
from bilanz.registry.periods import periods
from bilanz.store.connection import open_store

HEADER = "source,activity,start,end,quantity"
BOOKS = ("bisko",)
HEAT = """\
activity,region,valid_from,valid_to,gas,value,mass_unit,per_unit,chain,gwp,method,title
Fernwärme,DE,2024-01-01,2025-01-01,CO2e,{grams},g,kWh,total,AR5,exergy,Certificate {grams}
"""


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> City:
    use_toys(monkeypatch)
    found = found_city(tmp_path)
    bill(found, "june.csv", "M1,electricity,2024-06-01,2024-07-01,1000")
    return found


def bill(city: City, name: str, *rows: str, **options: str) -> str:
    import_file(city.file(name, HEADER, *rows), organisation="town", settings=city.settings, **options)
    return str(batches(city.settings)[-1]["batch"])


def as_(city: City, who: str) -> Settings:
    return city.settings.model_copy(update={"user": who})


def released(city: City, **asked: object) -> Period:
    calculate_year(city.settings, 2024, books=BOOKS)
    return closing.release(as_(city, "Office"), Asked(2024, **asked))  # type: ignore[arg-type]  # fields by name


def closed(city: City) -> str:
    run = str(released(city).run)
    closing.close(as_(city, "Treasury"), 2024, None)
    return run


def shown(city: City) -> str:
    return latest_result(city.settings, 2024).manifest.run


def test_a_period_goes_from_open_to_released_to_closed(city: City) -> None:
    assert standing_of(city.settings, 2024) is None
    period = released(city)
    assert (period.state, period.released_by, period.closed_by) == ("released", "Office", None)
    period = closing.close(as_(city, "Treasury"), 2024, None)
    assert (period.state, period.released_by, period.closed_by) == ("closed", "Office", "Treasury")
    actions = [(entry["action"], entry["by"]) for entry in trail.listed(city.settings, "2024")]
    assert actions == [("period.release", "Office"), ("period.close", "Treasury")]


@pytest.mark.parametrize("who", ["Office", " office ", "OFFICE"])
def test_who_released_cannot_close(city: City, who: str) -> None:
    released(city)
    with pytest.raises(Refused, match="cannot close it too"):
        closing.close(as_(city, who), 2024, None)


def test_no_step_is_taken_twice_or_out_of_order(city: City) -> None:
    with pytest.raises(Refused, match="not been calculated"):
        closing.release(as_(city, "Office"), Asked(2024))
    with pytest.raises(Refused, match="only a released period"):
        closing.close(as_(city, "Treasury"), 2024, None)
    with pytest.raises(Refused, match="open already"):
        closing.reopen(as_(city, "Treasury"), 2024, None, "why not")
    closed(city)
    with pytest.raises(Refused, match="closed already"):
        closing.release(as_(city, "Office"), Asked(2024))
    with pytest.raises(UsageError, match="needs a reason"):
        closing.reopen(as_(city, "Treasury"), 2024, None, " ")


def test_exceptions_are_accepted_by_name_or_not_at_all(city: City) -> None:
    bill(city, "strange.csv", "M2,,2024-06-01,2024-07-01,5")
    with pytest.raises(Refused, match=r"has \d exceptions"):
        released(city)
    with pytest.raises(UsageError, match="needs a reason"):
        released(city, accepts_exceptions=True)
    period = released(city, accepts_exceptions=True, reason="delivered in 2025")
    assert (period.exceptions > 0, period.exceptions_reason) == (True, "delivered in 2025")


def test_a_reopened_run_whose_file_was_withdrawn_is_not_released_again(city: City) -> None:
    run = closed(city)
    closing.reopen(as_(city, "Treasury"), 2024, None, "the bill is wrong")
    withdraw(batches(city.settings)[0]["batch"], reason="wrong", settings=city.settings)
    with pytest.raises(Refused, match="does not come out again"):
        closing.release(as_(city, "Office"), Asked(2024))
    found = verify(city.settings, run)
    assert found.is_result_equal
    assert found.is_released


def test_the_released_run_of_an_organisation_is_explained_and_no_later_one_over_all(city: City) -> None:
    calculate_year(city.settings, 2024, books=BOOKS, organisation="town")
    closing.release(as_(city, "Office"), Asked(2024, "town"))
    asked = {"organisation": "town", "activity": "electricity", "month": "2024-06"}
    before = explain_year(city.settings, 2024, book="bisko", **asked)
    bill(city, "more.csv", "M1,electricity,2024-06-01,2024-07-01,9000")
    calculate_year(city.settings, 2024, books=BOOKS)
    assert explain_year(city.settings, 2024, book="bisko", **asked) == before


def test_another_year_is_compared_with_the_run_that_stands(city: City) -> None:
    run = closed(city)
    bill(
        city,
        "july.csv",
        "M1,electricity,2024-07-01,2024-08-01,9000",
        "M1,electricity,2025-06-01,2025-07-01,900",
    )
    calculate_year(city.settings, 2024, books=BOOKS)
    calculate_year(city.settings, 2025, books=BOOKS)
    (before,) = reported_result(city.settings, 2025).beside.earlier
    assert before.manifest.run == run


def test_a_run_that_does_not_come_out_again_is_not_released(city: City) -> None:
    calculate_year(city.settings, 2024, books=BOOKS)
    withdraw(batches(city.settings)[0]["batch"], reason="wrong", settings=city.settings)
    with pytest.raises(Refused, match="does not come out again"):
        closing.release(as_(city, "Office"), Asked(2024))


def test_files_that_came_after_the_run_are_not_passed_over(city: City) -> None:
    run = calculate_year(city.settings, 2024, books=BOOKS).manifest.run
    bill(city, "july.csv", "M1,electricity,2024-07-01,2024-08-01,1000")
    with pytest.raises(Refused, match="1 files were imported after the run"):
        closing.release(as_(city, "Office"), Asked(2024))
    assert closing.release(as_(city, "Office"), Asked(2024, run=run)).run == run
    assert verify(city.settings, run).is_manifest_equal


def test_a_run_of_something_else_is_not_released(city: City) -> None:
    part = calculate_year(city.settings, 2024, books=BOOKS, organisation="depot").manifest.run
    with pytest.raises(Refused, match="not of what is to be released"):
        closing.release(as_(city, "Office"), Asked(2024, run=part))


def test_a_closed_period_keeps_numbers_factors_and_data(city: City) -> None:
    heat = city.folder / "heat.csv"
    bill(city, "heat_bill.csv", "H1,district_heat,2024-06-01,2024-07-01,1000")
    run = closed(city)
    before = explain_year(city.settings, 2024, book="bisko", activity="district_heat")
    page = render_year(city.settings, 2024, None).read_bytes()
    # new factors, a withdrawn file, a new one and other master data
    heat.write_text(HEAT.format(grams=1), encoding="utf-8")
    data = ("--data-dir", str(city.settings.data), "--lang", "en")
    assert command(["factors", "import", str(heat), *data]) == 0
    withdraw(batches(city.settings)[0]["batch"], reason="wrong meter", settings=city.settings)
    bill(
        city, "more.csv", "H1,district_heat,2024-06-01,2024-07-01,9", reason="new bill", on_overlap="replace"
    )
    terms = ("source", "add", "H1", "--org", "depot", "--activity", "district_heat")
    assert command([*terms, *data]) == 0
    later = calculate_year(city.settings, 2024, books=BOOKS, release="current").manifest
    assert later.run != run
    assert shown(city) == run
    assert render_year(city.settings, 2024, None).read_bytes() == page
    assert explain_year(city.settings, 2024, book="bisko", activity="district_heat") == before
    assert before["lines"]
    again = calculate_year(city.settings, 2024, books=BOOKS).manifest  # no release named: that of the period
    assert again.factor_release == latest_result(city.settings, 2024).manifest.factor_release
    found = verify(city.settings, run)
    assert (found.is_manifest_equal, found.is_released, found.causes) == (True, True, ())
    with open_store(city.settings.store_file) as store:  # nothing of the past was written
        assert store.rows("SELECT count(*) FROM batch WHERE state = 'withdrawn'") == [(1,)]


def test_an_explanation_of_a_closed_year_keeps_its_potentials_and_region(city: City) -> None:
    calculate_year(city.settings, 2024, books=("ghgp_location",), gwp="AR4")
    closing.release(as_(city, "Office"), Asked(2024))
    elsewhere = city.settings.model_copy(update={"region": "FR"})
    found = explain_year(elsewhere, 2024, book="ghgp_location")
    assert found["lines"]
    assert found == explain_year(city.settings, 2024, book="ghgp_location", gwp="AR4")


def test_its_factors_are_kept_as_a_release(city: City) -> None:
    run = closed(city)
    used = latest_result(city.settings, 2024).manifest.factor_release
    (release,) = releases.known(city.settings)
    assert (release.name, release.sha256) == (f"period-2024-{used[:8]}", used)
    closing.reopen(as_(city, "Treasury"), 2024, None, "a bill was missing")
    assert closing.release(as_(city, "Office"), Asked(2024, run=run)).run == run
    assert len(releases.known(city.settings)) == 1  # a second release needs none


def test_an_opened_period_shows_the_latest_calculation(city: City) -> None:
    run = closed(city)
    bill(city, "july.csv", "M1,electricity,2024-07-01,2024-08-01,1000")
    later = calculate_year(city.settings, 2024, books=BOOKS).manifest.run
    assert shown(city) == run
    period = closing.reopen(as_(city, "Treasury"), 2024, None, "a bill was missing")
    assert (period.state, period.run, period.released_by) == ("open", None, None)
    assert shown(city) == later
    (entry,) = (e for e in trail.listed(city.settings, "2024") if e["action"] == "period.reopen")
    assert (entry["details"]["run"], entry["reason"]) == (run, "a bill was missing")


def test_the_whole_and_an_organisation_are_two_periods(city: City) -> None:
    calculate_year(city.settings, 2024, books=BOOKS, organisation="depot")
    closing.release(as_(city, "Office"), Asked(2024, "depot"))
    assert standing_of(city.settings, 2024) is None
    assert standing_of(city.settings, 2024, "depot") is not None


def test_kept_inputs_that_were_changed_are_refused(city: City) -> None:
    run = closed(city)
    registry = open_registry(city.settings.registry)
    with registry.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE periodinputs SET content = replace(content, 'town', 'tomn')")
    registry.close()
    with pytest.raises(BilanzError, match="was changed"):
        verify(city.settings, run)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE run_line SET co2e_kg = co2e_kg + 1",
        'UPDATE run SET manifest = replace(manifest::VARCHAR, \'"region": "DE"\', \'"region": "AT"\')',
    ],
)
def test_a_closed_balance_that_was_changed_is_not_shown(city: City, change: str) -> None:
    run = closed(city)
    with open_store(city.settings.store_file) as store:
        store.con.execute(change)
    if "run_line" in change:
        with pytest.raises(BilanzError, match="not those that were released"):
            latest_result(city.settings, 2024)
    assert "stored" in verify(city.settings, run).causes


def test_threshold_and_base_year_stay_when_it_is_opened(city: City) -> None:
    for strange in ("5", "0", "-0.1", "NaN", "Infinity", "0.0250000001"):
        with pytest.raises(UsageError, match="between 0 and 100"):
            closing.release(as_(city, "Office"), Asked(2024, threshold=Decimal(strange)))
    calculate_year(city.settings, 2024, books=BOOKS)
    data = ("--data-dir", str(city.settings.data), "--json")
    asked = ("--threshold", "2.5", "--base-year", "--by", "Office")
    assert command(["period", "release", "--year", "2024", *asked, *data]) == 0
    closing.reopen(as_(city, "Treasury"), 2024, None, "again")
    registry = open_registry(city.settings.registry)
    (period,) = periods(registry)
    registry.close()
    assert (str(period.threshold), period.is_base_year) == ("0.025000", True)


def test_commands_say_that_a_closed_balance_is_unaffected(
    city: City, capsys: pytest.CaptureFixture[str]
) -> None:
    run = closed(city)
    data = ("--data-dir", str(city.settings.data), "--lang", "en")
    late = str(city.file("late.csv", HEADER, "M1,electricity,2024-12-31,2025-01-01,10"))
    other = str(city.file("other.csv", HEADER, "M1,electricity,2025-01-01,2025-02-01,10"))
    capsys.readouterr()
    assert command(["import", late, "--org", "town", *data]) == 0
    assert "2024 (all) is closed: its balance stays as it is." in capsys.readouterr().out
    assert command(["import", other, "--org", "town", *data, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["closed_periods"] == []
    batch = batches(city.settings)[0]["batch"]
    assert command(["batch", "withdraw", batch, "--reason", "x", *data, "--json"]) == 0
    assert [each["run"] for each in json.loads(capsys.readouterr().out)["closed_periods"]] == [run]
    assert command(["source", "add", "M1", "--org", "depot", *data]) == 0
    assert "2024 (all) is closed" in capsys.readouterr().out
    assert command(["calculate", "--year", "2024", "--book", "bisko", *data, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["stands_beside"] == run
    assert command(["period", "show", *data]) == 0
    assert run in capsys.readouterr().out
