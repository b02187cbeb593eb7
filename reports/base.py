"""The contract of a report section: one file per section below `reports/sections`, found by walking it."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, ClassVar

import polars as pl

from bilanz.messages import Language
from bilanz.result import Result


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: header, and how its values are written."""

    name: str
    header: str
    kind: str = "text"  # text, number, mass (kg shown as t), energy (kWh shown as MWh), money, share, month
    digits: int = 0


@dataclass(frozen=True, slots=True)
class Panel:
    """A chart with its heading, its finding in one sentence and the table with the same numbers.

    `figure` is None where a table says it better. `table` holds the numbers of the figure, in its order.
    """

    identifier: str
    heading: str
    finding: str
    table: pl.DataFrame
    columns: tuple[Column, ...]
    figure: Any = None  # plotly.graph_objects.Figure
    note: str = ""


class Section(ABC):
    """One part of a page."""

    name: ClassVar[str]
    position: ClassVar[int]

    @abstractmethod
    def title(self, language: Language) -> str:
        """Return the heading of the section."""

    @abstractmethod
    def panels(self, result: Result, language: Language) -> list[Panel]:
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
