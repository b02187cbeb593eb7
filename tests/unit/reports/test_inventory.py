"""The inventory by the GHG Protocol: its sums are those of the books, and what is not there is said."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from golden.exports.made_up import result
from sheets import texts
from unit.reports.synthetic import empty_result, frame

from bilanz.app.output.reporting import wording, write_export
from bilanz.disclosure import NOT_BROKEN_DOWN, OTHER, group_of
from bilanz.errors import Refused
from bilanz.result import EXCEPTION_SCHEMA, LINE_SCHEMA, Result
from reports.base import Wording
from reports.export import export
from reports.exports.vsme import facts
from reports.inventory import (
    GASES,
    SCOPE_3,
    by_gas,
    open_quantities,
    scopes_1_and_2,
)
from reports.totals import COUNTED, scope_of, total_of


@pytest.mark.parametrize(
    ("gas", "group"),
    [
        ("CO2", "CO2"),
        ("CO2e", NOT_BROKEN_DOWN),
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
        ("HFO1234yf", OTHER),
        ("HFE125", OTHER),
        ("SF5CF3", OTHER),
        ("CFC11", OTHER),
        ("HCFC22", OTHER),
    ],
)
def test_each_gas_has_one_row(gas: str, group: str) -> None:
    assert group_of(gas) == group
    assert group in GASES


def test_gases_add_up_to_their_scope_and_keep_their_mass() -> None:
    told = result()
    found = by_gas(told, "ghgp_market", "1")
    assert sum(co2e or 0 for _, co2e in found.values()) == scope_of(told.lines, "ghgp_market", "1")
    # 2 kg HFC134a × 1 530 and 1 kg R410A (half HFC32, half HFC125) × 2 256
    assert found["HFCs"] == (Decimal(3), Decimal(5316))
    assert found["CH4"] == (Decimal("1.2"), Decimal("32.4"))  # 1.2 kg × 27
    assert found[NOT_BROKEN_DOWN][0] is None
    assert set(found) <= set(GASES)


def test_a_blend_nobody_took_apart_leaves_its_rows_without_a_figure(tmp_path: Path) -> None:
    told = result()
    bare = replace(told, beside=replace(told.beside, gases=None))
    found = by_gas(bare, "ghgp_market", "1")
    unknown = {gas for gas, masses in found.items() if masses == (None, None)}
    assert unknown == {"CO2", "HFCs", "PFCs", OTHER}  # R410A may hold any of them
    assert found["CH4"] == (Decimal("1.2"), Decimal("32.4"))
    assert by_gas(bare, "ghgp_market", "2") == by_gas(told, "ghgp_market", "2")
    path = write_export(export("ghg_inventory"), bare, wording("en", result=bare), tmp_path / "g.xlsx")
    rows = {row[1]: row[2:] for row in texts(path, "Gases") if row[0] == "Scope 1"}
    assert rows["HFCs"] == ["", "", "", "a part has no figure; no sum is told"]
    pure = replace(bare, lines=told.lines.filter(pl.col("gas") != "R410A"))
    assert by_gas(pure, "ghgp_market", "1")["HFCs"] == (Decimal(2), Decimal(3060))  # 2 kg × 1 530
    assert "PFCs" not in by_gas(pure, "ghgp_market", "1")


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


def scoped(*, lines: tuple[str, ...], unknown: tuple[str, ...] = (), null: tuple[str, ...] = ()) -> Result:
    """A result with 1 000 kg in some scopes, activities without a figure, and lines without a figure."""
    common = {"book": "ghgp_market", "gas": "CO2e"}
    masses = [(scope, Decimal(1000)) for scope in lines] + [(scope, None) for scope in null]
    rows = [{**common, "scope": scope, "category": "c", "co2e_kg": mass} for scope, mass in masses]
    gaps = [{"activity": activity, "source": "s", "code": "no_factor"} for activity in unknown]
    exceptions = frame(gaps, EXCEPTION_SCHEMA)
    return replace(empty_result(), lines=frame(rows, LINE_SCHEMA), exceptions=exceptions)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (scoped(lines=("1", "2")), Decimal(2000)),
        (scoped(lines=("2",)), Decimal(1000)),  # no activity of scope 1 at all
        (scoped(lines=("2",), unknown=("purchase",)), Decimal(1000)),  # of scope 3
        (scoped(lines=("2",), unknown=("natural_gas",)), None),
        (scoped(lines=("1",), unknown=("electricity",)), None),
        (scoped(lines=("2",), null=("1",)), None),
        (scoped(lines=("1", "2"), unknown=("natural_gas",)), Decimal(2000)),  # incomplete, and said to be
        (scoped(lines=("3",)), None),
    ],
)
def test_scopes_1_and_2_are_no_partial_sum(told: Result, expected: Decimal | None) -> None:
    assert scopes_1_and_2(told, "ghgp_market") == expected
    name = "TotalGrossMarketBasedScope1AndScope2GHGEmissions"
    found = {fact.name: fact.value for fact in facts(told, Wording("en"))}
    assert found[name] == (None if expected is None else expected / 1000)


def test_what_is_not_classified_is_open_in_the_total_alone() -> None:
    told = scoped(lines=("2",), unknown=("natural_gas",))
    nobody = told.exceptions.with_columns(pl.lit(None, pl.String).alias("activity"))
    both = replace(told, exceptions=pl.concat([told.exceptions, nobody]))
    counts = [
        open_quantities(both, "ghgp_market", scopes) for scopes in (("1",), ("2",), ("1", "2"), COUNTED)
    ]
    assert counts == [1, 0, 1, 2]


def test_scopes_and_totals_with_quantities_without_a_figure_are_said_to_be_incomplete(
    tmp_path: Path,
) -> None:
    notes = {row[0]: row[3] for row in texts(written(tmp_path), "Emissions") if len(row) > 3}
    # 2 of natural gas, 5 of electricity (hostile names), 1 purchase
    said = {
        "Scope 1": 2,
        "Scope 2": 5,
        "Scope 3": 1,
        "Scopes 1 and 2": 7,
        "Total of scopes 1 to 3": 8,
    }
    for name, count in said.items():
        assert notes[name] == f"incomplete; quantities without a figure: {count}"


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
