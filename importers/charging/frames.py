"""OCPP messages out of a log, however it wraps them.

[2, "19223201", "StopTransaction", {…}]                          a call
[3, "19223201", {…}]                                             its result
{"chargePointId": "CP1", "message": [2, …]}                      either, with the charge point it came from
{"chargePointId": "CP1", "action": "StopTransaction", "payload": {…}}
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from importers.metering.document import Node, first

_CALL: Final = 2
_RESULT: Final = 3
_CALL_LENGTH: Final = 4
_STATIONS: Final = (
    *("chargePointId", "charge_point_id", "chargepointId", "chargePoint", "charge_point", "chargeBoxId"),
    *("chargingStationId", "charging_station_id", "chargingStation", "stationId", "station_id", "station"),
    *("cpId", "cp_id", "chargeBoxIdentity", "identity", "client", "clientId", "evseId"),
)
_FRAMES: Final = (
    "message",
    "frame",
    "msg",
    "ocpp",
    "ocppMessage",
    "raw",
    "data",
    "payload",
    "content",
    "body",
)
_ACTIONS: Final = ("action", "messageName", "messageType", "method", "command", "operation", "type")
_PAYLOADS: Final = ("payload", "request", "data", "body", "message", "params", "content")
_UIDS: Final = ("uniqueId", "messageId", "message_id", "uid", "id")
_KNOWN: Final = frozenset({"StartTransaction", "StopTransaction", "MeterValues", "TransactionEvent"})


@dataclass(frozen=True, slots=True)
class Message:
    """One message.

    Attributes:
        row: of the log.
        station: charge point as the log names it; None: it does not.
        uid: what ties a result to its call.
        action: of a call; None: a result.
        payload: its content.
    """

    row: int
    station: str | None
    uid: str | None
    action: str | None
    payload: Node


def messages(entries: Iterable[tuple[int, object]]) -> Iterator[Message]:
    """Yield the messages of a log in its order; entries that hold none are passed over."""
    for row, entry in entries:
        station = first(entry, _STATIONS) if isinstance(entry, dict) else None
        if (frame := _frame(entry)) is not None:
            message = _of_frame(row, station, frame)
        else:
            message = _of_object(row, station, entry) if isinstance(entry, dict) else None
        if message is not None:
            yield message


def _frame(entry: object) -> list[Any] | None:
    """Return the array a message is sent as, found in an entry or in one of its members, as text or not."""
    if isinstance(entry, list):
        return entry
    if isinstance(entry, str) and entry.lstrip().startswith("["):
        try:
            found = json.loads(entry, parse_float=Decimal)
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, list) else None
    if isinstance(entry, dict):
        inner = (entry.get(name) for name in _FRAMES)
        return next((found for it in inner if isinstance(it, list | str) and (found := _frame(it))), None)
    return None


def _of_frame(row: int, station: str | None, frame: list[Any]) -> Message | None:
    kind = frame[0] if frame and not isinstance(frame[0], bool) else None
    uid = str(frame[1]) if len(frame) > 1 else None
    if kind == _CALL and len(frame) >= _CALL_LENGTH and isinstance(frame[3], dict):
        return Message(row, station, uid, str(frame[2]), frame[3])
    if kind == _RESULT and len(frame) >= _RESULT and isinstance(frame[2], dict):
        return Message(row, station, uid, None, frame[2])
    return None


def _of_object(row: int, station: str | None, entry: Node) -> Message | None:
    """Return the message of an entry that names action and content in members of its own."""
    action = next((name for key in _ACTIONS if (name := _action(entry.get(key)))), None)
    if action is None:
        return None
    payload = next((entry[name] for name in _PAYLOADS if isinstance(entry.get(name), dict)), entry)
    return Message(row, station, first(entry, _UIDS), action, payload)


def _action(value: object) -> str | None:
    """Return the action a word names, with or without its ending (`StopTransactionRequest`, `….req`)."""
    if not isinstance(value, str):
        return None
    bare = value.strip().removesuffix("Request").removesuffix(".req").removesuffix("Req")
    return bare if bare in _KNOWN else None
