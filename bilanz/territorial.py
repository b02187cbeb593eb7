"""How a territory is balanced: carriers and uses, needed cells, rules and grades, read from one TOML file.

The file stands beside the books (`factors/territory`); nothing about a method is in the code but the tests
its rules are held with (`bilanz.conformance`).
"""

import tomllib
from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bilanz.activity import activities
from bilanz.books import Text
from bilanz.errors import CatalogueError

SECTORS: Final = ("households", "commerce", "industry", "municipal", "transport")
"""Sectors of records of a territory, in the order they are shown."""

TRANSPORT: Final = "transport"
USES: Final = ("power", "heat", "transport")
GRADES: Final = ("A", "B", "C", "D")

Use = Literal["power", "heat", "transport"]
Breaks = Literal["unknown", "not_conform"]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Carrier(_Model):
    """One carrier of final energy: `code` is the German word of `activities.toml`."""

    code: str
    en: str
    use: Use
    is_renewable: bool = False


class Municipal(_Model):
    """Where municipal facilities stand.

    Attributes:
        sector: their own sector.
        remainder: the sector they are a part of: what is shown as municipal is taken off it.
        rule: which figure stands where the own balance and a record of the territory differ.
        grades: quality of a record of the own balance → its grade of data.
    """

    sector: str
    remainder: str
    rule: Literal["own_balance"]
    grades: dict[str, str]


class GradeClass(_Model):
    """A word for a share of well-founded energy above a bound; the last class has none."""

    name: Text
    above: Decimal | None = None


class GradeRule(_Model):
    """How grades of data make one figure: Σ energy × weight / Σ energy."""

    ungraded: str
    weights: dict[str, Decimal]
    source: str
    confirmed: bool
    classes: tuple[GradeClass, ...] = Field(alias="class")

    def class_of(self, index: Decimal) -> Text:
        """Return the word for an index."""
        return next(entry.name for entry in self.classes if entry.above is None or index > entry.above)


class Cell(_Model):
    """One cell a balance needs: filled by any of its sectors."""

    sectors: tuple[str, ...]
    carrier: str
    grade: str | None
    level: Literal["required", "recommended"]

    @property
    def id(self) -> str:
        """Return what names the cell."""
        return f"{'+'.join(self.sectors)}:{self.carrier}"


class CellBlock(_Model):
    """Cells declared together: one per sector and carrier, or per carrier for sectors taken together."""

    carriers: tuple[str, ...]
    sectors: tuple[str, ...] = ()
    together: tuple[str, ...] = ()
    grade: str | None = None
    level: Literal["required", "recommended"] = "required"

    def cells(self) -> Iterator[Cell]:
        """Yield the cells."""
        groups = [self.together] if self.together else [(sector,) for sector in self.sectors]
        for group in groups:
            for carrier in self.carriers:
                yield Cell(sectors=group, carrier=carrier, grade=self.grade, level=self.level)


class Rule(_Model):
    """One rule of the method, and what breaking it makes of the verdict."""

    id: str
    breaks: Breaks
    text: Text


class TerritoryMethod(_Model):
    """One method."""

    book: str
    edition: str
    municipal: Municipal
    grades: GradeRule
    carriers: tuple[Carrier, ...] = Field(alias="carrier")
    blocks: tuple[CellBlock, ...] = Field(alias="cells")
    rules: tuple[Rule, ...] = Field(alias="rule")

    @model_validator(mode="after")
    def _known(self) -> "TerritoryMethod":
        """Every carrier of the vocabulary is there once; cells name carriers and sectors there are."""
        codes = [carrier.code for carrier in self.carriers]
        wanted = {entry.carrier for entry in activities().values() if entry.carrier}
        named = {cell.carrier for cell in self.cells}
        sectors = {sector for cell in self.cells for sector in cell.sectors}
        strange = (wanted ^ set(codes)) | (named - set(codes)) | (sectors - set(SECTORS))
        if strange or len(set(codes)) < len(codes) or set(self.grades.weights) != set(GRADES):
            message = f"carriers, sectors or grades do not agree: {sorted(strange)}"
            raise ValueError(message)
        return self

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """Return every cell, in the order of the file."""
        return tuple(cell for block in self.blocks for cell in block.cells())

    @cached_property
    def renewable(self) -> frozenset[str]:
        """Return the carriers that are renewable by themselves."""
        return frozenset(carrier.code for carrier in self.carriers if carrier.is_renewable)

    @cached_property
    def english(self) -> dict[str, str]:
        """Return carrier → its English name."""
        return {carrier.code: carrier.en for carrier in self.carriers}

    @cached_property
    def order(self) -> dict[str, int]:
        """Return carrier → its place."""
        return {carrier.code: place for place, carrier in enumerate(self.carriers)}

    def use(self, activity: str, sector: str | None) -> Use:
        """Return what energy is used for: transport by sector or kind of energy, else as its carrier says."""
        entry = activities()[activity]
        if sector == TRANSPORT or entry.is_fleet:
            return "transport"
        return self.carriers[self.order[entry.carrier or ""]].use


def read(path: Path) -> TerritoryMethod:
    """Read one method.

    Raises:
        CatalogueError: the file is not a method.
    """
    try:
        return TerritoryMethod.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (ValidationError, tomllib.TOMLDecodeError) as error:
        message = "{file} is not a method of a territory: {reason}"
        raise CatalogueError(message, file=path.name, reason=str(error)) from error
