import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from toy import City, Toy, ToyReadings, found_city, use_toys

from bilanz.app.intake.ingest import batches, identify_file, import_file, withdraw
from bilanz.app.intake.summary import plain
from bilanz.app.settings import Settings
from bilanz.errors import (
    AlreadyImported,
    BilanzError,
    FileRefused,
    StoreBusy,
    UnknownName,
    UsageError,
)
from bilanz.organisation import OrganisationUnit, Source
from bilanz.registry import batches as registry_batches
from bilanz.registry.engine import Registry, open_registry
from bilanz.registry.frames import source_terms_frame
from bilanz.registry.organisations import put_organisation
from bilanz.registry.sources import put_source
from bilanz.store.connection import open_store
from importers.base import Claim, FileSample, ImportRequest, ImportResult, Workspace

COLUMNS = "source,start,end,quantity"
JANUARY = "Z1,2024-01-01,2024-02-01,10.5"
FEBRUARY = "Z1,2024-02-01,2024-03-01,11.25"


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> City:
    use_toys(monkeypatch)
    return found_city(tmp_path)


@pytest.fixture
def registry(city: City) -> Iterator[Registry]:
    opened = open_registry(city.settings.registry)
    yield opened
    opened.close()


def counts(city: City) -> tuple[int, ...]:
    """Return rows of batch, activity, batch_series, daily and resolution."""
    tables = ("batch", "activity", "batch_series", "daily", "resolution")
    with open_store(city.settings.store_file) as store:
        return tuple(store.rows(f"SELECT count(*) FROM {table}")[0][0] for table in tables)


# --- which importer


def test_the_one_that_claims_reads(city: City) -> None:
    assert identify_file(city.file("a.csv", COLUMNS, JANUARY)) == {
        "importer": "toy",
        "confidence": 1.0,
        "candidates": [{"importer": "toy", "reason": "first line toy"}],
    }


def test_a_file_nobody_claims_is_refused(city: City) -> None:
    path = city.folder / "letter.csv"
    path.write_text("Dear Sir or Madam\n")
    assert identify_file(path) == {"importer": None, "confidence": 0.0, "candidates": []}
    with pytest.raises(FileRefused, match=r"letter\.csv: no importer .* --map asks") as caught:
        import_file(path, organisation="town", settings=city.settings)
    assert caught.value.exit_code == 1


def test_a_file_two_claim_is_refused_with_their_reasons(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    class Rival(Toy):
        name = "rival"

    for module in ("importers.base", "bilanz.app.intake.examination"):
        monkeypatch.setattr(f"{module}.importers_found", lambda: iter([Toy(), Rival()]))
    path = city.file("a.csv", COLUMNS, JANUARY)
    assert identify_file(path)["importer"] is None
    with pytest.raises(FileRefused, match="rival: first line toy; toy: first line toy"):
        import_file(path, organisation="town", settings=city.settings)
    assert (
        import_file(path, organisation="town", settings=city.settings, importer="rival").importer == "rival"
    )


def test_an_importer_that_is_not_sure_is_only_a_candidate(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unsure(_self: Toy, _sample: FileSample) -> Claim:
        return Claim(0.5, "looks like it")

    monkeypatch.setattr(Toy, "identify", unsure)
    path = city.file("a.csv", COLUMNS, JANUARY)
    found = identify_file(path)
    assert (found["importer"], found["confidence"]) == (None, 0.5)
    with pytest.raises(FileRefused, match="toy: looks like it"):
        import_file(path, organisation="town", settings=city.settings)


def test_an_unknown_importer_is_a_usage_error(city: City) -> None:
    path = city.file("a.csv", COLUMNS, JANUARY)
    with pytest.raises(UnknownName, match="There are: toy, toy_readings"):
        import_file(path, organisation="town", settings=city.settings, importer="none")


def test_an_empty_file_is_refused(city: City) -> None:
    (city.folder / "empty.csv").touch()
    with pytest.raises(FileRefused, match="is empty"):
        import_file(city.folder / "empty.csv", organisation="town", settings=city.settings)


# --- what comes out


def test_the_summary_counts_totals_issues_and_period(city: City) -> None:
    path = city.file("a.csv", COLUMNS, JANUARY, "Z1,2024-02-01,2024-03-01,x", FEBRUARY)
    summary = import_file(path, organisation="town", settings=city.settings)
    found = summary.as_json()
    assert {name: found[name] for name in ("importer", "read", "accepted", "rejected", "ignored")} == {
        "importer": "toy",
        "read": 3,
        "accepted": 2,
        "rejected": 1,
        "ignored": 0,
    }
    assert found["totals"] == [
        {
            "activity": "electricity",
            "direction": "consumption",
            "unit": "kWh",
            "basis": "none",
            "quantity": "21.75",  # 10.5 + 11.25
            "records": 2,
        }
    ]
    # the toy's days are days in UTC; Berlin is an hour ahead in winter
    assert found["period"] == {"start": "2024-01-01T01:00:00+01:00", "end": "2024-03-01T01:00:00+01:00"}
    assert found["issues"][0] == {
        "row": 4,
        "column": "quantity",
        "code": "not_a_number",
        "severity": "error",
        "value": "x",
        "message": 'a.csv, row 4, column "quantity": "x" is not a number (a number expected). '
        "The row was not imported.",
    }
    assert summary.exit_code == 1
    header, reject = summary.rejects_csv().splitlines()
    assert header == "row;column;value;code;message"
    assert reject.startswith('4;quantity;x;not_a_number;"a.csv, row 4, column ""quantity"": ""x"" is not a ')
    assert [(batch["batch"], batch["state"]) for batch in batches(city.settings)] == [
        (found["batch"], "committed")
    ]
    assert counts(city) == (1, 2, 0, 0, 0)


def test_a_dry_run_needs_and_leaves_no_data_directory(city: City, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "nowhere", lang="en")
    path = city.file("a.csv", COLUMNS, JANUARY)
    summary = import_file(path, organisation="anybody", settings=settings, dry_run=True)
    assert (summary.accepted, summary.batch, summary.exit_code) == (1, None, 0)
    assert "batch" not in summary.as_json()
    assert not settings.data.exists()


def test_readings_go_to_parquet_and_daily(city: City) -> None:
    path = city.readings("r.csv", [("2023-12-31T23:00", "1.5"), ("2023-12-31T23:15", "2")])
    found = import_file(path, organisation="depot", settings=city.settings).as_json()
    assert found["period"] == {"start": "2024-01-01T00:00:00+01:00", "end": "2024-01-01T00:30:00+01:00"}
    assert found["totals"][0]["quantity"] == "3.5"
    with open_store(city.settings.store_file) as store:
        assert store.readings_file(found["batch"]).exists()
        assert store.rows("SELECT organisation, source FROM series") == [("depot", "M1")]
    assert counts(city) == (1, 0, 1, 1, 0)
    assert list((city.settings.data / "staging").iterdir()) == []


def test_the_same_bytes_again_are_refused_until_withdrawn(city: City) -> None:
    first = import_file(city.file("a.csv", COLUMNS, JANUARY), organisation="town", settings=city.settings)
    copy = city.file("copy.csv", COLUMNS, JANUARY)
    with pytest.raises(AlreadyImported, match=f"as a.csv in batch {first.batch}"):
        import_file(copy, organisation="depot", settings=city.settings)
    assert first.batch is not None
    withdraw(first.batch, reason="wrong organisation", settings=city.settings)
    second = import_file(copy, organisation="depot", settings=city.settings)
    assert [(entry["batch"], entry["state"]) for entry in batches(city.settings)] == [
        (first.batch, "withdrawn"),
        (second.batch, "committed"),
    ]


def test_a_file_without_an_accepted_row_is_no_batch(city: City) -> None:
    path = city.file("a.csv", COLUMNS, "Z1,2024-01-01,2024-02-01,x")
    summary = import_file(path, organisation="town", settings=city.settings)
    assert (summary.rejected, summary.batch, summary.exit_code) == (1, None, 1)
    assert batches(city.settings) == []
    import_file(path, organisation="town", settings=city.settings)  # again, as with a declaration


def test_overlapping_files_name_each_other(city: City) -> None:
    first = import_file(city.file("a.csv", COLUMNS, JANUARY), organisation="town", settings=city.settings)
    second = import_file(
        city.file("b.csv", COLUMNS, JANUARY, FEBRUARY), organisation="town", settings=city.settings
    )
    (issue,) = second.as_json()["issues"]
    assert issue["code"] == "overlap"
    assert issue["message"] == (
        f'b.csv, row 3, column "quantity": Z1: batch {second.batch} (b.csv) covers '
        f"2024-01-01T01:00+0100/2024-02-01T01:00+0100 already held by batch {first.batch} (a.csv, row 3); "
        "rule: first."
    )
    assert second.exit_code == 0
    with open_store(city.settings.store_file) as store:
        live = store.rows("SELECT batch_key, source_row, is_superseded FROM activity_live ORDER BY ALL")
    assert live == [(1, 3, False), (2, 3, True), (2, 4, False)]


# --- whose rows


def test_an_unknown_organisation_is_a_usage_error_with_near_misses(city: City) -> None:
    with pytest.raises(UnknownName, match="depot") as caught:
        import_file(city.file("a.csv", COLUMNS, JANUARY), organisation="depo", settings=city.settings)
    assert caught.value.exit_code == 2


def test_rows_of_unregistered_organisations_are_rejected_and_the_control_sums_follow(city: City) -> None:
    path = city.file(
        "a.csv", f"{COLUMNS},organisation", f"{JANUARY},", f"{FEBRUARY},depot", f"{FEBRUARY},mars"
    )
    summary = import_file(path, organisation="town", settings=city.settings)
    assert (summary.read, summary.accepted, summary.rejected) == (3, 2, 1)
    (issue, *_) = summary.as_json()["issues"]
    assert (issue["row"], issue["column"], issue["value"]) == (5, "organisation", "mars")
    assert issue["message"].endswith('"mars" is not one of depot, town. The row was not imported.')
    with open_store(city.settings.store_file) as store:
        assert store.rows("SELECT organisation FROM activity ORDER BY record_id") == [("town",), ("depot",)]


def test_new_sources_are_registered_as_assumed(city: City, registry: Registry) -> None:
    columns = f"{COLUMNS},role,site,activity"
    path = city.file(
        "a.csv",
        columns,
        f"{JANUARY},sub_meter,,electricity",
        ",2024-01-01,2024-02-01,5,,hall,natural_gas",
        ",2024-01-01,2024-02-01,5,,,diesel",
    )
    summary = import_file(path, organisation="town", settings=city.settings)
    assert [issue["value"] for issue in summary.as_json()["issues"]] == [
        "Z1",
        "hall:natural_gas",
        "town:diesel",
    ]
    terms = source_terms_frame(registry)
    assert terms.select("source", "organisation", "role", "tenure", "control", "is_assumed").rows() == [
        ("Z1", "town", "sub_meter", "owned", True, True),
        ("hall:natural_gas", "town", "consumed", "owned", True, True),
        ("town:diesel", "town", "consumed", "owned", True, True),
    ]


def test_many_new_sources_are_summed_up_and_kept_one_by_one(city: City) -> None:
    rows = [f"Z{index},2024-01-01,2024-02-01,1" for index in range(21)]
    summary = import_file(city.file("a.csv", COLUMNS, *rows), organisation="town", settings=city.settings)
    (issue,) = summary.as_json()["issues"]
    assert (issue["code"], issue["value"]) == ("new_sources", "Z0, Z1, Z2")
    assert "21 sources" in issue["message"]
    with open_store(city.settings.store_file) as store:
        assert store.rows("SELECT count(*) FROM issue WHERE code = 'new_source'") == [(21,)]


def test_a_source_of_another_organisation_is_pointed_out(city: City) -> None:
    import_file(city.file("a.csv", COLUMNS, JANUARY), organisation="town", settings=city.settings)
    summary = import_file(city.file("b.csv", COLUMNS, FEBRUARY), organisation="depot", settings=city.settings)
    (issue,) = summary.as_json()["issues"]
    assert issue["message"].endswith('"Z1" is registered for town, the data were imported for depot.')


# --- what the importer is told


def test_a_registered_source_lends_what_it_knows(
    city: City, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[ImportRequest] = []

    def read(self: Toy, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        asked.append(request)
        return Toy.read(self, path, ImportRequest(), workspace)

    monkeypatch.setattr(ToyReadings, "read", read)
    put_source(registry, Source(id="G1", activity="natural_gas", unit="m3", basis="Hs"))
    put_organisation(
        registry, OrganisationUnit(id="town", name="T", kind="municipality", zone="Europe/Vienna")
    )
    path = city.file("a.csv", COLUMNS, JANUARY)
    period = (datetime.fromisoformat("2024-01-01"), datetime.fromisoformat("2025-01-01"))
    import_file(
        path,
        organisation="depot",
        source="G1",
        settings=city.settings,
        importer="toy_readings",
        declared={"quantity": "1,234.56"},
        period=period,
        dry_run=True,
    )
    import_file(path, organisation="town", settings=city.settings, importer="toy_readings", zone="UTC")
    assert asked == [
        ImportRequest(
            source="G1",
            activity="natural_gas",
            unit="m3",
            basis="Hs",
            zone="Europe/Vienna",  # of the town, to which the depot belongs
            declared={"quantity": "1,234.56"},
            period=period,
        ),
        ImportRequest(zone="UTC"),
    ]


@pytest.mark.parametrize(("on_overlap", "reason"), [("last", None), ("both", None), ("both", "")])
def test_a_rule_must_be_known_and_both_needs_a_reason(
    city: City, on_overlap: str, reason: str | None
) -> None:
    path = city.file("a.csv", COLUMNS, JANUARY)
    with pytest.raises(UsageError):
        import_file(path, organisation="town", settings=city.settings, on_overlap=on_overlap, reason=reason)


# --- what goes wrong


def test_a_defective_importer_stores_nothing(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = Toy.read

    def lossy(self: Toy, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        result = honest(self, path, request, workspace)
        less = pl.col("quantity") - 1
        wrong = result.activities.with_columns(less.cast(result.activities.schema["quantity"]))
        return ImportResult(result.read, 0, 0, activities=wrong, control_sums=result.control_sums)

    monkeypatch.setattr(Toy, "read", lossy)
    path = city.file("a.csv", COLUMNS, JANUARY)
    with pytest.raises(BilanzError, match=r"adds up to 10\.5.*, the stored records to 9\.5") as caught:
        import_file(path, organisation="town", settings=city.settings, dry_run=True)
    assert caught.value.code == "control_sum"
    assert batches(city.settings) == []


HOLDER = """
import sys, time, duckdb
held = duckdb.connect(sys.argv[1])
print("held", flush=True)
time.sleep(60)
"""


def test_a_busy_store_leaves_the_registry_as_it_was(city: City) -> None:
    import_file(city.file("a.csv", COLUMNS, JANUARY), organisation="town", settings=city.settings)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(city.settings.store_file)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    try:
        path = city.file("b.csv", COLUMNS, FEBRUARY)
        with pytest.raises(StoreBusy, match=str(holder.pid)):
            import_file(path, organisation="town", settings=city.settings.model_copy(update={"wait": 0.1}))
    finally:
        holder.kill()
        holder.communicate()
    assert len(batches(city.settings)) == 1


def test_the_registry_knows_the_control_sums(city: City, registry: Registry) -> None:
    import_file(city.file("a.csv", COLUMNS, JANUARY, FEBRUARY), organisation="town", settings=city.settings)
    (batch,) = registry_batches.batches(registry)
    assert batch.control_sums == [
        {"measure": "quantity", "column": "quantity", "unit": "kWh", "total": "21.750000", "records": 2}
    ]
    assert json.dumps(batches(city.settings))


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("10.500000", "10.5"),
        ("100.000000", "100"),
        ("0.000000", "0"),
        ("-3.100000", "-3.1"),
        ("1E+3", "1000"),
    ],
)
def test_decimals_are_written_plainly(number: str, text: str) -> None:
    assert plain(Decimal(number)) == text
