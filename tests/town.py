"""A made-up territory: what the forms keep of it, written into the ledger of the tests."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import polars as pl
from ledger import CITY, ZONE, Ledger, organisations

import factors
from bilanz.app.balances import Ledger as Registered
from bilanz.app.beside.territory import territory_view
from bilanz.app.master.data import MasterdataSummary, import_masterdata
from bilanz.app.settings import Settings
from bilanz.declared import NOTHING
from bilanz.registry.engine import open_registry
from bilanz.result import Beside, Result
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


HALL = "hall"


def lindenau() -> Ledger:
    """Return a small territory with gaps, an unconfirmed zero and a town hall. Nothing of it is real."""
    ledger = Ledger()
    for sector, quantity in (("households", "18250500"), ("commerce", "14100000"), ("industry", "22740000")):
        put(ledger, sector, "electricity", quantity, data_grade="A")
    put(ledger, "households", "natural_gas", "61200000", data_grade="A")
    put(ledger, "commerce", "natural_gas", "25300000", data_grade="A")
    put(ledger, "industry", "natural_gas", "0", zero_confirmed="yes")
    put(ledger, "industry", "district_heat", "0", source="network / industry")
    put(ledger, "households", "district_heat", "3120000", source="network / households", data_grade="A")
    put(ledger, "commerce", "district_heat", "1840000", source="network / commerce", data_grade="A")
    put(ledger, "households", "heating_oil", "9800000", source="estimate / households")
    put(ledger, "households", "ambient_heat", "1580562.5", source="register / heat_pump", data_grade="C")
    put(ledger, "households", "electricity", "5210000", source="register / pv", role="generated")
    put(ledger, "transport", "electricity", "310000", source="bus / transport", data_grade="A")
    put(ledger, "transport", "diesel", "41800000", source="model / transport", data_grade="D")
    put(ledger, "transport", None, "38250000", source="model / car", unit="km", vehicle="car")
    put(ledger, "transport", None, "610000", source="model / bus", unit="km", vehicle="bus")
    told = {"organisation": HALL, "quality": "measured"}
    ledger.bill("R-1", "electricity", "1180000", *YEAR, **told)
    ledger.bill("R-2", "natural_gas", "2260000", *YEAR, basis="Hs", **told)
    ledger.bill("R-3", "heating_oil", "120000", *YEAR, basis="Hi", **told)
    return ledger


def registered(ledger: Ledger, municipality: str | None = HALL) -> Registered:
    """Return a ledger with the organisations as the registry has them: the territory and its town hall."""
    units = organisations(CITY, HALL).with_columns(
        parent=pl.lit(None, dtype=pl.String),
        population=pl.when(pl.col("organisation") == CITY).then(12_480).cast(pl.Int64),
        municipality=pl.when(pl.col("organisation") == CITY).then(pl.lit(municipality, dtype=pl.String)),
    )
    nothing, registry = pl.DataFrame(), open_registry("sqlite://")  # no period is released in it
    return Registered(ledger.store, units, nothing, nothing, nothing, registry, nothing, NOTHING, ZONE)


def declare_keys(folder: Path, *rows: str) -> MasterdataSummary:
    """Register the organisations of the town and notation keys (`organisation,year,ref,key,explanation`)."""
    tables = folder / "tables"
    tables.mkdir(exist_ok=True)
    units = "id,name,kind", f"{CITY},Lindenau,municipality", f"{HALL},Town hall,agency"
    (tables / "organisations.csv").write_text("\n".join(units), encoding="utf-8")
    keys = "organisation,year,ref,key,explanation", *rows
    (tables / "notation_keys.csv").write_text("\n".join(keys), encoding="utf-8")
    return import_masterdata(tables, Settings(data=folder, lang="en"))


def with_view(
    ledger: Ledger, folder: Path, *, organisation: str | None = CITY, municipality: str | None = HALL
) -> Result:
    """Return the run of a territory with its view beside it; the town hall is calculated first."""
    from bilanz.store import runs

    known = registered(ledger, municipality)
    for unit in (HALL, organisation):
        result = ledger.calculate(organisations=known.organisations, organisation=unit)
        runs.save(ledger.store, result)
    found = territory_view(Settings(data=folder), known, result)
    return replace(result, beside=Beside(territory=found))
