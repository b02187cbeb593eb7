"""Made-up projects whose effect is known: what `effect_study` holds the stated intervals against.

Daily weather, buildings whose heat demand follows it by a base temperature of their own (not that of the
published degree days), occupants, noise that may last from month to month, meters that run fast or slow by a
few percent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum, auto
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bilanz.fund.effect.assessment import Question
from bilanz.fund.effect.series import USE_SCHEMA, Course, Driver, DriverKind, days_of, next_month

Array = NDArray[np.float64]

METER_PERCENT: Final = 5.0
_NORMAL: Final = 1.959964
_FIRST: Final = date(2021, 1, 1)


class Change(Enum):
    """When occupants change, and who."""

    NONE = auto()
    WITH_PROJECT = auto()  # in the touched building, with the project
    IN_BASELINE = auto()  # in the touched building, in the middle of the baseline
    EVERYWHERE = auto()  # in all buildings, with the project


@dataclass(frozen=True)
class Scenario:
    """What a made-up place is like; months are counted as measured."""

    name: str
    before: int = 12
    after: int = 12
    missing: int = 0  # on either side, beside the measured ones
    correlation: float = 0.0
    noise: float = 0.05  # standard deviation of a month, part of the mean use
    is_heavy: bool = False  # noise of Student's t with three degrees of freedom
    effect: float = 0.2  # part of the use that is saved
    change: Change = Change.NONE
    left: float = 0.75  # part of the occupants that stays
    variety: float = 0.05  # standard deviation of the occupants of a month, part of their mean
    is_declared: bool = False  # the occupants are
    is_fitting: bool = False  # heat follows the published degree days, not a base temperature of its own
    buildings: int = 1  # touched, summed
    controls: int = 0
    contaminated: int = 0  # controls that are touched too
    own_drift: float = 0.0  # standard deviation of what each building does for no reason, part of its use
    trend: float = 0.0  # per year, of the touched building, part of its use


@dataclass(frozen=True)
class Place:
    """Weather over all months.

    Attributes:
        temperatures: by day.
        of_day: position of the month of each day.
    """

    months: tuple[date, ...]
    days: Array
    temperatures: Array
    of_day: NDArray[np.intp]

    def summed(self, daily: Array) -> Array:
        """Return sums over months."""
        return np.bincount(self.of_day, daily, len(self.months)).astype(np.float64)

    @property
    def degree_days(self) -> Array:
        """Degree days G20/15 by month."""
        cold = self.temperatures < 15
        return self.summed(np.where(cold, 20 - self.temperatures, 0.0))


def place(rng: np.random.Generator, count: int) -> Place:
    """Return months of weather: seasons, warm and cold months, days that resemble the day before."""
    months = [_FIRST]
    for _ in range(int(rng.integers(12))):
        months = [next_month(months[0])]
    while len(months) < count:
        months.append(next_month(months[-1]))
    days = np.array([float(days_of(month)) for month in months])
    of_day = np.repeat(np.arange(count), days.astype(int))
    number = months[0].timetuple().tm_yday + np.arange(len(of_day))
    season = 9.5 - 9.5 * np.cos(2 * np.pi * (number - 20) / 365.25)
    whims = _lasting(rng, len(of_day), 0.8) * 3.5 + rng.normal(0, 1.0, count)[of_day]
    return Place(tuple(months), days, season + whims, of_day)


def _lasting(rng: np.random.Generator, count: int, correlation: float, *, is_heavy: bool = False) -> Array:
    """Return noise of standard deviation 1 that fades by `correlation` from one to the next."""
    fresh = rng.standard_t(3, count) / np.sqrt(3) if is_heavy else rng.normal(size=count)
    found = np.empty(count)
    found[0] = fresh[0]
    for position in range(1, count):
        found[position] = correlation * found[position - 1] + np.sqrt(1 - correlation**2) * fresh[position]
    return found


@dataclass(frozen=True)
class Building:
    """Use without and with the effect, by month, and its occupants."""

    without: Array
    actual: Array
    occupants: Array


def building(
    rng: np.random.Generator, at: Place, scenario: Scenario, *, is_touched: bool, is_saving: bool
) -> Building:
    """Return one building of a scenario."""
    count = len(at.months)
    number = np.arange(count)
    start = scenario.before + scenario.missing
    occupants = 100 * (1 + scenario.variety * rng.normal(size=count))
    changes = {
        Change.NONE: count,
        Change.WITH_PROJECT: start if is_touched else count,
        Change.IN_BASELINE: start // 2 if is_touched else count,
        Change.EVERYWHERE: start,
    }
    occupants[number >= changes[scenario.change]] *= scenario.left
    base = at.days * 100 * rng.uniform(0.6, 1.4) * (0.4 + 0.6 * occupants / 100)
    demand = at.summed(np.maximum(rng.normal(14.5, 1.0) - at.temperatures, 0.0)) * 60
    if scenario.is_fitting:
        demand = at.degree_days * 40
    use = base + demand * rng.uniform(0.7, 1.3)
    mean = use.sum() / at.days.sum()
    noise = _lasting(rng, count, scenario.correlation, is_heavy=scenario.is_heavy) * scenario.noise
    drift = np.where(number >= start, rng.normal() * scenario.own_drift, 0.0)
    if is_touched:
        drift = drift + scenario.trend * (number - start) / 12
    without = use * (1 + drift) + mean * at.days * noise
    is_after = number >= start
    return Building(
        without, np.where(is_after & is_saving, without * (1 - scenario.effect), without), occupants
    )


@dataclass(frozen=True)
class Trial:
    """A question whose answer is known, in kWh over the months that are measured after."""

    question: Question
    truth: float
    without: float


def trial(scenario: Scenario, seed: int) -> Trial:
    """Return one made-up project."""
    rng = np.random.default_rng(seed)
    works = 2
    start = scenario.before + scenario.missing
    count = start + works + scenario.after + scenario.missing
    at = place(rng, count)
    touched = [
        building(rng, at, scenario, is_touched=True, is_saving=True) for _ in range(scenario.buildings)
    ]
    others = [
        building(rng, at, scenario, is_touched=False, is_saving=number < scenario.contaminated)
        for number in range(scenario.controls)
    ]
    first_after = start + works
    lost = {
        *rng.choice(start, scenario.missing, replace=False).tolist(),
        *(first_after + rng.choice(count - first_after, scenario.missing, replace=False)).tolist(),
    }
    kept = [number for number in range(first_after, count) if number not in lost]
    use = _use(rng, at, touched, others, lost)
    without = sum(float(each.without[kept].sum()) for each in touched)
    actual = sum(float(each.actual[kept].sum()) for each in touched)
    return Trial(_question(at, scenario, use, touched[0]), without - actual, without)


def _use(
    rng: np.random.Generator,
    at: Place,
    touched: Sequence[Building],
    others: Sequence[Building],
    lost: set[int],
) -> pl.DataFrame:
    rows = []
    named = [
        *((f"T{n}", each) for n, each in enumerate(touched)),
        *((f"C{n}", e) for n, e in enumerate(others)),
    ]
    for name, each in named:
        fast = 1 + rng.normal() * METER_PERCENT / 100 / _NORMAL
        for number, month in enumerate(at.months):
            is_lost = number in lost and name.startswith("T")
            counted = Decimal(repr(round(float(each.actual[number] * fast), 3)))
            rows.append((name, month, None if is_lost else counted, "missing" if is_lost else "measured"))
    return pl.DataFrame(rows, schema=USE_SCHEMA, orient="row")


def _question(at: Place, scenario: Scenario, use: pl.DataFrame, first: Building) -> Question:
    start = scenario.before + scenario.missing
    cold = Driver(DriverKind.HEATING, "degree days", _values(at, at.degree_days), is_flow=True)
    occupants = Driver(DriverKind.USE, "occupants", _values(at, first.occupants), is_flow=False)
    controls = {f"C{number}": (cold,) for number in range(scenario.controls)}
    names = use["source"].unique().to_list()
    return Question(
        use=use,
        unit="kWh",
        touched=tuple(f"T{number}" for number in range(scenario.buildings)),
        course=Course(
            baseline_from=at.months[0],
            baseline_to=at.months[start],
            starts_on=at.months[start],
            completed_on=at.months[start + 1],
            until=next_month(at.months[-1]),
        ),
        drivers=(cold, occupants) if scenario.is_declared else (cold,),
        controls=controls,
        half_widths=dict.fromkeys(names, METER_PERCENT),
    )


def _values(at: Place, numbers: Array) -> dict[date, Decimal]:
    told = zip(at.months, numbers, strict=True)
    return {month: Decimal(repr(round(float(number), 6))) for month, number in told}
