"""Climate tags in money by hand."""

from decimal import Decimal

from unit.fund.money import committed, paid, project

from bilanz.fund.exchange import Exchange
from bilanz.fund.project import ClimateTag, FlowKind, FundFlow
from bilanz.fund.spending import book
from bilanz.fund.tags import EU_2021_2027, Coefficients, TaggedSpending, tagged

D = Decimal
PROJECTS = [
    project("principal", climate_tag="principal"),
    project("significant", climate_tag="significant"),
    project("none", climate_tag="none"),
    project("bad", climate_tag="unfavourable"),
    project("open"),
    project("idle", climate_tag="principal"),
]
FLOWS = [
    paid(2024, "100", "principal"),
    paid(2024, "200", "significant"),
    paid(2024, "300", "none"),
    paid(2024, "50", "bad"),
    paid(2024, "350", "open"),
    committed(2024, "9999", "open"),
]


def of(flows: list[FundFlow], coefficients: Coefficients = EU_2021_2027) -> TaggedSpending:
    return tagged(PROJECTS, book(PROJECTS, flows, Exchange("EUR")), FlowKind.DISBURSEMENT, coefficients)


def test_the_climate_amount_is_100_40_and_0_percent() -> None:
    # 100 · 1 + 200 · 0.4 + 300 · 0 = 180; the 50 that are unfavourable take nothing off
    found = of(FLOWS)
    assert found.climate_amount == D(180)
    assert found.amount(ClimateTag.UNFAVOURABLE) == D(50)
    assert [row.climate_amount for row in found.tags] == [D(100), D("80.0"), D(0), None, None]


def test_what_is_not_assessed_lowers_the_coverage_and_is_no_tag_none() -> None:
    # (1000 − 350) / 1000
    found = of(FLOWS)
    assert found.amount(None) == D(350)
    assert found.amount(ClimateTag.NONE) == D(300)
    assert found.coverage == D("0.65")
    assert found.total == D(1000)


def test_projects_are_named_under_their_tag_where_they_have_money() -> None:
    assert {row.tag: row.projects for row in of(FLOWS).tags} == {
        ClimateTag.PRINCIPAL: ("principal",),
        ClimateTag.SIGNIFICANT: ("significant",),
        ClimateTag.NONE: ("none",),
        ClimateTag.UNFAVOURABLE: ("bad",),
        None: ("open",),
    }


def test_money_apart_is_in_no_sum() -> None:
    found = of([*FLOWS, paid(2024, "7", "principal", "PLN"), committed(2024, "8", "principal", "PLN")])
    assert found.climate_amount == D(180)
    assert [str(one.money) for one in found.apart] == ["7 PLN"]


def test_without_money_there_is_no_coverage() -> None:
    found = of([])
    assert (found.total, found.coverage, found.climate_amount) == (0, None, 0)


def test_other_coefficients_are_a_parameter() -> None:
    half = {ClimateTag.PRINCIPAL: D(1), ClimateTag.SIGNIFICANT: D("0.5"), ClimateTag.NONE: D(0)}
    assert of(FLOWS, Coefficients("2028", "invented", half)).climate_amount == D(200)
