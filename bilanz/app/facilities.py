"""What an energy report needs beside a run: sizes of organisations, and net per gross calorific energy."""

from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from bilanz.app.settings import Settings
from bilanz.calorific import net_ratios
from bilanz.conversion import Converter
from bilanz.result import Result

if TYPE_CHECKING:
    from bilanz.app.balances import Ledger


def figures_of(data: "Ledger", result: Result) -> pl.DataFrame:
    """Return the organisations with the figures in force on the last day of the year."""
    from bilanz.registry.frames import organisations_frame

    return organisations_frame(data.registry, _last_day(result))


def net_ratios_of(settings: Settings, result: Result) -> pl.DataFrame | None:
    """Return the ratios by the properties of the factors the run was made with; None where those are gone."""
    from bilanz.app import releases

    used = releases.of_hash(settings, result.manifest.factor_release)
    if used is None:
        return None
    return net_ratios(result.usage, Converter(used.properties), result.manifest.region, _last_day(result))


def _last_day(result: Result) -> date:
    return date(result.manifest.year, 12, 31)
