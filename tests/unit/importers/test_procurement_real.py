"""Payments, accounts and notices as they were published; they lie beside the repository, not in it."""

import csv
import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from bilanz.errors import FileRefused
from importers.base import SURE, Importer, ImportRequest, ImportResult, Workspace, identify
from importers.budget_table import BudgetTable
from importers.council_spend import CouncilSpend
from importers.eforms import EForms
from importers.ocds import Ocds

DATA = Path(__file__).parents[4] / "shared" / "data"
SPEND = "procurement/spend_uk"
BUDGET = "procurement/haushalt"
NOTICES = "procurement/notices"
NOBODY = ("procurement/classifications", "reference")


def path_of(name: str) -> Path:
    if not (DATA / name).exists():
        pytest.skip(f"../shared/data/{name} is not there")
    return DATA / name


def expected(name: str) -> dict[str, Any]:
    path_of(name)
    return json.loads((DATA / "expected.json").read_text(encoding="utf-8"))[name]  # type: ignore[no-any-return]


def read(
    importer: Importer, name: str, directory: Path, declared: Mapping[str, str] | None = None
) -> ImportResult:
    path = path_of(name)
    claims = [one.name for one, claim in identify(path) if claim.confidence >= SURE]
    assert claims == [importer.name]

    def no_scratch() -> None:
        raise AssertionError

    workspace = Workspace(directory, no_scratch)  # type: ignore[arg-type]
    asked = ImportRequest(zone="Europe/Berlin", declared=declared or {})
    result = importer.read(path, asked, workspace)
    result.check()
    return result


def rows_of(name: str, encoding: str) -> list[dict[str, str]]:
    with path_of(name).open(encoding=encoding, newline="") as stream:
        return list(csv.DictReader(stream, delimiter=";"))


def german(text: str) -> Decimal:
    return Decimal(text.strip().replace(".", "").replace(",", ".") or "0")


def total(result: ImportResult) -> Decimal:
    return Decimal(result.activities["quantity"].sum())


@pytest.mark.parametrize(
    "name",
    [
        "calderdale_clean_2021-11-card.csv",
        "harrogate_clean_2017-12.csv",
        "harrogate_processed_2017-12.csv",
        "leeds_raw_2013-01.head.csv",
        "london_clean_2016-P12.csv",
        "london_processed_2016-P12.csv",
        "manchester_clean_2018-01.csv",
        "manchester_processed_2018-01.csv",
    ],
)
def test_payments_have_the_totals_of_their_files(name: str, tmp_path: Path) -> None:
    known = expected(f"{SPEND}/{name}")
    result = read(CouncilSpend(), f"{SPEND}/{name}", tmp_path)
    assert (result.read, result.accepted, result.rejected, result.ignored) == (
        known["rows"],
        known["rows"],
        0,
        0,
    )
    assert total(result) == Decimal(str(known["sum"]))
    assert (result.activities["quantity"] < 0).sum() == known["negatives"]
    assert set(result.activities["unit"]) == {"GBP"}
    assert not result.issues.filter(pl.col("severity") == "error").height


def test_capital_is_told_apart_and_the_sign_is_kept(tmp_path: Path) -> None:
    """Of 1794 payments 96 are capital; 17 came back."""
    result = read(CouncilSpend(), f"{SPEND}/leeds_raw_2013-01.head.csv", tmp_path)
    assert result.activities["activity"].value_counts().sort("count").rows() == [
        ("purchase_capital", 96),
        ("purchase", 1698),
    ]
    assert (result.activities["document_type"] == "credit").sum() == 17


def test_names_withheld_stay_as_they_are_published(tmp_path: Path) -> None:
    result = read(CouncilSpend(), f"{SPEND}/manchester_clean_2018-01.csv", tmp_path)
    assert result.activities["counterparty"].str.contains("(?i)redacted personal information").any()


def test_the_accounts_of_moers(tmp_path: Path) -> None:
    name = f"{BUDGET}/moers_haushalt_2015-2017.csv"
    known = expected(name)
    rows = rows_of(name, "cp1252")
    spent = [row for row in rows if row["Kontengruppe-Nummer"].startswith("5")]
    result = read(BudgetTable(), name, tmp_path, {"Ist 2015": "EUR", "Ist 2016": "EUR"})
    assert (result.read, result.accepted, result.rejected) == (4 * known["rows"], 2 * len(spent), 0)
    for year in ("2015", "2016"):
        column = f"Ist {year}"
        sums = {one.column: one.total for one in result.control_sums}
        assert sums[column] == sum(german(row[column]) for row in spent)
        # income is written with a minus: both together are what the file adds up to
        income = sum(german(row[column]) for row in rows if row["Kontengruppe-Nummer"].startswith("4"))
        assert sums[column] + income == Decimal(str(known[column][0]))
    assert result.activities["attributes"].str.contains('"account":"5').all()


def test_moers_without_a_currency_gives_nothing(tmp_path: Path) -> None:
    result = read(BudgetTable(), f"{BUDGET}/moers_haushalt_2015-2017.csv", tmp_path)
    assert result.accepted == 0
    found = result.issues.filter(pl.col("code") == "currency_undeclared")["column"].to_list()
    assert found == ["Ist 2015", "Ist 2016"]


def test_kiel_says_neither_plan_nor_actual(tmp_path: Path) -> None:
    name = f"{BUDGET}/kiel_2017.head.csv"
    known = expected(name)
    assert read(BudgetTable(), name, tmp_path).accepted == 0
    rows = rows_of(name, "cp1252")
    spent = [german(row["Betrag"]) for row in rows if row["Aufwand/Ertrag"] == "Aufwand"]
    income = [german(row["Betrag"]) for row in rows if row["Aufwand/Ertrag"] == "Ertrag"]
    result = read(BudgetTable(), name, tmp_path, {"Betrag": "Ist EUR"})
    assert (result.accepted, result.ignored) == (len(spent), len(income))
    assert total(result) == -sum(spent)
    assert sum(income) - total(result) == Decimal(str(known["Betrag"][0]))


def test_a_budget_of_plans_gives_nothing(tmp_path: Path) -> None:
    for name in (f"{BUDGET}/niedersachsen.head.csv", f"{BUDGET}/winterthur_budget_2012.xlsx"):
        result = read(BudgetTable(), name, tmp_path)
        assert result.accepted == 0
        assert set(result.issues["code"]) >= {"planned_ignored", "only_planned"}


def test_the_accounts_of_winterthur_are_counted_on_one_level(tmp_path: Path) -> None:
    name = f"{BUDGET}/winterthur_rechnung_2010-2011.xlsx"
    stated = expected(name)["Stadt"]
    result = read(BudgetTable(), name, tmp_path, {"RE bis 2010/12": "CHF", "RE bis 2011/12": "CHF"})
    sums = {one.column: one.total for one in result.control_sums}
    assert sums["RE bis 2011/12"] == Decimal(str(stated["aufwand_ertrag_rows"][0][3]))
    # the older year is printed in whole francs: 57 accounts, 5 francs of rounding
    assert abs(sums["RE bis 2010/12"] - Decimal(str(stated["aufwand_ertrag_rows"][0][0]))) == 5
    energy = result.activities.filter(pl.col("attributes").str.contains('"cost_code":"3120"'))
    assert energy["quantity"].to_list() == [Decimal(728_695), Decimal("5336689.79")]


@pytest.mark.parametrize(
    ("name", "amount", "currency", "number", "supplier", "cpv"),
    [
        ("UKRI", "60000000", "GBP", "SCRN ABC EFG:2020-001", "Ramboll UK Ltd", "71000000"),
        ("minimal", "95414", "EUR", "SCN DEF:2020-12", "Espaces Verts Lemire", "77310000"),
    ],
)
def test_award_notices(
    name: str, amount: str, currency: str, number: str, supplier: str, cpv: str, tmp_path: Path
) -> None:
    result = read(EForms(), f"{NOTICES}/eforms_can_24_{name}.xml", tmp_path)
    columns = ("quantity", "unit", "document", "counterparty", "document_type")
    assert result.activities.select(columns).rows() == [
        (Decimal(amount), currency, number, supplier, "contract")
    ]
    assert json.loads(result.activities["attributes"][0])["cpv"] == cpv


def test_an_award_notice_of_defence_procurement(tmp_path: Path) -> None:
    result = read(EForms(), f"{NOTICES}/eforms_can_81_FRA.xml", tmp_path)
    assert result.activities.select("quantity", "unit").rows() == [(Decimal(375_950), "EUR")]


def test_a_notice_without_tenders_awards_nothing(tmp_path: Path) -> None:
    result = read(EForms(), f"{NOTICES}/eforms_can_24_no_tenders.xml", tmp_path)
    assert (result.read, result.accepted, result.ignored) == (1, 0, 1)
    assert result.issues["code"].to_list() == ["lot_not_awarded"]


def test_a_contract_notice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefused) as refused:
        read(EForms(), f"{NOTICES}/eforms_cn_24_maximal.xml", tmp_path)
    assert refused.value.code == "no_award"


def test_six_releases_are_one_contract(tmp_path: Path) -> None:
    result = read(Ocds(), f"{NOTICES}/ocds_fictional_1.1_releases.json", tmp_path)
    assert (result.read, result.accepted) == (1, 1)
    assert result.activities.select("quantity", "unit").rows() == [(Decimal(11_000_000), "GBP")]


def test_flattened_tenders_have_no_contract_yet(tmp_path: Path) -> None:
    result = read(Ocds(), f"{NOTICES}/ocds_cove_2_releases.xlsx", tmp_path)
    assert (result.read, result.accepted, result.ignored) == (2, 0, 2)


def test_code_lists_and_results_are_claimed_by_nobody() -> None:
    files = [path for folder in NOBODY for path in sorted(path_of(folder).iterdir()) if path.is_file()]
    assert len(files) >= 14
    claimed = {path.name: [(one.name, claim.confidence) for one, claim in identify(path)] for path in files}
    assert not {name: claims for name, claims in claimed.items() if claims}


def test_payments_are_claimed_by_one_importer_among_all_files() -> None:
    mine = {"council_spend", "budget_table", "eforms", "ocds"}
    folders = (SPEND, BUDGET, NOTICES)
    for path in sorted(path_of("procurement").parent.rglob("*")):
        if not path.is_file() or path.stat().st_size == 0:
            continue
        claims = {one.name for one, claim in identify(path) if claim.confidence >= SURE}
        is_ours = any(str(path).startswith(str(DATA / folder)) for folder in folders)
        assert bool(claims & mine) == is_ours, (path, claims)
        assert not is_ours or len(claims) == 1
