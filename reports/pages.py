"""One page per organisation and site beside the page of the whole: the files, their titles, their links.

index.html               the whole, with a list of all pages
organisation-<id>.html   an organisation and everything below it
site-<id>.html           a site; tables only, so that a city of many buildings stays small
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bilanz.result import Result
from reports import names, numbers
from reports.base import Link, Pages, Wording
from reports.page import page
from reports.part import below, of_organisation, of_site, sites
from reports.totals import total_of

INDEX: Final = "index.html"
_SPELT: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


@dataclass(frozen=True, slots=True)
class Place:
    """A page to be: file, title, the part it shows, and how deep it lies in the tree."""

    file: str
    title: str
    result: Result
    depth: int
    is_site: bool = False


def pages(
    result: Result,
    wording: Wording,
    *,
    title: str,
    site_names: Mapping[str, str],
    viewed: Callable[[Result], Result] = lambda part: part,
) -> Iterator[tuple[str, str]]:
    """Yield (file, page) of the whole, of every organisation below it, and of every site.

    Args:
        result: one run over one year.
        wording: language and names.
        title: heading of the whole.
        site_names: identifier → name.
        viewed: adds to a part what can be made of it alone.
    """
    places = [*_organisations(result), *_sites(result, site_names)]
    home = Link(title, INDEX)
    yield INDEX, page(result, wording, title=title, around=_around(result, places, wording))
    for place in places:
        inner = [other for other in places if _is_below(other, place)]
        around = _around(result, inner, wording, home)
        part, has_charts = viewed(place.result), not place.is_site
        yield place.file, page(part, wording, title=place.title, around=around, has_charts=has_charts)


def _around(result: Result, places: list[Place], wording: Wording, home: Link | None = None) -> Pages:
    """Return the links to some pages, with the totals of the main books."""
    language = wording.language
    books = [book for book in result.manifest.books if book not in wording.supplementary]

    def links(is_site: bool) -> tuple[Link, ...]:  # noqa: FBT001 - one of two lists
        return tuple(
            Link(
                place.title,
                place.file,
                tuple(numbers.tonnes(total_of(place.result.lines, book), language) for book in books),
                place.depth,
            )
            for place in places
            if place.is_site is is_site
        )

    return Pages(tuple(names.book(book, language) for book in books), home, links(False), links(True))


def _organisations(result: Result) -> list[Place]:
    """Return the organisations with data, parents first; the only outermost one is the index itself."""
    names = dict(result.organisations.select("organisation", "name").iter_rows())
    parents = dict(result.organisations.select("organisation", "parent").iter_rows())
    roots = [name for name, parent in parents.items() if parent not in parents]
    found: list[Place] = []
    files: set[str] = set()
    for root in roots:
        for name in _downwards(result, root):
            part = of_organisation(result, name)
            is_whole = name == root and len(roots) == 1
            if not is_whole and _holds(part):
                file = _file("organisation", name, files)
                found.append(Place(file, names[name] or name, part, _depth(name, parents)))
    return found


def _downwards(result: Result, root: str) -> list[str]:
    """Return an organisation and all below it, each right before what is below itself, by identifier."""
    held, found, pending = set(below(result, root)), list[str](), [root]
    parents = result.organisations.select("organisation", "parent").sort("organisation", descending=True)
    while pending:
        current = pending.pop()
        if current not in found:
            found.append(current)
            pending += [name for name, parent in parents.iter_rows() if parent == current and name in held]
    return found


def _depth(name: str, parents: Mapping[str, str | None]) -> int:
    """Return how many organisations stand above one; a broken tree is no endless loop."""
    above: list[str] = []
    current = parents.get(name)
    while current is not None and current in parents and current not in above:
        above.append(current)
        current = parents[current]
    return len(above)


def _sites(result: Result, names: Mapping[str, str]) -> list[Place]:
    files: set[str] = set()
    return [
        Place(_file("site", site, files), names.get(site) or site, of_site(result, site), 0, is_site=True)
        for site in sites(result)
    ]


def _holds(part: Result) -> bool:
    return bool(part.lines.height or part.usage.height or part.exceptions.height)


def _is_below(other: Place, place: Place) -> bool:
    """Say whether what another page shows is a part of what a page shows."""
    if other is place or place.is_site:
        return False
    held = set(place.result.organisations["organisation"])
    return set(other.result.organisations["organisation"]) <= held


def _file(kind: str, name: str, taken: set[str]) -> str:
    """Return a file name of letters, digits and hyphens that no other page has."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower().translate(_SPELT)).strip("-")
    stem = f"{kind}-{plain or 'x'}"
    file, number = f"{stem}.html", 1
    while file in taken:
        number += 1
        file = f"{stem}-{number}.html"
    taken.add(file)
    return file
