"""Whatever text is exported: no spreadsheet takes a cell for a formula, and no text is lost."""

import csv
import io
from decimal import Decimal

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from reports.exports.tables import as_csv
from reports.table import FORMULA_STARTS

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)
STARTS = st.sampled_from([*FORMULA_STARTS, ""])


@given(st.lists(st.tuples(STARTS, TEXTS).map("".join), min_size=1), st.decimals(-9, 9, places=3))
def test_cells_are_marked_and_read_back(values: list[str], number: Decimal) -> None:
    frame = pl.DataFrame(
        {"text": values, "number": [number] * len(values)},
        schema={"text": pl.String, "number": pl.Decimal(38, 12)},
    )
    rows = list(csv.DictReader(io.StringIO(as_csv(frame).decode(), newline="")))
    assert not [row["text"] for row in rows if row["text"].startswith(FORMULA_STARTS)]
    assert [row["text"].removeprefix("'") if value.startswith(FORMULA_STARTS) else row["text"]
            for row, value in zip(rows, values, strict=True)] == values  # fmt: skip
    assert {Decimal(row["number"]) for row in rows} == {number}
