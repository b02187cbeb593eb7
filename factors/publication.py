"""Official publications: one module per publisher in `factors.publishers`, found by walking the package.

    file ──► exactly one publication recognises it ──► rows as text, each with its place ──► gate
                                                                 ├──► accepted     ──► data directory
                                                                 └──► quarantined, with row and reason

A module holds one class derived from `Publication` per file layout. It reads values as they are printed and
says where each stands; it converts nothing and decides nothing about plausibility. A layout that is not
the one it knows raises `LayoutChanged` with sheet, cell and what was expected: never half a table.
"""

import importlib
import inspect
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import ClassVar, Final

import polars as pl

import factors.publishers
from bilanz.errors import FileRefused

FACTORS: Final = "factors"
"""The table of the catalogue most publications fill."""


class LayoutChanged(FileRefused):
    """The file is a known publication in a layout nobody has read yet."""

    code = "layout_changed"

    def __init__(self, file: str, place: str, expected: str, found: str) -> None:
        message = "{file}, {place}: {expected} is expected, found: {found}. Nothing was taken."
        super().__init__(message, file=file, place=place, expected=expected, found=found)


@dataclass(frozen=True, slots=True)
class Extract:
    """What a publication holds, before any rule is applied.

    Attributes:
        source: folder below `factors/data`, also where none of it is shipped.
        edition: small letters, digits and underscores; editions sort in the order of publication.
        rows: columns of `FACTOR_SCHEMA` (or of the schema of `table`) as text, with `_file` and `_row`;
            `_row` is the 1-based row of the sheet or line of the file, so that a finding can be looked up.
        n_read: values of the publication that were looked at: rows and unreadable ones.
        unreadable: row → reason (English template) of values that are no number.
        ignored: reason (English template) → number of values deliberately not taken, such as empty cells.
        table: table of the catalogue the rows belong to.
        about: title, publisher, licence, address of the publication, for the record.
    """

    source: str
    edition: str
    rows: pl.DataFrame
    n_read: int
    unreadable: tuple[tuple[int, str], ...] = ()
    ignored: Mapping[str, int] = field(default_factory=dict)
    table: str = FACTORS
    about: Mapping[str, str] = field(default_factory=dict)


class Publication(ABC):
    """One layout of one publisher."""

    name: ClassVar[str]
    """Publisher and publication, as shown."""

    @abstractmethod
    def identify(self, path: Path) -> str | None:
        """Return why the file is this publication (an English sentence), or None. Never raises."""

    @abstractmethod
    def read(self, path: Path) -> Extract:
        """Return everything the file holds.

        Raises:
            LayoutChanged: sheet, cell or column is not where it is expected.
        """


@cache
def publications() -> tuple[Publication, ...]:
    """Return one object per publication, in the order of the modules."""
    found: list[Publication] = []
    for module in sorted(info.name for info in pkgutil.iter_modules(factors.publishers.__path__)):
        loaded = importlib.import_module(f"factors.publishers.{module}")
        kinds: list[tuple[str, type[object]]] = inspect.getmembers(loaded, inspect.isclass)
        for _, kind in kinds:
            is_own = kind.__module__ == loaded.__name__ and not inspect.isabstract(kind)
            if is_own and issubclass(kind, Publication):
                found.append(kind())
    return tuple(found)


def _claim(publication: Publication, path: Path) -> str | None:
    """Return why a publication recognises a file; what it cannot even open, it does not recognise."""
    try:
        return publication.identify(path)
    except (OSError, ValueError):  # ValueError: also text that cannot be decoded
        return None


def recognise(path: Path) -> tuple[Publication, str] | None:
    """Return the one publication that recognises a file, and why; None: it is none of them.

    Raises:
        FileRefused: more than one does.
    """
    claims = [(one, reason) for one in publications() if (reason := _claim(one, path)) is not None]
    if len(claims) > 1:
        names = ", ".join(one.name for one, _ in claims)
        raise FileRefused("{file} is claimed by several publications: {names}.", file=path.name, names=names)
    return claims[0] if claims else None
