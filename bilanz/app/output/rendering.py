"""Calculations as files: the dashboard, a page per organisation and site, and the forms others ask for."""

import re
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from bilanz import books
from bilanz.app.balances import reported_result
from bilanz.app.beside.intervals import with_intervals
from bilanz.app.beside.standards import catalogue_of
from bilanz.app.settings import Settings
from bilanz.app.shown.summary import BOOK_FOLDER
from bilanz.result import Result

if TYPE_CHECKING:
    from reports.base import Wording
    from reports.export import Export


def render_year(settings: Settings, year: int, path: Path | None, organisation: str | None = None) -> Path:
    """Render the dashboard of the latest calculation of a year and return its path."""
    result = reported_result(settings, year, organisation)
    default = settings.data / "reports" / f"{_stem(year, organisation)}.{settings.lang}.html"
    return render_result(settings, result, path or default)


def render_places(
    settings: Settings, year: int, folder: Path | None, organisation: str | None = None
) -> Path:
    """Render the latest calculation of a year as one page per organisation and site; return the index."""
    from bilanz.app.output.reporting import render_pages
    from bilanz.registry.engine import open_registry
    from bilanz.registry.organisations import sites

    result = reported_result(settings, year, organisation)
    registry = open_registry(settings.registry)
    try:
        names = {site.id: site.name for site in sites(registry).values()}
    finally:
        registry.close()
    chosen, groups = _named(settings, result)
    return render_pages(
        result,
        settings.lang,
        folder or settings.data / "reports" / f"{_stem(year, organisation)}.{settings.lang}",
        title=title_of(result),
        books=chosen,
        product_groups=groups,
        site_names=names,
        viewed=partial(with_intervals, settings),
    )


def _stem(year: int, organisation: str | None) -> str:
    """Return how the files of a year are called."""
    return f"bilanz-{year}" if organisation is None else f"bilanz-{year}-{_file_name(organisation)}"


def export_year(
    settings: Settings, year: int, name: str, path: Path | None, organisation: str | None = None
) -> Path:
    """Write the latest calculation of a year in a form others ask for and return the path.

    Raises:
        UnknownName: there is no such form.
        Refused: the year has not been calculated so, or lacks what the form needs.
        UsageError: the path cannot be written.
    """
    from reports.export import export

    wanted = export(name)
    result = reported_result(settings, year, organisation)
    unit = "" if organisation is None else f"-{_file_name(organisation)}"
    default = settings.data / "exports" / f"{wanted.name}-{year}{unit}.{settings.lang}{wanted.suffix}"
    return export_result(settings, result, wanted, path or default)


def export_result(settings: Settings, result: Result, form: "Export", path: Path) -> Path:
    """Write one result in a form others ask for and return the path.

    Raises:
        Refused: it lacks what the form needs.
        UsageError: the path cannot be written.
    """
    from bilanz.app.beside.declarations import declarations
    from bilanz.app.beside.indicators import indicators
    from bilanz.app.output.reporting import write_export

    said = worded(settings, result)
    said = replace(said, declared=declarations(settings), indicators=indicators(settings))
    return write_export(form, result, said, path)


def worded(settings: Settings, result: Result) -> "Wording":
    """Return what sections and forms need beside a result, in the language of the settings."""
    from bilanz.app.output.reporting import wording

    chosen, groups = _named(settings, result)
    return wording(settings.lang, books=chosen, product_groups=groups, result=result)


def _file_name(identifier: str) -> str:
    """Return an identifier as a part of a file name; signs that files do not have become underscores."""
    return re.sub(r"[^\w.-]", "_", identifier)


def render_result(settings: Settings, result: Result, path: Path) -> Path:
    """Render one result in the language of the settings."""
    from bilanz.app.output.reporting import render

    chosen, groups = _named(settings, result)
    return render(result, settings.lang, path, title=title_of(result), books=chosen, product_groups=groups)


def _named(settings: Settings, result: Result) -> tuple[list[books.Book], dict[str, str]]:
    """Return the books of a result and the names of its product groups."""
    known = books.read_all(BOOK_FOLDER)
    groups = dict(
        catalogue_of(settings, result).product_groups.select("product_group", settings.lang).iter_rows()
    )
    return [known[name] for name in result.manifest.books], groups


def title_of(result: Result) -> str | None:
    """Return the name of the organisation all others belong to, or None."""
    organisations = result.organisations
    within = organisations["organisation"].implode()
    roots = organisations.filter(pl.col("parent").is_null() | ~pl.col("parent").is_in(within))["name"]
    return " · ".join(roots) or None
