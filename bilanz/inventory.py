"""What a GHG Protocol inventory has to state beside its numbers, and whether it is there.

    inventory.toml in the data directory ──► declared statements ─┐
    lines and exceptions of the run      ──► what is there        ├──► stated, shown by the run, or missing
    list of the book (`disclosures`)     ──► what is asked for   ─┘

Nothing is guessed: what nobody declared is missing; a scope 3 category without a figure that nobody declared
is "not assessed". Declared as not relevant while the run holds a figure is a contradiction, and said.
Source: GHG Protocol Corporate Standard and Value Chain Standard, required information, as listed in secondary
texts; the standards themselves were not at hand.
"""

import tomllib
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from bilanz.activity import activities
from bilanz.errors import UsageError
from bilanz.result import MASS, Result

FILE: Final = "inventory.toml"
CATEGORIES: Final = tuple(range(1, 16))

NEEDED: Final = (
    "consolidation_approach",
    "operational_boundary",
    "base_year",
    "base_year_reason",
    "recalculation_policy",
    "exclusions",
    "scope3",
)
"""What a book may ask for in `disclosures`; period, gases and scope 2 both ways come with a run."""

DISCLOSURE_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "book": pl.String,
    "item": pl.String,  # one of `NEEDED`
    "is_stated": pl.Boolean,
    "statement": pl.String,  # as declared; of scope3: the categories nobody declared, "3.2 3.9"
}
SCOPE3_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "category": pl.Int8,  # 1 to 15
    "state": pl.String,  # present, no_figure, not_relevant, not_assessed, contradicted
    "reason": pl.String,  # as declared; null: nobody declared one
    "book": pl.String,
    "co2e_kg": MASS,  # null: no figure
}


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Exclusion(_Model):
    """What the inventory leaves out, and why."""

    what: str = Field(min_length=1)
    reason: str = Field(min_length=1)


class Category(_Model):
    """What an organisation says about a scope 3 category without a figure."""

    state: Literal["not_relevant", "not_assessed"]
    reason: str = Field(min_length=1)


class Declared(_Model):
    """What an officer declared. None: nobody did; an empty list of exclusions: there is none."""

    consolidation_approach: Literal["operational_control", "financial_control", "equity_share"] | None = None
    operational_boundary: str | None = Field(default=None, min_length=1)
    base_year: int | None = Field(default=None, ge=1990, le=2100)
    base_year_reason: str | None = Field(default=None, min_length=1)
    recalculation_policy: str | None = Field(default=None, min_length=1)
    exclusions: tuple[Exclusion, ...] | None = None
    scope3: dict[str, Category] = Field(default_factory=dict)  # "1" to "15"

    @field_validator("scope3")
    @classmethod
    def _known(cls, told: dict[str, Category]) -> dict[str, Category]:
        """Every key is a category of scope 3."""
        unknown = sorted(set(told) - {str(number) for number in CATEGORIES})
        if unknown:
            message = f"no category of scope 3: {', '.join(unknown)}"
            raise ValueError(message)
        return told


def read(folder: Path) -> Declared:
    """Return what was declared in a data directory; nothing where there is no file.

    Raises:
        UsageError: the file is none; says where.
    """
    path = folder / FILE
    if not path.exists():
        return Declared()
    try:
        return Declared.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError("{file} cannot be read: {reason}", file=FILE, reason=str(error)) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part != "[key]")
        message = '{file}: "{name}" is not what is asked for ({reason}).'
        raise UsageError(message, file=FILE, name=where, reason=first["msg"]) from error


def scope3(result: Result, books: Sequence[str], declared: Declared) -> pl.DataFrame:
    """Return the fifteen categories with figure, state and reason.

    Shape: `SCOPE3_SCHEMA`, one row per category and book; categories in their order.
    """
    lines = result.lines.filter(pl.col("scope") == "3", pl.col("co2e_kg").is_not_null())
    sums = lines.group_by("book", "category").agg(pl.col("co2e_kg").sum())
    figures = {(book, category): total for book, category, total in sums.iter_rows()}
    lacking = _without_figure(result, books)
    rows = []
    for number in CATEGORIES:
        told = declared.scope3.get(str(number))
        is_present = any((book, f"3.{number}") in figures for book in books)
        state = _state(told, is_present=is_present, is_lacking=f"3.{number}" in lacking)
        reason = None if told is None else told.reason
        rows += [(number, state, reason, book, figures.get((book, f"3.{number}"))) for book in books]
    return pl.DataFrame(rows, schema=SCOPE3_SCHEMA, orient="row")


def _without_figure(result: Result, books: Collection[str]) -> set[str]:
    """Return the categories of activities that have quantities without a factor in one of the books."""
    own = pl.col("book").is_null() | pl.col("book").is_in(list(books))
    codes = result.exceptions.filter(own)["activity"].drop_nulls().unique()
    return {activities()[code].category for code in codes if code in activities()}


def _state(told: Category | None, *, is_present: bool, is_lacking: bool) -> str:
    if is_present or is_lacking:
        found = "present" if is_present else "no_figure"
        return "contradicted" if told is not None and told.state == "not_relevant" else found
    return "not_assessed" if told is None else told.state


def disclosures(
    book: str, asked: Sequence[str], declared: Declared, categories: pl.DataFrame
) -> pl.DataFrame:
    """Return each statement a book asks for: whether it is there, and what it says.

    Args:
        book: identifier of the book.
        asked: its list, out of `NEEDED`.
        declared: what an officer declared.
        categories: `SCOPE3_SCHEMA` of the run.

    Shape: `DISCLOSURE_SCHEMA`, in the order of the list.
    """
    rows = []
    for item in asked:
        if item == "scope3":
            open_ones = categories.filter(pl.col("state").is_in(["not_assessed", "contradicted"]))
            undeclared = open_ones.filter(pl.col("reason").is_null() | (pl.col("state") == "contradicted"))
            names = [f"3.{number}" for number in undeclared["category"].unique().sort()]
            rows.append((book, item, not names, " ".join(names) or None))
        else:
            value = getattr(declared, item)
            rows.append((book, item, value is not None, said(value)))
    return pl.DataFrame(rows, schema=DISCLOSURE_SCHEMA, orient="row")


def said(value: object) -> str | None:
    """Return a declared value as text; exclusions with their reasons."""
    if isinstance(value, tuple):
        return "; ".join(f"{entry.what}: {entry.reason}" for entry in value) or "–"
    return None if value is None else str(value)
