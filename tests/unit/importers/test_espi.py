"""Codes of Green Button: units, powers of ten, directions, zones, and what is refused."""

from fractions import Fraction

import pytest

from bilanz import units
from importers.meterxml import espi
from importers.meterxml.espi_feed import Resource, Series


def series(service: str | None = None, **texts: str) -> Series:
    point = (
        None if service is None else Resource("UsagePoint", "u", "", (), {"ServiceCategory/kind": service})
    )
    return Series(None, Resource("ReadingType", "t", "", (), texts), point)


@pytest.mark.parametrize(
    ("uom", "power", "unit", "factor"),
    [
        ("72", "0", "Wh", Fraction(1)),
        ("72", "3", "kWh", Fraction(1)),
        ("72", "4", "kWh", Fraction(10)),
        ("72", "-3", "Wh", Fraction(1, 1000)),
        ("72", "12", "TWh", Fraction(1)),
        ("38", "6", "MW", Fraction(1)),
        ("31", "-3", "J", Fraction(1, 1000)),
        ("132", "3", "kBtu", Fraction(1)),
        ("119", "2", "ft3", Fraction(100)),
        ("169", "-1", "therm", Fraction(1, 10)),
    ],
)
def test_a_value_counts_its_power_of_ten(uom: str, power: str, unit: str, factor: Fraction) -> None:
    found = espi.meaning(series(uom=uom, powerOfTenMultiplier=power))
    assert (found.unit, found.factor, found.refused) == (unit, factor, None)


def test_every_larger_unit_is_that_multiple() -> None:
    for unit, steps in {"Wh": (3, 6, 9, 12), "J": (3, 6, 9, 12), "W": (3, 6)}.items():
        uom = {"Wh": "72", "J": "31", "W": "38"}[unit]
        for step in steps:
            found = espi.meaning(series(uom=uom, powerOfTenMultiplier=str(step)))
            assert found.unit is not None
            assert units.ratio(found.unit, unit) * found.factor == 10**step


@pytest.mark.parametrize(
    ("texts", "code"),
    [
        ({}, "missing_unit"),
        ({"uom": "0"}, "missing_unit"),
        ({"uom": "73"}, "refused_unit"),
        ({"uom": "122"}, "refused_unit"),
        ({"uom": "999"}, "unknown_unit"),
        ({"uom": "72", "powerOfTenMultiplier": "13"}, "series_refused"),
        ({"uom": "72", "powerOfTenMultiplier": "x"}, "series_refused"),
        ({"uom": "72", "flowDirection": "4"}, "series_refused"),
        ({"uom": "72", "flowDirection": "20"}, "series_refused"),
        ({"uom": "72", "flowDirection": "15"}, "series_refused"),
        ({"uom": "38", "accumulationBehaviour": "12"}, "series_refused"),
        ({"uom": "38", "accumulationBehaviour": "3"}, "refused_unit"),
        ({"uom": "38", "dataQualifier": "8"}, "series_refused"),
        ({"uom": "72", "accumulationBehaviour": "9"}, "series_refused"),
        ({"uom": "72", "kind": "3"}, "series_refused"),
        ({"uom": "119", "commodity": "1"}, "unit_mismatch"),
        ({"uom": "42", "commodity": "12"}, "unit_mismatch"),
    ],
)
def test_what_is_no_quantity_of_its_interval_is_refused(texts: dict[str, str], code: str) -> None:
    refused = espi.meaning(series(**texts)).refused
    assert refused is not None
    assert refused[0] == code


@pytest.mark.parametrize(
    ("commodity", "service", "activity", "is_refused"),
    [
        ("1", "0", "electricity", False),
        ("7", "1", "natural_gas", False),
        ("8", "1", "lpg", False),
        (None, "1", "natural_gas", False),
        ("0", None, None, False),
        ("7", "0", "natural_gas", True),
    ],
)
def test_commodity_and_service_must_agree(
    commodity: str | None, service: str | None, activity: str | None, *, is_refused: bool
) -> None:
    texts = {"uom": "72"} | ({} if commodity is None else {"commodity": commodity})
    found = espi.meaning(series(service, **texts))
    assert (found.activity, found.refused is not None) == (activity, is_refused)


@pytest.mark.parametrize(
    ("offset", "length", "end", "zone"),
    [
        ("-18000", "3600", "B40E2000", "America/New_York"),
        ("-25200", "0", "B40E2000", "America/Phoenix"),
        ("3600", "3600", "A40E2000", "Europe/Berlin"),
        ("-18000", "3600", "140E2000", None),
        ("5", "3600", "B40E2000", None),
        ("x", "3600", "B40E2000", None),
    ],
)
def test_local_time_parameters_name_a_zone_where_they_fit_one(
    offset: str, length: str, end: str, zone: str | None
) -> None:
    texts = {"tzOffset": offset, "dstOffset": length, "dstStartRule": "360E2000", "dstEndRule": end}
    assert espi.zone(texts) == zone
