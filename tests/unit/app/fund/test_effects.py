"""The effect of projects out of a store that was filled by imports."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from toy import City, found_city

from bilanz.app.balances import ledger
from bilanz.app.fund.effects import Fund, effects_of, measured_effects
from bilanz.app.intake.ingest import import_file
from bilanz.app.review.filling import fill_year
from bilanz.fund.effect.reason import NotAssessable
from bilanz.fund.effect.result import Effect
from bilanz.fund.effect.series import days_of, months_between, next_month
from bilanz.fund.project import FundProgramme, FundProject, FundSource, SourceUse
from bilanz.fund.rate import FundFactor
from bilanz.organisation import MonthWeight, Source, SourceTerm
from bilanz.registry.bulk import Batch, put_all
from bilanz.registry.engine import Registry, open_registry
from bilanz.registry.sources import put_source, put_term
from bilanz.weather import DEGREE_DAY_SCHEMA
from factors.table import save

HEAD = "source;activity;start;end;quantity;unit;quality"
COLD = (18, 15, 12, 8, 3, 0, 0, 0, 2, 8, 13, 17)
MONTHS = tuple(months_between(date(2022, 1, 1), date(2024, 7, 1)))
DONE = date(2023, 4, 1)
"""First month after the works of February and March 2023."""


def heated(month: date) -> Decimal:
    """30 a day and 6 per degree day, ± 1 by turns; a fifth less after the works."""
    whole = Decimal(30 + 6 * COLD[month.month - 1] + (1 if month.month % 2 else -1))
    return whole * Decimal("0.8") if month >= DONE else whole


def bills(
    city: City,
    source: str,
    per_day: Callable[[date], Decimal],
    *,
    skip: tuple[date, ...] = (),
    activity: str = "district_heat",
    unit: str = "kWh",
) -> None:
    """Import one bill a month."""
    lines = [
        f"{source};{activity};{month};{month.replace(day=days_of(month))}"
        f";{(per_day(month) * days_of(month)).quantize(Decimal('0.0001'))};{unit};billed"
        for month in MONTHS
        if month not in skip
    ]
    write(city, source, *lines)


def write(city: City, name: str, *lines: str) -> None:
    path = city.folder / f"{name}-{len(lines)}.csv"
    path.write_text("\n".join([HEAD, *lines, ""]), encoding="utf-8")
    import_file(path, organisation="depot", settings=city.settings)


def weights() -> tuple[MonthWeight, ...]:
    return tuple(
        MonthWeight(
            name="station",
            month=month,
            value=Decimal(COLD[month.month - 1] * days_of(month)),
            evidence="made up",
        )
        for month in MONTHS
    )


def project(identifier: str = "P1", **told: object) -> FundProject:
    given: dict[str, Any] = {
        "organisation": "depot",
        "programme": "G1",
        "title": "New boiler",
        "nature_share": Decimal(1),
        "social_share": Decimal(0),
        "democracy_share": Decimal(0),
        "starts_on": date(2023, 2, 6),
        "planned_completion": date(2023, 3, 1),
        "completed_on": date(2023, 3, 15),
        "currency": "EUR",
        "baseline_from": date(2022, 1, 1),
        "baseline_to": date(2023, 2, 1),
        "activity": "district_heat",
        "unit": "kWh",
        "factor_series": "heat",
        "evidence": "made up",
    }
    return FundProject(id=identifier, **(given | told))


def factors() -> list[FundFactor]:
    return [
        FundFactor(
            series="heat",
            year=year,
            organisation="town",
            value=value,
            unit="kWh",
            half_width=Decimal("0.1"),
            source="resolution",
        )
        for year, value in ((2023, Decimal("0.2")), (2024, Decimal("0.1")))
    ]


def touched(*sources: str, project: str = "P1") -> list[FundSource]:
    return [FundSource(project=project, source=source, use=SourceUse.TOUCHED) for source in sources]


@pytest.fixture
def city(tmp_path: Path) -> City:
    """A city whose depot has a heat meter W1; the station's degree days are known by the month."""
    return founded(tmp_path)


@pytest.fixture(scope="module")
def heated_city(tmp_path_factory: pytest.TempPathFactory) -> City:
    """The same with all bills of W1; only read."""
    found = founded(tmp_path_factory.mktemp("heated"))
    bills(found, "W1", heated)
    return found


def founded(folder: Path) -> City:
    found = found_city(folder)
    meter = Source(id="W1", apportionment="degree_days", weights="station", heating_share=Decimal("0.9"))
    with opened(found) as registry:
        put_all(registry, [Batch(weights())])
        put_source(registry, meter)
    return found


@contextmanager
def opened(city: City) -> Iterator[Registry]:
    registry = open_registry(city.settings.registry)
    try:
        yield registry
    finally:
        registry.close()


def asked(city: City, fund: Fund) -> dict[str, Effect | NotAssessable]:
    with ledger(city.settings) as data:
        return effects_of(city.settings, data, fund)


def effect_of(city: City, *sources: str, **told: object) -> Effect | NotAssessable:
    return asked(city, Fund([project("P1", **told)], touched(*(sources or ("W1",))), factors()))["P1"]


def effect(found: Effect | NotAssessable) -> Effect:
    assert isinstance(found, Effect), found
    return found


def code(found: Effect | NotAssessable) -> str:
    assert isinstance(found, NotAssessable), found
    return found.reason.code


def test_a_fifth_is_saved(heated_city: City) -> None:
    """April 2023 to June 2024, 456 days; a fifth of 30 · 456 + 6 · Σ d · G, ± 0.2 a day by turns.

    Σ d · G: April to December 240 + 93 + 60 + 248 + 390 + 527 = 1 558 in 2023, January to June
    558 + 435 + 372 + 240 + 93 = 1 698 in 2024 (29 days in February): 3 256.
    0.2 · (13 680 + 19 536) = 6 643.2 kWh.
    """
    found = effect(effect_of(heated_city))
    assert len(found.saving.months) == 15
    assert found.model.drivers == ("station",)
    assert found.saving.total.value == pytest.approx(Decimal("6643.2"), abs=Decimal(60))
    assert found.saving.total.half_width is not None
    assert found.saving.total.half_width > found.saving.total.model > 0
    assert [f"{each.month:%Y-%m} {each.reason}" for each in found.left_out] == [
        "2023-02 works",
        "2023-03 works",
    ]
    told = found.saving.tonnes
    assert told is not None
    of_years = {year.year: year.saving.value for year in found.saving.years}
    assert told.value == pytest.approx(
        (of_years[2023] * 2 + of_years[2024]) / 10_000, abs=Decimal("0.000002")
    )


def test_meters_of_measured_and_billed_months_have_five_percent(heated_city: City) -> None:
    """The shipped half width of a calibrated meter or invoice: 5 % of what was saved."""
    total = effect(effect_of(heated_city)).saving.total
    assert total.metering == pytest.approx(total.value * Decimal("0.05"), abs=Decimal("0.001"))


def test_an_estimated_month_is_no_measurement(city: City) -> None:
    """March 2024 is filled from March of the two years before; it lies after the works."""
    march = date(2024, 3, 1)
    bills(city, "W1", heated, skip=(march,))
    before = effect(effect_of(city))
    assert {f"{each.month:%Y-%m}": each.reason for each in before.left_out}["2024-03"] == "missing"
    assert fill_year(city.settings, 2024, method="own_history").imported is not None
    after = effect(effect_of(city))
    assert {f"{each.month:%Y-%m}": each.reason for each in after.left_out}["2024-03"] == "estimated"
    assert after.saving == before.saving


def test_a_bill_over_two_months_measures_neither(city: City) -> None:
    bills(city, "W1", heated, skip=(date(2024, 1, 1), date(2024, 2, 1)))
    write(city, "long", "W1;district_heat;2024-01-01;2024-02-29;6000.5;kWh;billed")
    found = effect(effect_of(city))
    assert {f"{each.month:%Y-%m}": each.reason for each in found.left_out if each.reason != "works"} == {
        "2024-01": "apportioned",
        "2024-02": "apportioned",
    }
    assert len(found.saving.months) == 13


def test_a_bill_of_half_a_month_is_partial(city: City) -> None:
    bills(city, "W1", heated, skip=(date(2024, 1, 1),))
    write(city, "short", "W1;district_heat;2024-01-01;2024-01-20;2000.5;kWh;billed")
    found = effect(effect_of(city))
    assert {f"{each.month:%Y-%m}": each.reason for each in found.left_out}["2024-01"] == "partial"


def test_another_energy_unit_becomes_that_of_the_project(city: City) -> None:
    bills(city, "W1", lambda month: heated(month) / 1000, unit="MWh")
    assert effect(effect_of(city)).saving.total.value == pytest.approx(Decimal(6643), abs=Decimal(60))
    assert code(effect_of(city, unit="m3")) == "units_differ"


def test_what_heats_rooms_needs_degree_days_by_the_month(city: City) -> None:
    """The shipped degree days are those of years."""
    bills(city, "W2", heated)
    assert code(effect_of(city, "W2")) == "no_degree_days"
    named = Fund([project(weather_series="station")], touched("W2"), factors())
    assert effect(asked(city, named)["P1"]).model.drivers == ("station",)


def test_degree_days_of_the_region_by_the_month_are_taken(city: City) -> None:
    bills(city, "W2", heated)
    folder = city.settings.data / "degree_days"
    told = {
        "definition": "vdi_3807_g20_15",
        "region": "DE",
        "unit": "K d",
        "source": "own",
        "edition": "2024",
        "evidence": "custom",
        "publisher": "town",
        "title": "station",
        "locator": "made up",
        "licence": "none",
    }
    rows = [
        dict.fromkeys(DEGREE_DAY_SCHEMA)
        | told
        | {
            "degree_day_id": f"own:2024:{month}",
            "valid_from": month,
            "valid_to": next_month(month),
            "value": Decimal(COLD[month.month - 1] * days_of(month)),
        }
        for month in MONTHS
    ]
    save(pl.DataFrame(rows, schema=DEGREE_DAY_SCHEMA), folder / "own.csv")
    assert effect(effect_of(city, "W2")).model.drivers == ("vdi_3807_g20_15 DE",)


def test_what_does_not_heat_needs_none(city: City) -> None:
    """Water: 10 and 11 a day by turns, 8 after; April 2023 to June 2024 have 456 days: 1 140 or so."""
    bills(
        city,
        "V1",
        lambda m: Decimal(8 if m >= DONE else 10 + m.month % 2),
        activity="water_supply",
        unit="m3",
    )
    found = effect(effect_of(city, "V1", activity="water_supply", unit="m3", factor_series=None))
    assert found.model.drivers == ()
    assert found.saving.total.value == pytest.approx(Decimal(1140), abs=Decimal(40))
    assert found.saving.tonnes is None


def test_a_declared_use_variable_is_read_by_its_name(city: City) -> None:
    people = {month: Decimal(50 if month >= DONE else 90 + 5 * ((month.month * 5) % 7)) for month in MONTHS}
    rows = tuple(
        MonthWeight(name="pupils", month=m, value=value, evidence="count") for m, value in people.items()
    )
    with opened(city) as registry:
        put_all(registry, [Batch(rows)])
    bills(city, "V1", lambda m: people[m] / 10 + m.month % 2, activity="water_supply", unit="m3")
    told = {"activity": "water_supply", "unit": "m3"}
    named = Fund([project(**told, use_series="pupils", is_use_flow=False)], touched("V1"), [])
    found = effect(asked(city, named)["P1"])
    assert found.model.drivers == ("pupils",)
    assert abs(found.saving.total.value) <= found.saving.total.model
    alone = effect(effect_of(city, "V1", **told))
    assert alone.saving.total.value > 2000


def test_a_logbook_of_whole_months_counts_and_single_trips_do_not(city: City) -> None:
    activity = "travel_car"
    bills(city, "K1", lambda m: Decimal(80 if m >= DONE else 100 + m.month % 2), activity=activity, unit="km")
    told = {"activity": activity, "unit": "km", "factor_series": None}
    assert effect(effect_of(city, "K1", **told)).saving.total.value > 9000
    write(city, "trips", *(f"K2;{activity};{month};{month};70.5;km;billed" for month in MONTHS))
    assert code(effect_of(city, "K2", **told)) == "too_few_before"


def test_two_projects_on_one_source_never_count_the_same_month(heated_city: City) -> None:
    """The second begins in May 2024: the first has April 2023 to April 2024, the second too few months."""
    second = project(
        "P2",
        starts_on=date(2024, 5, 2),
        completed_on=date(2024, 5, 20),
        baseline_from=DONE,
        baseline_to=date(2024, 5, 1),
    )
    fund = Fund([project(), second], [*touched("W1"), *touched("W1", project="P2")], factors())
    found = asked(heated_city, fund)
    first = effect(found["P1"])
    assert [f"{m.month:%Y-%m}" for m in first.saving.months][-1] == "2024-04"
    assert {f"{e.month:%Y-%m}": e.reason for e in first.left_out}["2024-05"] == "other_project"
    assert code(found["P2"]) == "too_few_after"


def test_projects_at_the_same_time_count_only_by_declared_shares(heated_city: City) -> None:
    both = [*touched("W1"), *touched("W1", project="P2")]
    unstated = asked(heated_city, Fund([project(), project("P2")], both, factors()))
    assert [code(found) for found in unstated.values()] == ["too_few_after", "too_few_after"]
    shares: dict[str, Any] = {"overlap_share": Decimal("0.5")}
    stated = asked(heated_city, Fund([project(**shares), project("P2", **shares)], both, factors()))
    assert {flag.code for flag in effect(stated["P1"]).flags} >= {"shared"}
    assert effect(stated["P1"]).saving == effect(stated["P2"]).saving


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"baseline_from": None}, "no_baseline"),
        ({"completed_on": None}, "not_completed"),
        ({"unit": None}, "no_unit"),
        ({"baseline_from": date(2022, 6, 1)}, "too_few_before"),
        ({"completed_on": date(2023, 7, 1)}, "too_few_after"),
    ],
)
def test_what_a_project_does_not_state_is_no_effect(
    heated_city: City, told: dict[str, Any], expected: str
) -> None:
    assert code(effect_of(heated_city, **told)) == expected


def test_a_project_without_sources_is_no_effect(heated_city: City) -> None:
    assert code(asked(heated_city, Fund([project()], [], []))["P1"]) == "no_source"


def test_a_sub_meter_measures_too(city: City) -> None:
    """It is in no total, its parent is; what a project changes behind it, it sees."""
    bills(city, "W1", heated)
    whole = effect(effect_of(city))
    with opened(city) as registry:
        put_term(
            registry,
            SourceTerm(source="W1", organisation="depot", role="sub_meter", tenure="owned", control=True),
        )
    assert effect(effect_of(city)).saving == whole.saving


def test_untouched_sources_are_compared_and_touched_ones_are_not(city: City) -> None:
    bills(city, "W1", heated)
    for number in range(6):
        bills(city, f"C{number}", lambda m: Decimal(30 + 6 * COLD[m.month - 1] + (1 if m.month % 2 else -1)))
    controls = [FundSource(project="P1", source=f"C{n}", use=SourceUse.CONTROL) for n in range(6)]
    other = project("P2", starts_on=date(2023, 9, 1), completed_on=None)
    fund = Fund(
        [project(weather_series="station"), other],
        [*touched("W1"), *controls, *touched("C0", project="P2")],
        factors(),
    )
    found = effect(asked(city, fund)["P1"])
    assert found.comparison is not None
    assert [control.source for control in found.comparison.controls] == ["C1", "C2", "C3", "C4", "C5"]
    assert [(name, reason.code) for name, reason in found.comparison.left_out] == [("C0", "control_touched")]
    assert not isinstance(found.compared, NotAssessable)
    assert found.compared.total.value == pytest.approx(found.saving.total.value, abs=Decimal(60))


def test_the_registry_names_projects_sources_and_factors(city: City) -> None:
    bills(city, "W1", heated)
    programme = FundProgramme(id="G1", organisation="town", title="Heat", evidence="made up")
    with opened(city) as registry:
        put_all(
            registry,
            [Batch((programme,)), Batch((project(),)), Batch(tuple(touched("W1"))), Batch(tuple(factors()))],
        )
    found = measured_effects(city.settings)
    assert list(found) == ["P1"]
    assert effect(found["P1"]).saving == effect(effect_of(city)).saving
