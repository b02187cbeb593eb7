"""What is joined, by hand. Each town has three places of a kind unless a test says otherwise."""

from decimal import Decimal

import polars as pl
import pytest
from bench.leaguecases import BOOKS, PARTS, lines_of, use

from bilanz.league.bundle import MEASURES
from bilanz.league.grain import SMALLEST, counts, joined, solvable
from bilanz.league.publication import exceptions_of
from bilanz.result import EXCEPTION_SCHEMA


def whole(lines: pl.DataFrame) -> pl.DataFrame:
    """Return lines that are all consolidated."""
    nothing = (pl.col("co2e_kg") - pl.col("co2e_kg")).alias
    return lines.with_columns(
        nothing("outside_kg"), nothing("minority_kg"), nothing("eliminated_kg"), consolidated_kg="co2e_kg"
    )


def many(organisation: str, activity: str, places: int, quantity: int = 100) -> pl.DataFrame:
    sources = [f"{organisation}-{activity}-{number}" for number in range(places)]
    return lines_of(
        *(use(organisation, activity, quantity, source=source, months=(1,)) for source in sources)
    )


def test_the_default_is_that_of_official_statistics() -> None:
    assert SMALLEST == 3


def test_enough_places_are_a_row_of_their_organisation() -> None:
    rows = joined(whole(many("hall", "electricity", 3)), 3)
    own = rows.filter(pl.col("book") == "bisko", pl.col("scope") == "2").row(0, named=True)
    assert (own["organisation"], own["activity"], own["factor_id"]) == (
        "hall",
        "electricity",
        "case:electricity",
    )
    assert (own["quantity"], own["lead_quantity"]) == (Decimal(300), Decimal(300))
    assert own["co2e_kg"] == Decimal("108.9")  # 3 × 100 kWh × 0.363 kg
    assert (own["lines"], own["places"], own["joined"]) == (3, 3, "")


def test_quantities_add_up_over_rows_once() -> None:
    """The upstream part stands in a row of its own and is of the same 300 kWh."""
    rows = joined(whole(many("hall", "electricity", 3)), 3).filter(pl.col("book") == "bisko")
    assert rows["quantity"].to_list() == [Decimal(300), Decimal(300)]
    assert rows["lead_quantity"].sum() == Decimal(300)


def test_two_organisations_of_too_few_places_are_one_row() -> None:
    lines = pl.concat([many("hall", "electricity", 2), many("school", "electricity", 1)])
    rows = joined(whole(lines), 3).filter(pl.col("book") == "bisko", pl.col("scope") == "2")
    assert rows.height == 1
    row = rows.row(0, named=True)
    assert (row["organisation"], row["activity"], row["joined"]) == (None, "electricity", "organisations")
    assert (row["places"], row["co2e_kg"]) == (3, Decimal("108.9"))


def test_activities_of_too_few_places_are_one_row_without_quantity() -> None:
    lines = pl.concat([many("hall", "electricity", 2), many("school", "district_heat", 1)])
    rows = joined(whole(lines), 3).filter(pl.col("book") == "bisko", pl.col("scope") == "2")
    row = rows.row(0, named=True)
    assert rows.height == 1
    assert (row["activity"], row["category"], row["quantity"], row["mass_kg"]) == (None, None, None, None)
    assert row["co2e_kg"] == Decimal("90.6")  # 2 × 36.3 + 18
    assert row["joined"] == "activities categories gases"


def test_a_rest_of_one_place_takes_the_smallest_published_cell_with_it() -> None:
    """Else the total of the scope less the published rows would be that one place."""
    lines = pl.concat(
        [many("hall", "electricity", 5), many("school", "electricity", 3), many("pool", "district_heat", 1)]
    )
    rows = joined(whole(lines), 3)
    for book in BOOKS:
        own = rows.filter(pl.col("book") == book)
        assert set(own["organisation"]) == {"hall", None}
        assert own["places"].min() == 4  # the school's three and the pool


def test_a_cell_is_joined_in_every_book_and_scope_or_in_none() -> None:
    """Its quantity in one scope times a published factor would give what another scope hides."""
    lines = pl.concat([many("hall", "electricity", 3), many("pool", "district_heat", 1)])
    rows = joined(whole(lines), 3)
    assert rows["activity"].null_count() == rows.height


def test_one_source_with_a_factor_of_its_own_hides_the_factors_of_its_cell() -> None:
    lines = many("hall", "electricity", 4)
    green = pl.when(pl.col("source") == "hall-electricity-0").then(pl.lit("own:green")).otherwise("factor_id")
    rows = joined(whole(lines.with_columns(factor_id=green)), 3)
    row = rows.filter(pl.col("book") == "bisko", pl.col("scope") == "2").row(0, named=True)
    assert (row["factor_id"], row["quantity"], row["places"]) == (None, Decimal(400), 4)
    assert row["joined"] == "factors"


def test_a_gas_of_one_place_hides_the_gases_of_its_cell() -> None:
    lines = many("hall", "natural_gas", 3)
    one = (pl.col("gas") != "CH4") | (pl.col("source") == "hall-natural_gas-0")
    rows = joined(whole(lines.filter(one.fill_null(value=True))), 3)
    row = rows.filter(pl.col("book") == "bisko", pl.col("scope") == "1").row(0, named=True)
    assert (row["gas"], row["mass_kg"], row["quantity"], row["joined"]) == (None, None, None, "gases")
    # 3 × 100 × 0.201, and of one place 100 × 0.0000182 × 27.9
    assert row["co2e_kg"] == Decimal("60.3") + Decimal("0.050778")
    assert row["lead_quantity"] == Decimal(300)


def test_several_meters_of_one_site_are_one_place() -> None:
    lines = many("hall", "electricity", 4).with_columns(site=pl.lit("town hall"))
    assert joined(whole(lines), 3)["places"].max() == 1


def test_a_leased_meter_is_no_part_of_the_cell_of_the_owned_ones() -> None:
    """Where one source counts in another category, its row would be that source alone."""
    lines = many("hall", "electricity", 4)
    leased = pl.col("source") == "hall-electricity-0"
    lines = lines.with_columns(
        scope=pl.when(leased).then(pl.lit("3")).otherwise("scope"),
        category=pl.when(leased).then(pl.lit("3.8")).otherwise("category"),
    )
    rows = joined(whole(lines), 3)
    assert not rows.filter(pl.col("category") == "3.8").height
    assert rows.filter(pl.col("co2e_kg").is_not_null())["places"].min() >= 3


def test_what_has_fewer_places_altogether_is_published_and_says_so() -> None:
    rows = joined(whole(many("hall", "electricity", 2)), 3)
    assert rows["places"].to_list() == [2] * rows.height
    assert counts(rows) == {"activities": 4, "categories": 4, "gases": 4}


def test_a_line_without_emissions_keeps_its_count_and_is_no_zero() -> None:
    lines = lines_of(use("works", "district_heat", 50, role="sold", months=(1, 2)))
    rows = joined(whole(lines), 1)
    assert rows["lines"].sum() == 4
    assert rows["co2e_kg"].null_count() == rows.height
    assert rows.filter(pl.col("book") == "bisko")["lead_quantity"].sum() == Decimal(100)


def test_the_same_lines_in_another_order_give_the_same_rows() -> None:
    """What is sold emits nothing: two rows of the rest have the same keys."""
    sold = lines_of(*(use(f"works-{n}", "district_heat", 50 + n, role="sold") for n in range(4)))
    some = pl.concat([sold, many("hall", "electricity", 2), many("pool", "district_heat", 1)])
    lines = whole(some.with_columns(scope=pl.lit("memo"), category=pl.lit("sold")))
    rows = joined(lines, 3)
    assert rows.select("book", "scope", "category", "gas").is_duplicated().any()
    for seed in range(5):
        assert joined(lines.sample(fraction=1, shuffle=True, seed=seed), 3).equals(rows)


@pytest.mark.parametrize("smallest", [1, 2, 3, 5, 100])
def test_sums_and_counts_never_change(smallest: int) -> None:
    lines = whole(
        pl.concat(
            [
                many(organisation, activity, places, 37 * places + 1)
                for organisation, places in (("hall", 4), ("school", 2), ("pool", 1))
                for activity in PARTS
            ]
        )
    )
    rows = joined(lines, smallest)
    keys = ["book", "scope"]
    for name in MEASURES:
        before = lines.group_by(keys).agg(pl.col(name).sum()).sort(keys)
        assert rows.group_by(keys).agg(pl.col(name).sum()).sort(keys).equals(before)
    assert rows["lines"].sum() == lines.height


def taken_off(lines: pl.DataFrame, *sources: str) -> pl.DataFrame:
    """Return lines of which those of some sources are taken off, and the rest consolidated."""
    gone = pl.col("source").is_in(sources)
    nothing = pl.col("co2e_kg") - pl.col("co2e_kg")
    return whole(lines).with_columns(
        eliminated_kg=pl.when(gone).then("co2e_kg").otherwise(nothing),
        consolidated_kg=pl.when(gone).then(nothing).otherwise("co2e_kg"),
    )


def test_what_is_left_when_parts_are_taken_off_is_no_single_place() -> None:
    """Of three houses two buy their heat within the city: what is consolidated would be the third one."""
    heat, power = many("hall", "district_heat", 3), many("hall", "electricity", 4)
    two = ("hall-district_heat-0", "hall-district_heat-1")
    rows = joined(taken_off(pl.concat([heat, power]), *two), 3)
    own = rows.filter(pl.col("book") == "bisko", pl.col("scope") == "2")
    assert own["activity"].to_list() == [None]
    assert own["joined"].to_list() == ["activities categories gases"]
    assert own["consolidated_kg"].to_list() == [Decimal("163.2")]  # 18 of the third house, 4 × 36.3


def test_where_every_part_has_enough_places_the_row_stays() -> None:
    six = many("hall", "district_heat", 6)
    rows = joined(taken_off(six, *(f"hall-district_heat-{number}" for number in range(3))), 3)
    own = rows.filter(pl.col("book") == "bisko", pl.col("scope") == "2").row(0, named=True)
    assert (own["activity"], own["places"], own["eliminated_kg"]) == ("district_heat", 6, Decimal(54))


def lacking(*sources: str) -> pl.DataFrame:
    """Return 10 kWh of district heat without a factor of each source."""
    rows = [
        {
            "organisation": "hall",
            "source": source,
            "activity": "district_heat",
            "quantity": Decimal(10),
            "unit": "kWh",
            "records": 1,
            "code": "no_factor",
        }
        for source in sources
    ]
    return pl.DataFrame(rows, schema=EXCEPTION_SCHEMA, orient="row")


@pytest.mark.parametrize(("sites", "places"), [(("A", "B", None), 3), (("A", "A", None), 2)])
def test_a_quantity_without_a_number_counts_the_places_of_the_balance(
    sites: tuple[str | None, ...], places: int
) -> None:
    """Two meters of one building are one place; a source without a site is one."""
    names = ("one", "two", "three")
    at = pl.DataFrame({"source": names, "site": sites})
    row = exceptions_of(lacking(*names), at, 3, ["hall"]).row(0, named=True)
    shown = ("district_heat", "kWh", Decimal(30)) if places == 3 else (None, None, None)
    assert (row["activity"], row["unit"], row["quantity"]) == shown
    assert (row["records"], row["places"]) == (3, places)


def test_what_is_taken_off_is_held_where_the_scope_has_more_of_it() -> None:
    """Two pools buy heat within the city, three yards elsewhere: the rest would tell what the pools bought.

    Three schools buy their electricity within the city: with them, five places are taken off.
    """
    yards = [many(f"yard-{number}", "district_heat", 1) for number in range(3)]
    pools, schools = many("pool", "district_heat", 2), many("school", "electricity", 3)
    inside = [*pools["source"].unique(), *schools["source"].unique()]
    lines = taken_off(pl.concat([pools, schools, *yards, many("hall", "electricity", 4)]), *inside)
    # Scope 2 alone: with scope 3.3 two control sums tell both quantities that are taken off.
    rows = joined(lines.filter(pl.col("scope") == "2"), 3).filter(pl.col("book") == "bisko")
    assert solvable(lines.filter(pl.col("scope") == "2"), 3) == 0
    assert solvable(lines, 3) == 2
    assert rows.select("organisation", "activity", "eliminated_kg", "places").rows() == [
        ("hall", "electricity", Decimal(0), 4),
        (None, None, Decimal("144.9"), 8),  # 2 × 18 + 3 × 36.3
    ]
