"""Balances calculated by hand: the arithmetic stands beside the expected figure."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import polars as pl
import pytest
from ledger import CITY, Ledger, co2e, factor, instrument, quantity, term, with_factors

from bilanz.sentences import worded
from bilanz.weighting import limbs

YEAR = (date(2024, 1, 1), date(2025, 1, 1))
JUNE = (date(2024, 6, 1), date(2024, 7, 1))


@pytest.mark.parametrize(
    ("book", "expected"),
    [
        ("bisko", "414"),  # UBA CC 16/2026, 2024 with upstream: 414 g/kWh
        ("ghgp_location", "361"),  # UBA CC 16/2026, 2024 without upstream: 361 g/kWh
        ("ghgp_market", "724.56"),  # AIB residual mix Germany 2024: 724.56 g CO2/kWh
    ],
)
def test_a_megawatt_hour_of_electricity_in_three_books(book: str, expected: str) -> None:
    ledger = Ledger()
    ledger.bill("meter", "electricity", "1000", *JUNE)
    assert co2e(ledger.calculate(), book) == Decimal(expected)


def test_natural_gas_by_gross_calorific_value() -> None:
    # 1000 kWh (Hs) × 0.903 Hi/Hs × 0.0036 GJ/kWh × 0.0558 t/GJ (EBeV 2030, Anlage 2 Teil 4) = 181.39464 kg
    # CH4 and N2O of DESNZ 2024 in AR6: 1000 × (0.00028 × 27.9/28 + 0.00009 × 273/265) = 0.371716981132 kg
    ledger = Ledger()
    ledger.bill("meter", "natural_gas", "1000", *JUNE, basis="Hs")
    result = ledger.calculate()
    assert co2e(result, "ghgp_location", scope="1") == Decimal("181.766356981132")
    # GEG Anlage 9: 240 g/kWh, read as Hi: 1000 × 0.903 × 0.24 = 216.72 kg
    assert co2e(result, "bisko") == Decimal("216.72")
    assert ("basis_unstated", "natural_gas") in result.assumptions.select("code", "subject").rows()


def test_litres_of_diesel_through_density_and_calorific_value() -> None:
    # 100 l × 0.845 kg/l × 42.8 MJ/kg × 74 g/MJ = 267.6284 kg (EBeV 2030)
    # CH4 and N2O of DESNZ 2024: 100 × (0.00029 × 27.9/28 + 0.03308 × 273/265) = 3.436760579514 kg
    ledger = Ledger()
    ledger.bill("truck", "diesel", "100", date(2024, 5, 2), date(2024, 5, 3), unit="l")
    result = ledger.calculate()
    assert co2e(result, "ghgp_location", scope="1", category="mobile_combustion") == Decimal(
        "271.065160579514"
    )
    assert co2e(result, "bisko", scope="memo", category="fleet") == Decimal("267.6284")
    assert co2e(result, "bisko", scope="1") == 0


def test_a_line_without_calorific_basis_is_an_exception_in_every_book() -> None:
    ledger = Ledger()
    ledger.bill("meter", "natural_gas", "1000", *JUNE)
    result = ledger.calculate()
    assert result.lines.is_empty()
    assert result.exceptions.select("book", "code").rows() == [
        ("bisko", "basis_missing"),
        ("ghgp_location", "basis_missing"),
        ("ghgp_market", "basis_missing"),
    ]
    assert result.exceptions["quantity"].to_list() == [Decimal(1000)] * 3


def test_an_unknown_activity_is_one_exception_for_all_books() -> None:
    ledger = Ledger()
    ledger.bill("supplier", None, "12.50", *JUNE, unit="EUR", quality="spend")
    rows = ledger.calculate().exceptions.select("book", "code", "quantity", "records").rows()
    assert rows == [(None, "activity_unknown", Decimal("12.5"), 1)]


def test_a_2023_activity_with_only_a_2010_factor_is_an_exception() -> None:
    old = factor("electricity", "0.5", source="uba_strommix", evidence="primary", chain="direct")
    old |= {"valid_from": date(2010, 1, 1), "valid_to": date(2011, 1, 1)}
    ledger = Ledger()
    ledger.bill("meter", "electricity", "1000", date(2023, 6, 1), date(2023, 7, 1))
    result = ledger.calculate(year=2023, catalogue=with_factors([old], only=True), books=("ghgp_location",))
    assert result.lines.is_empty()
    assert result.exceptions["code"].to_list() == ["no_factor"]
    (detail,) = result.exceptions["detail"]
    assert worded(detail, "en") == "own:electricity: 13 years older than the activity; the book allows 2"
    assert worded(detail, "de") == (
        "own:electricity: 13 Jahre älter als die Aktivität; das Bilanzbuch lässt 2 zu"
    )


def test_a_factor_of_the_year_before_is_used_and_graded() -> None:
    old = factor("electricity", "0.5", source="uba_strommix", evidence="primary")
    old |= {"valid_from": date(2023, 1, 1), "valid_to": date(2024, 1, 1)}
    ledger = Ledger()
    ledger.bill("meter", "electricity", "1000", *JUNE)
    result = ledger.calculate(catalogue=with_factors([old], only=True), books=("ghgp_location",))
    assert result.lines.select("co2e_kg", "grade").rows() == [(Decimal(500), "older_edition")]


@pytest.mark.parametrize("book", ["bisko", "ghgp_location", "ghgp_market"])
def test_a_carbon_content_serves_years_before_it_was_published_and_is_listed(book: str) -> None:
    # 100 l × 0.845 kg/l × 42.8 MJ/kg × 74 g/MJ = 267.6284 kg: EBeV 2030 holds from 2023 on. Beside it in the
    # GHG Protocol books CH4 and N2O of DESNZ 2024, 3.436760579514 kg (see above)
    ledger = Ledger()
    ledger.bill("truck", "diesel", "100", date(2022, 5, 2), date(2022, 5, 3), unit="l")
    result = ledger.calculate(year=2022, books=(book,))
    carbon = result.lines.filter(gas="CO2")
    assert co2e(result, book, gas="CO2") == Decimal("267.6284")
    assert co2e(result, book) == Decimal("267.6284" if book == "bisko" else "271.065160579514")
    assert carbon["grade"].to_list() == ["proxy" if book == "bisko" else "exact"]
    listed = result.assumptions.filter(pl.col("code") == "outside_validity")
    identifier = "ebev2030:2022:diesel:DE:2023:direct"
    assert listed.select("subject", "detail").rows() == [
        ("diesel", f"{gases} (2024-01-01/2025-01-01) → 2022") for gases in _beside(book)
    ] + [("diesel", f"{identifier} (2023-01-01/2031-01-01) → 2022")]


def _beside(book: str) -> list[str]:
    """Return the statement of CH4 and N2O a book adds where CO2 alone won."""
    return [] if book == "bisko" else ["desnz:2024:diesel_mineral:GB:2024:l"]


def test_fuel_long_before_its_factor_is_an_exception() -> None:
    ledger = Ledger()
    ledger.bill("truck", "diesel", "100", date(2010, 5, 2), date(2010, 5, 3), unit="l")
    result = ledger.calculate(year=2010)
    assert result.lines.is_empty()
    assert set(result.exceptions["code"]) == {"no_factor"}
    nearest = worded(result.exceptions.filter(pl.col("book") == "ghgp_location")["detail"][0], "en")
    first = "lfu_bb:cc27_2016:diesel:DE-BB:2016:direct"
    assert nearest.startswith(f"{first}: valid only from 2016-01-01; the book allows 5 years before; ")


def test_an_older_value_is_listed_too() -> None:
    old = factor("electricity", "0.5", source="uba_strommix", evidence="primary")
    old |= {"valid_from": date(2023, 1, 1), "valid_to": date(2024, 1, 1)}
    ledger = Ledger()
    ledger.bill("meter", "electricity", "1000", *JUNE)
    result = ledger.calculate(catalogue=with_factors([old], only=True), books=("ghgp_location",))
    assert ("outside_validity", "electricity", "own:electricity (2023-01-01/2024-01-01) → 2024") in (
        result.assumptions.rows()
    )


def test_a_newer_factor_is_never_used() -> None:
    new = factor("electricity", "0.5", source="uba_strommix", evidence="primary")
    new |= {"valid_from": date(2025, 1, 1)}
    ledger = Ledger()
    ledger.bill("meter", "electricity", "1000", *JUNE)
    result = ledger.calculate(catalogue=with_factors([new], only=True), books=("ghgp_location",))
    assert result.lines.is_empty()
    assert result.exceptions["code"].to_list() == ["no_factor"]


def test_an_unknown_region_has_no_factor_and_is_not_zero() -> None:
    ledger = Ledger()
    ledger.terms = [term("meter", region="XX")]
    ledger.bill("meter", "electricity", "1000", *JUNE)
    result = ledger.calculate()
    assert result.lines.is_empty()
    assert set(result.exceptions["code"]) == {"no_factor"}


def test_a_federal_state_takes_the_national_factor_without_downgrade() -> None:
    ledger = Ledger()
    ledger.terms = [term("meter", region="DE-HH")]
    ledger.bill("meter", "electricity", "1000", *JUNE)
    lines = ledger.calculate(books=("ghgp_location",)).lines
    assert lines.select("co2e_kg", "grade").rows() == [(Decimal(361), "exact")]


def test_three_gwp_sets_give_three_results_for_methane() -> None:
    own = factor("natural_gas", "1", gas="CH4", per_unit="kg")
    ledger = Ledger()
    ledger.bill("meter", "natural_gas", "1", *JUNE, unit="kg")
    catalogue = with_factors([own])
    totals = [
        co2e(
            ledger.calculate(catalogue=catalogue, books=("ghgp_location",), gwp=name),
            "ghgp_location",
            gas="CH4",
        )
        for name in ("AR4", "AR5", "AR6")
    ]
    assert totals == [Decimal(25), Decimal(28), Decimal("27.9")]  # IPCC AR4, AR5 (without feedback), AR6
    masses = ledger.calculate(catalogue=catalogue, books=("ghgp_location",)).lines["mass_kg"].to_list()
    assert masses == [Decimal(1)]


def test_co2e_factors_have_no_mass() -> None:
    ledger = Ledger()
    ledger.bill("meter", "electricity", "1000", *JUNE)
    lines = ledger.calculate(books=("bisko",)).lines
    assert lines.select("gas", "mass_kg", "co2e_kg").rows() == [("CO2e", None, Decimal(414))]


def test_one_terajoule_by_mass_volume_and_energy_agrees() -> None:
    # 1 TJ of diesel = 1000/42.8 t = 1000/(42.8 × 0.845) m3
    routes = [("1000", "GJ", "Hi"), ("23.364486", "t", "none"), ("27.650279", "m3", "none")]
    ledger = Ledger()
    for index, (amount, unit, basis) in enumerate(routes):
        ledger.bill(f"route{index}", "diesel", amount, *JUNE, unit=unit, basis=basis)
    result = ledger.calculate(books=("ghgp_location",))
    masses = [co2e(result, "ghgp_location", source=f"route{index}") for index in range(3)]
    # 1000 GJ × 74 kg/GJ = 74000 kg; CH4 and N2O per kWh (1000/0.0036): (0.00003 × 27.9/28 + 0.0033 × 273/265)
    assert masses[0] == Decimal("74952.643194070080")
    assert all(abs(mass / masses[0] - 1) < Decimal("0.01") for mass in masses)


def test_biogenic_co2_stands_outside_the_scopes() -> None:
    # 100 l HVO × 2.43 kg/l = 243 kg biogenic CO2 (DESNZ 2024, of the statement that gives CH4 and N2O)
    ledger = Ledger()
    ledger.bill("truck", "hvo", "100", *JUNE, unit="l")
    result = ledger.calculate(books=("ghgp_location",))
    assert co2e(result, "ghgp_location", scope="outside") == Decimal(243)
    assert 0 < co2e(result, "ghgp_location", scope="1") < 10  # CH4 and N2O only


def test_bisko_leaves_procurement_travel_and_waste_out_and_shows_them() -> None:
    ledger = Ledger()
    ledger.bill("supplier", "purchase", "1000", *JUNE, unit="EUR", quality="spend", product_group="J61")
    ledger.bill("trips", "travel_rail_long", "100", *JUNE, unit="pkm")
    ledger.bill("bin", "waste_residual", "2", *JUNE, unit="t")
    result = ledger.calculate(books=("bisko",))
    assert result.lines.select("scope", "category").unique().rows() == [("memo", "excluded")]
    assert result.lines["co2e_kg"].is_null().all()
    assert result.exceptions.is_empty()


def test_own_generation_and_feed_in_are_memo_and_never_lower_the_balance() -> None:
    ledger = Ledger()
    ledger.bill("meter", "electricity", "1000", *JUNE)
    ledger.bill("meter", "electricity", "400", *JUNE, direction="feed_in")
    ledger.bill("roof", "electricity", "900", *JUNE, direction="generation")
    result = ledger.calculate()
    for book, expected in (("bisko", "414"), ("ghgp_location", "361"), ("ghgp_market", "724.56")):
        assert co2e(result, book) == Decimal(expected)
    memo = result.lines.filter(pl.col("scope") == "memo", pl.col("book") == "bisko")
    assert memo.select("category", "quantity").sort("category").rows() == [
        ("fed_in", Decimal(400)),
        ("generated", Decimal(900)),
    ]


def test_a_contract_factor_counts_in_the_market_book_only() -> None:
    green = factor("electricity", "0.02", factor_id="own:contract:1")
    ledger = Ledger()
    ledger.terms = [term("meter"), term("other")]
    ledger.instruments = [instrument("supply", "own:contract:1", source="meter")]
    ledger.bill("meter", "electricity", "1000", *JUNE)
    ledger.bill("other", "electricity", "1000", *JUNE)
    result = ledger.calculate(catalogue=with_factors([green]))
    assert co2e(result, "ghgp_market", source="meter") == Decimal(20)
    assert co2e(result, "ghgp_market", source="other") == Decimal("724.56")
    assert result.lines.filter(pl.col("factor_id") == "own:contract:1")["grade"].to_list() == ["contract"]
    assert co2e(result, "bisko", source="meter") == Decimal(414)
    assert co2e(result, "ghgp_location", source="meter") == Decimal(361)


def test_a_country_without_residual_mix_takes_the_location_mix_and_says_so() -> None:
    mix = factor("electricity", "0.1", source="eea_grid", evidence="primary", region="IS")
    ledger = Ledger()
    ledger.terms = [term("meter", region="IS")]
    ledger.bill("meter", "electricity", "1000", *JUNE)
    result = ledger.calculate(catalogue=with_factors([mix], only=True), books=("ghgp_market",))
    assert result.lines.select("co2e_kg", "grade").rows() == [(Decimal(100), "proxy")]
    assert "no_residual_mix" in result.assumptions["code"].to_list()


def test_district_heat_with_one_published_total_is_a_listed_proxy() -> None:
    ledger = Ledger()
    ledger.bill("meter", "district_heat", "1000", *JUNE)
    result = ledger.calculate(books=("ghgp_location",))
    # BISKO default for heat networks: 260 g/kWh with upstream
    assert result.lines.select("scope", "chain", "grade", "co2e_kg").rows() == [
        ("2", "total", "proxy", Decimal(260))
    ]
    assert "total_in_scope" in result.assumptions["code"].to_list()


@pytest.mark.parametrize(
    ("told", "scope", "category"),
    [
        ({}, "2", "purchased_electricity"),
        ({"tenure": "rented"}, "2", "purchased_electricity"),
        ({"tenure": "rented", "control": False}, "3", "3.8"),
        ({"tenure": "owned", "control": False}, "3", "3.13"),
        ({"tenure": "let"}, "3", "3.13"),
        ({"role": "tenant"}, "3", "3.13"),
    ],
)
def test_scope_follows_role_control_and_tenure(told: dict[str, object], scope: str, category: str) -> None:
    ledger = Ledger()
    ledger.terms = [term("meter", **told)]
    ledger.bill("meter", "electricity", "1000", *JUNE)
    lines = ledger.calculate(books=("ghgp_location",)).lines
    assert lines.select("scope", "category", "co2e_kg").rows() == [(scope, category, Decimal(361))]


def test_what_a_tenant_used_leaves_the_parent_meter() -> None:
    ledger = Ledger()
    ledger.terms = [term("main"), term("flat", role="tenant", parent="main")]
    ledger.bill("main", "electricity", "1000", *JUNE)
    ledger.bill("flat", "electricity", "300", *JUNE)
    result = ledger.calculate(books=("ghgp_location",))
    # 700 kWh own × 361 g = 252.7 kg in scope 2; 300 kWh × 361 g = 108.3 kg in 3.13
    assert co2e(result, "ghgp_location", scope="2") == Decimal("252.7")
    assert co2e(result, "ghgp_location", scope="3", category="3.13") == Decimal("108.3")
    assert quantity(result.lines.filter(pl.col("is_lead"))) == Decimal(1000)


def test_totals_are_the_sum_of_their_parts_and_leads_add_up() -> None:
    ledger = Ledger()
    for month in range(1, 12):
        ledger.bill(
            f"meter{month % 3}", "electricity", "333.333333", date(2024, month, 1), date(2024, month + 1, 1)
        )
    lines = ledger.calculate(books=("ghgp_location",)).lines
    by_source = lines.group_by("source").agg(pl.col("co2e_kg").sum())["co2e_kg"].sum()
    assert by_source == lines["co2e_kg"].sum()
    assert quantity(lines.filter(pl.col("is_lead"))) == Decimal("333.333333") * 11


@pytest.mark.parametrize("value", [Fraction(1, 3), Fraction(0), Fraction(414, 1000), Fraction(9_999_999)])
def test_limbs_keep_24_decimals(value: Fraction) -> None:
    high, low = limbs(value)
    assert high is not None
    assert low is not None
    together = Fraction(high) + Fraction(low) / 10**12
    assert abs(together - value) <= Fraction(1, 2 * 10**24)


def test_a_multiplier_too_large_for_its_limbs_is_refused() -> None:
    with pytest.raises(OverflowError):
        limbs(Fraction(10**7))


def test_a_factor_too_large_for_the_unit_is_an_exception() -> None:
    huge = factor("electricity", "10000", mass_unit="t")  # 10^7 kg per kWh
    ledger = Ledger()
    ledger.instruments = [instrument("supply", huge["factor_id"])]
    ledger.bill("meter", "electricity", "1", *JUNE)
    result = ledger.calculate(catalogue=with_factors([huge]), books=("ghgp_market",))
    assert result.exceptions["code"].to_list() == ["too_large"]


def test_only_the_organisation_asked_for_and_what_is_below_it() -> None:
    from ledger import organisations

    ledger = Ledger()
    ledger.bill("a", "electricity", "100", *JUNE, organisation="school")
    ledger.bill("b", "electricity", "200", *JUNE, organisation="depot")
    frame = organisations(CITY, "school", "depot")
    whole = ledger.calculate(organisations=frame, books=("bisko",), organisation=CITY)
    part = ledger.calculate(organisations=frame, books=("bisko",), organisation="school")
    assert quantity(whole.lines) == Decimal(300)
    assert quantity(part.lines) == Decimal(100)
    assert part.organisations["organisation"].to_list() == ["school"]
