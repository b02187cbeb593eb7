"""Views of a run that standards ask for, made of its lines and of declared maps."""

import polars as pl

from bilanz import disclosure, inventory, iso14064
from bilanz.app.catalogue import releases
from bilanz.app.settings import Settings
from bilanz.app.shown.summary import BOOK_FOLDER
from bilanz.books import read_all
from bilanz.gases import GwpSet
from bilanz.result import Result
from factors.base import Catalogue


def corporate(result: Result) -> list[str]:
    """Return the books of a run whose scopes are those of the GHG Protocol."""
    known = read_all(BOOK_FOLDER)
    return [name for name in result.manifest.books if known[name].is_corporate]


def iso_categories(settings: Settings, result: Result) -> pl.DataFrame | None:
    """Return the run by category of ISO 14064-1, or None where no book fits.

    Raises:
        UsageError: the map in the data directory is none.
    """
    books = corporate(result)
    return iso14064.by_category(result.lines, books, iso14064.mapping(settings.data)) if books else None


def gases(settings: Settings, result: Result) -> pl.DataFrame | None:
    """Return mass and CO2e by gas, with the potentials of the run; None where no book fits."""
    books = corporate(result)
    if not books:
        return None
    sets = potentials(settings, result)
    return disclosure.by_gas(result.lines, {book: sets[book] for book in books})


def categories(settings: Settings, result: Result) -> pl.DataFrame | None:
    """Return the fifteen categories of scope 3; None where no book fits.

    Raises:
        UsageError: what was declared in the data directory is no declaration.
    """
    books = corporate(result)
    return inventory.scope3(result, books, inventory.read(settings.data)) if books else None


def stated(settings: Settings, result: Result) -> pl.DataFrame | None:
    """Return what the books ask an inventory to state; None where no book asks."""
    known, found = read_all(BOOK_FOLDER), categories(settings, result)
    if found is None:
        return None
    declared = inventory.read(settings.data)
    tables = [
        inventory.disclosures(book, known[book].disclosures, declared, found) for book in corporate(result)
    ]
    return pl.concat(tables)


def potentials(settings: Settings, result: Result) -> dict[str, GwpSet]:
    """Return book → the potentials it was weighted with."""
    catalogue = catalogue_of(settings, result)
    named = result.manifest.potentials
    return {book: catalogue.gwp_set(named[book]) for book in result.manifest.books}


def catalogue_of(settings: Settings, result: Result) -> Catalogue:
    """Return the factors of a run, or the current ones where they are not kept."""
    return releases.of_hash(settings, result.manifest.factor_release) or releases.catalogue_of(settings)
