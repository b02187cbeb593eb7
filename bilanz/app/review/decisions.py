"""Decisions on values: confirmed, corrected, excluded; each with who, when and why, each taken back again.

A released or closed year stays as it is: it keeps the decisions of its time, and a restatement tells what
those of today would change.
"""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from bilanz.app.period.standing import touched
from bilanz.app.review import corrections
from bilanz.app.review.corrections import Corrected
from bilanz.app.review.findings import Finding, Value
from bilanz.app.review.tasks import above
from bilanz.app.settings import Settings
from bilanz.app.trail import existing
from bilanz.app.upkeep import settle
from bilanz.confirmation import Confirmation
from bilanz.errors import Refused, UsageError
from bilanz.period import Period
from bilanz.registry import confirmations as registered
from bilanz.registry.organisations import organisations
from bilanz.registry.trail import append
from bilanz.store.connection import Store, open_store
from bilanz.store.exclude import Exclusion, exclude, include
from bilanz.store.values import COUNTS
from bilanz.trail import Deed

if TYPE_CHECKING:
    from bilanz.app.intake.summary import ImportSummary


def confirm(settings: Settings, finding: Finding, reason: str = "") -> None:
    """Let a finding be open no more: somebody looked, and the value stands.

    Raises:
        Refused: it is confirmed already, or its value does not count.
    """
    if finding.value.state != COUNTS:
        raise Refused("The value does not count any more: somebody decided on it before.")
    put_confirmation(
        settings,
        finding.id,
        code=finding.code,
        organisation=finding.value.organisation,
        batch=finding.value.batch,
        reason=reason,
        details={"row": finding.row, "column": finding.column, "value": finding.raw},
    )


def put_confirmation(
    settings: Settings,
    finding: str,
    *,
    code: str,
    organisation: str,
    batch: str | None = None,
    reason: str = "",
    details: dict[str, object] | None = None,
) -> None:
    """Keep that somebody confirmed a finding, with its entry in the trail.

    Raises:
        Refused: it is confirmed already.
    """
    why = reason.strip() or None
    at = datetime.now(UTC).isoformat(timespec="seconds")
    made = Confirmation(
        finding=finding,
        batch=batch,
        code=code,
        organisation=organisation,
        by=settings.user,
        at=at,
        reason=why,
    )
    told = {"finding": finding, "code": code, "organisation": organisation} | (details or {})
    with closing(existing(settings)) as registry:
        registered.add(registry, made, Deed(settings.user, "issue.confirm", batch or organisation, why, told))


def take_confirmation_back(settings: Settings, confirmed: Confirmation) -> None:
    """Let a finding be open again.

    Raises:
        Refused: it is not confirmed.
    """
    told = {"finding": confirmed.finding, "code": confirmed.code, "organisation": confirmed.organisation}
    subject = confirmed.batch or confirmed.organisation
    with closing(existing(settings)) as registry:
        registered.remove(
            registry, confirmed.finding, Deed(settings.user, "issue.reopen", subject, None, told)
        )


def correct(settings: Settings, value: Value, corrected: Corrected) -> "ImportSummary":
    """Import a correction that takes the place of a value; withdrawing its batch undoes it.

    Raises: as `bilanz.app.review.corrections.write`.
    """
    return corrections.write(settings, value, corrected)


def exclude_value(settings: Settings, value: Value, reason: str) -> None:
    """Let a value count no more.

    Raises:
        UsageError: there is no reason.
        Refused: it does not count already.
        StoreBusy: another process or thread writes.
    """
    if not reason.strip():
        raise UsageError("State why the value shall not count.")
    if value.state != COUNTS:
        raise Refused("The value does not count any more: somebody decided on it before.")
    at = datetime.now(UTC).replace(tzinfo=None)
    made = Exclusion(settings.user, at, reason.strip())
    deed = Deed(settings.user, "record.exclude", value.batch, made.reason, _details(value))
    _decide(settings, deed, lambda store: exclude(store, value.part, made))


def include_value(settings: Settings, value: Value, reason: str = "") -> None:
    """Let a value that was excluded count again.

    Raises:
        Refused: it is not excluded.
        StoreBusy: another process or thread writes.
    """
    deed = Deed(settings.user, "record.include", value.batch, reason.strip() or None, _details(value))
    _decide(settings, deed, lambda store: include(store, value.part))


def _decide(settings: Settings, deed: Deed, decide: Callable[[Store], None]) -> None:
    """Do something to the store and enter it in the trail: the entry stands if the deed is done."""
    with (
        closing(existing(settings)) as registry,
        open_store(settings.store_file, wait=settings.wait) as store,
    ):
        settle(registry, store)
        with registry.session() as session:
            append(session, deed)
            decide(store)
            session.commit()


def _details(value: Value) -> dict[str, object]:
    """Return what the trail keeps of a value."""
    days = value.days
    return {
        "organisation": value.organisation,
        "source": value.source,
        "activity": value.activity,
        "file": value.file,
        "row": value.row,
        "column": value.column,
        "first_day": f"{days[0]}" if days else None,
        "last_day": f"{days[1]}" if days else None,
        "quantity": None if value.quantity is None else f"{value.quantity:f}",
        "unit": value.unit,
    }


def standing_periods(settings: Settings, organisation: str, days: tuple[date, date] | None) -> list[Period]:
    """Return the released and closed periods a decision on a value of an organisation touches.

    Those over all, of the organisation, and of what is above it.
    """
    with closing(existing(settings)) as registry:
        units = organisations(registry)
    chain = above(units, organisation)
    first, last = days or (None, None)
    return [period for period in touched(settings, first, last) if period.organisation in chain]
