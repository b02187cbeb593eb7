"""The tables of the store, made from the same schemas the frames have.

Widths: quantities DECIMAL(19,6), 10^13 units with six decimals; daily sums DECIMAL(25,6); masses
DECIMAL(38,12). `daily.slots` has one bit per interval of a day of 25 hours, bit 0 first: bit k is set
where the k-th interval since the day began has a reading.
"""

from collections.abc import Mapping
from typing import Final

import polars as pl

from bilanz.factor import FACTOR_SCHEMA
from bilanz.issues import ISSUE_SCHEMA
from bilanz.records import ACTIVITY_SCHEMA
from bilanz.result import (
    BATCH_SCHEMA,
    COVERAGE_SCHEMA,
    EXCEPTION_SCHEMA,
    LINE_SCHEMA,
    ORGANISATION_SCHEMA,
    SUPERSEDED_SCHEMA,
    USAGE_SCHEMA,
)

VERSION: Final = 4

_TYPES: Final[dict[pl.DataType | type[pl.DataType], str]] = {
    pl.String: "VARCHAR",
    pl.Int8: "TINYINT",
    pl.Int32: "INTEGER",
    pl.Int64: "BIGINT",
    pl.Float64: "DOUBLE",
    pl.Boolean: "BOOLEAN",
    pl.Date: "DATE",
    pl.Datetime("us"): "TIMESTAMP",
}

Schema = Mapping[str, pl.DataType | type[pl.DataType]]


def sql_type(kind: pl.DataType | type[pl.DataType]) -> str:
    """Return the DuckDB type of a polars type."""
    if isinstance(kind, pl.Decimal):
        return f"DECIMAL({kind.precision},{kind.scale})"
    return _TYPES[kind]


def columns(schema: Schema) -> str:
    """Return the column definitions of a frame schema."""
    return ", ".join(f'"{name}" {sql_type(kind)}' for name, kind in schema.items())


def names(schema: Schema) -> str:
    """Return the quoted column names of a frame schema."""
    return ", ".join(f'"{name}"' for name in schema)


ASSUMPTION_SCHEMA: Final[Schema] = {"code": pl.String, "subject": pl.String, "detail": pl.String}

# With the figures of an organisation: numerators and denominators of intensities stay apart.
_ORGANISATION_SCHEMA: Final[Schema] = {
    **ORGANISATION_SCHEMA,
    "population": pl.Int64,
    "floor_area_m2": pl.Decimal(18, 2),
    "staff": pl.Decimal(12, 2),
}

RUN_TABLES: Final[dict[str, Schema]] = {
    "run_line": LINE_SCHEMA,
    "run_usage": USAGE_SCHEMA,
    "run_exception": EXCEPTION_SCHEMA,
    "run_superseded": SUPERSEDED_SCHEMA,
    "run_coverage": COVERAGE_SCHEMA,
    "run_assumption": ASSUMPTION_SCHEMA,
    "run_factor": FACTOR_SCHEMA,
    "run_organisation": _ORGANISATION_SCHEMA,
    "run_batch": BATCH_SCHEMA,
}

# loser_record: the one record that gives way; null: the loser's readings in [start, end). What a person
# excluded gives way to nothing: winner and loser are one batch.
RESOLUTION: Final = """CREATE TABLE {name} (
        series_key INTEGER NOT NULL, "start" TIMESTAMP NOT NULL, "end" TIMESTAMP NOT NULL,
        winner_batch INTEGER NOT NULL, loser_batch INTEGER NOT NULL,
        rule VARCHAR NOT NULL CHECK (rule IN (
            'first', 'replace', 'both', 'correction', 'latest_delivery', 'excluded')),
        reason VARCHAR, "by" VARCHAR NOT NULL, "at" TIMESTAMP NOT NULL, loser_record BIGINT)"""

# What readings gave way, so that accepted = counted + superseded can be checked without the Parquet.
SUPERSEDED: Final = """CREATE TABLE daily_superseded (
        series_key INTEGER NOT NULL, "day" DATE NOT NULL, batch_key INTEGER NOT NULL,
        quantity DECIMAL(25,6) NOT NULL, readings INTEGER NOT NULL, is_excluded BOOLEAN NOT NULL)"""

LIVE: Final = """CREATE VIEW activity_live AS
        SELECT a.*, a.record_id IN (SELECT loser_record FROM resolution
            WHERE loser_record IS NOT NULL AND rule <> 'both') AS is_superseded
        FROM activity a JOIN batch b USING (batch_key) WHERE b.state = 'committed'"""

_TABLES: Final = (
    "CREATE TABLE store_version (version INTEGER NOT NULL)",
    f"INSERT INTO store_version VALUES ({VERSION})",
    """CREATE TABLE batch (
        batch_key INTEGER PRIMARY KEY, batch VARCHAR NOT NULL UNIQUE, sha256 VARCHAR NOT NULL,
        file VARCHAR NOT NULL, importer VARCHAR NOT NULL, importer_version VARCHAR NOT NULL,
        organisation VARCHAR NOT NULL, committed_at TIMESTAMP NOT NULL,
        state VARCHAR NOT NULL CHECK (state IN ('committed', 'withdrawn')),
        n_read BIGINT NOT NULL, n_accepted BIGINT NOT NULL, n_rejected BIGINT NOT NULL,
        n_ignored BIGINT NOT NULL, period_start TIMESTAMP, period_end TIMESTAMP,
        delivered TIMESTAMP,
        CHECK (n_read = n_accepted + n_rejected + n_ignored))""",
    # No primary keys below: their indexes cost more than they give, the single writer keeps them unique.
    """CREATE TABLE series (
        series_key INTEGER NOT NULL, organisation VARCHAR NOT NULL, source VARCHAR NOT NULL, activity VARCHAR,
        product_group VARCHAR, direction VARCHAR NOT NULL, unit VARCHAR NOT NULL, basis VARCHAR NOT NULL,
        minutes INTEGER, zone VARCHAR)""",
    """CREATE TABLE batch_series (
        batch_key INTEGER NOT NULL, series INTEGER NOT NULL, series_key INTEGER NOT NULL,
        readings BIGINT NOT NULL, first_start TIMESTAMP NOT NULL, last_end TIMESTAMP NOT NULL)""",
    """CREATE TABLE daily (
        series_key INTEGER NOT NULL, "day" DATE NOT NULL, quantity DECIMAL(25,6) NOT NULL,
        n_expected INTEGER NOT NULL, n_measured INTEGER NOT NULL, n_estimated INTEGER NOT NULL,
        slots BIT NOT NULL)""",
    f"""CREATE TABLE activity (
        record_id BIGINT NOT NULL, batch_key INTEGER NOT NULL, series_key INTEGER NOT NULL,
        {columns(ACTIVITY_SCHEMA)})""",
    f"CREATE TABLE issue (batch_key INTEGER NOT NULL, {columns(ISSUE_SCHEMA)})",
    RESOLUTION.format(name="resolution"),
    SUPERSEDED,
    LIVE,
    """CREATE TABLE run (
        run VARCHAR PRIMARY KEY, year INTEGER NOT NULL, manifest JSON NOT NULL,
        created_at TIMESTAMP NOT NULL)""",
    *(
        f"CREATE TABLE {table} (run VARCHAR NOT NULL, {columns(schema)})"
        for table, schema in RUN_TABLES.items()
    ),
)


def statements() -> tuple[str, ...]:
    """Return the statements that make an empty store."""
    return _TABLES


def upgrades(version: int) -> tuple[str, ...]:
    """Return the statements that bring a store of an older version up to `VERSION`; none: it cannot be.

    2: factors of a run state category, item, method, prices and owner. Runs of before keep them empty.
    3: a batch states when its message was made.
    4: a person can exclude what was imported.
    """
    steps = {1: _SECOND, 2: ("ALTER TABLE batch ADD COLUMN delivered TIMESTAMP",), 3: _FOURTH}
    if version not in steps:
        return ()
    done = [statement for step in range(version, VERSION) for statement in steps[step]]
    return (*done, f"UPDATE store_version SET version = {VERSION}")


_ADDED: Final = ("category", "item", "method", "price_year", "price_basis", "organisation")
_SECOND: Final = tuple(
    f'ALTER TABLE run_factor ADD COLUMN "{name}" {sql_type(FACTOR_SCHEMA[name])}' for name in _ADDED
)

# A check cannot be altered: the tables are made anew.
_FOURTH: Final = (
    "DROP VIEW activity_live",
    "ALTER TABLE resolution RENAME TO resolution_3",
    RESOLUTION.format(name="resolution"),
    "INSERT INTO resolution SELECT * FROM resolution_3",
    "DROP TABLE resolution_3",
    "ALTER TABLE daily_superseded RENAME TO daily_superseded_3",
    SUPERSEDED,
    """INSERT INTO daily_superseded SELECT series_key, "day", batch_key, quantity, readings, FALSE
        FROM daily_superseded_3""",
    "DROP TABLE daily_superseded_3",
    LIVE,
)
