"""Which months belong to another project too: the same months never count for two.

A month counts for a project only where no other project changed one of its sources since its own baseline
began. What two projects do at once is measured together: it counts where every project of them states which
part others contribute (`overlap_share`), and what is left to each adds up to one at the most.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bilanz.fund.effect.series import next_month


@dataclass(frozen=True, slots=True)
class Span:
    """When a project changed which sources."""

    project: str
    sources: frozenset[str]
    baseline_from: date | None
    starts_on: date
    completed_on: date | None
    overlap_share: Decimal | None


def rivals(own: Span, others: Sequence[Span]) -> tuple[Span, ...]:
    """Return the other projects that changed a source of a project after its baseline began."""
    return tuple(
        other
        for other in sorted(others, key=lambda each: each.project)
        if other.project != own.project and other.sources & own.sources and not _is_over(other, own)
    )


def are_divided(own: Span, found: Sequence[Span]) -> bool:
    """Tell whether declared shares divide what several projects did together."""
    shares = [span.overlap_share for span in (own, *found)]
    stated = [1 - share for share in shares if share is not None]
    return len(stated) == len(shares) and sum(stated, Decimal()) <= 1


def is_taken(month: date, found: Sequence[Span]) -> bool:
    """Tell whether another project had begun before a month was over."""
    return any(span.starts_on < next_month(month) for span in found)


def _is_over(other: Span, own: Span) -> bool:
    """Tell whether another project was completed before the baseline, which then holds its effect."""
    return (
        own.baseline_from is not None
        and other.completed_on is not None
        and next_month(other.completed_on.replace(day=1)) <= own.baseline_from
    )
