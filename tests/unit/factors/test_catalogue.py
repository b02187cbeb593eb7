"""The shipped catalogue: what is in it, by hand, and what its hash holds."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from bilanz import units
from bilanz.activity import activities
from bilanz.factor import FACTOR_SCHEMA, GWP_SCHEMA, PROPERTY_SCHEMA
from factors import asides, gate, table
from factors.base import catalogue, load, release


def value(factor_id: str) -> Decimal:
    rows = catalogue().factors.filter(pl.col("factor_id") == factor_id)
    assert rows.height == 1
    return rows.get_column("value")[0]


@pytest.mark.parametrize(
    ("factor_id", "expected"),
    [
        # UBA Climate Change 16/2026: three different quantities of one year
        ("uba_strommix:cc16_2026:electricity:DE:2024:direct_co2", "353"),
        ("uba_strommix:cc16_2026:electricity:DE:2024:direct", "361"),
        ("uba_strommix:cc16_2026:electricity:DE:2024:total", "414"),
        # the edition before says 363 for the same year
        ("uba_strommix:cc13_2025:electricity:DE:2024:direct_co2", "363"),
        ("aib_residual_mix:2024:electricity:DE:2024:residual", "724.56"),
        ("eea_grid:2026:electricity:DE:2024:generation", "291"),
        # EBeV 2030, Anlage 2 Teil 4
        ("ebev2030:2022:natural_gas:DE:2023:direct", "0.0558"),
        ("ebev2030:2022:heating_oil:DE:2023:direct", "0.074"),
        ("ebev2030:2022:petrol:DE:2023:direct", "0.0729"),
        ("ebev2030:2022:hvo:DE:2023:biogenic", "0.074"),
        # GEG Anlage 9
        ("geg:2020:natural_gas:DE:2020:total", "240"),
        ("geg:2020:wood_pellets:DE:2020:total", "20"),
        ("kea_gemis:2016:wood_chips:DE:2016:total", "0.024"),
        ("bisko:2024:district_heat:DE:2024:total", "260"),
        ("tremod:2024:travel_rail_long:DE:2024:total", "26"),
        ("tremod:2024:freight_road:DE:2024:total", "118"),
        ("desnz:2025:water_supply:GB:2025:m3", "0.1913"),
        ("desnz:2026:waste_water:GB:2026:m3", "0.17088"),
        ("desnz:2025:waste_paper:GB:2025:t", "4.68568"),
        ("figaro:26ed:purchase:DE:2023:C26:total", "226.31"),
    ],
)
def test_figures_by_hand(factor_id: str, expected: str) -> None:
    assert value(factor_id) == Decimal(expected)


def test_schemas() -> None:
    known = catalogue()
    assert dict(known.factors.schema) == FACTOR_SCHEMA
    assert dict(known.properties.schema) == PROPERTY_SCHEMA
    assert dict(known.gwp.schema) == GWP_SCHEMA
    assert known.blends.columns == ["blend", "gas", "share_percent"]


def test_every_file_is_loaded() -> None:
    files = {path.parent.name + ":" + path.stem for path in table.DATA.glob("*/*.csv") if path.stem != "map"}
    aside = {"gwp", "product_groups", "properties", "quality", "uncertainty", *asides.ASIDES}
    expected = {name for name in files if name.split(":")[0] not in aside}
    known = catalogue()
    made = {"substance:1"}  # by definition, in no file
    assert {f"{entry.source}:{entry.edition}" for entry in known.sources} == expected | made
    assert len(expected) >= 22
    assert sum(entry.factors for entry in known.sources) == known.factors.get_column("factor_id").n_unique()


def test_editions_sort_in_the_order_of_publication() -> None:
    by_source: dict[str, list[tuple[str, str]]] = {}
    for entry in catalogue().sources:
        if entry.published is not None:
            by_source.setdefault(entry.source, []).append((entry.edition, entry.published[:4]))
    for editions in by_source.values():
        years = [year for _, year in sorted(editions)]
        assert years == sorted(years)


def test_units_are_known_to_the_unit_module() -> None:
    for unit, (kind, _) in gate.PER_UNITS.items():
        assert units.unit(unit).kind == kind
    assert all(units.dimension(unit) == "mass" for unit in gate.MASS_UNITS)
    base = {"energy": "MJ", "volume": "l", "mass": "kg", "distance": "km"}
    base |= {"passenger_distance": "pkm", "freight": "tkm"}
    for unit, (kind, size) in gate.PER_UNITS.items():
        if kind in base or unit == "kEUR":
            assert float(units.ratio(unit, base.get(kind, "EUR"))) == pytest.approx(size)
        else:
            assert size == 1
    for unit, size in gate.MASS_UNITS.items():
        assert float(units.ratio(unit, "kg")) == size


def test_annual_factors_are_valid_for_their_year() -> None:
    rows = catalogue().factors.filter(
        pl.col("factor_id") == "uba_strommix:cc16_2026:electricity:DE:2024:total"
    )
    assert rows.select("valid_from", "valid_to").row(0) == (date(2024, 1, 1), date(2025, 1, 1))
    assert rows.get_column("delivery")[0] is None


def test_two_routes_for_diesel_agree() -> None:
    """1 t of diesel by mass and energy: 42.8 GJ/t · 0.074 t/GJ = 3.1672 t; per litre · 0.845 kg/l = 2.676 kg.

    DESNZ states 2.57082 kg per litre of the UK blend, which holds biofuel: within 5 %.
    """
    rows = catalogue().properties.filter((pl.col("activity") == "diesel") & (pl.col("source") == "ebev2030"))
    properties = dict(rows.select("kind", "value").iter_rows())
    per_litre = (
        properties["density"]
        * properties["net_calorific_value"]
        * value("ebev2030:2022:diesel:DE:2023:direct")
    )
    assert per_litre == Decimal("2.676284")
    litre = catalogue().factors.filter(pl.col("factor_id") == "desnz:2025:diesel:GB:2025:l")
    blend = litre.filter(chain="direct", gas="CO2e").get_column("value").item()
    assert abs(per_litre / blend - 1) < Decimal("0.05")


def test_direct_and_upstream_of_one_publisher_are_one_statement() -> None:
    rows = catalogue().factors.filter(pl.col("factor_id") == "desnz:2025:natural_gas:GB:2025:kWh_Hi")
    assert {(chain, gas): str(number.normalize()) for chain, gas, number in _amounts(rows)} == {
        ("direct", "CO2e"): "0.2027",
        ("direct", "CO2"): "0.20229",
        ("direct", "CH4"): "0.00031",
        ("direct", "N2O"): "0.0001",
        ("upstream", "CO2e"): "0.03347",
    }


def _amounts(rows: pl.DataFrame) -> list[tuple[str, str, Decimal]]:
    return list(rows.select("chain", "gas", "value").iter_rows())


def test_natural_gas_ratio_both_ways() -> None:
    """1 / 0.903 = 1.1074; the heating cost ordinance rounds to 1.11."""
    rows = catalogue().properties.filter(pl.col("kind").is_in(["hi_per_hs", "hs_per_hi"])).sort("rank")
    assert rows.get_column("kind").to_list() == ["hi_per_hs", "hs_per_hi"]
    hi_per_hs, hs_per_hi = rows.get_column("value")
    assert abs(1 / hi_per_hs - hs_per_hi) < Decimal("0.003")


def test_fuels_with_a_basis() -> None:
    fuels = [code for code, entry in activities().items() if entry.needs_basis]
    energy = [unit for unit, (kind, _) in gate.PER_UNITS.items() if kind == "energy"]
    rows = catalogue().factors.filter(pl.col("activity").is_in(fuels) & pl.col("per_unit").is_in(energy))
    assert rows.height > 50
    assert set(rows.get_column("basis")) == {"Hi", "Hs", "unstated"}


def test_release_ignores_the_order_of_rows_and_nothing_else() -> None:
    frame = pl.DataFrame({"a": ["1", "2"], "b": [None, "x"]})
    assert release({"f": frame}) == release({"f": frame.reverse()})
    changed = [
        {"g": frame},
        {"f": frame.rename({"a": "c"})},
        {"f": frame.with_columns(a=pl.lit("1"))},
        {"f": frame.with_columns(pl.col("b").fill_null(""))},
        {"f": frame.head(1)},
    ]
    assert len({release(frames) for frames in [{"f": frame}, *changed]}) == 6


def test_release_is_reproducible() -> None:
    assert catalogue().release == load(table.DATA).release
    assert len(catalogue().release) == 64


def test_data_files_name_no_machine() -> None:
    for path in [*table.DATA.glob("*/*.csv"), *table.DATA.glob("*/*.toml")]:
        text = path.read_text(encoding="utf-8")
        assert "/work" not in text
        assert "stored copy" not in text
        assert "\r" not in text
        assert text.endswith("\n")


def test_no_shipped_factor_has_negative_values() -> None:
    assert catalogue().factors.filter(pl.col("value") < 0).is_empty()
    assert Path(table.DATA).is_dir()
