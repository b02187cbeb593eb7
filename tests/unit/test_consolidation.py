"""Consolidation by hand: every figure is worked out beside it."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from ledger import Ledger, organisations, term

from bilanz.boundary import MEMBERSHIP_SCHEMA, Approach
from bilanz.consolidation import Plan, levels, node_lines, nodes, parts, plan
from bilanz.delivery import DELIVERY_SCHEMA
from bilanz.doublecount import outcomes, suspects
from bilanz.errors import Refused
from bilanz.result import LINE_SCHEMA, USAGE_SCHEMA

YEAR = 2024
JANUARY, JUNE = date(YEAR, 1, 1), date(YEAR, 6, 1)
BOOK = "ghgp_location"


@dataclass
class Tree:
    """A town with works and a town hall, and what a test adds."""

    lines: list[dict[str, Any]] = field(default_factory=list)
    members: list[dict[str, Any]] = field(default_factory=list)
    deliveries: list[dict[str, Any]] = field(default_factory=list)

    def member(self, organisation: str, parent: str = "town", **told: object) -> "Tree":
        given = {
            "organisation": organisation,
            "parent": parent,
            "equity_share": Decimal(1),
            "operational_control": True,
            "financial_control": True,
            "is_declared": True,
        }
        self.members.append(dict.fromkeys(MEMBERSHIP_SCHEMA) | given | told)
        return self

    def line(self, organisation: str, scope: str, category: str, co2e: str | None, **told: object) -> "Tree":
        given = {
            "book": BOOK,
            "organisation": organisation,
            "source": f"{organisation}-meter",
            "activity": "district_heat",
            "role": "consumed",
            "month": JANUARY,
            "scope": scope,
            "category": category,
            "gas": "CO2e",
            "quantity": Decimal(0),
            "unit": "kWh",
            "basis": "none",
            "is_lead": category != "3.3",
            "co2e_kg": None if co2e is None else Decimal(co2e),
        }
        row = dict.fromkeys(LINE_SCHEMA) | given | told
        self.lines.append(row | {"quantity": Decimal(str(row["quantity"]))})
        return self

    def delivery(self, identifier: str, kind: str, seller: str, buyer: str, **told: object) -> "Tree":
        given = {
            "id": identifier,
            "kind": kind,
            "seller": seller,
            "buyer": buyer,
            "activity": "district_heat",
            "valid_from": date(2020, 1, 1),
            "evidence": "contract",
        }
        self.deliveries.append(dict.fromkeys(DELIVERY_SCHEMA) | given | told)
        return self

    def frame(self) -> pl.DataFrame:
        return pl.DataFrame(self.lines, schema=LINE_SCHEMA, orient="row")

    def memberships(self) -> pl.DataFrame:
        return pl.DataFrame(self.members, schema=MEMBERSHIP_SCHEMA, orient="row")

    def plan(self, approach: Approach = Approach.OPERATIONAL) -> Plan:
        declared = pl.DataFrame(self.deliveries, schema=DELIVERY_SCHEMA, orient="row")
        return plan(self.frame(), self.memberships(), declared, year=YEAR, approach=approach)

    def sums(self, node: str = "town", approach: Approach = Approach.OPERATIONAL) -> dict[str, Decimal]:
        """Return own, outside, minority, eliminated, consolidated of scopes 1 to 3 of a node."""
        found = levels(self.frame(), self.plan(approach)).filter(
            pl.col("node") == node, pl.col("scope").is_in(["1", "2", "3"])
        )
        return {
            name: Decimal(found[name].sum())
            for name in ("own", "outside", "minority", "eliminated", "consolidated")
        }

    def outcome(self, approach: Approach = Approach.OPERATIONAL) -> dict[str, Any]:
        (row,) = outcomes(self.frame(), self.plan(approach)).to_dicts()
        return row


def heat(sold: str = "1000", bought: str = "400") -> Tree:
    """Works burn gas (300 kg) and sell heat; the hall buys 400 kWh of it (100 kg) with 20 kg upstream."""
    tree = Tree().member("works").member("hall")
    tree.line("works", "1", "stationary_combustion", "300", activity="natural_gas")
    tree.line("works", "2", "purchased_electricity", "50", activity="electricity")
    if sold:
        tree.line("works", "memo", "sold", None, quantity=sold, role="sold")
    tree.line("hall", "2", "purchased_heat", "100", quantity=bought)
    tree.line("hall", "3", "3.3", "20", quantity=bought)
    tree.line("hall", "2", "purchased_electricity", "30", activity="electricity", quantity="75")
    return tree


def told(own: int, outside: int, minority: int, eliminated: int, consolidated: int) -> dict[str, Decimal]:
    names = ("own", "outside", "minority", "eliminated", "consolidated")
    values = (own, outside, minority, eliminated, consolidated)
    return {name: Decimal(value) for name, value in zip(names, values, strict=True)}


def test_without_deliveries_and_with_whole_shares_it_is_the_plain_sum() -> None:
    """300 + 50 + 100 + 20 + 30 = 500."""
    for approach in Approach:
        assert heat().sums(approach=approach) == told(500, 0, 0, 0, 500)


def test_where_the_seller_generates_scope_2_and_3_3_of_the_buyer_go() -> None:
    """500 - 100 - 20 = 380: the 300 kg of the works stay, the electricity of the hall too."""
    tree = heat().delivery("d", "generates", "works", "hall")
    assert tree.sums() == told(500, 0, 0, 120, 380)
    row = tree.outcome()
    assert (row["state"], row["side"], row["node"]) == ("agreed", "buyer", "town")
    assert (row["sold"], row["bought"], row["difference"], row["unit"]) == (1000, 400, 600, "kWh")
    assert (row["eliminated"], row["kept"]) == (120, 300)


def test_balances_of_single_agencies_are_untouched() -> None:
    tree = heat().delivery("d", "generates", "works", "hall")
    assert tree.sums("works") == told(350, 0, 0, 0, 350)
    assert tree.sums("hall") == told(150, 0, 0, 0, 150)


def test_no_more_goes_than_was_sold() -> None:
    """Sold 100 of the 400 kWh bought: a quarter of 120 kg goes."""
    tree = heat(sold="100").delivery("d", "generates", "works", "hall")
    assert tree.sums() == told(500, 0, 0, 30, 470)
    row = tree.outcome()
    assert (row["state"], row["difference"]) == ("capped", -300)


def test_a_seller_without_a_quantity_is_believed_and_named() -> None:
    tree = heat(sold="").delivery("d", "generates", "works", "hall")
    assert tree.sums()["eliminated"] == 120
    assert tree.outcome()["state"] == "not_stated"


def test_a_seller_that_burns_nothing_is_named() -> None:
    """The 120 kg go, and nothing stands for them: right for sun and wind, else fuels are missing."""
    tree = heat()
    del tree.lines[0]
    row = tree.delivery("d", "generates", "works", "hall").outcome()
    assert (row["state"], row["eliminated"], row["kept"]) == ("nothing_kept", 120, None)


def test_other_units_are_converted() -> None:
    """0.1 MWh is 100 kWh."""
    tree = heat(sold="")
    tree.line("works", "memo", "sold", None, quantity="0.1", unit="MWh", role="sold")
    assert tree.delivery("d", "generates", "works", "hall").sums()["eliminated"] == 30


def test_units_that_do_not_go_together_are_named() -> None:
    tree = heat(sold="").line("works", "memo", "sold", None, quantity="5", unit="t", role="sold")
    row = tree.delivery("d", "generates", "works", "hall").outcome()
    assert (row["state"], row["sold"], row["bought"]) == ("not_comparable", None, None)


def test_where_nothing_was_bought_nothing_goes() -> None:
    tree = Tree().member("works").member("hall").line("works", "1", "stationary_combustion", "300")
    tree.line("works", "memo", "sold", None, quantity="10", role="sold")
    tree.delivery("d", "generates", "works", "hall")
    assert tree.sums()["eliminated"] == 0
    assert tree.outcome()["state"] == "nothing_bought"


def test_two_buyers_share_what_was_sold() -> None:
    """300 sold, 400 + 200 bought: half of each goes, 60 + 20 kg."""
    tree = heat(sold="300").member("bath").line("bath", "2", "purchased_heat", "40", quantity="200")
    tree.delivery("d1", "generates", "works", "hall").delivery("d2", "generates", "works", "bath")
    assert tree.sums()["eliminated"] == 80
    states = outcomes(tree.frame(), tree.plan()).select("delivery", "state", "eliminated", "difference")
    assert states.rows() == [("d1", "capped", 60, -300), ("d2", "capped", 20, -300)]


def test_where_the_seller_resells_the_buyer_keeps_scope_2() -> None:
    """Sold 1000 kWh, with 11 kg in 3.3 and 90 in 3.11; 400 kWh went to the hall: 0.4 × 101 = 40.4."""
    tree = heat().line("works", "3", "3.3", "11", role="sold").line("works", "3", "3.11", "90", is_lead=False)
    tree.line("works", "3", "3.3", "7")  # of its own heat: no sale
    tree.delivery("d", "resells", "works", "hall")
    sums = tree.sums()
    assert (sums["eliminated"], sums["consolidated"]) == (Decimal("40.4"), Decimal("567.6"))
    row = tree.outcome()
    assert (row["side"], row["kept"], row["state"]) == ("seller", 100, "agreed")


def test_a_reseller_that_counts_nothing_for_its_sales_leaves_nothing_to_eliminate() -> None:
    tree = heat().delivery("d", "resells", "works", "hall")
    assert tree.sums()["eliminated"] == 0
    assert tree.outcome()["state"] == "nothing_counted"


def test_what_a_landlord_lets_goes_where_the_tenant_counts_it() -> None:
    """Landlord counts 800 kWh as 3.13 (80 kg); the tenant 200 kWh as scope 2: a quarter, 20 kg, goes."""
    tree = Tree().member("works").member("hall")
    tree.line("works", "3", "3.13", "80", quantity="800")
    tree.line("hall", "2", "purchased_heat", "22", quantity="200")
    tree.delivery("d", "lets", "works", "hall")
    assert tree.sums() == told(102, 0, 0, 20, 82)
    assert tree.outcome()["side"] == "seller"


def test_what_a_tenant_without_control_counts_goes_where_the_landlord_counts_it() -> None:
    """The tenant's 3.8 (22 kg, 200 kWh) goes: the landlord counts 800 kWh in scope 2."""
    tree = Tree().member("works").member("hall")
    tree.line("works", "2", "purchased_heat", "80", quantity="800")
    tree.line("hall", "3", "3.8", "22", quantity="200")
    tree.delivery("d", "lets", "works", "hall")
    assert tree.sums() == told(102, 0, 0, 22, 80)
    assert tree.outcome()["side"] == "buyer"


def test_equity_takes_the_product_of_both_shares() -> None:
    """60 % of the works (350 kg) and the whole hall (150 kg); 60 % of the 120 kg come from inside.

    consolidated = 0.6 × 350 + 150 - 0.6 × 120 = 210 + 150 - 72 = 288; others hold 140.
    """
    tree = heat()
    tree.members[0]["equity_share"] = Decimal("0.6")
    tree.delivery("d", "generates", "works", "hall")
    assert tree.sums(approach=Approach.EQUITY) == told(500, 0, 140, 72, 288)


def test_what_is_eliminated_below_is_held_above_like_everything_else() -> None:
    """A league holds half of the town: half of 500, half of 120, half of 380."""
    tree = heat().member("town", "league", equity_share=Decimal("0.5"))
    tree.delivery("d", "generates", "works", "hall")
    assert tree.sums("league", Approach.EQUITY) == told(500, 0, 250, 60, 190)
    assert tree.outcome(Approach.EQUITY)["node"] == "town"
    assert tree.sums("league") == told(500, 0, 0, 120, 380)


def test_a_seller_outside_the_boundary_eliminates_nothing() -> None:
    """Without control the works (350 kg) are outside, and what the hall buys comes from outside."""
    tree = heat()
    tree.members[0]["operational_control"] = False
    tree.delivery("d", "generates", "works", "hall")
    assert tree.sums() == told(500, 350, 0, 0, 150)
    assert tree.outcome()["state"] == "not_inside"


def test_organisations_of_different_trees_have_no_common_node() -> None:
    tree = heat().delivery("d", "generates", "works", "hall")
    tree.members.pop()
    assert tree.sums() == told(350, 0, 0, 0, 350)
    assert tree.outcome()["state"] == "apart"


def test_who_joins_within_a_month_is_split_by_days() -> None:
    """The hall joins on 11 January: 21 of 31 days. 150 × 21/31 = 101.612903225806…; 10/31 stay outside."""
    tree = heat()
    tree.members[1]["valid_from"] = date(YEAR, 1, 11)
    found = levels(tree.frame(), tree.plan()).filter(node="town", category="purchased_heat").to_dicts()[0]
    assert found["consolidated"] == Decimal("67.741935483871")  # 100 × 21 / 31 = 67.7419354838709677…
    assert found["outside"] == Decimal("32.258064516129")
    assert found["is_split"]
    kept = levels(tree.frame(), tree.plan()).filter(node="town", scope="1").to_dicts()[0]
    assert not kept["is_split"]


def test_a_delivery_counts_for_the_days_it_holds() -> None:
    """From 17 January on, 15 of 31 days: 100 × 15/31 = 48.387096774194, 20 × 15/31 = 9.677419354839."""
    tree = heat().delivery("d", "generates", "works", "hall", valid_from=date(YEAR, 1, 17))
    assert tree.sums()["eliminated"] == Decimal("48.387096774194") + Decimal("9.677419354839")
    row = tree.outcome()
    assert row["bought"] == Decimal("193.548387")  # 400 × 15 / 31


def test_of_three_buyers_of_a_resale_nothing_is_left_over() -> None:
    """1 kg sold to three in equal parts: 1/3 + 1/3 + 1/3 is 1, to the last digit."""
    tree = Tree().member("works")
    tree.line("works", "3", "3.11", "1", quantity="300", role="sold")
    for name in ("a", "b", "c"):
        tree.member(name).line(name, "2", "purchased_heat", "10", quantity="100")
        tree.delivery(f"d-{name}", "resells", "works", name)
    assert tree.sums() == told(31, 0, 0, 1, 30)


def test_two_deliveries_that_take_the_same_line_are_refused() -> None:
    tree = heat().member("bath").delivery("d1", "generates", "works", "hall")
    tree.delivery("d2", "generates", "bath", "hall", activity=None, buyer_source="hall-meter")
    with pytest.raises(Refused, match='"d1" and "d2"'):
        tree.plan()


def test_the_same_delivery_declared_twice_is_refused() -> None:
    tree = heat().delivery("d1", "generates", "works", "hall").delivery("d2", "generates", "works", "hall")
    with pytest.raises(Refused, match='"d1" and "d2"'):
        tree.plan()


def test_one_delivery_may_follow_another() -> None:
    """15 days of the one, 16 of the other: together the whole month, and nothing is left over."""
    tree = heat().delivery("d1", "generates", "works", "hall", valid_to=date(YEAR, 1, 16))
    tree.delivery("d2", "generates", "works", "hall", valid_from=date(YEAR, 1, 16))
    assert tree.sums() == told(500, 0, 0, 120, 380)


def test_a_source_narrows_a_delivery() -> None:
    tree = heat().line("hall", "2", "purchased_heat", "9", quantity="40", source="annex")
    tree.delivery("d", "generates", "works", "hall", buyer_source="annex")
    assert tree.sums()["eliminated"] == 9


def test_what_the_buyer_counts_elsewhere_is_told() -> None:
    tree = heat().line("hall", "3", "3.8", "14", quantity="50")
    assert tree.delivery("d", "generates", "works", "hall").outcome()["left"] == 14


def test_the_lines_of_a_node_are_a_balance_of_their_own() -> None:
    tree = heat().delivery("d", "generates", "works", "hall")
    found = node_lines(tree.frame(), tree.plan(), "town")
    assert found.schema == pl.Schema(LINE_SCHEMA)
    assert found["co2e_kg"].sum() == 380
    lead = found.filter("is_lead", organisation="hall", activity="district_heat")
    assert lead["quantity"].to_list() == [0]


def test_every_line_stands_at_its_organisation() -> None:
    tree = heat()
    told_ = parts(tree.frame(), tree.plan())
    assert told_.filter(pl.col("node") == pl.col("organisation")).height == len(tree.lines)
    assert told_.height == 2 * len(tree.lines)


def test_the_tree_of_the_last_day() -> None:
    tree = heat().member("bus", "works", valid_to=date(YEAR, 7, 1)).line("bus", "1", "mobile_combustion", "5")
    found = nodes(tree.plan(), tree.memberships()).select("node", "parent", "depth", "members")
    assert found.rows() == [
        ("bus", None, 0, 0),
        ("town", None, 0, 3),
        ("hall", "town", 1, 0),
        ("works", "town", 1, 1),
    ]


def usage(*rows: tuple[str, str, str, str, str]) -> pl.DataFrame:
    names = ("organisation", "source", "activity", "role", "quantity")
    given = [
        dict.fromkeys(USAGE_SCHEMA) | dict(zip(names, row, strict=True)) | {"unit": "kWh"} for row in rows
    ]
    return pl.DataFrame(
        [row | {"quantity": Decimal(row["quantity"])} for row in given], schema=USAGE_SCHEMA, orient="row"
    )


def test_suspects_are_listed_and_nothing_is_eliminated() -> None:
    tree = heat()
    used = usage(
        ("works", "net", "district_heat", "sold", "1000"),
        ("works", "pool", "district_heat", "consumed", "60"),
        ("hall", "hall-meter", "district_heat", "consumed", "400"),
        ("hall", "Municipal Works Ltd", "drinking_water", "consumed", "5"),
    )
    names = {"works": "Municipal Works", "hall": "Town hall"}
    found = suspects(used, tree.plan(), names).select("reason", "seller", "buyer", "activity", "quantity")
    assert found.rows() == [
        ("itself", "works", "works", "district_heat", 60),
        ("named", "works", "hall", "drinking_water", 5),
        ("sold", "works", "hall", "district_heat", 400),
    ]
    assert tree.sums()["eliminated"] == 0
    tree.delivery("d", "generates", "works", "hall")
    assert "sold" not in suspects(used, tree.plan(), names)["reason"].to_list()


def example(sold: str = "100000") -> Tree:
    """The worked example of docs/consolidation.md."""
    tree = Tree()
    tree.member("works", equity_share=Decimal("0.6"), financial_control=False)
    tree.member("hall").member("bus", valid_from=date(YEAR, 6, 11))
    tree.line("works", "1", "stationary_combustion", "30000", activity="natural_gas", month=JUNE)
    tree.line("works", "memo", "sold", None, quantity=sold, role="sold", month=JUNE)
    tree.line("hall", "2", "purchased_heat", "6000", quantity="20000", month=JUNE)
    tree.line("hall", "3", "3.3", "400", quantity="20000", month=JUNE)
    tree.line("hall", "2", "purchased_electricity", "1500", activity="electricity", month=JUNE)
    tree.line("bus", "1", "mobile_combustion", "9000", activity="diesel", month=JUNE)
    return tree.delivery("heat-hall", "generates", "works", "hall")


@pytest.mark.parametrize(
    ("approach", "expected"),
    [
        (Approach.OPERATIONAL, (46_900, 3_000, 0, 6_400, 37_500)),
        (Approach.FINANCIAL, (46_900, 33_000, 0, 0, 13_900)),
        (Approach.EQUITY, (46_900, 3_000, 12_000, 3_840, 28_060)),
    ],
)
def test_the_worked_example_of_the_page(approach: Approach, expected: tuple[int, ...]) -> None:
    """The bus company: 9 000 × 20/30 = 6 000 inside. Equity: 30 000 × 0.6, 6 400 × 0.6 eliminated."""
    assert example().sums(approach=approach) == told(*expected)
    page = (Path(__file__).parents[2] / "docs" / "consolidation.md").read_text(encoding="utf-8")
    cells = " | ".join(f"{value:,}".replace(",", " ") for value in expected)
    assert f"| {approach.value} | {cells} |" in page


def test_the_worked_example_with_less_sold() -> None:
    assert example("5000").sums()["eliminated"] == 1_600


def test_rooms_let_within_the_city_count_once_as_the_engine_puts_them() -> None:
    """The hall counts 1 000 kWh of rooms it lets as 3.13; the tenant reads 1 000 kWh: once is enough."""
    ledger = Ledger(
        terms=[term("let", organisation="hall", tenure="let"), term("own", organisation="tenant")]
    )
    for source, organisation in (("let", "hall"), ("own", "tenant")):
        ledger.bill(source, "electricity", "1000", JANUARY, date(YEAR, 2, 1), organisation=organisation)
    result = ledger.calculate(organisations=organisations("town", "hall", "tenant"))
    tree = Tree().member("hall").member("tenant")
    tree.delivery("rooms", "lets", "hall", "tenant", activity="electricity")
    tree.lines = result.lines.to_dicts()
    found = levels(tree.frame(), tree.plan()).filter(node="town", book=BOOK)
    sums = {row["category"]: (row["own"], row["consolidated"]) for row in found.to_dicts()}
    assert sums["3.13"][0] > 0
    assert sums["3.13"][1] == 0
    own, kept = sums["purchased_electricity"]
    assert own == kept > 0
    memo = outcomes(tree.frame(), tree.plan()).filter(book="bisko").to_dicts()
    assert [row["state"] for row in memo] == ["nothing_counted"]
