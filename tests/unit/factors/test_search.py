"""Factors are found by people's words; what has no factor is told."""

import polars as pl
import pytest

from bilanz.activity import activities
from factors.base import catalogue
from factors.search import COVERAGE_SCHEMA, coverage, search


@pytest.mark.parametrize(
    ("text", "activity"),
    [
        ("Erdgas", "natural_gas"),
        ("natural gas", "natural_gas"),
        ("heiz", "heating_oil"),
        ("Holzpellets", "wood_pellets"),
        ("WASSER", "water_supply"),
        ("Dienstreise", "travel_car"),
        ("fernwaerme", "district_heat"),
    ],
)
def test_german_and_english_words(text: str, activity: str) -> None:
    assert activity in set(search(text, "de").get_column("activity"))


@pytest.mark.parametrize(
    ("text", "factor_id"),
    [
        ("Pellets", "bafa:2026:wood_pellets:DE:2026:upstream"),
        ("Altholz", "ebev2030:2022:altholz_ai_aii:DE:2023:direct"),
        ("Restabfall", "ebev2030:2022:restabfall:DE:2023:direct"),
        ("Heizwerken", "geg:2020:nah_fernwaerme_aus_heizwerken_erneuerbarer_brennstoff:DE:2020:total"),
        ("Anthrazit", "lfu_bb:cc27_2016:anthrazit:DE-BB:2016:direct"),
        ("Pedelec", "tremod:2024:pedelec:DE:2024:total"),
        ("peat", "ipcc_fuels:2019:peat:World:direct"),
    ],
)
def test_lines_outside_the_vocabulary_are_found_by_their_name(text: str, factor_id: str) -> None:
    assert factor_id in set(search(text, "de").get_column("factor_id"))


def test_product_groups_are_found_by_name() -> None:
    found = search("Datenverarbeitung", "de")
    assert "C26" in set(found.get_column("product_group"))
    assert "Datenverarbeitungsgeräte, elektronische und optische Erzeugnisse" in found.get_column("name")


def test_names_follow_the_language() -> None:
    assert set(search("lpg", "en").get_column("name")) >= {"LPG"}
    assert "Flüssiggas" in set(search("lpg", "de").get_column("name"))


@pytest.mark.parametrize("text", ["", "  ", "xyzzy"])
def test_nothing_is_found(text: str) -> None:
    found = search(text, "de")
    assert found.is_empty()
    assert "factor_id" in found.columns


def test_coverage_has_every_activity_and_year_once() -> None:
    grid = coverage(catalogue(), [2023, 2024])
    assert dict(grid.schema) == COVERAGE_SCHEMA
    assert grid.height == 2 * (len(activities()) - 1)
    assert not grid.select("activity", "year").is_duplicated().any()


def test_coverage_tells_what_is_missing() -> None:
    grid = coverage(catalogue(), [2024])
    missing = set(grid.filter(~pl.col("is_covered")).get_column("activity"))
    assert {"district_cooling", "commuting", "hydrogen", "petrol_e5"} <= missing
    assert not {"electricity", "natural_gas", "diesel", "district_heat", "water_supply"} & missing
    water = grid.row(by_predicate=pl.col("activity") == "water_supply", named=True)
    assert (water["regions"], water["chains"], water["sources"]) == ("GB", "total", "desnz")


def test_coverage_before_any_publication_is_empty() -> None:
    everything = coverage(catalogue(), [1980])
    grid = everything.filter(~pl.col("activity").is_in(["refrigerant", "released_gas"]))  # definitions
    assert grid.height == everything.height - 2
    assert not grid.get_column("is_covered").any()
    assert grid.get_column("factors").sum() == 0


def test_the_activity_of_that_name_comes_first() -> None:
    assert search("Erdgas", "de").get_column("activity")[0] == "natural_gas"
    years = search("Strom", "de").filter(pl.col("source") == "uba_strommix").get_column("valid_from")
    assert years.to_list() == sorted(years, reverse=True)


@pytest.mark.parametrize("text", ["R410A", "r-410a"])
def test_a_refrigerant_is_found_by_the_name_on_its_plate(text: str) -> None:
    assert "substance:1:refrigerant:R410A" in set(search(text, "de").get_column("factor_id"))
