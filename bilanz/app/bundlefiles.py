"""Bundles on disk: a folder or a zip, read whole, written whole or not at all."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bilanz.errors import Refused, UsageError
from bilanz.league.bundle import HEAD
from bilanz.league.signing import SIGNATURE, SUMS

MOST_FILES: Final = 100
MOST_BYTES: Final = 512 * 1024**2
"""Unpacked; a bundle of a large city has a few megabytes."""

ZIP: Final = ".zip"


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
    message = '"{path}" is no bundle: {reason}.'
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _check(path, len(members), sum(member.file_size for member in members))
            if len({member.filename for member in members}) < len(members):
                raise Refused('"{path}" holds a file twice.', path=path)
            return {member.filename: archive.read(member) for member in members}
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError) as error:
        raise Refused(message, path=path, reason=str(error) or type(error).__name__) from None


def _check(path: Path, count: int, size: int) -> None:
    if count > MOST_FILES or size > MOST_BYTES:
        raise Refused('"{path}" is no bundle: it is larger than one can be.', path=path)


def write_files(files: Mapping[str, bytes], path: Path) -> Path:
    """Write a bundle into a folder, or into a zip where the path says so, and return the path.

    A bundle that is there is replaced as a whole.

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
    if not path.exists() or (path.suffix == ZIP and path.is_file()):
        return
    if not path.is_dir() or (any(path.iterdir()) and not (path / SUMS).exists()):
        raise Refused('"{path}" holds something else than a bundle; nothing was changed.', path=path)


def _write(files: Mapping[str, bytes], path: Path, *, is_zip: bool) -> None:
    from reports.bundle import write_bundle

    if is_zip:
        write_bundle(path, sorted(files.items()))
        return
    path.mkdir()
    for name, content in files.items():
        (path / name).write_bytes(content)
