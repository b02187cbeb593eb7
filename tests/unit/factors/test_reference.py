"""Every shipped figure stands in the reference figures, row by row, and nothing doubtful is shipped."""

from collections import Counter
from decimal import Decimal

import polars as pl
import pytest
from reference import ABSENT, REFERENCE, reference

from factors.base import catalogue

pytestmark = pytest.mark.skipif(not REFERENCE.is_dir(), reason=ABSENT)


def shipped(source: str, edition: str | None = None) -> list[dict[str, object]]:
    frame = catalogue().factors.filter(pl.col("source") == source)
    if edition is not None:
        frame = frame.filter(pl.col("edition") == edition)
    rows = frame.to_dicts()
    assert rows
    return rows


def matched(source: str, edition: str | None = None) -> dict[str, dict[str, object]]:
    """Return activity → row; lines without an activity stand in test_reference_complete."""
    return {str(row["activity"]): row for row in shipped(source, edition) if row["activity"] is not None}


def plain(value: str) -> Decimal:
    return Decimal(value)


def key(region: str, year: str, gas: str, value: str) -> tuple[str, int, str, Decimal]:
    return region, int(year), gas, Decimal(value)


def keys(rows: list[dict[str, object]]) -> Counter[tuple[str, int, str, Decimal]]:
    return Counter((row["region"], row["valid_from"].year, row["gas"], row["value"]) for row in rows)


def test_uba_strommix_is_complete_by_edition() -> None:
    rows = reference("uba_strommix")
    for edition, count in (("cc13_2025", 35), ("cc16_2026", 33)):
        expected = [row for row in rows if edition in row["factor_id"]]
        assert len(expected) == count
        assert keys(shipped("uba_strommix", edition)) == Counter(
            key(row["region"], row["year_from"], row["gas"], row["value"]) for row in expected
        )


def test_uba_strommix_keeps_the_three_quantities_apart() -> None:
    for row in shipped("uba_strommix", "cc16_2026"):
        suffix = {"direct_co2": "co2", "direct": "co2e_no_upstream", "total": "co2e_with_upstream"}
        name = f"uba_strommix_cc16_2026_{suffix[row['factor_id'].split(':')[-1]]}_{row['valid_from'].year}"
        found = [entry for entry in reference("uba_strommix") if entry["factor_id"] == name]
        assert len(found) == 1
        assert row["value"] == plain(found[0]["value"])
        assert found[0]["unit"].startswith("g CO2")


def test_aib_has_every_country_with_a_value_and_none_without() -> None:
    rows = reference("aib_residual_mix")
    empty = [row for row in rows if not row["value"]]
    assert {row["region"] for row in empty} == {"AT", "NL"}
    filled = Counter(key(r["region"], r["year_from"], r["gas"], r["value"]) for r in rows if r["value"])
    assert keys(shipped("aib_residual_mix")) == filled
    assert not [row for row in shipped("aib_residual_mix") if row["region"] == "AT"]


def test_eea_has_every_row_that_is_not_superseded() -> None:
    rows = [row for row in reference("eea_grid_intensity") if "superseded" not in row["factor_id"]]
    assert keys(shipped("eea_grid")) == Counter(
        key(row["region"], row["year_from"], row["gas"], row["value"]) for row in rows
    )


EBEV = {
    "petrol": "benzin",
    "diesel": "dieselkraftstoff_3a",
    "heating_oil": "heizoel_el_3b",
    "heavy_fuel_oil": "heizoel_s_4a_4b",
    "lpg": "fluessiggas_5a_5b",
    "natural_gas": "erdgas",
    "kerosene": "kerosin",
    "hard_coal": "9_5d_kleinhandel_steinkohle",
    "lignite": "9_5a_kleinhandel_braunkohlenbriketts",
    "hvo": "hvo_diesel",
    "biodiesel": "fame",
    "bioethanol": "ethanol",
    "plant_oil": "pflanzenoel",
}


def test_ebev_fuels() -> None:
    rows = {row["factor_id"]: row for row in reference("ebev_2030")}
    found = matched("ebev2030", "2022")
    assert set(found) == set(EBEV)
    for activity, name in EBEV.items():
        entry = rows[f"ebev2030_{name}_co2"]
        assert found[activity]["value"] == plain(entry["value"])
        assert (found[activity]["mass_unit"], found[activity]["per_unit"]) == ("t", "GJ")
        assert entry["unit"] == "t CO2/GJ"
        assert (found[activity]["chain"] == "biogenic") == ("before biomass deduction" in entry["activity"])
    (old,) = shipped("ebev2030", "2020")
    assert old["value"] == plain(rows["ebev2022_erdgas_co2"]["value"])


def by_label(name: str, prefix: str) -> dict[str, str]:
    return {row["activity"]: row["value"] for row in reference(name) if row["factor_id"].startswith(prefix)}


@pytest.mark.parametrize(
    ("source", "edition", "table", "prefix", "labels"),
    [
        (
            "geg",
            "2020",
            "geg_factors",
            "geg_anl9_",
            {
                "heating_oil": "Heizöl",
                "natural_gas": "Erdgas",
                "lpg": "Flüssiggas",
                "hard_coal": "Steinkohle",
                "lignite": "Braunkohle",
                "biogas": "Biogas",
                "wood_pellets": "Holz",
                "wood_chips": "Holz",
                "firewood": "Holz",
                "electricity": "Strom netzbezogen",
                "solar_heat": "Erdwärme, Geothermie, Solarthermie, Umgebungswärme",
                "ambient_heat": "Erdwärme, Geothermie, Solarthermie, Umgebungswärme",
            },
        ),
        (
            "geg",
            "2026",
            "geg_factors",
            "gmodg_anl9_2027_",
            {"electricity": "Strom netzbezogen", "biogas": "Biogas", "biomethane": "Biomethan"},
        ),
        (
            "kea_gemis",
            "2016",
            "kea_bw_gemis",
            "kea_gemis495_",
            {
                "heating_oil": "Heizöl",
                "natural_gas": "Erdgas",
                "lpg": "Flüssiggas",
                "wood_pellets": "Holz-Pellets",
                "wood_chips": "Holz-Hackschnitzel",
                "firewood": "Stückholz",
                "electricity": "Strom (Bundesmix)",
                "plant_oil": "Rapsöl",
                "biodiesel": "Rapsmethylester",
            },
        ),
        (
            "bafa",
            "2026",
            "bafa_co2_faktoren",
            "bafa_v3_4_2026",
            {
                "biogas": "Biogas",
                "sewage_gas": "Klärgas",
                "wood_pellets": "Pellets",
                "firewood": "Holz trocken",
                "wood_chips": "Holz trocken",
                "biodiesel": "Biodiesel",
                "district_heat": "Fernwärme",
            },
        ),
        (
            "bafa",
            "2025",
            "bafa_co2_faktoren",
            "bafa_2025",
            {
                "natural_gas": "Erdgas",
                "heating_oil": "Heizöl leicht/Diesel",
                "diesel": "Heizöl leicht/Diesel",
                "heavy_fuel_oil": "Heizöl schwer",
                "district_heat": "Nah-/Fernwärme",
                "biogas": "Biogas",
            },
        ),
        (
            "bafa",
            "2021",
            "bafa_co2_faktoren",
            "bafa_ca_2020_21",
            {
                "district_heat": "Nah-/Fernwärme",
                "heating_oil": "Heizöl leicht",
                "heavy_fuel_oil": "Heizöl schwer",
                "lpg": "Flüssiggas",
                "natural_gas": "Erdgas",
                "hard_coal": "Steinkohle",
                "lignite": "Braunkohle",
                "firewood": "Biomasse Holz",
                "wood_chips": "Biomasse Holz",
                "wood_pellets": "Pellets",
                "biogas": "Biogas",
            },
        ),
        (
            "tremod",
            "2024",
            "uba_transport_tremod",
            "uba_tremod_2024_",
            {
                "travel_car": "Pkw (1.4 Personen/Pkw)",
                "travel_bus": "Linienbus Nahverkehr",
                "travel_rail_regional": "Eisenbahn Nahverkehr",
                "travel_tram": "Straßen-, Stadt- und U-Bahn",
                "travel_rail_long": "Eisenbahn Fernverkehr",
                "travel_flight_domestic": "Flugzeug Inland (incl. non-CO2)",
                "freight_road": "Lkw gesamt",
                "freight_rail": "Güterbahn",
                "freight_inland_ship": "Binnenschiff",
            },
        ),
        (
            "tremod",
            "2021",
            "uba_transport_tremod",
            "uba_press_2021_",
            {"travel_rail_long": "Eisenbahn Fernverkehr", "travel_tram": "Straßen-, Stadt- und U-Bahn"},
        ),
    ],
)
def test_sources_by_label(source: str, edition: str, table: str, prefix: str, labels: dict[str, str]) -> None:
    values = by_label(table, prefix)
    rows = {activity: row["value"] for activity, row in matched(source, edition).items()}
    assert rows == {activity: plain(values[label]) for activity, label in labels.items()}


def test_lfu_brandenburg_per_megawatt_hour() -> None:
    names = {
        "natural_gas": "erdgas",
        "heating_oil": "heizoel_leicht",
        "heavy_fuel_oil": "heizoel_schwer",
        "lpg": "fluessiggas",
        "hard_coal": "rohsteinkohle",
        "lignite": "braunkohlebrikett",
        "petrol": "ottokraftstoff",
        "diesel": "dieselkraftstoff",
        "kerosene": "jetkraftstoff",
    }
    values = {row["factor_id"]: row["value"] for row in reference("lfu_brandenburg_uba_cc27_2016")}
    rows = {activity: row["value"] for activity, row in matched("lfu_bb").items()}
    assert rows == {activity: plain(values[f"lfu_bb_{name}_t_co2_mwh"]) for activity, name in names.items()}


def test_bisko_default() -> None:
    values = {row["factor_id"]: row["value"] for row in reference("bisko_method")}
    (row,) = shipped("bisko")
    assert row["value"] == plain(values["bisko_fernwaerme_kohle_kwk"])


UNITS = {
    ("t", "none"): ("tonnes",),
    ("l", "none"): ("litres",),
    ("Ml", "none"): ("million litres",),
    ("m3", "none"): ("cubic metres",),
    ("kg", "none"): ("kg",),
    ("kWh", "Hi"): ("kWh (Net CV)", "kWh"),
    ("kWh", "Hs"): ("kWh (Gross CV)",),
    ("kWh", "none"): ("kWh",),
    ("GJ", "Hi"): ("GJ",),
    ("km", "none"): ("km",),
    ("pkm", "none"): ("passenger.km",),
    ("tkm", "none"): ("tonne.km",),
    ("night", "none"): ("Room per night",),
    ("fte_hour", "none"): ("per FTE Working Hour",),
}


def test_desnz_every_row_by_its_cell() -> None:
    """CO2e by cell; gases, biogenic CO2 and freight upstream are not among the reference figures."""
    cells = {}
    for row in reference("desnz_2024_2026_municipal"):
        sheet = row["source_locator"].partition("sheet ")[2].replace("'", '"')
        assert cells.setdefault((row["year_from"], f"sheet {sheet}"), row) is row
    compared: Counter[object] = Counter()
    for row in shipped("desnz"):
        found = cells.get((str(row["edition"]), str(row["locator"])))
        if row["gas"] == "CO2e" and found is not None:
            assert row["value"] == plain(found["value"]), row["factor_id"]
            unit = found["unit"].removeprefix("kg CO2e per ")
            assert unit in UNITS[row["per_unit"], row["basis"]], row["factor_id"]
            assert found["scope_part"].startswith((str(row["chain"]), "upstream (cradle")), row["factor_id"]
            assert found["evidence"] == row["evidence"] == "primary"
            compared[row["edition"]] += 1
    assert compared == {"2024": 1300, "2025": 1300, "2026": 1302}


def test_figaro_every_total() -> None:
    rows = [row for row in reference("figaro_spend_de_2023") if row["factor_id"].endswith("_total")]
    expected = {row["activity"].split()[3]: plain(row["value"]) for row in rows}
    found = {row["product_group"]: row["value"] for row in shipped("figaro")}
    assert found == expected
    assert len(found) == 58


def test_fuel_properties() -> None:
    rows = catalogue().properties.to_dicts()
    ebev = {row["factor_id"]: row for row in reference("ebev_2030")}
    kinds = {"net_calorific_value": ("heizwert", "GJ/t"), "density": ("dichte", "t/1000 l")}
    checked = 0
    for row in rows:
        if row["source"] == "ebev2030" and row["kind"] in kinds:
            name, unit = kinds[row["kind"]]
            entry = ebev[f"ebev2030_{EBEV[row['activity']]}_{name}"]
            assert (row["value"], entry["unit"]) == (plain(entry["value"]), unit)
            checked += 1
    assert checked == 20
    ratios = {row["kind"]: row["value"] for row in rows if row["kind"] in ("hi_per_hs", "hs_per_hi")}
    calorific = {row["factor_id"]: row["value"] for row in reference("calorific_values_de")}
    assert ratios["hi_per_hs"] == plain(ebev["ebev2030_erdgas_hi_hs"]["value"])
    assert ratios["hs_per_hi"] == plain(calorific["heizkostenv_erdgas_brennwertfaktor"])


def test_heating_values_of_the_heating_cost_ordinance() -> None:
    labels = {
        row["activity"].split(":")[0]: row
        for row in reference("calorific_values_de")
        if row["factor_id"].startswith("heizkostenv_hi_")
    }
    rows = catalogue().properties.filter(
        (pl.col("source") == "heizkostenv") & (pl.col("kind") == "net_calorific_value")
    )
    assert rows.height == 11
    for row in rows.iter_rows(named=True):
        entry = labels[row["locator"]]
        assert row["value"] == plain(entry["value"])
        assert f"{row['unit']}/{row['per_unit']}" == entry["unit"]


def test_desnz_fuel_properties_by_cell() -> None:
    cells = {
        (row["year_from"], row["source_locator"].partition("sheet ")[2].replace("'", '"')): row
        for row in reference("desnz_fuel_properties")
    }
    rows = catalogue().properties.filter(pl.col("source") == "desnz").to_dicts()
    assert len(rows) > 40
    assert {row["valid_from"] is None for row in rows} == {True, False}
    for row in rows:
        label, _, cell = row["locator"].partition(", sheet ")
        entry = cells[row["edition"], cell]
        assert row["value"] == plain(entry["value"])
        assert entry["activity"].startswith(f"{label} - ")
        assert entry["unit"] == {"GJ": "GJ/tonne", "kg": "kg/m3"}[row["unit"]]


def test_global_warming_potentials() -> None:
    names = {
        "SARGWP100": "SAR",
        "TARGWP100": "TAR",
        "AR4GWP100": "AR4",
        "AR5GWP100": "AR5",
        "AR6GWP100": "AR6",
    }
    expected = {}
    for row in reference("gwp_ipcc"):
        name = row["activity"].split()[1]
        if name in names:
            expected[names[name], row["gas"]] = plain(row["value"])
    gwp = catalogue().gwp
    shipped_values = {(row["gwp"], row["gas"]): row["value"] for row in gwp.iter_rows(named=True)}
    left_out = {name for name in expected if name not in shipped_values}
    assert all(not gas.isalnum() for _, gas in left_out)  # formulas such as (CF3)2CHOH, no refrigerant
    same = {name: value for name, value in expected.items() if name in shipped_values}
    assert len(same) > 330
    assert all(shipped_values[name] == value for name, value in same.items())
    split = {row["factor_id"]: plain(row["value"]) for row in reference("gwp_ch4_fossil_split")}
    for name in ("AR5", "AR6"):
        assert shipped_values[name, "CH4_fossil"] == split[f"gwp_{name.lower()}_ch4_fossil"]
        assert shipped_values[name, "CH4_biogenic"] == split[f"gwp_{name.lower()}_ch4_nonfossil"]


def test_blends_give_the_potentials_derived_elsewhere() -> None:
    """AR5 of R404A: 0.44·3170 + 0.52·4800 + 0.04·1300 = 1394.8 + 2496 + 52 = 3942.8."""
    from bilanz.gases import gwp_value

    derived = {row["factor_id"]: row["value"] for row in reference("gwp_refrigerant_mixtures")}
    known = catalogue()
    for name in ("AR4", "AR5", "AR6"):
        for blend in ("404a", "407c", "410a", "507a"):
            value = gwp_value(known.gwp_set(name), f"R{blend.upper()}").value
            expected = plain(derived[f"mix_hfc{blend}_{name.lower()}gwp100_derived"])
            assert abs(value - expected) < Decimal("0.001")


def test_nothing_doubtful_is_shipped() -> None:
    doubtful = {("DE", 2023, "CO2e", Decimal(472)), ("DE", 2024, "CO2e", Decimal(505))}
    assert not doubtful & set(keys(catalogue().factors.to_dicts()))
    evidence = set(catalogue().factors.get_column("evidence"))
    assert evidence == {"primary", "transcription", "secondary"}
