"""Forms of towns and territories: golden cases, read by their importer, held against what is expected."""

import json
from pathlib import Path

import polars as pl
from golden.standard.comparison import compare, read

from bilanz.issues import Issue, text
from importers.base import ImportRequest, ImportResult, identify
from importers.forms.importer import FormImporter

HERE = Path(__file__).parent
ZONE = ImportRequest(zone="Europe/Berlin")


def cases(folder: str) -> list[str]:
    """Return the cases of a golden folder: a clean and a dirty one at least."""
    return sorted(path.stem for path in (HERE / folder).glob("*.csv") if "." not in path.stem)


def read_case(importer: FormImporter, case: str, directory: Path) -> ImportResult:
    """Read a case with the importer that alone claims it; every issue has both texts."""
    path = HERE / importer.name / f"{case}.csv"
    assert [found.name for found, claim in identify(path) if claim.confidence >= 0.9] == [importer.name]
    result = read(importer, path, directory, ZONE)
    for row in result.issues.to_dicts():
        issue = Issue(
            row["code"], row["source_row"], row["column"], row["value"], json.loads(row["parameters"])
        )
        assert "{" not in text(issue, "de", file=path.name) + text(issue, "en", file=path.name)
    rejected = result.issues.filter(pl.col("severity") == "error")["source_row"].drop_nulls()
    if result.rejects is not None:
        assert set(rejected) == set(result.rejects.rows["__row"])
    return result


def check(importer: FormImporter, case: str, directory: Path, *, update: bool) -> None:
    """Hold records and issues of a case against the files beside it."""
    compare(read_case(importer, case, directory), HERE / importer.name / case, update=update)
