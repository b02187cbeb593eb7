"""Final energy of buildings and plants by carrier, in kWh by net calorific value, beside what they are.

    own consumption ──► without vehicles ──► its site (by id, or by the name of a site of its organisation)
        kWh (Hs) × net per gross ──► kWh (Hi)

Energy whose basis cannot be changed, or whose quantity is no energy, has no figure and is counted. Energy
without a registered site is listed under what the file calls its place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from bilanz.activity import activities
from bilanz.messages import Language
from bilanz.result import Result
from reports import energy, names
from reports.figures import fleet, net_energy

CATEGORIES: Final = (
    "non_residential",
    "care_home",
    "sports_ground",
    "pool",
    "street_lighting",
    "water_supply",
    "sewage_plant",
)
"""Kinds of sites of the municipal energy report; KlimaG BW § 18 as described by KEA-BW."""

CARRIERS: Final = {
    "Strom": "Electricity",
    "Heizstrom": "Electricity for heating",
    "Fernwärme": "District heat",
    "Fernkälte": "District cooling",
    "Erdgas": "Natural gas",
    "Biogas": "Biogas",
    "Heizöl": "Heating oil",
    "Flüssiggas": "Liquefied petroleum gas",
    "Steinkohle": "Hard coal",
    "Braunkohle": "Lignite",
    "Biomasse": "Biomass",
    "Solarthermie": "Solar heat",
    "Umweltwärme": "Ambient heat",
    "Diesel": "Diesel",
    "Benzin": "Petrol",
    "CNG": "CNG",
    "LPG": "LPG",
    "Bio-Diesel": "Biodiesel",
    "Bio-Benzin": "Bioethanol",
    "Kerosin": "Kerosene",
    "sonstige erneuerbare": "Other renewables",
}
"""Carriers of BISKO, whose names are German, in English."""

UNCLASSIFIED: Final = ""
"""Stands for the carrier of energy nobody classified."""

_NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "street_lighting": ("light_points", "burn_hours"),
    "sewage_plant": ("population_equivalent",),
    "water_supply": (),
    "other": (),
}
_AREA: Final = ("floor_area_m2", "area_kind")
ITEM: Final = ("organisation", "site", "activity", "basis")


@dataclass(slots=True)
class Facility:
    """A site, or a place no site is registered for, and the energy it used.

    Attributes:
        facts: row of `SITE_SCHEMA`; empty where it is not registered.
        carriers: carrier → kWh (Hi, or without basis); None: at least a part of it has no figure.
        months: with a quantity of energy.
    """

    organisation: str | None
    place: str | None
    facts: dict[str, Any] = field(default_factory=dict)
    carriers: dict[str, Decimal | None] = field(default_factory=dict)
    months: set[Any] = field(default_factory=set)

    @property
    def kind(self) -> str | None:
        """What the site is for; None: not stated, or not registered."""
        return self.facts.get("kind")

    @property
    def missing(self) -> list[str]:
        """Names of the facts the report asks for and nobody stated."""
        if not self.facts:
            return ["site"]
        kind = self.kind
        needed = ("kind", *_AREA) if kind is None else _NEEDED.get(kind, _AREA)
        return [name for name in needed if self.facts[name] is None]

    @property
    def total(self) -> Decimal | None:
        """KWh of all carriers; None: at least a part of one has no figure."""
        return whole([*self.carriers.values()])

    def add(self, carrier: str, kwh: Decimal | None) -> None:
        """Add energy of a carrier; what is not known makes its sum unknown."""
        held = self.carriers.get(carrier, Decimal(0))
        self.carriers[carrier] = None if held is None or kwh is None else held + kwh


def facilities(result: Result) -> list[Facility]:
    """Return the registered sites by kind and name, then the places that are not registered."""
    sites = [] if result.beside.sites is None else list(result.beside.sites.iter_rows(named=True))
    within = _organisations(result)
    held = {
        row["site"]: Facility(row["organisation"], row["name"], row)
        for row in sites
        if within is None or row["organisation"] in within
    }
    named = _by_name(sites)
    places: dict[tuple[str | None, str | None], Facility] = {}
    for row, kwh in net_energy(result, ITEM, energy.own_usage(result).filter(~fleet())):
        organisation, place = row["organisation"], row["site"]
        site = place if place in held else named.get((organisation, place))
        facility = held.get(site or "")
        if facility is None:
            facility = places.setdefault((organisation, place), Facility(organisation, place))
        facility.add(carrier_of(row["activity"]), kwh)
        facility.months |= set(row["months"])
    known = sorted(held.values(), key=lambda entry: (_rank(entry.kind), entry.place or ""))
    return [*known, *(places[key] for key in sorted(places, key=lambda key: (key[0] or "", key[1] or "")))]


def _rank(kind: str | None) -> int:
    return CATEGORIES.index(kind) if kind in CATEGORIES else len(CATEGORIES)


def _organisations(result: Result) -> set[str] | None:
    """Return the organisations of a run restricted to one and what is below it; None: all."""
    root = result.manifest.organisation
    if root is None:
        return None
    found = {root}
    pairs = result.organisations.select("organisation", "parent").rows()
    for _ in pairs:  # a tree is never deeper than it has members
        found |= {code for code, parent in pairs if parent in found}
    return found


def _by_name(sites: list[dict[str, Any]]) -> dict[tuple[str | None, str | None], str | None]:
    """Return (organisation, name) → site; a name two sites of an organisation share leads to neither."""
    found: dict[tuple[str | None, str | None], str | None] = {}
    for row in sites:
        key = (row["organisation"], row["name"])
        found[key] = None if key in found else row["site"]
    return found


def carrier_of(code: str | None) -> str:
    """Return the carrier of an activity, as BISKO names it; an activity without one stands for itself."""
    known = activities().get(code or "")
    return (known.carrier if known else None) or code or UNCLASSIFIED


def carrier_name(carrier: str, language: Language) -> str:
    """Return the name of a carrier."""
    if carrier == UNCLASSIFIED or carrier not in CARRIERS:
        return names.activity_name(carrier or None, language)
    return carrier if language == "de" else CARRIERS[carrier]


def carriers(found: list[Facility]) -> list[str]:
    """Return every carrier in use, by name."""
    return sorted({carrier for facility in found for carrier in facility.carriers})


def left_out(result: Result) -> Decimal | None:
    """Return the kWh (Hi) of vehicles, which the report does not hold; None: a part has no figure."""
    sums = net_energy(result, ("activity", "basis"), energy.own_usage(result).filter(fleet()))
    return whole([kwh for _, kwh in sums])


def whole(values: Sequence[Decimal | None]) -> Decimal | None:
    """Return the sum of what there is; None where one of the values is not known."""
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if len(known) == len(values) else None
