from datetime import datetime
from decimal import Decimal

import polars as pl
import pytest
from ledger import CITY, Ledger
from town import METHOD, balanced, put

from bilanz.indicators import index, indicators, quality
from bilanz.store.territory import territory_records
from bilanz.territory import CELL_SCHEMA, GRADE_COLUMNS


def row(amounts: tuple[int, ...]) -> pl.DataFrame:
    told = dict(zip(GRADE_COLUMNS, map(Decimal, amounts), strict=True))
    whole = {"organisation": CITY, "carrier": "Strom", "energy_kwh": Decimal(sum(amounts))}
    return pl.DataFrame([dict.fromkeys(CELL_SCHEMA) | told | whole], schema=CELL_SCHEMA, orient="row")


def found(ledger: Ledger, **size: object) -> dict[str, dict[str, object]]:
    territory, result = balanced(ledger)
    units = result.organisations.with_columns(
        pl.lit(size.get("population"), dtype=pl.Int64).alias("population"),
        pl.lit(size.get("staff"), dtype=pl.Decimal(12, 2)).alias("staff"),
    )
    told = indicators(territory, territory_records(ledger.store, 2024), units, METHOD)
    return {f"{it['indicator']}:{it['subject'] or ''}": it for it in told.iter_rows(named=True)}


def town() -> Ledger:
    ledger = Ledger()
    put(ledger, "households", "electricity", "2000000")
    put(ledger, "commerce", "electricity", "1000000")
    put(ledger, "households", "natural_gas", "1000000")
    put(ledger, "households", "ambient_heat", "97000", source="register / heat_pump")
    put(ledger, "households", "electricity", "300000", source="register / pv", role="generated")
    return ledger


def test_the_index_of_grades() -> None:
    # (600 × 1 + 200 × 0.5 + 100 × 0.25 + 50 × 0 + 50 ungraded as D) / 1000 = 0.725
    assert index(row((600, 200, 100, 50, 50)), METHOD) == Decimal("0.725")
    assert index(row((0, 0, 0, 0, 0)), METHOD) is None


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ("0.81", "gut belastbar"),
        ("0.80", "belastbar"),
        ("0.65", "relativ belastbar"),
        ("0.50", "bedingt belastbar"),
        ("0", "bedingt belastbar"),
    ],
)
def test_the_classes_begin_above_their_bound(value: str, word: str) -> None:
    assert METHOD.grades.class_of(Decimal(value)).de == word


def test_grades_are_told_in_total_and_per_carrier() -> None:
    told = quality(row((600, 200, 100, 50, 50)), METHOD)
    assert told.select("carrier", "index", "en", "energy_ungraded").rows() == [
        (None, Decimal("0.725"), "founded", Decimal(50)),
        ("Strom", Decimal("0.725"), "founded", Decimal(50)),
    ]


def test_indicators_keep_both_their_parts() -> None:
    told = found(town(), population=1000, staff=Decimal(250))
    # (3 000 000 × 0.414 + 903 000 × 0.240) kg = 1242 t + 216.72 t
    assert told["co2e_per_inhabitant:"]["numerator"] == Decimal("1458.72")
    assert told["co2e_per_inhabitant:"]["value"] == Decimal("1.45872")
    assert told["households_per_inhabitant:"]["value"] == Decimal("1.04472")  # (828 + 216.72) / 1000
    assert told["commerce_per_employee:"]["value"] == Decimal(4000)  # 1 000 000 kWh / 250
    assert told["renewable_power:"]["value"] == Decimal("0.1")  # 300 000 / 3 000 000
    assert told["renewable_heat:"]["value"] == Decimal("0.097")  # 97 000 / (903 000 + 97 000)


def test_a_missing_part_gives_no_figure_and_says_which() -> None:
    told = found(town())
    assert {(it["value"], it["missing"]) for code, it in told.items() if code.endswith("inhabitant:")} == {
        (None, "denominator"),
        (None, "numerator"),
    }
    assert told["cogeneration:"]["missing"] == "numerator"
    assert told["modal_split:"]["missing"] == "numerator"


def test_the_split_of_vehicle_kilometres() -> None:
    ledger = town()
    put(ledger, "transport", None, "900", unit="km", source="model / car / in_town", vehicle="car")
    put(ledger, "transport", None, "60", unit="km", source="model / car / motorway", vehicle="car")
    put(ledger, "transport", None, "40", unit="km", source="model / bus", vehicle="bus")
    told = found(ledger)
    assert told["modal_split:car"]["value"] == Decimal("0.96")
    assert told["modal_split:bus"]["value"] == Decimal("0.04")


def test_kilometres_that_are_partly_of_another_year_make_no_split() -> None:
    """10 million over two years are not 10 million in each of them."""
    ledger = town()
    two_years = datetime(2023, 6, 30, 22)  # noqa: DTZ001 - UTC without a zone, as the store has it
    put(ledger, "transport", None, "1000", unit="km", source="model / bus", vehicle="bus")
    put(ledger, "transport", None, "10000", unit="km", source="model / car", vehicle="car", start=two_years)
    told = found(ledger)
    assert (told["modal_split:"]["value"], told["modal_split:"]["missing"]) == (None, "numerator")


def test_what_has_no_factor_makes_a_figure_partial() -> None:
    ledger = town()
    put(ledger, "households", "heavy_fuel_oil", "1000", source="tank / households")  # no basis: no factor
    told = found(ledger, population=1000)
    assert told["co2e_per_inhabitant:"]["is_partial"] is True
    assert told["commerce_per_employee:"]["is_partial"] is False
