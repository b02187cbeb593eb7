"""What rows of projects must keep to: shares, dates, a measurement plan before money flows, claims up to one.

    a disbursement asks for                       of a project that      of any other
                                                  meters are to judge
    measurement plan                              yes                    yes
    baseline in words and of twelve months,
    what is saved, in which unit                  yes                    no: nothing is metered
    committed up to the day ≥ disbursed up to it  yes                    yes

Meters are to judge a project that is for nature in part, or states an expected saving.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Final

from bilanz.errors import Refused
from bilanz.fund.project import (
    FlowKind,
    FundClaim,
    FundFinancing,
    FundFlow,
    FundObservation,
    FundProject,
    TaxonomyState,
)

_DATA_QUALITY: Final = range(1, 6)
_SHARES: Final = (
    *("nature_share", "social_share", "democracy_share"),
    *("eligible_share", "overlap_share", "rebound_share"),
)


def check_project(new: FundProject, flows: Iterable[FundFlow]) -> None:
    """Hold a project against the rules. `flows`: of the project.

    Raises:
        Refused: its shares, dates, costs or fields contradict each other, or it no longer states what the
            money already paid out asks for.
    """
    _check_shares(new)
    _check_days(new)
    _check_fields(new)
    held = list(flows)
    if any(flow.currency != new.currency for flow in held):
        message = 'The project "{id}" has flows in another currency than {currency}.'
        raise Refused(message, id=new.id, currency=new.currency)
    if any(flow.kind == FlowKind.DISBURSEMENT for flow in held):
        check_disbursable(new)


def _check_shares(new: FundProject) -> None:
    for name in _SHARES:
        share = getattr(new, name)
        if share is not None and not 0 <= share <= 1:
            message = 'A share of the project "{id}" is not between 0 and 1: {column}.'
            raise Refused(message, id=new.id, column=name)
    total = new.nature_share + new.social_share + new.democracy_share
    if total != 1:
        message = 'The shares of the three pillars of the project "{id}" add up to {total} and not to 1.'
        raise Refused(message, id=new.id, total=f"{total.normalize():f}")


def _check_days(new: FundProject) -> None:
    ends = (new.planned_completion, new.completed_on)
    if any(end is not None and end < new.starts_on for end in ends):
        raise Refused('The project "{id}" is completed before it starts.', id=new.id)
    if (new.baseline_from is None) != (new.baseline_to is None):
        message = 'The baseline of the project "{id}" needs its first day and the day it ends before.'
        raise Refused(message, id=new.id)
    if new.baseline_from is not None and new.baseline_to is not None and new.baseline_to <= new.baseline_from:
        raise Refused('The baseline of the project "{id}" ends before it begins.', id=new.id)


def _check_fields(new: FundProject) -> None:
    if new.lifetime_years is not None and new.lifetime_years <= 0:
        raise Refused('The lifetime of the project "{id}" must be at least one year.', id=new.id)
    if new.total_cost is not None and new.total_cost <= 0:
        raise Refused('The cost of the project "{id}" must be more than zero.', id=new.id)
    is_outside = new.taxonomy_state == TaxonomyState.NOT_ELIGIBLE  # which has no activity of the taxonomy
    if not is_outside and (new.taxonomy_activity is None) != (new.taxonomy_state is None):
        message = 'The taxonomy activity of the project "{id}" needs its state, and the other way round.'
        raise Refused(message, id=new.id)
    if new.expected_saving is not None and (new.activity is None or new.unit is None):
        message = 'The expected saving of the project "{id}" needs what is saved and its unit.'
        raise Refused(message, id=new.id)
    if (new.use_series is None) != (new.is_use_flow is None):
        message = 'The measure of use of the project "{id}" needs whether it is a sum of the month.'
        raise Refused(message, id=new.id)
    if new.factor_series is not None and new.unit is None:
        message = 'The factor series of the project "{id}" needs the unit of what is saved.'
        raise Refused(message, id=new.id)


def is_measured(project: FundProject) -> bool:
    """Return whether a baseline is to judge a project: it is for nature in part, or promises a saving."""
    return project.nature_share > 0 or project.expected_saving is not None


def check_disbursable(project: FundProject) -> None:
    """Hold a project against what must be known before money is paid out.

    Raises:
        Refused: the measurement plan is missing or, where a baseline is to judge it, baseline data of twelve
            months.
    """
    if _is_blank(project.measurement_plan):
        message = 'Nothing is paid out for the project "{id}" before its measurement plan is stated.'
        raise Refused(message, id=project.id)
    if not is_measured(project):
        return
    if _is_blank(project.baseline) or project.baseline_from is None or project.baseline_to is None:
        message = (
            'Nothing is paid out for the project "{id}" before its baseline is stated: in words, with its '
            "first day and the day it ends before."
        )
        raise Refused(message, id=project.id)
    if project.baseline_to < _a_year_after(project.baseline_from):
        message = 'Nothing is paid out for the project "{id}": its baseline is shorter than twelve months.'
        raise Refused(message, id=project.id)


def _is_blank(text: str | None) -> bool:
    return text is None or not text.strip()


def _a_year_after(day: date) -> date:
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year + 1, day=28)


def check_flow(new: FundFlow, project: FundProject, others: Iterable[FundFlow]) -> None:
    """Hold a flow against its project. `others`: the other flows of the project.

    Raises:
        Refused: it is zero, in another currency, pays out what is not committed by then, or the project may
            not be paid for yet.
    """
    if new.amount == 0:
        raise Refused('The amount of "{id}" is zero.', id=new.id)
    if new.currency != project.currency:
        message = '"{id}" is in {currency}; the project "{project}" is in {expected}.'
        raise Refused(
            message, id=new.id, currency=new.currency, project=project.id, expected=project.currency
        )
    if new.kind == FlowKind.DISBURSEMENT:
        check_disbursable(project)
    check_covered(project, [*others, new])


def check_covered(project: FundProject, flows: Iterable[FundFlow]) -> None:
    """Hold what is paid out against what is committed, day by day. `flows`: all of the project.

    Raises:
        Refused: on some day more is disbursed than committed up to then.
    """
    changes: defaultdict[date, Decimal] = defaultdict(Decimal)
    for flow in flows:
        changes[flow.on] += flow.amount if flow.kind == FlowKind.COMMITMENT else -flow.amount
    left = Decimal(0)
    for day in sorted(changes):
        left += changes[day]
        if left < 0:
            message = (
                'More would be disbursed for the project "{project}" up to {day} than is committed by then: '
                "{amount} {currency} too much."
            )
            raise Refused(
                message, project=project.id, day=day, amount=f"{-left:f}", currency=project.currency
            )


def check_financing(new: FundFinancing) -> None:
    """Hold what others pay against the rules.

    Raises:
        Refused: it is not more than zero.
    """
    if new.amount <= 0:
        raise Refused('The amount of "{id}" must be more than zero.', id=new.id)


def check_observation(new: FundObservation) -> None:
    """Hold an observed or expected indicator against the rules.

    Raises:
        Refused: its data quality is not 1 to 5, or its uncertainty is negative.
    """
    if new.data_quality is not None and new.data_quality not in _DATA_QUALITY:
        raise Refused('The data quality of "{id}" must be 1 (best) to 5.', id=new.id)
    if new.half_width is not None and new.half_width < 0:
        raise Refused('The uncertainty of "{id}" must not be negative.', id=new.id)


def check_claim(new: FundClaim, others: Iterable[FundClaim]) -> None:
    """Hold a claim against the others of its project and year.

    Raises:
        Refused: together they claim more than everything, or a share is not between 0 and 1.
    """
    if not 0 <= new.share <= 1:
        message = 'A share of the project "{id}" is not between 0 and 1: {column}.'
        raise Refused(message, id=new.project, column="share")
    same = [
        claim
        for claim in others
        if (claim.project, claim.year) == (new.project, new.year) and claim.claimant != new.claimant
    ]
    total = sum((claim.share for claim in same), new.share)
    if total > 1:
        message = 'The claims on the project "{id}" in {year} add up to {total}, more than 1.'
        raise Refused(message, id=new.project, year=new.year, total=f"{total.normalize():f}")
