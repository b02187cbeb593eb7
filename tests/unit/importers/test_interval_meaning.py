"""What a column of an interval file means: registers, units, notes, totals, directions, signs."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from scratch import NoScratch

from bilanz.errors import FileRefused
from importers.base import ImportRequest, ImportResult, Workspace
from importers.interval_csv import IntervalCsv

Read = Callable[..., ImportResult]
TIMES = [f"15.01.2024 {minute // 60:02d}:{minute % 60:02d}" for minute in range(0, 1440, 15)]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def run(header: str, *cells: Callable[[int], str] | str, unit: str | None = None) -> ImportResult:
        path = tmp_path / "file.csv"
        rows = [
            ";".join([time, *(cell if isinstance(cell, str) else cell(place) for cell in cells)])
            for place, time in enumerate(TIMES)
        ]
        path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
        result = IntervalCsv().read(path, ImportRequest(unit=unit), Workspace(tmp_path, NoScratch))
        result.check()
        return result

    return run


def total(result: ImportResult) -> Decimal:
    if result.readings is None:
        return Decimal(0)
    return Decimal(pl.read_parquet(result.readings)["quantity"].sum())


def codes(result: ImportResult) -> set[str]:
    return set(result.issues["code"])


def rising(place: int) -> str:
    return f"{12000 + place * 0.5:.1f}".replace(".", ",")


@pytest.mark.parametrize(
    "header",
    [
        "Zeitstempel;Wert 1-0:1.8.0 [kWh]",
        "Zeitstempel;1-0:1.8.0 (kWh)",
        "Zeitstempel;1.8.0 kWh",
        "Zeitstempel;Verbrauch (kWh)",
    ],
)
def test_readings_of_a_register_are_refused(read: Read, header: str) -> None:
    result = read(header, rising)
    assert (result.accepted, result.rejected) == (0, 96)
    assert "register_readings" in codes(result)


def test_the_code_of_a_register_in_rows_is_refused_by_its_values(read: Read) -> None:
    result = read("Zeitstempel;OBIS;Wert;Einheit", "1-0:1.8.0*255", rising, "kWh")
    assert (result.accepted, result.rejected) == (0, 96)


def test_energy_of_intervals_under_the_code_of_a_register_counts(read: Read) -> None:
    result = read("Zeitstempel;Wert 1-0:1.8.0 [kWh]", lambda place: "1,0" if place % 3 else "2,0")
    assert total(result) == 128
    assert not result.rejected


def test_energy_that_does_not_change_counts(read: Read) -> None:
    assert total(read("Zeitstempel;Verbrauch (kWh)", "2,0")) == 192


def test_a_cumulative_column_is_no_value(read: Read) -> None:
    result = read("Zeitstempel;Verbrauch (kWh);Verbrauch kumuliert (kWh)", "1,0", rising)
    assert total(result) == 96


def test_only_the_mean_of_power_counts(read: Read) -> None:
    header = "Zeitstempel;Leistung min (kW);Leistung max (kW);Leistung mittel (kW)"
    assert total(read(header, "1,0", "9,0", "4,0")) == 96


def test_highest_power_alone_is_no_energy(read: Read) -> None:
    with pytest.raises(FileRefused):
        read("Zeitstempel;Leistung max (kW)", "9,0")


@pytest.mark.parametrize(
    "note",
    [
        "Einheit;MWh",
        "Einheit: MWh;",
        "Einheit: MWh",
        "Werte in MWh;",
        "Alle Werte in [MWh]",
        "MWh",
        "Unit;MWh",
    ],
)
def test_a_unit_above_the_table_goes_before_that_of_the_source(read: Read, note: str) -> None:
    result = read(f"{note}\nZeitstempel;Wert", "2,0", unit="kWh")
    assert total(result) == 192
    assert result.series["unit"].to_list() == ["MWh"]


def test_an_unknown_unit_above_the_table_is_refused(read: Read) -> None:
    result = read("Einheit;Tonnen\nZeitstempel;Wert", "2,0", unit="kWh")
    assert (result.accepted, result.rejected) == (0, 96)
    assert "refused_unit" in codes(result)


def test_a_unit_below_the_header_is_read(read: Read) -> None:
    result = read("Zeitstempel;Wert\n;kWh", "2,0", unit="Wh")
    assert (total(result), result.read, result.ignored, result.rejected) == (192, 97, 1, 0)
    assert result.series["unit"].to_list() == ["kWh"]
    assert "unit_row" in codes(result)


def test_a_unit_below_the_header_must_not_contradict_it(read: Read) -> None:
    result = read("Zeitstempel;Wert (kWh)\n;MWh", "2,0")
    assert (result.accepted, result.rejected) == (0, 96)


@pytest.mark.parametrize(
    "note",
    [
        "Export erstellt am 05.02.2024;",
        "Export: 05.02.2024 10:00",
        "Gas- und Wasserwerke Musterstadt GmbH;",
        "Stadtwerke Musterstadt, Gas und Wasser",
        "Produktion Halle 3",
    ],
)
def test_a_free_note_says_neither_carrier_nor_direction(read: Read, note: str) -> None:
    result = read(f"{note}\n\nZeitstempel;Wert (kWh)", "2,0")
    assert result.series.select("activity", "direction").rows() == [("electricity", "consumption")]


@pytest.mark.parametrize(
    ("note", "said"),
    [
        ("Lastgang Einspeisung PV-Anlage", ("electricity", "feed_in")),
        ("Energieart;Gas", ("natural_gas", "consumption")),
        ("Einspeisung ins Netz der Stadtwerke", ("electricity", "feed_in")),
        ("Richtung;Export", ("electricity", "feed_in")),
        ("Erdgas Lastgang Schule", ("natural_gas", "consumption")),
    ],
)
def test_a_plain_word_above_the_table_counts(read: Read, note: str, said: tuple[str, str]) -> None:
    result = read(f"{note}\n\nZeitstempel;Wert (kWh)", "2,0")
    assert result.series.select("activity", "direction").row(0) == said


@pytest.mark.parametrize(
    ("titles", "cells", "sums"),
    [
        ("Rathaus Verbrauch (kWh);Schule Verbrauch (kWh);Gesamtverbrauch (kWh)", "1 2 3", 288),
        ("Rathaus (kWh);Schule (kWh);Summe (kWh)", "1 2 3", 288),
        ("Rathaus (kWh);Schule (kWh);Alles zusammen (kWh)", "1 2 3", 288),
        ("Netzbezug (kWh);Gesamtverbrauch (kWh)", "1 2", 96),
        ("Gesamtverbrauch (kWh);davon Wärmepumpe Verbrauch (kWh)", "2 1", 192),
        ("Verbrauch (kWh);Prognose Verbrauch (kWh)", "1 2", 96),
        ("Verbrauch 2024 (kWh);Verbrauch Vorjahr (kWh)", "1 2", 96),
        ("Verbrauch (kWh);Verbrauch (MWh)", "1 0,001", 96),
        ("Gasverbrauch (m³);Gasverbrauch (kWh)", "1 11", 1056),
        ("Verbrauch gesamt (kWh);Einspeisung gesamt (kWh)", "1 2", 288),
        ("Rathaus (kWh);Schule (kWh);Bauhof (kWh)", "1 2 4", 672),
        ("Gesamtverbrauch Strom (kWh);Gas (kWh)", "1 2", 288),
        ("Strom (kWh);Gesamtwärme (kWh)", "1 2", 288),
        ("Strom gesamt (kWh);Gas gesamt (kWh);Wärme (kWh)", "1 2 4", 672),
        ("Gebäude A Gesamt (kWh);Gebäude B (kWh)", "1 2", 288),
        ("Gebäude A (kWh);Gebäude A Gesamt (kWh)", "1 2", 96),
    ],
)
def test_what_other_columns_hold_counts_once(read: Read, titles: str, cells: str, sums: int) -> None:
    result = read(f"Zeitstempel;{titles}", *cells.split())
    assert total(result) == sums
    left = titles.count(";") + 1 - result.series.height
    assert result.issues.filter(pl.col("code") == "column_ignored").height == left


def twice(tmp_path: Path, header: str, rows: list[str]) -> ImportResult:
    """Read a file in which each time stands in several rows."""
    path = tmp_path / "file.csv"
    lines = [row.replace("TIME", time) for time in TIMES for row in rows]
    path.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
    result = IntervalCsv().read(path, ImportRequest(), Workspace(tmp_path, NoScratch))
    result.check()
    return result


def test_a_column_of_directions_parts_the_series(tmp_path: Path) -> None:
    rows = ["A;Bezug;TIME;2,0", "A;Einspeisung;TIME;1,0"]
    result = twice(tmp_path, "Zähler;Richtung;Zeitstempel;Wert (kWh)", rows)
    assert result.series.select("source", "direction").rows() == [("A", "consumption"), ("A", "feed_in")]
    assert (total(result), result.rejected) == (288, 0)


def test_an_unknown_direction_is_refused(tmp_path: Path) -> None:
    rows = ["A;Bezug;TIME;2,0", "A;seitwärts;TIME;1,0"]
    result = twice(tmp_path, "Zähler;Richtung;Zeitstempel;Wert (kWh)", rows)
    assert (total(result), result.rejected) == (192, 96)
    assert "direction_unknown" in codes(result)


def test_a_column_of_tariffs_parts_rows_of_the_same_time(tmp_path: Path) -> None:
    rows = ["A;HT;TIME;2,0", "A;NT;TIME;1,0"]
    result = twice(tmp_path, "Zähler;Tarif;Zeitstempel;Verbrauch (kWh)", rows)
    assert result.series["source"].to_list() == ["A HT", "A NT"]
    assert (total(result), result.rejected) == (288, 0)


def test_a_tariff_that_changes_with_the_time_parts_nothing(read: Read) -> None:
    result = read("Zeitstempel;Tarif;Verbrauch (kWh)", lambda place: "HT" if place > 24 else "NT", "1,0")
    assert (result.series.height, total(result)) == (1, 96)


def test_a_sum_of_tariffs_in_rows_does_not_count_beside_them(tmp_path: Path) -> None:
    rows = ["A;Gesamt;TIME;3,0", "A;HT;TIME;2,0", "A;NT;TIME;1,0"]
    result = twice(tmp_path, "Zähler;Tarif;Zeitstempel;Verbrauch (kWh)", rows)
    assert total(result) <= 288
    assert result.rejected


@pytest.mark.parametrize("title", ["Verbrauch (kWh)", "Bezug/Einspeisung (kWh)", "Leistung (kW)"])
def test_negative_values_are_rejected_and_not_netted(read: Read, title: str) -> None:
    result = read(f"Zeitstempel;{title}", lambda place: "-1,0" if place % 2 else "2,0")
    assert (result.accepted, result.rejected) == (48, 48)
    assert "negative_metered" in codes(result)


def test_a_file_of_negative_values_is_rejected_whole(read: Read) -> None:
    result = read("Zeitstempel;Verbrauch (kWh)", "-1,0")
    assert (result.accepted, result.rejected) == (0, 96)


@pytest.mark.parametrize("word", ["fehlt", "fehlend", "missing", "Missing"])
def test_a_zero_marked_as_missing_is_no_value(read: Read, word: str) -> None:
    result = read(
        "Zeitstempel;Verbrauch (kWh);Status",
        lambda place: "0,0" if place > 40 else "1,0",
        lambda place: word if place > 40 else "gemessen",
    )
    assert (result.accepted, result.ignored, result.rejected) == (41, 55, 0)
    assert "marked_missing" in codes(result)


def test_a_value_marked_as_missing_is_an_estimate(read: Read) -> None:
    result = read("Zeitstempel;Verbrauch (kWh);Status", "1,0", "fehlt")
    assert result.readings is not None
    assert pl.read_parquet(result.readings)["status"].unique().to_list() == [1]


DAY = [f"{hour:02d}:{minute:02d}" for hour in range(24) for minute in (0, 15, 30, 45)]
QUARTERS = [f"{day:02d}.01.2024 {time};1,5" for day in (15, 16) for time in DAY]
HOURS = [f"17.01.2024 {hour:02d}:00;4,5" for hour in range(24)]


def rows_of(tmp_path: Path, *rows: str) -> ImportResult:
    path = tmp_path / "rows.csv"
    path.write_text("\n".join(["Zeitstempel;Leistung (kW)", *rows, ""]), encoding="utf-8")
    result = IntervalCsv().read(path, ImportRequest(), Workspace(tmp_path, NoScratch))
    result.check()
    return result


LATER = [row.replace(".01.", ".02.") for row in QUARTERS]


@pytest.mark.parametrize("rows", [[*QUARTERS, *HOURS], [*HOURS, *LATER]], ids=["behind", "before"])
def test_hours_among_quarter_hours_do_not_count_as_quarters(tmp_path: Path, rows: list[str]) -> None:
    result = rows_of(tmp_path, *rows)
    assert (result.accepted, result.rejected) == (192, 24)
    assert total(result) == 72
    assert result.issues.filter(pl.col("code") == "interval_changes").height == 24


def test_quarter_hours_among_hours_do_not_count_as_hours(tmp_path: Path) -> None:
    hours = [row.replace("17.01.", f"{day:02d}.01.") for day in range(1, 11) for row in HOURS]
    result = rows_of(tmp_path, *hours, *(row for row in QUARTERS if row.startswith("15")))
    assert total(result) == 240 * Decimal("4.5")
    assert (result.accepted, result.rejected) == (240, 96)


def test_lost_values_are_gaps(tmp_path: Path) -> None:
    lost = [row for place, row in enumerate(QUARTERS) if place % 10 != 5]
    result = rows_of(tmp_path, *lost)
    assert (result.accepted, result.rejected) == (len(lost), 0)
    assert "gap" in codes(result)


def test_negative_values_in_every_second_row_leave_the_interval_as_it_is(tmp_path: Path) -> None:
    rows = [row.replace(";1,5", ";-1,5") if place % 2 else row for place, row in enumerate(QUARTERS)]
    result = rows_of(tmp_path, *rows)
    assert (result.accepted, result.rejected) == (96, 96)
    assert total(result) == 96 * Decimal("1.5") / 4
    assert set(result.issues.filter(pl.col("code") == "negative_metered")["value"]) == {"-1.5"}
