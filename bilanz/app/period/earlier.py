"""The runs of earlier years that stand beside a run: same organisation, newest year first."""

from typing import TYPE_CHECKING

from bilanz.app.settings import Settings
from bilanz.result import Result

if TYPE_CHECKING:
    from bilanz.app.balances import Ledger


def earlier(
    settings: Settings, data: "Ledger", result: Result, *, only_released: bool = False
) -> tuple[Result, ...]:
    """Return the result that stands for each year before that of a result, for the same organisation.

    A year that has not been calculated so is not there. `only_released`: nor one nobody has released.

    Raises:
        BilanzError: a period is released or closed, and its lines are not those that were.
    """
    from bilanz.app.balances import standing_result
    from bilanz.app.period.standing import standing
    from bilanz.store import runs

    own = result.manifest
    years = {one.year for one in runs.runs(data.store) if one.organisation == own.organisation}
    before = sorted((year for year in years if year < own.year), reverse=True)
    if only_released:
        before = [year for year in before if standing(data.registry, year, own.organisation) is not None]
    found = (standing_result(settings, data, year, own.organisation) for year in before)
    return tuple(one for one in found if one is not None)
