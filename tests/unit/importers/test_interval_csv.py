"""Small files in every manner grid operators write them, against sums done by hand."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from scratch import NoScratch

from bilanz.errors import FileRefused
from bilanz.records import READING_SCHEMA, SERIES_SCHEMA, STATUS_ESTIMATED, STATUS_MEASURED
from importers.base import FileSample, ImportRequest, ImportResult, Workspace
from importers.formats.delimited import open_delimited
from importers.interval import layout, reading
from importers.interval_csv import IntervalCsv

Read = Callable[..., ImportResult]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Return a function that reads a text as a file; `block` bytes at a time."""

    def run(text: str | bytes, *, block: int | None = None, **request: object) -> ImportResult:
        path = tmp_path / "file.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        workspace = Workspace(tmp_path, NoScratch)
        asked = ImportRequest(**request)  # type: ignore[arg-type]
        if block is None:
            result = IntervalCsv().read(path, asked, workspace)
        else:
            file = open_delimited(path, layout.score)
            result = reading.read(file, layout.groups(file, asked.unit), asked, workspace, block=block)
        result.check()
        assert result.series.schema == pl.Schema(SERIES_SCHEMA)
        assert readings(result).schema == pl.Schema(READING_SCHEMA)
        return result

    return run


def readings(result: ImportResult) -> pl.DataFrame:
    if result.readings is None:
        return pl.DataFrame(schema=READING_SCHEMA)
    frame = pl.read_parquet(result.readings)
    assert frame.equals(frame.sort("series", "start"))
    assert frame.height == result.readings_accepted
    return frame


def issues(result: ImportResult, code: str) -> list[tuple[int | None, str | None, dict[str, str]]]:
    found = result.issues.filter(pl.col("code") == code)
    return [
        (row, value, json.loads(parameters))
        for row, value, parameters in found.select("source_row", "value", "parameters").iter_rows()
    ]


def counts(result: ImportResult) -> tuple[int, int, int, int]:
    return result.read, result.accepted, result.rejected, result.ignored


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).replace(tzinfo=None)


def profile(start: str, count: int, minutes: int = 15, *, form: str = "%d.%m.%Y %H:%M") -> list[str]:
    """Return local stamps of Berlin at equal distances in UTC."""
    first = pl.Series([datetime.fromisoformat(start)]).dt.replace_time_zone("Europe/Berlin")[0]
    stamps = pl.Series([first + timedelta(0)] * count).dt.convert_time_zone("UTC")
    steps = pl.Series([timedelta(minutes=minutes * number) for number in range(count)])
    return (stamps + steps).dt.convert_time_zone("Europe/Berlin").dt.to_string(form).to_list()


def table(
    stamps: list[str], values: list[str] | None = None, header: str = "Zeitpunkt;Verbrauch (kWh)"
) -> str:
    cells = values or ["0,5"] * len(stamps)
    return "\n".join([header, *(f"{stamp};{cell}" for stamp, cell in zip(stamps, cells, strict=True)), ""])


@pytest.mark.parametrize(
    ("day", "count", "utc_day"),
    [
        ("2024-03-31", 92, "2024-03-30T23:00"),
        ("2024-06-01", 96, "2024-05-31T22:00"),
        ("2024-10-27", 100, "2024-10-26T22:00"),
    ],
)
@pytest.mark.parametrize("is_end", [False, True])
def test_days_of_92_96_and_100_quarter_hours(
    read: Read, day: str, count: int, utc_day: str, *, is_end: bool
) -> None:
    stamps = profile(day, count + 1)[1:] if is_end else profile(day, count)
    result = read(table(stamps))
    assert counts(result) == (count, count, 0, 0)
    frame = readings(result)
    steps = [at(utc_day) + timedelta(minutes=15 * number) for number in range(count)]
    assert frame["start"].to_list() == steps
    assert frame["source_row"].to_list() == list(range(2, count + 2))
    which = issues(result, "stamp_assumed")[0][2]["which"]
    assert which == ("end" if is_end else "begin")
    assert not issues(result, "ambiguous_time")
    assert not issues(result, "gap")


def test_a_file_that_runs_backwards_keeps_the_doubled_hour(read: Read) -> None:
    stamps = profile("2024-10-27", 100)
    values = [f"{number},5" for number in range(100)]
    result = read(table(stamps[::-1], values[::-1]))
    frame = readings(result)
    assert frame["quantity"].to_list() == [Decimal(number) + Decimal("0.5") for number in range(100)]
    assert frame["source_row"].to_list() == list(range(101, 1, -1))


def test_an_october_day_without_the_doubled_hour_is_told(read: Read) -> None:
    once = list(dict.fromkeys(profile("2024-10-27", 100)))
    result = read(table(once))
    assert counts(result) == (96, 96, 0, 0)
    assert [row for row, _, _ in issues(result, "ambiguous_time")] == [10, 11, 12, 13]
    # after 02:45 in summer time the four quarter hours of winter time are missing
    assert issues(result, "gap") == [
        (14, None, {"count": "4", "start": "2024-10-27T02:00:00+01:00", "end": "2024-10-27T03:00:00+01:00"})
    ]


def test_a_time_that_does_not_exist_is_rejected(read: Read) -> None:
    stamps = [f"31.03.2024 {hour:02}:{minute:02}" for hour in range(24) for minute in (0, 15, 30, 45)]
    result = read(table(stamps))
    assert counts(result) == (96, 92, 4, 0)
    found = issues(result, "nonexistent_time")
    assert [(row, value) for row, value, _ in found] == [
        (10, "2024-03-31 02:00"),
        (11, "2024-03-31 02:15"),
        (12, "2024-03-31 02:30"),
        (13, "2024-03-31 02:45"),
    ]


@pytest.mark.parametrize(
    "header",
    [
        "Von;Bis;Messwert in kWh",
        "Beginn der Messreihe;Ende der Messreihe;Messwert in kWh",
        "DATE_FROM;DATE_TO;VALUE [kWh]",
    ],
)
def test_begin_and_end_in_columns(read: Read, header: str) -> None:
    stamps = profile("2024-05-01", 97)
    lines = [f"{low};{high};1,25" for low, high in pairwise(stamps)]
    result = read("\n".join([header, *lines]))
    assert counts(result) == (96, 96, 0, 0)
    assert readings(result)["quantity"].sum() == Decimal(120)  # 96 * 1.25
    assert not issues(result, "stamp_assumed")


def test_ends_a_second_or_minute_before_the_next_begin_are_the_same_interval(read: Read) -> None:
    lines = [
        "DATE_FROM;DATE_TO;kWh",
        "01.05.2024 00:00:00;01.05.2024 00:14:59;1",
        "01.05.2024 00:15:00;01.05.2024 00:29:59;2",
    ]
    result = read("\n".join(lines))
    assert readings(result)["minutes"].to_list() == [15, 15]


def test_date_and_clock_in_columns_of_their_own(read: Read) -> None:
    lines = [
        "Datum;Zeit von;Zeit bis;Verbrauch [kWh]",
        "01.05.2024;23:30:00;23:45:00;1,5",
        "01.05.2024;23:45:00;00:00:00;2,5",
    ]
    result = read("\n".join(lines))
    assert readings(result).select("start", "minutes").rows() == [
        (at("2024-05-01T21:30"), 15),
        (at("2024-05-01T21:45"), 15),
    ]


def test_offsets_in_the_stamps_are_exact(read: Read) -> None:
    lines = [
        "Ende Ablesezeitraum;Verbrauch [kWh]",
        "2024-10-27T02:45+02:00;1,5",
        "2024-10-27T02:00+01:00;2,5",
    ]
    lines += ["2024-10-27T02:15+01:00;3,5"]
    result = read("\n".join(lines))
    # ends 00:45, 01:00, 01:15 UTC
    assert readings(result)["start"].to_list() == [at(f"2024-10-27T{t}") for t in ("00:30", "00:45", "01:00")]
    assert not issues(result, "zone_assumed")
    other = "\n".join(lines).replace("+02:00", "-04:00").replace("+01:00", "-05:00")
    assert issues(read(other), "zone_assumed") == [(None, None, {"zone": "Europe/Berlin"})]


@pytest.mark.parametrize(
    ("header", "zone", "expected"),
    [
        ("datetime_start_eastern_time", None, "America/New_York"),
        ("Zeitstempel von", "Europe/Vienna", "Europe/Vienna"),
        ("Zeitstempel von (Europe/Vienna)", None, "Europe/Vienna"),
    ],
)
def test_the_zone_is_taken_from_the_caller_or_the_file(
    read: Read, header: str, zone: str | None, expected: str
) -> None:
    result = read(table(profile("2024-05-01", 8), header=f"{header};kWh"), zone=zone)
    assert result.series["zone"].to_list() == [expected]
    assert not issues(result, "zone_assumed")


def test_stamps_in_utc_count_on_days_of_berlin(read: Read) -> None:
    result = read(table(profile("2024-05-01", 8), header="Zeitstempel von (UTC);kWh"))
    assert readings(result)["start"][0] == at("2024-05-01T00:00")
    assert result.series["zone"].to_list() == ["Europe/Berlin"]


def test_nothing_decides_begin_or_end_until_it_is_declared(read: Read) -> None:
    text = table(profile("2024-05-01T08:00", 8))
    result = read(text)
    assert counts(result) == (8, 0, 8, 0)
    assert issues(result, "ambiguous_stamp")
    for which, start in (("begin", "06:00"), ("end", "05:45")):
        result = read(text, declared={"zeitpunkt": which})
        assert readings(result)["start"][0] == at(f"2024-05-01T{start}")


def test_a_declaration_may_name_both_time_columns_as_the_issue_does(read: Read) -> None:
    stamps = profile("2024-05-01T08:00", 8, form="%d/%m/%Y;%H:%M")
    text = "\n".join(["Datum;Zeit;Verbrauch (kWh)", *(f"{stamp};0,5" for stamp in stamps)])
    assert set(read(text).issues["column"].drop_nulls()) == {"Datum + Zeit"}
    dated = read(text, declared={"Datum + Zeit": "DD/MM/YYYY", "Zeit": "begin"})
    assert readings(dated)["start"][0] == at("2024-05-01T06:00")


@pytest.mark.parametrize("minutes", [5, 10, 15, 30, 60])
def test_power_becomes_energy_by_the_interval(read: Read, minutes: int) -> None:
    count = 24 * 60 // minutes
    result = read(
        table(profile("2024-05-01", count, minutes), ["7,2"] * count, "Zeitpunkt;Wirkleistung [kW]")
    )
    assert result.series.select("unit", "minutes").rows() == [("kWh", minutes)]
    # 7.2 kW over a day are 172.8 kWh whatever the interval
    assert readings(result)["quantity"].sum() == Decimal("172.8")
    assert [(entry.unit, entry.total, entry.records) for entry in result.control_sums] == [
        ("kWh", Decimal("172.8"), count)
    ]


def test_power_that_divides_badly_is_rounded_half_even_and_said_so(read: Read) -> None:
    stamps = profile("2024-05-01", 288, 5)
    result = read(table(stamps, ["0,1", "0,1", "0,000006", "0,000018"] * 72, "Zeitpunkt;Leistung (kW)"))
    # 0.1 / 12 = 0.00833..; 6 millionths / 12 = 0.5 → 0 (even); 18 / 12 = 1.5 → 2 (even)
    quantity = readings(result)["quantity"].head(4).to_list()
    assert quantity == [Decimal(text) for text in ("0.008333", "0.008333", "0", "0.000002")]
    # 144 times -0.0000003.. are -0.000048; 72 * (-0.5 + 0.5) millionths cancel
    assert issues(result, "rounded") == [(None, None, {"count": "288", "difference": "-0.000048"})]


@pytest.mark.parametrize(
    ("header", "code"),
    [("Zeitpunkt;Verbrauch (W/m²)", "refused_unit"), ("Zeitpunkt;Verbrauch", "missing_unit")],
)
def test_no_unit_is_assumed(read: Read, header: str, code: str) -> None:
    result = read(table(profile("2024-05-01", 96), header=header))
    assert counts(result) == (96, 0, 96, 0)
    assert len(issues(result, code)) == 1


def test_a_unit_may_come_from_the_caller_a_column_or_above_the_table(read: Read) -> None:
    stamps = profile("2024-05-01", 96)
    assert read(table(stamps, header="Zeitpunkt;Wert"), unit="MWh").series["unit"].to_list() == ["MWh"]
    above = "Wirkenergie;\nMWh;\n" + table(stamps, header="Zeitpunkt;Wert")
    assert read(above).series["unit"].to_list() == ["MWh"]
    lines = [f"{stamp};1,5;{unit}" for stamp, unit in zip(stamps, ["KWH"] * 95 + ["foo"], strict=True)]
    result = read("\n".join(["Zeitpunkt;Wert;Einheit", *lines]))
    assert counts(result) == (96, 95, 1, 0)
    assert result.series["unit"].to_list() == ["kWh"]
    assert issues(result, "unknown_unit")[0][:2] == (97, "foo")


def test_meter_readings_are_never_consumption(read: Read) -> None:
    stamps = profile("2024-05-01", 96)
    lines = [f"{stamp};{1000 + number};0,25" for number, stamp in enumerate(stamps)]
    result = read("\n".join(["Zeitpunkt;Zählerstand (kWh);Verbrauch (kWh)", *lines]))
    assert readings(result)["quantity"].sum() == Decimal(24)
    assert [value for _, value, _ in issues(result, "column_ignored")] == ["Zählerstand (kWh)"]


def test_status_words_mark_estimates_and_an_unknown_word_is_told(read: Read) -> None:
    words = [
        "G",
        "Wert ist gültig(L1)",
        "Ersatzwert",
        "Wert fraglich/nicht belastbar",
        "Quux",
        "",
        "EST",
        "VAL",
    ]
    stamps = profile("2024-05-01", 8)
    lines = [f"{stamp};1;{word}" for stamp, word in zip(stamps, words, strict=True)]
    result = read("\n".join(["Von;Verbrauch (kWh);Status", *lines]))
    yes, no = STATUS_ESTIMATED, STATUS_MEASURED
    assert readings(result)["status"].to_list() == [no, no, yes, yes, yes, no, yes, no]
    assert [value for _, value, _ in issues(result, "unknown_status")] == ["Quux"]


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("Energierichtung;Netzbezug", "consumption"),
        ("Energierichtung;Netzeinspeisung", "feed_in"),
        ("OBIS;1-1:2.9.0", "feed_in"),
        ("OBIS;1-1:1.9.0", "consumption"),
    ],
)
def test_the_direction_may_stand_above_the_table(read: Read, text: str, direction: str) -> None:
    result = read(f"{text}\n" + table(profile("2024-05-01", 96), header="Zeitpunkt;kWh"))
    assert result.series.select("direction", "activity").rows() == [(direction, "electricity")]
    assert not issues(result, "direction_assumed")


def test_what_nothing_says_is_assumed_aloud(read: Read) -> None:
    result = read(table(profile("2024-05-01", 96), header="Zeitpunkt;kWh"))
    assert result.series.select("direction", "activity", "source").rows() == [
        ("consumption", "electricity", None)
    ]
    codes = set(result.issues["code"])
    assert {"direction_assumed", "activity_assumed", "zone_assumed", "stamp_assumed"} <= codes
    hourly = read(table(profile("2024-05-01", 24, 60), header="Zeitpunkt;kWh"))
    assert hourly.series["activity"].to_list() == [None]
    assert not issues(hourly, "activity_assumed")
    gas = read(table(profile("2024-05-01", 24, 60), header="Zeitpunkt;kWh"), activity="natural_gas")
    assert gas.series["activity"].to_list() == ["natural_gas"]
    assert issues(gas, "basis_missing")


def test_the_callers_source_names_a_file_that_names_one_at_most(read: Read) -> None:
    assert read(table(profile("2024-05-01", 96)), source="M1").series["source"].to_list() == ["M1"]
    lines = [f"{meter};{stamp};1,5" for meter in "AB" for stamp in profile("2024-05-01", 96)]
    result = read("\n".join(["Zählpunkt;Zeitpunkt;kWh", *lines]), source="M1")
    assert result.series["source"].to_list() == ["A", "B"]


def test_two_directions_of_one_meter_are_two_series(read: Read) -> None:
    lines = [f"{stamp};1,5;0,5" for stamp in profile("2024-05-01", 96)]
    result = read("\n".join(["Zählpunkt;X1\nZeitpunkt;Bezug (kWh);Einspeisung (kWh)", *lines]))
    assert result.series.select("source", "direction", "column").rows() == [
        ("X1", "consumption", "Bezug (kWh)"),
        ("X1", "feed_in", "Einspeisung (kWh)"),
    ]
    totals = readings(result).group_by("series").agg(pl.col("quantity").sum()).sort("series")
    assert totals["quantity"].to_list() == [Decimal(144), Decimal(48)]
    assert counts(result) == (192, 192, 0, 0)


def test_power_beside_energy_and_tariffs_beside_their_sum_are_not_added(read: Read) -> None:
    lines = [f"{stamp};1,5;6;1;0,5" for stamp in profile("2024-05-01", 96)]
    header = (
        "Zeitpunkt;Verbrauch Gesamt (kWh);Leistung (kW);Verbrauch Hochtarif (kWh);Verbrauch Niedertarif (kWh)"
    )
    result = read("\n".join([header, *lines]))
    assert result.series["column"].to_list() == ["Verbrauch Gesamt (kWh)"]
    assert len(issues(result, "column_ignored")) == 3


def test_daily_sums_beside_quarter_hours_are_compared_not_added(read: Read) -> None:
    stamps = profile("2024-05-01", 192)
    lines = []
    for number, stamp in enumerate(stamps):
        day = f"0{number + 1}.05.2024 00:00;0{number + 1}.05.2024 23:59;48" if number < 2 else ";;"
        lines.append(f"{day};{stamp};{stamp[:-1]}9;0,5")
    lines = [line.replace("09;0,5", "14;0,5").replace("39;0,5", "44;0,5") for line in lines]
    lines = [line.replace("19;0,5", "29;0,5").replace("49;0,5", "59;0,5") for line in lines]
    result = read("\n".join(["kWh;;;kWh;;", "VON;BIS;WERT;VON;BIS;WERT", *lines]))
    assert counts(result) == (194, 192, 0, 2)
    assert readings(result)["quantity"].sum() == Decimal(96)
    assert [row for row, _, _ in issues(result, "total_row")] == [3, 4]


def test_a_daily_file_gives_records_of_civil_days(read: Read) -> None:
    lines = ["Datum von;Datum bis;Verbrauch [MWh]"]
    lines += ["30.03.2024;31.03.2024;1.234,5", "31.03.2024;01.04.2024;2.000,25", "01.04.2024;02.04.2024;3,0"]
    result = read("\n".join(lines))
    assert counts(result) == (3, 3, 0, 0)
    records = result.activities
    assert records.select("start", "end", "quantity", "unit").rows() == [
        (at("2024-03-29T23:00"), at("2024-03-30T23:00"), Decimal("1234.5"), "MWh"),
        (at("2024-03-30T23:00"), at("2024-03-31T22:00"), Decimal("2000.25"), "MWh"),
        (at("2024-03-31T22:00"), at("2024-04-01T22:00"), Decimal(3), "MWh"),
    ]
    assert result.control_sums[0].total == Decimal("3237.75")


def test_a_reading_that_crosses_midnight_is_a_record(read: Read) -> None:
    stamps = profile("2024-05-01T00:05", 192)
    result = read(table(stamps, ["8"] * 192, "Zeitpunkt von;Leistung (kW)"))
    assert counts(result) == (192, 192, 0, 0)
    # 23:50 begins on one day and ends on the next: 8 kW over a quarter of an hour are 2 kWh
    assert result.activities.select("start", "end", "quantity", "unit", "original_quantity").rows() == [
        (at("2024-05-01T21:50"), at("2024-05-01T22:05"), Decimal(2), "kWh", "8.000000"),
        (at("2024-05-02T21:50"), at("2024-05-02T22:05"), Decimal(2), "kWh", "8.000000"),
    ]
    assert result.activities["activity"].to_list() == ["electricity"] * 2
    assert readings(result)["quantity"].sum() == Decimal(380)


def test_a_stated_total_is_compared(read: Read) -> None:
    stamps = profile("2024-05-01", 96)
    good = read(table(stamps, header="Zeitpunkt;Lastgänge (48,000 kWh)"))
    assert not issues(good, "control_sum")
    bad = read(table(stamps, header="Zeitpunkt;Lastgänge (48,001 kWh)"))
    assert issues(bad, "control_sum") == [(None, "48.000000", {"expected": "48.001"})]


def test_duplicates_are_rejected_and_name_the_first_row(read: Read) -> None:
    stamps = profile("2024-05-01", 96)
    result = read(table([*stamps, stamps[3], stamps[3]], [*["0,5"] * 96, "9,5", "8,5"]))
    assert counts(result) == (98, 96, 2, 0)
    assert readings(result)["quantity"].sum() == Decimal(48)
    assert issues(result, "duplicate_interval") == [
        (98, "2024-05-01T00:45:00+02:00", {"first": "5"}),
        (99, "2024-05-01T00:45:00+02:00", {"first": "5"}),
    ]


def test_overlaps_are_rejected_and_name_the_row_they_overlap(read: Read) -> None:
    stamps = [*profile("2024-05-01", 96), "01.05.2024 10:05"]
    result = read(table(stamps))
    assert counts(result) == (97, 96, 1, 0)
    assert issues(result, "overlapping_interval") == [(98, "2024-05-01T10:05:00+02:00", {"first": "42"})]


def test_gaps_are_named_and_nothing_is_filled_in(read: Read) -> None:
    stamps = profile("2024-05-01", 96)
    result = read(table(stamps[:10] + stamps[13:]))
    assert counts(result) == (93, 93, 0, 0)
    assert issues(result, "gap") == [
        (12, None, {"count": "3", "start": "2024-05-01T02:30:00+02:00", "end": "2024-05-01T03:15:00+02:00"})
    ]


def test_what_cannot_be_read_costs_its_row_only(read: Read) -> None:
    stamps = profile("2024-05-01", 96)
    lines = table(stamps).splitlines()
    lines[3] = f"{stamps[2]};1.234,5O"
    lines[4] = f"{stamps[3]};"
    lines[5] = "32.05.2024 01:00;0,5"
    lines[6] = stamps[5]
    lines.append("Summe;48,0")
    result = read("\n".join(lines))
    assert counts(result) == (97, 92, 3, 2)
    assert issues(result, "not_a_number") == [(4, "1.234,5O", {"expected": "1.234,56"})]
    assert issues(result, "not_a_date") == [(6, "32.05.2024 01:00", {"expected": "DD.MM.YYYY HH:MM"})]
    assert issues(result, "ragged_row") == [(7, None, {"found": "1", "expected": "2"})]
    assert [row for row, _, _ in issues(result, "blank")] == [5]
    assert [row for row, _, _ in issues(result, "total_row")] == [98]


def test_an_ambiguous_column_is_refused_until_declared(read: Read) -> None:
    text = table(profile("2024-05-01", 96), ["1.234"] * 96)
    result = read(text)
    assert counts(result) == (96, 0, 96, 0)
    assert issues(result, "ambiguous_number") == [(None, None, {"candidates": "1.234,56 / 1,234.56"})]
    declared = read(text, declared={"Verbrauch (kWh)": "1,234.56"})
    assert readings(declared)["quantity"].sum() == Decimal("118.464")  # 96 * 1.234


def test_ambiguous_dates_are_refused_until_declared(read: Read) -> None:
    text = table([stamp.replace(".", "/") for stamp in profile("2024-05-01", 96)])
    assert counts(read(text)) == (96, 0, 96, 0)
    assert readings(read(text, declared={"Zeitpunkt": "DD/MM/YYYY"}))["start"][0] == at("2024-04-30T22:00")


def test_more_than_six_decimals_are_rounded_and_said_so(read: Read) -> None:
    result = read(table(profile("2024-05-01", 96), ["0,12345678"] * 96))
    assert readings(result)["quantity"].sum() == Decimal("11.851872")  # 96 * 0.123457
    # 96 * (0.123457 - 0.12345678) = 96 * 0.00000022
    assert issues(result, "rounded")[0][2] == {"count": "96", "difference": "0.000021120000000000"}


def test_the_declared_period_bounds_the_import(read: Read) -> None:
    low, high = at("2024-05-01T00:00"), at("2024-05-01T02:00")
    result = read(table(profile("2024-05-01", 96)), period=(low, high))
    assert counts(result) == (96, 8, 88, 0)
    assert issues(result, "outside_period")[0][0] == 2


def test_many_findings_are_counted_and_some_listed(read: Read) -> None:
    result = read(table(profile("2024-05-01", 2000), [*["0,5"] * 500, *[""] * 1500]))
    assert counts(result) == (2000, 500, 0, 1500)
    assert len(issues(result, "blank")) == 1000
    assert issues(result, "not_listed") == [(None, "blank", {"count": "500"})]


def meters(count: int, days: int, *, is_mixed: bool) -> list[str]:
    stamps = profile("2024-10-20", 96 * days)
    lines = [
        [f"M{meter};{stamp};{meter},{place * 397 % 1000:03}" for place, stamp in enumerate(stamps)]
        for meter in range(count)
    ]
    return [line for row in (zip(*lines, strict=True) if is_mixed else lines) for line in row]


def outcome(result: ImportResult) -> Mapping[str, object]:
    return {
        "readings": readings(result).sort("series", "start").drop("source_row").rows(),
        "sums": result.control_sums,
        "series": result.series.rows(),
        "counts": counts(result),
    }


@pytest.mark.parametrize("is_mixed", [False, True])
def test_small_blocks_give_what_one_block_gives(read: Read, *, is_mixed: bool) -> None:
    lines = meters(4, 10, is_mixed=is_mixed)
    text = "\n".join(["Zählpunkt;Zeitpunkt;Verbrauch (kWh)", *lines])
    whole = read(text)
    assert whole.accepted == 4 * 960
    assert outcome(read(text, block=8_000)) == outcome(whole)
    assert outcome(read(text, block=20_000)) == outcome(whole)


@pytest.mark.parametrize("block", [400, 700, 1_200, 4_000, 1_000_000])
def test_a_register_is_recognised_wherever_its_first_block_ends(read: Read, block: int) -> None:
    rising = [f"{12_000 + number / 2:.1f}".replace(".", ",") for number in range(960)]
    result = read(table(profile("2024-05-01", 960), rising), block=block)
    assert (result.accepted, result.rejected) == (0, 960)
    assert issues(result, "register_readings")


def test_a_later_block_that_proves_another_format_decides_again(read: Read) -> None:
    stamps = profile("2024-05-01", 960)
    undecided = read(table(stamps, [*["12"] * 900, *["1,5"] * 60]), block=4_000)
    assert readings(undecided)["quantity"].sum() == Decimal(900 * 12 + 90)
    mixed = [f"{stamp}:00" if number > 900 else stamp for number, stamp in enumerate(stamps)]
    assert counts(read(table(mixed), block=4_000)) == (960, 960, 0, 0)
    proofs = [*["1,5"] * 900, *["1.5"] * 10, *["1,5"] * 50]
    assert counts(read(table(stamps, proofs), block=4_000)) == (960, 950, 10, 0)
    grouped = [*["1,5"] * 900, *["1.234,5"] * 60]
    assert readings(read(table(stamps, grouped), block=4_000))["quantity"].sum() == Decimal(1350 + 74070)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("separator", [";", "\t", ","])
def test_encodings_and_separators(read: Read, encoding: str, separator: str) -> None:
    point = "." if separator == "," else ","
    text = table(profile("2024-05-01", 96), [f"0{point}25"] * 96, "Zeitpunkt;Verbrauch für Größe (kWh)")
    result = read(text.replace(";", separator).encode(encoding))
    assert readings(result)["quantity"].sum() == Decimal(24)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (table(profile("2024-05-01", 96)), True),
        ("organisation;start;end;quantity;unit;activity\nA;01.01.2024;01.02.2024;5;kWh;electricity\n", False),
        (("Start Date;Start Time;End Date;End Time;Total kWh\n01/05/2024;10:02;01/05/2024;11:31;7\n"
         "01/05/2024;13:44;01/05/2024;14:01;3\n13/05/2024;09:12;13/05/2024;09:40;2\n"), False),
        ("a;b\n1;2\n", False),
        ("", False),
        ("Zeitpunkt;Verbrauch (kWh)\nx;y\n", False),
    ],
)  # fmt: skip
def test_only_regular_values_are_claimed(tmp_path: Path, text: str, *, expected: bool) -> None:
    path = tmp_path / "x.csv"
    path.write_text(text, encoding="utf-8")
    claim = IntervalCsv().identify(FileSample.of(path))
    assert (claim is not None and claim.confidence >= 0.9) is expected


@pytest.mark.parametrize("data", [b"", b"\x00\x01", b"\xff\xfe", b'"', b"\xc3\x28;\n", b"Zeit;kWh\n" * 3])
def test_identify_never_raises(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(data)
    assert IntervalCsv().identify(FileSample.of(path)) is None


@pytest.mark.parametrize("text", ["", "a;b\n1;2\n", "\x00\x01"])
def test_files_that_are_none_are_refused(read: Read, text: str) -> None:
    with pytest.raises(FileRefused):
        read(text)


@pytest.mark.parametrize("declared", [{"Verbrauch": "kWh"}, {"Verbrauch": "1.234,56 kWh"}])
def test_a_unit_the_file_lacks_can_be_declared_for_a_column(tmp_path: Path, declared: dict[str, str]) -> None:
    rows = "\n".join(f"01.05.2024 {hour:02}:00;{hour},5" for hour in range(20))
    (tmp_path / "a.csv").write_text(f"Zeitstempel;Verbrauch\n{rows}\n", encoding="utf-8")
    request = ImportRequest(zone="Europe/Berlin", declared={"Zeitstempel": "begin", **declared})
    workspace = Workspace(tmp_path, scratch=lambda: None)  # type: ignore[arg-type, return-value]
    result = IntervalCsv().read(tmp_path / "a.csv", request, workspace)
    assert (result.accepted, result.rejected) == (20, 0)
    assert result.series["unit"].to_list() == ["kWh"]
