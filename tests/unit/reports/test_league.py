"""Organisations are ranked by a ratio, only those at the end of the tree, and none without a value."""

from dataclasses import replace
from decimal import Decimal

import polars as pl
from unit.reports.synthetic import full_result

from bilanz.consolidated import INDICATOR_SCHEMA, NODE_SCHEMA, Consolidation
from reports.base import Wording
from reports.sections.league import League, ranked

NODES = [("city", 3), ("pool", 0), ("hall", 0), ("school", 0), ("works", 0)]
VALUES = {
    ("city", "bisko"): "9.5",  # stands above the others
    ("pool", "bisko"): "300",
    ("hall", "bisko"): "20.25",
    ("school", "bisko"): "20.5",
    ("pool", "ghgp_market"): "310",
    ("hall", "ghgp_market"): "25",
    ("works", "ghgp_market"): "1",
    ("works", "bisko"): None,
}


def consolidation() -> Consolidation:
    found = full_result().beside.consolidation
    assert found is not None
    nodes = [(node, None if node == "city" else "city", 0, members, False) for node, members in NODES]
    rows = [
        (node, book, "floor_area_m2", None, None, None if value is None else Decimal(value), [], [])
        for (node, book), value in VALUES.items()
    ]
    return replace(
        found,
        nodes=pl.DataFrame(nodes, schema=NODE_SCHEMA, orient="row"),
        indicators=pl.DataFrame(rows, schema=INDICATOR_SCHEMA, orient="row"),
    )


def test_the_smallest_comes_first_and_a_missing_value_last() -> None:
    table = ranked(consolidation(), "floor_area_m2", ("bisko", "ghgp_location", "ghgp_market"))
    assert table.columns == ["rank", "node", "bisko", "ghgp_market"]
    assert table["node"].to_list() == ["hall", "school", "pool", "works"]
    assert table["rank"].to_list() == [1, 2, 3, 4]
    assert table["bisko"].to_list() == [Decimal("20.25"), Decimal("20.5"), Decimal(300), None]
    assert table["ghgp_market"].to_list() == [Decimal(25), None, Decimal(310), Decimal(1)]


def test_the_finding_names_the_ends_that_have_a_value() -> None:
    result = full_result()
    told = replace(result, beside=replace(result.beside, consolidation=consolidation()))
    (panel,) = League().panels(told, Wording("en"))
    assert panel.finding == (
        "Municipal facilities by the BISKO method, from hall (20.25 kg CO₂e) to pool (300.00 kg CO₂e) per m²."
    )


def test_one_organisation_alone_is_not_ranked() -> None:
    result, found = full_result(), consolidation()
    one = replace(found, indicators=found.indicators.filter(pl.col("node") == "pool"))
    assert (
        League().panels(replace(result, beside=replace(result.beside, consolidation=one)), Wording("en"))
        == []
    )
