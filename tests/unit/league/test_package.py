"""What a bundle says about itself: the data package, and the metadata of open data portals."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import polars as pl
import pytest
from bench.leaguecases import files_of, frames_of, head_of, lines_of, use

from bilanz.errors import UnknownName
from bilanz.league.bundle import OPTIONAL, SCHEMAS
from bilanz.league.dcat import LICENCES, Described, licence, metadata
from bilanz.league.leaguepackage import SCHEMAS as LEAGUE_SCHEMAS
from bilanz.league.package import TITLES, tables

FRAMES = frames_of("town", lines_of(use("hall", "electricity", 5), use("=pool", "natural_gas", 7)))
FILES = files_of(head_of("town", FRAMES), FRAMES)
PACKAGE: dict[str, Any] = json.loads(FILES["datapackage.json"])

PROFILE = {
    "type": "object",
    "required": ["name", "resources", "licenses", "profile"],
    "properties": {
        "profile": {"const": "data-package"},
        "name": {"type": "string", "pattern": "^[-a-z0-9._/]+$"},
        "licenses": {"type": "array", "minItems": 1, "items": {"required": ["path", "title"]}},
        "resources": {
            "type": "array",
            "minItems": 1,
            "items": {
                "required": ["name", "path", "schema", "hash", "bytes"],
                "properties": {
                    "name": {"type": "string", "pattern": "^[-a-z0-9._/]+$"},
                    "path": {"type": "string", "pattern": "^[^./~][^/]*$"},
                    "profile": {"const": "tabular-data-resource"},
                    "schema": {
                        "required": ["fields"],
                        "properties": {
                            "fields": {
                                "type": "array",
                                "items": {
                                    "required": ["name", "type"],
                                    "properties": {
                                        "type": {"enum": ["string", "number", "integer", "boolean", "date"]}
                                    },
                                },
                            }
                        },
                    },
                },
            },
        },
    },
}
"""What the specification asks of a tabular data package, as far as we use it."""


def test_the_descriptor_is_a_tabular_data_package() -> None:
    jsonschema.validate(PACKAGE, PROFILE)


def test_every_table_is_described_and_every_description_has_its_table() -> None:
    described = {resource["path"]: resource for resource in PACKAGE["resources"]}
    assert described.keys() == {name for name in FILES if name.endswith(".csv")}
    for path, resource in described.items():
        header = FILES[path].decode().splitlines()[0].split(",")
        assert header == [field["name"] for field in resource["schema"]["fields"]], path
        assert resource["bytes"] == len(FILES[path])


def test_every_table_has_a_title() -> None:
    assert {*SCHEMAS, *OPTIONAL, *LEAGUE_SCHEMAS} == TITLES.keys()


def test_the_package_validates_with_frictionless(tmp_path: Path) -> None:
    frictionless = pytest.importorskip("frictionless", reason="frictionless is not installed")
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    report = frictionless.Package(str(tmp_path / "datapackage.json")).validate()
    assert report.valid, report.to_summary()
    (tmp_path / "controls.csv").write_bytes(FILES["controls.csv"].replace(b"bisko,1", b"bisko,2"))
    assert not frictionless.Package(str(tmp_path / "datapackage.json")).validate().valid


def described(**changed: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of a description
    told: dict[str, Any] = {
        "title": {"de": "Klimabilanz", "en": "Climate balance"},
        "description": {"de": "Eine Bilanz", "en": "A balance"},
        "publisher": "Town",
        "publisher_address": "https://town.example/",
        "contact": "Climate office",
        "contact_mail": "climate@town.example",
        "licence": licence("dl-by-de/2.0"),
        "year": 2024,
        "issued": "2026-01-01T00:00:00+00:00",
        "is_final": True,
    }
    resources = [resource for _, _, resource in tables({"balance": FRAMES["balance"]})]
    found: dict[str, Any] = json.loads(metadata(Described(**(told | changed)), resources))
    return found


def test_the_metadata_have_what_dcat_ap_de_asks_for() -> None:
    told = described()
    assert told["@type"] == "dcat:Dataset"
    for name in ("dct:title", "dct:description"):
        assert {entry["@language"] for entry in told[name]} == {"de", "en"}
    assert told["dct:publisher"]["foaf:name"] == "Town"
    assert told["dcat:contactPoint"]["vcard:hasEmail"] == {"@id": "mailto:climate@town.example"}
    distribution = told["dcat:distribution"][0]
    assert distribution["dcat:accessURL"] == {"@id": "balance.csv"}
    assert distribution["dct:license"] == {"@id": "http://dcat-ap.de/def/licenses/dl-by-de/2.0"}
    assert distribution["dcatde:licenseAttributionByText"] == "Town"


def test_a_licence_that_does_not_ask_for_it_has_no_attribution() -> None:
    assert (
        "dcatde:licenseAttributionByText" not in described(licence=licence("cc-zero"))["dcat:distribution"][0]
    )


def test_every_prefix_used_is_declared() -> None:
    told = described()

    def names(node: object) -> set[str]:
        if isinstance(node, Mapping):
            keys = {str(key) for key in node if not str(key).startswith("@")}
            return keys.union(*(names(value) for value in node.values()))
        return set().union(*(names(value) for value in node)) if isinstance(node, list) else set()

    context = told.pop("@context")
    assert {name.split(":")[0] for name in names(told)} <= context.keys()


def test_an_open_period_is_marked_as_provisional() -> None:
    assert "provisional" in described(is_final=False)["adms:versionNotes"]["@value"]


def test_only_known_licences_are_taken() -> None:
    with pytest.raises(UnknownName, match="cc-by/4"):
        licence("mine")
    assert all(each.uri.startswith("http://dcat-ap.de/def/licenses/") for each in LICENCES.values())


def test_a_name_that_looks_like_a_formula_is_marked_in_every_table_alike() -> None:
    assert b"\n'=pool," in FILES["organisations.csv"]
    assert b",'=pool," in FILES["balance.csv"]
    assert pl.read_csv(FILES["balance.csv"])["organisation"].to_list().count("'=pool") == 6
