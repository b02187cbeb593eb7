"""The mapping an uploaded file was read by, saved for the next files of its layout."""

from typing import Final

from bilanz.activity import folded
from bilanz.app.intake.profiles import save
from bilanz.app.settings import Settings
from bilanz.app.upload import uploads
from bilanz.errors import Refused, UsageError
from bilanz.job import Upload, UploadState
from bilanz.registry import trail
from bilanz.registry import uploads as registered
from bilanz.registry.engine import Registry
from bilanz.trail import Deed
from importers.base import SURE, identify
from importers.profiles.profile import MappingProfile

_LONGEST: Final = 60
_LONGEST_TITLE: Final = 120


def save_profile(settings: Settings, registry: Registry, upload: Upload, title: str) -> MappingProfile:
    """Save the mapping of an upload; every later file with its header is read by it, whoever uploads it.

    Raises:
        UsageError: it has no title.
        Refused: no mapping was made, the file is of a known kind that needs none, or there is a profile of
            the name or for the header already.
    """
    kept = upload.terms.get("profile")
    if kept is None or upload.state not in {UploadState.READ, UploadState.COMMITTED}:
        raise Refused("The columns of this file were not mapped yet.", code="no_mapping")
    title = uploads.shown_name(title)[:_LONGEST_TITLE] if title.strip() else ""
    name = _name(title)
    if not name:
        raise UsageError("Give the mapping a name, such as sender and kind of list.")
    path = uploads.content(settings, upload)
    if path.exists() and any(claim.confidence >= SURE for _, claim in identify(path)):
        message = "Files of this kind are read without a mapping: it was not saved, as it would hold for all."
        raise Refused(message, code="needs_no_mapping")
    profile = MappingProfile.model_validate({**kept, "name": name, "title": title})
    save(settings, profile)
    details = {"title": title, "header": list(profile.header)}
    trail.record(registry, Deed(settings.user, "profile.save", name, details=details))
    terms = {**upload.terms, "profile": profile.model_dump(mode="json")}
    registered.change(registry, upload.id, list(UploadState), terms=terms)
    return profile


def _name(title: str) -> str:
    """Return a name of lower-case letters, digits and hyphens."""
    text = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in folded(title))
    return "-".join(part for part in text.split("-") if part)[:_LONGEST]
