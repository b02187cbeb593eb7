"""The tables of the fund as master data: in and out unchanged, by their rules, told in the trail."""

import json
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import masters
import pytest
import xlsxwriter

from bilanz.app.fund.tables import FUND_TABLES, OF_PROJECTS
from bilanz.app.master import workbook
from bilanz.app.master.data import export_masterdata, export_workbook, import_masterdata
from bilanz.app.master.groups import alike
from bilanz.app.master.intake import Known, MasterdataSummary
from bilanz.app.master.tables import BY_NAME, TABLES
from bilanz.app.master.words import column_words, table_words, value_word
from bilanz.app.settings import Settings
from bilanz.errors import UsageError
from bilanz.fund.project import FundFlow
from bilanz.organisation import OrganisationUnit
from bilanz.registry import fund, trail
from bilanz.registry.engine import Registry, open_registry
from bilanz.registry.organisations import put_organisation
from reports.spreadsheet import Grid, write_grids

NAMES = [table.name for table in FUND_TABLES]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = Settings(data=tmp_path / "data", lang="en", user="olga")
    registry = open_registry(found.registry)
    for name, parent in {"city": None, "works": "city", "power": "works", "schools": "city"}.items():
        put_organisation(registry, OrganisationUnit(id=name, parent=parent, name=name, kind="agency"))
    registry.close()
    masters.fill(found, tmp_path / "masters")
    return found


@pytest.fixture
def registry(settings: Settings) -> Iterator[Registry]:
    with closing(open_registry(settings.registry)) as found:
        yield found


def take(settings: Settings, folder: Path, *, update: bool = False, **files: list[str]) -> MasterdataSummary:
    folder.mkdir(exist_ok=True)
    for name, lines in files.items():
        (folder / f"{name}.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    return import_masterdata(folder, settings, update=update, reason="board 7")


def said(summary: MasterdataSummary) -> list[str]:
    return [issue["message"] for issue in summary.as_json()["issues"]]


def test_every_table_is_there_with_words_for_every_column_and_code() -> None:
    assert len(NAMES) == 14
    assert set(NAMES) == {name for name in masters.FILES if name.startswith("fund_")}
    assert set(OF_PROJECTS) == {name for name in NAMES if masters.FILES[name][0].count("project;")}
    for table in FUND_TABLES:
        assert table.name in BY_NAME
        assert table_words(table.name).title
        assert {column.name for column in table.columns} == set(table.model.model_fields)
        for column in table.columns:
            assert column_words(table.name, column.name).purpose
            for code in getattr(column.read, "names", ()):
                assert value_word(code, "en", table.name) != str(code)


def test_a_code_that_means_something_else_in_another_table() -> None:
    assert value_word("none", "en") == value_word("none", "en", "sources") == "Has no calorific basis"
    assert value_word("none", "en", "fund_projects") == "None (0 %)"


def registered(registry: Registry) -> dict[str, list[dict[str, object]]]:
    return {
        table.name: [row.model_dump() for row in fund.rows(registry, table.model)] for table in FUND_TABLES
    }


def test_what_was_filled_in_is_registered_by_what_identifies_it(registry: Registry) -> None:
    assert {name: len(rows) for name, rows in registered(registry).items()} == dict.fromkeys(NAMES, 2)
    assert [payment.amount for payment in fund.payments(registry)] == [Decimal(540000), Decimal("1080000.50")]
    schools, works = fund.projects(registry)
    assert (schools.id, works.id) == ("F-S", "F-W")
    assert (schools.is_ets_covered, works.is_ets_covered) == (None, False)  # blank is not assessed
    assert (works.is_legally_required, works.rebound_share, works.climate_tag) == (None, None, None)
    assert [rate.time_preference for rate in fund.rates(registry)] == [Decimal("0.01")] * 2
    assert [(one.series, one.value) for one in fund.factors(registry)] == [
        ("grid-s", Decimal("0.38")),
        ("grid-w", Decimal("0.38")),
    ]
    assert [one.organisation for one in fund.members(registry)] == ["schools", "works"]
    assert [one.id for one in fund.keys(registry)] == ["S1-S", "S1-W"]
    assert [one.value for one in fund.figures(registry)] == [Decimal(9000), Decimal(18000)]
    assert [one.title for one in fund.programmes(registry)] == ["Warm schools", "Heat"]
    assert [one.id for one in fund.flows(registry)] == ["C-S", "C-W"]
    assert [(one.id, one.on) for one in fund.financing(registry)] == [
        ("B-S", None),
        ("B-W", date(2024, 5, 2)),
    ]
    assert [one.source for one in fund.project_sources(registry)] == ["S-1", "W-1"]
    assert [one.data_quality for one in fund.observations(registry)] == [None, 2]
    assert [one.share for one in fund.claims(registry)] == [Decimal(1), Decimal("0.6")]


@pytest.mark.parametrize("export", [export_masterdata, export_workbook])
def test_what_is_written_comes_in_again_without_a_change(
    settings: Settings, registry: Registry, tmp_path: Path, export: object
) -> None:
    before = registered(registry)
    written = export(tmp_path / "out", settings)  # type: ignore[operator] # one of the two
    assert len(written) == {export_masterdata: len(TABLES), export_workbook: 1}[export]  # type: ignore[index] # as above
    entries = len(trail.entries(registry))
    again = import_masterdata(tmp_path / "out", settings).as_json()
    assert [issue for issue in again["issues"] if issue["severity"] != "info"] == []
    assert sum(count["read"] for count in again["tables"].values()) > 50
    assert all(count["read"] == count["unchanged"] for count in again["tables"].values()), again
    assert len(trail.entries(registry)) == entries
    # and in an empty directory they are the same rows
    elsewhere = Settings(data=tmp_path / "copy", lang="en")
    assert import_masterdata(tmp_path / "out", elsewhere).exit_code == 0
    with closing(open_registry(elsewhere.registry)) as other:
        assert registered(other) == before


def test_money_is_kept_to_the_cent_and_what_would_be_rounded_is_refused(
    settings: Settings, registry: Registry, tmp_path: Path
) -> None:
    head = "id;organisation;year;paid_on;amount;currency;evidence"
    rows = ("a;12345678901,23", "b;0,005", "c;1234567890123456,78", "d;-0,01", "e;1e3")
    lines = [
        f"{name};works;2024;2024-05-01;{amount};EUR;e" for name, amount in (row.split(";") for row in rows)
    ]
    summary = take(settings, tmp_path / "in", fund_payments=[head, *lines])
    assert [(issue["row"], issue["code"]) for issue in summary.as_json()["issues"]] == [
        (3, "number_too_fine"),
        (4, "number_too_fine"),
    ]
    assert said(summary)[0] == (
        'fund_payments.csv, row 3, column "amount": "0,005" has more digits than are kept (decimals: 2). '
        "The row was not imported."
    )
    kept = {row.id: row.amount for row in fund.payments(registry)}
    assert kept["a"] == Decimal("12345678901.23")
    assert (kept["d"], kept["e"]) == (Decimal("-0.01"), Decimal(1000))


SPAN = "2024-01-01;2024-12-31"
FLOWS = "id;project;kind;on;amount;currency;evidence"


def test_rows_are_taken_whatever_their_order(settings: Settings, registry: Registry, tmp_path: Path) -> None:
    """500 000 were committed in January; another 100 000 in March, so that 600 000 can be paid out then."""
    lines = [
        "D2;F-W;disbursement;2024-03-02;100000;EUR;bill 2",
        "D1;F-W;disbursement;2024-02-01;500000;EUR;bill 1",
        "C2;F-W;commitment;2024-03-01;100000;EUR;resolution",
        "D3;F-W;disbursement;2024-03-02;0,01;EUR;bill 3",
    ]
    summary = take(settings, tmp_path / "in", fund_flows=[FLOWS, *lines])
    count = summary.as_json()["tables"]["fund_flows"]
    assert count == {"read": 4, "added": 3, "changed": 0, "unchanged": 0, "rejected": 1}
    (message,) = said(summary)
    assert message == (
        'fund_flows.csv, row 5: The row contradicts others: More would be disbursed for the project "F-W" '
        "up to 2024-03-02 than is committed by then: 0.01 EUR too much. The row was not imported."
    )
    assert [flow.id for flow in fund.flows(registry) if flow.project == "F-W"] == ["C-W", "C2", "D1", "D2"]


def test_claims_change_places_in_one_file(settings: Settings, registry: Registry, tmp_path: Path) -> None:
    """0.6 to the fund and 0.4 to the city become 0.4 and 0.6: row by row the sum would pass 1."""
    head, city = "project;year;claimant;share;evidence", "F-W;2024;municipality"
    assert take(settings, tmp_path / "in", fund_claims=[head, f"{city};0.4;e"]).exit_code == 0
    swapped = [head, f"{city};0.6;e", "F-W;2024;fund;0.4;treaty"]
    assert take(settings, tmp_path / "in", update=True, fund_claims=swapped).exit_code == 0
    assert {one.claimant: one.share for one in fund.claims(registry) if one.project == "F-W"} == {
        "fund": Decimal("0.4"),
        "municipality": Decimal("0.6"),
    }


def test_what_payments_rest_on_stays(settings: Settings, registry: Registry, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    take(settings, folder, fund_flows=[FLOWS, "D1;F-W;disbursement;2024-02-01;500000;EUR;bill"])
    (folder / "fund_flows.csv").unlink()
    head = masters.FILES["fund_projects"][0].split(";")
    (own,) = (line.split(";") for line in masters.FILES["fund_projects"] if line.startswith("F-W;"))
    own[head.index("measurement_plan")] = ""
    lines = [";".join(head), ";".join(own)]
    refused = take(settings, folder, update=True, fund_projects=lines)
    assert "before its measurement plan is stated" in said(refused)[0]
    assert fund.projects(registry)[1].measurement_plan == "plan 1"
    (folder / "fund_projects.csv").unlink()
    # nor does its commitment move to another project
    moved = take(
        settings, folder, update=True, fund_flows=[FLOWS, "C-W;F-S;commitment;2024-01-02;500000;EUR;r"]
    )
    assert 'for the project "F-W" up to 2024-02-01' in said(moved)[0]
    assert "500000.00 EUR too much" in said(moved)[0]


@pytest.mark.parametrize(
    ("table", "row", "code", "words"),
    [
        ("fund_members", "power;D;EUR;2022-01-01;e", "unknown_value", "ISO 3166-1"),
        ("fund_members", "power;DE;XXX;2022-01-01;e", "unknown_value", "EUR"),
        ("fund_figures", "works;height;2023;1;m;s;2024-02-01;CC0", "unknown_value", "inhabitants"),
        ("fund_figures", "works;inhabitants;2022;1;heads;s;2024-02-01;CC0", "masterdata_refused", "person"),
        ("fund_keys", "k;works;2024;relief;total;60;EUR;1;3;e", "masterdata_refused", "needs exactly"),
        ("fund_payments", "p;works;2024;2024-03-01;0;EUR;e", "masterdata_refused", "of nothing"),
        (
            "fund_projects",
            "x;works;heat-W;X;1;1;0;2024-01-01;2024-12-31;EUR",
            "masterdata_refused",
            "add up to 2",
        ),
        (
            "fund_projects",
            "x;works;none;X;1;0;0;2024-01-01;2024-12-31;EUR",
            "unknown_reference",
            "fund_programmes",
        ),
        ("fund_flows", "f;none;commitment;2024-01-02;5;EUR;e", "unknown_reference", "fund_projects"),
        ("fund_flows", "none;none;commitment;2024-01-02;5;EUR;e", "unknown_reference", "fund_projects"),
        ("fund_flows", "f;F-W;commitment;2024-01-02;5;SEK;e", "masterdata_refused", "is in SEK"),
        ("fund_flows", "f;F-W;commitment;2999-01-02;5;EUR;e", "not_a_date", "2200"),
        ("fund_financing", "b;F-W;Land;0;EUR;e", "masterdata_refused", "more than zero"),
        ("fund_financing", "b;F-W;Land;1;EUR;e;31.02.2024", "not_a_date", "31.02.2024"),
        ("fund_sources", "F-W;none;touched", "unknown_reference", "sources"),
        ("fund_observations", "i;F-W;x;2024;1;u;ex_post;6;e", "masterdata_refused", "1 \\(best\\) to 5"),
        ("fund_claims", "F-W;2024;municipality;0.5;e", "masterdata_refused", "add up to 1.1"),
        ("fund_rates", "uba-w;climate_cost;0;2024;works;300;EUR;2024;g", "masterdata_refused", "per tonne"),
        ("fund_factors", "grid-w;2025;works;0.38;MWh;s", "masterdata_refused", "other years"),
    ],
)
def test_a_row_that_breaks_a_rule_is_refused_with_the_reason(
    settings: Settings, tmp_path: Path, table: str, row: str, code: str, words: str
) -> None:
    columns = masters.FILES[table][0].split(";")[: row.count(";") + 1]
    if table == "fund_projects":
        columns, row = [*columns, "evidence"], f"{row};e"
    summary = take(settings, tmp_path / "in", **{table: [";".join(columns), row]}).as_json()
    assert [issue["code"] for issue in summary["issues"]] == [code]
    assert summary["tables"][table]["rejected"] == 1
    assert re.search(words, summary["issues"][0]["message"])


def test_the_trail_tells_what_was_added_and_changed(
    settings: Settings, registry: Registry, tmp_path: Path
) -> None:
    lines = [
        FLOWS,
        "C-W;F-W;commitment;2024-01-02;600000;EUR;resolution 5",
        "C9;F-W;commitment;2024-05-01;1;EUR;e",
    ]
    path = tmp_path / "in"
    path.mkdir()
    rows = [line.split(";") for line in lines]
    write_grids(path / "masterdata.xlsx", "t", "en", [Grid("fund_flows", rows[0], rows[1:])])
    summary = import_masterdata(path, settings, update=True, reason="board 7")
    assert said(summary) == [
        "masterdata.xlsx: fund_flows, row 2: C-W was changed (amount: 500000.00 → 600000)."
    ]
    entry = trail.entries(registry, "fund_flows")[-1]
    assert (entry.by, entry.action, entry.reason) == ("olga", "masterdata.change", "board 7")
    assert json.loads(entry.details) == {"added": ["C9"], "changed": {"C-W": "amount: 500000.00 → 600000"}}


def test_a_workbook_may_hold_numbers_days_and_truths(
    settings: Settings, registry: Registry, tmp_path: Path
) -> None:
    path = tmp_path / "in" / "fund_projects.xlsx"
    path.parent.mkdir()
    with xlsxwriter.Workbook(path) as book:
        days = book.add_format({"num_format": "dd.mm.yyyy"})
        sheet = book.add_worksheet("Tabelle1")
        told = {
            "id": "X",
            "organisation": "works",
            "programme": "heat-W",
            "title": "=Pumps",
            "nature_share": 0.333333,
            "social_share": 0.333333,
            "democracy_share": 0.333334,
            "total_cost": 12345678901.23,
            "lifetime_years": 20,
            "currency": "€",
            "is_ets_covered": True,
            "evidence": "e",
        }
        for place, (name, value) in enumerate(told.items()):
            sheet.write_string(0, place, name)
            (sheet.write_string if isinstance(value, str) else sheet.write)(1, place, value)
        for place, name in enumerate(("starts_on", "planned_completion"), len(told)):
            sheet.write_string(0, place, name)
            sheet.write_datetime(1, place, datetime(2024, 1, 1 + place), days)  # noqa: DTZ001 - a civil day
        book.add_worksheet("Notes").write_string(0, 0, "nothing")
    summary = import_masterdata(path.parent, settings)
    assert [(issue["code"], issue["value"]) for issue in summary.as_json()["issues"]] == [
        ("sheet_ignored", "Notes")
    ]
    held = next(row for row in fund.projects(registry) if row.id == "X")
    assert (held.total_cost, held.lifetime_years) == (Decimal("12345678901.23"), 20)
    assert (held.title, held.currency, held.is_ets_covered) == ("=Pumps", "EUR", True)
    assert (held.starts_on.isoformat(), held.planned_completion.isoformat()) == ("2024-01-13", "2024-01-14")


def test_a_table_twice_in_a_folder_is_refused(settings: Settings, tmp_path: Path) -> None:
    export_masterdata(tmp_path / "out", settings)
    export_workbook(tmp_path / "out", settings)
    with pytest.raises(UsageError, match="more than one file of organisations"):
        import_masterdata(tmp_path / "out", settings)


def test_what_is_no_workbook_is_none() -> None:
    assert not workbook.is_workbook(b"id;name\n")
    assert not workbook.is_workbook(b"PK\x03\x04 nothing")


def test_rows_alike_are_found_after_one_has_moved(registry: Registry) -> None:
    rows = Known.of(registry).rows
    moved = FundFlow(**(fund.flows(registry)[0].model_dump() | {"project": "F-W"}))
    rows["fund_flows"]["C-S",] = moved
    assert [flow.id for flow in alike(rows, "fund_flows", FundFlow, "F-W")] == ["C-W", "C-S"]
    assert alike(rows, "fund_flows", FundFlow, "F-S") == []


def test_the_example_of_the_documentation_can_be_imported(
    settings: Settings, registry: Registry, tmp_path: Path
) -> None:
    page = (Path(__file__).parents[4] / "docs" / "administrator.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```csv\n(id;organisation;programme.*?)```", page, re.DOTALL)
    put_organisation(registry, OrganisationUnit(id="town", name="Town", kind="municipality"))
    programmes = ["id;organisation;title;evidence", "heat-2024;town;Heat;p", "meet-2024;town;Places;p"]
    summary = take(
        settings, tmp_path / "in", fund_programmes=programmes, fund_projects=example.splitlines()
    ).as_json()
    assert summary["issues"] == []
    assert summary["tables"]["fund_projects"]["added"] == 2
    # both may be paid for: one by plan and baseline, the other, which no meter judges, by its plan
    lines = [
        f"{kind}-{name};{name};{kind};2024-06-01;5;EUR;e"
        for kind in ("commitment", "disbursement")
        for name in ("P-07", "P-08")
    ]
    assert take(settings, tmp_path / "more", fund_flows=[FLOWS, *lines]).exit_code == 0
    # every column and code is documented
    for table in FUND_TABLES:
        (row,) = [line for line in page.splitlines() if line.startswith(f"| `{table.name}.csv`")]
        for column in table.columns:
            shown = f"**{column.name}**" if column.is_needed else column.name
            assert re.search(rf"(?<![\w*]){re.escape(shown)}(?![\w*])", row), (table.name, column.name)
            assert all(str(code) in row for code in getattr(column.read, "names", ()))
