"""Chapters → one HTML file that needs nothing else: no network, no server, no script for its tables.

result ─► sections ─► chapters ─► document
"""

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

from markupsafe import Markup
from plotly.offline import get_plotlyjs

from bilanz.messages import Language, translate
from bilanz.result import Result
from reports import numbers, table
from reports.base import Pages, Section, Wording
from reports.views import Shown, asset, figures_json, shown, template, views

_EMPTY_STYLE: Final = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
"""Hash of the empty style element plotly inserts before it fills it rule by rule."""


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
    language, manifest = wording.language, result.manifest
    empty = translate(
        "There are no data for {year}: nothing was imported for this year, or nothing of it was accepted. "
        "This page therefore shows no figure; that is not a balance of zero.",
        language,
        year=manifest.year,
    )
    head = Head(
        title,
        translate("Greenhouse gas balance {year}", language, year=manifest.year),
        translate(
            "Calculated {when} with version {version}.",
            language,
            when=numbers.instant(manifest.created_at, language),
            version=manifest.code_version,
        ),
        manifest.manifest_hash,
    )
    told = shown(result, wording, sections, has_charts=has_charts)
    return document(told, head, manifest.year, language, empty=empty, around=around)


@dataclass(frozen=True, slots=True)
class Head:
    """What a page is called.

    Attributes:
        made: when and with what it was made.
        seal: hash of what it rests on.
    """

    title: str
    subtitle: str
    made: str
    seal: str


def document(
    told: Shown,
    head: Head,
    year: int,
    language: Language,
    *,
    empty: str,
    around: Pages | None = None,
    lines: table.Address | None = None,
) -> str:
    """Return chapters as one file.

    Args:
        told: the chapters.
        head: what the page is called.
        year: part of the names of CSV files.
        language: of every text.
        empty: what stands on a page without any figure.
        around: pages beside this one; None: it stands alone.
        lines: where what stands behind a figure is; None: nowhere.
    """
    figures = told.figures
    plotly = get_plotlyjs() if figures else ""
    script, style = asset("page.js"), asset("page.css")
    html: str = template("page.html.jinja").render(
        language=language,
        head=head,
        sections=views(told, year, language, lines=lines),
        around=around or Pages(),
        empty=empty if told.is_empty else "",
        policy=_policy([plotly, script] if figures else [script], style),
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        plotly=Markup(plotly),  # noqa: S704 - plotly.js as its package ships it; holds no closing tag (tested)
        foreign_styles=foreign_styles() if figures else [],
        data=Markup(figures_json(figures, language)),  # noqa: S704 - JSON with every "<" escaped
        say=lambda template, **parameters: translate(template, language, **parameters),
    )
    return html


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
def foreign_styles() -> list[str]:
    """Return the ids of style elements libraries inside plotly.js insert for maps, which no page here has.

    An element of that id in the page keeps them from trying what the policy would block.
    """
    return sorted(set(re.findall(r'getElementById\("([0-9a-f]{64})"\)', get_plotlyjs())))


def _hash(text: str) -> str:
    """Return the hash a policy names an inline element by."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
