"""After every import the stored sum equals the file's sum, per column and unit."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from bilanz.errors import BilanzError
from bilanz.store.connection import Store

HALF_STEP: Final = Decimal("0.0000005")
"""Most that rounding to six decimals moves one value."""

Sums = Mapping[tuple[str, str], Decimal]


@dataclass(frozen=True, slots=True)
class Control:
    """What the quantities of one column and unit must add up to, and over how many records.

    Attributes:
        unit: as the file spells it or as it is stored; power has been turned into energy.
    """

    column: str
    unit: str
    total: Decimal
    records: int


def compare(sums: Sums, controls: Iterable[Control]) -> None:
    """Hold sums by (column, unit) against the control sums.

    Raises:
        BilanzError: a sum is missing or differs by more than rounding explains.
    """
    for control in controls:
        stored = sums.get((control.column, control.unit))
        if stored is None and control.records == 0:
            continue
        allowed = HALF_STEP * control.records
        if stored is None or abs(stored - control.total) > allowed:
            raise BilanzError(
                'Column "{column}": the file adds up to {expected} {unit}, the stored records to {found}. '
                "Nothing was stored. This is a defect of the importer.",
                code="control_sum",
                column=control.column,
                expected=str(control.total),
                unit=control.unit,
                found="–" if stored is None else str(stored),
            )


_RECORDS: Final = """
    SELECT "column", {unit}, sum(quantity)::DECIMAL(38,6), count(*) FROM activity
    WHERE batch_key = ? GROUP BY ALL"""
_READINGS: Final = """
    SELECT d."column", d.unit, sum(q.quantity)::DECIMAL(38,6), sum(q.n)::BIGINT
    FROM delivered_sums q JOIN delivered_series d USING (series) GROUP BY ALL"""


def stored_sums(store: Store, batch_key: int) -> tuple[dict[tuple[str, str], Decimal], int]:
    """Return (column, unit) → stored sum of a batch, and how many records and readings it holds.

    Records answer to the unit they are stored in and to the spelling of the file. The temporary tables
    `delivered_sums` and `delivered_series` hold what the Parquet file holds.
    """
    sums: dict[tuple[str, str], Decimal] = {}
    count = 0
    for query, parameters in (
        (_RECORDS.format(unit="original_unit"), [batch_key]),
        (_RECORDS.format(unit="unit"), [batch_key]),
        (_READINGS, []),
    ):
        count = 0 if query == _RECORDS.format(unit="unit") else count
        for column, unit, total, records in store.rows(query, list(parameters)):
            count += records
            sums.setdefault((column or "", unit or ""), total)
    return sums, count


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
    sums, count = stored_sums(store, batch_key)
    if count != accepted:
        message = "{accepted} records were accepted and {count} stored. Nothing was stored."
        raise BilanzError(message, code="count", accepted=accepted, count=count)
    compare(sums, controls)
    ((different,),) = store.rows(_ROLLED, [batch_key])
    if different:
        message = "The daily sums of {count} series differ from their readings. Nothing was stored."
        raise BilanzError(message, code="rollup", count=different)
