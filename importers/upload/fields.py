"""The columns of the standard upload: codes, German and English headers, what each one means."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from bilanz import units
from bilanz.messages import Language
from importers.columns.headers import Field, anything

MEASURES: Final = frozenset(
    {
        "quantity",
        "cost_net",
        "cost_gross",
        "opening_reading",
        "closing_reading",
        "stock_before",
        "stock_after",
    }
)
DATES: Final = frozenset({"start", "end", "date", "time"})
_LAYOUT: Final = re.compile(r"[TDMJYHSthms.:/\-, ]{2,}", re.ASCII)
_INCLUDED: Final = frozenset(
    {
        "inkl",
        "inklusive",
        "einschl",
        "einschliesslich",
        "included",
        "inclusive",
        "tag",
        "datum",
        "date",
        "day",
    }
)
_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"})


@dataclass(frozen=True, slots=True)
class UploadField:
    """One column of the standard upload.

    Attributes:
        name: code; the English header is the code itself.
        de: German header of the template.
        aliases: further headers that are read.
        meaning: one sentence for the template and the specification (English template).
        is_needed: the template marks it as needed in every row.
    """

    name: str
    de: str
    meaning: str
    aliases: tuple[str, ...] = ()
    is_needed: bool = False

    def header(self, language: Language) -> str:
        """Return the header the template writes."""
        return self.de if language == "de" else self.name


UPLOAD_FIELDS: Final = (
    UploadField(
        "organisation",
        "Organisation",
        "Identifier of the organisation. Empty: the organisation the upload is made for.",
        ("organization", "amt", "betrieb", "dienststelle", "einrichtung", "agency", "department"),
    ),
    UploadField(
        "site",
        "Standort",
        "Building, depot or plant.",
        ("liegenschaft", "gebäude", "objekt", "building", "location", "facility"),
    ),
    UploadField(
        "source",
        "Quelle",
        "Meter, vehicle, contract or supplier the quantity belongs to.",
        (
            "zähler",
            "quelle/zähler",
            "quelle / zähler",
            "messstelle",
            "zählpunkt",
            "meter",
            "vehicle",
            "fahrzeug",
        ),
    ),
    UploadField(
        "activity",
        "Aktivität",
        "What was used or bought; a name listed by `bilanz activities`.",
        ("energieträger", "energieart", "medium", "carrier", "energy carrier", "fuel", "commodity"),
        is_needed=True,
    ),
    UploadField(
        "start",
        "Beginn",
        "First day of the period, or its first moment.",
        ("von", "start date", "startdatum", "anfang", "from", "begin", "zeitraum von", "period start"),
        is_needed=True,
    ),
    UploadField(
        "end",
        "Ende",
        "Last day of the period, itself included; with a time of day: the moment at which it ends.",
        ("bis", "end date", "enddatum", "to", "until", "zeitraum bis", "period end"),
        is_needed=True,
    ),
    UploadField(
        "quantity",
        "Menge",
        "The quantity. Empty means unknown, 0 means nothing was used.",
        ("verbrauch", "wert", "amount", "consumption", "value", "usage"),
        is_needed=True,
    ),
    UploadField(
        "unit",
        "Einheit",
        "Unit of the quantity; for money the currency.",
        ("mengeneinheit", "me", "units", "uom", "unit of measure"),
        is_needed=True,
    ),
    UploadField(
        "basis",
        "Bezug",
        "For fuels in units of energy: Hi (net calorific value) or Hs (gross calorific value).",
        ("bezug (hi/hs)", "hi/hs", "heizwertbezug", "brennwertbezug", "calorific basis"),
    ),
    UploadField(
        "cost_net",
        "Kosten netto",
        "Cost without value added tax.",
        ("nettokosten", "netto", "nettobetrag", "betrag netto", "cost net", "net cost", "cost"),
    ),
    UploadField("currency", "Währung", "Currency of the cost, such as EUR.", ("currency code", "ccy")),
    UploadField(
        "quality",
        "Qualität",
        "How the quantity came about: measured, billed, estimated.",
        ("datenqualität", "herkunft", "data quality"),
    ),
    UploadField("note", "Bemerkung", "Free text.", ("notiz", "kommentar", "anmerkung", "comment", "remark")),
    UploadField(
        "document_type",
        "Belegart",
        "Kind of document: instalment, final, correction, credit. Instalments are never consumption.",
        ("rechnungsart", "document type", "bill type"),
    ),
    UploadField(
        "role",
        "Rolle",
        "What the source measures: consumed, delivered, generated, fed in, sold, tenant, sub-meter.",
        ("messrolle", "verwendung"),
    ),
    UploadField(
        "meter_id",
        "Zählernummer",
        "Number on the meter; a change of the meter keeps the source.",
        ("zählernr", "zähler nr", "zähler-nr.", "meter id", "meter number", "serial number"),
    ),
    UploadField(
        "opening_reading",
        "Anfangsstand",
        "Meter reading at the beginning.",
        ("zählerstand alt", "stand alt", "zählerstand anfang", "opening reading", "previous reading"),
    ),
    UploadField(
        "closing_reading",
        "Endstand",
        "Meter reading at the end.",
        ("zählerstand neu", "stand neu", "zählerstand ende", "closing reading", "current reading"),
    ),
    UploadField(
        "multiplier",
        "Faktor",
        "Quantity per step of the meter (transformer ratio). Empty: 1.",
        ("wandlerfaktor", "zählerfaktor", "multiplikator", "meter factor"),
    ),
    UploadField(
        "stock_before",
        "Bestand vorher",
        "Stock at the beginning of the period, in the unit of the quantity.",
        ("anfangsbestand", "stock before", "opening stock"),
    ),
    UploadField(
        "stock_after",
        "Bestand nachher",
        "Stock at the end of the period, in the unit of the quantity.",
        ("endbestand", "stock after", "closing stock"),
    ),
    UploadField(
        "state_number",
        "Zustandszahl",
        "For gas in cubic metres: state number of the bill.",
        ("z-zahl", "z zahl", "zustandszahl z", "state number"),
    ),
    UploadField(
        "calorific_value",
        "Brennwert",
        "For gas in cubic metres: gross calorific value of the bill in kWh per standard cubic metre.",
        ("abrechnungsbrennwert", "brennwert hs", "calorific value", "gross calorific value"),
    ),
    UploadField(
        "document",
        "Belegnummer",
        "Number of the bill.",
        (
            "rechnungsnummer",
            "beleg",
            "belegnr",
            "rechnungsnr",
            "invoice number",
            "invoice",
            "document number",
        ),
    ),
    UploadField(
        "counterparty",
        "Lieferant",
        "Supplier.",
        ("versorger", "kreditor", "anbieter", "supplier", "vendor"),
    ),
    UploadField(
        "product_group",
        "Warengruppe",
        "Spend: product group, as listed by `bilanz factors`. Leaks: the refrigerant or gas (R410A).",
        ("produktgruppe", "product group", "kältemittel", "refrigerant", "stoff", "substance"),
    ),
    UploadField(
        "cpv", "CPV", "For spend: code of the Common Procurement Vocabulary.", ("cpv-code", "cpv code")
    ),
    UploadField(
        "account",
        "Konto",
        "For spend: account of the chart of accounts.",
        ("sachkonto", "kontonummer", "konto nr", "kostenart", "gl account", "account number"),
    ),
)


def transliterated(text: str) -> str:
    """Return a German word as keyboards without umlauts write it: `Währung` becomes `Waehrung`."""
    return text.translate(_UMLAUTS)


@cache
def declared_fields() -> tuple[Field, ...]:
    """Return the fields as `headers.match` takes them."""
    return tuple(
        declared_field(field.name, _spellings(field), shown=f"{field.de} / {field.name}")
        for field in UPLOAD_FIELDS
    )


def declared_field(
    name: str, spellings: tuple[str, ...], *, shown: str = "", is_required: bool = False
) -> Field:
    """Return a field that takes only such additions to its header as leave its meaning alone.

    Units behind quantities and currencies behind costs; layouts behind dates. "Verbrauch (bereinigt)",
    "Ende (ausschließlich)" and "Kosten netto (Plan)" are other columns.
    """
    if name in MEASURES:
        return Field(name, spellings, is_required, is_unit, is_measure=True, shown=shown)
    return Field(name, spellings, is_required, is_layout if name in DATES else anything, shown=shown)


def is_unit(addition: str) -> bool:
    """Return whether an addition to a header is a unit, be it one that measures no quantity (kW)."""
    return units.find(addition) is not None or units.refusal(addition) is not None


def is_layout(addition: str) -> bool:
    """Return whether an addition to a date says how it is written, or that its day is included."""
    return bool(_LAYOUT.fullmatch(addition.strip())) or addition.strip().casefold().rstrip(".") in _INCLUDED


def _spellings(field: UploadField) -> tuple[str, ...]:
    names = (field.de, *field.aliases)
    return tuple(dict.fromkeys([*names, *map(transliterated, names)]))
