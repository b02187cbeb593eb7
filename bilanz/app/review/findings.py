"""What imports found suspect, and what has become of it: open, confirmed, corrected, excluded.

warnings of committed batches ─► the value each is about ─┐
confirmations of the registry ────────────────────────────┴─► findings of a year
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from bilanz.app.balances import ledger
from bilanz.app.settings import Settings
from bilanz.app.web.remedies import is_command, remedy
from bilanz.confirmation import Confirmation
from bilanz.errors import UnknownName
from bilanz.issues import Issue, text
from bilanz.messages import Language
from bilanz.periods import day_start, local_day
from bilanz.registry.confirmations import confirmations
from bilanz.registry.organisations import organisations, zone_of
from bilanz.spend import classify
from bilanz.store import values
from bilanz.store.exclude import Exclusion, Part, correction_of, exclusion_of
from bilanz.store.values import COUNTS

if TYPE_CHECKING:
    from bilanz.app.balances import Ledger

OPEN: Final = "open"
CONFIRMED: Final = "confirmed"

_VALUE: Final = tuple(name for name in values.VALUE_SCHEMA if name != "committed_at")
_MOMENT: Final = timedelta(microseconds=1)
_MONTH: Final = timedelta(days=32)


@dataclass(frozen=True, slots=True)
class Value:
    """A record, or the readings of a series on a day; where neither is known, only the file.

    Attributes:
        organisation: whose it is by the terms of its source.
        zone: in which its days are counted.
        state: of `bilanz.store.values.STATES`.
    """

    batch: str
    file: str
    organisation: str
    record: int | None
    series: int | None
    row: int | None
    column: str | None
    source: str | None
    activity: str | None
    product_group: str | None
    direction: str | None
    start: datetime | None
    end: datetime | None
    day: date | None
    quantity: Decimal | None
    unit: str | None
    quality: str | None
    zone: str
    state: str

    @property
    def is_known(self) -> bool:
        """Whether something can be excluded or corrected."""
        return self.record is not None or (self.series is not None and self.day is not None)

    @property
    def part(self) -> Part:
        """What would be excluded.

        Raises:
            UnknownName: the warning is about no one value.
        """
        if self.record is not None and self.series is not None and self.start and self.end:
            return Part(self.batch, self.series, self.start, self.end, self.record)
        if self.series is not None and self.day is not None:
            start = day_start(self.zone, self.day)
            end = day_start(self.zone, self.day + timedelta(days=1))
            return Part(self.batch, self.series, start, end)
        raise UnknownName("The warning is about no one value.")

    @property
    def days(self) -> tuple[date, date] | None:
        """First and last local day."""
        if self.day is not None:
            return self.day, self.day
        if self.start is None or self.end is None:
            return None
        last = max(self.start, self.end - _MOMENT)
        return local_day(self.zone, self.start), local_day(self.zone, last)


@dataclass(frozen=True, slots=True)
class Finding:
    """A warning about a value, and whether somebody decided on it."""

    id: str
    code: str
    row: int | None
    column: str | None
    raw: str | None
    parameters: dict[str, str]
    value: Value
    confirmation: Confirmation | None = None

    @property
    def state(self) -> str:
        """What became of it: `OPEN`, `CONFIRMED`, or why its value does not count."""
        if self.value.state != COUNTS:
            return self.value.state
        return OPEN if self.confirmation is None else CONFIRMED

    def text(self, language: Language) -> str:
        """Return the sentence of the warning, with file and row."""
        issue = Issue(self.code, self.row, self.column, self.raw, self.parameters)
        return text(issue, language, file=self.value.file)

    def remedy(self, language: Language) -> str:
        """Return what to do about it; empty where that is a matter of the command line."""
        told = remedy(Issue(self.code, self.row, self.column, self.raw, self.parameters), language)
        return "" if is_command(told) else told


def findings_of(settings: Settings, year: int, within: Collection[str] | None = None) -> list[Finding]:
    """Return the findings of a year, outliers first; `within`: only of these organisations.

    Raises:
        UsageError: there is no data directory.
        StoreBusy: another process holds the store.
    """
    with ledger(settings) as data:
        return found(settings, data, year, within)


def found(
    settings: Settings, data: "Ledger", year: int, within: Collection[str] | None = None
) -> list[Finding]:
    """Return the findings of a year in an open ledger, as `findings_of` does."""
    frame = values.findings(data.store, data.source_terms, *bounds(settings, year))
    held, zones = confirmations(data.registry), _Zones(settings, data)
    wanted = None if within is None else set(within)
    return [
        Finding(
            id=row["finding"],
            code=row["code"],
            row=row["issue_row"],
            column=row["issue_column"],
            raw=row["value"],
            parameters=json.loads(row["parameters"] or "{}"),
            value=zones.value(row),
            confirmation=held.get(row["finding"]),
        )
        for row in frame.iter_rows(named=True)
        if wanted is None or row["organisation"] in wanted
    ]


def finding_of(settings: Settings, year: int, identifier: str) -> Finding:
    """Return one finding of a year.

    Raises:
        UnknownName: there is none of this identifier.
    """
    for finding in findings_of(settings, year):
        if finding.id == identifier:
            return finding
    raise UnknownName("This warning is not known; its file may have been withdrawn.")


def value_of(settings: Settings, record: int) -> Value:
    """Return a record.

    Raises:
        UnknownName: there is none in a committed batch.
    """
    with ledger(settings) as data:
        frame = values.record(data.store, data.source_terms, record)
        if frame.is_empty():
            raise UnknownName("This value is not known; its file may have been withdrawn.")
        return _Zones(settings, data).value(frame.row(0, named=True))


@dataclass(frozen=True, slots=True)
class Subject:
    """Records that are asked for: of a source over months, first and last one included.

    `kind`: activity, product group and unit; None: whatever they are.
    """

    source: str
    first: date
    last: date
    kind: tuple[str | None, str | None, str | None] | None = None


def records_of(
    settings: Settings, subjects: Sequence[Subject], *, first: int = 0, count: int
) -> list[list[Value]]:
    """Return for every subject `count` of its records after the first `first`, in the order of the files."""
    from bilanz.app.calculation import spending_of
    from bilanz.app.catalogue.releases import catalogue_of

    found: list[list[Value]] = [[] for _ in subjects]
    rows = [
        (
            number,
            one.source,
            one.kind is None,
            *(one.kind or (None, None, None)),
            day_start(settings.zone, one.first),
            day_start(settings.zone, (one.last.replace(day=1) + _MONTH).replace(day=1)),
        )
        for number, one in enumerate(subjects)
    ]
    spending = spending_of(catalogue_of(settings))
    with ledger(settings) as data:
        classify(data.store.con, spending)
        wanted = pl.DataFrame(rows, schema=values.SUBJECT_SCHEMA, orient="row")
        frame = values.behind(data.store, data.source_terms, wanted, first=first, count=count)
        zones = _Zones(settings, data)
        for row in frame.iter_rows(named=True):
            found[row["subject"]].append(zones.value(row))
    return found


def exclusion(settings: Settings, value: Value) -> Exclusion | None:
    """Return who excluded a value, when and why; None where nobody did."""
    with ledger(settings) as data:
        return exclusion_of(data.store, value.part)


def correction(settings: Settings, value: Value) -> tuple[str, Exclusion] | None:
    """Return the batch of the correction of a value, with who, when and why; None where there is none."""
    with ledger(settings) as data:
        return correction_of(data.store, value.part)


def bounds(settings: Settings, year: int) -> tuple[datetime, datetime]:
    """Return a calendar year of local days as [first, last) in UTC."""
    return day_start(settings.zone, date(year, 1, 1)), day_start(settings.zone, date(year + 1, 1, 1))


class _Zones:
    """Makes values of rows, each in the zone its days are counted in."""

    def __init__(self, settings: Settings, data: "Ledger") -> None:
        self._units = organisations(data.registry)
        self._default = settings.zone

    def value(self, row: dict[str, Any]) -> Value:
        told = {name: row[name] for name in _VALUE}
        home = zone_of(row["organisation"], self._units) if row["organisation"] in self._units else None
        return Value(**told | {"zone": row["zone"] or home or self._default})
