"""What a report shows beside a run: made of it, of other runs and of the registry, each by its own module."""

from typing import TYPE_CHECKING

from bilanz.app.restating import closing_of
from bilanz.app.settings import Settings
from bilanz.result import Beside, Result

if TYPE_CHECKING:
    from bilanz.app.balances import Ledger


def beside(settings: Settings, data: "Ledger", result: Result) -> Beside:  # noqa: ARG001 - of other views
    """Return every view of a run that can be made of the data there are."""
    return Beside(closing=closing_of(data.registry, result.manifest))
