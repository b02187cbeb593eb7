"""Reads workbooks back as they are in the file: values, formulas, names. No spreadsheet program is needed."""

import re
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

from lxml import etree

NS = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass(frozen=True)
class Cell:
    """A cell: its value as stored, and its formula where it has one."""

    value: str | float | None
    formula: str | None = None


Sheet = dict[str, Cell]


def sheets(path: Path) -> dict[str, Sheet]:
    """Return sheet → address → cell, in the order of the file."""
    with ZipFile(path) as archive:
        shared = _shared(archive)
        book = _xml(archive, "xl/workbook.xml")
        targets = {
            entry.get("Id"): entry.get("Target") for entry in _xml(archive, "xl/_rels/workbook.xml.rels")
        }
        return {
            entry.get("name"): _cells(_xml(archive, f"xl/{targets[entry.get(RELATION)]}"), shared)
            for entry in book.iterfind("m:sheets/m:sheet", NS)
        }


def names(path: Path) -> dict[str, str]:
    """Return defined name → what it refers to."""
    with ZipFile(path) as archive:
        found = _xml(archive, "xl/workbook.xml").iterfind("m:definedNames/m:definedName", NS)
        return {entry.get("name"): entry.text or "" for entry in found}


def rows(sheet: Sheet) -> list[list[Cell]]:
    """Return the rows with every column up to the last filled one; empty rows are empty lists."""
    placed: dict[int, dict[int, Cell]] = {}
    for address, cell in sheet.items():
        letters, digits = re.fullmatch(r"([A-Z]+)(\d+)", address).groups()  # type: ignore[union-attr]  # an address that is none fails the test here
        column = 0
        for letter in letters:
            column = column * 26 + ord(letter) - 64
        placed.setdefault(int(digits), {})[column] = cell
    return [
        [placed.get(row, {}).get(at, Cell(None)) for at in range(1, max(placed.get(row, {0: 0})) + 1)]
        for row in range(1, max(placed, default=0) + 1)
    ]


def texts(path: Path, name: str) -> list[list[str]]:
    """Return a sheet as rows of text; a missing value is empty."""
    return [
        ["" if cell.value is None else str(cell.value) for cell in row] for row in rows(sheets(path)[name])
    ]


def as_text(path: Path, first: int) -> str:
    """Return the first rows of every sheet as text, for people and for comparison."""
    told = []
    for name, sheet in sheets(path).items():
        told.append(f"# {name}")
        read = rows(sheet)
        told += [" | ".join(_shown(cell) for cell in row) for row in read[:first]]
        told += [f"… {len(read) - first} more rows"] if len(read) > first else []
        told.append("")
    told += [f"{name} → {target}" for name, target in names(path).items()]
    return "\n".join(line.rstrip() for line in told) + "\n"


def _shown(cell: Cell) -> str:
    value = "" if cell.value is None else str(cell.value)
    return f"{value} ={cell.formula}" if cell.formula else value


def _xml(archive: ZipFile, name: str) -> etree._Element:
    return etree.fromstring(archive.read(name))


def _shared(archive: ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in archive.namelist():
        return []
    found = _xml(archive, "xl/sharedStrings.xml").iterfind("m:si", NS)
    return ["".join(part.text or "" for part in entry.iterfind(".//m:t", NS)) for entry in found]


def _cells(root: etree._Element, shared: list[str]) -> Sheet:
    found: Sheet = {}
    for cell in root.iterfind(".//m:c", NS):
        formula = cell.findtext("m:f", namespaces=NS)
        value: str | float | None = cell.findtext("m:v", namespaces=NS)
        match cell.get("t"):
            case "s":
                value = shared[int(value or 0)]
            case "inlineStr":
                value = "".join(part.text or "" for part in cell.iterfind(".//m:t", NS))
            case "str":
                pass  # the text of a formula stands as it is
            case _:
                value = float(value) if value is not None else None
        if value is not None or formula:
            found[cell.get("r")] = Cell(value, formula)
    return found
