"""EMAS: A, B and R by hand, over years; B is told only where every organisation states it, none twice."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import polars as pl
from golden.exports.made_up import result
from sheets import texts

from bilanz.app.output.reporting import wording, write_export
from bilanz.messages import catalogue
from bilanz.result import Beside, Result
from reports.export import export
from reports.exports.emas import CORE, FURTHER
from reports.inventory import runs_of
from reports.sizes import AREA, STAFF, Size, population, size_of


def rows_of(run: Result, path: Path, sheet: str = "For validation") -> list[dict[str, str]]:
    file = write_export(export("emas"), run, wording("en", result=run), path / "emas.xlsx")
    heads, *rows = texts(file, sheet)
    return [dict(zip(heads, [*row, *[""] * (len(heads) - len(row))], strict=True)) for row in rows]


def test_the_ratio_is_output_by_staff(tmp_path: Path) -> None:
    run = result()
    row = next(
        row for row in rows_of(run, tmp_path) if row["Name of the indicator"].startswith("Greenhouse gases")
    )
    # 272 095.7 kg = 272.0957 t; staff 200 + 90 + 60 + 70 + 10 = 430
    assert Decimal(row["A, exact"]) == Decimal("272.0957")
    assert float(row["B: staff (FTE)"]) == 430
    assert float(row["R = A/B (per FTE)"]) == float(round(Decimal("272.0957") / 430, 12))
    assert row["R = A/B (per m²)"] == ""
    assert row["Note"].startswith("floor area is not stated by: ")
    assert row["Validated"] == ""


def test_every_indicator_has_a_row_and_what_is_missing_a_note(tmp_path: Path) -> None:
    rows = rows_of(result(), tmp_path)
    assert len(rows) == len(CORE)
    assert all(row["A"] or row["Note"] for row in rows)
    assert len(rows_of(result(), tmp_path, "Not for validation")) == len(FURTHER)


def test_every_indicator_has_a_german_name() -> None:
    german = catalogue("de")
    signs = {"CO2", "CH4", "N2O", "SF6", "NF3", "SO₂", "NOₓ"}
    told = {text for entry in (*CORE, *FURTHER) for text in (entry.aspect, entry.name)}
    assert told - signs <= set(german)


def test_years_stand_side_by_side_and_too_few_are_said(tmp_path: Path) -> None:
    run = result()
    past = replace(run, manifest=replace(run.manifest, year=2024, result_hash="9" * 64))
    other = replace(past, manifest=replace(past.manifest, year=2023, books=("bisko",)))
    both = replace(run, beside=replace(run.beside, earlier=(past, other)))
    assert [each.manifest.year for each in runs_of(both)] == [2024, 2025]
    rows = [
        row
        for row in rows_of(both, tmp_path)
        if row["Name of the indicator"] == "Total direct energy consumption"
    ]
    assert [(float(row["Year"]), row["A, exact"]) for row in rows] == [
        (2024, "1635.840000"),
        (2025, "1635.840000"),
    ]
    assert rows[0]["B: staff (FTE)"] == ""  # the figures state 2025 only
    cover = {row[0]: row[1] for row in texts(tmp_path / "emas.xlsx", "Cover") if len(row) > 1}
    assert cover["Years"].startswith("The years 2024, 2025. Three years are asked for")
    assert cover["Hash of the result 2024"] == "9" * 64


def hfc(run: Result, path: Path) -> dict[float, tuple[str, str]]:
    rows = [row for row in rows_of(run, path) if row["Name of the indicator"] == "HFCs"]
    return {float(row["Year"]): (row["A, exact"], row["Note"].partition(":")[0]) for row in rows}


def test_a_blend_is_taken_apart_in_every_year_or_its_rows_have_no_figure(tmp_path: Path) -> None:
    run = result()
    past = replace(run, manifest=replace(run.manifest, year=2024), beside=Beside(gases=run.beside.gases))
    bare = replace(past, manifest=replace(past.manifest, year=2023), beside=Beside())
    found = hfc(replace(run, beside=replace(run.beside, earlier=(past, bare))), tmp_path)
    # 2 kg HFC134a × 1 530 + 1 kg R410A × 2 256 = 5 316 kg
    assert found[2025] == ("5.316000000000", "floor area is not stated by")
    assert found[2024][0] == "5.316000000000"
    assert found[2023] == ("", "a part has no figure; no sum is told")


def test_a_size_is_told_only_where_all_state_it_and_none_twice() -> None:
    run = result()
    assert size_of(run, run, STAFF) == Size(Decimal(430))
    assert size_of(run, run, AREA).value is None
    assert len(size_of(run, run, AREA).missing) == 5
    below = pl.when(pl.col("organisation") == "bus").then(pl.lit("werke")).otherwise("parent").alias("parent")
    nested = replace(run, organisations=run.organisations.with_columns(below))
    assert size_of(nested, nested, STAFF) == Size(None, (), ("bus",))
    bare = replace(run, beside=replace(run.beside, figures=None))
    assert size_of(bare, bare, STAFF).value is None


def test_inhabitants_are_those_of_the_topmost_organisation() -> None:
    run = result()
    assert population(run, run) == 18_240
    bare = replace(run, beside=replace(run.beside, figures=None))
    assert population(bare, bare) is None
