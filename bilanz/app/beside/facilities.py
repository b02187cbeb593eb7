"""What an energy report needs beside a run: sizes of organisations, and net per gross calorific energy."""

from datetime import date
from typing import TYPE_CHECKING, Final

import polars as pl

from bilanz.app.settings import Settings
from bilanz.calorific import net_ratios
from bilanz.conversion import Converter
from bilanz.result import Result

if TYPE_CHECKING:
    from bilanz.app.balances import Ledger


YEARS: Final = 5
"""Years whose sizes of organisations are told: the year of the run and those before it."""


def figures_of(data: "Ledger", result: Result) -> pl.DataFrame:
    """Return the organisations with the figures in force on the last day of each of the last years.

    Shape: `ORGANISATION_FIGURE_SCHEMA` and the column `year`.
    """
    from bilanz.registry.frames import organisations_frame

    last = result.manifest.year
    return pl.concat(
        organisations_frame(data.registry, date(year, 12, 31)).with_columns(
            pl.lit(year, pl.Int32).alias("year")
        )
        for year in range(last, last - YEARS, -1)
    )


def net_ratios_of(settings: Settings, result: Result) -> pl.DataFrame | None:
    """Return the ratios by the properties of the factors the run was made with; None where those are gone."""
    from bilanz.app.catalogue import releases

    used = releases.of_hash(settings, result.manifest.factor_release)
    if used is None:
        return None
    last_day = date(result.manifest.year, 12, 31)
    return net_ratios(result.usage, Converter(used.properties), result.manifest.region, last_day)
