"""Several keys beside the key in force, by hand."""

from decimal import Decimal

import pytest
from unit.fund.paying import YEAR, anchored, key, known, members

from bilanz.errors import Refused
from bilanz.fund.member import FundKey
from bilanz.fund.scenarios import Scenario, compare

IN_FORCE = key("elastic", elasticity=0)  # 60 for everybody


def scenarios(*others: FundKey, without: object = ()) -> tuple[Scenario, ...]:
    figures = known(without=without)
    return compare(YEAR, members=members(), figures=figures, in_force=IN_FORCE, others=others)


def test_each_key_stands_beside_the_one_in_force() -> None:
    base, relief, anchor = scenarios(key("relief", relief="0.8"), anchored("elastic", elasticity=1))
    assert (base.is_in_force, relief.is_in_force, anchor.is_in_force) == (True, False, False)
    assert {outcome.due_difference for outcome in base.outcomes} == {Decimal(0)}
    # 324 · 40/195.062857 = 66.440122; 324 · 28.342857/195.062857 = 47.077572; 28.474338
    assert [str(outcome.per_head_difference) for outcome in relief.outcomes] == [
        "6.440122",
        "-12.922428",
        "-31.525662",
    ]
    assert sum(outcome.due_difference or 0 for outcome in relief.outcomes) == 0  # the total is the same
    assert (str(anchor.due), str(anchor.due_difference)) == ("302400000.00", "-21600000.00")
    assert [str(outcome.burden) for outcome in base.outcomes] == ["0.001500000", "0.001875000", "0.002500000"]


def test_a_key_that_cannot_be_applied_says_why_and_the_others_stay() -> None:
    impossible, other = key("relief", relief="0.8", lowest=61), key("relief", relief="0.8", currency="PLN")
    _, refused, foreign, fine = scenarios(impossible, other, key("relief", relief=0))
    assert (refused.outcomes, refused.due) == ((), None)
    assert "cannot be kept" in str(refused.refusal)
    assert "is in PLN, the key in force in EUR" in str(foreign.refusal)
    assert fine.refusal is None
    assert str(fine.due) == "324000000.00"


def test_a_key_in_force_that_cannot_be_applied_is_refused() -> None:
    with pytest.raises(Refused):
        compare(
            YEAR, members=members(), figures=known(), in_force=key("relief", relief=0, lowest=61), others=[]
        )


def test_what_is_missing_has_no_difference() -> None:
    base, anchor = scenarios(anchored("elastic", elasticity=1), without=[("c", "income", 2025)])
    assert {outcome.due for outcome in base.outcomes} == {None}
    assert [str(outcome.due) for outcome in anchor.outcomes] == ["222000000.00", "76800000.00", "None"]
    assert {outcome.due_difference for outcome in anchor.outcomes} == {None}
    assert anchor.due_difference is None
    assert [len(outcome.gaps) for outcome in anchor.outcomes] == [0, 0, 1]
