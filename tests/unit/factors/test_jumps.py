"""Values that moved a lot from one year to the next are flagged; others are not."""

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from ledger import factor

from bilanz.factor import FACTOR_SCHEMA
from factors.base import catalogue
from factors.jumps import JUMP_SCHEMA, jumps


def year(number: int, value: str, **told: object) -> dict[str, Any]:
    dates = {"valid_from": date(number, 1, 1), "valid_to": date(number + 1, 1, 1)}
    return factor("electricity", value, **({"factor_id": f"own:{number}"} | dates | told))


def found(*rows: dict[str, Any]) -> list[tuple[str, Decimal, Decimal, float]]:
    frame = jumps(pl.DataFrame(list(rows), schema=FACTOR_SCHEMA, orient="row"))
    assert dict(frame.schema) == JUMP_SCHEMA
    return frame.select("factor_id", "before", "after", "change").rows()


def test_a_fall_by_a_quarter_is_flagged() -> None:
    assert found(year(2023, "0.4"), year(2024, "0.3")) == [
        ("own:2024", Decimal("0.4"), Decimal("0.3"), pytest.approx(-0.25))
    ]


@pytest.mark.parametrize(
    "row",
    [
        year(2024, "0.33"),  # 17.5 % less
        year(2024, "0.1", region="AT"),
        year(2024, "0.1", chain="total"),
        year(2024, "0.1", per_unit="MWh"),
        year(2024, "0.1", gas="CO2"),
        year(2024, "0.1", source="other"),
    ],
)
def test_small_changes_and_other_statements_are_not(row: dict[str, Any]) -> None:
    assert found(year(2023, "0.4"), row) == []


def test_the_newest_edition_of_a_year_is_compared() -> None:
    rows = (year(2023, "0.4"), year(2024, "0.1", edition="1"), year(2024, "0.4", edition="2"))
    assert found(*rows) == []


def test_nothing_is_compared_with_zero() -> None:
    assert found(year(2023, "0"), year(2024, "0.4")) == []


def test_the_jump_of_the_british_mix_is_among_the_shipped_figures() -> None:
    """0.177 (2025) to 0.13096 (2026): a change of the data year, 26 % less."""
    hits = jumps(catalogue().factors).filter(pl.col("factor_id") == "desnz:2026:electricity:GB:2026:kWh")
    assert hits["change"].min() == pytest.approx(0.13096 / 0.177 - 1)
