"""UK Government GHG Conversion Factors (DESNZ / Defra), any year: the flat file and the full set."""

from pathlib import Path
from typing import Final

from factors import sheets
from factors.desnz import flatfile, fullset
from factors.desnz.statements import extract
from factors.publication import Extract, Publication

_OF_FULL_SET: Final = frozenset({fullset.INTRODUCTION, "What's new", "Fuels", "Outside of scopes"})


class FlatFile(Publication):
    """The edition as one table with one value a row."""

    name = "UK Government GHG Conversion Factors, flat file"

    def identify(self, path: Path) -> str | None:
        """Return why the file is a flat file, or None."""
        reason = f'It has a sheet "{flatfile.SHEET}".'
        return reason if flatfile.SHEET in sheets.names(path) else None

    def read(self, path: Path) -> Extract:
        """Return every value of the table."""
        return extract(path, flatfile.read(path))


class FullSet(Publication):
    """The edition as one sheet a category, for reading."""

    name = "UK Government GHG Conversion Factors, full set"

    def identify(self, path: Path) -> str | None:
        """Return why the file is a full set, or None."""
        names = sheets.names(path)
        is_set = set(names) >= _OF_FULL_SET and flatfile.SHEET not in names
        return f"It has the sheets {', '.join(sorted(_OF_FULL_SET))}." if is_set else None

    def read(self, path: Path) -> Extract:
        """Return every value of every table."""
        return extract(path, fullset.read(path))
