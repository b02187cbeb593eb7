"""How a year stands: assessed or provisional, and what today's rows would ask instead.

rows of today ─► contributions ─► assess ─► assessment 1 ─► … ─► assessment n, which holds
      │                                                             │
      └────────► reckoned anew ──────────► differences ◄────────────┘      never applied
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from bilanz.errors import BilanzError
from bilanz.fund.assessed import Assessment, bare, cell, substance
from bilanz.fund.assessment import FundAssessedAmount
from bilanz.fund.cents import amount_of
from bilanz.fund.contributions import Contribution, Contributions, days_of
from bilanz.fund.figures import Figures, Gap
from bilanz.fund.member import FundMember

_ZERO: Final = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Difference:
    """What is asked of a member, and what would be asked of it instead.

    Units: `assessed` and `reckoned` in the fund's currency, `own_…` in the member's. None: it is not in the
    assessment, is no member, or (`gaps`) the amount cannot be told.
    """

    organisation: str
    own_currency: str
    assessed: Decimal | None
    reckoned: Decimal | None
    own_assessed: Decimal | None
    own_reckoned: Decimal | None
    gaps: tuple[Gap, ...] = ()

    @property
    def difference(self) -> Decimal | None:
        """Return reckoned − assessed, who is not asked counting as zero; None: it is not known."""
        if self.reckoned is None and self.gaps:
            return None
        return (self.reckoned or _ZERO) - (self.assessed or _ZERO)

    @property
    def is_none(self) -> bool:
        """Tell whether both ask the same, in both currencies."""
        return (self.assessed, self.own_assessed) == (self.reckoned, self.own_reckoned)


@dataclass(frozen=True, slots=True)
class Changed:
    """Something an assessment rests on that is another today. None: it was not there, or is not any more.

    `organisation` None: of the key. `kind`: that of a figure, `days`, `country`, `currency`, or a column of
    the key. `year`: of the figure, else of the contribution.
    """

    organisation: str | None
    kind: str
    year: int
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a year is assessed, and what today's rows say of it.

    Attributes:
        history: all assessments of the year, the first one first; empty: what is owed is provisional.
        reckoned: the year by today's rows; None: no key is in force any more, or `refusal` says why.
        differences: members of whom something else would be asked.
        changed: what is another than in the assessment that holds.
    """

    year: int
    history: tuple[Assessment, ...]
    reckoned: Contributions | None
    refusal: BilanzError | None = None
    differences: tuple[Difference, ...] = ()
    changed: tuple[Changed, ...] = ()

    @property
    def assessment(self) -> Assessment | None:
        """Return the assessment that holds; None: there is none."""
        return self.history[-1] if self.history else None

    def of(self, organisation: str) -> Difference | None:
        """Return what would be asked of a member instead; None: the same."""
        return next((one for one in self.differences if one.organisation == organisation), None)


def standing(
    year: int,
    history: Sequence[Assessment],
    reckoned: Contributions | None,
    refusal: BilanzError | None,
    *,
    members: Sequence[FundMember],
    figures: Figures,
) -> Standing:
    """Return how a year stands against today's rows."""
    if not history:
        return Standing(year, (), reckoned, refusal)
    holds = history[-1]
    return Standing(
        year,
        tuple(history),
        reckoned,
        refusal,
        () if reckoned is None else anew(holds, reckoned),
        (*_of_key(holds, reckoned), *_of_members(holds, members), *_of_figures(holds, figures)),
    )


def anew(holds: Assessment, reckoned: Contributions) -> tuple[Difference, ...]:
    """Return the members of whom today's rows would ask something else."""
    names = sorted(
        {*(one.organisation for one in holds.amounts), *(row.organisation for row in reckoned.rows)}
    )
    found = (_against(name, holds.of(name), reckoned.of(name)) for name in names)
    return tuple(one for one in found if not one.is_none)


def between(former: Assessment | None, later: Assessment) -> tuple[Difference, ...]:
    """Return all members of two assessments; `assessed` is by the former, `reckoned` by the later one."""
    before = () if former is None else former.amounts
    names = sorted({one.organisation for one in (*before, *later.amounts)})
    return tuple(_both(name, None if former is None else former.of(name), later.of(name)) for name in names)


def _both(name: str, before: FundAssessedAmount | None, after: FundAssessedAmount | None) -> Difference:
    told = after or before
    return Difference(
        name,
        "" if told is None else told.own_currency,
        None if before is None else amount_of(before.due_cents),
        None if after is None else amount_of(after.due_cents),
        None if before is None else amount_of(before.own_cents),
        None if after is None else amount_of(after.own_cents),
    )


def _against(name: str, held: FundAssessedAmount | None, row: Contribution | None) -> Difference:
    gaps: tuple[Gap, ...] = ()
    if row is not None:
        rate = row.exchange_rate
        gaps = (*row.gaps, *((rate,) if isinstance(rate, Gap) else ()))
    own = "" if held is None else held.own_currency
    return Difference(
        name,
        own if row is None else row.own_currency,
        None if held is None else amount_of(held.due_cents),
        None if row is None else row.due,
        None if held is None else amount_of(held.own_cents),
        None if row is None else row.due_own,
        gaps,
    )


def _of_key(holds: Assessment, reckoned: Contributions | None) -> Iterator[Changed]:
    if reckoned is None:
        return
    year, before, after = holds.head.year, substance(holds.head)["key"], bare(reckoned.key)
    for name in dict.fromkeys((*before, *after)):
        if before.get(name) != after.get(name):
            yield Changed(None, name, year, _text(before.get(name)), _text(after.get(name)))


def _of_members(holds: Assessment, members: Sequence[FundMember]) -> Iterator[Changed]:
    year, before = holds.head.year, {row["organisation"]: row for row in substance(holds.head)["members"]}
    today = {one.organisation: one for one in members if days_of(one, year)}
    days = {one.organisation: one.days for one in holds.amounts}
    for name in sorted({*before, *today}):
        now = None if name not in today else days_of(today[name], year)
        if days.get(name) != now:
            yield Changed(name, "days", year, _text(days.get(name)), _text(now))
        if name in before and name in today:
            for column in ("country", "currency"):
                told = getattr(today[name], column)
                if before[name][column] != told:
                    yield Changed(name, column, year, before[name][column], told)


def _of_figures(holds: Assessment, figures: Figures) -> Iterator[Changed]:
    """Yield the figures the assessment rests on that have another value or unit now, or are gone."""
    for row in substance(holds.head)["figures"]:
        name, kind, year = row["organisation"], row["kind"], row["year"]
        now = figures.of(name, kind, year)
        before = f"{row['value']} {row['unit']}"
        after = None if now is None else f"{cell(now.value)} {now.unit}"
        if before != after:
            yield Changed(name, kind, year, before, after)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
