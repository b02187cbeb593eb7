"""Exports are found, named, written whole, and hold the figures of the balance."""

import csv
import hashlib
import io
import json
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from zipfile import ZipFile

import polars as pl
import pytest
from unit.reports.synthetic import full_result

from bilanz.app.output.reporting import wording, write_export
from bilanz.app.shown.summary import summary
from bilanz.errors import UnknownName, UsageError
from reports.datapackage import TITLES, frames
from reports.export import export, exports_found
from reports.exports.tables import as_csv
from reports.indicator import FIGURES


def test_every_export_has_a_name_of_its_own() -> None:
    names = [form.name for form in exports_found()]
    assert "lines" in names
    assert len(set(names)) == len(names)


def test_an_unknown_export_names_those_there_are() -> None:
    with pytest.raises(UnknownName, match="lines"):
        export("nothing")


def test_lines_add_up_to_the_balance(tmp_path: Path) -> None:
    result = full_result()
    path = write_export(export("lines"), result, wording("en"), tmp_path / "new" / "lines.csv")
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == result.lines.height > 0
    total = sum(Decimal(row["co2e_kg"]) for row in rows if row["co2e_kg"])
    assert total == result.lines["co2e_kg"].sum()
    assert {row["result_hash"] for row in rows} == {result.manifest.result_hash}
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_a_path_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="could not be written"):
        write_export(export("lines"), full_result(), wording("en"), tmp_path / "file" / "lines.csv")


def test_the_object_repeats_the_totals_of_calculate_and_every_line(tmp_path: Path) -> None:
    result = full_result()
    path = write_export(export("json"), result, wording("en"), tmp_path / "balance.json")
    told = json.loads(path.read_text(encoding="utf-8"), parse_float=pytest.fail)
    assert told["totals"] == summary(result)
    assert told["manifest"]["result_hash"] == result.manifest.result_hash
    assert "created_at" not in told["manifest"]
    exact = [Decimal(row["co2e_kg"]) for row in told["lines"] if row["co2e_kg"] is not None]
    assert sum(exact) == result.lines["co2e_kg"].sum()
    assert [len(told[name]) for name in ("lines", "exceptions", "assumptions", "factors")] == [
        result.lines.height,
        result.exceptions.height,
        result.assumptions.height,
        result.factors.height,
    ]


@pytest.mark.parametrize("name", ["tables", "parquet"])
def test_a_package_describes_each_file_and_column(name: str, tmp_path: Path) -> None:
    result = full_result()
    held = {known.replace("_", "-"): frame for known, frame in frames(result)}
    path = write_export(export(name), result, wording("en"), tmp_path / "package.zip")
    with ZipFile(path) as archive:
        told = json.loads(archive.read("datapackage.json"))
        assert {entry["path"] for entry in told["resources"]} == {*archive.namelist()} - {"datapackage.json"}
        for entry in told["resources"]:
            content = archive.read(entry["path"])
            assert entry["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
            frame = held.pop(entry["name"])
            assert [column["name"] for column in entry["schema"]["fields"]] == frame.columns
            if name == "parquet":
                assert pl.read_parquet(io.BytesIO(content)).equals(frame)
            else:
                read = pl.read_csv(content, infer_schema=False)
                assert read.columns == frame.columns
                assert read.height == frame.height
    assert not held
    columns = {column["name"]: column for column in told["resources"][0]["schema"]["fields"]}
    assert columns["co2e_kg"]["unit"] == "kg CO2e"
    assert columns["quantity"]["unitColumn"] == "unit"


HOSTILE = ["=cmd|' /C calc'!A0", "+1", "-1", "@x", "\tx", "\rx", "\nx", "a,b", 'say "x"', "", "plain"]


def test_text_that_is_a_formula_is_marked_and_numbers_are_not() -> None:
    frame = pl.DataFrame(
        {"text": HOSTILE, "number": [Decimal("-1.50")] * len(HOSTILE)},
        schema={"text": pl.String, "number": pl.Decimal(38, 12)},
    )
    rows = list(csv.DictReader(io.StringIO(as_csv(frame).decode(), newline="")))
    marked = [f"'{text}" if text[:1] in tuple("=+-@\t\r\n") else text for text in HOSTILE]
    assert [row["text"] for row in rows] == [*marked[:-2], "", "plain"]
    assert {row["number"] for row in rows} == {"-1.500000000000"}


def test_nested_values_of_a_view_become_json() -> None:
    frame = pl.DataFrame({"name": ["a", "b"], "parts": [["=x", "y"], None], "pair": [{"n": 1}, {"n": 2}]})
    rows = list(csv.DictReader(io.StringIO(as_csv(frame).decode())))
    assert json.loads(rows[0]["parts"]) == ["=x", "y"]
    assert rows[1]["parts"] == ""  # absent, and not the text "null"
    assert [json.loads(row["pair"]) for row in rows] == [{"n": 1}, {"n": 2}]


def test_every_export_and_every_figure_of_an_indicator_is_documented() -> None:
    told = (Path(__file__).parents[3] / "docs" / "exports.md").read_text(encoding="utf-8")
    assert [form.name for form in exports_found() if f"| `{form.name}` |" not in told] == []
    parts = {part for figure in FIGURES for part in (figure.split(".")[0], figure[figure.find(".") :])}
    assert [part for part in parts if "." in part and f"`{part}`" not in told] == []
    assert [part for part in parts if "." not in part and len(part) > 1 and f"`{part}`" not in told] == []


def test_views_of_many_parts_are_in_the_package() -> None:
    @dataclass(frozen=True)
    class View:
        method: str
        cells: pl.DataFrame
        part: pl.DataFrame | None = None

    cells = pl.DataFrame({"kwh": [1]})
    result = full_result()
    beside = replace(result.beside, sites=cells, earlier=(result,))
    object.__setattr__(beside, "territory", View("m", cells))
    found = [name for name, _ in frames(replace(result, beside=beside))]
    assert found[: len(TITLES)] == [*TITLES]
    assert {"beside_territory_cells", "beside_sites"} <= set(found)
    assert not [name for name in found if "part" in name or "earlier" in name]
