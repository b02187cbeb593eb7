"""The sums an importer took from the text of a file, made comparable with what is stored."""

from collections.abc import Iterable, Mapping
from decimal import Decimal, localcontext
from typing import Final

import polars as pl

from bilanz import units
from bilanz.money import CURRENCIES
from bilanz.store.control import Control, Key
from importers.base import ControlSum, ImportResult

DIGITS: Final = 60  # more than any sum of 19-digit quantities needs


def record_sums(records: pl.DataFrame) -> dict[Key, tuple[Decimal, int]]:
    """Return (measure, column, unit) → sum and count; quantities by unit and by the file's spelling."""
    sums: dict[Key, tuple[Decimal, int]] = {}
    for unit in ("original_unit", "unit"):
        grouped = records.group_by("column", unit).agg(pl.col("quantity").sum(), pl.len().alias("n"))
        for column, code, total, count in grouped.iter_rows():
            sums.setdefault(("quantity", column or "", code or ""), (total, count))
    costs = records.filter(pl.col("cost_net").is_not_null())
    for currency, total, count in (
        costs.group_by("currency").agg(pl.col("cost_net").sum(), pl.len().alias("n")).iter_rows()
    ):
        sums[("cost", "", currency or "")] = (total, count)
    return sums


def reading_sums(series: pl.DataFrame, measured: pl.DataFrame) -> dict[Key, tuple[Decimal, int]]:
    """Return (quantity, column, unit) → sum and count of the readings; `measured` has a row per series."""
    grouped = (
        series.join(measured, on="series")
        .group_by("column", "unit")
        .agg(pl.col("quantity").sum(), pl.col("records").sum())
    )
    return {
        ("quantity", column or "", unit or ""): (total, count)
        for column, unit, total, count in grouped.iter_rows()
    }


def _in_stored_unit(control: ControlSum, minutes: Iterable[int]) -> tuple[str, Decimal]:
    """Return unit and total as stored: the code of a spelling, and energy where the column holds power."""
    spelling = units.find(control.unit)
    if spelling is None:
        return control.unit, control.total
    lengths = set(minutes)
    energy = units.energy_of_power(spelling.unit, lengths.pop()) if len(lengths) == 1 else None
    if energy is None:
        return spelling.unit, control.total
    with localcontext(prec=DIGITS):
        ratio = Decimal(energy[1].numerator) / Decimal(energy[1].denominator)
        return energy[0], control.total * ratio


def controls_of(result: ImportResult, *rejected: Mapping[Key, tuple[Decimal, int]]) -> tuple[Control, ...]:
    """Return the control sums of a result less the sums of what was rejected after reading.

    A sum without a unit or currency is left out: such values are not kept, and an issue says so.
    """
    delivered = record_sums(result.activities)
    controls = []
    for entry in result.control_sums:
        if not entry.unit:
            continue
        key: Key = ("quantity", entry.column, entry.unit)
        total = entry.total
        if key not in delivered:
            lengths = result.series.filter(pl.col("column") == entry.column)["minutes"].drop_nulls()
            unit, total = _in_stored_unit(entry, lengths)
            key = ("quantity", entry.column, unit)
        if key not in delivered and entry.unit in CURRENCIES:
            key = ("cost", "", entry.unit)
        lost = [sums[key] for sums in rejected if key in sums]
        left = total - sum((part for part, _ in lost), Decimal(0))
        controls.append(Control(key, left, entry.records - sum(count for _, count in lost)))
    return tuple(controls)
