"""What a report shows beside a run: made of it, of other runs and of the registry, each by its own module."""

from typing import TYPE_CHECKING

from bilanz.app.intervals import intervals_of, year_before
from bilanz.app.settings import Settings
from bilanz.result import Beside, Result
from bilanz.store.profiles import profiles

if TYPE_CHECKING:
    from bilanz.app.balances import Ledger


def beside(settings: Settings, data: "Ledger", result: Result) -> Beside:
    """Return every view of a run that can be made of the data there are."""
    return Beside(
        intervals=intervals_of(settings, result, year_before(settings, data, result)),
        profiles=profiles(data.store, result.organisations, year=result.manifest.year),
    )
