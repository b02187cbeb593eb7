from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from golden.standard.comparison import compare, read

from importers.standard import StandardUpload

HERE = Path(__file__).parent
CASES = sorted(path.stem for path in HERE.glob("*.csv") if "." not in path.stem)


def test_there_are_cases() -> None:
    assert CASES == ["clean_de", "clean_en", "dirty_de"]


@pytest.mark.parametrize("case", CASES)
def test_records_and_issues_are_expected(case: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    update = bool(request.config.getoption("--golden-update", default=False))
    compare(read(StandardUpload(), HERE / f"{case}.csv", tmp_path), HERE / case, update=update)


def test_clean_german_file_by_hand(tmp_path: Path) -> None:
    result = read(StandardUpload(), HERE / "clean_de.csv", tmp_path)
    assert (result.read, result.accepted, result.rejected, result.ignored) == (8, 8, 0, 0)
    quantity = dict(result.activities.select("source_row", "quantity").rows())
    assert quantity[2] == Decimal("12345.678")
    assert quantity[5] == Decimal(3500)  # stock 1000 + delivered 3000 − stock 500
    assert quantity[6] == Decimal(13820)  # (1345.5 − 1000.0) × 40
    assert quantity[7] == Decimal(0)  # zero is a quantity, not a blank
    assert quantity[9] == Decimal("-120.5")  # a credit may be negative
    assert result.activities["basis"].to_list()[1:3] == ["Hs", "Hs"]  # from its column, from "MWh Ho"
    assert result.activities["direction"].to_list()[5] == "feed_in"
    sums = {entry.unit: entry.total for entry in result.control_sums}
    assert sums["kWh"] == Decimal("12345.678") + 0 + Decimal("-120.5")
    assert sums["MWh"] == Decimal("45.678")
    assert sums["EUR"] == Decimal("1234.56")


def test_year_of_dates_is_the_whole_year(tmp_path: Path) -> None:
    result = read(StandardUpload(), HERE / "clean_de.csv", tmp_path)
    start, end = result.activities.select("start", "end").row(0)
    assert (start.isoformat(), end.isoformat()) == ("2023-12-31T23:00:00", "2024-12-31T23:00:00")


def test_workbook_gives_the_same_records_as_csv(tmp_path: Path) -> None:
    csv_file = read(StandardUpload(), HERE / "clean_de.csv", tmp_path)
    workbook = tmp_path / "clean.xlsx"
    _write_workbook(HERE / "clean_de.csv", workbook)
    sheet = read(StandardUpload(), workbook, tmp_path)
    apart = ["original_quantity", "attributes"]  # texts as each file has them
    assert sheet.activities.drop(apart).equals(csv_file.activities.drop(apart))


def _write_workbook(source: Path, target: Path) -> None:
    """Write a German CSV as a workbook whose numbers and dates are cells of that kind."""
    text = source.read_text(encoding="cp1252")
    frame = pl.read_csv(text.encode(), separator=";", infer_schema=False)
    numbers = {
        "Menge", "Kosten netto", "Anfangsstand", "Endstand", "Faktor", "Bestand vorher", "Bestand nachher",
    }  # fmt: skip
    with xlsxwriter.Workbook(target) as workbook:
        sheet = workbook.add_worksheet("Daten")
        workbook.add_worksheet("Hinweise").write_string(0, 0, "nothing here")
        date = workbook.add_format({"num_format": "dd.mm.yyyy"})
        sheet.write_row(0, 0, frame.columns)
        for column, name in enumerate(frame.columns):
            values = frame[name]
            for row, value in enumerate(values, start=1):
                if value is None:
                    continue
                if name in numbers:
                    sheet.write_number(row, column, float(value.replace(".", "").replace(",", ".")))
                elif name in {"Beginn", "Ende"}:
                    moment = pl.Series([value]).str.to_datetime("%d.%m.%Y")[0]
                    sheet.write_datetime(row, column, moment, date)
                else:
                    sheet.write_string(row, column, value)
