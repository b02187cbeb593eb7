"""The kinds of issues: how bad each is, its sentence and what to do about it (English templates).

One module an area, found by walking this package; adding a kind is one entry in one of them. The German
sentences stand in `locale/de/*.po`; what an issue is stands in `bilanz.issues`.
"""

from importlib import import_module
from pkgutil import iter_modules
from typing import Final

from bilanz.errors import UnknownName
from bilanz.kinds.kind import IssueKind, Severity

__all__ = ["CATALOGUE", "IssueKind", "Severity", "kind"]


def _catalogue() -> dict[str, IssueKind]:
    """Return the entries of all modules. A code claimed twice is a defect."""
    found: dict[str, IssueKind] = {}
    for info in sorted(iter_modules(__path__), key=lambda info: info.name):
        for code, entry in getattr(import_module(f"{__name__}.{info.name}"), "KINDS", {}).items():
            if code in found:
                raise UnknownName('The issue code "{name}" is declared twice.', name=code)
            found[code] = entry
    return found


CATALOGUE: Final = _catalogue()


def kind(code: str) -> IssueKind:
    """Return the catalogue entry of a code.

    Raises:
        UnknownName: the code is not in the catalogue.
    """
    try:
        return CATALOGUE[code]
    except KeyError:
        raise UnknownName('The issue code "{name}" is not in the catalogue.', name=code) from None
