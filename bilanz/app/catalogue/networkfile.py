"""The form a heat network is described in: one TOML file, explained in docs/factors.md ("Heat networks").

The form holds what the operator knows: plants, fuels, outputs, temperatures. No factor stands in it, and no
value is assumed where one is missing.
"""

import tomllib
from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from bilanz.errors import FileRefused
from bilanz.heat import KELVIN_OF_ZERO_CELSIUS


def _plain(value: object) -> object:
    """Refuse a number in quotation marks: "1.234" could be read in two ways."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        message = "a number without quotation marks is expected"
        raise ValueError(message)  # noqa: TRY004 - pydantic makes a finding of a ValueError only
    return value


Kind = Literal["chp", "boiler", "heat_pump", "solar", "waste_heat", "bought_heat", "auxiliary"]
Number = Annotated[
    Decimal, BeforeValidator(_plain), Field(allow_inf_nan=False, max_digits=19, decimal_places=6)
]


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Energy(_Form):
    """An amount of heat or electricity in a unit of energy."""

    quantity: Number
    unit: str


class Fuel(_Form):
    """What a plant takes in: an activity, as in a standard upload.

    Attributes:
        factor: identifier of the factor to be taken, as a contract names it; the book must allow contracts.
    """

    activity: str
    quantity: Number
    unit: str
    basis: str | None = None
    factor: str | None = None


class Temperature(_Form):
    """A mean temperature of the year, in one of two units."""

    kelvin: Number | None = None
    celsius: Number | None = None

    @property
    def value(self) -> Fraction | None:
        """Return it in kelvin, or None where not exactly one unit is filled in."""
        if (self.kelvin is None) == (self.celsius is None):
            return None
        if self.kelvin is not None:
            return Fraction(self.kelvin)
        return Fraction(self.celsius or 0) + KELVIN_OF_ZERO_CELSIUS


class Efficiencies(_Form):
    """Efficiencies of separate generation, as shares, with the publication they are taken from."""

    heat: Number
    electricity: Number
    source: str = Field(min_length=1)


class PlantForm(_Form):
    """One plant.

    Attributes:
        heat: fed into the network; none for auxiliary power.
        electricity: net, of combined heat and power only.
        supply: temperature of the heat of this plant where it differs from the network's.
        reference: efficiencies for this plant where they differ from the network's.
        emission_free: for waste heat without any fuel: why nothing is counted, with the evidence.
    """

    name: str = Field(min_length=1)
    kind: Kind
    heat: Energy | None = None
    electricity: Energy | None = None
    fuels: tuple[Fuel, ...] = ()
    supply: Temperature | None = None
    reference: Efficiencies | None = None
    emission_free: str | None = Field(default=None, min_length=1)


class NetworkForm(_Form):
    """One network and one calendar year.

    Attributes:
        back: return temperature (`return` in the file).
        delivered: heat at the customers' meters.
    """

    name: str = Field(min_length=1)
    operator: str | None = None
    region: str = Field(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")
    year: int = Field(ge=1990, le=2200)
    delivered: Energy
    supply: Temperature | None = None
    back: Temperature | None = Field(default=None, alias="return")
    reference: Efficiencies | None = None
    plants: tuple[PlantForm, ...] = Field(min_length=1, alias="plant")


def read(path: Path) -> NetworkForm:
    """Read the description of a network.

    Raises:
        FileRefused: it cannot be read, is no TOML, or a field is missing, unknown or wrong; names the field.
    """
    try:
        table = tomllib.loads(path.read_bytes().decode("utf-8-sig"), parse_float=Decimal)
    except (OSError, UnicodeDecodeError) as error:
        raise FileRefused("{file} cannot be read: {reason}", file=path.name, reason=error) from error
    except tomllib.TOMLDecodeError as error:
        message = "{file} is not valid TOML: {reason}. Texts need quotation marks, decimals a point."
        raise FileRefused(message, file=path.name, reason=error) from error
    try:
        return NetworkForm.model_validate(table)
    except ValidationError as error:
        raise _refused(path.name, error) from error


def _refused(file: str, error: ValidationError) -> FileRefused:
    """Return the first finding in words: field, what is wrong, what is expected."""
    first = error.errors()[0]
    place = [str(part + 1) if isinstance(part, int) else str(part) for part in first["loc"]]
    told: dict[str, Any] = {"file": file, "field": " → ".join(place)}
    if first["type"] == "missing":
        return FileRefused('{file}: the field "{field}" is missing.', **told)
    if first["type"] == "extra_forbidden":
        near = ", ".join(get_close_matches(place[-1], sorted(_fields()))) or "–"
        return FileRefused('{file}: the field "{field}" is unknown. Similar: {near}.', **told, near=near)
    message = '{file}, field "{field}": "{value}" is not what is expected there (see docs/factors.md).'
    return FileRefused(message, **told, value=first["input"])


def _fields() -> set[str]:
    """Return the names of all fields as the file writes them."""
    forms: tuple[type[BaseModel], ...] = (NetworkForm, PlantForm, Energy, Fuel, Temperature, Efficiencies)
    return {field.alias or name for entry in forms for name, field in entry.model_fields.items()}
