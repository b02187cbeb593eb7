"""The audit trail of a data directory: entered, listed, exported, verified."""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from bilanz.app.settings import Settings
from bilanz.errors import Refused, UsageError
from bilanz.messages import translate
from bilanz.registry import trail as registered
from bilanz.registry.engine import Registry, open_registry, registry_exists
from bilanz.trail import BREAKS, Break, Deed, broken_line, lines, told


def enter(
    settings: Settings,
    action: str,
    subject: str,
    reason: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Enter what was done to files of the data directory, as soon as it is done.

    What is done in the registry itself is entered in the same transaction, by the registry.
    """
    with closing(open_registry(settings.registry)) as registry:
        registered.record(registry, Deed(settings.user, action, subject, reason, details or {}))


def listed(settings: Settings, subject: str | None = None) -> list[dict[str, Any]]:
    """Return the entries, all or those of a subject, the oldest first."""
    with closing(existing(settings)) as registry:
        return [told(entry) for entry in registered.entries(registry, subject)]


def export(settings: Settings, path: Path) -> dict[str, Any]:
    """Write the chain as JSON lines and return its end.

    Raises:
        Refused: the chain is broken; a broken one is not handed on.
        UsageError: the path cannot be written.
    """
    with closing(existing(settings)) as registry:
        text, end = exported(registry)
    try:
        path.write_bytes(text.encode("utf-8"))
    except OSError as error:
        message = '"{path}" could not be written ({reason}).'
        raise UsageError(message, path=path, reason=error.strerror or error) from error
    return {"path": str(path), "entries": end[0], "hash": end[1] or None}


def exported(registry: Registry) -> tuple[str, tuple[int, str]]:
    """Return the chain as JSON lines, and its end.

    Raises:
        Refused: the chain is broken; a broken one is not handed on.
    """
    found = registered.broken_link(registry)
    rows, end = registered.entries(registry), registered.head(registry)
    if found is not None:
        message = "The trail is broken at entry {sequence}: {reason}. Nothing was written."
        raise Refused(message, sequence=found.sequence, reason=BREAKS[found.code])
    last = end or (0, "")
    return "".join(f"{line}\n" for line in lines(rows, last)), last


def verify(settings: Settings, path: Path | None = None) -> dict[str, Any]:
    """Follow the chain from the start: that of the registry, or that of an exported file.

    Returns:
        `{"is_intact", "entries", "hash", "broken": {"sequence", "code", "reason"} or null, "is_ours"}`;
        `is_ours`: whether the registry holds the end of the file; null where that was not asked.
    """
    if path is None:
        with closing(existing(settings)) as registry:
            found, end = registered.broken_link(registry), registered.head(registry)
        return _verdict(settings, found, end)
    try:
        text = path.read_bytes().decode("utf-8")  # as it is: line ends are part of it
    except (OSError, UnicodeDecodeError) as error:
        message = '"{path}" cannot be read or written: {reason}.'
        raise UsageError(message, path=path, reason=str(error)) from error
    rows = text.split("\n")  # and no other sign: texts may hold those that end a line elsewhere
    found, end = broken_line(rows[:-1] if rows[-1] == "" else [*rows, ""])
    is_ours = None
    if found is None and end is not None and registry_exists(settings.registry):
        with closing(open_registry(settings.registry)) as registry:
            held = {(entry.sequence, entry.hash) for entry in registered.entries(registry)}
        is_ours = end in held or end[0] == 0
    return _verdict(settings, found, end) | {"is_ours": is_ours}


def _verdict(settings: Settings, found: Break | None, end: tuple[int, str] | None) -> dict[str, Any]:
    broken = None
    if found is not None:
        reason = translate(BREAKS[found.code], settings.lang)
        broken = {"sequence": found.sequence, "code": found.code, "reason": reason}
    entries, last = end or (None, None)
    return {"is_intact": found is None, "entries": entries, "hash": last, "broken": broken, "is_ours": None}


def existing(settings: Settings) -> Registry:
    """Open the registry; there must be one.

    Raises:
        UsageError: there is no data directory.
    """
    if not registry_exists(settings.registry):
        message = (
            'There is no data in "{path}": import master data and files first, or name it with --data-dir.'
        )
        raise UsageError(message, path=settings.data)
    return open_registry(settings.registry)
