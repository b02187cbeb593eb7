"""Contributions of a year by hand."""

from datetime import date
from decimal import Decimal

import pytest
from unit.fund.paying import YEAR, anchored, constant, figure, key, known, member, members, town

from bilanz.errors import Refused
from bilanz.fund.contributions import Contributions, contributions, days_of, key_in_force, votes
from bilanz.fund.figures import Held, Reason, gap
from bilanz.fund.member import FundFigure, FundKey, FundMember

ELASTIC = key("elastic", elasticity=1)
ANCHORED = anchored("elastic", elasticity=1)
TIERS = anchored("two_tier", elasticity=1, fiscal_weight="0.75")


def due(found: Contributions) -> dict[str, str]:
    return {row.organisation: str(row.due) for row in found.rows}


def owed(
    given: FundKey, *more: FundMember, rows: list[FundFigure] | None = None, without: object = ()
) -> Contributions:
    figures = known(*(rows or ()), without=without)
    return contributions(YEAR, members=[*members(), *more], figures=figures, key=given)


def test_a_year_with_a_fixed_total() -> None:
    found = owed(ELASTIC)
    assert due(found) == {"a": "237857142.86", "b": "82285714.28", "c": "3857142.86"}
    assert (str(found.due), str(found.inhabitants), str(found.per_head)) == (
        "324000000.00",
        "5400000.00",
        "60.000000",
    )
    first = found.rows[0]
    assert str(first.per_head) == "64.285714"
    # 64.2857/40,000: each bears the same share of its income, 60 · 5.4/201,600
    assert {str(row.burden) for row in found.rows} == {"0.001607143"}
    assert first.gaps == ()
    assert [told.reason for told in first.unshown] == [Reason.MISSING]  # no price level is registered


def test_a_year_with_a_fixed_anchor() -> None:
    found = owed(ANCHORED)
    assert due(found) == {"a": "222000000.00", "b": "76800000.00", "c": "3600000.00"}
    assert str(found.due) == "302400000.00"
    assert str(found.per_head) == "56.000000"  # 302.4/5.4


@pytest.mark.parametrize(
    ("joined", "left", "days"),
    [
        (date(2020, 5, 1), None, 365),
        (date(2026, 1, 1), None, 365),
        (date(2026, 7, 2), None, 183),  # 30 of July, 31, 30, 31, 30, 31
        (date(2026, 12, 31), None, 1),
        (date(2027, 6, 1), None, 0),
        (date(2020, 5, 1), date(2025, 6, 1), 0),
        (date(2020, 5, 1), date(2026, 1, 1), 0),  # the day on which it left is none of a member
        (date(2020, 5, 1), date(2026, 1, 2), 1),
        (date(2026, 3, 1), date(2026, 3, 11), 10),
        (date(2016, 1, 1), date(2027, 6, 1), 365),
    ],
)
def test_days_of_a_member(joined: date, left: date | None, days: int) -> None:
    assert days_of(member("x", joined_on=joined, left_on=left), 2026) == days


def test_a_leap_year_has_a_day_more() -> None:
    assert days_of(member("x", joined_on=date(2020, 1, 1)), 2028) == 366


def test_joining_mid_year_with_a_fixed_total_keeps_the_mean_per_head() -> None:
    new = member("d", joined_on=date(2026, 7, 2))
    found = owed(ELASTIC, new, rows=town("d", 730_000, 20_000))
    # d counts with 730,000 · 183/365 = 366,000 inhabitants: T = 60 · 5,766,000 = 345,960,000
    # ȳ = (201,600 m + 366,000 · 20,000 = 7,320 m)/5.766 m; all bear 345.96/208,920 = 0.0016559449…
    assert (str(found.inhabitants), str(found.due)) == ("5766000.00", "345960000.00")
    assert str(found.per_head) == "60.000000"
    row = found.of("d")
    assert row is not None
    # 20,000 · 345.96/208,920 = 33.118897…; · 366,000 = 12,121,516.37
    assert (row.days, str(row.per_head), str(row.due)) == (183, "33.118897", "12121516.37")
    assert str(row.burden) == "0.001655945"  # of a full year, like that of the others
    assert {str(one.burden) for one in found.rows} == {"0.001655945"}


def test_joining_mid_year_with_a_fixed_anchor_changes_nobody_else() -> None:
    new = member("d", joined_on=date(2026, 7, 2))
    found = owed(ANCHORED, new, rows=town("d", 730_000, 20_000))
    # 60 · 20/40 = 30; · 730,000 · 183/365 = 10,980,000
    assert due(found) == due(owed(ANCHORED)) | {"d": "10980000.00"}


def test_who_is_no_member_in_the_year_has_no_row() -> None:
    gone = member("d", joined_on=date(2016, 1, 1), left_on=date(2026, 1, 1))
    assert due(owed(ELASTIC, gone)) == due(owed(ELASTIC))
    assert owed(ELASTIC, gone).of("d") is None


def test_a_year_without_members_owes_nothing() -> None:
    found = contributions(2020, members=members(), figures=known(), key=ELASTIC)
    assert (found.rows, str(found.due), found.per_head) == ((), "0.00", None)


def test_with_a_fixed_total_a_missing_figure_leaves_nobody_an_amount() -> None:
    found = owed(ELASTIC, without=[("b", "income", 2024)])
    assert due(found) == {"a": "None", "b": "None", "c": "None"}
    assert (found.due, found.inhabitants, found.per_head) == (None, None, None)
    assert [told.text("en") for told in found.gaps] == [
        "a: the total is fixed, and other members lack figures: b.",
        "b: disposable income per head missing for 2024; 2023 to 2025 are needed.",
        "c: the total is fixed, and other members lack figures: b.",
    ]


def test_with_a_fixed_anchor_a_missing_figure_is_the_members_alone() -> None:
    found = owed(ANCHORED, without=[("b", "inhabitants", 2023), ("b", "income", 2025)])
    assert due(found) == {"a": "222000000.00", "b": "None", "c": "3600000.00"}
    assert found.due is None  # a total without b would look like all
    assert [told.reason for told in found.gaps] == [Reason.MISSING, Reason.MISSING]


@pytest.mark.parametrize("given", [ANCHORED, TIERS])
def test_without_figures_of_the_anchor_nothing_can_be_told(given: FundKey) -> None:
    found = owed(given, without=[("a", "income", 2024)])
    assert {row.due for row in found.rows} == {None}
    assert found.rows[1].gaps == (gap("b", Reason.ANCHOR, anchor="a", year=YEAR),)
    assert found.rows[0].gaps[0].reason == Reason.MISSING


def test_an_anchor_that_left_leaves_no_amounts() -> None:
    stayed = [one for one in members() if one.organisation != "a"]
    found = contributions(YEAR, members=stayed, figures=known(), key=ANCHORED)
    assert [told.reason for told in found.gaps] == [Reason.ANCHOR, Reason.ANCHOR]


def test_by_the_anchored_two_tier_key_a_gap_reaches_its_country_and_no_other() -> None:
    poles = [member(name, country="PL") for name in ("p", "q")]
    rows = [*town("p", 1000, 20_000), *town("q", 1000, 10_000)]
    found = owed(TIERS, *poles, rows=rows, without=[("p", "tax_capacity", 2024), ("c", "tax_capacity", 2024)])
    assert {row.organisation: [told.reason for told in row.gaps] for row in found.rows} == {
        "a": [],
        "b": [],  # the anchor stands for its country: c is not asked
        "c": [Reason.MISSING],
        "p": [Reason.MISSING],
        "q": [Reason.NEIGHBOUR],
    }


def test_a_key_without_second_tier_asks_for_no_tax_capacity() -> None:
    gone = [(name, "tax_capacity", year) for name in "abc" for year in range(2020, YEAR)]
    assert str(owed(ELASTIC, without=gone).due) == "324000000.00"
    assert owed(ELASTIC, without=gone).rows[0].capacity is None
    assert owed(TIERS, without=gone).due is None


def test_incomes_in_purchasing_power_give_amounts_and_no_burden() -> None:
    rows = [figure(name, "income", year, 100, "PPS_X") for name in "abc" for year in range(2023, 2026)]
    found = owed(ELASTIC, rows=rows)
    assert {str(row.per_head) for row in found.rows} == {"60.000000"}
    assert {row.burden for row in found.rows} == {None}
    assert found.rows[0].unshown[-1].text("en") == (
        "a: burden not assessable, the income is in PPS_X, not in money."
    )


def test_money_and_purchasing_power_are_never_compared() -> None:
    rows = [figure("b", "income", year, 30_000, "PPS_X") for year in range(2023, 2026)]
    total, anchor = owed(ELASTIC, rows=rows), owed(ANCHORED, rows=rows)
    assert [told.reason for told in total.gaps] == [Reason.UNLIKE] * 3
    assert due(anchor) == {"a": "222000000.00", "b": "None", "c": "3600000.00"}
    assert anchor.gaps[0].text("en") == "b: disposable income per head in PPS_X cannot be compared with EUR."


def test_tax_capacities_are_compared_within_a_country_only() -> None:
    given = key("two_tier", elasticity=1, fiscal_weight=1)
    units = {"inhabitants": (1000, "person"), "income": (20_000, "EUR"), "tax_capacity": (5, "PLN")}
    poland = member("p", country="PL")
    assert str(owed(given, poland, rows=constant("p", units)).due) == "324060000.00"
    found = owed(given, member("p"), rows=constant("p", units))
    assert {told.reason for told in found.gaps} == {Reason.UNLIKE}


def test_what_is_due_is_shown_in_the_members_currency() -> None:
    rows = [
        *town("p", 1000, 80_000, "PLN"),
        *constant("p", {"exchange_rate": (4, "PLN/EUR")}, [2023, 2024]),
        *constant("p", {"exchange_rate": ("4.32", "PLN/EUR"), "price_level": (60, "EU=100")}, [2025]),
        *constant("p", {"price_level": (60, "EU=100")}, [2023, 2024]),
    ]
    found = owed(ANCHORED, member("p", currency="PLN", country="PL"), rows=rows).of("p")
    assert found is not None
    # income (20,000 + 20,000 + 80,000/4.32 = 18,518.518519)/3 = 19,506.172840; 60 · that/40,000 = 29.259259
    assert isinstance(found.income, Held)
    assert (found.income.unit, str(found.per_head), str(found.due)) == ("EUR", "29.259259", "29259.26")
    assert (found.own_currency, str(found.due_own)) == ("PLN", "126400.00")  # 29,259.26 · 4.32 = 126,400.0032
    assert str(found.at_mean_prices) == "48.765432"  # 29.259259/0.6: what it buys where it is paid
    assert found.burden == Decimal("0.001500000")  # 60/40,000


def test_without_a_rate_only_the_members_currency_is_missing() -> None:
    rows = town("p", 1000, 20_000)  # income published in EUR
    found = owed(ANCHORED, member("p", currency="PLN"), rows=rows).of("p")
    assert found is not None
    assert (str(found.due), found.due_own) == ("30000.00", None)
    assert found.unshown[-1] == gap("p", Reason.MISSING, "exchange_rate", years=2025, first=2025, last=2025)


def test_the_key_in_force_is_the_latest_that_has_begun() -> None:
    first, second = key("elastic", id="k1", first_year=2026), key("relief", id="k2", first_year=2030)
    assert key_in_force([second, first], 2025) is None
    assert key_in_force([second, first], 2029) is first
    assert key_in_force([second, first], 2036) is second


def test_keys_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(Refused, match="both begin in 2026"):
        key_in_force([key("elastic"), key("relief")], 2027)
    with pytest.raises(Refused, match="several leagues"):
        key_in_force([key("elastic"), key("relief", organisation="other", first_year=2030)], 2027)


def test_each_member_has_one_vote_on_the_days_of_its_membership() -> None:
    new = member("d", joined_on=date(2026, 7, 2), left_on=date(2026, 12, 1))
    all_of_them = [*members(), new]
    assert votes(all_of_them, date(2026, 7, 1)) == {"a": 1, "b": 1, "c": 1}
    assert votes(all_of_them, date(2026, 7, 2)) == {"a": 1, "b": 1, "c": 1, "d": 1}
    assert votes(all_of_them, date(2026, 12, 1)) == {"a": 1, "b": 1, "c": 1}
