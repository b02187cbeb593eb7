"""Scope and category of a quantity: activity × role × control × tenure, as a book declares it.

Never the name of a file, never the sign of a number:

    role                 scope      category
    fed_in, sold,        memo       the role
    generated
    tenant               3 or memo  3.13 (or memo where the book says so)
    let, any control     3          3.13   energy and fuel only: what others use in what is ours
    not controlled       3          3.8    rented, leased, contracting; 3.13 where owned
    fleet, memo books    memo       fleet
    outside `counted`    memo       as it would be
    otherwise            as the activity's vocabulary entry says
"""

from typing import NamedTuple

from bilanz.activity import Activity, activity
from bilanz.books import Book
from bilanz.records import Role

MEMO = "memo"
OUTSIDE = "outside"
UPSTREAM_CATEGORY = "3.3"
BIOGENIC_CATEGORY = "biogenic_co2"
MONTREAL_CATEGORY = "montreal_gases"
EXCLUDED_CATEGORY = "excluded"

MEMO_ROLES = frozenset({Role.FED_IN.value, Role.SOLD.value, Role.GENERATED.value})
COUNTED = frozenset({"1", "2", "3"})
"""Scopes that make up a total."""

_LEASED_OUT = "3.13"
_LEASED_IN = "3.8"
_OWN_SCOPES = frozenset({"1", "2"})


class Terms(NamedTuple):
    """On what terms an organisation has what a source measures."""

    role: str
    tenure: str
    control: bool


OWN_CONSUMPTION = Terms(Role.CONSUMED.value, "owned", control=True)


def scope_of(book: Book, code: str, terms: Terms) -> tuple[str, str]:
    """Return (scope, category) of a quantity in a book.

    Scope is "1", "2", "3" or "memo". A quantity in "memo" is shown and in no total.
    """
    return within(book, *_scope_of(book, code, terms))


def within(book: Book, scope: str, category: str) -> tuple[str, str]:
    """Return a place in the scopes; beyond the boundary of the book it is memo, under the same category."""
    is_counted = scope not in COUNTED or book.counts(scope, category)
    return (scope, category) if is_counted else (MEMO, category)


def _scope_of(book: Book, code: str, terms: Terms) -> tuple[str, str]:
    """Return (scope, category) whatever the boundary."""
    entry = activity(code)
    if terms.role in MEMO_ROLES:
        return MEMO, terms.role
    if book.exclusion(code) is not None:
        return MEMO, EXCLUDED_CATEGORY
    if entry.scope not in _OWN_SCOPES:
        return entry.scope, entry.category
    return _own_energy(book, entry, terms)


def _own_energy(book: Book, entry: Activity, terms: Terms) -> tuple[str, str]:
    """Return (scope, category) of fuel, energy and refrigerants, which control decides."""
    if terms.role == Role.TENANT:
        return (MEMO, terms.role) if book.tenant == MEMO else ("3", _LEASED_OUT)
    if book.is_fleet_memo and entry.is_fleet:
        return MEMO, "fleet"
    if terms.tenure == "let":
        return (MEMO, "let") if book.tenant == MEMO else ("3", _LEASED_OUT)
    if not terms.control and book.uncontrolled == "scope3":
        return "3", _LEASED_OUT if terms.tenure == "owned" else _LEASED_IN
    return entry.scope, entry.category


def needs_factor(scope: str, category: str) -> bool:
    """Whether emissions are calculated: not for feed-in, sales, generation and what a book excludes."""
    return not (scope == MEMO and (category in MEMO_ROLES or category == EXCLUDED_CATEGORY))


def scope_of_upstream(scope: str, category: str) -> tuple[str, str]:
    """Return where the upstream part of a line belongs: 3.3 for scopes 1 and 2, else beside the line."""
    return ("3", UPSTREAM_CATEGORY) if scope in _OWN_SCOPES else (scope, category)
