"""Which form a file is, by its header."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Final

from bilanz.activity import folded
from importers.base import SURE, Claim, FileSample
from importers.columns.headers import Match, match
from importers.forms.form import OWN, Form, forms
from importers.upload.fields import declared_fields
from importers.upload.table import sample_headers

_UPLOAD: Final = ("activity", "start", "end", "quantity")
_LEAST: Final = 2
_ADDITION: Final = re.compile(r"\s*[\[(].*$")


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a header fits a form."""

    form: Form
    match: Match

    @property
    def is_whole(self) -> bool:
        """Whether every column the form cannot be read without is there."""
        either = self.form.either
        has_one = not either or any(name in self.match.positions for name in either)
        return has_one and not self.match.missing

    @property
    def rank(self) -> tuple[bool, int, int]:
        """What decides between forms: a whole one first, then most columns found, then fewest left open."""
        found = len(self.match.positions)
        return (self.is_whole, found, found - len(self.form.columns))


def fit(form: Form, header: Sequence[str]) -> Fit:
    """Hold a header against a form."""
    found = match(header, form.fields())
    return Fit(
        form,
        replace(
            found,
            positions={name.removeprefix(OWN): place for name, place in found.positions.items()},
            brackets={name.removeprefix(OWN): text for name, text in found.brackets.items()},
            rivals={place: name.removeprefix(OWN) for place, name in found.rivals.items()},
        ),
    )


def best(headers: Iterable[Sequence[str]], among: Iterable[Form], *, least: int = _LEAST) -> list[Fit]:
    """Return the forms that fit one of some headers best: one, or several alike; [] where none does.

    Args:
        headers: rows of texts.
        among: forms in question.
        least: columns that must be found.
    """
    among = list(among)
    fits = [fit(form, header) for header in headers for form in among]
    top = max((one.rank for one in fits), default=None)
    return [one for one in fits if one.rank == top and len(one.match.positions) >= least]


def claim(sample: FileSample, importer: str) -> Claim | None:
    """Say how sure an importer of forms is of a file: sure where one form fits, and no other form as well.

    A file that is a whole standard upload as well is left to that importer.
    """
    headers = tuple(tuple(header) for header in sample_headers(sample) if _may_be(header))
    found = _best_of_all(headers)
    mine = [one for one in found if one.form.importer == importer]
    if not mine or not mine[0].is_whole:
        return None
    is_sure = len({one.form.code for one in found}) == 1 and not _is_upload(mine[0].match.header)
    return Claim(
        SURE if is_sure else SURE - 0.3,
        "the columns of the form {form}: {columns}",
        {"form": mine[0].form.code, "columns": ", ".join(_needed(mine[0]))},
    )


@lru_cache(maxsize=8)
def _best_of_all(headers: tuple[tuple[str, ...], ...]) -> list[Fit]:
    """Return the best fits among all forms; every importer of forms asks the same of a file."""
    return best(headers, forms().values())


def _may_be(header: Sequence[str]) -> bool:
    """Return whether a row names the first needed column of some form: quick, for all the other files."""
    return any(folded(_ADDITION.sub("", text)) in _leading() for text in header)


@cache
def _leading() -> frozenset[str]:
    """Return the spellings of needed columns whose header takes no unit without brackets."""
    needed = [it for form in forms().values() for it in form.columns if it.is_needed and it.kind != "measure"]
    return frozenset(folded(name) for column in needed for name in column.declared().spellings)


def _is_upload(header: Sequence[str]) -> bool:
    found = match(header, declared_fields())
    has_unit = "unit" in found.positions or "quantity" in found.brackets
    return has_unit and all(name in found.positions for name in _UPLOAD)


def _needed(found: Fit) -> list[str]:
    return [found.match.title(column.field) for column in found.form.columns if column.is_needed]
