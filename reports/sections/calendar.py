from typing import ClassVar, Final

import plotly.graph_objects as go
import polars as pl
from babel.dates import get_month_names

from bilanz import completeness as known
from bilanz.messages import Language, translate
from bilanz.result import Result
from reports import names, numbers, states, theme
from reports.base import Column, Panel, Section, Wording
from reports.sections.months import months_of
from reports.totals import named, organisation_name

ROWS_DRAWN: Final = 40
"""Sources of the chart; the table holds all."""

_PLACE: Final = list(known.PLACE)
_METERED: Final = pl.col("state") != known.EVENT


class Calendar(Section):
    """Which months of which source are known, how, and which are missing."""

    name: ClassVar[str] = "calendar"
    position: ClassVar[int] = 78

    def title(self, language: Language) -> str:
        """Return the heading."""
        return translate("Completeness", language)

    def panels(self, result: Result, wording: Wording) -> list[Panel]:
        """Return the calendar, what is missing, and what was estimated and how."""
        frame, language = result.beside.calendar, wording.language
        if frame is None or frame.is_empty():
            return []
        frame = named(frame, "organisation", organisation_name(result, language))
        year = result.manifest.year
        return [
            *_calendar(frame, year, language),
            *_missing(frame, language),
            *_estimated(frame, language),
        ]


def by_source(frame: pl.DataFrame, year: int, language: Language) -> pl.DataFrame:
    """Return one row per metered source, the longest gaps first: place, m1 to m12 as cells, days missing."""
    metered = frame.filter(_METERED)
    shape = ["state", "days_missing", "days_estimated"]  # few are worded, many cells share one
    shapes = metered.select(shape).unique()
    cells = [states.cell(row, language) for row in shapes.iter_rows(named=True)]
    worded = shapes.with_columns(cell=pl.Series(cells, dtype=pl.String))
    months = months_of(year)
    shown = (
        metered.join(worded, on=shape, how="left")
        .with_columns(number=pl.col("month").dt.month())
        .group_by(_PLACE)
        .agg(
            *(
                pl.col("cell").filter(pl.col("number") == index).first().alias(f"m{index}")
                for index in range(1, len(months) + 1)
            ),
            pl.col("days_missing").sum(),
            pl.col("days_estimated").sum(),
        )
    )
    return shown.sort("days_missing", "days_estimated", *_PLACE, descending=[True, True, *[False] * 3])


def _calendar(frame: pl.DataFrame, year: int, language: Language) -> list[Panel]:
    """Return the months of the sources that are expected all year."""
    found = by_source(frame, year, language)
    events = frame.filter(~_METERED).select(_PLACE).n_unique()
    if found.is_empty():
        return []
    short = get_month_names("abbreviated", "stand-alone", language)
    return [
        Panel(
            identifier="calendar-months",
            heading=translate("Months of the sources", language),
            finding=_finding(frame, language),
            table=_with_activities(found, language),
            columns=(
                Column("source", translate("Source", language), kind="code"),
                Column("organisation", translate("Organisation", language)),
                Column("activity", translate("Activity", language)),
                *(Column(f"m{number}", short[number], kind="state") for number in range(1, 13)),
                Column("days_missing", translate("Days missing", language), kind="number", is_totalled=True),
            ),
            figure=_heat_map(frame, found.head(ROWS_DRAWN), year, language),
            note=_note(found.height, events, language),
        )
    ]


def _with_activities(frame: pl.DataFrame, language: Language) -> pl.DataFrame:
    return named(frame, "activity", lambda code: names.activity_name(code, language))


def _finding(frame: pl.DataFrame, language: Language) -> str:
    """Return how many expected months are complete, and how many of these with estimates."""
    expected = frame.filter(pl.col("days_expected") > 0)
    complete = expected.filter(pl.col("days_missing") == 0)
    estimated = complete.filter(pl.col("days_estimated") > 0)
    return translate(
        "Of {expected} expected months of sources {complete} are complete, {estimated} of these with "
        "estimated values; in {missing} days are missing.",
        language,
        expected=numbers.decimal(expected.height, language),
        complete=numbers.decimal(complete.height, language),
        estimated=numbers.decimal(estimated.height, language),
        missing=numbers.decimal(expected.height - complete.height, language),
    )


def _note(count: int, events: int, language: Language) -> str:
    """Return the legend, what the chart leaves out, and which sources have no expected months."""
    legend = ", ".join(
        f"{symbol} {states.name(state, language)}"
        for state, symbol in states.SYMBOLS.items()
        if state != known.EVENT
    )
    said = [translate("Signs: {legend}.", language, legend=legend)]
    if count > ROWS_DRAWN:
        said.append(
            translate(
                "The chart shows the {shown} sources with the longest gaps of {count}; the table holds all.",
                language,
                shown=numbers.decimal(ROWS_DRAWN, language),
                count=numbers.decimal(count, language),
            )
        )
    if events:
        said.append(
            translate(
                "Deliveries, refuelling and trips arrive when they arrive: {count} sources have no expected "
                "months, so nothing of them can be shown as missing.",
                language,
                count=numbers.decimal(events, language),
            )
        )
    return " ".join(said)


def _heat_map(frame: pl.DataFrame, shown: pl.DataFrame, year: int, language: Language) -> go.Figure:
    """Return a field of months by source: one square a month, in each its sign.

    Squares, not plotly's heat map: that is a picture, which the policy of the page does not let in.
    """
    places = {place: index for index, place in enumerate(shown.select(_PLACE).iter_rows())}
    short = get_month_names("abbreviated", "stand-alone", language)
    drawn = frame.filter(_METERED).sort("month")
    traces = []
    for state, symbol in states.SYMBOLS.items():
        rows = [
            (places[place], month, place[1] or "")
            for *identity, month in drawn.filter(pl.col("state") == state)
            .select(*_PLACE, "month")
            .iter_rows()
            if (place := tuple(identity)) in places
        ]
        if not rows:
            continue
        traces.append(
            go.Scatter(
                x=[month.month for _, month, _ in rows],
                y=[index for index, _, _ in rows],
                mode="markers+text",
                name=theme.label(states.name(state, language), width=48),
                text=[symbol] * len(rows),
                customdata=[theme.literal(name) for _, _, name in rows],
                marker={
                    "symbol": "square",
                    "size": 20,
                    "color": states.FILLS[state],
                    "line": {"color": theme.GRID, "width": 1},
                },
                hovertemplate="%{customdata}<br>%{fullData.name}<extra></extra>",
            )
        )
    return theme.figure(
        traces,
        language,
        height=110 + 26 * len(places),
        showlegend=True,
        xaxis=theme.axis(
            showgrid=False,
            zeroline=False,
            range=[0.4, 12.6],
            tickvals=[month.month for month in months_of(year)],
            ticktext=[short[month.month] for month in months_of(year)],
        ),
        yaxis=theme.axis(
            showgrid=False,
            zeroline=False,
            range=[len(places) - 0.4, -0.6],
            tickvals=list(places.values()),
            ticktext=[_short(place[1] or "") for place in places],
        ),
    )


def _short(source: str) -> str:
    """Return a source as it stands at the axis: its two ends where it is long."""
    most, end = 22, 8
    cut = source if len(source) <= most else f"{source[: most - end]}…{source[-end:]}"
    return theme.label(cut, width=most + 1)


def _missing(frame: pl.DataFrame, language: Language) -> list[Panel]:
    """Return the gaps, each with what the same month held a year before."""
    found = known.gaps(frame)
    if found.is_empty():
        return []
    with_history = found.filter(pl.col("earlier_quantity").is_not_null()).height
    return [
        Panel(
            identifier="calendar-missing",
            heading=translate("What is missing", language),
            finding=translate(
                "Months with days missing: {count}; the longest gap is {source}, {month}. The quantity of "
                "the same month a year before is known for {known} of them; it is shown, and not counted.",
                language,
                count=numbers.decimal(found.height, language),
                source=found["source"][0] or numbers.missing(language),
                month=numbers.month(found["month"][0], language),
                known=numbers.decimal(with_history, language),
            ),
            table=_with_activities(found, language),
            columns=(
                Column("source", translate("Source", language), kind="code"),
                Column("organisation", translate("Organisation", language)),
                Column("activity", translate("Activity", language)),
                Column("month", translate("Month", language), kind="month"),
                Column("days_missing", translate("Days missing", language), kind="number", is_totalled=True),
                Column("earlier_quantity", translate("A year before", language), kind="number"),
                Column("unit", translate("Unit", language)),
            ),
        )
    ]


def _estimated(frame: pl.DataFrame, language: Language) -> list[Panel]:
    """Return what was estimated and how, by source."""
    told = frame.filter(pl.col("days_estimated") > 0)
    if told.is_empty():
        return []
    found = (
        told.group_by(*_PLACE, "method")
        .agg(pl.len().cast(pl.Int64).alias("months"), pl.col("days_estimated").sum())
        .sort("days_estimated", *_PLACE, "method", descending=[True, *[False] * 4])
    )
    return [
        Panel(
            identifier="calendar-estimated",
            heading=translate("What was estimated, and how", language),
            finding=translate(
                "Sources with estimated values: {sources}, months: {months}. An estimate counts only where "
                "nothing measured or billed is known.",
                language,
                months=numbers.decimal(told.height, language),
                sources=numbers.decimal(told.select(_PLACE).n_unique(), language),
            ),
            table=named(
                _with_activities(found, language), "method", lambda code: states.method(code, language)
            ),
            columns=(
                Column("source", translate("Source", language), kind="code"),
                Column("organisation", translate("Organisation", language)),
                Column("activity", translate("Activity", language)),
                Column("method", translate("Estimated from", language)),
                Column("months", translate("Months", language), kind="number", is_totalled=True),
                Column(
                    "days_estimated", translate("Days estimated", language), kind="number", is_totalled=True
                ),
            ),
        )
    ]
