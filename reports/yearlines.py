"""Lines over years. A year without a value is a gap, never a zero; values begin at zero."""

from collections.abc import Sequence

import plotly.graph_objects as go

from bilanz.messages import Language
from reports import theme
from reports.charts import Series


def year_lines(years: Sequence[int], series: Sequence[Series], *, unit: str, language: Language) -> go.Figure:
    """Return one line per series over years."""
    template = "%{x}<br>%{fullData.name}: %{y:,.1f} " + theme.label(unit) + "<extra></extra>"
    traces = [
        go.Scatter(
            x=list(years),
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
        traces,
        language,
        height=380,
        showlegend=len(series) > 1,
        xaxis=theme.axis(tickformat="d", showgrid=False, zeroline=False, separatethousands=False),
        yaxis=theme.axis(title={"text": theme.label(unit)}, rangemode="tozero"),
    )
