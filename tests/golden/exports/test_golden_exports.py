"""What each export holds for one made-up result, in both languages.

A text per export and language: files as they are, members of a zip by their first rows, workbooks by the
first rows of each sheet with their formulas. `--golden-update` rewrites; the difference is read.
"""

import io
import json
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import fastexcel
import polars as pl
import pytest
from golden.exports.made_up import INDICATORS, result
from sheets import as_text, sheets

from bilanz.app.output.reporting import wording, write_export
from bilanz.messages import LANGUAGES, Language
from bilanz.result import Result
from reports.base import Wording
from reports.export import Export, export

HERE = Path(__file__).parent
NAMES = (
    "json",
    "lines",
    "parquet",
    "tables",
    "workbook",
    "ghg_inventory",
    "energy_report",
    "vsme",
    "emas",
    "indicators",
)
ROWS_OF_TABLES = 6
ROWS_OF_SHEETS = 60


def as_read(form: Export, path: Path) -> str:
    match form.suffix:
        case ".zip":
            return _members(path)
        case ".xlsx":
            return as_text(path, ROWS_OF_SHEETS)
        case _:
            text = path.read_text(encoding="utf-8")
            return "".join(line for line in text.splitlines(keepends=True)[:ROWS_OF_SHEETS])


def _members(path: Path) -> str:
    told = []
    with ZipFile(path) as archive:
        for name in archive.namelist():
            content = archive.read(name)
            told.append(f"# {name}")
            if name.endswith(".parquet"):
                rows = pl.read_parquet(io.BytesIO(content)).head(ROWS_OF_TABLES)
                told.append(rows.write_csv())
            elif name.endswith(".json"):
                told.append(_without_bytes(content))
            else:
                told += [*content.decode().split("\n")[:ROWS_OF_TABLES], ""]
    return "\n".join(told) + "\n"


def _without_bytes(content: bytes) -> str:
    """Return the descriptor without what depends on the library that writes Parquet."""
    told = json.loads(content)
    for resource in told["resources"]:
        if resource["format"] == "parquet":
            del resource["bytes"], resource["hash"]
    return json.dumps(told, ensure_ascii=False, indent=1)


def said(language: Language, told: Result) -> Wording:
    return replace(wording(language, result=told), indicators=INDICATORS)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_export(name: str, language: Language, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    form, told = export(name), result()
    path = write_export(form, told, said(language, told), tmp_path / f"file{form.suffix}")
    text = as_read(form, path)
    expected = HERE / name / f"{language}.txt"
    if request.config.getoption("--golden-update"):
        expected.parent.mkdir(exist_ok=True)
        expected.write_text(text, encoding="utf-8", newline="")
    assert text == expected.read_bytes().decode()


@pytest.mark.parametrize("name", NAMES)
def test_the_same_result_gives_the_same_bytes(name: str, tmp_path: Path) -> None:
    form = export(name)
    files = [
        write_export(form, told, said("de", told), tmp_path / f"{turn}{form.suffix}").read_bytes()
        for turn, told in enumerate((result(), result()))
    ]
    assert files[0] == files[1]
    assert len(files[0]) > 100


@pytest.mark.parametrize("name", [name for name in NAMES if export(name).suffix == ".xlsx"])
def test_another_reader_opens_the_workbook(name: str, tmp_path: Path) -> None:
    told = result()
    path = write_export(export(name), told, said("de", told), tmp_path / "book.xlsx")
    book = fastexcel.read_excel(path)
    assert book.sheet_names == list(sheets(path))
    for sheet in book.sheet_names:
        assert book.load_sheet(sheet, header_row=None).to_polars().height > 0
