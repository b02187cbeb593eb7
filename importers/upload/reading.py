"""Named rows of texts → records: what every table of records shares once its columns have names.

    rows (`__row` and one String column per field of `upload.fields`) ──► read_rows ──► result

A table of another layout is brought into these rows first (`importers.tables`).
"""

from collections.abc import Callable
from typing import Final

import polars as pl

from bilanz.issues import Issue
from importers.base import ImportRequest, ImportResult
from importers.upload import gas, quantities, sorting, spans
from importers.upload.columns import Columns
from importers.upload.fields import UPLOAD_FIELDS
from importers.upload.records import activity_records, json_object, with_direction
from importers.upload.sums import control_sums
from importers.upload.words import Words, assume_quality, remark_words

NAMES: Final = tuple(field.name for field in UPLOAD_FIELDS)
_KEPT: Final = (
    "meter_id", "opening_reading", "closing_reading", "multiplier", "stock_before", "stock_after", "cpv",
    "account", "note", *gas.PARAMETERS,
)  # fmt: skip
MORE: Final = ("category", "department", "cost_code", "contract")
"""Texts beyond the fields of the upload that tables may have and records keep."""

Instants = Callable[[pl.DataFrame, Columns], pl.DataFrame]
"""Adds `start_utc` and `end_utc` to rows with the texts `start` and `end`; flags what cannot be read."""


def stated_instants(rows: pl.DataFrame, columns: Columns) -> pl.DataFrame:
    """Read the columns start and end; a day as end is included."""
    rows = columns.instant(rows, "start", beside="end")
    rows = columns.instant(rows, "end", beside="start")
    return columns.without_midnights(rows, "start", "end").with_columns(end_utc="end_close")


def read_rows(
    rows: pl.DataFrame,
    columns: Columns,
    request: ImportRequest,
    instants: Instants = stated_instants,
    *,
    are_events: bool = False,
) -> pl.DataFrame:
    """Return all rows that state a quantity, with what they mean; the issues stand in the findings.

    Args:
        rows: the texts under the names of the fields, and `__first_text` (`sorting.with_first_text`).
        columns: formats, titles and findings of the file.
        request: what the caller states.
        instants: how the period of a row is read.
        are_events: several rows of one source may lie on one day, so that none is taken for another.
    """
    rows = sorting.split_examples(sorting.split_empty(rows, columns.findings), columns)
    rows, totals = sorting.split_totals(columns.number(rows, "quantity"), "start", columns.findings)
    sorting.compare_totals(rows, totals, columns)
    words = Words(columns, request)
    rows = quantities.split_blank(words.with_activity(rows), columns)
    for name in quantities.NUMBERS[1:]:
        rows = columns.number(rows, name)
    rows = words.read(instants(rows, columns))
    for title in dict.fromkeys((columns.title("start"), columns.title("end"))):
        name = "start" if title == columns.title("start") else "end"
        columns.findings.flag(rows.filter(pl.col(name).is_null()), "missing_value", title)
    spans.check_bounds(rows, columns, request.period)
    rows = quantities.derive(rows)
    rows = quantities.read_cost(rows, columns)
    rows = gas.to_energy(quantities.spend_in_currency(rows), columns)
    rows = with_direction(assume_quality(rows))
    quantities.refuse_amounts(rows, columns)
    if request.source is not None:
        rows = rows.with_columns(source=pl.col("source").fill_null(request.source))
    if not are_events:
        spans.check_overlaps(rows, columns)
    accepted = columns.findings.without_rejected(rows)
    spans.remark_periods(accepted, columns)
    remark_words(accepted, columns)
    quantities.remark_quantities(accepted, columns)
    gas.remark_parameters(accepted, columns)
    quantities.remark_cost(accepted, columns)
    if rows.height and request.zone is None:
        columns.findings.add(Issue("zone_assumed", parameters={"zone": columns.zone}))
    return rows


def _records(rows: pl.DataFrame, columns: Columns) -> pl.DataFrame:
    """Return accepted rows in the shape of the store."""
    kept: dict[str, pl.Expr] = {name: pl.col(name) for name in (*_KEPT, *MORE) if name in rows.columns}
    kept |= {"delivered": pl.col("delivered"), "cost_net": pl.col("cost_lost")}
    by_reading = pl.col("quantity").is_null() & pl.col("from_readings").is_not_null()
    title = (
        pl.when("billed_energy")
        .then(pl.lit(columns.title("calorific_value")))
        .when(by_reading)
        .then(pl.lit(columns.title("closing_reading")))
        .when(pl.col("quantity").is_null())
        .then(pl.lit(columns.title("cost_net")))
        .otherwise(pl.lit(columns.title("quantity")))
    )
    same = ("organisation", "site", "source", "product_group", "document", "counterparty", "direction")
    given = {name: pl.col(name) for name in same}
    given |= {
        "column": title,
        "activity": pl.col("activity_code"),
        "role": pl.col("role_code"),
        "start": pl.col("start_utc"),
        "end": pl.col("end_utc"),
        "quantity": pl.col("amount"),
        "unit": pl.col("unit_code"),
        "basis": pl.col("basis_code"),
        "original_quantity": pl.col("quantity"),
        "original_unit": pl.col("unit_text"),
        "cost_net": pl.col("cost"),
        "currency": pl.col("cost_currency"),
        "quality": pl.col("quality_code"),
        "document_type": pl.col("document_type_code"),
        "attributes": json_object(kept),
    }
    return activity_records(rows, given)


def result(rows: pl.DataFrame, n_rows: int, columns: Columns, n_ragged: int) -> ImportResult:
    """Return the import of rows read by `read_rows` out of so many named rows and ragged ones."""
    accepted = columns.findings.without_rejected(rows)
    rejected = rows.height - accepted.height
    return ImportResult(
        read=n_rows + n_ragged,
        rejected=rejected + n_ragged,
        ignored=n_rows - rows.height,
        activities=_records(accepted, columns),
        issues=columns.findings.frame(),
        control_sums=control_sums(accepted, columns),
    )
