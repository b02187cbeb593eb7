"""A made-up territory: what the forms keep of it, written into the ledger of the tests."""

import json
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path

import polars as pl
from ledger import CITY, Ledger

import factors
from bilanz.result import Result
from bilanz.store.territory import territory_records
from bilanz.territorial import TerritoryMethod, read
from bilanz.territory import MUNICIPAL_SCHEMA, Run, Territory, balance

YEAR = (date(2024, 1, 1), date(2025, 1, 1))
METHOD: TerritoryMethod = read(Path(factors.__file__).parent / "territory" / "bisko.toml")
NET = {(CITY, "natural_gas"): Fraction(903, 1000)}
NO_MUNICIPALITY = pl.DataFrame(schema=MUNICIPAL_SCHEMA)


def put(ledger: Ledger, sector: str, activity: str | None, quantity: str, **told: object) -> None:
    """Add what a form of a territory keeps: one figure of a sector for 2024."""
    kept = {"boundary": "territory", "sector": sector}
    for name in ("data_grade", "vehicle", "zero_confirmed"):
        if name in told:
            kept[name] = str(told.pop(name))
    basis = {"natural_gas": "Hs", "heating_oil": "Hi", "wood_pellets": "Hi", "diesel": "Hi", "petrol": "Hi"}
    rest = {"basis": basis.get(activity or "", "none"), "attributes": json.dumps(kept)} | told
    source = str(rest.pop("source", f"grid / {sector}"))
    ledger.bill(source, activity, quantity, *YEAR, **rest)


def balanced(
    ledger: Ledger,
    *,
    municipal: pl.DataFrame = NO_MUNICIPALITY,
    ratios: Mapping[tuple[str, str], Fraction] = NET,
) -> tuple[Territory, Result]:
    """Return the territory of a ledger and the run it was made of."""
    result = ledger.calculate(books=("bisko",))
    run = Run.of(result.usage, result.lines, result.exceptions, book="bisko", organisations=[CITY])
    records = territory_records(ledger.store, 2024)
    return balance(run, records, municipal, METHOD, year=2024, ratios=ratios), result
