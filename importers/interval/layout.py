"""The columns of an interval file: where time, values, units and identities stand.

A file may hold several tables side by side (daily sums beside quarter hours): a group is one set of time
columns with its value columns. What the header does not say may stand above the table.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from bilanz import units
from bilanz.activity import folded
from bilanz.records import Direction
from importers.formats.delimited import Delimited, Line
from importers.interval import stated, vocabulary

_PARTS: Final = re.compile(r"\b(hochtarif|niedertarif|ht|nt)\b|\b[12]\.[89]\.[1-9]\b", re.IGNORECASE)
_WHOLES: Final = re.compile(r"\b(gesamt|summe|total|einheitstarif)\b|\b[12]\.[89]\.0\b", re.IGNORECASE)
_DERIVED: Final = re.compile(
    r"eigenverbrauch|self[ -]?consumption|residuallast|residual load|pumpspeicher", re.IGNORECASE
)
"""What follows from other columns: generation less feed-in, load less wind and sun, a part of the load."""

_EXTREME: Final = re.compile(r"\b(min|max|minimum|maximum|minimal\w*|maximal\w*)\b", re.IGNORECASE)
"""Lowest and highest power of an interval: only the mean is energy."""

_NEVER: Final = re.compile(
    r"\b(prognose\w*|forecast|plan(?:wert|menge)?|soll(?:wert)?|budget\w*"
    r"|vorjahre?s?\w*|(?:previous|last) year)\b",
    re.IGNORECASE,
)
"""What was expected, or metered in another year."""

_TOTAL: Final = re.compile(r"\b(gesamt\w*|summe\w*|total\w*|insgesamt)\b", re.IGNORECASE)
_TOTAL_PREFIX: Final = re.compile(r"\b(gesamt|summen|summe|total)(?=\w)", re.IGNORECASE)
_BRACKETS: Final = re.compile(r"\([^)]*\)|\[[^]]*\]")
_WORD: Final = re.compile(r"\w+")
_DAVON: Final = re.compile(r"\b(davon|thereof)\b", re.IGNORECASE)
_SHARE: Final = re.compile(r"\b([12])\.9\.0 ([GP]\.0[0-9])\b")
_METERED: Final = (("1", "P.01"), ("1", "G.01"), ("2", "G.01"), ("2", "P.01"))
"""OBIS codes of Austrian energy communities: what the meter drew from the grid or fed in comes first; the
other columns are shares the community allots (EDA, codes of the data format ConsumptionRecord)."""
_KEYS: Final = frozenset(
    (
        *("energieart", "medium", "sparte", "commodity", "energietrager", "energierichtung", "richtung"),
        *("produkt", "messgrosse", "kennzahl", "obis", "obis code", "obis kennzahl", "wertetyp"),
        "type of readings",
    )
)
"""Notes whose text may say activity or direction; a name or an address must not."""


@dataclass(frozen=True, slots=True)
class Value:
    """A column of values.

    Attributes:
        place: position of the column.
        title: header text.
        unit: canonical code; None: the file does not state one here.
        refused: a unit that is no quantity, as written.
        status: position of the status column that belongs to it.
        direction, activity: as header or notes state them.
        source: identifier or label by which the header names the series.
        total: a sum of the column stated in the header, in `unit`.
        is_reversed: the sender writes what counts with a minus sign.
    """

    place: int
    title: str
    unit: str | None = None
    refused: str | None = None
    status: int | None = None
    direction: Direction | None = None
    activity: str | None = None
    source: str | None = None
    total: Decimal | None = None
    is_reversed: bool = False

    @property
    def is_power(self) -> bool:
        """The values are mean power, not energy."""
        return self.unit is not None and units.dimension(self.unit) == "power"


@dataclass(frozen=True, slots=True)
class Group:
    """One set of time columns and the values that belong to it (positions; date and clock may be apart).

    Attributes:
        begin: columns of the beginning of the interval; or of the stamp where `kind` is "stamp" or "end".
        end: columns of its end; empty where only one time is given.
        kind: "begin", "end" or "stamp" (the header does not say which).
    """

    begin: tuple[int, ...]
    end: tuple[int, ...]
    kind: str
    values: tuple[Value, ...]
    ignored: tuple[int, ...]
    meter: int | None = None
    obis: int | None = None
    unit: int | None = None
    meter_above: str | None = None
    direction: int | None = None
    tariff: int | None = None

    def key_places(self) -> tuple[int | None, ...]:
        """Return the positions of the columns that say to which series a row belongs (see `series.parts`)."""
        return self.meter, self.obis, self.unit, self.direction, self.tariff

    def places(self) -> list[int]:
        """Return the positions of all columns that are read, ascending."""
        found = {*self.begin, *self.end, *(value.place for value in self.values)}
        found |= {value.status for value in self.values if value.status is not None}
        return sorted(found | {place for place in self.key_places() if place is not None})


def score(fields: Sequence[str]) -> int:
    """Return how much a line looks like the header of interval data (see `formats.delimited.Score`)."""
    roles = [vocabulary.role(text.strip()) for text in fields if text.strip()]
    if not any(role in vocabulary.TIME_ROLES for role in roles) or "value" not in roles:
        return 0
    return sum(role is not None for role in roles) * 2 - roles.count(None)


def groups(
    file: Delimited,
    unit: str | None = None,
    without: frozenset[int] | None = None,
    below: Sequence[str] = (),
) -> list[Group]:
    """Return the groups of a file; empty where no column of values stands beside a time.

    Args:
        file: the opened file.
        unit: of the registered source, where the file names none.
        without: columns of tariffs that are left out (see `tariffs`); None: all beside a column of the whole.
        below: units of the columns in the line below the header (see `stated.units_below`).
    """
    spans = list(_spans(file.header))
    found = []
    for low, high in spans:
        texts = _notes(file.lines, low, high) if len(spans) > 1 else _notes(file.lines, 0, file.width)
        group = _group(file.header, low, high, texts, unit, without, below)
        if group is not None and group.values:
            found.append(group)
    return found


def _spans(header: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the ranges of columns: a new one begins where a time role comes back behind a value."""
    low, seen, has_value = 0, set[str](), False
    for place, text in enumerate(header):
        role = vocabulary.role(text) or ""
        if role in seen and role in vocabulary.TIME_ROLES and has_value:
            yield low, place
            low, seen, has_value = place, set(), False
        seen.add(role)
        has_value = has_value or role == "value"
    yield low, len(header)


def _notes(lines: Sequence[Line], low: int, high: int) -> list[tuple[str, str]]:
    """Return (folded key, text) of the cells above the columns; the key is "" for a cell alone."""
    found = []
    for place, (_, fields) in enumerate(lines):
        cells = [text.strip() for text in fields]
        filled = [text for text in cells if text]
        above = [text.strip() for text in lines[place - 1][1]] if place else []
        if len(filled) == len({*filled}) == 2:  # noqa: PLR2004 - a key and its value
            found.append((folded(filled[0]), filled[1]))
        elif _are_names(above, cells):
            found += [(folded(key), text) for key, text in zip(above, cells, strict=True) if text]
        else:
            found += [("", text) for text in cells[low:high] if text]
    return found


def _are_names(above: Sequence[str], cells: Sequence[str]) -> bool:
    """Return whether the line above names the cells of this one."""
    least = 3
    return len(above) == len(cells) and all(sum(map(bool, line)) >= least for line in (above, cells))


def _group(
    header: Sequence[str],
    low: int,
    high: int,
    notes: Sequence[tuple[str, str]],
    unit: str | None,
    without: frozenset[int] | None,
    below: Sequence[str],
) -> Group | None:
    places: dict[str, list[int]] = {}
    for place in range(low, high):
        places.setdefault(vocabulary.role(header[place]) or "", []).append(place)
    times = _times({role: found[0] for role, found in places.items()})
    if times is None or "value" not in places:
        return None
    begin, end, kind = times
    unit_place = next(iter(places.get("unit", ())), None)
    context = [(key, text) for key, text in notes if not key or key in _KEYS]
    above, unreadable = stated.unit_above(notes)
    values = [_value(header[place], place, context) for place in places["value"]]
    values = [_with_status(value, places.get("status", []), high) for value in values]
    if unit_place is None:
        values = [
            _with_unit(value, below[value.place : value.place + 1], above, unreadable, unit)
            for value in values
        ]
    kept = _labelled(_chosen(values, without))
    unused = (*places.get("register", ()), *places["value"])
    meters = sorted(places.get("meter", ()), key=lambda place: vocabulary.meter_rank(header[place]))
    taken = {value.place for value in kept}
    return Group(
        begin,
        end,
        kind,
        tuple(kept),
        tuple(place for place in unused if place not in taken),
        meter=meters[0] if meters else None,
        obis=next(iter(places.get("obis", ())), None),
        unit=unit_place if any(value.unit is None for value in kept) else None,
        meter_above=_meter_above(notes),
        direction=next(iter(places.get("direction", ())), None),
        tariff=next(iter(places.get("tariff", ())), None),
    )


def _with_unit(
    value: Value, below: Sequence[str], above: str | None, unreadable: str | None, unit: str | None
) -> Value:
    """Return a value with its unit: of the header, the line below it, the notes above it, the source."""
    own = next(iter(below), "")
    if own and value.refused is None:
        code = stated.known_unit(own, stated.QUANTITIES)
        if code is None or value.unit not in {None, code}:
            return replace(value, unit=None, refused=own)
        return replace(value, unit=code)
    if value.unit is None and value.refused is None and above is None and unreadable is not None:
        return replace(value, refused=unreadable)
    return replace(value, unit=value.unit or above or (None if value.refused else unit))


def _times(at: Mapping[str, int]) -> tuple[tuple[int, ...], tuple[int, ...], str] | None:
    """Return the columns of begin and end, and what a lone stamp is."""

    def pair(date: str, clock: str) -> tuple[int, ...]:
        day = at.get(date, at.get("date"))
        return (day, at[clock]) if clock in at and day is not None else ()

    def one(*roles: str) -> tuple[int, ...]:
        return tuple(at[role] for role in roles if role in at)[:1]

    begin = pair("date_begin", "clock_begin") or one("begin", "date_begin")
    end = pair("date_end", "clock_end") or one("end", "date_end")
    if begin:
        return begin, end, "begin"
    if end:
        return end, (), "end"
    stamp = pair("date", "clock") or one("stamp", "date")
    return (stamp, (), "stamp") if stamp else None


def _value(title: str, place: int, context: Sequence[tuple[str, str]]) -> Value:
    unit, refused, total = stated.unit_of(title)
    ways = [title, *(text if key else vocabulary.told_direction(text) for key, text in context)]
    media = [title, *(text if key else vocabulary.told_activity(text) for key, text in context)]
    return Value(
        place,
        title,
        unit,
        refused,
        direction=vocabulary.direction_in(ways),
        activity=vocabulary.activity_in(media),
        source=vocabulary.meter_in([title]),
        total=total,
    )


def _with_status(value: Value, places: Sequence[int], high: int) -> Value:
    """Attach the status column between this value and the next, else the only one of the group."""
    behind = [place for place in places if value.place < place < high]
    return replace(value, status=min(behind)) if behind else replace(value, status=next(iter(places), None))


def _chosen(values: Sequence[Value], without: frozenset[int] | None) -> list[Value]:
    """Leave out what repeats another column: power beside energy, tariffs beside their sum."""
    values = [value for value in values if not (value.is_power and _EXTREME.search(value.title))]
    values = [value for value in values if not _NEVER.search(value.title)]
    energy = [value for value in values if not value.is_power]
    kept = energy if energy and len(energy) < len(values) else list(values)
    kept = [value for value in kept if not _DERIVED.search(value.title)] or kept
    kept = _without_totals(_in_one_unit(_metered(kept)))
    if without is not None:
        return [value for value in kept if value.place not in without]
    if any(_WHOLES.search(value.title) for value in kept):
        kept = [value for value in kept if not is_part(value.title)]
    return kept


def _metered(values: list[Value]) -> list[Value]:
    """Return the column of the meter where the others are shares an energy community allots."""
    codes = {found.groups(): value for value in values if (found := _SHARE.search(value.title))}
    if len(codes) < 2:  # noqa: PLR2004 - nothing stands beside it
        return values
    return next(([codes[code]] for code in _METERED if code in codes), values)


def _in_one_unit(values: list[Value]) -> list[Value]:
    """Leave out columns that state the same in another unit: cubic metres beside kilowatt hours."""
    alike: dict[tuple[str, ...], list[Value]] = {}
    for value in values:
        bare = stated.BRACKET.sub(" ", value.title)
        tokens = (token for token in bare.split() if stated.known_unit(token, stated.QUANTITIES) is None)
        alike.setdefault(vocabulary.words(" ".join(tokens)), []).append(value)
    left = set[int]()
    for words, same in alike.items():
        if not words or len({value.unit for value in same}) < len(same) or None in {v.unit for v in same}:
            continue
        energy = [value for value in same if units.dimension(value.unit or "") == "energy"]
        left |= {value.place for value in same} - {(energy or same)[0].place}
    return [value for value in values if value.place not in left]


def _without_totals(values: list[Value]) -> list[Value]:
    """Leave out sums of other columns of the same direction, and parts of a sum that is there ("davon").

    The tariffs of one meter and their sum are another matter (see `tariffs`).
    """
    totals = [value for value in values if _TOTAL.search(value.title) and not is_part(value.title)]
    others = [value for value in values if not is_whole(value.title) and not is_part(value.title)]
    others = [value for value in others if value not in totals]
    parts = [value for value in others if _DAVON.search(value.title)]
    if parts and len(parts) < len(values):
        return [value for value in values if value not in parts]

    def repeats(total: Value) -> bool:
        return any(_may_hold(total, other) for other in others)

    return [value for value in values if value not in totals or not repeats(value)]


def _may_hold(total: Value, other: Value) -> bool:
    """Return whether a column of a total may hold another one: nothing its header says speaks against it.

    "Strom gesamt" holds no gas, "Gebäude A gesamt" nothing of building B.
    """
    said = (vocabulary.direction_in, vocabulary.activity_in)
    whole = _TOTAL_PREFIX.sub("", total.title)
    pairs = [(of([whole]), of([other.title])) for of in said]
    if any(own is not None and way is not None and own != way for own, way in pairs):
        return False
    return _named_things(total.title) <= _named_things(other.title)


def _named_things(title: str) -> set[str]:
    """Return the words of a header that say neither total, direction, medium nor unit: what it is about."""
    words = {word.casefold() for word in _WORD.findall(_BRACKETS.sub(" ", title))}
    said = (vocabulary.direction_in, vocabulary.activity_in)
    return {word for word in words if not _TOTAL.search(word) and not any(of([word]) for of in said)}


def is_part(title: str) -> bool:
    """Return whether a header names the part of a tariff."""
    return _PARTS.search(title) is not None


def is_whole(title: str) -> bool:
    """Return whether a header names the sum of all tariffs, or the only one."""
    return _WHOLES.search(title) is not None


def _labelled(values: Sequence[Value]) -> list[Value]:
    """Name the series by their headers where several columns give the same direction of one meter."""

    def is_alone(value: Value) -> bool:
        return sum((one.direction, one.source) == (value.direction, value.source) for one in values) == 1

    return [value if is_alone(value) else replace(value, source=value.title) for value in values]


def _meter_above(notes: Sequence[tuple[str, str]]) -> str | None:
    """Return the metering point stated above the table."""
    for key, text in notes:
        if key and vocabulary.role(key) == "meter":
            return text
    return vocabulary.meter_in(text for _, text in notes)
