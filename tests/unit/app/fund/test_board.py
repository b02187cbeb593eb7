"""The board's view of a registry: figures by hand, nothing missing counted as zero, ways down."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from shutil import copytree

import fundboards
import pytest
from lxml import html
from sheets import texts

from bilanz.app.fund.board import board_of, seal, write_page, write_workbook, years_of
from bilanz.app.master.data import import_masterdata
from bilanz.app.master.tables import cell
from bilanz.app.settings import Settings
from bilanz.errors import UsageError
from bilanz.fund.attribution import AlphaState
from bilanz.fund.board import Board
from bilanz.fund.portfolio import Dimension
from bilanz.fund.project import FlowKind
from bilanz.fund.terms import FILE
from bilanz.fund.thirds import ThirdsVerdict
from bilanz.messages import LANGUAGES, Language, catalogue
from bilanz.money import Money
from bilanz.registry.engine import open_registry
from reports.board import words

NBSP = "\u00a0"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return fundboards.league(tmp_path_factory.mktemp("league"))


@pytest.fixture(scope="module")
def board(settings: Settings) -> Board:
    return board_of(settings, fundboards.YEAR)


def test_what_is_due_is_the_amount_a_head_times_the_mean_inhabitants(board: Board) -> None:
    """60 EUR × (18 280 + 8 100 + 11 390), the means of 2021 to 2023; shared to the cent."""
    assert board.contributions is not None
    assert board.contributions.due == 60 * (18_280 + 8_100 + 11_390) == Decimal("2266200.00")
    dues = [row.due for row in board.contributions.rows]
    assert sum(due for due in dues if due is not None) == board.contributions.due
    assert [row.organisation for row in board.contributions.rows] == [
        "modelhavn",
        "musterdorf",
        "musterhafen",
    ]


def test_what_was_paid_in_part_stays_owed(board: Board) -> None:
    owed = {
        row.organisation: row.cumulative for row in board.accounts.accounts if row.year == fundboards.YEAR
    }
    assert owed["musterhafen"] == 0
    # of 440 641.37 for 2023 half was paid, 220 320.68; of 713 480.56 for 2024 nine tenths
    assert owed["musterdorf"] == Decimal("220320.69")
    assert owed["modelhavn"] == Decimal("71348.06")


def test_money_of_projects_adds_up_over_every_grouping(board: Board) -> None:
    for by in Dimension:
        groups = board.groups[by]
        assert sum(group.disbursed for group in groups) == board.whole.disbursed
        assert sum(group.committed for group in groups) == board.whole.committed
    tags = board.tags[FlowKind.DISBURSEMENT]
    assert tags.total == board.whole.disbursed
    assert not board.spending.apart


def test_the_thirds_are_judged_by_year_and_in_all(board: Board) -> None:
    assert board.thirds is not None
    years = {one.year: one for one in board.thirds[FlowKind.DISBURSEMENT].years}
    assert years[2022].verdict is ThirdsVerdict.BROKEN
    assert years[fundboards.YEAR].cumulative_verdict is ThirdsVerdict.KEPT


def test_the_fund_has_its_share_of_what_was_measured(board: Board) -> None:
    """MH-04: 95 000 of 190 000 EUR, half of 16 t; MD-02: 90 000 of 150 000 EUR, six tenths of 23.6 t."""
    assert board.whole.measured_t == Decimal("39.6")
    assert board.whole.half_width_t == Decimal("4.1")
    assert board.whole.fund_measured_t == 8 + Decimal("23.6") * Decimal("0.6")
    assert len(board.whole.without_measured) == 28


def test_climate_costs_stand_at_both_time_preferences(board: Board) -> None:
    """39.6 t × 880 and 300 EUR/t, set 3.2 for 2024."""
    found = {one.time_preference: one.amount.amount for one in board.damage if one.amount is not None}
    assert found == {Decimal(0): Decimal("34848.00"), Decimal("0.01"): Decimal("11880.00")}


def test_another_year_has_its_own_figures(settings: Settings) -> None:
    earlier = board_of(settings, 2021)
    assert earlier.whole.measured_t is None, "nothing was measured for it"
    assert earlier.contributions is not None
    # Modelhavn joined on 1 July 2021: 184 of 365 days
    (joined,) = [row for row in earlier.contributions.rows if row.organisation == "modelhavn"]
    assert joined.days == 184
    assert all(flow.on.year <= 2021 for flow in earlier.rows.flows)
    before = board_of(settings, 2019)
    assert before.contributions is None
    assert before.whole.disbursed == 0
    assert before.unpriced is not None, "the discount rate holds from 2020 on"


def changed(settings: Settings, folder: Path, rows: dict[str, str], name: str = "change") -> Settings:
    """Return a copy of the league with rows changed or added, as an import of master data would."""
    copytree(settings.data, folder / "data")
    made = Settings(data=folder / "data", lang="en")
    files = folder / name
    files.mkdir()
    for table, text in rows.items():
        (files / f"{table}.csv").write_text(text, encoding="utf-8")
    summary = import_masterdata(files, made, update=True, reason="test")
    assert summary.exit_code == 0, summary.as_json()
    return made


FIGURES = "organisation;kind;year;value;unit;source;retrieved_on;licence"
KEY = "id;organisation;first_year;key;mode;amount;currency;elasticity;mean_years;evidence"


def test_a_rate_the_other_way_round_is_no_rate(settings: Settings, tmp_path: Path) -> None:
    """One krone is 0.134 euros: the money of 2024 is apart and is not multiplied by fifty-five."""
    row = f"{FIGURES}\nmodelhavn;exchange_rate;2024;0.134228;EUR/DKK;x;2025-01-01;CC0\n"
    found = board_of(changed(settings, tmp_path, {"fund_figures": row}), fundboards.YEAR)
    assert {one.money.currency for one in found.spending.apart} == {"DKK"}
    assert {one.year for one in found.spending.apart} == {2024}
    assert found.whole.disbursed < Decimal(5_928_804)


def test_what_is_left_to_pay_does_not_follow_the_exchange_rate(settings: Settings, tmp_path: Path) -> None:
    row = f"{FIGURES}\nmodelhavn;exchange_rate;2024;7.80;DKK/EUR;x;2025-01-01;CC0\n"
    found = board_of(changed(settings, tmp_path, {"fund_figures": row}), fundboards.YEAR)
    left = {one.project.id: one.to_pay for one in found.holdings if one.to_pay}
    assert left == {"MD-04": Decimal(124000), "MH-08": Decimal(117000), "MH-14": Decimal(217000)}


def test_nobody_but_the_league_resolves_on_keys_and_rates(settings: Settings, tmp_path: Path) -> None:
    key = f"{KEY}\nmine;musterdorf;2024;elastic;total;1;EUR;1;3;x\n"
    rate = "set;kind;time_preference;year;organisation;value;unit;source\n"
    rate += "demo-2024;discount;0;2024;musterdorf;0;1;x\n"
    made = changed(settings, tmp_path, {"fund_keys": key, "fund_rates": rate})
    found, before = board_of(made, fundboards.YEAR), board_of(settings, fundboards.YEAR)
    assert found.contributions is not None
    assert found.contributions.key.id == "S1-2020"
    assert found.costs == before.costs


def test_money_of_others_in_euros_is_compared_in_kroner(board: Board) -> None:
    """Fund 750 000, town 202 000, 40 000 EUR · 7.45 = 298 000, of 1 250 000 DKK: 0.6 + 0.1616 + 0.2384."""
    share = board.shares["MO-02"]
    paid = {one.money.currency: one.paid for one in share.others}
    assert paid == {"DKK": Money(Decimal(202000), "DKK"), "EUR": Money(Decimal(298000), "DKK")}
    assert (share.alpha, share.sum_of_shares) == (Decimal("0.6"), 1)
    known = [one for one in board.shares.values() if one.alpha is not None]
    assert len(known) == 30
    assert {one.sum_of_shares for one in known if one.project not in HALF_PAID} == {1}


HALF_PAID = {"MD-04", "MH-08", "MH-14"}
"""Projects the fund has not paid in full yet."""


FINANCING = "id;project;financier;on;amount;currency;evidence"


def test_money_of_others_that_cannot_be_compared_is_named(settings: Settings, tmp_path: Path) -> None:
    rows = f"{FINANCING}\nMO-02-G;MO-02;Küste;;40000;EUR;x\nx;MD-02;Bank;2023-01-01;5;PLN;x\n"
    made = changed(settings, tmp_path, {"fund_financing": rows})
    found = board_of(made, fundboards.YEAR)
    assert [found.shares[name].sum_of_shares for name in ("MO-02", "MD-02")] == [None, None]
    said = page(found, "en", tmp_path).text_content().replace(NBSP, " ")
    assert "not compared, so that the shares are not checked: Küste: 40,000.00 EUR without a date" in said
    assert "Bank: 5.00 PLN without an exchange rate of 2023" in said


def test_money_of_others_of_a_later_year_is_on_no_page_before(settings: Settings, tmp_path: Path) -> None:
    row = f"{FINANCING}\nlater;MO-02;Land;2025-01-01;1;DKK;x\n"
    made = changed(settings, tmp_path, {"fund_financing": row})
    before, after = board_of(made, 2024), board_of(made, 2025)
    assert "later" not in {one.id for one in before.rows.financing}
    assert (before.shares["MO-02"].state, after.shares["MO-02"].state) == (
        AlphaState.KNOWN,
        AlphaState.OVER_FINANCED,
    )


def test_a_proposal_is_compared_and_never_in_force(settings: Settings, board: Board) -> None:
    assert [one.key.id for one in board.scenarios] == [
        *("S1-2020", "S1-Vorschlag", "S2-Vorschlag", "S3-Vorschlag")
    ]
    later = board_of(settings, 2026)
    assert later.contributions is not None
    assert later.contributions.key.id == "S1-2020"


def test_what_two_projects_do_together_is_in_a_sum_once(settings: Settings, tmp_path: Path) -> None:
    """MH-04 avoids 16 t, half of it together with another measure."""
    rows = {project.id: project for project in board_of(settings, fundboards.YEAR).rows.projects}
    told = rows["MH-04"].model_dump() | {"overlap_share": "0.5"}
    heads = [name for name, value in told.items() if value is not None]
    text = ";".join(heads) + "\n" + ";".join(cell(told[name]) for name in heads) + "\n"
    found = board_of(changed(settings, tmp_path, {"fund_projects": text}), fundboards.YEAR)
    assert found.whole.measured_t == Decimal("39.6") - 8
    assert found.whole.fund_measured_t == Decimal("0.5") * 8 + Decimal("23.6") * Decimal("0.6")


def test_arrears_nobody_can_tell_are_not_none(settings: Settings, tmp_path: Path) -> None:
    row = f"{FIGURES}\nmusterdorf;income;2021;1;PPS;x;2025-01-01;CC0\n"
    made = changed(settings, tmp_path, {"fund_figures": row})
    text = page(board_of(made, fundboards.YEAR), "en", tmp_path)
    (card,) = [one for one in text.xpath("//*[@class='card']") if "Contributions due" in one.text_content()]
    assert "Members in arrearsnot stated" in card.text_content().replace("\n", "")


def test_the_seal_is_that_of_the_rows(settings: Settings, board: Board, tmp_path: Path) -> None:
    assert seal(board) == seal(board_of(settings, fundboards.YEAR))
    assert seal(board) != seal(board_of(settings, 2023))
    with_open = open_registry(settings.registry)
    assert years_of(with_open) == [2020, 2021, 2022, 2023, 2024]
    with_open.close()
    first, second = (write_page(board, tmp_path / f"{name}.html", "de").read_bytes() for name in "ab")
    assert first == second


def test_without_terms_there_is_no_board(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no data"):
        board_of(Settings(data=tmp_path / "none"), 2024)
    bare = fundboards.league(tmp_path)
    terms = bare.data / FILE
    terms.write_text(terms.read_text("utf-8").replace("hanse", "nobody"), encoding="utf-8")
    with pytest.raises(UsageError, match="nobody"):
        board_of(bare, 2024)
    terms.unlink()
    with pytest.raises(UsageError, match=r"fund\.toml"):
        board_of(bare, 2024)


def page(board: Board, language: Language, folder: Path) -> html.HtmlElement:
    path = write_page(board, folder / f"board.{language}.html", language)
    return html.document_fromstring(path.read_text("utf-8"))


def test_projects_of_two_pillars_are_not_counted_twice(board: Board, tmp_path: Path) -> None:
    text = page(board, "en", tmp_path)
    totals = {
        by: text.xpath(f"//table[@id='table-fund-{by}']/tfoot//td | //table[@id='table-fund-{by}']/tfoot//th")
        for by in ("pillar", "member")
    }
    assert [cell.text_content().strip() for cell in totals["member"]][:2] == ["Sum", "30"]
    assert [cell.text_content().strip() for cell in totals["pillar"]][:2] == ["Sum", ""]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_leads_to_a_place_on_the_page(board: Board, language: Language, tmp_path: Path) -> None:
    found = page(board, language, tmp_path)
    targets = found.xpath("//td/a/@href")
    assert len(targets) > 60
    known = set(found.xpath("//@id"))
    assert {target.removeprefix("#") for target in targets} <= known
    assert len(found.xpath("//section")) == 10


def test_the_page_holds_no_code_and_no_english_in_german(board: Board, tmp_path: Path) -> None:
    text = " ".join(page(board, "de", tmp_path).xpath("//main//text()[not(parent::script)]"))
    for code in ("not_assessed", "ex_post", "made_up", "no_share", "musterhafen-klima"):
        assert code not in text, code
    assert not re.findall(r"\b(?:the|of|not|paid|with)\b", re.sub(r"\(.*?\)", "", text))


FEW = '{"count": "5", "least": "12"}'
ASSESSMENT = "id;project;year;assessed_on;since;code;facts;saved;unit;half_width;avoided_t;half_width_t"
ASSESSED = f"""{ASSESSMENT};evidence
MH-04-effect;MH-04;;2025-06-01;2025-05-01;too_few_before;{FEW};;;;;;x
MH-04-effect-2024;MH-04;2024;2025-06-01;2025-05-01;too_few_before;{FEW};;;;;;x
MD-02-effect-2024;MD-02;2024;2025-06-01;2025-05-02;;;51000;kWh;3100;20.4;2;x
MH-01-effect;MH-01;;2025-06-01;2025-04-30;drifting_baseline;{{"p": "0.003"}};;;;;;x
"""


def test_every_project_that_is_not_measured_says_why(settings: Settings, tmp_path: Path) -> None:
    found = board_of(changed(settings, tmp_path, {"fund_findings": ASSESSED}), fundboards.YEAR)
    assert len(found.unmeasured) + sum(one.saved is not None for one in found.effects) == 30
    table = page(found, "en", tmp_path).xpath("//table[@id='table-fund-unmeasured']")[0].text_content()
    told = " ".join(table.replace(NBSP, " ").split())
    assert (
        "Only 5 months of the baseline are measured; there must be 12. 5 of 12 May 1, 2025 Jun 1, 2025"
        in told
    )
    assert "The use drifted through the baseline (p = 0.003)" in told
    assert "Nobody has looked yet. – – nobody has looked yet" in told


def test_what_the_meters_no_longer_tell_is_marked_and_in_no_sum(settings: Settings, tmp_path: Path) -> None:
    """MH-04 (16 t) is not assessable any more; MD-02 saved 51 000 kWh and not 59 000."""
    found = board_of(changed(settings, tmp_path, {"fund_findings": ASSESSED}), fundboards.YEAR)
    assert found.whole.measured_t is None
    assert not found.damage
    text = page(found, "en", tmp_path)
    saved = text.xpath("//table[@id='table-fund-delivered']")[0].text_content().replace(NBSP, " ")
    assert "The meters say otherwise since May 2, 2025; not counted: 59,000 ± 3,300 kWh." in saved
    assert "They say now: 51,000 ± 3,100 kWh." in saved
    cards = text.xpath("string(//section[1])").replace(NBSP, " ")
    assert "Left out: the meters say otherwise2" in "".join(cards.split("\n"))
    evidence = text.xpath("string(//article[@aria-labelledby='evidence-project-MD-02-title'])")
    assert "not counted" in evidence
    assert seal(found) != seal(board_of(settings, fundboards.YEAR))


def test_what_is_expected_later_is_apart_from_the_year(
    settings: Settings, board: Board, tmp_path: Path
) -> None:
    """MH-04, 41 000 kWh a year, is to be completed in 2025 only: its promise leaves the year."""
    rows = {project.id: project for project in board.rows.projects}
    told = rows["MH-04"].model_dump() | {"planned_completion": date(2025, 6, 30), "completed_on": None}
    text = ";".join(told) + "\n" + ";".join(cell(value) for value in told.values()) + "\n"
    found = board_of(changed(settings, tmp_path, {"fund_projects": text}), fundboards.YEAR)
    later = next(one for one in found.upcoming if one.project == "MH-04")
    before = next(one for one in board.holdings if one.project.id == "MH-04")
    assert (later.from_year, later.saving, later.expected_t) == (2026, 41000, before.expected_t)
    assert found.whole.expected_t == (board.whole.expected_t or 0) - (before.expected_t or 0)
    table = page(found, "en", tmp_path).xpath("//table[@id='table-fund-upcoming']")[0].text_content()
    assert "planned Jun 30, 2025" in table
    (row,) = [
        row
        for row in texts(write_workbook(found, tmp_path / "fund.xlsx", "en"), "ICMA table")
        if any(str(one).startswith("MH-04") for one in row)
    ]
    assert (row[10], row[11], row[16]) == ("", f"{later.expected_t}", "41000.000")


def test_the_cards_say_what_the_board_asks(board: Board, tmp_path: Path) -> None:
    found = page(board, "en", tmp_path)
    cards = {
        card.xpath("string(h4)"): card.xpath("string(p)").replace(NBSP, " ")
        for card in found.xpath("//*[@class='card']")
    }
    assert cards == {
        "Contributions due": "2,266,200 EUR",
        "Paid out to projects so far": "5,928,803 EUR",
        "Measured in 2024, against baselines": "39.6 ± 4.1 t CO₂e",
        "Projects not assessed in full": "15 of 30",
    }


def test_avoided_and_financed_emissions_are_never_one_figure(board: Board, tmp_path: Path) -> None:
    found = page(board, "en", tmp_path)
    avoided = found.xpath("string(//article[@aria-labelledby='fund-avoided-title'])").replace(NBSP, " ")
    assert "never subtracted" in avoided
    assert "39.6 ± 4.1 t CO₂e" in avoided
    financed = found.xpath("string(//article[@aria-labelledby='fund-financed-title'])")
    assert "24.4" in financed  # 18 t × 30 % of MH-08, half of it paid: 0.15; 62 t × 35 % of MH-14
    assert "not counted as zero" in financed


def test_the_workbook_has_a_row_for_every_project(board: Board, tmp_path: Path) -> None:
    path = write_workbook(board, tmp_path / "fund.xlsx", "en")
    rows = texts(path, "ICMA table")
    assert len(rows) == 1 + len(board.holdings)
    pump = next(row for row in rows if any(str(cell).startswith("MH-04") for cell in row))
    assert {"95000.00", "16.000000", "40000.000000"} <= {str(cell) for cell in pump}


WORDS: tuple[Mapping[str, str], ...] = (
    words.PILLARS,
    words.TAGS,
    words.TAXONOMY,
    words.CLAIMANTS,
    words.FLOWS,
    words.DIMENSIONS,
    words.FIGURES,
    words.INDICATORS,
    words.SIGHTS,
    words.MISSING,
)


def test_every_word_has_a_german_one() -> None:
    german = catalogue("de")
    missing = [text for table in WORDS for text in table.values() if text not in german]
    assert not missing
