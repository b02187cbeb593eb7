"""The effect of a project from its question, with the arithmetic."""

from datetime import date
from decimal import Decimal

import pytest
from unit.fund.effect.made import (
    AFTER,
    BEFORE,
    COURSE,
    alternating,
    changed,
    degree_days,
    heated,
    question,
    rows,
    use,
)

from bilanz.fund.effect.assessment import assess
from bilanz.fund.effect.avoided import Factor
from bilanz.fund.effect.reason import NotAssessable
from bilanz.fund.effect.result import Effect
from bilanz.fund.effect.series import Driver, DriverKind

SERIES = "grid"


def effect(found: Effect | NotAssessable) -> Effect:
    assert isinstance(found, Effect), found
    return found


def code(found: Effect | NotAssessable) -> str:
    assert isinstance(found, NotAssessable)
    return found.reason.code


def flags(found: Effect) -> set[str]:
    return {flag.code for flag in found.flags}


def factors(*values: str, half_width: str | None = "0.1", unit: str = "kWh") -> tuple[Factor, ...]:
    """Return factors of 2022, 2023, … in kg per unit."""
    width = None if half_width is None else Decimal(half_width)
    return tuple(Factor(SERIES, 2022 + n, Decimal(value), unit, width) for n, value in enumerate(values))


def test_the_worked_example() -> None:
    """The one of docs/fund.md: 10 a day expected, 8 used, 365 days: 730 kWh saved.

    Error if months were independent: RMSE · √(Σd² + (Σd)²/12), d the days of a month:
    1.044466 · √(11 111 + 365²/12 = 11 102.08) = 1.044466 · 149.0405 = 155.668; times t(11) = 2.201: 342.62.
    The months alternate, so that independent ones are the likeliest; the others widen it to 450.30.
    """
    found = effect(assess(question(use(rows("A", alternating)), "A")))
    assert found.saving.total.value == Decimal("730.000")
    assert found.saving.total.model == Decimal("450.304")
    assert found.saving.total.half_width == found.saving.total.model
    assert [(year.year, year.months, year.saving.value) for year in found.saving.years] == [
        (2022, 9, Decimal("550.000")),  # 275 days · 2
        (2023, 3, Decimal("180.000")),  # 90 days · 2
    ]
    assert found.model.coefficients == {"base": Decimal("10.000000")}
    assert found.model.error == Decimal("0.1044")
    assert (found.model.before, found.model.after) == (12, 12)


def test_months_and_years_add_up_to_the_total_but_their_intervals_do_not() -> None:
    found = effect(assess(question(use(rows("A", alternating)), "A"))).saving
    assert sum(month.saving.value for month in found.months) == found.total.value
    assert sum(year.saving.value for year in found.years) == found.total.value
    assert sum(month.saving.model for month in found.months) > found.total.model
    assert all(month.expected - month.actual == month.saving.value for month in found.months)


def test_use_follows_the_weather_and_not_the_calendar() -> None:
    """10 + 2 per degree day; 20 % less after: 0.2 · (10 · 365 + 2 · Σ d · G) kWh, ± 1 a day by turns.

    Σ d · G of a year is 31·(18 + 12 + 3 + 8 + 17) + 28·15 + 30·(8 + 2 + 13) = 1798 + 420 + 690 = 2908.
    The turns leave 31 − 30 + … of ± 1 · 0.2 a day: less than 2 kWh.
    """
    frame = use(rows("A", lambda month: heated(month, saved="0.2")))
    found = effect(assess(question(frame, "A", drivers=(degree_days(),))))
    assert abs(found.saving.total.value - Decimal("0.2") * (10 * 365 + 2 * 2908)) < 25
    assert found.saving.total.value > found.saving.total.model
    assert set(found.model.coefficients) == {"base", "heating", "heating_squared"}


def test_a_colder_year_after_is_no_loss() -> None:
    """The same building, no project, a year with a quarter more degree days in December to February."""
    colder = {"m2022_12": 19, "m2023_01": 19, "m2023_02": 18}
    cold = degree_days(**colder)
    frame = use(
        rows(
            "A",
            lambda month: (
                heated(month)
                + 2 * (Decimal(cold.on(month)).quantize(Decimal(1)) - degree_days().on(month).__round__())
            ),
        )
    )
    found = effect(assess(question(frame, "A", drivers=(cold,))))
    assert abs(found.saving.total.value) < 60
    assert "includes_zero" in flags(found)


def test_the_saving_of_a_year_takes_each_calendar_month_once() -> None:
    """Twelve months: the total. Two more Aprils and Mays: their mean."""
    whole = effect(assess(question(use(rows("A", alternating)), "A")))
    assert whole.saving.per_year is not None
    assert whole.saving.per_year.value == whole.saving.total.value
    lost = changed(use(rows("A", alternating)), "A", {date(2022, 3, 1): "missing"})
    assert effect(assess(question(lost, "A"))).saving.per_year is not None


def test_a_season_that_was_never_measured_gives_no_year() -> None:
    """Thirteen months after less February: twelve are there, February is not."""
    later = COURSE.__class__(
        COURSE.baseline_from, COURSE.baseline_to, date(2022, 1, 5), date(2022, 2, 20), COURSE.until
    )
    frame = changed(
        use(rows("A", lambda m: 8 if m >= date(2022, 3, 1) else alternating(m))),
        "A",
        {date(2023, 2, 1): "estimated"},
    )
    found = effect(assess(question(frame, "A", course=later)))
    assert len(found.saving.months) == 12
    assert found.saving.per_year is None
    assert "season_incomplete" in flags(found)
    assert found.saving.total.value == Decimal("736.000")  # 396 − 28 days · 2


def test_too_few_months_are_no_effect() -> None:
    frame = use(rows("A", alternating))
    assert code(assess(question(changed(frame, "A", {BEFORE[3]: "estimated"}), "A"))) == "too_few_before"
    refused = assess(question(changed(frame, "A", {AFTER[3]: "apportioned"}), "A"))
    assert isinstance(refused, NotAssessable)
    assert refused.reason.text("en") == "Only 11 months after completion are measured; there must be 12."
    assert refused.reason.text("de") == "Nur 11 Monate nach dem Abschluss sind gemessen; es müssen 12 sein."


def test_a_model_that_misses_the_months_is_no_effect() -> None:
    """5 and 15 by turns: RMSE 5 · √(12/11) = 5.22 of 10, 52 %."""
    frame = use(rows("A", lambda month: 5 + 10 * (month.month % 2)))
    refused = assess(question(frame, "A"))
    assert isinstance(refused, NotAssessable)
    assert (refused.reason.code, dict(refused.reason.facts)["error"]) == ("poor_model", "52")


def test_a_step_in_the_baseline_is_found_and_named() -> None:
    """10 until July, 12 from August, ± 0.1 by turns."""
    frame = use(
        rows("A", lambda m: Decimal(12 if m >= date(2021, 8, 1) else 10) + Decimal("0.1") * (m.month % 2))
    )
    refused = assess(question(frame, "A"))
    assert isinstance(refused, NotAssessable)
    assert (refused.reason.code, dict(refused.reason.facts)["month"]) == ("unstable_baseline", "2021-08")


def test_a_drift_through_the_baseline_is_found() -> None:
    frame = use(
        rows(
            "A",
            lambda m: 10 + Decimal("0.1") * (m.year * 12 + m.month - 24252) + Decimal("0.3") * (m.month % 2),
        )
    )
    assert code(assess(question(frame, "A"))) in {"drifting_baseline", "unstable_baseline"}


def test_weather_the_baseline_never_saw_is_flagged_and_much_of_it_refused() -> None:
    """The range is 0 to 18; a tenth more is 19.8: 20 lies outside."""
    frame = use(rows("A", heated))
    one = effect(assess(question(frame, "A", drivers=(degree_days(m2022_12=20),))))
    assert [month.month for month in one.saving.months if month.is_outside] == [date(2022, 12, 1)]
    assert "month_extrapolated" in flags(one)
    many = degree_days(m2022_11=22, m2022_12=22, m2023_01=22, m2023_02=22)
    assert code(assess(question(frame, "A", drivers=(many,)))) == "extrapolated"


def occupants(after: int, spread: int = 10) -> Driver:
    values = {
        m: Decimal(100 + spread * ((m.month * 5) % 7 - 3) if m < AFTER[0] else after)
        for m in (*BEFORE, *AFTER, date(2022, 1, 1), date(2022, 2, 1), date(2022, 3, 1))
    }
    return Driver(DriverKind.USE, "occupants", values, is_flow=False)


def test_declared_occupants_take_their_part_of_the_change() -> None:
    """0.1 a day and person: 70 instead of 100 persons are 3 a day, the project 1: 365 kWh, not 1 460."""
    people = occupants(70)
    frame = use(
        rows(
            "A",
            lambda m: (
                Decimal("0.1") * people.values[m]
                + (4 if m >= AFTER[0] else 5)
                + Decimal("0.05") * (m.month % 2)
            ),
        )
    )
    declared = effect(assess(question(frame, "A", drivers=(people,))))
    assert abs(declared.saving.total.value - 365) < 15
    assert "no_use" not in flags(declared)


def test_occupants_that_never_change_say_nothing_and_those_that_change_only_after_cannot_be_told_apart() -> (
    None
):
    frame = use(rows("A", alternating))
    steady = effect(assess(question(frame, "A", drivers=(occupants(100, 0),))))
    assert steady.saving.total.value == Decimal("730.000")
    assert code(assess(question(frame, "A", drivers=(occupants(70, 0),)))) == "no_variation"


def test_a_meter_that_runs_fast_is_wrong_by_a_part_of_the_saving() -> None:
    """5 % of 730 kWh: 36.5; with the model: √(model² + 36.5²)."""
    found = effect(assess(question(use(rows("A", alternating)), "A", half_widths={"A": 5.0}))).saving.total
    assert found.metering == Decimal("36.500")
    assert found.half_width is not None
    assert found.half_width == pytest.approx(
        (found.model**2 + found.metering**2).sqrt(), abs=Decimal("0.001")
    )


def test_a_meter_that_took_the_place_of_another_is_wrong_by_what_it_counted() -> None:
    """A counts 3 650 expected, B 2 920 used; 5 % of each, independent: √(182.5² + 146²) = 233.714."""
    first = changed(use(rows("A", alternating)), "A", dict.fromkeys((date(2022, 1, 1), *AFTER), "not_held"))
    second = changed(use(rows("B", alternating)), "B", dict.fromkeys(BEFORE, "not_held"))
    frame = use(first.rows(), second.rows())
    found = effect(assess(question(frame, "A", "B", half_widths={"A": 5.0, "B": 5.0}))).saving.total
    assert found.metering == Decimal("233.714")


def test_an_unknown_meter_leaves_no_full_interval() -> None:
    found = effect(assess(question(use(rows("A", alternating)), "A", half_widths={"A": None})))
    assert (found.saving.total.metering, found.saving.total.half_width) == (None, None)
    assert "no_metering" in flags(found)


def test_tonnes_are_the_saving_of_each_year_times_its_factor() -> None:
    """550 · 0.4 + 180 · 0.3 = 274 kg; factors 10 % wrong in all years alike: 27.4 kg."""
    found = effect(
        assess(
            question(use(rows("A", alternating)), "A", factors=factors("0.4", "0.3"), factor_series=SERIES)
        )
    )
    told = found.saving.tonnes
    assert told is not None
    of_factors = Decimal("0.027400")
    assert (told.value, told.factor) == (Decimal("0.274000"), of_factors)
    assert told.half_width == pytest.approx((told.model**2 + of_factors**2).sqrt(), abs=Decimal("0.000001"))
    assert [year.tonnes.value for year in found.saving.years if year.tonnes] == [
        Decimal("0.220000"),
        Decimal("0.054000"),
    ]


def test_a_grid_that_becomes_cleaner_gives_a_project_without_saving_no_tonnes() -> None:
    """10 a day before and after, ± 1 by turns; the grid falls from 0.4 to 0.1 kg a kWh.

    The balance of the source falls by three quarters. Of the project there are the turns only: in 2022
    153 − 122 = 31 kWh less than expected, in 2023 28 − 62 = −34: 31 · 0.4 − 34 · 0.1 = 9.0 kg, and the
    interval holds zero.
    """
    frame = use(rows("A", lambda month: 9 + 2 * (month.month % 2)))
    found = effect(assess(question(frame, "A", factors=factors("0.4", "0.1"), factor_series=SERIES)))
    assert found.saving.tonnes is not None
    assert found.saving.tonnes.value == Decimal("0.009000")
    assert found.saving.tonnes.model > Decimal("0.1")
    assert "includes_zero" in flags(found)


@pytest.mark.parametrize(
    ("told", "flag"),
    [
        ({"factor_series": None}, "no_factor_series"),
        ({"factor_series": SERIES, "factors": factors("0.4")}, "factor_missing"),
        ({"factor_series": "other", "factors": factors("0.4", "0.3")}, "factor_missing"),
        ({"factor_series": SERIES, "factors": factors("0.4", "0.3", unit="MWh")}, "factor_unit"),
    ],
)
def test_without_a_factor_of_every_year_there_are_no_tonnes(told: dict[str, object], flag: str) -> None:
    found = effect(assess(question(use(rows("A", alternating)), "A", **told)))
    assert found.saving.tonnes is None
    assert all(year.tonnes is None for year in found.saving.years)
    assert flag in flags(found)


def test_factors_without_half_width_leave_the_tonnes_without_a_full_interval() -> None:
    told = factors("0.4", "0.3", half_width=None)
    found = effect(assess(question(use(rows("A", alternating)), "A", factors=told, factor_series=SERIES)))
    assert found.saving.tonnes is not None
    assert (found.saving.tonnes.factor, found.saving.tonnes.half_width) == (None, None)
    assert found.saving.tonnes.model > 0
    assert "factor_interval" in flags(found)


def test_what_nobody_assessed_is_said_and_not_taken_as_nothing() -> None:
    frame = use(rows("A", alternating))
    assert {"overlap_unassessed", "rebound_unassessed", "no_use"} <= flags(
        effect(assess(question(frame, "A")))
    )
    stated = question(frame, "A", overlap_share=Decimal(0), rebound_share=Decimal("0.1"), shared_with=("P2",))
    told = flags(effect(assess(stated)))
    assert not {"overlap_unassessed", "rebound_unassessed"} & told
    assert "shared" in told
