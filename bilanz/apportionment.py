"""Spreading long records by monthly weights instead of days, where their source declares it.

    engine_share (by day) + weights ──► engine_share   same parts, same days, other quantities
                                        engine_spread  which records were spread so, and which could not be

A month's weight lies evenly on its days. Positions are integers that neighbouring parts share, so the parts
of a record add up to it exactly, over the turn of the year too. A record of which the weights do not hold
every day stays spread by day, and the assumptions say so.
"""

from typing import Final

import polars as pl

from bilanz.connection import Database, lend
from bilanz.declared import Declared

_MICRO: Final = 1_000_000

# 377 580 is a multiple of 28, 29, 30 and 31: a day of any month has a whole weight, nothing is cut off.
_WEIGHT: Final = """
CREATE OR REPLACE TEMP TABLE engine_weight AS
WITH month AS (
    SELECT name, micro, month, CAST(month + INTERVAL 1 MONTH AS DATE) AS after FROM engine_month_weight
), day AS (
    SELECT name, CAST(UNNEST(generate_series(month, after - 1, INTERVAL 1 DAY)) AS DATE) AS day,
        CAST(micro AS HUGEINT) * 377580 // date_diff('day', month, after) AS weight
    FROM month
)
SELECT name, day, weight,
    CAST(SUM(weight) OVER (PARTITION BY name ORDER BY day) AS HUGEINT) - weight AS before
FROM day
"""

# A record in the middle of a day takes the part of the day's weight that lies in it.
_PLACED: Final = """
CREATE OR REPLACE TEMP TABLE engine_spread AS
WITH span AS (
    SELECT r.record_id, r.source, r.first_day, r.last_day, r.micro, r.cost_micro, r.seconds, r.local_start,
        r.local_end, a.weights, a.heat
    FROM engine_record r JOIN engine_apportionment a ON a.source = r.source
    WHERE r.first_day < r.last_day AND r.quality <> 'spend'
), held AS (
    SELECT s.record_id, COUNT(*) AS days
    FROM span s JOIN engine_weight w
        ON w.name = s.weights AND w.day >= s.first_day AND w.day <= s.last_day
    GROUP BY s.record_id
), placed AS (
    SELECT s.*, h.days = date_diff('day', s.first_day, s.last_day) + 1 AS is_held,
        f.before + f.weight * date_diff('second', CAST(s.first_day AS TIMESTAMP), s.local_start) // 86400
            AS start_at,
        l.before + l.weight * date_diff('second', CAST(s.last_day AS TIMESTAMP), s.local_end) // 86400
            AS end_at
    FROM span s
    LEFT JOIN held h ON h.record_id = s.record_id
    LEFT JOIN engine_weight f ON f.name = s.weights AND f.day = s.first_day
    LEFT JOIN engine_weight l ON l.name = s.weights AND l.day = s.last_day
)
SELECT *, COALESCE(is_held AND end_at > start_at, FALSE) AS is_weighted FROM placed
"""

# heat: millionths of the record that follow the weights; what is left goes by the seconds, as elsewhere.
_SPREAD: Final = """
CREATE OR REPLACE TEMP TABLE engine_share AS
WITH position AS (
    SELECT s.record_id, s.day, w.micro, w.cost_micro, w.heat, w.seconds, w.end_at - w.start_at AS total,
        CASE WHEN s.day <= w.first_day THEN 0 ELSE b.before - w.start_at END AS low,
        CASE WHEN s.day + CAST(s.days AS INTEGER) > w.last_day THEN w.end_at - w.start_at
            ELSE u.before - w.start_at END AS high,
        GREATEST(0, date_diff('second', w.local_start, CAST(s.day AS TIMESTAMP))) AS low_second,
        LEAST(w.seconds,
            date_diff('second', w.local_start, CAST(s.day + CAST(s.days AS INTEGER) AS TIMESTAMP)))
            AS high_second
    FROM engine_share s
    JOIN engine_spread w ON w.record_id = s.record_id AND w.is_weighted
    LEFT JOIN engine_weight b ON b.name = w.weights AND b.day = s.day
    LEFT JOIN engine_weight u ON u.name = w.weights AND u.day = s.day + CAST(s.days AS INTEGER)
), part AS (
    SELECT record_id, day, {micro} AS micro, {cost} AS cost_micro FROM position
)
SELECT s.* REPLACE (
    CASE WHEN p.record_id IS NULL THEN s.micro ELSE p.micro END AS micro,
    CASE WHEN p.record_id IS NULL THEN s.cost_micro ELSE p.cost_micro END AS cost_micro)
FROM engine_share s LEFT JOIN part p ON p.record_id = s.record_id AND p.day = s.day
"""

_PART: Final = """({name} * heat // 1000000) * high // total - ({name} * heat // 1000000) * low // total
        + ({name} - {name} * heat // 1000000) * high_second // seconds
        - ({name} - {name} * heat // 1000000) * low_second // seconds"""

_ASSUMED: Final = """
SELECT DISTINCT CASE WHEN is_weighted THEN 'apportioned_by_weights' ELSE 'apportioned_by_day' END AS code,
    source AS subject, weights AS detail
FROM engine_spread ORDER BY ALL
"""


def spread(con: Database, declared: Declared) -> None:
    """Give the shares of records whose source declares it the quantities of its weights.

    Shape: `engine_share` keeps its rows; `engine_spread` has one row per record that declares it.
    """
    told = declared.apportionments.select(
        "source", "weights", heat=(pl.col("heating_share") * _MICRO).cast(pl.Int64)
    )
    lend(con, "engine_apportionment", told)
    micro = (pl.col("value") * _MICRO).cast(pl.Int64)
    lend(con, "engine_month_weight", declared.weights.select("name", "month", micro=micro))
    for statement in (_WEIGHT, _PLACED):
        con.execute(statement)
    if told.height:
        names = {"micro": _PART.format(name="micro"), "cost": _PART.format(name="cost_micro")}
        con.execute(_SPREAD.format(**names))


def assumptions(con: Database) -> pl.DataFrame:
    """Return what was spread by declared weights, and what could not be: code, subject, detail."""
    frame: pl.DataFrame = con.sql(_ASSUMED).pl()
    return frame.select(pl.col(name).cast(pl.String) for name in ("code", "subject", "detail"))
