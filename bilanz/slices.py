"""Slices: exact sums per organisation, source, month and what decides about the factor.

    engine_day, engine_month, engine_share ──► engine_sum    sums per month; `reason`: null where they count
    engine_sum                             ──► engine_slice  spend a quantity beats does not count
                                               + deductions  what a tenant used, taken off the parent meter

`outcome` of a slice: `counted`, `superseded` (something better is counted) or `exception` (nothing is). Every
quantity of the year is in exactly one slice; the sum over all that are no deduction is the sum of the store.
"""

from decimal import Decimal
from typing import Final

import polars as pl

from bilanz.connection import Database, lend
from bilanz.declared import NOTHING, Declared
from bilanz.errors import BilanzError
from bilanz.overlaps import PARTS, SAME_PURCHASE, lend_overlaps
from bilanz.shares import prepare, year_days
from bilanz.spend import Spending
from bilanz.units import units

_SUPERSEDED: Final = (
    "resolution", "excluded", "contract", "no_emission_payment", "instalment", "sub_meter", "better_rank",
    "other_series", "same_purchase", "quantity_beats_money",
)  # fmt: skip


_ROLE: Final = """CASE WHEN {role} IN ('sub_meter', 'tenant', 'sold') THEN {role}
            WHEN g.direction = 'feed_in' THEN 'fed_in'
            WHEN g.direction = 'generation' THEN 'generated'
            ELSE {role} END"""

# What becomes of a contested day of readings; `bilanz.hourly` asks the same.
_DAY_PART: Final = """
CREATE OR REPLACE TEMP VIEW engine_day_part AS
SELECT d.series_key, d.day, d.segment, d.month, d.rank, d.quantity, d.records,
    CASE WHEN d.rank > b.best THEN 'better_rank' WHEN d.choice > 1 THEN 'other_series' END AS reason
FROM engine_day d
LEFT JOIN engine_best b ON b.rival = d.rival AND b.day = d.day
"""

# Readings are summed already; records are summed here. A record in more than one part is apportioned.
_SUM: Final = """
CREATE OR REPLACE TEMP TABLE engine_sum AS
WITH record_part AS (
    SELECT s.record_id, s.segment, s.month, s.micro, s.cost_micro,
        CASE WHEN s.is_excluded THEN 'excluded'
            WHEN s.is_lost THEN 'resolution'
            WHEN s.document_type = 'contract' THEN 'contract'
            WHEN s.document_type = 'instalment' THEN
                CASE WHEN b.best IS NULL THEN 'instalment_open' ELSE 'instalment' END
            WHEN s.activity = 'no_emission_payment' THEN 'no_emission_payment'
            WHEN s.rank > b.best THEN 'better_rank' END AS reason
    FROM engine_share s
    LEFT JOIN engine_best b ON b.rival = s.rival AND b.day = s.day
), record_piece AS (
    SELECT record_id, segment, month, reason, SUM(micro) AS micro, SUM(cost_micro) AS cost_micro
    FROM record_part GROUP BY record_id, segment, month, reason
), record_told AS (
    SELECT p.segment, p.month, p.reason, {role_of_record} AS role, r.site, p.micro, p.cost_micro,
        CASE WHEN COALESCE(r.role, g.role) = 'delivered' AND r.quality IN ('measured', 'billed')
            AND NOT (COALESCE(r.attributes, '') LIKE '%"stock_before"%'
                AND COALESCE(r.attributes, '') LIKE '%"stock_after"%') THEN 'estimated'
            ELSE r.quality END AS quality,
        CASE WHEN p.cost_micro IS NULL THEN NULL ELSE r.currency END AS currency,
        COUNT(*) OVER (PARTITION BY p.record_id) > 1
            OR r.first_day < CAST('{first}' AS DATE) OR r.last_day >= CAST('{last}' AS DATE) AS is_apportioned
    FROM record_piece p
    JOIN engine_record r ON r.record_id = p.record_id
    JOIN engine_segment g ON g.segment = p.segment
), told AS (
    SELECT segment, month, CASE WHEN is_measured THEN 'measured' ELSE 'estimated' END AS quality,
        CAST(NULL AS VARCHAR) AS role, CAST(NULL AS VARCHAR) AS record_site,
        CAST(NULL AS VARCHAR) AS currency, CAST(NULL AS VARCHAR) AS reason, FALSE AS is_apportioned,
        CAST(SUM(quantity) AS DECIMAL(25, 6)) AS quantity, CAST(NULL AS DECIMAL(25, 6)) AS cost_net,
        SUM(n_measured + n_estimated) AS records
    FROM engine_month GROUP BY segment, month, is_measured
    UNION ALL
    SELECT segment, month, CASE WHEN rank = 1 THEN 'measured' ELSE 'estimated' END,
        NULL, NULL, NULL, reason, FALSE, CAST(SUM(quantity) AS DECIMAL(25, 6)), NULL, SUM(records)
    FROM engine_day_part GROUP BY segment, month, rank, reason
    UNION ALL
    SELECT g.segment, CAST(DATE_TRUNC('month', d.day) AS DATE), 'measured', NULL, NULL, NULL,
        CASE WHEN d.is_excluded THEN 'excluded' ELSE 'resolution' END, FALSE,
        CAST(SUM(d.quantity) AS DECIMAL(25, 6)), NULL, SUM(d.readings)
    FROM daily_superseded d
    JOIN engine_segment g ON g.series_key = d.series_key AND d.day >= g.first_day AND d.day < g.end_day
    WHERE d.day >= CAST('{first}' AS DATE) AND d.day < CAST('{last}' AS DATE)
    GROUP BY g.segment, CAST(DATE_TRUNC('month', d.day) AS DATE), d.is_excluded
    UNION ALL
    SELECT segment, month, quality, role, site, currency, reason, is_apportioned,
        CAST(CAST(SUM(micro) AS DECIMAL(31, 0)) * CAST(0.000001 AS DECIMAL(7, 6)) AS DECIMAL(25, 6)),
        CAST(CAST(SUM(cost_micro) AS DECIMAL(31, 0)) * CAST(0.000001 AS DECIMAL(7, 6)) AS DECIMAL(25, 6)),
        COUNT(*)
    FROM record_told GROUP BY segment, month, quality, role, site, currency, reason, is_apportioned
), placed AS (
    SELECT t.segment, t.month, g.unit, g.basis, COALESCE(t.role, {role_of_source}) AS role, t.quality,
        t.is_apportioned, t.currency, t.record_site, t.quantity, t.cost_net,
        CAST(t.records AS BIGINT) AS records,
        CASE WHEN t.reason IS NULL AND g.activity IS NULL THEN 'activity_unknown' ELSE t.reason END AS reason
    FROM told t JOIN engine_segment g ON g.segment = t.segment
)
SELECT * REPLACE (CASE WHEN reason IS NULL AND role = 'sub_meter' THEN 'sub_meter' ELSE reason END AS reason)
FROM placed
"""

# Spend of a family is beaten by quantities of any activity the family repeats, in the same month.
_BEATEN: Final = """
CREATE OR REPLACE TEMP TABLE engine_beaten AS
WITH held AS (
    SELECT DISTINCT g.organisation, s.month, f.family
    FROM (
        SELECT DISTINCT segment, month FROM engine_sum
        WHERE reason IS NULL AND role IN ('consumed', 'delivered')
            AND unit NOT IN (SELECT unit FROM engine_money)
    ) AS s
    JOIN engine_segment g ON g.segment = s.segment
    JOIN engine_family f ON f.activity = g.activity
), spent AS (
    SELECT g.segment, p.family FROM engine_segment g
    JOIN engine_group p ON p.product_group = g.product_group
    WHERE g.unit IN (SELECT unit FROM engine_money)
    UNION
    SELECT g.segment, f.family FROM engine_segment g
    JOIN engine_family f ON f.activity = g.activity
    WHERE g.unit IN (SELECT unit FROM engine_money)
)
SELECT DISTINCT p.segment, h.month
FROM spent p
JOIN engine_segment g ON g.segment = p.segment
JOIN held h ON h.organisation = g.organisation AND h.family = p.family
"""

# What a tenant used through a sub-meter is in the parent's reading: it leaves the parent and becomes 3.13. A
# declared part of a whole leaves the whole in the same way, and stays what it is (`bilanz.overlaps`).
# `origin`: the segment that measured the quantity, of a deduction the tenant's.
_DEDUCTED: Final = """
CREATE OR REPLACE TEMP TABLE engine_slice AS
WITH told AS (
    SELECT s.segment, s.month, s.unit, s.basis, s.role, s.quality, s.is_apportioned, s.currency,
        s.record_site, s.quantity, s.cost_net, s.records,
        CASE WHEN s.reason IS NULL AND x.segment IS NOT NULL THEN 'same_purchase'
            WHEN s.reason IS NULL AND b.segment IS NOT NULL THEN 'quantity_beats_money'
            ELSE s.reason END AS reason
    FROM engine_sum s
    LEFT JOIN engine_same x ON x.segment = s.segment AND x.month = s.month
    LEFT JOIN engine_beaten b ON b.segment = s.segment AND b.month = s.month
), tenant AS (
    SELECT s.segment, s.month, s.unit, s.basis, s.quality, s.is_apportioned, s.quantity, g.parent, g.activity
    FROM told s JOIN engine_segment g ON g.segment = s.segment
    WHERE s.role = 'tenant' AND s.reason IS NULL AND g.parent IS NOT NULL
    UNION ALL
    {parts}
), parent AS (
    SELECT s.segment, s.month, s.role, s.record_site, g.source, g.activity, ROW_NUMBER() OVER (
        PARTITION BY g.source, g.activity, s.month
        ORDER BY g.organisation, s.unit, s.basis, s.quality, s.record_site, s.segment
    ) AS choice
    FROM told s JOIN engine_segment g ON g.segment = s.segment
    WHERE s.reason IS NULL AND s.role IN ('consumed', 'delivered')
        AND s.unit NOT IN (SELECT unit FROM engine_money) AND g.source IN (SELECT parent FROM tenant)
), whole AS (
    SELECT segment, segment AS origin, month, unit, basis, role, quality, is_apportioned, currency,
        record_site, reason, quantity, cost_net, records, FALSE AS is_deduction, 0 AS turn
    FROM told
    UNION ALL
    SELECT m.segment, t.segment, t.month, t.unit, t.basis, m.role, t.quality, t.is_apportioned, NULL,
        m.record_site, NULL, CAST(-t.quantity AS DECIMAL(25, 6)), NULL, 0, TRUE, ROW_NUMBER() OVER (
            PARTITION BY m.segment, t.month, t.unit, t.basis, t.quality, t.is_apportioned ORDER BY t.quantity
        )
    FROM tenant t
    JOIN parent m ON m.source = t.parent AND m.activity = t.activity AND m.month = t.month AND m.choice = 1
)
SELECT *, CASE WHEN reason IS NULL THEN 'counted' WHEN reason IN ({superseded}) THEN 'superseded'
    ELSE 'exception' END AS outcome
FROM whole
WHERE {segments}
"""

_WIDE: Final = """
CREATE OR REPLACE TEMP VIEW engine_wide AS
SELECT s.*, COALESCE(s.record_site, g.site) AS site, g.organisation, g.source, g.activity, g.product_group,
    g.direction, g.tenure, g.control, g.region, g.area, g.parent, g.is_assumed
FROM engine_slice s JOIN engine_segment g ON g.segment = s.segment
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
    SELECT g.unit, g.organisation,
        CAST(CAST(s.micro AS DECIMAL(31, 0)) * CAST(0.000001 AS DECIMAL(7, 6)) AS DECIMAL(25, 6))
    FROM engine_share s JOIN engine_segment g ON g.segment = s.segment
) AS stored WHERE {within} GROUP BY unit
"""
_SLICED = "SELECT unit, SUM(quantity) FROM engine_slice WHERE NOT is_deduction GROUP BY unit"


class QuantityLost(BilanzError):
    """The engine broke its own rule: a quantity of the store is not in the slices, or not in the run."""

    code = "quantity_lost"


def build(  # noqa: PLR0913 - all by name
    con: Database,
    organisations: pl.DataFrame,
    source_terms: pl.DataFrame,
    *,
    spending: Spending,
    year: int,
    region: str,
    zone: str = "Europe/Berlin",
    within: tuple[str, ...] | None = None,
    declared: Declared = NOTHING,
) -> None:
    """Make the temporary table `engine_slice` for one calendar year of local days.

    Args:
        con: a store connection, with the tables of docs/architecture.md.
        organisations: at least `organisation`, `region`; `zone` where they state one.
        source_terms: see `bilanz.shares.TERM_SCHEMA`.
        spending: what the catalogue says about money.
        year: calendar year.
        region: region of organisations that state none.
        zone: IANA zone of records where neither their series nor their organisation states one.
        within: only these organisations; None: all.
        declared: what the master data declare about spreading and overlaps.

    Raises:
        QuantityLost: the slices do not add up to the stored quantities of the year (a defect).
    """
    prepare(
        con,
        organisations,
        source_terms,
        spending=spending,
        year=year,
        region=region,
        zone=zone,
        declared=declared,
    )
    _lend_families(con, spending)
    first, last = year_days(year)
    limit = "organisation IN (SELECT organisation FROM engine_within)"
    names = {
        "first": first,
        "last": last,
        "role_of_record": _ROLE.format(role="COALESCE(r.role, g.role)"),
        "role_of_source": _ROLE.format(role="g.role"),
        "superseded": ", ".join(f"'{reason}'" for reason in _SUPERSEDED),
        "parts": PARTS,
        "within": "TRUE" if within is None else limit,
        "segments": "TRUE"
        if within is None
        else f"segment IN (SELECT segment FROM engine_segment WHERE {limit})",
    }
    lend(
        con,
        "engine_within",
        pl.DataFrame({"organisation": list(within or ())}, schema={"organisation": pl.String}),
    )
    lend_overlaps(con, declared)
    for statement in (_DAY_PART, _SUM, _BEATEN, SAME_PURCHASE, _DEDUCTED, _WIDE):
        con.execute(statement.format(**names))
    _check(con, _STORED.format(**names))


def _lend_families(con: Database, spending: Spending) -> None:
    lend(con, "engine_family", spending.families.select("activity", "family"))
    lend(con, "engine_group", spending.product_groups.select("product_group", "family").drop_nulls())
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
