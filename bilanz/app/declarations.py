"""What an organisation itself states for its reports, in two files of the data directory.

    inventory.toml      base_year = 2019
                        base_year_reason = "The first year with meters in every building."
                        recalculation_policy = "Restated where a change exceeds 5 % of the base year."
    declarations.toml   target_year = 2035
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

INVENTORY: Final = "inventory.toml"
FILE: Final = "declarations.toml"

TEXTS: Final = ("base_year_reason", "consolidation_approach", "operational_boundary", "recalculation_policy")
YEARS: Final = ("base_year", "target_year")
BY_YEAR: Final = ("turnover_eur",)
OF_INVENTORY: Final = ("base_year", *TEXTS)
KNOWN: Final = ("target_year", *BY_YEAR)


def declarations(settings: Settings) -> Mapping[str, str]:
    """Return what is stated, as text; empty where there is no file. Of a year: `turnover_eur.2024`.

    Of `inventory.toml` only what forms show is taken; what else it may hold is no matter of a form.

    Raises:
        UsageError: a file is no TOML, states something unknown, or something of another kind.
    """
    inventory, own = settings.data / INVENTORY, settings.data / FILE
    shown = {name: value for name, value in _read(inventory).items() if name in OF_INVENTORY}
    told = _read(own)
    if unknown := [name for name in told if name not in KNOWN]:
        message = '{file}: "{name}" is not known. Known: {known}.'
        raise UsageError(message, file=own, name=unknown[0], known=", ".join(KNOWN))
    entries = [(inventory, shown), (own, told)]
    return dict(
        entry
        for path, table in entries
        for name, value in table.items()
        for entry in _told(path, name, value)
    )


def _read(path: Path) -> dict[str, Any]:
    """Return a file as a table; empty where there is none."""
    if not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError("{file} cannot be read ({reason}).", file=path, reason=error) from error


def _told(path: Path, name: str, value: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any TOML value
    """Yield the statements of one name."""
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
