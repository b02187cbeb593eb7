"""A kept run comes out again: on any number of threads, after a shuffled import, with later files aside."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from toy import City, found_city, use_toys

from bilanz.app.balances import calculate_year, ledger
from bilanz.app.calculation import calculate
from bilanz.app.cli import run as command
from bilanz.app.intake.ingest import batches, import_file, withdraw
from bilanz.app.period.verification import Verification, verify
from bilanz.store.connection import open_store
from factors.base import catalogue

HEADER = "source,activity,start,end,quantity"
DAY = [
    (f"2024-06-{day:02}T{hour:02}:{minute:02}", "1.5")
    for day in (4, 5)
    for hour in range(22)
    for minute in (0, 30)
]
BOOKS = ("bisko", "ghgp_location")


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> City:
    use_toys(monkeypatch)
    return found_city(tmp_path)


def files(city: City) -> list[Path]:
    """Return six files that do not overlap: bills of three sources and readings of three meters."""
    made = []
    for number in range(3):
        row = f"B{number},natural_gas,2024-0{number + 1}-01,2024-0{number + 4}-01,{1000 + number / 3:.6f}"
        made.append(city.file(f"bill{number}.csv", HEADER + ",basis", row + ",Hi"))
        made.append(city.readings(f"readings{number}.csv", DAY[number:], source=f"R{number}", minutes=30))
    return made


def taken(city: City, paths: Sequence[Path], **options: str) -> list[str]:
    for path in paths:
        import_file(path, organisation="town", settings=city.settings, **options)
    return [entry["batch"] for entry in batches(city.settings)][-len(paths) :]


def calculated(city: City) -> str:
    return calculate_year(city.settings, 2024, books=BOOKS).manifest.run


def verified(city: City, run: str) -> Verification:
    return verify(city.settings, run)


def test_a_run_comes_out_again(city: City) -> None:
    taken(city, files(city))
    found = verified(city, calculated(city))
    assert (found.is_result_equal, found.is_manifest_equal, found.causes) == (True, True, ())
    assert found.old.lines.height > 0


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_the_number_of_threads_changes_no_hash(city: City, threads: int) -> None:
    taken(city, files(city))
    expected = calculate_year(city.settings, 2024, books=BOOKS).manifest
    with ledger(city.settings) as data:
        data.store.con.execute(f"SET threads = {threads}")
        again = calculate(
            data.store, data.organisations, data.source_terms, catalogue(), year=2024, books=BOOKS
        )
    assert again.manifest.result_hash == expected.result_hash
    assert again.manifest.manifest_hash == expected.manifest_hash


def test_a_shuffled_import_with_the_same_resolutions_gives_the_same_hashes(
    city: City, tmp_path: Path
) -> None:
    paths = files(city)
    late = city.file("late.csv", HEADER + ",basis", "B0,natural_gas,2024-01-01,2024-04-01,900,Hi")
    taken(city, [*paths, late])  # first: `late` gives way to bill0
    expected = calculate_year(city.settings, 2024, books=BOOKS).manifest
    orders = [paths[::-1], [*paths[3:], *paths[:3]], [*paths[1::2], *paths[::2]]]
    for number, shuffled in enumerate(orders):
        other = found_city(tmp_path / f"other{number}")
        taken(other, [*shuffled, late])
        found = calculate_year(other.settings, 2024, books=BOOKS).manifest
        assert (found.result_hash, found.resolutions_hash) == (
            expected.result_hash,
            expected.resolutions_hash,
        )
        assert found.manifest_hash == expected.manifest_hash


def test_other_resolutions_give_another_result(city: City, tmp_path: Path) -> None:
    """What the test above relies on can be told apart: the same files, decided the other way round."""
    first = city.file("first.csv", HEADER, "B0,electricity,2024-01-01,2024-04-01,1000")
    second = city.file("second.csv", HEADER, "B0,electricity,2024-01-01,2024-04-01,900")
    taken(city, [first, second])
    other = found_city(tmp_path / "other")
    taken(other, [second, first])
    hashes = {calculate_year(each.settings, 2024, books=BOOKS).manifest.result_hash for each in (city, other)}
    assert len(hashes) == 2


def test_a_withdrawn_file_is_named_with_its_reason_and_the_totals(city: City) -> None:
    paths = files(city)
    names = taken(city, paths)
    run = calculated(city)
    withdraw(names[1], reason="wrong meter", settings=city.settings)
    found = verified(city, run)
    assert found.causes == ("files",)
    told = found.as_json()
    assert told["files"]["withdrawn"] == [
        {"batch": names[1], "file": "readings0.csv", "reason": "wrong meter"}
    ]
    (bisko, _) = told["books"]
    assert bisko["book"] == "bisko"
    assert float(bisko["co2e_new_kg"]) < float(bisko["co2e_old_kg"])
    assert float(bisko["difference_kg"]) == pytest.approx(
        float(bisko["co2e_new_kg"]) - float(bisko["co2e_old_kg"])
    )


def test_files_that_came_later_are_set_aside_even_where_they_replace(city: City) -> None:
    taken(city, files(city))
    run = calculated(city)
    other = city.readings("later.csv", [(at, "9") for at, _ in DAY], source="R0", minutes=30)
    bill = city.file("later_bill.csv", HEADER + ",basis", "B0,natural_gas,2024-01-01,2024-04-01,1,Hi")
    names = taken(city, [other, bill], on_overlap="replace")
    found = verified(city, run)
    assert (found.is_manifest_equal, found.causes) == (True, ())
    assert [entry.batch for entry in found.files.added] == names
    later = calculate_year(city.settings, 2024, books=BOOKS).manifest  # nothing of it was written
    assert later.result_hash != found.old.manifest.result_hash
    with open_store(city.settings.store_file) as store:
        assert store.rows("SELECT count(*) FROM batch WHERE state = 'committed'") == [(8,)]
        assert store.rows("SELECT count(*) FROM resolution") > [(0,)]


def test_a_file_imported_again_after_a_withdrawal_counts(city: City) -> None:
    paths = files(city)
    names = taken(city, paths)
    run = calculated(city)
    withdraw(names[1], reason="by mistake", settings=city.settings)
    taken(city, [paths[1]])
    assert verified(city, run).is_manifest_equal


def test_changed_master_data_are_named(city: City) -> None:
    paths = files(city)
    taken(city, paths)
    run = calculated(city)
    arguments = ["source", "add", "R0", "--org", "town", "--activity", "electricity", "--role", "fed_in"]
    assert command([*arguments, "--data-dir", str(city.settings.data)]) == 0
    assert verified(city, run).causes == ("boundary",)


def test_a_decision_taken_anew_is_named(city: City) -> None:
    row = "B0,electricity,2024-01-01,2024-04-01"
    first, second = (city.file(f"{name}.csv", HEADER, f"{row},{name}") for name in ("100", "90"))
    names = taken(city, [first, second])
    run = calculated(city)
    withdraw(names[0], reason="to decide anew", settings=city.settings)
    taken(city, [first])
    found = verified(city, run)
    assert (found.causes, found.is_result_equal) == (("resolutions",), False)


def test_lines_changed_by_hand_are_found(city: City) -> None:
    taken(city, files(city))
    run = calculated(city)
    with open_store(city.settings.store_file) as store:
        store.con.execute("UPDATE run_line SET co2e_kg = co2e_kg + 1 WHERE activity = 'natural_gas'")
    found = verified(city, run)
    assert (found.causes, found.is_result_equal, found.is_manifest_equal) == (("stored",), False, False)


def test_another_version_of_the_program_is_named(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    taken(city, files(city))
    run = calculated(city)
    monkeypatch.setattr("bilanz.app.calculation.version", lambda _name: "99")
    found = verified(city, run)
    assert (found.causes, found.is_result_equal, found.is_manifest_equal) == (("code",), True, False)


def test_the_command_says_it_and_leaves_with_a_code(city: City, capsys: pytest.CaptureFixture[str]) -> None:
    names = taken(city, files(city))
    run = calculated(city)
    data = ("--data-dir", str(city.settings.data))
    assert command(["verify", run, *data, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["is_manifest_equal"] is True
    withdraw(names[0], reason="zu hoch", settings=city.settings)
    assert command(["verify", run, *data, "--lang", "de"]) == 1
    said = capsys.readouterr().out
    assert "result_hash weicht ab" in said
    assert f"bill0.csv, Stapel {names[0]}, wurde zurückgezogen: zu hoch" in said
    assert command(["verify", "nonsense", *data]) == 2
