"""Kept findings: what meters came to when an effect was last taken, and what they no longer tell.

    FundFinding of a project      assessable, or why not
    FundFinding of one year of it the figure, or why the year has none
    observation of the meters        says the same as the finding of its year, else it is outdated

An outdated observation counts in no sum: the meters it rests on say otherwise. It stays, and is shown.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from string import Formatter
from typing import Final

from bilanz.errors import Refused
from bilanz.fund.effect.reason import KEPT, Reason, because
from bilanz.fund.observed import AVOIDED, SAVED, TONNES
from bilanz.fund.project import FundFinding, FundObservation, Sight

MONTHS: Final = 12
"""Months a figure of a year rests on."""

Told = tuple[Decimal, str, Decimal | None]
"""A figure, its unit, half of its 95 % interval."""


@dataclass(frozen=True, slots=True)
class Outdated:
    """An observation of meters that now say otherwise. `told`: what they say instead; None: no figure."""

    observation: FundObservation
    finding: FundFinding
    told: Told | None

    @property
    def since(self) -> date:
        """Day on which they were first found to."""
        return self.finding.since


def named(project: str, indicator: str, year: int) -> str:
    """Return the id of what meters say of a year."""
    return f"{project}-{indicator}-{year}"


def is_of_meters(row: FundObservation) -> bool:
    """Tell whether an observation was taken from meters; one that a person stated has an id of its own."""
    is_told = row.indicator in (SAVED, AVOIDED) and row.sight == Sight.EX_POST
    return is_told and row.id == named(row.project, row.indicator, row.year)


def outdated(
    observations: Iterable[FundObservation], findings: Iterable[FundFinding]
) -> tuple[Outdated, ...]:
    """Return the observations of meters that the last finding of their year contradicts, by id."""
    known = {(one.project, one.year): one for one in findings}
    found = []
    for row in observations:
        finding = known.get((row.project, row.year))
        if finding is None or not is_of_meters(row):
            continue
        told = _told(finding, row.indicator)
        if finding.code is not None or told != (row.value, row.unit, row.half_width):
            found.append(Outdated(row, finding, told))
    return tuple(sorted(found, key=lambda one: one.observation.id))


def _told(row: FundFinding, indicator: str) -> Told | None:
    """Return what meters say of an indicator; of a part of the year where they hold no more of it."""
    value, unit, half_width = {
        SAVED: (row.saved, row.unit, row.half_width),
        AVOIDED: (row.avoided_t, TONNES, row.half_width_t),
    }[indicator]
    return None if value is None or unit is None else (value, unit, half_width)


def reason_of(row: FundFinding) -> Reason | None:
    """Return why there is no figure; None: nothing stands against one."""
    return None if row.code is None else because(row.code, **facts_of(row))


def facts_of(row: FundFinding) -> Mapping[str, str]:
    """Return the facts of a reason.

    Raises:
        Refused: they are no facts of this reason.
    """
    try:
        told = json.loads(row.facts or "{}")
    except ValueError:
        told = None
    asked = (
        set() if row.code is None else {name for _, name, _, _ in Formatter().parse(KEPT[row.code]) if name}
    )
    is_sound = (
        isinstance(told, dict) and set(told) == asked and all(isinstance(v, str) for v in told.values())
    )
    if not is_sound:
        message = 'The reason of "{id}" needs the facts {names}, as JSON.'
        raise Refused(message, id=row.id, names=", ".join(sorted(asked)) or "–")
    return dict(told)


def facts_said(reason: Reason) -> str | None:
    """Return the facts of a reason as they are kept."""
    return json.dumps(dict(reason.facts), ensure_ascii=False, sort_keys=True) if reason.facts else None


def months_of(reason: Reason) -> tuple[int | None, int | None]:
    """Return how many months are there and how many are needed; None: the reason is another one."""
    facts = dict(reason.facts)
    if reason.code == "no_month":
        return 0, MONTHS
    if not {"count", "least"} <= set(facts):
        return None, None
    return int(facts["count"]), int(facts["least"])


def check_finding(new: FundFinding) -> None:
    """Hold what meters came to against the rules.

    Raises:
        Refused: the facts are not those of the reason, a figure has no unit or no year, an uncertainty is
            negative, or it is said since a later day than it was looked at.
    """
    facts_of(new)
    if new.since > new.assessed_on:
        raise Refused('"{id}" is said since a later day than it was looked at.', id=new.id)
    if (new.saved is None) != (new.unit is None):
        raise Refused('The saving of "{id}" needs its unit.', id=new.id)
    if new.year is None and (new.saved is not None or new.avoided_t is not None):
        raise Refused('The figure of "{id}" needs its year.', id=new.id)
    if any(half is not None and half < 0 for half in (new.half_width, new.half_width_t)):
        raise Refused('The uncertainty of "{id}" must not be negative.', id=new.id)
