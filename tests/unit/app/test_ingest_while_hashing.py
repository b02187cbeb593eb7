"""A file is read while it is hashed: known bytes are refused all the same, and first of all."""

import hashlib
import threading
from concurrent.futures import CancelledError
from contextlib import closing
from pathlib import Path

import pytest
from toy import City, Toy, found_city, use_toys

from bilanz.app.intake.ingest import import_file
from bilanz.errors import AlreadyImported, FileRefused
from bilanz.store import archive
from bilanz.store.archive import Taking
from importers.base import ImportRequest, ImportResult, Workspace

COLUMNS = "source,start,end,quantity"
JANUARY = "Z1,2024-01-01,2024-02-01,10.5"


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> City:
    use_toys(monkeypatch)
    return found_city(tmp_path)


def again(city: City) -> Path:
    import_file(city.file("a.csv", COLUMNS, JANUARY), organisation="town", settings=city.settings)
    return city.file("copy.csv", COLUMNS, JANUARY)


def test_known_bytes_are_refused_while_they_are_read(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    path, went_on = again(city), []

    def read(_self: Toy, _path: Path, _request: ImportRequest, workspace: Workspace) -> ImportResult:
        for share in range(1000):
            threading.Event().wait(0.01)
            went_on.append(share)
            workspace.progress(share / 1000)
        pytest.fail("the whole file was read")

    monkeypatch.setattr(Toy, "read", read)
    with pytest.raises(AlreadyImported, match=r"copy\.csv was imported already, as a\.csv"):
        import_file(path, organisation="town", settings=city.settings)
    assert len(went_on) < 1000
    assert list((city.settings.data / "staging").iterdir()) == []


def test_that_they_are_known_is_said_before_what_else_is_wrong(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = again(city)

    def read(*_: object) -> ImportResult:
        raise FileRefused("{file} is of no use.", code="no_header", file="copy.csv")

    monkeypatch.setattr(Toy, "read", read)
    with pytest.raises(AlreadyImported):
        import_file(path, organisation="town", settings=city.settings)
    with pytest.raises(FileRefused, match="of no use"):
        import_file(path, organisation="town", settings=city.settings, dry_run=True)


def test_the_hash_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    path.write_bytes(bytes(100_000))
    monkeypatch.setattr(archive, "_PIECE", 1000)
    with closing(Taking(path, is_copy=False)) as taking:
        assert taking.sha256 == hashlib.sha256(bytes(100_000)).hexdigest()
        assert taking.is_hashed
        taking.sync()  # there is nothing to wait for: it is no copy of ours


def test_what_is_given_up_is_neither_hashed_nor_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_bytes(b"x")
    is_given_up = threading.Event()
    written: list[Path] = []
    is_given_up.set()
    monkeypatch.setattr(archive, "Event", lambda: is_given_up)
    monkeypatch.setattr(archive, "sync_file", written.append)
    with closing(Taking(tmp_path / "a", is_copy=True)) as taking:
        taking.sync()
        with pytest.raises(CancelledError):
            assert taking.sha256
    assert written == []
