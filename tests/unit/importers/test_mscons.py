"""Metering messages: what a code proves, what a period is, what is no consumption."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from scratch import NoScratch

from bilanz.errors import FileRefused
from importers.base import FileSample, ImportRequest, ImportResult, Workspace
from importers.mscons import Mscons
from importers.mscons_message import reading
from importers.mscons_message.codes import obis

POINT = "LOC+172+DE0001234500000000000000000000001"
ACTIVE = "PIA+5+1-1?:1.29.0:SRW"


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
    clocks = [f"{hour:02}{minute:02}" for hour in range(3) for minute in (0, 15, 30, 45)]
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
        "LIN+2", quarter("2:KWH", "0015", "0030"),
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
    result = read(tmp_path, POINT, "LIN+1", counter, quarters("5", "4", "6", "3", "3", "2", "7"))
    assert readings(result)["quantity"].sum() == Decimal(30)


def test_a_counter_that_fell_once_was_changed_and_stays_a_counter(tmp_path: Path) -> None:
    result = read(
        tmp_path, POINT, "LIN+1", "PIA+5+1-1?:1.8.0:SRW", quarters("12000:KWH", "12100:KWH", "50:KWH")
    )
    assert (result.accepted, codes(result)) == (0, ["register_refused"])


def test_tariffs_count_where_no_total_stands_beside_them(tmp_path: Path) -> None:
    tariffs = [f"LIN+{n}'PIA+5+1-1?:1.29.{n}:SRW'{quarters(str(n))}" for n in (1, 2)]
    result = read(tmp_path, POINT, *tariffs)
    assert readings(result)["quantity"].sum() == Decimal(3)
    point = POINT.removeprefix("LOC+172+")
    assert result.series["source"].to_list() == [f"{point} 1-1:1.29.1", f"{point} 1-1:1.29.2"]
    result = read(tmp_path, POINT, "LIN+3", ACTIVE, quarters("3"), *tariffs)
    assert readings(result)["quantity"].sum() == Decimal(3)
    assert codes(result) == ["tariff_part", "tariff_part"]


JANUARY = ("202412312300?+00", "202501312300?+00")


def test_tariffs_are_parts_of_a_total_whatever_its_bounds(tmp_path: Path) -> None:
    middle = "202501152300?+00"
    halves = f"{value('2000:KWH', JANUARY[0], middle)}'{value('0:KWH', middle, JANUARY[1])}"
    result = read(
        tmp_path, POINT,
        "LIN+1", "PIA+5+1-1?:1.9.0:SRW", value("3000:KWH", *JANUARY),
        "LIN+2", "PIA+5+1-1?:1.9.1:SRW", halves,
        "LIN+3", "PIA+5+1-1?:1.9.2:SRW", value("1000:KWH", *JANUARY),
    )  # fmt: skip
    assert result.activities["quantity"].to_list() == [Decimal(3000)]
    assert codes(result) == ["tariff_part"] * 3


def test_a_tariff_of_a_quarter_beside_the_total_of_a_month_is_not_counted_and_named(tmp_path: Path) -> None:
    quarter_year = value("7000:KWH", JANUARY[0], "202503312200?+00")
    result = read(
        tmp_path, POINT,
        "LIN+1", "PIA+5+1-1?:1.9.0:SRW", value("3000:KWH", *JANUARY),
        "LIN+2", "PIA+5+1-1?:1.9.1:SRW", quarter_year,
    )  # fmt: skip
    assert result.activities["quantity"].to_list() == [Decimal(3000)]
    assert codes(result) == ["partly_covered"]
    assert '"sum": "3000"' in result.issues["parameters"][0]


@pytest.mark.parametrize("volume", ["7-10?:99.33.17", "7-10?:3.0.0"])
def test_gas_counts_as_energy_where_its_volume_stands_beside_it(volume: str, tmp_path: Path) -> None:
    result = read(
        tmp_path, POINT,
        "LIN+1", "PIA+5+7-20?:99.33.17:SRW", quarters("110:KWH", "110:KWH"),
        "LIN+2", f"PIA+5+{volume}:SRW", quarters("10:MTQ", "10:MTQ"),
    )  # fmt: skip
    assert readings(result)["quantity"].sum() == Decimal(220)
    assert result.series["unit"].to_list() == ["kWh"]
    assert result.ignored == 2
    assert codes(result).count("series_ignored") == 1


def test_mean_power_beside_the_energy_of_its_intervals_is_ignored(tmp_path: Path) -> None:
    power = ("LIN+2", "PIA+5+1-1?:1.5.0:SRW", quarters("4:KWT", "4:KWT"))
    result = read(tmp_path, POINT, "LIN+1", ACTIVE, quarters("1:KWH", "1:KWH"), *power)
    assert readings(result)["quantity"].sum() == Decimal(2)
    assert result.ignored == 2
    assert codes(result).count("series_ignored") == 1
    assert readings(read(tmp_path, POINT, *power))["quantity"].sum() == Decimal(2)  # alone it counts


@pytest.mark.parametrize(
    ("code", "unit"), [("1-1?:1.29.0", ""), ("1-1?:1.9.0", ":KWH"), ("1-1?:1.29.0*255", ":KWH")]
)
def test_a_correction_in_another_spelling_replaces_the_value(code: str, unit: str, tmp_path: Path) -> None:
    again = ["UNT+9+1", "UNH+2+MSCONS:D:04B:UN:2.4c", "BGM+7+E+9", "DTM+137:202502020600?+00:303"]
    result = read(
        tmp_path, "DTM+137:202502010600?+00:303",
        POINT, "LIN+1", ACTIVE, quarters("1:KWH", "1:KWH", "1:KWH"),
        *again, POINT, "LIN+1", f"PIA+5+{code}:SRW", quarters(f"2{unit}", f"2{unit}"),
    )  # fmt: skip
    assert readings(result)["quantity"].to_list() == [2, 2, 1]
    assert result.series.height == 1
    assert codes(result).count("value_replaced") == 2


def test_an_hour_beside_its_quarter_hours_counts_once(tmp_path: Path) -> None:
    hour = value("10:KWH", "202501142300?+00", "202501150000?+00")
    month = ("LIN+2", "PIA+5+1-1?:1.9.0:SRW", hour)
    result = read(tmp_path, POINT, "LIN+1", ACTIVE, quarters("1", "2", "3", "4"), *month)
    assert (result.accepted, result.rejected, codes(result)) == (4, 1, ["same_series_twice"])


def test_a_month_beside_its_quarter_hours_counts_once(tmp_path: Path) -> None:
    month = value("10", "202412312300?+00", "202501312300?+00")
    result = read(
        tmp_path, POINT, "LIN+1", ACTIVE, quarters("4", "6"), "LIN+2", "PIA+5+1-1?:1.9.0:SRW", month
    )
    assert (result.accepted, result.ignored, codes(result)) == (2, 1, ["partly_covered"])
    assert '"share": "0.1"' in result.issues["parameters"][0]


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
