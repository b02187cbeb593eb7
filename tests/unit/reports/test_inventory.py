"""The inventory by the GHG Protocol: its sums are those of the books, and what is not there is said."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from golden.exports.made_up import result
from sheets import texts
from unit.reports.synthetic import empty_result

from bilanz.app.reporting import wording, write_export
from bilanz.errors import Refused
from reports.export import export
from reports.inventory import BLENDS, GASES, OTHER, SCOPE_3, UNDIVIDED, by_gas, gas_group
from reports.totals import scope_of, total_of


@pytest.mark.parametrize(
    ("gas", "group"),
    [
        ("CO2", "CO2"),
        ("CO2e", UNDIVIDED),
        ("CH4", "CH4"),
        ("CH4_biogenic", "CH4"),
        ("N2O", "N2O"),
        ("HFC134a", "HFCs"),
        ("HFC4310mee", "HFCs"),
        ("CF4", "PFCs"),
        ("C2F6", "PFCs"),
        ("cC4F8", "PFCs"),
        ("SF6", "SF6"),
        ("NF3", "NF3"),
        ("R410A", BLENDS),
        ("HFO1234yf", OTHER),
        ("HFE125", OTHER),
        ("SF5CF3", OTHER),
        ("CFC11", OTHER),
        ("HCFC22", OTHER),
    ],
)
def test_each_gas_has_one_row(gas: str, group: str) -> None:
    assert gas_group(gas) == group
    assert group in GASES


def test_gases_add_up_to_their_scope_and_keep_their_mass() -> None:
    told = result()
    found = by_gas(told, "ghgp_market", "1")
    assert sum(co2e or 0 for _, co2e in found.values()) == scope_of(told.lines, "ghgp_market", "1")
    assert found["HFCs"] == (Decimal(2), Decimal(3060))  # 2 kg × 1 530
    assert found["CH4"] == (Decimal("1.2"), Decimal("32.4"))  # 1.2 kg × 27
    assert found[BLENDS] == (Decimal(1), Decimal(2256))
    assert found[UNDIVIDED][0] is None


def written(path: Path, **declared: str) -> Path:
    told = result()
    said = replace(wording("en", result=told), declared=declared)
    return write_export(export("ghg_inventory"), told, said, path / "inventory.xlsx")


def test_both_methods_and_every_category_are_there(tmp_path: Path) -> None:
    told = result()
    rows = texts(written(tmp_path), "Emissions")
    total = next(row for row in rows if row and row[0] == "Total of scopes 1 to 3")
    assert [Decimal(text) for text in total[4:6]] == [
        total_of(told.lines, code) for code in ("ghgp_location", "ghgp_market")
    ]
    assert float(total[1]) == pytest.approx(float(Decimal(total[4])) / 1000)
    categories = [row for row in rows if row and row[0].strip().startswith("3.")]
    assert [row[0].split()[0] for row in categories] == list(SCOPE_3)
    said = {row[0].split()[0]: (row[1], row[3]) for row in [[*row, "", "", "", ""] for row in categories]}
    assert said["3.1"][0]
    assert said["3.1"][1] == "incomplete; quantities without a figure: 1"
    assert said["3.3"][1] == ""
    assert said["3.15"] == ("", "not assessed")
    power = next(row for row in rows if row and row[0].strip() == "Purchased electricity")
    assert power[3] == "incomplete; quantities without a figure: 5"  # of the sources with hostile names


def test_a_base_year_is_shown_as_declared_and_its_lack_is_said(tmp_path: Path) -> None:
    plain = {row[0]: row[1] for row in texts(written(tmp_path), "Disclosures") if len(row) > 1}
    assert plain["Base year"] == plain["Recalculation policy"] == "not declared"
    told = {
        row[0]: row[1] for row in texts(written(tmp_path, base_year="2019"), "Disclosures") if len(row) > 1
    }
    assert told["Base year"] == "2019"
    other = written(tmp_path, consolidation_approach="equity_share", base_year="2019", base_year_reason="why")
    rows = [row for row in texts(other, "Disclosures") if len(row) > 1]
    assert ["Base year", "2019 – why"] in rows
    contradiction = "Declared is equity share; the figures of this form follow operational control."
    assert ["Consolidation approach", contradiction] in rows


def test_years_stand_side_by_side_and_the_base_year_is_marked(tmp_path: Path) -> None:
    told = result()
    past = replace(told, manifest=replace(told.manifest, year=2019), lines=told.lines.head(40))
    both = replace(told, beside=replace(told.beside, earlier=(past,)))
    said = replace(wording("en", result=told), declared={"base_year": "2019"})
    path = write_export(export("ghg_inventory"), both, said, tmp_path / "years.xlsx")
    _, first, last = texts(path, "Years")
    scope_1 = scope_of(past.lines, "ghgp_location", "1")
    assert scope_1
    assert float(first[0]) == 2019
    assert float(first[1]) == float(scope_1 / 1000)
    assert (first[6], last[6]) == ("Base year", "")


def test_a_result_without_the_books_is_refused(tmp_path: Path) -> None:
    told = empty_result(("bisko",))
    with pytest.raises(Refused, match="ghgp_location, ghgp_market"):
        write_export(export("ghg_inventory"), told, wording("en"), tmp_path / "no.xlsx")
    assert not list(tmp_path.iterdir())
