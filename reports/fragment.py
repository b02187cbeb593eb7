"""Sections → a part of a page of the web application: no script, no style, figures apart as JSON.

The same template makes the self-contained file, so that both say the same.
"""

from dataclasses import dataclass

from bilanz.messages import translate
from bilanz.result import Result
from reports import table
from reports.base import Wording
from reports.views import Csv, figures_json, shown, template, views


@dataclass(frozen=True, slots=True)
class Fragment:
    """What a page shows of a result.

    Attributes:
        html: the sections.
        figures: JSON of the charts, safe inside a script element; empty: there is none.
        contents: (id, title) of each section.
        tables: identifier of a panel → CSV with exact values.
        is_empty: there is no quantity at all.
    """

    html: str
    figures: str
    contents: tuple[tuple[str, str], ...]
    tables: dict[str, str]
    is_empty: bool


def fragment(result: Result, wording: Wording, *, csv: Csv, lines: table.Address) -> Fragment:
    """Return the sections of a result.

    Args:
        result: one run over one year, or a part of it.
        wording: language and names.
        csv: where the exact values of a panel are.
        lines: where the balance lines behind a figure are.
    """
    language = wording.language
    told = shown(result, wording)
    written = views(told, result.manifest.year, language, csv=csv, lines=lines)
    html = template("sections.html.jinja").render(
        sections=written,
        say=lambda text, **parameters: translate(text, language, **parameters),
    )
    return Fragment(
        html=html,
        figures=figures_json(told.figures, language) if told.figures else "",
        contents=tuple((section.name, section.title) for section in written),
        tables={panel.identifier: table.as_csv(panel, language) for panel in told.panels if panel.columns},
        is_empty=told.is_empty,
    )
