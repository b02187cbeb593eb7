"""The runs of earlier years that stand beside a run: same organisation, newest year first."""

from typing import TYPE_CHECKING

from bilanz.app import releases
from bilanz.app.settings import Settings
from bilanz.result import Result

if TYPE_CHECKING:
    from bilanz.app.balances import Ledger


def earlier(settings: Settings, data: "Ledger", result: Result) -> tuple[Result, ...]:
    """Return the run that stands for each year before that of a result, restricted to the same organisation.

    Of a year that keeps a release, only a run with it. A year that has not been calculated so is not there.
    """
    from bilanz.store import runs

    pins = releases.pins(settings)
    own = result.manifest
    years = {one.year for one in runs.runs(data.store) if one.organisation == own.organisation}
    found = []
    for year in sorted((year for year in years if year < own.year), reverse=True):
        pin = pins.get(year)
        run = runs.latest(data.store, year, own.organisation, None if pin is None else pin.sha256)
        if run is not None:
            found.append(runs.load(data.store, run))
    return tuple(found)
