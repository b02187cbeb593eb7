"""Values with their own instants become readings or records; power becomes energy; nothing is lost."""

import json
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from bilanz.records import Direction
from importers.base import ImportRequest, ImportResult, Workspace
from importers.interval.findings import Findings
from importers.interval.points import POINT_SCHEMA, Facts, deliver, unit_facts, with_quantities


def day(month: int, number: int) -> datetime:
    return datetime.fromisoformat(f"2024-{month:02}-{number:02}")


FIRST = day(3, 1)


def points(rows: list[tuple[int, datetime, int, str]]) -> pl.DataFrame:
    filled = [
        (series, start, minutes, Decimal(text), 0, place + 1)
        for place, (series, start, minutes, text) in enumerate(rows)
    ]
    return pl.DataFrame(filled, schema=POINT_SCHEMA, orient="row")


def delivered(
    frame: pl.DataFrame, facts: list[Facts], directory: Path, read: int | None = None
) -> ImportResult:
    result = deliver(
        frame,
        facts,
        read=frame.height if read is None else read,
        civil="Europe/Berlin",
        request=ImportRequest(),
        workspace=Workspace(directory, scratch=lambda: None),  # type: ignore[arg-type, return-value]
        findings=Findings(),
    )
    result.check()
    return result


def quarters(count: int, text: str, series: int = 0) -> list[tuple[int, datetime, int, str]]:
    return [(series, FIRST + timedelta(minutes=15 * place), 15, text) for place in range(count)]


def test_mean_power_becomes_energy_by_the_interval(tmp_path: Path) -> None:
    facts = [Facts("M1", "QTY", "kW", "electricity", Direction.CONSUMPTION)]
    result = delivered(points(quarters(4, "10")), facts, tmp_path)
    assert result.readings is not None
    # 4 × 10 kW × 0.25 h = 10 kWh
    assert pl.read_parquet(result.readings)["quantity"].sum() == Decimal(10)
    assert result.series["unit"].to_list() == ["kWh"]


def test_a_repeated_interval_is_rejected_and_counted(tmp_path: Path) -> None:
    rows = quarters(3, "1")
    result = delivered(points([*rows, rows[1]]), [Facts("M1", "QTY", "kWh", "electricity")], tmp_path)
    assert (result.read, result.accepted, result.rejected) == (4, 3, 1)
    assert "duplicate_interval" in result.issues["code"].to_list()


def test_of_two_series_of_the_same_times_the_later_one_is_rejected_and_both_are_named(tmp_path: Path) -> None:
    names = ("A", "B", "C")
    facts = [Facts("M1", name, "kWh", "electricity", Direction.CONSUMPTION) for name in names]
    later = [(2, FIRST + timedelta(hours=2), 15, "5")]
    result = delivered(points([*quarters(4, "1"), *quarters(3, "1", 1), *later]), facts, tmp_path)
    assert (result.accepted, result.rejected) == (5, 3)
    issue = result.issues.row(0, named=True)
    assert (issue["code"], issue["column"], issue["severity"]) == ("same_series_twice", "B", "error")
    assert '"first": "A (kWh)"' in issue["parameters"]


def test_of_a_series_that_shares_one_interval_with_another_one_the_rest_counts(tmp_path: Path) -> None:
    facts = [Facts("M1", unit, unit, "electricity", Direction.CONSUMPTION) for unit in ("kW", "kWh")]
    energy = (1, FIRST + timedelta(minutes=30), 15, "3")
    result = delivered(points([*quarters(96, "8"), energy]), facts, tmp_path)
    # 95 × 8 kW × 0.25 h = 190 kWh, and 3 kWh instead of the 2 kWh of the third quarter hour
    assert result.readings is not None
    assert pl.read_parquet(result.readings)["quantity"].sum() == Decimal(193)
    assert (result.accepted, result.rejected) == (96, 1)
    (issue,) = result.issues.filter(pl.col("code") == "same_series_twice").to_dicts()
    assert (issue["column"], issue["source_row"]) == ("kW", 3)
    assert json.loads(issue["parameters"]) == {"first": "kWh (kWh)", "source": "M1", "count": "1"}


def test_of_a_series_that_shares_times_with_two_each_is_named_with_its_count(tmp_path: Path) -> None:
    facts = [Facts("M1", name, "kWh", "electricity", Direction.CONSUMPTION) for name in ("A", "B", "C")]
    second = [(1, FIRST + timedelta(minutes=15 * place), 15, "10") for place in (2, 3, 4)]
    result = delivered(points([*quarters(2, "1"), *second, *quarters(8, "100", 2)]), facts, tmp_path)
    # A: 2 × 1, B: 3 × 10, C: the last 3 of 8 × 100
    assert result.readings is not None
    assert pl.read_parquet(result.readings)["quantity"].sum() == Decimal(332)
    told = result.issues.filter(pl.col("code") == "same_series_twice")["parameters"]
    found = [(one["first"], one["count"]) for one in map(json.loads, told)]
    assert (found, result.rejected) == ([("A (kWh)", "2"), ("B (kWh)", "3")], 5)


@pytest.mark.parametrize(
    ("days", "quantity", "rejected"),
    [
        # both state 1 March; the day that A states on 2 March holds the quarter hours of B: 4 + 96
        ([(0, day(3, 2), 1440, "96")], 100, 100),
        # B states 1 March as a day, too, of which A has an hour: 4 + 96 × 2
        ([(1, FIRST, 1440, "96")], 196, 5),
    ],
)
def test_a_day_beside_the_rest_of_a_series_counts_once(
    days: list[tuple[int, datetime, int, str]], quantity: int, rejected: int, tmp_path: Path
) -> None:
    facts = [Facts("M1", name, "kWh", "electricity", Direction.CONSUMPTION) for name in ("A", "B")]
    rest = [(1, day(3, 2) + timedelta(minutes=15 * place), 15, "2") for place in range(96)]
    result = delivered(points([*quarters(4, "1"), *quarters(4, "1", 1), *rest, *days]), facts, tmp_path)
    assert result.readings is not None
    counted = [pl.read_parquet(result.readings)["quantity"], result.activities["quantity"]]
    assert sum((value for one in counted for value in one), Decimal(0)) == Decimal(quantity)
    assert result.rejected == rejected


def test_energy_counts_before_the_volume_of_the_same_times(tmp_path: Path) -> None:
    facts = [Facts("M1", unit, unit, "natural_gas", Direction.CONSUMPTION, "Hs") for unit in ("m3", "kWh")]
    result = delivered(points([*quarters(4, "1"), *quarters(4, "11", 1)]), facts, tmp_path)
    assert result.series["unit"].to_list() == ["kWh"]


def test_series_of_other_sources_or_directions_are_no_rivals(tmp_path: Path) -> None:
    facts = [
        Facts("M1", "A", "kWh", "electricity", Direction.CONSUMPTION),
        Facts("M2", "B", "kWh", "electricity", Direction.CONSUMPTION),
        Facts("M1", "C", "kWh", "electricity", Direction.FEED_IN),
    ]
    every = [row for number in range(3) for row in quarters(4, "1", number)]
    assert delivered(points(every), facts, tmp_path).accepted == 12


def test_a_day_is_covered_by_almost_all_of_its_quarter_hours_only(tmp_path: Path) -> None:
    facts = [Facts("M1", name, "kWh", "electricity", Direction.CONSUMPTION) for name in ("A", "B")]
    for count, code in ((96, "total_row"), (92, "total_row"), (91, "partly_covered"), (1, "partly_covered")):
        result = delivered(points([*quarters(count, "1"), (1, FIRST, 1440, "96")]), facts, tmp_path)
        assert (result.accepted, result.ignored, result.issues["code"].to_list()) == (count, 1, [code])


def test_months_of_unequal_length_become_records(tmp_path: Path) -> None:
    months = [(0, day(1, 1), 44640, "31"), (0, day(2, 1), 41760, "29")]
    result = delivered(points(months), [Facts("M1", "value", "kWh", "natural_gas", basis="Hs")], tmp_path)
    assert result.readings_accepted == 0
    ends = result.activities.sort("start")["end"].to_list()
    assert ends == [day(2, 1), day(3, 1)]
    assert result.activities["quantity"].sum() == Decimal(60)


def test_a_series_in_a_refused_unit_is_rejected_the_others_are_kept(tmp_path: Path) -> None:
    unit, refused = unit_facts("kvarh")
    assert unit is None
    assert refused is not None
    facts = [Facts("M1", "QTY", "kWh", "electricity"), Facts("M1", "QTY", unit, refused=refused)]
    frame = points([*quarters(2, "1"), *quarters(2, "9", series=1)])
    result = delivered(frame, facts, tmp_path)
    assert (result.accepted, result.rejected) == (2, 2)
    assert "refused_unit" in result.issues["code"].to_list()


def test_a_series_without_a_unit_is_rejected(tmp_path: Path) -> None:
    result = delivered(points(quarters(2, "1")), [Facts("M1", "QTY", None)], tmp_path)
    assert (result.accepted, result.rejected) == (0, 2)
    assert result.issues["code"].to_list() == ["missing_unit"]


def test_texts_become_quantities_blanks_are_ignored() -> None:
    findings = Findings()
    rows = pl.DataFrame({"__row": [1, 2, 3], "text": ["1.5", "", "x"]})
    kept = with_quantities(rows, "text", "value", findings)
    assert kept["quantity"].to_list() == [Decimal("1.5")]
    assert (findings.ignored, findings.rejected) == (1, 1)


def test_an_interval_an_hour_longer_than_the_others_keeps_its_own_length(tmp_path: Path) -> None:
    rows = [*quarters(4, "10"), (0, FIRST + timedelta(hours=1), 75, "10")]
    facts = [Facts("M1", "QTY", "kW", "electricity", Direction.CONSUMPTION)]
    result = delivered(points(rows), facts, tmp_path)
    # 10 kW over 75 minutes are 12.5 kWh, not the 2.5 kWh of a quarter hour
    assert result.activities["quantity"].to_list() == [Decimal("12.5")]
    assert result.activities["end"].to_list() == [FIRST + timedelta(minutes=135)]


@pytest.mark.parametrize(("text", "unit"), [("kWh", "kWh"), ("kW", "kW"), ("W", "W"), ("m3", "m3")])
def test_energy_power_and_volume_are_units_of_values(text: str, unit: str) -> None:
    assert unit_facts(text) == (unit, None)


@pytest.mark.parametrize(
    ("text", "code"), [("kvarh", "refused_unit"), ("EUR", "refused_unit"), ("kWurst", "unknown_unit")]
)
def test_other_units_are_refused_with_a_reason(text: str, code: str) -> None:
    unit, refused = unit_facts(text)
    assert unit is None
    assert refused is not None
    assert refused[0] == code
