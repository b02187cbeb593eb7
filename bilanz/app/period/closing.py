"""Periods are released, closed and opened again: who took each step is kept, two persons close one."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from bilanz.app.catalogue import releases
from bilanz.app.period.standing import Kept, to_keep
from bilanz.app.period.verification import Verification, verified
from bilanz.app.settings import Settings
from bilanz.app.trail import existing
from bilanz.errors import Refused, UsageError
from bilanz.period import WHOLE, Period, PeriodState
from bilanz.registry import periods as registered
from bilanz.registry.engine import Registry
from bilanz.result import Manifest, Result
from bilanz.trail import Deed

if TYPE_CHECKING:
    from bilanz.app.balances import Ledger

STATES: Final = {"open": "open", "released": "released", "closed": "closed"}
"""Code → words."""

_STANDS: Final = {
    "released": "{year} is released already. Reopen it first.",
    "closed": "{year} is closed already. Reopen it first.",
}
_NOT_RELEASED: Final = {
    "open": "{year} is open: only a released period can be closed.",
    "closed": "{year} is closed: only a released period can be closed.",
}

_DIGITS: Final = 8
_SHARE_DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class Asked:
    """What whoever releases a period states.

    Attributes:
        year: calendar year.
        organisation: it and what is below it; None: all.
        run: the run to be released; None: the latest calculation of the year.
        accepts_exceptions: quantities without a number are known and accepted.
        reason: why; needed with exceptions.
        threshold: share from which a change makes the base year be recalculated; None: as it was, else 5 %.
        is_base_year: the year others are compared with; None: as it was.
    """

    year: int
    organisation: str | None = None
    run: str | None = None
    accepts_exceptions: bool = False
    reason: str | None = None
    threshold: Decimal | None = None
    is_base_year: bool | None = None


def told(period: Period) -> dict[str, Any]:
    """Return a period for other programs."""
    return period.model_dump() | {
        "organisation": period.organisation or None,
        "threshold": f"{period.threshold.normalize():f}",
    }


def listed(settings: Settings, year: int | None = None, organisation: str | None = None) -> list[Period]:
    """Return the periods that were ever released, or the one asked for, which may be open."""
    with _opened(settings) as registry:
        if year is not None:
            return [registered.period(registry, organisation or WHOLE, year)]
        return registered.periods(registry)


def release(settings: Settings, asked: Asked) -> Period:
    """Put a run forward as the balance of a year: it is calculated again first, and must come out the same.

    Its factors are kept as a release where they are not yet, and files, decisions and master data with it.

    Raises:
        Refused: the year is released or closed, was not calculated, has exceptions nobody accepts, or the run
            does not come out again.
        UsageError: exceptions are accepted without a reason, or the threshold is none.
    """
    from bilanz.app.balances import ledger

    if asked.accepts_exceptions and not (asked.reason or "").strip():
        raise UsageError("Accepting exceptions needs a reason.")
    if asked.threshold is not None and not _is_share(asked.threshold):
        raise UsageError("The threshold is a share of the total between 0 and 100 %, to four decimals.")
    with ledger(settings, is_alone=True) as data:
        period = registered.period(data.registry, asked.organisation or WHOLE, asked.year)
        if period.stands:
            raise Refused(_STANDS[period.state], year=asked.year)
        old = _run_of(settings, data, asked)
        _check_exceptions(old, asked)
        # From what is there now, also where the run was released before: that is what is kept of it.
        kept = _checked(verified(settings, data, old, None), data, asked)
        _keep_factors(settings, old.manifest)
        changed = _released(period, old, asked, settings.user)
        details = _details(changed) | {
            "factor_release": old.manifest.factor_release,
            "boundary_hash": kept.master.hash(),
        }
        deed = Deed(settings.user, "period.release", _subject(changed), asked.reason, details)
        registered.put_period(data.registry, changed, deed, kept.row(old.manifest.run))
    return changed


def close(settings: Settings, year: int, organisation: str | None, reason: str | None = None) -> Period:
    """Close a released period; who closes is another person than who released.

    Raises:
        Refused: the period is not released, or the same person released it.
    """
    with _opened(settings) as registry:
        period = registered.period(registry, organisation or WHOLE, year)
        if period.state != PeriodState.RELEASED:
            raise Refused(_NOT_RELEASED[period.state], year=year)
        if is_same_person(settings.user, period.released_by):
            message = "{who} released {year} and cannot close it too: two persons look at a balance."
            raise Refused(message, who=settings.user, year=year)
        period.state = PeriodState.CLOSED.value
        period.closed_by, period.closed_at = settings.user, _now()
        deed = Deed(settings.user, "period.close", _subject(period), reason, _details(period))
        registered.put_period(registry, period, deed)
    return period


def reopen(settings: Settings, year: int, organisation: str | None, reason: str) -> Period:
    """Open a period again: its latest calculation stands for it until the next release.

    What stood until now remains in the audit trail, and the run with what it was made of.

    Raises:
        Refused: the period is open.
        UsageError: there is no reason.
    """
    if not reason.strip():
        raise UsageError("Reopening a period needs a reason.")
    with _opened(settings) as registry:
        period = registered.period(registry, organisation or WHOLE, year)
        if not period.stands:
            raise Refused("{year} is open already.", year=year)
        deed = Deed(settings.user, "period.reopen", _subject(period), reason, _details(period))
        fresh = Period(
            organisation=period.organisation,
            year=year,
            threshold=period.threshold,
            is_base_year=period.is_base_year,
        )
        registered.put_period(registry, fresh, deed)
    return fresh


@contextmanager
def _opened(settings: Settings) -> Iterator[Registry]:
    with closing(existing(settings)) as registry:
        yield registry


def _run_of(settings: Settings, data: "Ledger", asked: Asked) -> Result:
    """Return the run that is to be released.

    Raises:
        Refused: there is none, or it is of another year or organisation.
    """
    from bilanz.app.balances import latest_of
    from bilanz.store import runs

    run = asked.run or latest_of(settings, data, asked.year, asked.organisation)
    found = runs.load(data.store, run)
    if (found.manifest.year, found.manifest.organisation) != (asked.year, asked.organisation):
        message = "The run {run} is of {year} and {organisation}, not of what is to be released."
        where = found.manifest.organisation or "–"
        raise Refused(message, run=run, year=found.manifest.year, organisation=where)
    return found


def _check_exceptions(old: Result, asked: Asked) -> None:
    count = old.exceptions.height
    if count and not asked.accepts_exceptions:
        message = (
            "The run {run} has {count} exceptions: quantities without a number in the balance. Mend them, or "
            "accept them and state why."
        )
        raise Refused(message, run=old.manifest.run, count=count)


def _checked(found: Verification, data: "Ledger", asked: Asked) -> Kept:
    """Return what a run was made of.

    Raises:
        Refused: it does not come out again, or files came since and nobody named the run.
    """
    run = found.old.manifest.run
    if not found.is_manifest_equal:
        message = (
            "The run {run} does not come out again: files, decisions, master data, factors or the program "
            "have changed since. Nothing was released. Calculate {year} again."
        )
        raise Refused(message, run=run, year=asked.year)
    if found.files.added and asked.run is None:
        message = (
            "{count} files were imported after the run {run}. Calculate {year} again, or release this run by "
            "its name."
        )
        raise Refused(message, count=len(found.files.added), run=run, year=asked.year)
    return to_keep(data, found.files.names())


def _keep_factors(settings: Settings, pinned: Manifest) -> None:
    """Keep the factors of a run as a release, where no release holds them yet."""
    if any(one.sha256 == pinned.factor_release for one in releases.known(settings)):
        return
    name = f"period-{pinned.year}-{pinned.factor_release[:_DIGITS]}"
    releases.create(settings, name, reason=f"{pinned.year}")


def _is_share(value: Decimal) -> bool:
    """Tell whether a number is a share that is kept as it is."""
    return value.is_finite() and 0 < value < 1 and value == round(value, _SHARE_DIGITS)


def _released(period: Period, old: Result, asked: Asked, by: str) -> Period:
    pinned, count = old.manifest, old.exceptions.height
    return Period(
        organisation=period.organisation,
        year=period.year,
        state=PeriodState.RELEASED.value,
        run=pinned.run,
        result_hash=pinned.result_hash,
        manifest_hash=pinned.manifest_hash,
        released_by=by,
        released_at=_now(),
        exceptions=count,
        exceptions_reason=asked.reason if count else None,
        threshold=period.threshold if asked.threshold is None else asked.threshold,
        is_base_year=period.is_base_year if asked.is_base_year is None else asked.is_base_year,
    )


def _details(period: Period) -> dict[str, Any]:
    """Return what the trail keeps of a period."""
    names = ("organisation", "run", "result_hash", "manifest_hash", "exceptions", "is_base_year")
    kept = {name: getattr(period, name) for name in names}
    return kept | {"threshold": f"{period.threshold.normalize():f}"}


def _subject(period: Period) -> str:
    return f"{period.year} {period.organisation}".strip()


def is_same_person(one: str, other: str | None) -> bool:
    """Tell whether two names are of one person: case and spaces make no other."""
    return " ".join(one.split()).casefold() == " ".join((other or "").split()).casefold()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
