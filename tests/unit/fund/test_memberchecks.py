"""Rows of the fund that contradict themselves are refused."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from unit.fund.paying import anchored, figure, key, member, payment

from bilanz.errors import Refused
from bilanz.fund.member import FundKey
from bilanz.fund.memberchecks import check_figure, check_key, check_member, check_payment

TIERS: dict[str, Any] = {"relief": "0.8", "fiscal_weight": "0.75"}


@pytest.mark.parametrize(
    "given",
    [
        key("elastic", elasticity=0),
        key("elastic", elasticity="1.5", lowest="1.2", highest=2),  # weights: scaled afterwards
        key("relief", relief=1, lowest=60, highest=60),
        key("two_tier", **TIERS),
        key("two_tier", elasticity=1, fiscal_weight=0),
        anchored("elastic", elasticity=1, lowest="0.5", highest=1),
        anchored("relief", relief="0.8", lowest=20, highest=70),
    ],
)
def test_a_key_that_can_be_kept_is_taken(given: FundKey) -> None:
    check_key(given)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (key("other"), 'kind "other"'),
        (key("elastic", elasticity=1, mode="both"), "both cannot hold"),
        (key("elastic", elasticity=1, anchor="a"), "if, and only if"),
        (anchored("elastic", elasticity=1, anchor=None), "if, and only if"),
        (key("elastic", elasticity=1, amount=0), "amount per head"),
        (key("elastic", elasticity=1, mean_years=0), "at least one year"),
        (key("elastic", elasticity=1, currency="eur"), "no currency"),
        (key("elastic"), "needs exactly: elasticity"),
        (key("elastic", elasticity=1, relief="0.8"), "needs exactly: elasticity"),
        (key("relief", elasticity=1), "needs exactly: relief"),
        (key("two_tier", relief="0.8"), "elasticity . fiscal_weight / fiscal_weight . relief"),
        (key("two_tier", elasticity=1, **TIERS), "needs exactly"),
        (key("elastic", elasticity=-1), "must not be negative"),
        (key("relief", relief="1.1"), '"relief" of the key'),
        (key("two_tier", relief="0.8", fiscal_weight="-0.1"), '"fiscal_weight" of the key'),
        (key("relief", relief="0.8", lowest=-1), "must not be negative"),
        (key("elastic", elasticity=1, highest=0), "must be above zero"),
        (key("elastic", elasticity=1, lowest=2, highest=1), "lies above"),
        (key("relief", relief="0.8", lowest=61), "must hold 60"),
        (key("two_tier", **TIERS, highest=59), "must hold 60"),
        (anchored("elastic", elasticity=1, lowest="1.1"), "must hold 1"),
        (key("elastic", elasticity=1, evidence=" "), 'its "evidence"'),
    ],
)
def test_a_key_that_contradicts_itself_is_refused(given: FundKey, message: str) -> None:
    with pytest.raises(Refused, match=message):
        check_key(given)


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"country": "Germany"}, "no country"),
        ({"country": "de"}, "no country"),
        ({"currency": "XXX"}, "no currency"),
        ({"left_on": date(2026, 1, 1)}, "leaves before"),
        ({"evidence": ""}, 'its "evidence"'),
    ],
)
def test_a_member_that_contradicts_itself_is_refused(told: dict[str, Any], message: str) -> None:
    check_member(member("x", left_on=date(2036, 1, 1)))  # ten years are a date, not a rule
    with pytest.raises(Refused, match=message):
        check_member(member("x", **told))


@pytest.mark.parametrize(
    ("kind", "value", "unit"),
    [
        ("inhabitants", 1, "person"),
        ("income", 1, "EUR"),
        ("income", 1, "PPS_EU27_2020_HAB"),
        ("price_level", 105, "DE=100"),
        ("tax_capacity", 0, "EUR"),
        ("exchange_rate", "4.3", "PLN/EUR"),
    ],
)
def test_a_figure_in_its_unit_is_taken(kind: str, value: object, unit: str) -> None:
    check_figure(figure("x", kind, 2025, value, unit))


@pytest.mark.parametrize(
    ("kind", "value", "unit", "message"),
    [
        ("people", 1, "person", "no kind of figure: inhabitants, income"),
        ("inhabitants", 1, "thousand", "expected is person"),
        ("inhabitants", 0, "person", "above zero"),
        ("income", 1, "€", "PPS_EU27_2020_HAB"),
        ("income", 0, "EUR", "above zero"),
        ("price_level", 1, " ", "DE=100"),
        ("tax_capacity", 1, "PPS", "expected is EUR, …"),
        ("tax_capacity", "-0.01", "EUR", "not below"),
        ("exchange_rate", 1, "PLN", "PLN/EUR"),
        ("exchange_rate", 1, "EUR/EUR", "PLN/EUR"),
    ],
)
def test_a_figure_that_cannot_be_is_refused(kind: str, value: object, unit: str, message: str) -> None:
    with pytest.raises(Refused, match=message):
        check_figure(figure("x", kind, 2025, value, unit))


@pytest.mark.parametrize("column", ["source", "licence"])
def test_a_figure_says_where_it_is_from(column: str) -> None:
    row = figure("x", "income", 2025, 1, "EUR").model_copy(update={column: ""})
    with pytest.raises(Refused, match=column):
        check_figure(row)


def test_a_figure_is_not_older_than_its_year() -> None:
    check_figure(figure("x", "income", 2026, 1, "EUR"))  # retrieved in 2026
    with pytest.raises(Refused, match="before its year began"):
        check_figure(figure("x", "income", 2027, 1, "EUR"))


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"amount": Decimal(0)}, "is of nothing"),
        ({"currency": "€"}, "no currency"),
        ({"evidence": ""}, 'its "evidence"'),
    ],
)
def test_a_payment_of_nothing_or_without_proof_is_refused(told: dict[str, Any], message: str) -> None:
    given = payment("x", 2026, -5)  # paid back
    check_payment(given)
    with pytest.raises(Refused, match=message):
        check_payment(given.model_copy(update=told))
