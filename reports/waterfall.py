"""A waterfall: changes one after the other from nothing to their sum. Its axis holds zero."""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any, Final

import plotly.graph_objects as go

from bilanz.messages import Language, translate
from reports import theme
from reports.theme import Mark

MORE: Final = Mark("#D55E00", "/")
LESS: Final = Mark("#0072B2", "")
SUM: Final = Mark("#767676", "x")

_ROW: Final = 42
_FRAME: Final = 110


def waterfall(
    labels: Sequence[str], changes: Sequence[float], total: str, *, unit: str, language: Language
) -> go.Figure:
    """Return horizontal bars from the top down, each beginning where the one before ended; then the sum."""
    names = [*labels, total]
    traces = list(_traces(names, changes, unit, language))
    rows = list(range(len(names)))
    return theme.figure(
        traces,
        language,
        height=_FRAME + _ROW * len(names),
        barmode="overlay",
        bargap=0.3,
        showlegend=True,
        xaxis=theme.axis(title={"text": theme.label(unit)}, rangemode="tozero"),
        yaxis=theme.axis(
            tickmode="array",
            tickvals=rows,
            ticktext=[theme.label(text) for text in names],
            range=[len(names) - 0.5, -0.5],
            showgrid=False,
            zeroline=False,
        ),
    )


def _traces(
    names: Sequence[str], changes: Sequence[float], unit: str, language: Language
) -> Iterator[go.Bar]:
    """Yield one trace for what rose, one for what fell and one for the sum."""
    starts = [0.0, *accumulate(changes)]
    bars = [(row, start, change) for row, (start, change) in enumerate(zip(starts, changes, strict=False))]
    kinds: tuple[tuple[str, Mark, list[tuple[int, float, float]]], ...] = (
        (translate("more", language), MORE, [bar for bar in bars if bar[2] > 0]),
        (translate("less", language), LESS, [bar for bar in bars if bar[2] < 0]),
        (translate("sum", language), SUM, [(len(changes), 0.0, starts[-1])]),
    )
    for name, mark, told in kinds:
        if told:
            yield _bar(name, mark, told, names, unit)


def _bar(name: str, mark: Mark, told: list[tuple[int, float, float]], names: Sequence[str], unit: str) -> Any:  # noqa: ANN401 - plotly is untyped
    return go.Bar(
        x=[round(change, 3) for _, _, change in told],
        base=[round(start, 3) for _, start, _ in told],
        y=[row for row, _, _ in told],
        orientation="h",
        name=theme.label(name),
        customdata=[[theme.literal(names[row]), round(change, 3)] for row, _, change in told],
        marker=theme.bar_style(mark),
        hovertemplate="%{customdata[0]}<br>%{customdata[1]:+,.1f} " + theme.label(unit) + "<extra></extra>",
    )
