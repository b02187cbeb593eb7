import base64
import csv
import io
from datetime import date
from decimal import Decimal

import polars as pl

from bilanz.result import MASS
from reports import table
from reports.base import Column, Panel

COLUMNS = (
    Column("name", "Name"),
    Column("kg", "Mass", kind="mass", is_totalled=True),
    Column("kwh", "Energy", kind="energy"),
    Column("eur", "Cost", kind="money", unit="EUR"),
    Column("part", "Part", kind="share"),
    Column("month", "Month", kind="month"),
    Column("sha", "Hash", kind="hash"),
)


def panel(rows: list[tuple[object, ...]]) -> Panel:
    schema = {
        "name": pl.String,
        "kg": MASS,
        "kwh": pl.Decimal(19, 6),
        "eur": pl.Decimal(19, 6),
        "part": pl.Float64,
        "month": pl.Date,
        "sha": pl.String,
    }
    return Panel("p", "Heading", "Finding", pl.DataFrame(rows, schema=schema, orient="row"), COLUMNS)


ROW = ("Müll", Decimal("1234567.891"), Decimal(5000), Decimal("12.5"), 0.25, date(2025, 5, 1), "ab" * 32)


def test_cells_are_rounded_and_named_in_the_language() -> None:
    cells = [cell.text for cell in table.rows(panel([ROW]), "de")[0]]
    assert cells == ["Müll", "1.234,6", "5,0", "12", "25,0\u00a0%", "Mai 2025", "abababababab"]
    assert [head.unit for head in table.headers(panel([ROW]))] == ["", "t CO₂e", "MWh", "EUR", "", "", ""]


def test_a_missing_value_is_said_and_never_a_zero() -> None:
    cells = table.rows(panel([("x", None, None, None, None, None, None)]), "de")[0]
    assert [cell.text for cell in cells[1:]] == ["keine Angabe"] * 6
    assert cells[1].style == "num none"


def test_the_foot_adds_what_adds_up_and_skips_unknown_values() -> None:
    other = ("y", None, Decimal(1), None, None, None, None)
    foot = table.totals(panel([ROW, other, ("z", Decimal(1000), *[None] * 5)]), "en")
    assert foot is not None
    assert [cell.text for cell in foot] == ["", "1,235.6", "", "", "", "", ""]  # 1234567.891 + 1000 kg
    assert table.totals(panel([ROW]), "en") is None


def test_a_foot_without_any_value_is_no_zero() -> None:
    empty = ("y", *[None] * 6)
    foot = table.totals(panel([empty, empty]), "de")
    assert foot is not None
    assert foot[1].text == "keine Angabe"


def test_the_csv_holds_exact_values_in_base_units() -> None:
    german = list(csv.reader(io.StringIO(table.as_csv(panel([ROW]), "de")), delimiter=";"))
    assert german[0] == ["Name", "Mass (kg CO2e)", "Energy (kWh)", "Cost (EUR)", "Part", "Month", "Hash"]
    assert german[1] == ["Müll", "1234567,891", "5000", "12,5", "0,25", "2025-05-01", "ab" * 32]
    english = list(csv.reader(io.StringIO(table.as_csv(panel([ROW]), "en"))))
    assert english[1][1:4] == ["1234567.891", "5000", "12.5"]


def test_text_that_a_spreadsheet_would_run_is_marked() -> None:
    for text in ("=1+1", "+49 30", "-x", "@cmd", "\tx"):
        line = next(
            csv.reader(
                io.StringIO(table.as_csv(panel([(text, *ROW[1:])]), "de").split("\r\n", 1)[1]), delimiter=";"
            )
        )
        assert line[0] == f"'{text}"
    negative = table.as_csv(panel([("x", Decimal(-5), *ROW[2:])]), "de")
    assert ";-5;" in negative  # a number stays a number


def test_the_download_is_the_csv_with_a_byte_order_mark() -> None:
    head, _, body = table.as_data_uri(panel([ROW]), "de").partition(",")
    assert head == "data:text/csv;charset=utf-8;base64"
    assert base64.b64decode(body).decode("utf-8-sig") == table.as_csv(panel([ROW]), "de")


def test_the_page_shows_the_first_rows_and_the_csv_all() -> None:
    many = panel([ROW] * (table.ROWS_SHOWN + 5))
    assert len(table.rows(many, "de")) == table.ROWS_SHOWN
    assert table.as_csv(many, "de").count("\r\n") == table.ROWS_SHOWN + 6
