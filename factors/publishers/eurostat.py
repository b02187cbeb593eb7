r"""Eurostat nrg_chdd_a: annual heating and cooling degree days by country, as the bulk TSV.

    freq,unit,indic_nrg,geo\TIME_PERIOD <tab> 1979 <tab> …          one line per indicator and country
    A,NR,HDD,DE                          <tab> 3653.29 <tab> : <tab> 3501.12 e

`:` is a missing value; letters behind a value are flags (e estimated, p provisional, b break) and are kept.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from bilanz.factor import Evidence
from bilanz.weather import DEGREE_DAY_SCHEMA, Definition
from factors import table
from factors.publication import Extract, LayoutChanged, Publication

SOURCE: Final = "eurostat"
HEADER: Final = "freq,unit,indic_nrg,geo\\TIME_PERIOD"
INDICATORS: Final[Mapping[str, Definition]] = {
    "HDD": Definition.EUROSTAT_HDD,
    "CDD": Definition.EUROSTAT_CDD,
}
REGIONS: Final[Mapping[str, str]] = {"EL": "GR", "UK": "GB", "EU27_2020": "EU27"}
"""Codes of Eurostat that are not those of ISO 3166."""

_ABOUT: Final = {
    "publisher": "Eurostat",
    "title": "Cooling and heating degree days by country, annual data (nrg_chdd_a), until {year}",
    "licence": "Eurostat re-use policy (attribution; CC BY 4.0)",
}
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_CELL: Final = re.compile(r"(?P<value>-?\d+(?:\.\d+)?)(?: ?(?P<flags>[a-z]{1,3}))?")
_MISSING: Final = re.compile(r":(?: ?[a-z]{1,3})?")
_EMPTY: Final = "No value is published."
_UNREADABLE: Final = "The value is no number."


class DegreeDays(Publication):
    """The bulk file of nrg_chdd_a."""

    name = "Eurostat: nrg_chdd_a"

    def identify(self, path: Path) -> str | None:
        """Return why the file is this publication, or None."""
        head = table.head(path, encoding="utf-8")
        first, _, rest = head.partition("\n")
        if "indic_nrg" in first and "\t" in first and re.search(r"\b[HC]DD\b", rest):
            return "The header names indic_nrg, the lines heating or cooling degree days."
        return None

    def read(self, path: Path) -> Extract:
        """Return the degree days of every country and year."""
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError as error:
            raise LayoutChanged(path.name, "the file", "text in UTF-8", error.reason) from error
        years = _years(path.name, lines[0])
        about = _ABOUT | {"title": _ABOUT["title"].format(year=years[-1])}
        rows: list[table.Cells] = []
        unreadable: list[tuple[int, str]] = []
        counted: Counter[str] = Counter()
        for number, line in enumerate(lines[1:], start=2):
            for outcome in _cells(path.name, number, line, years):
                counted["read"] += 1
                if outcome is None:
                    counted[_EMPTY] += 1
                elif isinstance(outcome, str):
                    unreadable.append((number, outcome))
                else:
                    told = outcome | about
                    rows.append([*(told.get(name) for name in DEGREE_DAY_SCHEMA), path.name, str(number)])
        return Extract(
            source=SOURCE,
            edition=years[-1],
            rows=table.framed(rows, DEGREE_DAY_SCHEMA),
            n_read=counted["read"] - counted[_EMPTY],
            unreadable=tuple(unreadable),
            ignored={_EMPTY: counted[_EMPTY]} if counted[_EMPTY] else {},
            table="degree_days",
            about=about,
        )


def _years(file: str, header: str) -> list[str]:
    """Return the years of the header.

    Raises:
        LayoutChanged: the dimensions or a year are not where they are expected.
    """
    first, *years = (cell.strip() for cell in header.split("\t"))
    if first != HEADER:
        raise LayoutChanged(file, "line 1, field 1", HEADER, first)
    for index, year in enumerate(years, start=2):
        if not _YEAR.fullmatch(year):
            raise LayoutChanged(file, f"line 1, field {index}", "a year", year or "–")
    if not years or years != sorted(set(years)):
        raise LayoutChanged(file, "line 1", "years in ascending order", ", ".join(years[:3]) or "–")
    return years


def _cells(
    file: str, number: int, line: str, years: list[str]
) -> Iterator[dict[str, str | None] | str | None]:
    """Yield the cells of a line: a row, None where nothing is published, or the reason it cannot be read.

    Raises:
        LayoutChanged: the line has other dimensions or another number of cells.
    """
    first, *cells = line.split("\t")
    place = f"line {number}"
    parts = first.strip().split(",")
    if len(parts) != HEADER.count(",") + 1 or parts[:2] != ["A", "NR"] or parts[2] not in INDICATORS:
        raise LayoutChanged(file, f"{place}, field 1", "A,NR,HDD or CDD,country", first.strip() or "–")
    if len(cells) != len(years):
        raise LayoutChanged(file, place, f"{len(years)} values", str(len(cells)))
    definition, geo = INDICATORS[parts[2]], parts[3]
    region = REGIONS.get(geo, geo)
    for year, cell in zip(years, (cell.strip() for cell in cells), strict=True):
        if _MISSING.fullmatch(cell):
            yield None
            continue
        match = _CELL.fullmatch(cell)
        if match is None:
            yield _UNREADABLE
            continue
        yield {
            "degree_day_id": f"{SOURCE}:{years[-1]}:{definition}:{region}:{year}",
            "definition": definition.value,
            "region": region,
            "valid_from": f"{year}-01-01",
            "valid_to": f"{int(year) + 1}-01-01",
            "value": match["value"],
            "unit": "K d",
            "source": SOURCE,
            "edition": years[-1],
            "evidence": Evidence.PRIMARY.value,
            "locator": f"{first.strip()}, {year}",
            "note": f"Eurostat: {match['flags']}" if match["flags"] else None,
        }
