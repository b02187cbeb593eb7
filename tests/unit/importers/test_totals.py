"""Rows that state the sum of other rows and have a period of their own are no records."""

from decimal import Decimal
from pathlib import Path

import pytest
from golden.standard.comparison import workspace

from importers.base import Importer, ImportRequest, ImportResult
from importers.building_portfolio import BuildingPortfolio
from importers.mileage_table import MileageTable


def read(importer: Importer, path: Path, text: str) -> ImportResult:
    path.write_text(text, encoding="utf-8")
    result = importer.read(path, ImportRequest(), workspace(path.parent))
    result.check()
    return result


def buildings(tmp_path: Path, *lines: str, header: str = "Jahr;Liegenschaft;Strom [kWh]") -> ImportResult:
    return read(BuildingPortfolio(), tmp_path / "a.csv", "\n".join([header, *lines, ""]))


def total(result: ImportResult, activity: str = "electricity") -> Decimal:
    return Decimal(result.activities.filter(activity=activity)["quantity"].sum())


def codes(result: ImportResult) -> list[str]:
    return result.issues["code"].to_list()


def test_a_total_in_the_second_cell_is_no_record(tmp_path: Path) -> None:
    lines = ("2023;Rathaus;100,5;1000", "2023;Schule;200;2000", "2023;Gesamt;300,5;3000")
    result = buildings(tmp_path, *lines, header="Jahr;Liegenschaft;Strom [kWh];Erdgas [kWh Hi]")
    assert (total(result), total(result, "natural_gas")) == (Decimal("300.5"), Decimal(3000))
    assert "total_row" in codes(result)
    assert not {"suspect_total", "control_sum"} & set(codes(result))


@pytest.mark.parametrize(
    "name", ["Summe", "Stadt insgesamt", "alle Gebäude", "Insgesamt", "Total", "Summe 2023", "Gesamtsumme:"]
)
@pytest.mark.parametrize("stated", ["30", "31"])
def test_a_row_named_by_nothing_but_a_total_is_ignored_and_compared(
    tmp_path: Path, name: str, stated: str
) -> None:
    for header, year in (("Jahr;Liegenschaft;Strom [kWh]", True), ("Liegenschaft;Jahr;Strom [kWh]", False)):
        rows = [("Rathaus", "10"), ("Schule", "20"), (name, stated)]
        lines = [f"2023;{site};{value}" if year else f"{site};2023;{value}" for site, value in rows]
        result = buildings(tmp_path, *lines, header=header)
        assert total(result) == 30
        assert ("control_sum" in codes(result)) == (stated == "31")


def test_a_total_of_each_year_is_compared_with_its_own_year(tmp_path: Path) -> None:
    lines = ("A;2022;10", "B;2022;20", "A;2023;11", "B;2023;22", "Gesamt;2022;30", "Gesamt;2023;33")
    result = buildings(tmp_path, *lines, header="Liegenschaft;Jahr;Strom [kWh]")
    assert total(result) == 63
    assert codes(result).count("total_row") == 2
    assert "control_sum" not in codes(result)


def test_subtotals_of_groups_and_their_total_are_no_records(tmp_path: Path) -> None:
    lines = (
        "2023;Hochbau;A;10", "2023;Hochbau;B;20", "2023;Hochbau;Summe;30",
        "2023;Tiefbau;C;5", "2023;Tiefbau;D;6", "2023;Tiefbau;Summe;11", "2023;Stadt;Gesamt;41",
    )  # fmt: skip
    result = buildings(tmp_path, *lines, header="Jahr;Amt;Liegenschaft;Strom [kWh]")
    assert total(result) == 41
    assert "control_sum" not in codes(result)


def test_the_parts_of_one_site_and_their_sum(tmp_path: Path) -> None:
    lines = ("2023;Schule Altbau;10", "2023;Schule Neubau;20", "2023;Rathaus;5", "2023;Schule gesamt;30")
    assert total(buildings(tmp_path, *lines)) == 35


def test_a_site_named_like_a_total_that_is_no_sum_stays_a_record(tmp_path: Path) -> None:
    result = buildings(tmp_path, "2023;Rathaus;10", "2023;Hort;20", "2023;Feuerwehr gesamt;5")
    assert total(result) == 35
    assert "suspect_total" in codes(result)


def test_the_only_row_of_a_year_is_a_record_whatever_its_name(tmp_path: Path) -> None:
    result = buildings(tmp_path, "2022;Rathaus;10", "2022;Schule;20", "2021;Gesamt;25")
    assert total(result) == 55
    assert "suspect_total" in codes(result)


def test_the_total_of_a_year_in_the_column_of_months(tmp_path: Path) -> None:
    lines = ("2023;Januar;A;10", "2023;Februar;A;20", "2023;Jahr gesamt;A;30")
    result = buildings(tmp_path, *lines, header="Jahr;Monat;Liegenschaft;Strom [kWh]")
    assert total(result) == 30
    assert result.rejected == 0


def test_a_row_whose_mileage_stands_in_the_other_column_counts(tmp_path: Path) -> None:
    text = "Jahr;Linie;Fahrzeugkilometer [km];Nutzwagenkilometer [Tsd. km]\n2023;1;100000;90\n2023;2;;250\n"
    result = read(MileageTable(), tmp_path / "b.csv", text)
    assert result.activities["quantity"].sum() * 1 in (Decimal(350000), Decimal(100250))
    assert result.activities.select("quantity", "unit").rows() == [
        (Decimal(100000), "km"),
        (Decimal(250), "kkm"),
    ]
    assert codes(result).count("distance_stood_in") == 1


def test_a_total_of_lines_is_no_mileage(tmp_path: Path) -> None:
    text = "Jahr;Linie;Fahrzeugkilometer [km]\n2023;1;100\n2023;2;250\n2023;Summe;350\n"
    result = read(MileageTable(), tmp_path / "b.csv", text)
    assert result.activities["quantity"].sum() == 350
