"""The archive: uploaded bytes under their hash, never changed."""

import hashlib
import os
import shutil
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Final

_PIECE: Final = 1 << 23
"""Bytes hashed at once: a thread asks for the interpreter between two pieces, so there are to be few."""


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
    """A file and its hash."""

    path: Path
    sha256: str


class Taking:
    """An upload that is hashed, and written to the disk for good, while it is read already.

    What is read is what is kept.

    Attributes:
        path: the file to read: our own copy where it is to be kept, else the upload itself.
        sha256: waits for the hash.
    """

    def __init__(self, path: Path, *, is_copy: bool) -> None:
        """Begin at once, in a thread."""
        self.path = path
        self._is_given_up = Event()
        self._worker = ThreadPoolExecutor(max_workers=1)
        self._hashed = self._worker.submit(self._hash)
        self._synced = self._worker.submit(self._sync) if is_copy else None

    def _hash(self) -> str:
        found, piece = hashlib.sha256(), memoryview(bytearray(_PIECE))
        with self.path.open("rb", buffering=0) as stream:
            while count := stream.readinto(piece):
                if self._is_given_up.is_set():
                    raise CancelledError
                found.update(piece[:count])
        return found.hexdigest()

    def _sync(self) -> None:
        if not self._is_given_up.is_set():
            sync_file(self.path)

    @property
    def is_hashed(self) -> bool:
        """The hash is there."""
        return self._hashed.done()

    @property
    def sha256(self) -> str:
        """SHA-256 of the file."""
        return self._hashed.result()

    def sync(self) -> None:
        """Return when the copy is on the disk."""
        if self._synced is not None:
            self._synced.result()

    def close(self) -> None:
        """Give up what is not done."""
        self._is_given_up.set()
        self._worker.shutdown()


def take(path: Path, directory: Path) -> Taking:
    """Copy a file under its own name into a directory; the hash is that of the copy.

    The copy is the kernel's work (a third of a second per GB); a loop over pieces took ten times as long.
    """
    directory.mkdir(parents=True, exist_ok=True)
    target = directory / path.name
    shutil.copyfile(path, target)
    return Taking(target, is_copy=True)


def keep(taken: Taking, directory: Path) -> Path:
    """Move a copy into the archive below the data directory, durably; what is there already is left alone."""
    final = archive_file(directory, taken.sha256)
    if not final.exists():
        final.parent.mkdir(parents=True, exist_ok=True)
        taken.sync()
        taken.path.chmod(0o444)
        taken.path.replace(final)
        sync_directory(final.parent)
    return final
