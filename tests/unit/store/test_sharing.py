import threading
from pathlib import Path

import pytest

from bilanz.errors import StoreBusy
from bilanz.store.connection import Store, open_store, shared_by_threads
from bilanz.store.schema import VERSION


def batches(store: Store) -> int:
    ((found,),) = store.rows("SELECT count(*) FROM series")
    return int(found)


def put(store: Store, key: int) -> None:
    store.con.execute(
        "INSERT INTO series VALUES (?, 'o', 's', 'a', NULL, 'consumption', 'kWh', '', 15, 'UTC')", [key]
    )


def in_thread(work: object) -> None:
    thread = threading.Thread(target=work)  # type: ignore[arg-type] # any callable
    thread.start()
    thread.join(timeout=30)
    assert not thread.is_alive()


def test_a_reader_sees_one_state_while_another_thread_writes(tmp_path: Path) -> None:
    file = tmp_path / "store.duckdb"
    with shared_by_threads(file):
        with open_store(file) as store:
            put(store, 1)

        def write() -> None:
            with open_store(file) as store:
                put(store, 2)

        with open_store(file, read_only=True) as reader:
            assert batches(reader) == 1
            in_thread(write)
            assert batches(reader) == 1
            reader.con.execute("CREATE TEMP TABLE mine AS SELECT 1")  # as a calculation makes them
        with open_store(file, read_only=True) as reader:
            assert batches(reader) == 2


def test_one_thread_writes_at_a_time(tmp_path: Path) -> None:
    file = tmp_path / "store.duckdb"
    refused: list[str] = []
    with shared_by_threads(file), open_store(file) as store:

        def write() -> None:
            try:
                with open_store(file, wait=0.1):
                    pass
            except StoreBusy as busy:
                refused.append(str(busy))

        in_thread(write)
        with open_store(file) as same_thread:  # as a calculation within a release
            put(same_thread, 1)
        assert batches(store) == 1
    assert refused == ["The store store.duckdb is being written to. Try again in a moment."]


def test_what_threads_wrote_at_once_is_all_there(tmp_path: Path) -> None:
    file = tmp_path / "store.duckdb"
    seen: list[int] = []

    def work(number: int) -> None:
        for step in range(10):
            with open_store(file) as store, store.transaction():
                put(store, number * 100 + step)
            with open_store(file, read_only=True) as store:
                seen.append(batches(store))

    with shared_by_threads(file):
        threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with open_store(file, read_only=True) as store:
            assert batches(store) == 60
    assert len(seen) == 60


def test_nobody_using_it_another_process_gets_its_turn(tmp_path: Path) -> None:
    import subprocess
    import sys

    file = tmp_path / "store.duckdb"
    code = "import sys, duckdb; duckdb.connect(sys.argv[1]).close()"
    with shared_by_threads(file):
        with open_store(file):
            taken = subprocess.run([sys.executable, "-c", code, file], capture_output=True, check=False)
        free = subprocess.run([sys.executable, "-c", code, file], capture_output=True, check=False)
    assert taken.returncode != 0
    assert free.returncode == 0


def test_reading_brings_an_older_store_up_first(tmp_path: Path) -> None:
    file = tmp_path / "store.duckdb"
    with open_store(file) as store:
        store.con.execute("ALTER TABLE batch DROP COLUMN delivered")
        store.con.execute("UPDATE store_version SET version = 2")
    with open_store(file, read_only=True) as store:
        assert store.rows("SELECT version FROM store_version") == [(VERSION,)]
        with pytest.raises(Exception, match="read-only"):
            put(store, 1)
