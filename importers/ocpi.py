"""Charge detail records and sessions of OCPI 2.1.1, 2.2.1 and 2.3 (JSON)."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Final

from bilanz.issues import Issue
from importers.base import Claim, FileSample, Importer, ImportRequest, ImportResult, Workspace
from importers.charging.messages import Row, columns_of, delivered, envelope, with_zone
from importers.formats import json
from importers.metering.document import Node, first, has_members, node, nodes, text
from importers.upload.findings import ROW, Findings

_COMPLETED: Final = "COMPLETED"
_TITLES: Final = {
    "start": "start_date_time",
    "end": "end_date_time",
    "session": "id",
    "cost_net": "total_cost",
    "currency": "currency",
}
_PERSONAL: Final = ("cdr_token", "auth_id", "authorization_reference", "token")
_KWH: Final = "kWh"


class Ocpi(Importer):
    """One record, one session; the energy of a charge detail record is billed."""

    name: ClassVar[str] = "ocpi"
    version: ClassVar[str] = "1"
    suffixes: ClassVar[tuple[str, ...]] = (".json",)

    def identify(self, sample: FileSample) -> Claim | None:
        """Claim by a start and the energy under the names of the standard."""
        head = sample.head
        if not has_members(head, "start_date_time"):
            if not has_members(head, "start_datetime", "kwh"):
                return None
        elif not (has_members(head, "total_energy") or has_members(head, "kwh")):
            return None
        return Claim(0.96, "charge detail records or sessions of OCPI")

    def read(self, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        """Read the file; see `Importer.read`."""
        findings = Findings()
        entries = [entry for entry in envelope(json.read(path)) if _is_session(entry)]
        records = [entry for entry in entries if "total_energy" in entry]
        title = "total_energy" if records else "kwh"
        workspace.progress(0.5)
        billed = {first(entry, ("session_id",)): first(entry, ("id",)) for entry in records}
        rows, personal = [], Counter[str]()
        for number, entry in enumerate(entries, start=1):
            personal.update(name for name in _PERSONAL if entry.get(name) is not None)
            if _counts(entry, number, billed, findings):
                rows.append(_row(entry, number))
        if personal:
            parameters = {"count": str(len(personal))}
            findings.add(Issue("personal_data", value=", ".join(personal), parameters=parameters))
        columns = columns_of({**_TITLES, "quantity": title}, request, findings)
        return delivered(rows, columns, request, read=len(entries), is_billed=len(records) == len(entries))


def _is_session(entry: Node) -> bool:
    return any(name in entry for name in ("total_energy", "kwh", "start_date_time", "start_datetime"))


def _counts(entry: Node, number: int, billed: Mapping[str | None, str | None], findings: Findings) -> bool:
    """Return whether a record counts: a session that is running, planned or void does not.

    Nor does a session whose charge detail record is in the same file.
    """
    if "total_energy" in entry:
        return True
    status, name = first(entry, ("status",)), first(entry, ("id",))
    if status is not None and status.upper() != _COMPLETED:
        findings.add(Issue("session_not_finished", number, "status", status[:200]))
        return False
    if name is not None and name in billed:
        parameters = {"count": "1", "first": billed[name] or "–"}
        findings.add(Issue("repeated_series", number, "id", name[:200], parameters))
        return False
    return True


def _row(entry: Node, number: int) -> Row:
    """Return one session; who charged is left out."""
    place = node(entry.get("cdr_location")) or node(entry.get("location"))
    evse = next(iter(nodes(place.get("evses"))), {})
    connector = next(iter(nodes(evse.get("connectors"))), {})
    return {
        ROW: number,
        "session": _identity(entry),
        "charge_point": first(place, ("evse_id",))
        or first(evse, ("evse_id", "uid"))
        or first(place, ("evse_uid",))
        or first(entry, ("evse_uid", "evse_id"))
        or first(place, ("id",))
        or first(entry, ("location_id",)),
        "site": first(place, ("name", "id")) or first(entry, ("location_id",)),
        "connector": first(place, ("connector_id",))
        or first(connector, ("id",))
        or first(entry, ("connector_id",)),
        "model": first(place, ("connector_power_type",)) or first(connector, ("power_type",)),
        "start": with_zone(first(entry, ("start_date_time", "start_datetime"))),
        "end": with_zone(first(entry, ("end_date_time", "stop_date_time", "end_datetime"))),
        "quantity": text(entry["total_energy"] if "total_energy" in entry else entry.get("kwh")),
        "unit": _KWH,
        "cost_net": _net(entry.get("total_cost")),
        "currency": first(entry, ("currency",)),
        "is_credit": entry.get("credit") is True,
    }


def _identity(entry: Node) -> str | None:
    """Return the number of a record with the operator it is unique for."""
    parts = [first(entry, (name,)) for name in ("country_code", "party_id", "id")]
    return "*".join(part for part in parts if part) if parts[-1] else None


def _net(cost: object) -> str | None:
    """Return a cost without taxes: a number in 2.1.1, `excl_vat` in 2.2, `before_taxes` in 2.3."""
    return first(cost, ("before_taxes", "excl_vat")) if isinstance(cost, dict) else text(cost)
