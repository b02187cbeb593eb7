"""A large catalogue and many distinct keys: what the choice of factors costs."""

import time
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import islice, product

import polars as pl

from bilanz.decision import Key
from bilanz.factor import FACTOR_SCHEMA

KEYS = 5_000
ROWS = 30_000
_SOURCES = {
    "electricity": ("uba_strommix", "aib_residual_mix", "eea_grid"),
    "natural_gas": ("ebev2030", "desnz", "bafa"),
    "diesel": ("ebev2030", "desnz"),
    "heating_oil": ("ebev2030", "desnz", "bafa"),
    "travel_car": ("tremod", "desnz"),
    "water_supply": ("desnz",),
}
_UNITS = {"diesel": "l", "travel_car": "pkm", "water_supply": "m3"}
_COUNTRIES = "DE AT BE BG CY CZ DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK GB".split()  # noqa: SIM905 - a list of codes, read at a glance
_LANDS = "BB BE BW BY HB HE HH MV NI NW RP SH SL SN ST TH".split()  # noqa: SIM905 - a list of codes, read at a glance
_REGIONS = (*_COUNTRIES, *(f"DE-{name}" for name in _LANDS))
_YEARS = range(2000, 2026)


def factors() -> pl.DataFrame:
    """Return `ROWS` factor rows: every region, year and edition of a few activities."""
    places = product(range(9), _YEARS, _REGIONS, [(a, s) for a, names in _SOURCES.items() for s in names])
    rows = [_row(*place) for place in islice(places, ROWS)]
    return pl.DataFrame(rows, schema=FACTOR_SCHEMA, orient="row")


def _row(edition: int, year: int, region: str, about: tuple[str, str]) -> dict[str, object]:
    activity, source = about
    basis = "Hi" if activity in {"natural_gas", "heating_oil"} else "none"
    return dict.fromkeys(FACTOR_SCHEMA) | {
        "factor_id": f"{source}:e{edition}:{activity}:{region}:{year}",
        "source": source,
        "edition": f"e{edition}",
        "activity": activity,
        "region": region,
        "valid_from": date(year, 1, 1),
        "valid_to": date(year + 1, 1, 1),
        "gas": "CO2e",
        "value": Decimal("0.2"),
        "mass_unit": "kg",
        "per_unit": _UNITS.get(activity, "kWh"),
        "basis": basis,
        "chain": "direct",
        "gwp": "AR5",
        "evidence": "primary",
        "publisher": "bench",
        "title": "bench",
        "locator": "bench",
        "licence": "none",
    }


def keys() -> list[Key]:
    """Return `KEYS` distinct keys: activities, regions and the months of several years."""
    months = [date(year, month, 1) for year in _YEARS for month in range(1, 13)]
    places = product(months, _REGIONS, _SOURCES)
    picked = islice(places, 0, None, max(1, len(months) * len(_REGIONS) * len(_SOURCES) // KEYS))
    found = []
    for on, region, activity in islice(picked, KEYS):
        unit = _UNITS.get(activity, "kWh")
        basis = "Hs" if activity in {"natural_gas", "heating_oil"} else "none"
        found.append(Key(activity, "", unit, basis, region, on))
    return found


def matched() -> dict[str, float]:
    """Decide every key in one book; grouping the rows into statements is timed apart."""
    from bilanz.app.calculation import engine
    from factors.base import catalogue as shipped

    catalogue = replace(shipped(), factors=factors())
    asked = keys()
    start = time.perf_counter()
    machine = engine(catalogue, year=2024, books=("ghgp_location",))
    grouped = time.perf_counter()
    decisions = [machine.books[0].matcher.decide(key) for key in asked]
    done = time.perf_counter()
    return {
        "rows": catalogue.factors.height,
        "keys": len(set(asked)),
        "found": sum(decision.hit is not None for decision in decisions),
        "group": grouped - start,
        "seconds": done - grouped,
    }
