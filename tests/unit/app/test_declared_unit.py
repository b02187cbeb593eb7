"""A unit declared for a whole file is lent where the file states none; what the file states stands."""

from functools import partial
from pathlib import Path

import pytest

from bilanz.app.intake.ingest import import_file
from bilanz.app.settings import Settings
from bilanz.errors import FileRefused, UnitError

SILENT = "source;activity;start;end;quantity\nZ1;electricity;2024-01-01;2024-01-31;10,5\n"
STATED = "source;activity;start;end;quantity;unit\nZ1;electricity;2024-01-01;2024-01-31;10,5;kWh\n"


def written(directory: Path, text: str) -> Path:
    path = directory / "upload.csv"
    path.write_text(text, encoding="utf-8")
    return path


def totals(path: Path, declared: dict[str, str]) -> list[tuple[str, str]]:
    settings = Settings(data=path.parent / "data", lang="en")
    asked = partial(import_file, path, organisation="town", settings=settings, dry_run=True)
    found = asked(importer="standard", declared=declared).as_json()
    return [(one["quantity"], one["unit"]) for one in found["totals"]]


@pytest.mark.parametrize("name", ["unit", "Einheit"])
def test_it_is_lent_where_the_file_states_none(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, SILENT)
    with pytest.raises(FileRefused):
        totals(path, {})
    assert totals(path, {name: "MWh"}) == [("10.5", "MWh")]


def test_what_the_file_states_stands(tmp_path: Path) -> None:
    assert totals(written(tmp_path, STATED), {"unit": "MWh"}) == [("10.5", "kWh")]


def test_what_is_no_unit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnitError, match="kWurst"):
        totals(written(tmp_path, SILENT), {"unit": "kWurst"})
