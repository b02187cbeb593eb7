"""A store in memory with a few hand-made series, and the factors to balance it with."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from bilanz import gases
from bilanz.app.calculation import calculate
from bilanz.factor import FACTOR_SCHEMA
from bilanz.instrument import INSTRUMENT_SCHEMA
from bilanz.periods import day_start
from bilanz.result import ORGANISATION_SCHEMA, Result
from bilanz.shares import TERM_SCHEMA
from bilanz.store.connection import Store
from bilanz.store.schema import statements
from factors.base import Catalogue, catalogue

ZONE = "Europe/Berlin"
CITY = "city"


def organisations(*names: str, region: str = "DE") -> pl.DataFrame:
    rows = [(name, None if name == CITY else CITY, name, "agency", name, region) for name in names or (CITY,)]
    return pl.DataFrame(rows, schema=ORGANISATION_SCHEMA, orient="row")


def term(source: str, **told: object) -> dict[str, Any]:
    """Return one row of the registry: consumed, owned, own control, from always to open."""
    row = dict.fromkeys(TERM_SCHEMA) | {
        "source": source,
        "organisation": CITY,
        "activity": "electricity",
        "region": "DE",
        "role": "consumed",
        "tenure": "owned",
        "control": True,
        "is_assumed": False,
    }
    return row | told


def factor(activity: str, value: str, **told: object) -> dict[str, Any]:
    """Return one factor row: custom, direct CO2e in kg per kWh for Germany, always valid."""
    row = dict.fromkeys(FACTOR_SCHEMA) | {
        "factor_id": f"own:{activity}",
        "source": "own",
        "edition": "2024",
        "activity": activity,
        "region": "DE",
        "valid_from": date(2000, 1, 1),
        "gas": "CO2e",
        "value": Decimal(value),
        "mass_unit": "kg",
        "per_unit": "kWh",
        "basis": "none",
        "chain": "direct",
        "evidence": "custom",
        "publisher": "test",
        "title": "test",
        "locator": "test",
        "licence": "none",
    }
    return row | told


def instrument(identifier: str, factor_id: str, **told: object) -> dict[str, Any]:
    """Return one row of `INSTRUMENT_SCHEMA`: a contract of the city for all its electricity of 2024."""
    row = dict.fromkeys(INSTRUMENT_SCHEMA) | {
        "id": identifier,
        "kind": "contract",
        "organisation": None if "source" in told else CITY,
        "activity": "electricity",
        "factor": factor_id,
        "valid_from": date(2024, 1, 1),
        "valid_to": date(2025, 1, 1),
        "evidence": f"evidence of {identifier}",
    }
    limit = told.get("quantity_kwh")
    return row | told | ({} if limit is None else {"quantity_kwh": int(str(limit))})


def with_factors(rows: Sequence[dict[str, Any]], *, only: bool = False) -> Catalogue:
    """Return the shipped catalogue with own factor rows, or with those only."""
    shipped = catalogue()
    own = pl.DataFrame(rows, schema=FACTOR_SCHEMA, orient="row")
    factors = own if only else pl.concat([shipped.factors, own])
    told = {name: getattr(shipped, name) for name in Catalogue.__dataclass_fields__}
    return Catalogue(**(told | {"factors": factors}))


def gwp(name: str) -> gases.GwpSet:
    return catalogue().gwp_set(name)


@dataclass
class Ledger:
    """A store that is written by hand."""

    store: Store = field(
        default_factory=lambda: Store(
            con=duckdb.connect(), directory=Path("nowhere")
        )  # nothing is read from it
    )
    terms: list[dict[str, Any]] = field(default_factory=list)
    instruments: list[dict[str, Any]] = field(default_factory=list)
    series: dict[tuple[Any, ...], int] = field(default_factory=dict)
    records: int = 0

    def __post_init__(self) -> None:
        for statement in statements():
            self.store.con.execute(statement)
        self.batch(1)

    def batch(self, key: int, state: str = "committed") -> None:
        self.store.con.execute(
            """INSERT INTO batch VALUES (?, ?, ?, 'file.csv', 'upload', '1', 'city', TIMESTAMP '2025-01-01',
            ?, 1, 1, 0, 0, NULL, NULL, NULL)""",
            [key, f"b{key}", f"{key:064x}", state],
        )

    def key(self, source: str, activity: str | None, **told: object) -> int:
        """Return the key of a series, made where there is none."""
        row = (
            told.get("organisation", CITY),
            source,
            activity,
            told.get("product_group"),
            told.get("direction", "consumption"),
            told.get("unit", "kWh"),
            told.get("basis", "none"),
            told.get("minutes"),
            ZONE,
        )
        if row not in self.series:
            self.series[row] = len(self.series) + 1
            marks = ", ".join("?" * (len(row) + 1))
            self.store.con.execute(f"INSERT INTO series VALUES ({marks})", [self.series[row], *row])
        return self.series[row]

    def bill(
        self, source: str, activity: str | None, quantity: str, first: date, last: date, **told: object
    ) -> int:
        """Add a record over whole local days [first, last) and return its identifier."""
        self.records += 1
        key = self.key(source, activity, **told)
        columns = {
            "record_id": self.records,
            "batch_key": told.get("batch", 1),
            "series_key": key,
            "source_row": self.records + 1,
            "column": "quantity",
            "organisation": told.get("organisation", CITY),
            "source": source,
            "activity": activity,
            "product_group": told.get("product_group"),
            "role": told.get("role"),
            "direction": told.get("direction", "consumption"),
            "start": told.get("start", day_start(ZONE, first)),
            "end": told.get("end", day_start(ZONE, last)),
            "quantity": Decimal(quantity),
            "unit": told.get("unit", "kWh"),
            "basis": told.get("basis", "none"),
            "original_quantity": quantity,
            "original_unit": told.get("unit", "kWh"),
            "cost_net": told.get("cost_net"),
            "currency": told.get("currency"),
            "quality": told.get("quality", "billed"),
            "document_type": told.get("document_type"),
            "attributes": told.get("attributes"),
        }
        names = ", ".join(f'"{name}"' for name in columns)
        marks = ", ".join("?" * len(columns))
        self.store.con.execute(f"INSERT INTO activity ({names}) VALUES ({marks})", list(columns.values()))
        return self.records

    def day(self, source: str, activity: str, quantity: str, day: date, **told: object) -> None:
        """Add one row of the daily roll-up."""
        key = self.key(source, activity, **({"minutes": 15} | told))
        measured, estimated = told.get("measured", 96), told.get("estimated", 0)
        self.store.con.execute(
            "INSERT INTO daily VALUES (?, ?, ?, 96, ?, ?, '1'::BIT)",
            [key, day, Decimal(quantity), measured, estimated],
        )

    def resolve(self, series_key: int, record: int, *, winner: int, loser: int, rule: str = "first") -> None:
        self.store.con.execute(
            "INSERT INTO resolution VALUES (?, ?, ?, ?, ?, ?, NULL, 'cli', TIMESTAMP '2025-01-01', ?)",
            [series_key, datetime(2024, 1, 1), datetime(2025, 1, 1), winner, loser, rule, record],  # noqa: DTZ001 - UTC without a zone, as stored
        )

    def calculate(self, **told: object) -> Result:
        """Calculate 2024 with the shipped catalogue unless told otherwise."""
        frame = pl.DataFrame(self.terms, schema=TERM_SCHEMA, orient="row")
        given = {"year": 2024, "catalogue": catalogue(), "organisations": organisations(CITY)} | told
        given["instruments"] = pl.DataFrame(self.instruments, schema=INSTRUMENT_SCHEMA, orient="row")
        return calculate(self.store, given.pop("organisations"), frame, given.pop("catalogue"), **given)


def co2e(result: Result, book: str, **wanted: str) -> Decimal:
    """Return the sum of co2e_kg over the lines of a book that match."""
    lines = result.lines.filter(pl.col("book") == book, *(pl.col(k) == v for k, v in wanted.items()))
    return Decimal(lines["co2e_kg"].sum() or 0)


def quantity(frame: pl.DataFrame, **wanted: str) -> Decimal:
    """Return the sum of quantity over the rows that match."""
    rows = frame.filter(*(pl.col(name) == value for name, value in wanted.items()))
    return Decimal(rows["quantity"].sum() or 0)
