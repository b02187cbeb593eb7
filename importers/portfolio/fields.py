"""The columns of tables of buildings that are no quantities: which building, which period, which parent."""

from functools import cache
from typing import Final

from importers.columns.headers import Field
from importers.upload.fields import declared_field, transliterated

_SPELLINGS: Final[dict[str, tuple[str, ...]]] = {
    "property_id": (
        "property id", "portfolio manager id", "portfolio manager property id", "pm property id", "pid",
        "osebuildingid", "ose building id", "building id", "ubid", "ubi", "bbl", "liegenschaftsnummer",
        "liegenschafts-nr.", "liegenschaft nr", "objektnummer", "objekt-nr.", "objekt nr", "gebäudenummer",
        "gebäude-nr.", "gebäude-id", "gebäudeschlüssel", "standortnummer", "wirtschaftseinheit", "id",
    ),
    "property_name": (
        "property name", "propertyname", "building name", "facility name", "site name", "liegenschaft",
        "liegenschaftsname", "liegenschaftsbezeichnung", "gebäude", "gebäudename", "gebäudebezeichnung",
        "objekt", "objektname", "objektbezeichnung", "standort", "einrichtung", "schule", "property",
        "building", "facility", "site",
    ),
    "parent_id": (
        "parent property id", "parent id", "pm parent property id", "übergeordnete liegenschaft",
        "übergeordnete id",
    ),
    "year": (
        "year", "data year", "datayear", "reporting year", "calendar year", "jahr", "verbrauchsjahr",
        "berichtsjahr", "abrechnungsjahr", "kalenderjahr", "bezugsjahr",
    ),
    "year_ending": ("year ending", "year end", "12 months ending", "jahr bis"),
    "month": ("month", "monat", "verbrauchsmonat", "abrechnungsmonat", "billing month", "year month"),
    "start": ("start date", "von", "beginn", "start", "period start", "zeitraum von"),
    "end": ("end date", "bis", "ende", "end", "period end", "zeitraum bis"),
    "source": (
        "meter", "meter id", "meter number", "zähler", "zählernummer", "zähler-nr.", "messstelle",
        "zählpunkt",
    ),
    "activity": (
        "energieträger", "energieart", "medium", "carrier", "energy carrier", "energy type", "fuel type",
        "meter type", "utility type", "verbrauchsart", "commodity",
    ),
    "quantity": ("verbrauch", "menge", "wert", "usage", "consumption", "usage/quantity", "quantity", "value"),
    "unit": ("einheit", "mengeneinheit", "unit", "units", "usage units", "uom"),
    "cost_net": ("kosten netto", "nettokosten", "net cost", "netto"),
    "currency": ("währung", "currency"),
    "quality": ("qualität", "datenqualität", "quality"),
    "note": ("bemerkung", "bemerkungen", "kommentar", "comment", "notes"),
}  # fmt: skip

_MASTER_DATA: Final = (
    "floor area", "gross floor area", "property floor area", "gba", "gfa", "property gfa total", "bgf", "ngf",
    "nettogrundfläche", "bruttogrundfläche", "fläche", "year built", "yearbuilt", "ayb yearbuilt", "baujahr",
    "primary property type", "property type", "property type self selected", "use description", "gebäudeart",
    "energy star score", "site eui", "occupancy",
)  # fmt: skip


@cache
def declared_fields() -> tuple[Field, ...]:
    """Return the fields as `headers.match` takes them."""
    return tuple(declared_field(name, _written(names)) for name, names in _SPELLINGS.items())


@cache
def master_fields() -> tuple[Field, ...]:
    """Return what a register says of a building beside its consumption."""
    return tuple(Field(name, _written((name,))) for name in _MASTER_DATA)


def _written(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return headers as they are met: with umlauts, without, and run together (`PROPERTYNAME`)."""
    together = [name.replace(" ", "") for name in names]
    return tuple(dict.fromkeys([*names, *map(transliterated, names), *together]))
