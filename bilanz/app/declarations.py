"""What an organisation itself states for its reports, kept as `declarations.toml` in the data directory.

    base_year = 2019
    recalculation_policy = "Restated where a change exceeds 5 % of the base year."

A form shows a statement as it is written and says where there is none. No figure depends on one.
"""

import tomllib
from collections.abc import Mapping
from typing import Final

from bilanz.app.settings import Settings
from bilanz.errors import UsageError

FILE: Final = "declarations.toml"

KNOWN: Final = ("base_year", "recalculation_policy")


def declarations(settings: Settings) -> Mapping[str, str]:
    """Return what is stated, as text; empty where there is no file.

    Raises:
        UsageError: the file is no TOML, or states something unknown.
    """
    path = settings.data / FILE
    if not path.exists():
        return {}
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError("{file} cannot be read ({reason}).", file=path, reason=error) from error
    if unknown := [name for name in told if name not in KNOWN]:
        message = '{file}: "{name}" is not known. Known: {known}.'
        raise UsageError(message, file=path, name=unknown[0], known=", ".join(KNOWN))
    if nested := [name for name, value in told.items() if not isinstance(value, str | int | float)]:
        raise UsageError('{file}: "{name}" is neither text nor number.', file=path, name=nested[0])
    return {name: str(value) for name, value in told.items()}
