"""Lists of charging sessions in the layouts of several operators, and what tells them from other files."""

from datetime import datetime, time
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from golden.standard.comparison import workspace

from importers.base import SURE, ImportRequest, ImportResult, identify
from importers.charging_sessions import ChargingSessions


def written(directory: Path, *lines: str) -> Path:
    path = directory / "sessions.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def read(path: Path, **request: object) -> ImportResult:
    result = ChargingSessions().read(path, ImportRequest(**request), workspace(path.parent))  # type: ignore[arg-type]
    result.check()
    return result


LAYOUTS = {
    "UTC in the header": (
        "TransactionId;ChargePoint;Connector;UTCTransactionStart;UTCTransactionStop;StartCard;El_kWh",
        "1;CP7;1;01-02-2024 08:00;01-02-2024 09:30;ABCDEF;12,5",
        "2;CP7;2;14-02-2024 08:00;14-02-2024 09:30;ABCDEF;7,25",
    ),
    "stations and their connectors": (
        "Station Name,Start Date,End Date,Total Duration (hh:mm:ss),Energy (kWh),Port Number,EVSE ID,User ID",
        "TOWN #1,2/14/2024 09:00,2/14/2024 10:30,1:30:00,12.5,1,3,77",
        "TOWN #1,2/15/2024 09:00,2/15/2024 10:30,1:30:00,7.25,1,4,77",
    ),
    "a start and a duration": (
        "Ladepunkt;Ladebeginn;Ladedauer (min);Geladene Energie in kWh",
        "DE*1*E1;14.02.2024 09:00;90;12,5",
        "DE*1*E2;15.02.2024 09:00;90;7,25",
    ),
    "one date, two clocks, over midnight": (
        "Datum;Startzeit;Endzeit;Ladesäule;Anschluss;Verbrauch [kWh]",
        "14.02.2024;23:00;00:30;LS 1;1;12,5",
        "15.02.2024;09:00;10:30;LS 1;2;7,25",
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts(layout: str, tmp_path: Path) -> None:
    path = written(tmp_path, *LAYOUTS[layout])
    assert [found.name for found, claim in identify(path) if claim.confidence >= SURE] == [
        "charging_sessions"
    ]
    result = read(path)
    assert result.accepted == 2, result.issues
    assert result.activities["quantity"].to_list() == [Decimal("12.5"), Decimal("7.25")]
    lasted = (result.activities["end"] - result.activities["start"]).dt.total_minutes()
    assert lasted.to_list() == [90, 90]
    assert result.activities["source"].null_count() == 0
    assert set(result.activities["activity"]) == {"electricity_traction"}


def workbook(directory: Path, header: list[str], rows: list[list[object]], formats: dict[int, str]) -> Path:
    path = directory / "sessions.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("Sessions")
    styles = {place: book.add_format({"num_format": form}) for place, form in formats.items()}
    sheet.write_row(0, 0, header)
    for number, row in enumerate(rows, start=1):
        for place, value in enumerate(row):
            if isinstance(value, datetime | time):
                sheet.write_datetime(number, place, value, styles[place])
            else:
                sheet.write(number, place, value)
    book.close()
    return path


def test_dates_and_times_of_a_workbook(tmp_path: Path) -> None:
    day, begin, end = datetime(2024, 5, 1), time(8, 15), time(9, 45)  # noqa: DTZ001 - cells have no zone
    header = ["Ladepunkt", "Startdatum", "Startzeit", "Enddatum", "Endzeit", "Energie (kWh)"]
    formats = {1: "dd.mm.yyyy", 2: "hh:mm", 3: "dd.mm.yyyy", 4: "hh:mm"}
    result = read(workbook(tmp_path, header, [["LP 1", day, begin, day, end, 12.345]], formats))
    found = result.activities.select("start", "end", "quantity").row(0)
    assert [f"{moment:%H:%M}" for moment in found[:2]] == ["06:15", "07:45"]
    assert found[2] == Decimal("12.345")


def test_midnight_of_a_workbook_is_a_moment(tmp_path: Path) -> None:
    begin, end = datetime(2024, 5, 1, 22, 30), datetime(2024, 5, 2)  # noqa: DTZ001 - cells have no zone
    formats = {1: "dd.mm.yyyy hh:mm", 2: "dd.mm.yyyy hh:mm"}
    rows: list[list[object]] = [["DE*1*E1", begin, end, 12.345]]
    result = read(workbook(tmp_path, ["EVSE-ID", "Beginn", "Ende", "kWh"], rows, formats))
    lasted = (result.activities["end"] - result.activities["start"]).dt.total_minutes()
    assert lasted.to_list() == [90]


def test_a_header_that_says_utc_is_believed(tmp_path: Path) -> None:
    result = read(written(tmp_path, *LAYOUTS["UTC in the header"]), zone="Europe/Berlin")
    assert result.activities["start"][0].isoformat() == "2024-02-01T08:00:00"
    assert "ABCDEF" not in result.activities.write_csv() + result.issues.write_csv()


def test_a_bare_number_is_told_with_its_station(tmp_path: Path) -> None:
    result = read(written(tmp_path, *LAYOUTS["stations and their connectors"]))
    assert result.activities["source"].to_list() == ["TOWN #1 3", "TOWN #1 4"]


def test_no_unit_is_assumed(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "ChargingEvent,CPID,StartDate,StartTime,EndDate,EndTime,Energy,PluginDuration",
        "1,AN1,2017-12-31,23:59:00,2018-01-01,18:20:00,12.5,18.3",
    )
    assert read(path).issues["code"].to_list().count("missing_unit") == 1
    assert read(path, unit="kWh").activities["quantity"].to_list() == [Decimal("12.5")]


def exchanged(order: range, *, late_end: bool) -> list[str]:
    """Return rows of the days of two months, those up to the 12th with day and month exchanged."""
    lines = []
    for place in order:
        month, day = (6, place) if place <= 30 else (7, place - 30)
        end_month, end_day = (month, day + 1) if day < 30 else (month + 1, 1)
        first, last = ((m, d) if d > 12 else (d, m) for m, d in ((month, day), (end_month, end_day)))
        if not late_end:
            last = first
        lines.append(f"CP1;2024/{first[0]:02}/{first[1]:02};22:00;2024/{last[0]:02}/{last[1]:02};23:00;1,5")
    return lines


HEADER = "Ladepunkt;Startdatum;Startzeit;Enddatum;Endzeit;kWh"


def test_exchanged_dates_are_put_right_where_the_rows_prove_it(tmp_path: Path) -> None:
    result = read(written(tmp_path, HEADER, *exchanged(range(1, 60), late_end=True)))
    assert result.accepted == 59
    assert "exchanged_dates" in result.issues["code"].to_list()
    starts = result.activities["start"]
    assert starts.is_sorted()
    assert {moment.month for moment in starts} == {6, 7}


def test_exchanged_dates_without_a_session_over_midnight_prove_nothing(tmp_path: Path) -> None:
    result = read(written(tmp_path, HEADER, *exchanged(range(1, 60), late_end=False)))
    assert "exchanged_dates" not in result.issues["code"].to_list()
    assert result.accepted == 59


def test_a_declared_format_is_never_mended(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER, *exchanged(range(1, 60), late_end=True))
    result = read(path, declared={"Startdatum": "YYYY/MM/DD"})
    assert "exchanged_dates" not in result.issues["code"].to_list()
    assert result.rejected > 0


def test_right_dates_stay_as_they_are(tmp_path: Path) -> None:
    lines = [f"CP1;2024/06/{day:02};22:00;2024/06/{day + 1:02};06:00;1,5" for day in range(1, 30)]
    result = read(written(tmp_path, HEADER, *lines, lines[0].replace("2024/06/02;06", "2024/05/02;06")))
    assert "exchanged_dates" not in result.issues["code"].to_list()
    assert (result.accepted, result.rejected) == (29, 1)


def test_two_connectors_at_a_time_are_two_sessions(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "CP ID,Connector,Start Date,Start Time,End Date,End Time,Total kWh",
        "7,1,2024-05-13,08:00,2024-05-13,09:00,5.5",
        "7,2,2024-05-13,08:00,2024-05-13,09:00,5.5",
        "7,2,2024-05-13,08:00,2024-05-13,09:00,5.5",
    )
    result = read(path)
    assert (result.accepted, result.rejected) == (2, 1)
    assert result.activities["document"].n_unique() == 2


@pytest.mark.parametrize(
    "header",
    [
        "Datum;Kennzeichen;Kartennummer;Produkt;Menge;Einheit",
        "Start;Ende;kWh",
        "organisation;site;source;activity;start;end;quantity;unit",
        "Zählpunkt;Datum;Uhrzeit;Verbrauch (kWh)",
    ],
)
def test_other_tables_are_not_claimed(header: str, tmp_path: Path) -> None:
    path = written(tmp_path, header, ";".join("1" for _ in header.split(";")))
    assert "charging_sessions" not in [found.name for found, claim in identify(path) if claim]


def test_an_implausible_session_is_pointed_out(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "CP ID,Model,Start Date,End Date,Total kWh",
        "7,Dual 22 kW,2024-05-13 08:00,2024-05-13 09:00,21.5",
        "7,Dual 22 kW,2024-05-14 08:00,2024-05-14 09:00,40.5",
    )
    issues = read(path).issues.filter(pl.col("code") == "suspect_value")
    # 40.5 kWh in an hour and the two minutes that may have been cut off: 39.2 kW
    assert issues.select("source_row", "parameters").rows() == [(3, '{"reason":"40 kW > 22 kW"}')]
