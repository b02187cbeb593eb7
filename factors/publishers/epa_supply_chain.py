"""US EPA, Supply Chain Greenhouse Gas Emission Factors by NAICS code: one line per industry, kg CO2e per USD.

All three columns are per dollar of purchaser price: without margins up to the gate of the producer, margins
from there to the point of sale, with margins both. An invoice states purchaser prices and includes the way to
the shop, so the factors with margins stand for `purchase`; those without are catalogued and never matched.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bilanz.errors import CatalogueError, FileRefused
from bilanz.factor import FACTOR_SCHEMA, Chain, Evidence
from factors import table
from factors.publication import Extract, LayoutChanged, Publication
from factors.table import ROW

SOURCE: Final = "epa_supply_chain"
CLASSIFICATION: Final = "NAICS"

_CODE, _TITLE, _GAS, _UNIT, _USEEIO = (
    "2017 NAICS Code",
    "2017 NAICS Title",
    "GHG",
    "Unit",
    "Reference USEEIO Code",
)
_WITHOUT: Final = "Supply Chain Emission Factors without Margins"
_MARGINS: Final = "Margins of Supply Chain Emission Factors"
_WITH: Final = "Supply Chain Emission Factors with Margins"
_COLUMNS: Final = (_CODE, _TITLE, _GAS, _UNIT, _WITHOUT, _MARGINS, _WITH, _USEEIO)
_PRICE: Final = re.compile(r"kg CO2e/(20\d\d) USD, purchaser price")
_ALL: Final = "All GHGs"
_VERSION: Final = re.compile(r"_v(\d+)\.(\d+)")
_SETS: Final = {"v1_3": "AR5"}
"""The weighting is not in the file; it is known for these versions."""

_ONLY_MARGINS: Final = "Margins alone are no factor; they are the difference of the other two columns."
_NAMES: Final = {_WITHOUT: "without_margins", _WITH: "with_margins"}


class EpaSupplyChain(Publication):
    """The table of all gases together, any version."""

    name = "US EPA: Supply Chain Greenhouse Gas Emission Factors"

    def identify(self, path: Path) -> str | None:
        """Return why the file is this table, or None."""
        try:
            with path.open(encoding="utf-8-sig", newline="") as stream:
                header = next(csv.reader(stream), [])
        except (OSError, UnicodeDecodeError, csv.Error):
            return None
        is_known = {_WITHOUT, _WITH} <= {cell.strip() for cell in header}
        return (
            "The columns are those of the supply chain emission factors of the US EPA." if is_known else None
        )

    def read(self, path: Path) -> Extract:
        """Return two factors per line: with margins for `purchase`, without margins catalogued.

        Raises:
            FileRefused: the file is no text.
            LayoutChanged: a column, gas or unit is not what is expected.
        """
        lines = _lines(path)
        year = _year(path.name, lines)
        found = _VERSION.search(path.name)
        edition = f"v{found[1]}_{found[2]}" if found else f"usd{year}"
        about = {
            "publisher": "US EPA",
            "title": "Supply Chain Greenhouse Gas Emission Factors by NAICS-6",
            "licence": "US Government work (public domain)",
        }
        constants: dict[str, str | None] = {
            "source": SOURCE,
            "edition": edition,
            "region": "US",
            "valid_from": f"{year}-01-01",
            "valid_to": f"{year + 1}-01-01",
            "gas": "CO2e",
            "mass_unit": "kg",
            "per_unit": "USD",
            "basis": "none",
            "chain": Chain.TOTAL.value,
            "gwp": _SETS.get(edition, "unstated"),
            "price_year": str(year),
            "price_basis": "purchaser",
            "evidence": Evidence.PRIMARY.value,
            **about,
        }
        rows = [constants | row for row in _rows(lines, f"{SOURCE}:{edition}")]
        frame = table.gathered(rows, path.name, tuple(FACTOR_SCHEMA))
        return Extract(SOURCE, edition, frame, len(rows), ignored={_ONLY_MARGINS: len(lines)}, about=about)


def _lines(path: Path) -> list[dict[str, str]]:
    """Return the lines by column, with the 1-based line of the file.

    Raises:
        LayoutChanged: a column is missing, or a line has another number of fields.
    """
    try:
        parsed = table.read(path.read_bytes().decode("utf-8-sig"), path.name)
    except (OSError, UnicodeDecodeError, csv.Error, CatalogueError) as error:
        raise FileRefused("{file} cannot be read: {reason}", file=path.name, reason=str(error)) from error
    for column in _COLUMNS:
        if column not in parsed.header:
            raise LayoutChanged(path.name, "line 1", f'the column "{column}"', ", ".join(parsed.header))
    if parsed.ragged:
        expected = f"{len(parsed.header)} fields"
        raise LayoutChanged(path.name, f"line {parsed.ragged[0]}", expected, "another number of fields")
    return [
        {**dict(zip(parsed.header, (cell or "" for cell in cells), strict=True)), ROW: str(line)}
        for cells, line in parsed.rows
    ]


def _year(file: str, lines: list[dict[str, str]]) -> int:
    """Return the year of the prices.

    Raises:
        LayoutChanged: a line states another gas or unit than the first one.
    """
    expected = (
        lines[0][_UNIT]
        if lines and _PRICE.fullmatch(lines[0][_UNIT])
        else "kg CO2e/2022 USD, purchaser price"
    )
    for line in lines:
        if line[_GAS] != _ALL:
            raise LayoutChanged(file, f'line {line[ROW]}, column "{_GAS}"', f'"{_ALL}"', line[_GAS] or "–")
        if not _PRICE.fullmatch(line[_UNIT]) or line[_UNIT] != lines[0][_UNIT]:
            raise LayoutChanged(
                file, f'line {line[ROW]}, column "{_UNIT}"', f'"{expected}"', line[_UNIT] or "–"
            )
    found = _PRICE.fullmatch(lines[0][_UNIT]) if lines else None
    if found is None:
        raise LayoutChanged(file, "line 2", f'"{expected}"', "–")
    return int(found[1])


def _rows(lines: list[dict[str, str]], prefix: str) -> Iterator[dict[str, str | None]]:
    for line in lines:
        for column in (_WITHOUT, _WITH):
            yield {
                "factor_id": f"{prefix}:{line[_CODE]}:{_NAMES[column]}",
                "activity": "purchase" if column == _WITH else None,
                "product_group": f"{CLASSIFICATION}:{line[_CODE]}",
                "category": column,
                "item": line[_TITLE] or None,
                "value": line[column] or None,
                "locator": f"line {line[ROW]}, column {_COLUMNS.index(column) + 1}, USEEIO {line[_USEEIO]}",
                ROW: line[ROW],
            }
