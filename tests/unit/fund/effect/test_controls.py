"""Difference in differences by hand, and when it is refused."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

import pytest
from unit.fund.effect.made import AFTER, BEFORE, alternating, question, rows, use

from bilanz.fund.effect.assessment import assess
from bilanz.fund.effect.reason import NotAssessable, because
from bilanz.fund.effect.result import Effect

CHANGES = ("-0.12", "-0.11", "-0.10", "-0.09", "-0.08")


def control(change: str) -> Callable[[date], Decimal]:
    """100 and 102 a day by turns: 101 in the mean; after completion changed by a part of 101."""
    later = 101 * (1 + Decimal(change))
    return lambda month: later if month >= AFTER[0] else Decimal(100 + 2 * (month.month % 2))


def compared(
    changes: tuple[str, ...] = CHANGES,
    own: Callable[[date], object] = alternating,
    **told: object,
) -> Effect:
    parts = [rows(f"C{number}", control(change)) for number, change in enumerate(changes)]
    controls: Mapping[str, tuple[()]] = {f"C{number}": () for number in range(len(changes))}
    found = assess(question(use(rows("A", own), *parts), "A", controls=controls, **told))
    assert isinstance(found, Effect), found
    return found


def flags(found: Effect) -> set[str]:
    return {flag.code for flag in found.flags}


def test_what_the_controls_did_is_no_effect() -> None:
    """The controls fell by 10 % in the mean: 9 instead of 10 a day expected, 8 used: 365 kWh.

    Their standard deviation is √((4 + 1 + 0 + 1 + 4)/4) = 1.5811 %; t(4) = 2.7764: 4.390 % of 3 650 kWh,
    160.23 kWh. The own model says ± 450.3 kWh, which is more: √(450.304² + 160.23²/5) = 455.97.
    """
    found = compared()
    assert not isinstance(found.compared, NotAssessable)
    assert found.comparison is not None
    assert found.comparison.change == pytest.approx(-0.10)
    assert found.comparison.spread == pytest.approx(0.04390, abs=1e-5)
    assert found.compared.total.value == Decimal("365.000")
    assert found.compared.total.model == pytest.approx(Decimal("455.97"), abs=Decimal("0.01"))
    assert found.saving.total.value == Decimal("730.000")  # the comparison in time stays beside it


def test_where_buildings_differ_more_than_the_own_model_knows_their_spread_counts() -> None:
    """± 20 % and 0: standard deviation √(0.16/4) = 20 %; 2.7764 · 20 % · 3 650 · √(1 + 1/5) = 2 220.3."""
    found = compared(("-0.2", "-0.2", "0", "0.2", "0.2"))
    assert not isinstance(found.compared, NotAssessable)
    assert found.compared.total.model == pytest.approx(Decimal("2220.3"), abs=Decimal("0.1"))
    assert "controls_diverge" in flags(found)


def test_a_common_change_larger_than_the_models_leave_open_is_told() -> None:
    """The own model leaves 450.3/3 650 = 12.3 % open."""
    assert "common_change" not in flags(compared())
    large = tuple(str(Decimal(change) - Decimal("0.1")) for change in CHANGES)
    told = next(flag for flag in compared(large).flags if flag.code == "common_change")
    assert dict(told.facts) == {"change": "-20.0"}


def test_four_controls_are_too_few() -> None:
    found = compared(CHANGES[:4]).compared
    assert isinstance(found, NotAssessable)
    assert found.reason == because("too_few_controls", count=4, least=5)


def test_a_control_that_is_not_assessable_is_left_out_and_named() -> None:
    wild = ("-0.1", *CHANGES)
    parts = [rows(f"C{number}", control(change)) for number, change in enumerate(wild)]
    parts[0] = rows("C0", lambda month: 5 + 90 * (month.month % 2))
    found = assess(
        question(
            use(rows("A", alternating), *parts),
            "A",
            controls={f"C{number}": () for number in range(len(wild))},
            barred=(("C9", because("control_touched", projects="P2")),),
        )
    )
    assert isinstance(found, Effect)
    assert found.comparison is not None
    assert [(name, reason.code) for name, reason in found.comparison.left_out] == [
        ("C9", "control_touched"),
        ("C0", "poor_model"),
    ]
    assert len(found.comparison.controls) == 5


def test_without_controls_there_is_no_comparison() -> None:
    found = compared(()).compared
    assert isinstance(found, NotAssessable)
    assert found.reason.code == "no_controls"


def test_a_source_that_drifted_apart_before_is_not_compared() -> None:
    """The controls drift up together by a little, the source down by a little: each alone passes."""

    def turned(month: date, slope: str) -> Decimal:
        place = BEFORE.index(month) - Decimal("5.5") if month in BEFORE else Decimal(6)
        whim = (3, -3, -4, 4, 3, -3, -4, 4, 3, -3, -4, 4)[month.month - 1]
        return 100 + Decimal(slope) * place + whim

    parts = [rows(f"C{number}", lambda month: turned(month, "0.25")) for number in range(6)]
    found = assess(
        question(
            use(rows("A", lambda month: turned(month, "-0.25")), *parts),
            "A",
            controls={f"C{number}": () for number in range(6)},
        )
    )
    assert isinstance(found, Effect)
    assert isinstance(found.compared, NotAssessable)
    assert found.compared.reason.code == "pre_trend"


def test_the_trend_before_is_reported_where_it_passes() -> None:
    found = compared()
    assert found.comparison is not None
    trend = found.comparison.pre_trend
    assert abs(trend.per_year) < trend.half_width
    assert 0.05 <= trend.p <= 1
