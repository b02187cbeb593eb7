"""Awards and contracts: hostile notices, packages of every shape, releases merged."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from bilanz.errors import FileRefused
from importers.base import SURE, FileSample, Importer, ImportRequest, ImportResult, Workspace
from importers.eforms import EForms
from importers.notices.contract import cpv_codes, day
from importers.notices.process import compiled, releases_of
from importers.ocds import Ocds

GOLDEN = Path(__file__).parents[2] / "golden" / "eforms" / "clean_two_lots.xml"
BOTH = [f"<efac:LotTender><cbc:ID>TEN-{number}</cbc:ID></efac:LotTender>" for number in (2, 1)]
AWARD = {"id": "A1", "date": "2024-01-10", "value": {"amount": 100, "currency": "EUR"}}


def workspace(directory: Path) -> Workspace:
    def no_scratch() -> None:
        raise AssertionError

    return Workspace(directory, no_scratch)  # type: ignore[arg-type]


def read(importer: Importer, path: Path, request: ImportRequest | None = None) -> ImportResult:
    result = importer.read(path, request or ImportRequest(zone="Europe/Berlin"), workspace(path.parent))
    result.check()
    return result


def package(directory: Path, document: object) -> Path:
    path = directory / "package.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def release(**told: object) -> dict[str, Any]:
    return {"ocid": "p1", "id": "r1", "date": "2024-01-01", "tag": ["award"], **told}


def notice(directory: Path, *changes: tuple[str, str]) -> Path:
    text = GOLDEN.read_text(encoding="utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    path = directory / "notice.xml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("root", ["ContractNotice", "PriorInformationNotice"])
def test_an_announcement_is_claimed_and_refused_with_its_reason(root: str, tmp_path: Path) -> None:
    path = notice(tmp_path, ("ContractAwardNotice", root))
    claim = EForms().identify(FileSample.of(path))
    assert claim is not None
    assert claim.confidence >= SURE
    with pytest.raises(FileRefused) as refused:
        read(EForms(), path)
    assert refused.value.code == "no_award"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ('<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]><ContractAwardNotice/>', "unsafe_xml"),
        ("<ContractAwardNotice><a></ContractAwardNotice>", "malformed_xml"),
        ("<a>" * 400 + "</a>" * 400, "unsafe_xml"),
        ("", "malformed_xml"),
    ],
)
def test_hostile_notices_are_refused(content: str, code: str, tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(FileRefused) as refused:
        read(EForms(), path)
    assert refused.value.code == code


def test_a_notice_without_a_result_gives_nothing(tmp_path: Path) -> None:
    result = read(EForms(), notice(tmp_path, ("NoticeResult", "NoticeOutcome")))
    assert (result.read, result.accepted, result.ignored) == (1, 0, 1)


def test_the_total_of_a_notice_is_compared(tmp_path: Path) -> None:
    result = read(EForms(), notice(tmp_path, (">150000.50<", ">150000.51<")))
    found = result.issues.filter(result.issues["code"] == "control_sum")
    assert found["value"].to_list() == ["150000.5"]


def test_several_tenders_without_contract_and_rank_are_not_guessed(tmp_path: Path) -> None:
    path = notice(
        tmp_path,
        ("<efac:SettledContract>", "<efac:Other>"),
        ("</efac:SettledContract>", "</efac:Other>"),
        (f"{BOTH[0]}<efac:TenderLot>", f"{BOTH[0]}{BOTH[1]}<efac:TenderLot>"),
    )
    result = read(EForms(), path)
    assert result.activities["quantity"].to_list() == [Decimal("100000.5")]
    assert "winner_unknown" in set(result.issues["code"])


def test_a_contract_outside_the_declared_period_is_rejected(tmp_path: Path) -> None:
    period = (datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 12, 31, tzinfo=UTC))
    result = read(EForms(), notice(tmp_path), ImportRequest(zone="Europe/Berlin", period=period))
    assert (result.accepted, result.rejected) == (1, 1)
    assert "outside_period" in set(result.issues["code"])


@pytest.mark.parametrize(
    "document",
    [
        {"releases": [release(awards=[AWARD])]},
        {"records": [{"ocid": "p1", "releases": [release(awards=[AWARD])]}]},
        {"records": [{"ocid": "p1", "compiledRelease": release(awards=[AWARD])}]},
        [release(awards=[AWARD])],
        release(awards=[AWARD]),
    ],
    ids=["releases", "record", "compiled", "list", "one"],
)
def test_packages_of_every_shape(document: object, tmp_path: Path) -> None:
    path = package(tmp_path, document)
    claim = Ocds().identify(FileSample.of(path))
    assert claim is not None
    assert claim.confidence >= SURE
    result = read(Ocds(), path)
    assert result.activities.select("quantity", "unit", "document").rows() == [(Decimal(100), "EUR", "A1")]


@pytest.mark.parametrize("document", [{"releases": []}, {"records": [1]}, [], "text", {"ocid2": 1}])
def test_a_package_without_releases_is_refused(document: object, tmp_path: Path) -> None:
    with pytest.raises(FileRefused) as refused:
        read(Ocds(), package(tmp_path, document))
    assert refused.value.code == "no_releases"


def test_broken_shapes_inside_a_release_raise_nothing(tmp_path: Path) -> None:
    odd = {
        "awards": [1, None, {"id": [], "value": 5, "items": {}, "suppliers": "x"}],
        "parties": {},
        "buyer": [],
    }
    result = read(Ocds(), package(tmp_path, {"releases": [release(**odd), 7, None]}))
    assert (result.read, result.accepted, result.ignored) == (1, 0, 1)


@pytest.mark.parametrize(
    "text", ['{"ocid": "x", "releases": [', '{"ocid": NaN, "tag": 1}', '{"ocid":"a","tag":' + "[" * 100_000]
)
def test_broken_json_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FileRefused) as refused:
        read(Ocds(), path)
    assert refused.value.code == "malformed_json"


def test_the_latest_text_of_each_field_counts() -> None:
    """By date, not by place in the file; a field a later release leaves out stays."""
    late = release(date="2024-03-01", awards=[{"id": "A1", "value": {"amount": 120, "currency": "EUR"}}])
    early = release(awards=[{**AWARD, "title": "Roof"}])
    (one,) = compiled([late, early])
    assert one["awards"] == [
        {"id": "A1", "date": "2024-01-10", "title": "Roof", "value": {"amount": 120, "currency": "EUR"}}
    ]


def test_contracts_without_id_are_told_apart_by_their_place() -> None:
    first, second = {"value": {"amount": 1}}, {"value": {"amount": 2}}
    (one,) = compiled([release(contracts=[first, second]), release(date="2024-02-01", contracts=[first])])
    assert one["contracts"] == [first, second]


def test_releases_that_name_no_process_are_not_merged() -> None:
    lone = {"date": "2024-01-01", "awards": [AWARD]}
    assert len(compiled([lone, lone])) == 2
    assert releases_of({"releases": [lone]}) == [lone]


def test_the_value_of_an_award_is_not_given_to_two_contracts(tmp_path: Path) -> None:
    contracts = [{"id": name, "awardID": "A1", "dateSigned": "2024-02-01"} for name in ("C1", "C2")]
    both = read(Ocds(), package(tmp_path, release(awards=[AWARD], contracts=contracts)))
    assert (both.accepted, both.ignored) == (0, 2)
    one = read(Ocds(), package(tmp_path, release(awards=[AWARD], contracts=contracts[:1])))
    assert one.activities.select("document", "quantity").rows() == [("C1", Decimal(100))]


@pytest.mark.parametrize(
    ("texts", "codes"),
    [
        (["45233130.0", "45233162-2", "45233130"], ("45233130", "45233162")),
        (["09331200-0"], ("09331200",)),
        (["4523", "F029: Other", ""], ()),
    ],
)
def test_cpv_codes_lose_check_digit_and_float_noise(texts: list[str], codes: tuple[str, ...]) -> None:
    assert cpv_codes(texts) == codes


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2019-09-03+02:00", "2019-09-03"),
        ("2010-07-01T00:00:00Z", "2010-07-01"),
        ("2014-04-15 14:00 Eastern Daylight Time (EDT)", "2014-04-15"),
        ("2024-02-30", None),
        ("03.09.2019", None),
        (None, None),
    ],
)
def test_a_day_is_taken_as_it_is_written(text: str | None, shown: str | None) -> None:
    found = day(text)
    assert (found.isoformat() if found else None) == shown


def flattened(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            page = book.add_worksheet(name)
            for place, row in enumerate(rows):
                page.write_row(place, 0, row)
    return path


def test_contracts_of_a_flattened_workbook(tmp_path: Path) -> None:
    path = flattened(
        tmp_path / "flat.xlsx",
        {
            "releases": [
                ["ocid", "id", "date", "tag", "buyer/name"],
                ["p1", "r1", "2024-01-01", "award", "Stadt"],
            ],
            "awards": [
                ["ocid", "releases/id", "id", "status", "value/amount", "value/currency", "suppliers/0/name"],
                ["p1", "r1", "A1", "active", 100, "EUR", "Solar GmbH"],
                ["p1", "r1", "A2", "cancelled", 70, "EUR", "Other GmbH"],
            ],
            "contracts": [
                ["ocid", "releases/id", "id", "awardID", "dateSigned", "value/amount", "value/currency"],
                ["p1", "r1", "C1", "A1", "2024-02-01", 99.5, "EUR"],
            ],
            "items": [
                ["ocid", "releases/id", "contracts/0/id", "classification/scheme", "classification/id"],
                ["p1", "r1", "C1", "CPV", "09331200"],
            ],
        },
    )
    result = read(Ocds(), path)
    assert (result.read, result.accepted, result.ignored) == (2, 1, 1)
    (record,) = result.activities.iter_rows(named=True)
    assert (record["document"], record["quantity"], record["counterparty"]) == (
        "C1",
        Decimal("99.5"),
        "Solar GmbH",
    )
    told = json.loads(record["attributes"])
    assert (told["cpv"], told["buyer"]) == ("09331200", "Stadt")
