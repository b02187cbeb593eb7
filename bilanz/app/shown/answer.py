"""What `bilanz calculate --json` answers, of a balance somebody may see: the run, or the part shown of it."""

from dataclasses import replace
from typing import Any

from bilanz.app.balances import ledger
from bilanz.app.beside.intervals import with_intervals
from bilanz.app.beside.standards import stated
from bilanz.app.period.standing import check_unchanged
from bilanz.app.settings import Settings
from bilanz.app.shown.sight import View
from bilanz.app.shown.summary import summary
from bilanz.result import Beside
from bilanz.store import runs
from reports.part import of_organisation


def summary_of(settings: Settings, view: View) -> dict[str, Any]:
    """Return the summary of what a view shows; the store is only read.

    Raises:
        BilanzError: the run is released or closed, and its lines are not those that were.
        StoreBusy: another process holds the store.
    """
    with ledger(settings) as data:
        whole = runs.load(data.store, view.entry.run)
        check_unchanged(data.registry, whole)
    shown = of_organisation(whole, view.organisation) if view.is_part else whole
    beside = Beside(disclosures=stated(settings, whole))
    return summary(with_intervals(settings, replace(shown, beside=beside)))
