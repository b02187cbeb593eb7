"""A zip whose bytes depend on nothing but what is in it: no clock, no machine, no order of a folder."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_NO_TIME: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest time a zip can state: when a member was written is no part of a result."""
_LEVEL: Final = 6
_MODE: Final = 0o644 << 16
_UNIX: Final = 3


def write_bundle(path: Path, members: Iterable[tuple[str, bytes]]) -> None:
    """Write members (name, bytes) in their order; the same members give the same bytes."""
    with ZipFile(path, "w") as archive:
        for name, content in members:
            entry = ZipInfo(name, _NO_TIME)
            entry.compress_type = ZIP_DEFLATED
            entry.external_attr = _MODE
            entry.create_system = _UNIX
            archive.writestr(entry, content, compresslevel=_LEVEL)
