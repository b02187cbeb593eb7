from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from golden.standard.comparison import workspace

from bilanz.activity import folded
from bilanz.errors import FileRefused
from bilanz.messages import catalogue
from importers.base import FileSample, ImportRequest, ImportResult
from importers.fuel import products
from importers.fuel.lines import unit_of_header
from importers.fuel_card import FuelCard

HEADER = "Kennzeichen;Datum;Produkt;Menge;Einheit;Nettobetrag;Währung;km-Stand"


def read(
    directory: Path, *lines: str, header: str = HEADER, request: ImportRequest | None = None
) -> ImportResult:
    path = directory / "card.csv"
    path.write_text("\n".join((header, *lines)) + "\n", encoding="utf-8")
    result = FuelCard().read(path, request or ImportRequest(), workspace(directory))
    result.check()
    return result


def codes(result: ImportResult) -> list[str]:
    return result.issues.filter(result.issues["severity"] != "info")["code"].to_list()


@pytest.mark.parametrize(
    ("names", "activity"),
    [
        (("Unleaded Ethanol (10% blend)", "ETH", "Unleaded"), "petrol_e10"),
        (("Future Defined", "FUL", "Unleaded"), "petrol"),
        ((None, "SUPER E10", None), "petrol_e10"),
        ((None, "Diesel B7", None), "diesel_b7"),
        ((None, "HVO100", None), "hvo"),
        ((None, "Erdgas", None), "cng"),
        ((None, "Autogas", None), "lpg_fuel"),
        ((None, "Ladestrom", None), "electricity_traction"),
    ],
)
def test_product_gives_the_activity(names: tuple[str | None, str | None, str | None], activity: str) -> None:
    found = products.classify(*names)
    assert found is not None
    assert found.activity == activity


@pytest.mark.parametrize(
    "name", ["AdBlue", "Wagenwäsche", "Maut", "General Merchandise", "Discount 2", "Non-Fuel"]
)
def test_what_is_no_fuel_is_not_relevant(name: str) -> None:
    found = products.classify(None, name, "Diesel")
    assert found is not None
    assert found.reason is not None
    assert found.reason in catalogue("de")


def test_unknown_product_is_not_guessed() -> None:
    assert products.classify("Diesel-Additiv", "DA", None) is None


def test_no_product_name_is_listed_twice() -> None:
    import tomllib

    with (Path(products.__file__).parent / "products.toml").open("rb") as stream:
        table = tomllib.load(stream)
    for kind in ("activity", "irrelevant"):
        owners: dict[str, str] = {}
        for code, entry in table[kind].items():
            for name in entry["names"]:
                assert owners.setdefault(folded(name), code) == code, name


@pytest.mark.parametrize(
    ("title", "unit"), [("Liter", "Liter"), ("Menge in Liter", "Liter"), ("kWh", "kWh"), ("Volume", None)]
)
def test_unit_of_a_header(title: str, unit: str | None) -> None:
    assert unit_of_header(title) == unit


def test_unit_from_the_header_or_none_at_all(tmp_path: Path) -> None:
    litres = read(tmp_path, "MH 1;01.01.2024;Diesel;50,5", header="Kennzeichen;Datum;Produkt;Liter")
    assert litres.activities.select("quantity", "unit").rows() == [(Decimal("50.5"), "l")]
    none = read(tmp_path, "MH 1;01.01.2024;Diesel;50,5", header="Kennzeichen;Datum;Produkt;Menge")
    assert codes(none) == ["missing_unit"]
    stated = read(
        tmp_path,
        "MH 1;01.01.2024;Diesel;50,5",
        header="Kennzeichen;Datum;Produkt;Menge",
        request=ImportRequest(unit="l"),
    )
    assert stated.accepted == 1


def test_a_day_is_a_day_and_a_minute_a_minute(tmp_path: Path) -> None:
    day = read(tmp_path, "MH 1;31.03.2024;Diesel;50,5;l;;;")
    hours = (day.activities["end"] - day.activities["start"]).dt.total_hours().to_list()
    assert hours == [23]  # clocks go forward
    minute = read(
        tmp_path,
        "MH 1;31.01.2024;07:15;Diesel;50,5;l",
        header="Kennzeichen;Datum;Uhrzeit;Produkt;Menge;Einheit",
    )
    assert minute.activities["start"][0] == datetime(2024, 1, 31, 6, 15)  # noqa: DTZ001 - the frame holds UTC
    assert (minute.activities["end"] - minute.activities["start"]).dt.total_minutes().to_list() == [1]


def test_lines_that_are_there_twice_are_rejected(tmp_path: Path) -> None:
    line = "MH 1;31.01.2024;Diesel;50,5;l;70,00;EUR;1000"
    result = read(tmp_path, line, line, "MH 1;31.01.2024;Diesel;50,5;l;70,00;EUR;1001")
    assert (result.accepted, result.rejected) == (2, 1)
    assert codes(result) == ["duplicate_row"]


def test_cost_without_currency_is_said_once_with_its_sum(tmp_path: Path) -> None:
    result = read(tmp_path, "MH 1;30.01.2024;Diesel;50,5;l;70,25;;", "MH 1;31.01.2024;Diesel;40;l;50,00;;")
    lost = result.issues.filter(result.issues["code"] == "cost_unusable")
    assert lost["value"].to_list() == ["120.25 (2)"]
    assert result.activities["cost_net"].to_list() == [None, None]
    assert '"cost_net":"70,25"' in result.activities["attributes"][0]


def test_currency_beside_the_price_is_read(tmp_path: Path) -> None:
    result = read(tmp_path, "MH 1;31.01.2024;Diesel;50,5;l;EUR 70,25;;")
    assert result.activities.select("cost_net", "currency").rows() == [(Decimal("70.25"), "EUR")]


def test_file_without_products_is_one_exception_unless_the_activity_is_stated(tmp_path: Path) -> None:
    header = "Kennzeichen;Datum;Liter;km-Stand"
    unknown = read(tmp_path, "MH 1;31.01.2024;50,5;10", "MH 1;30.01.2024;50,5;5", header=header)
    assert codes(unknown) == ["not_classified"]
    assert unknown.activities["activity"].to_list() == [None, None]
    known = read(tmp_path, "MH 1;31.01.2024;50,5;10", header=header, request=ImportRequest(activity="diesel"))
    assert known.activities["activity"].to_list() == ["diesel"]


def test_odometer_groups_are_no_decimals(tmp_path: Path) -> None:
    result = read(
        tmp_path,
        "MH 1;01.01.2024;Diesel;50,5;l;;;45.120",
        "MH 1;02.01.2024;Diesel;50,5;l;;;4.520",
        "MH 1;03.01.2024;Diesel;50,5;l;;;45.900",
    )
    found = result.issues.filter(result.issues["code"] == "suspect_odometer")
    assert found["source_row"].to_list() == [3]


def test_lines_outside_the_period_are_rejected(tmp_path: Path) -> None:
    period = (datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC))
    lines = ("MH 1;15.06.2024;Diesel;50,5;l;;;", "MH 1;15.06.2023;Diesel;50,5;l;;;")
    result = read(tmp_path, *lines, request=ImportRequest(period=period))
    assert (result.accepted, codes(result)) == (1, ["outside_period"])


def test_required_columns_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileRefused) as caught:
        read(tmp_path, "a;b", header="Kennzeichen;Produkt")
    assert caught.value.code == "missing_column"


def test_periods_are_no_refuellings(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Kennzeichen;Datum;Von;Bis;Produkt;Menge\na;b;c;d;e;f\n", encoding="utf-8")
    assert FuelCard().identify(FileSample.of(path)) is None


NUMBERED = "Kennzeichen;Datum;Uhrzeit;Produkt;Menge;Einheit;Belegnummer;Position;Belegart"


@pytest.mark.parametrize(
    ("second", "accepted"),
    [
        ("MH 1;02.01.2024;07:15;Diesel;50,5;l;1001;1;", 1),  # the same line again
        ("MH 2;02.01.2024;07:15;Diesel;50,5;l;1001;1;", 2),  # another station's receipt 1001
        ("MH 1;09.01.2024;07:15;Diesel;40;l;1001;1;", 2),
        ("MH 1;02.01.2024;07:15;Diesel;50,5;l;1001;2;", 2),
        ("MH 1;02.01.2024;07:15;Super E10;9;l;1001;2;", 2),
    ],
)
def test_a_receipt_number_alone_makes_no_double(tmp_path: Path, second: str, accepted: int) -> None:
    result = read(tmp_path, "MH 1;02.01.2024;07:15;Diesel;50,5;l;1001;1;", second, header=NUMBERED)
    assert result.accepted == accepted
    assert codes(result) == ["duplicate_row"] * (2 - accepted)


def test_a_positive_credit_is_refused(tmp_path: Path) -> None:
    lines = [
        "MH 1;02.01.2024;07:15;Diesel;-50,5;l;1;1;Gutschrift",
        "MH 1;03.01.2024;07:15;Diesel;50,5;l;2;1;Gutschrift",
    ]
    result = read(tmp_path, *lines, header=NUMBERED)
    assert result.activities["quantity"].to_list() == [Decimal("-50.5")]
    assert codes(result) == ["positive_credit"]


def test_gallons_under_a_header_in_litres_are_refused_and_a_charging_session_is_not(tmp_path: Path) -> None:
    header = "Kennzeichen;Datum;Produkt;Menge (l);Einheit"
    lines = ["MH 1;02.01.2024;Diesel;50,5;US gal", "MH 2;02.01.2024;Ladestrom;22,4;kWh"]
    result = read(tmp_path, *lines, header=header)
    assert result.activities["unit"].to_list() == ["kWh"]
    assert codes(result) == ["unit_conflict"]
