"""Assessments: what each member owes for a year, made of today's rows once, read from what was kept after.

An assessment keeps what its amounts rest on: the key, who was a member from when to when in the year, and the
rows of figures. The price level is in no key and not kept.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from typing import Any, Final

from bilanz.errors import Refused
from bilanz.fund.assessment import FundAssessedAmount, FundAssessment
from bilanz.fund.cents import amount_of, whole_cents
from bilanz.fund.contributions import Contribution, Contributions, fixed
from bilanz.fund.figures import Figures, Gap, Held
from bilanz.fund.member import FigureKind, FundFigure, FundKey, FundMember
from bilanz.trail import canonical

_BESIDE: Final = frozenset({"evidence", "source", "retrieved_on", "licence", "first_year", "is_proposal"})
"""Columns that say where something stands or since when it holds; no amount rests on them."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """An assessment with its amounts, by organisation."""

    head: FundAssessment
    amounts: tuple[FundAssessedAmount, ...]

    def of(self, organisation: str) -> FundAssessedAmount | None:
        """Return what is asked of a member; None: nothing."""
        return next((one for one in self.amounts if one.organisation == organisation), None)

    @property
    def total(self) -> Decimal:
        """Return the sum of all amounts, in the currency of the assessment."""
        return amount_of(self.head.total_cents)


@dataclass(frozen=True, slots=True)
class Kept:
    """What an assessment rests on. Members: their days within the year, first day and first day after."""

    key: FundKey
    members: tuple[FundMember, ...]
    figures: tuple[FundFigure, ...]


def by_year(
    heads: Iterable[FundAssessment], amounts: Iterable[FundAssessedAmount]
) -> dict[int, tuple[Assessment, ...]]:
    """Return the assessments of a league by year, the first one first."""
    of: dict[tuple[int, int], list[FundAssessedAmount]] = {}
    for amount in sorted(amounts, key=lambda amount: amount.organisation):
        of.setdefault((amount.year, amount.number), []).append(amount)
    found: dict[int, tuple[Assessment, ...]] = {}
    for head in sorted(heads, key=lambda head: (head.year, head.number)):
        one = Assessment(head, tuple(of.get((head.year, head.number), ())))
        found[head.year] = (*found.get(head.year, ()), one)
    return found


def lacking(found: Contributions) -> tuple[Gap, ...]:
    """Return why a year cannot be assessed: an amount is missing, in the fund's or the member's currency."""
    told = [gap for row in found.rows for gap in row.gaps]
    told += [row.exchange_rate for row in found.rows if isinstance(row.exchange_rate, Gap)]
    return tuple(dict.fromkeys(told))


def assess(
    found: Contributions,
    members: Iterable[FundMember],
    *,
    league: str,
    by: str,
    at: str,
    reason: str | None,
    former: Assessment | None,
) -> Assessment:
    """Return the assessment of a year that lacks nothing (see `lacking`).

    Args:
        found: the year by today's rows.
        members: of today.
        league: whose key it is.
        by: who assesses.
        at: when; UTC, ISO 8601.
        reason: why; needed where there is a former assessment.
        former: the one that holds until now; None: it is the first one.

    Raises:
        Refused: nobody is a member, or nothing has changed since the former assessment.
    """
    if not found.rows:
        raise Refused(
            "Nobody is a member of the fund in {year}: there is nothing to assess.", year=found.year
        )
    content = kept_of(found, members)
    place: dict[str, Any] = {
        "league": league,
        "year": found.year,
        "number": 1 if former is None else former.head.number + 1,
    }
    amounts = tuple(_amount(row, place) for row in found.rows)
    head = FundAssessment(
        **place,
        key=found.key.id,
        currency=found.key.currency,
        total_cents=sum(one.due_cents for one in amounts),
        sha256=sha256(content.encode()).hexdigest(),
        content=content,
        by=by,
        at=at,
        reason=reason,
    )
    made = Assessment(head, amounts)
    if former is not None and substance(former.head) == substance(head) and _asked(former) == _asked(made):
        message = "Nothing has changed since assessment {number} of {year}."
        raise Refused(message, number=former.head.number, year=found.year)
    return made


def _asked(one: Assessment) -> list[tuple[str, int, int]]:
    return [(row.organisation, row.due_cents, row.own_cents) for row in one.amounts]


def _amount(row: Contribution, place: Mapping[str, Any]) -> FundAssessedAmount:
    rate = row.exchange_rate
    if row.per_head is None or row.due is None or row.due_own is None or isinstance(rate, Gap):
        message = "a year that lacks amounts is not assessed"
        raise TypeError(message)
    return FundAssessedAmount(
        **place,
        organisation=row.organisation,
        days=row.days,
        per_head=row.per_head,
        due_cents=_cents(row.due),
        own_currency=row.own_currency,
        own_cents=_cents(row.due_own),
        exchange_rate=rate.rows[0].value if rate.rows else Decimal(1),
        burden=row.burden,
    )


def _cents(amount: Decimal) -> int:
    return whole_cents(Fraction(amount))


def kept_of(found: Contributions, members: Iterable[FundMember]) -> str:
    """Return what the amounts of a year rest on, as its one JSON text."""
    first, end = date(found.year, 1, 1), date(found.year + 1, 1, 1)
    known = {member.organisation: member for member in members}
    figures: dict[tuple[str, str, int], FundFigure] = {}
    for row in found.rows:
        for held in (row.inhabitants, row.income, row.capacity, row.exchange_rate):
            if isinstance(held, Held):
                figures |= {(one.organisation, str(one.kind), one.year): one for one in held.rows}
    told = [
        {
            "organisation": row.organisation,
            "country": row.country,
            "currency": row.own_currency,
            "joined_on": max(known[row.organisation].joined_on, first).isoformat(),
            "left_on": min(known[row.organisation].left_on or end, end).isoformat(),
        }
        for row in found.rows
    ]
    rows = [_plain(figures[place]) for place in sorted(figures)]
    return canonical({"key": _plain(found.key), "members": told, "figures": rows})


def _plain(row: FundKey | FundFigure) -> dict[str, Any]:
    """Return the cells that are filled: a column that is new later changes nothing of what was kept."""
    return {name: cell(value) for name, value in row.model_dump().items() if value is not None}


def cell(value: object) -> object:
    """Return a value as JSON holds it; a number without trailing zeros."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, date) else value


def kept(head: FundAssessment) -> Kept:
    """Return what an assessment rests on, as rows."""
    told = json.loads(head.content)
    return Kept(
        FundKey.model_validate(told["key"]),
        tuple(FundMember.model_validate(row | {"evidence": ""}) for row in told["members"]),
        tuple(FundFigure.model_validate(row) for row in told["figures"]),
    )


def substance(head: FundAssessment) -> dict[str, Any]:
    """Return what the amounts of an assessment rest on, without where it is published."""
    told = json.loads(head.content)
    return {
        "key": _told(told["key"]),
        "members": told["members"],
        "figures": [_told(row) for row in told["figures"]],
    }


def bare(key: FundKey) -> dict[str, Any]:
    """Return what of a key amounts rest on, as `substance` has it."""
    return _told(_plain(key))


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in _BESIDE}


def as_assessed(one: Assessment, today: Iterable[FundFigure]) -> Contributions:
    """Return a year with the amounts of an assessment; `today`: price levels, which it does not keep."""
    base = kept(one.head)
    prices = [row for row in today if row.kind == FigureKind.PRICE_LEVEL]
    found = fixed(
        one.head.year,
        members=base.members,
        figures=Figures([*base.figures, *prices]),
        key=base.key,
        per_head={row.organisation: Fraction(row.per_head) for row in one.amounts},
        owed={row.organisation: row.due_cents for row in one.amounts},
    )
    given = {row.organisation: row for row in one.amounts}
    rows = [
        replace(row, due_own=amount_of(amount.own_cents), burden=amount.burden)
        for row in found.rows
        for amount in (given[row.organisation],)
    ]
    return replace(found, rows=tuple(rows))
