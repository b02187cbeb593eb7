"""After every import the stored sum equals the file's sum, per column and unit."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from bilanz.errors import BilanzError
from bilanz.store.connection import Store

HALF_STEP: Final = Decimal("0.0000005")
"""Most that rounding to six decimals moves one value."""

Key = tuple[str, str, str]
"""Measure (quantity or cost), column (none for cost), unit (as stored or as the file has it) or currency."""

Sums = Mapping[Key, Decimal]


@dataclass(frozen=True, slots=True)
class Control:
    """What the values of one column and unit must add up to, and over how many records."""

    key: Key
    total: Decimal
    records: int


def compare(sums: Sums, controls: Iterable[Control]) -> None:
    """Hold sums against the control sums.

    Raises:
        BilanzError: a sum is missing or differs by more than rounding explains.
    """
    for control in controls:
        found = sums.get(control.key)
        if found is None and control.records == 0:
            continue
        if found is None or abs(found - control.total) > HALF_STEP * control.records:
            raise BilanzError(
                'Column "{column}": the file adds up to {expected} {unit}, the stored records to {found}. '
                "Nothing was stored. This is a defect of the importer.",
                code="control_sum",
                column=control.key[1] or control.key[0],
                expected=str(control.total),
                unit=control.key[2],
                found="–" if found is None else str(found),
            )


_RECORDS: Final = """
    SELECT 'quantity', coalesce("column", ''), coalesce({unit}, ''), sum(quantity)::DECIMAL(38,6)
    FROM activity WHERE batch_key = ? GROUP BY ALL"""
_COSTS: Final = """
    SELECT 'cost', '', coalesce(currency, ''), sum(cost_net)::DECIMAL(38,6) FROM activity
    WHERE batch_key = ? AND cost_net IS NOT NULL GROUP BY ALL"""
_READINGS: Final = """
    SELECT 'quantity', coalesce(d."column", ''), d.unit, sum(q.quantity)::DECIMAL(38,6)
    FROM delivered_sums q JOIN delivered_series d USING (series) WHERE ? IS NOT NULL GROUP BY ALL"""
_COUNT: Final = """
    SELECT (SELECT count(*) FROM activity WHERE batch_key = $1)
        + (SELECT coalesce(sum(readings), 0) FROM batch_series WHERE batch_key = $1)"""


def stored_sums(store: Store, batch_key: int) -> dict[Key, Decimal]:
    """Return the stored sums of a batch.

    The temporary tables `delivered_sums` and `delivered_series` hold what its Parquet file holds.
    """
    sums: dict[Key, Decimal] = {}
    by_spelling, by_unit = (_RECORDS.format(unit=unit) for unit in ("original_unit", "unit"))
    for query in (by_spelling, by_unit, _COSTS, _READINGS):
        for measure, column, unit, total in store.rows(query, [batch_key]):
            sums.setdefault((measure, column, unit), total)
    return sums


_ROLLED: Final = """
    SELECT count(*) FROM (
        SELECT m.series_key, sum(q.quantity) AS delivered,
            coalesce((SELECT sum(quantity) FROM daily d WHERE d.series_key = m.series_key), 0)
            + coalesce((SELECT sum(quantity) FROM daily_superseded d WHERE d.series_key = m.series_key), 0)
            AS rolled
        FROM batch_series m JOIN delivered_sums q USING (series)
        WHERE m.batch_key = $1 AND m.series_key NOT IN (SELECT series_key FROM batch_series x
            JOIN batch b USING (batch_key) WHERE x.batch_key <> $1 AND b.state = 'committed')
        GROUP BY m.series_key)
    WHERE delivered <> rolled"""


def check_stored(store: Store, batch_key: int, controls: Iterable[Control], *, accepted: int) -> None:
    """Hold what was stored against what the file holds: counts, sums, and the roll-up against the readings.

    Raises:
        BilanzError: they differ; the caller's transaction is to be rolled back.
    """
    ((count,),) = store.rows(_COUNT, [batch_key])
    if count != accepted:
        message = "{accepted} records were accepted and {count} stored. Nothing was stored."
        raise BilanzError(message, code="count", accepted=accepted, count=count)
    compare(stored_sums(store, batch_key), controls)
    ((different,),) = store.rows(_ROLLED, [batch_key])
    if different:
        message = "The daily sums of {count} series differ from their readings. Nothing was stored."
        raise BilanzError(message, code="rollup", count=different)
