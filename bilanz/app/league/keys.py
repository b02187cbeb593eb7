"""Keys of a data directory: its own, which signs bundles, and those of the members it has seen."""

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bilanz.app.settings import Settings
from bilanz.errors import UsageError
from bilanz.league.signing import new_key, public_of
from bilanz.league.trust import Pin, pinned, pins_of, text_of

KEY: Final = "league-key.pem"
TRUST: Final = "league-keys.txt"

_PRIVATE: Final = 0o600


def private_key(settings: Settings, path: Path | None = None) -> tuple[bytes, bool]:
    """Return the private key, and whether it was made now: that of a file, else that of the data directory.

    Raises:
        UsageError: the file cannot be read, is no key, or others may read it.
    """
    own = settings.data / KEY
    if path is None and not own.exists():
        return _made(own), True
    found = path or own
    try:
        mode = found.stat().st_mode
        content = found.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError('"{path}" cannot be read or written: {reason}.', path=found, reason=reason) from None
    if mode & 0o077:
        raise UsageError('Others may read the key "{path}": chmod 600 first.', path=found)
    public_of(content)
    return content, False


def _made(path: Path) -> bytes:
    """Write a fresh key nobody else can read and return it."""
    content = new_key()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
    return content


def known_keys(settings: Settings, path: Path | None = None) -> dict[str, Pin]:
    """Return member → key as pinned; none where there is no file.

    Raises:
        UsageError: the file is not one of keys.
    """
    found = path or settings.data / TRUST
    return pins_of(found.read_text("utf-8")) if found.exists() else {}


def pin(settings: Settings, seen: Iterable[tuple[str, str]], path: Path | None = None) -> list[str]:
    """Pin the keys of members seen for the first time and return these members.

    Raises:
        Refused: a key is not the one that is pinned; nothing is written.
    """
    told, fresh = pinned(known_keys(settings, path), seen, datetime.now(UTC).date().isoformat())
    if fresh:
        target = path or settings.data / TRUST
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(f".{target.name}.new")
        beside.write_text(text_of(told), "utf-8")
        beside.replace(target)
    return fresh
