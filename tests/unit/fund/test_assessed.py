"""Assessments by hand: what is fixed stands, whatever becomes of the figures; what would differ is told."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from hashlib import sha256

import pytest
from unit.fund.paying import YEAR, anchored, constant, figure, key, known, member, members, payment, town

from bilanz.errors import Refused
from bilanz.fund.accounts import Ledger, ledger
from bilanz.fund.assessed import Assessment, as_assessed, assess, kept, lacking
from bilanz.fund.contributions import Contributions, contributions
from bilanz.fund.figures import Figures
from bilanz.fund.member import FundKey, FundMember, FundPayment
from bilanz.fund.standing import Standing, between

KEY = anchored("elastic", elasticity=1)
CORRECTED = known(figure("c", "inhabitants", 2025, 130_000, "person"))
"""The mean of c is 110,000 instead of 100,000."""


def year(
    figures: Figures | None = None, given: Iterable[FundMember] | None = None, by: FundKey = KEY
) -> Contributions:
    return contributions(YEAR, members=given or members(), figures=figures or known(), key=by)


def fix(
    found: Contributions, given: Iterable[FundMember] | None = None, former: Assessment | None = None
) -> Assessment:
    return assess(
        found,
        given or members(),
        league="league",
        by="olga",
        at="2026-01-15T08:00:00+00:00",
        reason=None if former is None else "corrected",
        former=former,
    )


def account(
    *history: Assessment,
    figures: Figures | None = None,
    given: list[FundMember] | None = None,
    keys: list[FundKey] | None = None,
    payments: list[FundPayment] | None = None,
) -> tuple[Ledger, Standing]:
    found = ledger(
        YEAR,
        members=given or members(),
        figures=figures or known(),
        keys=[KEY] if keys is None else keys,
        payments=payments or [],
        assessments={YEAR: history} if history else {},
    )
    return found, found.standing[-1]


def dues(found: Ledger) -> dict[str, str]:
    return {row.organisation: str(row.due) for row in found.accounts}


OWED = {"a": "222000000.00", "b": "76800000.00", "c": "3600000.00"}
"""60, 48 and 36 EUR a head of 3.7 m, 1.6 m and 100,000."""


def test_what_was_assessed_stands_when_a_figure_is_corrected() -> None:
    """36 EUR · 110,000 = 3,960,000: 360,000 more, and never applied."""
    one = fix(year())
    assert one.total == Decimal("302400000.00")
    found, stands = account(one, figures=CORRECTED, payments=[payment("c", YEAR, "3600000.00")])
    assert dues(found) == OWED
    assert found.years[-1].due == one.total
    row = next(row for row in found.accounts if row.organisation == "c")
    assert (row.paid, row.arrears, row.cumulative) == (Decimal("3600000.00"), 0, 0)
    (told,) = stands.differences
    assert (told.organisation, told.assessed, told.reckoned, told.difference) == (
        *("c", Decimal("3600000.00"), Decimal("3960000.00")),
        Decimal("360000.00"),
    )
    (changed,) = stands.changed
    assert (changed.organisation, changed.kind, changed.year) == ("c", "inhabitants", 2025)
    assert (changed.before, changed.after) == ("100000 person", "130000 person")


def test_without_an_assessment_the_year_is_provisional_and_follows_the_figures() -> None:
    found, stands = account(figures=CORRECTED)
    assert stands.assessment is None
    assert (stands.differences, stands.changed) == ((), ())
    assert dues(found) == OWED | {"c": "3960000.00"}


def test_a_further_assessment_holds_and_says_what_it_changed() -> None:
    one = fix(year())
    two = fix(year(CORRECTED), former=one)
    assert two.head.number == 2
    found, stands = account(one, two, figures=CORRECTED, payments=[payment("c", YEAR, "3600000.00")])
    assert dues(found) == OWED | {"c": "3960000.00"}
    assert next(row.arrears for row in found.accounts if row.organisation == "c") == Decimal("360000.00")
    assert (stands.assessment, stands.differences, stands.changed) == (two, (), ())
    told = {row.organisation: row.difference for row in between(one, two)}
    assert told == {"a": 0, "b": 0, "c": Decimal("360000.00")}


def test_nothing_is_assessed_twice() -> None:
    one = fix(year())
    with pytest.raises(Refused, match="Nothing has changed since assessment 1 of 2026"):
        fix(year(), former=one)
    # where a figure stands is nothing an amount rests on
    again = known(
        figure("c", "inhabitants", 2025, 100_000, "person").model_copy(update={"source": "table 2"})
    )
    with pytest.raises(Refused, match="Nothing has changed"):
        fix(year(again), former=one)
    assert account(one, figures=again)[1].changed == ()
    earlier = KEY.model_copy(update={"first_year": 2025, "is_proposal": False, "evidence": "resolution 1a"})
    with pytest.raises(Refused, match="Nothing has changed"):
        fix(year(by=earlier), former=one)
    assert fix(year(by=KEY.model_copy(update={"highest": Decimal(2)})), former=one).head.number == 2


def test_a_key_that_changed_or_is_gone_changes_nothing() -> None:
    one = fix(year())
    found, stands = account(one, keys=[KEY.model_copy(update={"amount": Decimal(30)})])
    assert dues(found) == OWED
    assert {row.organisation: row.difference for row in stands.differences} == {
        "a": Decimal("-111000000.00"),
        "b": Decimal("-38400000.00"),
        "c": Decimal("-1800000.00"),
    }
    assert [(row.kind, row.before, row.after) for row in stands.changed] == [("amount", "60", "30")]
    found, stands = account(one, keys=[])
    assert dues(found) == OWED
    assert (stands.reckoned, stands.refusal) == (None, None)
    twice = [KEY, KEY.model_copy(update={"id": "second"})]
    found, stands = account(one, keys=twice)
    assert dues(found) == OWED
    assert stands.refusal is not None
    with pytest.raises(Refused, match="both begin in 2026"):
        account(keys=twice)


def test_a_rate_that_changed_moves_neither_what_is_owed_nor_what_was_paid() -> None:
    """30 EUR · 1000 = 30,000 EUR = 129,600 PLN at 4.32; at 4.50 they would be 135,000, and paid 28,800."""
    given = [*members(), member("p", currency="PLN")]
    before, after = (
        known(*town("p", 1000, 20_000), *constant("p", {"exchange_rate": (rate, "PLN/EUR")}, [2025]))
        for rate in ("4.32", "4.50")
    )
    one = fix(year(before, given), given)
    paid = [payment("p", YEAR, "129600.00", "PLN")]
    found, stands = account(one, figures=after, given=given, payments=paid)
    row = found.years[-1].of("p")
    assert row is not None
    assert (row.due, row.due_own) == (Decimal("30000.00"), Decimal("129600.00"))
    assert found.accounts[-1].arrears == 0
    (told,) = stands.differences
    assert (told.difference, told.own_assessed, told.own_reckoned) == (
        *(0, Decimal("129600.00")),
        Decimal("135000.00"),
    )
    free, _ = account(figures=after, given=given, payments=paid)
    assert free.accounts[-1].arrears == Decimal("1200.00")


def test_who_joins_after_the_assessment_owes_nothing_until_a_new_one() -> None:
    """d, 100,000 inhabitants with 20,000 EUR, is a member for 184 of 365 days: 30 · 100,000 · 184/365."""
    given = [*members(), member("d", joined_on=date(YEAR, 7, 1))]
    figures = known(*town("d", 100_000, 20_000))
    found, stands = account(fix(year()), figures=figures, given=given)
    assert dues(found) == OWED
    told = stands.of("d")
    assert told is not None
    assert (told.assessed, told.reckoned, told.difference) == (None, *[Decimal("1512328.77")] * 2)
    assert [(row.organisation, row.kind, row.before, row.after) for row in stands.changed] == [
        ("d", "days", None, "184")
    ]


def test_who_leaves_after_the_assessment_owes_it_until_a_new_one() -> None:
    given = [*members()[:2], member("c", left_on=date(YEAR, 1, 1))]
    found, stands = account(fix(year()), given=given)
    assert dues(found) == OWED
    told = stands.of("c")
    assert told is not None
    assert (told.reckoned, told.difference, told.gaps) == (None, Decimal("-3600000.00"), ())


def test_a_figure_that_is_gone_leaves_the_assessment_and_says_so() -> None:
    found, stands = account(fix(year()), figures=known(without=[("c", "income", 2024)]))
    assert dues(found) == OWED
    told = stands.of("c")
    assert told is not None
    assert (told.reckoned, told.difference, len(told.gaps)) == (None, None, 1)
    assert [(row.kind, row.year, row.after) for row in stands.changed] == [("income", 2024, None)]


def test_a_year_that_lacks_an_amount_says_which() -> None:
    assert lacking(year()) == ()
    gaps = lacking(year(known(without=[("c", "income", 2024)])))
    assert [gap.text("en") for gap in gaps] == [
        "c: disposable income per head missing for 2024; 2023 to 2025 are needed."
    ]
    given = [*members(), member("p", currency="PLN")]
    gaps = lacking(year(known(*town("p", 1000, 20_000)), given))
    assert [gap.organisation for gap in gaps] == ["p"], "without a rate it is not told in its own currency"
    with pytest.raises(Refused, match="Nobody is a member of the fund in 2026"):
        fix(year(given=[member("a", joined_on=date(2027, 1, 1))]))


def test_what_is_kept_gives_the_amounts_again() -> None:
    by = key("two_tier", elasticity=1, fiscal_weight="0.75")
    found = year(by=by)
    one = fix(found)
    base = kept(one.head)
    assert one.head.sha256 == sha256(one.head.content.encode()).hexdigest()
    assert len(base.figures) == 3 * 3 * 3, "three members, three kinds, three years"
    anew = contributions(YEAR, members=base.members, figures=Figures(base.figures), key=base.key)
    assert [row.due for row in anew.rows] == [row.due for row in found.rows]
    told = as_assessed(one, [])
    names = ("organisation", "days", "per_head", "due", "due_own", "burden")
    assert [[getattr(row, name) for name in names] for row in told.rows] == [
        [getattr(row, name) for name in names] for row in found.rows
    ]
    assert (told.inhabitants, told.due, told.per_head) == (found.inhabitants, found.due, found.per_head)
