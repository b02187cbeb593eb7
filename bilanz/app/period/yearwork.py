"""Work on a year that takes longer than a page: what jobs of the web application do.

Each may be run twice: a calculation and an estimate give the same again, a release or restatement that was
done already is refused with a reason.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode

from bilanz.app.balances import calculate_year, ledger, standing_result
from bilanz.app.period import closing
from bilanz.app.period.closing import Asked
from bilanz.app.period.restating import restate
from bilanz.app.queue import Work
from bilanz.app.review.filling import fill_year
from bilanz.app.settings import Settings
from bilanz.errors import Refused, UsageError
from bilanz.job import Job
from bilanz.period import WHOLE, Period
from bilanz.registry import periods as registered
from bilanz.result import Result

LINES: Final = 200
"""Lines of a restatement that is only looked at; the largest effects."""

_STARTED: Final = 0.05


def calculate(work: Work) -> Mapping[str, Any]:
    """Calculate a year of an organisation, or of all together."""
    work.progress(_STARTED)
    found = calculate_year(work.settings, _year(work), organisation=_organisation(work))
    return {"run": found.manifest.run, "exceptions": found.exceptions.height}


def fill(work: Work) -> Mapping[str, Any]:
    """Estimate the months of a year of which nothing is known.

    Raises:
        UsageError: there is no reason.
    """
    told = work.job.parameters
    if not str(told.get("reason") or "").strip():
        raise UsageError("State why months are estimated.")
    work.progress(_STARTED)
    found = fill_year(
        work.settings,
        _year(work),
        method=told["method"],
        source=told.get("source") or None,
        organisation=_organisation(work),
        reason=told["reason"],
    ).as_json(work.settings)
    return {
        "batch": found["batch"],
        "estimated": len(found["estimated"]),
        "present": found["present"],
        "not_filled": found["not_filled"][:LINES],
    }


def release(work: Work) -> Mapping[str, Any]:
    """Release the run somebody looked at; see `release_seen`."""
    told = work.job.parameters
    work.progress(_STARTED)
    threshold = told.get("threshold")
    period = release_seen(
        work.settings,
        told["run"],
        Asked(
            _year(work),
            _organisation(work),
            accepts_exceptions=bool(told.get("accepts_exceptions")),
            reason=told.get("reason") or None,
            threshold=None if threshold is None else Decimal(threshold),
            is_base_year=bool(told.get("is_base_year")),
        ),
    )
    return {"run": period.run, "exceptions": period.exceptions}


def release_seen(settings: Settings, run: str, asked: Asked) -> Period:
    """Release the latest run of a year, which must still be the one somebody looked at.

    Raises:
        Refused: the year was calculated again since; or as `bilanz.app.period.closing.release`.
    """
    seen(settings, run, asked.year, asked.organisation)
    return closing.release(settings, asked)


def seen(settings: Settings, run: str, year: int, organisation: str | None) -> Result:
    """Return the latest run of a year, which must still be the one somebody looked at.

    Raises:
        Refused: the year was calculated again since.
    """
    with ledger(settings) as data:
        latest = standing_result(settings, data, year, organisation)
    if latest is None or latest.manifest.run != run:
        message = "{year} was calculated again after you opened the page. Look at the new balance first."
        raise Refused(message, year=year)
    return latest


def restated(work: Work) -> Mapping[str, Any]:
    """Calculate a closed year as it would be today; only to look, or to be kept."""
    told = work.job.parameters
    work.progress(_STARTED)
    if not told.get("dry_run") and (number := _kept(work)) is not None:
        return {"number": number}  # a process that ended before it could say so
    found = restate(
        work.settings,
        _year(work),
        _organisation(work),
        reason=told.get("reason") or None,
        dry_run=bool(told.get("dry_run")),
    ).as_json()
    counted = [line for line in found["lines"] if line["is_counted"]]
    largest = sorted(counted, key=lambda line: -abs(Decimal(line["effect_kg"])))
    lines = [line | {"month": f"{line['month']:%Y-%m-%d}"} for line in largest[:LINES]]
    return found | {"lines": lines, "count": len(largest)}


def _kept(work: Work) -> int | None:
    """Return the number of the restatement this job kept already, or None."""
    asked = datetime.fromisoformat(work.job.created_at).replace(microsecond=0)
    made = registered.restatements(work.registry, work.job.organisation or WHOLE, _year(work))
    for one in made:
        is_same = (one.by, one.reason) == (work.settings.user, work.job.parameters.get("reason"))
        if is_same and datetime.fromisoformat(one.at) >= asked:
            return one.number
    return None


def _year(work: Work) -> int:
    return int(work.job.parameters["year"])


def _organisation(work: Work) -> str | None:
    return work.job.organisation or None


def address_of(job: Job, part: str = "") -> str:
    """Return the page of the year a job was about, which tells what came of it."""
    told = {"organisation": job.organisation, "job": job.id}
    return f"/review/{job.subject}{part}?{urlencode({name: text for name, text in told.items() if text})}"
