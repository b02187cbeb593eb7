"""Rows that look harmless and would be counted wrongly; each with its hand calculation."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from golden.standard.comparison import workspace

from bilanz.errors import FileRefused
from importers.base import FileSample, ImportRequest, ImportResult
from importers.standard import StandardUpload

HEADER = (
    "source;activity;start;end;quantity;unit;basis;cost_net;currency;quality;document_type;role;"
    "opening_reading;closing_reading;multiplier;stock_before;stock_after"
)


def row(**cells: str) -> str:
    given = {
        "source": "Z",
        "activity": "Strom",
        "start": "01.01.2024",
        "end": "31.12.2024",
        "quantity": "12,5",
        "unit": "kWh",
        "quality": "gemessen",
    } | cells
    return ";".join(given.get(name, "") for name in HEADER.split(";"))


def read(directory: Path, *lines: str, header: str = HEADER) -> ImportResult:
    path = directory / "upload.csv"
    path.write_text("\n".join((header, *lines)) + "\n", encoding="utf-8")
    return taken(directory, path)


def taken(directory: Path, path: Path) -> ImportResult:
    result = StandardUpload().read(path, ImportRequest(), workspace(directory))
    result.check()
    return result


def codes(result: ImportResult) -> list[str]:
    return result.issues.filter(result.issues["severity"] != "info")["code"].to_list()


def amounts(result: ImportResult) -> list[Decimal]:
    return result.activities["quantity"].to_list()


@pytest.mark.parametrize(
    ("start", "end", "begins", "ends"),
    [
        # 29 February belongs to the period: 31 January 23:00 UTC + 29 days
        ("01.02.2024", "29.02.2024", "2024-01-31T23:00", "2024-02-29T23:00"),
        ("01.02.2023", "28.02.2023", "2023-01-31T23:00", "2023-02-28T23:00"),
        # 23 hours in March, 25 in October
        ("31.03.2024", "31.03.2024", "2024-03-30T23:00", "2024-03-31T22:00"),
        ("27.10.2024", "27.10.2024", "2024-10-26T22:00", "2024-10-27T23:00"),
        ("31.12.2024", "31.12.2024 24:00", "2024-12-30T23:00", "2024-12-31T23:00"),
    ],
)
def test_the_end_day_belongs_to_the_period(
    tmp_path: Path, start: str, end: str, begins: str, ends: str
) -> None:
    result = read(tmp_path, row(start=start, end=end))
    assert result.activities.select("start", "end").row(0) == (
        datetime.fromisoformat(begins),
        datetime.fromisoformat(ends),
    )


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"quantity": "", "opening_reading": "99990", "closing_reading": "10"}, "meter_reset"),
        (
            {"quantity": "", "opening_reading": "0", "closing_reading": "9", "multiplier": "0"},
            "unknown_value",
        ),
        (
            {"quantity": "", "opening_reading": "0", "closing_reading": "9", "multiplier": "-1"},
            "unknown_value",
        ),
        (
            {
                "quantity": "",
                "opening_reading": "0",
                "closing_reading": "9999999999999",
                "multiplier": "1000",
            },
            "number_too_large",
        ),
        ({"quantity": "", "unit": "EUR", "opening_reading": "1", "closing_reading": "9"}, "missing_value"),
        ({"quantity": "1e30"}, "number_too_large"),
        ({"quantity": "99999999999999"}, "number_too_large"),
        ({"quantity": "99999999999", "unit": "T€", "activity": "Einkauf"}, "number_too_large"),
        (
            {
                "activity": "Heizöl",
                "unit": "l",
                "quantity": "100",
                "stock_before": "500",
                "stock_after": "1200",
            },
            "stock_exceeds",
        ),
        ({"quantity": "20", "document_type": "Gutschrift"}, "positive_credit"),
        ({"quantity": "-5", "document_type": "Abschlag"}, "negative_quantity"),
    ],
)
def test_a_quantity_that_cannot_be_meant_is_refused(tmp_path: Path, cells: dict[str, str], code: str) -> None:
    result = read(tmp_path, row(source="fine"), row(**cells))
    assert (result.accepted, result.rejected) == (1, 1)
    assert codes(result) == [code]


def test_stock_is_in_units_of_the_quantity_and_never_in_money(tmp_path: Path) -> None:
    cells = {"activity": "Heizöl", "quantity": "3000", "stock_before": "500", "stock_after": "1200"}
    result = read(tmp_path, row(**cells, unit="l"), row(**cells, unit="EUR"))
    assert amounts(result) == [Decimal(2300), Decimal(3000)]  # 500 + 3000 − 1200 l; 3000 EUR


def test_control_sums_know_stock_and_thousands(tmp_path: Path) -> None:
    oil = {"activity": "Heizöl", "unit": "l", "quantity": "3000"}
    result = read(
        tmp_path,
        row(**oil, source="A", stock_before="500", stock_after="1200"),
        row(**oil, source="B"),
        row(quantity="12,5", unit="T€", activity="Einkauf"),
    )
    sums = {(entry.unit, entry.total, entry.records) for entry in result.control_sums}
    # 3000 + 500 − 1200 + 3000 l; 12.5 × 1000 EUR
    assert sums == {("l", Decimal(5300), 2), ("T€", Decimal(12500), 1)}
    stored = result.activities.group_by("original_unit").agg(pl.col("quantity").sum()).rows()
    assert dict(stored) == {unit: total for unit, total, _ in sums}


def test_a_basis_beside_electricity_is_said(tmp_path: Path) -> None:
    result = read(tmp_path, row(unit="kWh Hs"), row(source="B", activity="Erdgas", unit="kWh Hs"))
    assert result.activities["basis"].to_list() == ["none", "Hs"]
    assert codes(result) == ["basis_unused"]


def test_a_total_with_dates_is_no_record(tmp_path: Path) -> None:
    lines = [row(source="A", quantity="10"), row(source="B", quantity="5,5")]
    result = read(tmp_path, *lines, row(source="Summe", quantity="15,5"))
    assert amounts(result) == [Decimal(10), Decimal("5.5")]
    assert result.issues["code"].to_list().count("total_row") == 1
    other = read(tmp_path, *lines, row(source="Summe", quantity="16"))
    assert (other.accepted, other.ignored) == (2, 1)
    assert codes(other) == ["control_sum"]
    named = read(tmp_path, *lines, row(source="Summe Nord", quantity="16"), row(source="Gesamtschule"))
    assert named.accepted == 4
    assert codes(named) == ["suspect_total"]


@pytest.mark.parametrize(
    ("header", "unit", "accepted"),
    [
        ("Menge [kWh]", "kWh", 1),
        ("Menge [kWh]", "", 1),
        ("Menge in kWh", "", 1),
        ("Verbrauch kWh", "", 1),
        ("Menge [kWh]", "MWh", 0),  # a factor of 1000
        ("Menge [kW]", "", 0),  # power is no quantity
    ],
)
def test_the_unit_of_the_header_and_of_the_row_must_agree(
    tmp_path: Path, header: str, unit: str, accepted: int
) -> None:
    line = f"Strom;01.01.2024;31.12.2024;12,5;{unit}"
    result = read(tmp_path, line, header=f"Aktivität;Beginn;Ende;{header};Einheit")
    assert (result.accepted, result.rejected) == (accepted, 1 - accepted)


@pytest.mark.parametrize(
    "header",
    [
        "Aktivität;Beginn;Ende;Verbrauch (witterungsbereinigt);Einheit",
        "Aktivität;Beginn;Ende (ausschließlich);Menge;Einheit",
        "Aktivität;Beginn;Ende;Menge (Plan);Einheit",
    ],
)
def test_an_addition_that_changes_the_meaning_of_a_column_is_not_read_over(
    tmp_path: Path, header: str
) -> None:
    with pytest.raises(FileRefused) as caught:
        read(tmp_path, "Strom;01.01.2024;31.12.2024;12,5;kWh", header=header)
    assert caught.value.code == "missing_column"
    assert "(" in caught.value.parameters["near"]


def test_additions_that_say_how_a_date_is_written_are_read(tmp_path: Path) -> None:
    header = "Aktivität;Beginn (TT.MM.JJJJ);Ende (einschließlich);Menge;Einheit"
    assert read(tmp_path, "Strom;01.01.2024;31.12.2024;12,5;kWh", header=header).accepted == 1


def test_two_columns_of_one_name_are_refused_where_they_differ(tmp_path: Path) -> None:
    header = "Aktivität;Beginn;Ende;Menge;Einheit;Kosten netto;Einheit"
    same = "Strom;01.01.2024;31.12.2024;12,5;kWh;;kWh"
    assert read(tmp_path, same, header=header).accepted == 1
    with pytest.raises(FileRefused) as caught:
        read(tmp_path, "Strom;01.01.2024;31.12.2024;12,5;kWh;99,90;EUR", header=header)
    assert caught.value.code == "duplicate_column"
    assert caught.value.parameters["column"] == "Einheit"


def test_a_second_column_that_may_be_meant_is_said(tmp_path: Path) -> None:
    header = "Aktivität;Beginn;Ende;Menge;Einheit;Verbrauch"
    result = read(tmp_path, "Strom;01.01.2024;31.12.2024;12,5;kWh;99", header=header)
    assert amounts(result) == [Decimal("12.5")]
    assert codes(result) == ["rival_column"]


def test_a_header_alone_is_said(tmp_path: Path) -> None:
    assert codes(read(tmp_path)) == ["no_rows"]


def test_a_long_cell_is_cut_in_the_issue(tmp_path: Path) -> None:
    result = read(tmp_path, row(quantity="x" * 1_000_000))
    assert [len(value) for value in result.issues["value"].drop_nulls()] == [201]


def test_many_unknown_columns_are_one_issue(tmp_path: Path) -> None:
    more = [f"extra {number}" for number in range(500)]
    result = read(tmp_path, row() + ";" * 500, header=";".join([HEADER, *more]))
    assert result.accepted == 1
    assert result.issues.filter(result.issues["code"] == "columns_ignored").height == 1


DAYS = ("2024-01-01", "2024-12-31")


@pytest.mark.parametrize(
    ("others", "code"),
    [([], None), ([("2024-05-01 08:00", "2024-05-02 00:00")], "days_assumed")],
)
def test_one_cell_with_a_time_does_not_cut_a_day_off_the_others(
    tmp_path: Path, others: list[tuple[str, str]], code: str | None
) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "dd.mm.yyyy"})
        sheet.write_row(0, 0, ["Quelle", "Aktivität", "Beginn", "Ende", "Menge", "Einheit", "Qualität"])
        for place, span in enumerate([DAYS, *others], start=1):
            sheet.write_row(place, 0, [f"Z{place}", "Strom"])
            for column, text in enumerate(span, start=2):
                sheet.write_datetime(place, column, datetime.fromisoformat(text), day)
            sheet.write_row(place, 4, [1.5, "kWh", "gemessen"])
    result = taken(tmp_path, path)
    ends = [f"{end:%Y-%m-%dT%H:%M}" for end in result.activities["end"]]
    # 31 December in full; 08:00 to midnight of 2 May (22:00 UTC of the day before)
    assert ends == ["2024-12-31T23:00", "2024-05-01T22:00"][: 1 + len(others)]
    assert codes(result) == ([code] if code else [])


def test_a_file_of_rejected_rows_is_read_as_the_file_it_comes_from(tmp_path: Path) -> None:
    header = "bilanz: Zeile;Aktivität;Beginn;Ende;Menge;Einheit;bilanz: Grund"
    line = '118;Strom;01/02/2024;01/03/2024;1.234;kWh;"„1.23,4“ ist keine Zahl"'
    alone = read(tmp_path, line, header=header)
    assert sorted(codes(alone)) == ["ambiguous_date", "ambiguous_date", "ambiguous_number"]
    formats = "bilanz: Formate;Menge=1.234,56;Beginn=DD/MM/YYYY;Ende=DD/MM/YYYY"
    result = read(tmp_path, header, line, header=formats)
    assert amounts(result) == [Decimal(1234)]
    assert f"{result.activities['start'][0]:%Y-%m-%d}" == "2024-01-31"
    assert "column_ignored" not in result.issues["code"]
    claim = StandardUpload().identify(FileSample.of(tmp_path / "upload.csv"))
    assert claim is not None
    assert claim.confidence >= 0.9


def test_a_slip_in_the_year_is_said(tmp_path: Path) -> None:
    result = read(tmp_path, row(end="31.12.2042"), row(source="B", start="01.01.2023"))
    assert result.accepted == 2
    assert codes(result) == ["suspect_period"]


def test_rows_that_are_the_same_in_every_cell_are_said(tmp_path: Path) -> None:
    purchase = row(source="", activity="Einkauf", unit="EUR")
    result = read(tmp_path, purchase, purchase, row(source="", activity="Einkauf", unit="EUR", quantity="1"))
    assert result.accepted == 3
    found = result.issues.filter(result.issues["code"] == "suspect_double")
    assert found.select("source_row", "parameters").rows() == [(3, '{"first":"2"}')]
