import hashlib
from pathlib import Path

from bilanz.store.archive import archive, archive_file, sha256_of


def test_bytes_lie_under_their_hash_and_are_read_only(tmp_path: Path) -> None:
    content = bytes(range(256)) * 9000  # more than one piece
    (tmp_path / "upload.csv").write_bytes(content)
    digest = archive(tmp_path / "upload.csv", tmp_path / "data")
    kept = archive_file(tmp_path / "data", digest)
    assert digest == hashlib.sha256(content).hexdigest() == sha256_of(kept)
    assert kept.read_bytes() == content
    assert kept.stat().st_mode & 0o222 == 0


def test_the_same_bytes_are_kept_once(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text("same")
    first, second = (archive(tmp_path / name, tmp_path / "data") for name in ("a", "b"))
    assert first == second
    assert len([path for path in (tmp_path / "data").rglob("*") if path.is_file()]) == 1
