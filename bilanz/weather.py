"""Degree days and climate factors as a frame: how cold it was, by definitions that never mix.

A heating degree day of Eurostat is not a degree day G20/15, and neither is a climate factor: they differ in
base temperature and heating limit. The definition is a column, and who reads the table asks for one.
"""

from enum import StrEnum
from typing import Final

import polars as pl

from bilanz.factor import FACTOR_VALUE, PROVENANCE


class Definition(StrEnum):
    """What was counted.

    Source: VDI 3807-1:2013 (G20/15: 20 °C inside, heating limit 15 °C outside, daily means); Eurostat
    nrg_chdd (HDD and CDD, its own base temperatures).
    """

    EUROSTAT_HDD = "eurostat_hdd"
    EUROSTAT_CDD = "eurostat_cdd"
    VDI_G20_15 = "vdi_3807_g20_15"
    DWD_CLIMATE_FACTOR = (
        "dwd_climate_factor"  # long-term mean of Potsdam / local value of a year, by postcode
    )


DEGREE_DAY_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "degree_day_id": pl.String,
    "definition": pl.String,  # Definition
    "region": pl.String,  # ISO 3166-1/-2, "EU27"
    "place": pl.String,  # station or postcode within the region; null: the whole region
    "valid_from": pl.Date,  # null: a reference year, not a year that was
    "valid_to": pl.Date,  # exclusive
    "value": FACTOR_VALUE,
    "unit": pl.String,  # "K d", or "1" for a climate factor
    **PROVENANCE,
    "note": pl.String,
}
