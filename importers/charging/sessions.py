"""Charging sessions → activity records, whether they come from a table or from messages.

    blank energy (an aborted session)      ignored
    zero                                   counted: 0 is a quantity
    end before start                       rejected; where day and month stand exchanged, mended and said
    the same session again                 rejected, the first counts
    more than the connector gives          imported, pointed out

The source is the charge point. Who charged is not kept.
"""

from datetime import datetime
from typing import Final

import polars as pl

from bilanz.issues import Issue
from bilanz.records import Direction, DocumentType, Quality
from importers.base import ControlSum, ImportRequest, ImportResult
from importers.charging import exchanged, moments
from importers.charging.fields import unit_of
from importers.fuel import lines
from importers.upload.columns import Columns
from importers.upload.findings import ROW
from importers.upload.quantities import total
from importers.upload.records import activity_records, json_object
from importers.upload.spans import shown_period

ACTIVITY: Final = "electricity_traction"
UTC: Final = "UTC"
"""Zone of files whose times carry their own."""

_BARE: Final = r"^\W*(?:\w{1,2}|\d+)$"  # 1, 2, A, #1: of no charge point but within its station
_WATTS: Final = r"(?i)(\d{1,4}(?:[.,]\d{1,3})?)\s*kW\b"
_STRONGEST: Final = 1000.0
"""Charging points for lorries give up to 1 MW; none gives more, in kW."""

_MARGIN: Final = 1.25
_ROUNDED_MINUTES: Final = 2  # start and end may each be cut to the minute
_PER_KWH: Final = {"Wh": 0.001, "kWh": 1.0, "MWh": 1000.0}


def read(rows: pl.DataFrame, columns: Columns, request: ImportRequest) -> pl.DataFrame:
    """Return all sessions that state an energy, with what they mean.

    Args:
        rows: `__row`, the texts of `fields.NAMES`, `__cells` (all of a row as one text), where sessions may
            be credits `is_credit`.
        columns: reads and names them; takes the findings.
        request: unit, source and period of the caller.
    """
    findings = columns.findings
    blank = pl.col("quantity").is_null()
    findings.flag(rows.filter(blank), "blank", columns.title("quantity"))
    rows = exchanged.put_right(moments.with_texts(rows.filter(~blank)), columns)
    rows = moments.with_period(rows, columns)
    rows = _with_energy(rows, columns, request)
    rows = lines.with_price(rows, "cost_net").with_columns(activity_code=pl.lit(ACTIVITY))
    rows = lines.with_currency(columns.number(rows, "cost_net"), columns)
    rows = _with_source(rows, request)
    _refuse(rows, columns, request.period)
    _remark(findings.without_rejected(rows), columns, request)
    return rows


def result(
    rows: pl.DataFrame, columns: Columns, *, read: int, rejected: int = 0, is_billed: bool = False
) -> ImportResult:
    """Return the import of sessions.

    Args:
        rows: what `read` returned.
        columns: the same.
        read: sessions met in the file.
        rejected: sessions rejected before `rows` came to be.
        is_billed: the energy is that of a bill.
    """
    accepted = columns.findings.without_rejected(rows)
    lost = rows.height - accepted.height + rejected
    return ImportResult(
        read=read,
        rejected=lost,
        ignored=read - accepted.height - lost,
        activities=_records(accepted, columns, Quality.BILLED if is_billed else Quality.MEASURED),
        issues=columns.findings.frame(),
        control_sums=(
            *_sums(accepted, columns.title("quantity"), "unit_text", "signed"),
            *_sums(accepted, columns.title("cost_net"), "cost_currency", "cost"),
        ),
    )


def _with_energy(rows: pl.DataFrame, columns: Columns, request: ImportRequest) -> pl.DataFrame:
    """Return the rows with `quantity_value`, `signed` (credits take back), `unit_text`, `unit_code`."""
    stated = columns.match.brackets.get("quantity") or unit_of(columns.title("quantity"))
    rows = columns.number(rows, "quantity").with_columns(
        pl.coalesce("unit", pl.lit(stated, dtype=pl.String)).alias("unit"),
        activity_code=pl.lit(ACTIVITY),
    )
    rows = lines.with_unit(rows, columns, request)
    credit = pl.col("is_credit") if "is_credit" in rows.columns else pl.lit(value=False)
    value = pl.col("quantity_value")
    return rows.with_columns(
        signed=pl.when(credit).then(-value.abs()).otherwise(value).cast(value_type(rows)),
        document_type_code=pl.when(credit).then(pl.lit(str(DocumentType.CREDIT))),
    )


def value_type(rows: pl.DataFrame) -> pl.DataType:
    """Return the type of the quantities."""
    return rows.schema["quantity_value"]


def _with_source(rows: pl.DataFrame, request: ImportRequest) -> pl.DataFrame:
    """Return the rows with the charge point; a bare number of one is told with its station."""
    point, station = pl.col("charge_point"), pl.col("station")
    is_number = point.str.contains(_BARE)
    both = pl.when(is_number & (station != point)).then(pl.concat_str(station, point, separator=" "))
    given = pl.lit(request.source, dtype=pl.String)
    return rows.with_columns(source=pl.coalesce(both, point, station, given))


def _refuse(rows: pl.DataFrame, columns: Columns, period: tuple[datetime, datetime] | None) -> None:
    findings, start = columns.findings, pl.col("start")
    findings.flag(rows.filter(start.is_null()), "missing_value", columns.title("start"))
    negative = rows.filter((pl.col("quantity_value") < 0) & pl.col("document_type_code").is_null())
    findings.flag(negative, "negative_quantity", columns.title("quantity"), pl.col("quantity"))
    backwards = rows.filter(pl.col("until") < pl.col("begin"))
    both = pl.format("{} – {}", start, pl.coalesce("end", "duration", pl.lit("–")))
    findings.flag(backwards, "end_before_start", columns.title("end"), both)
    _refuse_doubles(rows, columns)
    if period is not None:
        first, last = (moment.replace(tzinfo=None) for moment in period)
        outside = rows.filter((pl.col("begin") < first) | (pl.col("begin") >= last))
        expected = shown_period(period, columns.zone)
        findings.flag(outside, "outside_period", columns.title("start"), start, expected=expected)


def _refuse_doubles(rows: pl.DataFrame, columns: Columns) -> None:
    """Refuse a session that is there twice: the same number and start, or the same in every cell."""
    numbered = pl.col("session").is_not_null()
    key = ["session", "charge_point", "station", "start", "document_type_code"]
    for part, same in ((rows.filter(numbered), key), (rows.filter(~numbered), ["__cells"])):
        first = part.with_columns(first=pl.col(ROW).min().over(same))
        doubled = first.filter(pl.col("first") != pl.col(ROW))
        title, first_row = columns.title("start"), pl.col("first")
        columns.findings.flag(doubled, "duplicate_row", title, pl.col("start"), first=first_row)


def _remark(rows: pl.DataFrame, columns: Columns, request: ImportRequest) -> None:
    """Say of accepted sessions what is implausible or not stated."""
    endless = rows.filter(pl.col("until").is_null())
    columns.findings.flag(endless, "session_end_missing", columns.title("end"), pl.col("start"))
    _remark_power(rows, columns)
    lines.remark_cost(rows, columns)
    if rows.height and request.zone is None and columns.zone != UTC:
        columns.findings.add(Issue("zone_assumed", parameters={"zone": columns.zone}))


def _remark_power(rows: pl.DataFrame, columns: Columns) -> None:
    """Flag sessions with more energy than their connector gives in their time."""
    named = pl.coalesce(
        pl.col(name).str.extract(_WATTS, 1).str.replace(",", ".", literal=True).cast(pl.Float64)
        for name in ("power", "model")
    )
    least = (pl.col("until") - pl.col("begin")).dt.total_seconds() / 3600 + _ROUNDED_MINUTES / 60
    factor = pl.col("unit_code").replace_strict(_PER_KWH, default=None, return_dtype=pl.Float64)
    power = pl.col("quantity_value").cast(pl.Float64).abs() * factor / least
    rows = rows.with_columns(most=named.fill_null(_STRONGEST), reached=power)
    above = rows.filter((pl.col("reached") > pl.col("most") * _MARGIN) & pl.col("until").is_not_null())
    reason = pl.format(
        "{} kW > {} kW", pl.col("reached").ceil().cast(pl.Int64), pl.col("most").round().cast(pl.Int64)
    )
    columns.findings.flag(
        above, "suspect_value", columns.title("quantity"), pl.col("quantity"), reason=reason
    )


def _records(rows: pl.DataFrame, columns: Columns, quality: Quality) -> pl.DataFrame:
    """Return accepted sessions in the shape of the store."""
    kept = {name: pl.col(name) for name in ("connector", "model", "power", "cost_gross")}
    kept |= {"cost_net": pl.col("cost_lost"), "currency": pl.col("gross_currency")}
    begin = pl.col("begin")
    given = {
        "column": pl.lit(columns.title("quantity")),
        "site": pl.col("site"),
        "source": pl.col("source"),
        "activity": pl.col("activity_code"),
        "direction": pl.lit(str(Direction.CONSUMPTION)),
        "start": begin,
        "end": moments.at_least_a_minute(pl.col("until"), begin),
        "quantity": pl.col("signed"),
        "unit": pl.col("unit_code"),
        "basis": pl.lit("none"),
        "original_quantity": pl.col("quantity"),
        "original_unit": pl.col("unit_text"),
        "cost_net": pl.col("cost"),
        "currency": pl.col("cost_currency"),
        "quality": pl.lit(str(quality)),
        "document_type": pl.col("document_type_code"),
        "document": pl.coalesce("session", _unnumbered()),
        "attributes": json_object(kept),
    }
    return activity_records(rows, given)


def _unnumbered() -> pl.Expr:
    """Return what tells sessions without a number apart: two connectors of one point charge at a time."""
    moment = pl.col("begin").dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    return pl.concat_str(moment, pl.col("connector"), separator="/", ignore_nulls=True)


def _sums(rows: pl.DataFrame, title: str, unit: str, value: str) -> list[ControlSum]:
    stated = rows.filter(pl.col(value).is_not_null())
    return [
        ControlSum(title, str(name or ""), total(group[value]), group.height)
        for (name,), group in stated.group_by(unit, maintain_order=True)
    ]
