from collections.abc import Iterator
from typing import ClassVar, Final

import polars as pl

from bilanz.messages import Language, translate
from bilanz.result import Result
from bilanz.weather import Definition
from bilanz.weathercorrection import NORMAL, State
from reports import charts, names, numbers, theme
from reports.base import Column, Panel, Section, Wording
from reports.charts import Series
from reports.totals import known_sum, named

STATES: Final = {
    State.NO_SHARE: "The heating share of the source is not stated.",
    State.NO_PLACE: "The place of the source is not stated, or there is more than one.",
    State.NO_DEGREE_DAYS: "No degree days or climate factor of the place and year are known.",
    State.MONTHS_MISSING: "Data of the source are missing for a part of the year.",
    State.DELIVERY: "Only deliveries to stock are known, not what was used in the year.",
    State.NO_ENERGY: "The quantity could not be converted to energy.",
}

_CARRIER: Final = ("activity", "basis", "year")


class Weather(Section):
    """Heating energy as measured and as it would have been in a normal year."""

    name: ClassVar[str] = "weather"
    position: ClassVar[int] = 62

    def title(self, language: Language) -> str:
        """Return the heading."""
        return translate("Weather", language)

    def panels(self, result: Result, wording: Wording) -> list[Panel]:
        """Return measured beside corrected energy, and what was not corrected."""
        frame = result.beside.weather
        if frame is None or frame.is_empty():
            return []
        year, language = result.manifest.year, wording.language
        return [*_corrected(frame, year, language), *_left(frame.filter(pl.col("year") == year), language)]


def by_carrier(frame: pl.DataFrame) -> pl.DataFrame:
    """Return per carrier, basis and year: corrected sources with both energies, and what is left."""
    is_done = pl.col("state") == State.CORRECTED.value
    return (
        frame.group_by(_CARRIER)
        .agg(
            is_done.sum().alias("sources"),
            pl.when(is_done.any()).then(pl.col("measured_kwh").filter(is_done).sum()).alias("measured_kwh"),
            known_sum("corrected_kwh"),
            (~is_done).sum().alias("left"),
            pl.when((~is_done & pl.col("measured_kwh").is_null()).any())
            .then(None)
            .otherwise(pl.col("measured_kwh").filter(~is_done).sum())
            .alias("left_kwh"),
        )
        .sort(["activity", "basis", "year"], descending=[False, False, True])
    )


def _label(activity: str | None, basis: str | None, language: Language) -> str:
    name = names.activity_name(activity, language)
    return f"{name} ({basis})" if basis and basis != "none" else name


def _corrected(frame: pl.DataFrame, year: int, language: Language) -> Iterator[Panel]:
    """Yield the panel of measured and corrected energy, where anything was corrected."""
    table = by_carrier(frame)
    now = table.filter(pl.col("year") == year, pl.col("corrected_kwh").is_not_null()).sort(
        ["measured_kwh", "activity", "basis"], descending=[True, False, False]
    )
    if now.is_empty():
        return
    labels = [
        _label(activity, basis, language) for activity, basis in now.select("activity", "basis").iter_rows()
    ]
    top = now.row(0, named=True)
    series = [
        Series(name, charts.in_thousands(now[column].to_list()), theme.BOOK_MARKS[number])
        for number, (column, name) in enumerate(
            (
                ("measured_kwh", translate("measured", language)),
                ("corrected_kwh", translate("weather-corrected", language)),
            )
        )
    ]
    yield Panel(
        identifier="weather-corrected",
        heading=translate("Heating energy, measured and weather-corrected", language),
        finding=translate(
            "{carrier}: {measured} were used in {year}; in a year of normal weather it would have been "
            "{corrected}.",
            language,
            carrier=labels[0],
            year=year,
            measured=numbers.megawatt_hours(top["measured_kwh"], language),
            corrected=numbers.megawatt_hours(top["corrected_kwh"], language),
        ),
        table=_named(table, language),
        columns=(
            Column("activity", translate("Energy carrier", language)),
            Column("basis", translate("Calorific basis", language)),
            Column("year", translate("Year", language)),
            Column("sources", translate("Sources corrected", language), kind="number"),
            Column("measured_kwh", translate("Measured", language), kind="energy"),
            Column("corrected_kwh", translate("Weather-corrected", language), kind="energy"),
            Column("left", translate("Sources not corrected", language), kind="number"),
            Column("left_kwh", translate("Measured, not corrected", language), kind="energy"),
        ),
        figure=charts.bars(labels, series, unit="MWh", language=language),
        note=" ".join(_method(frame["definition"][0], language)),
    )


def _named(table: pl.DataFrame, language: Language) -> pl.DataFrame:
    frame = named(table, "activity", lambda code: names.activity_name(code, language))
    return named(frame, "basis", lambda code: names.basis(code, language))


def _method(definition: str, language: Language) -> Iterator[str]:
    """Yield how it was corrected, and that no balance changes."""
    if definition == Definition.DWD_CLIMATE_FACTOR:
        yield translate(
            "Only the heating share is corrected, with the climate factor of the postcode and year "
            "(Deutscher Wetterdienst); it corrects the place too.",
            language,
        )
    else:
        yield translate(
            "Only the heating share is corrected, with the degree days of the country (Eurostat): mean of "
            "{first} to {last} divided by the year.",
            language,
            first=NORMAL[0],
            last=NORMAL[1],
        )
    yield translate(
        "No balance on this page is weather-corrected: BISKO and the GHG Protocol account for what was used. "
        "Years compare only where the same number of sources was corrected.",
        language,
    )


def _left(frame: pl.DataFrame, language: Language) -> Iterator[Panel]:
    """Yield the panel of what may heat rooms and was not corrected, by reason."""
    left = frame.filter(pl.col("state") != State.CORRECTED.value)
    if left.is_empty():
        return
    table = (
        left.group_by("state", "activity", "basis")
        .agg(pl.len().alias("sources"), known_sum("measured_kwh"))
        .sort(["sources", "state", "activity", "basis"], descending=[True, False, False, False])
    )
    table = _named(named(table, "state", lambda code: _reason(code, language)), language)
    yield Panel(
        identifier="weather-left",
        heading=translate("Heating energy that was not corrected", language),
        finding=translate(
            "Sources that were not corrected: {count} of {all}.",
            language,
            count=numbers.decimal(left.height, language),
            all=numbers.decimal(frame.height, language),
        ),
        table=table.select("state", "activity", "basis", "sources", "measured_kwh"),
        columns=(
            Column("state", translate("Reason", language), kind="long"),
            Column("activity", translate("Energy carrier", language)),
            Column("basis", translate("Calorific basis", language)),
            Column("sources", translate("Sources", language), kind="number", is_totalled=True),
            Column("measured_kwh", translate("Measured", language), kind="energy"),
        ),
    )


def _reason(code: str | None, language: Language) -> str:
    return numbers.missing(language) if code is None else translate(STATES[State(code)], language)
