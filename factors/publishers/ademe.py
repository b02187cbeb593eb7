"""ADEME, Base Carbone: one line per element (Elément), and one per part of it (Poste).

    Elément 14087   3,25   whole                     not taken beside its parts
      Poste Combustion 2,68  ──► direct
      Poste Amont      0,567 ──► upstream            combustion and upstream only: both are taken
    Elément 42513   0,052  ──► total                 any other parts: the whole is taken, the parts are not

The gas columns are kg CO2e. Those of CO2 are masses in every set of potentials and are taken; methane,
nitrous oxide and others were weighted with a set the file does not name and stay inside the CO2e. Nothing
here has an activity of the vocabulary: a contract or an own factor names what it means.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Final

from bilanz.activity import folded
from bilanz.errors import CatalogueError, FileRefused
from bilanz.factor import FACTOR_SCHEMA, Chain, Evidence
from factors import french, table
from factors.publication import Extract, LayoutChanged, Publication
from factors.table import ROW

SOURCE: Final = "ademe"
ABOUT: Final = {"publisher": "ADEME", "title": "Base Carbone", "licence": "Licence Ouverte / Etalab 2.0"}

_KIND, _ID, _TYPE, _STATUS = (
    "Type Ligne",
    "Identifiant de l'élément",
    "Type de l'élément",
    "Statut de l'élément",
)
_NAMES: Final = ("Nom base français", "Nom attribut français", "Nom frontière français")
_CATEGORY, _UNIT = "Code de la catégorie", "Unité français"
_PLACE, _PART_OF_PLACE = "Localisation géographique", "Sous-localisation géographique français"
_CREATED, _CHANGED, _VALID = "Date de création", "Date de modification", "Période de validité"
_UNCERTAINTY, _PART, _TOTAL = "Incertitude", "Type poste", "Total poste non décomposé"
_CO2, _BIOGENIC = "CO2f", "CO2b"
_OTHER_GASES: Final = ("CH4f", "CH4b", "N2O", "Autres GES")
_NUMERIC: Final = (_UNCERTAINTY, _TOTAL, _CO2, *_OTHER_GASES, _BIOGENIC)
_COLUMNS: Final = (
    *(_KIND, _ID, _TYPE, _STATUS, *_NAMES, _CATEGORY, _UNIT, _PLACE, _PART_OF_PLACE),
    *(_CREATED, _CHANGED, _VALID, _PART, *_NUMERIC),
)
_ELEMENT: Final = "element"
_FACTOR: Final = "facteur d emission"
_VALID_STATUS: Final = "valide"
_PARTS: Final = {"combustion": Chain.DIRECT, "amont": Chain.UPSTREAM}
_POTENTIAL: Final = re.compile(r"\bPRG\b")
_ROUNDING: Final = Decimal("0.01")

_NO_FACTOR: Final = "The publication calls it source data, not a factor."
_NOT_VALID: Final = "Archived or not validated by its publisher."
_POTENTIALS: Final = "Global warming potentials are not factors; they are kept in a table of their own."
_WHOLE: Final = "The sum of parts that are taken one by one."
_PART_ONLY: Final = "Part of a total that is taken as a whole."
_WEIGHTED: Final = "Weighted with a set of potentials the file does not name; it is inside the CO2e."
_UPTAKE: Final = "Carbon taken up by plants in the supply chain is no emission factor."
_NUMBER: Final = "The number is not written like the others of its column."
_FALLEN: Final = "Another row of the same factor was refused."
_SUM: Final = "The parts do not add up to the whole."
_ORPHAN: Final = "The whole this part belongs to is missing."
_RAGGED: Final = "The row has more or fewer fields than the header."

Line = Mapping[str, str]


@dataclass(slots=True)
class Reading:
    """What has been read so far: rows, lines that could not be read, values that were left."""

    marks: Mapping[str, str]
    rows: list[dict[str, str | None]] = field(default_factory=list)
    unreadable: list[tuple[int, str]] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)

    def number(self, line: Line, column: str) -> str | None:
        """Return a number of a line as a plain decimal; None: there is none, or it cannot be read."""
        return french.number(line[column], self.marks[column]) if line[column] else None

    def is_positive(self, line: Line, column: str) -> bool:
        """Tell whether a number is there and more than zero."""
        return Decimal(self.number(line, column) or 0) > 0

    def broken(self, lines: Sequence[Line]) -> list[Line]:
        """Return the lines with a number that cannot be read."""
        return [
            line
            for line in lines
            if any(line[column] and self.number(line, column) is None for column in _NUMERIC)
        ]


class Ademe(Publication):
    """The CSV of the Base Carbone; an edition is the day of its latest change."""

    name = "ADEME: Base Carbone"

    def identify(self, path: Path) -> str | None:
        """Return why the file is the Base Carbone, or None."""
        try:
            with path.open("rb") as stream:
                first = _decoded(stream.readline())
        except OSError:
            return None
        is_known = first.replace('"', "").startswith(f"{_KIND};{_ID};Structure;")
        return "The columns are those of the Base Carbone of ADEME." if is_known else None

    def read(self, path: Path) -> Extract:
        """Return the factors that are valid by the publisher's own status.

        Raises:
            FileRefused: the file is no text.
            LayoutChanged: a column is missing, or no line has a date of change.
        """
        lines, ragged = _lines(path)
        days = [day for line in lines if (day := french.day(line[_CHANGED])) is not None]
        if not days:
            raise LayoutChanged(path.name, f'column "{_CHANGED}"', "a day such as 20/12/2021", "–")
        edition = max(days).strftime("%Y_%m_%d")
        marks = {column: french.decimal_mark(line[column] for line in lines) for column in _NUMERIC}
        reading = Reading(marks, unreadable=[(line, _RAGGED) for line in ragged])
        for group in _elements(lines):
            _take(group, edition, reading)
        _tell_apart(reading.rows)
        frame = table.gathered(reading.rows, path.name, tuple(FACTOR_SCHEMA))
        unreadable = tuple(sorted(reading.unreadable))
        n_read = frame.height + len(unreadable)
        return Extract(SOURCE, edition, frame, n_read, unreadable, dict(+reading.ignored), about=ABOUT)


def _decoded(content: bytes) -> str:
    """Return text in UTF-8, or else in the code page the official file has."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _lines(path: Path) -> tuple[list[Line], tuple[int, ...]]:
    """Return the lines by column, and those with another number of fields than the header.

    Raises:
        LayoutChanged: a column is missing.
    """
    try:
        parsed = table.read(_decoded(path.read_bytes()), path.name, separator=";")
    except (OSError, csv.Error, CatalogueError) as error:
        raise FileRefused("{file} cannot be read: {reason}", file=path.name, reason=str(error)) from error
    for column in _COLUMNS:
        if column not in parsed.header:
            raise LayoutChanged(path.name, "line 1", f'the column "{column}"', ", ".join(parsed.header))
    places = [(column, parsed.header.index(column)) for column in _COLUMNS]
    lines: list[Line] = [
        {**{column: cells[place] or "" for column, place in places}, ROW: str(at)}
        for cells, at in parsed.rows
    ]
    return lines, parsed.ragged


def _elements(lines: Sequence[Line]) -> list[list[Line]]:
    """Return the lines of each element together, the element itself first."""
    groups: dict[str, list[Line]] = {}
    for line in lines:
        groups.setdefault(line[_ID], []).append(line)
    return [sorted(group, key=lambda line: folded(line[_KIND]) != _ELEMENT) for group in groups.values()]


def _take(group: list[Line], edition: str, reading: Reading) -> None:
    """Add what an element and its parts state, or why nothing of it was taken."""
    whole, parts = group[0], group[1:]
    if folded(whole[_KIND]) != _ELEMENT:
        reading.unreadable += [(int(line[ROW]), _ORPHAN) for line in group]
    elif (reason := _left(whole)) is not None:
        reading.ignored[reason] += len(group)
    elif broken := reading.broken(group):
        reading.unreadable += [(int(line[ROW]), _NUMBER if line in broken else _FALLEN) for line in group]
    elif sorted(folded(part[_PART]) for part in parts) != sorted(_PARTS):
        reading.ignored[_PART_ONLY] += len(parts)
        reading.rows += _rows(whole, whole, Chain.TOTAL, edition, reading)
    elif not _adds_up(whole, parts, reading):
        reading.unreadable += [(int(line[ROW]), _SUM) for line in group]
    else:
        reading.ignored[_WHOLE] += 1
        for part in parts:
            reading.rows += _rows(whole, part, _PARTS[folded(part[_PART])], edition, reading)


def _left(whole: Line) -> str | None:
    """Return why an element is deliberately not taken, or None."""
    if folded(whole[_TYPE]) != _FACTOR:
        return _NO_FACTOR
    if not folded(whole[_STATUS]).startswith(_VALID_STATUS):
        return _NOT_VALID
    return _POTENTIALS if _POTENTIAL.search(whole[_CATEGORY]) else None


def _adds_up(whole: Line, parts: Sequence[Line], reading: Reading) -> bool:
    """Tell whether parts are the whole, up to rounding."""
    stated = Decimal(reading.number(whole, _TOTAL) or 0)
    summed = sum(Decimal(reading.number(part, _TOTAL) or 0) for part in parts)
    return abs(stated - summed) <= _ROUNDING * abs(stated)


def _rows(
    whole: Line, line: Line, chain: Chain, edition: str, reading: Reading
) -> Iterator[dict[str, str | None]]:
    """Yield the CO2e of a line, its fossil CO2, and the CO2 of biomass where there is some."""
    about = _about(whole, edition, reading)

    def value(column: str, gas: str, part: Chain) -> dict[str, str | None]:
        locator = f'line {line[ROW]}, element {line[_ID]}, column "{column}"'
        stated = {"value": reading.number(line, column), "locator": locator, ROW: line[ROW]}
        return (
            about | stated | {"gas": gas, "chain": part.value, "gwp": "unstated" if gas == "CO2e" else None}
        )

    yield value(_TOTAL, "CO2e", chain)
    if line[_CO2]:
        yield value(_CO2, "CO2", chain)
    reading.ignored[_WEIGHTED] += sum(reading.is_positive(line, column) for column in _OTHER_GASES)
    if reading.is_positive(line, _BIOGENIC) and chain is not Chain.UPSTREAM:
        yield value(_BIOGENIC, "CO2", Chain.BIOGENIC)
    elif Decimal(reading.number(line, _BIOGENIC) or 0) != 0:
        reading.ignored[_UPTAKE] += 1


def _about(whole: Line, edition: str, reading: Reading) -> dict[str, str | None]:
    """Return what all rows of an element share."""
    per_unit, basis = french.unit(whole[_UNIT])
    is_open = whole[_CATEGORY].startswith("Combustibles") and per_unit in ("kWh", "MWh", "GJ", "TJ")
    created = french.day(whole[_CREATED])
    start, end = french.period(whole[_VALID])
    names = [whole[name] for name in (*_NAMES, _PART_OF_PLACE) if whole[name]]
    return {
        "factor_id": f"{SOURCE}:{edition}:{whole[_ID]}",
        "source": SOURCE,
        "edition": edition,
        "category": whole[_CATEGORY] or None,
        "item": ", ".join(names) or None,
        "region": french.region(whole[_PLACE], whole[_PART_OF_PLACE]) or None,
        "valid_from": start or (created.isoformat() if created else None),
        "valid_to": end,
        "mass_unit": "kg",
        "per_unit": per_unit,
        "basis": basis or ("unstated" if is_open else "none"),
        "evidence": Evidence.PRIMARY.value,
        "uncertainty": reading.number(whole, _UNCERTAINTY),
        **ABOUT,
    }


def _tell_apart(rows: list[dict[str, str | None]]) -> None:
    """Add the identifier to the names of elements that differ in nothing else."""
    keys = ("category", "item", "region", "valid_from", "per_unit")
    found: dict[tuple[str | None, ...], set[str | None]] = {}
    for row in rows:
        found.setdefault(tuple(row[key] for key in keys), set()).add(row["factor_id"])
    for row in rows:
        if row["item"] and len(found[tuple(row[key] for key in keys)]) > 1:
            row["item"] += f" [{str(row['factor_id']).rpartition(':')[2]}]"
