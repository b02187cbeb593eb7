"""BISKO Datengüte, pedigree matrix and PCAF scores, each by hand."""

import math
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from bilanz import quality
from bilanz.errors import CatalogueError, Refused
from bilanz.quality import GRADED_ENERGY_SCHEMA, INDICATORS
from factors.quality import load, scales

SCALES = scales()


def graded(*rows: tuple[str, str, str | None, int]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=GRADED_ENERGY_SCHEMA, orient="row", strict=False)


def index(*rows: tuple[str, str, str | None, int], by: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    return quality.bisko(graded(*rows), SCALES.weights, SCALES.classes, by).to_dicts()


def test_quality_of_energy_is_weighted_with_energy() -> None:
    # (600 · 1 + 200 · 0.5 + 100 · 0.25 + 100 · 0) / 1000 = 725 / 1000
    (found,) = index(
        ("gas", "town", "A", 600),
        ("gas", "homes", "B", 200),
        ("oil", "homes", "C", 100),
        ("wood", "x", "D", 100),
    )
    assert found["index"] == pytest.approx(0.725)
    assert found["class"] == "belastbar"
    assert found["ungraded_kwh"] == 0


def test_energy_without_a_grade_counts_as_the_lowest_and_is_listed() -> None:
    (found,) = index(("gas", "town", "A", 600), ("gas", "homes", None, 400))
    assert found["index"] == pytest.approx(0.6)
    assert found["ungraded_kwh"] == Decimal(400)
    assert found["class"] == "relativ belastbar"


@pytest.mark.parametrize(
    ("good", "expected"),
    [
        (1000, "gut belastbar"),
        (801, "gut belastbar"),
        (800, "belastbar"),  # the bound has to be exceeded
        (650, "relativ belastbar"),
        (500, "bedingt belastbar"),
        (0, "bedingt belastbar"),
    ],
)
def test_a_class_begins_above_its_bound(good: int, expected: str) -> None:
    (found,) = index(("gas", "town", "A", good), ("gas", "homes", "D", 1000 - good))
    assert found["class"] == expected


def test_quality_by_carrier_and_no_energy_is_no_index() -> None:
    told = index(("gas", "town", "A", 1), ("oil", "town", "D", 3), ("wood", "town", "A", 0), by=("carrier",))
    assert [(row["carrier"], row["index"], row["class"]) for row in told] == [
        ("gas", 1.0, "gut belastbar"),
        ("oil", 0.0, "bedingt belastbar"),
        ("wood", None, None),
    ]
    assert index()[0]["index"] is None


def test_an_unknown_grade_and_a_negative_energy_are_refused() -> None:
    with pytest.raises(Refused, match="E"):
        index(("gas", "town", "E", 1))
    with pytest.raises(Refused, match="negative"):
        index(("gas", "town", "A", -1))


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ((1, 1, 1, 1, 1), 1.0500),
        ((2, 2, 2, 2, 2), 1.0966),
        ((3, 3, 3, 3, 3), 1.2685),
        ((4, 3, 3, 2, 4), 1.5841),
        ((5, 5, 5, 5, 5), 2.5196),
    ],
)
def test_spread_of_the_pedigree_matrix(scores: tuple[int, ...], expected: float) -> None:
    found = quality.spread(dict(zip(INDICATORS, scores, strict=True)), SCALES.pedigree, "energy")
    assert found == pytest.approx(expected, abs=0.00005)


def test_a_missing_indicator_counts_as_the_worst() -> None:
    assert quality.spread({}, SCALES.pedigree, "energy") == pytest.approx(2.5196, abs=0.00005)
    told: dict[str, int | None] = dict.fromkeys(INDICATORS, 1)
    worst = quality.spread(told | {"technological": 5}, SCALES.pedigree, "energy")
    assert quality.spread(told | {"technological": None}, SCALES.pedigree, "energy") == worst


def test_the_root_is_the_factor_of_95_percent_already() -> None:
    # 100 with GSD² 1.25: 80 to 125; σ = ln(1.25) / 2, and e^(1.96 σ) would be 1.244, not 1.25^1.96 = 1.549
    low, high = quality.interval(Decimal(100), 1.25)
    assert (low, high) == pytest.approx((80.0, 125.0))
    assert quality.interval(Decimal(-100), 1.25) == pytest.approx((-125.0, -80.0))
    assert quality.sigma(1.25) == pytest.approx(math.log(1.25) / 2)
    with pytest.raises(Refused):
        quality.sigma(0.9)


@pytest.mark.parametrize(
    ("scores", "subject"), [({"colour": 1}, "energy"), ({"temporal": 6}, "energy"), ({}, "cheese")]
)
def test_what_is_not_in_the_matrix_is_refused(scores: dict[str, int | None], subject: str) -> None:
    with pytest.raises(Refused):
        quality.spread(scores, SCALES.pedigree, subject)


def test_pcaf_is_weighted_with_money_and_names_what_has_no_score() -> None:
    # (3 000 000 · 2 + 1 000 000 · 4) / 4 000 000 = 2.5
    projects = pl.DataFrame(
        {"outstanding": [Decimal(3_000_000), Decimal(1_000_000), Decimal(500_000)], "score": [2, 4, None]}
    )
    assert quality.pcaf(projects) == (Decimal("2.5"), Decimal(500_000))
    assert quality.pcaf(projects.filter(pl.col("score").is_null())) == (None, Decimal(500_000))
    for column, value in (("score", 6), ("outstanding", Decimal(-1))):
        with pytest.raises(Refused):
            quality.pcaf(projects.with_columns(pl.lit(value).alias(column)))


def test_proposals_are_looked_up_and_say_so() -> None:
    assert quality.proposed(SCALES.proposals, "bisko", "B", "pcaf") == "3"
    assert quality.proposed(SCALES.proposals, "bisko", "B", "cheese") is None
    assert set(SCALES.proposals["standing"]) == {"proposal"}
    with pytest.raises(CatalogueError):
        quality.proposed(pl.concat([SCALES.proposals, SCALES.proposals]), "bisko", "B", "pcaf")


def test_what_was_not_confirmed_says_so(tmp_path: Path) -> None:
    assert set(SCALES.weights["standing"]) == set(SCALES.classes["standing"]) == {"unconfirmed"}
    assert not SCALES.pedigree["standing"].is_in(["read"]).any()
    (tmp_path / "source.toml").write_text('[weights.x]\nstanding = "sure"\n', encoding="utf-8")
    with pytest.raises(CatalogueError):
        load(tmp_path)
