"""Every reference row that is not doubtful is shipped, or is left out for a reason that stands here."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from reference import ABSENT, REFERENCE, reference

from factors.base import catalogue

pytestmark = pytest.mark.skipif(not REFERENCE.is_dir(), reason=ABSENT)

Line = tuple[str, int, str, Decimal, str, str]

UNITS = {
    "g CO2/kWh": ("g", "kWh"),
    "g CO2e/kWh": ("g", "kWh"),
    "g CO2-Äquivalent pro kWh": ("g", "kWh"),
    "kg CO2-Äq./kWh": ("kg", "kWh"),
    "t CO2/MWh": ("t", "MWh"),
    "t CO2/GJ": ("t", "GJ"),
    "g CO2e/Pkm": ("g", "pkm"),
    "g CO2e/tkm": ("g", "tkm"),
}


@dataclass(frozen=True)
class Case:
    """One reference file: what of it is shipped as factors, and how many rows are not, by pattern and why."""

    table: str
    source: str
    rows: int
    shipped: int
    left_out: tuple[tuple[str, str, int], ...] = ()
    doubtful: int = 0
    several: int = 0  # rows beyond one per line: wood without its form stands for three kinds


PROPERTY = "a property of the fuel: checked in the test of properties"

CASES = (
    Case("uba_strommix", "uba_strommix", 68, 68),
    Case("aib_residual_mix", "aib_residual_mix", 81, 76, (("", "full disclosure: no value is printed", 5),)),
    Case(
        "eea_grid_intensity",
        "eea_grid",
        84,
        57,
        (("_superseded$", "an earlier release of a year whose later one is shipped", 27),),
    ),
    Case(
        "ebev_2030",
        "ebev2030",
        222,
        74,
        (
            ("_dichte$", PROPERTY, 65),
            ("_heizwert$", PROPERTY, 72),
            ("_hi_hs$", PROPERTY, 1),
            ("_abfall_.*_bioanteil$", "share of biomass: stands in the locator of its CO2", 8),
            ("_klaerschlamm_.*_bioanteil$", "share of biomass of a line that has no CO2", 2),
        ),
    ),
    Case("lfu_brandenburg_uba_cc27_2016", "lfu_bb", 52, 52),
    Case(
        "geg_factors",
        "geg",
        44,
        31,
        (
            ("^geg_pef_", "a primary energy factor is no emission factor", 12),
            ("^gmodg_fw_vorkette_aufschlag$", "a rule for a surcharge in percent", 1),
        ),
        several=3,  # wood: pellets, chips, firewood; heat of sun and surroundings: two
    ),
    Case("bafa_co2_faktoren", "bafa", 32, 32, several=3),  # wood twice, heating oil and diesel
    Case("kea_bw_gemis", "kea_gemis", 9, 9),
    Case("uba_transport_tremod", "tremod", 26, 21, doubtful=5),
    Case(
        "bisko_method",
        "bisko",
        11,
        1,
        (
            ("^bisko_datenguete_", "a weight of data quality", 5),
            ("^bisko_carnot_", "a parameter of the allocation", 2),
            ("_threshold$", "a rule of the method", 1),
        ),
        doubtful=2,
    ),
)


def reason(row: dict[str, str], case: Case) -> str | None:
    """Return the pattern a row is left out by; the empty one is a row without a value."""
    for pattern, _, _ in case.left_out:
        if re.search(pattern, row["factor_id"]) if pattern else not row["value"]:
            return pattern
    return None


def lines(rows: Iterable[dict[str, str]]) -> Counter[Line]:
    return Counter(
        (row["region"], int(row["year_from"]), row["gas"], Decimal(row["value"]), *UNITS[row["unit"]])
        for row in rows
    )


def catalogued(source: str) -> list[dict[str, Any]]:
    return catalogue().factors.filter(pl.col("source") == source).to_dicts()


def line(row: dict[str, Any]) -> Line:
    year = row["valid_from"].year
    return row["region"], year, row["gas"], row["value"], row["mass_unit"], row["per_unit"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.table)
def test_every_row_is_shipped_or_left_out_for_a_reason(case: Case) -> None:
    rows = reference(case.table)
    assert len(rows) == case.rows
    doubtful = [row for row in rows if row["evidence"].startswith("doubtful")]
    assert len(doubtful) == case.doubtful
    sound = [row for row in rows if row not in doubtful]
    assert {row["evidence"] for row in sound} <= {"primary", "transcription", "secondary"}
    told = Counter(reason(row, case) for row in sound)
    expected = [row for row in sound if reason(row, case) is None]
    assert told.pop(None) == len(expected) == case.shipped
    assert told == {pattern: count for pattern, _, count in case.left_out}
    found = catalogued(case.source)
    wanted, there = lines(expected), Counter(line(row) for row in found)
    assert set(there) == set(wanted)
    assert not wanted - there
    assert len(found) == case.shipped + case.several
    evidence = Counter(row["evidence"] for row in expected)
    assert set(evidence) == {row["evidence"] for row in found}


def label(row: dict[str, str]) -> str:
    """Return the publisher's name of a line: without the English beside it and without what was measured."""
    name = row["activity"].rsplit(":", 1)[0] if row["factor_id"].startswith("ebev2030") else row["activity"]
    name = name.partition(" (the article:")[0]
    return re.sub(r" \((biogenic / bio component|aviation gasoline|medium oils)\)$", "", name)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.table)
def test_lines_without_an_activity_are_named_by_their_publisher(case: Case) -> None:
    """Name and value together: two lines cannot have changed places."""
    named = {
        (label(row), *next(iter(lines([row]))))
        for row in reference(case.table)
        if row["unit"] in UNITS and row["value"] and row["year_from"]
    }
    rows = [row for row in catalogued(case.source) if row["activity"] is None]
    assert all((row["item"], *line(row)) in named for row in rows)
    assert all(row["category"] and row["product_group"] is None for row in rows)
    counts = {"ebev2030": 60, "lfu_bb": 43, "geg": 19, "bafa": 11, "tremod": 10}
    assert len(rows) == counts.get(case.source, 0)


def test_ebev_properties_stand_in_the_properties_or_in_the_locator() -> None:
    rows = {row["factor_id"]: row for row in reference("ebev_2030")}
    known = catalogue().properties.filter(pl.col("source") == "ebev2030")
    stated = Counter(known.select("kind", "value").iter_rows())
    by_item = {row["item"]: row["locator"] for row in catalogued("ebev2030") if row["activity"] is None}
    kinds = {"heizwert": "net_calorific_value", "dichte": "density"}
    counted: Counter[str] = Counter()
    for name, row in rows.items():
        stem, _, kind = name.rpartition("_")
        beside = rows.get(f"{stem}_co2")
        if row["unit"] == "t/t":  # tonnes to tonnes
            counted["nothing to convert"] += 1
        elif kind == "bioanteil" and beside is None:
            counted["without CO2"] += 1
        elif kind in ("heizwert", "dichte", "bioanteil") and beside and label(beside) in by_item:
            unit = "%" if kind == "bioanteil" else row["unit"]
            assert f"{kind.capitalize()} {row['value']} {unit}" in by_item[label(beside)]
            counted["locator"] += 1
        elif kind in kinds and row["unit"] in ("GJ/t", "t/1000 l"):
            assert stated[kinds[kind], Decimal(row["value"])] >= 1
            counted["property"] += 1
        elif kind in ("dichte", "hs"):  # natural gas: 3.2508 GJ per MWh, 0.903
            counted["ratio"] += 1
    assert Decimal(rows["ebev2030_erdgas_dichte"]["value"]) == Decimal("3.6") * Decimal("0.903")
    assert ("hi_per_hs", Decimal("0.903")) in stated
    assert counted == {
        "property": 20, "locator": 93, "nothing to convert": 31, "without CO2": 2, "ratio": 2,
    }  # fmt: skip


CARBON = re.compile(r"^ipcc_carbon_content_(?!per_mass_)(.+)_2019_world_(def|min|max)$")
CALORIFIC = re.compile(r"^ipcc_net_calorific_value_(.+)_2019_world_(def|min|max)$")
PER_MASS = re.compile(r"^ipcc_carbon_content_per_mass_.+_2019_world_(def|min|max)$")
METHANE = {"biogas", "sewage_gas"}
"""Their 50.4 GJ/t is that of methane, more than twice that of raw biogas: it stands in the locator only."""


def of_ipcc(pattern: re.Pattern[str]) -> dict[str, dict[str, str]]:
    """Return fuel → def, min, max as text."""
    found: dict[str, dict[str, str]] = {}
    for row in reference("ipcc_fuel_defaults"):
        assert (row["region"], row["year_from"], row["evidence"]) == ("World", "2019", "transcription")
        if told := pattern.match(row["factor_id"]):
            found.setdefault(told[1], {})[told[2]] = row["value"]
    return found


def test_every_row_of_the_ipcc_is_shipped_or_left_out_for_a_reason() -> None:
    """Natural gas: 15.3 kg C/GJ × 44/12 = 56.1 kg CO2/GJ; (15.9 − 14.8) / 2 / 15.3 = 3.59 %."""
    carbon, calorific = of_ipcc(CARBON), of_ipcc(CALORIFIC)
    materials = [row for row in reference("ipcc_fuel_defaults") if PER_MASS.match(row["factor_id"])]
    # carbon per mass: materials and gases of processes, for balances of a plant; no factor of an activity
    assert (3 * len(carbon), 3 * len(calorific), len(materials)) == (165, 159, 81)
    rows = catalogued("ipcc_fuels")
    assert {row["item"] for row in rows} == set(carbon)
    assert len(rows) == 55 + 1 + 2  # gas/diesel oil for two, wood for three activities
    for row in rows:
        told = {name: Fraction(text) for name, text in carbon[row["item"]].items()}
        exact = told["def"] * Fraction(44, 12)
        assert abs(Fraction(row["value"]) - exact) <= Fraction(1, 2 * 10**18)
        half = (told["max"] - told["min"]) / 2 / told["def"] * 100
        assert row["uncertainty"] == pytest.approx(float(half), abs=1e-6)
        assert (row["mass_unit"], row["per_unit"], row["basis"], row["gas"]) == ("kg", "GJ", "Hi", "CO2")
        assert (row["edition"], row["valid_from"].year, row["region"]) == ("2019", 2006, "World")
        assert row["note"].startswith(f"Derived: {carbon[row['item']]['def']} kg C/GJ × 44/12.")
        assert "def {def}, min {min}, max {max} kg/GJ".format(**carbon[row["item"]]) in row["locator"]
        if row["item"] in calorific and (row["activity"] is None or row["activity"] in METHANE):
            assert "def {def}, min {min}, max {max} GJ/t".format(**calorific[row["item"]]) in row["locator"]
    value = {row["activity"]: row["value"] for row in rows}
    assert value["natural_gas"] == Decimal("56.1")
    assert set(carbon) - set(calorific) == {"msw", "isw"}


def test_heating_values_of_the_ipcc_come_last() -> None:
    calorific = of_ipcc(CALORIFIC)
    item = {row["activity"]: row["item"] for row in catalogued("ipcc_fuels") if row["activity"]}
    properties = catalogue().properties
    rows = properties.filter(pl.col("source") == "ipcc_fuels").to_dicts()
    assert {row["activity"] for row in rows} == set(item) - METHANE
    for row in rows:
        assert row["value"] == Decimal(calorific[item[row["activity"]]]["def"])
        assert (row["unit"], row["per_unit"], row["region"]) == ("GJ", "t", "World")
    others = properties.filter(pl.col("source") != "ipcc_fuels").get_column("rank")
    assert min(row["rank"] for row in rows) > int(others.max())  # type: ignore[arg-type] # the column is of whole numbers


def test_biomass_of_the_ipcc_is_biogenic() -> None:
    chains = {row["item"]: row["chain"] for row in catalogued("ipcc_fuels")}
    biogenic = {item for item, chain in chains.items() if chain == "biogenic"}
    assert biogenic == {
        "msw_wood", "isw_wood", "black_liquor", "other_prim_solid_biomass", "charcoal", "biogasoline",
        "biodiesels", "other_liquid_biofuels", "landfill_gas", "sludge_gas", "other_biogas", "msw_biomass",
    }  # fmt: skip
    assert set(chains.values()) == {"direct", "biogenic"}
