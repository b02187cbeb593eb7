"""Why a total differs from the year before: an exact additive decomposition, book by book.

A cell is a source with what it stands for (activity, product group, role, unit). Month by month:

    organisation or source in one year only, or not held in the month ──► organisation, source
    a quantity without factor in either year                          ──► exceptions
    in a total in one year, memo in the other                         ──► boundary
    days without data differ by more than one                         ──► coverage
    everything else is comparable; summed over the months:
        only in one year (another carrier, group or unit)             ──► mix
        quantity q and mean factor f = kg / q                         ──► activity  (q₁ − q₀) · (f₀ + f₁) / 2
                                                                          factor    (f₁ − f₀) · (q₀ + q₁) / 2

Mean weights are symmetric: neither year is the measure of the other. In real numbers both parts add up to
kg₁ − kg₀; here the activity is rounded once and the factor is the rest, so nothing is left over, by
construction. Weather is taken out of the activity of sources that could be corrected in both years:

    weather  ½ (kg₀ / measured₀ + kg₁ / measured₁) · [(measured₁ − corrected₁) − (measured₀ − corrected₀)]

Where that is not known the row has no figure: not assessed is not zero, and the weather is in the activity.
"""

from decimal import Decimal, localcontext
from enum import StrEnum
from typing import Any, Final

import polars as pl

from bilanz.errors import BilanzError
from bilanz.result import MASS, Result
from bilanz.weathercorrection import ENERGY, State

COUNTED: Final = ("1", "2", "3")
TOLERANCE_DAYS: Final = 1.0
_DIGITS: Final = Decimal("1e-12")
_HALF: Final = Decimal("0.5")
_PRECISION: Final = 60  # digits; quantities and masses have up to 38


class Cause(StrEnum):
    """What a difference is put down to."""

    ACTIVITY = "activity"
    WEATHER = "weather"
    FACTOR = "factor"
    MIX = "mix"
    SOURCE = "source"
    ORGANISATION = "organisation"
    BOUNDARY = "boundary"
    COVERAGE = "coverage"
    EXCEPTIONS = "exceptions"


CAUSE_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "book": pl.String,
    "year_before": pl.Int32,
    "year": pl.Int32,
    "organisation": pl.String,
    "source": pl.String,
    "activity": pl.String,
    "product_group": pl.String,
    "cause": pl.String,  # Cause
    "co2e_kg": MASS,  # of the year less the year before; null: not assessed (weather only)
}

_PLACE: Final = ("organisation", "source")
_USE: Final = (*_PLACE, "activity")
_ITEM: Final = (*_USE, "product_group")
_CELL: Final = (*_ITEM, "role", "unit")
_MOVED: Final = dict.fromkeys(("measured0", "measured1", "moved0", "moved1"), ENERGY)


class NotAdditive(BilanzError):
    """The causes do not add up to the difference: a defect."""

    code = "not_additive"


def causes(before: Result, after: Result, weather: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return why the totals (scopes 1 to 3) of the books in both runs differ.

    Shape: `CAUSE_SCHEMA`; one row per book, source, activity, product group and cause that is not zero, and
    one without figure where the weather of a heating source is not assessed.
    Units: kg CO2e.

    Args:
        before: the run of the year before.
        after: the run of the year.
        weather: `WEATHER_SCHEMA` of both years; None: not known, nothing is assessed.

    Raises:
        NotAdditive: the causes of a book do not add up (a defect).
    """
    books = [book for book in after.manifest.books if book in before.manifest.books]
    months = _labelled(_months(before, after, books), before, after, books)
    apart = months.filter(pl.col("cause").is_not_null()).group_by("book", *_ITEM, "cause").agg(_difference())
    compared = (
        months.filter(pl.col("cause").is_null())
        .group_by("book", *_CELL)
        .agg(
            *(pl.col(name).sum() for name in ("q0", "q1", "e0", "e1")),
            *(pl.col(name).any() for name in ("is_in0", "is_in1")),
        )
    )
    whole = months.group_by("book", *_USE).agg(pl.col("cause").is_null().all().alias("is_whole"))
    parts = _split(compared, whole, _moved(weather, before.manifest.year, after.manifest.year))
    found = (
        pl.concat([apart.select("book", *_ITEM, "cause", "co2e_kg"), parts])
        .group_by("book", *_ITEM, "cause")
        .agg(pl.when(pl.col("co2e_kg").is_not_null().any()).then(pl.col("co2e_kg").sum()).alias("co2e_kg"))
        .filter(pl.col("co2e_kg").is_null() | (pl.col("co2e_kg") != 0))
        .with_columns(year_before=pl.lit(before.manifest.year), year=pl.lit(after.manifest.year))
        .select(pl.col(name).cast(kind) for name, kind in CAUSE_SCHEMA.items())
        .sort("book", *_ITEM, "cause", nulls_last=True)
    )
    _add_up(found, before, after, books)
    return found


def total(result: Result, book: str) -> Decimal:
    """Return kg CO2e of scopes 1 to 3 of a book."""
    lines = result.lines.filter(pl.col("book") == book, pl.col("scope").is_in(COUNTED))
    return Decimal(lines["co2e_kg"].sum() or 0)


def _add_up(found: pl.DataFrame, before: Result, after: Result, books: list[str]) -> None:
    for book in books:
        told = Decimal(found.filter(pl.col("book") == book)["co2e_kg"].sum() or 0)
        difference = total(after, book) - total(before, book)
        if told != difference:
            message = "{book}: the causes add up to {told}, the difference is {difference}."
            raise NotAdditive(message, book=book, told=str(told), difference=str(difference))


def _difference() -> pl.Expr:
    return (pl.col("e1").sum() - pl.col("e0").sum()).cast(MASS).alias("co2e_kg")


def _months(before: Result, after: Result, books: list[str]) -> pl.DataFrame:
    """Return both years side by side: one row per book, cell and month of the year.

    q: quantity; e: kg CO2e in scopes 1 to 3; is_in: there are lines; is_memo: there are memo lines.
    """
    old, new = (_of_year(result, books, mark) for result, mark in ((before, "0"), (after, "1")))
    sides = old.join(new, on=["book", *_CELL, "m"], how="full", coalesce=True, nulls_equal=True)
    numbers = [pl.col(f"{name}{mark}").fill_null(Decimal(0)) for name in "qe" for mark in "01"]
    flags = [pl.col(f"{name}{mark}").fill_null(value=False) for name in ("is_in", "is_memo") for mark in "01"]
    return sides.with_columns(*numbers, *flags)


def _of_year(result: Result, books: list[str], mark: str) -> pl.DataFrame:
    is_counted = pl.col("scope").is_in(COUNTED)
    is_memo = pl.col("scope") == "memo"
    carries = pl.col("is_lead") & ~is_memo
    return (
        result.lines.filter(pl.col("book").is_in(books))
        .group_by("book", *_CELL, pl.col("month").dt.month().alias("m"))
        .agg(
            pl.col("quantity").filter(carries).sum().cast(MASS).alias(f"q{mark}"),
            pl.col("co2e_kg").filter(is_counted).sum().cast(MASS).alias(f"e{mark}"),
            (~is_memo).any().alias(f"is_in{mark}"),
            (is_memo & pl.col("is_lead") & (pl.col("quantity") != 0)).any().alias(f"is_memo{mark}"),
        )
    )


def _labelled(months: pl.DataFrame, before: Result, after: Result, books: list[str]) -> pl.DataFrame:
    """Return the months with the cause that stands apart, or null: comparable."""
    joined = months
    for keys, flag, frame in (
        (_PLACE[:1], "is_organisation", _in_one(before, after, _PLACE[:1])),
        (_PLACE, "is_source", _in_one(before, after, _PLACE)),
        (("book", *_ITEM, "m"), "is_exception", _exceptions((before, after), books)),
        ((*_USE, "m"), "is_held", _coverage(before, after)),
    ):
        joined = joined.join(
            frame if flag == "is_held" else frame.with_columns(pl.lit(value=True).alias(flag)),
            on=list(keys),
            how="left",
            nulls_equal=True,
        )
    reasons = (
        ("is_organisation", Cause.ORGANISATION),
        ("is_source", Cause.SOURCE),
        ("is_changed_hands", Cause.SOURCE),
        ("is_exception", Cause.EXCEPTIONS),
        ("is_boundary", Cause.BOUNDARY),
        ("is_partly", Cause.COVERAGE),
    )
    found = pl.lit(None, dtype=pl.String)
    for flag, cause in reversed(reasons):
        found = pl.when(pl.col(flag).fill_null(value=False)).then(pl.lit(cause.value)).otherwise(found)
    is_boundary = (pl.col("is_memo0") != pl.col("is_memo1")).alias("is_boundary")
    return joined.with_columns(is_boundary).with_columns(found.alias("cause"))


def _known(result: Result, keys: tuple[str, ...]) -> pl.DataFrame:
    """Return whatever a run knows of: used, without a factor, not counting, or only expected."""
    frames = (result.lines, result.usage, result.exceptions, result.superseded, result.coverage)
    return pl.concat([frame.select(keys) for frame in frames]).unique()


def _in_one(before: Result, after: Result, keys: tuple[str, ...]) -> pl.DataFrame:
    """Return what only one of two runs knows of."""
    old, new = _known(before, keys), _known(after, keys)
    return pl.concat(
        [
            one.join(other, on=list(keys), how="anti", nulls_equal=True)
            for one, other in ((old, new), (new, old))
        ]
    )


def _exceptions(results: tuple[Result, Result], books: list[str]) -> pl.DataFrame:
    """Return what lacks a factor in a month of either year; what names no book is of every book."""
    keys = (*(pl.col(name) for name in _ITEM), pl.col("month").dt.month().alias("m"))
    every = pl.DataFrame({"book": books}, schema={"book": pl.String})
    rows = pl.concat([result.exceptions.select("book", *keys) for result in results])
    of_all = rows.filter(pl.col("book").is_null()).drop("book").join(every, how="cross")
    of_one = rows.filter(pl.col("book").is_in(books))
    return pl.concat([of_one, of_all.select(of_one.columns)]).unique()


def _coverage(before: Result, after: Result) -> pl.DataFrame:
    """Return per metered source and month whether it changed hands, or was known on fewer days."""
    old, new = (_lacking(result, mark) for result, mark in ((before, "0"), (after, "1")))
    both = old.join(new, on=[*_USE, "m"], how="full", coalesce=True, nulls_equal=True)
    is_held = [pl.col(f"lacking{mark}").is_not_null() for mark in "01"]
    differs = (pl.col("lacking0") - pl.col("lacking1")).abs() > TOLERANCE_DAYS
    return both.select(
        *_USE,
        "m",
        (is_held[0] != is_held[1]).alias("is_changed_hands"),
        differs.fill_null(value=False).alias("is_partly"),
    )


def _lacking(result: Result, mark: str) -> pl.DataFrame:
    known = pl.sum_horizontal("days_measured", "days_billed", "days_estimated")
    return result.coverage.select(
        *_USE, pl.col("month").dt.month().alias("m"), (pl.col("days") - known).alias(f"lacking{mark}")
    )


def _moved(weather: pl.DataFrame | None, year_before: int, year: int) -> pl.DataFrame:
    """Return per heating source measured energy and what the weather moved, both years; null: not known."""
    keys = [*_USE, "basis"]
    if weather is None:
        return pl.DataFrame(schema={**dict.fromkeys(_USE, pl.String), **_MOVED})
    is_done = pl.col("state") == State.CORRECTED.value
    old, new = (
        weather.filter(pl.col("year") == number).select(
            *keys,
            pl.when(is_done).then("measured_kwh").alias(f"measured{mark}"),
            pl.when(is_done).then(pl.col("measured_kwh") - pl.col("corrected_kwh")).alias(f"moved{mark}"),
        )
        for number, mark in ((year_before, "0"), (year, "1"))
    )
    both = old.join(new, on=keys, how="full", coalesce=True, nulls_equal=True)
    one = pl.len() == 1  # a source with two calorific bases has no one factor
    return both.group_by(_USE).agg(
        *(pl.when(one).then(pl.col(name).first()).cast(kind).alias(name) for name, kind in _MOVED.items())
    )


def _split(compared: pl.DataFrame, whole: pl.DataFrame, moved: pl.DataFrame) -> pl.DataFrame:
    """Return activity, weather, factor and mix of comparable cells: a loop over sources, not over records."""
    cells = compared.join(whole, on=["book", *_USE], how="left", nulls_equal=True)
    cells = cells.with_columns(pl.len().over("book", *_USE).alias("cells"))
    heating = moved.with_columns(pl.lit(value=True).alias("is_heating"))
    cells = cells.join(heating, on=list(_USE), how="left", nulls_equal=True)
    rows = [
        (*(cell[name] for name in ("book", *_ITEM)), cause.value, kg)
        for cell in cells.iter_rows(named=True)
        for cause, kg in _parts(cell)
    ]
    schema = dict.fromkeys(("book", *_ITEM, "cause"), pl.String) | {"co2e_kg": MASS}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _parts(cell: dict[str, Any]) -> list[tuple[Cause, Decimal | None]]:
    """Return the causes of one comparable cell; they add up to its difference."""
    with localcontext() as exact:
        exact.prec = _PRECISION
        difference = cell["e1"] - cell["e0"]
        if not (cell["is_in0"] and cell["is_in1"]):
            return [(Cause.MIX, difference)]
        # where nothing was used in one of the years there is no factor to compare
        activity = _activity(cell) if cell["q0"] and cell["q1"] else difference
        weather = _weather(cell)
        told = [(Cause.FACTOR, difference - activity), (Cause.ACTIVITY, activity - (weather or 0))]
    return [*told, (Cause.WEATHER, weather)] if cell["is_heating"] else told


def _activity(cell: dict[str, Any]) -> Decimal:
    """Return (q1 - q0) times the mean of both factors, rounded once."""
    factors: Decimal = (cell["e0"] / cell["q0"] + cell["e1"] / cell["q1"]) * _HALF
    more: Decimal = cell["q1"] - cell["q0"]
    return (more * factors).quantize(_DIGITS)


def _weather(cell: dict[str, Any]) -> Decimal | None:
    """Return what the weather moved, in kg; None: the source does not heat, or it is not known."""
    measured, moved = ([cell[f"{name}{mark}"] for mark in "01"] for name in ("measured", "moved"))
    is_known = None not in (*measured, *moved) and all(measured)
    if cell["cells"] != 1 or not cell["is_whole"] or not is_known:
        return None
    per_kwh: Decimal = (cell["e0"] / measured[0] + cell["e1"] / measured[1]) * _HALF
    more: Decimal = moved[1] - moved[0]
    return (per_kwh * more).quantize(_DIGITS)
