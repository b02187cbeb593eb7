"""What nobody assessed is listed, whatever a blank field may have meant."""

from datetime import date
from decimal import Decimal

import pytest
from unit.fund.money import project, split

from bilanz.fund.unassessed import Lack, missing_of, unassessed

D = Decimal
COMPLETE = {
    "baseline": "gas boiler",
    "baseline_from": date(2022, 1, 1),
    "baseline_to": date(2023, 1, 1),
    "measurement_plan": "plan, § 3",
    "total_cost": D(100),
    "is_legally_required": False,
    "is_otherwise_financed": False,
    "rebound_share": D(0),
    "overlap_share": D(0),
    "climate_tag": "none",
}


def test_a_project_with_everything_is_not_listed() -> None:
    assert unassessed([project(**COMPLETE)]) == ()


@pytest.mark.parametrize(
    ("column", "lack"),
    [
        ("baseline", Lack.BASELINE),
        ("baseline_from", Lack.BASELINE),
        ("baseline_to", Lack.BASELINE),
        ("measurement_plan", Lack.PLAN),
        ("total_cost", Lack.DENOMINATOR),
        ("is_legally_required", Lack.ADDITIONALITY),
        ("is_otherwise_financed", Lack.ADDITIONALITY),
        ("rebound_share", Lack.REBOUND),
        ("overlap_share", Lack.OVERLAP),
        ("climate_tag", Lack.TAG),
    ],
)
def test_a_blank_field_is_what_is_missing(column: str, lack: Lack) -> None:
    (row,) = unassessed([project(**COMPLETE | {column: None})])
    assert row.missing == (lack,)


def test_one_yes_answers_additionality() -> None:
    told = COMPLETE | {"is_legally_required": True, "is_otherwise_financed": None}
    assert missing_of(project(**told)) == ()


def test_where_no_meter_judges_only_money_and_tags_are_asked_for() -> None:
    social = split("S", "0", "1", "0")
    assert missing_of(social) == (Lack.PLAN, Lack.DENOMINATOR, Lack.ADDITIONALITY, Lack.TAG)
    assert missing_of(project()) == tuple(Lack)


def test_projects_are_listed_by_name_with_who_carries_them_out() -> None:
    rows = unassessed([project("B"), project("A", organisation="harbour"), project("C", **COMPLETE)])
    assert [(row.project, row.organisation) for row in rows] == [("A", "harbour"), ("B", "town")]
