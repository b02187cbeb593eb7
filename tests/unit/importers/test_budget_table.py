"""Budgets and accounts: which columns are plans, which rows are spend."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from bilanz.errors import FileRefused
from importers.base import SURE, FileSample, ImportRequest, ImportResult, Workspace
from importers.budget.vocabulary import ACTUAL, PLANNED, read_header
from importers.budget_table import BudgetTable


def workspace(directory: Path) -> Workspace:
    def no_scratch() -> None:
        raise AssertionError

    return Workspace(directory, no_scratch)  # type: ignore[arg-type]


def read(directory: Path, header: str, *lines: str, declared: dict[str, str] | None = None) -> ImportResult:
    path = directory / "accounts.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    asked = ImportRequest(zone="Europe/Berlin", declared=declared or {})
    result = BudgetTable().read(path, asked, workspace(directory))
    result.check()
    return result


def codes(result: ImportResult) -> set[str]:
    return set(result.issues["code"])


@pytest.mark.parametrize(
    ("text", "kind", "year", "currency"),
    [
        ("Ist 2015", ACTUAL, "2015", None),
        ("RE bis 2010/12", ACTUAL, "2010", None),
        ("Ergebnis des Jahres 2022 (T€)", ACTUAL, "2022", "T€"),
        ("Rechnung 2023 in CHF", ACTUAL, "2023", "CHF"),
        ("Jahresergebnis 2022", ACTUAL, "2022", None),
        ("VO 2012", PLANNED, "2012", None),
        ("Ansatz für 2017  (EUR)", PLANNED, "2017", "EUR"),
        ("Plan 2016", PLANNED, "2016", None),
    ],
)
def test_a_column_of_amounts_is_a_kind_with_a_year(
    text: str, kind: str, year: str, currency: str | None
) -> None:
    found = read_header(["Konto", "Bezeichnung", text]).years
    assert [(one.place, one.kind, one.year, one.currency) for one in found] == [(2, kind, year, currency)]


@pytest.mark.parametrize(
    "text",
    [
        "2015",
        "Ist",
        "Verbrauch Ist 2015 (kWh)",
        "Ist 2015 Plan 2016",
        "Abweichung Ist 2015 Plan 2015",
        "RE bis 2010/06",
        "Vorläufiges Ergebnis 2023",
        "Ist 2024 (bis 30.06.)",
    ],
)
def test_other_columns_are_no_amounts_of_a_year(text: str) -> None:
    assert not read_header(["Konto", "Bezeichnung", text]).years


def test_payments_that_repeat_an_expense_count_once(tmp_path: Path) -> None:
    """Class 7 pays what class 5 books; only investments (78) are paid and never booked as expense."""
    lines = ("5431;Bürobedarf;10", "7431;Auszahlung Bürobedarf;11", "7851;Hochbau;500", "4321;Gebühren;-9")
    result = read(tmp_path, "Sachkonto;Bezeichnung;Ergebnis 2023 (EUR)", *lines)
    assert result.activities["quantity"].to_list() == [Decimal(10), Decimal(500)]
    assert {"cash_repeats_expense", "income_ignored"} <= codes(result)
    only_cash = read(tmp_path, "Sachkonto;Bezeichnung;Ergebnis 2023 (EUR)", lines[1], lines[2])
    assert only_cash.activities["quantity"].to_list() == [Decimal(11), Decimal(500)]


def test_swiss_accounts_are_no_german_ones(tmp_path: Path) -> None:
    """Class 5 is investment there and expense in Germany, whose chart the maps are for."""
    lines = ("3120;Energie;10.00", "5040;Hochbauten;500.00", "6300;Bundesbeiträge;-9.00")
    result = read(tmp_path, "Konto;Bezeichnung;Rechnung 2023 (CHF)", *lines)
    assert result.activities.select("activity", "quantity").rows() == [
        ("purchase", Decimal(10)),
        ("purchase_capital", Decimal(500)),
    ]
    assert not result.activities["attributes"].str.contains('"account"').any()


def test_the_number_of_a_budget_item_is_no_class_of_accounts(tmp_path: Path) -> None:
    header = "Haushaltsstelle;Zweckbestimmung;Ist 2023 (EUR)"
    refused = read(tmp_path, header, "5101-541 12;Veranstaltungen;10")
    assert (refused.accepted, refused.rejected) == (0, 1)
    assert "flow_unknown" in codes(refused)
    result = read(tmp_path, header + ";E/A", "5101-541 12;Veranstaltungen;10;A", "5101-119;Einnahmen;4;E")
    assert result.activities["quantity"].to_list() == [Decimal(10)]


def test_the_signs_are_turned_where_most_expenditure_is_negative(tmp_path: Path) -> None:
    lines = ("5431;Bürobedarf;-10,50", "5432;Post;-4", "5433;Erstattung;2,00", "5434;Nichts;-0,00")
    result = read(tmp_path, "Sachkonto;Bezeichnung;Ergebnis 2023 (EUR)", *lines)
    assert result.activities["quantity"].to_list() == [Decimal("10.5"), Decimal(4), Decimal(-2), Decimal(0)]
    assert "sign_turned" in codes(result)


def test_thousands_of_euros_are_euros(tmp_path: Path) -> None:
    result = read(tmp_path, "Sachkonto;Bezeichnung;Ergebnis 2023 (T€)", "5431;Bürobedarf;10,5")
    assert result.activities.select("quantity", "unit").rows() == [(Decimal(10_500), "EUR")]


def test_plan_is_declared_with_its_currency_or_without(tmp_path: Path) -> None:
    header, line = "Sachkonto;Bezeichnung;Aufwand/Ertrag;Betrag;Jahr", "5431;Bürobedarf;Aufwand;1.234,50;2023"
    assert codes(read(tmp_path, header, line)) >= {"plan_or_actual"}
    assert codes(read(tmp_path, header, line, declared={"Betrag": "Ist"})) >= {"currency_undeclared"}
    assert codes(read(tmp_path, header, line, declared={"Betrag": "Plan"})) >= {"only_planned"}
    taken = read(tmp_path, header, line, declared={"Betrag": "Ist 1.234,56 EUR"})
    assert taken.activities["quantity"].to_list() == [Decimal("1234.5")]


def test_a_row_that_says_planned_is_no_spending(tmp_path: Path) -> None:
    header = "Sachkonto;Bezeichnung;Wertart;Betrag;Jahr"
    lines = (
        "5431;Papier;Ist;10;2023",
        "5431;Papier;Plan;99;2023",
        "5431;Papier;;7;2023",
        "5431;Papier;Ist;8;2022",
    )
    result = read(tmp_path, header, *lines, declared={"Betrag": "EUR"})
    assert (result.read, result.accepted, result.rejected, result.ignored) == (4, 2, 1, 1)
    assert result.activities["quantity"].to_list() == [Decimal(10), Decimal(8)]
    assert result.activities["end"].dt.year().to_list() == [2023, 2022]
    assert {"planned_rows", "figures_unknown"} <= codes(result)


def test_sums_of_a_long_table_are_those_of_their_year(tmp_path: Path) -> None:
    header = "Sachkonto;Bezeichnung;Wertart;Betrag;Jahr"
    lines = [
        f"{code};x;Ist;{amount};{year}"
        for year in (2022, 2023)
        for code, amount in ((54, 3), (541, 1), (542, 2))
    ]
    result = read(tmp_path, header, *lines, declared={"Betrag": "EUR"})
    assert (result.accepted, result.ignored) == (4, 2)
    assert "control_sum" not in codes(result)


def test_a_total_is_a_result_and_no_record(tmp_path: Path) -> None:
    result = read(tmp_path, "Sachkonto;Bezeichnung;Ergebnis 2023 (EUR)", "5431;Papier;10", ";Summe;10")
    assert (result.accepted, result.ignored, result.rejected) == (1, 1, 0)
    assert "results_ignored" in codes(result)


@pytest.mark.parametrize("header", ["Konto;Bezeichnung;2023", "Produkt;Ist 2023", "Sachkonto;Betrag;Datum"])
def test_it_does_not_claim_what_states_no_year_or_no_account(header: str, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(header + "\n", encoding="utf-8")
    assert BudgetTable().identify(FileSample.of(path)) is None


def test_it_claims_a_table_below_a_preamble(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("Stadt Muster\n\nSachkonto;Bezeichnung;Ergebnis 2023\n5431;Papier;10\n", encoding="utf-8")
    claim = BudgetTable().identify(FileSample.of(path))
    assert claim is not None
    assert claim.confidence >= SURE


def test_every_amount_is_counted_once(tmp_path: Path) -> None:
    header = "Sachkonto;Bezeichnung;Ist 2022 (EUR);Ist 2023 (EUR);Plan 2024 (EUR)"
    result = read(tmp_path, header, "5431;Papier;10;;12", "4321;Gebühren;-1;-2;-3", "5432;Post;x;5;6")
    assert (result.read, result.accepted, result.rejected, result.ignored) == (9, 2, 1, 6)
    blank = result.issues.filter(pl.col("code") == "blank")
    assert blank["source_row"].to_list() == [2]


def test_of_several_actual_columns_of_one_year_one_counts(tmp_path: Path) -> None:
    header = "Konto;Bezeichnung;Ist 2022 (TEUR);Ist 2022 (EUR);Rechnungsergebnis 2022 (EUR)"
    lines = ("522100;Strom;1;1234,56;1234,56", "522200;Gas;2;2000,00;2000,00")
    result = read(tmp_path, header, *lines)
    assert result.activities["quantity"].sum() == Decimal("3234.56")
    assert result.issues.filter(code="same_year_amounts").height == 2
    assert (result.read, result.ignored) == (6, 4)


@pytest.mark.parametrize("other", ["1234,57", ""])
def test_actual_columns_of_one_year_that_contradict_each_other_are_refused(
    tmp_path: Path, other: str
) -> None:
    header = "Konto;Bezeichnung;Ist 2022 (EUR);Rechnungsergebnis 2022 (EUR)"
    with pytest.raises(FileRefused) as refused:
        read(tmp_path, header, f"522100;Strom;1234,56;{other}", "522200;Gas;2000,00;2000,00")
    assert refused.value.code == "amounts_contradict"
