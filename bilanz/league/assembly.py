"""Tables, what describes them and what they are, as files ready to be signed."""

from collections.abc import Mapping

import polars as pl

from bilanz.league.bundle import HEAD
from bilanz.league.dcat import FILE, Described, metadata
from bilanz.league.package import DESCRIPTOR, descriptor, tables


def assembled(
    frames: Mapping[str, pl.DataFrame], head: bytes, described: Described, name: str
) -> dict[str, bytes]:
    """Return name → bytes of the files of a package.

    Args:
        frames: name → table.
        head: `manifest.json`.
        described: what the metadata say.
        name: of the package.
    """
    resources, files = [], {}
    for path, content, resource in tables(frames):
        files[path] = content
        resources.append(resource)
    files[DESCRIPTOR] = descriptor(
        resources,
        name=name.lower(),
        title=described.title["en"],
        licence=described.licence.as_package(),
        publisher=described.publisher,
        created=described.issued,
    )
    return {**files, FILE: metadata(described, resources), HEAD: head}
