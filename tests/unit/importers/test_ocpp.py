"""OCPP logs in the forms programs keep them, and what a transaction needs to be counted."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from golden.standard.comparison import workspace

from importers.base import FileSample, ImportRequest, ImportResult
from importers.ocpp import Ocpp

START = {"connectorId": 1, "idTag": "TAG", "meterStart": 1000, "timestamp": "2024-05-02T08:00:00Z"}
STOP = {"transactionId": 7, "meterStop": 3500, "timestamp": "2024-05-02T09:00:00Z"}
FRAMES = [
    [2, "a", "StartTransaction", START],
    [3, "a", {"transactionId": 7, "idTagInfo": {"status": "Accepted"}}],
    [2, "b", "StopTransaction", STOP],
]


def read(directory: Path, text: str, **request: str) -> ImportResult:
    path = directory / "log.json"
    path.write_text(text, encoding="utf-8")
    assert Ocpp().identify(FileSample.of(path)) is not None
    result = Ocpp().read(path, ImportRequest(**request), workspace(directory))  # type: ignore[arg-type]
    result.check()
    return result


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(json.dumps(frame) for frame in FRAMES),
        json.dumps(FRAMES),
        json.dumps([{"message": json.dumps(frame)} for frame in FRAMES], indent=1),
        json.dumps(
            [
                {"action": "StartTransactionRequest", "messageId": "a", "payload": START},
                {"message": FRAMES[1]},
                {"action": "StopTransaction.req", "payload": STOP},
            ]
        ),
    ],
    ids=["lines", "array", "frames as text", "actions"],
)
def test_a_transaction_is_found_however_the_log_keeps_it(text: str, tmp_path: Path) -> None:
    result = read(tmp_path, text, source="CP-1")
    found = result.activities.select("source", "quantity", "unit", "document").rows()
    assert found == [("CP-1", Decimal(2500), "Wh", "7")]
    assert "TAG" not in result.activities.write_csv() + result.issues.write_csv()


def test_numbers_of_transactions_are_those_of_a_charge_point(tmp_path: Path) -> None:
    entries = [{"chargePointId": point, "message": frame} for point in ("A", "B") for frame in FRAMES]
    assert read(tmp_path, json.dumps(entries)).activities["source"].to_list() == ["A", "B"]


def test_a_stop_is_never_paired_with_some_other_start(tmp_path: Path) -> None:
    result = read(tmp_path, json.dumps([FRAMES[0], FRAMES[2]]))
    assert (result.read, result.accepted, result.rejected, result.ignored) == (2, 0, 1, 1)
    assert set(result.issues["code"]) >= {"session_incomplete", "session_not_finished"}


def test_readings_of_another_quantity_are_not_taken(tmp_path: Path) -> None:
    samples = [
        {"value": "9", "context": "Transaction.Begin", "measurand": "Energy.Reactive.Import.Register"},
        {"value": "8", "context": "Transaction.Begin", "phase": "L1"},
        {"value": "7", "context": "Transaction.Begin", "location": "EV"},
        {"value": "OCMF", "context": "Transaction.Begin", "format": "SignedData"},
        {"value": "1.5", "context": "Transaction.Begin", "unit": "kWh"},
    ]
    data = [{"timestamp": "2024-05-02T08:00:00Z", "sampledValue": samples}]
    result = read(tmp_path, json.dumps([2, "b", "StopTransaction", {**STOP, "transactionData": data}]))
    # 3500 Wh − 1.5 kWh
    assert result.activities["quantity"].to_list() == [Decimal(2000)]
