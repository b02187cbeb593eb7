"""What differs between two catalogues, value by value.

    changed       the same statement (factor_id, gas, chain) says something else
    new_edition   another edition of the source makes the same statement for the same time
    added, removed

Frames beside the factors (properties, potentials, maps) are compared by their own keys, a frame without a key
row by row. A column that one side does not use at all belongs to another version of the program: no change.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

import polars as pl
import polars.selectors as cs

from factors.base import Catalogue
from factors.releases import frames_of

CHANGE_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "frame": pl.String,  # factors, properties, gwp, ...
    "kind": pl.String,  # changed, new_edition, added, removed
    "key": pl.String,  # factor_id, property_id, "AR6 CH4", ...
    "gas": pl.String,  # factors only
    "chain": pl.String,
    "column": pl.String,  # what changed: value, per_unit, valid_to, ...; null: the row as a whole
    "old": pl.String,
    "new": pl.String,
    "relative": pl.String,  # of a value: new / old - 1 as a decimal; null where there is none
    "former": pl.String,  # new_edition: the factor_id of the older edition
}

KINDS: Final = ("changed", "new_edition", "added", "removed")

_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "factors": ("factor_id", "gas", "chain"),
    "properties": ("property_id",),
    "prices": ("price_id",),
    "degree_days": ("degree_day_id",),
    "indices": ("index_id",),
    "gwp": ("gwp", "gas"),
    "blends": ("blend", "gas"),
    "product_groups": ("product_group",),
    "cpv_map": ("cpv",),
    "account_map": ("account",),
}
# What a statement says or where it stands, not what it is about.
_SAID: Final = frozenset(
    {
        "factor_id", "edition", "value", "evidence", "uncertainty", "publisher", "title", "locator",
        "licence", "note", "category",
    }
)  # fmt: skip
_DIGITS: Final = 6


def changes(old: Catalogue, new: Catalogue) -> pl.DataFrame:
    """Return every difference between two catalogues.

    Shape: rows of `CHANGE_SCHEMA`: factors first, then by frame; in a frame by kind, the largest relative
        change first.
    """
    ours, theirs = frames_of(old), frames_of(new)
    found = [_of_frame(name, _worded(ours[name]), _worded(theirs[name])) for name in ours]
    told = pl.concat([frame.select(*CHANGE_SCHEMA) for frame in found])
    place = pl.col("frame").replace_strict({name: at for at, name in enumerate(ours)}, return_dtype=pl.Int64)
    kind = pl.col("kind").replace_strict({name: at for at, name in enumerate(KINDS)}, return_dtype=pl.Int64)
    size = -pl.col("relative").cast(pl.Float64).abs()  # for the order only
    rest = [pl.col(name) for name in ("key", "gas", "chain", "column")]
    return told.sort(place, kind, size, *rest, nulls_last=True)


def relative(old: str | None, new: str | None) -> str | None:
    """Return new / old - 1 of two decimals, rounded to six digits; None where it means nothing."""
    if old is None or new is None or not Decimal(old):
        return None
    return f"{round(Decimal(new) / Decimal(old) - 1, _DIGITS).normalize():f}"


def _worded(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame as text; decimals without trailing zeros."""
    text = cs.decimal().cast(pl.String)
    pointed = text.str.contains(".", literal=True)
    plain = pl.when(pointed).then(text.str.strip_chars_end("0").str.strip_chars_end(".")).otherwise(text)
    return frame.with_columns(plain).with_columns(pl.all().cast(pl.String))


def _of_frame(name: str, old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    keys = _key(name, old, new)
    added = new.join(old, on=keys, how="anti", nulls_equal=True)
    removed = old.join(new, on=keys, how="anti", nulls_equal=True)
    both = old.join(new, on=keys, how="inner", suffix="_new", nulls_equal=True)
    columns = [column for column in old.columns if column not in keys and _is_used(column, old, new)]
    told = [_changed(name, both, keys, column) for column in columns]
    if name == "factors":
        followed = _followed(added, old)
        told.append(_rows(name, "new_edition", followed, keys))
        added = added.join(followed, on=keys, how="anti")
    value = pl.col("value") if "value" in old.columns else pl.lit(None, dtype=pl.String)
    told.append(_rows(name, "added", added.with_columns(column=_column(value), new=value), keys))
    told.append(_rows(name, "removed", removed.with_columns(column=_column(value), old=value), keys))
    return pl.concat(told)


def _column(value: pl.Expr) -> pl.Expr:
    return pl.when(value.is_not_null()).then(pl.lit("value"))


def _key(name: str, *frames: pl.DataFrame) -> list[str]:
    """Return the columns that tell rows apart; all of them where a frame has no key that does."""
    keys = [key for key in _KEYS.get(name, ()) if all(key in frame.columns for frame in frames)]
    if keys and not any(frame.select(keys).is_duplicated().any() for frame in frames):
        return keys
    return frames[0].columns


def _is_used(column: str, *frames: pl.DataFrame) -> bool:
    """Tell whether both sides use a column; a side without rows says nothing about it."""
    return all(frame[column].null_count() < frame.height or not frame.height for frame in frames)


def _changed(name: str, both: pl.DataFrame, keys: list[str], column: str) -> pl.DataFrame:
    """Return the rows of one column that say something else."""
    other = f"{column}_new"
    rows = both.filter(pl.col(column).ne_missing(pl.col(other)))
    told = rows.with_columns(pl.lit(column).alias("column"), old=pl.col(column), new=pl.col(other))
    return _rows(name, "changed", told, keys, is_value=column == "value")


def _followed(added: pl.DataFrame, old: pl.DataFrame) -> pl.DataFrame:
    """Return the added statements the newest edition in the old catalogue made already, and its value."""
    about = [column for column in added.columns if column not in _SAID]
    newest = old.filter(pl.col("edition") == pl.col("edition").max().over(about))
    single = [frame.filter(~pl.struct(*about, "edition").is_duplicated()) for frame in (added, newest)]
    former = single[1].select(*about, former="factor_id", old="value")
    found = single[0].join(former, on=about, how="inner", nulls_equal=True)
    return found.with_columns(column=pl.lit("value"), new=pl.col("value"))


def _rows(
    name: str, kind: str, frame: pl.DataFrame, keys: Iterable[str], *, is_value: bool = True
) -> pl.DataFrame:
    """Return rows in `CHANGE_SCHEMA`; what a frame does not have is null."""
    of_factors = name == "factors"
    shown = ["factor_id"] if of_factors else list(keys)
    key = pl.concat_str(shown, separator=" ", ignore_nulls=True)
    told = frame.with_columns(frame=pl.lit(name), kind=pl.lit(kind), key=key)
    if not of_factors:
        told = told.drop("gas", "chain", strict=False)
    missing = [pl.lit(None, dtype=pl.String).alias(column) for column in CHANGE_SCHEMA if column not in told]
    told = told.with_columns(missing).select(*CHANGE_SCHEMA)
    if not is_value:
        return told
    sizes = [relative(*pair) for pair in told.select("old", "new").iter_rows()]
    return told.with_columns(pl.Series("relative", sizes, dtype=pl.String))
