"""From what is asked about a project to its effect, or to the reason why none can be stated."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

import polars as pl

from bilanz.fund.effect import controls as against
from bilanz.fund.effect.avoided import Factor, chosen
from bilanz.fund.effect.controls import Comparison
from bilanz.fund.effect.counterfactual import Counterfactual, counterfactual
from bilanz.fund.effect.metering import Metering
from bilanz.fund.effect.reason import NotAssessable, Reason, because
from bilanz.fund.effect.result import Effect, Model, Saving
from bilanz.fund.effect.saving import lacking_months, rounded, saving, years_of
from bilanz.fund.effect.series import Course, Driver, DriverKind, Series, series

_SHARE: Final = 4
_COEFFICIENT: Final = 6


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about a project.

    Attributes:
        use: `USE_SCHEMA`, in `unit`.
        touched: sources the project changes.
        drivers: weather and use variable of the touched sources.
        controls: untouched source → its variables.
        barred: sources that cannot be compared with, and why.
        is_taken: whether a month belongs to another project too.
        half_widths: source → percent of what it counts; None: not known.
        factors: of every series; `factor_series` names the one that holds, None: no tonnes.
        overlap_share: part of the effect that is of other measures; None: not assessed.
        rebound_share: part of the effect used up elsewhere; None: not assessed.
        shared_with: projects whose effect is in the same months, divided by declared shares.
    """

    use: pl.DataFrame
    unit: str
    touched: tuple[str, ...]
    course: Course
    drivers: tuple[Driver, ...] = ()
    controls: Mapping[str, tuple[Driver, ...]] = field(default_factory=dict)
    barred: tuple[tuple[str, Reason], ...] = ()
    is_taken: Callable[[date], bool] = lambda _: False
    half_widths: Mapping[str, float | None] = field(default_factory=dict)
    factors: tuple[Factor, ...] = ()
    factor_series: str | None = None
    overlap_share: Decimal | None = None
    rebound_share: Decimal | None = None
    shared_with: tuple[str, ...] = ()


def assess(question: Question) -> Effect | NotAssessable:
    """Return the measured effect of a project; or why none can be stated.

    Units: those of `question.unit`; tonnes in t CO2e.
    """
    months = series(question.use, question.touched, question.course, question.drivers, question.is_taken)
    own = counterfactual(months, question.drivers)
    if isinstance(own, NotAssessable):
        return own
    metering = Metering(question.half_widths)
    told = chosen(question.factors, question.factor_series, question.unit, years_of(own))
    factors = None if isinstance(told, Reason) else told
    result = saving(own, own, metering, factors)
    comparison = against.compare(own, _controls(question), question.controls, question.barred)
    compared: Saving | NotAssessable
    if isinstance(comparison, NotAssessable):
        compared, behind = comparison, None
    else:
        compared, behind = saving(own, comparison, metering, factors), comparison
    return Effect(
        unit=question.unit,
        saving=result,
        compared=compared,
        comparison=behind,
        model=_model(own, question),
        left_out=months.left_out,
        flags=(*_flags(own, question, result), *_of_factors(told), *_of_comparison(comparison)),
    )


def _controls(question: Question) -> Mapping[str, Series]:
    return {
        name: series(question.use, (name,), question.course, drivers)
        for name, drivers in question.controls.items()
    }


def _model(own: Counterfactual, question: Question) -> Model:
    return Model(
        before=len(own.series.before),
        after=len(own.series.after),
        drivers=tuple(driver.label for driver in question.drivers),
        coefficients={name: rounded(value, _COEFFICIENT) for name, value in own.coefficients.items()},
        error=rounded(own.error, _SHARE),
        correlation=rounded(own.model.correlation, _SHARE),
    )


def _flags(own: Counterfactual, question: Question, result: Saving) -> Iterator[Reason]:
    """Yield what whoever reads the saving must know."""
    if own.outside:
        yield because("month_extrapolated", months=_listed(own.outside))
    if own.faded is not None and own.faded.is_found:
        yield because("unstable_after", month=f"{own.months[own.faded.position]:%Y-%m}")
    if not any(driver.kind is DriverKind.USE for driver in question.drivers):
        yield because("no_use")
    if unknown := Metering(question.half_widths).unknown(own):
        yield because("no_metering", sources=", ".join(unknown))
    if result.per_year is None:
        yield because("season_incomplete", months=", ".join(map(str, lacking_months(own))))
    if abs(result.total.value) <= (result.total.half_width or result.total.model):
        yield because("includes_zero")
    if question.shared_with:
        yield because("shared", projects=", ".join(question.shared_with))
    if question.overlap_share is None:
        yield because("overlap_unassessed")
    if question.rebound_share is None:
        yield because("rebound_unassessed")


def _of_factors(told: Mapping[int, Factor] | Reason) -> Iterator[Reason]:
    if isinstance(told, Reason):
        yield told
    elif lacking := [str(year) for year, factor in sorted(told.items()) if factor.half_width is None]:
        yield because("factor_interval", years=", ".join(lacking))


def _of_comparison(comparison: Comparison | NotAssessable) -> Iterator[Reason]:
    if isinstance(comparison, NotAssessable):
        return
    if comparison.is_common:
        yield because("common_change", change=f"{comparison.change * 100:+.1f}")
    if comparison.is_diverse:
        spread, p = f"{comparison.spread * 100:.1f}", f"{comparison.diverged_p:.2g}"
        yield because("controls_diverge", spread=spread, p=p)


def _listed(months: Sequence[date]) -> str:
    return ", ".join(f"{month:%Y-%m}" for month in months)
