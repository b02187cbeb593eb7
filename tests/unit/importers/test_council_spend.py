"""Payments: whose header it is, how amounts are written, currencies, signs, dates of one column."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from importers.base import SURE, FileSample, ImportRequest, ImportResult, Workspace
from importers.columns import declared, times
from importers.council_spend import CouncilSpend
from importers.spend.vocabulary import read_header

HEADER = "Date Paid,Reference,Supplier,Category,Amount"


def workspace(directory: Path) -> Workspace:
    def no_scratch() -> None:
        raise AssertionError

    return Workspace(directory, no_scratch)  # type: ignore[arg-type]


def read(directory: Path, *lines: str, header: str = HEADER, **declarations: str) -> ImportResult:
    path = directory / "payments.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    asked = ImportRequest(
        zone="Europe/Berlin", declared={name.replace("_", " "): text for name, text in declarations.items()}
    )
    result = CouncilSpend().read(path, asked, workspace(directory))
    result.check()
    return result


def amounts(result: ImportResult) -> list[Decimal]:
    return result.activities["quantity"].to_list()


def codes(result: ImportResult) -> set[str]:
    return set(result.issues["code"])


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ('"1,234.50"', "1234.5"),
        ('"-1,234.50"', "-1234.5"),
        ('"1,234.50-"', "-1234.5"),
        ('"(1,234.50)"', "-1234.5"),
        ('"£1,234.50"', "1234.5"),
        ('"£(1,234.50)"', "-1234.5"),
        ('"(£1,234.50)"', "-1234.5"),
        ('"-£1,234.50"', "-1234.5"),
        ('"£ 1,234.50 "', "1234.5"),
        ('"GBP 1,234.50"', "1234.5"),
        ('"1,234.50 £"', "1234.5"),
    ],
)
def test_an_amount_in_any_writing(text: str, amount: str, tmp_path: Path) -> None:
    result = read(tmp_path, f"2024-05-01,1,A,Paper,{text}", Amount="GBP")
    assert amounts(result) == [Decimal(amount)]
    assert result.activities["unit"].to_list() == ["GBP"]
    assert result.activities["document_type"].to_list() == ["credit" if amount.startswith("-") else None]


@pytest.mark.parametrize(
    "text", ["n/a", "12 apples", "12 K", "12 EUR apples", "(12", "--12", "12.50 XX", '"1,2,3.4"', "#REF!"]
)
def test_what_is_no_amount_is_rejected(text: str, tmp_path: Path) -> None:
    result = read(tmp_path, f"2024-05-01,1,A,Paper,{text}", "2024-05-02,2,B,Ink,1.50", Amount="GBP")
    assert (result.accepted, result.rejected) == (1, 1)
    assert "not_a_number" in codes(result)


def test_a_file_without_a_currency_is_refused_once_and_names_the_remedy(tmp_path: Path) -> None:
    lines = ("2024-05-01,1,A,Paper,10.00", "2024-05-02,2,B,Ink,20.00")
    result = read(tmp_path, *lines)
    assert (result.accepted, result.rejected) == (0, 2)
    found = result.issues.filter(pl.col("severity") == "error")
    assert found.select("code", "column").rows() == [("currency_undeclared", "Amount")]
    assert amounts(read(tmp_path, *lines, Amount="EUR")) == [Decimal(10), Decimal(20)]


def test_a_declared_currency_does_not_contradict_a_stated_one(tmp_path: Path) -> None:
    line = "2024-05-01,1,A,Paper,10.00"
    stated = read(tmp_path, line, header=HEADER.replace("Amount", "Amount (£)"), **{"Amount_(£)": "EUR"})
    assert (stated.accepted, codes(stated) >= {"unit_conflict"}) == (0, True)
    cell = read(tmp_path, "2024-05-01,1,A,Paper,€10.00", Amount="GBP")
    assert cell.activities["unit"].to_list() == ["EUR"]


def test_a_dollar_sign_names_no_currency(tmp_path: Path) -> None:
    header = HEADER.replace("Amount", "Amount ($)")
    assert read(tmp_path, "2024-05-01,1,A,Paper,$10.00", header=header).accepted == 0
    declared_ = read(tmp_path, "2024-05-01,1,A,Paper,$10.00", header=header, **{"Amount_($)": "USD"})
    assert declared_.activities.select("quantity", "unit").rows() == [(Decimal(10), "USD")]


@pytest.mark.parametrize(
    ("text", "form", "unit"),
    [
        ("GBP", None, "GBP"),
        ("1,234.56", "1,234.56", None),
        ("1.234,56 EUR", "1.234,56", "EUR"),
        ("1 234,56 €", "1 234,56", "€"),
        ("1 234,56", "1 234,56", None),
        ("kWh", None, "kWh"),
        ("begin", "begin", None),
        ("nonsense EUR", "nonsense EUR", None),
    ],
)
def test_a_declaration_is_a_format_a_unit_or_both(text: str, form: str | None, unit: str | None) -> None:
    assert (declared.format_of(text), declared.unit_of(text)) == (form, unit)
    assert declared.together({"a": "1.234,56"}, {"a": "EUR"}) == {"a": "1.234,56 EUR"}


def test_format_and_currency_are_declared_together(tmp_path: Path) -> None:
    line = '2024-05-01,1,A,Paper,"1,234"'
    assert "ambiguous_number" in codes(read(tmp_path, line, Amount="EUR"))
    assert amounts(read(tmp_path, line, Amount="1,234.56 EUR")) == [Decimal(1234)]
    assert amounts(read(tmp_path, line, Amount="1.234,56 EUR")) == [Decimal("1.234")]


SIDES = "Buchungsdatum,Belegnummer,Kreditorenname,Sollkonto,Betrag,Währung,S/H"


def test_debit_and_credit_say_nothing_until_declared(tmp_path: Path) -> None:
    lines = ("2024-05-01,1,A,5431,10.00,EUR,H", "2024-05-02,2,B,5431,4.00,EUR,S")
    refused = read(tmp_path, *lines, header=SIDES)
    assert (refused.accepted, refused.rejected) == (0, 2)
    found = refused.issues.filter(pl.col("code") == "side_undeclared")
    assert found.select("column", "value").rows() == [("S/H", "H, S")]
    assert amounts(read(tmp_path, *lines, header=SIDES, **{"S/H": "H+"})) == [Decimal(10), Decimal(-4)]
    assert amounts(read(tmp_path, *lines, header=SIDES, **{"S/H": "S+"})) == [Decimal(-10), Decimal(4)]


def test_amounts_that_bear_their_signs_need_no_declaration(tmp_path: Path) -> None:
    lines = ("2024-05-01,1,A,5431,10.00,EUR,S", "2024-05-02,2,B,5431,4.00-,EUR,H")
    assert amounts(read(tmp_path, *lines, header=SIDES)) == [Decimal(10), Decimal(-4)]


def test_a_sign_beside_a_mark_is_not_guessed(tmp_path: Path) -> None:
    lines = ("2024-05-01,1,A,5431,10.00,EUR,S", "2024-05-02,2,B,5431,-4.00,EUR,S")
    result = read(tmp_path, *lines, header=SIDES, **{"S/H": "S+"})
    assert (amounts(result), result.rejected) == ([Decimal(10)], 1)
    assert "side_and_sign" in codes(result)


def test_a_mark_behind_the_amount(tmp_path: Path) -> None:
    lines = ('2024-05-01,1,A,Paper,"1.234,50 H"', '2024-05-02,2,B,Ink,"4,00 S"')
    assert read(tmp_path, *lines, Amount="EUR").accepted == 0
    # the column of the amounts bears marks and has a currency of its own in its header
    header = HEADER.replace("Amount", "Betrag (EUR)")
    result = read(tmp_path, *lines, header=header, **{"Betrag_(EUR)": "H+"})
    assert amounts(result) == [Decimal("1234.5"), Decimal(-4)]
    both = read(tmp_path, lines[0].replace(" H", " EUR H"), header=header, **{"Betrag_(EUR)": "S+"})
    assert amounts(both) == [Decimal("-1234.5")]


def test_net_and_gross_are_never_added(tmp_path: Path) -> None:
    header = "Date Paid,Reference,Supplier,Category,Gross Amount,Net Amount,VAT"
    result = read(tmp_path, "2024-05-01,1,A,Paper,12.00,10.00,2.00", header=header, Net_Amount="GBP")
    assert amounts(result) == [Decimal(10)]
    said = result.issues.filter(pl.col("code") == "other_amounts")
    assert said["value"].to_list() == ["Gross Amount, VAT"]


@pytest.mark.parametrize(
    ("title", "is_kept"),
    [
        *((title, True) for title in ("Vertragsnummer", "VERTRAGS-NR", "Auftrags-Nr.", "Bestellnummer")),
        *((title, True) for title in ("ContractNumber", "Contract Ref", "PO No.", "Purchase Order Number")),
        *((title, True) for title in ("Einkaufsbeleg", "Order number")),
        *((title, False) for title in ("Maßnahmennummer", "Auftrag", "Innenauftrag", "Vertragskonto")),
        *((title, False) for title in ("Vergabenummer", "Contract", "Contract title", "Order")),
    ],
)
def test_what_names_a_contract_and_what_does_not(tmp_path: Path, title: str, *, is_kept: bool) -> None:
    result = read(tmp_path, "2024-05-01,1,A,Paper,10.00,V-7", header=f"{HEADER},{title}", Amount="EUR")
    assert ('"contract":"V-7"' in result.activities["attributes"][0]) == is_kept
    assert ("column_ignored" in codes(result)) != is_kept, codes(result)


def test_two_columns_of_one_name_are_two_numbers(tmp_path: Path) -> None:
    header = f"{HEADER},Vertragsnummer,Vertragsnummer"
    result = read(
        tmp_path, "2024-05-01,1,A,Paper,10.00,V-7,V-8", header=header, Amount="EUR", Vertragsnummer="contract"
    )
    assert "contract" not in result.activities["attributes"][0]
    assert "several_contracts" in codes(result)


def test_a_contract_alone_makes_no_list_of_payments() -> None:
    assert not read_header(["Date", "Amount", "Supplier", "Contract number"]).is_list


def test_each_layout_of_dates_is_read_by_itself(tmp_path: Path) -> None:
    days = ("02-Jan-2013", "02-Jan-13", "13/01/2013", "05/01/2013", "2013-01-20", "3 March 2013")
    lines = [f"{day},{number},A,Paper,1.00" for number, day in enumerate(days)]
    result = read(tmp_path, *lines, Amount="GBP")
    found = result.activities["end"].dt.date().cast(pl.String).to_list()
    assert found == ["2013-01-02", "2013-01-02", "2013-01-13", "2013-01-05", "2013-01-20", "2013-03-03"]
    assert "mixed_dates" in codes(result)


def test_an_ambiguous_layout_among_others_is_refused_until_declared(tmp_path: Path) -> None:
    lines = ("2013-01-20,1,A,Paper,1.00", "05/01/2013,2,B,Paper,2.00")
    result = read(tmp_path, *lines, Amount="GBP")
    assert (amounts(result), result.rejected) == ([Decimal(1)], 1)
    assert "ambiguous_layout" in codes(result)
    mended = read(tmp_path, *lines, Amount="GBP", Date_Paid="DD/MM/YYYY")
    assert mended.activities["end"].dt.date().cast(pl.String).to_list() == ["2013-01-20", "2013-01-05"]


def test_rejected_rows_of_mixed_dates_come_back_with_the_layout_that_was_proved(tmp_path: Path) -> None:
    lines = ("2013-01-20,1,A,Paper,1.00", "13/01/2013,2,B,Paper,2.00", "05/01/2013,3,B,Paper,x")
    result = read(tmp_path, *lines, Amount="GBP")
    assert result.rejects is not None
    assert result.rejects.formats["Date Paid"] == "DD/MM/YYYY"
    assert result.rejects.rows.rows() == [(4, "05/01/2013", "3", "B", "Paper", "x")]


def test_no_date_belongs_to_the_most_frequent_layout() -> None:
    groups = times.layouts_of(pl.Series(["2013-01-20", "2013-01-21", "1/2/2013", "soon", None]))
    assert [group.labels for group in groups] == [("YYYY-MM-DD",), ("DD/MM/YYYY", "MM/DD/YYYY")]
    assert groups[0].is_so.to_list() == [True, True, False, True, True]


def test_an_amount_alone_at_the_foot_is_a_total(tmp_path: Path) -> None:
    lines = ("2024-05-01,1,A,Paper,10.00", "2024-05-02,2,B,Ink,20.00", ",,,,30.00")
    result = read(tmp_path, *lines, Amount="GBP")
    assert (result.accepted, result.ignored) == (2, 1)
    assert "control_sum" not in codes(result)
    wrong = read(tmp_path, *lines[:2], ",,,,31.00", Amount="GBP")
    assert "control_sum" in codes(wrong)


@pytest.mark.parametrize(
    "header",
    [
        "Payment Date,Supplier Name,Department,Amount",
        "Buchungsdatum;Betrag;Sollkonto;Kreditor;Belegnummer;Text",
        "Transaction Date,Merchant Name,Merchant Category,Net Amount (£)",
    ],
)
def test_it_claims_lists_of_payments(header: str, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(header + "\n", encoding="utf-8")
    claim = CouncilSpend().identify(FileSample.of(path))
    assert claim is not None
    assert claim.confidence >= SURE


@pytest.mark.parametrize(
    "header",
    [
        "Date,Vehicle,Litres,Amount,Supplier,Department",  # a fuel log
        "Date,Amount",  # nothing says to whom or what for
        "Supplier,Amount,Department",  # no date
        "Datum;Betrag;Sachkonto;Aufwand/Ertrag",  # a budget
        "Date,Supplier,Category,Amount (kWh)",
        "_id;control;descripcion",
    ],
)
def test_it_does_not_claim_what_measures_or_says_too_little(header: str, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(header + "\n", encoding="utf-8")
    claim = CouncilSpend().identify(FileSample.of(path))
    assert claim is None or claim.confidence < SURE


def test_a_layout_is_known_by_exactly_its_columns() -> None:
    columns = ["Payment Date", "Amount", "Benificiary Name", "Organisational Unit"]
    assert read_header(columns).publisher == "ODI Leeds, council spending data"
    assert read_header([*columns, "Remark"]).publisher is None
