import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from bilanz.errors import BilanzError, StoreBusy, UsageError
from bilanz.store.connection import Store, open_store
from bilanz.store.schema import RUN_TABLES, VERSION
from bilanz.store.scratch import new_scratch, scratch
from importers.base import Workspace

HOLDER = """
import sys, time
from pathlib import Path
from bilanz.store.connection import Store, open_store
with open_store(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""


def hold(path: Path, seconds: float) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path), str(seconds)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_new_store_has_every_table(tmp_path: Path) -> None:
    with open_store(tmp_path / "data" / "bilanz.duckdb") as store:
        tables = {name for (name,) in store.rows("SELECT table_name FROM duckdb_tables()")}
        assert store.readings.is_dir()
    assert tables >= {"batch", "series", "batch_series", "daily", "activity", "issue", "resolution", "run"}
    assert tables >= set(RUN_TABLES)


def test_a_held_store_names_its_holder(tmp_path: Path) -> None:
    path = tmp_path / "bilanz.duckdb"
    with open_store(path):
        pass
    process = hold(path, 60)
    try:
        with pytest.raises(StoreBusy, match=f"process {process.pid} ") as caught, open_store(path, wait=0.3):
            pass
        with pytest.raises(StoreBusy), open_store(path, wait=0, read_only=True):
            pass
        assert caught.value.exit_code == 3
        assert caught.value.parameters["pid"] == str(process.pid)
        assert "python" in caught.value.parameters["command"]
    finally:
        process.kill()
        process.communicate()


def test_a_lock_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "bilanz.duckdb"
    process = hold(path, 0.5)
    with open_store(path, wait=30) as store:
        assert store.rows("SELECT version FROM store_version") == [(VERSION,)]
    process.communicate()


def test_reading_needs_a_store(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="import a file first"), open_store(tmp_path / "x", read_only=True):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_store_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bilanz.duckdb"
    with open_store(path) as store:
        store.con.execute("UPDATE store_version SET version = 999")
    with pytest.raises(BilanzError, match="version 999"), open_store(path):
        pass


def test_a_store_of_the_version_before_is_brought_up_to_this_one(tmp_path: Path) -> None:
    path = tmp_path / "bilanz.duckdb"
    with open_store(path) as store:
        expected = store.rows("SELECT column_name FROM duckdb_columns() WHERE table_name = 'batch'")
        store.con.execute("ALTER TABLE batch DROP COLUMN delivered")
        store.con.execute("UPDATE store_version SET version = 2")
    with open_store(path) as store:
        assert store.rows("SELECT version FROM store_version") == [(VERSION,)]
        found = store.rows("SELECT column_name FROM duckdb_columns() WHERE table_name = 'batch'")
    assert found == expected


def test_a_file_that_is_no_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bilanz.duckdb").write_text("no database" * 1000)
    with pytest.raises(BilanzError, match="cannot be opened"), open_store(tmp_path / "bilanz.duckdb", wait=0):
        pass


def insert_and_fail(store: Store) -> None:
    with store.transaction():
        store.con.execute("INSERT INTO run VALUES ('r', 2024, '{}', now()::TIMESTAMP)")
        store.con.execute("SELECT no_such_column FROM run")


def test_a_failed_transaction_leaves_nothing(tmp_path: Path) -> None:
    with open_store(tmp_path / "bilanz.duckdb") as store:
        with pytest.raises(duckdb.Error):
            insert_and_fail(store)
        assert store.rows("SELECT count(*) FROM run") == [(0,)]


def test_the_scratch_database_is_what_importers_expect(tmp_path: Path) -> None:
    lent = new_scratch(tmp_path)
    Workspace(directory=tmp_path, scratch=lambda: lent)  # mypy holds the two against each other
    assert lent.execute("SELECT ? + 1", [1]) == [(2,)]
    assert lent.frame("SELECT 'a' AS letter")["letter"].to_list() == ["a"]
    with scratch(tmp_path, memory_limit="100MB") as database:
        assert database.execute("SELECT current_setting('memory_limit')") == [("95.3 MiB",)]
        assert database.execute("SELECT current_setting('enable_progress_bar')") == [(False,)]
