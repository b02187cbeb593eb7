"""Metering messages: what a code proves, what a period is, what is no consumption."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from bilanz.errors import FileRefused
from importers.base import FileSample, ImportRequest, ImportResult, Workspace
from importers.mscons import Mscons
from importers.mscons_message import reading
from importers.mscons_message.codes import obis

POINT = "LOC+172+DE0001234500000000000000000000001"
ACTIVE = "PIA+5+1-1?:1.29.0:SRW"


class NoScratch:
    def execute(self, query: str, parameters: list[object] | None = None) -> list[tuple[object, ...]]:
        raise NotImplementedError

    def frame(self, query: str) -> pl.DataFrame:
        raise NotImplementedError


def read(directory: Path, *body: str, **request: Any) -> ImportResult:  # noqa: ANN401 - of the request
    segments = "'".join(["UNH+1+MSCONS:D:04B:UN:2.4c", "BGM+7+D+9", *body]).split("'")
    text = "'".join(["UNB+UNOC:3+A+B", *segments, f"UNT+{len(segments) + 1}+1", "UNZ+1+R", ""])
    path = directory / "file.edi"
    path.write_text(text, encoding="utf-8")
    result = Mscons().read(path, ImportRequest(**request), Workspace(directory, NoScratch))
    result.check()
    return result


def value(text: str, begin: str, end: str, code: str = "303", qualifier: str = "220") -> str:
    return f"QTY+{qualifier}:{text}'DTM+163:{begin}:{code}'DTM+164:{end}:{code}"


def quarter(text: str, clock: str, end: str, qualifier: str = "220") -> str:
    day = "20250115"
    return value(text, f"{day}{clock}?+01", f"{day}{end}?+01", qualifier=qualifier)


def quarters(*texts: str) -> str:
    clocks = ["0000", "0015", "0030", "0045", "0100"]
    return "'".join(quarter(text, *clocks[place : place + 2]) for place, text in enumerate(texts))


def readings(result: ImportResult) -> pl.DataFrame:
    assert result.readings is not None
    return pl.read_parquet(result.readings)


def codes(result: ImportResult) -> list[str]:
    return list(result.issues["code"])


@pytest.mark.parametrize(
    ("code", "direction", "is_energy", "is_reactive"),
    [
        ("1-1:1.29.0", "consumption", True, False),
        ("1-1:2.29.0*255", "feed_in", True, False),
        ("1-0:1.9.1", "consumption", True, False),
        ("1-1:5.29.0", None, False, True),
        ("1-1:23.29.0", None, False, True),
        ("1-1:16.29.0", None, False, False),
        ("1-1:1.6.0", "consumption", False, False),
        ("7-20:3.0.0", None, False, False),
    ],
)
def test_obis_codes(code: str, direction: str | None, is_energy: bool, is_reactive: bool) -> None:  # noqa: FBT001 - a table of cases
    found = obis(code)
    assert found is not None
    assert (found.direction, found.is_energy, found.is_reactive) == (direction, is_energy, is_reactive)


@pytest.mark.parametrize("code", ["", "1.29.0", "AUA", "1-1:1", "11-1:1.29.0"])
def test_other_codes_are_none(code: str) -> None:
    assert obis(code) is None


def test_the_code_proves_the_unit_of_active_energy_only(tmp_path: Path) -> None:
    assert read(tmp_path, POINT, "LIN+1", ACTIVE, quarters("1", "2")).series["unit"].to_list() == ["kWh"]
    for code in ("PIA+5+7-20?:99.33.17:SRW", "PIA+5+ABC:SRW", "PIA+5+6-0?:1.0.0:SRW"):
        assert codes(read(tmp_path, POINT, "LIN+1", code, quarters("1", "2"))) == ["missing_unit"]


def test_the_registered_unit_is_taken_where_the_message_states_none(tmp_path: Path) -> None:
    result = read(tmp_path, POINT, "LIN+1", "PIA+5+7-20?:3.1.0:SRW", quarters("1", "2"), unit="m3")
    assert result.series.select("unit", "activity").rows() == [("m3", "natural_gas")]


def test_statements_hold_until_the_next_of_their_level(tmp_path: Path) -> None:
    result = read(
        tmp_path,
        POINT, "CCI+++Z06", "LIN+1", "PIA+5+ABC:SRW", quarters("1:KWH"),
        "LIN+2", quarters("2:KWH"),
        "NAD+DP", "LOC+172+51234567890", "LIN+1", quarters("4:KWH"),
    )  # fmt: skip
    assert result.series.select("source", "direction", "column").rows() == [
        ("DE0001234500000000000000000000001", "feed_in", "QTY ABC"),
        ("DE0001234500000000000000000000001", "feed_in", "QTY"),
        ("51234567890", "consumption", "QTY"),
    ]


def test_counters_are_refused_unless_their_values_fall(tmp_path: Path) -> None:
    counter = "PIA+5+1-1?:1.8.0:SRW"
    assert codes(read(tmp_path, POINT, "LIN+1", counter, quarters("5", "5", "6"))) == ["register_refused"]
    result = read(tmp_path, POINT, "LIN+1", counter, quarters("5", "4", "6"))
    assert readings(result)["quantity"].sum() == Decimal(15)


def test_tariffs_count_where_no_total_stands_beside_them(tmp_path: Path) -> None:
    tariffs = [f"LIN+{n}'PIA+5+1-1?:1.29.{n}:SRW'{quarters(str(n))}" for n in (1, 2)]
    assert readings(read(tmp_path, POINT, *tariffs))["quantity"].sum() == Decimal(3)
    result = read(tmp_path, POINT, "LIN+3", ACTIVE, quarters("3"), *tariffs)
    assert readings(result)["quantity"].sum() == Decimal(3)
    assert codes(result) == ["tariff_part", "tariff_part"]


def test_a_month_beside_its_quarter_hours_counts_once(tmp_path: Path) -> None:
    month = value("10", "202412312300?+00", "202501312300?+00")
    result = read(
        tmp_path, POINT, "LIN+1", ACTIVE, quarters("4", "6"), "LIN+2", "PIA+5+1-1?:1.9.0:SRW", month
    )
    assert (result.accepted, result.ignored, codes(result)) == (2, 1, ["total_row"])


@pytest.mark.parametrize(
    ("begin", "end", "code", "start", "stop"),
    [
        ("202501010000", "202501020000", "203", "2024-12-31T23", "2025-01-01T23"),
        ("202501010000?+01", "202501012400?+01", "303", "2024-12-31T23", "2025-01-01T23"),
        ("202507010000MESZ", "202507020000MESZ", "303", "2025-06-30T22", "2025-07-01T22"),
        ("20250101000000", "20250102000000", "204", "2024-12-31T23", "2025-01-01T23"),
        ("2501010000", "2501020000", "201", "2024-12-31T23", "2025-01-01T23"),
        ("20250101", "20250101", "102", "2024-12-31T23", "2025-01-01T23"),
        ("20250101", "20250201", "102", "2024-12-31T23", "2025-01-31T23"),
        ("20250101", "20250131", "102", "2024-12-31T23", "2025-01-31T23"),
        # the day of the clock change has 23 hours
        ("202503300000", "202503310000", "203", "2025-03-29T23", "2025-03-30T22"),
    ],
)
def test_formats_of_times(begin: str, end: str, code: str, start: str, stop: str, tmp_path: Path) -> None:
    record = read(tmp_path, POINT, "LIN+1", ACTIVE, value("7", begin, end, code)).activities.row(
        0, named=True
    )
    assert (record["start"], record["end"]) == tuple(map(datetime.fromisoformat, (start, stop)))


def test_both_ends_in_one_text(tmp_path: Path) -> None:
    result = read(tmp_path, POINT, "LIN+1", ACTIVE, "QTY+220:7", "DTM+324:202501010000202501010015:719")
    assert readings(result).row(0)[1:4] == (datetime(2024, 12, 31, 23), 15, Decimal(7))  # noqa: DTZ001 - UTC as stored


@pytest.mark.parametrize(
    ("begin", "end", "code", "issue"),
    [
        ("202502300000?+01", "202503010000?+01", "303", "not_a_date"),
        ("202501010000", "202501010015", "303", "not_a_date"),  # the format promises an offset
        ("202501012500?+01", "202501020000?+01", "303", "not_a_date"),
        ("202501010000?+99", "202501010015?+99", "303", "not_a_date"),
        ("202501", "202502", "610", "not_a_date"),
        ("202501010000?+01", "202501010000?+01", "303", "end_before_start"),
        ("20250110", "20250117", "102", "days_unclear"),
        ("202503300230", "202503300245", "203", "nonexistent_time"),
    ],
)
def test_times_that_cannot_be_taken(begin: str, end: str, code: str, issue: str, tmp_path: Path) -> None:
    result = read(tmp_path, POINT, "LIN+1", ACTIVE, value("7", begin, end, code))
    assert (result.rejected, [one for one in codes(result) if one != "zone_assumed"]) == (1, [issue])


def test_a_disturbed_clock_is_put_onto_the_slots_it_fills(tmp_path: Path) -> None:
    disturbed = [quarter("1", "0000", "0016"), quarter("2", "0016", "0030"), quarter("3", "0030", "0045")]
    result = read(tmp_path, POINT, "LIN+1", ACTIVE, *disturbed, quarter("4", "0045", "0100"))
    assert readings(result)["start"].dt.minute().to_list() == [0, 15, 30, 45]
    assert codes(result) == ["interval_moved"]


def test_a_gap_beside_the_slots_moves_nothing(tmp_path: Path) -> None:
    result = read(tmp_path, POINT, "LIN+1", ACTIVE, quarters("1", "2"), quarter("3", "0033", "0045"))
    assert "interval_moved" not in codes(result)
    assert result.activities["quantity"].to_list() == [Decimal(3)]


@pytest.mark.parametrize(
    ("qualifier", "text", "accepted", "status"),
    [
        ("220", "0", 1, 0),
        ("67", "0", 1, 1),
        ("201", "2", 1, 1),
        ("Z18", "2", 1, 1),
        ("187", "2", 1, 1),
        ("Z18", "0", 0, None),
        ("20", "2", 0, None),
        ("ZZZ", "2", 0, None),
    ],
)
def test_qualifiers(qualifier: str, text: str, accepted: int, status: int | None, tmp_path: Path) -> None:
    result = read(tmp_path, POINT, "LIN+1", ACTIVE, quarter(text, "0000", "0015", qualifier))
    assert result.accepted == accepted
    if status is not None:
        assert readings(result)["status"].to_list() == [status]


def test_the_latest_delivery_counts(tmp_path: Path) -> None:
    assert read(tmp_path, POINT, "LIN+1", ACTIVE, quarters("1")).latest_delivery


def test_a_message_without_values_is_an_empty_import(tmp_path: Path) -> None:
    assert read(tmp_path).read == 0
    assert codes(read(tmp_path, "UNT+3+1")) == ["segment_count"]


def test_too_many_series_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "SERIES_LIMIT", 1)
    with pytest.raises(FileRefused) as caught:
        read(tmp_path, POINT, "LIN+1", ACTIVE, quarters("1"), "LIN+2", quarters("2"))
    assert caught.value.code == "too_many_series"


def test_only_messages_of_this_type_are_claimed(tmp_path: Path) -> None:
    path = tmp_path / "other.edi"
    path.write_text("UNB+UNOC:3'UNH+1+UTILMD:D'", encoding="utf-8")
    assert Mscons().identify(FileSample.of(path)) is None
