"""The schemas of the open delivery format, made of what the program reads: `docs/delivery/*.json`."""

from typing import Any

from importers.upload.fields import DATES, MEASURES, UPLOAD_FIELDS, UploadField
from importers.upload.vocabulary import VOCABULARIES, offered

NUMBER = "^-?[0-9]+([.,][0-9]+)?$"
MOMENT = (
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?)?$"
    "|^[0-9]{2}[.][0-9]{2}[.][0-9]{4}( [0-9]{2}:[0-9]{2})?$"
)
NUMBERS = {*MEASURES, "multiplier", "state_number", "calorific_value"}
NEEDED = {"source", "activity", "start", "end", "quantity", "unit", "quality"}
INTERVALS = {
    "begin": "First moment of the interval, ISO 8601 with offset.",
    "end": "Moment at which the interval ends, ISO 8601 with offset.",
    "meter": "Identifier of the metering point.",
    "obis": "OBIS code (IEC 62056-61); it says medium and direction.",
    "value": "Energy or volume of the interval, or its mean power.",
    "unit": "Unit of the value.",
    "status": "measured or estimated (substitute value); a missing value has no row.",
}


def every() -> dict[str, dict[str, Any]]:
    """Return name of the file → schema."""
    return {
        "records.tableschema.json": _table("bilanz-delivery-records", [_field(one) for one in UPLOAD_FIELDS]),
        "intervals.tableschema.json": _table(
            "bilanz-delivery-intervals", [_interval(name, text) for name, text in INTERVALS.items()]
        ),
        "record.schema.json": _record(),
    }


def _table(name: str, fields: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
        "name": name,
        "version": "1.0",
        "fields": fields,
        "missingValues": [""],
    }


def _constraints(field: UploadField) -> dict[str, Any]:
    found: dict[str, Any] = {"required": True} if field.name in NEEDED else {}
    if field.name in NUMBERS:
        found["pattern"] = NUMBER
    if field.name in DATES:
        found["pattern"] = MOMENT
    if field.name in VOCABULARIES:
        found["enum"] = [*offered(field.name, "en"), *offered(field.name, "de")]
    return found


def _field(field: UploadField) -> dict[str, Any]:
    told = {"name": field.name, "title": field.de, "type": "string", "description": field.meaning}
    constraints = _constraints(field)
    return {**told, "constraints": constraints} if constraints else told


def _interval(name: str, text: str) -> dict[str, Any]:
    constraints: dict[str, Any] = {"required": True}
    if name == "value":
        constraints["pattern"] = NUMBER
    return {"name": name, "type": "string", "description": text, "constraints": constraints}


def _record() -> dict[str, Any]:
    """Return the JSON Schema of one record as an object of texts."""
    properties = {}
    for field in UPLOAD_FIELDS:
        constraints = _constraints(field)
        entry = {"type": "string", "description": field.meaning}
        entry |= {key: value for key, value in constraints.items() if key != "required"}
        properties[field.name] = entry
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "bilanz-delivery-1.0 record",
        "type": "object",
        "required": sorted(NEEDED),
        "additionalProperties": False,
        "properties": properties,
    }
