"""Metadata for open data portals: DCAT-AP.de 2/3 as JSON-LD.

Source: dcat-ap.de, specification 2.0 and 3.0: of a data set title and description are mandatory, of a
distribution its address; publisher, contact, licence and attribution are what German portals ask for.
Addresses of files are relative: they hold wherever the folder is put.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bilanz.errors import UnknownName

FILE: Final = "dcat.jsonld"

_LICENCES: Final = "http://dcat-ap.de/def/licenses/"
_TYPES: Final = "http://publications.europa.eu/resource/authority/file-type/"
_THEME: Final = "http://publications.europa.eu/resource/authority/data-theme/ENVI"
_MEDIA: Final = "https://www.iana.org/assignments/media-types/"


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence: its code in the vocabulary of DCAT-AP.de, its text, and whether it asks to be named."""

    code: str
    title: str
    address: str
    asks_for_name: bool

    @property
    def uri(self) -> str:
        """Identifier in the vocabulary of DCAT-AP.de."""
        return _LICENCES + self.code

    def as_package(self) -> dict[str, str]:
        """Return it as a data package names it."""
        return {"name": self.code.replace("/", "-").upper(), "title": self.title, "path": self.address}


LICENCES: Final[Mapping[str, Licence]] = {
    each.code: each
    for each in (
        Licence(
            "dl-by-de/2.0",
            "Datenlizenz Deutschland – Namensnennung – Version 2.0",
            "https://www.govdata.de/dl-de/by-2-0",
            asks_for_name=True,
        ),
        Licence(
            "dl-zero-de/2.0",
            "Datenlizenz Deutschland – Zero – Version 2.0",
            "https://www.govdata.de/dl-de/zero-2-0",
            asks_for_name=False,
        ),
        Licence(
            "cc-by/4.0",
            "Creative Commons Attribution 4.0 International",
            "https://creativecommons.org/licenses/by/4.0/",
            asks_for_name=True,
        ),
        Licence(
            "cc-zero",
            "Creative Commons Zero 1.0 Universal",
            "https://creativecommons.org/publicdomain/zero/1.0/",
            asks_for_name=False,
        ),
    )
}
"""Code → licence: open licences of DCAT-AP.de."""


def licence(code: str) -> Licence:
    """Return a licence.

    Raises:
        UnknownName: it is none of the vocabulary.
    """
    if code not in LICENCES:
        raise UnknownName('"{name}" is not one of {expected}.', name=code, expected=", ".join(LICENCES))
    return LICENCES[code]


@dataclass(frozen=True, slots=True)
class Described:
    """What a data set is described by; nothing of it is made up.

    Attributes:
        title: language → title.
        description: language → description.
        publisher: name of whoever publishes.
        publisher_address: web page of it; None: not stated.
        contact: name of who answers.
        contact_mail: address of e-mail.
        licence: of every file.
        year: the data are of.
        issued: UTC, ISO 8601.
        is_final: the period is released or closed.
    """

    title: Mapping[str, str]
    description: Mapping[str, str]
    publisher: str
    publisher_address: str | None
    contact: str
    contact_mail: str
    licence: Licence
    year: int
    issued: str
    is_final: bool


def metadata(told: Described, tables: Sequence[Mapping[str, Any]]) -> bytes:
    """Return the file. `tables`: descriptions as in `datapackage.json`."""
    return (json.dumps(dataset(told, tables), ensure_ascii=False, indent=1) + "\n").encode()


def dataset(told: Described, tables: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what the file holds."""
    publisher: dict[str, Any] = {"@type": "foaf:Agent", "foaf:name": told.publisher}
    if told.publisher_address:
        publisher["foaf:homepage"] = {"@id": told.publisher_address}
    return {
        "@context": _CONTEXT,
        "@id": "",
        "@type": "dcat:Dataset",
        "dct:title": _texts(told.title),
        "dct:description": _texts(told.description),
        "dct:publisher": publisher,
        "dcat:contactPoint": {
            "@type": "vcard:Organization",
            "vcard:fn": told.contact,
            "vcard:hasEmail": {"@id": f"mailto:{told.contact_mail}"},
        },
        "dct:issued": {"@type": "xsd:dateTime", "@value": told.issued},
        "dct:temporal": {
            "@type": "dct:PeriodOfTime",
            "dcat:startDate": {"@type": "xsd:date", "@value": f"{told.year}-01-01"},
            "dcat:endDate": {"@type": "xsd:date", "@value": f"{told.year}-12-31"},
        },
        "dcat:theme": {"@id": _THEME},
        "dcat:keyword": [
            {"@language": "de", "@value": "Klimabilanz"},
            {"@language": "en", "@value": "climate balance"},
        ],
        "adms:versionNotes": {
            "@language": "en",
            "@value": "final" if told.is_final else "provisional: open period",
        },
        "dcat:distribution": [_distribution(told, table) for table in tables],
    }


def _distribution(told: Described, table: Mapping[str, Any]) -> dict[str, Any]:
    named = {"dcatde:licenseAttributionByText": told.publisher} if told.licence.asks_for_name else {}
    return {
        "@id": f"#{table['name']}",
        "@type": "dcat:Distribution",
        "dct:title": {"@language": "en", "@value": table["title"]},
        "dcat:accessURL": {"@id": table["path"]},
        "dcat:downloadURL": {"@id": table["path"]},
        "dct:license": {"@id": told.licence.uri},
        **named,
        "dct:format": {"@id": f"{_TYPES}CSV"},
        "dcat:mediaType": {"@id": f"{_MEDIA}text/csv"},
        "dcat:byteSize": table["bytes"],
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
            "spdx:checksumValue": {
                "@type": "xsd:hexBinary",
                "@value": str(table["hash"]).removeprefix("sha256:"),
            },
        },
    }


def _texts(told: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"@language": language, "@value": text} for language, text in told.items()]


_CONTEXT: Final = {
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcatde": "http://dcat-ap.de/def/dcatde/",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
