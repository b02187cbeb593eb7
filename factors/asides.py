"""Tables of the catalogue that are no factors: prices, degree days, indices. Shipped, imported, own.

data/<table>/<edition>.csv ──► rules ──► Catalogue.<table>       a broken shipped table raises
publication or own CSV     ──► rules ──► <data directory>/<table>/  a broken row is quarantined
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from bilanz.errors import CatalogueError
from bilanz.messages import Language, translate
from bilanz.price import INDEX_SCHEMA, PRICE_SCHEMA
from bilanz.weather import DEGREE_DAY_SCHEMA
from factors import degree_days, indices, prices, table
from factors.publication import Extract
from factors.table import Rule

Schema = Mapping[str, pl.DataType | type[pl.DataType]]


@dataclass(frozen=True, slots=True)
class Aside:
    """One table.

    Attributes:
        name: field of the catalogue, and folder of the data directory.
        key: column of the identifier.
        label: column rows are counted by.
        checks: the rules.
    """

    name: str
    key: str
    label: str
    schema: Schema
    checks: Callable[[], Iterable[Rule]]


ASIDES: Final[Mapping[str, Aside]] = {
    aside.name: aside
    for aside in (
        Aside("prices", "price_id", "kind", PRICE_SCHEMA, prices.checks),
        Aside("degree_days", "degree_day_id", "definition", DEGREE_DAY_SCHEMA, degree_days.checks),
        Aside("indices", "index_id", "kind", INDEX_SCHEMA, indices.checks),
    )
}

_REFUSED: Final = {"row": pl.Int64, "item": pl.String, "reason": pl.String}
_DIFFERS: Final = "The catalogue states something else under this identifier."


@dataclass(frozen=True, slots=True)
class Taken:
    """What one file gave for a table.

    Attributes:
        rows: accepted rows in the schema of the table that the catalogue does not hold yet.
        n_accepted: rows that passed, those the catalogue holds already included.
        quarantined: columns row (line of the file), item (identifier, or null), reason (English template).
        categories: accepted rows by definition or kind.
    """

    extract: Extract
    rows: pl.DataFrame
    n_accepted: int
    quarantined: pl.DataFrame
    categories: Mapping[str, int]

    def summary(self, language: Language = "en") -> dict[str, Any]:
        """Return the counts and reasons as a JSON object."""
        return {
            "table": self.extract.table,
            "source": self.extract.source,
            "edition": self.extract.edition,
            "rows": self.extract.n_read,
            "accepted": self.n_accepted,
            "already_shipped": self.n_accepted - self.rows.height,
            "ignored": {translate(key, language): count for key, count in self.extract.ignored.items()},
            "quarantined": [
                {"row": row, "item": item, "reason": translate(reason, language)}
                for row, item, reason in self.quarantined.iter_rows()
            ],
            "gases": {},
            "categories": dict(self.categories),
        }


def load(folder: Path, name: str) -> pl.DataFrame:
    """Return a shipped table.

    Raises:
        CatalogueError: the table is not what it must be; names file, line and column.
    """
    aside = ASIDES[name]
    return _checked(aside, table.editions(folder / name, aside.schema, required=(aside.key, "value")))


def joined(shipped: pl.DataFrame, name: str, paths: Sequence[Path]) -> pl.DataFrame:
    """Return a shipped table with the tables of a data directory. A row that is shipped counts once.

    Raises:
        CatalogueError: a table is not what it must be, or an identifier stands for two values.
    """
    aside = ASIDES[name]
    frames = [shipped]
    for path in paths:
        rows = table.completed(table.shipped(path), {}, tuple(aside.schema))
        frame = _checked(aside, table.framed(rows, aside.schema))
        frames.append(frame.join(shipped, on=[aside.key, "value"], how="anti", maintain_order="left"))
    whole = pl.concat(frames)
    twice = whole.filter(pl.col(aside.key).is_duplicated())
    if twice.height:
        raise CatalogueError('{table}: "{name}" is there twice.', table=name, name=twice[aside.key][0])
    return whole


def _checked(aside: Aside, rows: pl.DataFrame) -> pl.DataFrame:
    table.check(rows, list(aside.checks()))
    return table.typed(rows, dict(aside.schema))


def take(extract: Extract, held: pl.DataFrame) -> Taken:
    """Hold the rows of a file against the rules and the catalogue.

    A row that says something else than the catalogue under the same identifier is quarantined: no file can
    change a shipped figure.

    Args:
        extract: what the file holds; its rows have the columns of the table as text.
        held: the table as the catalogue holds it.
    """
    aside = ASIDES[extract.table]
    found = table.findings(extract.rows, list(aside.checks()))
    passed = extract.rows.join(
        found.select(table.ROW, aside.key),
        on=[table.ROW, aside.key],
        how="anti",
        nulls_equal=True,
        maintain_order="left",
    )
    told = held.select(aside.key, pl.col("value").alias("_value"))
    beside = passed.join(told, on=aside.key, how="left", maintain_order="left")
    same = beside["value"].cast(aside.schema["value"]) == beside["_value"]
    differs, fresh = passed.filter(~same.fill_null(value=True)), passed.filter(same.is_null())
    return Taken(
        extract=extract,
        rows=table.typed(fresh, dict(aside.schema)),
        n_accepted=passed.height - differs.height,
        quarantined=_quarantined(aside, extract, found, differs),
        categories=dict(
            passed.filter(same.fill_null(value=True))
            .group_by(aside.label)
            .len()
            .sort(aside.label)
            .iter_rows()
        ),
    )


def _quarantined(aside: Aside, extract: Extract, found: pl.DataFrame, differs: pl.DataFrame) -> pl.DataFrame:
    """Return one entry per refused row: the first rule it breaks."""
    torn = pl.DataFrame(
        [(row, None, reason) for row, reason in extract.unreadable], schema=_REFUSED, orient="row"
    )
    direct = found.select(pl.col(table.ROW).alias("row"), pl.col(aside.key).alias("item"), "reason")
    other = differs.select(
        pl.col(table.ROW).alias("row"), pl.col(aside.key).alias("item"), pl.lit(_DIFFERS).alias("reason")
    )
    refused = pl.concat([direct, other]).unique(["row", "item"], keep="first", maintain_order=True)
    return pl.concat([torn, refused]).sort("row", maintain_order=True)
