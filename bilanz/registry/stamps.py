"""A number that grows whenever something in the registry changes that a page about a balance shows."""

from typing import Final

from sqlmodel import col, func, select

from bilanz.registry.engine import Registry
from bilanz.trail import TrailEntry

_ELSEWHERE: Final = (
    "calculation.save",
    "import.commit",
    "import.settle",
    "batch.withdraw",
    "issue.confirm",
    "issue.reopen",
    "record.exclude",
    "record.include",
    "profile.save",
    "fund.assess",
)
"""What changes no run there is: it takes another one, which is a balance of its own."""

_PERSONS: Final = ("user.%", "token.%")


def stamp(registry: Registry) -> int:
    """Return the last entry of the trail about master data, periods or factors; 0: there is none."""
    query = select(func.max(TrailEntry.sequence)).where(col(TrailEntry.action).not_in(_ELSEWHERE))
    for pattern in _PERSONS:
        query = query.where(col(TrailEntry.action).not_like(pattern))
    with registry.session() as session:
        return session.exec(query).one() or 0
