"""OCPP messages → transactions: the meter at the start and at the end, and what lies between.

    1.6    StartTransaction (meterStart) → its result (transactionId) → StopTransaction (meterStop), in Wh
    2.0.1  TransactionEvent Started … Ended, each with readings of the register

Source: the messages of these names in OCPP 1.6 and 2.0.1 and the JSON schemas published with them. A sample
that names no measurand is one of `Energy.Active.Import.Register`, one without a unit is in Wh; in 2.0.1 its
`multiplier` is a power of ten.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Final

from importers.charging.frames import Message
from importers.metering.document import Node, first, node, nodes, text

_REGISTER: Final = "Energy.Active.Import.Register"
_PER_WH: Final = {"WH": Decimal(1), "KWH": Decimal(1000)}
_BEGIN, _END = "Transaction.Begin", "Transaction.End"
_MOST_POWER: Final = 12


@dataclass(slots=True)
class Reading:
    """What the register showed, in Wh, and when."""

    watt_hours: Decimal
    moment: str | None


@dataclass(slots=True)
class Transaction:
    """One transaction as far as the log tells.

    Attributes:
        row: of the log, where it is met first.
        is_ended: its end is in the log.
    """

    row: int
    station: str | None
    number: str
    connector: str | None = None
    start: str | None = None
    end: str | None = None
    opening: Reading | None = None
    closing: Reading | None = None
    is_ended: bool = False


@dataclass(slots=True)
class Transactions:
    """Collects the transactions of a log.

    Attributes:
        found: by charge point and number.
        unanswered: starts whose number the log does not tell (1.6), by charge point and message.
    """

    found: dict[tuple[str | None, str], Transaction] = field(default_factory=dict)
    unanswered: dict[tuple[str | None, str | None], Transaction] = field(default_factory=dict)
    has_personal: bool = False

    def collect(self, messages: Iterable[Message]) -> list[Transaction]:
        """Return the transactions of messages, by the row they are met first in."""
        for message in messages:
            payload = message.payload
            if payload.get("idTag") is not None or payload.get("idToken") is not None:
                self.has_personal = True
            if message.action is None:
                self._answered(message)
            elif message.action == "StartTransaction":
                self._started(message)
            elif message.action == "StopTransaction":
                self._stopped(message)
            elif message.action == "MeterValues":
                self._metered(message)
            elif message.action == "TransactionEvent":
                self._happened(message)
        return sorted([*self.found.values(), *self.unanswered.values()], key=lambda one: one.row)

    def _of(self, message: Message, number: str) -> Transaction:
        key = (message.station, number)
        if key not in self.found:
            self.found[key] = Transaction(message.row, message.station, number)
        return self.found[key]

    def _started(self, message: Message) -> None:
        payload = message.payload
        moment = first(payload, ("timestamp",))
        opening = _number(payload.get("meterStart"))
        number = first(payload, ("transactionId",))
        begun = Transaction(
            message.row, message.station, number or "–", first(payload, ("connectorId",)), moment
        )
        begun.opening = None if opening is None else Reading(opening, moment)
        if number is not None:
            self.found.setdefault((message.station, number), begun)
        else:
            self.unanswered[message.station, message.uid] = begun

    def _answered(self, message: Message) -> None:
        number = first(message.payload, ("transactionId",))
        begun = self.unanswered.get((message.station, message.uid))
        if begun is None or number is None:
            return
        del self.unanswered[message.station, message.uid]
        begun.number = number
        self.found.setdefault((message.station, number), begun)

    def _stopped(self, message: Message) -> None:
        number = first(message.payload, ("transactionId",))
        one = self._of(message, number or f"– ({message.row})")
        if one.is_ended:
            return  # sent again
        one.is_ended = True
        one.end = first(message.payload, ("timestamp",))
        closing = _number(message.payload.get("meterStop"))
        one.closing = None if closing is None else Reading(closing, one.end)
        self._sampled(one, message.payload.get("transactionData"))

    def _metered(self, message: Message) -> None:
        number = first(message.payload, ("transactionId",))
        if number is not None:
            self._sampled(self._of(message, number), message.payload.get("meterValue"))

    def _happened(self, message: Message) -> None:
        """Take one event of 2.0.1: its readings are those of the start or the end by its type."""
        payload = message.payload
        number = first(node(payload.get("transactionInfo")), ("transactionId",))
        if number is None:
            return
        one = self._of(message, number)
        evse = node(payload.get("evse"))
        one.connector = one.connector or first(evse, ("connectorId",)) or first(evse, ("id",))
        kind, moment = first(payload, ("eventType",)), first(payload, ("timestamp",))
        readings = [reading for reading, _ in _registers(payload.get("meterValue"))]
        if kind == "Started":
            one.start = one.start or moment
            one.opening = one.opening or (readings[0] if readings else None)
        elif kind == "Ended":
            one.is_ended, one.end = True, one.end or moment
            one.closing = one.closing or (readings[-1] if readings else None)
        self._sampled(one, payload.get("meterValue"))

    @staticmethod
    def _sampled(one: Transaction, values: object) -> None:
        """Take readings that say of themselves that they are those of the start or the end."""
        for reading, context in _registers(values):
            if context == _BEGIN and one.opening is None:
                one.opening, one.start = reading, one.start or reading.moment
            elif context == _END and one.closing is None:
                one.closing, one.end = reading, one.end or reading.moment


def _registers(values: object) -> list[tuple[Reading, str | None]]:
    """Return the readings of the register of energy drawn with their context, as the message has them."""
    found = []
    for value in nodes(values):
        moment = first(value, ("timestamp",))
        for sample in nodes(value.get("sampledValue")):
            is_whole = first(sample, ("phase",)) is None and first(sample, ("format",)) != "SignedData"
            at_outlet = first(sample, ("location",)) in {None, "Outlet"}
            if is_whole and at_outlet and (first(sample, ("measurand",)) or _REGISTER) == _REGISTER:
                amount = _watt_hours(sample)
                if amount is not None:
                    found.append((Reading(amount, moment), first(sample, ("context",))))
    return found


def _watt_hours(sample: Node) -> Decimal | None:
    unit = node(sample.get("unitOfMeasure"))
    factor = _PER_WH.get((first(unit, ("unit",)) or first(sample, ("unit",)) or "Wh").upper())
    power = _number(unit.get("multiplier")) or Decimal(0)
    amount = _number(sample.get("value"))
    if factor is None or amount is None or abs(power) > _MOST_POWER or power != power.to_integral_value():
        return None
    return amount * factor * Decimal(10) ** int(power)


def _number(value: object) -> Decimal | None:
    """Return a reading as a number; None: it is none, or none a meter shows."""
    written = text(value)
    if written is None or isinstance(value, bool):
        return None
    try:
        number = Decimal(written.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < 2 * _MOST_POWER else None
