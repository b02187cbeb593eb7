"""What published sums tell of few places, by hand: who can be solved, and that nobody can any more.

Three places burn gas and oil and buy heat, ten others use electricity. kg per kWh:

    book, gas       gas      oil      heat     electricity
    first, CO2      0.2      0.3      0.1      0.4
    first, CH4      0.004    0.001    0.002    0.003
    second, CO2e    0.25     0.36     0.2      0.45
"""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import exactly
import numpy as np
import polars as pl
import pytest

from bilanz.league.bundle import BALANCE_SCHEMA, MEASURES
from bilanz.league.disclosure_control import revealed, row_space
from bilanz.league.grain import joined, solvable
from bilanz.result import LINE_SCHEMA

WEIGHTS: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("first", "CO2"): {"gas": "0.2", "oil": "0.3", "heat": "0.1", "electricity": "0.4"},
    ("first", "CH4"): {"gas": "0.004", "oil": "0.001", "heat": "0.002", "electricity": "0.003"},
    ("second", "CO2e"): {"gas": "0.25", "oil": "0.36", "heat": "0.2", "electricity": "0.45"},
}
HIDDEN = {"gas": Decimal(40_000), "oil": Decimal(25_000), "heat": Decimal(60_000)}


def line(place: str, activity: str, quantity: Decimal, book: str, gas: str) -> dict[str, object]:
    mass = quantity * Decimal(WEIGHTS[book, gas][activity])
    parts = dict.fromkeys(("outside_kg", "minority_kg", "eliminated_kg"), Decimal(0))
    named = {"book": book, "organisation": "town", "site": place, "source": f"{place}-{activity}"}
    weighed = {"scope": "1", "category": "energy", "gas": gas, "chain": "total", "is_lead": gas != "CH4"}
    used = {"activity": activity, "role": "consumed", "quantity": quantity, "unit": "kWh", "basis": "none"}
    factor = {"factor_id": f"{book}-{activity}", "co2e_kg": mass, "consolidated_kg": mass}
    return named | weighed | used | factor | parts


def town(electricity: int = 10) -> pl.DataFrame:
    """Return the lines: a place for each of the three, and some with electricity."""
    used = [(name, name, quantity) for name, quantity in HIDDEN.items()]
    used += [(f"house-{number}", "electricity", Decimal(1000 + number)) for number in range(electricity)]
    rows = [line(*use, *key) for use in used for key in WEIGHTS]
    schema = {**LINE_SCHEMA, **{name: BALANCE_SCHEMA[name] for name in MEASURES}}
    return pl.DataFrame(rows, schema=schema, orient="row")


def without_electricity(lines: pl.DataFrame) -> list[Fraction]:
    """Return the sums of the three places by book and gas, as a row for each of these would tell them."""
    hidden = lines.filter(pl.col("activity") != "electricity")
    sums = {
        (book, gas): mass
        for book, gas, mass in hidden.group_by("book", "gas").agg(pl.col("co2e_kg").sum()).iter_rows()
    }
    return [Fraction(sums[key]) for key in WEIGHTS]


def test_three_places_in_rows_by_book_and_gas_can_be_solved() -> None:
    """The attack: three sums, three quantities, factors that everybody can look up."""
    equations = [{name: Fraction(row[name]) for name in HIDDEN} for row in (WEIGHTS[key] for key in WEIGHTS)]
    right = without_electricity(town())
    assert right == [
        Fraction("21500"),  # 8 000 + 7 500 + 6 000
        Fraction("305"),  # 160 + 25 + 120
        Fraction("31000"),  # 10 000 + 9 000 + 12 000
    ]
    for name, quantity in HIDDEN.items():
        assert exactly.solved(equations, right, name) == Fraction(quantity)


def test_they_are_joined_until_they_cannot_be_solved() -> None:
    """Of every row three places are told, which by itself would do. Gases, then electricity are joined."""
    rows = joined(town(), 3)
    assert rows.select("book", "gas", "activity", "places").rows() == [
        ("first", None, None, 13),
        ("second", None, None, 13),
    ]
    assert rows["quantity"].null_count() == rows["lead_quantity"].null_count() == 2
    every = {name: Fraction(weight) for name, weight in WEIGHTS["second", "CO2e"].items()}
    both = (WEIGHTS["first", "CO2"], WEIGHTS["first", "CH4"])
    first = {name: Fraction(both[0][name]) + Fraction(both[1][name]) for name in every}
    right = [Fraction(mass) for mass in rows.sort("book")["co2e_kg"]]
    for name in HIDDEN:
        assert exactly.solved([first, every], right, name) is None
    place_of = {name: name for name in HIDDEN}  # electricity is of ten places
    assert not any(
        exactly.told([first, every], place_of | {"electricity": "ten"}, few)
        for few in exactly.sets(HIDDEN, 3)
    )
    assert solvable(town(), 3) == 0


def test_two_gases_are_joined_where_that_is_enough() -> None:
    """Rows by gas of one book are two sums over three places: a combination of them is of two alone."""
    lines = town().filter(pl.col("book") == "first")
    rows = joined(lines, 3)
    assert rows.select("activity", "gas", "quantity", "places").rows() == [
        ("electricity", "CH4", Decimal(10_045), 10),
        ("electricity", "CO2", Decimal(10_045), 10),
        (None, None, None, 3),
    ]


def contracted(lines: pl.DataFrame, own: int) -> pl.DataFrame:
    """Return lines of which some places have no emissions of electricity in the second book."""
    changed = pl.col("site").is_in([f"house-{number}" for number in range(own)]) & (
        pl.col("book") == "second"
    )
    return lines.with_columns(
        factor_id=pl.when(changed).then(pl.lit("green")).otherwise("factor_id"),
        **{
            name: pl.when(changed).then(pl.col(name) * 0).otherwise(name).cast(lines.schema[name])
            for name in ("co2e_kg", "consolidated_kg")
        },
    )


def test_one_place_with_a_contract_of_its_own_is_not_told_by_two_books() -> None:
    """10 045 kWh of all and, without names of factors, 9 045 × 0.45 kg in the second book: one has 1 000."""
    rows = joined(contracted(town(), 1), 3)
    assert rows.select("book", "gas", "activity", "lead_quantity", "places").rows() == [
        ("first", "CH4", None, None, 13),  # of five unknowns three sums tell nothing: gases keep their names
        ("first", "CO2", None, None, 13),
        ("second", "CO2e", None, None, 13),
    ]
    alone = contracted(town().filter(pl.col("activity") == "electricity"), 3)
    rows = joined(alone, 3).filter(pl.col("book") == "second")
    assert dict(rows.select("factor_id", "places").iter_rows()) == {"second-electricity": 7, "green": 3}


def test_nothing_is_joined_against_what_control_sums_tell_anyway() -> None:
    """The same ten places, and nothing else in the town: two control sums tell the one place."""
    lines = contracted(town().filter(pl.col("activity") == "electricity"), 1)
    rows = joined(lines, 3).filter(pl.col("book") == "second")
    assert rows.select("activity", "factor_id", "lead_quantity", "joined").rows() == [
        ("electricity", None, Decimal(10_045), "factors")
    ]
    assert solvable(lines, 3) == 1


def test_what_control_sums_tell_by_themselves_is_counted() -> None:
    """Without electricity two books are two sums over three places: they tell something of every two."""
    rows = joined(town(0), 3)
    assert rows.select("book", "gas", "places").rows() == [("first", None, 3), ("second", None, 3)]
    assert solvable(town(0), 3) == 3
    assert solvable(town(0), 2) == 0  # of none of them alone


def columns(matrix: list[list[float]], few: list[set[int] | None], smallest: int = 3) -> list[int]:
    places = [None if each is None else frozenset(each) for each in few]
    return sorted(revealed(row_space(np.array(matrix, dtype=float)), places, smallest))


@pytest.mark.parametrize(
    ("matrix", "few", "found"),
    [
        ([[1, 1, 1]], [{0}, {1}, {2}], []),
        ([[1, 1, 1], [1, 1, 2]], [{0}, {1}, {2}], [0, 1, 2]),  # c, and a + b
        ([[1, 1, 1, 1], [1, 2, 3, 4]], [{0}, {1}, {2}, {3}], []),  # of three at least
        ([[1, 1, 1], [1, 2, 2]], [{0}, {1}, None], [0]),
        ([[1, 2, 0], [2, 4, 0]], [{0}, {1}, {2}], [0, 1]),  # one row twice
        ([[1, 1, 1]], [{0}, {0}, {1}], [0, 1, 2]),  # three quantities of two places
        ([[1, 0], [0, 1]], [None, None], []),
        ([[0.0, 0.0]], [{0}, {1}], []),
    ],
)
def test_what_rows_tell(matrix: list[list[float]], few: list[set[int] | None], found: list[int]) -> None:
    assert columns(matrix, few) == found


def test_units_play_no_part() -> None:
    """kg per kWh beside kg per tonne of a gas with a large potential: columns and rows are scaled."""
    matrix = [[2e-1, 3e-9, 1e5], [4e-9, 1e-17, 2e-3], [0.25, 3.6e-9, 2e5]]
    assert columns(matrix, [{0}, {1}, {2}]) == [0, 1, 2]
    assert columns(matrix[:1], [{0}, {1}, {2}]) == []


def test_what_is_told_anyway_is_not_told_by_rows() -> None:
    rows = row_space(np.array([[1.0, 1, 1, 0], [0, 0, 1, 0]]))
    anyway = row_space(np.array([[0.0, 0, 1, 0]]))
    places = [frozenset({0}), frozenset({1}), frozenset({2}), None]
    assert revealed(anyway, places, 3) == {2}
    assert revealed(rows, places, 3, anyway=anyway) == {0, 1}


def test_of_more_than_three_places_sets_of_two_columns_are_looked_at() -> None:
    assert columns([[1, 1, 0, 1]], [{0}, {1}, {2}, None], 4) == []
    assert columns([[1, 1, 0, 0]], [{0, 1}, {2}, {3}, None], 4) == [0, 1]
    assert (
        columns([[1, 1, 1, 0]], [{0}, {1}, {2}, None], 4) == []
    )  # three columns: the count of the row tells
