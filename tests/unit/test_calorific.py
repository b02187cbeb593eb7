"""Gross energy becomes net by a sourced ratio, and by none where there is none."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import polars as pl

from bilanz.calorific import NET_RATIO_SCHEMA, net_ratios
from bilanz.conversion import Conversion, Converter
from factors.base import catalogue

ON = date(2024, 12, 31)
USAGE = pl.DataFrame(
    {
        "activity": ["natural_gas", "natural_gas", "electricity", None],
        "basis": ["Hs", "Hi", "none", "Hs"],
        "energy_kwh": [Decimal(10), Decimal(5), Decimal(7), Decimal(1)],
    }
)


def test_the_ratio_is_that_of_the_conversion_and_names_its_source() -> None:
    converter = Converter(catalogue().properties)
    table = net_ratios(USAGE, converter, "DE", ON)
    assert table.schema == pl.Schema(NET_RATIO_SCHEMA)
    assert table["activity"].to_list() == ["natural_gas"]
    found = converter.convert("natural_gas", "kWh", "Hs", "kWh", "Hi", ("DE",), ON)
    assert isinstance(found, Conversion)
    ratio = table["net_per_gross"].item()
    assert abs(Fraction(ratio) - found.ratio) <= Fraction(1, 10**18)
    assert Decimal("0.89") < ratio < Decimal("0.92")  # natural gas: net is about a tenth below gross
    assert table["source"].item()


def test_without_properties_there_is_no_ratio() -> None:
    nothing = Converter(catalogue().properties.clear())
    assert net_ratios(USAGE, nothing, "DE", ON).is_empty()
