"""Tables of any layout: wide and long, by year, month, day and twelve months, with signs and joined names."""

from datetime import datetime
from decimal import Decimal

import polars as pl
import pytest

from importers.base import ImportRequest, ImportResult
from importers.tables.layout import Layout, Negative, Period, ValueColumn
from importers.tables.reading import read_table
from importers.upload.table import Table

WIDE = Layout(
    places={"site": 0, "year": 1},
    values=(
        ValueColumn(2, {"activity": "electricity", "unit": "kWh"}),
        ValueColumn(3, {"activity": "natural_gas", "unit": "kWh", "basis": "Hs"}),
    ),
    given={"quality": "measured"},
    period=Period.YEAR,
)
HEADER = ("Objekt", "Jahr", "Strom (kWh)", "Gas (kWh Hs)")


def table(header: tuple[str, ...], *rows: tuple[str | None, ...]) -> Table:
    columns = {str(place): [row[place] for row in rows] for place in range(len(header))}
    frame = pl.DataFrame({"__row": range(2, len(rows) + 2), **columns}, schema_overrides={"__row": pl.Int64})
    return Table(header, frame.with_columns(pl.exclude("__row").cast(pl.String)))


def read(source: Table, layout: Layout) -> ImportResult:
    result = read_table(source, layout, ImportRequest(zone="Europe/Berlin"))
    result.check()
    return result


def longed(period: Period, **places: int) -> Layout:
    return Layout(
        places, given={"activity": "electricity", "unit": "kWh", "quality": "measured"}, period=period
    )


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_each_cell_of_a_wide_table_is_a_record() -> None:
    result = read(table(HEADER, ("Rathaus", "2023", "1.234,5", "20000"), ("Bad", "2023", "", "7,25")), WIDE)
    assert (result.read, result.accepted, result.rejected, result.ignored) == (4, 3, 0, 1)
    assert result.activities.select("site", "activity", "quantity").rows() == [
        ("Rathaus", "electricity", Decimal("1234.5")),
        ("Rathaus", "natural_gas", Decimal(20000)),
        ("Bad", "natural_gas", Decimal("7.25")),
    ]
    assert result.activities["start"].unique().to_list() == [at("2022-12-31T23:00")]
    assert result.activities["end"].unique().to_list() == [at("2023-12-31T23:00")]
    assert result.issues.select("code", "column", "source_row").rows() == [("blank", "Strom (kWh)", 3)]


def test_a_rejected_cell_comes_back_without_its_accepted_neighbour() -> None:
    result = read(table(HEADER, ("Rathaus", "2023", "x", "20000"), ("Bad", "2023", "1,5", "2")), WIDE)
    assert (result.accepted, result.rejected) == (3, 1)
    assert result.rejects is not None
    assert result.rejects.rows.rows() == [(2, "Rathaus", "2023", "x", None)]


def test_a_year_that_is_none_rejects_both_cells_and_is_said_once() -> None:
    result = read(table(HEADER, ("Rathaus", "20x3", "1", "2")), WIDE)
    assert (result.accepted, result.rejected) == (0, 2)
    assert result.issues["code"].to_list() == ["not_a_date"]


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("2024-02", None), ("02/2024", None), ("2024-02-01", None), ("Februar 2024", None), ("Feb 24", None),
        ("feb", "2024"), ("2", "2024"), ("2.0", "2024.0"), ("202402", None),
    ],
)  # fmt: skip
def test_a_month_in_any_writing(text: str, year: str | None) -> None:
    layout = longed(Period.MONTH, year=0, month=1, quantity=2)
    result = read(table(("Jahr", "Monat", "Menge"), (year, text, "3")), layout)
    assert result.activities.select("start", "end").rows() == [
        (at("2024-01-31T23:00"), at("2024-02-29T23:00"))
    ]


@pytest.mark.parametrize("text", ["13/2024", "Febtember 24x", "2024", "24"])
def test_what_is_no_month_is_rejected(text: str) -> None:
    layout = Layout(
        {"month": 0, "quantity": 1}, given={"activity": "electricity", "unit": "kWh"}, period=Period.MONTH
    )
    result = read(table(("Monat", "Menge"), (text, "3")), layout)
    assert (result.accepted, result.rejected) == (0, 1)


def test_twelve_months_up_to_a_day() -> None:
    layout = longed(Period.YEAR_ENDING, start=0, end=0, quantity=1)
    result = read(table(("Year Ending", "kWh"), ("2013-06-30", "3")), layout)
    assert result.activities.select("start", "end").rows() == [
        (at("2012-06-30T22:00"), at("2013-06-30T22:00"))
    ]


def test_money_keeps_its_sign_and_names_are_joined() -> None:
    layout = Layout(
        {"start": 0, "end": 0, "quantity": 1, "counterparty": 2},
        given={"activity": "purchase", "unit": "GBP"},
        joined={"note": (2, 3)},
        period=Period.DAY,
        negative=Negative.CREDIT,
    )
    rows = (("2024-05-01", "10.50", "A", "x"), ("2024-05-02", "-0.50", "B", ""))
    result = read(table(("Date", "Amount", "Supplier", "Text"), *rows), layout)
    assert result.activities["quantity"].sum() == Decimal(10)
    assert result.activities["document_type"].to_list() == [None, "credit"]
    assert result.control_sums[0].total == Decimal(10)
    assert result.activities["attributes"].to_list()[0] == '{"note":"A x"}'


def test_a_unit_is_declared_where_nothing_states_one() -> None:
    layout = Layout({"year": 0, "quantity": 1}, given={"activity": "electricity"}, period=Period.YEAR)
    source = table(("Jahr", "Verbrauch"), ("2024", "1.234,5"))
    assert read(source, layout).accepted == 0
    asked = ImportRequest(zone="Europe/Berlin", declared={"Verbrauch": "MWh"})
    result = read_table(source, layout, asked)
    assert result.activities.select("quantity", "unit").rows() == [(Decimal("1234.5"), "MWh")]


def test_what_a_column_says_is_not_declared_away() -> None:
    asked = ImportRequest(zone="Europe/Berlin", declared={"Strom (kWh)": "MWh"})
    result = read_table(table(HEADER, ("Rathaus", "2023", "1", "2")), WIDE, asked)
    assert result.activities["unit"].unique().to_list() == ["kWh"]


def test_a_column_without_a_use_is_said() -> None:
    layout = longed(Period.YEAR, year=0, quantity=1)
    result = read(table(("Jahr", "kWh", "Farbe"), ("2024", "1", "rot")), layout)
    assert result.issues.select("code", "value").rows() == [("column_ignored", "Farbe")]
