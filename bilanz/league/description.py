"""Whether the files of a package are those of its format, and what they say of its tables is so.

files            those of the format, and no other          manifest.json    written as the program writes it
datapackage.json columns, types, units, rows, hashes as the program's own schema and the tables have them
dcat.jsonld      the same files, year, licence and state
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from bilanz.errors import UnknownName
from bilanz.league.bundle import HEAD, OPTIONAL, SCHEMAS, Bundle
from bilanz.league.dcat import FILE, LICENCES, Described, Licence, dataset
from bilanz.league.package import DESCRIPTOR, package, resource
from bilanz.league.recomputation import Check
from bilanz.league.signing import PUBLIC, SIGNATURE, SUMS

_BESIDE: Final = {HEAD, DESCRIPTOR, FILE, PUBLIC, SUMS, SIGNATURE}


@dataclass(frozen=True, slots=True)
class Subject:
    """What a package is of, as its head says.

    Attributes:
        member: or league.
        title: its name as people read it.
        package: name of the package.
        year: the data are of.
        issued: UTC, ISO 8601.
        is_final: every period is released or closed.
        head: `manifest.json` as the program writes it.
        tables: names of tables there may be.
    """

    member: str
    title: str
    package: str
    year: int
    issued: str
    is_final: bool
    head: bytes
    tables: frozenset[str]


def of_bundle(bundle: Bundle) -> Subject:
    """Return what a bundle is of."""
    head = bundle.head
    return Subject(
        member=bundle.member,
        title=head.member.name,
        package=f"bilanz-{bundle.member}-{head.year}".lower(),
        year=head.year,
        issued=head.published_at,
        is_final=head.state.state != "open",
        head=head.as_bytes(),
        tables=frozenset({**SCHEMAS, **OPTIONAL}),
    )


def descriptions(
    files: Mapping[str, bytes], frames: Mapping[str, pl.DataFrame], subject: Subject
) -> list[Check]:
    """Return whether files and what describes them are what head and tables say.

    Args:
        files: name → bytes.
        frames: tables among them, of the program's own schema.
        subject: as its head says.
    """
    resources = [resource(name, frame, files[f"{name}.csv"]) for name, frame in frames.items()]
    told, meta = _parsed(files.get(DESCRIPTOR)), _parsed(files.get(FILE))
    return [
        _check(subject, "files", _files(files, subject)),
        _check(subject, "package", _package(told, resources, subject)),
        _check(subject, "metadata", _metadata(meta, told, resources, subject)),
    ]


def _check(subject: Subject, name: str, facts: Mapping[str, bool]) -> Check:
    wrong = [label for label, is_so in facts.items() if not is_so]
    return Check(subject.member, name, len(facts), len(wrong), wrong[0] if wrong else "")


def _files(files: Mapping[str, bytes], subject: Subject) -> dict[str, bool]:
    known = _BESIDE | {f"{name}.csv" for name in subject.tables}
    facts = {name: name in known for name in sorted(files)}
    facts |= {name: name in files for name in (DESCRIPTOR, FILE)}
    return facts | {HEAD: files.get(HEAD) == subject.head}


def _parsed(content: bytes | None) -> dict[str, Any]:
    """Return a JSON object; empty where it is none, or says something twice."""
    try:
        told = json.loads(content or b"", object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def _package(told: Mapping[str, Any], resources: list[dict[str, Any]], subject: Subject) -> dict[str, bool]:
    """Return each table and each thing the package says → whether it is so. Publisher: free text."""
    listed = _list(told.get("resources"))
    named = {each.get("path"): each for each in listed if isinstance(each, dict)}
    facts = {each["path"]: _is_alike(named.get(each["path"]), each) for each in resources}
    expected = package(
        resources,
        name=subject.package,
        title=str(told.get("title")),
        licence=(_licence(told) or LICENCES["cc-zero"]).as_package(),
        publisher=_publisher(told),
        created=subject.issued,
    )
    facts |= {
        name: _is_alike(told.get(name), value) for name, value in expected.items() if name != "resources"
    }
    is_titled = str(subject.year) in expected["title"] and subject.title in expected["title"]
    return facts | {
        "resources": len(listed) == len(resources),
        "title": facts["title"] and is_titled,
        "licenses": facts["licenses"] and _licence(told) is not None,
        "keys": told.keys() == expected.keys(),
    }


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _first(value: object, key: str) -> object:
    """Return a value of the first object of a list."""
    first = next(iter(_list(value)), None)
    return first.get(key) if isinstance(first, dict) else None


def _publisher(told: Mapping[str, Any]) -> str:
    return str(_first(told.get("contributors"), "title"))


def _licence(told: Mapping[str, Any]) -> Licence | None:
    address = _first(told.get("licenses"), "path")
    return next((each for each in LICENCES.values() if each.address == address), None)


def _is_alike(one: object, other: object) -> bool:
    """Tell whether two values are written the same: neither 1 for true, nor 1.0 for 1."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _metadata(
    meta: Mapping[str, Any], told: Mapping[str, Any], resources: list[dict[str, Any]], subject: Subject
) -> dict[str, bool]:
    """Return each thing the metadata say → whether it is so. Description and contact: free text."""
    try:
        expected = dataset(_described(meta, told, subject), resources)
    except (KeyError, TypeError, AttributeError, UnknownName):
        return {FILE: False}
    facts = {name: _is_alike(meta.get(name), value) for name, value in expected.items()}
    titles = [text["@value"] for text in expected["dct:title"]]
    is_titled = all(str(subject.year) in text and subject.title in text for text in titles)
    return facts | {"keys": meta.keys() == expected.keys(), "dct:title": facts["dct:title"] and is_titled}


def _described(meta: Mapping[str, Any], told: Mapping[str, Any], subject: Subject) -> Described:
    """Return what metadata say where nothing else says it, and else what that says."""
    chosen = _licence(told)
    if chosen is None:
        raise UnknownName('"{name}" is not one of {expected}.', name="", expected=", ".join(LICENCES))
    homepage = meta["dct:publisher"].get("foaf:homepage")
    contact = meta["dcat:contactPoint"]
    return Described(
        title={text["@language"]: str(text["@value"]) for text in meta["dct:title"]},
        description={text["@language"]: str(text["@value"]) for text in meta["dct:description"]},
        publisher=_publisher(told),
        publisher_address=None if homepage is None else str(homepage["@id"]),
        contact=str(contact["vcard:fn"]),
        contact_mail=str(contact["vcard:hasEmail"]["@id"]).removeprefix("mailto:"),
        licence=chosen,
        year=subject.year,
        issued=subject.issued,
        is_final=subject.is_final,
    )
