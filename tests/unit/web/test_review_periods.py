"""Release by one person, closing by another, restatement of what came late; told apart from who may not."""

from decimal import Decimal

import pytest
import web
from unit.web.reviewsite import MONTHS, WORKS, bill, ordered, prepare, suspect, take, text_of, total

from bilanz.app import trail
from bilanz.app.period.standing import standing_of
from bilanz.registry.engine import open_registry
from bilanz.registry.periods import restatements

PERIOD = f"/review/2024/period{WORKS}"


@pytest.fixture
def works(site: web.Site) -> web.Site:
    prepare(site)
    return site


def step(name: str) -> str:
    return f"/review/2024/period/{name}{WORKS}"


def run_of(page: str) -> str:
    return page.split('name="run" value="')[1].split('"', maxsplit=1)[0]


def test_a_year_is_released_by_one_closed_by_another_and_restated_when_something_comes_late(
    works: web.Site,
) -> None:
    rita, clara = works.as_("rita"), works.as_("clara")
    assert "Only a balance calculated for this organisation itself can be released." in rita.get(PERIOD)
    ordered(rita, f"/balances/2024/calculate{WORKS}")
    page = rita.get(PERIOD)
    assert "3.0 t" in text_of(page).replace("\u00a0", " ")  # 30 000 kWh × 0.1 kg
    done = ordered(rita, step("release"), {"run": run_of(page), "threshold": "4", "is_base_year": "yes"})
    assert "Released rita" in text_of(done)
    period = standing_of(works.settings, 2024, "works")
    assert period is not None
    assert (period.threshold, period.is_base_year) == (Decimal("0.04"), True)
    assert "Another person closes it" in done
    assert "cannot close it too" in rita.post(step("close"), status=409)
    assert "Closed clara" in text_of(clara.post(step("close")))

    page = works.as_("olga").post(
        f"/review/2024/value{WORKS}",
        {"decision": "exclude", "finding": suspect(works).id, "reason": "bill of somebody else"},
    )
    assert "2024 (Works) is closed. Its balance stays as it is" in page
    take(works, "late.csv", "works", bill("H3", MONTHS[0], "500"))
    assert total(works) == 3000

    looked = text_of(ordered(clara, step("restate"), {"only_look": "yes"}))
    assert "nothing was kept" in looked
    assert "the base year must be recalculated" in looked
    assert "needs a reason" in clara.post(step("restate"), status=422)
    kept = text_of(ordered(clara, step("restate"), {"reason": "late bill"}))
    assert "Restatement 1" in kept
    assert "late bill" in kept
    assert "3.000 t" in kept.replace("\u00a0", " ")
    assert "1.050 t" in kept.replace("\u00a0", " ")  # (10 × 1 000 + 500) × 0.1 kg = 1.05 t
    registry = open_registry(works.settings.registry)
    (made,) = restatements(registry, "works", 2024)
    registry.close()
    assert (made.by, made.reason) == ("clara", "late bill")

    assert "needs a reason" in clara.post(step("reopen"), status=422)
    assert "Only a balance" not in text_of(clara.post(step("reopen"), {"reason": "to take it over"}))
    assert standing_of(works.settings, 2024, "works") is None
    actions = [(one["action"], one["by"]) for one in trail.listed(works.settings, "2024 works")]
    assert actions == [
        ("period.release", "rita"),
        ("period.close", "clara"),
        ("period.restate", "clara"),
        ("period.reopen", "clara"),
    ]


def test_exceptions_are_accepted_with_a_reason_or_not_at_all_and_only_what_was_seen_is_released(
    works: web.Site,
) -> None:
    take(works, "gas.csv", "works", "works,G1,natural_gas,2024-01-01,2024-01-31,7,kWh,billed")
    rita = works.as_("rita")
    ordered(rita, f"/balances/2024/calculate{WORKS}")
    page = rita.get(PERIOD)
    assert "quantities have no figure in the balance" in page
    run = run_of(page)
    assert "accept them and state why" in rita.post(step("release"), {"run": run}, 409)
    assert "needs a reason" in rita.post(step("release"), {"run": run, "accepts": "yes"}, 422)
    wrong = {"run": run, "accepts": "yes", "reason": "x"}
    for threshold in ("a lot", "NaN", "sNaN", "1e999999999"):
        page = rita.post(step("release"), wrong | {"threshold": threshold}, 422)
        assert "not a number of percent" in page
    other = {"run": "0" * 16, "accepts": "yes", "reason": "x"}
    assert "calculated again after you opened the page" in rita.post(step("release"), other, 409)
    take(works, "late.csv", "works", bill("H3", MONTHS[0], "500"))
    told = {"run": run, "accepts": "yes", "reason": "the bill comes in March"}
    failed = ordered(rita, step("release"), told)
    assert "1 files were imported after the run" in failed
    assert " --" not in text_of(failed)
    ordered(rita, f"/balances/2024/calculate{WORKS}")
    done = text_of(ordered(rita, step("release"), told | {"run": run_of(rita.get(PERIOD))}))
    assert "because: the bill comes in March" in done


def test_only_who_may_release_takes_a_step(works: web.Site) -> None:
    expected = {"olga": 403, "vera": 403, "boris": 403, "otto": 404, "nobody": 404}
    for login, status in expected.items():
        visitor = works.as_(login)
        for name in ("release", "close", "reopen", "restate"):
            visitor.post(step(name), {"run": "x", "reason": "x"}, status)
    assert "<form" not in works.as_("vera").get(PERIOD).split("<main")[1]
    works.as_("rita").post("/review/2024/period/close", {"reason": "x"}, 404)  # all together is not hers
