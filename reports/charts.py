"""The few kinds of charts of a page. All take values in the unit shown; None is a gap, never a zero."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

import plotly.graph_objects as go

from bilanz.messages import Language, translate
from reports import theme
from reports.numbers import decimal
from reports.theme import Mark

LONGEST: Final = 10
"""Bars of one chart; what comes after stands in the table only, and the note says so."""

_BARELY: Final = 0.01
"""Pixels between cells of a heat map: with none plotly sets a style attribute, which the policy forbids."""

_ROW: Final = 30
_FRAME: Final = 110
_FEW: Final = 10
_LEAST_FOR_FLOWS: Final = 600
"""Pixels below which names of a flow chart lie upon each other: the page shows its table instead."""


@dataclass(frozen=True, slots=True)
class Series:
    """One series of a chart: its name, values in the unit shown, its look, and halves of 95 % intervals."""

    name: str
    values: Sequence[float | None]
    mark: Mark = theme.SINGLE
    halves: Sequence[float | None] | None = None


def cut_note(count: int, language: Language) -> str:
    """Return the sentence that says a chart shows the largest only; empty where it shows all."""
    if count <= LONGEST:
        return ""
    return translate(
        "The chart shows the {shown} largest of {count}; the table holds all.",
        language,
        shown=decimal(LONGEST, language),
        count=decimal(count, language),
    )


def in_thousands(values: Sequence[Decimal | None]) -> list[float | None]:
    """Return kg as t, or kWh as MWh, to three decimals (what a chart can show)."""
    return [None if value is None else round(float(value) / 1000, 3) for value in values]


def bars(
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    unit: str,
    language: Language,
    is_stacked: bool = False,
    digits: int = 1,
) -> go.Figure:
    """Return horizontal bars: one row per label from the top down, series stacked or side by side."""
    rows = list(range(len(labels)))
    full = [theme.literal(text) for text in labels]
    suffix = (
        " %{customdata}<br>%{fullData.name}: %{x:,." + str(digits) + f"f}} {theme.label(unit)}<extra></extra>"
    )
    traces = [
        go.Bar(
            x=list(one.values),
            y=rows,
            orientation="h",
            name=theme.label(one.name, width=48),
            customdata=full,
            marker=theme.bar_style(one.mark),
            error_x=None if one.halves is None else theme.interval(one.halves),
            hovertemplate=suffix.lstrip(),
        )
        for one in series
    ]
    # counts below ten get one tick each: half a record means nothing
    top = max((value for one in series for value in one.values if value is not None), default=0)
    step = {"dtick": 1} if digits == 0 and not is_stacked and top < _FEW else {}
    thickness = 1 if is_stacked else max(1.0, 0.75 * len(series))
    return theme.figure(
        traces,
        language,
        height=int(_FRAME + _ROW * thickness * len(labels) + 12 * len(labels)),
        barmode="stack" if is_stacked else "group",
        bargap=0.3,
        showlegend=len(series) > 1,
        xaxis=theme.axis(title={"text": theme.label(unit)}, rangemode="tozero", **step),
        yaxis=theme.axis(
            tickmode="array",
            tickvals=rows,
            ticktext=[theme.label(text) for text in labels],
            range=[len(labels) - 0.5, -0.5],
            showgrid=False,
            zeroline=False,
        ),
    )


def lines(
    months: Sequence[date], series: Sequence[Series], *, unit: str, language: Language, digits: int = 1
) -> go.Figure:
    """Return one line per series over months; a month without a value is a gap."""
    template = (
        "%{x|%B %Y}<br>%{fullData.name}: %{y:,." + str(digits) + f"f}} {theme.label(unit)}<extra></extra>"
    )
    traces = [
        go.Scatter(
            x=[month.isoformat() for month in months],
            y=list(one.values),
            mode="lines+markers",
            name=theme.label(one.name, width=48),
            connectgaps=False,
            hovertemplate=template,
            **theme.line_style(one.mark),
        )
        for one in series
    ]
    return theme.figure(
        traces, language, height=360, showlegend=len(series) > 1, **_month_axes(unit, is_count=False)
    )


def columns(months: Sequence[date], series: Sequence[Series], *, unit: str, language: Language) -> go.Figure:
    """Return stacked columns over months: counts."""
    traces = [
        go.Bar(
            x=[month.isoformat() for month in months],
            y=list(one.values),
            name=theme.label(one.name, width=48),
            marker=theme.bar_style(one.mark),
            hovertemplate="%{x|%B %Y}<br>%{fullData.name}: %{y:,d}<extra></extra>",
        )
        for one in series
    ]
    return theme.figure(
        traces,
        language,
        height=320,
        barmode="stack",
        bargap=0.25,
        showlegend=len(series) > 1,
        **_month_axes(unit, is_count=True),
    )


def _month_axes(unit: str, *, is_count: bool) -> dict[str, Any]:
    """Return the axes of a chart over months: one tick a month, values from zero."""
    return {
        "xaxis": theme.axis(
            type="date", dtick="M1", tickformat="%b", showgrid=False, zeroline=False, ticklabelmode="instant"
        ),
        "yaxis": theme.axis(
            title={"text": theme.label(unit)}, rangemode="tozero", tickformat=",d" if is_count else None
        ),
    }


@dataclass(frozen=True, slots=True)
class Tile:
    """One rectangle of a treemap.

    `weight` is a whole number and at least the sum of the weights below: plotly draws nothing where rounded
    parts exceed their whole.
    """

    code: str
    parent: str  # "" for the outermost
    name: str
    weight: int
    shown: str  # the value as written
    fill: str


def treemap(tiles: Sequence[Tile], *, language: Language) -> go.Figure:
    """Return a treemap of a tree whose weights are totals over the branches."""
    branches = {tile.parent for tile in tiles}
    trace = go.Treemap(
        ids=[tile.code for tile in tiles],
        parents=[tile.parent for tile in tiles],
        labels=[
            theme.label(tile.name, width=60, lines=1) if tile.code in branches else theme.label(tile.name)
            for tile in tiles
        ],
        customdata=[theme.literal(tile.name) for tile in tiles],
        text=[theme.label(tile.shown, width=40) for tile in tiles],
        values=[tile.weight for tile in tiles],
        branchvalues="total",
        sort=True,
        marker={
            "colors": [tile.fill for tile in tiles],
            "line": {"color": theme.INK, "width": 1},
            "cornerradius": 0,
        },
        textfont={"color": theme.INK, "size": 13},
        texttemplate=[
            "%{label}: %{text}" if tile.code in branches else "%{label}<br>%{text}" for tile in tiles
        ],
        hovertemplate="%{customdata}<br>%{text}<extra></extra>",
        pathbar={"visible": False},
        tiling={"pad": 2},
    )
    # what would have to be written smaller than this stands in the hover box and in the table
    return theme.figure([trace], language, height=420, uniformtext={"minsize": 10, "mode": "hide"})


@dataclass(frozen=True, slots=True)
class Flow:
    """One band of a flow chart: from and to (column, name), the value drawn, and the value as written."""

    start: tuple[int, str]
    end: tuple[int, str]
    value: float
    shown: str


def flows(bands: Sequence[Flow], *, language: Language) -> go.Figure:
    """Return a Sankey diagram; a name stands once in each of its columns."""
    ends = [end for band in bands for end in (band.start, band.end)]
    nodes = list(dict.fromkeys(sorted(ends, key=lambda end: end[0])))
    place = {node: index for index, node in enumerate(nodes)}
    trace = go.Sankey(
        arrangement="fixed",
        node={
            "label": [theme.label(name, width=26, lines=1) for _, name in nodes],
            "customdata": [theme.literal(name) for _, name in nodes],
            "color": [theme.GROUP_FILLS[column % len(theme.GROUP_FILLS)] for column, _ in nodes],
            "line": {"color": theme.INK, "width": 1},
            "pad": 14,
            "thickness": 16,
            "hovertemplate": "%{customdata}<extra></extra>",
        },
        link={
            "source": [place[band.start] for band in bands],
            "target": [place[band.end] for band in bands],
            "value": [band.value for band in bands],
            "customdata": [band.shown for band in bands],
            "color": theme.BAND,
            "line": {"color": theme.GRID, "width": 0.5},
            "hovertemplate": "%{source.customdata} → %{target.customdata}<br>%{customdata}<extra></extra>",
        },
        textfont={"color": theme.INK, "size": 12},
    )
    tallest = max((sum(1 for at, _ in nodes if at == column) for column in range(3)), default=1)
    height = max(320, 60 + 34 * tallest)
    return theme.figure([trace], language, height=height, meta={"least": _LEAST_FOR_FLOWS})


def carpet(
    days: Sequence[date], hours: Sequence[Sequence[float | None]], *, unit: str, language: Language
) -> go.Figure:
    """Return a carpet plot: one column per day, one row per hour of the clock; an hour without value is bare.

    Light is little, dark is much.

    `hours`: 24 rows, each with a value per day.
    """
    trace = go.Heatmap(
        x=[day.isoformat() for day in days],
        y=list(range(24)),
        z=[list(row) for row in hours],
        colorscale="Cividis",
        reversescale=True,
        hoverongaps=False,
        xgap=_BARELY,
        showscale=False,  # plotly sets a style attribute on it; the note says what light and dark mean
        hovertemplate="%{x|%d. %b} %{y}:00<br>%{z:,.1f} " + theme.label(unit) + "<extra></extra>",
    )
    return theme.figure(
        [trace],
        language,
        height=340,
        xaxis=theme.axis(type="date", dtick="M1", tickformat="%b", showgrid=False, zeroline=False),
        yaxis=theme.axis(
            title={"text": translate("Hour of the day", language)},
            tickvals=[0, 6, 12, 18],
            range=[23.5, -0.5],
            showgrid=False,
            zeroline=False,
        ),
    )
