"""Tables beside the factors: what a broken property, potential, blend or map says."""

import shutil
from pathlib import Path

import polars as pl
import pytest

from bilanz import spend
from bilanz.errors import CatalogueError
from factors import base, table
from factors.base import catalogue


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    shutil.copytree(table.DATA, folder)
    return folder


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("properties/ebev2030_2022.csv", ",density,0.755,t,m3,", ",density,0.755,t,kg,", "do not fit"),
        ("properties/ebev2030_2022.csv", ",density,0.755,", ",density,0,", "positive"),
        ("properties/ebev2030_2022.csv", ",density,", ",colour,", "Not a kind"),
        ("properties/ebev2030_2022.csv", "petrol,net", "petrool,net", "Not an activity"),
        ("properties/ebev2030_2022.csv", "GJ,t,Hi", "GJ,t,Hs", "Does not belong"),
        ("properties/source.toml", '"2023-01-01"', '"2033-01-01"', "before valid_to"),
        ("gwp/ipcc.csv", "AR6,CH4,27.9", "AR6,CH4,27;9", "decimal"),
        ("gwp/ipcc.csv", "AR6,CH4,27.9", "AR7,CH4,27.9", "GWP set"),
        ("gwp/ipcc.csv", "AR6,CH4,27.9", "AR6,N2O,27.9", "twice"),
        ("gwp/blends.csv", "R410A,HFC32,50", "R410A,HFC32,51", "add up to 100"),
        ("gwp/blends.csv", "R410A,HFC32,50", "R410A,HFC125,50", "twice"),
        ("product_groups/cpv_map.csv", "302,C26,", "302,C99,", "product_group"),
        ("product_groups/cpv_map.csv", "302,C26,high", "302,C26,sure", "confidence"),
        ("product_groups/cpv_map.csv", "302,C26,", "301,C26,", '"cpv"'),
        ("product_groups/account_map.csv", "5241,energy", "5241,power", "target"),
        ("product_groups/families.csv", "energy,electricity\n", "energy,elektricity\n", "activity"),
        ("product_groups/product_groups.csv", ",energy\n", ",heat\n", "family"),
    ],
)
def test_broken_tables_are_refused(data: Path, file: str, old: str, new: str, words: str) -> None:
    path = data / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CatalogueError) as caught:
        base.load(data)
    assert words in str(caught.value)
    assert path.parent.name in str(caught.value)


@pytest.mark.parametrize(
    ("code", "group", "confidence"),
    [
        ("30213100-6", "C26", "high"),  # portable computers
        ("30190000-7", "C17", "low"),  # office supplies
        ("09132000-3", "C19", "high"),  # petrol
        ("09310000-5", "D35", "high"),  # electricity
        ("45214200", "F", "high"),  # school buildings
        ("90911000-6", "N80T82", "high"),  # cleaning
        ("55523100-3", "I", "high"),  # school meals
    ],
)
def test_cpv_codes_find_their_group(code: str, group: str, confidence: str) -> None:
    row = spend.row_of(code, spend.by_prefix(catalogue().cpv_map, "cpv"))
    assert row is not None
    assert (row["product_group"], row["confidence"]) == (group, confidence)
    assert row["provenance"] == "cpv_2008_x_cpa"


def test_every_cpv_division_has_a_group() -> None:
    prefixes = set(catalogue().cpv_map.get_column("cpv"))
    assert len([prefix for prefix in prefixes if len(prefix) == 2]) == 45


@pytest.mark.parametrize(
    ("account", "target", "group"),
    [
        ("5012", "no_emission_payment", None),
        ("5318", "no_emission_payment", None),
        ("5517", "no_emission_payment", None),
        ("524100", "energy", "D35"),
        ("5431", "purchase", "N80T82"),
        ("7851", "purchase_capital", "F"),
    ],
)
def test_accounts_find_their_target(account: str, target: str, group: str) -> None:
    row = spend.row_of(account, spend.by_prefix(catalogue().account_map, "account"))
    assert row is not None
    assert (row["target"], row["product_group"]) == (target, group)


def test_an_account_outside_the_map_has_no_group() -> None:
    assert spend.row_of("5999", spend.by_prefix(catalogue().account_map, "account")) is None
    assert spend.row_of("", spend.by_prefix(catalogue().account_map, "account")) is None


def test_every_group_with_a_factor_is_named_and_the_rest_is_known() -> None:
    known = catalogue()
    named = set(known.product_groups.get_column("product_group"))
    spend = known.factors.filter(pl.col("activity") == "purchase")
    with_factor = set(spend.get_column("product_group"))
    assert with_factor < named
    assert named - with_factor == {"A01", "A02", "A03", "B"}  # the reference figures begin with C10T12
