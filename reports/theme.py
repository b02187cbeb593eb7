"""Colours, patterns and the layout every chart shares.

Palettes are published ones that colour-blind readers can tell apart: Okabe and Ito (2008) for books, Tol's
"muted" for scopes, cividis (Nuñez, Anderton, Renslow 2018) for the ordered grades. Whatever has a colour has
a pattern or symbol too, and every filled shape a dark outline, so that nothing depends on colour alone.
"""

import html
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import plotly.graph_objects as go
from babel.dates import get_day_names, get_month_names

from bilanz.messages import Language

INK: Final = "#1a1a1a"
PAPER: Final = "#ffffff"
GRID: Final = "#d9d9d9"
BAND: Final = "rgba(118, 118, 118, 0.35)"
FONT: Final = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif'
SEPARATORS: Final[dict[Language, tuple[str, str]]] = {"de": (",", "."), "en": (".", ",")}
"""Signs of decimals and of thousands."""

CONFIG: Final[dict[str, Any]] = {
    "displayModeBar": False,
    "showSendToCloud": False,
    "plotlyServerURL": "",
    "displaylogo": False,
    "responsive": True,
}


@dataclass(frozen=True, slots=True)
class Mark:
    """How one series looks: colour, fill pattern of bars, symbol and dash of lines."""

    colour: str
    pattern: str = ""
    symbol: str = "circle"
    dash: str = "solid"


BOOK_MARKS: Final = (
    Mark("#0072B2", "", "circle", "solid"),
    Mark("#D55E00", "/", "square", "dash"),
    Mark("#008A64", ".", "diamond", "dot"),  # Okabe-Ito green, darkened from #009E73 for contrast
    Mark("#B0568A", "x", "cross", "dashdot"),  # Okabe-Ito purple, darkened from #CC79A7
)
"""Marks of the books in the order of the manifest."""

SCOPE_MARKS: Final = {
    "1": Mark("#332288", ""),
    "2": Mark("#CC6677", "/"),
    "3": Mark("#117733", "."),
    "outside": Mark("#85852B", "x"),
    "memo": Mark("#767676", "-"),
}

GRADE_MARKS: Final = {
    "exact": Mark("#00224E", ""),
    "contract": Mark("#2A3F6D", "-"),
    "custom": Mark("#575D6D", "|"),
    "older_edition": Mark("#7D7C78", "/"),
    "wider_region": Mark("#A59C74", "\\"),
    "parent": Mark("#C3B369", "x"),
    "proxy": Mark("#E1CC55", "."),
    "none": Mark("#FEE838", "+"),
}

SINGLE: Final = BOOK_MARKS[0]
ABSENT: Final = Mark("#767676", "x")
GROUP_FILLS: Final = ("#56B4E9", "#E69F00", "#009E73", "#F0E442", "#CC79A7", "#D55E00", "#999999")
"""Fills behind dark text (treemap): Okabe-Ito as published; the outline gives the contrast to the page."""


def book_mark(books: tuple[str, ...], book: str) -> Mark:
    """Return the mark of a book: by its place in the manifest."""
    return BOOK_MARKS[books.index(book) % len(BOOK_MARKS)]


def scope_mark(scope: str) -> Mark:
    """Return the mark of a scope; an unknown one looks like a memo item."""
    return SCOPE_MARKS.get(scope, SCOPE_MARKS["memo"])


def grade_mark(grade: str) -> Mark:
    """Return the mark of a grade; an unknown one looks like "none"."""
    return GRADE_MARKS.get(grade, GRADE_MARKS["none"])


def label(text: str, *, width: int = 22, lines: int = 3) -> str:
    """Return a text as plotly shows it literally: wrapped, shortened, markup and entities escaped.

    Plotly reads a subset of HTML in every text; names come from files and must not be read as markup.
    """
    rows = textwrap.wrap(text, width, max_lines=lines, placeholder=" …", break_on_hyphens=False) or [""]
    return "<br>".join(html.escape(row, quote=False) for row in rows)


def literal(text: str) -> str:
    """Return a text in full, for the hover box."""
    return label(text, width=40, lines=8)


def interval(halves: Sequence[float | None]) -> dict[str, Any]:
    """Return error bars of halves of intervals; null: none is known."""
    return {"type": "data", "array": list(halves), "color": INK, "thickness": 1.5, "width": 4}


def bar_style(mark: Mark) -> dict[str, Any]:
    """Return plotly's marker of a bar: fill, pattern in the colour of the paper, dark outline."""
    style: dict[str, Any] = {"color": mark.colour, "line": {"color": INK, "width": 1}}
    if mark.pattern:
        style["pattern"] = {
            "shape": mark.pattern,
            "fillmode": "overlay",
            "fgcolor": PAPER,
            "fgopacity": 0.8,
            "size": 7,
        }
    return style


def line_style(mark: Mark) -> dict[str, Any]:
    """Return plotly's line and marker of a line."""
    return {
        "line": {"color": mark.colour, "width": 2.5, "dash": mark.dash},
        "marker": {
            "color": mark.colour,
            "symbol": mark.symbol,
            "size": 9,
            "line": {"color": INK, "width": 1},
        },
    }


def figure(traces: list[Any], language: Language, *, height: int, **layout: Any) -> go.Figure:  # noqa: ANN401 - plotly's layout is untyped
    """Return a figure in the look of the page."""
    base: dict[str, Any] = {
        "template": "none",
        "height": height,
        "autosize": True,
        "separators": "".join(SEPARATORS[language]),
        "font": {"family": FONT, "size": 13, "color": INK},
        "paper_bgcolor": PAPER,
        "plot_bgcolor": PAPER,
        "margin": {"l": 8, "r": 16, "t": 8, "b": 8, "pad": 4},
        "hoverlabel": {"bgcolor": PAPER, "bordercolor": INK, "font": {"color": INK, "family": FONT}},
        "legend": {
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1,
            "yanchor": "bottom",
            "traceorder": "normal",
            "itemclick": False,
            "itemdoubleclick": False,
        },
        "dragmode": False,
    }
    return go.Figure(traces, layout={**base, **layout})


def axis(**more: Any) -> dict[str, Any]:  # noqa: ANN401 - plotly's axes are untyped
    """Return an axis: thin grid, a line at zero, fixed range (no zoom by accident on a phone)."""
    plain = {
        "gridcolor": GRID,
        "zeroline": True,
        "zerolinecolor": INK,
        "zerolinewidth": 1,
        "automargin": True,
        "fixedrange": True,
        "exponentformat": "none",
        "separatethousands": True,
    }
    return {**plain, **more}


def plotly_locale(language: Language) -> dict[str, Any] | None:
    """Return the locale plotly registers: names of days and months, signs of numbers (from CLDR).

    None for English, which plotly holds itself, with entries that would be lost if it were replaced.
    """
    if language == "en":
        return None
    days = get_day_names("wide", "stand-alone", language)
    short_days = get_day_names("abbreviated", "stand-alone", language)
    sunday_first = [6, 0, 1, 2, 3, 4, 5]
    months = get_month_names("wide", "stand-alone", language)
    short_months = get_month_names("abbreviated", "stand-alone", language)
    decimal_sign, thousands_sign = SEPARATORS[language]
    return {
        "moduleType": "locale",
        "name": language,
        "dictionary": {},
        "format": {
            "days": [days[day] for day in sunday_first],
            "shortDays": [short_days[day] for day in sunday_first],
            "months": [months[number] for number in range(1, 13)],
            "shortMonths": [short_months[number] for number in range(1, 13)],
            "date": "%d.%m.%Y",
            "decimal": decimal_sign,
            "thousands": thousands_sign,
        },
    }
