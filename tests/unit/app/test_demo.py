"""The fictional city: the same bytes every time, marked as fictional, with the blemishes it promises."""

import csv
import hashlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from lxml import etree

from bilanz.activity import find
from bilanz.app import demo
from bilanz.app.musterhafen import bills, fuel, invoices, metering
from bilanz.app.musterhafen.chance import noise, share
from bilanz.app.musterhafen.city import ORGANISATIONS, POINTS, YEARS
from bilanz.errors import UsageError

WRITE_CITY = demo.write_city


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("demo") / "city"
    demo.write_city(directory)
    return directory


def decoded(path: Path) -> str:
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252")


def uploads(city: Path, pattern: str) -> Iterator[dict[str, str]]:
    paths = sorted((city / "inbox").glob(pattern))
    assert paths
    for path in paths:
        yield from csv.DictReader(decoded(path).splitlines(), delimiter=";")


def test_the_same_bytes_every_time(city: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    demo.write_city(again)
    names = sorted(path.relative_to(city) for path in city.rglob("*") if path.is_file())
    assert len(names) > 40
    assert names == sorted(path.relative_to(again) for path in again.rglob("*") if path.is_file())
    for name in names:
        first, second = ((root / name).read_bytes() for root in (city, again))
        assert hashlib.sha256(first).digest() == hashlib.sha256(second).digest(), name


def test_every_file_says_that_it_is_fictional(city: Path) -> None:
    files = [path for path in (city / "inbox").rglob("*") if path.is_file()]
    assert len(files) > 35
    assert [path.name for path in files if "fiktiv" not in decoded(path).lower()] == []
    assert "fiktiv" in next(unit.name for unit in ORGANISATIONS if not unit.parent)


def test_five_organisations_three_years_and_known_activities() -> None:
    assert len([unit for unit in ORGANISATIONS if unit.parent]) == 5
    assert YEARS == (2022, 2023, 2024)
    assert {point.organisation for point in POINTS} == {unit.code for unit in ORGANISATIONS if unit.parent}
    assert [point.activity for point in POINTS if find(point.activity) is None] == []
    assert len({point.source for point in POINTS}) == len(POINTS)
    sources = {point.source for point in POINTS}
    assert all(point.parent in sources for point in POINTS if point.parent)


@pytest.mark.parametrize(("year", "slots"), [(2022, 35_040), (2023, 35_040), (2024, 35_136)])
def test_a_year_has_all_its_quarter_hours(year: int, slots: int) -> None:
    # 365 days · 96 = 35 040; one hour less in March and one more in October leave the sum; 2024 has 366 days.
    assert metering.quarter_hours(year).height == slots


def test_days_of_clock_changes_have_92_and_100_quarter_hours(city: Path) -> None:
    lines = decoded(city / "inbox" / "rathaus" / "Lastgang_Rathaus_2023.csv").splitlines()
    assert sum(line.startswith("26.03.2023;") for line in lines) == 92
    assert sum(line.startswith("29.10.2023;") for line in lines) == 100
    assert sum(line.startswith("29.10.2023;02:15:00;") for line in lines) == 2


def test_a_file_of_the_town_hall_is_there_twice(city: Path) -> None:
    folder = city / "inbox" / "rathaus"
    first, second = ((folder / f"Lastgang_Rathaus_2023{suffix}.csv").read_bytes() for suffix in ("", " (1)"))
    assert first == second


def test_the_promised_blemishes_are_there(city: Path) -> None:
    rows = list(uploads(city, "*/Verbrauch_*.csv"))
    months = [row["Beginn"] for row in rows if row["Quelle"] == "GS-STROM-01" and "2023" in row["Beginn"]]
    assert len(months) == 11
    assert "01.11.2023" not in months
    assert [row["Beginn"] for row in rows if row["Einheit"] == "kwhh"] == ["01.03.2023"]
    twice = [row for row in rows if row["Quelle"] == "EF-HALLE-STROM" and row["Beginn"] == "01.05.2024"]
    assert len(twice) == 2
    assert len([row for row in rows if row.get("Belegart") == "Abschlag"]) == 11
    assert len([row for row in rows if not row["Menge"]]) == 1
    billed = [row["Menge"] for row in rows if row["Quelle"] == metering.TOWN_HALL]
    assert billed == ["309650"]
    assert {row["Menge"] for row in uploads(city, "fuhrpark/Brennholz*.csv")} == {"1.250", "1.175", "1.320"}


def test_instalments_add_up_to_the_final_bill_they_must_not_be_added_to(city: Path) -> None:
    rows = [row for row in uploads(city, "rathaus/Verbrauch_*_2023.csv") if row["Quelle"] == "KITA-STROM-01"]
    final = [int(row["Menge"]) for row in rows if row["Belegart"] == "Schlussrechnung"]
    instalments = [int(row["Menge"]) for row in rows if row["Belegart"] == "Abschlag"]
    assert final == [32_400]
    assert sum(instalments) == pytest.approx(32_400, abs=11)


def test_stock_before_and_after_give_the_consumption_of_the_year(city: Path) -> None:
    rows = [row for row in uploads(city, "nahverkehr/Verbrauch_*_2024.csv") if row["Rolle"] == "geliefert"]
    tank = [row for row in rows if row["Quelle"] == "NV-DIESEL-TANK"]
    used = sum(int(row["Menge"]) + int(row["Bestand vorher"]) - int(row["Bestand nachher"]) for row in tank)
    assert len(tank) == 12
    assert used == pytest.approx(322_000, abs=12)
    assert all(row["Bestand nachher"] == following["Bestand vorher"] for row, following in pairwise(tank))


@pytest.mark.parametrize("name", ["flat", "heating", "school", "light", "bath"])
def test_the_shares_of_a_profile_add_up_to_one(name: bills.Profile) -> None:
    assert sum(bills.profile(name, month) for month in range(1, 13)) == pytest.approx(1, abs=1e-12)


def test_fuel_cards_hold_adblue_washing_and_two_kinds_of_petrol() -> None:
    frame = fuel.transactions(2024)
    articles = set(frame["article"])
    assert articles == {"Diesel", "HVO100", "Super E10", "Super E5", "AdBlue", "Autowäsche"}
    litres = frame.filter(pl.col("article") == "Diesel")["amount"].sum()
    assert 70_000 < litres < 90_000
    assert "HVO100" not in set(fuel.transactions(2023)["article"])
    assert frame["minute"].is_between(0, 24 * 60 - 1).all()


def test_invoices_add_up_and_one_line_of_2023_is_unknown(city: Path) -> None:
    paths = sorted((city / "inbox").glob("*/Rechnung_*.xml"))
    assert len(paths) == 6
    for path in paths:
        tree = etree.parse(str(path))
        tags = ("LineExtensionAmount", "LineTotalAmount")
        amounts = [float(node.text) for tag in tags for node in tree.iterfind(f".//{{*}}{tag}")]
        # UBL states the total first, CII last; either way it is the sum of the others.
        assert max(amounts) == pytest.approx(sum(amounts) - max(amounts), abs=0.01), path.name
    point = next(point for point in POINTS if point.source == "GES-GAS-01")
    assert [len(invoices.lines(point, year)) for year in YEARS] == [4, 5, 4]


def test_chance_depends_on_its_keys_alone() -> None:
    assert share("a", 1) == share("a", 1) != share("a", 2)
    values = pl.select(noise(pl.int_range(10_000), 3)).to_series()
    assert values.is_between(-1, 1).all()
    assert abs(values.mean()) < 0.05


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, demo.DemoOutcome]]:
    """Build the city with four of its files, one of them nobody can read, for one year."""
    directory = tmp_path_factory.mktemp("small") / "city"
    kept = {
        "Verbrauch_einkauf_2024.csv",
        "Dienstreisen_2024.csv",
        "Verbrauch_fuhrpark_2024.csv",
        "Brennholz_Bauhof.csv",
    }

    def write_less(target: Path) -> None:
        WRITE_CITY(target)
        for path in (target / "inbox").rglob("*.*"):
            if path.name not in kept:
                path.unlink()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "write_city", write_less)
        patch.setattr("bilanz.app.musterhafen.city.YEARS", (2024,))
        yield directory, demo.build(directory, language="de")


def test_the_city_takes_the_same_path_as_every_file(small: tuple[Path, demo.DemoOutcome]) -> None:
    directory, outcome = small
    results = {file.file: file.result for file in outcome.run.files}
    assert results == {
        "Verbrauch_fuhrpark_2024.csv": "rejects",
        "Brennholz_Bauhof.csv": "failed",
        "Verbrauch_einkauf_2024.csv": "imported",
        "Dienstreisen_2024.csv": "imported",
    }
    rejects = directory / "inbox" / "fuhrpark" / "done" / "Verbrauch_fuhrpark_2024.csv.rejects.csv"
    first, header, *rows = rejects.read_text(encoding="utf-8-sig").splitlines()
    assert first.startswith("bilanz: Formate;Menge=")
    assert header.startswith("Organisation;")
    counts = {file.file: file.counts for file in outcome.run.files}
    assert len(rows) == counts["Verbrauch_fuhrpark_2024.csv"]["rejected"]
    report = directory / "inbox" / "fuhrpark" / "failed" / "Brennholz_Bauhof.csv.report.txt"
    assert '--declare "Menge=1.234,56"' in report.read_text(encoding="utf-8-sig")


def test_the_dashboards_are_there_and_marked(small: tuple[Path, demo.DemoOutcome]) -> None:
    directory, outcome = small
    names = [page.name for page in demo.dashboards(directory)]
    assert names == ["bilanz-2024.de.html", "bilanz-2024.en.html"]
    for page in demo.dashboards(directory):
        assert "<title>Stadt Musterhafen (fiktiv)" in page.read_text(encoding="utf-8")
    assert outcome.as_json()["dashboards"] == [str(page) for page in demo.dashboards(directory)]
    assert len(list(outcome.commands())) == 5


def test_building_it_again_finds_nothing_to_do(small: tuple[Path, demo.DemoOutcome]) -> None:
    directory, _ = small
    again = demo.build(directory, language="de")
    assert (again.run.files, again.run.years) == ((), ())
    assert next(again.lines()).startswith("Die Demonstration ist schon da")


def test_a_directory_with_something_else_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "balance.xlsx").write_text("mine")
    with pytest.raises(UsageError):
        demo.build(tmp_path, fresh=True)
    assert [path.name for path in tmp_path.iterdir()] == ["balance.xlsx"]
