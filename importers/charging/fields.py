"""The columns of lists of charging sessions: every operator has its own, these mean the same."""

import re
from dataclasses import replace
from functools import cache
from typing import Final

from bilanz import units
from importers.columns.headers import Field
from importers.upload.fields import declared_field, transliterated

_SPELLINGS: Final[dict[str, tuple[str, ...]]] = {
    "start": (
        "start date", "start date/time", "start datetime", "start timestamp", "session start",
        "charge start", "charging start", "charging start time", "startdate", "utc transaction start",
        "utctransactionstart", "plug-in time", "plugged in", "connection time", "connected", "start",
        "started", "started at", "start time (local)", "start date time", "transaction start", "startdatum",
        "startzeitpunkt", "ladebeginn", "ladestart", "beginn", "start ladevorgang", "beginn ladevorgang",
        "beginn des ladevorgangs", "start des ladevorgangs", "von", "begin", "datum start", "start plugin",
        "zeit von", "datum", "date", "startzeit",
        "start time",
    ),
    "start_time": (
        "start time", "starttime", "startzeit", "startuhrzeit", "uhrzeit start", "beginn uhrzeit",
        "zeit von",
    ),
    "end": (
        "end date", "end date/time", "end datetime", "end timestamp", "session end", "charge end",
        "charging end", "charging end time", "enddate", "utc transaction stop", "utctransactionstop",
        "plug-out time", "unplugged", "disconnect time", "disconnected", "end", "ended", "ended at",
        "stop date", "stop", "stopped", "end date time", "transaction stop", "transaction end", "enddatum",
        "endzeitpunkt", "ladeende", "ladestopp", "ende", "ende ladevorgang", "ende des ladevorgangs", "bis",
        "datum ende", "end plugout", "zeit bis", "endzeit", "end time", "stop time",
    ),
    "end_time": (
        "end time", "endtime", "stop time", "endzeit", "enduhrzeit", "uhrzeit ende", "ende uhrzeit",
        "zeit bis",
    ),
    "duration": (
        "duration", "charging duration", "session duration", "charge time", "charging time", "dauer",
        "ladedauer", "ladezeit", "standzeit", "verweildauer", "total duration", "park duration",
        "duration hours", "pluginduration", "plugin duration", "charge duration",
    ),
    "quantity": (
        "total kwh", "kwh", "energy", "energy consumed", "energy delivered", "energy kwh", "kwh delivered",
        "consumption", "consumed energy", "charged energy", "total energy", "meter total", "energie",
        "energiemenge", "geladene energie", "abgegebene energie", "lademenge", "geladene menge",
        "verbrauch", "strommenge", "menge", "energy supplied", "energy used", "el kwh", "totalenergy",
        "charging energy", "quantity", "volume",
    ),
    "unit": (
        "unit", "einheit", "unit of measure", "uom", "mengeneinheit",
    ),
    "charge_point": (
        "cp id", "cpid", "charge point", "charge point id", "chargepoint", "chargepoint id",
        "charging point", "charging point id", "charge point name", "evse", "evse id", "evse-id", "evseid",
        "ladepunkt", "ladepunkt-id", "ladepunkt id", "ladepunktnummer", "ladepunktbezeichnung",
        "ladepunkt-nr.", "ladepunkt nr", "wallbox", "wallbox-id", "wallbox name",
    ),
    "station": (
        "charging station", "charging station id", "charging station name", "station id", "station name",
        "charge box id", "chargebox id", "chargebox", "charger", "charger id", "charger name", "device id",
        "ladesäule", "ladesäulen-id", "ladesäulennummer", "ladesäulen-nr.", "ladestation", "ladestation-id",
        "ladestationsname", "ladeeinrichtung", "garage id",
    ),
    "connector": (
        "connector", "connector id", "connector number", "socket", "outlet", "plug", "port", "port number",
        "stecker", "steckdose", "anschluss", "konnektor", "connector no",
    ),
    "site": (
        "site", "site name", "location", "location name", "standort", "standortname", "ladeort", "ort",
        "parkplatz", "garage", "address", "adresse", "site id", "location id", "address 1", "ladestandort",
    ),
    "model": (
        "model", "charger model", "charge point model", "modell", "typ", "type", "connector type",
        "steckertyp", "charger type", "plug type", "port type", "model number", "ladesäulentyp",
    ),
    "power": (
        "power", "max power", "maxpower", "rated power", "leistung", "nennleistung", "max. leistung",
        "ladeleistung",
    ),
    "session": (
        "charging event", "chargingevent", "plug in event id", "transactionid", "session id", "session",
        "transaction id", "transaction", "charging session id", "charge id", "cdr id", "event id",
        "ladevorgang", "ladevorgangs-id", "ladevorgang id", "vorgangs-id", "vorgangsnummer",
        "transaktions-id", "transaktionsnummer", "session-id", "sitzung", "ladesitzung",
    ),
    "cost_net": (
        "net cost", "cost net", "net amount", "amount net", "cost excl vat", "cost excluding vat",
        "nettobetrag", "betrag netto", "kosten netto", "netto", "preis netto",
    ),
    "cost_gross": (
        "cost", "amount", "total cost", "gross cost", "price", "fee", "charging cost", "bruttobetrag",
        "betrag brutto", "brutto", "kosten", "betrag", "gesamtbetrag", "preis", "entgelt",
    ),
    "currency": (
        "currency", "währung", "currency code", "ccy",
    ),
    "person": (
        "user", "user id", "user name", "username", "driver", "driver name", "customer", "customer name",
        "email", "e-mail", "nutzer", "nutzer-id", "benutzer", "benutzername", "fahrer", "name", "kunde",
        "kundenname", "driver postal code", "account", "account name", "mitarbeiter", "employee",
    ),
    "card": (
        "card", "card id", "card number", "rfid", "rfid tag", "rfid uid", "id tag", "idtag", "token",
        "token id", "tag", "uid", "startcard", "auth id", "contract id", "emaid", "evco id", "kartennummer",
        "karte", "ladekarte", "rfid-karte", "ladekartennummer", "vertragsnummer", "karten-id",
    ),
    "plate": (
        "vehicle", "vehicle id", "vehicle model", "licence plate", "license plate", "plate", "registration",
        "vin", "kennzeichen", "kfz-kennzeichen", "fahrzeug",
    ),
}  # fmt: skip

_SHOWN: Final = {"start": "Ladebeginn / start", "quantity": "Energie / energy"}
NAMES: Final = tuple(_SPELLINGS)
PERSONAL: Final = ("person", "card", "plate")
"""Fields never kept: they name who charged."""

_CLOCKS: Final = frozenset({"utc", "gmt", "local", "local time", "ortszeit", "lokal"})
_UTC: Final = re.compile(r"(?i)\b(?:utc|gmt)\b|^utc")
_TOKEN: Final = re.compile(r"[^\W_]+", re.UNICODE)


@cache
def declared_fields() -> tuple[Field, ...]:
    """Return the fields as `headers.match` takes them; start and energy are required."""
    return tuple(
        _field(
            name,
            tuple(dict.fromkeys([*names, *map(transliterated, names)])),
            shown=_SHOWN.get(name, ""),
            is_required=name in _SHOWN,
        )
        for name, names in _SPELLINGS.items()
    )


def _field(name: str, spellings: tuple[str, ...], *, shown: str, is_required: bool) -> Field:
    field = declared_field(name, spellings, shown=shown, is_required=is_required)
    if name in {"start", "end", "start_time", "end_time"}:
        return replace(field, takes=lambda addition: field.takes(addition) or addition.casefold() in _CLOCKS)
    return field


def zone_of(title: str) -> str | None:
    """Return the zone the header of a time names; None: it names none."""
    return "UTC" if _UTC.search(title) else None


def unit_of(title: str) -> str | None:
    """Return the unit of energy a header names as a word of its own, such as `Total_kWh`; None: none."""
    for word in _TOKEN.findall(title):
        found = units.find(word)
        if found is not None and units.dimension(found.unit) == "energy":
            return found.unit
    return None
