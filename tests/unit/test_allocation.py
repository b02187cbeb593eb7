"""Certificates, contracts and labels: hand calculations of what they cover."""

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from ledger import CITY, Ledger, co2e, factor, instrument, organisations, quantity, term, with_factors

from bilanz.allocation import apportion, kinds_of, views
from bilanz.app.shown.summary import BOOK_FOLDER
from bilanz.books import read_all
from bilanz.result import Result

YEAR = (date(2024, 1, 1), date(2025, 1, 1))
JUNE = (date(2024, 6, 1), date(2024, 7, 1))
GREEN = factor("electricity", "0", factor_id="own:green")
PARK = factor("electricity", "0.05", factor_id="own:park")
LABEL = factor("electricity", "0.3", factor_id="own:label")
FACTORS = with_factors([GREEN, PARK, LABEL])
MARKET = "ghgp_market"


def certificate(identifier: str, kwh: str, **told: object) -> dict[str, Any]:
    return instrument(identifier, "own:green", kind="certificate", quantity_kwh=kwh, **told)


def listed(result: Result, code: str) -> dict[str, str]:
    rows = result.assumptions.filter(pl.col("code") == code)
    return dict(rows.select("subject", "detail").iter_rows())


def by_factor(result: Result, **wanted: str) -> dict[str, Decimal]:
    lines = result.lines.filter(pl.col("book") == MARKET, pl.col("is_lead"))
    lines = lines.filter(*(pl.col(name) == value for name, value in wanted.items()))
    sums = lines.group_by("factor_id").agg(pl.col("quantity").sum())
    return {str(name).split(":")[-1]: Decimal(total) for name, total in sums.iter_rows()}


def test_the_chain_by_hand() -> None:
    ledger = Ledger()
    ledger.instruments = [certificate("go", "400000"), instrument("park", "own:park", source="plant")]
    ledger.bill("plant", "electricity", "250000", *JUNE)
    ledger.bill("hall", "electricity", "750000", *JUNE)
    result = ledger.calculate(catalogue=FACTORS)
    # certificates cover 400 of 1000 MWh: 40 % of every row, at 0 g
    #   plant: 100 000 at 0 g; the rest, 150 000, by its contract at 50 g       =   7 500 kg
    #   hall:  300 000 at 0 g; the rest, 450 000, at the residual mix 724.56 g  = 326 052 kg
    assert co2e(result, MARKET, source="plant") == Decimal(7500)
    assert co2e(result, MARKET, source="hall") == Decimal(326052)
    assert by_factor(result, source="plant") == {"green": Decimal(100000), "park": Decimal(150000)}
    assert by_factor(result, source="hall") == {"green": Decimal(300000), "residual": Decimal(450000)}
    assert listed(result, "instrument_unused") == {}
    assert "400000 " not in listed(result, "instrument_used")["park"]
    assert '"used":"400000"' in listed(result, "instrument_used")["go"]
    assert '"used":"150000"' in listed(result, "instrument_used")["park"]


def test_without_residual_mix_the_rest_takes_the_mix_of_the_place_and_says_so() -> None:
    mix = factor("electricity", "0.1", source="eea_grid", evidence="primary", region="IS")
    ledger = Ledger()
    ledger.terms = [term("meter", region="IS")]
    ledger.instruments = [certificate("go", "400")]
    ledger.bill("meter", "electricity", "1000", *JUNE)
    result = ledger.calculate(catalogue=with_factors([GREEN, mix], only=True), books=(MARKET,))
    grades = dict(result.lines.select("grade", "quantity").iter_rows())
    assert grades == {"contract": Decimal(400), "proxy": Decimal(600)}
    assert "no_residual_mix" in result.assumptions["code"].to_list()
    assert co2e(result, MARKET) == Decimal(60)


def test_a_fully_covered_consumption_takes_no_other_mix_for_granted() -> None:
    mix = factor("electricity", "0.1", source="eea_grid", evidence="primary", region="IS")
    ledger = Ledger()
    ledger.terms = [term("meter", region="IS")]
    ledger.instruments = [certificate("go", "1000")]
    ledger.bill("meter", "electricity", "1000", *JUNE)
    result = ledger.calculate(catalogue=with_factors([GREEN, mix], only=True), books=(MARKET,))
    assert "no_residual_mix" not in result.assumptions["code"].to_list()
    assert result.lines["co2e_kg"].to_list() == [Decimal(0)]


def test_more_certificates_than_consumption_are_listed_and_never_negative() -> None:
    ledger = Ledger()
    ledger.instruments = [certificate("go", "1500")]
    ledger.bill("meter", "electricity", "1000", *JUNE)
    result = ledger.calculate(catalogue=FACTORS, books=(MARKET,))
    assert by_factor(result) == {"green": Decimal(1000)}
    assert '"unused":"500"' in listed(result, "instrument_unused")["go"]


def test_months_outside_validity_are_not_covered() -> None:
    ledger = Ledger()
    ledger.instruments = [certificate("go", "900", valid_to=date(2024, 7, 1))]
    for month in (6, 7):
        ledger.bill("meter", "electricity", "1000", date(2024, month, 1), date(2024, month + 1, 1))
    lines = ledger.calculate(catalogue=FACTORS, books=(MARKET,)).lines
    green = lines.filter(pl.col("factor_id") == "own:green")
    assert green.select("month", "quantity").rows() == [(date(2024, 6, 1), Decimal(900))]


def test_heating_electricity_in_other_units_is_converted_exactly() -> None:
    ledger = Ledger()
    ledger.instruments = [certificate("go", "1000")]
    ledger.bill("meter", "electricity", "1000", *JUNE)  # kWh
    ledger.bill("pump", "electricity_heating", "0.6", *JUNE, unit="MWh")
    ledger.bill("store", "electricity_heating", "1.44", *JUNE, unit="GJ")  # 400 kWh
    result = ledger.calculate(catalogue=FACTORS, books=(MARKET,))
    green = result.lines.filter(pl.col("factor_id") == "own:green")
    # 1000 of 2000 kWh: half of each
    assert dict(green.select("source", "quantity").iter_rows()) == {
        "meter": Decimal(500),
        "pump": Decimal("0.3"),
        "store": Decimal("0.72"),
    }


def test_certificate_then_contract_then_label_and_the_nearer_before_the_wider() -> None:
    ledger = Ledger()
    ledger.instruments = [
        instrument("label", "own:label", kind="supplier_label"),
        instrument("city", "own:label"),
        instrument("school", "own:park", organisation="school"),
        certificate("go", "100"),
    ]
    ledger.bill("a", "electricity", "1000", *JUNE, organisation="school")
    ledger.bill("b", "electricity", "1000", *JUNE)
    result = ledger.calculate(catalogue=FACTORS, books=(MARKET,), organisations=organisations(CITY, "school"))
    assert by_factor(result, source="a") == {"green": Decimal(50), "park": Decimal(950)}
    assert by_factor(result, source="b") == {"green": Decimal(50), "label": Decimal(950)}
    assert set(listed(result, "instrument_used")) == {"go", "school", "city"}


def test_a_limited_contract_comes_before_one_without_limit() -> None:
    ledger = Ledger()
    ledger.instruments = [instrument("all", "own:label"), instrument("some", "own:park", quantity_kwh="300")]
    ledger.bill("meter", "electricity", "1000", *JUNE)
    result = ledger.calculate(catalogue=FACTORS, books=(MARKET,))
    assert by_factor(result) == {"park": Decimal(300), "label": Decimal(700)}


def test_a_run_over_one_organisation_takes_its_share_and_not_all_of_the_certificates() -> None:
    ledger = Ledger()
    ledger.instruments = [certificate("go", "1000")]
    ledger.bill("a", "electricity", "1000", *JUNE, organisation="school")
    ledger.bill("b", "electricity", "3000", *JUNE)
    told: dict[str, Any] = {"catalogue": FACTORS, "organisations": organisations(CITY, "school")}
    whole = ledger.calculate(**told).lines.filter(pl.col("organisation") == "school")
    part = ledger.calculate(**told, organisation="school").lines
    assert part.equals(whole)
    assert quantity(part, book=MARKET, factor_id="own:green") == Decimal(250)


def test_no_other_book_changes_by_an_instrument() -> None:
    hashes = []
    for held in ([], [certificate("go", "400"), instrument("park", "own:park", source="meter")]):
        ledger = Ledger()
        ledger.instruments = held
        ledger.bill("meter", "electricity", "12000.123457", *YEAR)
        ledger.bill("other", "electricity_heating", "3.5", *YEAR, unit="MWh")
        told = {"books": ("bisko", "ghgp_location")}
        hashes.append(ledger.calculate(catalogue=FACTORS, **told).manifest.result_hash)
        lines = ledger.calculate(catalogue=FACTORS).lines.filter(pl.col("book") != MARKET)
        hashes.append(str(lines.hash_rows(seed=1).sum()))
    assert hashes[:2] == hashes[2:]


def test_usage_is_what_it_was() -> None:
    frames = []
    for held in ([], [certificate("go", "400")]):
        ledger = Ledger()
        ledger.instruments = held
        ledger.bill("meter", "electricity", "1000", *JUNE, cost_net=Decimal(300), currency="EUR")
        frames.append(ledger.calculate(catalogue=FACTORS).usage)
    assert frames[0].equals(frames[1])
    assert frames[0]["cost_net"].sum() == Decimal(300)


def test_what_is_fed_in_or_passed_on_is_not_covered_by_the_organisation() -> None:
    ledger = Ledger()
    ledger.terms = [term("main"), term("flat", role="tenant", parent="main")]
    ledger.instruments = [certificate("go", "1400")]
    ledger.bill("main", "electricity", "2000", *JUNE)
    ledger.bill("main", "electricity", "500", *JUNE, direction="feed_in")
    middle = date(2024, 6, 16)
    ledger.bill("flat", "electricity", "300", JUNE[0], middle)
    ledger.bill("flat", "electricity", "300", middle, JUNE[1], quality="measured")
    result = ledger.calculate(catalogue=FACTORS, books=(MARKET,))
    # main: 2000 − 600 of the tenant = 1400, all covered; the tenant's 600 in 3.13 are not
    assert co2e(result, MARKET, scope="2") == 0
    assert co2e(result, MARKET, scope="3", category="3.13") == Decimal("0.72456") * 600
    assert listed(result, "instrument_unused") == {}


def test_a_limited_contract_of_electricity_is_not_left_over_in_books_that_do_not_name_it() -> None:
    ledger = Ledger()
    ledger.instruments = [instrument("park", "own:park", quantity_kwh="100")]
    ledger.bill("meter", "electricity", "1000", *JUNE)
    result = ledger.calculate(catalogue=FACTORS)  # the location book names contracts of district heat
    assert listed(result, "instrument_unused") == {}


def test_a_contract_of_heat_holds_in_both_books_of_the_protocol() -> None:
    network = factor("district_heat", "0.1", factor_id="own:network", chain="direct")
    ledger = Ledger()
    ledger.instruments = [instrument("network", "own:network", activity="district_heat", source="hall")]
    ledger.bill("hall", "district_heat", "600", *JUNE)
    ledger.bill("hall", "district_steam", "400", *JUNE)
    result = ledger.calculate(catalogue=with_factors([network | {"source": "own"}]))
    for book in ("ghgp_location", MARKET):
        assert co2e(result, book, grade="contract") == Decimal(100)


def test_a_contract_of_heat_with_one_figure_counts_in_every_book_and_says_so() -> None:
    network = factor("district_heat", "0.1", factor_id="own:network", chain="total", region="AT")
    ledger = Ledger()
    ledger.instruments = [instrument("network", "own:network", activity="district_heat", source="hall")]
    ledger.bill("hall", "district_heat", "1000", *JUNE)
    result = ledger.calculate(catalogue=with_factors([network]))
    assert {name: co2e(result, name) for name in ("bisko", "ghgp_location", MARKET)} == {
        "bisko": Decimal(100),
        "ghgp_location": Decimal(100),
        MARKET: Decimal(100),
    }
    assert "total_in_scope" in result.assumptions["code"].to_list()


def test_a_factor_without_activity_counts_where_an_instrument_names_it_and_nowhere_else() -> None:
    named = factor("electricity", "0.02") | {"activity": None, "item": "Contract 7", "factor_id": "own:seven"}
    ledger = Ledger()
    ledger.instruments = [instrument("seven", "own:seven", source="meter")]
    for source in ("meter", "other"):
        ledger.bill(source, "electricity", "1000", *JUNE)
    result = ledger.calculate(catalogue=with_factors([named]), books=(MARKET,))
    assert co2e(result, MARKET, source="meter") == Decimal(20)
    assert co2e(result, MARKET, source="other") == Decimal("724.56")


def test_an_instrument_without_its_factor_covers_nothing_and_is_listed() -> None:
    ledger = Ledger()
    ledger.instruments = [instrument("gone", "own:gone")]
    ledger.bill("meter", "electricity", "1000", *JUNE)
    result = ledger.calculate(catalogue=FACTORS, books=(MARKET,))
    assert by_factor(result) == {"residual": Decimal(1000)}
    assert listed(result, "instrument_strange") == {"gone": ""}


def test_every_book_that_names_an_instrument_has_a_view_of_its_own() -> None:
    books = read_all(BOOK_FOLDER)
    assert [name for name, book in books.items() if "electricity" in kinds_of(book)] == [
        "administration_market",
        MARKET,
    ]
    silent = books["bisko"].model_copy(update={"families": ()})
    seen = views((silent, books["ghgp_location"], books[MARKET]))
    assert seen["bisko"] == 1
    assert len(set(seen.values())) == 3
    assert all(bit.bit_count() == 1 for bit in seen.values())


@pytest.mark.parametrize(
    ("amounts", "limit", "parts"),
    [
        ([1, 1, 1], 2, [1, 1, 0]),  # thirds of 2: the first two get the remainder
        ([3, 2, 2], 4, [2, 1, 1]),  # 12/7, 8/7, 8/7: floors 1, 1, 1; the largest remainder is 5/7
        ([10, -4], 3, [5, -2]),  # half of both
        ([10, -10], 3, [0, 0]),
        ([-5], 3, [0]),
        ([5], 9, [5]),
        ([], 9, []),
    ],
)
def test_largest_remainders(amounts: list[int], limit: int, parts: list[int]) -> None:
    assert apportion(amounts, [1] * len(amounts), limit) == parts
