"""The table of half widths: shipped defaults, and the own file `uncertainty.csv` of a data directory.

data/uncertainty/<edition>.csv + source.toml   defaults with their standing
<data directory>/uncertainty.csv               own rows; each names where it comes from (`title`)

The table is in no factor release: no number of a balance rests on it, only the interval beside it.
"""

from functools import cache
from pathlib import Path
from typing import Final

import polars as pl

from bilanz.activity import activities
from bilanz.errors import FileRefused
from bilanz.halfwidth import HALF_WIDTH_SCHEMA, KEYS
from bilanz.quality import Standing
from bilanz.records import Quality
from factors import rules, table
from factors.table import Rule

OWN_FILE: Final = "uncertainty.csv"
_CONDITIONS: Final = tuple(dict.fromkeys(name for keys in KEYS.values() for name in keys))
_OWN_COLUMNS: Final = ("of", *_CONDITIONS, "half_width", "stated", "publisher", "title", "de", "en", "note")
_MOST: Final = 1000


@cache
def shipped() -> pl.DataFrame:
    """Return the shipped defaults in `HALF_WIDTH_SCHEMA`."""
    return load(table.DATA / "uncertainty")


def load(folder: Path) -> pl.DataFrame:
    """Return the defaults below a folder.

    Raises:
        CatalogueError: a row is not what it must be; names file, line and column.
    """
    text = table.editions(
        folder, HALF_WIDTH_SCHEMA, required=("half_width_id", "of", "half_width", "standing")
    )
    standings = [standing.value for standing in Standing if standing is not Standing.OWN]
    rest = [
        rules.closed("standing", standings, "Not a standing in use."),
        Rule("half_width_id", pl.col("half_width_id").is_duplicated(), "The same identifier twice."),
    ]
    table.check(text, [*checks(), *rest])
    return table.typed(text, HALF_WIDTH_SCHEMA)


def checks() -> tuple[Rule, ...]:
    """Return the rules that shipped and own rows share."""
    width = pl.col("half_width").cast(pl.Float64, strict=False)
    foreign = [
        Rule(name, pl.col(name).is_not_null() & (pl.col("of") == of), f"No condition of a row of {of}.")
        for of, keys in KEYS.items()
        for name in _CONDITIONS
        if name not in keys
    ]
    return (
        rules.closed("of", KEYS, "Expected activity or factor."),
        Rule("of", pl.col("of").is_null(), rules.REQUIRED),
        Rule("half_width", pl.col("half_width").is_null(), rules.REQUIRED),
        Rule(
            "half_width",
            width.is_null() | ~width.is_between(0, _MOST),
            "A percentage from 0 to 1000 is expected.",
        ),
        Rule("title", pl.col("title").is_null(), rules.REQUIRED),
        rules.closed("quality", [kind.value for kind in Quality], "Not a quality in use."),
        rules.closed("activity", activities(), "Not an activity of the vocabulary."),
        *foreign,
        Rule("of", pl.struct("of", *_CONDITIONS).is_duplicated(), "Another row asks for the same."),
    )


def half_widths(data: Path | None = None) -> pl.DataFrame:
    """Return the shipped defaults with the own rows of a data directory.

    Raises:
        FileRefused: the own file cannot be read, or a row is not what it must be.
    """
    path = None if data is None else data / OWN_FILE
    if path is None or not path.exists():
        return shipped()
    return pl.concat([own(path), shipped()])


def own(path: Path) -> pl.DataFrame:
    """Return the rows of an own file.

    Raises:
        FileRefused: it cannot be read, or a row is not what it must be; names line and column.
    """
    read = table.received(path, required=("of", "half_width", "title"), known=_OWN_COLUMNS)
    if read.ragged:
        message = (
            "{file}, line {row}: the number of fields is not that of the header. Nothing was taken from it."
        )
        raise FileRefused(message, file=path.name, row=read.ragged[0])
    constants = {"standing": Standing.OWN.value, "edition": path.name}
    text = table.framed(table.completed(read, constants, tuple(HALF_WIDTH_SCHEMA)), HALF_WIDTH_SCHEMA)
    found = table.findings(text, list(checks()))
    if found.height:
        row = found.sort(table.ROW).row(0, named=True)
        message = '{file}, line {row}, column "{column}": {reason} Found: {value}. Nothing was taken from it.'
        raise FileRefused(
            message,
            file=path.name,
            row=row[table.ROW],
            column=row["column"],
            reason=row["reason"],
            value=row[row["column"]] or "–",
        )
    named = text.with_columns(half_width_id=pl.lit("own:") + pl.col(table.ROW).cast(pl.String))
    return table.typed(named, HALF_WIDTH_SCHEMA)
