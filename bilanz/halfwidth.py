"""Half widths of 95 % intervals in percent: which row of the table speaks for a quantity or a factor.

    of activity   source > activity > quality
    of factor     factor > activity > category > gas > chain    what is filled leftmost is more special

Order: an own row that names the source or factor; what the publication of a factor states; another own row;
a shipped row. What no row speaks for has no half width, and no interval is made of it.
"""

from collections.abc import Iterator
from typing import Final

import polars as pl

from bilanz.quality import ORIGIN, Standing

HALF_WIDTH_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "half_width_id": pl.String,
    "of": pl.String,  # activity, factor
    "source": pl.String,  # of activity: meter, vehicle, contract; null: any
    "quality": pl.String,  # of activity: measured, billed, estimated, spend; null: any
    "factor": pl.String,  # of factor: its factor_id; null: any
    "activity": pl.String,
    "category": pl.String,  # of factor: category of its activity in the vocabulary
    "gas": pl.String,
    "chain": pl.String,
    "half_width": pl.Float64,  # percent of the value
    "stated": pl.String,  # as the source words it
    "de": pl.String,
    "en": pl.String,
    **ORIGIN,
}

KEYS: Final = {
    "activity": ("source", "activity", "quality"),
    "factor": ("factor", "activity", "category", "gas", "chain"),
}
"""What a row may ask of its subject, the most special first."""

STATED: Final = "stated"
"""Instead of an identifier: the publication of the factor states it."""

CHOICE_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "half_width": pl.Float64,  # percent; null: no row speaks for it
    "half_width_id": pl.String,  # or `stated`; null likewise
}


def chosen(subjects: pl.DataFrame, table: pl.DataFrame, of: str) -> pl.DataFrame:
    """Return subjects with the half width that holds for each; rows and their order stay.

    Args:
        subjects: the columns `KEYS[of]` and, of factors, `uncertainty` (percent as published, or null).
        table: `HALF_WIDTH_SCHEMA`; no two rows of one standing ask for the same.
        of: `activity` or `factor`.
    """
    rows = table.filter(pl.col("of") == of)
    is_own = pl.col("standing").eq_missing(Standing.OWN.value)
    names = pl.col(KEYS[of][0]).is_not_null()
    layers = [
        *_matched(subjects, rows.filter(is_own & names), of),
        *_published(subjects),
        *_matched(subjects, rows.filter(is_own & ~names), of),
        *_matched(subjects, rows.filter(~is_own), of),
    ]
    empty = pl.DataFrame(schema=CHOICE_SCHEMA).clear(subjects.height)
    return subjects.hstack(
        [
            pl.select(pl.coalesce([layer[name] for layer in (*layers, empty)])).to_series().alias(name)
            for name in CHOICE_SCHEMA
        ]
    )


def _published(subjects: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield what publications of factors state."""
    if "uncertainty" in subjects.columns:
        known = pl.col("uncertainty").is_not_null()
        yield subjects.select(
            pl.col("uncertainty").cast(pl.Float64).alias("half_width"),
            pl.when(known).then(pl.lit(STATED)).alias("half_width_id"),
        )


def _matched(subjects: pl.DataFrame, rows: pl.DataFrame, of: str) -> Iterator[pl.DataFrame]:
    """Yield one layer per set of filled columns, the most special first."""
    keys = KEYS[of]
    filled = [pl.col(name).is_not_null().alias(name) for name in keys]
    patterns = rows.select(filled).unique().sort(keys, descending=True)
    for pattern in patterns.iter_rows(named=True):
        asked = [name for name in keys if pattern[name]]
        fits = rows.filter(pl.all_horizontal(pl.col(name).is_not_null() == pattern[name] for name in keys))
        told = fits.select(*asked, *CHOICE_SCHEMA)
        if asked:
            yield subjects.join(told, on=asked, how="left", maintain_order="left").select(list(CHOICE_SCHEMA))
        else:
            yield pl.concat([told] * subjects.height) if subjects.height else told.clear()
