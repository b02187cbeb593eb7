"""The logbook of a cooling plant: what was topped up had leaked.

    top-up            emission: the mass added
    first filling     no emission: the plant was empty; ignored, said
    recovered         no emission: it went back into a bottle; not counted, said

Source: Regulation (EU) 2024/573, Article 7: operators record quantities added and recovered.
"""

import polars as pl

from importers.forms.rows import Sheet, filled

FIRST = "first_filling"


def read(rows: pl.DataFrame, sheet: Sheet) -> list[pl.DataFrame]:
    """Return the rows that topped up a plant."""
    rows = sheet.require(rows, "product_group")
    rows = filled(rows, "recovered", "charge", "event")
    rows = sheet.numbers(rows, "quantity", "recovered", "charge")
    added, back = pl.col("quantity_value"), pl.col("recovered_value").fill_null(0)
    rows = sheet.limits(rows, "recovered", pl.col("recovered_value") < 0, "numbers from 0")
    first = rows.filter((pl.col("event") == FIRST).fill_null(value=False) & (added > 0))
    text = pl.coalesce("quantity", "recovered")
    sheet.flag(first, "not_relevant", "quantity", text, reason="the first filling of a plant is no emission")
    only_back = rows.filter((added.is_null() | (added == 0)) & (back > 0))
    sheet.flag(
        only_back,
        "not_relevant",
        "recovered",
        pl.col("recovered"),
        reason="recovered refrigerant is no emission",
    )
    rest = rows.join(pl.concat([first, only_back]), on="__row", how="anti", maintain_order="left")
    both = rest.filter((added > 0) & (back > 0))
    sheet.flag(both, "recovered_beside_added", "quantity", pl.col("quantity"), recovered=pl.col("recovered"))
    more = rest.filter((added > pl.col("charge_value")).fill_null(value=False))
    sheet.flag(more, "suspect_value", "quantity", pl.col("quantity"), reason="more than the plant holds")
    return [rest]
