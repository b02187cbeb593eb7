"""A package of files: each a batch of its own, in the order of delivery; what cannot be read is named."""

import json
import zipfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from toy import City, Toy, found_city, use_toys

from bilanz.app.intake.ingest import PackageSummary, batches, import_file
from bilanz.errors import AlreadyImported, FileRefused
from bilanz.store.connection import open_store
from importers.base import ImportRequest, ImportResult, Workspace

HEADER = "toy\nsource,start,end,quantity\n"


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> City:
    use_toys(monkeypatch)
    return found_city(tmp_path)


def packed(city: City, name: str, **members: str) -> Path:
    path = city.folder / name
    with zipfile.ZipFile(path, "w") as archive:
        for member, text in members.items():
            archive.writestr(member, text)
    return path


def take(city: City, path: Path, *, dry_run: bool = False) -> PackageSummary:
    summary = import_file(path, organisation="town", settings=city.settings, dry_run=dry_run)
    assert isinstance(summary, PackageSummary)
    return summary


JANUARY = HEADER + "Z1,2024-01-01,2024-02-01,10.5\n"
FEBRUARY = HEADER + "Z1,2024-02-01,2024-03-01,x\nZ1,2024-03-01,2024-04-01,1\n"


def test_each_file_is_a_batch_and_the_others_do_not_wait_for_a_bad_one(city: City) -> None:
    path = packed(city, "all.zip", **{"b/feb.csv": FEBRUARY, "a/jan.csv": JANUARY, "letter.csv": "Dear Sir"})
    summary = take(city, path)
    assert [batch["file"] for batch in batches(city.settings)] == ["all.zip/a/jan.csv", "all.zip/b/feb.csv"]
    assert (summary.read, summary.accepted, summary.rejected, summary.ignored) == (4, 2, 2, 0)
    told = summary.as_json()
    assert [member["result"] for member in told["members"]] == ["imported", "imported", "refused"]
    assert told["totals"][0]["quantity"] == "11.5"
    assert summary.exit_code == 1
    lines = summary.rejects_csv().splitlines()
    assert lines[0] == "file;row;column;value;code;message"
    assert lines[1].startswith("letter.csv;;;;no_importer;")
    assert lines[2].startswith("b/feb.csv;3;quantity;x;not_a_number;")


def test_a_dry_run_stores_nothing(city: City) -> None:
    summary = take(city, packed(city, "all.zip", **{"jan.csv": JANUARY}), dry_run=True)
    assert summary.accepted == 1
    assert batches(city.settings) == []


def test_files_known_already_are_passed_over_and_a_package_of_only_such_is_refused(city: City) -> None:
    take(city, packed(city, "one.zip", **{"jan.csv": JANUARY}))
    summary = take(city, packed(city, "two.zip", **{"january.csv": JANUARY, "feb.csv": FEBRUARY}))
    assert [member["result"] for member in summary.as_json()["members"]] == ["imported", "known"]
    with pytest.raises(AlreadyImported, match="each of its 1 files"):
        take(city, packed(city, "three.zip", **{"jan.csv": JANUARY}))


@pytest.mark.parametrize("dry_run", [False, True])
def test_the_same_bytes_twice_in_one_package_count_once(city: City, *, dry_run: bool) -> None:
    path = packed(city, "twice.zip", **{"a.csv": JANUARY, "b.csv": JANUARY})
    summary = take(city, path, dry_run=dry_run)
    assert summary.accepted == 1
    assert [member["result"] for member in summary.as_json()["members"]] == ["imported", "known"]


def test_a_package_of_which_nothing_can_be_read_is_refused(city: City) -> None:
    with pytest.raises(FileRefused, match="none of its 1 files") as refused:
        take(city, packed(city, "bad.zip", **{"letter.csv": "Dear Sir"}))
    assert refused.value.code == "no_member"


def test_an_archive_in_an_archive_is_named(city: City) -> None:
    inner = packed(city, "inner.zip", **{"jan.csv": JANUARY})
    outer = city.folder / "outer.zip"
    with zipfile.ZipFile(outer, "w") as archive:
        archive.write(inner, "inner.zip")
        archive.writestr("feb.csv", FEBRUARY)
    assert [one.code for one in take(city, outer).refused] == ["nested_archive"]


def test_the_message_made_last_counts_whatever_the_files_are_called(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = Toy.read

    def dated(self: Toy, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        made = datetime.fromisoformat("2024-05-02" if "first" in path.name else "2024-05-01")
        return replace(plain(self, path, request, workspace), latest_delivery=True, delivered=made)

    monkeypatch.setattr(Toy, "read", dated)
    later = HEADER + "Z1,2024-01-01,2024-02-01,99\n"
    told = take(city, packed(city, "all.zip", **{"a_first.csv": later, "b_second.csv": JANUARY})).as_json()
    assert [(one["quantity"], one["records"]) for one in told["totals"]] == [("109.5", 2)]
    assert [(one["quantity"], one["records"]) for one in told["replaced"]] == [("10.5", 1)]
    with open_store(city.settings.store_file) as store:
        counted = store.rows("SELECT quantity FROM activity_live WHERE NOT is_superseded")
    assert [str(quantity) for (quantity,) in counted] == ["99.000000"]


def test_the_summary_fits_the_published_schema(city: City) -> None:
    import re

    import jsonschema

    text = (Path(__file__).parents[4] / "docs" / "cli.md").read_text(encoding="utf-8")
    found = re.search(r"<!-- schema: import -->\s*```json\n(.*?)```", text, re.DOTALL)
    assert found is not None
    told = take(city, packed(city, "all.zip", **{"jan.csv": JANUARY, "letter.csv": "Dear"})).as_json()
    jsonschema.validate(json.loads(json.dumps(told, default=str)), json.loads(found[1]))
