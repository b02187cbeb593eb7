"""A whole heat network by hand, what it refuses, and the way of its factor into a balance."""

import json
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from ledger import factor, with_factors

from bilanz.app.catalogue import networkreport
from bilanz.app.catalogue.heatnetwork import HeatNetwork, calculate, method_of
from bilanz.app.catalogue.networkfile import read
from bilanz.app.cli import run
from bilanz.errors import BilanzError, FileRefused, NoFactor, Refused, UnknownName
from bilanz.factor import Chain
from factors.base import Catalogue, catalogue

HEAD = """\
name = "Wärmenetz Süd"
region = "DE"
year = 2024
delivered = { quantity = 700, unit = "kWh" }
supply = { kelvin = 373 }
return = { kelvin = 283 }
"""
CHP = """
[[plant]]
name = "BHKW"
kind = "chp"
heat = { quantity = 0.5, unit = "MWh" }
electricity = { quantity = 350, unit = "kWh" }
fuels = [{ activity = "Erdgas", quantity = 1000, unit = "kWh", basis = "Hi" }]
"""
BOILER = """
[[plant]]
name = "Kessel"
kind = "boiler"
heat = { quantity = 180, unit = "kWh" }
fuels = [{ activity = "Erdgas", quantity = 200, unit = "kWh", basis = "Hi" }]
"""
PUMP = """
[[plant]]
name = "Wärmepumpe"
kind = "heat_pump"
heat = { quantity = 120, unit = "kWh" }
fuels = [{ activity = "Strom", quantity = 40, unit = "kWh" }]
"""
WHOLE = HEAD + CHP + BOILER + PUMP
EFFICIENCIES = 'reference = { heat = 0.9, electricity = 0.5, source = "figures of this test" }\n'


def gas(chain: str, name: str, value: str, **told: object) -> dict[str, Any]:
    return factor("natural_gas", value, **({"gas": name, "chain": chain, "basis": "Hi"} | told))


def power(value: str, chain: str = "direct", **told: object) -> dict[str, Any]:
    named = {"factor_id": f"mix:{chain}", "source": "uba_strommix", "evidence": "primary", "chain": chain}
    return factor("electricity", value, **(named | {"gas": "CO2"} | told))


PER_GAS = with_factors(
    [gas("direct", "CO2", "0.2"), gas("direct", "CH4", "0.00001"), power("0.4")], only=True
)


def network(
    folder: Path,
    text: str = WHOLE,
    *,
    known: Catalogue = PER_GAS,
    book: str = "ghgp_location",
    method: str = "exergy",
) -> HeatNetwork:
    path = folder / "netz.toml"
    path.write_text(text, encoding="utf-8")
    return calculate(read(path), known, book=book, method=method_of(method))


def values(found: HeatNetwork) -> dict[tuple[str, str], Fraction]:
    return {(row.chain.value, row.gas): row.kg for row in found.factor.rows}


def test_a_network_by_hand_gas_by_gas(tmp_path: Path) -> None:
    # BHKW 1000 kWh × 0.2 = 200 kg CO2; share of heat (90/373 × 500) / (90/373 × 500 + 350) = 900/3511:
    # 51.267 kg
    # Kessel 200 × 0.2 = 40 kg; Wärmepumpe 40 × 0.4 = 16 kg; delivered 700 of 800 kWh
    # CO2 (51.267 + 40 + 16) / 700 = 0.15324 kg/kWh; CH4 (0.01 × 900/3511 + 0.002) / 700 = 0.0000065191 kg/kWh
    found = network(tmp_path)
    assert found.runs[0].share == Fraction(900, 3511)
    assert (found.fed_in, found.delivered, found.losses) == (800, 700, 100)
    assert values(found) == {
        ("direct", "CO2"): (200 * Fraction(900, 3511) + 56) / 700,
        ("direct", "CH4"): (Fraction(1, 100) * Fraction(900, 3511) + Fraction(2, 1000)) / 700,
    }
    assert networkreport.decimal(values(found)["direct", "CO2"]) == "0.153239207389"
    assert networkreport.decimal(values(found)["direct", "CH4"]) == "0.000006519103"


@pytest.mark.parametrize(
    ("method", "share"),
    [
        ("exergy", Fraction(900, 3511)),
        ("energy", Fraction(500, 850)),
        ("efficiency", Fraction(5000, 9) / (Fraction(5000, 9) + 700)),
        ("finnish", Fraction(5000, 9) / (Fraction(5000, 9) + 700)),
    ],
)
def test_each_method_reaches_the_factor(tmp_path: Path, method: str, share: Fraction) -> None:
    found = network(tmp_path, EFFICIENCIES + WHOLE, method=method)
    assert values(found)["direct", "CO2"] == (200 * share + 56) / 700
    saving = found.runs[0].saving
    assert saving == (1 - 1000 / (Fraction(5000, 9) + 700) if method == "finnish" else None)


def test_the_factor_is_linear_in_the_fuels_and_falls_with_the_heat_delivered(tmp_path: Path) -> None:
    once = network(tmp_path, HEAD + PUMP.replace("120", "800")).factor.co2e()
    twice = network(tmp_path, HEAD + PUMP.replace("120", "800").replace("40", "80")).factor.co2e()
    half = network(tmp_path, HEAD.replace("700", "350") + PUMP.replace("120", "800")).factor.co2e()
    assert once == Fraction(16, 700)
    assert twice == half == 2 * once


def test_shipped_factors_in_bisko(tmp_path: Path) -> None:
    # 14000 MWh Hs × 0.903 × 240 kg/MWh (GEG) = 3 034 080 kg; 6000 MWh heat, 5000 MWh power:
    # share of heat (90/373 × 6000) / (90/373 × 6000 + 5000) = 540000/2405000 = 108/481:
    # 681 248.73 kg; 350 MWh × 414 kg/MWh (UBA, with upstream) = 144 900 kg
    # (681 248.73 + 144 900) / 5 000 000 kWh = 0.16522975
    text = (HEAD + CHP + PUMP).replace("return = { kelvin = 283 }\n", "").replace("Hi", "Hs")
    changes = [
        ('700, unit = "kWh"', '5000, unit = "MWh"'),
        ("0.5,", "6000,"),
        ('350, unit = "kWh"', '5000, unit = "MWh"'),
        ('1000, unit = "kWh"', '14000, unit = "MWh"'),
        ('40, unit = "kWh"', '350, unit = "MWh"'),
    ]
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    found = network(tmp_path, text, known=catalogue(), book="bisko")
    expected = (3_034_080 * Fraction(108, 481) + 144_900) / 5_000_000
    assert values(found) == {("total", "CO2e"): expected}
    assert networkreport.decimal(expected) == "0.165229746362"
    assert {code for code, _, _ in found.assumptions} == {"basis_unstated", "delivery_unstated"}


def test_a_fuel_without_factor_gives_no_factor_of_the_network(tmp_path: Path) -> None:
    text = HEAD + BOILER + CHP.replace("Erdgas", "Braunkohle")
    with pytest.raises(NoFactor, match=r"^BHKW: No factor for Lignite in DE"):
        network(tmp_path, text)


def test_figures_with_and_without_upstream_are_never_added(tmp_path: Path) -> None:
    rows = [
        gas("total", "CO2e", "0.25", gwp="AR5"),
        power("0.35"),
        power("0.4", "total", gas="CO2e", gwp="AR5"),
    ]
    known = with_factors(rows, only=True)
    found = network(tmp_path, known=known, book="bisko")
    assert list(values(found)) == [("total", "CO2e")]
    assert found.factor.rows[0].gwp == "AR5"
    direct_only = factor("diesel", "0.27", gas="CO2", basis="Hi", source="ebev2030", evidence="primary")
    text = WHOLE + BOILER.replace("Kessel", "Notkessel").replace("Erdgas", "Diesel")
    with pytest.raises(Refused, match="diesel hold no upstream part"):
        network(tmp_path, text, known=with_factors([*rows, direct_only], only=True), book="bisko")


def test_upstream_parts_count_only_where_every_fuel_has_one(tmp_path: Path) -> None:
    rows = [gas("direct", "CO2", "0.2"), gas("upstream", "CO2e", "0.03", gwp="AR6"), power("0.4")]
    found = network(tmp_path, known=with_factors(rows, only=True))
    assert list(values(found)) == [("direct", "CO2")]
    assert ("upstream_incomplete", "district_heat", "electricity") in found.assumptions
    whole = network(tmp_path, HEAD.replace("700", "180") + BOILER, known=with_factors(rows, only=True))
    assert values(whole) == {("direct", "CO2"): Fraction(40, 180), ("upstream", "CO2e"): Fraction(6, 180)}


def test_biogenic_co2_is_beside_the_factor(tmp_path: Path) -> None:
    wood = {"basis": "Hi", "factor_id": "own:wood"}
    rows = [
        factor("wood_chips", "0.01", chain="direct", gas="CO2e", gwp="AR6", **wood),
        factor("wood_chips", "0.36", chain="biogenic", gas="CO2", **wood),
    ]
    text = HEAD.replace("700", "180") + BOILER.replace("Erdgas", "Hackschnitzel")
    found = network(tmp_path, text, known=with_factors(rows, only=True))
    assert values(found) == {("direct", "CO2e"): Fraction(2, 180), ("biogenic", "CO2"): Fraction(72, 180)}
    assert found.factor.co2e() == Fraction(2, 180)


def test_waste_heat_states_why_it_is_free(tmp_path: Path) -> None:
    waste = '\n[[plant]]\nname = "Abwärme"\nkind = "waste_heat"\nheat = { quantity = 200, unit = "kWh" }\n'
    free = waste + 'emission_free = "unavoidable, confirmed by the plant"\n'
    found = network(tmp_path, WHOLE + free)
    assert found.fed_in == 1000
    assert ("heat_emission_free", "Abwärme", "unavoidable, confirmed by the plant") in found.assumptions
    alone = network(tmp_path, HEAD.replace("700", "150") + free)
    assert [(row.chain, row.gas, row.kg) for row in alone.factor.rows] == [(Chain.DIRECT, "CO2e", 0)]
    with pytest.raises(Refused, match="Abwärme: A plant states its fuels"):
        network(tmp_path, WHOLE + waste)


def test_bisko_fixes_the_return_temperature_and_lists_another_method(tmp_path: Path) -> None:
    rows = [gas("total", "CO2e", "0.25", gwp="AR5"), power("0.4", "total", gas="CO2e", gwp="AR5")]
    known = with_factors(rows, only=True)
    silent = network(tmp_path, WHOLE.replace("return = { kelvin = 283 }\n", ""), known=known, book="bisko")
    assert silent.runs[0].share == Fraction(900, 3511)
    with pytest.raises(Refused, match="fixes the return temperature at 283 K"):
        network(tmp_path, WHOLE.replace("283", "333"), known=known, book="bisko")
    other = network(tmp_path, known=known, book="bisko", method="energy")
    listed = {code for code, _, _ in other.assumptions}
    assert listed == {"custom_factor", "delivery_unstated", "method_other"}


def test_celsius_are_turned_into_kelvin(tmp_path: Path) -> None:
    found = network(tmp_path, WHOLE.replace("supply = { kelvin = 373 }", "supply = { celsius = 99.85 }"))
    assert found.runs[0].share == Fraction(900, 3511)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("supply = { kelvin = 373 }", "supply = { kelvin = 283 }", "BHKW: The supply temperature"),
        ("supply = { kelvin = 373 }", "supply = { kelvin = 373, celsius = 100 }", "in one of them"),
        ("supply = { kelvin = 373 }\n", "", "needs the supply and the return"),
        ("return = { kelvin = 283 }\n", "", "needs the supply and the return"),
        ("quantity = 700", "quantity = 801", r"More heat is delivered \(801 kWh\) than fed in \(800 kWh\)"),
        ("quantity = 700", "quantity = 0", "nothing to divide by"),
        ("quantity = 0.5", "quantity = 0", "must be more than zero"),
        ("quantity = 350", "quantity = -350", "must be more than zero"),
        ("quantity = 1000", "quantity = -1000", "cannot be negative"),
        ('350, unit = "kWh"', '350, unit = "MWh"', "the units cannot be right"),
        ('electricity = { quantity = 350, unit = "kWh" }\n', "", "states its electricity"),
        ('basis = "Hi"', 'basis = "none"', "BHKW: No factor for Natural gas"),
        ('1000, unit = "kWh"', '1000, unit = "kwhh"', 'BHKW: The unit "kwhh" is not known'),
        ('"Erdgas"', '"Erdgass"', 'BHKW: The activity "Erdgass" is not known'),
        ('"Kessel"', '"BHKW"', 'Two plants have the name "BHKW"'),
    ],
)
def test_what_cannot_be_is_refused_and_names_the_plant(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    assert old in WHOLE
    with pytest.raises(BilanzError, match=words):
        network(tmp_path, WHOLE.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("year = 2024\n", "", 'the field "year" is missing'),
        ("fuels", "fuel", 'the field "plant → 1 → fuel" is unknown. Similar: fuels'),
        ("quantity = 700", 'quantity = "700,5"', "is not what is expected"),
        ("quantity = 700", "quantity = 700,5", "is not valid TOML"),
        ('kind = "chp"', 'kind = "KWK"', 'field "plant → 1 → kind": "KWK" is not what is expected'),
        ('region = "DE"', 'region = "Deutschland"', 'field "region": "Deutschland"'),
    ],
)
def test_a_form_filled_in_wrongly_names_the_field(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in WHOLE
    with pytest.raises(FileRefused) as caught:
        network(tmp_path, WHOLE.replace(old, new, 1))
    assert words in str(caught.value)


def test_reference_efficiencies_need_a_source(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="BHKW: Allocation by reference efficiencies needs"):
        network(tmp_path, method="efficiency")
    with pytest.raises(FileRefused, match="source"):
        network(tmp_path, "reference = { heat = 0.9, electricity = 0.5 }\n" + WHOLE, method="efficiency")


def test_a_credit_is_not_calculated() -> None:
    with pytest.raises(UnknownName, match="exergy, energy, efficiency, finnish"):
        method_of("credit")


def test_a_factor_that_changes_within_the_year_is_not_spread(tmp_path: Path) -> None:
    half = date(2024, 7, 1)
    rows = [
        gas("direct", "CO2", "0.2", factor_id="first", valid_to=half),
        gas("direct", "CO2", "0.3", factor_id="second", valid_from=half),
        power("0.4"),
    ]
    with pytest.raises(Refused, match="changes within 2024"):
        network(tmp_path, known=with_factors(rows, only=True))


def test_the_gases_beside_a_factor_may_not_change_within_the_year_either(tmp_path: Path) -> None:
    half = date(2024, 7, 1)
    british = {"source": "desnz", "evidence": "primary", "region": "GB", "mass_unit": "kg"}
    first = [
        gas("direct", name, "0.00001", factor_id="a", valid_to=half, **british) for name in ("CH4", "N2O")
    ]
    then = [
        gas("direct", name, "0.00002", factor_id="b", valid_from=half, **british) for name in ("CH4", "N2O")
    ]
    rows = [gas("direct", "CO2", "0.2"), *first, *then, power("0.4")]
    with pytest.raises(Refused, match="changes within 2024"):
        network(tmp_path, known=with_factors(rows, only=True))


def called(arguments: Sequence[str], capsys: pytest.CaptureFixture[str], code: int = 0) -> dict[str, Any]:
    assert run([*arguments, "--json"]) == code
    answer = json.loads(capsys.readouterr().out)
    assert isinstance(answer, dict)
    return answer


def test_the_factor_goes_from_the_file_into_a_balance(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # in bisko: 1000 × 0.24 × 900/3511 + 200 × 0.24 + 40 × 0.414 = 126.081 kg; / 700 = 0.18011562 kg per kWh
    path, out, data = (
        tmp_path / "netz.toml",
        tmp_path / "netz_2024.csv",
        ["--data-dir", str(tmp_path / "data")],
    )
    path.write_text(WHOLE, encoding="utf-8")
    asked = ["factors", "heat-network", str(path), "--book", "bisko", "--method", "exergy", "--out", str(out)]
    answer = called([*asked, *data], capsys)
    expected = (240 * Fraction(900, 3511) + 48 + Fraction("16.56")) / 700
    assert answer["co2e_kg_per_kwh"] == networkreport.decimal(expected) == "0.180115620295"
    assert answer["plants"][0]["share_of_heat"] == "0.256337225862"
    assert any("Carnot: 1 − 283 K / 373 K" in step for step in answer["steps"])
    taken = called(["factors", "import", str(out), *data], capsys)
    assert (taken["accepted"], taken["quarantined"]) == (1, [])
    kept = pl.read_csv(next((tmp_path / "data" / "factors").glob("*.csv")), infer_schema=False).row(
        0, named=True
    )
    assert (kept["method"], kept["value"]) == ("exergy", "0.180115620295")
    asked = ["estimate", "--activity", "Fernwärme", "--quantity", "1000", "--unit", "kWh", "--book", "bisko"]
    estimated = called([*asked, "--date", "2024-05-01", *data], capsys)
    assert estimated["co2e_kg"] == "180.115620295"
    assert estimated["factor"]["grade"] == "custom"
    german = ["factors", "heat-network", str(path), "--book", "bisko", "--method", "exergy", "--lang", "de"]
    assert run([*german, *data]) == 0
    assert capsys.readouterr().out.startswith("Wärmenetz Süd 2024: 180,12 g CO2e je kWh gelieferter Wärme")


def test_the_example_of_the_documentation_gives_what_it_says(tmp_path: Path) -> None:
    page = (Path(__file__).parents[4] / "docs" / "factors.md").read_text(encoding="utf-8")
    example = page.partition("```toml\n")[2].partition("```")[0]
    assert example.startswith('name = "Wärmenetz Musterhafen Süd"')
    path = tmp_path / "netz.toml"
    path.write_text(example, encoding="utf-8")
    found = calculate(read(path), catalogue(), book="bisko", method=method_of("exergy"))
    assert networkreport.lines(found, "en")[0].startswith("Wärmenetz Musterhafen Süd 2024: 176.07 g CO2e")
    assert "176.07 g CO2e per kWh delivered" in page


def test_bought_heat_never_takes_the_factor_of_the_network_itself(tmp_path: Path) -> None:
    own = factor("district_heat", "0.3", factor_id="own:neighbour", gas="CO2", method="exergy")
    bought = (
        BOILER.replace("boiler", "bought_heat").replace("Erdgas", "Fernwärme").replace(', basis = "Hi"', "")
    )
    text, known = HEAD.replace("700", "180") + bought, with_factors([own], only=True)
    with pytest.raises(Refused, match="Kessel: Bought heat names the factor"):
        network(tmp_path, text, known=known)
    named = text.replace('"kWh" }]', '"kWh", factor = "own:neighbour" }]')
    assert values(network(tmp_path, named, known=known)) == {("direct", "CO2"): Fraction(60, 180)}
    with pytest.raises(Refused, match='does not take the factor "own:other"'):
        network(tmp_path, named.replace("own:neighbour", "own:other"), known=known)


def test_pumps_of_the_network_count_and_give_no_heat(tmp_path: Path) -> None:
    pumps = PUMP.replace("Wärmepumpe", "Netzpumpen").replace("heat_pump", "auxiliary")
    text = (
        HEAD.replace("700", "180") + BOILER + pumps.replace('heat = { quantity = 120, unit = "kWh" }\n', "")
    )
    found = network(tmp_path, text)
    assert found.fed_in == 180
    assert values(found)["direct", "CO2"] == Fraction(40 + 16, 180)
