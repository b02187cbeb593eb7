"""The gate: every rule refuses the row it is for and lets the good row pass."""

from pathlib import Path

import polars as pl
import pytest

from bilanz.errors import CatalogueError
from bilanz.factor import FACTOR_SCHEMA
from factors import asides, base, gate, table
from factors.table import FILE, ROW

GASES = ("CO2", "CH4", "N2O", "CO2e")
GWP = pl.DataFrame({"gwp": ["AR5"] * 3, "gas": ["CO2", "CH4", "N2O"], "value": [1, 28, 265]})
PROPERTIES = pl.DataFrame(
    [
        ("s", "e", "diesel", "net_calorific_value", "42.8", "GJ", "t", None),
        ("s", "e", "diesel", "gross_calorific_value", "45.6", "GJ", "t", None),
        ("s", "e", "diesel", "density", "0.845", "t", "m3", None),
    ],
    schema=dict.fromkeys(
        ("source", "edition", "activity", "kind", "value", "unit", "per_unit", "valid_from"), pl.String
    ),
    orient="row",
)
GOOD = {
    "factor_id": "s:e:natural_gas:DE:2024:direct",
    "source": "s",
    "edition": "e",
    "activity": "natural_gas",
    "region": "DE",
    "valid_from": "2024-01-01",
    "valid_to": "2025-01-01",
    "gas": "CO2",
    "value": "0.0558",
    "mass_unit": "t",
    "per_unit": "GJ",
    "basis": "Hi",
    "chain": "direct",
    "evidence": "primary",
    "publisher": "p",
    "title": "t",
    "locator": "l",
    "licence": "x",
}
ELECTRICITY = {
    "activity": "electricity",
    "per_unit": "kWh",
    "mass_unit": "g",
    "value": "363",
    "basis": "none",
}
CO2E = {"gas": "CO2e", "gwp": "AR5", "value": "0.06"}
SPEND = {
    **CO2E,
    "activity": "purchase",
    "per_unit": "kEUR",
    "basis": "none",
    "mass_unit": "kg",
    "value": "226",
}


def rows(*changes: dict[str, str | None]) -> pl.DataFrame:
    text = [{**dict.fromkeys(FACTOR_SCHEMA), **GOOD, **change} for change in changes]
    frame = pl.DataFrame(text, schema=dict.fromkeys(FACTOR_SCHEMA, pl.String))
    return frame.with_columns(pl.lit("s/e.csv").alias(FILE), pl.int_range(2, len(text) + 2).alias(ROW))


def found(*changes: dict[str, str | None], negatives: tuple[str, ...] = ()) -> pl.DataFrame:
    return gate.findings(rows(*changes), gases=GASES, gwp=GWP, properties=PROPERTIES, negatives=negatives)


@pytest.mark.parametrize(
    "change",
    [
        {},
        ELECTRICITY,
        CO2E,
        {**SPEND, "product_group": "C26"},
        {"valid_to": None},
        {"region": "DE-BB"},
        {"region": "EU27"},
        {"chain": "biogenic"},
        {"evidence": "custom", "publisher": None, "licence": None, "locator": None},
        {"activity": "diesel", "value": "2.67", "mass_unit": "kg", "per_unit": "l", "basis": "none"},
    ],
)
def test_good_rows_pass(change: dict[str, str | None]) -> None:
    assert found(change).is_empty()


@pytest.mark.parametrize(
    ("change", "column", "words"),
    [
        ({"title": None}, "title", "required"),
        ({"publisher": None}, "publisher", "required"),
        ({"activity": "gas_oil_maybe"}, "activity", "vocabulary"),
        ({"gas": "CH5"}, "gas", "known gas"),
        ({"chain": "scope1"}, "chain", "upstream"),
        ({"evidence": "doubtful"}, "evidence", "evidence"),
        ({"basis": "Ho"}, "basis", "Hs"),
        ({"region": "Germany"}, "region", "ISO"),
        ({"edition": "Edition 1"}, "edition", "small letters"),
        ({"delivery": "sold"}, "delivery", "generated"),
        ({"mass_unit": "oz"}, "mass_unit", "mass"),
        ({"per_unit": "kt"}, "per_unit", "unit"),
        ({"per_unit": "km", "basis": "none"}, "per_unit", "measured in"),
        ({**ELECTRICITY, "per_unit": "l"}, "per_unit", "measured in"),
        ({"value": "0,0558"}, "value", "decimal"),
        ({"value": "5.58e-2"}, "value", "decimal"),
        ({"value": "NaN"}, "value", "decimal"),
        ({"value": "-0.0558"}, "value", "Negative"),
        ({"valid_from": "01.01.2024"}, "valid_from", "date"),
        ({"valid_from": "2024-02-30"}, "valid_from", "date"),
        ({"valid_to": "2024"}, "valid_to", "date"),
        ({"valid_to": "2024-01-01"}, "valid_to", "Ends"),
        ({"valid_to": "2023-01-01"}, "valid_to", "Ends"),
        ({"uncertainty": "5 %"}, "uncertainty", "percent"),
        ({"basis": "none"}, "basis", "needs a basis"),
        ({**ELECTRICITY, "basis": "Hi"}, "basis", "Only the energy of a fuel"),
        ({**CO2E, "gwp": None}, "gwp", "needs"),
        ({"gwp": "unstated"}, "gwp", "stated as CO2e"),
        ({**CO2E, "chain": "biogenic"}, "chain", "biogenic"),
        (SPEND, "product_group", "Spend needs"),
        ({"product_group": "C26"}, "product_group", "Only spend"),
        ({"factor_id": "natural_gas"}, "factor_id", "source:edition"),
    ],
)
def test_broken_rows_are_found(change: dict[str, str | None], column: str, words: str) -> None:
    hits = found(change).filter(pl.col("column") == column)
    assert any(words in reason for reason in hits.get_column("reason"))
    assert hits.get_column(ROW).to_list() == [2] * hits.height


@pytest.mark.parametrize(
    "change",
    [
        {"value": "55.8"},  # kg/GJ given as t/GJ
        {"value": "0.2009", "per_unit": "GJ"},  # t/MWh given per GJ
        {"value": "0.121"},  # just above the bound for CO2 per GJ
        {"activity": "diesel", "value": "3.8", "per_unit": "t", "basis": "none"},  # more than pure carbon
        {**CO2E, "value": "0.17"},
        {**ELECTRICITY, "mass_unit": "kg"},  # g/kWh given as kg/kWh
        {"activity": "diesel", "value": "2.67", "mass_unit": "t", "per_unit": "l", "basis": "none"},
        {**SPEND, "product_group": "C26", "per_unit": "EUR"},  # per 1000 EUR given per EUR
    ],
)
def test_slipped_units_are_found(change: dict[str, str | None]) -> None:
    assert "value" in found(change).get_column("column")


def test_the_carbon_bound_lets_every_fuel_pass() -> None:
    coke = {"value": "0.1096", "activity": "lignite"}  # brown coal coke, EBeV 2030 No. 9.4i
    assert found(coke).is_empty()


def test_negative_values_pass_where_the_publication_has_them() -> None:
    assert found({"value": "-0.0558"}, negatives=("s",)).is_empty()


def test_the_same_factor_twice() -> None:
    assert "factor_id" in found({}, {}).get_column("column")


def test_the_same_statement_under_another_name() -> None:
    other = {"factor_id": "s:e:other", "value": "0.056"}
    assert set(found({}, other).get_column("reason")) == {"The same statement twice."}


def test_gases_of_one_factor_stand_beside_each_other() -> None:
    methane = {"gas": "CH4", "value": "0.000001"}
    assert found({}, methane).is_empty()


def test_total_beside_its_parts_counts_twice() -> None:
    assert set(found({}, {"chain": "total"}).get_column("column")) == {"chain"}


@pytest.mark.parametrize(
    ("stated", "count"),
    [
        # 55.8 + 0.001·28 + 0.0001·265 = 55.8545 kg CO2e per GJ
        ("0.0558545", 0),
        ("0.0560", 0),  # rounded: + 0.26 %
        ("0.0550", 4),  # less than its gases: every row of the statement is refused
        ("0.0580", 4),  # more, although all three gases are there
    ],
)
def test_gases_add_up_to_the_co2e_beside_them(stated: str, count: int) -> None:
    gases = ({}, {"gas": "CH4", "value": "0.000001"}, {"gas": "N2O", "value": "0.0000001"})
    hits = found(*gases, {**CO2E, "value": stated})
    assert hits.get_column("column").to_list() == ["gas"] * count


def test_one_gas_beside_co2e_is_no_more_than_it() -> None:
    assert found({}, {**CO2E, "value": "0.0650"}).is_empty()
    assert not found({}, {**CO2E, "value": "0.0500"}).is_empty()


def test_gases_beside_co2e_of_an_unstated_set_are_not_added_up() -> None:
    assert found({}, {**CO2E, "gwp": "unstated", "value": "0.0500"}).is_empty()


def test_one_factor_has_one_unit() -> None:
    columns = found({}, {"gas": "CH4", "value": "0.000001", "per_unit": "MWh"}).get_column("column")
    assert "per_unit" in columns


def test_ten_times_its_sibling() -> None:
    later = {
        "factor_id": "s:f:x",
        "edition": "f",
        "value": "0.0055",
        "valid_from": "2025-01-01",
        "valid_to": None,
    }
    assert set(found({}, later).get_column("reason")) == {
        "More than ten times another value of the same kind; check the units."
    }
    near = {**later, "value": "0.0560"}
    assert found({}, near).is_empty()


def test_gross_must_be_less_than_net() -> None:
    gross = {"factor_id": "s:e:hs", "basis": "Hs"}
    assert found({}, {**gross, "value": "0.0504"}).is_empty()
    assert set(found({}, {**gross, "value": "0.0620"}).get_column("column")) == {"basis"}


def test_an_unreadable_value_is_reported_once() -> None:
    assert found({"value": "n/a"}).height == 1


def write(folder: Path, text: str, settings: str) -> None:
    source = folder / "demo"
    source.mkdir()
    (source / "2024.csv").write_text(text, encoding="utf-8")
    (source / "source.toml").write_text(settings, encoding="utf-8")
    for name in ("gwp", "product_groups", "properties", *asides.ASIDES):
        (folder / name).symlink_to(table.DATA / name)


SETTINGS = """
activity = "electricity"
region = "DE"
gas = "CO2"
mass_unit = "g"
per_unit = "kWh"
basis = "none"
chain = "direct"
evidence = "primary"
publisher = "p"
title = "t"
locator = "l"
licence = "x"

[editions.2024]
published = "2024"
valid_from = "2024-01-01"
valid_to = "2025-01-01"
"""


def test_a_folder_with_its_settings_loads(tmp_path: Path) -> None:
    write(tmp_path, "factor_id,value\ndemo:2024:a,353\n", SETTINGS)
    known = base.load(tmp_path)
    assert set(known.factors.get_column("source")) == {"demo", "substance"}
    assert [(entry.source, entry.edition, entry.published) for entry in known.sources] == [
        ("demo", "2024", "2024"),
        ("substance", "1", None),
    ]


@pytest.mark.parametrize(
    ("text", "settings", "words"),
    [
        ("factor_id,value\ndemo:2024:a,353\ndemo:2024:b,3,5\n", SETTINGS, "line 3"),
        ("factor_id,value\ndemo:2024:a,353\ndemo:2024:b,\n", SETTINGS, 'line 3, column "value"'),
        ("factor_id,value\ndemo:2024:a,353000\n", SETTINGS, 'line 2, column "value"'),
        ("factor_id,value,colour\ndemo:2024:a,353,red\n", SETTINGS, '"colour" is unknown'),
        ("factor_id,value,gas\ndemo:2024:a,353,CO2\n", SETTINGS, '"gas" stands in the file and'),
        ("factor_id\ndemo:2024:a\n", SETTINGS, '"value" is missing'),
        ("factor_id,value,value\ndemo:2024:a,3,3\n", SETTINGS, "distinct column names"),
        ("", SETTINGS, "distinct column names"),
        (
            "factor_id,value\ndemo:2024:a,353\n",
            SETTINGS + '\n[editions.2025]\npublished = "2025"\n',
            "editions",
        ),
        ("factor_id,value\ndemo:2024:a,353\n", SETTINGS + 'colour = "red"\n', '"colour" is unknown'),
        ("factor_id,value\ndemo:2024:a,353\n", "=", "cannot be read"),
    ],
)
def test_a_broken_table_names_file_row_and_column(
    tmp_path: Path, text: str, settings: str, words: str
) -> None:
    write(tmp_path, text, settings)
    with pytest.raises(CatalogueError) as caught:
        base.load(tmp_path)
    assert words in str(caught.value)
    assert "demo" in str(caught.value)


DIESEL = {"activity": "diesel", "mass_unit": "kg", "basis": "none", "per_unit": "l", "value": "2.676284"}


@pytest.mark.parametrize(
    ("change", "is_broken"),
    [
        # 0.074 t/GJ · 42.8 GJ/t = 3.1672 kg/kg; · 0.845 kg/l = 2.676284 kg/l; · 42.8 / 45.6 per GJ (Hs)
        ({"per_unit": "kg", "value": "3.1672"}, False),
        ({"per_unit": "kg", "value": "3.2"}, False),  # 1.04 %
        ({"per_unit": "kg", "value": "3.24"}, True),  # 2.3 %
        ({"per_unit": "GJ", "basis": "Hi", "value": "74"}, False),
        ({"per_unit": "GJ", "basis": "Hs", "value": "69.456"}, False),
        ({"per_unit": "GJ", "basis": "Hs", "value": "72"}, True),  # 3.7 %: the net value divided by nothing
        (
            {"per_unit": "kg", "value": "3.24", "source": "t", "factor_id": "t:e:a"},
            False,
        ),  # states no density
        ({"per_unit": "kg", "value": "3.24", "gas": "CH4"}, False),  # another gas
    ],
)
def test_a_fuel_by_mass_volume_and_energy_agrees(change: dict[str, str], *, is_broken: bool) -> None:
    sibling = {**DIESEL, "factor_id": "s:e:diesel:other", **change}
    hits = found({**DIESEL, "factor_id": "s:e:diesel:l"}, sibling)
    assert any("mass, volume and energy" in reason for reason in hits["reason"]) is is_broken


def test_the_shipped_figures_are_compared_at_all() -> None:
    """A check that compares nothing cannot fail: so many groups of siblings there are."""
    known = base.catalogue()
    text = known.factors.with_columns(pl.all().cast(pl.String))
    measured = gate._measured(text, known.gwp)  # noqa: SLF001 - what the rule sees
    per_mj = gate.per_net_energy(measured, known.properties)
    group = ["source", "edition", "activity", "gas", "chain"]
    several = measured.filter(per_mj.is_not_null() & measured["_fuel"]).group_by(group).len()
    assert several.filter(pl.col("len") > 1).height >= 50
