"""Sections ready for a template: every table written out, every figure as JSON.

Result ─► sections ─► panels ─► views ─┬─► page.html.jinja: one file that needs nothing else
                                       └─► fragment: a part of a page of the web application
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template
from plotly.utils import PlotlyJSONEncoder

from bilanz.messages import Language, translate
from bilanz.result import Result
from reports import numbers, table, theme
from reports.base import Card, Panel, Section, Wording, sections_found
from reports.supplementary import without

Csv = Callable[[Panel], str]
"""A panel → the address of its exact values."""

_ESCAPED: Final = {"<": "\\u003c", "\u2028": "\\u2028", "\u2029": "\\u2029"}


@dataclass(frozen=True, slots=True)
class PanelView:
    """A panel ready for the template."""

    identifier: str
    heading: str
    finding: str
    note: str
    cards: tuple[Card, ...]
    headers: list[table.Header]
    rows: list[list[table.Cell]]
    totals: list[table.Cell] | None
    csv: str
    csv_name: str
    cut: str
    has_figure: bool


@dataclass(frozen=True, slots=True)
class SectionView:
    """A section ready for the template."""

    name: str
    title: str
    panels: list[PanelView]


@dataclass(frozen=True, slots=True)
class Chapter:
    """A section that has something to say. `name`: safe as an HTML id."""

    name: str
    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """Chapters in their order. `is_empty`: there is no quantity at all, counted or not."""

    chapters: tuple[Chapter, ...]
    is_empty: bool

    @property
    def panels(self) -> tuple[Panel, ...]:
        """All panels in their order."""
        return tuple(panel for chapter in self.chapters for panel in chapter.panels)

    @property
    def figures(self) -> dict[str, Any]:
        """Identifier of a panel → its figure, where it has one."""
        return {panel.identifier: panel.figure for panel in self.panels if panel.figure is not None}


def shown(
    result: Result, wording: Wording, sections: Iterable[Section] | None = None, *, has_charts: bool = True
) -> Shown:
    """Return the sections that have something to say of a result; None: all there are are asked."""
    main = without(result, wording.supplementary)
    found = [
        Chapter(
            section.name,
            section.title(wording.language),
            tuple(section.panels(result if section.is_supplementary else main, wording)),
        )
        for section in (sections_found() if sections is None else sections)
        if section.is_supplementary or main.manifest.books
    ]
    kept = tuple(chapter if has_charts else _without_charts(chapter) for chapter in found if chapter.panels)
    return Shown(kept, not kept or _has_nothing(result))


def _without_charts(chapter: Chapter) -> Chapter:
    return replace(chapter, panels=tuple(replace(panel, figure=None) for panel in chapter.panels))


def _has_nothing(result: Result) -> bool:
    return not (
        result.lines.height or result.usage.height or result.exceptions.height or result.superseded.height
    )


def views(
    told: Shown, year: int, language: Language, *, csv: Csv | None = None, lines: table.Address | None = None
) -> list[SectionView]:
    """Return sections with their tables written out.

    Args:
        told: the sections.
        year: part of the names of CSV files.
        language: of numbers and months.
        csv: where the exact values of a panel are; None: in the page itself, as `data:` addresses.
        lines: where the balance lines behind a figure are; None: nowhere.
    """
    address = csv or (lambda panel: table.as_data_uri(panel, language))
    return [
        SectionView(
            chapter.name,
            chapter.title,
            [_view(panel, year, language, address, lines) for panel in chapter.panels],
        )
        for chapter in told.chapters
    ]


def _view(panel: Panel, year: int, language: Language, csv: Csv, lines: table.Address | None) -> PanelView:
    """Return a panel with its table written out."""
    hidden = panel.table.height - table.ROWS_SHOWN
    cut = (
        translate(
            "{shown} of {all} rows are shown; the CSV file holds all.",
            language,
            shown=numbers.decimal(table.ROWS_SHOWN, language),
            all=numbers.decimal(panel.table.height, language),
        )
        if hidden > 0
        else ""
    )
    return PanelView(
        identifier=panel.identifier,
        heading=panel.heading,
        finding=panel.finding,
        note=panel.note,
        cards=panel.cards,
        headers=table.headers(panel),
        rows=table.rows(panel, language, lines) if panel.columns else [],
        totals=table.totals(panel, language),
        csv=csv(panel) if panel.columns else "",
        csv_name=f"{panel.identifier}-{year}.csv",
        cut=cut,
        has_figure=panel.figure is not None,
    )


def figures_json(figures: dict[str, Any], language: Language) -> str:
    """Return figures as JSON that cannot end its script element."""
    payload = {
        "locale": theme.plotly_locale(language),
        "config": {**theme.CONFIG, "locale": language},
        "figures": {name: figure.to_plotly_json() for name, figure in figures.items()},
    }
    text = json.dumps(payload, cls=PlotlyJSONEncoder, sort_keys=True, separators=(",", ":"))
    for sign, escaped in _ESCAPED.items():
        text = text.replace(sign, escaped)
    return text


@cache
def asset(name: str) -> str:
    """Return a file beside this one; line ends as the browser sees them when it hashes."""
    return files("reports").joinpath(name).read_text("utf-8").replace("\r\n", "\n")


@cache
def template(name: str) -> Template:
    """Return a compiled template; everything put into it is escaped."""
    return _environment().get_template(name)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FunctionLoader(asset),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
