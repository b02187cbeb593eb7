"""Which columns of a table state mileage, and of what: vehicles, passengers, places offered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from bilanz import units
from bilanz.activity import folded
from bilanz.issues import Issue
from importers.columns.declared import unit_of
from importers.trips.fields import vocabulary

VEHICLES: Final = "vehicles"
PASSENGERS: Final = "passengers"
PLACES: Final = "places"
_KINDS: Final = {VEHICLES: "distance", PASSENGERS: "passenger_distance", PLACES: ""}
_SCALES: Final = {"tsd": "Tsd.", "1000": "1000", "mio": "Mio.", "million": "million", "thousand": "thousand"}


@dataclass(frozen=True, slots=True)
class Mileage:
    """One column: its measure, its unit ("" where it is not known), and how early it is taken."""

    place: int
    title: str
    measure: str
    unit: str
    order: int


def mileages(header: Sequence[str], declared: Mapping[str, str]) -> list[Mileage]:
    """Return the columns of a header that state a mileage."""
    found = (_mileage(place, text, declared.get(text)) for place, text in enumerate(header) if text)
    return [column for column in found if column is not None]


def taken(columns: Sequence[Mileage]) -> tuple[list[Mileage], list[Issue]]:
    """Return one column per measure, and why the others do not count."""
    chosen: dict[str, Mileage] = {}
    issues = []
    for column in sorted(columns, key=lambda it: (not it.unit, it.order, it.place)):
        title = column.title
        if column.measure == PLACES:
            issues.append(Issue("places_offered", None, title, title))
        elif not column.unit:
            issues.append(Issue("distance_unit", None, title, title))
        elif column.measure in chosen:
            parameters = {"taken": chosen[column.measure].title}
            issues.append(Issue("same_distance", None, title, title, parameters))
        else:
            chosen[column.measure] = column
    return sorted(chosen.values(), key=lambda it: it.place), issues


def others_of(columns: Sequence[Mileage], chosen: Mileage) -> list[Mileage]:
    """Return the columns that state the same distance in another measure, in the order they are taken."""
    same = [it for it in columns if it.measure == chosen.measure and it.unit and it.place != chosen.place]
    return sorted(same, key=lambda it: (it.order, it.place))


@cache
def _names(measure: str) -> tuple[tuple[str, str], ...]:
    return tuple((folded(name), str(unit)) for name, unit in vocabulary()[measure].items())


def _mileage(place: int, text: str, declared: str | None) -> Mileage | None:
    name = folded(text)
    for measure in _KINDS:
        for order, (known, unit) in enumerate(_names(measure)):
            if name == known:
                stated = unit_of(declared) or unit
            elif name.startswith(f"{known} "):
                stated = unit_of(declared) or _stated(text, name.removeprefix(known).strip(), unit)
            else:
                continue
            return Mileage(place, text, measure, stated if _fits(stated, measure) else "", order)
    return None


def _stated(text: str, rest: str, unit: str) -> str:
    """Return the unit an addition states: "(km)", "in Tsd. km", "[Mio.]"; "" where it says something else."""
    inside = text.replace("[", "(").rpartition("(")[2].strip(") ]") if "(" in text or "[" in text else ""
    inside = inside or rest.removeprefix("in ")
    if units.find(inside) is not None:
        return inside
    scale = next((sign for word, sign in _SCALES.items() if rest.removeprefix("in ").strip() == word), None)
    return f"{scale} {unit}" if scale and unit else ""


def _fits(unit: str, measure: str) -> bool:
    found = units.find(unit) if unit else None
    return measure == PLACES or (found is not None and units.unit(found.unit).kind == _KINDS[measure])
