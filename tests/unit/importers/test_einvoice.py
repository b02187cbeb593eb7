"""E-invoices: golden files, and the received ones where they are at hand."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from bilanz.errors import FileRefused
from bilanz.kinds import CATALOGUE
from importers import base
from importers.base import FileSample, ImportRequest, ImportResult, Workspace
from importers.einvoice import EInvoice

ROOT = Path(__file__).parents[3]
GOLDEN = ROOT / "tests" / "golden" / "einvoice"
RECEIVED = ROOT.parent / "shared" / "data"
FIXTURES = sorted(GOLDEN.glob("*.xml"))


def no_scratch() -> base.Scratch:
    raise NotImplementedError


def read(path: Path, request: ImportRequest | None = None) -> ImportResult:
    result = EInvoice().read(path, request or ImportRequest(), Workspace(path.parent, no_scratch))
    result.check()
    return result


def plain(frame: pl.DataFrame) -> list[dict[str, str]]:
    """Rows as JSON would keep them, without the empty cells."""
    return [
        {name: str(value) for name, value in row.items() if value is not None}
        for row in frame.iter_rows(named=True)
    ]


def totals(result: ImportResult) -> dict[tuple[str | None, str], Decimal]:
    sums = result.activities.group_by("activity", "unit").agg(pl.col("quantity").sum())
    return {(activity, unit): quantity for activity, unit, quantity in sums.iter_rows()}


def codes(result: ImportResult) -> list[tuple[int | None, str]]:
    return list(result.issues.select("source_row", "code").iter_rows())


def test_there_are_golden_files() -> None:
    assert len(FIXTURES) >= 7


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_golden(path: Path, request: pytest.FixtureRequest) -> None:
    result = read(path)
    found = {
        "counts": {
            "read": result.read,
            "accepted": result.accepted,
            "rejected": result.rejected,
            "ignored": result.ignored,
        },
        "control_sums": [
            f"{one.column} {one.total} {one.unit} ({one.records})" for one in result.control_sums
        ],
        "records": plain(result.activities),
        "issues": plain(result.issues),
    }
    expected = path.with_suffix(".json")
    if request.config.getoption("--golden-update", default=False):
        expected.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert found == json.loads(expected.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_every_issue_is_in_the_catalogue_and_has_its_parameters(path: Path) -> None:
    for row in read(path).issues.iter_rows(named=True):
        parameters = {"value": row["value"] or "", **json.loads(row["parameters"])}
        assert CATALOGUE[row["code"]].text.format(**parameters)


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_each_fixture_is_claimed(path: Path) -> None:
    claim = EInvoice().identify(FileSample.of(path))
    assert claim is not None
    assert claim.confidence >= base.SURE


def test_a_quantity_on_several_lines_counts_once_and_all_money_is_kept() -> None:
    result = read(GOLDEN / "electricity_year_turn.xml")
    # 9000 + 4500 kWh; the tax line repeats the sum, the base price is time
    assert totals(result) == {("electricity", "kWh"): Decimal(13500), ("purchase", "EUR"): Decimal(350)}
    assert result.activities["cost_net"].sum() == Decimal("3646.85")
    first, second = result.activities.filter(unit="kWh")["cost_net"]
    # base price 27.60 and tax 276.75 over 61 days of November and December and 31 of January
    assert first == Decimal(1980) + (Decimal("27.60") * 61 / 92).quantize(Decimal("0.000001")) + (
        Decimal("276.75") * 61 / 92
    ).quantize(Decimal("0.000001"))
    assert first + second == Decimal("3296.85")


def test_a_period_is_whole_local_days() -> None:
    record = read(GOLDEN / "electricity_year_turn.xml").activities.row(0, named=True)
    assert (record["start"], record["end"]) == (
        datetime(2023, 10, 31, 23),  # noqa: DTZ001 - UTC without a zone, as the store keeps it
        datetime(2023, 12, 31, 23),  # noqa: DTZ001 - the same
    )


def test_a_credit_note_takes_back() -> None:
    result = read(GOLDEN / "credit_note.xml")
    assert totals(result) == {("electricity", "kWh"): Decimal(-500), ("purchase", "EUR"): Decimal(-25)}
    assert set(result.activities["document_type"]) == {"credit"}


def test_gas_in_cubic_metres_beside_kilowatt_hours_is_the_same_gas() -> None:
    result = read(GOLDEN / "gas_dirty.xml")
    assert totals(result) == {("natural_gas", "kWh"): Decimal("120000.5")}
    assert result.activities["basis"].to_list() == ["Hs"]
    rejected = [code for _, code in codes(result) if CATALOGUE[code].severity == "error"]
    assert rejected == ["not_a_number", "unknown_unit", "negative_quantity", "not_a_date"]
    assert result.rejected == len(rejected)


def test_two_tariffs_with_the_same_quantity_are_two_quantities() -> None:
    assert totals(read(GOLDEN / "unstated_carrier.xml")) == {(None, "kWh"): Decimal(800000)}


def test_the_registered_activity_fills_what_the_file_leaves_open_and_replaces_nothing() -> None:
    request = ImportRequest(activity="natural_gas", basis="Hs", source="kettle")
    result = read(GOLDEN / "unstated_carrier.xml", request)
    assert totals(result) == {("natural_gas", "kWh"): Decimal(800000)}
    assert set(result.activities["basis"]) == {"Hs"}
    assert set(result.activities["source"]) == {"kettle"}
    named = read(GOLDEN / "electricity_year_turn.xml", request)
    assert ("electricity", "kWh") in totals(named)


def test_rows_outside_the_declared_period_are_rejected() -> None:
    period = (datetime(2023, 12, 31, 23), datetime(2024, 12, 31, 23))  # noqa: DTZ001 - UTC without a zone
    result = read(GOLDEN / "electricity_year_turn.xml", ImportRequest(period=period))
    assert result.accepted == 1
    assert [code for _, code in codes(result)].count("outside_period") == 4


def test_the_zone_of_the_request_decides_midnight() -> None:
    result = read(GOLDEN / "credit_note.xml", ImportRequest(zone="Europe/Lisbon"))
    assert result.activities["start"][0].hour == 0
    assert "zone_assumed" not in [code for _, code in codes(result)]


def test_the_stated_total_is_compared(tmp_path: Path) -> None:
    text = (GOLDEN / "credit_note.xml").read_text(encoding="utf-8")
    path = tmp_path / "wrong_total.xml"
    path.write_text(text.replace(">135.00<", ">136.00<"), encoding="utf-8")
    assert (None, "control_sum") in codes(read(path))


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("</Invoice>", "", "malformed_xml"),
        ("<Invoice ", "<!DOCTYPE Invoice>\n<Invoice ", "unsafe_xml"),
        (">EUR</cbc:DocumentCurrencyCode>", ">XXX</cbc:DocumentCurrencyCode>", "unknown_currency"),
        ("cac:InvoiceLine>", "cac:OtherLine>", "no_lines"),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused(tmp_path: Path, old: str, new: str, code: str) -> None:
    text = (GOLDEN / "gas_dirty.xml").read_text(encoding="utf-8")
    path = tmp_path / "refused.xml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(FileRefused) as refused:
        read(path)
    assert refused.value.code == code


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_other_encodings_give_the_same(tmp_path: Path, encoding: str) -> None:
    text = (GOLDEN / "fuel_and_goods.xml").read_text(encoding="utf-8")
    path = tmp_path / "other.xml"
    path.write_text(
        text.replace('encoding="UTF-8"', f'encoding="{encoding[:6].strip("-")}"'), encoding=encoding
    )
    assert EInvoice().identify(FileSample.of(path)) is not None
    assert read(path).activities.equals(read(GOLDEN / "fuel_and_goods.xml").activities)


@pytest.mark.parametrize(
    "head", [b"", b"\x00\xff" * 50, b"<html></html>", b"a;b\n1;2\n", b"<Invoice/>", b"<"]
)
def test_other_files_are_not_claimed(tmp_path: Path, head: bytes) -> None:
    sample = replace(FileSample.of(GOLDEN / "credit_note.xml"), path=tmp_path / "x.xml", head=head, tail=head)
    assert EInvoice().identify(sample) is None


def received() -> Iterator[Path]:
    return (RECEIVED / "procurement" / "einvoice").glob("xrechnung_*.xml")


EXPECTED = {
    "xrechnung_03.01a-INVOICE_ubl.xml": {
        ("electricity", "kWh"): Decimal(1054),
        ("natural_gas", "kWh"): Decimal(5949),
        ("water_supply", "m3"): Decimal(29),
    },
    "xrechnung_03.04a-INVOICE_uncefact.xml": {("natural_gas", "kWh"): Decimal("804878.94")},
    "xrechnung_03.05a-INVOICE_uncefact.xml": {(None, "kWh"): Decimal(616290)},
}


@pytest.mark.skipif(not any(received()), reason="the received files (../shared/data) are not here")
def test_received_xrechnung_files() -> None:
    stated = json.loads((RECEIVED / "expected.json").read_text(encoding="utf-8"))
    paths = sorted(received())
    assert len(paths) == 6
    for path in paths:
        expected = stated[f"procurement/einvoice/{path.name}"]
        result = read(path)
        assert result.read == expected["n_lines"]
        assert result.rejected == 0
        assert result.activities["cost_net"].sum() == Decimal(str(expected["lines_sum"]))
        if path.name in EXPECTED:
            assert totals(result) == EXPECTED[path.name]
        else:
            assert set(totals(result)) == {("purchase", "EUR")}
