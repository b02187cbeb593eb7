"""What waits for somebody: counted, so that the start page is quick however much there is."""

from collections.abc import Collection

from sqlmodel import col, func, select

from bilanz.job import Job, JobState, Upload
from bilanz.period import Period, PeriodState
from bilanz.registry.engine import Registry


def uploads_by_state(registry: Registry, organisations: Collection[str]) -> dict[str, int]:
    """Return state → number of uploads of some organisations."""
    here = col(Upload.organisation).in_(sorted(organisations))
    query = select(Upload.state, func.count()).where(here).group_by(col(Upload.state))
    with registry.session() as session:
        return {state: int(count) for state, count in session.exec(query)}


def failed_jobs(registry: Registry, organisations: Collection[str], since: str, limit: int) -> list[Job]:
    """Return the jobs of some organisations that failed since a time, the newest first."""
    query = (
        select(Job)
        .where(Job.state == JobState.FAILED.value, col(Job.created_at) >= since)
        .where(col(Job.organisation).in_(sorted(organisations)))
        .order_by(col(Job.created_at).desc())
    )
    with registry.session() as session:
        return list(session.exec(query.limit(limit)))


def standing_periods(registry: Registry, organisations: Collection[str]) -> list[Period]:
    """Return the released and closed periods of some organisations, the newest year first."""
    states = [PeriodState.RELEASED.value, PeriodState.CLOSED.value]
    query = (
        select(Period)
        .where(col(Period.state).in_(states), col(Period.organisation).in_(sorted(organisations)))
        .order_by(col(Period.year).desc(), col(Period.organisation))
    )
    with registry.session() as session:
        return list(session.exec(query))
