"""The text of an Austrian ConsumptionRecord (EDA, message DATEN_CRMSG), its values in columns.

    ConsumptionRecord
    ├── MarketParticipantDirectory   DocumentMode, Sector, RoutingHeader/DocumentCreationDateTime
    └── ProcessDirectory             MeteringPoint
        └── Energy *                 period, interval, number of intervals
            └── EnergyData *         MeterCode, UOM
                └── EP *             DTF, DTT, MM, BQ

Prefixes and versions of the namespaces differ (01p31, 01p41), local names do not.
Source: ebutilities.at, schema ConsumptionRecord 01.31 and 01.41.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from bilanz.errors import FileRefused
from importers.formats import xml
from importers.meterxml.texts import CHUNK, Texts, shown

ROOT: Final = "ConsumptionRecord"
LIMIT: Final = 256 * 1024**2

_NAMES: Final = frozenset({"EP", "EnergyData", "Energy", "ProcessDirectory"})
_COLUMNS: Final = {"DTF": "start", "DTT": "end", "MM": "method", "BQ": "quantity_text"}


@dataclass(slots=True)
class Block:
    """One EnergyData as its texts.

    Attributes:
        last: number of its last value; those after the block before it are its own.
        expected: stated number of intervals.
    """

    last: int
    code: str
    unit: str | None
    start: str | None = None
    end: str | None = None
    interval: str | None = None
    expected: str | None = None
    point: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A message as its texts.

    Attributes:
        values: `__row` (number of the value), `start`, `end`, `method`, `quantity_text` (String).
        mode: PROD, or SIMU for a test.
    """

    values: pl.DataFrame
    blocks: tuple[Block, ...]
    mode: str | None
    sector: str | None
    creation: str | None


@dataclass(slots=True)
class _Parser:
    """Gathers the texts while the elements pass, from the inside to the outside."""

    texts: Texts
    blocks: list[Block]
    names: xml.LocalNames
    count: int = 0
    timed: int = 0
    placed: int = 0

    def take(self, element: xml.Element) -> None:
        """Take one element at its end."""
        name = self.names[element.tag]
        if name == "EP":
            self._value(element)
        elif name == "EnergyData":
            self.blocks.append(
                Block(self.count, (element.get("MeterCode") or "").strip(), element.get("UOM"))
            )
        elif name == "Energy":
            self._period(element)
        else:
            self._point(element)

    def _value(self, element: xml.Element) -> None:
        found = dict.fromkeys(_COLUMNS.values())
        for part in element:
            column = _COLUMNS.get(self.names[part.tag])
            if column is not None:
                found[column] = part.text
        for column, text in found.items():
            self.texts.columns[column].append(text)
        self.count += 1
        if self.count % CHUNK == 0:
            self.texts.packed()

    def _period(self, element: xml.Element) -> None:
        for block in self.blocks[self.timed :]:
            block.start = xml.text(element, "MeteringPeriodStart")
            block.end = xml.text(element, "MeteringPeriodEnd")
            block.interval = xml.text(element, "MeteringIntervall") or xml.text(element, "MeteringInterval")
            block.expected = xml.text(element, "NumberOfMeteringIntervall")
        self.timed = len(self.blocks)

    def _point(self, element: xml.Element) -> None:
        for block in self.blocks[self.placed :]:
            block.point = xml.text(element, "MeteringPoint")
        self.placed = len(self.blocks)


def parse(path: Path) -> Message:
    """Return the text of a message.

    Raises:
        FileRefused: too large, unsafe or broken XML, or another document.
    """
    parser = _Parser(Texts(*_COLUMNS.values()), [], xml.LocalNames())
    root = xml.read(path, items=parser.take, names=_NAMES, limit=LIMIT, marks=xml.MARKS)
    if xml.local(root) != ROOT:
        raise FileRefused(
            "{file}: the root element {name} is no ConsumptionRecord of EDA.",
            code="not_eda",
            file=path.name,
            name=shown(xml.local(root)),
        )
    directory = xml.child(root, "MarketParticipantDirectory")
    return Message(
        values=parser.texts.frame(),
        blocks=tuple(parser.blocks),
        mode=directory.get("DocumentMode") if directory is not None else None,
        sector=xml.text(root, "MarketParticipantDirectory", "Sector"),
        creation=xml.text(root, "MarketParticipantDirectory", "RoutingHeader", "DocumentCreationDateTime"),
    )
