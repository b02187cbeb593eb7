"""Exceptions of a run to be resolved: by reason, what they concern, where it came from, what can be done.

An exception is a quantity without a number in a balance. Here it is one row per subject; the same quantity in
several books and months is one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

import polars as pl

from bilanz.app.review.findings import Subject, Value, records_of
from bilanz.app.settings import Settings
from bilanz.messages import Language, translate
from bilanz.sentences import worded
from reports.reasons import reason
from reports.sections.exceptions import subjects

SHOWN: Final = 3
"""Records named beside an exception; a page of its own lists all."""

TERMS: Final = "terms"
FILES: Final = "files"
"""Where something can be done: the terms of the source, the files."""

_ELSEWHERE: Final = "Ask whoever runs the program: it needs other books or factors."
REMEDIES: Final[Mapping[str, str]] = {
    "no_factor": (
        "Check activity, unit and region of the source. Where they are right, an own factor is needed: "
        "whoever runs the program imports it."
    ),
    "group_missing": "Withdraw the file and hand it in with product group, CPV code or account.",
    "substance_missing": (
        "Withdraw the file and hand it in with the name of the refrigerant or gas, as on the nameplate."
    ),
    "own_factors_alike": (
        "Two own factors stand for the same: whoever runs the program withdraws one of them."
    ),
    "activity_unknown": (
        "Say what was used or bought: state the activity of the source, or withdraw the file and hand it in "
        "with an activity. What does not belong into the balance can be excluded."
    ),
    "basis_missing": (
        "State for the source whether the quantity is by net (Hi) or gross (Hs) calorific value; it stands "
        "on the bill. Then hand the file in again."
    ),
    "basis": (
        "Quantity and factor refer to different calorific values. State the basis of the source as the bill "
        "has it."
    ),
    "unit_mismatch": "Check the unit in the file and the activity of the source.",
    "property_missing": (
        "Heating value or density of the fuel is not known. Hand the quantity in as kWh, as the bill states "
        "it."
    ),
    "instalment_open": "Hand in the final bill.",
    "no_source": _ELSEWHERE,
    "gwp_missing": _ELSEWHERE,
    "too_large": "Hand the quantity in with a smaller unit.",
    "no_hourly_reading": "Hand in readings of an hour or less.",
    "hour_missing": _ELSEWHERE,
    "reading_too_long": "Hand in readings of an hour or less.",
}
"""Code → what to do, said to who sits before a page; `reports.reasons` says it to everybody."""

PLACES: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(("activity_unknown", "basis_missing", "unit_mismatch"), (TERMS, FILES)),
    **dict.fromkeys(("no_factor", "basis"), (TERMS,)),
    **dict.fromkeys(
        ("group_missing", "substance_missing", "property_missing", "instalment_open", "too_large"), (FILES,)
    ),
    **dict.fromkeys(("no_hourly_reading", "reading_too_long"), (FILES,)),
}
"""Code → where that can be done; nowhere here: it is not listed."""

_SAME: Final = {"instalment": "instalment_open"}


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A subject without a number.

    Attributes:
        books: in which it has none; empty: in every book.
        first, last: months.
        quantity: None: in several units, or not known.
        records: how many rows of files or readings.
        values: the first of these rows; none: readings.
    """

    organisation: str | None
    source: str
    activity: str | None
    product_group: str | None
    books: tuple[str, ...]
    first: date
    last: date
    quantity: Decimal | None
    unit: str | None
    records: int
    details: tuple[str, ...]
    values: tuple[Value, ...] = ()

    def detail(self, language: Language) -> str:
        """Return what the engine says about it."""
        return "; ".join(worded(text, language) for text in self.details)


@dataclass(frozen=True, slots=True)
class Group:
    """The exceptions of one reason."""

    code: str
    subjects: tuple[Unresolved, ...]

    def short(self, language: Language) -> str:
        """Return the reason in a few words."""
        return reason(self.code, language).short

    def text(self, language: Language) -> str:
        """Return what it means."""
        return reason(self.code, language).text

    def remedy(self, language: Language) -> str:
        """Return what to do."""
        return translate(REMEDIES.get(self._code, _ELSEWHERE), language)

    @property
    def places(self) -> tuple[str, ...]:
        """Where it can be done."""
        return PLACES.get(self._code, ())

    @property
    def _code(self) -> str:
        return _SAME.get(self.code, self.code)


def groups_of(settings: Settings, books: tuple[str, ...], exceptions: pl.DataFrame) -> list[Group]:
    """Return exceptions by reason, those with the most records first.

    Args:
        settings: of the data directory.
        books: of the run.
        exceptions: `EXCEPTION_SCHEMA`.
    """
    if exceptions.is_empty():
        return []
    rows = list(subjects(exceptions).iter_rows(named=True))
    held = records_of(settings, [_subject(row) for row in rows], count=SHOWN)
    found: dict[str, list[Unresolved]] = {}
    for row, values in zip(rows, held, strict=True):
        codes = tuple(code for code in books if code in row["books"])
        is_everywhere = None in row["books"] or set(codes) >= set(books)
        found.setdefault(row["code"], []).append(
            Unresolved(
                organisation=row["organisation"],
                source=row["source"] or "",
                activity=row["activity"],
                product_group=row["product_group"],
                books=() if is_everywhere else codes,
                first=row["first"],
                last=row["last"],
                quantity=row["quantity"],
                unit=row["unit"],
                records=row["records"],
                details=tuple(row["detail"]),
                values=tuple(value for value in values if value.organisation == row["organisation"]),
            )
        )
    return [Group(code, tuple(rows)) for code, rows in found.items()]


def _subject(row: dict[str, Any]) -> Subject:
    kind = (row["activity"], row["product_group"], row["unit"])
    return Subject(row["source"] or "", row["first"], row["last"], kind)
