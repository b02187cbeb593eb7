"""Open data pages: a page for each member and one for the league, in German and English, out of bundles.

    bundles ──► panels ──► <language>/<member>.html, <language>/index.html
                           bundles/<member>-<year>.zip     to be downloaded
                           assets/plotly.js, assets/page.js

Pages load nothing from elsewhere and work from a disk. Without JavaScript they are complete: tables are open.
"""

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from bilanz.errors import Refused
from bilanz.league.bundle import Bundle
from bilanz.league.consolidation import League
from bilanz.league.products import MEMBER
from bilanz.messages import LANGUAGES, Language, translate
from reports import siteleague
from reports import sitepanels as panels
from reports import siterecompute as recompute
from reports.base import Panel
from reports.page import foreign_styles
from reports.sitepanels import Say
from reports.views import Chapter, Shown, asset, figures_json, template, views

ASSETS: Final = "assets"
BUNDLES: Final = "bundles"
HOME: Final = "index.html"

_LISTED: Final = 20
"""Bundles offered on the page of the league; of more, each stands on the page of its member."""

_EMPTY_STYLE: Final = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
"""Hash of the empty style element plotly inserts before it fills it rule by rule."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A bundle as it is offered: with its file, the hash of that, and who publishes under which licence."""

    bundle: Bundle
    file: str
    sha256: str
    publisher: str
    licence: str
    licence_address: str

    @property
    def page(self) -> str:
        """Name of the page of the member."""
        return f"member-{self.bundle.member}.html"


@dataclass(frozen=True, slots=True)
class Together:
    """The league: its name, the latest year, and its balance, or why there is none."""

    title: str
    year: int
    found: League | Refused


def _chapter(name: str, title: str, given: Sequence[Panel | None]) -> Chapter:
    """Return a part of a page with the panels that are there."""
    return Chapter(name, title, tuple(panel for panel in given if panel is not None))


def files(offered: Sequence[Offered], together: Together) -> Iterator[tuple[str, str]]:
    """Yield file and text of every page and script. `offered`: one bundle for each member and year."""
    yield f"{ASSETS}/plotly.js", get_plotlyjs()
    yield f"{ASSETS}/page.js", asset("page.js")
    yield HOME, _door(together.title)
    by_member: dict[str, list[Offered]] = {}
    for each in sorted(offered, key=lambda one: (one.bundle.member, -one.bundle.head.year)):
        by_member.setdefault(each.bundle.member, []).append(each)
    for language in LANGUAGES:
        yield f"{language}/{HOME}", _league_page(by_member, together, language)
        for own in by_member.values():
            yield f"{language}/{own[0].page}", _member_page(own, together.title, language)


def _door(title: str) -> str:
    """Return the page both languages begin at."""
    style = asset("page.css")
    html: str = template("sitedoor.html.jinja").render(
        title=title,
        style=Markup(style),  # noqa: S704 - our own file
        policy=_policy(style),
    )
    return html


def _member_page(own: Sequence[Offered], title: str, language: Language) -> str:
    """Return the page of a member: its latest year, with the years before."""
    say, latest = Say(language), own[0]
    head, tables = latest.bundle.head, latest.bundle.tables
    books, main = _books(tables["controls"]), _main(tables["controls"])
    parts = [
        _chapter(
            "balance",
            say("The balance"),
            [
                panels.cards_panel(
                    tables["indicators"],
                    tables["controls"],
                    books,
                    "consolidated_kg",
                    say,
                    titles=dict(tables["organisations"].select("organisation", "name").iter_rows()),
                ),
                panels.totals_panel(tables["controls"], books, "consolidated_kg", say),
                panels.years_panel([each.bundle for each in own], main, say),
                panels.boundary_panel(tables["controls"], books, say),
            ],
        ),
        _chapter(
            "origins", say("What it comes from"), [panels.activities_panel(tables["balance"], main, say)]
        ),
        _chapter("beside", say("Beside the balance"), _beside(tables, say)),
        _chapter("limits", say("What has to be read with it"), [panels.gaps_panel(latest.bundle, say)]),
    ]
    return _page(
        parts,
        language,
        file=latest.page,
        title=head.member.name,
        subtitle=say("Greenhouse gas balance {year}", year=head.year),
        year=head.year,
        home=title,
        state=_state(latest, say),
        downloads=_downloads(own, say),
        commands=recompute.of_member(latest.file, say),
        facts=recompute.facts(latest.bundle, say),
        example=recompute.example(latest.bundle, say),
        members=[],
    )


def _league_page(by_member: Mapping[str, Sequence[Offered]], together: Together, language: Language) -> str:
    """Return the page of the league: its latest year, and links to its members."""
    say, found, year = Say(language), together.found, together.year
    current = [each for own in by_member.values() for each in own if each.bundle.head.year == year]
    if isinstance(found, League):
        parts, commands = _league_parts(found, say), recompute.of_league(current, say)
        state = say("{count} members, each with a signed bundle of its own.", count=found.members.height)
    else:
        parts, commands = [], []
        state = say("The bundles cannot be added; each stands by itself.")
        state += " " + say(found.template, **found.parameters)
    return _page(
        parts,
        language,
        file=HOME,
        title=together.title,
        subtitle=say("Greenhouse gas balance {year}", year=year),
        year=year,
        home="",
        state=state,
        downloads=_downloads(current, say) if len(current) <= _LISTED else [],
        commands=commands,
        facts=[],
        example=None,
        members=[
            (own[0].page, own[0].bundle.head.member.name, str(own[0].bundle.head.year))
            for own in by_member.values()
        ],
    )


def _league_parts(found: League, say: Say) -> list[Chapter]:
    totals = found.totals.filter(pl.col(MEMBER).is_null())
    ratios = found.ratios.filter(pl.col(MEMBER).is_null())
    books = found.common.books
    main = _main(totals)
    beside = {name: getattr(found, name) for name in ("territory", "effects")}
    titles = dict(found.members.select(MEMBER, "name").iter_rows())
    return [
        _chapter(
            "balance",
            say("The balance"),
            [
                panels.cards_panel(ratios, totals, books, "league_kg", say, titles=titles),
                panels.totals_panel(totals, books, "league_kg", say),
                panels.boundary_panel(totals, books, say),
            ],
        ),
        _chapter("members-part", say("The members"), [siteleague.members_panel(found, main, say)]),
        _chapter(
            "origins",
            say("What it comes from"),
            [panels.activities_panel(found.groups, main, say), siteleague.deliveries_panel(found, say)],
        ),
        _chapter("beside", say("Beside the balance"), _beside(beside, say)),
        _chapter("limits", say("What has to be read with it"), [siteleague.league_gaps_panel(found, say)]),
    ]


def _beside(tables: Mapping[str, pl.DataFrame], say: Say) -> list[Panel | None]:
    found: list[Panel | None] = []
    if "territory" in tables:
        found.append(panels.territory_panel(tables["territory"], say))
    if "effects" in tables:
        found.append(panels.effects_panel(tables["effects"], say))
    return found


def _books(controls: pl.DataFrame) -> list[str]:
    return controls["book"].unique().sort().to_list()


def _main(controls: pl.DataFrame) -> str:
    """Return the book details are shown in: the one by location, else the first."""
    books = _books(controls)
    return "ghgp_location" if "ghgp_location" in books else books[0]


def _state(offered: Offered, say: Say) -> str:
    head = offered.bundle.head
    message = {
        "open": "The period is open: what this page says is provisional.",
        "released": "The period was released.",
        "closed": "The period is closed.",
    }[head.state.state]
    told = say(message)
    known = head.state.restatements
    if head.state.restatement is not None:
        return f"{told} " + say("This is restatement {number}.", number=head.state.restatement)
    if known:
        return f"{told} " + say("It was restated {count} times since.", count=known)
    return told


def _downloads(own: Sequence[Offered], say: Say) -> list[dict[str, str]]:
    return [
        {
            "href": f"../{BUNDLES}/{each.file}",
            "text": say(
                "{name}, bundle {year} (zip)", name=each.bundle.head.member.name, year=each.bundle.head.year
            ),
            "sha256": each.sha256,
            "publisher": each.publisher,
            "licence": each.licence,
            "licence_address": each.licence_address,
        }
        for each in own
    ]


def _page(parts: Sequence[Chapter], language: Language, **told: Any) -> str:  # noqa: ANN401 - what the template names
    """Return a page."""
    shown = Shown(tuple(part for part in parts if part.panels), is_empty=False)
    style = asset("page.css") + asset("site.css")
    html: str = template("site.html.jinja").render(
        language=language,
        other="en" if language == "de" else "de",
        sections=views(shown, told["year"], language),
        policy=_policy(style),
        style=Markup(style),  # noqa: S704 - our own files
        has_figures=bool(shown.figures),
        foreign_styles=foreign_styles() if shown.figures else [],
        data=Markup(figures_json(shown.figures, language)),  # noqa: S704 - JSON with every "<" escaped
        assets=f"../{ASSETS}",
        say=lambda text, **facts: translate(text, language, **facts),
        **told,
    )
    return html


def _policy(style: str) -> str:
    """Return the content security policy: scripts beside the page, our style by its hash, nothing else."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    return (
        f"default-src 'none'; script-src 'self' file:; style-src 'sha256-{digest}' '{_EMPTY_STYLE}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def is_file_name(text: str) -> bool:
    """Tell whether a member can be a file name."""
    return re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", text) is not None
