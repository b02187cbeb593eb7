"""US EPA, GHG Emission Factors Hub: one sheet, tables 1 to 12 one below the other.

    Table 3      Mobile Combustion CH4 and N2O …           ◄ found by the text of column B
    Vehicle Type  Model Year  CH4 Factor (g CH4 / vehicle-mile)  …   ◄ gas and units are read here
    Gasoline …    1973-1974   0.1696  …                    ◄ an empty label is that of the row above
    Source: …                                              ◄ ends the table

Every unit is read from the header above the value: a column in another unit or order is read rightly or
refused. Values per unit of heat content refer to the higher heating value (Hs). Which line stands for which
activity is data: `factors/data/epa_hub/map.csv`.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import Final

from bilanz.errors import FileRefused
from bilanz.factor import FACTOR_SCHEMA, Chain, Evidence
from factors import sheets, table
from factors.publication import Extract, LayoutChanged, Publication
from factors.table import ROW

SOURCE: Final = "epa_hub"
SHEET: Final = "Emission Factors Hub"
TITLE: Final = "Emission Factors for Greenhouse Gas Inventories"
ABOUT: Final = {
    "publisher": "US EPA Center for Corporate Climate Leadership",
    "title": "Emission Factors for Greenhouse Gas Inventories (GHG Emission Factors Hub)",
    "licence": "US Government work (public domain)",
}

_PER: Final = {
    "mmBtu": "MMBtu",
    "short ton": "short_ton",
    "scf": "scf",
    "gallon": "gal_us",
    "MWh": "MWh",
    "vehicle-mile": "mi",
    "passenger-mile": "pmi",
    "short ton-mile": "short_ton_mile",
}
_UNIT: Final = re.compile(r"\(?(kg|g|lb) (CO2|CH4|N2O) (?:per|/) ([A-Za-z][A-Za-z -]*?) ?\)?$")
_WASTE_UNIT: Final = "Metric Tons CO2e / Short Ton Material"
_WASTE_SET: Final = re.compile(r"\b(SAR|TAR|AR[4-6]) GWP values are used to convert")
_TABLE: Final = re.compile(r"Table (\d+)$")
_YEAR: Final = re.compile(r"Last Modified: .*\b(20\d\d)$")
_FOOTNOTE: Final = re.compile(r"(?<=[a-z)]) ?[A-E]$")
_END: Final = ("Source", "Notes")
_BIOMASS: Final = "Biomass Fuels"
_BIOFUELS: Final = (2, ("Biodiesel (100%)", "Ethanol (100%)"))

_HEAT: Final = "Heat contents are properties of fuels, not factors."
_LOSS: Final = "Grid losses are shares, not factors."
_POTENTIAL: Final = "Global warming potentials are not factors; they are kept in a table of their own."
_EMPTY: Final = "The cell is empty."
_NOT_AVAILABLE: Final = "The publication states no value (NA)."


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a table has what.

    Attributes:
        labels: column → its header; together they name the line.
        values: columns of values.
        headers: further texts that must stand above the values.
        per: column that names the unit of the activity line by line.
        aside: a column that holds no factors, and why.
        parts: column the values of a part begin in → name of the part.
    """

    labels: Mapping[int, str]
    values: tuple[int, ...]
    headers: Mapping[int, str] = field(default_factory=dict)
    per: int | None = None
    aside: tuple[int, str] | None = None
    parts: Mapping[int, str] = field(default_factory=dict)


_FIRST: Final = 2
"""Column C: the first label of a line; column B holds the markers."""

_TRAVEL: Final = Layout({2: "Vehicle Type"}, (3, 4, 5), {6: "Units"}, per=6)
_OUTPUTS: Final = {4: "Total Output Emission Factors", 7: "Non-Baseload Emission Factors"}
_LAYOUTS: Final = {
    1: Layout({2: "Fuel Type"}, (4, 5, 6, 7, 8, 9), {3: "Heat Content (HHV)"}, aside=(3, _HEAT)),
    2: Layout({2: "Fuel Type"}, (3,), {4: "Unit"}, per=4),
    3: Layout({2: "Vehicle Type", 3: "Model Year"}, (4, 5)),
    4: Layout({2: "Vehicle Type", 3: "Fuel Type", 4: "Model Year"}, (5, 6)),
    5: Layout({2: "Vehicle Type", 3: "Fuel Type"}, (4, 5)),
    6: Layout(
        {2: "eGRID Subregion Acronym", 3: "eGRID Subregion Name"},
        (4, 5, 6, 7, 8, 9),
        {**_OUTPUTS, 10: "Grid Gross Loss (%)"},
        aside=(10, _LOSS),
        parts=_OUTPUTS,
    ),
    7: Layout({2: ""}, (3, 4, 5)),
    8: _TRAVEL,
    10: _TRAVEL,
}
_WASTE: Final = 9
_POTENTIALS: Final = {11: (4, "100-Year GWP"), 12: (3, "100-year GWP")}
_TABLES: Final = range(1, 13)


@dataclass(frozen=True, slots=True)
class Block:
    """The rows of one table, from its marker to the next; `start` is the 1-based row of the marker."""

    file: str
    number: int
    start: int
    rows: sheets.Rows

    @property
    def title(self) -> str:
        """Name of the table as printed."""
        return next((cell for cell in self.rows[0][_FIRST:] if cell), "")

    def changed(self, row: int, column: int, expected: str) -> LayoutChanged:
        """Return the error that names a cell and what should be in it."""
        place = f'sheet "{SHEET}", Table {self.number}, cell {sheets.address(row, column)}'
        found = next((cells[column] for at, cells in self.numbered() if at == row), "")
        return LayoutChanged(self.file, place, f'"{expected}"', f'"{found}"')

    def numbered(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Yield the rows up to the notes, each with its 1-based row."""
        body = takewhile(lambda cells: not cells[_FIRST].startswith(_END), self.rows)
        yield from enumerate(body, self.start)


@dataclass(frozen=True, slots=True)
class Value:
    """One value as printed: its cell (row, column), its units, the heading and the labels of its line."""

    cell: tuple[int, int]
    text: str
    mass_unit: str
    gas: str
    per: str
    group: str
    names: list[str]


class EpaHub(Publication):
    """The workbook; an edition is the year it was last modified in."""

    name = "US EPA: GHG Emission Factors Hub"

    def identify(self, path: Path) -> str | None:
        """Return why the file is this workbook, or None."""
        if SHEET not in sheets.names(path):
            return None
        try:
            rows = sheets.read(path, SHEET)
        except FileRefused:
            return None
        is_known = any(TITLE in row for row in rows[:5])
        return "The workbook is the GHG Emission Factors Hub of the US EPA." if is_known else None

    def read(self, path: Path) -> Extract:
        """Return the factors of tables 1 to 10.

        Raises:
            LayoutChanged: a table, a header or a unit is not where it is expected.
        """
        rows = sheets.read(path, SHEET)
        edition, ignored = _edition(path.name, rows), Counter[str]()
        found: list[dict[str, str | None]] = []
        for block in _blocks(path.name, rows):
            if block.number in _LAYOUTS:
                found += _statements(block, _LAYOUTS[block.number], ignored)
            elif block.number == _WASTE:
                found += _waste(block, ignored)
            else:
                ignored[_POTENTIAL] += _potentials(block)
        constants = {"source": SOURCE, "edition": edition, "region": "US", "evidence": Evidence.PRIMARY.value}
        constants |= {"valid_from": f"{edition}-01-01", "valid_to": f"{int(edition) + 1}-01-01", **ABOUT}
        full = [constants | row | {"factor_id": f"{SOURCE}:{edition}:{row['factor_id']}"} for row in found]
        frame = table.gathered(full, path.name, tuple(FACTOR_SCHEMA))
        return Extract(SOURCE, edition, frame, len(full), ignored=dict(+ignored), about=ABOUT)


def _edition(file: str, rows: sheets.Rows) -> str:
    for row in rows[:5]:
        for cell in row:
            if found := _YEAR.match(cell):
                return found[1]
    raise LayoutChanged(file, f'sheet "{SHEET}", rows 1 to 5', '"Last Modified: … 2025"', "–")


def _blocks(file: str, rows: sheets.Rows) -> list[Block]:
    """Return the tables in order.

    Raises:
        LayoutChanged: they are not tables 1 to 12, each once.
    """
    marks = [(at, int(found[1])) for at, row in enumerate(rows) if (found := _TABLE.match(row[1]))]
    if [number for _, number in marks] != list(_TABLES):
        found_numbers = ", ".join(str(number) for _, number in marks) or "–"
        raise LayoutChanged(file, f'sheet "{SHEET}", column B', "Table 1 to Table 12", found_numbers)
    ends = [at for at, _ in marks[1:]] + [len(rows)]
    return [Block(file, number, at + 1, rows[at:end]) for (at, number), end in zip(marks, ends, strict=True)]


def _statements(block: Block, layout: Layout, ignored: Counter[str]) -> Iterator[dict[str, str | None]]:
    """Yield one row per value of a table whose units stand in its header."""
    units: dict[int, tuple[str, str, str]] = {}
    group, names = "", [""] * len(layout.labels)
    for at, cells in list(block.numbered())[1:]:
        if any(_UNIT.search(cells[column]) for column in layout.values):
            if not units:
                _check_headers(block, layout, at)
            units = {column: _unit(block, at, column, cells[column]) for column in layout.values}
        elif not units or not any(cells):
            continue
        elif not any(cells[column] for column in layout.values):
            group = _group(block, layout, at, cells)
        else:
            names = _carried([cells[column] for column in layout.labels], names)
            _leave(layout, cells, ignored)
            for column in (column for column in layout.values if cells[column]):
                mass_unit, gas, stated = units[column]
                per = _per(block, layout, at, cells, stated)
                yield _row(
                    block, layout, Value((at, column), cells[column], mass_unit, gas, per, group, names)
                )
    if not units:
        raise block.changed(block.start + 1, layout.values[0], "kg CO2, g CH4 or g N2O / unit")


def _group(block: Block, layout: Layout, row: int, cells: tuple[str, ...]) -> str:
    """Return the heading of the lines that follow; only table 1 has such.

    Raises:
        LayoutChanged: it stands where a line of values is expected.
    """
    if block.number != 1 or any(cells[_FIRST + 1 :]):
        raise block.changed(row, layout.values[0], "a value")
    return cells[_FIRST]


def _leave(layout: Layout, cells: tuple[str, ...], ignored: Counter[str]) -> None:
    """Count the cells of a line that hold no factor."""
    ignored[_EMPTY] += sum(not cells[column] for column in layout.values)
    if layout.aside is not None:
        ignored[layout.aside[1]] += bool(cells[layout.aside[0]])


def _check_headers(block: Block, layout: Layout, last: int) -> None:
    """Look for every expected text in its column, above or beside the units.

    Raises:
        LayoutChanged: one is missing.
    """
    head = [cells for at, cells in block.numbered() if at <= last][1:]
    for column, text in {**layout.labels, **layout.headers}.items():
        if text not in [cells[column] for cells in head]:
            raise block.changed(last, column, text)
    known = {0, *layout.labels, *layout.headers, *layout.values}
    for column, cell in enumerate(head[-1]):
        if cell and column not in known:
            raise block.changed(last, column, "")


def _unit(block: Block, row: int, column: int, header: str) -> tuple[str, str, str]:
    """Return unit of mass, gas and the publisher's unit of the activity.

    Raises:
        LayoutChanged: the header does not state them.
    """
    found = _UNIT.search(header)
    if found is None or (found[3] not in _PER and found[3] != "unit"):
        raise block.changed(row, column, "kg CO2, g CH4 or g N2O / unit")
    return found[1], found[2], found[3]


def _per(block: Block, layout: Layout, row: int, cells: tuple[str, ...], stated: str) -> str:
    """Return the publisher's unit of the activity: of the line where the header leaves it open."""
    if stated != "unit":
        return stated
    if layout.per is None or cells[layout.per] not in _PER:
        raise block.changed(row, layout.per or 0, ", ".join(_PER))
    return cells[layout.per]


def _carried(labels: list[str], above: list[str]) -> list[str]:
    """Return the labels of a line: empty ones at the front are those of the line above.

    A label in brackets continues the one above over two rows.
    """
    names, is_front = [], True
    for label, last in zip(labels, above, strict=True):
        is_front = is_front and (not label or label.startswith("("))
        names.append(last if is_front else label)
    return names


def _row(block: Block, layout: Layout, value: Value) -> dict[str, str | None]:
    item = ", ".join(dict.fromkeys(_FOOTNOTE.sub("", name) for name in value.names if name))
    starts = sorted(column for column in layout.parts if column <= value.cell[1])
    part = layout.parts[starts[-1]] if starts else ""
    is_biomass = value.group.startswith(_BIOMASS) or (block.number == _BIOFUELS[0] and item in _BIOFUELS[1])
    is_heat = block.number == 1 and value.per == "mmBtu"
    return _named(block, part, item, _PER[value.per], value.cell) | {
        "category": " > ".join(name for name in (block.title, value.group or part) if name),
        "gas": value.gas,
        "value": value.text,
        "mass_unit": value.mass_unit,
        "basis": "Hs" if is_heat else "none",
        "chain": (Chain.BIOGENIC if is_biomass and value.gas == "CO2" else Chain.DIRECT).value,
        "delivery": "generated" if layout.parts else None,
    }


def _named(block: Block, part: str, item: str, per: str, cell: tuple[int, int]) -> dict[str, str | None]:
    """Return what names and places a value: identifier, line, activity where there is one, cell."""
    activity, note = _activities().get((str(block.number), part, item, per), (None, None))
    name = ":".join(_slug(text) for text in (f"t{block.number}", item, part) if text)
    return {
        "factor_id": f"{name}:{per}",
        "item": item,
        "per_unit": per,
        "activity": activity,
        "note": note,
        "locator": f'sheet "{SHEET}" cell {sheets.address(*cell)}',
        ROW: str(cell[0]),
    }


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def _waste(block: Block, ignored: Counter[str]) -> Iterator[dict[str, str | None]]:
    """Yield one row per material and treatment of table 9, in CO2e as stated."""
    lines = list(block.numbered())
    heads = [at for at, cells in lines if cells[_FIRST] == "Material"]
    if len(heads) != 1:
        raise block.changed(block.start + 1, _FIRST, "Material")
    (head,) = heads
    if _WASTE_UNIT not in [cells[_FIRST + 1] for at, cells in lines if at < head]:
        raise block.changed(head - 1, _FIRST + 1, _WASTE_UNIT)
    parts = dict(lines)[head]
    found = _WASTE_SET.search(" ".join(cell for row in block.rows for cell in row))
    for at, cells in lines:
        if at <= head or not cells[_FIRST]:
            continue
        for column in (column for column, part in enumerate(parts) if part and column > _FIRST):
            part, value = _FOOTNOTE.sub("", parts[column]), cells[column]
            if value in ("", "NA"):
                ignored[_NOT_AVAILABLE if value else _EMPTY] += 1
                continue
            yield _named(block, part, cells[_FIRST], "short_ton", (at, column)) | {
                "category": f"{block.title} > {part}",
                "gas": "CO2e",
                "value": value,
                "mass_unit": "t",
                "basis": "none",
                "chain": Chain.TOTAL.value,
                "gwp": found[1] if found else "unstated",
            }


def _potentials(block: Block) -> int:
    """Return how many potentials a table of them holds."""
    column, header = _POTENTIALS[block.number]
    heads = [at for at, cells in block.numbered() if cells[column] == header]
    if len(heads) != 1:
        raise block.changed(block.start + 2, column, header)
    return sum(bool(cells[column]) for at, cells in block.numbered() if at > heads[0])


@cache
def _activities() -> dict[tuple[str, str, str, str], tuple[str, str | None]]:
    """Return (table, part, line, unit) → activity and note."""
    columns = ("table", "part", "item", "per_unit", "activity", "note")
    rows = table.frame(table.shipped(table.DATA / SOURCE / "map.csv", required=columns))
    return {
        (number, part or "", item, per): (activity, note)
        for number, part, item, per, activity, note in rows.select(columns).iter_rows()
    }
