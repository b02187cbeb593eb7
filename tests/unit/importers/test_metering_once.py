"""The same energy stated twice by a data hub counts once: totals and tariffs, energy, power and volume."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from golden.portals import total
from golden.standard.comparison import workspace

from importers.base import Importer, ImportRequest, ImportResult
from importers.enedis import Enedis
from importers.fluvius import Fluvius
from importers.green_button import GreenButton
from importers.mijn_aansluiting import MijnAansluiting


def read(importer: Importer, document: object, directory: Path) -> ImportResult:
    path = directory / "file.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    result = importer.read(path, ImportRequest(), workspace(directory))
    result.check()
    return result


def register(name: str, *values: int) -> dict[str, Any]:
    readings = [
        {
            "DateAndOrTime": {"DateTime": f"2024-0{month}-01T00:00:00.000+01:00"},
            "ReadingType": {"Unit": "Wh", "Multiplier": "k"},
            "Value": value,
        }
        for month, value in enumerate(values, 1)
    ]
    return {"Meter": {"MRID": "E01"}, "MRID": name, "ReadingList": readings}


@pytest.mark.parametrize(
    ("totals", "sources", "ignored"),
    [
        ([300, 400], ["8710 1.8.0"], 5),
        ([300], ["8710 1.8.1", "8710 1.8.2"], 3),  # a total read once counts nothing
    ],
)
def test_the_total_register_counts_and_its_tariffs_do_not(
    totals: list[int], sources: list[str], ignored: int, tmp_path: Path
) -> None:
    registers = [register("1.8.0", *totals), register("1.8.1", 100, 160), register("1.8.2", 200, 240)]
    document = [{"MarketEvaluationPoint": {"MRID": "8710", "RegisterList": registers}}]
    result = read(MijnAansluiting(), document, tmp_path)
    assert total(result)["source"].to_list() == sources
    assert total(result)["quantity"].sum() == Decimal(100)
    assert result.ignored == ignored


Readings = list[tuple[str, int]]
YEAR = ("2024-01-01", "2025-01-01")


def dated(name: str, *readings: tuple[str, int]) -> dict[str, Any]:
    """Return a register read at midnights of winter (day, value)."""
    listed = [
        {
            "DateAndOrTime": {"DateTime": f"{day}T00:00:00.000+01:00"},
            "ReadingType": {"Unit": "Wh", "Multiplier": "k"},
            "Value": value,
        }
        for day, value in readings
    ]
    return {"Meter": {"MRID": "E01"}, "MRID": name, "ReadingList": listed}


def mijn_aansluiting(directory: Path, *registers: dict[str, Any]) -> ImportResult:
    document = [{"MarketEvaluationPoint": {"MRID": "8710", "RegisterList": list(registers)}}]
    return read(MijnAansluiting(), document, directory)


def tariffs(low: str = "2024-01-01") -> list[dict[str, Any]]:
    """Return two tariffs that count 1000 and 2000 kWh until the end of 2024."""
    return [dated("1.8.1", (low, 0), (YEAR[1], 1000)), dated("1.8.2", (low, 0), (YEAR[1], 2000))]


@pytest.mark.parametrize(
    ("totals", "low", "quantity", "ignored", "rejected"),
    [
        # December: 250 kWh lie within 1000 + 2000 kWh of the year; three opening readings, one total
        ([("2024-12-01", 0), ("2025-01-01", 250)], "2024-01-01", 3000, 4, 0),
        # the reverse: 31,000 kWh of the year, the tariffs of December (3000 kWh) lie within
        ([("2024-01-01", 0), ("2025-01-01", 31000)], "2024-12-01", 31000, 5, 0),
        # the total of 11 January on covers 356 of 366 days (97 %): it counts, as it would from the first
        ([("2024-01-11", 0), ("2025-01-01", 2900)], "2024-01-01", 2900, 5, 0),
        # two totals within; the one of the January that follows is no part of them: 3000 + 300
        ([("2024-11-01", 0), ("2024-12-01", 240), ("2025-01-01", 490), ("2025-02-01", 790)],
            "2024-01-01", 3300, 5, 0),
        # a total across the end of the tariffs: 366 days of them count, the 62 of the total do not
        ([("2024-12-01", 0), ("2025-02-01", 550)], "2024-01-01", 3000, 3, 1),
        # the same total beside tariffs of December: its 62 days count, 31 of the tariffs are ignored in full
        ([("2024-12-01", 0), ("2025-02-01", 550)], "2024-12-01", 550, 5, 0),
        # 62 days of the total beside 46 of the tariffs, 31 of them the same: the total counts
        ([("2024-12-01", 0), ("2025-02-01", 550)], "2024-11-16", 550, 3, 2),
    ],
)  # fmt: skip
def test_total_and_tariffs_of_a_meter_that_overlap_count_once(
    totals: Readings, low: str, quantity: int, ignored: int, rejected: int, tmp_path: Path
) -> None:
    result = mijn_aansluiting(tmp_path, dated("1.8.0", *totals), *tariffs(low))
    assert total(result)["quantity"].sum() == Decimal(quantity)
    assert (result.ignored, result.rejected) == (ignored, rejected)
    told = result.issues.filter(pl.col("code").is_in(["series_ignored", "overlapping_interval"]))
    assert set(told["code"]) == {"overlapping_interval" if rejected else "series_ignored"}
    assert told.height == max(1, rejected)


def test_the_total_that_gives_way_is_named_with_its_count_and_the_reason(tmp_path: Path) -> None:
    december = dated("1.8.0", ("2024-12-01", 0), ("2024-12-16", 120), (YEAR[1], 250))
    result = mijn_aansluiting(tmp_path, december, *tariffs())
    (issue,) = result.issues.filter(pl.col("code") == "series_ignored").to_dicts()
    assert issue["value"] == "8710 1.8.0"
    assert json.loads(issue["parameters"]) == {
        "count": "2",
        "reason": "the total of a part of the time its tariffs count, which were taken",
    }


def test_a_total_that_one_of_two_tariffs_lacks_is_no_part_of_them(tmp_path: Path) -> None:
    """1.8.2 ends with November: December of the total is not in it, and that is said as an error."""
    first = dated("1.8.1", (YEAR[0], 0), (YEAR[1], 1000))
    second = dated("1.8.2", (YEAR[0], 0), ("2024-12-01", 1800))
    december = dated("1.8.0", ("2024-12-01", 0), (YEAR[1], 250))
    result = mijn_aansluiting(tmp_path, december, first, second)
    assert total(result)["quantity"].sum() == Decimal(2800)
    assert (result.ignored, result.rejected) == (3, 1)
    (issue,) = result.issues.filter(pl.col("code") == "overlapping_interval").to_dicts()
    assert issue["value"] == "2024-12-01T00:00:00+01:00 – 2025-01-01T00:00:00+01:00"
    assert issue["parameters"] == '{"first": "4"}'


def test_meters_and_directions_are_judged_by_themselves(tmp_path: Path) -> None:
    """The total of 2.8 covers its tariff; that of 1.8 a part of its own: 3000 drawn, 90 fed in."""
    december = dated("1.8.0", ("2024-12-01", 0), (YEAR[1], 250))
    fed_in = [dated("2.8.0", (YEAR[0], 0), (YEAR[1], 90)), dated("2.8.1", (YEAR[0], 0), (YEAR[1], 60))]
    result = mijn_aansluiting(tmp_path, *fed_in, *tariffs(), december)
    sums = total(result).group_by("direction").agg(pl.col("quantity").sum()).sort("direction")
    assert sums.rows() == [("consumption", Decimal(3000)), ("feed_in", Decimal(90))]


def enedis(kind: str, unit: str, *points: tuple[str, str]) -> dict[str, Any]:
    values = [{"v": value, "d": stamp, "p": "PT30M", "n": "B"} for stamp, value in points]
    return {"grandeurMetier": "CONS", "grandeurPhysique": kind, "unite": unit, "points": values}


def test_power_beside_the_energy_of_a_connection_is_ignored(tmp_path: Path) -> None:
    first, second = "2024-03-04 00:30:00", "2024-03-04 01:00:00"
    power = enedis("PA", "W", (first, "1000"), (second, "1000"))
    whole = enedis("EA", "Wh", (first, "500"), (second, "500"))
    for energy in (whole, enedis("EA", "Wh", (first, "500"))):  # the power of the other half hour: 500 Wh
        measures = [{"idPrm": "03", "etapeMetier": "BRUT", "grandeur": [power, energy]}]
        result = read(Enedis(), {"header": {}, "mesures": measures}, tmp_path)
        assert total(result)["quantity"].sum() == Decimal(1000)
        assert result.issues["code"].to_list().count("series_ignored") == 1


def slice_(start: str, end: str, value: float, unit: str) -> dict[str, Any]:
    stated = {"total": {"value": value, "unit": unit, "validationState": "READ"}}
    return {"start": start, "end": end, "measurements": [{"offtake": stated}]}


def test_hourly_volumes_beside_daily_energy_of_gas_are_ignored(tmp_path: Path) -> None:
    hours = [slice_(f"2024-06-01T0{h}:00:00Z", f"2024-06-01T0{h + 1}:00:00Z", 1, "m3") for h in range(4)]
    days = [slice_("2024-05-31T22:00:00Z", "2024-06-01T22:00:00Z", 44, "kWh")]
    head = {"ean": "5414", "energyType": "G", "hourlyEnergy": hours, "dailyEnergy": days}
    result = read(Fluvius(), {"data": {"headpoint": head}}, tmp_path)
    assert total(result).select("unit", "quantity").rows() == [("kWh", Decimal(44))]
    assert result.ignored == 4
    assert "repeated_series" in result.issues["code"].to_list()


def entry(content: str, **links: str) -> str:
    """Return an entry of a feed; several addresses of one relation stand behind each other."""
    every = [(name, href) for name, hrefs in links.items() for href in hrefs.split()]
    told = "".join(f'<link rel="{name}" href="{href}"/>' for name, href in every)
    return f"<entry>{told}<content>{content}</content></entry>"


def green_button(*types: tuple[str, int]) -> str:
    """Return a feed of one usage point with a series of four quarter hours for each (tou, Wh)."""
    root = "https://d/espi/1_1/resource"
    point = f"{root}/RetailCustomer/1/UsagePoint/1"
    service = "<UsagePoint><ServiceCategory><kind>0</kind></ServiceCategory></UsagePoint>"
    parts = [entry(service, self=point, related=f"{point}/MeterReading")]
    for number, (tou, value) in enumerate(types, 1):
        reading, kind = f"{point}/MeterReading/{number}", f"{root}/ReadingType/{number}"
        facts = "<accumulationBehaviour>4</accumulationBehaviour><commodity>1</commodity><uom>72</uom>"
        facts += f"<flowDirection>1</flowDirection><powerOfTenMultiplier>0</powerOfTenMultiplier>{tou}"
        starts = [1710979200 + 900 * place for place in range(4)]
        values = "".join(
            f"<IntervalReading><timePeriod><duration>900</duration><start>{start}</start></timePeriod>"
            f"<value>{value}</value></IntervalReading>"
            for start in starts
        )
        blocks = f"{reading}/IntervalBlock"
        parts += [
            entry(f"<ReadingType>{facts}</ReadingType>", self=kind),
            entry("<MeterReading/>", self=reading, up=f"{point}/MeterReading", related=f"{blocks} {kind}"),
            entry(f"<IntervalBlock>{values}</IntervalBlock>", self=f"{blocks}/1", up=blocks),
        ]
    text = "".join(parts)
    for name in ("UsagePoint", "ReadingType", "MeterReading", "IntervalBlock"):
        text = text.replace(f"<content><{name}", f'<content><{name} xmlns="http://naesb.org/espi"')
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{text}</feed>'


@pytest.mark.parametrize(
    ("types", "accepted", "quantity"),
    [
        ([("", 250), ("<tou>1</tou>", 150), ("<tou>2</tou>", 100)], 4, 1000),
        ([("<tou>1</tou>", 150), ("<tou>2</tou>", 100), ("<tou>0</tou>", 250)], 4, 1000),
        ([("<tou>1</tou>", 150), ("<tou>2</tou>", 100)], 8, 1000),
    ],
)
def test_the_total_of_a_usage_point_counts_and_its_times_of_use_do_not(
    types: list[tuple[str, int]], accepted: int, quantity: int, tmp_path: Path
) -> None:
    result = read(GreenButton(), green_button(*types), tmp_path)
    assert result.accepted == accepted
    assert total(result)["quantity"].sum() == Decimal(quantity)
