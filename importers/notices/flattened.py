"""Releases of the Open Contracting Data Standard flattened into the sheets of a workbook.

One sheet holds the releases (`id`, `ocid`, `date`, `buyer/name`); sheets of awards and contracts name their
release (`ocid`, `releases/id`) and write a path per column (`contracts/0/value/amount`, or `value/amount` in
a sheet named `contracts`). Suppliers and items may stand in sheets of their own, beside the id of their award
or contract. Of the columns, those of awards and contracts and of the buyer are read.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from importers.formats.workbook import Sheet

_PARTS: Final = ("awards", "contracts")
_LISTS: Final = ("suppliers", "items")
_KEYS: Final = ("ocid", "releases/id", "id")


def is_flattened(header: Sequence[str]) -> bool:
    """Return whether a row is the header of a sheet of releases."""
    return "ocid" in header and bool({"tag", "initiationType", "releases/id", "buyer/name"} & set(header))


def releases_of(sheets: Sequence[Sheet]) -> list[dict[str, Any]]:
    """Return the releases of a workbook, with their awards and contracts."""
    releases: dict[tuple[str, str], dict[str, Any]] = {}
    for sheet in sorted(sheets, key=lambda one: one.name in (*_PARTS, *_LISTS)):
        if "ocid" not in sheet.header:
            continue
        for row in _rows(sheet):
            ocid, number = (
                row.get("ocid", ""),
                row.get("releases/id") or (row.get("id", "") if "tag" in row else ""),
            )
            release = releases.setdefault((ocid, number), {"ocid": ocid, "id": number})
            _fill(release, row, sheet.name.casefold())
    return [
        {**one, **{name: list(one.get(name, {}).values()) for name in _PARTS}} for one in releases.values()
    ]


def _rows(sheet: Sheet) -> Iterator[dict[str, str]]:
    """Yield header → text of the filled cells of each row."""
    places = [
        (str(place), re.sub(r"/\d+(?=/|$)", "", text)) for place, text in enumerate(sheet.header) if text
    ]
    for row in sheet.frame.iter_rows(named=True):
        yield {path: row[place].strip() for place, path in places if row[place] and row[place].strip()}


def _fill(release: dict[str, Any], row: Mapping[str, str], sheet: str) -> None:
    if "date" in row and sheet not in (*_PARTS, *_LISTS):
        release["date"] = row["date"]
    if "buyer/name" in row:
        release["buyer"] = {"name": row["buyer/name"]}
    for part in _PARTS:
        own = {path: text for path, text in row.items() if path not in _KEYS[:2]} if sheet == part else {}
        paths = {path.removeprefix("releases/"): text for path, text in row.items()}
        beside = {
            path.removeprefix(f"{part}/"): text for path, text in paths.items() if path.startswith(f"{part}/")
        }
        fields = own | beside
        if not fields:
            continue
        entry = release.setdefault(part, {}).setdefault(fields.get("id", ""), {})
        if sheet.endswith(_LISTS):
            name = next(name for name in _LISTS if sheet.endswith(name))
            entry.setdefault("id", fields.get("id"))
            entry.setdefault(name, []).append(
                _nested({p: t for p, t in row.items() if "/id" not in p or "classification" in p})
            )
        else:
            entry |= _nested(fields)


def _nested(fields: Mapping[str, str]) -> dict[str, Any]:
    """Return `{"value/amount": "1"}` as `{"value": {"amount": "1"}}`; lists keep their first entry."""
    found: dict[str, Any] = {}
    for path, text in fields.items():
        *parents, name = path.split("/")
        inner = found
        for parent in parents:
            inner = inner.setdefault(parent, {}) if isinstance(inner.get(parent, {}), dict) else {}
        inner.setdefault(name, text)
    for name in _LISTS:
        if isinstance(found.get(name), dict):
            found[name] = [found[name]]
    return found
