"""The measured effects of projects: registry, store and catalogue brought together; never stored.

fund_projects, fund_sources ─┐
months of the store          ├─► one question a project ──► bilanz.fund.effect ──► effect, or why none
degree days, half widths     │
fund_factors                 ┘
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import polars as pl

from bilanz.app.beside.intervals import half_widths_of
from bilanz.app.beside.weather import heating_of
from bilanz.app.catalogue.releases import catalogue_of
from bilanz.app.fund import months as fundmonths
from bilanz.app.fund.weather import Meter, Variables, drivers
from bilanz.app.settings import Settings
from bilanz.errors import UnitError
from bilanz.fund.effect.assessment import Question, assess
from bilanz.fund.effect.avoided import Factor
from bilanz.fund.effect.reason import NotAssessable, Reason, because, refuse
from bilanz.fund.effect.result import Effect
from bilanz.fund.effect.series import (
    USE_SCHEMA,
    Course,
    Driver,
    MonthState,
    months_between,
    next_month,
)
from bilanz.fund.effect.sharing import Span, are_divided, is_taken, rivals
from bilanz.fund.project import FundProject, FundSource, SourceUse
from bilanz.fund.rate import FundFactor
from bilanz.halfwidth import chosen
from bilanz.records import Role
from bilanz.units import ratio

if TYPE_CHECKING:
    from bilanz.app.balances import Ledger

_HELD: Final = (Role.CONSUMED.value, Role.DELIVERED.value, Role.SUB_METER.value, Role.TENANT.value)
_DIGITS: Final = Decimal("0.000001")
_CELLS: Final = ("source", "month", "quantity", "unit", "state")


@dataclass(frozen=True, slots=True)
class Fund:
    """The rows of the registry effects rest on."""

    projects: Sequence[FundProject]
    sources: Sequence[FundSource]
    factors: Sequence[FundFactor]

    def of(self, project: str, use: SourceUse) -> tuple[str, ...]:
        """Return the sources a project touches, or is compared with."""
        return tuple(
            sorted(each.source for each in self.sources if (each.project, each.use) == (project, use))
        )


@dataclass(frozen=True, slots=True)
class _Grounds:
    """What is known of sources, for all projects.

    Attributes:
        used: `bilanz.app.fund.months.USED_SCHEMA`.
        terms: when a source is held, `TERM_SCHEMA`.
        places: source → heating share and region.
        widths: `HALF_WIDTH_SCHEMA`.
    """

    used: pl.DataFrame
    terms: pl.DataFrame
    places: Mapping[str, tuple[Decimal | None, str | None]]
    widths: pl.DataFrame
    degree_days: pl.DataFrame
    spans: tuple[Span, ...]


def measured_effects(settings: Settings) -> dict[str, Effect | NotAssessable]:
    """Return project → its measured effect, or why none can be stated; of all projects.

    Raises:
        UsageError: there is no data directory.
        StoreBusy: another process holds the store.
    """
    from bilanz.app.balances import ledger
    from bilanz.registry import fund

    with ledger(settings) as data:
        rows = Fund(
            fund.projects(data.registry),
            fund.project_sources(data.registry),
            fund.factors(data.registry),
        )
        return effects_of(settings, data, rows)


def effects_of(settings: Settings, data: "Ledger", fund: Fund) -> dict[str, Effect | NotAssessable]:
    """Return project → its measured effect, or why none can be stated.

    The years of the store are read once for all projects.
    """
    spans = tuple(_span(project, fund) for project in fund.projects)
    starts = [span.baseline_from for span in spans if span.baseline_from is not None and span.sources]
    named = {each.source for each in fund.sources}
    heating = heating_of(settings, data).select("source", "heating_share", "region")
    grounds = _Grounds(
        used=fundmonths.used(data, settings, named, min(starts))
        if starts
        else pl.DataFrame(schema=fundmonths.USED_SCHEMA),
        terms=data.source_terms.filter(pl.col("source").is_in(sorted(named))),
        places={source: (share, region) for source, share, region in heating.iter_rows()},
        widths=half_widths_of(settings),
        degree_days=catalogue_of(settings).degree_days,
        spans=spans,
    )
    return {project.id: _effect(data, fund, grounds, project) for project in fund.projects}


def _span(project: FundProject, fund: Fund) -> Span:
    return Span(
        project=project.id,
        sources=frozenset(fund.of(project.id, SourceUse.TOUCHED)),
        baseline_from=project.baseline_from,
        starts_on=project.starts_on,
        completed_on=project.completed_on,
        overlap_share=project.overlap_share,
    )


def _effect(data: "Ledger", fund: Fund, grounds: _Grounds, project: FundProject) -> Effect | NotAssessable:
    touched = fund.of(project.id, SourceUse.TOUCHED)
    course, unit = _course(project, touched, grounds), project.unit
    if isinstance(course, NotAssessable):
        return course
    if unit is None:
        return refuse("no_unit")
    own = grounds.used.filter(pl.col("source").is_in(list(touched)))
    activity = project.activity or _only(own["activity"])
    rows = grounds.used.filter(pl.col("activity") == activity)
    refused = _unlike(rows.filter(pl.col("source").is_in(list(touched))), activity, unit)
    if refused is not None:
        return refused
    variables = _variables(project)
    meters = {name: _meter(grounds, name, activity) for name in touched}
    found = drivers(meters, variables, data.declared, grounds.degree_days)
    if isinstance(found, NotAssessable):
        return found
    asked = _Asked(project, touched, activity or "", unit, course, found)
    controls, barred = _controls(data, fund, grounds, asked)
    return assess(_question(fund, grounds, asked, controls, barred))


def _variables(project: FundProject) -> Variables:
    return Variables(project.weather_series, project.use_series, bool(project.is_use_flow))


@dataclass(frozen=True, slots=True)
class _Asked:
    """A project of which everything is stated."""

    project: FundProject
    touched: tuple[str, ...]
    activity: str
    unit: str
    course: Course
    drivers: tuple[Driver, ...]


def _course(project: FundProject, touched: Collection[str], grounds: _Grounds) -> Course | NotAssessable:
    """Return the dates of a project; or what it does not state."""
    if not touched:
        return refuse("no_source")
    if project.baseline_from is None or project.baseline_to is None:
        return refuse("no_baseline")
    if project.completed_on is None:
        return refuse("not_completed")
    measured = grounds.used.filter(pl.col("state") == MonthState.MEASURED.value)["month"]
    last = measured.max()
    until = next_month(last) if isinstance(last, date) else project.completed_on
    return Course(project.baseline_from, project.baseline_to, project.starts_on, project.completed_on, until)


def _only(values: pl.Series) -> str | None:
    """Return the one value of a series; None: there are several, or none."""
    found = values.unique().to_list()
    return str(found[0]) if len(found) == 1 else None


def _unlike(own: pl.DataFrame, activity: str | None, unit: str) -> NotAssessable | None:
    """Return why quantities cannot be summed."""
    if activity is None:
        return refuse("several_activities")
    bases = own["basis"].unique().to_list()
    if len(bases) > 1:
        return refuse("bases_differ", bases=", ".join(sorted(str(basis) for basis in bases)))
    wrong = [str(name) for name in own["unit"].unique().sort() if _ratio(name, unit) is None]
    return refuse("units_differ", units=", ".join(wrong), unit=unit) if wrong else None


def _ratio(unit: str | None, target: str) -> Decimal | None:
    """Return what turns a unit into another; None: nothing does."""
    if unit is None:
        return None
    try:
        exact = ratio(unit, target)
    except UnitError:
        return None
    return Decimal(exact.numerator) / Decimal(exact.denominator)


def _meter(grounds: _Grounds, source: str, activity: str | None) -> Meter:
    share, region = grounds.places.get(source, (None, None))
    return Meter(activity, share, region)


def _controls(
    data: "Ledger", fund: Fund, grounds: _Grounds, asked: _Asked
) -> tuple[dict[str, tuple[Driver, ...]], tuple[tuple[str, Reason], ...]]:
    """Return the sources to compare with and their variables; and those that are none, with the reason."""
    found: dict[str, tuple[Driver, ...]] = {}
    barred: list[tuple[str, Reason]] = []
    weather = Variables(weather=asked.project.weather_series)
    for name in fund.of(asked.project.id, SourceUse.CONTROL):
        span = Span("", frozenset({name}), asked.course.baseline_from, asked.course.starts_on, None, None)
        touching = rivals(span, grounds.spans)
        told = drivers(
            {name: _meter(grounds, name, asked.activity)}, weather, data.declared, grounds.degree_days
        )
        if touching:
            projects = ", ".join(other.project for other in touching)
            barred.append((name, because("control_touched", projects=projects)))
        elif isinstance(told, NotAssessable):
            barred.append((name, told.reason))
        else:
            found[name] = told
    return found, tuple(barred)


def _question(
    fund: Fund,
    grounds: _Grounds,
    asked: _Asked,
    controls: Mapping[str, tuple[Driver, ...]],
    barred: tuple[tuple[str, Reason], ...],
) -> Question:
    project = asked.project
    own = next(span for span in grounds.spans if span.project == project.id)
    others = rivals(own, grounds.spans)
    is_divided = are_divided(own, others)
    return Question(
        use=_use(grounds, asked, (*asked.touched, *controls)),
        unit=asked.unit,
        touched=asked.touched,
        course=asked.course,
        drivers=asked.drivers,
        controls=controls,
        barred=barred,
        is_taken=lambda month: not is_divided and is_taken(month, others),
        half_widths=_half_widths(grounds, asked),
        factors=tuple(
            Factor(each.series, each.year, each.value, each.unit, each.half_width) for each in fund.factors
        ),
        factor_series=project.factor_series,
        overlap_share=project.overlap_share,
        rebound_share=project.rebound_share,
        shared_with=tuple(other.project for other in others) if is_divided else (),
    )


def _use(grounds: _Grounds, asked: _Asked, names: Sequence[str]) -> pl.DataFrame:
    """Return what is known of every month of some sources, `USE_SCHEMA`, in the unit of the project."""
    rows = grounds.used.filter(pl.col("activity") == asked.activity, pl.col("source").is_in(list(names)))
    told = {(source, month): rest for source, month, *rest in rows.select(*_CELLS).iter_rows()}
    found = []
    for name in names:
        terms = _terms(grounds.terms, name)
        for month in months_between(asked.course.baseline_from.replace(day=1), asked.course.until):
            quantity, unit, state = told.get((name, month), (None, None, _absent(terms, month)))
            value = _converted(quantity, unit, asked.unit) if state == MonthState.MEASURED.value else None
            known = state if value is not None or state != MonthState.MEASURED else MonthState.MISSING.value
            found.append((name, month, value, known))
    return pl.DataFrame(found, schema=USE_SCHEMA, orient="row")


def _converted(quantity: Decimal | None, unit: str | None, target: str) -> Decimal | None:
    scale = _ratio(unit, target)
    return None if quantity is None or scale is None else (quantity * scale).quantize(_DIGITS)


def _terms(terms: pl.DataFrame, source: str) -> list[tuple[date, date]] | None:
    """Return from when to when a source is held; None: the registry says nothing of it."""
    own = terms.filter(pl.col("source") == source)
    held = own.filter(pl.col("role").is_in(_HELD)).select("valid_from", "valid_to")
    return [(first or date.min, last or date.max) for first, last in held.iter_rows()] if own.height else None


def _absent(terms: list[tuple[date, date]] | None, month: date) -> str:
    """Return why nothing is known of a month."""
    is_held = terms is None or any(first < next_month(month) and last > month for first, last in terms)
    return MonthState.MISSING.value if is_held else MonthState.NOT_HELD.value


def _half_widths(grounds: _Grounds, asked: _Asked) -> dict[str, float | None]:
    """Return source → half width in percent; the widest where it was measured and billed."""
    rows = grounds.used.filter(
        pl.col("activity") == asked.activity,
        pl.col("source").is_in(list(asked.touched)),
        pl.col("state") == MonthState.MEASURED.value,
    )
    subjects = rows.select("source", "activity", "quality").unique(maintain_order=True)
    widths = (
        chosen(subjects, grounds.widths, "activity")
        .group_by("source")
        .agg(pl.when(pl.col("half_width").is_null().any()).then(None).otherwise(pl.col("half_width").max()))
    )
    return dict(widths.iter_rows())
