"""A factor that is a series: what a unit of electricity stands for, hour by hour or quarter hour.

A series is a statement like any other factor (region, gas, part of the chain, source, licence), only that its
value changes from interval to interval. An hour that is not in it is missing; nothing is filled in.

    values      start (UTC) · value DECIMAL, in `mass_unit` per `per_unit`, each valid for `minutes`
    multipliers kg per unit of a reading that begins at an instant and lasts some minutes, in two limbs
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from math import gcd
from typing import Any, Final

import polars as pl

from bilanz.books import SERIES
from bilanz.factor import FACTOR_SCHEMA, FACTOR_VALUE, Evidence
from bilanz.periods import day_start, local_day
from bilanz.records import INSTANT
from bilanz.weighting import LIMB_DIGITS, limbs

LONGEST: Final = 60
"""Minutes: what lasts longer than an hour is not matched by the hour."""

ACTIVITY: Final = "electricity"

VALUES: Final[dict[str, pl.DataType | type[pl.DataType]]] = {"start": INSTANT, "value": FACTOR_VALUE}
LIMB: Final = pl.Decimal(19, LIMB_DIGITS)
MULTIPLIERS: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "start": INSTANT,
    "high": LIMB,
    "low": LIMB,
}

_SCALE: Final = 10**18
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - UTC without a zone, as everywhere in the store
_MINUTE: Final = timedelta(minutes=1)
_LEAST_OF_MONTH: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Fuel:
    """What a production type emits per kWh generated, and where that figure stands."""

    production_type: str
    g_per_kwh: str
    source: str
    locator: str
    licence: str
    evidence: str


@dataclass(frozen=True, slots=True)
class About:
    """What is known about a series; kept beside its values.

    Attributes:
        name: plain name, unique in a data directory.
        region: ISO 3166 (DE, DE-BB).
        zone: IANA zone whose civil months the validity follows.
        minutes: length of every interval.
        gas: CO2 or CO2e.
        gwp: for CO2e the set of its publisher or `unstated`; None for CO2.
        chain: direct or total.
        delivery: generated or consumed; None: not stated.
        mass_unit, per_unit: of the values.
        source: publisher of the values.
        sha256: of the file read (of the generation, where it was weighted here).
        fuels: what each production type was weighted with; empty where intensities were imported.
        excluded: production types declared to be left out.
        zero: production types declared to be zero where the file says nothing.
    """

    name: str
    region: str
    zone: str
    minutes: int
    gas: str
    gwp: str | None
    chain: str
    delivery: str | None
    mass_unit: str
    per_unit: str
    source: str
    title: str
    licence: str
    locator: str
    file: str
    sha256: str
    evidence: str = Evidence.CUSTOM.value
    fuels: tuple[Fuel, ...] = ()
    excluded: tuple[str, ...] = ()
    zero: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Intensity:
    """One series. `values`: `VALUES`, ascending, each start once, on the grid of its minutes."""

    about: About
    values: pl.DataFrame = field(repr=False)

    @property
    def factor_id(self) -> str:
        """Identifier on balance lines."""
        return f"{SERIES}:{self.about.name}"

    @property
    def first(self) -> datetime:
        """Begin of the first interval (UTC)."""
        return self._edge("min")

    @property
    def end(self) -> datetime:
        """End of the last interval (UTC)."""
        return self._edge("max") + self.about.minutes * _MINUTE

    @property
    def missing(self) -> int:
        """Number of intervals between first and last that have no value."""
        return (self.end - self.first) // (self.about.minutes * _MINUTE) - self.values.height

    def _edge(self, kind: str) -> datetime:
        found: datetime = getattr(self.values["start"], kind)()
        return found

    def valid(self) -> tuple[date, date]:
        """Return the civil months the series is about, as [from, to).

        A month at an edge that has less than a day of it does not count: a year in UTC reaches an hour into
        the January after it.
        """
        zone = self.about.zone
        low = local_day(zone, self.first).replace(day=1)
        high = local_day(zone, self.end - _MINUTE).replace(day=1)
        if low < high and day_start(zone, _after(low)) - self.first < _LEAST_OF_MONTH:
            low = _after(low)
        if low < high and self.end - day_start(zone, high) < _LEAST_OF_MONTH:
            return low, high
        return low, _after(high)

    def hash(self) -> str:
        """Return the sha256 over all that is known and every value."""
        digest = hashlib.sha256(described(self.about).encode())
        for name in VALUES:
            digest.update("\x1f".join(self.values[name].cast(pl.String)).encode())
        return digest.hexdigest()


def _after(month: date) -> date:
    """Return the first day of the next month."""
    return (month + timedelta(days=32)).replace(day=1)


def described(about: About) -> str:
    """Return what is known about a series as JSON: the same facts give the same bytes."""
    return json.dumps(asdict(about), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def about_of(text: str) -> About:
    """Return what `described` wrote."""
    told: dict[str, Any] = json.loads(text)
    told["fuels"] = tuple(Fuel(**fuel) for fuel in told["fuels"])
    told |= {name: tuple(told[name]) for name in ("excluded", "zero")}
    return About(**told)


def statements(series: tuple[Intensity, ...], *, is_shown: bool = False) -> pl.DataFrame:
    """Return the series as rows of `FACTOR_SCHEMA`: what is matched, with the value 1.

    What counts is the value of the hour: a line holds quantity × value, so the one row stands for "one unit
    of the series". `is_shown`: without any value, for what people read.
    """
    return pl.DataFrame(
        [_statement(entry, is_shown=is_shown) for entry in series], schema=FACTOR_SCHEMA, orient="row"
    )


def _statement(series: Intensity, *, is_shown: bool) -> dict[str, Any]:
    about, (low, high) = series.about, series.valid()
    shared = {name: getattr(about, name) for name in FACTOR_SCHEMA if name in About.__dataclass_fields__}
    span = f"{series.first.isoformat()}Z/{series.end.isoformat()}Z, PT{about.minutes}M"
    return (
        dict.fromkeys(FACTOR_SCHEMA)
        | shared
        | {
            "factor_id": series.factor_id,
            "source": SERIES,
            "edition": about.name if is_shown else SERIES,  # no series is newer than another
            "activity": ACTIVITY,
            "valid_from": low,
            "valid_to": high,
            "value": None if is_shown else Decimal(1),
            "basis": "none",
            "publisher": about.source,
            "locator": f"{about.locator} ({span})" if about.locator else span,
        }
    )


def assumptions(series: tuple[Intensity, ...]) -> pl.DataFrame:
    """Return what taking series assumes beside what any factor does: columns code, subject, detail."""
    rows: list[tuple[str, str, str]] = []
    for entry in series:
        about = entry.about
        rows += [("series_excluded", ACTIVITY, f"{entry.factor_id}: {name}") for name in about.excluded]
        rows += [("series_zero", ACTIVITY, f"{entry.factor_id}: {name}") for name in about.zero]
    columns = ("code", "subject", "detail")
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def multipliers(series: Intensity, minutes: int, factor: Fraction) -> pl.DataFrame:
    """Return what a unit of a reading stands for, by the instant at which the reading begins.

    A reading inside an interval takes its value; one over several (an hour over four quarter hours) is
    spread evenly over them, and has no row where one of them is missing.

    Args:
        series: the series.
        minutes: length of the readings, at most `LONGEST`.
        factor: kg per unit of the reading where the value of the series is 1.

    Shape: `MULTIPLIERS`, one row per instant at which a reading may begin.
    Raises: OverflowError if a multiplier is 10^7 or more.
    """
    grid = gcd(series.about.minutes, minutes, 15)
    cells = _cells(series, grid)
    count = minutes // grid
    values = {at: sum(parts) for at in cells if None not in (parts := _span(cells, at, grid, count))}
    limbed = cache(lambda value: limbs(factor * Fraction(value, _SCALE * count)))
    rows = [(_EPOCH + at * _MINUTE, *limbed(value)) for at, value in values.items()]
    return pl.DataFrame(rows, schema=MULTIPLIERS, orient="row")


def _cells(series: Intensity, grid: int) -> dict[int, int]:
    """Return minute since 1970 → value in 10⁻¹⁸, one entry per cell of the grid."""
    steps = range(0, series.about.minutes, grid)
    scaled = {
        (start - _EPOCH) // _MINUTE: int(value.scaleb(18)) for start, value in series.values.iter_rows()
    }
    return {start + step: value for start, value in scaled.items() for step in steps}


def _span(cells: dict[int, int], at: int, grid: int, count: int) -> list[Any]:
    """Return the values of consecutive cells; None where one is missing."""
    return [cells.get(at + step * grid) for step in range(count)]
