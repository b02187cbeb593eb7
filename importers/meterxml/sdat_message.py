"""The text of an SDAT-CH message E66 (validated metered data), its values in columns.

    ValidatedMeteredData_14
    ├── …_HeaderInformation   InstanceDocument (type, creation, status), BusinessScopeProcess (sector)
    └── MeteringData *        Interval, Resolution, …MeteringPoint, Product
        └── Observation *     Position/Sequence, Volume, Condition?

Namespaces differ between versions of the schema, local names do not.
Source: VSE/AES, Standardisierter Datenaustausch (SDAT-CH), XML schemas ValidatedMeteredData_1p2 to _1p4.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from bilanz.errors import FileRefused
from importers.formats import xml
from importers.meterxml.texts import CHUNK, Texts, shown

ROOT: Final = "ValidatedMeteredData"
LIMIT: Final = 256 * 1024**2
"""Largest message in bytes: 40 years of quarter hours have about as many."""

_NAMES: Final = frozenset({"MeteringData", "Observation"})
_POINT: Final = "MeteringPoint"


@dataclass(frozen=True, slots=True)
class Block:
    """One MeteringData as its texts.

    Attributes:
        last: number of its last value; those after the block before it are its own.
        kind: Consumption, Production, Virtual, …: what the name of the metering point's element begins with.
    """

    last: int
    start: str | None
    end: str | None
    resolution: str | None
    resolution_unit: str | None
    kind: str
    point: str | None
    product: str | None
    unit: str | None


@dataclass(frozen=True, slots=True)
class Message:
    """A message as its texts.

    Attributes:
        values: `__row` (number of the value), `sequence`, `volume`, `condition` (String).
        type, status, creation, sector: of the header; None where it does not say.
    """

    values: pl.DataFrame
    blocks: tuple[Block, ...]
    type: str | None
    status: str | None
    creation: str | None
    sector: str | None


@dataclass(slots=True)
class _Parser:
    """Gathers the texts while the elements pass."""

    texts: Texts
    names: xml.LocalNames
    blocks: list[Block]
    count: int = 0

    def take(self, element: xml.Element) -> None:
        """Take one element at its end."""
        if self.names[element.tag] == "Observation":
            self._value(element)
        else:
            self.blocks.append(_block(element, self.count))

    def _value(self, element: xml.Element) -> None:
        names = self.names
        sequence = volume = condition = None
        for part in element:
            name = names[part.tag]
            if name == "Volume":
                volume = part.text
            elif name == "Position":
                for inner in part:
                    if names[inner.tag] == "Sequence":
                        sequence = inner.text
            elif name == "Condition":
                condition = part.text
        columns = self.texts.columns
        columns["sequence"].append(sequence)
        columns["volume"].append(volume)
        columns["condition"].append(condition)
        self.count += 1
        if self.count % CHUNK == 0:
            self.texts.packed()


def parse(path: Path) -> Message:
    """Return the text of a message.

    Raises:
        FileRefused: too large, unsafe or broken XML, or another document.
    """
    parser = _Parser(Texts("sequence", "volume", "condition"), xml.LocalNames(), [])
    root = xml.read(path, items=parser.take, names=_NAMES, limit=LIMIT, marks=xml.MARKS)
    if not xml.local(root).startswith(ROOT):
        raise FileRefused(
            "{file}: the root element {name} is no message E66 of SDAT-CH.",
            code="not_sdat",
            file=path.name,
            name=shown(xml.local(root)),
        )
    header = next((child for child in root if xml.local(child).endswith("HeaderInformation")), root)
    document = ("InstanceDocument",)
    return Message(
        values=parser.texts.frame(),
        blocks=tuple(parser.blocks),
        type=xml.text(header, *document, "DocumentType", "ebIXCode"),
        status=xml.text(header, *document, "Status"),
        creation=xml.text(header, *document, "Creation"),
        sector=xml.text(header, "BusinessScopeProcess", "BusinessSectorType"),
    )


def _block(element: xml.Element, last: int) -> Block:
    point = next((child for child in element if xml.local(child).endswith(_POINT)), None)
    return Block(
        last=last,
        start=xml.text(element, "Interval", "StartDateTime"),
        end=xml.text(element, "Interval", "EndDateTime"),
        resolution=xml.text(element, "Resolution", "Resolution"),
        resolution_unit=xml.text(element, "Resolution", "Unit"),
        kind=xml.local(point).removesuffix(_POINT) if point is not None else "",
        point=next(_texts(point), None) if point is not None else None,
        product=xml.text(element, "Product", "ID"),
        unit=xml.text(element, "Product", "MeasureUnit"),
    )


def _texts(element: xml.Element) -> Iterator[str]:
    """Yield the texts within an element: the identifier of a point is named by its scheme."""
    for one in element.iter():
        if text := (one.text or "").strip():
            yield text
