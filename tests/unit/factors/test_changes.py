"""What differs between two catalogues, by hand."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from ledger import factor, with_factors

from factors.base import Catalogue, catalogue
from factors.changes import CHANGE_SCHEMA, changes, relative

GAS = {"factor_id": "own:gas", "gas": "CO2"}


def told(old: Catalogue, new: Catalogue) -> list[dict[str, Any]]:
    """Return the changes without what is null."""
    frame = changes(old, new)
    assert frame.schema == pl.Schema(CHANGE_SCHEMA)
    return [{name: value for name, value in row.items() if value is not None} for row in frame.to_dicts()]


def only(*rows: dict[str, Any]) -> Catalogue:
    return with_factors(rows, only=True)


def test_a_catalogue_is_like_itself() -> None:
    assert changes(catalogue(), catalogue()).is_empty()


def test_a_value_changed_is_told_with_its_relative_change_per_gas_and_part() -> None:
    old = only(
        factor("diesel", "2.5"),
        factor("natural_gas", "0.2", **GAS),
        factor("natural_gas", "9", **GAS | {"gas": "CH4"}),
    )
    new = only(
        factor("diesel", "2.6"),
        factor("natural_gas", "0.15", **GAS),
        factor("natural_gas", "9", **GAS | {"gas": "CH4"}),
    )
    # 0.15 / 0.2 - 1 = -0.25; 2.6 / 2.5 - 1 = 0.04: the larger change first.
    assert told(old, new) == [
        {
            "frame": "factors",
            "kind": "changed",
            "key": "own:gas",
            "gas": "CO2",
            "chain": "direct",
            "column": "value",
            "old": "0.2",
            "new": "0.15",
            "relative": "-0.25",
        },
        {
            "frame": "factors",
            "kind": "changed",
            "key": "own:diesel",
            "gas": "CO2e",
            "chain": "direct",
            "column": "value",
            "old": "2.5",
            "new": "2.6",
            "relative": "0.04",
        },
    ]


def test_another_unit_or_validity_is_a_change_too() -> None:
    old = only(factor("diesel", "2.5", valid_to=date(2024, 1, 1)))
    new = only(factor("diesel", "2.5", valid_to=date(2025, 1, 1), per_unit="l"))
    assert [(row["column"], row.get("old"), row.get("new")) for row in told(old, new)] == [
        ("per_unit", "kWh", "l"),
        ("valid_to", "2024-01-01", "2025-01-01"),
    ]


def test_added_and_removed_are_told_with_their_values() -> None:
    found = told(only(factor("diesel", "2.5")), only(factor("petrol", "2.30")))
    assert [(row["kind"], row["key"], row.get("old"), row.get("new")) for row in found] == [
        ("added", "own:petrol", None, "2.3"),
        ("removed", "own:diesel", "2.5", None),
    ]


def test_another_edition_with_the_same_statement_is_told_beside_the_newest_old_one() -> None:
    """Climate Change 16/2026 says 353 g CO2/kWh for 2024, 13/2025 said 363: 353 / 363 - 1 = -0.027548."""
    editions = pl.col("edition")
    known = catalogue()
    mix = known.factors.filter(pl.col("source") == "uba_strommix")
    old = replace(known, factors=mix.filter(editions == "cc13_2025"))
    found = told(old, replace(known, factors=mix))
    row = next(row for row in found if row["key"] == "uba_strommix:cc16_2026:electricity:DE:2024:direct_co2")
    assert row == {
        "frame": "factors",
        "kind": "new_edition",
        "key": "uba_strommix:cc16_2026:electricity:DE:2024:direct_co2",
        "gas": "CO2",
        "chain": "direct",
        "column": "value",
        "old": "363",
        "new": "353",
        "relative": "-0.027548",
        "former": "uba_strommix:cc13_2025:electricity:DE:2024:direct_co2",
    }
    kinds = {row["key"]: row["kind"] for row in found}
    assert kinds["uba_strommix:cc16_2026:electricity:DE:2024:total"] == "added"
    assert len(found) == len(kinds) == mix.filter(editions == "cc16_2026").height


def test_a_third_edition_is_held_against_the_second() -> None:
    rows = [
        factor("diesel", value, factor_id=f"own:{edition}", edition=edition)
        for edition, value in (("2023", "1"), ("2024", "2"), ("2025", "3"))
    ]
    (found,) = told(only(*rows[:2]), only(*rows))
    assert (found["kind"], found["key"], found["former"], found["relative"]) == (
        "new_edition",
        "own:2025",
        "own:2024",
        "0.5",
    )


def test_two_statements_of_an_edition_alike_in_all_but_value_are_no_successors() -> None:
    old = [factor("diesel", "1", factor_id=f"own:a{n}", edition="2023") for n in "12"]
    new = [factor("diesel", "2", factor_id="own:b", edition="2024")]
    assert [row["kind"] for row in told(only(*old), only(*old, *new))] == ["added"]


def test_potentials_properties_and_maps_are_compared() -> None:
    known = catalogue()
    methane = (pl.col("gwp") == "AR5") & (pl.col("gas") == "CH4_fossil")
    (before,) = known.gwp.filter(methane)["value"]
    kind = known.gwp.schema["value"]
    gwp = known.gwp.with_columns(
        value=pl.when(methane).then(pl.lit(before * 2).cast(kind)).otherwise("value").cast(kind)
    )
    other = replace(known, gwp=gwp, properties=known.properties.slice(1), families=known.families.slice(1))
    first, family = known.properties.row(0, named=True), known.families.row(0)
    found = {row["frame"]: row for row in told(known, other)}
    assert found["gwp"] | {"old": Decimal(found["gwp"]["old"])} == {
        "frame": "gwp",
        "kind": "changed",
        "key": "AR5 CH4_fossil",
        "column": "value",
        "old": before,
        "new": f"{(before * 2).normalize():f}",
        "relative": "1",
    }
    assert (found["properties"]["kind"], found["properties"]["key"]) == ("removed", first["property_id"])
    assert found["families"] == {"frame": "families", "kind": "removed", "key": " ".join(family)}


def test_a_column_of_another_version_of_the_program_is_no_change() -> None:
    known = catalogue()
    older = replace(known, factors=known.factors.with_columns(delivery=pl.lit(None, dtype=pl.String)))
    assert known.factors["delivery"].null_count() < known.factors.height
    assert changes(older, known).is_empty()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("3", "4", "0.333333"),
        ("-2", "-1", "-0.5"),
        ("0", "1", None),
        (None, "1", None),
        ("1", None, None),
        ("2", "2", "0"),
    ],
)
def test_a_relative_change_is_new_over_old_minus_one(
    old: str | None, new: str | None, expected: str | None
) -> None:
    assert relative(old, new) == expected
