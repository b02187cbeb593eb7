"""Matching by the hour: what a counted slice of readings meets in a series, and what meets nothing.

    engine_match (hour_class) × engine_counted ──► engine_hour_day    days of readings that count, by class
    Hours.fill (the store reads the Parquet)   ──► engine_hour        per segment, month, quality: Σ q · value
    engine_counted × engine_hour               ──► engine_hour_slice  ──► lines and exceptions

Who owns what on which day, which series or bill counts and what gave way is decided once, in `shares` and
`slices`; here the same days are read again, finer. A class is a series with the kg that one unit of the
reading stands for where the value is 1. What no reading of an hour or less says is an exception:

    no_hourly_reading   bills and other records; what such a tenant took off a meter
    hour_missing        the series states no value for the time of the reading
    reading_too_long    the reading lasts longer than an hour
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Protocol

from bilanz.connection import Database
from bilanz.slices import QuantityLost

HOUR_COLUMNS: Final = (
    "hour_class", "segment", "month", "quality", "matched", "n_matched", "high", "low", "missed", "n_missed",
    "code",
)  # fmt: skip
"""Of `engine_hour`: quantities and numbers of readings with and without a value; kg CO2e in two limbs."""

NO_READING: Final = "no_hourly_reading"
NO_VALUE: Final = "hour_missing"
TOO_LONG: Final = "reading_too_long"


@dataclass(frozen=True, slots=True)
class HourClass:
    """A series as one kind of reading meets it. `factor`: kg CO2e per unit where its value is 1."""

    number: int
    factor_id: str
    factor: Fraction


class Hours(Protocol):
    """What the store offers: readings of an hour or less, multiplied and summed."""

    def fill(self, classes: tuple[HourClass, ...]) -> None:
        """Make the temporary table `engine_hour` (`HOUR_COLUMNS`) from `engine_hour_day`."""


class NoHours:
    """Where nothing is matched by the hour."""

    def fill(self, classes: tuple[HourClass, ...]) -> None:
        """Refuse: a book asked for hours, and nobody reads them.

        Raises:
            QuantityLost: always.
        """
        raise QuantityLost("{count} series without readings", count=len(classes))


# Series without a contest count on every day they hold, and have one segment all year.
_DAY: Final = """
CREATE OR REPLACE TEMP TABLE engine_hour_day AS
WITH wanted AS (
    SELECT DISTINCT m.hour_class, s.origin AS segment
    FROM engine_counted s
    JOIN engine_match m ON m.key_id = s.key_id AND m.hour_class IS NOT NULL AND (s.views & m."view") <> 0
), told AS (
    SELECT series_key, segment, day, month, rank FROM engine_day_part WHERE reason IS NULL
    UNION ALL
    SELECT d.series_key, g.segment, d.day, CAST(DATE_TRUNC('month', d.day) AS DATE),
        CASE WHEN d.n_measured > 0 THEN 1 ELSE 3 END
    FROM daily d
    JOIN engine_segment g ON g.series_key = d.series_key AND d.day >= g.first_day AND d.day < g.end_day
    ANTI JOIN engine_contested c ON c.series_key = d.series_key
    WHERE d.n_measured + d.n_estimated > 0 AND g.segment IN (SELECT segment FROM wanted)
)
SELECT w.hour_class, t.series_key, t.segment, t.day, t.month,
    CASE WHEN t.rank = 1 THEN 'measured' ELSE 'estimated' END AS quality
FROM told t JOIN wanted w ON w.segment = t.segment
"""

# A deduction needs a meter read by the hour on both sides: it is taken off what was counted by the hour.
_SLICE: Final = """
CREATE OR REPLACE TEMP TABLE engine_hour_slice AS
SELECT s.segment, s.month, s.role, s.record_site, s.unit, s.basis, s.quality, s.is_apportioned, s.amount,
    s.records, m.match_id, m.book, m.gas, h.code, h.n_matched,
    CASE WHEN s.is_deduction THEN 0 ELSE h.n_missed END AS n_missed,
    h.missed IS NOT NULL AND h.n_missed > 0 AS is_missing,
    CASE WHEN s.is_deduction THEN -h.matched ELSE h.matched END AS matched,
    CASE WHEN s.is_deduction THEN -h.missed ELSE h.missed END AS missed,
    CASE WHEN s.is_deduction THEN -h.high ELSE h.high END AS high,
    CASE WHEN s.is_deduction THEN -h.low ELSE h.low END AS low
FROM engine_counted s
JOIN engine_match m ON m.key_id = s.key_id AND m.hour_class IS NOT NULL AND (s.views & m."view") <> 0
JOIN engine_segment g ON g.segment = s.segment
LEFT JOIN engine_hour h ON g.minutes IS NOT NULL AND h.hour_class = m.hour_class AND h.segment = s.origin
    AND h.month = s.month AND h.quality = s.quality
"""

_LOST: Final = """
SELECT book, unit, SUM(amount), SUM(matched + missed) FROM engine_hour_slice
WHERE n_matched IS NOT NULL GROUP BY book, unit HAVING SUM(amount) <> SUM(matched + missed)
    OR COUNT(*) FILTER (amount <> matched + missed) > 0
"""

LINES: Final = """
UNION ALL
SELECT segment, match_id, month, role, record_site, CAST(matched AS DECIMAL(19, 6)), unit, basis,
    CASE WHEN gas <> 'CO2e' THEN high END, CASE WHEN gas <> 'CO2e' THEN low END, high, low, quality,
    is_apportioned
FROM engine_hour_slice WHERE n_matched > 0
"""
"""Rows of the lines. A series is CO2 or CO2e, so its mass is its CO2e or none."""

EXCEPTIONS: Final = f"""
UNION ALL
SELECT s.book, g.organisation, g.source, g.activity, NULLIF(g.product_group, ''), s.month, SUM(s.quantity),
    s.unit, SUM(s.records), s.code, ''
FROM (
    SELECT book, segment, month, unit, missed AS quantity, n_missed AS records, code
    FROM engine_hour_slice WHERE is_missing
    UNION ALL
    SELECT book, segment, month, unit, amount, records, '{NO_READING}'
    FROM engine_hour_slice WHERE n_matched IS NULL
) AS s JOIN engine_segment g ON g.segment = s.segment
GROUP BY s.book, g.organisation, g.source, g.activity, g.product_group, s.month, s.unit, s.code
"""


def match(con: Database, hours: Hours, classes: tuple[HourClass, ...]) -> None:
    """Make `engine_hour_slice`: every slice of an hourly book with what its hours come to.

    Raises:
        QuantityLost: the readings do not add up to a slice (a defect).
    """
    con.execute(_DAY)
    hours.fill(classes)
    con.execute(_SLICE)
    for book, unit, quantity, found in con.execute(_LOST).fetchall():
        message = "{book}, {unit}: {quantity} in the slices, {found} in the run"
        raise QuantityLost(message, book=book, unit=unit, quantity=quantity, found=found)
