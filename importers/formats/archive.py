"""A zip of many files, unpacked without trust: names are labels and no paths, sizes are counted.

Only files are taken, each into a folder of its own under its last name. What is encrypted, too many, too
large, or damaged refuses the whole archive: a part of a delivery is no delivery.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bilanz.errors import FileRefused

MAX_MEMBERS: Final = 5000
MAX_UNPACKED: Final = 2 * 1024**3
"""Bytes of all members together, counted while they are unpacked."""

_ZIP: Final = b"PK\x03\x04"
_OFFICE: Final = frozenset({"[content_types].xml", "mimetype"})
_ENCRYPTED: Final = 0x1
_CHUNK: Final = 1 << 20
_LONGEST: Final = 150
_BROKEN: Final = (
    *(zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError),
    *(KeyError, IndexError),
)


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive.

    Attributes:
        name: as the archive calls it, folders included; a label.
        path: where its bytes lie.
    """

    name: str
    path: Path


def is_archive(path: Path) -> bool:
    """Return whether a file is a zip that is no office document; never raises."""
    try:
        with path.open("rb") as stream:
            if stream.read(len(_ZIP)) != _ZIP:
                return False
        with zipfile.ZipFile(path) as archive:
            return not any(info.filename.lower() in _OFFICE for info in archive.infolist())
    except _BROKEN:
        return False


def unpack(path: Path, directory: Path) -> list[Member]:
    """Return the files of an archive, unpacked below a directory, by name.

    Raises:
        FileRefused: `too_large`, `protected`, `damaged_archive`, or `empty_file` where it holds no file.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            infos = [info for info in archive.infolist() if _is_file(info)]
            _check(path, infos)
            members = list(_members(path, archive, infos, directory))
    except _BROKEN as error:
        message = "{file} is a damaged archive and cannot be unpacked. Pack it again."
        raise FileRefused(message, code="damaged_archive", file=path.name) from error
    return sorted(members, key=lambda member: member.name)


def _is_file(info: zipfile.ZipInfo) -> bool:
    """Return whether a member is a file a person put there; programs add shadows of their own."""
    parts = info.filename.replace("\\", "/").split("/")
    return not (info.is_dir() or "__MACOSX" in parts or parts[-1].startswith("."))


def _check(path: Path, infos: list[zipfile.ZipInfo]) -> None:
    if not infos:
        raise FileRefused("{file} is empty.", code="empty_file", file=path.name)
    if len(infos) > MAX_MEMBERS:
        message = "{file} holds {count} files, at most {limit} are read. Split the archive."
        raise FileRefused(
            message, code="too_large", file=path.name, count=str(len(infos)), limit=str(MAX_MEMBERS)
        )
    if any(info.flag_bits & _ENCRYPTED for info in infos):
        message = "{file} is protected by a password. Pack it again without one."
        raise FileRefused(message, code="protected", file=path.name)
    if sum(info.file_size for info in infos) > MAX_UNPACKED:
        raise _too_large(path)


def _members(
    path: Path, archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo], directory: Path
) -> Iterator[Member]:
    left = MAX_UNPACKED
    for number, info in enumerate(infos, start=1):
        folder = directory / str(number)
        folder.mkdir(parents=True)
        target = folder / label(info.filename, number)
        with archive.open(info) as source, target.open("wb") as stream:
            while chunk := source.read(_CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise _too_large(path)
                stream.write(chunk)
        yield Member(re.sub(r"[\x00-\x1f\x7f]", "", info.filename.replace("\\", "/"))[-_LONGEST:], target)


def label(name: str, number: int) -> str:
    """Return the last part of a member's name as the name of a file that can exist and lead nowhere."""
    last = re.sub(r"[\x00-\x1f\x7f<>:\"|?*]", "_", name.replace("\\", "/").rpartition("/")[2]).strip()
    return last[-_LONGEST:] if last.strip(".") else f"file-{number}"


def _too_large(path: Path) -> FileRefused:
    message = "{file} unpacks to more than {limit} MB. Split the archive."
    return FileRefused(message, code="too_large", file=path.name, limit=str(MAX_UNPACKED // 1024**2))
