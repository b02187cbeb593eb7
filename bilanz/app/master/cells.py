"""How a cell of a table of master data becomes a value; what is none is refused with what was expected."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Final

from bilanz import activity, units
from bilanz.app.catalogue.references import references
from bilanz.errors import UnknownName
from bilanz.money import CURRENCIES, find_currency
from bilanz.periods import zone_of
from bilanz.registry.bulk import Limit

YES: Final = frozenset({"true", "yes", "ja", "wahr", "1", "x"})
NO: Final = frozenset({"false", "no", "nein", "falsch", "0"})

_WHITE: Final = "\n\r\t\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{SOFT HYPHEN}"

_YEARS: Final = (1900, 2200)

_COUNTRY: Final = 2

_MOST_DIGITS: Final = 40
"""More than any column holds; Python itself refuses to read very many."""

_OPEN: Final = re.compile(r"([-+]?[1-9]\d{0,2})[.,](\d{3})", re.ASCII)
"""Numbers that are thousands to some and decimals to others: `1.234`."""

_HEAVIEST: Final = 1_000_000
"""Weights of months are proportions; below this their products with any quantity stay exact."""


class CellError(ValueError):
    """A cell that is no value of its column; becomes an issue."""

    def __init__(self, code: str, **parameters: str) -> None:
        self.code = code
        self.parameters = parameters
        super().__init__(code)


def plain(cell: str) -> str:
    """Return the text as it is."""
    return cell


def day(cell: str) -> date:
    """Return a civil day."""
    for form in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            return datetime.strptime(cell, form).date()  # noqa: DTZ007 - a civil day has no zone
        except ValueError:
            continue
    raise CellError("not_a_date", expected="YYYY-MM-DD, DD.MM.YYYY")


def number(cell: str) -> Decimal:
    """Return a decimal; decimal comma and point are both read, thousands are not, `1.234` is neither."""
    if (open_one := _OPEN.fullmatch(cell)) is not None:
        raise CellError("thousands_or_decimals", whole="".join(open_one.groups()), fraction=f"{cell}0")
    try:
        found = Decimal(cell.replace(",", "."))
    except InvalidOperation:
        raise CellError("not_a_number", expected="1234.5") from None
    if not found.is_finite():
        raise CellError("not_a_number", expected="1234.5")
    return found


def written(value: Decimal) -> str:
    """Return a decimal as a cell that nobody takes for thousands: 1.234 as `1.2340`."""
    text = f"{value.normalize():f}"
    return f"{text}0" if _OPEN.fullmatch(text) else text


def whole(cell: str) -> int:
    """Return a whole number, not negative."""
    if not cell.isdecimal() or len(cell) > _MOST_DIGITS:
        raise CellError("not_a_number", expected="1234")
    return int(cell)


def share(cell: str) -> Decimal:
    """Return a share from 0 to 1."""
    found = number(cell)
    if not 0 <= found <= 1:
        raise CellError("not_a_number", expected="0–1")
    return found


def size(cell: str) -> Decimal:
    """Return a number above zero."""
    found = number(cell)
    if found <= 0:
        raise CellError("not_a_number", expected="> 0")
    return found


def year(cell: str) -> int:
    """Return a calendar year."""
    found = whole(cell)
    if not _YEARS[0] <= found <= _YEARS[1]:
        raise CellError("not_a_number", expected="–".join(map(str, _YEARS)))
    return found


def start(cell: str) -> date:
    """Return a civil day that something begins on: there is a year after it."""
    found = day(cell)
    if found.year > _YEARS[1]:
        raise CellError("not_a_date", expected=f"YYYY-MM-DD, ≤ {_YEARS[1]}")
    return found


def month(cell: str) -> date:
    """Return the first day of a month."""
    try:
        return datetime.strptime(cell, "%Y-%m").date()  # noqa: DTZ007 - a civil day has no zone
    except ValueError:
        found = day(cell)
    if found.day != 1:
        raise CellError("not_a_date", expected="YYYY-MM")
    return found


def weight(cell: str) -> Decimal:
    """Return a weight of a month."""
    found = number(cell)
    if not 0 <= found < _HEAVIEST:
        raise CellError("not_a_number", expected=f"0–{_HEAVIEST - 1}")
    return found


NUMBERS: Final = (number, share, size, weight)
"""What reads decimals."""


def yes_no(cell: str) -> bool:
    """Return a truth."""
    if cell.casefold() in YES | NO:
        return cell.casefold() in YES
    raise CellError("unknown_value", expected="true, false")


@dataclass(frozen=True, slots=True)
class OneOf:
    """Reads one of some names."""

    names: tuple[str, ...]

    def __call__(self, cell: str) -> str:
        """Return the name a cell holds."""
        if cell not in self.names:
            raise CellError("unknown_value", expected=", ".join(self.names))
        return cell


def one_of(*names: str) -> OneOf:
    """Return what reads one of some names."""
    return OneOf(names)


def activity_code(cell: str) -> str:
    """Return the code of an activity."""
    code = activity.find(cell)
    if code is None:
        raise CellError("unknown_activity", near=", ".join(activity.near(cell)) or "–")
    return code


def unit_code(cell: str) -> str:
    """Return the code of a unit."""
    found = units.find(cell)
    if found is None:
        raise CellError("unknown_unit", near=", ".join(units.near(cell)) or "–")
    return found.unit


def zone(cell: str) -> str:
    """Return an IANA zone."""
    try:
        return str(zone_of(cell))
    except UnknownName:
        raise CellError("unknown_value", expected="IANA, e.g. Europe/Berlin") from None


def currency(cell: str) -> str:
    """Return the ISO 4217 code of a currency."""
    found = find_currency(cell)
    if found is None:
        raise CellError("unknown_value", expected=", ".join(sorted(CURRENCIES)))
    return found


def country(cell: str) -> str:
    """Return the ISO 3166-1 code of a country, two letters."""
    code = cell.upper()
    if not (len(code) == _COUNTRY and code.isascii() and code.isalpha()):
        raise CellError("unknown_value", expected="ISO 3166-1: DE, DK, PL …")
    return code


def reference(cell: str) -> str:
    """Return a reference of GPC 1.1."""
    known = references().refs
    if cell not in known:
        near = get_close_matches(cell, known, n=5, cutoff=0.5)
        raise CellError("unknown_value", expected=", ".join(near or known))
    return cell


def fits(value: object, limit: Limit | None) -> None:
    """Hold a value against what its column of the database holds. `limit`: None: any.

    Raises:
        CellError: it is too long, too large or too fine, or no text.
    """
    most = None if limit is None else limit.characters
    below = None if limit is None else limit.below
    decimals = None if limit is None else limit.decimals
    if isinstance(value, str):
        if not all(sign.isprintable() or sign in _WHITE for sign in value):
            raise CellError("no_text")
        if most is not None and len(value) > most:
            raise CellError("text_too_long", most=str(most))
    if isinstance(value, int | Decimal) and below is not None and not -below < value < below:
        raise CellError("not_a_number", expected=f"< {below}")
    if isinstance(value, Decimal) and decimals is not None and not _comes_back(value, decimals):
        raise CellError("number_too_fine", decimals=str(decimals))


def _comes_back(value: Decimal, decimals: int) -> bool:
    """Tell whether a number is read as it was written: SQLite keeps a double, and rounds to the column."""
    return Decimal(f"{float(value):.{decimals}f}") == value
