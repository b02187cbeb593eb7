from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from golden.standard.comparison import workspace
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bilanz.errors import FileRefused
from importers.base import FileSample, ImportRequest, ImportResult
from importers.standard import StandardUpload

HEADER = "source;activity;start;end;quantity;unit;basis;cost_net;currency;quality;role;document_type;note"


def read(
    directory: Path, *lines: str, header: str = HEADER, request: ImportRequest | None = None
) -> ImportResult:
    path = directory / "upload.csv"
    path.write_text("\n".join((header, *lines)) + "\n", encoding="utf-8")
    result = StandardUpload().read(path, request or ImportRequest(), workspace(directory))
    result.check()
    return result


def codes(result: ImportResult) -> set[str]:
    return set(result.issues.filter(result.issues["severity"] != "info")["code"])


def row(quantity: str = "12,5", start: str = "01.01.2024", end: str = "31.12.2024", **other: str) -> str:
    cells = {"source": "Z", "activity": "Strom", "unit": "kWh", "quality": "gemessen", **other}
    cells |= {"quantity": quantity, "start": start, "end": end}
    return ";".join(cells.get(name, "") for name in HEADER.split(";"))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1'234.5", "not_a_number"),
        ("#VALUE!", "not_a_number"),
        ("#NV", "not_a_number"),
        ("=1+1", "not_a_number"),
        ("12 kWh", "not_a_number"),
        ("-1", "negative_quantity"),
    ],
)
def test_quantity_that_is_none_is_rejected(tmp_path: Path, text: str, code: str) -> None:
    result = read(tmp_path, row(source="A"), row(source="B"), row(text, source="C"))
    assert (result.accepted, result.rejected) == (2, 1)
    assert codes(result) == {code}


def test_ambiguous_column_is_refused_until_declared(tmp_path: Path) -> None:
    refused = read(tmp_path, row("1.234"))
    assert (refused.accepted, refused.rejected) == (0, 1)
    assert codes(refused) == {"ambiguous_number"}
    german = read(tmp_path, row("1.234"), request=ImportRequest(declared={"quantity": "1.234,56"}))
    english = read(tmp_path, row("1.234"), request=ImportRequest(declared={"quantity": "1,234.56"}))
    assert german.activities["quantity"].to_list() == [Decimal(1234)]
    assert english.activities["quantity"].to_list() == [Decimal("1.234")]


def test_blank_is_ignored_and_zero_is_zero(tmp_path: Path) -> None:
    result = read(tmp_path, row("", source="A"), row("0", source="B"))
    assert (result.accepted, result.ignored) == (1, 1)
    assert result.activities["quantity"].to_list() == [Decimal(0)]
    assert "blank" in set(result.issues["code"])


def test_end_is_included_as_a_date_and_excluded_as_a_time(tmp_path: Path) -> None:
    result = read(
        tmp_path,
        row(start="2024-01-01", end="2024-12-31", source="A"),
        row(start="2024-01-01", end="2025-01-01 00:00", source="B"),
    )
    assert result.activities["end"].n_unique() == 1
    assert result.activities["end"][0] == datetime(2024, 12, 31, 23)  # noqa: DTZ001 - the frame holds UTC


def test_ends_decide_what_starts_leave_open(tmp_path: Path) -> None:
    result = read(tmp_path, row(start="01/02/2024", end="29/02/2024"))
    assert result.activities["start"][0] == datetime(2024, 1, 31, 23)  # noqa: DTZ001 - the frame holds UTC
    refused = read(tmp_path, row(start="01/02/2024", end="02/03/2024"))
    assert codes(refused) == {"ambiguous_date"}
    assert refused.rejected == 1


def test_time_that_does_not_exist_is_rejected(tmp_path: Path) -> None:
    result = read(tmp_path, row(start="31.03.2024 02:30", end="31.03.2024 04:00"))
    assert codes(result) == {"nonexistent_time"}


def test_rows_outside_the_declared_period_are_rejected(tmp_path: Path) -> None:
    period = (datetime(2023, 12, 31, 23, tzinfo=UTC), datetime(2024, 12, 31, 23, tzinfo=UTC))
    result = read(
        tmp_path,
        row(source="A"),
        row(start="01.01.2025", end="31.01.2025", source="B"),
        request=ImportRequest(period=period),
    )
    assert (result.accepted, result.rejected, codes(result)) == (1, 1, {"outside_period"})


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"unit": "MWhh"}, "unknown_unit"),
        ({"unit": "kW"}, "refused_unit"),
        ({"unit": "m3"}, "unit_mismatch"),
        ({"unit": ""}, "missing_unit"),
        ({"activity": "Stroom"}, "unknown_activity"),
        ({"activity": ""}, "missing_value"),
        ({"quality": "super"}, "unknown_value"),
        ({"role": "gegessen"}, "unknown_value"),
        ({"activity": "Erdgas", "unit": "MWh Ho", "basis": "Hi"}, "basis_conflict"),
        ({"end": "01.12.2023"}, "end_before_start"),
        ({"end": "31.02.2024"}, "not_a_date"),
        ({"start": ""}, "missing_value"),
    ],
)
def test_rejected_row_says_why(tmp_path: Path, cells: dict[str, str], code: str) -> None:
    result = read(tmp_path, row(source="fine"), row(**cells))
    assert (result.accepted, result.rejected) == (1, 1)
    assert codes(result) == {code}
    issue = result.issues.filter(result.issues["code"] == code)
    assert issue["source_row"].to_list() == [3]


def test_fuel_without_basis_is_imported_and_marked(tmp_path: Path) -> None:
    result = read(tmp_path, row(activity="Erdgas", unit="MWh"))
    assert result.activities["basis"].to_list() == ["none"]
    assert codes(result) == {"basis_missing"}
    stated = read(tmp_path, row(activity="Erdgas", unit="MWh"), request=ImportRequest(basis="Hs"))
    assert stated.activities["basis"].to_list() == ["Hs"]
    assert codes(stated) == set()


def test_later_of_two_overlapping_rows_is_rejected_naming_the_first(tmp_path: Path) -> None:
    result = read(
        tmp_path,
        row(start="01.06.2024", end="30.06.2024"),
        row(),
        row(start="01.06.2024", end="30.06.2024"),
        row(start="01.07.2024", end="31.07.2024"),
        row(role="eingespeist"),
        row(quality="geschätzt"),
    )
    found = result.issues.filter(result.issues["severity"] == "error")
    assert found.select("source_row", "code", "parameters").rows() == [
        (3, "overlapping_interval", '{"first":"2"}'),
        (4, "duplicate_interval", '{"first":"2"}'),
    ]
    assert (result.accepted, result.rejected) == (4, 2)  # July, feed-in and the estimate stand beside


def test_money_corrections_and_unnamed_sources_may_overlap(tmp_path: Path) -> None:
    result = read(
        tmp_path,
        *[row(activity="Einkauf", unit="EUR")] * 2,
        *[row("-3", document_type="Gutschrift")] * 2,
        *[row(source="")] * 2,
    )
    assert (result.accepted, result.rejected) == (6, 0)


def test_stock_turns_a_delivery_into_consumption(tmp_path: Path) -> None:
    header = "source;activity;start;end;quantity;unit;role;stock_before;stock_after"
    oil = "Tank;Heizöl;01.01.2024;31.12.2024;"
    result = read(tmp_path, f"{oil}3000;l;geliefert;1000;500,5", header=header)
    assert result.activities["quantity"].to_list() == [Decimal("3499.5")]  # 1000 + 3000 − 500.5
    assert '"delivered":"3000' in result.activities["attributes"][0]
    assert codes(result) == set()
    without = read(tmp_path, f"{oil}3000;l;geliefert;;", header=header)
    assert codes(without) == {"delivery_not_consumption"}


def test_readings_make_the_quantity_and_must_agree_with_it(tmp_path: Path) -> None:
    header = "source;activity;start;end;quantity;unit;opening_reading;closing_reading;multiplier"
    power = "Z;Strom;01.01.2024;31.12.2024;"
    read_off = read(tmp_path, f"{power};kWh;1000;1345,5;40", header=header)
    assert read_off.activities["quantity"].to_list() == [Decimal(13820)]  # 345.5 × 40
    agreeing = read(tmp_path, f"{power}13820,4;kWh;1000;1345,5;40", header=header)
    assert codes(agreeing) == set()
    differing = read(tmp_path, f"{power}14000;kWh;1000;1345,5;40", header=header)
    assert codes(differing) == {"suspect_value"}
    assert differing.activities["quantity"].to_list() == [Decimal(14000)]


def test_spend_is_money(tmp_path: Path) -> None:
    result = read(
        tmp_path,
        row("12", unit="T€"),
        row("", activity="Einkauf", unit="", cost_net="99,90", currency="€", source="B"),
    )
    rows = result.activities.select("quantity", "unit", "quality").rows()
    assert rows == [(Decimal(12000), "EUR", "spend"), (Decimal("99.9"), "EUR", "spend")]


def test_total_row_is_compared_with_the_sum(tmp_path: Path) -> None:
    fitting = read(tmp_path, row("12,5"), "Summe;;;;12,5;kWh;;;;;;;")
    assert codes(fitting) == set()
    assert fitting.ignored == 1
    wrong = read(tmp_path, row("12,5"), "Gesamt;;;;13;;;;;;;;")
    assert codes(wrong) == {"control_sum"}


def test_request_fills_what_the_file_has_no_column_for(tmp_path: Path) -> None:
    request = ImportRequest(source="meter-1", activity="electricity", unit="kWh")
    result = read(tmp_path, "01.01.2024;31.12.2024;12,5", header="Beginn;Ende;Menge", request=request)
    assert result.activities.select("source", "activity", "unit").rows() == [
        ("meter-1", "electricity", "kWh")
    ]


def test_missing_columns_are_named_with_candidates(tmp_path: Path) -> None:
    with pytest.raises(FileRefused) as caught:
        read(tmp_path, "a;b;c;d;e", header="Aktivitaeten;Beginnn;Ende;Mengen;Einheit")
    assert caught.value.code == "missing_column"
    assert "Beginn / start ← Beginnn" in caught.value.parameters["near"]


def test_header_alone_gives_nothing_and_no_error(tmp_path: Path) -> None:
    result = read(tmp_path)
    assert (result.read, result.accepted) == (0, 0)


def test_identify_is_sure_only_of_all_required_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(HEADER + "\n" + row() + "\n", encoding="utf-8")
    sure = StandardUpload().identify(FileSample.of(path))
    assert sure is not None
    assert sure.confidence >= 0.9
    path.write_text("Aktivität;Beginn;Ende;Mänge\nStrom;1;2;3\n", encoding="utf-8")
    doubtful = StandardUpload().identify(FileSample.of(path))
    assert doubtful is not None
    assert doubtful.confidence < 0.9
    assert doubtful.parameters["columns"] == "Menge / quantity, Einheit / unit"
    path.write_bytes(bytes(range(256)) * 9)
    assert StandardUpload().identify(FileSample.of(path)) is None


def test_web_page_named_xlsx_is_claimed_and_refused_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_text("<html><body><table></table></body></html>", encoding="utf-8")
    claim = StandardUpload().identify(FileSample.of(path))
    assert claim is not None
    with pytest.raises(FileRefused, match="HTML"):
        StandardUpload().read(path, ImportRequest(), workspace(tmp_path))


CELLS = st.sampled_from(
    [
        *("", "0", "12,5", "1.234", "1.234,56", "-3", "x", "=1+1", "Strom", "Erdgas", "kWh", "MWh Ho", "EUR"),
        *("01.01.2024", "31.12.2024", "31.02.2024", "2024-03-31 02:30"),
        *("gemessen", "Gutschrift", "geliefert", "Summe", "Hs"),
    ]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(CELLS, min_size=13, max_size=13), max_size=6))
def test_every_row_is_accepted_rejected_or_ignored(tmp_path: Path, rows: list[list[str]]) -> None:
    result = read(tmp_path, row(), *(";".join(cells) for cells in rows))
    unread = result.issues.filter(result.issues["severity"] == "error")
    assert result.rejected == 0 or unread.height > 0


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(list(range(6))))
def test_order_of_rows_changes_no_total(tmp_path: Path, order: list[int]) -> None:
    lines = [row(f"{place},1", source=f"Z{place}") for place in range(6)]
    result = read(tmp_path, *(lines[place] for place in order))
    assert result.activities["quantity"].sum() == Decimal("15.6")  # 0.1 + 1.1 + … + 5.1
