"""Readings times the value of their hour, summed by civil day: the Parquet read once more, for hourly books.

    readings/<batch>.parquet ──► per file: series × local day, Σ quantity · kg per unit ──► days that count
                                                            └── Σ quantity that meets no value

Overlaps give way as in the roll-up: the same statements choose the readings.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from bilanz.errors import BilanzError
from bilanz.hourly import HOUR_COLUMNS, NO_VALUE, TOO_LONG, HourClass
from bilanz.intensity import LONGEST, MULTIPLIERS, Intensity, multipliers
from bilanz.store.connection import Store
from bilanz.store.rollup import TOUCHED_SCHEMA, Part, has_losses, mapping_of, parts_of, readings_of

_EMPTY: Final = """
CREATE OR REPLACE TEMP TABLE engine_hour_part (
    hour_class INTEGER, segment BIGINT, month DATE, quality VARCHAR,
    matched DECIMAL(38,6), n_matched BIGINT, high DECIMAL(38,18), low DECIMAL(38,18), missed DECIMAL(38,6),
    n_missed BIGINT, code VARCHAR)
"""

_TOUCHED: Final = """
SELECT series_key, min("day") AS first_day, max("day") AS last_day FROM engine_hour_day
WHERE hour_class = ? GROUP BY series_key
"""

_PART: Final = """
INSERT INTO engine_hour_part
SELECT t.hour_class, t.segment, t.month, t.quality, sum(d.quantity) - coalesce(sum(d.missed), 0),
    sum(d.n_matched), coalesce(sum(d.high), 0), coalesce(sum(d.low), 0), coalesce(sum(d.missed), 0),
    sum(d.n - d.n_matched), '{code}'
FROM (
    SELECT r.series, r.lm // 1440 AS day_number, sum(r.quantity) AS quantity, count(*) AS n,
        count(v.start) AS n_matched, {high} AS high, {low} AS low,
        sum(r.quantity) FILTER (v.start IS NULL) AS missed -- few or none, hence cheap
    FROM {readings} r LEFT JOIN hour_value v ON v.start = r.start
    GROUP BY r.series, r.lm // 1440) d
JOIN {mapping} g ON g.series = d.series
JOIN engine_hour_day t ON t.hour_class = {number} AND t.series_key = g.series_key
    AND t."day" = DATE '1970-01-01' + d.day_number::INTEGER
GROUP BY t.hour_class, t.segment, t.month, t.quality
"""

_SUM: Final = f"""
CREATE OR REPLACE TEMP TABLE engine_hour AS
SELECT {", ".join(HOUR_COLUMNS)} FROM (
    SELECT hour_class, segment, month, quality, sum(matched)::DECIMAL(25,6) AS matched,
        sum(n_matched)::BIGINT AS n_matched, sum(high)::DECIMAL(38,18) AS high,
        sum(low)::DECIMAL(38,18) AS low, sum(missed)::DECIMAL(25,6) AS missed,
        sum(n_missed)::BIGINT AS n_missed, max(code) AS code
    FROM engine_hour_part GROUP BY hour_class, segment, month, quality)
"""


@dataclass(frozen=True, slots=True)
class ParquetHours:
    """Sums by the hour over the readings of a store (`bilanz.hourly.Hours`). `series`: by factor_id."""

    store: Store
    series: Mapping[str, Intensity]

    def fill(self, classes: tuple[HourClass, ...]) -> None:
        """Make the temporary table `engine_hour` from `engine_hour_day`.

        A series of readings has one length, so a segment has one code: too long, or no value.

        Raises:
            BilanzError: a value is too large for the unit of the readings.
        """
        self.store.con.execute(_EMPTY)
        for entry in classes:
            found = self.store.frame(_TOUCHED, [entry.number])
            touched = found.select(pl.col(name).cast(kind) for name, kind in TOUCHED_SCHEMA.items())
            with self.store.lend(touched=touched):
                for part in parts_of(self.store):
                    self._add(entry, part)
        self.store.con.execute(_SUM)

    def _add(self, entry: HourClass, part: Part) -> None:
        values = self._values(entry, part.minutes)
        has_low = bool((values["low"] != 0).any())
        statement = _PART.format(
            number=entry.number,
            code=TOO_LONG if part.minutes > LONGEST else NO_VALUE,
            high="sum(r.quantity * v.high)",
            low="sum(r.quantity * v.low)" if has_low else "0::DECIMAL(38,18)",
            readings=readings_of(self.store, part, is_lost=False if has_losses(self.store, part) else None),
            mapping=mapping_of(part),
        )
        with self.store.lend(hour_value_frame=values):
            self.store.con.execute("CREATE OR REPLACE TEMP TABLE hour_value AS FROM hour_value_frame")
        self.store.con.execute(statement)

    def _values(self, entry: HourClass, minutes: int) -> pl.DataFrame:
        """Return what readings of a length meet; nothing where they are too long."""
        if minutes > LONGEST:
            return pl.DataFrame(schema=MULTIPLIERS)
        try:
            return multipliers(self.series[entry.factor_id], minutes, entry.factor)
        except OverflowError as error:
            message = "The series {name} states {value} kg per unit of a reading; less than 10^7 is expected."
            raise BilanzError(message, name=entry.factor_id, value=str(error)) from error
