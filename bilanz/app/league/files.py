"""Bundles on disk: a folder or a zip, read whole, written whole or not at all."""

import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bilanz.errors import Refused, UsageError
from bilanz.league.bundle import HEAD
from bilanz.league.signing import PUBLIC, SIGNATURE, SUMS, listed

MOST_FILES: Final = 100
MOST_BYTES: Final = 512 * 1024**2
"""Unpacked; a bundle of a large city has a few megabytes."""

ZIP: Final = ".zip"

_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Others unpack to far more than they say before anybody can count."""

_DAMAGED: Final = (
    *(zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError),
    *(RuntimeError, ValueError, OverflowError, LookupError),
)
"""What `zipfile` raises for a zip that is damaged, has a password, or needs a later version."""


def is_path(text: str) -> bool:
    """Tell whether somebody means files, not the name of a run."""
    path = Path(text)
    return path.exists() or path.suffix == ZIP or "/" in text


def read_files(path: Path) -> dict[str, bytes]:
    """Return name → bytes of the files of a bundle; folders in it are named with a `/` at the end.

    Raises:
        Refused: it is no bundle, or larger than one can be.
        UsageError: there is nothing.
    """
    if not path.exists():
        raise UsageError('There is no file or folder "{path}".', path=path)
    files = _of_folder(path) if path.is_dir() else _of_zip(path)
    if not files.keys() & {HEAD, SUMS, SIGNATURE}:
        raise Refused('"{path}" is no bundle: it has no {file}.', path=path, file=HEAD)
    return files


def _of_folder(path: Path) -> dict[str, bytes]:
    entries = sorted(path.iterdir())
    sizes = [entry.stat().st_size for entry in entries if entry.is_file()]
    _check(path, len(entries), sum(sizes))
    return {
        entry.name if entry.is_file() else f"{entry.name}/": entry.read_bytes() if entry.is_file() else b""
        for entry in entries
    }


def _of_zip(path: Path) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _check(path, len(members), sum(member.file_size for member in members))
            if len({member.filename for member in members}) < len(members):
                raise Refused('"{path}" holds a file twice.', path=path)
            return _unpacked(path, archive, members)
    except _DAMAGED as error:
        raise _no_bundle(path, str(error) or type(error).__name__) from None


def _unpacked(path: Path, archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> dict[str, bytes]:
    """Return what members hold. Bytes are counted as they come: what a zip says of itself is not believed."""
    found: dict[str, bytes] = {}
    left = MOST_BYTES
    for member in members:
        if member.compress_type not in _METHODS:
            raise _no_bundle(path, f"{member.filename}: compression {member.compress_type}")
        with archive.open(member) as stream:
            content = stream.read(left + 1)
        left -= len(content)
        if left < 0:
            _check(path, len(members), MOST_BYTES - left)
        found[member.filename] = content
    return found


def _no_bundle(path: Path, reason: str) -> Refused:
    return Refused('"{path}" is no bundle: {reason}.', path=path, reason=reason)


def _check(path: Path, count: int, size: int) -> None:
    if count > MOST_FILES or size > MOST_BYTES:
        raise Refused('"{path}" is no bundle: it is larger than one can be.', path=path)


def write_files(files: Mapping[str, bytes], path: Path) -> Path:
    """Write a bundle into a folder, or into a zip where the path says so, and return the path.

    A bundle that is there is replaced as a whole; anything beside it, or anything else, is not.

    Raises:
        Refused: something else is there.
        UsageError: it cannot be written.
    """
    _check_free(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as work:
            made = Path(work) / "bundle"
            _write(files, made, is_zip=path.suffix == ZIP)
            if path.is_dir():
                path.rename(Path(work) / "former")
            made.rename(path)
    except OSError as error:
        reason = error.strerror or error
        raise UsageError('"{path}" could not be written ({reason}).', path=path, reason=reason) from error
    return path


def _check_free(path: Path) -> None:
    """Raise where something is there that is no bundle, or more than one.

    Raises:
        Refused: it is so.
    """
    if not path.exists() or (path.is_dir() and not any(path.iterdir())):
        return
    try:
        files = read_files(path) if path.is_dir() or path.suffix == ZIP else {}
    except Refused:
        files = {}
    own = {SUMS, SIGNATURE, PUBLIC}
    if not {SUMS, HEAD} <= files.keys() or files.keys() - listed(files[SUMS]).keys() - own:
        raise Refused('"{path}" holds something else than a bundle; nothing was changed.', path=path)


def _write(files: Mapping[str, bytes], path: Path, *, is_zip: bool) -> None:
    from reports.bundle import write_bundle

    if is_zip:
        write_bundle(path, sorted(files.items()))
        return
    path.mkdir()
    for name, content in files.items():
        (path / name).write_bytes(content)
