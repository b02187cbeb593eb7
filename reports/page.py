"""Sections → one HTML file that needs nothing else: no network, no server, no script for its tables."""

import base64
import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup
from plotly.offline import get_plotlyjs
from plotly.utils import PlotlyJSONEncoder

from bilanz.messages import Language, translate
from bilanz.result import Result
from reports import names, numbers, table, theme
from reports.base import Card, Pages, Panel, Section, Wording, sections_found
from reports.supplementary import without

_EMPTY_STYLE: Final = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
"""Hash of the empty style element plotly inserts before it fills it rule by rule."""


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


def page(
    result: Result,
    wording: Wording,
    *,
    title: str,
    sections: Iterable[Section] | None = None,
    around: Pages | None = None,
    has_charts: bool = True,
) -> str:
    """Return the page of a result.

    The same result, wording, title and pages around give the same text, byte for byte.

    Args:
        result: one run over one year, or a part of it.
        wording: language and names.
        title: heading of the page.
        sections: None: all there are.
        around: pages beside this one; None: it stands alone.
        has_charts: False: tables only; the file is a hundredth of the size.
    """
    language = wording.language
    main = without(result, wording.supplementary)
    found = [
        (section, section.panels(result if section.is_supplementary else main, wording))
        for section in (sections_found() if sections is None else sections)
        if section.is_supplementary or main.manifest.books
    ]
    shown = [
        (section, panels if has_charts else [replace(panel, figure=None) for panel in panels])
        for section, panels in found
        if panels
    ]
    figures = {
        panel.identifier: panel.figure for _, panels in shown for panel in panels if panel.figure is not None
    }
    views = [
        SectionView(
            section.name, section.title(language), [_view(panel, result, language) for panel in panels]
        )
        for section, panels in shown
    ]
    plotly = get_plotlyjs() if figures else ""
    script, style = _asset("page.js"), _asset("page.css")
    html: str = _template().render(
        language=language,
        title=title,
        subtitle=translate("Greenhouse gas balance {year}", language, year=result.manifest.year),
        calculated=translate(
            "Calculated {when} with version {version}.",
            language,
            when=numbers.instant(result.manifest.created_at, language),
            version=result.manifest.code_version,
        ),
        books=[names.book(book, language) for book in result.manifest.books],
        sections=views,
        around=around or Pages(),
        is_empty=not views or _has_nothing(result),
        manifest_hash=result.manifest.manifest_hash,
        year=result.manifest.year,
        policy=_policy([plotly, script] if figures else [script], style),
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        plotly=Markup(plotly),  # noqa: S704 - plotly.js as its package ships it; holds no closing tag (tested)
        foreign_styles=_foreign_styles(plotly),
        data=Markup(_data(figures, language)),  # noqa: S704 - JSON with every "<" escaped
        say=lambda template, **parameters: translate(template, language, **parameters),
    )
    return html


def _has_nothing(result: Result) -> bool:
    """Say whether there is no quantity at all, counted or not."""
    return not (
        result.lines.height or result.usage.height or result.exceptions.height or result.superseded.height
    )


def _view(panel: Panel, result: Result, language: Language) -> PanelView:
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
        rows=table.rows(panel, language) if panel.columns else [],
        totals=table.totals(panel, language),
        csv=table.as_data_uri(panel, language) if panel.columns else "",
        csv_name=f"{panel.identifier}-{result.manifest.year}.csv",
        cut=cut,
        has_figure=panel.figure is not None,
    )


def _data(figures: dict[str, Any], language: Language) -> str:
    """Return the figures as JSON that cannot end its script element."""
    payload = {
        "locale": theme.plotly_locale(language),
        "config": {**theme.CONFIG, "locale": language},
        "figures": {name: figure.to_plotly_json() for name, figure in figures.items()},
    }
    text = json.dumps(payload, cls=PlotlyJSONEncoder, sort_keys=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _policy(scripts: list[str], style: str) -> str:
    """Return the content security policy: our scripts and our style by hash, and nothing from anywhere.

    Plotly draws the cells of a heat map into an image of its own, hence `data:` for images.
    """
    allowed = " ".join(f"'{_hash(script)}'" for script in scripts)
    return (
        f"default-src 'none'; script-src {allowed}; style-src '{_hash(style)}' '{_EMPTY_STYLE}'; "
        "img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


@cache
def _foreign_styles(plotly: str) -> list[str]:
    """Return the ids of style elements libraries inside plotly.js insert for maps, which no page here has.

    An element of that id in the page keeps them from trying what the policy would block.
    """
    return sorted(set(re.findall(r'getElementById\("([0-9a-f]{64})"\)', plotly)))


def _hash(text: str) -> str:
    """Return the hash a policy names an inline element by."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


@cache
def _asset(name: str) -> str:
    """Return a file beside this one; line ends as the browser sees them when it hashes."""
    return files("reports").joinpath(name).read_text("utf-8").replace("\r\n", "\n")


@cache
def _template() -> Any:  # noqa: ANN401 - jinja2's template
    """Return the compiled template; everything put into it is escaped."""
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.from_string(_asset("page.html.jinja"))
