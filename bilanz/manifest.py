"""The manifest: everything a number depends on, and two hashes over it.

result_hash    sorted balance lines without batch, row, run and time
manifest_hash  result_hash, year, region, organisation, inputs, factor release, books, potentials, code
               version, resolutions
"""

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime

import polars as pl

from bilanz.result import LINE_SCHEMA, Manifest

RUN_DIGITS = 16


def frame_hash(frame: pl.DataFrame) -> str:
    """Return the sha256 of a frame's rows, whatever their order: column by column of the sorted frame."""
    ordered = frame if frame.is_empty() else frame.sort(frame.columns, nulls_last=False)
    return _column_hash(ordered)


def result_hash(lines: pl.DataFrame, *, is_sorted: bool = False) -> str:
    """Return the hash of balance lines, whatever their order. Shape: `LINE_SCHEMA`.

    `is_sorted`: the lines are in the order of all their columns already, as a calculation leaves them.
    """
    told = lines.select(list(LINE_SCHEMA))
    return _column_hash(told) if is_sorted else frame_hash(told)


def _column_hash(frame: pl.DataFrame) -> str:
    """Return the sha256 over names, types and values as text; absent and empty stay apart."""
    digest = hashlib.sha256(f"{frame.height}".encode())
    for name, kind in frame.schema.items():
        text = frame[name].cast(pl.String).fill_null("\x00").str.join("\x1f")
        digest.update(f"\x1e{name}:{kind}\x1e".encode())
        digest.update(str(text.item()).encode())
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a run was given. `files`: (sha256 of the file, importer and version)."""

    year: int
    region: str
    organisation: str | None
    books: tuple[str, ...]
    gwp: str
    code_version: str
    factor_release: str
    book_hash: str
    files: tuple[tuple[str, str], ...]
    resolutions_hash: str


def manifest_hash(given: Inputs, result: str) -> str:
    """Return the hash over the inputs of a run and the hash of its lines."""
    pinned = {**asdict(given), "files": tuple(sorted(given.files)), "result_hash": result}
    text = json.dumps(pinned, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def given(pinned: Manifest) -> Inputs:
    """Return what a run was given, out of its manifest."""
    told = {field.name: getattr(pinned, field.name) for field in fields(Inputs) if field.name != "files"}
    return Inputs(**told, files=pinned.inputs)


def manifest(lines: pl.DataFrame, inputs: Inputs) -> Manifest:
    """Return the manifest of a run. `lines`: sorted by all their columns."""
    result = result_hash(lines, is_sorted=True)
    digest = manifest_hash(inputs, result)
    return Manifest(
        run=digest[:RUN_DIGITS],
        year=inputs.year,
        region=inputs.region,
        organisation=inputs.organisation,
        books=inputs.books,
        gwp=inputs.gwp,
        code_version=inputs.code_version,
        factor_release=inputs.factor_release,
        book_hash=inputs.book_hash,
        inputs=tuple(sorted(inputs.files)),
        resolutions_hash=inputs.resolutions_hash,
        result_hash=result,
        manifest_hash=digest,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
