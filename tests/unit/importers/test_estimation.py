"""Estimates keep what they rest on, however damaged the file beside them is."""

import json
from pathlib import Path

import pytest
from golden.standard.comparison import workspace

from importers.base import FileSample, ImportRequest, ImportResult
from importers.estimation import MARK, Estimation

HEADER = (
    "organisation;source;activity;start;end;quantity;unit;basis;quality;"
    "bilanz: method;bilanz: reference;bilanz: formula;bilanz: basis_data"
)
PLACE = "depot;M1;electricity;2024-03-01;2024-03-31;1.5;kWh;none;estimated"
MARCH = f'{PLACE};own_history;2023-03;31 × a;"{{""a"":""1""}}"'
MAY = MARCH.replace("-03-", "-05-")


def read(folder: Path, *rows: str, header: str = HEADER) -> ImportResult:
    path = folder / "own_history.csv"
    formats = "bilanz: formats;quantity=1,234.5;start=YYYY-MM-DD;end=YYYY-MM-DD"
    path.write_text("\n".join([f"{MARK};1", formats, header, *rows, ""]), encoding="utf-8")
    assert Estimation().identify(FileSample.of(path)) is not None
    result = Estimation().read(path, ImportRequest(), workspace(folder))
    result.check()
    return result


def test_each_value_keeps_what_it_rests_on(tmp_path: Path) -> None:
    result = read(tmp_path, MARCH, MAY)
    assert result.activities["source_row"].to_list() == [4, 5]
    told = [json.loads(text) for text in result.activities["attributes"]]
    assert told[0] == {
        "method": "own_history",
        "reference": "2023-03",
        "formula": "31 × a",
        "basis_data": '{"a":"1"}',
    }


def test_a_column_of_the_same_name_that_is_not_ours_is_not_kept(tmp_path: Path) -> None:
    result = read(tmp_path, MARCH, header=HEADER.replace("bilanz: reference", "reference"))
    (told,) = (json.loads(text) for text in result.activities["attributes"])
    assert sorted(told) == ["basis_data", "formula", "method"]


@pytest.mark.parametrize(
    ("damaged", "named"),
    [
        (MARCH.removesuffix('"'), []),  # a quotation mark that does not end: no number is touched
        (MARCH.rpartition(";")[0], [(5, "ragged_row")]),  # a cell too few
        (f"{MARCH};more", [(5, "ragged_row")]),  # one too many
        (MARCH.replace(";own_history", ';own"history'), []),
        (MARCH.replace("1.5", "x"), [(5, "not_a_number")]),
    ],
)
def test_a_damaged_row_is_named_and_the_others_are_kept(
    tmp_path: Path, damaged: str, named: list[tuple[int, str]]
) -> None:
    result = read(tmp_path, MAY, damaged)
    errors = result.issues.filter(result.issues["severity"] == "error")
    assert errors.select("source_row", "code").rows() == named
    assert (result.accepted, result.rejected) == (2 - len(named), len(named))
    assert json.loads(result.activities["attributes"][0])["formula"] == "31 × a"
