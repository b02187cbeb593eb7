"""Scenarios: several keys over the same members and the same year, beside the key in force."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bilanz.errors import BilanzError, Refused
from bilanz.fund.contributions import Contribution, Contributions, contributions
from bilanz.fund.figures import Figures, Gap
from bilanz.fund.member import FundKey, FundMember


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a key asks of a member; differences are to the key in force. Units: as in `Contribution`."""

    organisation: str
    per_head: Decimal | None
    due: Decimal | None
    burden: Decimal | None
    per_head_difference: Decimal | None
    due_difference: Decimal | None
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class Scenario:
    """What a key asks of all. A key that cannot be applied has no outcomes and its `refusal`."""

    key: FundKey
    is_in_force: bool
    outcomes: tuple[Outcome, ...]
    due: Decimal | None
    due_difference: Decimal | None
    refusal: BilanzError | None = None


def compare(
    year: int,
    *,
    members: Iterable[FundMember],
    figures: Figures,
    in_force: FundKey,
    others: Sequence[FundKey],
) -> tuple[Scenario, ...]:
    """Return the key in force and the others in their order, each with every member of the year.

    Nothing says which key is better: whoever pays less by one pays more by another, or the total falls.

    Raises:
        Refused: the key in force cannot be applied.
    """
    known = list(members)
    base = contributions(year, members=known, figures=figures, key=in_force)
    found = [_scenario(base, base)]
    for key in others:
        try:
            found.append(_scenario(_applied(year, known, figures, key, in_force.currency), base))
        except Refused as refusal:
            found.append(
                Scenario(key, is_in_force=False, outcomes=(), due=None, due_difference=None, refusal=refusal)
            )
    return tuple(found)


def _applied(
    year: int, members: Sequence[FundMember], figures: Figures, key: FundKey, currency: str
) -> Contributions:
    if key.currency != currency:
        message = 'The key "{id}" is in {currency}, the key in force in {other}: they cannot be compared.'
        raise Refused(message, id=key.id, currency=key.currency, other=currency)
    return contributions(year, members=members, figures=figures, key=key)


def _scenario(asked: Contributions, base: Contributions) -> Scenario:
    pairs = zip(asked.rows, base.rows, strict=True)
    return Scenario(
        asked.key,
        asked is base,
        tuple(_outcome(row, before) for row, before in pairs),
        asked.due,
        _less(asked.due, base.due),
    )


def _outcome(row: Contribution, before: Contribution) -> Outcome:
    return Outcome(
        row.organisation,
        row.per_head,
        row.due,
        row.burden,
        _less(row.per_head, before.per_head),
        _less(row.due, before.due),
        row.gaps,
    )


def _less(new: Decimal | None, old: Decimal | None) -> Decimal | None:
    return None if new is None or old is None else new - old
