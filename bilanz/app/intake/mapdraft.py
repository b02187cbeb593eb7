"""What the columns of an unknown file seem to be: the draft of a mapping profile, for a person to confirm.

Nothing here decides: a suggestion is what the header says in so many words, and every one is asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import polars as pl

from bilanz import activity, units
from bilanz.activity import folded
from bilanz.errors import FileRefused
from bilanz.messages import Language, translate
from importers.base import FileSample
from importers.columns.headers import Field as DeclaredField
from importers.columns.headers import Match, match
from importers.interval import vocabulary
from importers.profiles.profile import INTERVAL_FIELDS, TABLE_FIELDS
from importers.upload.fields import UPLOAD_FIELDS, declared_field, declared_fields
from importers.upload.table import open_table, sample_headers

_SHOWN: Final = 3
_LEAST: Final = 2
_EXTRA: Final = {
    "date": ("datum", "tag", "day"),
    "year": ("jahr", "year", "kalenderjahr"),
    "month": ("monat", "month"),
}
_NAMES: Final[dict[str, str]] = {
    **{one.name: one.de for one in UPLOAD_FIELDS},
    "date": "Datum",
    "year": "Jahr",
    "month": "Monat",
    "begin": "Beginn",
    "stamp": "Zeitstempel",
    "clock": "Uhrzeit",
    "meter": "Zähler",
    "obis": "OBIS",
    "status": "Status",
    "value": "Messwert",
}
_ROLES: Final = {"date_begin": "date", "clock_begin": "clock", "begin": "begin", "end": "end"}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What one column seems to be.

    Attributes:
        title: header text.
        examples: some of its texts.
        field: of the profile; None: nothing suggests one.
        activity, unit, basis: of a column of quantities, as far as its header names them.
    """

    title: str
    examples: tuple[str, ...]
    field: str | None = None
    activity: str | None = None
    unit: str | None = None
    basis: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A file as it presents itself to who maps it.

    Attributes:
        header: header texts, blank ones left out.
        is_interval: the header looks like values at regular times.
    """

    file: str
    header: tuple[str, ...]
    columns: tuple[Suggestion, ...]
    is_interval: bool
    rows: int = 0
    given: dict[str, str] = field(default_factory=dict)


def draft_fields() -> list[DeclaredField]:
    """Return the fields by whose names the header of an unknown table is found."""
    return [*declared_fields(), *(declared_field(name, names) for name, names in _EXTRA.items())]


def draft(path: Path) -> Draft:
    """Return the draft of a file.

    Raises:
        FileRefused: no table can be seen in it.
    """
    fields = draft_fields()
    if not any(len(row) >= _LEAST for row in sample_headers(FileSample.of(path))):
        message = "{file}: no table can be seen in it, so that its columns cannot be mapped."
        raise FileRefused(message, code="no_header", file=path.name)
    table = open_table(path, lambda header: len(match(header, fields).positions))
    found = match(table.header, fields)
    roles = [vocabulary.role(text) for text in table.header]
    is_interval = "value" in roles and any(role in vocabulary.TIME_ROLES for role in roles)
    columns = [
        _suggestion(text, place, found, table.frame, is_interval=is_interval)
        for place, text in enumerate(table.header)
        if text.strip()
    ]
    header = tuple(text.strip() for text in table.header if text.strip())
    return Draft(path.name, header, tuple(columns), is_interval, table.frame.height)


def _suggestion(
    title: str, place: int, found: Match, frame: pl.DataFrame, *, is_interval: bool
) -> Suggestion:
    texts = frame[str(place)].drop_nulls().str.strip_chars()
    examples = tuple(texts.filter(texts != "").unique(maintain_order=True).head(_SHOWN))
    name = next((name for name, at in found.positions.items() if at == place), None)
    if is_interval:
        role = vocabulary.role(title)
        known = {name: name for name in INTERVAL_FIELDS}
        name = (_ROLES | known).get(role or "")
    carrier, unit, basis = carrier_of(title)
    is_quantity = name in {None, "quantity", "value"} and (unit is not None or carrier is not None)
    if not is_quantity:
        return Suggestion(title.strip(), examples, name)
    quantity = "value" if is_interval else "quantity"
    return Suggestion(title.strip(), examples, quantity, carrier, unit, basis)


def carrier_of(title: str) -> tuple[str | None, str | None, str | None]:
    """Return (activity, unit, basis) a header such as `Gas (kWh Hs)` names in so many words."""
    words = title.replace("[", " ").replace("]", " ").replace("(", " ").replace(")", " ").split()
    unit, basis = None, None
    for size in (3, 2, 1):
        if len(words) >= size and (spelling := units.find(" ".join(words[-size:]))) is not None:
            unit, basis = spelling.unit, spelling.basis
            words = words[:-size]
            break
    if words and words[-1].casefold() == "in":
        words = words[:-1]
    named = activity.find(" ".join(words)) or next(
        (code for word in words if (code := activity.find(word)) is not None), None
    )
    return named, unit, basis


def field_names(kind: str, language: Language) -> dict[str, str]:
    """Return field → what people call it, for a kind of profile."""
    names = TABLE_FIELDS if kind == "table" else INTERVAL_FIELDS
    return {name: _NAMES.get(name, name) if language == "de" else name for name in names}


def find_field(text: str, kind: str) -> str | None:
    """Return the field of a kind of profile a text names, in German or English; None: it names none."""
    spelled = {
        folded(word): name
        for name in (TABLE_FIELDS if kind == "table" else INTERVAL_FIELDS)
        for word in (name, _NAMES.get(name, name))
    }
    return spelled.get(folded(text))


def period_of(fields: Sequence[str]) -> str | None:
    """Return how a table with these fields states its periods; None: not at all."""
    has = set(fields)
    if {"start", "end"} <= has:
        return "stated"
    for name, period in (("month", "month"), ("year", "year"), ("date", "day")):
        if name in has:
            return period
    return None


def described(suggestion: Suggestion, kind: str, language: Language) -> str:
    """Return a suggestion in words; empty: there is none."""
    if suggestion.field is None:
        return ""
    name = field_names(kind, language)[suggestion.field]
    parts = [
        activity.activity(suggestion.activity).name(language) if suggestion.activity else None,
        suggestion.unit,
        suggestion.basis,
    ]
    told = ", ".join(part for part in parts if part)
    return translate("{field}: {told}", language, field=name, told=told) if told else name
