"""The archive: uploaded bytes under their hash, never changed."""

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def archive_file(directory: Path, sha256: str) -> Path:
    """Return where the bytes of a hash lie below the data directory."""
    return directory / "archive" / sha256[:2] / sha256


def sync_directory(directory: Path) -> None:
    """Make a rename in a directory durable."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_file(path: Path) -> None:
    """Make the contents of a file durable."""
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


@dataclass(frozen=True, slots=True)
class Taken:
    """An upload and its hash. In a commit it is our own copy: what is read is what is kept."""

    path: Path
    sha256: str


def take(path: Path, directory: Path) -> Taken:
    """Copy a file under its own name into a directory; the hash is that of the copy.

    The copy is the kernel's work (a third of a second per GB); a loop over pieces took ten times as long.
    """
    directory.mkdir(parents=True, exist_ok=True)
    target = directory / path.name
    shutil.copyfile(path, target)
    return Taken(target, sha256_of(target))


def keep(taken: Taken, directory: Path) -> Path:
    """Move a copy into the archive below the data directory, durably; what is there already is left alone."""
    final = archive_file(directory, taken.sha256)
    if not final.exists():
        final.parent.mkdir(parents=True, exist_ok=True)
        sync_file(taken.path)
        taken.path.chmod(0o444)
        taken.path.replace(final)
        sync_directory(final.parent)
    return final
