"""Registers that count on become quantities between their readings; every reading ends in one place."""

from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilanz.errors import FileRefused
from bilanz.records import Direction
from importers.base import ImportRequest, Workspace
from importers.interval import registers
from importers.interval.findings import Findings
from importers.interval.points import Facts, deliver
from importers.interval.scale import scaled

ZONE = "Europe/Zurich"
START = datetime.fromisoformat("2024-01-01T00:00")
Reading = tuple[int, int, str]


def frame(rows: list[Reading]) -> pl.DataFrame:
    """Return readings of (register, days after the start, what it showed), row by row."""
    filled = [
        (series, START + timedelta(days=day), Decimal(text), 0, place + 1)
        for place, (series, day, text) in enumerate(rows)
    ]
    return pl.DataFrame(filled, schema=registers.READING_SCHEMA, orient="row")


def counted(rows: list[Reading], factor: Fraction = Fraction(1)) -> tuple[pl.DataFrame, Findings]:
    findings = Findings()
    points = registers.differences(
        frame(rows), ["1.8.1", "1.8.2"], civil=ZONE, findings=findings, factor=factor
    )
    assert len(rows) == points.height + findings.rejected + findings.ignored
    return points, findings


def codes(findings: Findings) -> list[tuple[int, str]]:
    return findings.frame().select("source_row", "code").rows()


def test_differences_have_the_period_between_their_readings() -> None:
    points, findings = counted([(0, 0, "100.5"), (0, 31, "120"), (0, 60, "135.25")])
    assert points["quantity"].to_list() == [Decimal("19.5"), Decimal("15.25")]
    assert points["start"].to_list() == [START, START + timedelta(days=31)]
    assert points["minutes"].to_list() == [31 * 1440, 29 * 1440]
    assert points["__row"].to_list() == [2, 3]
    assert codes(findings) == [(1, "opening_reading")]


def test_the_order_of_the_file_does_not_matter() -> None:
    points, _ = counted([(0, 60, "135.25"), (1, 0, "7"), (0, 0, "100.5"), (1, 60, "9"), (0, 31, "120")])
    assert points["quantity"].to_list() == [Decimal("19.5"), Decimal("15.25"), Decimal(2)]


def test_a_single_reading_gives_no_quantity_and_says_what_is_needed() -> None:
    points, findings = counted([(0, 0, "246.0000")])
    assert points.is_empty()
    issue = findings.frame().row(0, named=True)
    assert (issue["code"], issue["column"], issue["value"]) == ("single_reading", "1.8.1", "246")


def test_a_register_that_falls_is_rejected_and_followed_from_there() -> None:
    points, findings = counted([(0, 0, "9000"), (0, 1, "9100"), (0, 2, "5"), (0, 3, "80")])
    assert points["quantity"].to_list() == [Decimal(100), Decimal(75)]
    assert codes(findings) == [(1, "opening_reading"), (3, "meter_reset")]


@pytest.mark.parametrize(
    ("shown", "taken", "doubtful"),
    [
        (["100", "1120", "130", "140"], ["10"], 2),  # a spike: 1020 would be counted
        (["100", "120", "12", "140", "150"], ["20", "10"], 4),  # a dip: 128 would be counted
    ],
)
def test_one_odd_reading_gives_no_quantity(shown: list[str], taken: list[str], doubtful: int) -> None:
    points, findings = counted([(0, day, text) for day, text in enumerate(shown)])
    assert points["quantity"].to_list() == [Decimal(text) for text in taken]
    assert (doubtful, "doubtful_reading") in codes(findings)
    assert [code for _, code in codes(findings)].count("meter_reset") == 1


def test_a_restated_reading_gives_way_to_the_later_row() -> None:
    points, findings = counted([(0, 0, "100"), (0, 1, "110"), (0, 1, "112"), (0, 1, "112"), (0, 2, "120")])
    assert points["quantity"].to_list() == [Decimal(12), Decimal(8)]
    assert codes(findings) == [(1, "opening_reading"), (2, "restated_reading"), (3, "repeated_reading")]


def test_a_factor_multiplies_exactly() -> None:
    # 4729.5 kWh: HT (17486.4 − 16825.5) + NT (32787.0 − 31871.4) = 660.9 + 915.6 = 1576.5; × 3 = 4729.5
    rows = [(0, 0, "16825.5"), (1, 0, "31871.4"), (0, 31, "17486.4"), (1, 31, "32787.0")]
    points, _ = counted(rows, Fraction(3))
    assert points["quantity"].to_list() == [Decimal("1982.7"), Decimal("2746.8")]
    assert points["quantity"].sum() == Decimal("4729.5")


def test_a_product_too_large_is_rejected() -> None:
    points, findings = counted([(0, 0, "0"), (0, 1, "9999999999999")], Fraction(3))
    assert points.is_empty()
    assert codes(findings) == [(1, "opening_reading"), (2, "number_too_large")]


def test_a_difference_is_as_good_as_the_worse_of_its_readings() -> None:
    readings = frame([(0, 0, "1"), (0, 1, "2"), (0, 2, "3")]).with_columns(
        status=pl.Series([0, 1, 0], dtype=pl.Int8)
    )
    points = registers.differences(readings, ["x"], civil=ZONE, findings=Findings())
    assert points["status"].to_list() == [1, 1]


def test_no_readings_give_nothing() -> None:
    assert registers.differences(frame([]), [], civil=ZONE, findings=Findings()).is_empty()


def test_points_are_delivered_as_records(tmp_path: Path) -> None:
    rows = [(0, 0, "100"), (0, 31, "150"), (0, 60, "175")]
    points, findings = counted(rows)
    result = deliver(
        points,
        [Facts("M1", "1.8.1", "kWh", "electricity", Direction.CONSUMPTION)],
        read=len(rows),
        civil=ZONE,
        request=ImportRequest(),
        workspace=Workspace(tmp_path, scratch=lambda: None),  # type: ignore[arg-type, return-value]
        findings=findings,
    )
    result.check()
    assert result.activities["quantity"].to_list() == [Decimal(50), Decimal(25)]
    assert result.activities["end"].to_list() == [START + timedelta(days=31), START + timedelta(days=60)]


@pytest.mark.parametrize(
    ("text", "factor"), [("3", Fraction(3)), ("2,5", Fraction(5, 2)), ("0.125000", Fraction(1, 8))]
)
def test_a_declared_factor_is_said(text: str, factor: Fraction) -> None:
    findings = Findings()
    assert registers.declared_factor({"Factor": text}, findings) == factor
    assert findings.frame().select("code", "value").rows() == [("factor_applied", text)]


@pytest.mark.parametrize("text", ["0", "-3", "1.000", "drei", "", "1e3", "٣"])
def test_a_declared_factor_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(FileRefused):
        registers.declared_factor({"factor": text}, Findings())


def test_nothing_declared_is_a_factor_of_one_and_no_unit() -> None:
    assert registers.declared_factor({"Wert": "1.234,56"}, Findings()) == 1
    assert registers.declared_unit({}) is None
    assert registers.declared_unit({"unit": "KWH"}) == "kWh"
    with pytest.raises(FileRefused):
        registers.declared_unit({"unit": "kilowutt"})


STEPS = st.lists(st.decimals(0, 10**6, places=6, allow_nan=False), min_size=1, max_size=20)


@given(STEPS, st.integers(1, 5000), st.randoms())
def test_what_a_rising_register_counts_adds_up_whatever_the_order(
    steps: list[Decimal], factor: int, random: object
) -> None:
    shown = [sum(steps[: place + 1], Decimal(0)) for place in range(len(steps))]
    rows = [(0, day, f"{value:f}") for day, value in enumerate(shown)]
    random.shuffle(rows)  # type: ignore[attr-defined]
    points, findings = counted(rows, Fraction(factor))
    assert points.height == len(steps) - 1
    assert findings.rejected == 0
    assert (points["quantity"].sum() or 0) == (shown[-1] - shown[0]) * factor


@given(
    st.lists(st.integers(-(10**18), 10**18), min_size=1, max_size=20),
    st.fractions(min_value=Fraction(1, 10**9), max_value=10**6, max_denominator=10**9),
)
def test_scaling_rounds_half_even_and_counts_what_it_changed(micro: list[int], factor: Fraction) -> None:
    found = scaled(pl.Series([Decimal(one).scaleb(-6) for one in micro], dtype=pl.Decimal(19, 6)), factor)
    exact = [round(one * factor) for one in micro]  # Fraction rounds half to even
    known = [None if one is None else int(one.scaleb(6)) for one in found.quantities]
    assert known == [one if abs(one) < 10**19 else None for one in exact]
    assert found.rounded == sum((one * factor).denominator != 1 for one in micro)
    assert (
        found.change
        == sum((Fraction(one) - was * factor for one, was in zip(exact, micro, strict=True)), Fraction(0))
        / 10**6
    )


def test_a_longer_difference_of_one_tariff_is_no_sum_of_the_other(tmp_path: Path) -> None:
    hours = [(0, 0, "10"), (0, 1, "11"), (0, 2, "12"), (0, 3, "13"), (0, 4, "14"), (0, 5, "15")]
    night = [
        (1, 0, "20"),
        (1, 1, "22"),
        (1, 2, "24"),
        (1, 4, "29"),
        (1, 5, "31"),
    ]  # the third hour is missing
    rows = [*hours, *night]
    filled = [
        (series, START + timedelta(hours=hour), Decimal(text), 0, place + 1)
        for place, (series, hour, text) in enumerate(rows)
    ]
    readings = pl.DataFrame(filled, schema=registers.READING_SCHEMA, orient="row")
    findings = Findings()
    points = registers.differences(readings, ["1.8.1", "1.8.2"], civil=ZONE, findings=findings)
    result = deliver(
        points,
        [
            Facts(f"M1 {name}", name, "kWh", "electricity", Direction.CONSUMPTION)
            for name in ("1.8.1", "1.8.2")
        ],
        read=len(rows),
        civil=ZONE,
        request=ImportRequest(),
        workspace=Workspace(tmp_path, scratch=lambda: None),  # type: ignore[arg-type, return-value]
        findings=findings,
    )
    result.check()
    # 15 − 10 and 31 − 20: nothing of it is lost
    assert result.readings is not None
    assert pl.read_parquet(result.readings)["quantity"].sum() == Decimal(11)
    assert result.activities["quantity"].to_list() == [Decimal(5)]
