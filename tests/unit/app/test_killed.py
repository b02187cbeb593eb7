"""A kill at any moment of an import leaves the whole batch or none of it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from toy import City, found_city, use_toys

from bilanz.app.intake.ingest import batches, import_file
from bilanz.app.upkeep import settle
from bilanz.batch import BatchState
from bilanz.errors import AlreadyImported, BilanzError
from bilanz.registry import batches as registry_batches
from bilanz.registry.engine import open_registry
from bilanz.store.connection import open_store
from bilanz.store.reconcile import sweep_staging

# The child imports a file and kills itself before or after one step.
CHILD = """
import importlib, os, signal, sys
from pathlib import Path
import pytest
from toy import Settings, use_toys

folder, file, step, moment = sys.argv[1:]
use_toys(pytest.MonkeyPatch())
module, _, name = step.rpartition(".")
owner = importlib.import_module(module)
whole = getattr(owner, name)

def killed(*args, **options):
    if moment == "after":
        whole(*args, **options)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(owner, name, killed)
from bilanz.app.intake.ingest import import_file
import_file(Path(file), organisation="town", settings=Settings(data=Path(folder), lang="en"))
"""

DAY = [(f"2024-06-30T{hour:02}:{minute:02}", "1") for hour in (22, 23) for minute in (0, 15, 30, 45)]
NEXT = [(f"2024-07-01T{hour:02}:00", "1") for hour in range(4)]

STEPS = [
    ("bilanz.app.intake.taking.keep", "after", False),
    ("bilanz.registry.batches.put_batch", "after", False),
    ("bilanz.store.commit.sync_directory", "before", False),  # the Parquet file has its final name
    ("bilanz.store.commit._insert_readings", "after", False),
    ("bilanz.store.commit.check_stored", "after", False),  # just before COMMIT
    ("bilanz.registry.batches.set_state", "before", True),  # just after COMMIT
    ("bilanz.registry.batches.set_state", "after", True),
]


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> City:
    use_toys(monkeypatch)
    return found_city(tmp_path)


def run_and_die(city: City, file: Path, step: str, moment: str) -> None:
    root = Path(__file__).parents[3]
    paths = os.pathsep.join([str(root), str(root / "tests")])
    arguments = [str(city.settings.data), str(file), step, moment]
    done = subprocess.run(
        [sys.executable, "-c", CHILD, *arguments],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


def content(city: City) -> tuple[object, ...]:
    """Return batches, readings in the Parquet files, in `batch_series` and in `daily`, and records."""
    with open_store(city.settings.store_file) as store:
        files = sorted(store.readings.glob("*.parquet"))
        in_files = sum(
            store.rows("SELECT count(*) FROM read_parquet(?)", [str(file)])[0][0] for file in files
        )
        (counts,) = store.rows("""SELECT (SELECT count(*) FROM batch WHERE state = 'committed'),
            (SELECT coalesce(sum(readings), 0) FROM batch_series),
            (SELECT coalesce(sum(n_measured), 0) FROM daily), (SELECT count(*) FROM activity)""")
        return (len(files), in_files, *counts)


@pytest.mark.parametrize(("step", "moment", "is_whole"), STEPS)
def test_a_killed_import_leaves_all_or_nothing(city: City, step: str, moment: str, *, is_whole: bool) -> None:
    file = city.readings("day.csv", DAY)
    run_and_die(city, file, step, moment)
    registry = open_registry(city.settings.registry)
    with open_store(city.settings.store_file) as store:
        settle(registry, store)
        assert settle(registry, store).states == {}  # a second look finds nothing to do
    states = list(registry_batches.states(registry).values())
    registry.close()
    assert states == ["committed"] * is_whole
    assert content(city) == ((1, 8, 1, 8, 8, 0) if is_whole else (0, 0, 0, 0, 0, 0))
    if is_whole:
        with pytest.raises(AlreadyImported):
            import_file(file, organisation="town", settings=city.settings)
    else:
        import_file(file, organisation="town", settings=city.settings)
    import_file(city.readings("next.csv", NEXT), organisation="town", settings=city.settings)
    assert content(city) == (2, 12, 2, 12, 12, 0)
    assert [batch["state"] for batch in batches(city.settings)] == ["committed", "committed"]
    assert list((city.settings.data / "staging").iterdir()) == []


def test_staging_of_a_running_process_is_left_alone(tmp_path: Path) -> None:
    for name in (f"{os.getpid()}-mine", "999999999-gone", "notes"):
        (tmp_path / "staging" / name).mkdir(parents=True)
    assert [folder.name for folder in sweep_staging(tmp_path)] == ["999999999-gone"]


def test_a_restored_registry_learns_what_the_store_holds(city: City) -> None:
    import_file(city.readings("day.csv", DAY), organisation="town", settings=city.settings)
    (before,) = batches(city.settings)
    registry = open_registry(city.settings.registry)
    registry_batches.remove(registry, before["batch"])
    with open_store(city.settings.store_file) as store:
        settle(registry, store)
    registry.close()
    (after,) = batches(city.settings)
    known = ("batch", "sha256", "file", "importer", "organisation", "state", "n_read", "n_accepted")
    assert [after[name] for name in known] == [before[name] for name in known]


def test_a_half_done_withdrawal_is_completed(city: City) -> None:
    import_file(city.readings("day.csv", DAY), organisation="town", settings=city.settings)
    (batch,) = batches(city.settings)
    registry = open_registry(city.settings.registry)
    with open_store(city.settings.store_file) as store:
        store.con.execute("UPDATE batch SET state = 'withdrawn'")
        settle(registry, store)
    assert registry_batches.states(registry) == {batch["batch"]: BatchState.WITHDRAWN.value}
    registry.close()


def test_missing_readings_are_said_aloud(city: City) -> None:
    import_file(city.readings("day.csv", DAY), organisation="town", settings=city.settings)
    (file,) = (city.settings.data / "readings").iterdir()
    file.unlink()
    with pytest.raises(BilanzError, match=f"batches without readings: {file.stem}"):
        import_file(city.readings("next.csv", NEXT), organisation="town", settings=city.settings)
