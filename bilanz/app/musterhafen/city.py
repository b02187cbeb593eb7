"""Who and what there is in Musterhafen: organisations, their figures and their points of measurement."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

CITY = "Stadt Musterhafen (fiktiv)"
YEARS = (2022, 2023, 2024)

Profile = Literal["flat", "heating", "school", "light", "bath"]
Delivery = Literal["monthly", "yearly", "interval", "invoice", "tank"]


@dataclass(frozen=True, slots=True)
class Organisation:
    """One organisation; figures hold for all years (inhabitants only for the city)."""

    code: str
    name: str
    kind: str
    parent: str = ""
    inhabitants: int | None = None
    floor_area_m2: int | None = None
    staff: int | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """A meter, a tank, a contract; one line of `points.csv`.

    Attributes:
        yearly: quantity in 2022, 2023, 2024 in `unit`.
        price: euros net per unit.
        profile: how a year is spread over its months.
        delivery: which kind of file it arrives in.
        parent: the meter this one hangs behind.
        evidence: contract evidence for the market-based book.
    """

    source: str
    organisation: str
    site: str
    activity: str
    unit: str
    yearly: tuple[float, float, float]
    price: float
    basis: str
    profile: Profile
    delivery: Delivery
    role: str
    tenure: str
    parent: str
    evidence: str


ORGANISATIONS = (
    Organisation("musterhafen", CITY, "municipality", inhabitants=18_240),
    Organisation("rathaus", "Rathaus und Schulen", "agency", "musterhafen", None, 31_400, 212),
    Organisation("stadtwerke", "Stadtwerke Musterhafen", "enterprise", "musterhafen", None, 9_800, 96),
    Organisation("fuhrpark", "Entsorgung und Fuhrpark", "agency", "musterhafen", None, 4_300, 58),
    Organisation("nahverkehr", "Nahverkehr Musterhafen", "enterprise", "musterhafen", None, 5_100, 74),
    Organisation("einkauf", "Zentraler Einkauf", "agency", "musterhafen", None, 900, 11),
)


def _points() -> tuple[Point, ...]:
    with (Path(__file__).parent / "points.csv").open(encoding="utf-8", newline="") as stream:
        return tuple(_point(line) for line in csv.DictReader(stream))


def _point(line: dict[str, str]) -> Point:
    first, second, third = (float(line[str(year)]) for year in YEARS)
    return Point(
        source=line["source"],
        organisation=line["organisation"],
        site=line["site"],
        activity=line["activity"],
        unit=line["unit"],
        yearly=(first, second, third),
        price=float(line["price"]),
        basis=line["basis"],
        profile=cast("Profile", line["profile"]),
        delivery=cast("Delivery", line["delivery"]),
        role=line["role"],
        tenure=line["tenure"],
        parent=line["parent"],
        evidence=line["evidence"],
    )


POINTS = _points()
