"""The manifest: everything a number depends on, and two hashes over it.

result_hash    sorted balance lines without batch, row, run and time
manifest_hash  result_hash, inputs, factor release, books, potentials, code version, resolutions
"""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime

import polars as pl

from bilanz.result import LINE_SCHEMA, Manifest

RUN_DIGITS = 16


def frame_hash(frame: pl.DataFrame) -> str:
    """Return the sha256 of a frame's rows in the order of all its columns: equal content, equal hash."""
    ordered = frame.sort(frame.columns, nulls_last=False)
    return hashlib.sha256(ordered.write_csv(null_value="\\N").encode()).hexdigest()


def result_hash(lines: pl.DataFrame) -> str:
    """Return the hash of balance lines, whatever their order. Shape: `LINE_SCHEMA`."""
    return frame_hash(lines.select(list(LINE_SCHEMA)))


def manifest(
    lines: pl.DataFrame,
    *,
    year: int,
    books: tuple[str, ...],
    gwp: str,
    code_version: str,
    factor_release: str,
    book_hash: str,
    inputs: Iterable[tuple[str, str]],
    resolutions_hash: str,
) -> Manifest:
    """Return the manifest of a run. `inputs`: (sha256 of the file, importer and version)."""
    pinned = {
        "year": year,
        "books": books,
        "gwp": gwp,
        "code_version": code_version,
        "factor_release": factor_release,
        "book_hash": book_hash,
        "inputs": tuple(sorted(inputs)),
        "resolutions_hash": resolutions_hash,
        "result_hash": result_hash(lines),
    }
    text = json.dumps(pinned, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    digest = hashlib.sha256(text.encode()).hexdigest()
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Manifest(**pinned, run=digest[:RUN_DIGITS], manifest_hash=digest, created_at=now)
