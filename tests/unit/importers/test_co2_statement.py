"""What a German bill states about CO2: read, kept beside the record, held against itself and the bill."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from importers.base import ImportRequest, ImportResult, Workspace
from importers.einvoice import EInvoice
from importers.invoice.statement import is_statement, net_share, read

GOLDEN = Path(__file__).parents[2] / "golden" / "einvoice" / "gas_co2_statement.xml"
KG, FACTOR, ENERGY, COST = "co2_stated_kg", "co2_factor_stated", "energy_stated_kwh_hi", "co2_cost_stated"


def imported(path: Path) -> ImportResult:
    result = EInvoice().read(path, ImportRequest(), Workspace(path.parent, lambda: None))  # type: ignore[arg-type, return-value]
    result.check()
    return result


def changed(directory: Path, *pairs: tuple[str, str]) -> ImportResult:
    text = GOLDEN.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    path = directory / "bill.xml"
    path.write_text(text, encoding="utf-8")
    return imported(path)


SELF_CONSISTENT = (("3.626 kg", "4.018 kg"), ("3.000 kg", "2.719 kg"), ("18.048 kWh", "20.000 kWh"))
ISSUED = "<cbc:IssueDate>2025-02-03</cbc:IssueDate>"
NOTE = "<cbc:Note>CO2-Emissionen 6.345 kg, Emissionsfaktor 0,20088 kg CO2/kWh</cbc:Note>"
WITHOUT = (
    ("CO2-Emissionen</cbc:Name>", "A</cbc:Name>"),
    ("Emissionsfaktor (kg CO2/kWh)</cbc:Name>", "B</cbc:Name>"),
    ("Energiegehalt</cbc:Name>", "C</cbc:Name>"),
    ("CO₂-Emissionen der Lieferung: 3.000 kg; Emissionsfaktor 0,20088 kg CO2/kWh", "–"),
    ("Energiegehalt 13.536 kWh (Hi); CO2-Kosten: 135,00 EUR", "–"),
)


def attributes(result: ImportResult) -> list[dict[str, Any]]:
    return [json.loads(text) for text in result.activities["attributes"]]


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["CO2-Emissionen: 1.234 kg", "Emissionsfaktor 0,20088 kg/kWh"], {KG: "1234", FACTOR: "0.20088"}),
        (["CO₂-Emissionen: 1,234 t; Energiegehalt 6.143,5 kWh (Hi)"], {KG: "1234", ENERGY: "6143.5"}),
        (["Brennstoffemissionen 2400 kg CO2; CO2-Kosten: 108,00 EUR"], {KG: "2400", COST: "108"}),
        (["heizwertbezogener Emissionsfaktor: 0,0558 t CO2/GJ"], {FACTOR: "0.20088"}),
        (["Emissionsfaktor (kg CO2/kWh): 0,2664"], {FACTOR: "0.2664"}),
        (["CO2 emissions: 1,234 kg; energy content: 6143.5 kWh"], {KG: "1234", ENERGY: "6143.5"}),
        (["CO2-Emissionen in kg CO2: 1.234,5"], {KG: "1234.5"}),
        (["Brennstoffemissionen [kg CO2]: 1234"], {KG: "1234"}),
        (["CO2-Emissionen in kg: 1 234"], {KG: "1234"}),
        (["CO2-Emissionen: 1 234 kg"], {KG: "1234"}),
        (["CO₂-Emissionen: 1\u2009234,5 kg CO₂"], {KG: "1234.5"}),
        (["CO2-Emissionen in t CO2: 1,2345"], {KG: "1234.5"}),
        (["Energiegehalt der gelieferten Menge in kWh: 12 345"], {ENERGY: "12345"}),
        (["Energiegehalt: 1 234 567,8 kWh"], {ENERGY: "1234567.8"}),
        (["CO2-Kosten 55 EUR/t: 123,45 EUR"], {COST: "123.45"}),
        (["CO2-Kosten in EUR (55 EUR/t CO2): 123,45"], {COST: "123.45"}),
        (["CO2-Kosten in EUR: 123,45, CO2-Emissionen in kg: 2 245"], {COST: "123.45", KG: "2245"}),
        (["Emissionsfaktor in kg CO2/kWh: 0,20088 (Hi)"], {FACTOR: "0.20088"}),
        # nothing says whether this is a ton or a kilogram
        (["CO2-Emissionen: 1.234 kg"], {}),
        (["Energiegehalt: 6.143 kWh (Hs)"], None),
        (["Strommix: CO2-Emissionen 350 g/kWh"], None),
        (["CO2-Emissionen 350 kg CO2/MWh"], None),
        (["CO2-Preis 45 EUR/t", "Erdgas"], None),
    ],
)
def test_what_texts_state(texts: list[str], values: dict[str, str] | None) -> None:
    found = read(texts)
    if values is None:
        assert found is None
        assert not any(map(is_statement, texts))
    else:
        assert found is not None
        assert {name: f"{value.normalize():f}" for name, value in found.values.items()} == values


@pytest.mark.parametrize(
    "texts",
    [
        ["CO2-Emissionen in kg CO2"],
        ["CO2-Emissionen in kg (2023): siehe Anlage"],
        ["CO2-Emissionen in kg (1.1.-31.12.2023): 1234"],
        ["CO2-Emissionen in kg 2023 1 234"],
        ["CO2-Emissionen 12 34 kg"],
        ["CO2-Emissionen in kg: 12 Monate"],
        ["CO2-Emissionen in kg: 350 g/kWh"],
        ["CO2-Kosten in EUR: 55 EUR/t"],
        ["CO2-Kosten 55 EUR je Tonne CO2"],
        ["CO2-Kosten EUR/t: 55"],
    ],
)
def test_a_figure_of_something_else_is_left_out(texts: list[str]) -> None:
    assert read(texts) is None


def test_a_figure_left_out_is_about_co2_all_the_same() -> None:
    assert is_statement("CO2-Kosten 55 EUR/t")
    assert is_statement("Energiegehalt in kWh (Hi) 2023 1 234")


def test_the_billed_energy_decides_between_two_readings() -> None:
    texts = ["CO2-Emissionen: 1.234 kg; Energiegehalt: 6.143 kWh; Emissionsfaktor: 0.20088 kg/kWh"]
    undecided, decided = read(texts), read(texts, billed=Decimal(6800))
    assert undecided is not None
    assert decided is not None
    assert set(undecided.values) == {FACTOR}
    assert (decided.values[KG], decided.values[ENERGY]) == (Decimal(1234), Decimal(6143))


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("Umrechnung Brennwert Hs in Heizwert Hi: 0,9024", "0.9024"),
        ("Umrechnungsfaktor Ho/Hu 1,25", "0.8"),
        ("Umrechnungsfaktor Hs/Hi 1,6", None),
        ("Umrechnungsfaktor 0,9024", None),
    ],
)
def test_only_a_stated_conversion_counts(text: str, share: str | None) -> None:
    assert net_share([text]) == (Decimal(share) if share and share != "0.8" else None)


def test_statements_stand_beside_the_supply_they_belong_to() -> None:
    school, gym = attributes(imported(GOLDEN))
    assert (school[KG], school[FACTOR], school[ENERGY]) == ("3626", "0.20088", "18048")
    assert (gym[KG], gym[FACTOR], gym[ENERGY], gym[COST]) == ("3000", "0.20088", "13536", "135")


def test_a_statement_says_nothing_about_the_line_itself() -> None:
    result = imported(GOLDEN)
    # "Energiegehalt … (Hi)" is no basis of the billed quantity, "CO2-Kosten" no kind of the line
    assert list(result.activities["basis"]) == ["Hs", "Hs"]
    assert result.activities["quantity"].sum() == Decimal(35000)


def test_a_mass_that_is_not_energy_times_factor_is_pointed_out() -> None:
    found = imported(GOLDEN).issues.filter(code="co2_statement_differs")
    assert list(found["value"]) == ["3000 kg"]
    # 13 536 kWh × 0.20088 kg/kWh = 2719.11168 kg; 18 048 × 0.20088 = 3625.48 is within 2 % of 3626
    assert json.loads(found["parameters"][0])["expected"] == "2719 kg"


def test_an_energy_content_that_is_not_the_billed_one_is_pointed_out(tmp_path: Path) -> None:
    found = changed(tmp_path, *SELF_CONSISTENT).issues.filter(code="co2_statement_differs")
    # 20 000 kWh (Hs) × 0.9024 as the bill states = 18 048 kWh (Hi)
    assert list(found["value"]) == ["20000 kWh (Hi)"]
    assert json.loads(found["parameters"][0])["expected"] == "18048 kWh (Hi)"


def test_without_a_stated_conversion_nothing_is_compared(tmp_path: Path) -> None:
    result = changed(tmp_path, ("Umrechnung", "Hinweis zu"), *SELF_CONSISTENT)
    assert result.issues.filter(code="co2_statement_differs").is_empty()


def test_a_statement_of_the_whole_bill_covers_its_supplies(tmp_path: Path) -> None:
    first, second = attributes(changed(tmp_path, (ISSUED, ISSUED + NOTE), *WITHOUT))
    assert (first[KG], first["co2_statement_lines"]) == ("6345", ["1", "2"])
    assert KG not in second
