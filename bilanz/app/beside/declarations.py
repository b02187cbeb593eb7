"""What an organisation itself states for its reports, in two files of the data directory.

    inventory.toml      what the GHG Protocol asks for (`bilanz.inventory`)
    declarations.toml   target_year = 2035
                        [turnover_eur]
                        2024 = 12_500_000

A form shows a statement as it is written and says where there is none. No figure of a balance depends on one.
"""

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bilanz import inventory
from bilanz.app.settings import Settings
from bilanz.errors import UsageError

FILE: Final = "declarations.toml"
SHOWN: Final = (
    "base_year",
    "base_year_reason",
    "consolidation_approach",
    "operational_boundary",
    "recalculation_policy",
)
"""Statements of `inventory.toml` a form shows as they are written."""


class _Own(BaseModel):
    """The file of this module. Years of the turnover are keys of TOML, hence text."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    target_year: int | None = Field(default=None, ge=1990, le=2200, strict=True)
    turnover_eur: dict[Annotated[str, Field(pattern=r"^\d{4}$")], Annotated[Decimal, Field(gt=0)]] = Field(
        default_factory=dict
    )


def declarations(settings: Settings) -> Mapping[str, str]:
    """Return what is stated, as text; empty where there is no file. Of a year: `turnover_eur.2024`.

    Raises:
        UsageError: a file is no TOML, states something unknown, or something of another kind.
    """
    declared, own = inventory.read(settings.data), _read(settings.data / FILE)
    told = {name: getattr(declared, name) for name in SHOWN} | {"target_year": own.target_year}
    told |= {"exclusions": inventory.said(declared.exclusions)}
    told |= {f"turnover_eur.{year}": amount for year, amount in own.turnover_eur.items()}
    return {name: str(value) for name, value in told.items() if value is not None}


def _read(path: Path) -> _Own:
    """Return the file; nothing where there is none."""
    if not path.exists():
        return _Own()
    try:
        return _Own.model_validate(tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError("{file} cannot be read: {reason}", file=FILE, reason=str(error)) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part != "[key]")
        message = '{file}: "{name}" is not what is asked for ({reason}).'
        raise UsageError(message, file=FILE, name=where, reason=first["msg"]) from error
