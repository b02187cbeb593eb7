"""`bilanz publish-site`: static pages out of bundles, with the bundles to be downloaded."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bilanz.app.bundlefiles import ZIP, read_files
from bilanz.errors import Refused, UsageError
from bilanz.league.bundle import Bundle
from bilanz.league.consolidation import League, consolidate
from bilanz.league.overlap import declared
from bilanz.league.package import DESCRIPTOR
from bilanz.league.table import broken
from bilanz.league.verification import Verdict, verify
from reports import site
from reports.bundle import write_bundle

MARK: Final = "assets"
"""Folder by which a site of an earlier time is known."""


def write_site(
    paths: Sequence[Path], out: Path, *, title: str, apart: Sequence[str] = (), same: Sequence[str] = ()
) -> tuple[list[str], int | None]:
    """Write the pages of bundles into a folder; return the members, and the year of the league.

    The league is that of the latest year; None: its bundles cannot be added, which its page says.

    Args:
        paths: bundles, or folders of bundles.
        out: folder; pages of an earlier time are replaced as a whole.
        title: name of the league.
        apart: identifiers that different organisations have.
        same: organisations in two bundles (`bilanz.league.overlap`).

    Raises:
        Refused: there is no bundle, one was altered or does not come out, or something else is there.
        UsageError: the folder cannot be written.
    """
    read = [(path, read_files(path)) for path in _found(paths)]
    offered = _latest(read)
    if not offered:
        raise Refused("There is no bundle to consolidate.")
    told = declared(apart, same)
    year = max(each.bundle.head.year for each, _ in offered)
    found: League | Refused
    try:
        found = consolidate([each.bundle for each, _ in offered if each.bundle.head.year == year], told)
    except Refused as refusal:
        if refusal.code != "not_comparable":
            raise
        found = refusal
    _write(offered, site.Together(title, year, found), out)
    members = sorted({each.bundle.member for each, _ in offered})
    return members, year if isinstance(found, League) else None


def _found(paths: Iterable[Path]) -> list[Path]:
    """Return the bundles among paths: each itself, or what lies in it."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir() and not (path / DESCRIPTOR).exists():
            found += sorted(
                entry for entry in path.iterdir() if entry.suffix == ZIP or (entry / DESCRIPTOR).exists()
            )
        else:
            found.append(path)
    return found


_Files = Mapping[str, bytes]


def _latest(read: Sequence[tuple[Path, _Files]]) -> list[tuple[site.Offered, _Files]]:
    """Return the bundle published last of each member and year.

    Raises:
        Refused: one was altered or does not come out.
    """
    found: dict[tuple[str, int], tuple[Bundle, _Files]] = {}
    for path, files in read:
        bundle = _sound(verify(files), path)
        key = bundle.member, bundle.head.year
        if key not in found or found[key][0].head.published_at < bundle.head.published_at:
            found[key] = bundle, files
    return [(_offered(bundle, files), files) for bundle, files in found.values()]


def _sound(verdict: Verdict, path: Path) -> Bundle:
    if not verdict.is_good or verdict.bundle is None:
        message = '"{path}" is not sound: bilanz verify {path} says why. No page was written.'
        raise Refused(message, code="bundle_altered", path=path)
    if not site.is_file_name(verdict.bundle.member):
        raise Refused('"{path}" is no bundle: {reason}.', path=path, reason=verdict.bundle.member)
    return verdict.bundle


def _offered(bundle: Bundle, files: _Files) -> site.Offered:
    try:
        told = json.loads(files[DESCRIPTOR])
        publisher, licence = told["contributors"][0]["title"], told["licenses"][0]
        title, address = str(licence["title"]), str(licence["path"])
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise broken(DESCRIPTOR, repr(error)) from None
    file = f"{bundle.member}-{bundle.head.year}.zip"
    shown = address if address.startswith("https://") else ""
    return site.Offered(bundle, file, "", str(publisher), title, shown)


def _write(offered: Sequence[tuple[site.Offered, _Files]], together: site.Together, out: Path) -> None:
    if out.exists() and any(out.iterdir()) and not (out / MARK).is_dir():
        raise Refused("{path} holds something else than pages; nothing was changed.", path=out)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as work:
            made = Path(work) / "site"
            (made / site.BUNDLES).mkdir(parents=True)
            hashed = [_zipped(each, files, made / site.BUNDLES) for each, files in offered]
            for name, text in site.files(hashed, together):
                target = made / name
                target.parent.mkdir(exist_ok=True)
                target.write_bytes(text.encode())
            if out.exists():
                out.rename(Path(work) / "former")
            made.rename(out)
    except OSError as error:
        reason = error.strerror or error
        raise UsageError('"{path}" could not be written ({reason}).', path=out, reason=reason) from error


def _zipped(each: site.Offered, files: _Files, folder: Path) -> site.Offered:
    """Write the zip of a bundle and return it with its hash."""
    path = folder / each.file
    write_bundle(path, sorted(files.items()))
    return replace(each, sha256=hashlib.sha256(path.read_bytes()).hexdigest())
