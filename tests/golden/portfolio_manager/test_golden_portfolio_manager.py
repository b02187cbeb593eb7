from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from golden.standard.comparison import compare, read

from importers.base import ImportRequest
from importers.portfolio_manager import PortfolioManager

HERE = Path(__file__).parent
CASES = sorted(path.stem for path in HERE.glob("*.csv") if "." not in path.stem)


def test_there_are_cases() -> None:
    assert CASES == ["clean_en", "dirty_en"]


@pytest.mark.parametrize("case", CASES)
def test_records_and_issues_are_expected(case: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    update = bool(request.config.getoption("--golden-update", default=False))
    compare(read(PortfolioManager(), HERE / f"{case}.csv", tmp_path), HERE / case, update=update)


def test_clean_entries_by_hand(tmp_path: Path) -> None:
    result = read(PortfolioManager(), HERE / "clean_en.csv", tmp_path)
    assert (result.read, result.accepted, result.rejected, result.ignored) == (5, 5, 0, 0)
    columns = ("source", "activity", "quantity", "unit", "basis", "quality", "role")
    assert result.activities.select(columns).rows() == [
        ("700-0 Main", "electricity", Decimal("12400.5"), "kWh", "none", "billed", None),
        ("700-0 Main", "electricity", Decimal(11020), "kWh", "none", "estimated", None),
        ("700-1 Boiler", "natural_gas", Decimal("850.25"), "therm", "Hs", "billed", None),
        ("700-2 Water", "water_supply", Decimal(310), "m3", "none", "billed", None),
        ("700-3 Oil tank", "heating_oil", Decimal(500), "gal_us", "none", "billed", "delivered"),
    ]
    # the entry of January ends where that of February starts: 1 February, 00:00 in Berlin
    assert result.activities["end"][0] == result.activities["start"][1] == datetime(2024, 1, 31, 23)  # noqa: DTZ001


def test_a_declared_currency_takes_the_costs(tmp_path: Path) -> None:
    request = ImportRequest(declared={"Cost ($)": "USD"})
    result = read(PortfolioManager(), HERE / "clean_en.csv", tmp_path, request)
    assert result.activities["cost_net"].sum() == Decimal("5778.27")  # 1860.07 + 1653 + 765.2 + 1500
    assert set(result.activities["currency"].drop_nulls()) == {"USD"}


def test_unknown_types_and_units_stay_out(tmp_path: Path) -> None:
    result = read(PortfolioManager(), HERE / "dirty_en.csv", tmp_path)
    kept = result.activities.select("source_row", "activity", "direction").rows()
    assert kept == [
        (2, "electricity", "consumption"),
        (5, "electricity", "generation"),
        (7, "district_cooling", "consumption"),
    ]
