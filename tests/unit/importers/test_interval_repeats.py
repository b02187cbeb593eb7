"""Files whose meters run through the same times: what is compared instead of read costs no row its report."""

import json
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from importers.base import ImportRequest, ImportResult, Workspace
from importers.formats import encoding
from importers.formats.delimited import open_delimited
from importers.interval import layout, reading, repeats, vocabulary

HEADER = "Zählpunkt;Zeitpunkt;Verbrauch (kWh)"
DAYS = 20
STAMPS = [
    f"{day:02}.06.2024 {minute // 60:02}:{minute % 60:02}"
    for day in range(1, DAYS + 1)
    for minute in range(0, 1440, 15)
]


def rows(meters: int) -> list[list[str]]:
    return [[f"M{meter}", stamp, f"{meter},5"] for meter in range(meters) for stamp in STAMPS]


def read(path: Path, lines: list[list[str]], *, block: int, header: str = HEADER) -> ImportResult:
    text = "\n".join([header, *(";".join(line) for line in lines), ""])
    path.write_bytes(text.encode("cp1252"))
    file = open_delimited(path, layout.score)
    workspace = Workspace(path.parent, lambda: pytest.fail("no database is needed"))
    result = reading.read(file, layout.groups(file), ImportRequest(), workspace, block=block)
    result.check()
    return result


@pytest.mark.parametrize("block", [50_000, 130_000, 10_000_000])
def test_a_stamp_that_is_none_is_told_with_row_and_text_wherever_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(repeats, "LEAST", 100)
    lines = rows(8)
    wrong = {7: "", 5000: "x", 9000: "31.06.2024 00:00", 15000: "1"}
    for place, text in wrong.items():
        lines[place][1] = text
    result = read(tmp_path / "a.csv", lines, block=block)
    found = result.issues.filter(pl.col("code") == "not_a_date")
    assert found.select("source_row", "value").rows() == [(place + 2, text) for place, text in wrong.items()]
    assert result.accepted == len(lines) - len(wrong)
    stored = pl.read_parquet(result.readings) if result.readings else pl.DataFrame()
    taken = [place + 2 for place in range(len(lines)) if place not in wrong]
    assert stored["source_row"].to_list() == taken
    local = stored["start"].dt.replace_time_zone("UTC").dt.convert_time_zone("Europe/Berlin")
    assert local.dt.to_string("%d.%m.%Y %H:%M").to_list() == [lines[row - 2][1] for row in taken]


def test_meters_that_end_early_keep_their_own_times(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeats, "LEAST", 100)
    lines = [line for line in rows(6) if line[0] != "M2" or line[1] < "12"]
    result = read(tmp_path / "a.csv", lines, block=60_000)
    assert result.accepted == len(lines)
    assert result.readings is not None
    assert pl.read_parquet(result.readings)["source_row"].to_list() == [n + 2 for n in range(len(lines))]
    assert result.control_sums[0].total == sum(Decimal(line[2].replace(",", ".")) for line in lines)


def test_signs_of_one_byte_are_decoded_piece_by_piece(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding, "_PIECE", 64)
    lines = rows(2)
    lines[700][2] = "1,5 €"
    result = read(tmp_path / "a.csv", lines, block=30_000)
    (found,) = result.issues.filter(pl.col("code") == "not_a_number").iter_rows(named=True)
    assert (found["source_row"], found["value"], found["column"]) == (702, "1,5 €", "Verbrauch (kWh)")
    assert json.loads(found["parameters"])["expected"]


def test_a_column_of_blanks_beside_a_status_is_ignored_not_stumbled_over(tmp_path: Path) -> None:
    lines = [[meter, stamp, "", "W"] for meter, stamp, _ in rows(1)]
    result = read(tmp_path / "a.csv", lines, block=10_000_000, header=f"{HEADER};Status")
    assert (result.read, result.accepted, result.ignored) == (len(lines), 0, len(lines))


def test_every_phrase_looked_for_in_headers_has_a_letter() -> None:
    """`vocabulary` passes over texts without one."""
    kinds = ("role", "direction", "activity")
    phrases = [phrase for kind in kinds for _, found in vocabulary._phrases(kind) for phrase in found]  # noqa: SLF001 - the table as it is read
    assert len(phrases) > len(kinds)
    assert all(any(sign.isalpha() for sign in "".join(phrase.words)) for phrase in phrases)
