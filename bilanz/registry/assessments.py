"""Assessments of a fund in the registry: added with their entry in the trail, read, never changed."""

from hashlib import sha256

from sqlmodel import col, func, select

from bilanz.errors import BilanzError, Refused
from bilanz.fund.assessment import FundAssessedAmount, FundAssessment
from bilanz.registry.engine import Registry
from bilanz.registry.trail import append
from bilanz.trail import Deed

Rows = tuple[list[FundAssessment], list[FundAssessedAmount]]


def kept(registry: Registry) -> Rows:
    """Return all assessments, by league, year and number, and their amounts.

    Raises:
        BilanzError: they are not what was kept.
    """
    head, amount = FundAssessment, FundAssessedAmount
    order = (col(head.league), col(head.year), col(head.number))
    of_amount = (col(amount.league), col(amount.year), col(amount.number), col(amount.organisation))
    with registry.session() as session:
        heads = list(session.exec(select(head).order_by(*order)))
        amounts = list(session.exec(select(amount).order_by(*of_amount)))
    sums: dict[tuple[str, int, int], int] = {}
    for row in amounts:
        place = (row.league, row.year, row.number)
        sums[place] = sums.get(place, 0) + row.due_cents
    for one in heads:
        is_whole = sums.get((one.league, one.year, one.number)) == one.total_cents
        if not is_whole or sha256(one.content.encode()).hexdigest() != one.sha256:
            message = "Assessment {number} of {year} was changed. Restore the registry from a backup."
            raise BilanzError(message, code="fund_assessment", number=one.number, year=one.year)
    return heads, amounts


def add(
    registry: Registry, head: FundAssessment, amounts: tuple[FundAssessedAmount, ...], deed: Deed
) -> None:
    """Keep an assessment and its entry in the trail: all or nothing.

    Raises:
        Refused: somebody else has assessed the year meanwhile.
    """
    with registry.session() as session:
        append(session, deed)  # takes the lock, so that numbers are given once
        of_year = (FundAssessment.league == head.league, FundAssessment.year == head.year)
        taken = session.exec(select(func.max(FundAssessment.number)).where(*of_year)).one() or 0
        if head.number != taken + 1:
            message = "{year} was assessed by somebody else meanwhile. Nothing was kept; look at it again."
            raise Refused(message, year=head.year)
        session.add(head)
        session.flush()
        session.add_all(amounts)
        session.commit()
