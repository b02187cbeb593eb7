"""The savings account of § 6 EnEfG: what a public body owes each year, and which savings meet it.

    duty of a year      2 % of the final energy of the year before, from 1 GWh on, up to 2045
    saving of a year    measures implemented in it (it counts for that year alone), as stated in kWh a year
    carry-over          what is missing is made up within two years; what is too much counts for five

The oldest duty is met first, by the oldest saving that may still count: whatever can be met at all is met so.
The law leaves that order open. A year without duty makes up older ones and leaves no surplus. Where an energy
is not known the account stops, rather than guess.

Source: Energieeffizienzgesetz of 13 November 2023, § 6 (1) to (3), read at lexmea.de/gesetz/enefg/6.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

import polars as pl

from bilanz.plan import Status

FIRST_YEAR: Final = 2024
"""First calendar year wholly under the law, which came into force on 18 November 2023."""

LAST_YEAR: Final = 2045
RATE: Final = Decimal("0.02")
THRESHOLD_KWH: Final = Decimal(1_000_000)
MADE_UP_WITHIN: Final = 2
CREDITED_FOR: Final = 5
_DIGITS: Final = Decimal("1e-6")


class Standing(StrEnum):
    """How a duty stands at the end of the year looked at."""

    MET = "met"
    OPEN = "open"  # not met yet; there is time to make it up
    OVERDUE = "overdue"
    NONE = "none"  # below the threshold, or after 2045
    UNKNOWN = "unknown"  # the energy of the year before is not known, or that of an earlier one


ENERGY = pl.Decimal(38, 6)

FINAL_ENERGY_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "year": pl.Int32,
    "energy_kwh": ENERGY,  # net calorific value; null: a part of it is not known
    "lacking": pl.Int64,  # source-months without data: the energy is too low
}

ACCOUNT_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "year": pl.Int32,
    "energy_before_kwh": ENERGY,  # of the year before
    "lacking_before": pl.Int64,
    "duty_kwh": ENERGY,
    "saved_kwh": ENERGY,  # by measures implemented in the year
    "met_by_own_kwh": ENERGY,  # of the duty, by savings of the year itself
    "met_by_earlier_kwh": ENERGY,  # by surplus of years before
    "met_by_later_kwh": ENERGY,  # made up in the years after
    "open_kwh": ENERGY,
    "make_up_until": pl.Int32,
    "surplus_kwh": ENERGY,  # of the savings of the year: what no duty has used
    "usable_until": pl.Int32,
    "standing": pl.String,  # Standing
    "legal_basis": pl.String,  # what binds the body; null: not stated
}

COUNTED_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "measure": pl.String,
    "year": pl.Int32,
    "kwh": ENERGY,
    "is_counted": pl.Boolean,
    "reason": pl.String,  # not_implemented, before_law, after_year, no_energy, no_method; null: counted
}


@dataclass
class _Duty:
    year: int
    kwh: Decimal
    open: Decimal
    met: dict[int, Decimal] = field(default_factory=dict)  # by savings of a year


def counted(measures: pl.DataFrame, last: int) -> pl.DataFrame:
    """Return which measures count, in which year, with how many kWh, and why the others do not.

    Shape: `COUNTED_SCHEMA`, one row per measure of `MEASURE_SCHEMA`. A saving needs its energy and the method
    by which it was determined (§ 6 (3)); a row that uses more has a negative saving and counts as well.
    `last`: the year looked at.
    """
    is_done = pl.col("status") == Status.IMPLEMENTED.value
    has_method = pl.col("method").str.strip_chars().fill_null("") != ""
    reason = (
        pl.when(~is_done)
        .then(pl.lit("not_implemented"))
        .when(pl.col("starts_on").dt.year() < FIRST_YEAR)
        .then(pl.lit("before_law"))
        .when(pl.col("starts_on").dt.year() > last)
        .then(pl.lit("after_year"))
        .when(pl.col("effect_kwh").is_null())
        .then(pl.lit("no_energy"))
        .when(~has_method)
        .then(pl.lit("no_method"))
    )
    return measures.select(
        pl.col("id").alias("measure"),
        pl.col("starts_on").dt.year().cast(pl.Int32).alias("year"),
        pl.col("effect_kwh").cast(ENERGY).alias("kwh"),
        reason.is_null().alias("is_counted"),
        reason.cast(pl.String).alias("reason"),
    )


def account(
    energy: pl.DataFrame, measures: pl.DataFrame, last: int, legal_basis: str | None = None
) -> pl.DataFrame:
    """Return the account from the first year of the law up to a year, as it stands at the end of that year.

    Args:
        energy: final energy by year, `FINAL_ENERGY_SCHEMA`.
        measures: `MEASURE_SCHEMA`, of the body and of what it answers for.
        last: the year looked at.
        legal_basis: what binds the body; None: not stated.

    Returns:
        One row per year, `ACCOUNT_SCHEMA`.
    """
    known: Known = {year: (kwh, lacking) for year, kwh, lacking in energy.iter_rows()}
    done = counted(measures, last).filter("is_counted")
    saved = {year: Decimal(0) for year in range(FIRST_YEAR, last + 1)}
    for year, kwh in done.select("year", "kwh").iter_rows():
        saved[year] += kwh
    duties, lots, stopped = _settled(known, saved, last)
    rows: list[dict[str, Any]] = [
        _row(year, known, saved[year], duties.get(year), lots.get(year), last) | {"legal_basis": legal_basis}
        for year in saved
    ]
    for row in rows:
        if stopped is not None and row["year"] >= stopped:
            row.update(dict.fromkeys(_SETTLED), standing=Standing.UNKNOWN.value)
    return pl.DataFrame(rows, schema=ACCOUNT_SCHEMA, orient="row")


_SETTLED: Final = ("met_by_own_kwh", "met_by_earlier_kwh", "met_by_later_kwh", "open_kwh", "surplus_kwh")

Known = dict[int, tuple[Decimal | None, int]]


def _duty_of(known: Known, year: int) -> Decimal | None:
    """Return the duty of a year; None where the energy of the year before is not known."""
    if year > LAST_YEAR:
        return Decimal(0)
    before = known.get(year - 1, (None, 0))[0]
    if before is None:
        return None
    return (before * RATE).quantize(_DIGITS) if before >= THRESHOLD_KWH else Decimal(0)


def _settled(
    known: Known, saved: dict[int, Decimal], last: int
) -> tuple[dict[int, _Duty], dict[int, Decimal], int | None]:
    """Return duties, what is left of the savings of each year, and the year the account stops in, or None."""
    duties: dict[int, _Duty] = {}
    lots: dict[int, Decimal] = {}
    for year in range(FIRST_YEAR, last + 1):
        kwh = _duty_of(known, year)
        if kwh is None:
            return duties, lots, year
        duties[year] = _Duty(year, kwh, kwh)
        lots[year] = max(saved[year], Decimal(0))
        for duty in duties.values():
            if year <= duty.year + MADE_UP_WITHIN:
                _meet(duty, lots)
        if kwh == 0:
            lots[year] = Decimal(0)  # only what exceeds a target may be credited
    return duties, lots, None


def _meet(duty: _Duty, lots: dict[int, Decimal]) -> None:
    """Meet a duty by the oldest savings that may count for it."""
    for year, left in lots.items():
        if duty.year - year > CREDITED_FOR or year - duty.year > MADE_UP_WITHIN:
            continue
        used = min(duty.open, left)
        if used > 0:
            duty.open -= used
            lots[year] = left - used
            duty.met[year] = duty.met.get(year, Decimal(0)) + used


def _row(
    year: int, known: Known, saved: Decimal, duty: _Duty | None, left: Decimal | None, last: int
) -> dict[str, Any]:
    before, lacking = known.get(year - 1, (None, None))
    met = {} if duty is None else duty.met
    return {
        "year": year,
        "energy_before_kwh": before,
        "lacking_before": lacking,
        "duty_kwh": _duty_of(known, year),
        "saved_kwh": saved,
        "met_by_own_kwh": met.get(year, Decimal(0)),
        "met_by_earlier_kwh": sum((kwh for lot, kwh in met.items() if lot < year), Decimal(0)),
        "met_by_later_kwh": sum((kwh for lot, kwh in met.items() if lot > year), Decimal(0)),
        "open_kwh": None if duty is None else duty.open,
        "make_up_until": year + MADE_UP_WITHIN,
        "surplus_kwh": left,
        "usable_until": year + CREDITED_FOR,
        "standing": _standing(duty, last).value,
    }


def _standing(duty: _Duty | None, last: int) -> Standing:
    if duty is None:
        return Standing.UNKNOWN
    if duty.kwh == 0:
        return Standing.NONE
    if duty.open == 0:
        return Standing.MET
    return Standing.OVERDUE if last >= duty.year + MADE_UP_WITHIN else Standing.OPEN
