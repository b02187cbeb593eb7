"""Files that show what a row of master data says: kept by their sha256, told apart by how they begin.

evidence/<sha256>        the file, never changed
evidence/<sha256>.json   name, kind, and the organisations it was handed in for
"""

import hashlib
import re
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from bilanz.app.settings import Settings
from bilanz.errors import FileRefused, UnknownName
from bilanz.masterrow import MasterRow
from bilanz.store.archive import sync_file

FOLDER: Final = "evidence"
MOST_BYTES: Final = 20 * 1024**2

_KINDS: Final = (
    (b"%PDF-", "pdf", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "png", "image/png"),
    (b"\xff\xd8\xff", "jpg", "image/jpeg"),
    (b"II*\x00", "tif", "image/tiff"),
    (b"MM\x00*", "tif", "image/tiff"),
)
"""How a file begins, its ending, its media type."""

_SHA256: Final = re.compile(r"\b[0-9a-f]{64}\b")
_LONGEST: Final = 100


class Evidence(BaseModel):
    """A file that was kept. `organisations`: for which it was handed in."""

    model_config = ConfigDict(frozen=True)

    sha256: str
    name: str
    media: str
    organisations: tuple[str, ...]


def keep(settings: Settings, name: str, content: bytes, organisations: frozenset[str]) -> Evidence:
    """Keep a file and return it; the same bytes are kept once.

    Raises:
        FileRefused: it is empty, too large, or of no kind that is taken.
    """
    shown = _shown(name)
    if len(content) > MOST_BYTES:
        message = "{file} is larger than {most} MB."
        raise FileRefused(message, file=shown, most=MOST_BYTES // 1024**2)
    kind = next((kind for kind in _KINDS if content.startswith(kind[0])), None)
    if kind is None:
        message = "{file} cannot be taken as evidence: PDF, PNG, JPEG and TIFF can."
        raise FileRefused(message, file=shown, code="evidence_kind")
    sha256 = hashlib.sha256(content).hexdigest()
    before = kept(settings, sha256)
    held = set(organisations) | set(before.organisations if before else ())
    stem = shown.rpartition(".")[0] or shown
    found = Evidence(
        sha256=sha256, name=f"{stem}.{kind[1]}", media=kind[2], organisations=tuple(sorted(held))
    )
    target = settings.data / FOLDER / sha256
    target.parent.mkdir(parents=True, exist_ok=True)
    for path, bytes_ in ((target, content), (target.with_suffix(".json"), found.model_dump_json().encode())):
        _write(path, bytes_)
    return found


def _shown(name: str) -> str:
    """Return a name without folders and signs that are no text; never a path."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept_signs = "".join(sign for sign in last if sign.isprintable() and sign not in '<>:"|?*[]')
    return kept_signs.strip(" .")[-_LONGEST:] or "evidence"


def _write(path: Path, content: bytes) -> None:
    """Write a file; it is the old one or the new one, never a part."""
    fresh = path.with_name(f"{path.name}.{hashlib.sha256(content).hexdigest()[:8]}.tmp")
    fresh.write_bytes(content)
    sync_file(fresh)
    fresh.replace(path)


def kept(settings: Settings, sha256: str) -> Evidence | None:
    """Return what is known of a kept file, or None."""
    if not _SHA256.fullmatch(sha256):
        return None
    path = settings.data / FOLDER / f"{sha256}.json"
    try:
        return Evidence.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def path_of(settings: Settings, found: Evidence) -> Path:
    """Return where a file lies.

    Raises:
        UnknownName: it is gone.
    """
    path = settings.data / FOLDER / found.sha256
    if not path.is_file():
        raise UnknownName("The file {file} is gone. Restore it from a backup.", file=found.name)
    return path


def named_by(row: MasterRow) -> list[str]:
    """Return the hashes of files a row names, in its evidence or beside it."""
    told = [str(getattr(row, name, None) or "") for name in ("evidence_sha256", "evidence")]
    return list(dict.fromkeys(sha256 for text in told for sha256 in _SHA256.findall(text)))


def cells_with(row: MasterRow, found: Evidence) -> dict[str, str]:
    """Return the cells that make a row name a file: the hash in its own column where it is free."""
    if found.sha256 in named_by(row):
        return {}
    if getattr(row, "evidence_sha256", found.sha256) is None:
        return {"evidence_sha256": found.sha256}
    told = str(getattr(row, "evidence", None) or "")
    return {"evidence": f"{told} [{found.name}, sha256 {found.sha256}]".strip()}
