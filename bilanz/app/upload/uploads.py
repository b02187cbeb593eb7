"""Files handed in through the web: received, read, committed or discarded.

    receive ──► job "read" ──► read ──► job "commit" ──► committed: one batch, of a package one a file
                   ▲  └──────► refused                      the bytes are in the archive
                   └── other terms ──┘  └──► discarded: the bytes are gone

The bytes lie under a name made here; the name a person gave is a label.
"""

import hashlib
import shutil
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Final
from uuid import uuid4

from bilanz.access import Right
from bilanz.app.account.accounts import reach_of
from bilanz.app.queue import enqueue
from bilanz.app.settings import Settings
from bilanz.app.upload.terms import UploadTerms
from bilanz.errors import FileRefused, Forbidden, Refused, UsageError
from bilanz.job import Job, Upload, UploadState
from bilanz.registry import uploads as registered
from bilanz.registry.engine import Registry
from bilanz.registry.jobs import now, put_upload
from bilanz.registry.jobs import uploads as every_upload
from bilanz.registry.organisations import organisation as organisation_unit
from bilanz.registry.organisations import organisations, path
from bilanz.registry.users import by_login
from importers.base import importers_found
from importers.formats.archive import label

MOST_FILES: Final = 20
"""Files of one request."""

ABANDONED_DAYS: Final = 90
"""After so many days a file that was uploaded and not taken over is deleted."""

READ: Final = "read"
COMMIT: Final = "commit"

OPEN: Final = (UploadState.RECEIVED, UploadState.READ, UploadState.REFUSED)
"""States in which an upload can still be read, committed or discarded."""

_CHUNK: Final = 1 << 20
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def endings() -> tuple[str, ...]:
    """Return the endings of names that are taken, lower case."""
    return tuple(
        sorted({".zip", *(ending for importer in importers_found() for ending in importer.suffixes)})
    )


def shown_name(name: str) -> str:
    """Return the name of a file as pages show it: its last part, without what nobody sees."""
    seen = "".join(sign for sign in name if unicodedata.category(sign) not in _INVISIBLE)
    return label(unicodedata.normalize("NFC", seen), 1)


def folder(settings: Settings, upload: Upload) -> Path:
    """Return where everything about an upload lies."""
    return settings.data / "uploads" / upload.id


def content(settings: Settings, upload: Upload) -> Path:
    """Return the file with the bytes of an upload; they are gone when it is committed or discarded."""
    return folder(settings, upload) / f"content{Path(upload.file).suffix.lower()}"


def receive(
    settings: Settings, registry: Registry, stream: BinaryIO, *, organisation: str, name: str
) -> Upload:
    """Take the bytes of a file in; whoever calls has the right to deliver for the organisation.

    Raises:
        FileRefused: it is empty, larger than allowed, or of a kind nobody reads.
        UnknownName: the organisation is not registered.
    """
    organisation_unit(registry, organisation)
    shown = shown_name(name)
    if Path(shown).suffix.lower() not in endings():
        message = "{file}: files with this ending are not taken. Taken are: {endings}."
        raise FileRefused(message, code="ending", file=shown, endings=", ".join(endings()))
    made = Upload(
        id=uuid4().hex,
        organisation=organisation,
        by=settings.user,
        at=now(),
        file=shown,
        size=0,
        sha256="",
    )
    place = folder(settings, made)
    place.mkdir(parents=True, mode=0o700)
    try:
        made.size, made.sha256 = _written(stream, content(settings, made), shown, settings.upload_bytes)
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    put_upload(registry, made)
    return made


def _written(stream: BinaryIO, target: Path, file: str, most: int) -> tuple[int, str]:
    """Write a stream to the disk and return its size and SHA-256."""
    found, size = hashlib.sha256(), 0
    with target.open("xb") as written:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > most:
                message = "{file} is larger than {limit} MB. Split it, for example by year."
                raise FileRefused(message, code="too_large", file=file, limit=str(most >> 20))
            found.update(chunk)
            written.write(chunk)
    if size == 0:
        raise FileRefused("{file} is empty.", code="empty_file", file=file)
    return size, found.hexdigest()


def within(registry: Registry, login: str, organisation: str) -> frozenset[str]:
    """Return the organisations whose data a user may hand in with an upload of an organisation.

    Raises:
        Forbidden: none, as things are now.
    """
    user = by_login(registry, login)
    units = organisations(registry)
    allowed = reach_of(registry, user.id).where(Right.DELIVER) if user is not None and user.is_active else []
    found = frozenset(name for name in allowed if organisation in path(name, units).split("/"))
    if organisation not in found:
        raise Forbidden("You may not do this.")
    return found


def read(settings: Settings, registry: Registry, upload: Upload, terms: UploadTerms) -> Job:
    """Let an upload be read, again where it was read before.

    Raises:
        Refused: it is committed or discarded, or something is being done with it.
        UnknownName: the terms name an importer or a zone there is not.
        UnitError: they name a unit there is not.
    """
    terms.check()
    _refuse_busy(registry, upload)
    told = {"terms": terms.model_dump(mode="json"), "state": UploadState.RECEIVED, "outcome": None}
    if not registered.change(registry, upload.id, OPEN, **told):
        raise over(upload)
    return _job(settings, registry, READ, upload)


def commit(settings: Settings, registry: Registry, upload: Upload, rule: str, reason: str) -> Job:
    """Let an upload that was read be committed.

    Args:
        settings: of who does it.
        registry: where it is entered.
        upload: what is committed.
        rule: who gives way where data overlap: first, replace or both.
        reason: needed by replace and both.

    Raises:
        UsageError: there is no such rule, or it needs a reason.
        Refused: it was not read, or something is being done with it.
    """
    if rule not in {"first", "replace", "both"}:
        raise UsageError('"{name}" is not one of {expected}.', name=rule, expected="first, replace, both")
    if rule != "first" and not reason.strip():
        raise UsageError("Say why the new file is to replace what is held, or why both are to count.")
    if upload.state != UploadState.READ:
        raise Refused("{file} cannot be taken over: it was not read yet, or is done.", file=upload.file)
    _refuse_busy(registry, upload)
    return _job(settings, registry, COMMIT, upload, {"rule": rule, "reason": reason.strip() or None})


def discard(settings: Settings, registry: Registry, upload: Upload) -> None:
    """Delete the bytes of an upload that is not wanted.

    Raises:
        Refused: it is committed, or something is being done with it.
    """
    _refuse_busy(registry, upload)
    if not registered.change(registry, upload.id, OPEN, state=UploadState.DISCARDED, outcome=None):
        raise over(upload)
    shutil.rmtree(folder(settings, upload), ignore_errors=True)


def discard_abandoned(settings: Settings, registry: Registry) -> None:
    """Delete the bytes of uploads nobody took over or discarded for `ABANDONED_DAYS`."""
    before = (datetime.now(UTC) - timedelta(days=ABANDONED_DAYS)).isoformat()
    for one in every_upload(registry):
        is_old = one.state in OPEN and one.at < before
        if is_old and registered.unfinished_about(registry, one.id) is None:
            discard(settings, registry, one)


def over(upload: Upload) -> Refused:
    """Return that nothing can be done with an upload any more."""
    return Refused("{file} was taken over or discarded already.", code="upload_over", file=upload.file)


def _refuse_busy(registry: Registry, upload: Upload) -> None:
    if registered.unfinished_about(registry, upload.id) is not None:
        message = "Something is being done with {file} at the moment. Wait until it is done, or cancel it."
        raise Refused(message, code="upload_busy", file=upload.file)


def _job(
    settings: Settings,
    registry: Registry,
    kind: str,
    upload: Upload,
    parameters: Mapping[str, Any] | None = None,
) -> Job:
    return enqueue(
        registry,
        settings,
        kind,
        organisation=upload.organisation,
        subject=upload.id,
        parameters=parameters,
    )
