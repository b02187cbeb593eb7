"""Texts that say "not reported": missing, and not zero."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import polars as pl

from bilanz.issues import Issue
from importers.upload.findings import Findings
from importers.upload.table import Table

_TEXTS: Final = (
    "na", "n/a", "#n/a", "not available", "not applicable", "not reported", "no data", "unknown", "null",
    "none", "nan", "k.a.", "k. a.", "k.a", "keine angabe", "keine angaben", "unbekannt", "nicht bekannt",
    "n.v.", "n. v.", "-", "--", "–", "—", "?",
)  # fmt: skip
"""Without case."""


def without_placeholders(table: Table, places: Sequence[int], findings: Findings | None = None) -> Table:
    """Return the table with the placeholders of some columns as empty cells; each is said once, or not."""
    frame = table.frame
    for place in places:
        text = pl.col(str(place)).str.strip_chars()
        is_missing = (
            text.str.to_lowercase().is_in(_TEXTS) | text.str.contains(r"(?i)^(?:na|not applicable):")
        ).fill_null(value=False)
        counts = frame.filter(is_missing).select(text.alias("x"))["x"].value_counts(sort=True, name="n")
        if findings is not None:
            findings.add(
                *(
                    Issue("not_reported", None, table.header[place], value, {"count": str(count)})
                    for value, count in counts.rows()
                )
            )
        frame = frame.with_columns(pl.when(~is_missing).then(pl.col(str(place))).alias(str(place)))
    return replace(table, frame=frame)
