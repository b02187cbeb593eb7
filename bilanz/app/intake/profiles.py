"""Mapping profiles of a data directory: one TOML file each, found again by the header of a file."""

from collections.abc import Sequence
from pathlib import Path

from bilanz.app.settings import Settings
from bilanz.errors import Refused, UnknownName, UsageError
from importers.base import FileSample
from importers.profiles.profile import MappingProfile, fingerprint, read, to_toml
from importers.upload.table import sample_headers


def folder(settings: Settings) -> Path:
    """Return where the profiles lie."""
    return settings.data / "profiles"


def profile_file(settings: Settings, name: str) -> Path:
    """Return the file of a profile."""
    return folder(settings) / f"{name}.toml"


def saved(settings: Settings) -> list[MappingProfile]:
    """Return all saved profiles, by name.

    Raises:
        UsageError: a file in the folder is no profile.
    """
    if not folder(settings).is_dir():
        return []
    return [read(path) for path in sorted(folder(settings).glob("*.toml"))]


def named(settings: Settings, name: str) -> MappingProfile:
    """Return a saved profile by its name, or the one of a TOML file by its path.

    Raises:
        UnknownName: there is none of this name.
        UsageError: the file is no profile.
    """
    if name.endswith(".toml"):
        return read(Path(name))
    return _saved(settings, name)


def _saved(settings: Settings, name: str) -> MappingProfile:
    found = {profile.name: profile for profile in saved(settings)}
    if name not in found:
        message = 'The mapping profile "{name}" is not known. There are: {known}.'
        raise UnknownName(message, name=name, known=", ".join(sorted(found)) or "–")
    return found[name]


def save(settings: Settings, profile: MappingProfile, *, is_new: bool = True) -> Path:
    """Write a profile into the data directory and return its file.

    Raises:
        Refused: there is one of that name (`is_new`), or another one for the same header.
    """
    others = saved(settings)
    if is_new and any(other.name == profile.name for other in others):
        message = "There is a mapping profile {name} already. Choose another name, or remove it first."
        raise Refused(message, code="profile_exists", name=profile.name)
    for other in others:
        if other.name != profile.name and other.fingerprint == profile.fingerprint:
            message = "The mapping profile {name} is for the same header already. Remove it first."
            raise Refused(message, code="profile_rival", name=other.name)
    target = profile_file(settings, profile.name)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".part")
    partial.write_text(to_toml(profile), encoding="utf-8")
    partial.replace(target)
    return target


def remove(settings: Settings, name: str) -> None:
    """Delete a saved profile; what was imported by it stays.

    Raises:
        UnknownName: there is none of this name.
    """
    _saved(settings, name)
    profile_file(settings, name).unlink()


def recognise(path: Path, profiles: Sequence[MappingProfile]) -> MappingProfile | None:
    """Return the profile one of the first rows of a file is the header of; None: none.

    Raises:
        UsageError: several profiles are for the same header.
    """
    if not profiles:
        return None
    sample = FileSample.of(path)
    prints = {fingerprint(header) for header in sample_headers(sample)}
    fitting = [profile for profile in profiles if profile.fingerprint in prints]
    if len(fitting) > 1:
        names = ", ".join(profile.name for profile in fitting)
        message = "{file} fits several mapping profiles ({names}). Name one with --profile."
        raise UsageError(message, code="several_profiles", file=path.name, names=names)
    return fitting[0] if fitting else None
