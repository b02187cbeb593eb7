"""What the rows of a budget are: headings, roll-ups, income, repeated payments, and expenditure.

block     the rows below a heading (a row with one text and nothing else)
roll-up   a row whose account is the beginning of other accounts of its block and department
flow      "out" or "in": by the word of the row, else by the first figure of its account
"""

from collections.abc import Sequence
from typing import Final

import polars as pl

from importers.budget.vocabulary import PLANNED, Header, flow_of, kind_of, vocabulary
from importers.upload.findings import ROW
from importers.upload.table import Table
from importers.upload.vocabulary import TOTAL_PATTERN
from importers.upload.words import with_meaning

GROUP: Final = ("block", "department", "slice")
"""What accounts share that may be summed: the block, the department, and of a long table year and kind."""

_SLICES: Final = ("kind", "year", "date")
_CASH: Final = "7"
_INVESTED: Final = "78"


def understood(table: Table, header: Header, amounts: Sequence[int]) -> pl.DataFrame:
    """Return `__row`, account, title, category, department, block, slice, flow and `role` of each row.

    `role`: "planned" and "open" (planned or actual, nobody says) by a word of the row, "heading", "rollup",
    "income", "result" (neither expenditure nor income), "repeated" (a payment whose expense stands in the
    table, too), "unknown" (nothing says which way the money went), "record".

    Args:
        table: of the file.
        header: its columns.
        amounts: positions of the amounts.
    """
    rows = table.frame.select(
        ROW,
        _first(header.kept.get("account", ())).alias("account"),
        _first(header.kept.get("title", ())).alias("title"),
        _joined(header.kept.get("category", ())).alias("category"),
        _joined(header.kept.get("department", ())).alias("department"),
        _text(header.places["flow"]).alias("word") if "flow" in header.places else _nothing("word"),
        _text(header.places["kind"]).alias("kind") if "kind" in header.places else _nothing("kind"),
        _joined([header.places[name] for name in _SLICES if name in header.places]).alias("slice"),
        pl.all_horizontal(_text(place).is_null() for place in amounts).alias("is_bare"),
        pl.coalesce(_text(place) for place in range(len(table.header))).alias("first"),
        pl.sum_horizontal(_text(place).is_not_null() for place in range(len(table.header))).alias("filled"),
    )
    is_heading = pl.col("is_bare") & (pl.col("filled") == 1) & pl.col("first").str.contains("[A-Za-z]")
    rows = rows.with_columns(is_heading=is_heading, block=is_heading.cum_sum())
    titles = pl.when("is_heading").then("first").forward_fill()
    rows = rows.with_columns(
        department=pl.coalesce("department", titles),
        code=pl.col("account").str.replace_all(r"\D", ""),
    )
    rows = with_meaning(rows, "word", "said", flow_of)
    rows = with_meaning(rows, "kind", "figures", kind_of)
    by_chart = pl.when(pl.col("word").is_null()).then(_by_chart(rows))
    rows = rows.with_columns(flow=pl.coalesce("said", by_chart))
    return _with_role(rows, header)


def chart_of(rows: pl.DataFrame) -> str | None:
    """Return the chart of accounts the codes of a table belong to; None: no known one.

    Class 3 is expenditure in Switzerland; in Germany it is a class of the balance sheet, in no budget.
    """
    classes = set(rows["code"].drop_nulls().str.head(1).unique())
    if "3" in classes:
        return "hrm"
    return "kkr" if classes & {"5", "7"} else None


def _with_role(rows: pl.DataFrame, header: Header) -> pl.DataFrame:
    code, has_expenses = pl.col("code"), rows["code"].str.starts_with("5").any()
    is_kkr = chart_of(rows) == "kkr" and "flow" not in header.places
    repeats = code.str.starts_with(_CASH) & ~code.str.starts_with(_INVESTED)
    is_repeated = repeats & pl.lit(value=bool(is_kkr and has_expenses))
    is_open = pl.col("flow").is_null()
    is_total = code.is_null() & pl.col("first").str.contains(TOTAL_PATTERN)
    role = (
        pl.when("is_heading")
        .then(pl.lit("heading"))
        .when(pl.col("filled") == 0)
        .then(pl.lit("record"))  # an empty row is said as such
        .when(pl.col("figures") == PLANNED)
        .then(pl.lit("planned"))
        .when(pl.col("figures").is_null() & pl.lit("kind" in header.places))
        .then(pl.lit("open"))
        .when(pl.col(ROW).is_in(_rollups(rows).implode()))
        .then(pl.lit("rollup"))
        .when(pl.col("flow") == "in")
        .then(pl.lit("income"))
        .when(is_repeated)
        .then(pl.lit("repeated"))
        .when(is_open & (code.str.contains("^[09]") | is_total))
        .then(pl.lit("result"))
        .when(is_open)
        .then(pl.lit("unknown"))
        .otherwise(pl.lit("record"))
    )
    return rows.with_columns(role=role)


def _rollups(rows: pl.DataFrame) -> pl.Series:
    """Return the rows whose code is the beginning of a longer one in the same block and department."""
    codes = rows.filter(pl.col("code").str.len_chars() > 0).select(ROW, *GROUP, "code")
    lengths = sorted(codes["code"].str.len_chars().unique().to_list())
    begun = [
        codes.filter(pl.col("code").str.len_chars() > length).select(*GROUP, pl.col("code").str.head(length))
        for length in lengths[:-1]
    ]
    if not begun:
        return pl.Series([], dtype=pl.Int64)
    return codes.join(pl.concat(begun).unique(), on=[*GROUP, "code"], how="semi", nulls_equal=True)[ROW]


def _by_chart(rows: pl.DataFrame) -> pl.Expr:
    name = chart_of(rows)
    if name is None:
        return pl.lit(None, dtype=pl.String)
    classes = {figure: flow for flow, figures in vocabulary()["charts"][name].items() for figure in figures}
    return pl.col("code").str.head(1).replace_strict(classes, default=None, return_dtype=pl.String)


def _text(place: int) -> pl.Expr:
    text = pl.col(str(place)).str.strip_chars()
    return pl.when(text != "").then(text)


def _first(places: Sequence[int]) -> pl.Expr:
    return pl.coalesce(_text(place) for place in places) if places else _nothing("account")


def _joined(places: Sequence[int]) -> pl.Expr:
    if not places:
        return _nothing("text")
    text = pl.concat_str([_text(place) for place in sorted(places)], separator=" ", ignore_nulls=True)
    return pl.when(text != "").then(text)


def _nothing(name: str) -> pl.Expr:
    return pl.lit(None, dtype=pl.String).alias(name)
