"""The file of rejected rows: mended it can be imported again, unchanged it is rejected again."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from golden.standard.comparison import read

from bilanz.app.batch.report import FileOutcome
from bilanz.app.intake.summary import TOTAL_SCHEMA, ImportSummary, can_be_mended
from bilanz.messages import Language
from importers.base import Importer, ImportRequest, ImportResult
from importers.fuel_card import FuelCard
from importers.standard import StandardUpload

GOLDEN = Path(__file__).parents[2] / "golden"
HEADER = "source;activity;start;end;quantity;unit"
MOMENTS = ("2024-01-01 00:00", "2024-01-04 23:00", "2024-01-05 00:00")
MENDED = {
    7: {"1'234.5": "1.234,5"},
    8: {"#WERT!": "8"},
    11: {"=1+1": "2"},
    12: {"Stroom": "Strom", "MWhh": "kWh", "super": "gemessen"},
    13: {"31.02.2024": "01.02.2024"},
    14: {";-5;": ";5;"},
    15: {"31.12.2023": "31.12.2024"},
    16: {"Z-1;": "Z-18;"},
    17: {"Z-2;": "Z-19;"},
    18: {"m³": "kWh"},
    19: {";kW;": ";kWh;"},
    20: {"MWh": "kWh"},
    21: {"MWh Hs;Hi": "kWh;Hs"},
    23: {";;31.12.2024": ";01.01.2024;31.12.2024"},
    24: {"gemessen": "gemessen;;1"},
}


def rejects_csv(result: ImportResult, file: str, language: Language = "de") -> str:
    return ImportSummary(
        file=file,
        importer="any",
        sha256="",
        read=result.read,
        accepted=result.accepted,
        rejected=result.rejected,
        ignored=result.ignored,
        issues=result.issues,
        totals=pl.DataFrame(schema=TOTAL_SCHEMA),
        period=None,
        zone="Europe/Berlin",
        language=language,
        rejects=result.rejects,
    ).rejects_csv()


def again(importer: Importer, text: str, directory: Path) -> ImportResult:
    path = directory / "upload.csv.rejects.csv"
    path.write_text(text, encoding="utf-8-sig", newline="")
    return read(importer, path, directory)


def upload(
    directory: Path, *lines: str, header: str = HEADER, request: ImportRequest | None = None
) -> ImportResult:
    path = directory / "upload.csv"
    path.write_text("\n".join((header, *lines)) + "\n", encoding="utf-8")
    return read(StandardUpload(), path, directory, request)


def mended(line: str, row: int) -> str:
    for wrong, right in MENDED.get(row, {}).items():
        assert wrong in line
        line = line.replace(wrong, right)
    return line


def totals(*results: ImportResult) -> list[tuple[object, ...]]:
    every = pl.concat([result.activities for result in results])
    exact = [pl.col(name).cast(pl.Decimal(38, 6)).sum() for name in ("quantity", "cost_net")]
    return every.group_by("activity", "unit", "basis").agg(pl.len(), *exact).sort("activity", "basis").rows()


def issues(result: ImportResult) -> list[tuple[str | None, str]]:
    return result.issues.filter(severity="error").select("column", "code").rows()


def test_mended_rejects_and_the_first_import_make_up_the_correct_file(tmp_path: Path) -> None:
    source = GOLDEN / "standard" / "dirty_de.csv"
    first = read(StandardUpload(), source, tmp_path)
    lines = source.read_text(encoding="utf-8-sig").splitlines()
    formats, header, *rejected = rejects_csv(first, source.name).splitlines()
    assert formats == (
        "bilanz: Formate;Menge [kWh]=1.234,56;Kosten netto=1.234,56;Beginn=DD.MM.YYYY;Ende=DD.MM.YYYY"
    )
    assert header == f"{lines[2]};bilanz: Zeile;bilanz: Grund"
    assert len(rejected) == first.rejected == len(MENDED)
    for line, row in zip(rejected[:-1], MENDED, strict=False):
        assert line.startswith(f"{lines[row - 1]};{row};dirty_de.csv, Zeile {row}")
    # the row with too few fields is named; its cells have to be filled in
    assert rejected[-1].startswith(";" * 13 + "24;dirty_de.csv, Zeile 24: Die Zeile hat 11 Felder")
    rejected[-1] = lines[23] + rejected[-1].removeprefix(";" * 12)
    rejected[-1] = rejected[-1].replace("gemessen;", "gemessen;;1;", 1)
    texts = [mended(line, row) for line, row in zip(rejected[:-1], MENDED, strict=False)]
    second = again(StandardUpload(), "\r\n".join([formats, header, *texts, rejected[-1]]), tmp_path)
    assert (second.read, second.accepted, second.rejects) == (first.rejected, first.rejected, None)

    correct = tmp_path / "correct.csv"
    whole = [mended(line, row) for row, line in enumerate(lines, start=1)]
    correct.write_text("\n".join(whole) + "\n", encoding="utf-8")
    everything = read(StandardUpload(), correct, tmp_path)
    assert everything.rejected == 0
    assert totals(first, second) == totals(everything)


@pytest.mark.parametrize(
    ("importer", "file", "repeated"),
    [
        # a row that repeats an accepted one is alone in the second file: the store holds it against the first
        (StandardUpload(), "standard/dirty_de.csv", [16, 17]),
        (FuelCard(), "fuel_card/dirty_en.csv", [12]),
    ],
)
def test_unchanged_rejects_are_rejected_again(
    importer: Importer, file: str, repeated: list[int], tmp_path: Path
) -> None:
    first = read(importer, GOLDEN / file, tmp_path)
    assert first.rejects is not None
    second = again(importer, rejects_csv(first, file), tmp_path)
    assert second.rejects is not None
    assert second.rejects.header == first.rejects.header
    kept = first.rejects.rows.filter(~pl.col("__row").is_in(repeated)).drop("__row")
    assert second.rejects.rows.drop("__row").equals(kept)
    assert second.accepted == len(repeated)


def test_rejected_rows_alone_cannot_turn_the_format_of_their_column(tmp_path: Path) -> None:
    # 1.5 in a German column is no number; alone it would prove a decimal point
    cells = ("A;Strom;01.01.2024;31.12.2024;2,5;kWh", "B;Strom;01.01.2024;31.12.2024;3,5;kWh")
    first = upload(tmp_path, *cells, "C;Strom;01.01.2024;31.12.2024;1.5;kWh")
    assert (first.accepted, first.rejected) == (2, 1)
    text = rejects_csv(first, "upload.csv")
    assert again(StandardUpload(), text, tmp_path).rejected == 1
    second = again(StandardUpload(), text.replace(";1.5;", ";1.234;"), tmp_path)
    assert second.activities["quantity"].to_list() == [Decimal(1234)]


def test_whole_numbers_declare_nothing(tmp_path: Path) -> None:
    first = upload(tmp_path, "A;Strom;01.01.2024;31.12.2024;2;kWh", "B;Strom;01.01.2024;31.12.2024;x;kWh")
    assert first.rejects is not None
    assert first.rejects.formats == {"start": "DD.MM.YYYY", "end": "DD.MM.YYYY"}
    second = again(StandardUpload(), rejects_csv(first, "upload.csv").replace(";x;", ";1,5;"), tmp_path)
    assert second.activities["quantity"].to_list() == [Decimal("1.5")]


def test_rows_of_an_ambiguous_column_carry_its_reason_and_are_read_once_it_is_declared(
    tmp_path: Path,
) -> None:
    first = upload(tmp_path, "A;Strom;01.01.2024;31.12.2024;1.234;kWh", "B;Strom;01.01.2024;31.12.2024;5;kWh")
    assert (first.accepted, first.rejected) == (0, 2)
    text = rejects_csv(first, "upload.csv", "en")
    formats, header, *rows = text.splitlines()
    assert formats == "bilanz: formats;start=DD.MM.YYYY;end=DD.MM.YYYY"
    assert header.endswith(";bilanz: row;bilanz: reason")
    assert [row.split(";")[6] for row in rows] == ["2", "3"]
    assert all("1.234,56 / 1,234.56" in row for row in rows)
    assert issues(again(StandardUpload(), text, tmp_path)) == [("quantity", "ambiguous_number")]
    declared = text.replace("formats;", "formats;quantity=1.234,56;")
    second = again(StandardUpload(), declared, tmp_path)
    assert second.activities["quantity"].to_list() == [Decimal(1234), Decimal(5)]


def test_a_declared_format_stays_with_the_rejected_rows(tmp_path: Path) -> None:
    request = ImportRequest(declared={"quantity": "1,234.56", "start": "MM/DD/YYYY"})
    first = upload(tmp_path, "A;Stroom;01/02/2024;01/03/2024;1,234;kWh", request=request)
    assert first.rejects is not None
    assert first.rejects.formats == {"quantity": "1,234.56", "start": "MM/DD/YYYY", "end": "MM/DD/YYYY"}
    second = again(StandardUpload(), rejects_csv(first, "a.csv").replace("Stroom", "Strom"), tmp_path)
    assert second.activities["quantity"].to_list() == [Decimal(1234)]


def test_cells_of_a_workbook_are_written_as_their_column_is(tmp_path: Path) -> None:
    path = tmp_path / "upload.xlsx"
    with xlsxwriter.Workbook(path, {"default_date_format": "dd.mm.yyyy hh:mm"}) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, HEADER.split(";"))
        day, hour, midnight = (pl.Series([at]).str.to_datetime()[0] for at in MOMENTS)
        sheet.write_row(1, 0, ["A", "Strom", "01.02.2024", "02.02.2024", "2,5", "kWh"])
        for row, (start, unit) in enumerate([(day, "kWhh"), (hour, "kWhh")], start=2):
            sheet.write_row(row, 0, ["B", "Strom"])
            sheet.write_datetime(row, 2, start)
            sheet.write_datetime(row, 3, midnight)
            sheet.write_row(row, 4, [1.234, unit])
    first = read(StandardUpload(), path, tmp_path)
    text = rejects_csv(first, path.name)
    lines = text.splitlines()
    assert lines[0] == "bilanz: Formate;quantity=1.234,56;start=DD.MM.YYYY;end=DD.MM.YYYY"
    assert lines[2].startswith("B;Strom;01.01.2024;05.01.2024;1,234;kWhh;3;")
    # behind a start with a time a midnight is a moment: an hour, not a day and an hour
    assert lines[3].startswith("B;Strom;04.01.2024 23:00:00;05.01.2024 00:00;1,234;kWhh;4;")


def test_an_officer_is_told_to_mend_only_what_can_be_mended(tmp_path: Path) -> None:
    result = upload(tmp_path, "B;Strom;01.01.2024;31.12.2024;x;kWh")
    rejects = rejects_csv(result, "upload.csv", "en")
    assert can_be_mended(rejects)
    outcome = FileOutcome("rathaus", "upload.csv", "rejects", rejects=rejects)
    assert list(outcome.lines("en"))[-1].startswith("upload.csv.rejects.csv holds the rejected rows")
    listed = FileOutcome("rathaus", "upload.csv", "rejects", rejects="row;column;value;code;message\r\n")
    assert list(listed.lines("en"))[-1].startswith("upload.csv.rejects.csv names the rejected rows")
