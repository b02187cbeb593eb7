"""Releases: a set of editions under a name, kept whole, so that no later catalogue can move what rests on it.

    catalogue ──chosen──► releases/<name>/<frame>.parquet   the rows, sorted
                          releases/<name>/release.json      name, day, editions and their hashes, hash of all

A release is never changed. It is read without the gate: its rows passed when they were shipped or imported,
and a gate that has become stricter must not take the ground from under a closed period.
"""

import re
from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from difflib import get_close_matches
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any, Final

import polars as pl
from pydantic import BaseModel, ConfigDict, ValidationError

from bilanz.errors import Refused, ReleaseBroken, UnknownName, UsageError
from bilanz.store.archive import sync_directory, sync_file
from factors.base import Catalogue, Source
from factors.base import release as hash_of

ABOUT: Final = "release.json"
CURRENT: Final = "current"
"""What the catalogue in use is called where a release may be named; no release can be called so."""

_NAME: Final = r"[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9])?"
_PAIR: Final = ("source", "edition")

Frames = dict[str, pl.DataFrame]


class Edition(BaseModel):
    """One edition of one source in a release.

    Attributes:
        rows: in all frames: factors, and what else the edition states (heating values).
        sha256: over these rows; a column the edition leaves empty does not count.
    """

    model_config = ConfigDict(frozen=True)

    source: str
    edition: str
    rows: int
    sha256: str


class Release(BaseModel):
    """What a release says about itself.

    Attributes:
        created: day on which it was made, ISO 8601, UTC.
        code_version: of the program that made it.
        sha256: over the content of all frames, as `Catalogue.release`.
        frames: name of the frame → rows.
        editions: sorted by source and edition.
        sources: the entries of `Catalogue.sources`.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    created: str
    code_version: str
    sha256: str
    frames: dict[str, int]
    editions: tuple[Edition, ...]
    sources: tuple[dict[str, Any], ...]


def frames_of(catalogue: Catalogue) -> Frames:
    """Return every frame of a catalogue by name."""
    told = {field.name: getattr(catalogue, field.name) for field in fields(catalogue)}
    return {name: frame for name, frame in told.items() if isinstance(frame, pl.DataFrame)}


def chosen(known: Catalogue, *, only: Sequence[str] = (), without: Sequence[str] = ()) -> Catalogue:
    """Return a catalogue with some of its editions.

    What an edition left out states is in no frame. Frames without editions (potentials, product groups, maps)
    stay whole, and so does what is no edition of factors (a heating value of an ordinance), unless `without`
    names it.

    Args:
        known: the catalogue.
        only: `source:edition`, or `source` for all its editions; none: all.
        without: likewise, left out.

    Raises:
        UnknownName: there is no such source or edition; names near misses.
        Refused: no factor is left.
    """
    frames = frames_of(known)
    pairs = _pairs(frames)
    of_factors = set(known.factors.select(_PAIR).unique().iter_rows())
    wanted, unwanted = _meant(only, pairs), _meant(without, pairs)
    kept = [
        pair
        for pair in pairs
        if pair not in unwanted and (not only or pair in wanted or pair not in of_factors)
    ]
    shelf = pl.DataFrame(kept, schema=dict.fromkeys(_PAIR, pl.String), orient="row")
    left = {
        name: frame.join(shelf, on=_PAIR, how="semi") if _has_editions(frame) else frame
        for name, frame in frames.items()
    }
    if left["factors"].is_empty():
        raise Refused("No factor is left: the release would be empty.")
    sources = tuple(entry for entry in known.sources if (entry.source, entry.edition) in kept)
    return replace(known, **left, release=hash_of(left), sources=sources, name=None)


def write(known: Catalogue, folder: Path, *, name: str, created: str, code_version: str) -> Release:
    """Keep a catalogue as a release below a folder; it is there whole or not at all.

    Raises:
        UsageError: the name is none.
        Refused: there is a release of that name (in capitals or not).
    """
    if not re.fullmatch(_NAME, name) or name.lower() == CURRENT:
        message = '"{name}" cannot name a release: letters, digits, ".", "_" and "-", and not "current".'
        raise UsageError(message, name=name)
    for taken in folder.iterdir() if folder.exists() else ():
        if taken.name.lower() == name.lower():
            raise Refused('There is a release "{name}" already; a release is never changed.', name=taken.name)
    frames = frames_of(known)
    about = Release(
        name=name,
        created=created,
        code_version=code_version,
        sha256=hash_of(frames),
        frames={label: frame.height for label, frame in frames.items()},
        editions=editions(frames),
        sources=tuple(asdict(entry) for entry in known.sources),
    )
    folder.mkdir(parents=True, exist_ok=True)
    fresh = Path(mkdtemp(prefix=".", dir=folder))
    try:
        _fill(fresh, frames, about)
        fresh.rename(folder / name)
    except OSError:
        rmtree(fresh)
        raise
    sync_directory(folder)
    return about


def _fill(folder: Path, frames: Frames, about: Release) -> None:
    for label, frame in frames.items():
        frame.sort(frame.columns).write_parquet(folder / f"{label}.parquet")
    (folder / ABOUT).write_text(about.model_dump_json(indent=2) + "\n", encoding="utf-8")
    for path in folder.iterdir():
        sync_file(path)
        path.chmod(0o444)
    folder.chmod(0o755)


def read(folder: Path) -> Release:
    """Return what a release says about itself; its rows are not read.

    Raises:
        ReleaseBroken: it says nothing, or was made under another name.
    """
    try:
        about = Release.model_validate_json((folder / ABOUT).read_text(encoding="utf-8"))
    except (OSError, ValidationError, UnicodeDecodeError) as error:
        raise _unreadable(folder, ABOUT) from error
    if about.name != folder.name:
        message = 'The folder "{folder}" holds the release "{name}": a release keeps its name.'
        raise ReleaseBroken(message, folder=folder.name, name=about.name)
    return about


def load(folder: Path, shape: Catalogue) -> Catalogue:
    """Return the catalogue a release holds.

    Args:
        folder: the release.
        shape: a catalogue of this version of the program, for its schemas: a column or frame that an older
            release does not have is empty, and its hash stays what it was.

    Raises:
        ReleaseBroken: a file is missing or unreadable, or the content is not what it was.
    """
    about = read(folder)
    frames = {name: _frame(folder, name) for name in about.frames}
    found = hash_of(frames)
    if found != about.sha256 or editions(frames) != about.editions:
        message = (
            'The release "{name}" was changed after it was made (recorded {expected}, found {found}). '
            "Restore it from a backup."
        )
        raise ReleaseBroken(message, name=about.name, expected=about.sha256, found=found)
    shaped = {
        name: _shaped(frames.get(name, frame.clear()), frame) for name, frame in frames_of(shape).items()
    }
    sources = tuple(_source(entry) for entry in about.sources)
    return replace(shape, **shaped, release=about.sha256, sources=sources, name=about.name)


def editions(frames: Frames) -> tuple[Edition, ...]:
    """Return every edition in frames with the number and the hash of its rows."""
    told = []
    for source, edition in _pairs(frames):
        here = (pl.col("source") == source) & (pl.col("edition") == edition)
        rows = {name: frame.filter(here) for name, frame in frames.items() if _has_editions(frame)}
        stated = {
            name: frame.select(column for column in frame if column.null_count() < frame.height)
            for name, frame in rows.items()
            if frame.height
        }
        count = sum(frame.height for frame in stated.values())
        told.append(Edition(source=source, edition=edition, rows=count, sha256=hash_of(stated)))
    return tuple(told)


def _has_editions(frame: pl.DataFrame) -> bool:
    return set(_PAIR) <= set(frame.columns)


def _pairs(frames: Frames) -> list[tuple[str, str]]:
    """Return (source, edition) of every row that states both, sorted."""
    found = [frame.select(_PAIR).drop_nulls() for frame in frames.values() if _has_editions(frame)]
    return sorted(set(pl.concat(found).iter_rows()))


def _meant(names: Sequence[str], pairs: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return the editions that names mean."""
    meant: set[tuple[str, str]] = set()
    for name in names:
        found = {pair for pair in pairs if name in (pair[0], ":".join(pair))}
        if not found:
            choices = [*{source for source, _ in pairs}, *(":".join(pair) for pair in pairs)]
            near = ", ".join(get_close_matches(name, sorted(choices))) or "–"
            raise UnknownName('The edition "{name}" is not known. Similar: {near}.', name=name, near=near)
        meant |= found
    return meant


def _frame(folder: Path, name: str) -> pl.DataFrame:
    path = folder / f"{name}.parquet"
    try:
        return pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise _unreadable(folder, path.name) from error


def _unreadable(folder: Path, file: str) -> ReleaseBroken:
    message = 'The release "{name}" is incomplete: {file} cannot be read. Restore it from a backup.'
    return ReleaseBroken(message, name=folder.name, file=file)


def _shaped(frame: pl.DataFrame, shape: pl.DataFrame) -> pl.DataFrame:
    """Return a frame in the columns of another; one it does not have is empty."""
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in shape.schema.items()
    )


def _source(entry: dict[str, Any]) -> Source:
    told: dict[str, Any] = {field.name: entry.get(field.name) for field in fields(Source)}
    return Source(**told)
