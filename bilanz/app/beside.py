"""What a report shows beside a run: made of it, of other runs and of the registry, each by its own module."""

from typing import TYPE_CHECKING

from bilanz.app.months import calendar_of
from bilanz.app.settings import Settings
from bilanz.result import Beside, Result
from bilanz.suspects import suspects

if TYPE_CHECKING:
    from bilanz.app.balances import Ledger


def beside(settings: Settings, data: "Ledger", result: Result) -> Beside:
    """Return every view of a run that can be made of the data there are."""
    return Beside(
        calendar=calendar_of(settings, data, result),
        suspects=suspects(result.usage, data.source_terms, data.declared.overlaps),
    )
