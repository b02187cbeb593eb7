"""The reference figures beside the repository, where they are there: one CSV per publication."""

import csv
from pathlib import Path

REFERENCE = Path(__file__).parents[2] / "shared" / "reference"
ABSENT = "the reference figures are not beside the repository"


def reference(name: str) -> list[dict[str, str]]:
    with (REFERENCE / f"{name}.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert rows
    return rows
