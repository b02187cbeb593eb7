"""Own factors: a CSV in our schema, row by row through the same gate as the shipped tables.

A bad row is a value: it is quarantined with its line and reason. A factor whose rows per gas are not all
accepted is quarantined as a whole, since what is left of it would be too small and look right.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from bilanz import gases
from bilanz.activity import activities
from bilanz.activity import find as find_activity
from bilanz.errors import UsageError
from bilanz.factor import FACTOR_SCHEMA, Evidence
from bilanz.messages import Language, translate
from factors import gate, table
from factors.base import Catalogue, catalogue
from factors.table import FILE, ROW

REQUIRED: Final = (
    "activity",
    "region",
    "valid_from",
    "gas",
    "value",
    "mass_unit",
    "per_unit",
    "chain",
    "title",
)
OPTIONAL: Final = tuple(
    name for name in FACTOR_SCHEMA if name not in (*REQUIRED, "source", "edition", "evidence", "organisation")
)
QUARANTINE_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "row": pl.Int64,  # 1-based line of the file
    "column": pl.String,
    "value": pl.String,
    "reason": pl.String,  # English template
}
_COMMA: Final = 'A decimal point is expected ("0.25"), not a comma: 1,234 could be read in two ways.'
_WHOLE: Final = "Another row of the same factor was refused."
RAGGED: Final = "The row has more or fewer fields than the header."


@dataclass(frozen=True, slots=True)
class OwnFactors:
    """What one file of own factors gave.

    Attributes:
        factors: accepted rows in `FACTOR_SCHEMA`, evidence custom.
        quarantined: findings in `QUARANTINE_SCHEMA`; a row may have several.
        rows: rows of the file below the header; rows = accepted + distinct quarantined rows.
    """

    source: str
    edition: str
    factors: pl.DataFrame
    quarantined: pl.DataFrame
    rows: int

    def summary(self, language: Language = "en") -> dict[str, Any]:
        """Return the counts and reasons as a JSON object; counts are accepted rows by gas and by activity."""
        first = pl.col("reason", "column", "value").first()
        refused = self.quarantined.group_by("row", maintain_order=True).agg(first).sort("row")
        return {
            "source": self.source,
            "edition": self.edition,
            "rows": self.rows,
            "accepted": self.factors.height,
            "quarantined": [
                {"row": row, "reason": translate(reason, language), "column": column, "value": value}
                for row, reason, column, value in refused.iter_rows()
            ],
            "gases": _counts(self.factors, "gas"),
            "categories": _counts(self.factors, "activity"),
        }


def read(
    path: Path,
    *,
    source: str = "custom",
    edition: str | None = None,
    known: Catalogue | None = None,
    organisation: str | None = None,
) -> OwnFactors:
    """Read own factors.

    Args:
        path: UTF-8, comma or semicolon between fields; columns as in docs/factors.md.
        source: name of the source; must not be one of the shipped.
        edition: name of the edition; the file's name where none is given.
        known: the catalogue whose gases may be named; the shipped one where none is given.
        organisation: whose factors they are, with what is below it; None: everybody's.

    Raises:
        FileRefused: the file is empty, no text, or lacks a required column.
        UsageError: the source is one of the shipped, or no plain name.
    """
    shipped = known or catalogue()
    published = shipped.factors.filter(pl.col("evidence") != Evidence.CUSTOM.value).get_column("source")
    if source in set(published) or not re.fullmatch(r"[a-z0-9_]+", source):
        raise UsageError('"{name}" cannot name own factors: choose another name.', name=source)
    columns = (*REQUIRED, *OPTIONAL, "evidence", "source", "edition")
    parsed = table.received(path, required=REQUIRED, known=columns)
    name = re.sub(r"[^a-z0-9]+", "_", (edition or path.stem).lower()).strip("_") or "own"
    text = _filled(parsed, source, name).with_columns(organisation=pl.lit(organisation, dtype=pl.String))
    codes = gases.known_gases(shipped.gwp, shipped.blends)
    gated = gate.findings(text, gases=codes, gwp=shipped.gwp, properties=shipped.properties)
    found = pl.concat([_commas(text), gated])
    broken = found.get_column("factor_id").unique().to_list()
    accepted = text.filter(~pl.col("factor_id").is_in(broken))
    return OwnFactors(
        source=source,
        edition=name,
        factors=table.typed(accepted, FACTOR_SCHEMA),
        quarantined=_quarantined(text, found, accepted, parsed.ragged),
        rows=text.height + len(parsed.ragged),
    )


def save(factors: pl.DataFrame, path: Path) -> None:
    """Write accepted own factors in the form `factors.base.catalogue` reads as an extra table."""
    table.save(factors.select(list(FACTOR_SCHEMA)), path)


def _filled(parsed: table.Table, source: str, edition: str) -> pl.DataFrame:
    """Return all columns of `FACTOR_SCHEMA`: names become codes, identifiers are made where none is given.

    Nothing is assumed about the figure: the energy of a fuel without a basis stays empty and is refused.
    """
    full = table.framed(table.completed(parsed, {}, tuple(FACTOR_SCHEMA)), FACTOR_SCHEMA)
    full = full.with_columns(
        source=pl.lit(source), edition=pl.lit(edition), evidence=pl.lit(Evidence.CUSTOM.value)
    )
    codes = {name: find_activity(name) or name for name in full.get_column("activity").drop_nulls().unique()}
    full = full.with_columns(pl.col("activity").replace(codes))
    fuels = [code for code, entry in activities().items() if entry.needs_basis]
    energy = [unit for unit, (kind, _) in gate.PER_UNITS.items() if kind == "energy"]
    needs_basis = pl.col("activity").is_in(fuels) & pl.col("per_unit").is_in(energy)
    basis = pl.when(pl.col("basis").is_null() & ~needs_basis).then(pl.lit("none")).otherwise("basis")
    return full.with_columns(basis=basis).with_columns(factor_id=_identifier(f"{source}:{edition}:"))


def _identifier(prefix: str) -> pl.Expr:
    """Return the identifier as given, with the prefix, else made of what the factor is about."""
    given = pl.col("factor_id").str.strip_prefix(prefix)
    key = ("activity", "product_group", "region", "valid_from", "per_unit", "basis")
    made = pl.concat_str([pl.col(name).fill_null("") for name in key], separator=":")
    return pl.lit(prefix) + pl.coalesce(given, made)


def _commas(text: pl.DataFrame) -> pl.DataFrame:
    """Return a finding for every value with a comma: the reason says what a plain refusal would not."""
    rows = text.filter(pl.col("value").str.contains(",", literal=True))
    column, reason = pl.lit("value").alias("column"), pl.lit(_COMMA).alias("reason")
    return rows.select(FILE, ROW, "factor_id", column, "value", reason)


def comma_findings(text: pl.DataFrame) -> pl.DataFrame:
    """Return the same in `QUARANTINE_SCHEMA`, for rows that have no `factor_id`."""
    rows = _commas(text.with_columns(factor_id=pl.lit("")))
    return rows.select(pl.col(ROW).alias("row"), "column", "value", "reason")


def _quarantined(
    text: pl.DataFrame, found: pl.DataFrame, accepted: pl.DataFrame, ragged: Sequence[int]
) -> pl.DataFrame:
    """Return the findings, the rows that fall with them, and the rows that could not be split."""
    direct = found.select(pl.col(ROW).alias("row"), "column", "value", "reason")
    done = [*direct.get_column("row"), *accepted.get_column(ROW)]
    rest = text.filter(~pl.col(ROW).is_in(done))
    fallen = rest.select(
        pl.col(ROW).alias("row"),
        pl.lit("factor_id").alias("column"),
        pl.col("factor_id").alias("value"),
        pl.lit(_WHOLE).alias("reason"),
    )
    torn = pl.DataFrame([(row, None, None, RAGGED) for row in ragged], QUARANTINE_SCHEMA, orient="row")
    return pl.concat([direct, fallen, torn]).sort("row", maintain_order=True)


def _counts(frame: pl.DataFrame, column: str) -> dict[str, int]:
    return dict(frame.group_by(column).len().sort(column).iter_rows())
