"""What the records of a file must add up to, taken from the sums of its columns and not from its records."""

from decimal import Decimal

import polars as pl

from importers.base import ControlSum
from importers.upload.columns import Columns
from importers.upload.quantities import money_factor, total


def control_sums(rows: pl.DataFrame, columns: Columns) -> tuple[ControlSum, ...]:
    """Return one control sum per spelling of the unit, over the accepted rows that state a quantity.

    Gas that became energy by its own state number and calorific value has a sum of its own, in kWh.

    The stored quantity is the stated one but for two rules, so both stand here as sums of columns: a delivery
    is set against the stock before and after, and thousands of euros are kept in euros.
    """
    billed = rows.filter("billed_energy")
    stated = rows.filter(pl.col("quantity").is_not_null(), ~pl.col("billed_energy"))
    sums = [
        ControlSum(
            columns.title("quantity"), str(unit), _total(group) * money_factor(str(unit)), group.height
        )
        for (unit,), group in stated.group_by("unit_text", maintain_order=True)
    ]
    if billed.height:
        energy = total(billed["amount"])
        sums.append(ControlSum(columns.title("calorific_value"), "kWh", energy, billed.height))
    return tuple(sums)


def _total(rows: pl.DataFrame) -> Decimal:
    stock = rows.filter(pl.col("delivered").is_not_null())
    return (
        total(rows["quantity_value"]) + total(stock["stock_before_value"]) - total(stock["stock_after_value"])
    )
