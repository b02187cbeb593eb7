"""Whatever the ledger holds: all that was accepted is counted, an exception or superseded, in every book."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger import CITY, Ledger, organisations, term

from bilanz.result import Result

BOOKS = ("bisko", "ghgp_location", "ghgp_market")
YEARS = (2023, 2024)
MICRO = Decimal("0.000001")
FIRST, LAST = date(2023, 1, 1), date(2024, 12, 31)
SCHOOL = "school"

quantities = st.integers(-(10**13), 10**13).filter(bool).map(lambda micro: micro * MICRO)
days = st.dates(FIRST, LAST)
meters = st.sampled_from(["main", "sub", "flat"])
organisation = st.sampled_from([CITY, SCHOOL])


@dataclass(frozen=True)
class Bill:
    """A record of a meter, a tank or an invoice."""

    source: str
    activity: str | None
    quantity: Decimal
    first: date
    days: int
    told: dict[str, Any]


@dataclass(frozen=True)
class Day:
    """A day of readings; `is_superseded`: of a file that gave way to another."""

    source: str
    quantity: Decimal
    day: date
    minutes: int
    estimated: int
    is_superseded: bool


def put_bill(ledger: Ledger, bill: Bill) -> None:
    last = min(bill.first + timedelta(days=bill.days), LAST + timedelta(days=1))
    told = {name: value for name, value in bill.told.items() if name != "is_lost"}
    record = ledger.bill(bill.source, bill.activity, str(bill.quantity), bill.first, last, **told)
    if bill.told.get("is_lost"):
        ledger.resolve(len(ledger.series), record, winner=1, loser=1)


def put_day(ledger: Ledger, day: Day) -> None:
    key = ledger.key(day.source, "electricity", minutes=day.minutes)
    if day.is_superseded:
        row = [key, day.day, day.quantity]
        ledger.store.con.execute("INSERT INTO daily_superseded VALUES (?, ?, 1, ?, 4, FALSE)", row)
    else:
        told = {"minutes": day.minutes, "measured": 96 - day.estimated, "estimated": day.estimated}
        ledger.day(day.source, "electricity", str(day.quantity), day.day, **told)


energy = st.builds(
    Bill,
    source=meters,
    activity=st.sampled_from(["electricity", "electricity", "natural_gas"]),
    quantity=quantities,
    first=days,
    days=st.integers(0, 500) | st.integers(200, 500),
    told=st.fixed_dictionaries(
        {
            "unit": st.sampled_from(["kWh", "MWh"]),
            "basis": st.sampled_from(["none", "Hs", "Hi"]),
            "quality": st.sampled_from(["measured", "billed", "estimated"]),
            "document_type": st.sampled_from([None, "instalment", "final", "correction", "contract"]),
            "direction": st.sampled_from(["consumption"] * 4 + ["feed_in", "generation"]),
            "role": st.sampled_from([None] * 4 + ["sold", "delivered"]),
            "batch": st.sampled_from([1] * 5 + [2]),
            "organisation": organisation,
            "is_lost": st.sampled_from([False] * 4 + [True]),
        }
    ),
)
spend = st.builds(
    Bill,
    source=st.sampled_from(["supplier", "shop"]),
    activity=st.sampled_from(["purchase", "electricity", "no_emission_payment", None]),
    quantity=quantities,
    first=days,
    days=st.integers(0, 40),
    told=st.fixed_dictionaries(
        {
            "unit": st.just("EUR"),
            "quality": st.just("spend"),
            "product_group": st.sampled_from([None, "D35", "J61"]),
            "attributes": st.sampled_from([None, '{"cpv": "09310000-5"}', '{"account": "5241"}']),
            "organisation": organisation,
        }
    ),
)
readings = st.builds(
    Day,
    source=meters,
    quantity=quantities,
    day=days,
    minutes=st.sampled_from([15, 60]),
    estimated=st.sampled_from([0, 10, 96]),
    is_superseded=st.booleans(),
)
roles = st.sampled_from(["consumed", "sub_meter", "tenant", "sold", "generated"])


@st.composite
def registries(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Return terms of the meters: some below the main one, some that change hands, some unknown."""
    found = [term("main")] if draw(st.booleans()) else []
    for source in ("sub", "flat"):
        told = {"role": draw(roles), "parent": "main", "control": draw(st.booleans())}
        handed_over = draw(st.none() | days)
        found.append(term(source, valid_to=handed_over, **told))
        if handed_over is not None and draw(st.booleans()):
            found.append(term(source, valid_from=handed_over, organisation=SCHOOL, **told))
    return found


def accepted(entries: list[Bill | Day]) -> dict[str, Decimal]:
    """Return unit → quantity of everything accepted; a withdrawn batch holds nothing."""
    sums: dict[str, Decimal] = {}
    for entry in entries:
        unit = "kWh" if isinstance(entry, Day) else entry.told["unit"]
        if isinstance(entry, Day) or entry.told.get("batch") != 2:
            sums[unit] = sums.get(unit, Decimal(0)) + entry.quantity
    return sums


def found(result: Result, book: str, unit: str) -> Decimal:
    """Return what a run says of a unit in a book, wherever it says it."""
    frames = [
        result.lines.filter(pl.col("book") == book, pl.col("is_lead")),
        result.exceptions.filter(pl.col("book").is_null() | (pl.col("book") == book)),
        result.superseded,
    ]
    sums = [frame.filter(pl.col("unit") == unit)["quantity"].sum() for frame in frames]
    return sum((Decimal(total or 0) for total in sums), Decimal(0))


@settings(max_examples=10, deadline=None)
@given(registries(), st.lists(st.one_of(energy, energy, spend, readings), min_size=8, max_size=20))
def test_nothing_is_lost(terms: list[dict[str, Any]], entries: list[Bill | Day]) -> None:
    ledger = Ledger()
    ledger.batch(2, state="withdrawn")
    ledger.terms = terms
    seen: set[tuple[str, date, int, bool]] = set()
    kept: list[Bill | Day] = []
    for entry in entries:
        if isinstance(entry, Day):
            slot = (entry.source, entry.day, entry.minutes, entry.is_superseded)
            if slot in seen:
                continue
            seen.add(slot)
            put_day(ledger, entry)
        else:
            put_bill(ledger, entry)
        kept.append(entry)
    told: dict[tuple[str, str], Decimal] = {}
    for year in YEARS:
        result = ledger.calculate(year=year, organisations=organisations(CITY, SCHOOL))
        rows = ledger.store.rows(
            "SELECT unit, SUM(quantity) FROM engine_slice WHERE is_deduction GROUP BY unit"
        )
        deducted = dict(rows)
        for book in BOOKS:
            for unit in ("kWh", "MWh", "EUR"):
                counted = found(result, book, unit) - deducted.get(unit, Decimal(0))
                told[book, unit] = told.get((book, unit), Decimal(0)) + counted
    ledger.store.con.close()
    expected = accepted(kept)
    assert told == {
        (book, unit): expected.get(unit, Decimal(0)) for book in BOOKS for unit in ("kWh", "MWh", "EUR")
    }
