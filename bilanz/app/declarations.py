"""What an organisation itself states for its reports, kept as `declarations.toml` in the data directory.

    base_year = 2019
    recalculation_policy = "Restated where a change exceeds 5 % of the base year."

    [turnover_eur]
    2024 = 12_500_000

A form shows a statement as it is written and says where there is none. No figure of a balance depends on one.
"""

import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from bilanz.app.settings import Settings
from bilanz.errors import UsageError

FILE: Final = "declarations.toml"

TEXTS: Final = ("recalculation_policy",)
YEARS: Final = ("base_year", "target_year")
BY_YEAR: Final = ("turnover_eur",)
KNOWN: Final = (*YEARS, *TEXTS, *BY_YEAR)


def declarations(settings: Settings) -> Mapping[str, str]:
    """Return what is stated, as text; empty where there is no file. Of a year: `turnover_eur.2024`.

    Raises:
        UsageError: the file is no TOML, states something unknown, or something of another kind.
    """
    path = settings.data / FILE
    if not path.exists():
        return {}
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError("{file} cannot be read ({reason}).", file=path, reason=error) from error
    return dict(entry for name, value in told.items() for entry in _entries(path, name, value))


def _entries(path: Path, name: str, value: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any TOML value
    """Yield the statements of one name."""
    if name not in KNOWN:
        message = '{file}: "{name}" is not known. Known: {known}.'
        raise UsageError(message, file=path, name=name, known=", ".join(KNOWN))
    if name in TEXTS and isinstance(value, str):
        yield name, value
    elif name in YEARS and _is_whole(value):
        yield name, str(value)
    elif name in BY_YEAR and isinstance(value, dict) and all(map(_is_amount, value.items())):
        yield from ((f"{name}.{year}", str(amount)) for year, amount in value.items())
    else:
        message = '{file}: "{name}" must be {expected}.'
        raise UsageError(message, file=path, name=name, expected=_expected(name))


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_amount(entry: tuple[str, object]) -> bool:
    year, amount = entry
    return (
        year.isdecimal() and (_is_whole(amount) or isinstance(amount, Decimal)) and Decimal(str(amount)) > 0
    )


def _expected(name: str) -> str:
    if name in TEXTS:
        return '"…"'
    return "2024" if name in YEARS else "{ 2024 = 1000000 }"
