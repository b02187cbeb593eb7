"""From a slice of a year back to the files: the rows and readings it is made of, as facts and as sentences.

Of a file that holds data of an organisation whoever asks may not read, name, row and share are told; what the
row says is not: what a tenant used is taken off the landlord's figure, the tenant's bill is the tenant's.
"""

import json
from collections.abc import Collection
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from bilanz.app.explaining.amounts import exact, plain
from bilanz.app.upload.view import holders_in
from bilanz.issues import Issue
from bilanz.issues import text as issue_text
from bilanz.messages import Language, translate
from bilanz.periods import day_start
from bilanz.store.connection import Store
from reports import states

_RECORDS_SHOWN: Final = 20

_PLACE: Final = """
SELECT organisation, source, activity, direction, product_group FROM engine_segment WHERE segment = ?
"""

_RECORDS: Final = """
SELECT b.batch, b.file, b.sha256, a.source_row, a."column", a.original_quantity, a.original_unit, a.document,
    a."start", a."end", a.quantity, a.unit, a.document_type, a.batch_key, a.attributes,
    CAST(CAST(SUM(s.micro) AS DECIMAL(31, 0)) * CAST(0.000001 AS DECIMAL(7, 6)) AS DECIMAL(25, 6)) AS share,
    CAST(SUM(s.days) AS BIGINT) AS days
FROM engine_share s
JOIN engine_segment g ON g.segment = s.segment
JOIN activity a ON a.record_id = s.record_id
JOIN batch b ON b.batch_key = a.batch_key
WHERE g.organisation = ? AND g.source = ? AND g.activity IS NOT DISTINCT FROM ? AND s.month = ? AND g.unit = ?
    AND g.basis = ? AND g.direction = ? AND g.product_group = ?
GROUP BY b.batch, b.file, b.sha256, a.source_row, a."column", a.original_quantity, a.original_unit,
    a.document, a."start", a."end", a.quantity, a.unit, a.document_type, a.batch_key, a.attributes
ORDER BY b.file, a.source_row, a."column"
"""

_READINGS: Final = """
SELECT DISTINCT b.batch, b.file, b.sha256, x.series, g.series_key, t.zone
FROM engine_segment g
JOIN batch_series x ON x.series_key = g.series_key
JOIN batch b ON b.batch_key = x.batch_key AND b.state = 'committed'
JOIN series t ON t.series_key = g.series_key
WHERE g.organisation = ? AND g.source = ? AND g.activity IS NOT DISTINCT FROM ? AND g.unit = ? AND g.basis = ?
    AND g.direction = ?
ORDER BY b.file, x.series
"""

_ROWS_OF_READINGS: Final = """
SELECT COUNT(*), MIN(source_row), MAX(source_row) FROM read_parquet(?)
WHERE series = ? AND "start" >= ? AND "start" < ?
"""

_ISSUES: Final = """
SELECT code, "column", "value", parameters FROM issue
WHERE batch_key = ? AND source_row = ? ORDER BY code, "column"
"""


def origin(
    store: Store, row: dict[str, Any], language: Language, readers: Collection[str] | None
) -> list[dict[str, Any]]:
    """Return the rows of files a slice is made of: records, and ranges of readings; of a part what it is.

    `readers`: organisations whose files are told in full; None: all.
    """
    ((*place, direction, group),) = store.rows(_PLACE, [row["origin"]])
    measure = [row["unit"], row["basis"], direction]
    records = store.frame(_RECORDS, [*place, row["month"], *measure, group])
    shown = records.head(_RECORDS_SHOWN).iter_rows(named=True)
    told = [_record(store, record, language) for record in shown]
    if records.height > _RECORDS_SHOWN:
        told.append({"left_off": records.height - _RECORDS_SHOWN})
    told += _readings(store, row, [*place, *measure])
    return told if readers is None else _readable(store, told, set(readers))


def _readable(store: Store, told: list[dict[str, Any]], readers: set[str]) -> list[dict[str, Any]]:
    """Return entries, those of files that may not be read without what the rows say."""
    held = holders_in(store, {entry["batch"] for entry in told if "batch" in entry})
    return [
        entry if "batch" not in entry or held[entry["batch"]] <= readers else _withheld(entry)
        for entry in told
    ]


_TOLD: Final = frozenset(
    {"file", "row", "column", "share", "days", "unit", "readings", "first_row", "last_row"}
)
"""What is told of rows of a file that may not be read."""


def _withheld(entry: dict[str, Any]) -> dict[str, Any]:
    told = {name: value if name in _TOLD else None for name, value in entry.items()}
    return told | {name: [] for name in ("issues", "findings") if name in entry}


def _record(store: Store, record: dict[str, Any], language: Language) -> dict[str, Any]:
    row, file = record["source_row"], record["file"]
    issues = store.rows(_ISSUES, [record["batch_key"], row])
    found = [
        Issue(code, row, column, value, json.loads(parameters or "{}"))
        for code, column, value, parameters in issues
    ]
    return {
        "file": record["file"],
        "sha256": record["sha256"],
        "batch": record["batch"],
        "row": record["source_row"],
        "column": record["column"],
        "document": record["document"],
        "original": f"{record['original_quantity'] or ''} {record['original_unit'] or ''}".strip(),
        "quantity": plain(record["quantity"]),
        "unit": record["unit"],
        "period": f"{record['start'].isoformat()}Z/{record['end'].isoformat()}Z",
        "share": plain(record["share"]),
        "days": record["days"],
        "estimated": _estimated(record["attributes"]),
        "issues": [issue.code for issue in found],
        "findings": [issue_text(issue, language, file=file) for issue in found],
    }


def _estimated(attributes: str | None) -> dict[str, str] | None:
    """Return method, reference and formula of an estimate made by `bilanz fill`; None: it is none."""
    told = json.loads(attributes or "{}")
    return {name: told[name] for name in ("method", "reference", "formula")} if "formula" in told else None


def _readings(store: Store, row: dict[str, Any], values: list[object]) -> list[dict[str, Any]]:
    """Return file and row range of the readings of the month; the Parquet file is asked, not the memory."""
    month: date = row["month"]
    following = (month + timedelta(days=32)).replace(day=1)
    told = []
    for batch, file, sha256, series, _key, zone in store.rows(_READINGS, values):
        path = store.readings_file(batch)
        if not Path(path).exists():
            continue
        bounds = [day_start(zone, month), day_start(zone, following)]
        count, first, last = store.rows(_ROWS_OF_READINGS, [str(path), series, *bounds])[0]
        if count:
            told.append(
                {
                    "file": file,
                    "sha256": sha256,
                    "batch": batch,
                    "parquet": path.name,
                    "readings": count,
                    "first_row": first,
                    "last_row": last,
                }
            )
    return told


def sentences(entries: list[dict[str, Any]], language: Language) -> list[str]:
    """Return where a quantity stands in the files, as sentences."""
    told: list[str] = []
    for entry in entries:
        if "row" in entry:
            told += [_of_record(entry, language), *_of_estimate(entry, language), *entry["findings"]]
        elif "parquet" in entry:
            message = "{file}, rows {first_row} to {last_row}: {readings} readings ({parquet})"
            if entry["parquet"] is None:
                message = "{file}, rows {first_row} to {last_row}: {readings} readings of others"
            told.append(translate(message, language, **entry))
        else:
            told.append(translate("and {left_off} more records", language, **entry))
    return told


def _of_estimate(entry: dict[str, Any], language: Language) -> list[str]:
    """Return what an estimate rests on; nothing where it is none."""
    found = entry["estimated"]
    if found is None:
        return []
    how = states.method(found["method"], language)
    message = "Estimated from {how} ({reference}): {formula}"
    return [translate(message, language, how=how, reference=found["reference"], formula=found["formula"])]


def _of_record(entry: dict[str, Any], language: Language) -> str:
    where = [entry["file"], translate("row {row}", language, row=entry["row"])]
    if entry["column"]:
        where.append(translate('column "{column}"', language, column=entry["column"]))
    if entry["batch"] is None:
        message = "{where}: a row of another organisation; of it {share} {unit} in the month (days: {days})"
        return translate(
            message,
            language,
            where=", ".join(where),
            share=exact(entry["share"], language),
            unit=entry["unit"],
            days=entry["days"],
        )
    return translate(
        "{where}: {original}; of this {share} {unit} in the month (days: {days})",
        language,
        where=", ".join(where),
        original=entry["original"] or f"{exact(entry['quantity'], language)} {entry['unit']}",
        share=exact(entry["share"], language),
        unit=entry["unit"],
        days=entry["days"],
    )
