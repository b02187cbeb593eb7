import hashlib
from pathlib import Path

from bilanz.store.archive import archive_file, keep, sha256_of, take


def test_bytes_lie_under_their_hash_and_are_read_only(tmp_path: Path) -> None:
    content = bytes(range(256)) * 9000  # more than one piece
    (tmp_path / "upload.csv").write_bytes(content)
    taken = take(tmp_path / "upload.csv", tmp_path / "staging")
    kept = keep(taken, tmp_path / "data")
    assert kept == archive_file(tmp_path / "data", taken.sha256)
    assert taken.sha256 == hashlib.sha256(content).hexdigest() == sha256_of(kept)
    assert kept.read_bytes() == content
    assert kept.stat().st_mode & 0o222 == 0


def test_the_same_bytes_are_kept_once(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text("same")
    copies = [take(tmp_path / name, tmp_path / "staging") for name in ("a", "b")]
    first, second = (keep(taken, tmp_path / "data") for taken in copies)
    assert first == second
    assert len([path for path in (tmp_path / "data").rglob("*") if path.is_file()]) == 1


def test_what_changes_after_it_was_taken_does_not_reach_the_archive(tmp_path: Path) -> None:
    upload = tmp_path / "upload.csv"
    upload.write_text("first")
    taken = take(upload, tmp_path / "staging")
    upload.write_text("second")
    assert keep(taken, tmp_path / "data").read_text() == "first"
