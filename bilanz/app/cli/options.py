"""Options that several commands share, and the settings made of them."""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from bilanz.errors import UsageError
from bilanz.messages import Language, default_language, translate

if TYPE_CHECKING:
    from bilanz.app.settings import Settings


def text(template: str) -> str:
    """Return a help text in the language of the environment."""
    return translate(template, default_language())


Json = Annotated[bool, typer.Option("--json", help=text("Print exactly one JSON object."))]
DataDirectory = Annotated[
    Path | None,
    typer.Option("--data-dir", help=text("Data directory (default: BILANZ_DATA or ./bilanz-data).")),
]
Lang = Annotated[str | None, typer.Option("--lang", help=text("Language of texts: de or en."))]
Wait = Annotated[
    float | None, typer.Option("--wait", help=text("Seconds to wait for a busy store (default 60)."))
]
By = Annotated[
    str | None, typer.Option("--by", help=text("Who does this (default: BILANZ_USER or the system's user)."))
]
Reason = Annotated[str | None, typer.Option("--reason", help=text("Why, for the audit trail."))]
Year = Annotated[int, typer.Option("--year", help=text("Calendar year of the balance."), min=1900, max=2200)]
Gwp = Annotated[str | None, typer.Option("--gwp", help=text("Global warming potentials: AR4, AR5 or AR6."))]
Books = Annotated[
    list[str] | None,
    typer.Option("--book", help=text("Book; may be repeated (default: all but supplementary).")),
]
SeriesNames = Annotated[
    list[str] | None,
    typer.Option("--series", help=text("Series that hourly books may take; may be repeated (default: all).")),
]
Organisation = Annotated[
    str | None, typer.Option("--org", help=text("Organisation and everything below it."))
]
Release = Annotated[
    str | None,
    typer.Option("--release", help=text('Factor release, by name or hash; "current": the factors in use.')),
]


def language(lang: str | None) -> Language:
    """Return the language asked for.

    Raises:
        UsageError: it is neither de nor en.
    """
    match lang:
        case None:
            return default_language()
        case "de":
            return "de"
        case "en":
            return "en"
    raise UsageError('The language "{name}" is not known: de or en.', name=lang)


def asked_language(arguments: Sequence[str]) -> Language:
    """Return the language of `--lang` among raw arguments, before they are parsed; else the environment's."""
    for name, value in pairwise([*arguments, ""]):
        option, _, joined = name.partition("=")
        if option == "--lang":
            return "de" if (joined or value) == "de" else "en"
    return default_language()


def settings(
    data_directory: Path | None = None,
    lang: str | None = None,
    wait: float | None = None,
    by: str | None = None,
) -> "Settings":
    """Return the settings of the environment, overridden by the options given.

    Raises:
        UsageError: a variable of the environment is not what it must be; its value may be a secret.
    """
    from pydantic import ValidationError

    from bilanz.app.settings import Settings

    given: dict[str, Any] = {"data": data_directory, "lang": lang and language(lang), "wait": wait}
    given["user"] = by
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        wrong = [".".join(str(part) for part in one["loc"]) for one in error.errors()]
        named = ", ".join(dict.fromkeys(f"BILANZ_{name.upper()}" for name in wrong))
        raise UsageError("Missing or not as it must be: {names}.", names=named) from None


def declarations(declared: list[str] | None) -> dict[str, str]:
    """Return column → format of `--declare COLUMN=FORMAT`.

    Raises:
        UsageError: an entry has no `=`.
    """
    pairs: dict[str, str] = {}
    for entry in declared or []:
        column, separator, form = entry.rpartition("=")
        if not separator or not column or not form:
            raise UsageError('"{entry}" is not COLUMN=FORMAT.', entry=entry)
        pairs[column] = form
    return pairs


def period(text_: str | None, zone: str) -> tuple[datetime, datetime] | None:
    """Return the period [start, end) in UTC of `A/B` (ISO 8601; a date alone is local midnight in `zone`).

    Raises:
        UsageError: it is not a period.
    """
    if text_ is None:
        return None
    parts = text_.split("/")
    message = '"{period}" is not a period: START/END in ISO 8601, end exclusive, e.g. 2024-01-01/2025-01-01.'
    try:
        start, end = (_instant(part, zone) for part in parts)
    except ValueError:
        raise UsageError(message, period=text_) from None
    if end <= start:
        raise UsageError(message, period=text_)
    return start, end


def _instant(text_: str, zone: str) -> datetime:
    moment = datetime.fromisoformat(text_)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(zone))
    return moment.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)


def day(text_: str) -> date:
    """Return a date.

    Raises:
        UsageError: it is not YYYY-MM-DD.
    """
    try:
        return date.fromisoformat(text_)
    except ValueError:
        raise UsageError('"{date}" is not a date: YYYY-MM-DD.', date=text_) from None
