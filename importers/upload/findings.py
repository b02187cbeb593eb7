"""Issues of one file, collected in bulk: one expression per rule, never a loop over rows."""

from decimal import Decimal
from typing import Final

import polars as pl

from bilanz.issues import ISSUE_SCHEMA, Issue, as_frame
from bilanz.kinds import Severity, kind

ROW: Final = "__row"
SHOWN: Final = 200
"""Signs of a raw value that an issue repeats: enough to find the cell, whatever was pasted into it."""


class Findings:
    """What was found in one file, and which rows it cost.

    A row is rejected once, however many issues it has; a row that is ignored is no longer in the frames that
    are flagged, so it is never rejected.
    """

    def __init__(self) -> None:
        self._frames: list[pl.DataFrame] = []
        self._rejected: list[pl.Series] = []

    def add(self, *issues: Issue) -> None:
        """Take single issues; those of error severity that name a row reject it."""
        for issue in issues:
            if issue.row is not None and issue.severity is Severity.ERROR:
                self._rejected.append(pl.Series([issue.row], dtype=pl.Int64))
        self._frames.append(as_frame(issues))

    def flag(
        self,
        rows: pl.DataFrame,
        code: str,
        column: str | pl.Expr = "",
        value: pl.Expr | None = None,
        **parameters: pl.Expr | str,
    ) -> None:
        """Raise one issue per row.

        Args:
            rows: the rows concerned, with `__row` and whatever the expressions use.
            code: of the issue; its severity decides whether the rows are rejected.
            column: header text.
            value: the raw value.
            parameters: further parameters of the text, as expressions or constants.
        """
        if rows.is_empty():
            return
        severity = kind(code).severity
        if severity is Severity.ERROR:
            self._rejected.append(rows[ROW])
        given = [
            (pl.lit(entry) if isinstance(entry, str) else entry.cast(pl.String)).fill_null("").alias(name)
            for name, entry in sorted(parameters.items())
        ]
        title = column if isinstance(column, pl.Expr) else pl.lit(column or None, dtype=pl.String)
        self._frames.append(
            rows.select(
                pl.col(ROW).cast(pl.Int64).alias("source_row"),
                title.alias("column"),
                _shown(value).alias("value"),
                pl.lit(code).alias("code"),
                pl.lit(str(severity)).alias("severity"),
                (pl.struct(given).struct.json_encode() if given else pl.lit("{}")).alias("parameters"),
            )
        )

    def add_rounding(self, changes: pl.Series, column: str) -> None:
        """Say how many values of a column were rounded, and by how much that changed their total."""
        count = changes.len() - changes.null_count()
        if count:
            parameters = {"count": str(count), "difference": f"{Decimal(changes.sum()).normalize():f}"}
            self.add(Issue("rounded", column=column, parameters=parameters))

    def reject(self, rows: pl.Series) -> None:
        """Reject rows because of an issue of their whole column."""
        self._rejected.append(rows.cast(pl.Int64))

    def rejected(self) -> pl.Series:
        """Return the distinct rows rejected so far."""
        return pl.concat(
            [pl.Series(ROW, [], dtype=pl.Int64), *(rows.rename(ROW) for rows in self._rejected)]
        ).unique()

    def without_rejected(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return the rows that are not rejected."""
        return rows.filter(~pl.col(ROW).is_in(self.rejected().implode()))

    def frame(self) -> pl.DataFrame:
        """Return all issues in `ISSUE_SCHEMA`: those of the whole file first, then by row."""
        frames = [pl.DataFrame(schema=ISSUE_SCHEMA), *self._frames]
        return pl.concat(frames).sort("source_row", maintain_order=True, nulls_last=False)


def _shown(value: pl.Expr | None) -> pl.Expr:
    """Return a raw value as text, cut where it is longer than anyone reads."""
    if value is None:
        return pl.lit(None, dtype=pl.String)
    text = value.cast(pl.String)
    return pl.when(text.str.len_chars() > SHOWN).then(text.str.head(SHOWN) + "…").otherwise(text)
