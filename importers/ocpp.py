"""Logs of OCPP 1.6 and 2.0.1 messages (JSON): transactions by the meter at their start and at their end."""

import re
from pathlib import Path
from typing import ClassVar, Final

from bilanz.issues import Issue
from importers.base import Claim, FileSample, Importer, ImportRequest, ImportResult, Workspace
from importers.charging.frames import messages
from importers.charging.messages import Row, columns_of, delivered, with_zone
from importers.charging.transactions import Reading, Transaction, Transactions
from importers.formats import jsonlines
from importers.formats.json import head_text
from importers.upload.findings import ROW, Findings

_ACTION: Final = re.compile("StartTransaction|StopTransaction|TransactionEvent")
_METER: Final = re.compile("meterStart|meterStop|transactionInfo")
_TITLES: Final = {
    "start": "timestamp",
    "end": "timestamp",
    "session": "transactionId",
    "quantity": "Energy.Active.Import.Register",
}


class Ocpp(Importer):
    """One transaction, one session."""

    name: ClassVar[str] = "ocpp"
    version: ClassVar[str] = "1"
    suffixes: ClassVar[tuple[str, ...]] = (".json", ".jsonl", ".ndjson", ".log")

    def identify(self, sample: FileSample) -> Claim | None:
        """Claim by the names of messages and of their meter readings."""
        text = head_text(sample.head)
        if text is None or not (_ACTION.search(text) and _METER.search(text)):
            return None
        return Claim(0.95, "a log of OCPP messages")

    def read(self, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        """Read the file; see `Importer.read`."""
        findings = Findings()
        entries = jsonlines.read(path)
        workspace.progress(0.5)
        broken = [row for row, entry in entries if entry is jsonlines.BROKEN]
        findings.add(*(_incomplete(row, "–", "the line is no JSON") for row in broken))
        collected = Transactions()
        found = collected.collect(messages(entries))
        if collected.has_personal:
            findings.add(Issue("personal_data", value="idTag, idToken", parameters={"count": "2"}))
        rows = [row for one in found if (row := _row(one, findings)) is not None]
        columns = columns_of(_TITLES, request, findings)
        lost = findings.rejected().len()
        return delivered(rows, columns, request, read=len(found) + len(broken), rejected=lost)


def _row(one: Transaction, findings: Findings) -> Row | None:
    """Return a transaction as a row; None: it runs on, or the log does not hold enough of it."""
    if not one.is_ended:
        findings.add(Issue("session_not_finished", one.row, "transactionId", one.number[:200]))
        return None
    reason = _lack(one)
    if reason is not None:
        findings.add(_incomplete(one.row, one.number, reason))
        return None
    opening, closing = _shown(one.opening), _shown(one.closing)
    if one.opening is None or one.closing is None or one.closing.watt_hours < one.opening.watt_hours:
        issue = Issue("meter_reset", one.row, _TITLES["quantity"], closing, {"opening": opening})
        findings.add(issue)
        return None
    return {
        ROW: one.row,
        "session": one.number,
        "charge_point": one.station,
        "connector": one.connector,
        "start": with_zone(one.start),
        "end": with_zone(one.end),
        "quantity": str(one.closing.watt_hours - one.opening.watt_hours),
        "unit": "Wh",
    }


def _lack(one: Transaction) -> str | None:
    """Return what a transaction lacks to be counted (English template)."""
    if one.start is None or one.opening is None:
        return "its start or the meter reading at its start is not in the log"
    if one.end is None or one.closing is None:
        return "the meter reading at its end is not in the log"
    return None


def _incomplete(row: int, number: str, reason: str) -> Issue:
    return Issue("session_incomplete", row, "transactionId", number[:200], {"reason": reason})


def _shown(reading: Reading | None) -> str:
    return f"{reading.watt_hours} Wh" if reading else "–"
