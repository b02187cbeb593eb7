"""A closed period is restated: a run beside the closed one, and what each cause does to each line."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import polars as pl

from bilanz.app.catalogue import releases
from bilanz.app.period.recomputation import recalculated
from bilanz.app.period.standing import Kept, factors_of, kept_of
from bilanz.app.settings import Settings
from bilanz.app.shown.summary import text
from bilanz.errors import BilanzError, Refused, UsageError
from bilanz.masterdata import as_text, of_text, text_of
from bilanz.period import WHOLE, Period, PeriodState, Restatement
from bilanz.registry import periods as registered
from bilanz.registry.engine import Registry
from bilanz.restatement import CAUSES, DIFFERENCE_SCHEMA, TOTAL_SCHEMA, differences, totals
from bilanz.result import Closing, Manifest, Restated, Result
from bilanz.store.asof import held
from bilanz.trail import Deed
from factors.base import Catalogue

if TYPE_CHECKING:
    from bilanz.app.balances import Ledger


@dataclass(frozen=True, slots=True)
class Outcome:
    """A restatement, kept or only looked at. `number`: None: only looked at."""

    period: Period
    old: Result
    new: Result
    number: int | None
    totals: pl.DataFrame
    differences: pl.DataFrame

    def as_json(self) -> dict[str, Any]:
        """Return it for other programs."""
        return {
            "year": self.period.year,
            "organisation": self.period.organisation or None,
            "number": self.number,
            "closed_run": self.old.manifest.run,
            "run": self.new.manifest.run,
            "threshold": text(self.period.threshold),
            "is_base_year": self.period.is_base_year,
            "is_reached": bool(self.totals["is_reached"].any()),
            "books": [_plain(row) for row in self.totals.iter_rows(named=True)],
            "lines": [_plain(row) for row in self.differences.iter_rows(named=True)],
        }


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    exact = {name for name in row if name.endswith("_kg")}
    if row.get("change") is not None:
        exact.add("change")
    return {name: text(value) if name in exact else value for name, value in row.items()}


def restate(
    settings: Settings,
    year: int,
    organisation: str | None,
    *,
    reason: str | None = None,
    release: str | None = None,
    dry_run: bool = False,
) -> Outcome:
    """Calculate a closed year as it would be today, and keep the run beside the closed one with the diff.

    Args:
        settings: of the data directory.
        year: the closed year.
        organisation: it and what is below it; None: all.
        reason: why it is restated.
        release: name or hash of the factors; None: those the year is pinned to, else the current ones.
        dry_run: only look; nothing is kept.

    Raises:
        UsageError: there is no reason.
        Refused: the period is not closed, or its numbers are the same today.
        UnknownName: there is no such release.
    """
    from bilanz.app.balances import ledger
    from bilanz.store import runs

    if not dry_run and not (reason or "").strip():
        raise UsageError("A restatement needs a reason.")
    with ledger(settings, is_alone=True) as data:
        period = registered.period(data.registry, organisation or WHOLE, year)
        if period.state != PeriodState.CLOSED or period.run is None:
            message = "{year} is not closed: calculate it anew instead of restating it."
            raise Refused(message, year=year)
        old, kept = runs.load(data.store, period.run), kept_of(data.registry, period.run)
        if kept is None:
            message = "What the run {run} was made of is gone. Restore the registry from a backup."
            raise BilanzError(message, code="period_inputs", run=period.run)
        steps = _steps(settings, data, old, kept, releases.of_year(settings, year, release))
        new, lines = steps[-1], [step.lines for step in (old, *steps)]
        if new.manifest.result_hash == old.manifest.result_hash:
            raise Refused("The numbers of {year} are the same today: nothing is to be restated.", year=year)
        told = totals(lines, old.manifest.books, period.threshold)
        found = Outcome(period, old, new, None, told, differences(lines))
        return found if dry_run else _keep(settings, data, found, reason or "")


def _steps(settings: Settings, data: "Ledger", old: Result, kept: Kept, catalogue: Catalogue) -> list[Result]:
    """Return the run after each cause, in their order; the last is what a calculation gives today."""
    pinned, then = old.manifest, factors_of(settings, old.manifest)
    today = frozenset(entry.batch for entry in held(data.store) if entry.is_committed)
    around = kept.master
    method = recalculated(
        settings, data, pinned, then, batches=kept.batches, decided=kept.decided, master=around
    )
    fresh = recalculated(settings, data, pinned, then, batches=today, master=around)
    factor = recalculated(settings, data, pinned, catalogue, batches=today, master=around)
    return [method, fresh, factor, recalculated(settings, data, pinned, catalogue, batches=today)]


def _keep(settings: Settings, data: "Ledger", found: Outcome, reason: str) -> Outcome:
    """Keep run and diff, with the entries in the trail."""
    from bilanz.app.balances import keep

    keep(settings, data, found.new)
    content = {"totals": as_text(found.totals), "differences": as_text(found.differences)}
    period, pinned, fresh = found.period, found.old.manifest, found.new.manifest
    made = Restatement(
        organisation=period.organisation,
        year=period.year,
        number=0,
        closed_run=pinned.run,
        run=fresh.run,
        by=settings.user,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        reason=reason,
        content=text_of(content),
    )
    subject = f"{period.year} {period.organisation}".strip()
    deed = Deed(settings.user, "period.restate", subject, reason, _details(pinned, fresh, found.totals))
    number = registered.add_restatement(data.registry, made, deed)
    return Outcome(period, found.old, found.new, number, found.totals, found.differences)


def _details(pinned: Manifest, fresh: Manifest, told: pl.DataFrame) -> dict[str, Any]:
    """Return what the trail keeps: both runs, and per book what each cause comes to."""
    names = ("co2e_old_kg", *(f"{cause}_kg" for cause in CAUSES), "co2e_new_kg")
    books = {row["book"]: {name: text(row[name]) for name in names} for row in told.iter_rows(named=True)}
    return {
        "closed_run": pinned.run,
        "run": fresh.run,
        "result_hash": fresh.result_hash,
        "factor_release": fresh.factor_release,
        "books": books,
    }


def closing_of(registry: Registry, pinned: Manifest) -> Closing | None:
    """Return state and restatements of the period a run stands for; None where it stands for none."""
    organisation = pinned.organisation or WHOLE
    period = registered.period(registry, organisation, pinned.year)
    if period.run != pinned.run or period.released_by is None or period.released_at is None:
        return None
    made = registered.restatements(registry, organisation, pinned.year)
    return Closing(
        state=period.state,
        released_by=period.released_by,
        released_at=period.released_at,
        closed_by=period.closed_by,
        closed_at=period.closed_at,
        exceptions=period.exceptions,
        exceptions_reason=period.exceptions_reason,
        threshold=period.threshold,
        is_base_year=period.is_base_year,
        restatements=tuple(_restated(one) for one in made if one.closed_run == pinned.run),
    )


def _restated(made: Restatement) -> Restated:
    content = json.loads(made.content)
    return Restated(
        number=made.number,
        run=made.run,
        by=made.by,
        at=made.at,
        reason=made.reason,
        totals=of_text(content["totals"], TOTAL_SCHEMA),
        differences=of_text(content["differences"], DIFFERENCE_SCHEMA),
    )
