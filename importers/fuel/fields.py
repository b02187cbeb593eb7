"""The columns of fuel-card exports: every provider has its own, these are the headers that mean the same."""

from functools import cache
from typing import Final

from importers.columns.headers import Field
from importers.upload.fields import declared_field, transliterated

_SPELLINGS: Final[dict[str, tuple[str, ...]]] = {
    "date": (
        "transaction date", "transaktionsdatum", "tankdatum", "lieferdatum", "belegdatum", "leistungsdatum",
        "date/time", "date time", "datum/uhrzeit", "datum uhrzeit", "transaktionszeitpunkt", "fuel date",
        "datum", "date",
    ),
    "time": ("transaction time", "transaktionszeit", "uhrzeit", "tankzeit", "zeit", "time"),
    "vehicle": (
        "vehicle id", "kennzeichen", "kfz-kennzeichen", "amtliches kennzeichen", "pol. kennzeichen",
        "fahrzeugkennzeichen", "licence plate", "license plate", "licplate", "plate", "registration",
        "vehicle registration", "fahrzeug", "fahrzeugnummer", "fahrzeug-id", "vehicle", "vehicle number",
        "registration number",
    ),
    "card": (
        "card number id", "card number", "cardnumber", "card", "kartennummer", "karten-nr.", "karten nr",
        "karte", "tankkarte", "tankkartennummer", "card no",
    ),
    "transaction_id": (
        "transaction id", "transaktions-id", "transaktionsnummer", "transaction number", "belegnummer",
        "beleg-nr.", "beleg nr", "lieferscheinnummer", "lieferschein", "receipt number", "receipt",
    ),
    "line": ("transaction item sequence number", "position", "pos.", "zeile", "line number", "line", "item"),
    "product_description": (
        "product description", "produktbezeichnung", "artikelbezeichnung", "warenbezeichnung", "produkttext",
    ),
    "product": (
        "produkt", "warenart", "artikel", "kraftstoff", "kraftstoffart", "kraftstoffsorte", "sorte",
        "product name", "fuel type", "fuel", "fuel product", "ware", "bezeichnung",
    ),
    "product_class": (
        "product class", "produktgruppe", "warengruppe", "product group", "product category", "kategorie",
    ),
    "quantity": (
        "units", "menge", "getankte menge", "abgabemenge", "menge liter", "menge in liter", "menge l",
        "tankmenge", "liter", "litres", "liters", "fuel volume", "volume", "kwh", "energie kwh", "gallons",
        "anzahl",
    ),
    "unit": ("unit of measure", "einheit", "mengeneinheit", "me", "uom", "unit"),
    "cost_net": (
        "net cost", "nettobetrag", "betrag netto", "netto", "netto betrag", "gesamtbetrag netto",
        "net amount", "total net", "wert netto", "kosten netto", "amount net",
    ),
    "cost_gross": (
        "gross cost", "bruttobetrag", "betrag brutto", "brutto", "gross amount", "total gross", "amount",
        "betrag", "total cost", "cost", "price", "gesamtpreis",
    ),
    "currency": ("währung", "currency code", "ccy", "waehrungskennzeichen"),
    "odometer": (
        "current odometer", "km-stand", "kilometerstand", "kmstand", "km stand", "mileage", "tachostand",
        "odometer reading",
    ),
    "merchant": (
        "merchant name", "tankstelle", "tankstellenname", "akzeptanzstelle", "station", "händler", "merchant",
        "stationsname", "location", "provider",
    ),
    "department": ("kostenstelle", "cost centre", "cost center", "abteilung", "dienststelle", "amt"),
    "document_type": ("belegart", "transaktionsart", "transaction type"),
    "driver": (
        "driver name", "driver id", "fahrer", "fahrername", "fahrer-id", "personalnummer",
        "driver first name", "driver last name", "name des fahrers", "employee",
    ),
}  # fmt: skip

_SHOWN: Final = {"date": "Datum / date", "quantity": "Menge / quantity"}
NAMES: Final = tuple(_SPELLINGS)
PERSONAL: Final = ("driver", "card")
"""Fields never kept: a card number becomes a pseudonym where no vehicle is named, a driver is dropped."""


@cache
def declared_fields() -> tuple[Field, ...]:
    """Return the fields as `headers.match` takes them; date and quantity are required."""
    return tuple(
        declared_field(
            name,
            tuple(dict.fromkeys([*names, *map(transliterated, names)])),
            shown=_SHOWN.get(name, ""),
            is_required=name in _SHOWN,
        )
        for name, names in _SPELLINGS.items()
    )
