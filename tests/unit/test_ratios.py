"""Ratios per head, per m² and per full-time equivalent, by hand."""

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
from unit.test_consolidation import BOOK, Tree

from bilanz.boundary import Approach
from bilanz.consolidation import levels
from bilanz.ratios import indicators

FIGURES = {
    "organisation": pl.String,
    "kind": pl.String,
    "population": pl.Int64,
    "floor_area_m2": pl.Decimal(18, 2),
    "staff": pl.Decimal(12, 2),
}
KINDS = {"league": "league", "alpha": "municipality", "beta": "municipality"}


def figures(**stated: dict[str, object]) -> pl.DataFrame:
    rows = [{"organisation": name, "kind": KINDS.get(name, "agency")} | told for name, told in stated.items()]
    return pl.DataFrame(
        [dict.fromkeys(FIGURES) | row for row in rows], schema=FIGURES, orient="row", strict=False
    )


def found(
    tree: Tree, stated: pl.DataFrame, approach: Approach = Approach.OPERATIONAL
) -> dict[tuple[str, str], dict[str, Any]]:
    made = tree.plan(approach)
    told = indicators(tree.frame(), levels(tree.frame(), made), made, stated)
    return {(row["node"], row["indicator"]): row for row in told.to_dicts()}


def league() -> Tree:
    """Alpha: 1 000 people and 2 000 kg; beta: 9 000 people and 9 000 kg, both by an agency."""
    tree = Tree().member("alpha", "league").member("beta", "league")
    tree.member("alpha-hall", "alpha").member("beta-hall", "beta")
    tree.line("alpha-hall", "1", "stationary_combustion", "2000")
    return tree.line("beta-hall", "1", "stationary_combustion", "9000")


def test_per_head_of_the_league_is_all_emissions_by_all_people() -> None:
    """Acceptance test 9: (2 000 + 9 000) / (1 000 + 9 000) = 1.1, not the sum 3 or the mean 1.5."""
    rows = found(league(), figures(league={}, alpha={"population": 1000}, beta={"population": 9000}))
    assert rows["alpha", "population"]["value"] == 2
    assert rows["beta", "population"]["value"] == 1
    assert rows["league", "population"]["value"] == Decimal("1.1")
    assert rows["league", "population"]["denominator"] == 10_000
    assert ("alpha-hall", "population") not in rows


def test_a_missing_figure_leaves_the_whole_without_a_ratio_and_is_named() -> None:
    rows = found(league(), figures(league={}, alpha={"population": 1000}, beta={}))
    assert rows["league", "population"]["value"] is None
    assert rows["league", "population"]["missing"] == ["beta"]
    assert rows["alpha", "population"]["value"] == 2


def test_a_city_without_data_leaves_the_league_without_a_ratio() -> None:
    """3 000 people about whom nothing is known would make the league look better than it is."""
    tree = league().member("gamma", "league")
    stated = figures(
        league={}, alpha={"population": 1000}, beta={"population": 9000}, gamma={"population": 3000}
    )
    stated = stated.with_columns(
        kind=pl.when(pl.col("organisation") == "gamma").then(pl.lit("municipality")).otherwise("kind")
    )
    row = found(tree, stated)["league", "population"]
    assert (row["value"], row["silent"]) == (None, ["gamma"])


def test_area_and_staff_add_up_over_the_organisations_with_emissions() -> None:
    """(2 000 + 9 000) kg / (500 + 1 500) m² = 5.5; / (40 + 180) = 50."""
    stated = figures(
        **{
            "alpha-hall": {"floor_area_m2": Decimal(500), "staff": Decimal(40)},
            "beta-hall": {"floor_area_m2": Decimal(1500), "staff": Decimal(180)},
        }
    )
    rows = found(league(), stated)
    assert rows["league", "floor_area_m2"]["value"] == Decimal("5.5")
    assert rows["league", "staff"]["value"] == 50
    assert rows["alpha", "staff"]["value"] == 50


def test_an_equity_share_holds_for_numerator_and_denominator() -> None:
    """Half of 9 000 kg and half of 180 people: 4 500 / 90 = 50; with alpha (2 000 + 4 500) / (40 + 90)."""
    tree = league()
    tree.members[1]["equity_share"] = Decimal("0.5")
    stated = figures(**{"alpha-hall": {"staff": Decimal(40)}, "beta-hall": {"staff": Decimal(180)}})
    row = found(tree, stated, Approach.EQUITY)["league", "staff"]
    assert (row["numerator"], row["denominator"], row["value"]) == (6500, 130, 50)


def test_who_belongs_for_half_a_year_counts_with_half_a_year_of_its_people() -> None:
    """From 1 July 2024: 184 of 366 days. 180 × 184/366 = 90.491803."""
    tree = league()
    tree.members[1]["valid_from"] = date(2024, 7, 1)
    tree.line("beta-hall", "1", "stationary_combustion", "100", month=date(2024, 9, 1))
    stated = figures(**{"alpha-hall": {"staff": Decimal(40)}, "beta-hall": {"staff": Decimal(180)}})
    row = found(tree, stated)["league", "staff"]
    assert (row["numerator"], row["denominator"]) == (2100, Decimal("130.491803"))


def test_a_site_belongs_to_the_figures_of_its_organisation() -> None:
    """The annex has no staff of its own: 2 000 + 500 kg by the 40 people of the hall."""
    tree = league().member("annex", "alpha-hall").line("annex", "1", "stationary_combustion", "500")
    stated = figures(**{"alpha-hall": {"staff": Decimal(40)}, "annex": {"kind": "site"}})
    row = found(tree, stated)["alpha", "staff"]
    assert (row["value"], row["missing"]) == (Decimal("62.5"), [])


def test_what_a_book_only_shows_needs_no_figure() -> None:
    tree = league().member("buy", "alpha").line("buy", "memo", "excluded", None)
    row = found(tree, figures(**{"alpha-hall": {"staff": Decimal(40)}, "buy": {}}))["alpha", "staff"]
    assert (row["value"], row["missing"], row["book"]) == (50, [], BOOK)


def test_data_of_before_it_belonged_to_the_node_are_no_data() -> None:
    """Beta's agency joins in July and hands in nothing after: its 180 people have no emissions."""
    tree = league()
    tree.members[1]["valid_from"] = date(2024, 7, 1)
    stated = figures(**{"alpha-hall": {"staff": Decimal(40)}, "beta-hall": {"staff": Decimal(180)}})
    row = found(tree, stated)["league", "staff"]
    assert (row["value"], row["silent"]) == (None, ["beta-hall"])
