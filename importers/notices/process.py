"""Processes of the Open Contracting Data Standard: releases merged, and the contracts they come to.

A process (`ocid`) is told in many releases; each repeats awards and contracts by their id. Merged in the
order of their dates, the latest text of each field counts. A contract stands for its award: it counts once.
Source: OCDS 1.1, "Merging"; of its rules those for awards and contracts are kept here.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from importers.notices.contract import Contract, Notices, cpv_codes

_VOID: Final = {
    "contracts": frozenset({"pending", "cancelled"}),
    "awards": frozenset({"pending", "cancelled", "unsuccessful"}),
}
_LISTS: Final = ("awards", "contracts")

Release = Mapping[str, Any]


def releases_of(document: Any) -> list[Release]:  # noqa: ANN401 - what a JSON document holds
    """Return the releases of a release package, a record package, a list of releases or one release."""
    if isinstance(document, list):
        return [one for part in document for one in releases_of(part)]
    if not isinstance(document, dict):
        return []
    if isinstance(document.get("records"), list):
        return [one for record in _dicts(document["records"]) for one in _of_record(record)]
    if isinstance(document.get("releases"), list):
        return _dicts(document["releases"])
    return [document] if "ocid" in document else []


def contracts_of(releases: Iterable[Release], notices: Notices) -> Iterator[Contract]:
    """Yield contracts, and awards without one; what is void and processes that awarded nothing are said."""
    row = 0
    for process in compiled(releases):
        awards = {_text(one.get("id")): one for one in _dicts(process.get("awards"))}
        contracts = _dicts(process.get("contracts"))
        settled = {_text(one.get("awardID")) for one in contracts}
        lone = [one for number, one in awards.items() if number not in settled]
        if not contracts and not lone:
            row += 1
            notices.ignore("process_without_award", row, _text(process.get("ocid")))
        for name, entries in (("contracts", contracts), ("awards", lone)):
            for one in entries:
                row += 1
                if (status := _text(one.get("status"))) in _VOID[name]:
                    notices.ignore("contract_void", row, _text(one.get("id")), status=status or "")
                    continue
                award = awards.get(_text(one.get("awardID")), {}) if name == "contracts" else one
                is_only = (
                    sum(_text(other.get("awardID")) == _text(award.get("id")) for other in contracts) <= 1
                )
                yield _contract(process, one, award, name, row, is_only=is_only)


def compiled(releases: Iterable[Release]) -> list[dict[str, Any]]:
    """Return one release per process, the latest of each field; awards and contracts merged by id.

    Releases of equal dates keep the order of the file; one that names no process is one by itself. Without an
    id, the first contract of a release is the first of the next one.
    """
    processes: dict[str, dict[str, Any]] = {}
    ordered = sorted(releases, key=lambda one: _text(one.get("date")) or "")
    for place, release in enumerate(ordered):
        number = _text(release.get("ocid")) or f"#{place}"
        process = processes.setdefault(number, {})
        merged = {name: _merged(process.get(name), release.get(name)) for name in _LISTS}
        process |= {name: value for name, value in release.items() if name not in _LISTS}
        process |= merged
    return list(processes.values())


def _merged(held: Any, new: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - what a JSON document holds
    found = {_key(place, one): dict(one) for place, one in enumerate(_dicts(held))}
    for place, one in enumerate(_dicts(new)):
        found[_key(place, one)] = found.get(_key(place, one), {}) | dict(one)
    return list(found.values())


def _key(place: int, one: Release) -> str | int:
    return _text(one.get("id")) or place


def _of_record(record: Release) -> list[Release]:
    whole = record.get("compiledRelease")
    return [whole] if isinstance(whole, dict) else _dicts(record.get("releases"))


def _contract(
    process: Release, one: Release, award: Release, name: str, row: int, *, is_only: bool
) -> Contract:
    """Return one contract; its award tells what it leaves open, the value only to an only contract."""
    value = _dict(one.get("value")) or (_dict(award.get("value")) if is_only else {})
    period = (
        _dict(one.get("period")) or _dict(one.get("contractPeriod")) or _dict(award.get("contractPeriod"))
    )
    signed = _text(one.get("dateSigned")) or _text(award.get("date"))
    first, last = _text(period.get("startDate")), _text(period.get("endDate"))
    is_term = bool(first and last)
    items = _dicts(one.get("items")) or _dicts(award.get("items"))
    return Contract(
        row=row,
        place=f"{name}/value",
        amount=_text(value.get("amount")),
        currency=_text(value.get("currency")),
        number=_text(one.get("id")),
        supplier=_suppliers(process, award),
        start=first if is_term else signed or first,
        end=last if is_term else signed or first,
        cpv=cpv_codes(list(_cpv(items))),
        told={
            "title": _text(one.get("title")) or _text(award.get("title")),
            "buyer": _text(_dict(process.get("buyer")).get("name")),
            "process": _text(process.get("ocid")),
            "award": _text(award.get("id")),
            "signed": signed,
        },
    )


def _suppliers(process: Release, award: Release) -> str | None:
    """Return the names of the suppliers of an award; of an award that names none, of the process."""
    named = [_text(one.get("name")) or _text(one.get("id")) for one in _dicts(award.get("suppliers"))]
    if not any(named):
        parties = _dicts(process.get("parties"))
        named = [_text(one.get("name")) for one in parties if "supplier" in _list(one.get("roles"))]
    return ", ".join(name for name in named if name) or None


def _cpv(items: Iterable[Release]) -> Iterator[str]:
    for item in items:
        for one in (_dict(item.get("classification")), *_dicts(item.get("additionalClassifications"))):
            if (_text(one.get("scheme")) or "").upper() == "CPV":
                yield (_text(one.get("id")) or "").zfill(8)


def _text(value: Any) -> str | None:  # noqa: ANN401 - what a JSON document holds
    """Return a scalar as text; None: it is missing, empty, or no scalar."""
    if value is None or isinstance(value, bool | dict | list):
        return None
    return str(value).strip() or None


def _dict(value: Any) -> Release:  # noqa: ANN401 - what a JSON document holds
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:  # noqa: ANN401 - what a JSON document holds
    return value if isinstance(value, list) else []


def _dicts(value: Any) -> list[Release]:  # noqa: ANN401 - what a JSON document holds
    return [one for one in _list(value) if isinstance(one, dict)]
