"""The list of indicators of an organisation, `indicators.toml` in the data directory: docs/exports.md."""

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from bilanz.app.settings import Settings
from bilanz.errors import UnknownName, UsageError

if TYPE_CHECKING:
    from reports.indicator import Indicator

FILE: Final = "indicators.toml"


def indicators(settings: Settings) -> "tuple[Indicator, ...]":
    """Return the indicators in the order of the file; empty where there is none.

    Raises:
        UsageError: the file is no TOML, an entry is incomplete, or an identifier stands twice.
    """
    path = settings.data / FILE
    if not path.exists():
        return ()
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError("{file} cannot be read ({reason}).", file=path, reason=error) from error
    entries = told.get("indicator")
    if set(told) != {"indicator"} or not isinstance(entries, list):
        raise UsageError("{file} must hold [[indicator]] entries and nothing else.", file=path)
    found = tuple(_read(path, place, entry) for place, entry in enumerate(entries, start=1))
    twice = [entry.id for place, entry in enumerate(found) if entry.id in {e.id for e in found[:place]}]
    if twice:
        raise UsageError('{file}: the indicator "{name}" stands twice.', file=path, name=twice[0])
    return found


def _read(path: Path, place: int, entry: object) -> "Indicator":
    """Return one entry, checked."""
    from reports.indicator import Indicator

    try:
        found = Indicator.model_validate(entry)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        message = "{file}, indicator {place}, {field}: {reason}."
        raise UsageError(message, file=path, place=place, field=field, reason=first["msg"]) from error
    _check(path, found)
    return found


def _check(path: Path, entry: "Indicator") -> None:
    """Refuse an entry that says too much or too little: a value or an explanation, never neither.

    Raises:
        UsageError: names the entry and what it lacks.
        UnknownName: the figure is none of the balance.
    """
    from reports.indicator import FIGURES

    name = entry.id
    if entry.figure is not None and entry.value:
        message = '{file}: "{name}" states a figure of the balance and a value. Leave one out.'
        raise UsageError(message, file=path, name=name)
    if entry.figure is None and not entry.value and not entry.explanation:
        message = '{file}: "{name}" has neither figure nor value nor explanation.'
        raise UsageError(message, file=path, name=name)
    if entry.value and not (entry.source and entry.unit):
        raise UsageError('{file}: "{name}" has a value and needs unit and source.', file=path, name=name)
    if entry.per is not None and entry.figure is None:
        raise UsageError('{file}: "{name}" divides a figure it does not name.', file=path, name=name)
    if entry.figure is not None and entry.figure not in FIGURES:
        message = '{file}: "{name}" names the figure "{figure}". There are: {known}.'
        raise UnknownName(message, file=path, name=name, figure=entry.figure, known=", ".join(FIGURES))
    if wrong := [year for year in entry.value if not year.isdecimal()]:
        raise UsageError(
            '{file}: "{name}" has a value of "{year}", which is no year.', file=path, name=name, year=wrong[0]
        )
