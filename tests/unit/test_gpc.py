from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from ledger import CITY, Ledger
from town import METHOD, YEAR, declare_keys, put

from bilanz.app.catalogue.references import references
from bilanz.gpc import KEY_SCHEMA, details, inventory
from bilanz.store.territory import territory_records

KNOWN = references()
NO_KEYS = pl.DataFrame(schema=KEY_SCHEMA)


def detailed(ledger: Ledger) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the details of a ledger and the lines they are made of."""
    lines = ledger.calculate(books=(KNOWN.book,)).lines
    return details(lines, territory_records(ledger.store, 2024), METHOD, KNOWN), lines


def town() -> Ledger:
    ledger = Ledger()
    put(ledger, "households", "electricity", "1000000")
    put(ledger, "municipal", "natural_gas", "500000")
    put(ledger, "industry", "heating_oil", "200000")
    put(ledger, "transport", "diesel", "800000")
    put(ledger, "transport", "electricity_traction", "90000")
    put(ledger, "transport", "electricity", "70000", source="bus / transport")
    put(ledger, "transport", "kerosene", "60000", basis="Hi")
    ledger.bill("meter", "electricity", "1", *YEAR)
    return ledger


def test_lines_stand_under_their_refs_and_the_rest_says_why() -> None:
    found, _ = detailed(town())
    told = found.filter(pl.col("scope") != "3").select("activity", "sector", "ref", "reason")
    assert sorted(told.unique().rows(), key=str) == sorted(
        [
            ("diesel", "transport", "II.1.1", None),
            ("electricity", "households", "I.1.2", None),
            ("electricity", "transport", None, "no_sub_sector"),  # bus, tram or train: nobody says
            ("electricity", None, None, "sector_unstated"),
            ("electricity_traction", "transport", "II.2.2", None),
            ("heating_oil", "industry", "I.3.1", None),
            ("kerosene", "transport", None, "no_sub_sector"),  # flights within, from or over the territory
            ("natural_gas", "municipal", "I.2.1", None),
        ],
        key=str,
    )
    assert set(found.filter(pl.col("scope") == "3")["reason"]) <= {"upstream"}


def test_what_is_no_energy_stands_without_a_ref_and_is_not_lost() -> None:
    ledger = town()
    put(ledger, "commerce", "waste_residual", "12", unit="t", source="waste / commerce")
    found, lines = detailed(ledger)
    waste = lines.filter(pl.col("activity") == "waste_residual", pl.col("scope").is_in(["1", "2", "3"]))
    assert waste["co2e_kg"].sum() > 0
    rows = found.filter(pl.col("activity") == "waste_residual")
    assert rows["co2e_kg"].sum() == waste["co2e_kg"].sum()
    assert set(rows["use"]) == {None}


def test_details_are_the_lines() -> None:
    found, lines = detailed(town())
    counted = lines.filter(pl.col("scope").is_in(["1", "2", "3"]))
    assert found["co2e_kg"].sum() == counted["co2e_kg"].sum() > 0
    gases = sum(Decimal(found[name].sum()) for name in ("co2_kg", "ch4_kg", "n2o_kg"))
    alone = counted.filter(pl.col("gas") == "CO2e")["co2e_kg"].sum()
    assert gases + Decimal(alone or 0) == found["co2e_kg"].sum()


def test_a_gas_no_factor_states_is_unknown_and_not_zero() -> None:
    ledger = Ledger()
    put(ledger, "households", "electricity", "1000000")  # its factor states CO2e only
    put(ledger, "industry", "heating_oil", "200000")  # 0.2664 kg CO2 per kWh, and no other gas
    found, _ = detailed(ledger)
    cells = found.filter(pl.col("scope") != "3").select("activity", "co2_kg", "ch4_kg", "n2o_kg")
    assert sorted(cells.rows()) == [
        ("electricity", None, None, None),
        ("heating_oil", Decimal(53_280), None, None),
    ]


def test_a_row_is_a_number_a_key_or_missing_and_no_key_is_guessed() -> None:
    found, _ = detailed(town())
    keys = pl.DataFrame(
        [(CITY, "I.5.1", "NO", "no farming"), (CITY, "II.1.1", "NE", "too early")],
        schema=KEY_SCHEMA,
        orient="row",
    )
    rows = {row["ref"]: row for row in inventory(found, keys, KNOWN, [CITY]).to_dicts()}
    assert len(rows) == len(KNOWN.refs)
    assert (rows["I.1.2"]["state"], rows["I.1.2"]["key"]) == ("value", None)
    assert (rows["I.5.1"]["state"], rows["I.5.1"]["co2e_kg"]) == ("key", None)
    assert rows["II.1.1"]["state"] == "contradiction"
    assert rows["V.1"]["state"] == "missing"
    bare = inventory(found, NO_KEYS, KNOWN, [CITY])
    assert set(bare["state"]) == {"value", "missing"}
    assert bare["co2e_kg"].sum() == found.filter(pl.col("ref").is_not_null())["co2e_kg"].sum()


def test_biogenic_carbon_stands_beside_the_gases_of_a_fuel() -> None:
    ledger = Ledger()
    put(ledger, "households", "wood_pellets", "100000")
    found, lines = detailed(ledger)
    rows = {row["ref"]: row for row in inventory(found, NO_KEYS, KNOWN, [CITY]).to_dicts()}
    burned = lines.filter(pl.col("scope") == "1")["co2e_kg"].sum()
    assert rows["I.1.1"]["co2e_kg"] == burned > 0
    assert found["biogenic_kg"].sum() == lines.filter(pl.col("scope") == "outside")["mass_kg"].sum() > 0
    assert found.filter(pl.col("ref") == "I.1.1")["quantity"].to_list() == [Decimal(100_000)]


def test_zeros_alone_are_no_number() -> None:
    ledger = Ledger()
    put(ledger, "industry", "district_heat", "0", zero_confirmed="yes")
    found, _ = detailed(ledger)
    rows = {row["ref"]: row["state"] for row in inventory(found, NO_KEYS, KNOWN, [CITY]).to_dicts()}
    assert rows["I.3.2"] == "missing"


def test_the_references_are_those_of_the_protocol() -> None:
    levels = {row.ref: (row.scope, row.level) for entry in KNOWN.sub_sectors for row in entry.refs}
    assert levels["I.1.1"] == ("1", "BASIC")
    assert levels["I.1.3"] == ("3", "BASIC+")
    assert levels["I.4.4"] == ("1", "territorial")
    assert levels["III.2.2"] == ("3", "BASIC")
    assert levels["III.2.3"] == ("1", "territorial")
    assert levels["IV.1"] == ("1", "BASIC+")
    assert levels["VI.1"] == ("3", "other")
    assert "II.5.3" not in levels


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("city,2024,I.63,NO,mistyped", "unknown_value"),
        ("city,2024,I.5.1,NA,no key of the protocol", "unknown_value"),
        ("city,2024,I.5.1,NO,", "missing_value"),
        ("nowhere,2024,I.5.1,NO,why", "unknown_reference"),
    ],
)
def test_a_key_needs_a_reference_an_explanation_and_a_city(row: str, code: str, tmp_path: Path) -> None:
    summary = declare_keys(tmp_path, row)
    assert [issue.code for _, issue in summary.issues] == [code]
    assert summary.tables["notation_keys"].rejected == 1
