"""Which factors a year is calculated with: a release named, else the one it keeps, else the current ones.

    releases/<name>/     see `factors.releases`
    release-pins.json    year → name and hash: a closed period keeps its own

A pin holds the hash beside the name, so that a release put in the place of another is noticed.
"""

from datetime import UTC, datetime
from difflib import get_close_matches
from importlib.metadata import version
from typing import Final

from pydantic import BaseModel, ConfigDict, RootModel, ValidationError

from bilanz.app.settings import Settings
from bilanz.errors import Refused, ReleaseBroken, UnknownName
from bilanz.store.archive import sync_file
from factors import releases, table
from factors.asides import ASIDES
from factors.base import Catalogue, catalogue
from factors.releases import CURRENT, Release

FOLDER: Final = "releases"
PINS: Final = "release-pins.json"
OWN_FACTORS: Final = "factors"
"""Folder of the data directory that holds own factor tables."""
OWN_PROPERTIES: Final = "properties"
"""Folder of the data directory that holds own properties: state numbers, calorific values."""

WITHDRAWN: Final = "withdrawn"
"""Folder beside imported tables that holds those taken out."""

_PREFIX: Final = 8
"""Digits of a hash that are enough to name a release."""


class Pin(BaseModel):
    """The release of one year."""

    model_config = ConfigDict(frozen=True)

    name: str
    sha256: str


_Pins = RootModel[dict[int, Pin]]


def catalogue_of(settings: Settings) -> Catalogue:
    """Return the current catalogue: the shipped one with own and imported tables of the data directory."""
    factors, properties = (
        sorted((settings.data / name).glob("*.csv")) for name in (OWN_FACTORS, OWN_PROPERTIES)
    )
    beside = {name: sorted((settings.data / name).glob("*.csv")) for name in ASIDES}
    return catalogue(factors, properties, beside)


def withdraw(settings: Settings, name: str, *, reason: str | None = None) -> str:
    """Take an imported table out of the catalogue and return its name; its bytes are kept aside.

    Releases are copies and keep what they hold.

    Raises:
        UnknownName: there is no imported table of that name; names near misses.
    """
    folders = (OWN_FACTORS, OWN_PROPERTIES, *ASIDES)
    tables = {
        path.stem: path for folder in folders for path in sorted((settings.data / folder).glob("*.csv"))
    }
    path = tables.get(name) or tables.get(f"custom_{name}")
    if path is None:
        near = ", ".join(get_close_matches(name, tables, cutoff=0.3) or tables) or "–"
        raise UnknownName('There is no imported table "{name}". There are: {near}.', name=name, near=near)
    aside = path.parent / WITHDRAWN
    aside.mkdir(exist_ok=True)
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
    for part in (path.with_suffix(table.SEAL), path):
        if part.exists():
            part.rename(aside / f"{path.stem}-{stamp}{part.suffix}")
    _enter(settings, "factors.withdraw", path.stem, reason)
    return path.stem


def create(
    settings: Settings,
    name: str,
    *,
    only: tuple[str, ...] = (),
    without: tuple[str, ...] = (),
    reason: str | None = None,
) -> Release:
    """Keep editions of the current catalogue as a release.

    Raises:
        UsageError: the name is none, or an edition is unknown.
        Refused: there is a release of that name, or no factor is left.
    """
    kept = releases.chosen(catalogue_of(settings), only=only, without=without)
    day = datetime.now(UTC).date().isoformat()
    made = releases.write(
        kept, settings.data / FOLDER, name=name, created=day, code_version=version("bilanz")
    )
    _enter(settings, "release.create", name, reason, sha256=made.sha256)
    return made


def known(settings: Settings) -> tuple[Release, ...]:
    """Return what every release says about itself, the oldest first.

    Raises:
        ReleaseBroken: one of them cannot be read.
    """
    folder = settings.data / FOLDER
    found = [path for path in folder.iterdir() if not path.name.startswith(".")] if folder.exists() else []
    return tuple(sorted((releases.read(path) for path in found), key=lambda one: (one.created, one.name)))


def find(settings: Settings, name: str) -> Release:
    """Return a release by its name, else by at least eight digits its hash begins with.

    Raises:
        UnknownName: there is none, or several of different content; names near misses.
    """
    shelf = known(settings)
    found = [one for one in shelf if one.name == name] or [
        one for one in shelf if len(name) >= _PREFIX and one.sha256.startswith(name)
    ]
    if len({one.sha256 for one in found}) == 1:
        return found[0]
    names = [one.name for one in shelf]
    near = ", ".join(get_close_matches(name, names) or names) or "–"
    raise UnknownName('The release "{name}" is not known. Similar: {near}.', name=name, near=near)


def loaded(settings: Settings, release: Release) -> Catalogue:
    """Return the catalogue of a release, its hashes verified.

    Raises:
        ReleaseBroken: it is not what it was.
    """
    return releases.load(settings.data / FOLDER / release.name, catalogue())


def named(settings: Settings, name: str | None) -> Catalogue:
    """Return the catalogue a name or hash means; None or `current`: the one in use.

    Raises:
        UnknownName: there is no such release.
        ReleaseBroken: it is not what it was.
    """
    if name is None or name == CURRENT:
        return catalogue_of(settings)
    try:
        return loaded(settings, find(settings, name))
    except UnknownName:
        current = catalogue_of(settings)
        if len(name) >= _PREFIX and current.release.startswith(name):
            return current
        raise


def of_year(settings: Settings, year: int, name: str | None = None) -> Catalogue:
    """Return the catalogue of a year: the one named, else the one pinned, else the current one.

    Raises:
        UnknownName: there is no such release.
        ReleaseBroken: it is not what it was.
    """
    if name is not None:
        return named(settings, name)
    pin = pins(settings).get(year)
    return catalogue_of(settings) if pin is None else loaded(settings, _pinned(settings, year, pin))


def of_hash(settings: Settings, sha256: str) -> Catalogue | None:
    """Return the catalogue of exactly this content, from the releases or the current one, or None."""
    for release in known(settings):
        if release.sha256 == sha256:
            return loaded(settings, release)
    current = catalogue_of(settings)
    return current if current.release == sha256 else None


def pins(settings: Settings) -> dict[int, Pin]:
    """Return the pinned years.

    Raises:
        ReleaseBroken: the file cannot be read; which factors a closed year rests on is never guessed.
    """
    path = settings.data / PINS
    if not path.exists():
        return {}
    try:
        return _Pins.model_validate_json(path.read_text(encoding="utf-8")).root
    except (ValidationError, UnicodeDecodeError) as error:
        message = "The pinned years ({file}) cannot be read. Restore the file from a backup."
        raise ReleaseBroken(message, file=PINS) from error


def pin(settings: Settings, year: int, name: str, *, reason: str | None = None) -> Release:
    """Let a year keep a release; the same again changes nothing.

    Raises:
        UnknownName: there is no such release.
        ReleaseBroken: it is not what it was.
        Refused: the year keeps another one.
    """
    release = find(settings, name)
    loaded(settings, release)
    held = pins(settings)
    before = held.get(year)
    if before is not None and before.sha256 != release.sha256:
        message = (
            "{year} keeps the release {before}. A restatement is a decision: look at "
            "bilanz factors diff {before} {name} --year {year}, then bilanz factors release unpin {year}."
        )
        raise Refused(message, year=year, before=before.name, name=release.name)
    _write_pins(settings, held | {year: Pin(name=release.name, sha256=release.sha256)})
    if before is None:
        _enter(settings, "release.pin", str(year), reason, release=release.name, sha256=release.sha256)
    return release


def unpin(settings: Settings, year: int, *, reason: str | None = None) -> Pin:
    """Let a year go with the current catalogue again and return what it kept.

    Raises:
        Refused: the year is not pinned.
    """
    held = pins(settings)
    if year not in held:
        raise Refused("{year} keeps no release.", year=year)
    pin = held.pop(year)
    _write_pins(settings, held)
    _enter(settings, "release.unpin", str(year), reason, release=pin.name, sha256=pin.sha256)
    return pin


def _pinned(settings: Settings, year: int, pin: Pin) -> Release:
    """Return the release a year keeps: that of the name, else one of the same content."""
    found = [release for release in known(settings) if release.sha256 == pin.sha256]
    if not found:
        message = (
            "{year} keeps the release {name} with the hash {expected}, and there is none. "
            "Restore it from a backup."
        )
        raise ReleaseBroken(message, year=year, name=pin.name, expected=pin.sha256)
    return next((release for release in found if release.name == pin.name), found[0])


def _write_pins(settings: Settings, held: dict[int, Pin]) -> None:
    """Write the pinned years; the file is the old one or the new one, never a part."""
    path = settings.data / PINS
    fresh = path.with_suffix(".tmp")
    fresh.write_text(_Pins(dict(sorted(held.items()))).model_dump_json(indent=2) + "\n", encoding="utf-8")
    sync_file(fresh)
    fresh.replace(path)


def _enter(settings: Settings, action: str, subject: str, reason: str | None, **details: str) -> None:
    """Enter what was done in the audit trail; the registry is heavy, and most who read factors never do."""
    from bilanz.app.trail import enter

    enter(settings, action, subject, reason, details)
