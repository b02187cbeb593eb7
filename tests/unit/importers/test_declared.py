"""A unit declared for a column, alone or with the format of its numbers."""

from decimal import Decimal
from pathlib import Path

import pytest
from golden.standard.comparison import workspace

from importers.base import ImportRequest
from importers.columns.declared import format_of, unit_of
from importers.fuel_card import FuelCard
from importers.standard import StandardUpload

FUEL = """date,licPlate,cardNumber,volume,provider
2024-05-01,AB 1,77,1.250,Station
2024-05-02,AB 1,77,wrong,Station
"""
UPLOAD = "Aktivität;Beginn;Ende;Menge\nStrom;01.01.2024;31.01.2024;12,5\n"


@pytest.mark.parametrize(
    ("declared", "form", "unit"),
    [
        ("l", "l", "l"),
        ("1.234,56", "1.234,56", None),
        ("1 234,56", "1 234,56", None),
        ("1.234,56 kWh", "1.234,56", "kWh"),
        ("1,234.56 US gallons", "1,234.56", "US gallons"),
        ("kWh Hs", "kWh Hs", "kWh Hs"),
        ("begin", "begin", None),
        (None, None, None),
    ],
)
def test_a_declaration_is_a_format_a_unit_or_both(
    declared: str | None, form: str | None, unit: str | None
) -> None:
    assert unit_of(declared) == unit
    assert format_of(declared) in {form, None}


def test_litres_declared_for_a_fuel_card_without_units(tmp_path: Path) -> None:
    path = tmp_path / "card.csv"
    path.write_text(FUEL, encoding="utf-8")
    undeclared = FuelCard().read(path, ImportRequest(), workspace(tmp_path))
    assert (undeclared.accepted, set(undeclared.issues["code"]) >= {"missing_unit"}) == (0, True)
    request = ImportRequest(declared={"volume": "1.234,56 l"})
    result = FuelCard().read(path, request, workspace(tmp_path))
    assert result.activities.select("quantity", "unit").rows() == [(Decimal(1250), "l")]
    assert result.rejected == 1


def test_a_unit_declared_for_the_standard_upload(tmp_path: Path) -> None:
    path = tmp_path / "upload.csv"
    path.write_text(UPLOAD, encoding="utf-8")
    result = StandardUpload().read(path, ImportRequest(declared={"Menge": "MWh"}), workspace(tmp_path))
    assert result.activities.select("quantity", "unit").rows() == [(Decimal("12.5"), "MWh")]
