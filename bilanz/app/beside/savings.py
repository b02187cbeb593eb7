"""The savings account of § 6 EnEfG of a run: its final energy by net calorific value, and its measures."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

import polars as pl

from bilanz.activity import activities
from bilanz.app.beside.facilities import net_ratios_of
from bilanz.app.settings import Settings
from bilanz.records import Basis
from bilanz.result import Result
from bilanz.savings import FINAL_ENERGY_SCHEMA, FIRST_YEAR, account
from bilanz.weathercorrection import own_energy

_DIGITS: Final = Decimal("1e-6")
_TOLERANCE_DAYS: Final = 1.0


def savings_of(
    settings: Settings, result: Result, earlier: tuple[Result, ...], measures: pl.DataFrame
) -> pl.DataFrame | None:
    """Return `ACCOUNT_SCHEMA` of the organisations of a run; None before the law or without any measure."""
    within = measures.filter(pl.col("organisation").is_in(result.organisations["organisation"].implode()))
    if result.manifest.year < FIRST_YEAR or within.is_empty():
        return None
    rows = [_final_energy(run, net_ratios_of(settings, run)) for run in (result, *earlier)]
    energy = pl.DataFrame(rows, schema=FINAL_ENERGY_SCHEMA, orient="row")
    return account(energy, within, result.manifest.year, settings.enefg)


def _final_energy(result: Result, ratios: pl.DataFrame | None) -> tuple[int, Decimal | None, int]:
    """Return year, kWh by net calorific value (None: a part is not known) and source-months without data."""
    sums = (
        own_energy(result)
        .group_by("activity", "basis")
        .agg(
            pl.when(pl.col("measured_kwh").is_null().any()).then(None).otherwise(pl.col("measured_kwh").sum())
        )
    )
    net = {} if ratios is None else dict(ratios.select("activity", "net_per_gross").iter_rows())
    total = None if sums.is_empty() else Decimal(0)
    for activity, basis, kwh in sums.iter_rows():
        ratio = _to_net(activity, basis, net)
        is_known = total is not None and kwh is not None and ratio is not None
        total = total + kwh * ratio if is_known else None
    known_days = pl.sum_horizontal("days_measured", "days_billed", "days_estimated")
    lacking = result.coverage.filter(known_days < pl.col("days") - _TOLERANCE_DAYS).height
    return result.manifest.year, None if total is None else total.quantize(_DIGITS), lacking


def _to_net(activity: str, basis: str, ratios: Mapping[str, Decimal]) -> Decimal | None:
    """Return kWh by net calorific value per kWh as stated; None where nothing leads there."""
    if not activities()[activity].needs_basis or basis == Basis.HI:
        return Decimal(1)
    return ratios.get(activity) if basis == Basis.HS else None
