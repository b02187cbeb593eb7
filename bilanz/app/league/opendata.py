"""`bilanz publish-site`: static pages out of bundles, with the bundles to be downloaded."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bilanz.app.league.files import ZIP, read_files
from bilanz.errors import Refused, UsageError
from bilanz.league.bundle import HEAD, Bundle
from bilanz.league.consolidation import League, consolidate, same_time
from bilanz.league.overlap import declared
from bilanz.league.package import DESCRIPTOR
from bilanz.league.signing import SUMS
from bilanz.league.table import broken
from bilanz.league.verification import Verdict, verify
from bilanz.messages import LANGUAGES
from reports import site
from reports.bundle import write_bundle

MARK: Final = ".bilanz-site"
"""File by which a site of an earlier time is known."""

_WRITTEN: Final = {MARK, site.ASSETS, site.BUNDLES, site.HOME, *LANGUAGES}
"""What a site holds at the top."""


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
        Refused: there is no bundle, one was altered or does not come out, which one counts cannot be said, or
            something else is there.
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
    """Return the bundles among paths: each itself, or what lies in it.

    Raises:
        Refused: a folder has files of a bundle, and no description.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir() and not _is_bundle(path):
            found += sorted(entry for entry in path.iterdir() if entry.suffix == ZIP or _is_bundle(entry))
        else:
            found.append(path)
    return found


def _is_bundle(path: Path) -> bool:
    """Tell whether a path is the folder of a bundle.

    Raises:
        Refused: it looks like one and is not whole.
    """
    if (path / DESCRIPTOR).exists():
        return True
    if (path / HEAD).exists() or (path / SUMS).exists():
        raise Refused('"{path}" is no bundle: it has no {file}.', path=path, file=DESCRIPTOR)
    return False


_Files = Mapping[str, bytes]


def _latest(read: Sequence[tuple[Path, _Files]]) -> list[tuple[site.Offered, _Files]]:
    """Return the bundle published last of each member and year.

    Raises:
        Refused: one was altered or does not come out, two of a member are signed with different keys, or
            two of a year were published at once.
    """
    found: dict[tuple[str, int], tuple[Bundle, _Files]] = {}
    keys: dict[str, str] = {}
    times: set[tuple[str, int, str]] = set()
    for path, files in read:
        bundle = _sound(verify(files), path)
        member, year, published = bundle.member, bundle.head.year, bundle.head.published_at
        if keys.setdefault(member, bundle.fingerprint) != bundle.fingerprint:
            message = "Two bundles of {member} are signed with different keys. No page was written."
            raise Refused(message, code="key_changed", member=member)
        if (member, year, published) in times:
            raise same_time(member)
        times.add((member, year, published))
        if (member, year) not in found or found[member, year][0].head.published_at < published:
            found[member, year] = bundle, files
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
    _check_free(out)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as work:
            made = Path(work) / "site"
            (made / site.BUNDLES).mkdir(parents=True)
            (made / MARK).touch()
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


def _check_free(out: Path) -> None:
    """Raise where something is there that no site of an earlier time wrote.

    Raises:
        Refused: it is so.
    """
    there = {entry.name for entry in out.iterdir()} if out.is_dir() else {""} if out.exists() else set()
    if there and (MARK not in there or there - _WRITTEN):
        raise Refused("{path} holds something else than pages; nothing was changed.", path=out)


def _zipped(each: site.Offered, files: _Files, folder: Path) -> site.Offered:
    """Write the zip of a bundle and return it with its hash."""
    path = folder / each.file
    write_bundle(path, sorted(files.items()))
    return replace(each, sha256=hashlib.sha256(path.read_bytes()).hexdigest())
