"""Rules of projects, their money, indicators and claims."""

from datetime import date
from decimal import Decimal

import pytest
from fundrows import flow, project

from bilanz.errors import Refused
from bilanz.fund.project import FundClaim, FundFinancing, FundObservation
from bilanz.fund.projectchecks import (
    check_claim,
    check_disbursable,
    check_financing,
    check_flow,
    check_observation,
    check_project,
)


def shares(*told: str) -> dict[str, object]:
    names = ("nature_share", "social_share", "democracy_share")
    return dict(zip(names, map(Decimal, told), strict=True))


@pytest.mark.parametrize("told", [("1", "0", "0"), ("0.333333", "0.333333", "0.333334")])
def test_shares_that_add_up_to_one_are_taken(told: tuple[str, ...]) -> None:
    check_project(project(**shares(*told)), [])


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (shares("0.333333", "0.333333", "0.333333"), "add up to 0.999999 and not to 1"),
        (shares("0.5", "0.5", "0.000001"), "add up to 1.000001"),
        (shares("1.5", "-0.5", "0"), "not between 0 and 1: nature_share"),
        ({"rebound_share": Decimal("1.01")}, "not between 0 and 1: rebound_share"),
        ({"overlap_share": Decimal("-0.1")}, "not between 0 and 1: overlap_share"),
        ({"eligible_share": Decimal(2)}, "not between 0 and 1: eligible_share"),
        ({"completed_on": date(2023, 12, 31)}, "completed before it starts"),
        ({"planned_completion": date(2023, 12, 31)}, "completed before it starts"),
        ({"baseline_to": None}, "needs its first day"),
        ({"baseline_to": date(2022, 7, 1)}, "ends before it begins"),
        ({"lifetime_years": 0}, "at least one year"),
        ({"total_cost": Decimal(0)}, "more than zero"),
        ({"taxonomy_activity": "CCM 4.1"}, "needs its state"),
        ({"taxonomy_state": "aligned"}, "needs its state"),
        ({"expected_saving": Decimal(5), "unit": None}, "what is saved and its unit"),
        ({"expected_saving": Decimal(5), "activity": None}, "what is saved and its unit"),
        ({"factor_series": "grid", "unit": None}, "the unit of what is saved"),
    ],
)
def test_a_project_that_contradicts_itself_is_refused(told: dict[str, object], said: str) -> None:
    with pytest.raises(Refused, match=said):
        check_project(project(**told), [])


def test_what_is_not_assessed_is_no_contradiction() -> None:
    bare = project(
        measurement_plan=None, baseline=None, baseline_from=None, baseline_to=None, activity=None, unit=None
    )
    check_project(bare, [flow("commitment", "100")])
    assert (bare.is_ets_covered, bare.rebound_share, bare.climate_tag) == (None, None, None)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"measurement_plan": None}, "measurement plan"),
        ({"measurement_plan": "  "}, "measurement plan"),
        ({"baseline": None}, "baseline is stated"),
        ({"baseline": " "}, "baseline is stated"),
        ({"baseline_from": None, "baseline_to": None}, "baseline is stated"),
        ({"baseline_to": date(2023, 6, 30)}, "shorter than twelve months"),
        ({"baseline_from": date(2024, 2, 29), "baseline_to": date(2025, 2, 27)}, "shorter than twelve"),
    ],
)
def test_nothing_is_paid_out_without_plan_and_baseline(told: dict[str, object], said: str) -> None:
    with pytest.raises(Refused, match=said):
        check_disbursable(project(**told))


def test_twelve_months_from_a_leap_day_end_on_the_last_day_of_february() -> None:
    check_disbursable(project(baseline_from=date(2024, 2, 29), baseline_to=date(2025, 2, 28)))


def test_a_project_no_meter_judges_needs_its_plan_only() -> None:
    bare = {"baseline": None, "baseline_from": None, "baseline_to": None, "activity": None, "unit": None}
    social = bare | shares("0", "0.5", "0.5")
    check_disbursable(project(**social))
    with pytest.raises(Refused, match="measurement plan"):
        check_disbursable(project(**social, measurement_plan=None))
    # a little nature, or a promised saving, and meters are to judge it
    for more in (shares("0.000001", "0.999999", "0"), {"expected_saving": Decimal(1)}):
        with pytest.raises(Refused, match="baseline is stated"):
            check_disbursable(project(**(social | more)))


def test_a_project_keeps_what_its_payments_rest_on() -> None:
    paid = [flow("commitment", "100"), flow("disbursement", "100")]
    check_project(project(), paid)
    check_project(project(baseline=None), paid[:1])
    with pytest.raises(Refused, match="baseline is stated"):
        check_project(project(baseline=None), paid)
    with pytest.raises(Refused, match="another currency than PLN"):
        check_project(project(currency="PLN"), paid[:1])


JANUARY, FEBRUARY, MARCH = (date(2024, month, 1) for month in (1, 2, 3))


def test_no_more_is_paid_out_than_is_committed_by_then() -> None:
    """60 committed in January, 40 more in March: 60 may be paid out in February, 100 in March."""
    held = [flow("commitment", "60", JANUARY), flow("commitment", "40", MARCH)]
    check_flow(flow("disbursement", "60", FEBRUARY), project(), held)
    check_flow(flow("disbursement", "100", MARCH), project(), held)
    with pytest.raises(Refused, match=r"up to 2024-02-01 than is committed by then: 0\.01 EUR too much"):
        check_flow(flow("disbursement", "60.01", FEBRUARY), project(), held)
    # what is paid out early is missing later: 60 + 41 > 100
    with pytest.raises(Refused, match=r"up to 2024-03-01 .*: 1\.00 EUR too much"):
        check_flow(
            flow("disbursement", "60.00", FEBRUARY),
            project(),
            [*held, flow("disbursement", "41.00", MARCH)],
        )


def test_a_commitment_that_is_paid_out_is_neither_taken_back_nor_moved() -> None:
    paid = flow("disbursement", "60", FEBRUARY)
    with pytest.raises(Refused, match="too much"):
        check_flow(flow("commitment", "-1", MARCH), project(), [flow("commitment", "60", JANUARY), paid])
    with pytest.raises(Refused, match="too much"):
        check_flow(flow("commitment", "60", MARCH), project(), [paid])
    check_flow(flow("commitment", "60", FEBRUARY), project(), [paid])
    # money that came back may be committed to something else
    back = flow("disbursement", "-20", MARCH)
    check_flow(flow("commitment", "-20", MARCH), project(), [flow("commitment", "60", JANUARY), paid, back])


def test_a_flow_of_nothing_or_in_another_currency_is_refused() -> None:
    with pytest.raises(Refused, match="is zero"):
        check_flow(flow("commitment", "0"), project(), [])
    with pytest.raises(Refused, match='is in SEK; the project "pumps" is in EUR'):
        check_flow(flow("commitment", "5", currency="SEK"), project(), [])
    with pytest.raises(Refused, match="baseline is stated"):
        check_flow(flow("disbursement", "5"), project(baseline=None), [flow("commitment", "5")])


def claim(claimant: str, share: str, year: int = 2024) -> FundClaim:
    return FundClaim(project="pumps", year=year, claimant=claimant, share=Decimal(share), evidence="e")


def test_claims_of_a_year_are_at_most_everything() -> None:
    others = [claim("fund", "0.6"), claim("municipality", "0.3"), claim("fund", "1", 2025)]
    check_claim(claim("co_financier", "0.1"), others)
    check_claim(claim("fund", "0.7"), others)  # it replaces the 0.6
    with pytest.raises(Refused, match=r"in 2024 add up to 1\.000001"):
        check_claim(claim("co_financier", "0.100001"), others)
    with pytest.raises(Refused, match="not between 0 and 1"):
        check_claim(claim("ets_operator", "-0.1"), [])


def test_money_of_others_and_indicators() -> None:
    with pytest.raises(Refused, match="more than zero"):
        check_financing(
            FundFinancing(
                id="b", project="pumps", financier="Land", amount=Decimal(0), currency="EUR", evidence="e"
            )
        )

    def seen(**told: object) -> FundObservation:
        given = {"id": "i", "project": "pumps", "indicator": "flats", "year": 2024, "value": Decimal(3)}
        return FundObservation(**given, unit="flats", sight="ex_post", evidence="e", **told)

    for quality in (None, 1, 5):
        check_observation(seen(data_quality=quality, half_width=Decimal(0)))
    for quality in (0, 6):
        with pytest.raises(Refused, match="1 \\(best\\) to 5"):
            check_observation(seen(data_quality=quality))
    with pytest.raises(Refused, match="not be negative"):
        check_observation(seen(half_width=Decimal("-0.5")))
