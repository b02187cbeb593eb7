"""A mapping profile: what the columns of one sender's files are.

    name = "stadtwerke-jahresliste"
    title = "Jahresliste der Stadtwerke"
    kind = "table"                       # or "interval"
    header = ["Objekt", "Jahr", "Strom kWh", "Gas kWh"]
    period = "year"

    [columns]                            # field = header text
    site = "Objekt"
    year = "Jahr"

    [[values]]
    column = "Strom kWh"
    activity = "electricity"
    unit = "kWh"

The header is the fingerprint: the next file with the same header texts is read by the profile.
"""

import hashlib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bilanz import activity, units
from bilanz.activity import folded
from bilanz.errors import UsageError
from bilanz.periods import zone_of
from bilanz.records import Basis, Direction, Role

TABLE_FIELDS: Final = (
    *("organisation", "site", "source", "activity", "start", "end", "date", "year", "month", "quantity"),
    *("unit", "basis", "cost_net", "currency", "quality", "note", "document_type", "role", "meter_id"),
    *("opening_reading", "closing_reading", "multiplier", "stock_before", "stock_after", "state_number"),
    *("calorific_value", "document", "counterparty", "product_group", "cpv", "account"),
)
"""Fields of a table of records; `date` is one day, `year` and `month` a period."""

INTERVAL_FIELDS: Final = (
    *("begin", "end", "stamp", "date", "clock", "meter", "obis", "unit", "status", "value"),
)
"""Fields of interval values; `stamp` is one time, of which the profile says whether it is begin or end."""

_NAME: Final = r"^[a-z0-9][a-z0-9_-]{0,60}$"
_PART: Final = "\x1f"


class Values(BaseModel):
    """One column of quantities and what holds for all of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: str
    activity: str | None = None
    unit: str | None = None
    basis: Basis | None = None
    role: Role | None = None
    direction: Direction | None = None
    source: str | None = None

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.activity is not None and activity.find(self.activity) is None:
            raise ValueError(f"activity: {self.activity}")
        if self.unit is not None and units.find(self.unit) is None:
            raise ValueError(f"unit: {self.unit}")
        return self

    def given(self) -> dict[str, str]:
        """Return field → text of what holds for the column, but its name and direction."""
        named = self.model_dump(exclude={"column", "direction"}, exclude_none=True)
        return {name: str(value) for name, value in named.items()}


class MappingProfile(BaseModel):
    """How files of one layout are read.

    Attributes:
        name: identifier; lower case letters, digits, `-` and `_`.
        title: what people call it.
        kind: table (a row has a period of its own) or interval (values at regular times).
        header: texts of the header, in order, blank ones left out.
        columns: field → header text.
        values: columns of quantities; of a long table none, there `columns` names `quantity`.
        given: field → text that holds where a row says nothing.
        formats: header text → format of its numbers or dates.
        period: of tables; `stated` (start and end), `day`, `year`, `month` or `year_ending`.
        stamp: of interval values with one time: whether it is the begin or the end.
        zone: IANA zone of local times.
        negative: what a minus sign means: refused, credit (money comes back), reversed (signs are turned).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=_NAME)]
    title: str = ""
    kind: Literal["table", "interval"] = "table"
    header: Annotated[tuple[str, ...], Field(min_length=2)]
    columns: Mapping[str, str]
    values: tuple[Values, ...] = ()
    given: Mapping[str, str] = Field(default_factory=dict)
    formats: Mapping[str, str] = Field(default_factory=dict)
    period: Literal["stated", "day", "year", "month", "year_ending"] = "stated"
    stamp: Literal["begin", "end"] | None = None
    zone: str | None = None
    negative: Literal["refused", "credit", "reversed"] = "refused"

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        fields = TABLE_FIELDS if self.kind == "table" else INTERVAL_FIELDS
        unknown = sorted({*self.columns, *self.given} - set(fields))
        if unknown:
            raise ValueError(f"columns: {', '.join(unknown)}")
        named = [*self.columns.values(), *(value.column for value in self.values)]
        absent = [text for text in named if text not in self.header]
        if absent:
            raise ValueError(f"header: {', '.join(absent)}")
        if len({value.column for value in self.values}) < len(self.values):
            raise ValueError("values: column")
        has_quantity = {"quantity", "value", "closing_reading"} & set(self.columns)
        if bool(self.values) == bool(has_quantity):
            raise ValueError("values")
        if self.zone is not None:
            zone_of(self.zone)
        return self

    @property
    def fingerprint(self) -> str:
        """What tells the layout from others."""
        return fingerprint(self.header)


def fingerprint(header: Iterable[str]) -> str:
    """Return the hash of the folded texts of a header, blank ones left out; order counts, case does not."""
    texts = [folded(text) for text in header if text.strip()]
    return hashlib.sha256(_PART.join(texts).encode()).hexdigest()


def parse(text: str, *, file: str) -> MappingProfile:
    """Return the profile a TOML text holds.

    Raises:
        UsageError: it is no TOML, or no profile; names what is wrong.
    """
    try:
        return MappingProfile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise UsageError("{file} is no TOML ({reason}).", file=file, reason=str(error)) from None
    except ValidationError as error:
        reasons = "; ".join(
            f"{'.'.join(map(str, entry['loc'])) or '–'}: {entry['msg']}" for entry in error.errors()
        )
        raise UsageError("{file} is no mapping profile ({reason}).", file=file, reason=reasons) from None


def read(path: Path) -> MappingProfile:
    """Return the profile of a file.

    Raises:
        UsageError: it cannot be read, or is no profile.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("{file} cannot be read ({reason}).", file=path.name, reason=str(error)) from None
    return parse(text, file=path.name)


def to_toml(profile: MappingProfile) -> str:
    """Return a profile as TOML, what is at its default left out."""
    held: dict[str, Any] = profile.model_dump(mode="json", exclude_defaults=True)
    tables = {name: held.pop(name) for name in ("columns", "given", "formats") if name in held}
    values = held.pop("values", [])
    lines = [f"{name} = {_literal(value)}" for name, value in held.items()]
    for name, table in tables.items():
        lines += ["", f"[{name}]", *(f"{_key(key)} = {_literal(value)}" for key, value in table.items())]
    for entry in values:
        filled = {name: value for name, value in entry.items() if value is not None}
        lines += ["", "[[values]]", *(f"{name} = {_literal(value)}" for name, value in filled.items())]
    return "\n".join([*lines, ""])


def _key(text: str) -> str:
    return text if text.isascii() and text.replace("_", "").isalnum() else _literal(text)


def _literal(value: str | Sequence[str]) -> str:
    """Return a text or list of texts as TOML writes them."""
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        for sign, name in (("\n", "n"), ("\t", "t"), ("\r", "r")):
            escaped = escaped.replace(sign, f"\\{name}")
        return f'"{escaped}"'
    return f"[{', '.join(_literal(entry) for entry in value)}]"
