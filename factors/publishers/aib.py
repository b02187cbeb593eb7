"""AIB, European Residual Mixes: one line per country, g CO2 per kWh of the residual mix.

A country that discloses everything has no residual mix: the publication prints NA, one edition stores a zero
beside shares that are all zero. Neither is a factor.
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bilanz.factor import FACTOR_SCHEMA, Chain, Evidence
from factors import sheets, table
from factors.publication import Extract, LayoutChanged, Publication
from factors.table import ROW

SOURCE: Final = "aib_residual_mix"
SHEET: Final = "Residual Mixes"
COLUMN: Final = "CO2 (gCO2/kWh)"
ABOUT: Final = {
    "publisher": "Association of Issuing Bodies (AIB) / Grexel",
    "title": "European Residual Mixes",
    "licence": "not stated (AIB publication, free download)",
}

_YEAR: Final = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_ISO: Final = {"EL": "GR", "UK": "GB"}
_NOTHING: Final = ("", "NA", "N/A")
_ZERO: Final = re.compile(r"0*(\.0*)?%?")
_DISCLOSED: Final = "Full disclosure: the country has no residual mix."
_NO_COUNTRY: Final = "The line is about no country."
NOTE: Final = "Residual mix for untracked consumption (market-based)."


class ResidualMix(Publication):
    """The workbook of one year; the year stands in the name of the file only."""

    name = "AIB: European Residual Mixes"

    def identify(self, path: Path) -> str | None:
        """Return why the file is this workbook, or None."""
        if SHEET not in sheets.names(path):
            return None
        return "The workbook has the sheet of residual mixes of the AIB."

    def read(self, path: Path) -> Extract:
        """Return one factor per country that has a residual mix.

        Raises:
            LayoutChanged: the column is not there, or the file name has no year.
        """
        rows = sheets.read(path, SHEET)
        column = _column(path.name, rows)
        years = _YEAR.findall(path.stem)
        if not years:
            raise LayoutChanged(path.name, "name of the file", "a year such as 2025", path.name)
        year = int(years[0])
        constants: dict[str, str | None] = {
            "source": SOURCE,
            "edition": str(year),
            "activity": "electricity",
            "category": SHEET,
            "valid_from": f"{year}-01-01",
            "valid_to": f"{year + 1}-01-01",
            "gas": "CO2",
            "mass_unit": "g",
            "per_unit": "kWh",
            "basis": "none",
            "chain": Chain.DIRECT.value,
            "delivery": "consumed",
            "evidence": Evidence.PRIMARY.value,
            "note": NOTE,
            **ABOUT,
        }
        ignored = Counter[str]()
        found = [constants | row for row in _countries(rows, column, year, ignored)]
        frame = table.gathered(found, path.name, tuple(FACTOR_SCHEMA))
        return Extract(SOURCE, str(year), frame, len(found), ignored=dict(+ignored), about=ABOUT)


def _column(file: str, rows: sheets.Rows) -> int:
    header = rows[0] if rows else ()
    if header.count(COLUMN) != 1:
        shown = ", ".join(cell for cell in header if cell) or "–"
        raise LayoutChanged(file, f'sheet "{SHEET}", row 1', f'the column "{COLUMN}"', shown)
    return header.index(COLUMN)


def _countries(
    rows: sheets.Rows, column: int, year: int, ignored: Counter[str]
) -> Iterator[dict[str, str | None]]:
    for at, cells in enumerate(rows[1:], start=2):
        code, value = cells[0], cells[column]
        if not any(cells):
            continue
        if not _COUNTRY.fullmatch(code):
            ignored[_NO_COUNTRY] += 1
        elif value in _NOTHING or all(cell in _NOTHING or _ZERO.fullmatch(cell) for cell in cells[1:]):
            ignored[_DISCLOSED] += 1
        else:
            region = _ISO.get(code, code)
            yield {
                "factor_id": f"{SOURCE}:{year}:electricity:{region}:{year}:residual",
                "item": code,
                "region": region,
                "value": value,
                "locator": f'sheet "{SHEET}" cell {sheets.address(at, column)}',
                ROW: str(at),
            }
