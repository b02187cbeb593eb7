"""Values with their own instants → an import: what messages (EDIFACT, XML, JSON) and wide tables share.

reader of one format ──► points (series, begin in UTC, length, quantity, status, row)
                    ──► one `Facts` per series: whose, of what, which way, in which unit
                                  │ deliver
                                  ▼
  of two series of the same times one counts
  power becomes energy by the length · repeats rejected · gaps named · values of a day and more are records
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import polars as pl

from bilanz import units
from bilanz.issues import Issue
from bilanz.records import INSTANT, QUANTITY, Basis, Direction
from importers.base import ImportRequest, ImportResult, Workspace
from importers.columns import numbers
from importers.interval.findings import ROW, Findings
from importers.interval.finish import Column, Finisher
from importers.interval.grid import Clock
from importers.interval.layout import Group, Value
from importers.interval.outcome import Outcome
from importers.interval.reading import write
from importers.interval.rivals import without_rivals
from importers.interval.series import Identity

POINT_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "series": pl.Int32,  # index into the facts
    "start": INSTANT,  # UTC
    "minutes": pl.Int32,  # length of the interval
    "quantity": QUANTITY,  # in the unit of the facts; power stays power
    "status": pl.Int8,  # STATUS_*
    ROW: pl.Int64,  # 1-based physical line; of a format without lines the number of the value
}

_POINT: Final = numbers.NumberFormat(".")


@dataclass(frozen=True, slots=True)
class Facts:
    """One series as far as its message tells.

    Attributes:
        source: metering point; None: none is named.
        title: what issues call the column or element of the values.
        unit: canonical code, power or energy or volume; None: none is stated, the request may add it.
        refused: why the series is not taken: issue code, value, parameters.
        direction: None: not stated; consumption is taken, and said.
    """

    source: str | None
    title: str
    unit: str | None
    activity: str | None = None
    direction: Direction | None = None
    basis: str | None = None
    refused: tuple[str, str | None, Mapping[str, str]] | None = None


@dataclass(slots=True)
class _Built:
    """Facts as the finisher knows them."""

    identities: dict[int, Identity] = field(default_factory=dict)
    columns: dict[tuple[int, int], Column] = field(default_factory=dict)
    of_title: dict[str, list[int]] = field(default_factory=dict)


def unit_facts(text: str | None) -> tuple[str | None, tuple[str, str | None, Mapping[str, str]] | None]:
    """Return (canonical unit, refusal) of a unit as a message writes it."""
    if text is None or not text.strip():
        return None, None
    found = units.find(text)
    if found is None:
        reason = units.refusal(text)
        if reason is not None:
            return None, ("refused_unit", text, {"reason": reason})
        return None, ("unknown_unit", text, {"near": ", ".join(units.near(text)) or "–"})
    if units.dimension(found.unit) not in {"energy", "power", "volume", "norm_volume"}:
        return None, ("refused_unit", text, {"reason": "not a quantity of energy or volume"})
    return found.unit, None


def with_quantities(
    rows: pl.DataFrame, column: str, title: str, findings: Findings, fmt: numbers.NumberFormat = _POINT
) -> pl.DataFrame:
    """Return the rows with `quantity` read from a column of texts; a blank is ignored, no number rejected.

    Args:
        rows: with `__row` and the text column.
        column: its name.
        title: what issues call it.
        findings: takes issues and counts.
        fmt: how numbers are written; formats for machines have one way.
    """
    text = pl.col(column)
    rows = rows.with_columns(quantity=numbers.to_decimal(text, fmt))
    missing = pl.col("quantity").is_null()
    if rows["quantity"].null_count():
        is_blank = numbers.is_blank(text)
        findings.ignore(rows.filter(missing & is_blank).select(ROW), "blank", title)
        wrong = rows.filter(missing & ~is_blank).select(ROW, text.alias("value"))
        findings.reject(wrong, "not_a_number", title, expected=fmt.label)
        rows = rows.filter(~missing)
    changes = rows.select(numbers.excess(text, fmt).alias("x"))["x"].drop_nulls()
    if changes.len():
        parameters = {"count": str(changes.len()), "difference": f"{changes.sum():f}"}
        findings.add(Issue("rounded", column=title, parameters=parameters))
    return rows


def deliver(
    points: pl.DataFrame,
    facts: Sequence[Facts],
    *,
    read: int,
    civil: str,
    request: ImportRequest,
    workspace: Workspace,
    findings: Findings,
    latest_delivery: bool = False,
) -> ImportResult:
    """Return the import of the values of a file.

    Args:
        points: `POINT_SCHEMA`, in the order of the file.
        facts: by number of the series.
        read: values met in the file, those already rejected or ignored in `findings` included.
        civil: IANA zone whose days count.
        request: lends unit, activity, basis and source where the file states none.
        workspace: where the readings are written.
        findings: issues and counts so far.
        latest_delivery: see `ImportResult`.
    """
    built = _build(facts, civil, request)
    finisher = Finisher(built.identities, request, findings, is_stated=True)
    cells = without_rivals(points, built.identities, findings).rename({"start": "local", "minutes": "length"})
    path = workspace.directory / "readings.parquet"
    frames = [_finished(finisher, cells, built, title) for title in built.of_title]
    whole = pl.concat(frames).sort("series", "start") if frames else None
    accepted = write(iter([whole] if whole is not None and whole.height else []), path)
    outcome = Outcome(built.identities, built.columns, finisher.done, request, findings, is_stated=True)
    table, records = outcome.series(), outcome.records(Path(path))
    outcome.conclude([])
    return ImportResult(
        read=read,
        rejected=findings.rejected,
        ignored=findings.ignored,
        activities=records,
        series=table,
        readings=path if accepted else None,
        readings_accepted=accepted,
        issues=findings.frame(),
        control_sums=outcome.control_sums(),
        latest_delivery=latest_delivery,
    )


def _build(facts: Sequence[Facts], civil: str, request: ImportRequest) -> _Built:
    """Return identities and one column per title."""
    built = _Built()
    for number, one in enumerate(facts):
        place = len(built.of_title)
        if one.title not in built.of_title:
            value = Value(place, one.title, one.unit)
            group = Group((), (), "begin", (value,), ())
            built.columns[0, place] = Column(group, value, Clock(None, civil), one.title, "begin")
        built.of_title.setdefault(one.title, []).append(number)
        column = next(column for column in built.columns.values() if column.value.title == one.title)
        built.identities[number] = _identity(one, column.value, request)
    return built


def _identity(facts: Facts, value: Value, request: ImportRequest) -> Identity:
    unit = facts.unit or (None if facts.refused else request.unit)
    refusal = facts.refused or (None if unit else ("missing_unit", None, {}))
    return Identity(
        source=facts.source,
        activity=facts.activity or request.activity,
        direction=facts.direction or Direction.CONSUMPTION,
        unit=unit,
        basis=facts.basis or request.basis or Basis.NONE.value,
        value=value,
        refusal=refusal,
        is_direction_assumed=facts.direction is None,
    )


def _finished(finisher: Finisher, cells: pl.DataFrame, built: _Built, title: str) -> pl.DataFrame:
    numbers_ = built.of_title[title]
    column = next(column for column in built.columns.values() if column.value.title == title)
    return finisher.finish(cells.filter(pl.col("series").is_in(numbers_)), column)
