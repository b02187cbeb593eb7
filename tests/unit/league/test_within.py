"""What a seller sold within its own member is not there for others: by hand.

A: the works burn gas and sell heat; the hall of A buys some of it. B: the pool buys of the same works.

    heat     0.18 kg CO2e per kWh in scope 2, 0.02 in 3.3: 0.2 of each kWh that goes
    power    0.06 kg CO2e per kWh in 3.3 of the trader that buys and sells it
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from bench.leaguecases import YEAR, lines_of, member, use

from bilanz.delivery import DELIVERY_SCHEMA
from bilanz.errors import Refused
from bilanz.league.bundle import Bundle
from bilanz.league.consolidation import League, consolidate
from bilanz.league.overlap import declared

JANUARY = (1,)
BOOK = pl.col("book") == "bisko"


def delivery(name: str, buyer: str, **changed: object) -> dict[str, object]:
    row = {
        "id": name,
        "kind": "generates",
        "seller": "works",
        "buyer": buyer,
        "activity": "district_heat",
        "valid_from": date(2020, 1, 1),
        "evidence": "contract",
    }
    return row | changed


def told(*rows: Mapping[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=DELIVERY_SCHEMA, orient="row")


WITHIN, OUT = delivery("in", "hall-a"), delivery("out", "pool")


def town_a(within: int, *, sold: int = 50_000, rows: pl.DataFrame | None = None, **more: object) -> Bundle:
    """Return A: the works sell heat, the hall buys some of it in January."""
    lines = [
        use("works", "natural_gas", 100_000, months=JANUARY),
        use("works", "district_heat", sold, role="sold", months=JANUARY, source="out"),
    ]
    if within:
        lines.append(use("hall-a", "district_heat", within, months=JANUARY))
    return member("a", lines_of(*lines), deliveries=told(WITHIN, OUT) if rows is None else rows, **more)


def town_b(bought: int, row: Mapping[str, Any] = OUT, **more: object) -> Bundle:
    lines = lines_of(use("pool", "district_heat", bought, months=JANUARY))
    return member("b", lines, deliveries=told(row), **more)


def gone(found: League) -> tuple[Decimal, Decimal]:
    """Return kg CO2e taken off within the members, and between them, in one book."""
    league = found.totals.filter(pl.col("member").is_null(), BOOK)
    return league["eliminated_kg"].sum(), league["across_kg"].sum()


def outcome(found: League) -> dict[str, Any]:
    return found.deliveries.filter(BOOK).row(0, named=True)


def test_only_outside_goes_up_to_what_was_sold() -> None:
    """40 000 of 50 000 kWh: 40 000 × 0.2."""
    found = consolidate([town_a(0), town_b(40_000)])
    assert gone(found) == (0, 8000)
    row = outcome(found)
    assert (row["sold"], row["within"], row["bought"], row["difference"]) == (50_000, 0, 40_000, 10_000)
    assert row["state"] == "agreed"


def test_within_and_outside_that_fit_both_go() -> None:
    """30 000 within, 20 000 outside: 50 000 × 0.2 altogether."""
    found = consolidate([town_a(30_000), town_b(20_000)])
    assert gone(found) == (6000, 4000)
    row = outcome(found)
    assert (row["within"], row["difference"], row["state"]) == (30_000, 0, "agreed")


def test_outside_goes_only_up_to_what_is_left() -> None:
    """30 000 within, 40 000 outside of 50 000 sold: 20 000 are left, half of what was bought."""
    found = consolidate([town_a(30_000), town_b(40_000)])
    assert gone(found) == (6000, 4000)
    row = outcome(found)
    assert (row["sold"], row["within"], row["bought"], row["difference"]) == (50_000, 30_000, 40_000, -20_000)
    assert row["state"] == "capped"


def test_the_worked_example() -> None:
    """40 000 within, 20 000 outside of 50 000 sold: 10 000 are left, 1 800 in scope 2 and 200 in 3.3."""
    found = consolidate([town_a(40_000), town_b(20_000)])
    assert gone(found) == (8000, 2000)
    league = found.totals.filter(pl.col("member").is_null(), BOOK).select("scope", "across_kg")
    assert dict(league.iter_rows()) == {"1": 0, "2": 1800, "3": 200, "memo": 0}


def test_nothing_is_left_where_all_was_bought_within() -> None:
    """60 000 bought within of 50 000 sold: 50 000 × 0.2, and nothing for others."""
    found = consolidate([town_a(60_000), town_b(40_000)])
    assert gone(found) == (10_000, 0)


def test_what_is_declared_counts_even_where_it_is_not_taken_off() -> None:
    """A holds nothing of its hall: nothing goes within, and the hall has its 30 000 kWh all the same."""
    a = town_a(30_000, approach="equity", shares={"hall-a": "0"})
    found = consolidate([a, town_b(40_000, approach="equity")])
    assert gone(found) == (0, 4000)


def test_several_outside_share_what_is_left() -> None:
    """20 000 are left; B and C buy 20 000 each: half of each."""
    other = delivery("out-c", "baths")
    c = member("c", lines_of(use("baths", "district_heat", 20_000, months=JANUARY)), deliveries=told(other))
    found = consolidate([town_a(30_000, rows=told(WITHIN, OUT, other)), town_b(20_000), c])
    assert gone(found) == (6000, 4000)
    assert found.deliveries.filter(BOOK)["eliminated"].to_list() == [2000, 2000]


def trade(quantity: int) -> list[dict[str, Any]]:
    """Return what a trader sells: the quantity, and its upstream emissions in 3.3."""
    sold = use("works", "electricity", quantity, role="sold", months=JANUARY, source="out")
    upstream = [row for row in use("works", "electricity", quantity, months=JANUARY) if row["scope"] == "3"]
    return sold + [row | {"role": "sold", "source": "out"} for row in upstream]


RESALE = {"kind": "resells", "activity": "electricity"}


@pytest.mark.parametrize(
    ("within", "outside", "expected", "state"),
    [
        (0, 40_000, (0, 2400), "agreed"),  # 40 000 × 0.06
        (30_000, 10_000, (1800, 600), "agreed"),
        (30_000, 40_000, (1800, 1200), "capped"),  # all 3 000 kg of the seller, and no more
        (60_000, 40_000, (3000, 0), "capped"),
    ],
)
def test_of_a_resale_the_lines_of_the_seller_go_once(
    within: int, outside: int, expected: tuple[int, int], state: str
) -> None:
    lines = [trade(50_000), use("works", "natural_gas", 1, months=JANUARY)]
    if within:
        lines.append(use("hall-a", "electricity", within, months=JANUARY))
    rows = told(WITHIN | RESALE, OUT | RESALE)
    b = member(
        "b", lines_of(use("pool", "electricity", outside, months=JANUARY)), deliveries=told(OUT | RESALE)
    )
    found = consolidate([member("a", lines_of(*lines), deliveries=rows), b])
    assert gone(found) == expected
    assert outcome(found)["state"] == state


def test_what_one_kind_takes_is_not_taken_from_another() -> None:
    """Heat that is sold as generated is not the power that is sold on."""
    lines = lines_of(
        use("works", "natural_gas", 100_000, months=JANUARY),
        use("works", "district_heat", 50_000, role="sold", months=JANUARY, source="heat"),
        use("hall-a", "electricity", 30_000, months=JANUARY),
        trade(50_000),
    )
    a = member("a", lines, deliveries=told(WITHIN | RESALE, OUT))
    assert gone(consolidate([a, town_b(40_000)])) == (1800, 8000)


def seasons() -> Bundle:
    """Return A whose works sell 50 000 kWh in January and in July; the hall bought 30 000 until June."""
    lines = lines_of(
        use("works", "natural_gas", 100_000, months=JANUARY),
        use("works", "district_heat", 50_000, role="sold", months=(1, 7), source="out"),
        use("hall-a", "district_heat", 30_000, months=JANUARY),
    )
    ended = WITHIN | {"valid_to": date(YEAR, 7, 1)}
    return member("a", lines, deliveries=told(ended, OUT))


@pytest.mark.parametrize(
    ("month", "first", "expected"),
    [
        (1, date(2020, 1, 1), 8000),  # 100 000 - 30 000 are left of the year
        (7, date(YEAR, 7, 1), 8000),  # nothing of July was sold within
        (7, date(YEAR, 7, 17), 8000 * Decimal(15) / Decimal(31)),  # bought on 15 of 31 days
    ],
)
def test_what_is_taken_within_is_taken_on_its_days(month: int, first: date, expected: Decimal) -> None:
    lines = lines_of(use("pool", "district_heat", 40_000, months=(month,)))
    b = member("b", lines, deliveries=told(OUT | {"valid_from": first}))
    assert gone(consolidate([seasons(), b]))[1] == pytest.approx(expected)


def test_on_days_on_which_all_was_sold_within_nothing_is_left() -> None:
    """B buys until June only: of January 20 000 are left, of 40 000 bought."""
    b = town_b(40_000, OUT | {"valid_to": date(YEAR, 7, 1)})
    assert gone(consolidate([seasons(), b]))[1] == 4000


def test_a_bundle_states_the_part_not_the_buyers() -> None:
    rows = town_a(30_000).tables["delivered"].filter(BOOK)
    assert rows["taken"].to_list() == [Decimal("0.6")]
    assert "hall-a" not in rows.write_csv() + town_a(30_000).tables["deliveries"].write_csv()


def test_units_that_do_not_go_together_within_leave_nothing_that_could_be_said() -> None:
    """The hall reads cubic metres: nobody can say how much of the heat is left, and nothing goes."""
    rows = [row | {"unit": "m3"} for row in use("hall-a", "district_heat", 30_000, months=JANUARY)]
    lines = lines_of(
        use("works", "natural_gas", 100_000, months=JANUARY),
        use("works", "district_heat", 50_000, role="sold", months=JANUARY, source="out"),
        rows,
    )
    found = consolidate([member("a", lines, deliveries=told(WITHIN, OUT)), town_b(40_000)])
    assert gone(found) == (6000, 0)
    row = outcome(found)
    assert (row["state"], row["sold"], row["within"], row["difference"]) == ("not_known", 50_000, None, None)


def test_two_sales_of_one_quantity_are_refused_where_they_are_declared() -> None:
    """One names the meter of the seller, one does not: each would take off up to all that was sold."""
    with pytest.raises(Refused, match="same quantity"):
        town_a(30_000, rows=told(WITHIN, OUT | {"seller_source": "out"}))


def twice(row: Mapping[str, Any], *, heat: int = 0) -> Bundle:
    """Return C that has the works in its bundle too, and may have sold heat to a hall of its own."""
    lines = [use("works", "district_heat", 50_000, role="sold", months=JANUARY, source="out")]
    lines.append(use("works", "natural_gas", 1000, months=JANUARY))
    lines.append(use("hall-c", "district_heat", heat or 1, months=JANUARY))
    rows = [row, delivery("in-c", "hall-c")] if heat else [row]
    return member("c", lines_of(*lines), deliveries=told(*rows))


SAME = declared([], ["a/works=c/works"])


def test_deliveries_of_what_leaves_leave_with_it() -> None:
    """The works of C are those of A: what C says of them is not taken off a second time."""
    b = town_b(20_000, delivery("out", "pool", seller="works"))
    found = consolidate([town_a(30_000), b, twice(OUT)], SAME)
    assert gone(found) == (6000, 4000)
    assert found.deliveries.filter(BOOK)["state"].to_list() == ["agreed"]


def test_a_delivery_that_names_the_works_where_they_leave_means_those_that_count() -> None:
    b = town_b(20_000, delivery("out", "pool", seller="c/works"))
    assert gone(consolidate([town_a(30_000), b, twice(OUT)], SAME)) == (6000, 4000)


def test_what_was_taken_off_where_it_leaves_is_not_known() -> None:
    """C took heat of the works off within itself; how much is left of their sale, no bundle says."""
    found = consolidate([town_a(30_000), town_b(20_000), twice(OUT, heat=5000)], SAME)
    assert gone(found) == (7000, 0)
    assert outcome(found)["state"] == "not_known"
