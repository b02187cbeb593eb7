"""How far the totals of a balance may be off: 95 % intervals by two ways, and what contributes most.

    balance lines ──► terms: book, line, factor × source, in kg CO2e, with the half width of either
                        ├──► approach 1: error propagation, same factor and same source fully correlated
                        └──► approach 2: Monte Carlo (`bilanz.sampling`)

What is taken as one error, and what as independent:

* **a factor**: one statement of one publisher for one gas and part of the chain. Its editions and the years
  they hold for are the same statement: what is wrong with it is wrong in all of them;
* **a quantity**: what one source (meter, vehicle, contract) stated in one year with one quality. A meter that
  runs fast does so in every month; an estimate errs in another way than the meter. Sources and years are
  independent of each other.

Everything here is statistics in floating point; only `co2e_kg` is exact.
Source: IPCC 2006 Guidelines, volume 1, chapter 3 (approaches 1 and 2), with its equations as in
docs/uncertainty.md.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl

from bilanz.activity import activities
from bilanz.errors import Refused
from bilanz.halfwidth import HALF_WIDTH_SCHEMA, KEYS, STATED, chosen
from bilanz.result import MASS, Result
from bilanz.sampling import Cells, Group, Target, sampled, seed_of, sigma

DRAWS: Final = 10_000
SEED: Final = 1
LARGEST: Final = 20
"""Contributions listed per book."""

SMALL: Final = 30.0
"""Half width in percent up to which approach 1 holds."""

TOTAL, SCOPE, CATEGORY, CHANGE = "total", "scope", "category", "change"
FACTOR, SOURCE, HALF_WIDTH = "factor", "source", "half_width"

INTERVAL_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "book": pl.String,
    "kind": pl.String,  # total, scope, category, change; factor, source (contributions); half_width (inputs)
    "scope": pl.String,
    "subject": pl.String,  # category; factor_id; source; half_width_id or "stated"
    "gas": pl.String,
    "chain": pl.String,
    "quality": pl.String,
    "year": pl.Int32,  # of a change: the year compared with
    "co2e_kg": MASS,  # exact; of a contribution: what rests on it
    "half_width_kg": pl.Float64,  # approach 1; null: an input has no half width
    "median_kg": pl.Float64,  # approach 2, likewise
    "low_kg": pl.Float64,
    "high_kg": pl.Float64,
    "share": pl.Float64,  # of the variance (approach 1); of a half width: of the book's amounts
    "half_width": pl.Float64,  # percent, of the input; of a total: the largest of its inputs
    "of": pl.String,  # of a half width: activity or factor
    "standing": pl.String,
    "de": pl.String,
    "en": pl.String,
    "title": pl.String,
    "note": pl.String,
    "is_different": pl.Boolean,  # of a change: its interval excludes zero
    "draws": pl.Int32,
    "seed": pl.Int64,
}

_COUNTED: Final = pl.col("scope").is_in(["1", "2", "3"])
_LINE: Final = ("book", "scope", "category")
_FACTOR_ROW: Final = ("factor_id", "gas", "chain")
_DATUM: Final = ("year", "source", "quality")
_STATEMENT: Final = (
    "source", "activity", "product_group", "category", "item", "region", "gas", "chain", "mass_unit",
    "per_unit", "basis", "method", "delivery", "organisation",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Options:
    """How to draw: number of draws, seed, threads (which change nothing but the time)."""

    draws: int = DRAWS
    seed: int = SEED
    threads: int = 2


def terms(result: Result, table: pl.DataFrame) -> pl.DataFrame:
    """Return what the lines of a run are made of, with the half width of quantity and factor.

    Shape: one row per line of a book, factor row, activity, source and quality; columns `year`, those,
    `co2e_kg` (exact), `size` (sum of absolute amounts), `x` (co2e_kg in floating point), `name` (of the
    statement), `of_activity`, `of_factor` (percent, NaN: none), `activity_half_width_id`,
    `factor_half_width_id`.
    """
    keys = [*_LINE, *_FACTOR_ROW, "activity", "source", "quality"]
    told = result.lines.filter(pl.col("co2e_kg").is_not_null() & pl.col("factor_id").is_not_null())
    size = pl.col("co2e_kg").cast(pl.Float64).abs().sum().alias("size")
    sums = told.group_by(keys).agg(pl.col("co2e_kg").sum(), size).sort(keys, nulls_last=True)
    sums = sums.with_columns(
        pl.lit(result.manifest.year, dtype=pl.Int32).alias("year"),
        pl.col("co2e_kg").cast(pl.Float64).alias("x"),
    )
    quantities = sums.select(*KEYS["activity"]).unique(maintain_order=True)
    of_activity = _renamed(chosen(quantities, table, "activity"), "activity")
    factors = _renamed(chosen(_factors(sums, result.factors), table, "factor"), "factor")
    by_factor = [*_FACTOR_ROW, "activity"]
    return sums.join(
        of_activity, on=list(KEYS["activity"]), how="left", nulls_equal=True, maintain_order="left"
    ).join(
        factors.select(*by_factor, "name", "of_factor", "factor_half_width_id"),
        on=by_factor,
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )


def _renamed(frame: pl.DataFrame, of: str) -> pl.DataFrame:
    return frame.with_columns(pl.col("half_width").fill_null(math.nan).alias(f"of_{of}")).rename(
        {"half_width_id": f"{of}_half_width_id"}
    )


def _factors(sums: pl.DataFrame, factors: pl.DataFrame) -> pl.DataFrame:
    """Return the factor rows in use with what the table may ask, and the name of their statement."""
    used = sums.select(*_FACTOR_ROW, "activity").unique(maintain_order=True)
    words = [pl.col(column).cast(pl.String).fill_null("") for column in _STATEMENT]
    known = factors.select(
        *_FACTOR_ROW, "uncertainty", pl.concat_str(words, separator="|").alias("name")
    ).unique(_FACTOR_ROW, keep="first", maintain_order=True)
    category = {code: entry.category for code, entry in activities().items()}
    joined = used.join(known, on=list(_FACTOR_ROW), how="left", nulls_equal=True, maintain_order="left")
    own_name = pl.concat_str([pl.col(column).fill_null("") for column in _FACTOR_ROW], separator="|")
    return joined.with_columns(
        pl.col("name").fill_null(own_name),
        pl.col("factor_id").alias("factor"),
        pl.col("activity").replace_strict(category, default=None, return_dtype=pl.String).alias("category"),
    )


def half_width(told: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Return the half width of sums by approach 1: columns `by` and `half_width_kg` (null: no input width).

    U² = Σ over factors (Σ x · U_factor)² + Σ over quantities (Σ x · U_quantity)²

    which is √(U_A² + U_F²) for one line, √(Σ(U_i · x_i)²) for independent ones, and for a shared factor
    √(U_F² + Σ(U_Ai · A_i)² / (ΣA_i)²), each in kg instead of percent of the sum.
    """
    variance = pl.concat([_squares(told, by, FACTOR), _squares(told, by, SOURCE)]).group_by(by)
    found = variance.agg(pl.col("square").sum().sqrt().alias("half_width_kg"))
    return found.with_columns(pl.col("half_width_kg").fill_nan(None))


def _squares(told: pl.DataFrame, by: Sequence[str], kind: str) -> pl.DataFrame:
    """Return the square in kg² that each factor or each quantity contributes to the sums over `by`."""
    one, width = (["name"], "of_factor") if kind == FACTOR else (list(_DATUM), "of_activity")
    keys = list(dict.fromkeys([*by, *one]))
    sums = told.group_by(keys, maintain_order=True).agg(
        (pl.col("x") * pl.col(width) / 100).sum().alias("square")
    )
    return sums.select(*by, pl.col("square") ** 2)


def intervals(
    result: Result, table: pl.DataFrame, earlier: Result | None = None, options: Options | None = None
) -> pl.DataFrame:
    """Return 95 % intervals of a run by both approaches, contributions and inputs (`INTERVAL_SCHEMA`).

    Args:
        result: the run.
        table: half widths, `HALF_WIDTH_SCHEMA`.
        earlier: a run of the same organisations over another year: adds the interval of the change, per book
            that both hold with the same potentials.
        options: draws, seed and threads.

    Raises:
        Refused: the other run is of the same year.
    """
    if earlier is not None and earlier.manifest.year == result.manifest.year:
        raise Refused("A year is compared with another year, not with itself.")
    chosen_options = options or Options()
    own = terms(result, table)
    before = None if earlier is None else _comparable(terms(earlier, table), result, earlier)
    sums = pl.concat([_sums(own), *_changes(own, before)], how="diagonal")
    widths = pl.concat([_widths(own), *_widths_of_change(own, before)], how="diagonal")
    drawn = _drawn(own, before, sums, chosen_options)
    keys = ["kind", *_LINE, "year"]
    told = sums.join(widths, on=keys, how="left", nulls_equal=True, maintain_order="left").hstack(drawn)
    bounds = pl.col("low_kg"), pl.col("high_kg")
    told = told.with_columns(
        pl.when(pl.col("kind") == CHANGE).then((bounds[0] > 0) | (bounds[1] < 0)).alias("is_different"),
        pl.col("category").alias("subject"),
    )
    parts = [told, *_contributions(own), *_inputs(own, table)]
    frame = pl.concat([_filled(part) for part in parts])
    return frame.with_columns(
        pl.lit(chosen_options.draws, dtype=pl.Int32).alias("draws"),
        pl.lit(chosen_options.seed, dtype=pl.Int64).alias("seed"),
    )


def _comparable(told: pl.DataFrame, result: Result, earlier: Result) -> pl.DataFrame:
    """Return the terms of the books that both runs hold with the same global warming potentials."""
    both = set(result.manifest.gwp.split(", ")) & set(earlier.manifest.gwp.split(", "))
    return told.filter(pl.col("book").is_in([entry.partition(": ")[0] for entry in both]))


def _filled(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame in `INTERVAL_SCHEMA`; what it does not say is null."""
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in INTERVAL_SCHEMA.items()
    )


def _levels(told: pl.DataFrame) -> Iterator[tuple[str, tuple[str, ...], pl.DataFrame]]:
    """Yield kind of total, its keys and its terms."""
    yield TOTAL, ("book",), told.filter(_COUNTED)
    yield SCOPE, ("book", "scope"), told
    yield CATEGORY, _LINE, told


def _keyed(frame: pl.DataFrame, kind: str, year: int | None = None) -> pl.DataFrame:
    """Return sums with every key of a total: what a level does not tell apart is null."""
    missing = [name for name in _LINE if name not in frame.columns]
    return frame.with_columns(
        pl.lit(kind).alias("kind"),
        pl.lit(year, dtype=pl.Int32).alias("year"),
        *(pl.lit(None, dtype=pl.String).alias(name) for name in missing),
    )


def _sums(told: pl.DataFrame) -> pl.DataFrame:
    """Return every total, exact, with the largest half width of its inputs in percent."""
    largest = pl.max_horizontal(pl.col("of_activity").max(), pl.col("of_factor").max()).fill_nan(None)
    return pl.concat(
        [
            _keyed(
                part.group_by(keys).agg(pl.col("co2e_kg").sum(), largest.alias("half_width")).sort(keys), kind
            ).select("kind", *_LINE, "year", "co2e_kg", "half_width")
            for kind, keys, part in _levels(told)
        ]
    )


def _widths(told: pl.DataFrame) -> pl.DataFrame:
    return pl.concat(
        [
            _keyed(half_width(part, keys), kind).select("kind", *_LINE, "year", "half_width_kg")
            for kind, keys, part in _levels(told)
        ]
    )


def _signed(told: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Return the terms of the change of totals: this year's, and the other's taken off; books both hold."""
    both = set(told["book"]) & set(before["book"])
    taken_off = before.with_columns(
        -pl.col("x"), (pl.lit(0).cast(MASS) - pl.col("co2e_kg")).cast(MASS).alias("co2e_kg")
    )
    return pl.concat([told, taken_off]).filter(_COUNTED & pl.col("book").is_in(list(both)))


def _changes(told: pl.DataFrame, before: pl.DataFrame | None) -> Iterator[pl.DataFrame]:
    if before is not None and before.height and told.height:
        sums = _signed(told, before).group_by("book").agg(pl.col("co2e_kg").sum()).sort("book")
        yield _keyed(sums, CHANGE, before["year"][0])


def _widths_of_change(told: pl.DataFrame, before: pl.DataFrame | None) -> Iterator[pl.DataFrame]:
    if before is not None and before.height and told.height:
        yield _keyed(half_width(_signed(told, before), ["book"]), CHANGE, before["year"][0])


def _drawn(
    own: pl.DataFrame, before: pl.DataFrame | None, sums: pl.DataFrame, options: Options
) -> pl.DataFrame:
    """Return median and bounds by approach 2 of every row of the sums, in their order."""
    told = pl.concat([own, before]) if before is not None else own
    by_cell = ["year", *_LINE, "name", "of_factor"]
    cells = told.select(by_cell).unique(maintain_order=True).with_row_index("cell")
    placed = told.join(cells, on=by_cell, how="left", nulls_equal=True, maintain_order="left")
    found = sampled(
        list(_groups(placed)),
        Cells(cells["name"].to_list(), sigma(cells["of_factor"].to_numpy())),
        [_target(row, cells, own) for row in sums.iter_rows(named=True)],
        draws=options.draws,
        seed=options.seed,
        threads=options.threads,
    )
    if not found.size:
        return pl.DataFrame(schema=dict.fromkeys(("low_kg", "median_kg", "high_kg"), pl.Float64))
    low, median, high = np.quantile(found, (0.025, 0.5, 0.975), axis=1)
    return pl.DataFrame({"low_kg": low, "median_kg": median, "high_kg": high}).fill_nan(None)


def _target(row: dict[str, Any], cells: pl.DataFrame, own: pl.DataFrame) -> Target:
    """Return which cells a total is the sum of."""
    year = own["year"][0]
    wanted = pl.col("book") == row["book"]
    if row["kind"] in (TOTAL, CHANGE):
        wanted &= _COUNTED
    for name in ("scope", "category"):
        if row[name] is not None:
            wanted &= pl.col(name) == row[name]
    if row["kind"] != CHANGE:
        wanted &= pl.col("year") == year
    held = cells.filter(wanted)
    signs = np.where(held["year"].to_numpy() == year, 1.0, -1.0)
    return Target(held["cell"].to_numpy().astype(np.int64), signs)


def _groups(placed: pl.DataFrame) -> Iterator[Group]:
    """Yield the quantities, gathered where their amounts stand in the same ratio over the cells."""
    amounts = placed.group_by(*_DATUM, "of_activity", "cell").agg(pl.col("x").sum()).filter(pl.col("x") != 0)
    amounts = amounts.sort(*_DATUM, "cell", nulls_last=True)
    size = pl.col("x").abs().sum()
    data = amounts.group_by(*_DATUM, "of_activity", maintain_order=True).agg(
        pl.col("cell"), size.alias("size"), (pl.col("x") / size).round_sig_figs(9).alias("ratio")
    )
    alike = data.group_by("year", "cell", "ratio", maintain_order=True).agg(
        pl.concat_str(pl.col("source", "quality").fill_null(""), separator="|").alias("names"),
        "size",
        "of_activity",
    )
    for year, cells, ratios, names, sizes, widths in alike.iter_rows():
        yield Group(
            seed=seed_of(year, *names),
            cells=np.array(cells, np.int64),
            ratios=np.array(ratios),
            weights=np.array(sizes),
            sigmas=sigma(np.array(widths)),
        )


def _contributions(told: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield the largest contributions to the variance of each book's total: factors, then sources."""
    counted = told.filter(_COUNTED)
    whole = half_width(counted, ["book"]).select("book", pl.col("half_width_kg") ** 2)
    shown = {
        FACTOR: (["name"], "of_factor", [pl.col(name).first() for name in _FACTOR_ROW]),
        SOURCE: (["source", "quality"], "of_activity", []),
    }
    for kind, (keys, width, more) in shown.items():
        amount = (pl.col("x") * pl.col(width) / 100).sum() ** 2
        parts = counted.group_by("book", *keys).agg(
            amount.alias("square"), pl.col("co2e_kg").sum(), pl.col(width).max().alias("half_width"), *more
        )
        shares = parts.join(whole, on="book", how="left").with_columns(
            pl.when(pl.col("half_width_kg") > 0)
            .then(pl.col("square") / pl.col("half_width_kg"))
            .fill_nan(None)
            .alias("share"),
            pl.lit(kind).alias("kind"),
            pl.col("factor_id" if kind == FACTOR else "source").alias("subject"),
            pl.col("half_width").fill_nan(None),
        )
        order = ["book", "share", "subject", *keys]
        ranked = shares.sort(order, descending=[False, True, *[False] * (len(order) - 2)], nulls_last=True)
        yield ranked.group_by("book", maintain_order=True).head(LARGEST).drop("half_width_kg")


def _inputs(told: pl.DataFrame, table: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield the half widths in use with the share of each book's amounts that rests on them.

    Rows of the table that say the same of several gases or parts of the chain stand as one.
    """
    words = ("standing", "de", "en", "title", "note")
    counted = told.filter(_COUNTED)
    about = table.select("half_width_id", *words)
    for of in ("activity", "factor"):
        name = f"{of}_half_width_id"
        parts = counted.group_by("book", name).agg(
            pl.col("size", "co2e_kg").sum(),
            pl.col(f"of_{of}").max().fill_nan(None).alias("half_width"),
        )
        told_about = parts.join(
            about, left_on=name, right_on="half_width_id", how="left", maintain_order="left"
        )
        is_named = pl.col("en").is_not_null()
        one = pl.when(is_named).then(None).otherwise(pl.col(name)).alias("_one")
        width = pl.when(is_named).then(pl.col("half_width")).alias("_width")
        sums = told_about.group_by("book", one, *words, width).agg(
            pl.col("size", "co2e_kg").sum(), pl.col("half_width").max(), pl.col(name).min().alias("subject")
        )
        whole = pl.col("size").sum().over("book")
        yield sums.with_columns(
            pl.when(whole > 0).then(pl.col("size") / whole).alias("share"),
            pl.lit(HALF_WIDTH).alias("kind"),
            pl.lit(of).alias("of"),
        ).sort(["book", "share", "subject"], descending=[False, True, False], nulls_last=True)


__all__ = [
    "CATEGORY",
    "CHANGE",
    "DRAWS",
    "FACTOR",
    "HALF_WIDTH",
    "HALF_WIDTH_SCHEMA",
    "INTERVAL_SCHEMA",
    "LARGEST",
    "SCOPE",
    "SEED",
    "SMALL",
    "SOURCE",
    "STATED",
    "TOTAL",
    "Options",
    "half_width",
    "intervals",
    "terms",
]
