"""What a report shows beside a run: made of it, of other runs and of the registry, each by its own module."""

from typing import TYPE_CHECKING

from bilanz.app.declared import declared_beside
from bilanz.app.reconciled import with_the_first
from bilanz.app.settings import Settings
from bilanz.app.standards import categories, gases, iso_categories, stated
from bilanz.result import Beside, Result

if TYPE_CHECKING:
    from bilanz.app.balances import Ledger


def beside(settings: Settings, data: "Ledger", result: Result) -> Beside:
    """Return every view of a run that can be made of the data there are."""
    return Beside(
        iso=iso_categories(settings, result),
        gases=gases(settings, result),
        reconciliation=with_the_first(settings, result),
        disclosures=stated(settings, result),
        scope3=categories(settings, result),
        compensations=declared_beside(data.compensations, result),
    )
