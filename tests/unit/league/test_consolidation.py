"""The league of docs/league.md, by hand.

A: the works burn 100 000 kWh of gas and sell heat; B: the pool buys 20 000 kWh of it, the hall uses
10 000 kWh of electricity. A has 1 000 inhabitants, B 500.

    gas      20 100 kg CO2; 1.82 kg CH4 × 27.9 = 50.778; upstream 3 400
    heat     3 600 in scope 2, 400 in 3.3              goes: A burns the gas
    power    3 630 in scope 2, 600 in 3.3
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from bench.leaguecases import bundle_of, files_of, frames_of, head_of, lines_of, member, use

from bilanz.delivery import DELIVERY_SCHEMA
from bilanz.errors import Refused, UnknownName, UsageError
from bilanz.league.bundle import TERRITORY_SCHEMA, WIDE, Bundle
from bilanz.league.comparability import mismatches
from bilanz.league.consolidation import League, consolidate
from bilanz.league.overlap import declared
from bilanz.result import MASS

JANUARY = (1,)


def heat(**changed: Any) -> pl.DataFrame:  # noqa: ANN401 - columns of a delivery
    row = {
        "id": "heat",
        "kind": "generates",
        "seller": "works",
        "buyer": "pool",
        "activity": "district_heat",
        "valid_from": date(2020, 1, 1),
        "evidence": "contract",
    }
    return pl.DataFrame([row | changed], schema=DELIVERY_SCHEMA, orient="row")


def town_a(sold: int = 50_000, *, months: tuple[int, ...] = JANUARY, **told: object) -> Bundle:
    lines = [use("works", "natural_gas", 100_000, months=JANUARY)]
    if sold:
        lines.append(
            use("works", "district_heat", sold // len(months), role="sold", months=months, source="out")
        )
    return member("a", lines_of(*lines), **{"deliveries": heat(), **told})


def town_b(**told: Any) -> Bundle:  # noqa: ANN401 - see `member`
    lines = lines_of(
        use("pool", "district_heat", 20_000, months=JANUARY),
        use("hall", "electricity", 10_000, months=JANUARY),
    )
    return member("b", lines, **{"deliveries": heat(), "population": 500, **told})


def totals(found: League, book: str = "bisko") -> Mapping[str, tuple[Decimal, Decimal, Decimal]]:
    """Return scope → consolidated of the members, eliminated between them, and the league."""
    rows = found.totals.filter(pl.col("member").is_null(), pl.col("book") == book)
    told = rows.select("scope", "consolidated_kg", "across_kg", "league_kg").iter_rows()
    return {scope: (own, gone, left) for scope, own, gone, left in told}


def test_a_delivery_between_members_counts_once() -> None:
    found = totals(consolidate([town_a(), town_b()]))
    assert found["1"] == (Decimal("20150.778"), Decimal(0), Decimal("20150.778"))
    assert found["2"] == (Decimal(7230), Decimal(3600), Decimal(3630))
    assert found["3"] == (Decimal(4400), Decimal(400), Decimal(4000))


def test_ratios_of_the_league_are_sums_by_sums() -> None:
    """27 780.778 kg / 1 500 = 18.520519 kg; the mean of 23.55 and 16.46 is no ratio of anything."""
    found = consolidate([town_a(), town_b()])
    row = found.ratios.row(
        by_predicate=pl.col("member").is_null()
        & (pl.col("book") == "bisko")
        & (pl.col("indicator") == "population"),
        named=True,
    )
    assert (row["numerator_kg"], row["denominator"]) == (Decimal("27780.778"), Decimal(1500))
    assert row["value"] == Decimal("18.520519")


def test_what_was_sold_limits_what_goes() -> None:
    """10 000 of 20 000 kWh: half of 3 600 and of 400."""
    found = consolidate([town_a(sold=10_000), town_b()])
    assert totals(found)["2"][1] == Decimal(1800)
    assert totals(found)["3"][1] == Decimal(200)
    assert set(found.deliveries["state"]) == {"capped"}


def test_a_delivery_that_only_one_side_declares_eliminates_nothing_and_is_listed() -> None:
    none = heat().clear()
    for bundles in ([town_a(deliveries=none), town_b()], [town_a(), town_b(deliveries=none)]):
        found = consolidate(bundles)
        assert totals(found)["2"][1] == Decimal(0)
        assert found.deliveries["state"].to_list() == ["one_sided"]


def test_a_delivery_to_somebody_outside_the_league_eliminates_nothing_and_is_listed() -> None:
    found = consolidate([town_a(deliveries=heat(buyer="stranger")), town_b(deliveries=heat().clear())])
    assert found.deliveries["state"].to_list() == ["not_a_member"]


def test_a_delivery_holds_on_the_days_on_which_both_sides_say_so() -> None:
    """B says from 16 January: 16 of 31 days of what was bought in January."""
    found = consolidate([town_a(), town_b(deliveries=heat(valid_from=date(2024, 1, 16)))])
    assert totals(found)["2"][1] == (Decimal(3600) * 16 / 31).quantize(Decimal("0.000000000001"))


def test_the_share_of_a_member_holds_for_what_goes() -> None:
    """A holds 60 % of the works: 60 % of the heat comes from inside."""
    found = consolidate([town_a(approach="equity", shares={"works": "0.6"}), town_b(approach="equity")])
    assert totals(found)["2"][1] == Decimal(2160)
    row = found.totals.filter(pl.col("member") == "a", pl.col("book") == "bisko", pl.col("scope") == "1")
    assert row["minority_kg"].item() == Decimal("20150.778") * Decimal("0.4")


def test_several_buyers_share_what_one_seller_sold() -> None:
    """20 000 kWh sold to B and C, who buy 20 000 each: half of the lines of both."""
    c = member(
        "c",
        lines_of(use("baths", "district_heat", 20_000, months=JANUARY)),
        deliveries=heat(id="heat-c", buyer="baths"),
    )
    both = pl.concat([heat(), heat(id="heat-c", buyer="baths")])
    found = consolidate([town_a(sold=20_000, deliveries=both), town_b(), c])
    assert totals(found)["2"][1] == Decimal(3600)
    assert found.deliveries.filter(pl.col("book") == "bisko")["eliminated"].to_list() == [Decimal(2000)] * 2


def test_a_seller_that_burns_nothing_is_pointed_out() -> None:
    lines = lines_of(use("works", "district_heat", 50_000, role="sold", months=JANUARY))
    found = consolidate([member("a", lines, deliveries=heat()), town_b()])
    assert set(found.deliveries["state"]) == {"nothing_kept"}


def test_a_member_without_a_figure_leaves_the_league_without_the_ratio() -> None:
    found = consolidate([town_a(population=None), town_b()])
    row = found.ratios.row(
        by_predicate=pl.col("member").is_null()
        & (pl.col("book") == "bisko")
        & (pl.col("indicator") == "population"),
        named=True,
    )
    assert (row["denominator"], row["value"], row["missing"]) == (None, None, "a")


def ratio(found: League, book: str = "bisko", indicator: str = "population") -> dict[str, Any]:
    """Return a ratio of the league."""
    is_it = (pl.col("book") == book) & (pl.col("indicator") == indicator)
    return found.ratios.row(by_predicate=pl.col("member").is_null() & is_it, named=True)


@pytest.mark.parametrize("role", ["sold", "nothing"])
def test_a_member_without_emissions_in_a_book_leaves_the_league_without_its_ratios(role: str) -> None:
    """B has 500 inhabitants and no figure in bisko: 23 550.778 / 1 500 would be too low."""
    elsewhere = use("hall", "electricity", 10_000, months=JANUARY, books=("ghgp_location",))
    shown = use("hall", "district_heat", 5, role="sold", months=JANUARY, books=("bisko",))
    b = member("b", lines_of(elsewhere, shown if role == "sold" else []), population=500)
    found = consolidate([town_a(), b])
    row = ratio(found)
    assert (row["denominator"], row["value"], row["missing"], row["silent"]) == (None, None, "", "b")
    assert row["numerator_kg"] == Decimal("23550.778")
    assert ratio(found, "ghgp_location")["value"] == Decimal("18.520519")  # (23 550.778 + 4 230) / 1 500
    assert ratio(found, "ghgp_location")["silent"] == ""


def test_who_lacks_the_figure_and_who_lacks_emissions_are_told_apart() -> None:
    b = member("b", lines_of(use("hall", "electricity", 1, months=JANUARY, books=("ghgp_location",))))
    row = ratio(consolidate([town_a(population=None), b]))
    assert (row["value"], row["missing"], row["silent"]) == (None, "a", "b")


def test_a_sum_of_zero_is_a_figure() -> None:
    """B used nothing, and says so: 23 550.778 / 1 500."""
    b = member("b", lines_of(use("hall", "electricity", 0, months=JANUARY)), population=500)
    row = ratio(consolidate([town_a(), b]))
    assert (row["denominator"], row["missing"], row["silent"]) == (Decimal(1500), "", "")
    assert row["value"] == Decimal("15.700519")


def test_a_ratio_that_a_member_states_without_emissions_is_refused() -> None:
    """It would bring its people into the league, and none of what they emit."""
    b = member("b", lines_of(use("hall", "electricity", 1, months=JANUARY, books=("ghgp_location",))))
    stated = b.tables["indicators"].with_columns(
        book=pl.lit("bisko"), numerator_kg=pl.lit(0).cast(MASS), value=pl.lit(0).cast(WIDE)
    )
    frames = {**b.tables, "indicators": pl.concat([b.tables["indicators"], stated])}
    with pytest.raises(Refused, match="b: numerators"):
        consolidate([town_a(), bundle_of(files_of(head_of("b", frames), frames))])


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"year": 2023}, "several years"),
        ({"approach": "equity"}, "boundaries differently"),
        ({"gwp": "bisko: AR5, ghgp_location: AR6"}, "several sets"),
    ],
)
def test_what_cannot_be_added_is_refused_and_says_who(changed: dict[str, Any], message: str) -> None:
    frames = dict(town_b().tables)
    other = bundle_of(files_of(head_of("b", frames, **changed), frames))
    with pytest.raises(Refused, match=message) as refused:
        consolidate([town_a(), other])
    assert refused.value.code == "not_comparable"
    assert "(a)" in str(refused.value)
    assert "(b)" in str(refused.value)


def test_a_book_that_not_all_have_gets_no_sum() -> None:
    lines = lines_of(use("pool", "electricity", 10, months=JANUARY, books=("bisko",)))
    found = consolidate([town_a(), member("b", lines, books=("bisko",))])
    assert found.common.books == ("bisko",)
    assert set(found.totals["book"]) == {"bisko"}
    told = found.mismatches.select("kind", "subject", "value", "members").rows()
    assert told == [("books", "ghgp_location", "missing", "b"), ("books", "ghgp_location", "there", "a")]


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"factor_release": "e" * 64}, "factors"),
        ({"book_hash": "c" * 64}, "rules"),
        ({"code_version": "0.2.0"}, "code"),
        ({"state": "open"}, "state"),
    ],
)
def test_what_differs_and_may_be_added_is_listed(changed: dict[str, Any], kind: str) -> None:
    found = consolidate([town_a(), town_b(**changed)])
    assert found.mismatches["kind"].to_list() == [kind, kind]
    assert consolidate([town_a(), town_b()]).mismatches.is_empty()


def released(bundle: Bundle, name: str) -> Bundle:
    head = bundle.head.model_copy(update={"run": {**bundle.head.run, "release_name": name}})
    return replace(bundle, head=head)


def test_releases_of_factors_are_told_apart_by_hash_not_by_name() -> None:
    other = released(town_b(factor_release="e" * 64), "spring")
    found = mismatches([released(town_a(), "spring"), other])
    assert found.select("value", "members").rows() == [
        (f"spring {'e' * 64}", "b"),
        (f"spring {'f' * 64}", "a"),
    ]
    assert mismatches([released(town_a(), "spring"), released(town_b(), "autumn")]).is_empty()


def with_works(**told: Any) -> Bundle:  # noqa: ANN401 - see `member`
    lines = lines_of(
        use("works", "natural_gas", 1000, months=JANUARY), use("hall", "electricity", 10_000, months=JANUARY)
    )
    return member("b", lines, **told)


def test_one_organisation_in_two_bundles_is_refused() -> None:
    with pytest.raises(Refused, match=r"works \(a, b\)"):
        consolidate([town_a(), with_works()])


def test_declared_apart_both_count() -> None:
    found = consolidate([town_a(), with_works()], declared(["works"], []))
    assert totals(found)["1"][2] == Decimal("20150.778") + Decimal("201.50778")


def test_declared_the_same_it_counts_once_and_what_left_is_shown() -> None:
    found = consolidate([town_a(), with_works()], declared([], ["a/works=b/works"]))
    assert totals(found)["1"][2] == Decimal("20150.778")
    assert totals(found)["2"][2] == Decimal(3630)
    left = found.left_out.filter(pl.col("book") == "bisko").select("organisation", "scope", "consolidated_kg")
    assert left.rows() == [("b/works", "1", Decimal("201.50778")), ("b/works", "3", Decimal(34))]
    known = found.ratios.filter(pl.col("member").is_null(), pl.col("book") == "bisko")
    assert set(known["missing"]) == {"b"}
    own = found.ratios.filter(pl.col("member") == "b")
    assert set(own["missing"]) == {"works"}
    assert own["value"].null_count() == own.height > 0


@pytest.mark.parametrize(
    "same",
    [["a/w=b/w", "b/w=a/w"], ["a/w=b/w", "b/w=c/w"], ["a/w=c/w", "b/w=c/w"]],
)
def test_an_organisation_that_would_count_nowhere_is_refused(same: list[str]) -> None:
    with pytest.raises(UsageError, match="nowhere"):
        declared([], same)


def test_lines_that_are_joined_cannot_leave() -> None:
    with pytest.raises(Refused, match="joined"):
        consolidate([town_a(), with_works(smallest=3)], declared([], ["a/works=b/works"]))


def test_a_declaration_about_nobody_is_an_error() -> None:
    with pytest.raises(UnknownName, match="mill"):
        consolidate([town_a(), town_b()], declared(["mill"], []))
    with pytest.raises(UnknownName, match="b/mill"):
        consolidate([town_a(), town_b()], declared([], ["a/works=b/mill"]))
    for entry in ("works", "a/works=works", "a/works=a/works"):
        with pytest.raises(UsageError, match="MEMBER/ORGANISATION"):
            declared([], [entry])


def test_of_two_bundles_of_a_member_the_later_counts_and_the_difference_is_listed() -> None:
    lines = lines_of(
        use("pool", "district_heat", 20_000, months=JANUARY),
        use("hall", "electricity", 9_000, months=JANUARY),
    )
    later = member(
        "b",
        lines,
        deliveries=heat(),
        population=500,
        published_at="2026-06-01T00:00:00+00:00",
        files=(("c" * 64, "standard 1"),),
    )
    for bundles, before in (([later, town_a(), town_b()], []), ([later, town_a()], [town_b()])):
        found = consolidate(bundles, None, before)
        assert totals(found)["2"][0] == Decimal(7230) - Decimal(363)
        rows = found.differences.filter(pl.col("book") == "bisko")
        told = rows.select("member", "scope", "before_kg", "after_kg", "difference_kg", "causes").rows()
        assert told == [
            ("b", "2", Decimal(7230), Decimal(6867), Decimal(-363), "files"),
            ("b", "3", Decimal(1000), Decimal(940), Decimal(-60), "files"),
        ]


def test_two_bundles_of_a_member_of_the_same_time_are_refused() -> None:
    with pytest.raises(Refused, match="which one counts"):
        consolidate([town_a(), town_b(), town_b()])


def test_bundles_of_several_years_of_one_member_are_refused() -> None:
    """The one published last would be taken, and the other year left out in silence."""
    frames = dict(town_b().tables)
    other = bundle_of(
        files_of(head_of("b", frames, year=2023, published_at="2027-01-01T00:00:00+00:00"), frames)
    )
    with pytest.raises(Refused, match="several years"):
        consolidate([town_b(), other])


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("c", {}),
        ("b", {"year": 2023}),
        ("b", {"published_at": "2027-01-01T00:00:00+00:00"}),
    ],
)
def test_what_is_not_earlier_is_refused_as_such(name: str, changed: dict[str, Any]) -> None:
    frames = dict(town_b().tables)
    before = bundle_of(files_of(head_of(name, frames, **changed), frames))
    with pytest.raises(Refused) as refused:
        consolidate([town_a(), town_b()], None, [before])
    assert refused.value.code == "not_earlier"


def test_nothing_to_consolidate_is_refused() -> None:
    with pytest.raises(Refused, match="no bundle"):
        consolidate([])


def test_figures_that_do_not_come_out_are_refused() -> None:
    frames = dict(town_b().tables)
    frames["controls"] = frames["controls"].with_columns(pl.col("co2e_kg") + Decimal(1))
    with pytest.raises(Refused, match="b: controls"):
        consolidate([town_a(), bundle_of(files_of(head_of("b", frames), frames))])


def test_an_earlier_bundle_that_does_not_come_out_is_refused_as_well() -> None:
    """Differences would be told from figures that are none."""
    frames = dict(town_b().tables)
    frames["controls"] = frames["controls"].with_columns(pl.col("co2e_kg") + Decimal(1))
    before = bundle_of(files_of(head_of("b", frames, published_at="2025-12-24T00:00:00+00:00"), frames))
    with pytest.raises(Refused, match="b: controls"):
        consolidate([town_a(), town_b()], None, [before])


def test_nothing_of_a_territory_is_eliminated_or_added_to_organisations() -> None:
    frames = frames_of("b", lines_of(use("hall", "electricity", 10, months=JANUARY)))
    row = ("b-land", 2024, "households", "natural_gas", "heat", Decimal(1000), Decimal(201), 0)
    frames["territory"] = pl.DataFrame([row], schema=TERRITORY_SCHEMA, orient="row")
    b = bundle_of(files_of(head_of("b", frames), frames))
    found = consolidate([town_a(), b])
    assert found.territory.select("territory", "co2e_kg", "member").row(0) == ("b-land", Decimal(201), "b")
    assert totals(found)["1"][2] == Decimal("20150.778")
    other = bundle_of(files_of(head_of("c", frames), frames))
    with pytest.raises(Refused, match="b-land"):
        consolidate([b, other], declared(["hall", "b"], []))
