"""Reduction paths, budgets and projections: what was adopted, beside what is.

    base B, reduction r, base year b, target year t
    linear   P(y) = B · (1 − r · (y − b) / (t − b))         from b to t, then as in t
    budget   left = budget − Σ emissions of b + 1 … now; enough where it covers a straight way from now
             to B · (1 − r)

That a target is "on its path" is said only where the figure is complete and, where an interval is known, all
of it lies below the path. What is assumed to come stands in `bilanz.projection`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from typing import Any, Final

import polars as pl

from bilanz.activity import activities
from bilanz.plan import KG_PER_T, PathKind
from bilanz.projection import Row, Scope, below, coming, effect, in_year, parts
from bilanz.result import MASS, Result

_DIGITS: Final = Decimal("1e-6")
_ONE: Final = Decimal(1)
_TOLERANCE_DAYS: Final = 1.0


class Series(StrEnum):
    """What a point of a pathway is."""

    PATH = "path"
    ACTUAL = "actual"
    FROZEN = "frozen"
    MEASURES = "measures"
    GROWTH = "growth"


class Verdict(StrEnum):
    """Whether a target is on its path."""

    ON_PATH = "on_path"
    OFF_PATH = "off_path"
    UNCLEAR = "unclear"  # the path runs through the interval
    NOT_SAID = "not_said"  # the reason says why


class Reason(StrEnum):
    """Why a verdict is what it is."""

    INTERVAL = "interval"  # the whole interval lies on one side
    NO_INTERVAL = "no_interval"  # the figure lies on one side; how far it may be off is not known
    WITHIN = "within"  # the path runs through the interval
    NO_BASE = "no_base"
    NO_FIGURE = "no_figure"
    BEFORE_BASE = "before_base"
    BOUNDARY = "boundary"
    INCOMPLETE = "incomplete"
    YEARS_MISSING = "years_missing"


TARGET_VIEW_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "target": pl.String,
    "organisation": pl.String,
    "book": pl.String,
    "scopes": pl.String,
    "path": pl.String,  # bilanz.plan.PathKind
    "adopted_by": pl.String,
    "evidence": pl.String,
    "base_year": pl.Int32,
    "base_kg": MASS,  # null: neither stated nor calculated
    "base_source": pl.String,  # where a stated base was published; null: the run of the base year
    "boundary": pl.String,  # same, differs, unchecked (a stated base)
    "differing": pl.String,  # organisations that are in one of the two years only
    "target_year": pl.Int32,
    "reduction": pl.Decimal(7, 6),
    "target_kg": MASS,
    "year": pl.Int32,
    "actual_kg": MASS,
    "low_kg": pl.Float64,  # of the 95 % interval of `actual_kg`; null: not known
    "high_kg": pl.Float64,
    "path_kg": MASS,  # of the year
    "budget_kg": MASS,
    "used_kg": MASS,  # since the base year; null: a year is missing
    "left_kg": MASS,
    "needed_kg": MASS,  # of a straight way from now to the target
    "exhausted": pl.Int32,  # year in which the budget ends at constant emissions
    "verdict": pl.String,  # Verdict
    "reason": pl.String,  # Reason
    "open": pl.Int64,  # quantities without factor and source-months without data
}

POINT_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "target": pl.String,
    "series": pl.String,  # Series
    "year": pl.Int32,
    "co2e_kg": MASS,
}

EFFECT_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "target": pl.String,
    "measure": pl.String,
    "effect_kg": MASS,  # per year; null: the target counts nothing of the activity, or no energy
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What was resolved: `TARGET_SCHEMA`, `MEASURE_SCHEMA` and `GROWTH_SCHEMA` of `bilanz.plan`."""

    targets: pl.DataFrame
    measures: pl.DataFrame
    growth: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Pathways:
    """Targets (`TARGET_VIEW_SCHEMA`), their points (`POINT_SCHEMA`) and effects (`EFFECT_SCHEMA`)."""

    targets: pl.DataFrame
    points: pl.DataFrame
    effects: pl.DataFrame


def pathways(
    result: Result,
    earlier: tuple[Result, ...],
    plan: Plan,
    counted: Mapping[str, frozenset[str]],
    intervals: pl.DataFrame | None = None,
) -> Pathways:
    """Return every target of a run with its path, its projections and what is said of it.

    Left out are targets of organisations or books the run does not hold.

    Args:
        result: the run of the year.
        earlier: runs of earlier years of the same organisations.
        plan: what was resolved.
        counted: book → activities that can be in its totals: what else lacks leaves a figure complete.
        intervals: 95 % intervals of the run's totals by book and scope; None: not known.
    """
    told: list[Row] = []
    points: list[Row] = []
    effects: list[Row] = []
    for target in plan.targets.iter_rows(named=True):
        within = below(result, target["organisation"])
        if not within or target["book"] not in result.manifest.books:
            continue
        scope = Scope(within, target["book"], tuple(target["scopes"].split(",")))
        view = _view(target, scope, result, earlier, intervals)
        view |= {"open": _open(scope, result, counted[scope.book])}
        verdict, reason = _verdict(view)
        view |= {"verdict": verdict.value, "reason": reason.value}
        worth = {row["id"]: effect(row, scope, result) for row in coming(plan.measures, scope)}
        told.append(view)
        points += _points(view, scope, (result, *earlier), plan, worth)
        effects += [
            {"target": view["target"], "measure": name, "effect_kg": kg} for name, kg in worth.items()
        ]
    return Pathways(
        _framed(told, TARGET_VIEW_SCHEMA), _framed(points, POINT_SCHEMA), _framed(effects, EFFECT_SCHEMA)
    )


def _framed(rows: list[Row], schema: Mapping[str, Any]) -> pl.DataFrame:
    return pl.DataFrame({name: [row[name] for row in rows] for name in schema}, schema=dict(schema))


def linear(base: Decimal, reduction: Decimal, years: tuple[int, int], year: int) -> Decimal:
    """Return P(y); before the base year it is the base, after the target year the target."""
    first, last = years
    share = Decimal(min(max(year, first), last) - first) / (last - first)
    return (base * (1 - reduction * share)).quantize(_DIGITS)


def exhausted(left: Decimal, emissions: Decimal, year: int) -> int | None:
    """Return the year in which what is left ends at constant emissions; None where nothing is emitted.

    Where nothing is left it is the year itself.
    """
    if left <= 0:
        return year
    if emissions <= 0:
        return None
    return year + int((left / emissions).to_integral_value(rounding=ROUND_CEILING))


def _view(
    target: Row, scope: Scope, result: Result, earlier: tuple[Result, ...], intervals: pl.DataFrame | None
) -> Row:
    """Return one row of `TARGET_VIEW_SCHEMA` but for what is said of it."""
    runs = {one.manifest.year: one for one in (result, *earlier)}
    base_run = runs.get(target["base_year"])
    base = _base(target, scope, base_run)
    span = (target["base_year"], target["target_year"])
    year, actual = result.manifest.year, scope.total(result)
    low, high = _interval(intervals, scope, result)
    view: Row = {
        **{
            name: target[name]
            for name in ("organisation", "book", "scopes", "path", "adopted_by", "evidence")
        },
        **{name: target[name] for name in ("base_year", "base_source", "target_year", "reduction")},
        **_boundary(target, scope, base_run, result),
        **dict.fromkeys(("budget_kg", "used_kg", "left_kg", "needed_kg", "exhausted")),
        "target": target["id"],
        "base_kg": base,
        "target_kg": None if base is None else linear(base, target["reduction"], span, span[1]),
        "path_kg": None if base is None else linear(base, target["reduction"], span, year),
        "year": year,
        "actual_kg": actual,
        "low_kg": low,
        "high_kg": high,
    }
    if target["path"] == PathKind.BUDGET:
        view |= _budget(target, view, {number: scope.total(run) for number, run in runs.items()})
    return view


def _base(target: Row, scope: Scope, base_run: Result | None) -> Decimal | None:
    if target["base_t"] is not None:
        return Decimal(target["base_t"]) * KG_PER_T
    return None if base_run is None else scope.total(base_run)


def _boundary(target: Row, scope: Scope, base_run: Result | None, result: Result) -> Row:
    """Say whether the same organisations were counted in the base year."""
    if target["base_t"] is not None or base_run is None:
        return {"boundary": "unchecked", "differing": None}
    old, new = (set(scope.lines(run)["organisation"].unique()) for run in (base_run, result))
    differing = sorted(old ^ new)
    return {"boundary": "differs" if differing else "same", "differing": ", ".join(differing) or None}


def _interval(
    intervals: pl.DataFrame | None, scope: Scope, result: Result
) -> tuple[float | None, float | None]:
    """Return the bounds of a target's figure where it is a whole total or a whole scope of the run."""
    counted = set(result.lines.filter(pl.col("book") == scope.book)["organisation"].drop_nulls())
    if intervals is None or not counted <= scope.within:
        return None, None
    rows = intervals.filter(pl.col("book") == scope.book)
    kinds = {"total"} if len(scope.scopes) > 1 else {"scope"}
    if "kind" in rows.columns:
        rows = rows.filter(pl.col("kind").is_in(kinds))
    match scope.scopes:
        case (only,):
            rows = rows.filter(pl.col("scope") == only)
        case ("1", "2", "3"):
            rows = rows.filter(pl.col("scope").is_null() | (pl.col("scope") == "total"))
        case _:
            return None, None
    return rows.select("low_kg", "high_kg").row(0) if rows.height == 1 else (None, None)


def _open(scope: Scope, result: Result, counted: frozenset[str]) -> int:
    """Return how many quantities have no factor and how many source-months lack data."""
    known = activities()
    counts = [code for code in counted if known[code].scope in scope.scopes]
    missing = result.exceptions.filter(
        pl.col("book").is_null() | (pl.col("book") == scope.book),
        pl.col("organisation").is_in(list(scope.within)),
        pl.col("activity").is_null() | pl.col("activity").is_in(counts),
    )
    days = pl.sum_horizontal("days_measured", "days_billed", "days_estimated")
    lacking = result.coverage.filter(
        pl.col("organisation").is_in(list(scope.within)),
        pl.col("activity").is_in(counts),
        days < pl.col("days") - _TOLERANCE_DAYS,
    )
    return missing.height + lacking.height


def _budget(target: Row, view: Row, totals: Mapping[int, Decimal | None]) -> Row:
    """Return what of a budget is used, left and needed; nothing of it where a year is missing."""
    budget = Decimal(target["budget_t"]) * KG_PER_T
    year, actual = view["year"], view["actual_kg"]
    used = [totals.get(number) for number in range(target["base_year"] + 1, year + 1)]
    if None in used or actual is None:
        return {"budget_kg": budget}
    left = budget - sum((kg for kg in used if kg is not None), Decimal(0))
    told: Row = {"budget_kg": budget, "used_kg": budget - left, "left_kg": left}
    if view["target_kg"] is not None:
        told["needed_kg"] = _needed(actual, view["target_kg"], target["target_year"] - year)
    return told | {"exhausted": exhausted(left, actual, year)}


def _needed(actual: Decimal, target: Decimal, years: int) -> Decimal:
    """Return the emissions of a straight way: Σ k = 1 … n of actual + (target − actual) · k / n."""
    if years <= 0:
        return Decimal(0)
    return (actual * years + (target - actual) * Decimal(years + 1) / 2).quantize(_DIGITS)


def _verdict(view: Row) -> tuple[Verdict, Reason]:
    """Return whether the target is on its path, and why."""
    is_budget = view["path"] == PathKind.BUDGET
    obstacles = (
        (view["actual_kg"] is None, Reason.NO_FIGURE),
        (view["year"] < view["base_year"], Reason.BEFORE_BASE),
        (view["base_kg"] is None, Reason.NO_BASE),
        (view["boundary"] == "differs", Reason.BOUNDARY),
        (is_budget and view["left_kg"] is None, Reason.YEARS_MISSING),
    )
    obstacle = next((reason for applies, reason in obstacles if applies), None)
    if obstacle is not None:
        return Verdict.NOT_SAID, obstacle
    if is_budget:
        return _compared(view, view["needed_kg"], view["left_kg"], (None, None))
    return _compared(view, view["actual_kg"], view["path_kg"], (view["low_kg"], view["high_kg"]))


def _compared(
    view: Row, figure: Decimal, limit: Decimal, bounds: tuple[float | None, float | None]
) -> tuple[Verdict, Reason]:
    """Return on which side of a limit a figure lies; only a complete one lies below it."""
    low, high = bounds
    is_known = low is not None and high is not None
    if low is not None and high is not None and low <= limit < high:
        return Verdict.UNCLEAR, Reason.WITHIN
    if figure > limit:
        return Verdict.OFF_PATH, Reason.INTERVAL if is_known else Reason.NO_INTERVAL
    if view["open"]:
        return Verdict.NOT_SAID, Reason.INCOMPLETE
    return Verdict.ON_PATH, Reason.INTERVAL if is_known else Reason.NO_INTERVAL


def _points(
    view: Row, scope: Scope, runs: tuple[Result, ...], plan: Plan, worth: Mapping[str, Decimal | None]
) -> Iterator[Row]:
    """Yield the points of one target: path, what was, and what is assumed to come."""
    name, year, last = view["target"], view["year"], view["target_year"]

    def point(series: Series, number: int, kg: Decimal) -> Row:
        return {"target": name, "series": series.value, "year": number, "co2e_kg": kg}

    if view["base_kg"] is not None:
        span = (view["base_year"], last)
        for number in range(span[0], last + 1):
            yield point(Series.PATH, number, linear(view["base_kg"], view["reduction"], span, number))
    for run in reversed(runs):
        if run.manifest.year >= view["base_year"] and (kg := scope.total(run)) is not None:
            yield point(Series.ACTUAL, run.manifest.year, kg)
    if view["actual_kg"] is None or year >= last:
        return
    planned = [row for row in coming(plan.measures, scope) if worth[row["id"]] is not None]
    growing = parts(scope, plan.growth, runs[0])
    for number in range(year, last + 1):
        less = sum((in_year(row, worth[row["id"]] or _ONE * 0, year, number) for row in planned), Decimal(0))
        yield point(Series.FROZEN, number, view["actual_kg"])
        if planned:
            yield point(Series.MEASURES, number, (view["actual_kg"] - less).quantize(_DIGITS))
        if any(part.rates for part in growing):
            more = sum((part.grown(year, number) for part in growing), Decimal(0))
            yield point(Series.GROWTH, number, (more - less).quantize(_DIGITS))
