"""The same energy stated twice by a data hub counts once: totals and tariffs, energy, power and volume."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

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
