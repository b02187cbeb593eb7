"""The archive: uploaded bytes under their hash, never changed."""

import hashlib
import os
from pathlib import Path
from typing import Final
from uuid import uuid4

CHUNK: Final = 1 << 20


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


def archive(path: Path, directory: Path) -> str:
    """Copy a file into the archive below the data directory and return its hash.

    The copy appears under its name only when it is complete; a file that is there already is left alone.
    """
    whole, temporary = hashlib.sha256(), directory / "archive" / f".{uuid4().hex}"
    temporary.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("rb") as source, temporary.open("wb") as copy:
            while chunk := source.read(CHUNK):
                whole.update(chunk)
                copy.write(chunk)
            copy.flush()
            os.fsync(copy.fileno())
        final = archive_file(directory, whole.hexdigest())
        if not final.exists():
            final.parent.mkdir(exist_ok=True)
            temporary.chmod(0o444)
            temporary.replace(final)
            sync_directory(final.parent)
    finally:
        temporary.unlink(missing_ok=True)
    return whole.hexdigest()
