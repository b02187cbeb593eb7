"""Energy bills with the statutory statement of CO2: three figures that must agree among themselves.

    kg CO2 = kWh (Hi) × kg per kWh, within two percent

Source: § 3 (1) CO2KostAufG: a supplier states the emissions, the emission factor and the energy content on
the bill. What is stated is kept beside the record and decides nothing: emissions are calculated from the
quantity.
"""

from typing import Final

import polars as pl

from importers.forms.rows import Sheet, filled
from importers.upload.quantities import plain

STATED: Final = ("co2_kg", "co2_factor", "energy_hi")
_TOLERANCE: Final = 50  # one part in so many: two percent
_WIDE: Final = pl.Decimal(38, 12)


def read(rows: pl.DataFrame, sheet: Sheet) -> list[pl.DataFrame]:
    """Keep the figures of the statement, and say where they contradict each other or cannot be read."""
    rows = filled(rows, *STATED)
    for name in STATED:
        rows = sheet.columns.lenient_number(rows, name)
        lost = rows.filter(pl.col(name).is_not_null() & pl.col(f"{name}_value").is_null())
        sheet.flag(
            lost, "suspect_value", name, pl.col(name), reason="no number, or one that can be read twice"
        )
    stated, factor, energy = (pl.col(f"{name}_value").cast(_WIDE) for name in STATED)
    computed = (energy * factor).cast(_WIDE, strict=False)
    off = (stated - computed).abs()
    differs = rows.with_columns(computed=computed, off=off).filter(
        (off * _TOLERANCE > pl.max_horizontal(stated.abs(), computed.abs())).fill_null(value=False)
    )
    shown = {"stated": "co2_kg_value", "computed": "computed", "difference": "off"}
    sheet.flag(
        differs,
        "co2_statement_differs",
        "co2_kg",
        pl.format("{} kg", plain(pl.col("co2_kg_value"))),
        what="the emission",
        expected=pl.format("{} kg", plain(pl.col("computed").round(1))),
        reason="energy content × emission factor",
        **{name: plain(pl.col(column)) for name, column in shown.items()},
    )
    return [rows]
