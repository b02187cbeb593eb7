"""Load profiles as carpets: when in the year and in the day a meter draws."""

from datetime import date
from typing import ClassVar, Final

import polars as pl

from bilanz.messages import Language, translate
from bilanz.records import QUANTITY
from bilanz.result import Result
from reports import charts, names, numbers
from reports.base import Column, Panel, Section, Wording
from reports.totals import organisation_name

_METER: Final = ["organisation", "source", "activity", "direction"]
_HOURS: Final = [f"h{hour:02d}" for hour in range(24)]


class Profiles(Section):
    """One carpet per meter with readings of an hour or less."""

    name: ClassVar[str] = "profiles"
    position: ClassVar[int] = 65

    def title(self, language: Language) -> str:
        """Return the heading."""
        return translate("Load profiles", language)

    def panels(self, result: Result, wording: Wording) -> list[Panel]:
        """Return the carpets of `Beside.profiles`, the meter with the largest sum first."""
        told = result.beside.profiles
        if told is None or told.is_empty():
            return []
        meters = told.partition_by(_METER, maintain_order=True)
        meters.sort(key=lambda meter: meter["quantity"].sum(), reverse=True)
        return [
            _panel(meter, number, result, wording.language) for number, meter in enumerate(meters, start=1)
        ]


def by_day(profile: pl.DataFrame, year: int) -> pl.DataFrame:
    """Return one row per day of the year and one column per hour of the clock (`h00` …); null: no reading."""
    days = pl.date_range(date(year, 1, 1), date(year + 1, 1, 1), "1d", closed="left", eager=True)
    sums = profile.group_by("day", "hour").agg(pl.col("quantity").sum())
    hours = [
        pl.col("quantity").filter(pl.col("hour") == hour).first().alias(name)
        for hour, name in enumerate(_HOURS)
    ]
    wide = sums.group_by("day").agg(hours)
    return (
        days.alias("day")
        .to_frame()
        .join(wide, on="day", how="left")
        .select("day", *(pl.col(name).cast(QUANTITY) for name in _HOURS))
    )


def _panel(profile: pl.DataFrame, number: int, result: Result, language: Language) -> Panel:
    """Return chart and table of one meter."""
    table = by_day(profile, result.manifest.year)
    meter = profile.row(0, named=True)
    named = translate(
        "{source} ({organisation}), {activity}, {direction}",
        language,
        source=meter["source"],
        organisation=organisation_name(result, language)(meter["organisation"]),
        activity=names.activity_name(meter["activity"], language),
        direction=names.flow(None, meter["direction"], language),
    )
    values = [[None if value is None else float(value) for value in table[name].to_list()] for name in _HOURS]
    shown = table.with_columns(pl.col("day").dt.to_string("%Y-%m-%d"))
    return Panel(
        identifier=f"profiles-{number}",
        heading=translate("Load profile: {meter}", language, meter=named),
        finding=_finding(profile, table, language),
        table=shown,
        columns=(
            Column("day", translate("Day", language)),
            *(
                Column(name, str(hour), kind="number", digits=1, unit="kWh")
                for hour, name in enumerate(_HOURS)
            ),
        ),
        figure=charts.carpet(table["day"].to_list(), values, unit="kWh", language=language),
        note=translate(
            "Light is little, dark is much. Energy of each hour as the clock shows it; the hour the clock "
            "shows twice in October holds both. Where nothing is drawn, there is no reading. The three "
            "meters with the largest sums are shown.",
            language,
        ),
    )


def _finding(profile: pl.DataFrame, table: pl.DataFrame, language: Language) -> str:
    """Return the highest hour and what half of the hours stay below."""
    top = profile.sort(["quantity", "day", "hour"], descending=[True, False, False]).row(0, named=True)
    middle = profile.select(pl.col("quantity").cast(pl.Float64).median()).item()
    held = table.select(pl.sum_horizontal(pl.col(_HOURS).is_not_null())).sum().item()
    return translate(
        "Highest hour: {value} kWh on {day} from {hour}:00; half of the {count} hours with readings stay "
        "below {middle} kWh.",
        language,
        value=numbers.decimal(top["quantity"], language, digits=1),
        day=numbers.day(top["day"], language),
        hour=top["hour"],
        count=numbers.decimal(held, language),
        middle=numbers.decimal(middle, language, digits=1),
    )
