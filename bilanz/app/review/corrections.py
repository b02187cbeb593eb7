"""A corrected value as a file of the standard upload: everything the value says, less the quantity.

value ──► its record, or the series of its day ──► CSV, one row ──► import (archive, batch, resolution, trail)
"""

import csv
import io
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from bilanz import units
from bilanz.app.review.findings import Value
from bilanz.app.settings import Settings
from bilanz.correction import BATCH, COLUMN, DAY, KEPT, ROW, WHY
from bilanz.errors import Refused, UnitError, UsageError
from bilanz.issues import Issue, text
from bilanz.kinds import Severity
from bilanz.periods import day_start, local_day, local_iso
from bilanz.records import DocumentType, Quality
from bilanz.store.values import COUNTS

if TYPE_CHECKING:
    from bilanz.app.intake.summary import ImportSummary
    from bilanz.store.connection import Store

_FORMATS: Final = "bilanz: formats;quantity=1,234.5;cost_net=1,234.5"
_SAME: Final = ("organisation", "site", "source", "activity", "product_group", "role", "basis")
_BESIDE: Final = ("cost_net", "currency", "document", "counterparty")
_SMALLEST: Final = Decimal("0.000001")
_LARGEST: Final = Decimal(10) ** 13
_KINDS: Final = frozenset({DocumentType.INSTALMENT, DocumentType.CREDIT})
"""Documents that say how their quantity counts; every other correction is called one."""


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a value should be. `reason`: why it is changed."""

    quantity: Decimal
    unit: str
    reason: str


def write(settings: Settings, value: Value, corrected: Corrected) -> "ImportSummary":
    """Import the correction of a value; it takes the place of this value and of no other.

    Raises:
        Refused: the value does not count, it is no quantity with an activity, or the import refuses the row.
        UsageError: there is no reason, or the unit measures something else.
        UnitError: the unit is not known.
    """
    from bilanz.app.intake.ingest import import_file
    from bilanz.app.intake.summary import ImportSummary
    from importers.correction import Correction

    check(value, corrected)
    content = written(_told(settings, value), value, corrected)
    with TemporaryDirectory(prefix="bilanz-") as folder:
        path = Path(folder) / _name(value)
        path.write_text(content, encoding="utf-8")
        found: Any = None
        for dry_run in (True, False):  # first only looked at: a row that is rejected must leave no batch
            found = import_file(
                path,
                organisation=value.organisation,
                settings=settings,
                importer=Correction.name,
                zone=value.zone,
                on_overlap="replace",
                reason=corrected.reason,
                dry_run=dry_run,
            )
            if not isinstance(found, ImportSummary) or found.rejected or found.accepted != 1:
                raise Refused("The correction was not taken: {why}", why=_why(found, settings))
    return found  # type: ignore[no-any-return] # checked in the loop


def check(value: Value, corrected: Corrected) -> None:
    """Raise where a value cannot be corrected so; see `write`."""
    if not corrected.reason.strip():
        raise UsageError("State why the value is changed.")
    if value.state != COUNTS:
        raise Refused("The value does not count any more: somebody decided on it before.")
    if not value.is_known or value.activity is None or value.quality == Quality.SPEND or value.unit is None:
        message = (
            "Only quantities of a known activity can be corrected here. Exclude the value, then import it."
        )
        raise Refused(message)
    stated = units.find(corrected.unit)
    if stated is None:
        near = ", ".join(units.near(corrected.unit)) or "–"
        raise UnitError('The unit "{name}" is not known. Similar: {near}.', name=corrected.unit, near=near)
    if units.dimension(stated.unit) != units.dimension(value.unit):
        message = 'The value is stated in {unit}; "{name}" measures something else.'
        raise UsageError(message, unit=value.unit, name=corrected.unit)


def written(told: dict[str, Any], value: Value, corrected: Corrected) -> str:
    """Return the file: mark, formats, header, one row. The same correction gives the same bytes.

    `told`: the columns of the record, or of the series of the day.
    """
    from importers.correction import DIRECTION, MARK, PREFIX

    kept = told.get("document_type")
    row: dict[str, Any] = {name: told.get(name) for name in _SAME}
    row |= {"start": _bound(value, value.part.start), "end": _bound(value, value.part.end, is_end=True)}
    row |= {"quantity": f"{corrected.quantity:f}", "unit": corrected.unit}
    row |= {name: told.get(name) for name in _BESIDE}
    row["quality"] = told.get("quality") or Quality.MEASURED.value
    row["document_type"] = kept if kept in _KINDS else DocumentType.CORRECTION.value
    row["note"] = corrected.reason
    own: dict[str, Any] = json.loads(told.get("attributes") or "{}")
    own = {name: text for name, text in own.items() if name not in KEPT}
    own |= {BATCH: value.batch, DIRECTION: told["direction"], WHY: corrected.reason}
    own |= {DAY: f"{value.day}"} if value.record is None else {ROW: value.row, COLUMN: value.column}
    row |= {f"{PREFIX}{name}": content for name, content in own.items()}
    shown = {name: content for name, content in row.items() if content not in {None, ""}}
    buffer = io.StringIO()
    buffer.write(f"{MARK};1\n{_FORMATS}\n")
    writer = csv.writer(buffer, delimiter=";", lineterminator="\n")
    writer.writerow(shown)
    writer.writerow(shown.values())
    return buffer.getvalue()


def _bound(value: Value, instant: datetime, *, is_end: bool = False) -> str:
    """Return a bound as its day where the value covers whole days (the last included), else to the second."""
    part = value.part
    days = [local_day(value.zone, one) for one in (part.start, part.end)]
    if [day_start(value.zone, day) for day in days] != [part.start, part.end] or days[0] == days[1]:
        return local_iso(value.zone, instant)
    return f"{days[1] - timedelta(days=1) if is_end else days[0]}"


def _told(settings: Settings, value: Value) -> dict[str, Any]:
    """Return what the store holds of a value, by column of the activity table.

    Raises:
        Refused: the row and column of the file hold more than this value.
    """
    from bilanz.app.balances import ledger

    with ledger(settings) as data:
        if value.record is not None:
            return _record(data.store, value)
        query = """SELECT organisation, source, activity, direction, basis, unit FROM series
            WHERE series_key = ?"""
        return _row(data.store, query, [value.series])


def _record(store: "Store", value: Value) -> dict[str, Any]:
    told = _row(store, "SELECT * FROM activity WHERE record_id = ?", [value.record])
    query = """SELECT count(*) FROM activity a JOIN batch b USING (batch_key)
        WHERE b.batch = ? AND a.source_row = ? AND coalesce(a."column", '') = ?"""
    ((count,),) = store.rows(query, [value.batch, value.row, value.column or ""])
    if count != 1:
        raise Refused("The row of the file holds several values. Exclude this one, then import it again.")
    return told


def _row(store: "Store", query: str, parameters: list[object]) -> dict[str, Any]:
    return store.frame(query, parameters).row(0, named=True)


def _name(value: Value) -> str:
    """Return the name of the file: what it corrects, in signs that every system takes."""
    place = f"{value.day}" if value.record is None else f"row-{value.row}"
    return f"correction-{value.batch}-{place}.csv"


def _why(found: "ImportSummary", settings: Settings) -> str:
    """Return the first error of an import in words."""
    errors = found.issues.filter(found.issues["severity"] == Severity.ERROR.value)
    if errors.is_empty():
        return "–"
    row = errors.row(0, named=True)
    issue = Issue(
        row["code"], row["source_row"], row["column"], row["value"], json.loads(row["parameters"] or "{}")
    )
    return text(issue, settings.lang, file=found.file)


def quantity_of(written_: str, settings: Settings) -> Decimal:
    """Return a number as somebody writes it in their language: 1.234,5 or 1,234.5.

    Raises:
        UsageError: it is none, or has more digits than are kept.
    """
    from babel.numbers import NumberFormatError, parse_decimal

    try:
        found: Decimal = parse_decimal(written_.strip(), locale=settings.lang, strict=True)
        kept = found.quantize(_SMALLEST)
    except (NumberFormatError, InvalidOperation):
        raise UsageError('"{value}" is not a number.', value=written_.strip()) from None
    if found.is_nan():
        raise UsageError('"{value}" is not a number.', value=written_.strip())
    if kept != found or abs(found) >= _LARGEST:
        raise UsageError('"{value}" has more digits than are kept: 13 before and 6 behind.', value=written_)
    return found
