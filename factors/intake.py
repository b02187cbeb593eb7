"""Taking an official publication into the catalogue: recognised, gated, compared with what is shipped, kept.

    publication ──► rows as text ──► gate ──► accepted: already shipped (the same to the digit) or new
                                        └───► quarantined with row and reason, and never used

An edition may be shipped in part. What is shipped stays: a row that says something else than the shipped row
of the same identifier is quarantined, so no file can change a shipped figure.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from bilanz import gases
from bilanz.errors import CatalogueError
from bilanz.factor import FACTOR_SCHEMA
from bilanz.messages import Language, translate
from factors import gate, table
from factors.base import Catalogue, catalogue
from factors.jumps import jumps
from factors.publication import Extract, Publication
from factors.table import FILE, ROW

KEY: Final = ("factor_id", "gas", "chain")
_SAID: Final = (
    "value", "mass_unit", "per_unit", "basis", "valid_from", "valid_to", "region", "activity", "gwp",
)  # fmt: skip
_WHOLE: Final = "Another row of the same factor was refused."
_DIFFERS: Final = "The shipped catalogue states another value for this factor."
_UNNAMED: Final = "–"
_REASON_SCHEMA: Final = {"row": pl.Int64, "reason": pl.String}


@dataclass(frozen=True, slots=True)
class Taken:
    """What one publication gave.

    Attributes:
        factors: accepted rows in `FACTOR_SCHEMA` that are not shipped yet.
        n_read: values of the publication that were looked at.
        n_accepted: rows that passed the gate, shipped ones included.
        n_shipped: accepted rows the catalogue holds already, to the digit.
        quarantined: columns row, reason (English template), place (file, and the sheet and cell where they
            are known); one row per refused row.
        ignored: reason → values that are deliberately not taken.
        gases, categories: accepted rows by gas, by the publisher's category.
        flagged: accepted values that moved a lot since the statement before, in `JUMP_SCHEMA`.
    """

    extract: Extract
    factors: pl.DataFrame
    n_accepted: int
    n_shipped: int
    quarantined: pl.DataFrame
    gases: Mapping[str, int]
    categories: Mapping[str, int]
    flagged: pl.DataFrame

    def summary(self, language: Language = "en") -> dict[str, Any]:
        """Return the counts and reasons as a JSON object."""
        return {
            "source": self.extract.source,
            "edition": self.extract.edition,
            "rows": self.extract.n_read,
            "accepted": self.n_accepted,
            "already_shipped": self.n_shipped,
            "ignored": {translate(key, language): count for key, count in self.extract.ignored.items()},
            "quarantined": [
                {"row": row, "reason": translate(reason, language), "place": place}
                for row, reason, place in self.quarantined.iter_rows()
            ],
            "flagged": [
                {"factor": row["factor_id"], "gas": row["gas"], "change": round(row["change"], 4)}
                for row in self.flagged.iter_rows(named=True)
            ],
            "gases": dict(self.gases),
            "categories": dict(self.categories),
        }


def take(path: Path, publication: Publication, known: Catalogue | None = None) -> Taken:
    """Read a publication and hold every row against the gate and the shipped catalogue.

    Args:
        path: the file.
        publication: the one that recognised it.
        known: the catalogue it is compared with; the shipped one where none is given.

    Raises:
        LayoutChanged: the file is not in the layout that is known.
    """
    return hold(publication.read(path), known)


def hold(extract: Extract, known: Catalogue | None = None) -> Taken:
    """Hold every row of a publication of factors against the gate and the shipped catalogue."""
    shelf = known or catalogue()
    rows = _checked(extract)
    codes = gases.known_gases(shelf.gwp, shelf.blends)
    known_fuels = {"gwp": shelf.gwp, "properties": shelf.properties}
    found = gate.findings(rows, gases=codes, negatives=(extract.source,), **known_fuels)
    broken = found.get_column("factor_id").unique().to_list()
    passed = rows.filter(~pl.col("factor_id").is_in(broken))
    is_shipped, differs = _beside(passed, shelf.factors)
    refused = passed.filter(pl.col("factor_id").is_in(passed.filter(differs)["factor_id"].unique().to_list()))
    kept = passed.filter(~pl.col("factor_id").is_in(refused["factor_id"].unique().to_list()))
    fresh = passed.filter(~is_shipped & ~pl.col("factor_id").is_in(refused["factor_id"].unique().to_list()))
    accepted = table.typed(kept, FACTOR_SCHEMA)
    earlier = shelf.factors.join(accepted, on=list(KEY), how="anti")
    moved = jumps(pl.concat([earlier, accepted]))
    category = kept.get_column("category").fill_null(_UNNAMED).str.split(" > ").list.first()
    return Taken(
        extract=extract,
        factors=table.typed(fresh, FACTOR_SCHEMA),
        n_accepted=kept.height,
        n_shipped=kept.height - fresh.height,
        quarantined=_quarantined(rows, found, refused, extract),
        gases=_counts(kept.get_column("gas")),
        categories=_counts(category),
        flagged=moved.filter(pl.col("factor_id").is_in(accepted["factor_id"].unique().to_list())),
    )


def _checked(extract: Extract) -> pl.DataFrame:
    """Return the rows of an extract as the gate takes them.

    Raises:
        CatalogueError: a module of `factors.publishers` does not keep the contract; says what is wrong.
    """
    lacking = [name for name in (*FACTOR_SCHEMA, FILE, ROW) if name not in extract.rows.columns]
    if lacking or not re.fullmatch(r"[a-z0-9_]+", extract.source) or not extract.edition:
        message = "The extract of {source} {edition} lacks {columns}, or its names are no plain names."
        names = {"source": extract.source, "edition": extract.edition, "columns": ", ".join(lacking) or "–"}
        raise CatalogueError(message, **names)
    return extract.rows.with_columns(pl.col(ROW).cast(pl.Int64))


def _beside(rows: pl.DataFrame, shipped: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """Return two flags per row: the catalogue holds it to the digit; the catalogue says otherwise."""
    held = shipped.select(*KEY, *_SAID, pl.lit(value=True).alias("_held"))
    told = table.typed(rows, FACTOR_SCHEMA).select(*KEY, *_SAID)
    joined = told.join(held, on=list(KEY), how="left", maintain_order="left", suffix="_shipped")
    same = joined.select(
        pl.all_horizontal(pl.col(name).eq_missing(pl.col(f"{name}_shipped")) for name in _SAID)
    ).to_series()
    is_held = joined["_held"].fill_null(value=False)
    return is_held & same, is_held & ~same


def _quarantined(
    rows: pl.DataFrame, found: pl.DataFrame, refused: pl.DataFrame, extract: Extract
) -> pl.DataFrame:
    """Return one row per refused row: its own reason first, else that of the factor it belongs to."""
    row, place = pl.col(ROW).alias("row"), pl.col(FILE).alias("place")
    direct = found.select(row, "reason", place)
    differing = refused.select(row, pl.lit(_DIFFERS).alias("reason"), place)
    fallen = rows.filter(pl.col("factor_id").is_in(found["factor_id"].unique().to_list()))
    whole = fallen.select(row, pl.lit(_WHOLE).alias("reason"), place)
    torn = pl.DataFrame(list(extract.unreadable), schema=_REASON_SCHEMA, orient="row")
    told = pl.concat([torn.with_columns(pl.lit(None, pl.String).alias("place")), direct, differing, whole])
    # a sheet's row may hold several values: their places tell them apart
    return told.unique(["row", "place"], keep="first", maintain_order=True).sort("row", maintain_order=True)


def _counts(column: pl.Series) -> dict[str, int]:
    counted = column.value_counts(name="n")
    return dict(counted.sort(column.name).iter_rows())
