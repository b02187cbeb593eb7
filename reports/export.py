"""The contract of an export: one file per form below `reports/exports`, found by walking it.

An export turns a `Result` and what stands beside it into one file in a form that law, an initiative or
another program asks for. It decides nothing: every figure is one of the balance, in the unit the form asks
for. What the form asks for and the balance does not hold stays empty and is said.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import ClassVar

from bilanz.errors import UnknownName
from bilanz.messages import Language
from bilanz.result import Result
from reports.base import Wording


class Export(ABC):
    """One form.

    Attributes:
        name: what `bilanz export` calls it.
        suffix: of the file, with its dot.
    """

    name: ClassVar[str]
    suffix: ClassVar[str]

    @abstractmethod
    def title(self, language: Language) -> str:
        """Return what the form is, in a few words."""

    @abstractmethod
    def write(self, result: Result, wording: Wording, path: Path) -> None:
        """Write the file; the same result and language give the same bytes.

        Raises:
            Refused: the result lacks what the form cannot be without.
        """


def exports_found() -> Iterator[Export]:
    """Yield every export of `reports.exports`, by name."""
    import reports.exports

    found: list[Export] = []
    for module_info in iter_modules(reports.exports.__path__):
        module = import_module(f"reports.exports.{module_info.name}")
        found += [
            candidate()
            for candidate in vars(module).values()
            if isinstance(candidate, type)
            and issubclass(candidate, Export)
            and candidate.__module__ == module.__name__
        ]
    yield from sorted(found, key=lambda entry: entry.name)


def export(name: str) -> Export:
    """Return an export by name.

    Raises:
        UnknownName: there is none of that name.
    """
    found = {entry.name: entry for entry in exports_found()}
    if name not in found:
        message = 'There is no export "{name}". There are: {near}.'
        raise UnknownName(message, name=name, near=", ".join(found) or "–")
    return found[name]
