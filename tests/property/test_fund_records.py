"""Money of a project: on no day more is paid out than committed, and nothing that is covered is refused."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from fundrows import flow, project
from hypothesis import given
from hypothesis import strategies as st

from bilanz.app.fund.tables import IN_ORDER
from bilanz.errors import Refused
from bilanz.fund.project import FundFlow
from bilanz.fund.projectchecks import check_flow

DAY = date(2024, 1, 1)
FLOWS = st.lists(
    st.tuples(
        st.sampled_from(["commitment", "disbursement"]),
        st.integers(-500, 500).filter(bool),
        st.integers(0, 4),
    ),
    max_size=8,
)


def made(told: Sequence[tuple[str, int, int]]) -> list[FundFlow]:
    """Return flows of (kind, cents, day)."""
    return [
        flow(kind, str(Decimal(cents) / 100), DAY + timedelta(days=day), id=str(number))
        for number, (kind, cents, day) in enumerate(told)
    ]


def taken(flows: Sequence[FundFlow]) -> list[FundFlow]:
    """Return those that are taken in, one by one."""
    held: list[FundFlow] = []
    for one in flows:
        try:
            check_flow(one, project(), held)
        except Refused:
            continue
        held.append(one)
    return held


def is_covered(flows: Sequence[FundFlow]) -> bool:
    """Tell whether committed ≥ disbursed at the end of each day, counted by hand."""
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for day in range(5):
        for one in flows:
            if one.on == DAY + timedelta(days=day):
                sums[one.kind] += one.amount
        if sums["disbursement"] > sums["commitment"]:
            return False
    return True


@given(FLOWS)
def test_what_is_taken_in_any_order_is_covered_on_every_day(told: list[tuple[str, int, int]]) -> None:
    assert is_covered(taken(made(told)))


@given(FLOWS)
def test_by_day_everything_is_taken_that_is_covered_as_a_whole(told: list[tuple[str, int, int]]) -> None:
    flows = made(told)
    ordered = sorted(flows, key=lambda one: IN_ORDER["fund_flows"](one.model_dump()))
    assert (len(taken(ordered)) == len(flows)) == is_covered(flows)
