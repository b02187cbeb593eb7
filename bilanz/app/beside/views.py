"""What a report shows beside a run: made of it, of other runs and of the registry, each by its own module."""

from typing import TYPE_CHECKING

from bilanz.app.beside.compensations import declared_beside
from bilanz.app.beside.consolidation import consolidated
from bilanz.app.beside.facilities import figures_of, net_ratios_of
from bilanz.app.beside.intervals import intervals_of, year_before
from bilanz.app.beside.plan import pathways_of
from bilanz.app.beside.reconciled import with_the_first
from bilanz.app.beside.savings import savings_of
from bilanz.app.beside.standards import categories, gases, iso_categories, stated
from bilanz.app.beside.territory import territory_view
from bilanz.app.beside.weather import weather
from bilanz.app.period.change import causes_of
from bilanz.app.period.earlier import earlier
from bilanz.app.period.restating import closing_of
from bilanz.app.review.months import calendar_of
from bilanz.app.settings import Settings
from bilanz.result import Beside, Result
from bilanz.store.profiles import profiles
from bilanz.suspects import suspects

if TYPE_CHECKING:
    from bilanz.app.balances import Ledger


def beside(settings: Settings, data: "Ledger", result: Result, *, only_released: bool = False) -> Beside:
    """Return every view of a run that can be made of the data there are.

    `only_released`: years before that nobody has released are not there.
    """
    before = earlier(settings, data, result, only_released=only_released)
    corrected = weather(settings, data, result, before)
    intervals = intervals_of(settings, result, year_before(result, before))
    plan, paths = pathways_of(settings, result, before, intervals)
    return Beside(
        intervals=intervals,
        earlier=before,
        causes=causes_of(result, before, corrected),
        weather=corrected,
        targets=paths.targets,
        paths=paths.points,
        measures=plan.measures,
        effects=paths.effects,
        savings=savings_of(settings, result, before, plan.measures),
        profiles=profiles(data.store, result.organisations, year=result.manifest.year),
        sites=data.sites,
        figures=figures_of(data, result),
        net_ratios=net_ratios_of(settings, result),
        consolidation=consolidated(settings, result),
        iso=iso_categories(settings, result),
        gases=gases(settings, result),
        reconciliation=with_the_first(settings, result),
        disclosures=stated(settings, result),
        scope3=categories(settings, result),
        compensations=declared_beside(data.compensations, result),
        territory=territory_view(settings, data, result),
        calendar=calendar_of(settings, data, result),
        suspects=suspects(result.usage, data.source_terms, data.declared.overlaps),
        closing=closing_of(data.registry, result.manifest),
    )
