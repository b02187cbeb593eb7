"""The contract of a report section: one file per section below `reports/sections`, found by walking it.

A section turns a `Result` into panels. A panel is a heading, one sentence with the finding, a table and,
where a picture helps, a chart of the same numbers. Frames hold exact values in base units (kg, kWh,
currency); what a reader sees is rounded when the page is written, what the CSV holds is not.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, ClassVar

import polars as pl

from bilanz.messages import Language, translate
from bilanz.result import Result

if TYPE_CHECKING:
    from reports.indicator import Indicator


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: header, and how its values are written.

    Attributes:
        name: column of the frame.
        header: as shown, without unit.
        kind: text, long (sentences), code, hash (shown shortened), exact (a number
            as text), number, mass (kg, shown as t), energy
            (kWh, shown as MWh), money, share (0 to 1, shown in percent), month, state (of a month: sign and
            word, see `reports.states`).
        digits: decimals of number and money.
        unit: written below the header; empty: the unit of the kind.
        is_totalled: the column adds up, and its sum stands in the foot of the table.
        lines: what balance lines have whose kg CO2e a figure of the column is the sum of (column of
            `LINE_SCHEMA` → value, see `reports.behind`); None: its figures are no such sums.
    """

    name: str
    header: str
    kind: str = "text"
    digits: int = 0
    unit: str = ""
    is_totalled: bool = False
    lines: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """A figure to be seen at once: heading, value, and what has to be read with it."""

    heading: str
    value: str
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Panel:
    """A chart with its heading, its finding in one sentence and the table with the same numbers.

    `figure` is None where a table says it better. `table` holds the numbers of the figure, in its order; a
    panel of cards alone has no columns. `identifier` is unique on the page and safe as an HTML id. `lines`:
    for each row of the table what the balance lines behind its figures have, beside what the column says.
    """

    identifier: str
    heading: str
    finding: str
    table: pl.DataFrame
    columns: tuple[Column, ...]
    figure: Any = None  # plotly.graph_objects.Figure
    note: str = ""
    cards: tuple[Card, ...] = ()
    lines: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """A page beside this one: title, file, total in each book as written, depth in the tree."""

    title: str
    file: str
    totals: tuple[str, ...] = ()
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages around one: `home` is the index (None: this is it), the others are parts of what it shows.

    `books`: names of the books whose totals the links hold, in their order.
    """

    books: tuple[str, ...] = ()
    home: Link | None = None
    organisations: tuple[Link, ...] = ()
    sites: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Wording:
    """The language of a page, and names that are data of other packages.

    Attributes:
        language: of every text, number and month.
        product_groups: code → name.
        verdicts: book → why its verdict is what it is, one sentence each.
        exclusions: book → why it leaves activities out, one sentence each.
        supplementary: books that stand apart; only supplementary sections see them.
        pairs: supplementary book → the one of the same boundary by the other electricity rule.
        broken: books the run does not conform to.
        indicators: the organisation's own list; given to exports.
        declared: what the organisation itself states for its reports; given to exports.
        summary: the answer of `bilanz calculate --json`; given to exports, empty for pages.
    """

    language: Language
    product_groups: Mapping[str, str] = field(default_factory=dict)
    verdicts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exclusions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    supplementary: frozenset[str] = frozenset()
    pairs: Mapping[str, str] = field(default_factory=dict)
    broken: frozenset[str] = frozenset()
    indicators: "tuple[Indicator, ...]" = ()
    declared: Mapping[str, str] = field(default_factory=dict)
    summary: Mapping[str, Any] = field(default_factory=dict)

    def product_group(self, code: str | None) -> str:
        """Return the name of a product group with its code; a code without a name stands for itself."""
        if code is None:
            return translate("not classified", self.language)
        name = self.product_groups.get(code)
        return f"{name} ({code})" if name else code


class Section(ABC):
    """One part of a page.

    `is_supplementary`: it is given the supplementary books too; all others never see them.
    """

    name: ClassVar[str]
    position: ClassVar[int]
    is_supplementary: ClassVar[bool] = False

    @abstractmethod
    def title(self, language: Language) -> str:
        """Return the heading of the section."""

    @abstractmethod
    def panels(self, result: Result, wording: Wording) -> list[Panel]:
        """Return the panels; an empty list leaves the section out."""


def sections_found() -> Iterator[Section]:
    """Yield every section of `reports.sections`, in the order of their positions."""
    import reports.sections

    found: list[Section] = []
    for module_info in iter_modules(reports.sections.__path__):
        module = import_module(f"reports.sections.{module_info.name}")
        found += [
            candidate()
            for candidate in vars(module).values()
            if isinstance(candidate, type)
            and issubclass(candidate, Section)
            and candidate.__module__ == module.__name__
        ]
    yield from sorted(found, key=lambda section: section.position)
