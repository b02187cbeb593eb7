"""Deutscher Wetterdienst: climate factors by postcode, to correct heating energy for weather and place.

    01.01.2023;31.12.2023;01067;1,05      first and last day of twelve months, postcode, factor

A line of headings before the first record is read over. Years move on by a month, so periods overlap.
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from bilanz.factor import Evidence
from bilanz.weather import DEGREE_DAY_SCHEMA, Definition
from factors import table
from factors.publication import Extract, LayoutChanged, Publication

SOURCE: Final = "dwd"
_FIELDS: Final = 4
_RECORD: Final = re.compile(r"[\d.\-]{8,10};[\d.\-]{8,10};\d{5};\d+,\d+;?")
_FACTOR: Final = re.compile(r"\d+,\d+")
_DATES: Final = ("%d.%m.%Y", "%Y-%m-%d", "%Y%m%d")
_EXPECTED: Final = "first day; last day; postcode; factor with decimal comma"
_ABOUT: Final = {
    "publisher": "Deutscher Wetterdienst",
    "title": "Klimafaktoren, {period}",
    "licence": "not stated",
}


class ClimateFactors(Publication):
    """A file of climate factors."""

    name = "Deutscher Wetterdienst: Klimafaktoren"

    def identify(self, path: Path) -> str | None:
        """Return why the file is this publication, or None."""
        head = table.head(path, encoding="latin-1")
        lines = head.splitlines()[:2]
        if any(_RECORD.fullmatch(line.strip()) for line in lines):
            return "Its lines hold two dates, a postcode and a factor with decimal comma."
        return None

    def read(self, path: Path) -> Extract:
        """Return the climate factor of every postcode and period."""
        records = list(_records(path))
        latest = max(end for _, _, end, _, _ in records) - timedelta(days=1)
        edition = f"{latest:%Y_%m}"
        first = min(start for _, start, _, _, _ in records)
        about = _ABOUT | {"title": _ABOUT["title"].format(period=f"{first}/{latest}")}
        shared = about | {
            "definition": Definition.DWD_CLIMATE_FACTOR.value,
            "region": "DE",
            "unit": "1",
            "source": SOURCE,
            "edition": edition,
            "evidence": Evidence.PRIMARY.value,
        }
        rows: list[table.Cells] = []
        for number, start, end, postcode, factor in records:
            own = {
                "degree_day_id": f"{SOURCE}:{edition}:{Definition.DWD_CLIMATE_FACTOR}:{postcode}:{start}",
                "place": postcode,
                "valid_from": start.isoformat(),
                "valid_to": end.isoformat(),
                "value": factor,
                "locator": f"line {number}",
            }
            rows.append([*((shared | own).get(name) for name in DEGREE_DAY_SCHEMA), path.name, str(number)])
        return Extract(
            source=SOURCE,
            edition=edition,
            rows=table.framed(rows, DEGREE_DAY_SCHEMA),
            n_read=len(rows),
            table="degree_days",
            about=about,
        )


def _records(path: Path) -> Iterator[tuple[int, date, date, str, str]]:
    """Yield line, first day, day after the last, postcode and factor of every record.

    Raises:
        LayoutChanged: a line is none; names it and what was expected.
    """
    for number, line in enumerate(path.read_text(encoding="latin-1").splitlines(), start=1):
        fields = [field.strip() for field in line.strip().removesuffix(";").split(";")]
        if not line.strip() or (number == 1 and not _RECORD.fullmatch(line.strip())):
            continue
        place = f"line {number}"
        if len(fields) != _FIELDS:
            raise LayoutChanged(path.name, place, _EXPECTED, line.strip())
        start, end = (_day(path.name, f"{place}, field {n}", fields[n - 1]) for n in (1, 2))
        if start.day != 1 or end.day != monthrange(end.year, end.month)[1] or end < start:
            raise LayoutChanged(path.name, place, "whole months, the last day included", line.strip())
        if not re.fullmatch(r"\d{5}", fields[2]):
            raise LayoutChanged(path.name, f"{place}, field 3", "a postcode of five digits", fields[2] or "–")
        if not _FACTOR.fullmatch(fields[3]):
            raise LayoutChanged(
                path.name, f"{place}, field 4", "a factor with decimal comma", fields[3] or "–"
            )
        yield number, start, end + timedelta(days=1), fields[2], fields[3].replace(",", ".")


def _day(file: str, place: str, text: str) -> date:
    """Return a day in one of the forms a record may have."""
    for form in _DATES:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a civil day has no zone
        except ValueError:
            continue
    raise LayoutChanged(file, place, "a date", text or "–")
