"""Review: years, completeness, exceptions, and decisions on suspect values, by the hands of an officer."""

import re
from datetime import date
from decimal import Decimal

import pytest
import web
from unit.web.reviewsite import (
    MONTHS,
    WORKS,
    bill,
    calculated,
    ordered,
    prepare,
    run,
    suspect,
    take,
    text_of,
    total,
)

from bilanz.app import trail
from bilanz.app.intake.ingest import batches
from bilanz.app.web.pages import exceptions


@pytest.fixture
def works(site: web.Site) -> web.Site:
    prepare(site)
    return site


def value_path(site: web.Site, organisation: str = "works") -> str:
    return f"/review/2024/value?organisation={organisation}&finding={suspect(site).id}"


def decide(visitor: web.Visitor, site: web.Site, decision: str, status: int = 200, **told: str) -> str:
    data = {"decision": decision, "finding": suspect(site).id, **told}
    return visitor.post(f"/review/2024/value{WORKS}", data, status)


def test_an_officer_sees_the_years_of_her_organisations_and_no_others(works: web.Site) -> None:
    page = text_of(works.as_("olga").get("/review"))
    assert "Works 2024 Works open not calculated 1" in page
    assert "All organisations" not in page
    assert "Schools" not in page
    assert "nothing to review" in works.as_("otto").get("/review")


def test_the_page_of_a_year_says_what_is_to_be_done(works: web.Site) -> None:
    olga = works.as_("olga")
    page = text_of(olga.get(f"/review/2024{WORKS}"))
    assert "2024 has not been calculated for this organisation yet" in page
    assert "11 of 12 expected months are complete, 0 of these with estimates." in page
    assert "1 of 1 warnings about values are to be decided." in page
    done = text_of(ordered(olga, f"/balances/2024/calculate{WORKS}"))
    assert "The balance was calculated" in done
    assert total(works) == 3000  # (10 × 1 000 + 20 000) × 0.1
    take(works, "late.csv", "works", bill("H3", MONTHS[0], "10"))
    assert "The balance is older than the data" in olga.get(f"/review/2024{WORKS}")


def test_a_confirmed_value_is_listed_with_who_confirmed_it_and_can_be_opened_again(works: web.Site) -> None:
    olga = works.as_("olga")
    assert "to be decided" in olga.get(f"/review/2024/findings{WORKS}")
    page = decide(olga, works, "confirm", reason="the hall was heated")
    assert "The value is confirmed." in page
    assert "Confirmed by olga" in page
    assert "the hall was heated" in page
    assert "Nothing is to be decided" in olga.get(f"/review/2024/findings{WORKS}")
    assert "confirmed" in olga.get(f"/review/2024/findings{WORKS}&state=all")
    assert calculated(works, olga) == 3000
    decide(olga, works, "reopen")
    assert suspect(works).state == "open"
    entries = trail.listed(works.settings, suspect(works).value.batch)
    assert [(one["action"], one["by"]) for one in entries[-2:]] == [
        ("issue.confirm", "olga"),
        ("issue.reopen", "olga"),
    ]


def test_a_corrected_value_counts_as_it_was_corrected(works: web.Site) -> None:
    olga = works.as_("olga")
    page = decide(olga, works, "correct", quantity="1,200.5", unit="kWh", reason="a digit too many")
    assert "The value is corrected." in page
    assert calculated(works, olga) == Decimal("1120.05")  # (10 × 1 000 + 1 200.5) × 0.1
    made = batches(works.settings)[-1]
    assert (made["organisation"], made["uploaded_by"], made["importer"]) == ("works", "olga", "correction")
    olga.post(f"/files/{made['batch']}/withdraw", {"reason": "it was right"})
    ordered(olga, f"/balances/2024/calculate{WORKS}")
    assert suspect(works).state == "open"


def test_a_correction_that_cannot_be_one_is_said_on_the_page_and_what_was_entered_stays(
    works: web.Site,
) -> None:
    wrong = (
        ({"quantity": "12 apples", "unit": "kWh", "reason": "x"}, "is not a number"),
        ({"quantity": "NaN", "unit": "kWh", "reason": "x"}, "is not a number"),
        ({"quantity": "12", "unit": "kWh", "reason": ""}, "State why the value is changed."),
        ({"quantity": "12", "unit": "m³", "reason": "x"}, "measures something else"),
        ({"quantity": "12", "unit": "fathoms of wood", "reason": "x"}, "is not known"),
    )
    olga = works.as_("olga")
    for told, problem in wrong:
        page = decide(olga, works, "correct", 422, **told)
        assert problem in page
        assert f'value="{told["quantity"]}"' in page
    assert len(batches(works.settings)) == 1


def test_an_excluded_value_counts_no_more_and_can_count_again(works: web.Site) -> None:
    olga = works.as_("olga")
    assert "State why" in decide(olga, works, "exclude", 422)
    page = decide(olga, works, "exclude", reason="bill of somebody else")
    assert "The value counts no more." in page
    assert "Excluded by olga" in page
    assert "bill of somebody else" in page
    assert calculated(works, olga) == 1000  # 10 × 1 000 × 0.1
    assert "The value counts again." in decide(olga, works, "include")
    assert calculated(works, olga) == 3000


def test_months_are_shown_as_signs_and_words_and_gaps_are_estimated_with_a_reason(works: web.Site) -> None:
    previous = [bill("H1", date(2023, month, 1), "1000") for month in range(1, 13)]
    take(works, "before.csv", "works", *previous)
    olga = works.as_("olga")
    page = olga.get(f"/review/2024/calendar{WORKS}")
    assert page.count("month--missing") == 2  # the legend and June
    assert re.search(r'<span class="kern-sr-only">June</span>', page)
    assert re.search(r"\bH1 .* Works .* 30 Estimate H1", text_of(page))  # days of June
    form = {"method": "own_history", "source": "H1"}
    assert "State why" in olga.post(f"/review/2024/fill{WORKS}", form, 422)
    assert "not one of" in olga.post(f"/review/2024/fill{WORKS}", {"method": "guess"}, 422)
    olga.post(f"/review/2024/fill{WORKS}", form | {"source": "S9", "reason": "x"}, 404)
    done = ordered(olga, f"/review/2024/fill{WORKS}", form | {"reason": "no answer of the operator"})
    assert "1 months were estimated" in done
    assert "12 of 12 expected months are complete, 1 of these with estimates." in text_of(done)
    made = batches(works.settings)[-1]
    assert (made["organisation"], made["uploaded_by"]) == ("works", "olga")
    assert trail.listed(works.settings, made["batch"])[0]["reason"] == "no answer of the operator"


def test_exceptions_are_told_by_reason_with_file_and_row_and_what_can_be_done(works: web.Site) -> None:
    header = "organisation,source,activity,start,end,quantity,unit,quality"
    row = "works,G1,natural_gas,2024-01-01,2024-01-31,7,kWh,billed"
    take(works, "gas.csv", "works", row, header=header)
    olga = works.as_("olga")
    assert "has not been calculated" in olga.get(f"/review/2024/exceptions{WORKS}")
    ordered(olga, f"/balances/2024/calculate{WORKS}")
    page = olga.get(f"/review/2024/exceptions{WORKS}")
    text = text_of(page)
    assert "calorific basis missing" in text
    assert "gas.csv" in text
    assert "row 2" in text
    assert "/master/terms?source=G1" in page
    (record,) = set(re.findall(r"/review/2024/value\?organisation=works&amp;record=(\d+)", page))
    shown = text_of(olga.get(f"/review/2024/value{WORKS}&record={record}"))
    assert "G1" in shown
    told = {"decision": "exclude", "record": record, "reason": "not ours"}
    assert "The value counts no more." in olga.post(f"/review/2024/value{WORKS}", told)
    ordered(olga, f"/balances/2024/calculate{WORKS}")
    assert "There is no exception" in olga.get(f"/review/2024/exceptions{WORKS}")
    assert "G1" in olga.get(f"/review/2024/records{WORKS}&source=G1")


def test_the_last_page_of_records_leads_to_no_other(works: web.Site, monkeypatch: pytest.MonkeyPatch) -> None:
    olga, here = works.as_("olga"), f"/review/2024/records{WORKS}&source=H1"
    monkeypatch.setattr(exceptions, "_PART", 10)
    assert 'rel="next"' in olga.get(here)  # 11 bills
    assert 'rel="next"' not in olga.get(f"{here}&page=2")
    monkeypatch.setattr(exceptions, "_PART", 11)
    page = olga.get(here)
    assert 'rel="next"' not in page
    assert page.count("bills.csv") == 11


def test_a_pair_that_may_be_counted_twice_is_confirmed_as_two_things(works: web.Site) -> None:
    run(works, "source", "add", "H2", "--org", "works", "--activity", "district_heat")
    take(works, "twin.csv", "works", *(bill("H2", month, "1000") for month in MONTHS))
    olga = works.as_("olga")
    ordered(olga, f"/balances/2024/calculate{WORKS}")
    page = olga.get(f"/review/2024/findings{WORKS}")
    assert "Two sources state nearly the same quantities." in page
    (pair,) = re.findall(r'name="pair" value="([0-9a-f]{64})"', page)
    done = olga.post(
        f"/review/2024/pairs{WORKS}", {"pair": pair, "decision": "confirm", "reason": "two halls"}
    )
    assert "Confirmed by olga" in done
    assert "two halls" in done
    again = olga.post(f"/review/2024/pairs{WORKS}", {"pair": pair, "decision": "reopen"})
    assert "Confirmed by" not in again
    again = olga.post(f"/review/2024/pairs{WORKS}", {"pair": pair, "decision": "reopen"}, 422)
    assert "not possible here" in again
    assert "Confirmed by" not in olga.get(f"/review/2024/findings{WORKS}")
    olga.post(f"/review/2024/pairs{WORKS}", {"pair": "0" * 64, "decision": "confirm"}, 404)


PAGES = ("", "/calendar", "/exceptions", "/findings", "/period", "/records")


def test_a_stranger_finds_nothing_and_the_board_may_not_look(works: web.Site) -> None:
    expected = {"otto": 404, "boris": 403, "nobody": 404, "vera": 200}
    for login, status in expected.items():
        visitor = works.as_(login)
        for page in PAGES:
            visitor.get(f"/review/2024{page}{WORKS}&source=H1", status)


def test_a_value_is_shown_to_who_may_read_its_organisation_only(works: web.Site) -> None:
    otto, identifier = works.as_("otto"), suspect(works).id
    otto.get(value_path(works), 404)
    otto.get(value_path(works, "schools"), 404)
    record = suspect(works).value.record
    otto.get(f"/review/2024/value?organisation=schools&record={record}", 404)
    for told in ({"finding": identifier}, {"record": record}):
        data = {"decision": "exclude", "reason": "x", **told}
        otto.post("/review/2024/value?organisation=schools", data, 404)
        otto.post(f"/review/2024/value{WORKS}", data, 404)
    assert suspect(works).state == "open"
    works.as_("olga").get("/review?organisation=schools", 404)
    works.as_("olga").get("/review/2024/records?organisation=works&source=S9", 404)


def test_who_may_only_read_is_offered_no_decision(works: web.Site) -> None:
    vera = works.as_("vera")
    page = vera.get(value_path(works))
    assert "<form" not in page.split("<main")[1]
    data = {"decision": "exclude", "reason": "x", "finding": suspect(works).id}
    vera.post(f"/review/2024/value{WORKS}", data, 403)
    vera.post(f"/review/2024/fill{WORKS}", {"method": "own_history", "reason": "x"}, 403)
    vera.post(f"/review/2024/pairs{WORKS}", {"pair": "0" * 64, "decision": "confirm"}, 403)


def test_a_decision_that_is_none_is_refused(works: web.Site) -> None:
    olga = works.as_("olga")
    assert "not possible here" in decide(olga, works, "reopen", 422)
    assert "not possible here" in decide(olga, works, "burn", 422)
    olga.post(f"/review/2024/value{WORKS}", {"decision": "confirm"}, 404)
    olga.get(f"/review/1066{WORKS}", 422)
    olga.get(f"/review/2024/value{WORKS}&record={10**40}", 422)
    olga.post(f"/review/2024/value{WORKS}", {"decision": "exclude", "record": 10**40}, 422)


def test_no_page_speaks_of_a_command_line_and_german_pages_are_german(works: web.Site) -> None:
    olga = works.as_("olga")
    ordered(olga, f"/balances/2024/calculate{WORKS}")
    olga.client.headers["accept-language"] = "de"
    for page in PAGES:
        text = text_of(olga.get(f"/review/2024{page}{WORKS}&source=H1").split("<main")[1].split("</main>")[0])
        assert " --" not in text
        assert "bilanz " not in text
        assert not re.search(r"\b(the|of|and|is)\b", text), text
    assert "Auffällige Werte" in olga.get(f"/review/2024/findings{WORKS}")
