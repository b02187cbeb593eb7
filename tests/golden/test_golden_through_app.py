"""The golden files of the importers through the way every file takes: counted, summed up, compared."""

from pathlib import Path

import pytest

from bilanz.app.intake.examination import examine
from bilanz.store.archive import Taken
from importers.base import ImportRequest

HERE = Path(__file__).parent
FILES = [
    path
    for folder, pattern in (
        ("standard", "*.csv"),
        ("fuel_card", "*.csv"),
        ("einvoice", "*.xml"),
        ("eforms", "*.xml"),
        ("ocds", "*.json"),
        ("einvoice", "*.edi"),
        ("mscons", "*.edi"),
        ("town_*", "*.csv"),
        ("territory_[et]*", "*.csv"),
    )
    for path in sorted(HERE.glob(f"{folder}/{pattern}"))
    if "." not in path.stem
]


def test_there_are_files() -> None:
    assert len(FILES) >= 10


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_sums_of_the_file_are_the_sums_of_its_records(path: Path, tmp_path: Path) -> None:
    found = examine(
        Taken(path, "0" * 64), request=ImportRequest(), directory=tmp_path, organisation="x", language="en"
    )
    assert found.importer.name == path.parent.name
    assert found.accepted == found.result.accepted
    assert found.controls
