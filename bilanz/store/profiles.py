"""Load profiles: what the meters that count most drew or fed in, hour by hour of local time, for a picture.

The readings are those that count; of an hour the clock shows twice both are summed, and of the one it skips
there is nothing.
"""

from datetime import date
from typing import Final

import polars as pl

from bilanz.records import QUANTITY
from bilanz.store.connection import Store
from bilanz.store.rollup import TOUCHED_SCHEMA, Part, has_losses, mapping_of, parts_of, readings_of

PROFILE_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "organisation": pl.String,
    "source": pl.String,
    "activity": pl.String,
    "direction": pl.String,
    "unit": pl.String,
    "minutes": pl.Int32,  # length of the readings
    "day": pl.Date,  # local
    "hour": pl.Int32,  # 0 to 23, as the clock shows it
    "quantity": QUANTITY,
    "readings": pl.Int64,
}

_HOUR: Final = 60

_LARGEST: Final = """
SELECT d.series_key, min(d."day") AS first_day, max(d."day") AS last_day
FROM daily d JOIN series s USING (series_key)
WHERE s.minutes <= ? AND s.unit = ? AND d."day" >= ? AND d."day" < ?
    AND s.organisation IN (SELECT organisation FROM profile_within)
GROUP BY d.series_key ORDER BY sum(d.quantity) DESC, min(s.organisation), min(s.source) LIMIT ?
"""

_HOURS: Final = """
SELECT s.organisation, s.source, s.activity, s.direction, s.unit, s.minutes,
    CAST(DATE '1970-01-01' + CAST(h.number // 24 AS INTEGER) AS DATE) AS "day",
    CAST(h.number % 24 AS INTEGER) AS hour, h.quantity, h.readings
FROM (
    SELECT r.series, r.lm // 60 AS number, sum(r.quantity) AS quantity, count(*) AS readings
    FROM {readings} r GROUP BY r.series, r.lm // 60) h
JOIN {mapping} m ON m.series = h.series
JOIN series s ON s.series_key = m.series_key
WHERE h.number // 24 >= {first} AND h.number // 24 < {last}
"""


def profiles(
    store: Store, organisations: pl.DataFrame, *, year: int, unit: str = "kWh", count: int = 3
) -> pl.DataFrame:
    """Return the hours of the meters with the largest sums of a year.

    Args:
        store: open store.
        organisations: column `organisation`: whose meters.
        year: of local days.
        unit: only meters that count in it.
        count: how many meters.

    Shape: one row per meter, local day and hour with readings, `PROFILE_SCHEMA`; by meter, day and hour.
    """
    first, last = date(year, 1, 1), date(year + 1, 1, 1)
    with store.lend(profile_within=organisations.select("organisation")):
        found = store.frame(_LARGEST, [_HOUR, unit, first, last, count])
    touched = found.select(pl.col(name).cast(kind) for name, kind in TOUCHED_SCHEMA.items())
    frames = [pl.DataFrame(schema=PROFILE_SCHEMA)]
    with store.lend(touched=touched):
        frames += [_hours(store, part, first, last) for part in parts_of(store)]
    keys = [name for name in PROFILE_SCHEMA if name not in {"quantity", "readings"}]
    whole = pl.concat(frames).group_by(keys).agg(pl.col("quantity").sum(), pl.col("readings").sum())
    return whole.select(pl.col(name).cast(kind) for name, kind in PROFILE_SCHEMA.items()).sort(keys)


def _hours(store: Store, part: Part, first: date, last: date) -> pl.DataFrame:
    epoch = date(1970, 1, 1)
    statement = _HOURS.format(
        readings=readings_of(store, part, is_lost=False if has_losses(store, part) else None),
        mapping=mapping_of(part),
        first=(first - epoch).days,
        last=(last - epoch).days,
    )
    return store.frame(statement).select(pl.col(name).cast(kind) for name, kind in PROFILE_SCHEMA.items())
