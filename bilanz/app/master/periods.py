"""Which released or closed years a row of master data speaks of."""

from collections.abc import Iterable
from datetime import date, timedelta

from bilanz.access import Right
from bilanz.app.master.access import Rights
from bilanz.masterrow import FundRow, MasterRow
from bilanz.period import Period
from bilanz.registry.engine import Registry
from bilanz.registry.periods import periods

_DAY = timedelta(days=1)


def touched(registry: Registry, rights: Rights, rows: Iterable[MasterRow]) -> tuple[Period, ...]:
    """Return the released and closed periods some rows speak of, of those that may be seen.

    Rows of the fund speak of no balance.
    """
    spans = [years(row) for row in rows if not isinstance(row, FundRow)]
    return tuple(
        one
        for one in periods(registry)
        if one.stands
        and any(first <= one.year <= last for first, last in spans)
        and rights.may(Right.READ_RELEASED, one.organisation)
    )


def years(row: MasterRow) -> tuple[int, int]:
    """Return the first and last year a row speaks of; without any date it speaks of all."""
    told = {name: getattr(row, name, None) for name in ("valid_from", "active_from", "starts_on", "month")}
    first: date | None = next((day for day in told.values() if day is not None), None)
    end: date | None = getattr(row, "valid_to", None) or getattr(row, "active_to", None)
    year: int | None = getattr(row, "year", None)
    if year is not None:
        return year, year
    last = (end - _DAY).year if end is not None and end > date.min else date.max.year
    if getattr(row, "month", None) is not None and first is not None:
        last = first.year
    return (first or date.min).year, last
