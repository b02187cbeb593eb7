"""The golden files of data hubs and charge points through the way every file takes: counted and summed up."""

from pathlib import Path

import pytest

from bilanz.app.intake.examination import examine
from bilanz.store.archive import Taken
from importers.base import ImportRequest

HERE = Path(__file__).parent
FOLDERS = (
    *("acn_data", "charging_sessions", "datadis", "enedis", "energinet", "fingrid", "fluvius"),
    *("mijn_aansluiting", "ocpi", "ocpp"),
)
FILES = [
    path
    for folder in FOLDERS
    for path in sorted((HERE / folder).iterdir())
    if path.suffix in {".json", ".jsonl"} or (path.suffix == ".csv" and folder == "charging_sessions")
    if path.name.count(".") == 1
]


def test_there_are_files() -> None:
    assert len(FILES) == 21


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_sums_of_the_file_are_the_sums_of_its_records(path: Path, tmp_path: Path) -> None:
    found = examine(
        Taken(path, "0" * 64), request=ImportRequest(), directory=tmp_path, organisation="x", language="de"
    )
    assert found.importer.name == path.parent.name
    assert found.accepted == found.result.accepted
    is_mixed = found.result.readings_accepted > 0 and found.result.activities.height > 0
    assert found.result.control_sums or is_mixed  # readings and records of one column are stored apart
