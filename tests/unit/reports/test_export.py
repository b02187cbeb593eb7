"""Exports are found, named, written whole, and hold the figures of the balance."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from unit.reports.synthetic import full_result

from bilanz.app.reporting import wording, write_export
from bilanz.errors import UnknownName, UsageError
from reports.export import export, exports_found


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
