"""The scheduled run: what is picked up, where it goes, what is remembered, how it ends."""

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import polars as pl
import pytest

from bilanz.app.batch import journal
from bilanz.app.batch import run as batchrun
from bilanz.app.batch.config import Inbox, read_config
from bilanz.app.catalogue import releases
from bilanz.app.settings import Settings
from bilanz.errors import AlreadyImported, FileRefused, StoreBusy, UnknownName, UsageError

CONFIG = """
data = "data"
output = "pages"
years = [2024]
languages = ["de"]
wait = 0.1
settle = 0

[[inbox]]
organisation = "rathaus"
folder = "inbox/rathaus"

[[inbox]]
organisation = "fuhrpark"
folder = "inbox/fuhrpark"
declared = { Menge = "1.234,56" }
"""


@dataclass
class Program:
    """Stands in for import, calculation and rendering; remembers what it was asked."""

    answers: dict[str, Any] = field(default_factory=dict)
    exceptions: int = 0
    imported: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    calculated: list[int] = field(default_factory=list)
    named: list[object] = field(default_factory=list)

    def import_file(self, path: Path, **options: object) -> SimpleNamespace:
        self.imported.append((path.name, options))
        answer = self.answers.get(path.name, {})
        if isinstance(answer, Exception):
            raise answer
        counts = {"read": 3, "accepted": 3, "rejected": 0, "ignored": 0} | answer
        found = counts | {"issues": [], "totals": [], "period": {"start": None, "end": None}}
        return SimpleNamespace(as_json=lambda: found, rejects_csv=lambda: "row;reason\n2;Grund ü\n")

    def calculate(self, _settings: object, year: int, **options: object) -> SimpleNamespace:
        self.calculated.append(year)
        self.named.append(options["release"])
        return SimpleNamespace(
            manifest=SimpleNamespace(result_hash="0" * 64, release_name=None, factor_release="f" * 64),
            exceptions=pl.DataFrame({"code": ["no_factor"] * self.exceptions}),
        )

    def render(self, _settings: object, _result: object, path: Path) -> Path:
        path.write_text("<html>")
        return path


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch) -> Program:
    found = Program()
    replace(monkeypatch, "bilanz.app.intake.ingest", import_file=found.import_file)
    replace(
        monkeypatch,
        "bilanz.app.balances",
        calculate_year=found.calculate,
        with_views=lambda _settings, result: result,
    )
    replace(monkeypatch, "bilanz.app.output.rendering", render_result=found.render)
    return found


def replace(monkeypatch: pytest.MonkeyPatch, name: str, **functions: object) -> None:
    """Put a module in the place of one that the run imports when it needs it."""
    module = ModuleType(name)
    vars(module).update(functions)
    monkeypatch.setitem(sys.modules, name, module)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "run.toml"
    path.write_text(CONFIG)
    for organisation in ("rathaus", "fuhrpark"):
        (tmp_path / "inbox" / organisation).mkdir(parents=True)
    return path


@pytest.fixture
def put(tmp_path: Path) -> Callable[[str], Path]:
    def put_file(name: str) -> Path:
        path = tmp_path / "inbox" / name
        path.write_text(name)
        return path

    return put_file


def log(root: Path) -> list[dict[str, Any]]:
    lines = (root / "data" / "run.log.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_clean_files_go_to_done_with_their_reports_and_the_run_ends_with_0(
    program: Program, config: Path, put: Callable[[str], Path], tmp_path: Path
) -> None:
    put("rathaus/strom.csv")
    put("fuhrpark/diesel.csv")
    outcome = batchrun.run(config)
    assert outcome.exit_code == 0
    done = tmp_path / "inbox" / "rathaus" / "done"
    assert sorted(path.name for path in done.iterdir()) == [
        "strom.csv",
        "strom.csv.report.json",
        "strom.csv.report.txt",
    ]
    report = json.loads((done / "strom.csv.report.json").read_text(encoding="utf-8"))
    assert (report["result"], report["accepted"], report["organisation"]) == ("imported", 3, "rathaus")
    assert "3 Zeilen gelesen" in (done / "strom.csv.report.txt").read_text(encoding="utf-8-sig")
    assert program.calculated == [2024]
    assert (tmp_path / "pages" / "bilanz-2024.de.html").exists()
    options = dict(program.imported)["diesel.csv"]
    assert options["declared"] == {"Menge": "1.234,56"}
    assert options["organisation"] == "fuhrpark"


def test_a_second_run_does_nothing_and_says_so(
    program: Program, config: Path, put: Callable[[str], Path], tmp_path: Path
) -> None:
    put("rathaus/strom.csv")
    batchrun.run(config)
    before = sorted(path for path in tmp_path.rglob("*") if "data" not in path.parts)
    outcome = batchrun.run(config)
    assert outcome.exit_code == 0
    assert list(outcome.lines()) == ["Nichts zu tun: keine neuen Dateien."]
    assert len(program.imported) == 1
    assert program.calculated == [2024]
    assert sorted(path for path in tmp_path.rglob("*") if "data" not in path.parts) == before
    assert log(tmp_path)[-2]["result"] == "nothing new"


def test_rejected_rows_lie_beside_the_file_and_the_run_ends_with_1(
    program: Program, config: Path, put: Callable[[str], Path], tmp_path: Path
) -> None:
    program.answers["strom.csv"] = {"accepted": 2, "rejected": 1}
    put("rathaus/strom.csv")
    outcome = batchrun.run(config)
    assert outcome.exit_code == 1
    rejects = tmp_path / "inbox" / "rathaus" / "done" / "strom.csv.rejects.csv"
    assert rejects.read_bytes() == b"\xef\xbb\xbfrow;reason\n2;Grund \xc3\xbc\n"
    assert program.calculated == [2024]


def test_a_file_of_which_nothing_was_accepted_has_failed_and_nothing_is_calculated(
    program: Program, config: Path, put: Callable[[str], Path], tmp_path: Path
) -> None:
    program.answers["strom.csv"] = {"accepted": 0, "rejected": 3}
    put("rathaus/strom.csv")
    assert batchrun.run(config).exit_code == 1
    assert (tmp_path / "inbox" / "rathaus" / "failed" / "strom.csv.rejects.csv").exists()
    assert program.calculated == []


def test_a_refused_file_does_not_stop_the_others(
    program: Program, config: Path, put: Callable[[str], Path], tmp_path: Path
) -> None:
    program.answers["a.csv"] = FileRefused("{file} is empty.", file="a.csv")
    put("rathaus/a.csv")
    put("rathaus/b.csv")
    outcome = batchrun.run(config)
    assert [file.result for file in outcome.files] == ["failed", "imported"]
    assert outcome.exit_code == 1
    assert (tmp_path / "inbox" / "rathaus" / "failed" / "a.csv.report.txt").exists()
    assert (tmp_path / "inbox" / "rathaus" / "done" / "b.csv").exists()


def test_a_defect_on_one_file_is_logged_with_its_trace_and_does_not_stop_the_others(
    program: Program, config: Path, put: Callable[[str], Path], tmp_path: Path
) -> None:
    program.answers["a.csv"] = ZeroDivisionError("a defect")
    put("rathaus/a.csv")
    put("rathaus/b.csv")
    assert batchrun.run(config).exit_code == 1
    assert (tmp_path / "inbox" / "rathaus" / "failed" / "a.csv").exists()
    traces = [line["trace"] for line in log(tmp_path) if "trace" in line]
    assert len(traces) == 1
    assert "ZeroDivisionError: a defect" in traces[0]


def test_a_duplicate_goes_to_failed_and_names_the_first_batch(
    program: Program, config: Path, put: Callable[[str], Path], tmp_path: Path
) -> None:
    program.answers["a.csv"] = AlreadyImported("{file} is there, in batch {batch}.", file="a.csv", batch="B1")
    put("rathaus/a.csv")
    outcome = batchrun.run(config)
    assert outcome.exit_code == 1
    report = tmp_path / "inbox" / "rathaus" / "failed" / "a.csv.report.json"
    assert json.loads(report.read_text())["reason"] == "a.csv is there, in batch B1."
    assert program.calculated == []


def test_a_file_committed_by_a_run_that_crashed_is_put_away_and_calculated(
    program: Program, config: Path, put: Callable[[str], Path], tmp_path: Path
) -> None:
    path = put("rathaus/a.csv")
    (tmp_path / "data").mkdir()
    journal.Journal(tmp_path / "data").take(batchrun.sha256_of(path))
    program.answers["a.csv"] = AlreadyImported("{file} is there.", file="a.csv")
    outcome = batchrun.run(config)
    assert outcome.exit_code == 0
    assert outcome.files[0].result == "recovered"
    assert (tmp_path / "inbox" / "rathaus" / "done" / "a.csv").exists()
    assert program.calculated == [2024]
    batchrun.run(config)
    assert program.calculated == [2024]


def test_data_imported_but_not_calculated_is_calculated_by_the_next_run(
    program: Program,
    config: Path,
    put: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put("rathaus/a.csv")
    with monkeypatch.context() as patch:

        def busy(*_: object, **__: object) -> None:
            raise StoreBusy("busy")

        replace(patch, "bilanz.app.balances", calculate_year=busy, with_views=None)
        with pytest.raises(StoreBusy):
            batchrun.run(config)
    batchrun.run(config)
    assert program.calculated == [2024]
    assert len(program.imported) == 1


def test_a_busy_store_leaves_the_file_where_it_is(
    program: Program, config: Path, put: Callable[[str], Path], tmp_path: Path
) -> None:
    program.answers["a.csv"] = StoreBusy("busy")
    path = put("rathaus/a.csv")
    with pytest.raises(StoreBusy) as caught:
        batchrun.run(config)
    assert caught.value.exit_code == 3
    assert path.exists()
    assert log(tmp_path)[-1]["result"] == "store_busy"


def test_an_unknown_organisation_is_a_matter_of_the_configuration(
    program: Program, config: Path, put: Callable[[str], Path]
) -> None:
    program.answers["a.csv"] = UnknownName('The organisation "{name}" is not known.', name="rathaus")
    path = put("rathaus/a.csv")
    with pytest.raises(UsageError) as caught:
        batchrun.run(config)
    assert caught.value.exit_code == 2
    assert path.exists()


def test_exceptions_of_the_balance_end_the_run_with_1(
    program: Program, config: Path, put: Callable[[str], Path]
) -> None:
    program.exceptions = 4
    put("rathaus/a.csv")
    outcome = batchrun.run(config)
    assert outcome.exit_code == 1
    assert outcome.as_json()["years"][0]["exceptions"] == 4


def test_a_release_is_for_the_years_that_keep_none(
    program: Program, config: Path, put: Callable[[str], Path], tmp_path: Path
) -> None:
    settings = Settings(data=tmp_path / "data")
    releases.create(settings, "spring", only=("geg",), without=())
    releases.pin(settings, 2023, "spring")
    config.write_text(CONFIG.replace("years = [2024]", 'years = [2023, 2024]\nrelease = "spring"'))
    put("rathaus/a.csv")
    outcome = batchrun.run(config)
    assert (program.calculated, program.named) == ([2023, 2024], [None, "spring"])
    assert [year.as_json()["factor_release"] for year in outcome.years] == ["f" * 64] * 2


def test_a_release_that_is_not_there_is_a_matter_of_the_configuration(
    program: Program, config: Path, put: Callable[[str], Path]
) -> None:
    config.write_text('release = "sprung"\n' + CONFIG)
    path = put("rathaus/a.csv")
    with pytest.raises(UnknownName, match='The release "sprung" is not known'):
        batchrun.run(config)
    assert path.exists()
    assert not program.imported


def test_only_one_run_works_on_a_data_directory(config: Path, tmp_path: Path) -> None:
    with journal.hold(tmp_path / "data", 0.1), pytest.raises(StoreBusy):
        batchrun.run(config)


def test_names_that_are_taken_get_a_number(
    program: Program, config: Path, put: Callable[[str], Path], tmp_path: Path
) -> None:
    for _ in range(2):
        put("rathaus/a.csv")
        batchrun.run(config)
    assert (tmp_path / "inbox" / "rathaus" / "done" / "a (2).csv.report.txt").exists()
    assert len(program.imported) == 2


def test_hidden_unfinished_and_young_files_are_left_alone(tmp_path: Path) -> None:
    for name in (".hidden", "~$open.xlsx", "a.csv.part", "b.tmp", "young.csv", "old.csv", "ahead.csv"):
        (tmp_path / name).write_text("x")
        os.utime(tmp_path / name, (time.time() - 100, time.time() - 100))
    os.utime(tmp_path / "young.csv")
    os.utime(tmp_path / "ahead.csv", (time.time() + 3_600, time.time() + 3_600))
    (tmp_path / "done").mkdir()
    ready, waiting = batchrun.ready_files(Inbox(organisation="o", folder=tmp_path), 5.0)
    assert [path.name for path in ready] == ["ahead.csv", "old.csv"]
    assert [path.name for path in waiting] == ["a.csv.part", "b.tmp", "young.csv"]


def test_every_step_is_one_json_line(
    program: Program, config: Path, put: Callable[[str], Path], tmp_path: Path
) -> None:
    program.answers["b.csv"] = FileRefused("two\nlines")
    put("rathaus/a.csv")
    put("rathaus/b.csv")
    batchrun.run(config)
    lines = log(tmp_path)
    assert [line["step"] for line in lines] == ["start", "import", "import", "calculate", "render", "end"]
    assert all(line["ts"].endswith("+00:00") for line in lines)
    assert lines[1]["counts"] == {"read": 3, "accepted": 3, "rejected": 0, "ignored": 0}
    assert (lines[2]["result"], lines[2]["reason"]) == ("failed", "two\nlines")


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (CONFIG.replace("years = [2024]", ""), "years"),
        (CONFIG.replace("years = [2024]", 'years = ["soon"]'), "years.0"),
        (CONFIG.replace("settle = 0", "settel = 0"), "settel"),
        (CONFIG.replace("inbox/fuhrpark", "inbox/rathaus"), "inbox"),
        (CONFIG.replace("inbox/fuhrpark", "inbox/nowhere"), "nowhere"),
        ("years = [", "TOML"),
    ],
)
def test_a_wrong_configuration_names_the_field(config: Path, text: str, field: str) -> None:
    config.write_text(text)
    with pytest.raises(UsageError, match=field) as caught:
        read_config(config)
    assert caught.value.exit_code == 2


def test_paths_are_relative_to_the_configuration(config: Path, tmp_path: Path) -> None:
    found = read_config(config)
    assert found.data == tmp_path / "data"
    assert found.inbox[0].folder == tmp_path / "inbox" / "rathaus"
