"""One claimant per tonne-year."""

from decimal import Decimal

import pytest

from bilanz.fund.claims import ClaimState, check, claimed
from bilanz.fund.project import Claimant, FundClaim

D = Decimal


def claim(claimant: Claimant, share: str, year: int = 2024, project: str = "P") -> FundClaim:
    return FundClaim(project=project, year=year, claimant=claimant, share=D(share), evidence="contract")


FUND = claim(Claimant.FUND, "0.6")
TOWN = claim(Claimant.MUNICIPALITY, "0.4")
OPERATOR = claim(Claimant.ETS_OPERATOR, "0.1")


@pytest.mark.parametrize(
    ("claims", "state"),
    [
        ([FUND, TOWN], ClaimState.CLAIMED),
        ([FUND], ClaimState.PARTLY_CLAIMED),
        ([FUND, TOWN, OPERATOR], ClaimState.CLAIMED_TWICE),
        ([FUND, FUND], ClaimState.INVALID),
        ([claim(Claimant.FUND, "-0.1")], ClaimState.INVALID),
        ([claim(Claimant.FUND, "1.1")], ClaimState.INVALID),
    ],
)
def test_claims_add_up_to_one_at_most(claims: list[FundClaim], state: ClaimState) -> None:
    (year,) = check(claims)
    assert year.state == state


def test_what_is_claimed_twice_is_named_with_its_claimants_and_excess() -> None:
    # 0.6 + 0.4 + 0.1 − 1
    (year,) = check([OPERATOR, TOWN, FUND])
    assert year.claimed_twice == D("0.1")
    assert [name for name, _ in year.shares] == [Claimant.FUND, Claimant.MUNICIPALITY, Claimant.ETS_OPERATOR]


def test_years_and_projects_do_not_meet() -> None:
    years = check([FUND, claim(Claimant.FUND, "0.6", 2025), claim(Claimant.FUND, "0.6", project="A")])
    assert [(one.project, one.year, one.unclaimed) for one in years] == [
        ("A", 2024, D("0.4")),
        ("P", 2024, D("0.4")),
        ("P", 2025, D("0.4")),
    ]


def test_tonnes_go_to_claimants_and_the_rest_is_nobodys() -> None:
    # 10.5 t: 6.3 to the fund, 4.2 to nobody
    found = claimed([FUND], {("P", 2024): D("10.5")})
    (year,) = found.years
    assert year.tonnes == ((Claimant.FUND, D("6.30")),)
    assert (year.unclaimed_t, year.disputed_t) == (D("4.2"), 0)
    assert found.total_t(Claimant.FUND) == D("6.3")


def test_what_is_claimed_twice_is_nobodys_until_it_is_settled() -> None:
    effects = {("P", 2024): D(10), ("P", 2025): D(20)}
    found = claimed([FUND, TOWN, OPERATOR, claim(Claimant.FUND, "1", 2025)], effects)
    assert found.total_t(Claimant.FUND) == D(20)
    (year,) = found.disputed
    assert (year.year, year.tonnes, year.disputed_t) == (2024, (), D(10))


def test_an_effect_without_a_claim_is_unclaimed_and_a_claim_without_an_effect_has_no_tonnes() -> None:
    found = claimed([claim(Claimant.FUND, "1", 2025)], {("P", 2024): D(10)})
    (year,) = found.years
    assert (year.state, year.unclaimed_t) == (ClaimState.UNCLAIMED, D(10))


def test_the_result_says_that_no_inventory_is_lowered() -> None:
    found = claimed([], {})
    assert "never subtracted" in found.sentence("en")
    assert "nie von einer abgezogen" in found.sentence("de")
