"""Fields of a form of master data: what they offer, how a value stands in them, what an entry means."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from bilanz.access import Right
from bilanz.activity import activities
from bilanz.app.catalogue.references import references
from bilanz.app.master import cells
from bilanz.app.master.access import Access
from bilanz.app.master.intake import Known
from bilanz.app.master.tables import Column, Table, cell
from bilanz.app.master.words import activity_word, column_words, value_word
from bilanz.app.shown.summary import BOOK_FOLDER
from bilanz.books import read_all
from bilanz.fund.project import FundProgramme, FundProject
from bilanz.instrument import COVERED
from bilanz.masterrow import MasterRow
from bilanz.messages import Language, translate
from bilanz.money import CURRENCIES
from bilanz.organisation import OrganisationUnit, Site
from bilanz.units import units
from reports import numbers

MOST_OPTIONS: Final = 80
"""More than these are offered as suggestions while typing."""

MOST_SUGGESTIONS: Final = 2000

_GROUPED: Final = {
    "de": re.compile(r"-?(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?"),
    "en": re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"),
}
_EXPECTED: Final = {"de": "1.234,5", "en": "1,234.5"}
_SPACES: Final = re.compile("[ \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]")
_WHOLE: Final = (cells.whole, cells.year)
_DAYS: Final = (cells.day, cells.start)
_YES_NO: Final = ("true", "false")

Option = tuple[str, str]


class Input(StrEnum):
    """How a field is entered."""

    TEXT = "text"
    DAY = "date"
    MONTH = "month"
    NUMBER = "number"
    CHOICE = "choice"
    SUGGESTED = "suggested"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form.

    Attributes:
        name: in the form.
        value: as it stands in the field.
        shown: the value in words, where it is not entered.
        options: (value, words) to choose from, or that are suggested.
        is_fixed: it identifies the row, or names what may not be seen: shown, not entered.
    """

    name: str
    title: str
    hint: str
    input: Input
    is_needed: bool
    value: str = ""
    shown: str = ""
    options: tuple[Option, ...] = ()
    is_fixed: bool = False


def fields(
    table: Table,
    known: Known,
    entered: Mapping[str, str],
    *,
    prefix: str = "",
    before: MasterRow | None = None,
) -> list[Field]:
    """Return the fields of a row.

    Args:
        table: its table.
        known: what is registered, for whoever fills them in.
        entered: name → what stands in the field.
        prefix: before the names of fields, where a form holds those of two tables.
        before: the row that is changed: what identifies it is fixed. None: it is new.
    """
    found = []
    for column in table.columns:
        kind, options = _input(table, column, known)
        words = column_words(table.name, column.name)
        value = entered.get(prefix + column.name, "")
        is_hidden = before is not None and is_hidden_in(table, known, before, column.name)
        offered = dict(options)
        if kind is Input.CHOICE and value and value not in offered:
            options = (*options, (value, value))
        found.append(
            Field(
                prefix + column.name,
                translate(words.title, known.language),
                translate(words.purpose, known.language),
                kind,
                column.is_needed,
                value,
                "" if before is None else shown(table, column, before, known),
                options,
                is_fixed=is_hidden or (before is not None and column.name in table.key),
            )
        )
    return found


def is_hidden_in(table: Table, known: Known, row: MasterRow, column: str) -> bool:
    """Tell whether a cell of a row names what may not be seen."""
    access = known.access
    return access is not None and access.hides(table.references, column, getattr(row, column))


def _input(table: Table, column: Column, known: Known) -> tuple[Input, tuple[Option, ...]]:
    """Return how a column is entered and what it offers."""
    read = column.read
    coded = _coded(table, column, known.language)
    if coded is not None:
        return Input.CHOICE, coded
    if column.refers is not None:
        return _offered(_references(table, column, known))
    if (table.name, column.name) in _SUGGESTED:
        return _offered(_SUGGESTED[table.name, column.name](known))
    kinds = {cells.NUMBERS: Input.NUMBER, _WHOLE: Input.NUMBER, _DAYS: Input.DAY, (cells.month,): Input.MONTH}
    return next((kind for reads, kind in kinds.items() if read in reads), Input.TEXT), ()


def _coded(table: Table, column: Column, language: Language) -> tuple[Option, ...] | None:
    """Return the codes a column takes, in words; None: it takes other texts."""
    read = column.read
    if isinstance(read, cells.OneOf):
        return tuple((name, value_word(name, language, table.name)) for name in read.names)
    if read is cells.yes_no:
        return tuple((name, value_word(name, language)) for name in _YES_NO)
    if read is cells.currency:
        return tuple((code, code) for code in sorted(CURRENCIES))
    if read is cells.activity_code:
        codes = COVERED if table.name == "instruments" else tuple(activities())
        named = [(code, activity_word(code, language)) for code in codes]
        return tuple(sorted(named, key=lambda option: option[1].casefold()))
    return None


def _offered(options: Iterable[Option]) -> tuple[Input, tuple[Option, ...]]:
    found = tuple(options)
    if 0 < len(found) <= MOST_OPTIONS:
        return Input.CHOICE, found
    return Input.SUGGESTED, found[:MOST_SUGGESTIONS]


_ONLY_SEEN: Final = ("municipality", "anchor")
"""Columns that name an organisation without making the row its own."""


def _references(table: Table, column: Column, known: Known) -> list[Option]:
    """Return what a column may name: organisations that may be changed, else what may be seen."""
    access = known.access
    target = column.refers or ""
    is_for_change = target == "organisations" and column.name not in _ONLY_SEEN
    found = []
    for row in known.rows[target].values():
        if access is not None and not _is_offered(access, target, row, is_for_change=is_for_change):
            continue
        found.append((str(getattr(row, "id", "")), named(row)))
    is_tree = table.name == "organisations"
    return found if is_tree else sorted(found, key=lambda option: option[1].casefold())


def _is_offered(access: Access, target: str, row: MasterRow, *, is_for_change: bool) -> bool:
    if is_for_change and isinstance(row, OrganisationUnit):
        return access.may(Right.MASTER, row.id)
    return access.sees(target, row)


def named(row: MasterRow) -> str:
    """Return what a row others name is called."""
    if isinstance(row, OrganisationUnit | Site) and row.name != row.id:
        return f"{row.name} ({row.id})"
    if isinstance(row, FundProgramme | FundProject):
        return f"{row.title} ({row.id})"
    return str(getattr(row, "id", ""))


def _books(known: Known) -> list[Option]:
    return [(name, getattr(book.name, known.language)) for name, book in read_all(BOOK_FOLDER).items()]


def _factors(known: Known) -> list[Option]:
    if known.factors is None:
        return []
    names = known.factors.select("factor_id").unique().sort("factor_id")["factor_id"].to_list()
    return [(name, name) for name in names if name.startswith("custom:")]


def _weights(known: Known) -> list[Option]:
    return _names(known, "weights", "name")


def _units(_known: Known) -> list[Option]:
    return [(code, code) for code in units()]


def _series(known: Known) -> list[Option]:
    return _names(known, "fund_factors", "series")


def _sets(known: Known) -> list[Option]:
    return _names(known, "fund_rates", "set")


def _names(known: Known, table: str, column: str) -> list[Option]:
    """Return what the rows of a table that may be seen hold in a column."""
    access = known.access
    rows = [row for row in known.rows[table].values() if access is None or access.sees(table, row)]
    return [(name, name) for name in sorted({str(getattr(row, column)) for row in rows})]


def _refs(_known: Known) -> list[Option]:
    return [(ref, ref) for ref in references().refs]


_SUGGESTED: Final[Mapping[tuple[str, str], Callable[[Known], list[Option]]]] = {
    ("targets", "book"): _books,
    ("instruments", "factor"): _factors,
    ("notation_keys", "ref"): _refs,
}
_TYPED: Final[Mapping[tuple[str, str], Callable[[Known], list[Option]]]] = {
    ("sources", "weights"): _weights,
    ("weights", "name"): _weights,
    ("sources", "unit"): _units,
    ("fund_projects", "unit"): _units,
    ("fund_projects", "factor_series"): _series,
    ("fund_factors", "unit"): _units,
    ("fund_factors", "series"): _series,
    ("fund_rates", "set"): _sets,
}
"""Columns that take also what is not suggested."""


def suggestions(table: Table, column: str, known: Known) -> list[Option]:
    """Return what is suggested for a column that takes other texts, too."""
    found = _TYPED.get((table.name, column))
    return [] if found is None else found(known)


def entry(column: Column, row: MasterRow, language: Language) -> str:
    """Return a value of a row as it stands in its field."""
    value = getattr(row, column.name)
    if column.read is cells.month and isinstance(value, date):
        return f"{value:%Y-%m}"
    if not isinstance(value, Decimal):
        return cell(value)
    text = f"{value.normalize():f}"
    return text.replace(".", ",") if language == "de" else text


def as_cell(column: Column, text: str, language: Language) -> str:
    """Return what was entered as the cell of a file; numbers are read as people of a language write them.

    Raises:
        CellError: it is no number in that language.
    """
    told = text.strip()
    if not told or column.read not in (*cells.NUMBERS, *_WHOLE):
        return told
    group, point = (".", ",") if language == "de" else (",", ".")
    bare = _SPACES.sub(" ", told.replace("−", "-"))
    if group not in bare:
        bare = bare.replace(" ", group)  # spaces group thousands; those that do not are no number
    if not _GROUPED[language].fullmatch(bare):
        raise cells.CellError("not_a_number", expected=_EXPECTED[language])
    plain = bare.replace(group, "").replace(point, ".")
    return plain if column.read in _WHOLE else cells.written(Decimal(plain))


def shown(table: Table, column: Column, row: MasterRow, known: Known) -> str:
    """Return a value of a row as people read it."""
    return shown_value(table, column, getattr(row, column.name), known)


def shown_value(table: Table, column: Column, value: Any, known: Known) -> str:  # noqa: ANN401 - of a column
    """Return a value as people read it; the name of what may not be seen is not told."""
    language, access = known.language, known.access
    if value is None:
        return "–"
    if access is not None and access.hides(table.references, column.name, value):
        return translate("not yours to see", language)
    if column.refers is not None:
        found = known.rows[column.refers].get((value,))
        return str(value) if found is None else named(found)
    if column.read is cells.activity_code:
        return activity_word(str(value), language)
    if isinstance(column.read, cells.OneOf) or column.read is cells.yes_no:
        return value_word(cell(value), language, table.name)
    return _written(column, value, language)


def _written(column: Column, value: Any, language: Language) -> str:  # noqa: ANN401 - of a column
    """Return a date or a number as people of a language write it, any other value as it is."""
    if isinstance(value, date):
        is_month = column.read is cells.month
        return numbers.month(value, language) if is_month else numbers.day(value, language)
    if isinstance(value, int | Decimal) and column.read is not cells.year:
        return numbers.decimal(value, language, digits=_digits(value))
    return str(value)


def _digits(value: int | Decimal) -> int:
    """Return how many decimals a number has."""
    exponent = value.normalize().as_tuple().exponent if isinstance(value, Decimal) else 0
    return max(0, -exponent) if isinstance(exponent, int) else 0
