"""Which balance lines a page is about, as its address says it, and in words."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Final

from fastapi import Depends, Query
from pydantic import StringConstraints

from bilanz.app.explaining.figurelines import FILTERS, Asked
from bilanz.app.shown.sight import View
from bilanz.app.web.looking import book_of
from bilanz.messages import Language, translate
from bilanz.store.runlines import Sums
from reports import behind, names, numbers

Code = Annotated[str, StringConstraints(max_length=200)]

TITLES: Final = {
    "scope": "Scope",
    "category": "Line of the scopes",
    "source": "Source",
    "activity": "Activity",
    "gas": "Gas",
    "month": "Month",
    "factor": "Factor",
}
"""What lines may have in common → words."""


def _scope(code: str, language: Language) -> str:
    return translate("Scopes 1 to 3", language) if code == behind.COUNTED else names.scope(code, language)


def _month(code: str, language: Language) -> str:
    return numbers.month(date.fromisoformat(f"{code[:7]}-01"), language)


_WRITERS: Final[Mapping[str, Callable[[str, Language], str]]] = {
    "scope": _scope,
    "category": names.category,
    "activity": names.activity_name,
    "month": _month,
}


class Filters:
    """Which lines, by what they have in common, as an address says it; `-` where a line has none."""

    def __init__(  # noqa: PLR0913 - one parameter for each thing lines may have in common
        self,
        *,
        book: Annotated[Code, Query(description="Book; empty: the first of the run.")] = "",
        scope: Annotated[
            Code, Query(description="1, 2, 3, outside, memo; without `scope` and `category` scopes 1 to 3.")
        ] = "",
        category: Annotated[Code, Query(description="Line of the scopes, such as `3.1`.")] = "",
        source: Annotated[Code, Query(description="Meter or other source.")] = "",
        activity: Annotated[Code, Query(description="Code of the activity.")] = "",
        gas: Annotated[Code, Query(description="Gas.")] = "",
        month: Annotated[Code, Query(description="YYYY-MM.")] = "",
        factor: Annotated[Code, Query(description="Identifier of the factor.")] = "",
        unit: Annotated[Code, Query(description="Organisation within what is shown.")] = "",
        reach: Annotated[Code, Query(description="`itself`: not what is below `unit`.")] = "",
    ) -> None:
        self.book, self.unit, self.reach = book, unit, reach
        if not scope and not category:
            scope = behind.COUNTED  # what is outside or memo is never added to what counts
        given = (scope, category, source, activity, gas, month, factor)
        self.of_lines = {name: value for name, value in zip(FILTERS, given, strict=True) if value}

    def asked(self, view: View) -> Asked:
        """Return the lines asked for; without a book those of the first."""
        book = book_of(view, self.book) or view.books[0]
        return Asked(book, self.of_lines, self.unit, is_itself=self.reach == behind.ITSELF)

    def get(self, name: str) -> str | None:
        """Return what lines have in one respect; None: whatever."""
        return self.of_lines.get(name)

    def address(self) -> dict[str, str]:
        """Return them as an address says them."""
        return {"book": self.book, "unit": self.unit, "reach": self.reach, **self.of_lines}


Asks = Annotated[Filters, Depends(Filters)]


def common(asked: Asked, called: Mapping[str, str], language: Language) -> list[tuple[str, str]]:
    """Return what lines have in common, in words; `called`: organisation → name."""
    said = [(translate("Book", language), names.book(asked.book, language))]
    if asked.unit:
        said.append((translate("Organisation", language), called.get(asked.unit, asked.unit)))
    for name, code in asked.filters.items():
        writer = _WRITERS.get(name)
        if code == behind.MISSING:
            written = numbers.missing(language)
        else:
            written = code if writer is None else writer(code, language)
        said.append((translate(TITLES[name], language), written))
    return said


def added(total: Sums, language: Language) -> dict[str, Any]:
    """Return sums in words: exact, and as a dashboard rounds them."""
    return {
        "lines": numbers.decimal(total.lines, language),
        "exact": exact(total.co2e_kg, language),
        "shown": numbers.tonnes(total.co2e_kg, language),
        "quantities": [_quantity(*one, language) for one in total.quantities],
    }


def _quantity(unit: str, basis: str, held: Decimal, language: Language) -> str:
    said = f"{exact(held, language)} {unit}"
    return said if basis == "none" else f"{said} ({names.basis(basis, language)})"


def exact(value: Decimal | None, language: Language) -> str:
    """Return a number with every digit it has."""
    if value is None:
        return numbers.missing(language)
    plain = value.normalize()
    exponent = plain.as_tuple().exponent
    digits = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return numbers.decimal(plain, language, digits=digits)
