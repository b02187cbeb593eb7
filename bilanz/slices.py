"""Slices: exact sums per organisation, source, month and what decides about the factor.

    engine_day, daily, engine_share ──► engine_piece   one part of one series or record, with its outcome
    engine_piece                    ──► engine_slice   summed; `reason` is null where the quantity counts
                                        + deductions   what a tenant used, taken off the parent meter

`outcome` of a slice: `counted`, `superseded` (something better is counted) or `exception` (nothing is). Every
quantity of the year is in exactly one slice; the sum over all that are no deduction is the sum of the store.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import polars as pl

from bilanz.errors import BilanzError
from bilanz.shares import Database, lend, prepare, year_days
from bilanz.units import units

SLICE_QUANTITY: Final = pl.Decimal(25, 6)

_SUPERSEDED: Final = (
    "resolution", "no_emission_payment", "instalment", "sub_meter", "better_rank", "other_series",
    "quantity_beats_money",
)  # fmt: skip


_ROLE = """CASE WHEN {role} IN ('sub_meter', 'tenant', 'sold') THEN {role}
            WHEN {direction} = 'feed_in' THEN 'fed_in'
            WHEN {direction} = 'generation' THEN 'generated'
            ELSE {role} END"""

# One row per part: a series' month, or a record's month. A record in more than one part is apportioned.
_PIECE = """
CREATE OR REPLACE TEMP TABLE engine_piece AS
WITH plain AS (
    SELECT d.series_key, CAST(DATE_TRUNC('month', d.day) AS DATE) AS month,
        g.segment, d.n_measured > 0 AS is_measured,
        SUM(d.quantity) AS quantity, SUM(d.n_measured + d.n_estimated) AS records
    FROM daily d
    JOIN engine_segment g ON g.series_key = d.series_key AND d.day >= g.first_day AND d.day < g.end_day
    LEFT JOIN engine_contested c ON c.series_key = d.series_key
    WHERE d.day >= CAST('{first}' AS DATE) AND d.day < CAST('{last}' AS DATE)
        AND d.n_measured + d.n_estimated > 0 AND c.series_key IS NULL
    GROUP BY d.series_key, CAST(DATE_TRUNC('month', d.day) AS DATE), g.segment, d.n_measured > 0
), day_part AS (
    SELECT d.segment, d.month, d.rank, d.quantity, d.records,
        CASE WHEN d.rank > b.best THEN 'better_rank' WHEN d.choice > 1 THEN 'other_series' END AS reason
    FROM engine_day d
    JOIN engine_best b ON b.organisation = d.organisation AND b.source = d.source
        AND b.direction = d.direction AND b.activity = d.activity AND b.day = d.day
), record_part AS (
    SELECT s.record_id, s.segment, s.month, s.micro, s.cost_micro,
        CASE WHEN s.is_lost THEN 'resolution'
            WHEN s.document_type = 'instalment' THEN
                CASE WHEN b.best IS NULL THEN 'instalment_open' ELSE 'instalment' END
            WHEN s.activity IS NULL THEN 'activity_unknown'
            WHEN s.activity = 'no_emission_payment' THEN 'no_emission_payment'
            WHEN s.rank > b.best THEN 'better_rank' END AS reason
    FROM engine_share s
    LEFT JOIN engine_best b ON b.organisation = s.organisation AND b.source = s.source
        AND b.direction = s.direction AND b.activity = s.activity AND b.day = s.day
), record_piece AS (
    SELECT record_id, segment, month, reason, SUM(micro) AS micro, SUM(cost_micro) AS cost_micro
    FROM record_part GROUP BY record_id, segment, month, reason
), told AS (
    SELECT segment, month, CASE WHEN is_measured THEN 'measured' ELSE 'estimated' END AS quality,
        CAST(NULL AS VARCHAR) AS record_role, CAST(NULL AS VARCHAR) AS record_site,
        CAST(NULL AS VARCHAR) AS currency, CAST(NULL AS VARCHAR) AS reason, FALSE AS is_apportioned,
        CAST(quantity AS DECIMAL(25, 6)) AS quantity, CAST(NULL AS DECIMAL(25, 6)) AS cost_net, records
    FROM plain
    UNION ALL
    SELECT segment, month, CASE WHEN rank = 1 THEN 'measured' ELSE 'estimated' END,
        NULL, NULL, NULL, reason, FALSE, CAST(SUM(quantity) AS DECIMAL(25, 6)), NULL, SUM(records)
    FROM day_part GROUP BY segment, month, rank, reason
    UNION ALL
    SELECT g.segment, CAST(DATE_TRUNC('month', d.day) AS DATE), 'measured', NULL, NULL, NULL, 'resolution', FALSE,
        CAST(SUM(d.quantity) AS DECIMAL(25, 6)), NULL, SUM(d.readings)
    FROM daily_superseded d
    JOIN engine_segment g ON g.series_key = d.series_key AND d.day >= g.first_day AND d.day < g.end_day
    WHERE d.day >= CAST('{first}' AS DATE) AND d.day < CAST('{last}' AS DATE)
    GROUP BY g.segment, CAST(DATE_TRUNC('month', d.day) AS DATE)
    UNION ALL
    SELECT p.segment, p.month,
        CASE WHEN COALESCE(r.role, g.role) = 'delivered' AND r.quality IN ('measured', 'billed')
            AND NOT (COALESCE(r.attributes, '') LIKE '%"stock_before"%'
                AND COALESCE(r.attributes, '') LIKE '%"stock_after"%') THEN 'estimated'
            ELSE r.quality END,
        r.role, r.site, CASE WHEN p.cost_micro IS NULL THEN NULL ELSE r.currency END, p.reason,
        COUNT(*) OVER (PARTITION BY p.record_id) > 1
            OR r.first_day < CAST('{first}' AS DATE) OR r.last_day >= CAST('{last}' AS DATE),
        CAST(CAST(p.micro AS DECIMAL(31, 0)) * CAST(0.000001 AS DECIMAL(7, 6)) AS DECIMAL(25, 6)),
        CAST(CAST(p.cost_micro AS DECIMAL(31, 0)) * CAST(0.000001 AS DECIMAL(7, 6)) AS DECIMAL(25, 6)),
        1
    FROM record_piece p
    JOIN engine_record r ON r.record_id = p.record_id
    JOIN engine_segment g ON g.segment = p.segment
)
SELECT t.month, t.quality, t.currency, t.is_apportioned, t.quantity, t.cost_net, t.records,
    COALESCE(t.record_site, g.site) AS site, g.organisation, g.source, g.activity, g.product_group, g.direction,
    g.tenure, g.control, g.region, g.contract, g.parent, g.unit, g.basis, g.is_assumed,
    {role} AS role, t.reason
FROM told t JOIN engine_segment g ON g.segment = t.segment
"""

_SLICE = """
CREATE OR REPLACE TEMP TABLE engine_sum AS
SELECT p.organisation, p.site, p.source, p.activity, p.product_group, p.role, p.direction, p.tenure, p.control,
    p.region, p.contract, p.parent, p.month, p.unit, p.basis, p.quality, p.is_apportioned, p.is_assumed,
    p.currency, COALESCE(p.reason, CASE WHEN p.activity IS NULL THEN 'activity_unknown'
        WHEN p.role = 'sub_meter' THEN 'sub_meter' END) AS reason,
    u.unit IS NOT NULL AS is_money,
    CAST(SUM(p.quantity) AS DECIMAL(25, 6)) AS quantity, CAST(SUM(p.cost_net) AS DECIMAL(25, 6)) AS cost_net,
    CAST(SUM(p.records) AS BIGINT) AS records
FROM engine_piece p
LEFT JOIN engine_money u ON u.unit = p.unit
GROUP BY p.organisation, p.site, p.source, p.activity, p.product_group, p.role, p.direction, p.tenure, p.control,
    p.region, p.contract, p.parent, p.month, p.unit, p.basis, p.quality, p.is_apportioned, p.is_assumed,
    p.currency, p.reason, u.unit
"""

# Spend of a family is beaten by quantities of any activity the family repeats, in the same month.
_BEATEN = """
CREATE OR REPLACE TEMP TABLE engine_beaten AS
WITH held AS (
    SELECT DISTINCT s.organisation, s.month, f.family FROM engine_sum s
    JOIN engine_family f ON f.activity = s.activity
    WHERE s.reason IS NULL AND NOT s.is_money AND s.role IN ('consumed', 'delivered')
), spent AS (
    SELECT product_group, '' AS activity, family FROM engine_group
    UNION
    SELECT '' AS product_group, activity, family FROM engine_family
), beaten AS (
    SELECT DISTINCT s.organisation, s.month, s.activity, s.product_group FROM engine_sum s
    JOIN spent p ON (p.product_group = s.product_group AND p.activity = '')
        OR (p.activity = s.activity AND p.product_group = '')
    JOIN held h ON h.organisation = s.organisation AND h.month = s.month AND h.family = p.family
    WHERE s.reason IS NULL AND s.is_money
)
SELECT s.* EXCLUDE (reason), CASE WHEN s.reason IS NULL AND s.is_money AND b.activity IS NOT NULL
    THEN 'quantity_beats_money' ELSE s.reason END AS reason
FROM engine_sum s
LEFT JOIN beaten b ON b.organisation = s.organisation AND b.month = s.month AND b.activity = s.activity
    AND b.product_group = s.product_group
"""

# What a tenant used through a sub-meter is in the parent's reading: it leaves the parent and becomes 3.13.
_DEDUCTED = """
CREATE OR REPLACE TEMP TABLE engine_slice AS
WITH parent AS (
    SELECT s.*, ROW_NUMBER() OVER (
        PARTITION BY s.source, s.activity, s.month ORDER BY s.organisation, s.unit, s.basis, s.quality, s.site
    ) AS choice
    FROM engine_beaten s WHERE s.reason IS NULL AND NOT s.is_money AND s.role IN ('consumed', 'delivered')
), deduction AS (
    SELECT m.organisation, m.site, m.source, m.activity, m.product_group, m.role, m.direction, m.tenure,
        m.control, m.region, m.contract, m.parent, t.month, t.unit, t.basis, t.quality, t.is_apportioned,
        m.is_assumed, CAST(NULL AS VARCHAR) AS currency, t.is_money,
        CAST(-t.quantity AS DECIMAL(25, 6)) AS quantity, CAST(NULL AS DECIMAL(25, 6)) AS cost_net,
        CAST(0 AS BIGINT) AS records, t.reason, TRUE AS is_deduction
    FROM engine_beaten t
    JOIN parent m ON m.source = t.parent AND m.activity = t.activity AND m.month = t.month AND m.choice = 1
    WHERE t.role = 'tenant' AND t.reason IS NULL
), told AS (
    SELECT *, FALSE AS is_deduction FROM engine_beaten
    UNION ALL BY NAME
    SELECT * FROM deduction
)
SELECT *, CASE WHEN reason IS NULL THEN 'counted' WHEN reason IN ({superseded}) THEN 'superseded'
    ELSE 'exception' END AS outcome
FROM told
WHERE {within}
"""

_STORED = """
SELECT unit, SUM(quantity) FROM (
    SELECT g.unit, g.organisation, d.quantity
    FROM daily d JOIN engine_segment g ON g.series_key = d.series_key
        AND d.day >= g.first_day AND d.day < g.end_day
    WHERE d.day >= CAST('{first}' AS DATE) AND d.day < CAST('{last}' AS DATE)
    UNION ALL
    SELECT g.unit, g.organisation, d.quantity
    FROM daily_superseded d JOIN engine_segment g ON g.series_key = d.series_key
        AND d.day >= g.first_day AND d.day < g.end_day
    WHERE d.day >= CAST('{first}' AS DATE) AND d.day < CAST('{last}' AS DATE)
    UNION ALL
    SELECT g.unit, s.organisation,
        CAST(CAST(s.micro AS DECIMAL(31, 0)) * CAST(0.000001 AS DECIMAL(7, 6)) AS DECIMAL(25, 6))
    FROM engine_share s JOIN engine_segment g ON g.segment = s.segment
) AS stored WHERE {within} GROUP BY unit
"""
_SLICED = "SELECT unit, SUM(quantity) FROM engine_slice WHERE NOT is_deduction GROUP BY unit"


@dataclass(frozen=True, slots=True)
class Families:
    """Which spend repeats which quantities: a quantity beats money.

    Attributes:
        activities: columns family, activity.
        product_groups: columns product_group, family (null: repeats no quantity).
    """

    activities: pl.DataFrame
    product_groups: pl.DataFrame


class QuantityLost(BilanzError):
    """The engine broke its own rule: a quantity of the store is not in the slices, or not in the run."""

    code = "quantity_lost"


def build(
    con: Database,
    organisations: pl.DataFrame,
    source_terms: pl.DataFrame,
    *,
    families: Families,
    year: int,
    region: str,
    zone: str = "Europe/Berlin",
    within: tuple[str, ...] | None = None,
) -> None:
    """Make the temporary table `engine_slice` for one calendar year of local days.

    Args:
        con: a store connection, with the tables of docs/architecture.md.
        organisations: at least `organisation`, `region`.
        source_terms: see `bilanz.shares.TERM_SCHEMA`.
        families: which spend repeats which quantities.
        year: calendar year.
        region: region of organisations that state none.
        zone: IANA zone of records whose series states none.
        within: only these organisations; None: all.

    Raises:
        QuantityLost: the slices do not add up to the stored quantities of the year (a defect).
    """
    prepare(con, organisations, source_terms, year=year, region=region, zone=zone)
    _lend_families(con, families)
    first, last = year_days(year)
    names = {
        "first": first,
        "last": last,
        "role": _ROLE.format(role="COALESCE(t.record_role, g.role)", direction="g.direction"),
        "superseded": ", ".join(f"'{reason}'" for reason in _SUPERSEDED),
        "within": "TRUE" if within is None else "organisation IN (SELECT organisation FROM engine_within)",
    }
    lend(
        con,
        "engine_within",
        pl.DataFrame({"organisation": list(within or ())}, schema={"organisation": pl.String}),
    )
    for statement in (_PIECE, _SLICE, _BEATEN, _DEDUCTED):
        con.execute(statement.format(**names))
    _check(con, _STORED.format(**names))


def _lend_families(con: Database, families: Families) -> None:
    lend(con, "engine_family", families.activities.select("activity", "family"))
    lend(con, "engine_group", families.product_groups.select("product_group", "family").drop_nulls())
    currencies = [code for code, unit in units().items() if unit.kind == "money"]
    lend(con, "engine_money", pl.DataFrame({"unit": currencies}))


def _check(con: Database, stored: str) -> None:
    """Raise unless the slices hold exactly what the store holds of the year, unit by unit."""
    held = {unit: total for unit, total in con.execute(stored).fetchall() if total != 0}
    sliced = {unit: total for unit, total in con.execute(_SLICED).fetchall() if total != 0}
    if held != sliced:
        raise QuantityLost("stored {held}, sliced {sliced}", held=held, sliced=sliced)


def totals(con: Database) -> dict[str, Decimal]:
    """Return unit → quantity over all slices, deductions included."""
    rows = con.execute("SELECT unit, SUM(quantity) FROM engine_slice GROUP BY unit").fetchall()
    return dict(rows)
