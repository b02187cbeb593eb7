"""A made-up balance of many sources, its intervals, and the draws alone in plain NumPy."""

import resource
import time
from dataclasses import dataclass
from typing import Self

import numpy as np
import polars as pl

from bilanz.factor import FACTOR_SCHEMA
from bilanz.result import LINE_SCHEMA, MASS, Manifest, Result

SLICES = 200_000
DRAWS = 10_000
MONTHS = 12
BLOCK = 64
_BOOKS = ("bisko", "ghgp_location", "ghgp_market")
_ACTIVITIES = (
    ("natural_gas", "stationary_combustion", "1"),
    ("electricity", "purchased_electricity", "2"),
    ("diesel", "mobile_combustion", "1"),
)
_PARTS = (("CO2", "direct", 0.9), ("CH4", "direct", 0.02), ("N2O", "direct", 0.01), ("CO2e", "upstream", 0.2))


@dataclass(frozen=True)
class Spent:
    """Seconds by the clock and of the processors."""

    wall: float
    processor: float


class Watch:
    """Measures a block: `with Watch() as watch: …`, then `watch.spent`."""

    spent: Spent

    def __enter__(self) -> Self:
        self._wall, self._processor = time.perf_counter(), _processor()
        return self

    def __exit__(self, *_: object) -> None:
        self.spent = Spent(time.perf_counter() - self._wall, _processor() - self._processor)


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def balance(slices: int = SLICES) -> Result:
    """Return a run of that many slices: a month of a source each, in three books, nine lines a slice."""
    number = pl.int_range(slices - slices % MONTHS)
    place = pl.col("source_number") % len(_ACTIVITIES)

    def of(position: int) -> pl.Expr:
        return place.replace_strict(range(len(_ACTIVITIES)), [entry[position] for entry in _ACTIVITIES])

    base = pl.select((number // MONTHS).alias("source_number"), (number % MONTHS + 1).alias("number"))
    base = base.with_columns(
        pl.format("M{}", "source_number").alias("source"),
        pl.date(2025, pl.col("number"), 1).alias("month"),
        of(0).alias("activity"),
        of(1).alias("category"),
        of(2).alias("scope"),
        pl.when(pl.col("source_number") % 10 == 0)
        .then(pl.lit("estimated"))
        .otherwise(pl.lit("measured"))
        .alias("quality"),
        ((pl.col("source_number") * 7_919 % 1_000 + 1) * pl.col("number")).alias("kg"),
    )
    lines = [
        base.with_columns(
            pl.lit(book).alias("book"),
            pl.lit(gas).alias("gas"),
            pl.lit(chain).alias("chain"),
            pl.lit("3" if chain == "upstream" else None).fill_null(pl.col("scope")).alias("scope"),
            pl.lit("3.3" if chain == "upstream" else None).fill_null(pl.col("category")).alias("category"),
            pl.format("{}:{}", pl.lit(book), "activity").alias("factor_id"),
            (pl.col("kg") * share).cast(MASS).alias("co2e_kg"),
        )
        for book in _BOOKS
        for gas, chain, share in ((("CO2e", "total", 1.0),) if book == "bisko" else _PARTS)
    ]
    framed = [
        part.select(
            (pl.col(name) if name in part.columns else pl.lit(None)).cast(kind).alias(name)
            for name, kind in LINE_SCHEMA.items()
        )
        for part in lines
    ]
    none = pl.DataFrame()
    return Result(
        _manifest(),
        pl.concat(framed),
        none,
        none,
        none,
        none,
        none,
        none,
        pl.DataFrame(schema=FACTOR_SCHEMA),
        none,
    )


def _manifest() -> Manifest:
    gwp = ", ".join(f"{book}: AR6" for book in _BOOKS)
    hashes = dict.fromkeys(
        ("factor_release", "book_hash", "resolutions_hash", "result_hash", "manifest_hash"), "0" * 64
    )
    return Manifest(
        run="bench",
        year=2025,
        region="DE",
        organisation=None,
        books=_BOOKS,
        gwp=gwp,
        code_version="0",
        inputs=(),
        created_at="2026-01-01T00:00:00+00:00",
        **hashes,
    )


def intervals_of(result: Result) -> tuple[Spent, int]:
    """Return what the intervals of a run cost, and the number of sources."""
    from bilanz.uncertainty import Options, intervals
    from factors.halfwidths import shipped

    table = shipped()
    with Watch() as watch:
        intervals(result, table, options=Options(draws=DRAWS))
    return watch.spent, result.lines["source"].n_unique()


def draws_alone(sources: int) -> Spent:
    """Draw a lognormal per source in double precision and add them up: no factors, no quantiles."""
    with Watch() as watch:
        rng, total = np.random.default_rng(1), np.zeros(DRAWS)
        for start in range(0, sources, BLOCK):
            drawn = rng.standard_normal((min(BLOCK, sources - start), DRAWS))
            total += np.exp(drawn * 0.025).sum(axis=0)
    return watch.spent


def measured() -> dict[str, float]:
    """Return the best of three of the intervals and of the draws alone, by processor time."""
    result = balance()
    ours = [intervals_of(result) for _ in range(3)]
    plain = [draws_alone(ours[0][1]) for _ in range(3)]
    return {
        "lines": result.lines.height,
        "sources": ours[0][1],
        "seconds": min(spent.wall for spent, _ in ours),
        "processor": min(spent.processor for spent, _ in ours),
        "plain_seconds": min(spent.wall for spent in plain),
        "plain_processor": min(spent.processor for spent in plain),
    }
