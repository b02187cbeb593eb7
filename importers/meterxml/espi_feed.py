"""The text of a Green Button feed (ESPI, Atom): resources that refer to each other by links.

    UsagePoint ◄── MeterReading ──► ReadingType          LocalTimeParameters
                        ▲
                  IntervalBlock *  (of one entry)
                  └── IntervalReading *  timePeriod/start, timePeriod/duration, value, ReadingQuality/quality

A block belongs to the MeterReading its address lies below, else to the one that links to it, else to the only
one there is; the same for types and points. Prefixes differ between senders, local names do not.
Source: NAESB REQ.21, Energy Services Provider Interface (ESPI), schema espi.xsd.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import polars as pl

from bilanz.errors import FileRefused
from importers.formats import xml
from importers.meterxml.texts import CHUNK, Texts, shown

ROOT: Final = "feed"
NAMESPACE: Final = "http://naesb.org/espi"
LIMIT: Final = 256 * 1024**2

_NAMES: Final = frozenset({"entry", "IntervalReading"})
_EMPTIED: Final = frozenset({"IntervalBlock"})
_KEPT: Final = frozenset({"UsagePoint", "MeterReading", "ReadingType", "LocalTimeParameters"})
_HOST: Final = re.compile(r"^[a-z]+://[^/]*", re.IGNORECASE)
_COLUMNS: Final = ("start", "duration", "value_text", "quality")


@dataclass(frozen=True, slots=True)
class Resource:
    """One entry of the feed.

    Attributes:
        path: its own address without host.
        up: that of its collection.
        related: addresses it links to.
        texts: name of an element → its text, the elements within elements as `ServiceCategory/kind`.
    """

    kind: str
    path: str
    up: str
    related: tuple[str, ...]
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Series:
    """One MeterReading with what it refers to; None: the feed does not hold it or does not say which."""

    reading: Resource | None
    type: Resource | None
    point: Resource | None


@dataclass(slots=True)
class Feed:
    """A feed as its texts.

    Attributes:
        values: `__row` (number of the value), `start`, `duration`, `value_text`, `quality` (String).
        blocks: number of the last value and path of each entry with values.
    """

    values: pl.DataFrame
    blocks: list[tuple[int, Resource]]
    resources: dict[str, list[Resource]]

    def series(self) -> list[tuple[int, Series]]:
        """Return the last value of each entry with values, and the series it belongs to."""
        readings = _Index(self.resources.get("MeterReading", ()))
        types = _Index(self.resources.get("ReadingType", ()))
        points = _Index(self.resources.get("UsagePoint", ()))
        found: dict[str | None, Series] = {}
        placed = []
        for last, block in self.blocks:
            reading = readings.above(block.path, "IntervalBlock") or readings.linking(block.path, block.up)
            reading = reading or readings.only
            key = reading.path if reading is not None else None
            if key not in found:
                found[key] = _resolved(reading, types, points)
            placed.append((last, found[key]))
        return placed

    def times(self) -> Mapping[str, str]:
        """Return the texts of the LocalTimeParameters; nothing where there are none or several differ."""
        stated = [one.texts for one in self.resources.get("LocalTimeParameters", ())]
        return stated[0] if stated and all(one == stated[0] for one in stated) else {}


def _resolved(reading: Resource | None, types: "_Index", points: "_Index") -> Series:
    if reading is None:
        return Series(None, types.only, points.only)
    point = points.above(reading.path, "MeterReading") or points.linking(reading.path, reading.up)
    return Series(reading, types.at(reading.related) or types.only, point or points.only)


@dataclass(slots=True)
class _Index:
    """Resources of one kind by their addresses and by what they link to."""

    resources: Iterable[Resource]
    only: Resource | None = field(init=False)
    _paths: dict[str, Resource] = field(init=False)
    _links: dict[str, Resource] = field(init=False)

    def __post_init__(self) -> None:
        every = list(self.resources)
        self.only = every[0] if len(every) == 1 else None
        self._paths = {one.path: one for one in every if one.path}
        self._links = {link: one for one in every for link in one.related}

    def at(self, paths: Iterable[str]) -> Resource | None:
        return next((self._paths[path] for path in paths if path in self._paths), None)

    def above(self, path: str, collection: str) -> Resource | None:
        return self._paths.get(path.partition(f"/{collection}")[0]) if path else None

    def linking(self, *paths: str) -> Resource | None:
        return next((self._links[path] for path in paths if path and path in self._links), None)


@dataclass(slots=True)
class _Parser:
    """Gathers the texts while the elements pass, from the inside to the outside."""

    texts: Texts
    names: xml.LocalNames = field(default_factory=xml.LocalNames)
    blocks: list[tuple[int, Resource]] = field(default_factory=list)
    resources: dict[str, list[Resource]] = field(default_factory=dict)
    count: int = 0
    before: int = 0

    def take(self, element: xml.Element) -> None:
        """Take one element at its end."""
        if self.names[element.tag] == "IntervalReading":
            self._value(element)
        else:
            self._entry(element)

    def _value(self, element: xml.Element) -> None:
        start = duration = value = quality = None
        for part in element:
            name = self.names[part.tag]
            if name == "value":
                value = part.text
            elif name == "timePeriod":
                for inner in part:
                    if self.names[inner.tag] == "start":
                        start = inner.text
                    elif self.names[inner.tag] == "duration":
                        duration = inner.text
            elif name == "ReadingQuality":
                codes = [(inner.text or "").strip() for inner in part if self.names[inner.tag] == "quality"]
                quality = " ".join([quality or "", *codes])
        for column, text in zip(self.texts.columns.values(), (start, duration, value, quality), strict=True):
            column.append(text)
        self.count += 1
        if self.count % CHUNK == 0:
            self.texts.packed()

    def _entry(self, element: xml.Element) -> None:
        content = xml.child(element, "content")
        inside = next(iter(content), None) if content is not None else None
        kind = xml.local(inside) if inside is not None else ""
        has_values = self.count > self.before
        if not has_values and kind not in _KEPT:
            return
        texts = dict(_texts(inside)) if inside is not None and not has_values else {}
        resource = _resource(element, kind, texts)
        if has_values:
            self.blocks.append((self.count, resource))
            self.before = self.count
        else:
            self.resources.setdefault(kind, []).append(resource)


def parse(path: Path) -> Feed:
    """Return the text of a feed.

    Raises:
        FileRefused: too large, unsafe or broken XML, or another document.
    """
    parser = _Parser(Texts(*_COLUMNS))
    root = xml.read(path, items=parser.take, names=_NAMES, drop=_EMPTIED, limit=LIMIT, marks=xml.MARKS)
    if xml.local(root) != ROOT:
        raise FileRefused(
            "{file}: the root element {name} is no Green Button feed.",
            code="not_green_button",
            file=path.name,
            name=shown(xml.local(root)),
        )
    return Feed(parser.texts.frame(), parser.blocks, parser.resources)


def _resource(element: xml.Element, kind: str, texts: Mapping[str, str]) -> Resource:
    links: dict[str, list[str]] = {"self": [], "up": [], "related": []}
    for link in xml.children(element, "link"):
        links.setdefault((link.get("rel") or "").strip(), []).append(_path(link.get("href")))
    own, up = (next(iter(links[name]), "") for name in ("self", "up"))
    return Resource(kind, own, up, tuple(links["related"]), texts)


def _path(href: str | None) -> str:
    return _HOST.sub("", (href or "").strip()).strip("/")


def _texts(element: xml.Element) -> Iterable[tuple[str, str]]:
    for part in element:
        name = xml.local(part)
        if text := (part.text or "").strip():
            yield name, text
        for inner in part:
            if text := (inner.text or "").strip():
                yield f"{name}/{xml.local(inner)}", text
