"""The closed vocabulary of activities."""

import pytest

from bilanz import activity
from bilanz.errors import UnknownName

AGREED = [
    "electricity",
    "natural_gas",
    "heating_oil",
    "lpg",
    "hard_coal",
    "lignite",
    "wood_pellets",
    "wood_chips",
    "district_heat",
    "district_cooling",
    "diesel",
    "petrol",
    "cng",
    "hvo",
    "biogas",
    "water_supply",
    "waste_water",
    "waste_residual",
]


def test_codes_used_by_others_are_there() -> None:
    assert set(AGREED) <= set(activity.activities())


def test_every_activity_is_complete() -> None:
    known = activity.activities()
    assert len(known) > 40
    for entry in known.values():
        assert entry.de
        assert entry.en
        assert entry.dimensions
        assert entry.scope in {"1", "2", "3", "none"}
        assert entry.parent is None or entry.parent in known
        assert not entry.needs_basis or "energy" in entry.dimensions


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Strom", "electricity"),
        ("ERDGAS", "natural_gas"),
        ("Heizöl EL", "heating_oil"),
        ("Heizoel", "heating_oil"),
        ("Diesel", "diesel"),
        ("Diesel B7", "diesel_b7"),
        ("Super", "petrol"),
        ("Super E10", "petrol_e10"),
        ("super-e10", "petrol_e10"),
        ("HVO100", "hvo"),
        ("Fernwärme", "district_heat"),
        ("Straßen-, Stadt- und U-Bahn", "travel_tram"),
    ],
)
def test_names_and_aliases_are_found(name: str, code: str) -> None:
    assert activity.find(name) == code


@pytest.mark.parametrize("name", ["Diesel #2", "Super", "Strom und Gas", "", "Gasflasche"])
def test_only_whole_names_match(name: str) -> None:
    # "Super" alone is an alias of petrol; everything else must not match a part of a name.
    assert activity.find(name) == ("petrol" if name == "Super" else None)


def test_an_unknown_code_names_near_misses() -> None:
    with pytest.raises(UnknownName, match="erdgas"):
        activity.activity("Erdgass")
