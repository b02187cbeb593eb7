"""Bundles on disk → the balance of a league, its package, and what is to be said of one bundle."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from bilanz.app.league.files import read_files, write_files
from bilanz.app.league.keys import known_keys, pin, private_key
from bilanz.app.league.publishing import Stated, stated_of
from bilanz.app.settings import Settings
from bilanz.app.shown.summary import plain
from bilanz.errors import BilanzError, Refused, UsageError
from bilanz.league import leaguepackage
from bilanz.league.assembly import assembled
from bilanz.league.bundle import Bundle
from bilanz.league.consolidation import League, consolidate
from bilanz.league.dcat import Described, licence
from bilanz.league.description import descriptions
from bilanz.league.overlap import Declared, declared
from bilanz.league.reading import read_many
from bilanz.league.signing import Integrity, integrity, signed
from bilanz.league.table import is_canonical
from bilanz.league.trust import state_of
from bilanz.league.verification import verify
from bilanz.messages import LANGUAGES, Language, translate

_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be consolidated.

    Attributes:
        bundles: folders or zips.
        before: earlier bundles of members.
        apart, same: declarations about organisations in two bundles (`bilanz.league.overlap`).
        keys: file of known keys; None: that of the data directory.
        is_strict: what differs and would be listed is refused.
    """

    bundles: Sequence[Path]
    before: Sequence[Path] = ()
    apart: Sequence[str] = ()
    same: Sequence[str] = ()
    keys: Path | None = None
    is_strict: bool = False


@dataclass(frozen=True, slots=True)
class Consolidated:
    """The balance of a league, what was declared for it, and members whose key was never seen before."""

    league: League
    declared: Declared
    first_seen: tuple[str, ...]


def consolidate_bundles(settings: Settings, asked: Asked) -> Consolidated:
    """Return the balance of a league; keys seen for the first time are pinned.

    Raises:
        Refused: a bundle was altered, is not comparable, does not come out or is signed with another key.
    """
    told = declared(asked.apart, asked.same)
    current, before = opened(asked.bundles), opened(asked.before)
    found = consolidate(current, told, before)
    if asked.is_strict and found.mismatches.height:
        kinds = ", ".join(found.mismatches["kind"].unique().sort())
        raise Refused("The bundles differ: {kinds}. Nothing was added.", code="not_comparable", kinds=kinds)
    seen = [(each.member, each.fingerprint) for each in [*before, *current]]
    return Consolidated(found, told, tuple(pin(settings, seen, asked.keys)))


def opened(paths: Sequence[Path]) -> list[Bundle]:
    """Return bundles whose files are as they were signed; their figures are checked all at once.

    Raises:
        Refused: one was altered, or is none.
    """
    told = []
    for path in paths:
        files = read_files(path)
        found = integrity(files)
        if not found.is_whole:
            message = '"{path}" is not what was signed: {found}. Nothing was added.'
            raise Refused(message, code="bundle_altered", path=path, found=", ".join(_named(found)))
        told.append((files, found))
    return read_many(told)


def _named(found: Integrity) -> list[str]:
    names = list(dict.fromkeys((*found.altered, *found.missing, *found.extra)))
    return names[:_NAMED] + (["…"] if names[_NAMED:] else [])


def as_json(made: Consolidated) -> dict[str, Any]:
    """Return a consolidation for other programs; decimals as text, unknown is null."""
    found = made.league
    return {
        "year": found.common.year,
        "approach": found.common.approach,
        "books": list(found.common.books),
        "potentials": found.common.potentials,
        "first_seen": list(made.first_seen),
        **{name: plain(frame) for name, frame in found.frames().items()},
    }


def write_league(settings: Settings, made: Consolidated, path: Path, name: str) -> Path:
    """Write a consolidation as a signed package into a folder or zip.

    Raises:
        UsageError: who publishes is not stated in the data directory.
        Refused: something else is there.
    """
    told = stated_of(settings)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    head = leaguepackage.head(made.league, made.declared, league=name, published_at=now)
    frames, described = leaguepackage.frames(made.league), _described(head, told, made.league)
    files = assembled(frames, head.as_bytes(), described, f"bilanz-league-{head.year}")
    private, _ = private_key(settings)
    return write_files(signed(files, private), path)


def _described(head: leaguepackage.LeagueHead, told: Stated, found: League) -> Described:
    title = "Climate balance {year}, {name}"
    text = (
        "Greenhouse gas balance of {name} for {year}, consolidated out of the signed bundles of {count} "
        "members, whose hashes it names. It can be checked with: bilanz verify."
    )
    facts = {"year": head.year, "name": head.league, "count": len(head.bundles)}
    return Described(
        title={each: translate(title, each, **facts) for each in LANGUAGES},
        description={each: translate(text, each, **facts) for each in LANGUAGES},
        publisher=told.publisher,
        publisher_address=told.publisher_address,
        contact=told.contact,
        contact_mail=told.contact_mail,
        licence=licence(told.licence),
        year=head.year,
        issued=head.published_at,
        is_final="open" not in set(found.members["state"]),
    )


def verify_path(settings: Settings, path: Path, keys: Path | None = None) -> dict[str, Any]:
    """Return what is to be said of a bundle, or of the package of a league.

    `key`: `known`, `first` (nobody has pinned it: compare the fingerprint) or `changed`: no good bundle.

    Raises:
        Refused: it is neither.
        UsageError: the file of keys is not there.
    """
    if keys is not None and not keys.exists():
        raise UsageError('There is no file or folder "{path}".', path=keys)
    files, pins = read_files(path), known_keys(settings, keys)
    told = (
        _of_league(files, settings.lang)
        if leaguepackage.is_league(files)
        else _of_bundle(files, settings.lang)
    )
    if told["member"] is None:
        return told | {"key": None}
    state = state_of(pins, told["member"], told["fingerprint"] or "")
    return told | {"key": state, "is_good": told["is_good"] and state != "changed"}


def _of_bundle(files: Mapping[str, bytes], language: Language) -> dict[str, Any]:
    verdict = verify(files)
    return {"kind": "bundle", **verdict.as_json(), "problem": _said(verdict.problem, language)}


def _said(problem: BilanzError | None, language: Language) -> str | None:
    return None if problem is None else translate(problem.template, language, **problem.parameters)


def _of_league(files: Mapping[str, bytes], language: Language) -> dict[str, Any]:
    found = integrity(files)
    told: dict[str, Any] = {
        "kind": "league",
        "state": None,
        "run": None,
        "result_hash": None,
        "recomputed": [],
    }
    told |= found.as_json() | {"checks": [], "odd": [], "member": None, "name": None, "year": None}
    try:
        head, frames = leaguepackage.read(files)
    except Refused as problem:
        return told | {"is_good": False, "problem": _said(problem, language)}
    checks = [
        *leaguepackage.checks(head, frames),
        *descriptions(files, frames, leaguepackage.subject(head, frames)),
    ]
    odd = [name for name, frame in frames.items() if not is_canonical(files[f"{name}.csv"], frame)]
    is_good = found.is_whole and not odd and not any(each.wrong for each in checks)
    told |= {"is_good": is_good, "problem": None, "odd": odd, "checks": [each.as_json() for each in checks]}
    return told | {"member": head.league, "name": head.league, "year": head.year}
