"""Assessments of the fictional league: kept once, entered in the trail, and what stands beside them."""

import json
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import fundboards
import pytest
from lxml import html
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from bilanz.app.cli import run
from bilanz.app.fund.assessment import assess_in, assess_year, history
from bilanz.app.fund.board import board_of, seal, write_page
from bilanz.app.master.data import import_masterdata
from bilanz.app.settings import Settings
from bilanz.errors import BilanzError, Refused, UsageError
from bilanz.fund.assessment import FundAssessedAmount, FundAssessment
from bilanz.registry import assessments, trail
from bilanz.registry.engine import Registry, open_registry

FIGURES = "organisation;kind;year;value;unit;source;retrieved_on;licence"
LAST_ASSESSED = fundboards.YEAR - 1


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return fundboards.league(tmp_path).model_copy(update={"user": "olga"})


@pytest.fixture
def registry(settings: Settings) -> Iterator[Registry]:
    with closing(open_registry(settings.registry)) as opened:
        yield opened


def correct(settings: Settings, folder: Path, *rows: str) -> None:
    folder.mkdir()
    (folder / "fund_figures.csv").write_text("\n".join((FIGURES, *rows, "")), encoding="utf-8")
    summary = import_masterdata(folder, settings, update=True, reason="test")
    assert summary.exit_code == 0, summary.as_json()


def dues(settings: Settings, year: int) -> dict[str, Decimal | None]:
    found = board_of(settings, year).contributions
    assert found is not None
    return {row.organisation: row.due for row in found.rows}


def test_a_corrected_population_stands_beside_what_was_assessed(settings: Settings) -> None:
    """300 inhabitants fewer in 2020, 100 in the mean of 2020 to 2022: 6,000 EUR less at 60 a head."""
    board = board_of(settings, LAST_ASSESSED)
    assert board.contributions is not None
    assert board.contributions.due == 60 * (18_260 + 8_080 + 11_370) == Decimal("2262600.00")
    assert board.standing is not None
    assert board.standing.reckoned is not None
    assert board.standing.reckoned.due == Decimal("2256600.00")
    changes = [one.difference for one in board.standing.differences]
    assert len(changes) == 3, "the total is fixed a head: the mean income moves, and with it everybody"
    assert sum(one for one in changes if one is not None) == -6000
    (told,) = board.standing.changed
    assert (told.organisation, told.kind, told.year, told.before, told.after) == (
        *("musterdorf", "inhabitants", 2020),
        *("8060 person", "7760 person"),
    )


def test_the_last_year_is_provisional_until_it_is_assessed(settings: Settings, tmp_path: Path) -> None:
    row = "musterdorf;inhabitants;2023;8300;person;test;2025-01-15;CC0"
    before = dues(settings, fundboards.YEAR)
    assert sum(filter(None, before.values())) == 60 * (18_280 + 8_100 + 11_390)
    one = assess_year(settings, fundboards.YEAR)
    assert (one.assessment.head.number, one.former) == (1, None)
    correct(settings, tmp_path / "more", row)  # 180 more: 60 in the mean of three years
    assert dues(settings, fundboards.YEAR) == before
    board = board_of(settings, fundboards.YEAR)
    assert board.standing is not None
    assert sum(row.difference or 0 for row in board.standing.differences) == 60 * 60
    two = assess_year(settings, fundboards.YEAR, reason="population corrected")
    assert (two.assessment.head.number, two.former) == (2, one.assessment)
    assert sum(row.difference or 0 for row in two.differences) == 60 * 60
    assert dues(settings, fundboards.YEAR) != before
    assert [told.assessment for told in history(settings, fundboards.YEAR)] == [
        *(one.assessment, two.assessment)
    ]


def test_what_was_assessed_stands_in_the_trail(settings: Settings, registry: Registry) -> None:
    assess_year(settings, fundboards.YEAR, reason="  resolution 7 ")
    entry = trail.entries(registry, f"{fundboards.YEAR} hanse")[-1]
    assert (entry.by, entry.action, entry.reason) == ("olga", "fund.assess", "resolution 7")
    details = json.loads(entry.details)
    assert sum(details["amounts_cents"].values()) == details["total_cents"] == 226_620_000
    assert (details["number"], details["former"], details["key"]) == (1, None, "S1-2020")
    assert trail.broken_link(registry) is None


def test_a_further_assessment_needs_a_reason_and_a_change(settings: Settings) -> None:
    with pytest.raises(UsageError, match="needs a reason"):
        assess_year(settings, LAST_ASSESSED, reason=" ")
    with pytest.raises(Refused, match="Nothing has changed since assessment 1 of 2020"):
        assess_year(settings, 2020, reason="again")
    assert len(history(settings, 2020)) == 1


def test_a_look_keeps_nothing(settings: Settings) -> None:
    before = seal(board_of(settings, LAST_ASSESSED))
    found = assess_year(settings, LAST_ASSESSED, is_trial=True)
    assert found.assessment.head.number == 2
    assert sum(row.difference or 0 for row in found.differences) == -6000
    assert seal(board_of(settings, LAST_ASSESSED)) == before


def test_a_year_that_cannot_be_told_in_full_is_not_assessed(settings: Settings) -> None:
    """2025 has its figures of 2022 to 2024 and may be assessed before it begins; 2026 has none of 2025."""
    assert assess_year(settings, 2025).assessment.total == 60 * (18_300 + 8_120 + 11_410)
    with pytest.raises(Refused, match="2026 cannot be assessed, as amounts are missing") as caught:
        assess_year(settings, 2026)
    assert "disposable income per head missing for 2025; 2023 to 2025 are needed" in str(caught.value)
    with pytest.raises(Refused, match="No key is in force in 2019"):
        assess_year(settings, 2019)


def test_two_who_assess_at_once_make_one_assessment(settings: Settings, registry: Registry) -> None:
    found = assess_in(registry, settings, fundboards.YEAR, is_trial=True).assessment
    assess_year(settings, fundboards.YEAR)
    deed = trail.Deed("rita", "fund.assess", f"{fundboards.YEAR} hanse")
    with pytest.raises(Refused, match="by somebody else meanwhile"):
        assessments.add(registry, found.head, found.amounts, deed)
    assert [entry.by for entry in trail.entries(registry, f"{fundboards.YEAR} hanse")] == ["olga"]


@pytest.mark.parametrize("table", ["fundassessment", "fundassessedamount"])
@pytest.mark.parametrize("deed", ["UPDATE {} SET year = 2030", "DELETE FROM {}"])
def test_the_database_refuses_to_change_an_assessment(registry: Registry, table: str, deed: str) -> None:
    with (
        registry.engine.begin() as connection,
        pytest.raises(DatabaseError, match="assessments are never changed"),
    ):
        connection.execute(text(deed.format(table)))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE fundassessedamount SET due_cents = due_cents + 1 WHERE organisation = 'modelhavn'",
        "UPDATE fundassessment SET content = replace(content, '8060', '8061')",
    ],
)
def test_an_amount_changed_behind_its_back_is_noticed(
    settings: Settings, registry: Registry, change: str
) -> None:
    with registry.engine.begin() as connection:
        for table in ("fundassessment", "fundassessedamount"):
            connection.execute(text(f"DROP TRIGGER {table}_keeps_update"))
        connection.execute(text(change))
    with pytest.raises(BilanzError, match=r"Assessment 1 of 202\d was changed"):
        board_of(settings, fundboards.YEAR)


def test_nobody_but_the_league_assesses(settings: Settings, registry: Registry) -> None:
    """An assessment in the name of another organisation counts for nothing."""
    found = assess_in(registry, settings, fundboards.YEAR, is_trial=True).assessment
    place = {"league": "musterdorf"}
    head = FundAssessment(**found.head.model_dump() | place)
    amounts = tuple(FundAssessedAmount(**row.model_dump() | place) for row in found.amounts)
    assessments.add(registry, head, amounts, trail.Deed("x", "fund.assess", "2024 musterdorf"))
    board = board_of(settings, fundboards.YEAR)
    assert board.standing is not None
    assert board.standing.assessment is None


def test_the_commands_say_what_stands(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    data = ["--data-dir", str(settings.data), "--lang", "en"]
    year = ["--year", str(LAST_ASSESSED)]
    assert run(["fund", "contributions", *year, *data]) == 0
    text_ = capsys.readouterr().out
    assert "Assessed: number 1 of " in text_
    assert "Musterdorf an der Au (fiktiv): reckoned anew 435,082.52" in text_.replace("\u00a0", " ")
    assert run(["fund", "contributions", *year, *data, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["assessment"]["number"], told["assessment"]["total"]) == (1, "2262600.00")
    assert sum(Decimal(row["difference"]) for row in told["differences"]) == -6000
    assert run(["fund", "contributions", "--year", str(fundboards.YEAR), *data]) == 0
    assert "Not assessed yet (provisional)" in capsys.readouterr().out
    assert run(["fund", "assess", *year, *data, "--dry-run", "--json"]) == 0
    trial = json.loads(capsys.readouterr().out)
    assert (trial["number"], trial["kept"], trial["total"]) == (2, False, "2256600.00")
    assert run(["fund", "assess", *year, *data, "--json"]) == 2
    assert run(["fund", "assess", "--year", "2026", *data, "--json"]) == 1
    assert run(["fund", "assess", *year, *data, "--by", "rita", "--reason", "census"]) == 0
    capsys.readouterr()
    assert run(["fund", "assessments", *year, *data, "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)["assessments"]
    assert (second["assessed_by"], second["reason"], second["number"]) == ("rita", "census", 2)
    for old, new in zip(first["amounts"], second["amounts"], strict=True):
        assert old["difference"] is None
        assert Decimal(new["former"]) == Decimal(old["due"])
        assert Decimal(new["difference"]) == Decimal(new["due"]) - Decimal(old["due"])
    assert run(["fund", "assessments", "--year", str(fundboards.YEAR), *data]) == 0
    assert "2024 is not assessed yet (provisional)." in capsys.readouterr().out


def test_the_page_says_what_is_assessed_and_what_would_differ(settings: Settings, tmp_path: Path) -> None:
    assert assess_year(settings, LAST_ASSESSED, reason="census").assessment.head.number == 2
    told = {year: page(settings, year, tmp_path) for year in (2022, LAST_ASSESSED, fundboards.YEAR)}
    assert "provisional" in told[fundboards.YEAR]
    assert "Assessments of the year" not in told[fundboards.YEAR]
    assert "Reckoned anew, 3 members would owe something else, −6,000.00 EUR in all." in told[2022]
    assert "8,060 7,760" in told[2022]
    assert 'the reason given: "census". ' in told[LAST_ASSESSED]
    assert "Today's figures give the same amounts." in told[LAST_ASSESSED]
    assert "Reckoned anew by today's figures" not in told[LAST_ASSESSED]
    assert "−5,558.85 EUR" in told[LAST_ASSESSED], "against the former one"


def page(settings: Settings, year: int, folder: Path) -> str:
    text_ = write_page(board_of(settings, year), folder / f"{year}.html", "en").read_text("utf-8")
    document = html.document_fromstring(text_)
    return " ".join(" ".join(document.xpath("//main//text()[not(parent::script)]")).split())
