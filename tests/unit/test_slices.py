"""What counts on which day, and where everything else goes."""

from datetime import date, datetime
from decimal import Decimal

import polars as pl
import pytest
from ledger import CITY, Ledger, co2e, organisations, quantity, term

from bilanz.result import Result
from bilanz.slices import QuantityLost

JUNE = (date(2024, 6, 1), date(2024, 7, 1))
BOOK = ("ghgp_location",)


def counted(result: Result, source: str) -> Decimal:
    return quantity(result.lines.filter(pl.col("is_lead")), source=source)


def reasons(result: Result) -> dict[str, Decimal]:
    sums = result.superseded.group_by("reason").agg(pl.col("quantity").sum()).sort("reason")
    return dict(sums.iter_rows())


def test_a_yearly_bill_is_spread_over_its_days_and_adds_up() -> None:
    ledger = Ledger()
    ledger.bill("meter", "electricity", "1000.000001", date(2024, 1, 1), date(2025, 1, 1))
    lines = ledger.calculate(books=BOOK).lines
    assert lines.height == 12
    assert lines["is_apportioned"].all()
    assert quantity(lines) == Decimal("1000.000001")
    # January: 31 of 366 days of 1000000001 micro-units, cut: 84699453
    january = lines.filter(pl.col("month") == date(2024, 1, 1))
    assert january["quantity"].to_list() == [Decimal("84.699453")]


def test_a_year_of_another_zone_is_a_year_there() -> None:
    ledger = Ledger()
    there = (datetime(2024, 1, 1, 5), datetime(2025, 1, 1, 5))  # noqa: DTZ001 - midnight in Toronto
    ledger.bill("meter", "electricity", "1000", *JUNE, start=there[0], end=there[1])
    ledger.store.con.execute("UPDATE series SET zone = NULL")  # as an import of records leaves it
    units = organisations(CITY).with_columns(zone=pl.lit("America/Toronto"))
    assert quantity(ledger.calculate(books=BOOK, organisations=units).lines) == Decimal(1000)
    assert ledger.calculate(books=BOOK, organisations=units, year=2025).lines.is_empty()
    # without a zone it is Berlin: six hours of 366 days belong to 2025
    assert quantity(ledger.calculate(books=BOOK, year=2025).lines) == Decimal("0.683061")
    assert quantity(ledger.calculate(books=BOOK, zone="America/Toronto").lines) == Decimal(1000)


def test_a_bill_over_new_year_counts_in_each_year_with_its_days_only() -> None:
    ledger = Ledger()
    ledger.bill("meter", "electricity", "100", date(2023, 12, 17), date(2024, 1, 6))  # 15 + 5 days
    old = ledger.calculate(year=2023, books=BOOK).lines
    new = ledger.calculate(year=2024, books=BOOK).lines
    assert old["quantity"].to_list() == [Decimal(75)]
    assert new["quantity"].to_list() == [Decimal(25)]
    assert old["is_apportioned"].all()
    assert new["is_apportioned"].all()


def test_a_bill_within_one_month_is_not_apportioned() -> None:
    ledger = Ledger()
    ledger.bill("meter", "electricity", "100", *JUNE)
    assert ledger.calculate(books=BOOK).lines["is_apportioned"].to_list() == [False]


def test_local_midnight_decides_about_the_month() -> None:
    ledger = Ledger()
    start, end = datetime(2024, 5, 31, 22, 30), datetime(2024, 5, 31, 22, 45)  # noqa: DTZ001 - 1 June, 0:30 local
    ledger.bill("truck", "diesel", "50", *JUNE, unit="l", start=start, end=end)
    assert ledger.calculate(books=BOOK).lines["month"].unique().to_list() == [date(2024, 6, 1)]


def test_a_reading_beats_the_bill_of_its_day_and_keeps_its_cost() -> None:
    ledger = Ledger()
    for day in range(1, 11):
        ledger.day("meter", "electricity", "12", date(2024, 6, day), measured=1)
    ledger.bill("meter", "electricity", "300", *JUNE, cost_net=Decimal(90), currency="EUR")
    result = ledger.calculate(books=BOOK)
    # 10 days × 12 kWh read; 20 of 30 days of the bill: 200 kWh
    by_quality = dict(result.lines.select("quality", "quantity").iter_rows())
    assert by_quality == {"measured": Decimal(120), "billed": Decimal(200)}
    assert reasons(result) == {"better_rank": Decimal(100)}
    assert result.lines.filter(pl.col("quality") == "billed")["is_apportioned"].all()
    assert result.usage["cost_net"].sum() == Decimal(90)


def test_an_estimated_reading_does_not_beat_a_bill() -> None:
    ledger = Ledger()
    ledger.day("meter", "electricity", "12", date(2024, 6, 1), measured=0, estimated=96)
    ledger.bill("meter", "electricity", "300", *JUNE)
    result = ledger.calculate(books=BOOK)
    assert counted(result, "meter") == Decimal(300)
    assert reasons(result) == {"better_rank": Decimal(12)}


def test_the_same_meter_by_quarter_hours_and_by_hours_counts_once() -> None:
    ledger = Ledger()
    ledger.day("meter", "electricity", "12", date(2024, 6, 1))
    ledger.day("meter", "electricity", "12.1", date(2024, 6, 1), minutes=60)
    result = ledger.calculate(books=BOOK)
    assert counted(result, "meter") == Decimal(12)
    assert reasons(result) == {"other_series": Decimal("12.1")}


def test_readings_of_two_directions_do_not_compete() -> None:
    ledger = Ledger()
    ledger.day("meter", "electricity", "12", date(2024, 6, 1))
    ledger.day("meter", "electricity", "3", date(2024, 6, 1), direction="feed_in")
    result = ledger.calculate(books=BOOK)
    assert sorted(result.lines.select("scope", "quantity").rows()) == [
        ("2", Decimal(12)),
        ("memo", Decimal(3)),
    ]


def test_a_sub_meter_refines_and_is_not_added() -> None:
    ledger = Ledger()
    ledger.terms = [term("main"), term("sub", role="sub_meter", parent="main")]
    ledger.bill("main", "electricity", "100", *JUNE)
    ledger.bill("sub", "electricity", "40", *JUNE)
    result = ledger.calculate(books=BOOK)
    assert counted(result, "main") == Decimal(100)
    assert reasons(result) == {"sub_meter": Decimal(40)}


def test_an_instalment_under_a_final_bill_is_superseded() -> None:
    ledger = Ledger()
    ledger.bill("meter", "electricity", "100", *JUNE, document_type="instalment")
    ledger.bill("meter", "electricity", "90", *JUNE, document_type="final")
    result = ledger.calculate(books=BOOK)
    assert counted(result, "meter") == Decimal(90)
    assert reasons(result) == {"instalment": Decimal(100)}


def test_an_instalment_without_a_final_bill_is_an_exception() -> None:
    ledger = Ledger()
    ledger.bill("meter", "electricity", "100", *JUNE, document_type="instalment")
    result = ledger.calculate(books=BOOK)
    assert result.lines.is_empty()
    assert result.exceptions.select("book", "code", "quantity").rows() == [(None, "instalment", Decimal(100))]


PROMISED = {"unit": "EUR", "quality": "spend", "product_group": "C26", "document_type": "contract"}


def test_a_contract_is_money_promised_and_in_no_balance() -> None:
    ledger = Ledger()
    ledger.bill("supplier", "purchase", "100000", *JUNE, **PROMISED)
    result = ledger.calculate(books=BOOK)
    assert result.lines.is_empty()
    assert result.exceptions.is_empty()
    assert result.usage.is_empty()
    assert reasons(result) == {"contract": Decimal(100_000)}


def test_what_is_paid_on_a_contract_counts_beside_it() -> None:
    ledger = Ledger()
    ledger.bill("supplier", "purchase", "100000", *JUNE, **PROMISED)
    ledger.bill("supplier", "purchase", "2500", *JUNE, **(PROMISED | {"document_type": None}))
    result = ledger.calculate(books=BOOK)
    assert counted(result, "supplier") == Decimal(2500)
    assert reasons(result) == {"contract": Decimal(100_000)}


def test_a_contract_outranks_no_bill_and_covers_no_day() -> None:
    ledger = Ledger()
    ledger.bill("meter", "electricity", "900", *JUNE, document_type="contract", quality="billed")
    ledger.bill("meter", "electricity", "80", *JUNE, quality="estimated")
    result = ledger.calculate(books=BOOK)
    assert counted(result, "meter") == Decimal(80)
    assert result.coverage["days_billed"].sum() == 0


def test_a_record_that_gave_way_is_superseded() -> None:
    ledger = Ledger()
    ledger.batch(2)
    ledger.bill("meter", "electricity", "100", *JUNE)
    loser = ledger.bill("meter", "electricity", "101", *JUNE, batch=2)
    ledger.resolve(ledger.key("meter", "electricity"), loser, winner=1, loser=2)
    result = ledger.calculate(books=BOOK)
    assert counted(result, "meter") == Decimal(100)
    assert reasons(result) == {"resolution": Decimal(101)}


def test_both_keeps_both() -> None:
    ledger = Ledger()
    ledger.batch(2)
    ledger.bill("meter", "electricity", "100", *JUNE)
    second = ledger.bill("meter", "electricity", "101", *JUNE, batch=2)
    ledger.resolve(ledger.key("meter", "electricity"), second, winner=1, loser=2, rule="both")
    assert counted(ledger.calculate(books=BOOK), "meter") == Decimal(201)


def test_readings_that_gave_way_are_listed() -> None:
    ledger = Ledger()
    ledger.day("meter", "electricity", "12", date(2024, 6, 1))
    key = ledger.key("meter", "electricity", minutes=15)
    for lost, is_excluded in (("11.5", False), ("7", True)):
        ledger.store.con.execute(
            "INSERT INTO daily_superseded VALUES (?, DATE '2024-06-01', 1, ?, 96, ?)",
            [key, Decimal(lost), is_excluded],
        )
    result = ledger.calculate(books=BOOK)
    assert counted(result, "meter") == Decimal(12)
    assert result.superseded.sort("reason").select("reason", "quantity", "records").rows() == [
        ("excluded", Decimal(7), 96),
        ("resolution", Decimal("11.5"), 96),
    ]


def test_a_record_that_was_excluded_is_superseded_with_its_own_reason() -> None:
    ledger = Ledger()
    ledger.bill("meter", "electricity", "100", *JUNE)
    excluded = ledger.bill("other", "electricity", "101", *JUNE)
    ledger.resolve(ledger.key("other", "electricity"), excluded, winner=1, loser=1, rule="excluded")
    result = ledger.calculate(books=BOOK)
    assert counted(result, "meter") == Decimal(100)
    assert reasons(result) == {"excluded": Decimal(101)}


def test_a_withdrawn_batch_does_not_count() -> None:
    ledger = Ledger()
    ledger.batch(2, "withdrawn")
    ledger.bill("meter", "electricity", "100", *JUNE, batch=2)
    result = ledger.calculate(books=BOOK)
    assert result.lines.is_empty()
    assert result.superseded.is_empty()


@pytest.mark.parametrize(
    ("activity", "product_group", "is_beaten"),
    [
        ("purchase", "D35", True),  # CPA D35: electricity, gas, steam
        ("electricity", None, True),  # the activity itself, known by its cost
        ("purchase", "E36", False),  # water: no quantity of water is known
        ("purchase", "J61", False),
    ],
)
def test_a_quantity_beats_money(activity: str, product_group: str | None, *, is_beaten: bool) -> None:
    ledger = Ledger()
    ledger.bill("meter", "electricity", "100", *JUNE)
    spent = {"unit": "EUR", "quality": "spend", "product_group": product_group, "cost_net": Decimal(30)}
    ledger.bill("supplier", activity, "30", *JUNE, **spent, currency="EUR")
    result = ledger.calculate(books=BOOK)
    assert (reasons(result) == {"quantity_beats_money": Decimal(30)}) == is_beaten
    assert result.usage["cost_net"].sum() == Decimal(30)


@pytest.mark.parametrize(
    ("attributes", "activity", "group"),
    [
        ('{"cpv": "30190000-7"}', "purchase", "C17"),  # office supplies
        ('{"cpv": "72000000-5", "account": "5431"}', "purchase", "J62_63"),  # the CPV code comes first
        ('{"cpv": "99999999"}', "purchase", None),  # no division of that number
    ],
)
def test_a_code_of_spend_leads_to_its_product_group(
    attributes: str, activity: str, group: str | None
) -> None:
    ledger = Ledger()
    told = {"unit": "EUR", "quality": "spend", "attributes": attributes}
    ledger.bill("supplier", "purchase", "1000", *JUNE, **told)
    result = ledger.calculate(books=("bisko",))
    assert result.lines.select("activity", "product_group", "quantity").rows() == [
        (activity, group, Decimal(1000))
    ]


def test_two_codes_of_one_supplier_are_two_slices() -> None:
    ledger = Ledger()
    told = {"unit": "EUR", "quality": "spend"}
    ledger.bill("supplier", "purchase", "10", *JUNE, **told, attributes='{"cpv": "72000000"}')
    ledger.bill("supplier", "purchase", "20", *JUNE, **told, attributes='{"cpv": "09310000-5"}')
    ledger.bill("supplier", "purchase", "40", *JUNE, **told)
    ledger.bill("meter", "electricity", "100", *JUNE)
    result = ledger.calculate(books=BOOK)
    assert counted(result, "supplier") == Decimal(10)
    assert reasons(result) == {"quantity_beats_money": Decimal(20)}  # CPV 0931: electricity
    assert quantity(result.exceptions) == Decimal(40)


def test_money_stands_where_the_month_has_no_quantity() -> None:
    ledger = Ledger()
    ledger.bill("meter", "electricity", "100", *JUNE)
    spend = {"unit": "EUR", "quality": "spend", "product_group": "D35"}
    ledger.bill("supplier", "purchase", "30", date(2024, 7, 1), date(2024, 7, 2), **spend)
    result = ledger.calculate(books=BOOK)
    assert reasons(result) == {}
    assert counted(result, "supplier") == Decimal(30)


def test_salaries_never_get_a_factor() -> None:
    ledger = Ledger()
    ledger.bill("payroll", "no_emission_payment", "5000", *JUNE, unit="EUR", quality="spend")
    result = ledger.calculate()
    assert result.lines.is_empty()
    assert result.exceptions.is_empty()
    assert reasons(result) == {"no_emission_payment": Decimal(5000)}


@pytest.mark.parametrize(
    ("attributes", "quality"),
    [(None, "estimated"), ('{"stock_before": "100", "stock_after": "80"}', "billed")],
)
def test_a_delivery_to_stock_is_an_estimate_unless_the_stock_is_known(
    attributes: str | None, quality: str
) -> None:
    ledger = Ledger()
    ledger.terms = [term("tank", activity="heating_oil", role="delivered")]
    ledger.bill("tank", "heating_oil", "1000", *JUNE, unit="l", attributes=attributes)
    assert ledger.calculate(books=BOOK).lines["quality"].unique().to_list() == [quality]


def test_a_building_that_moves_takes_its_meter_along() -> None:
    ledger = Ledger()
    ledger.terms = [
        term("meter", organisation="school", valid_to=date(2024, 6, 11)),
        term("meter", organisation="depot", valid_from=date(2024, 6, 11)),
    ]
    ledger.bill("meter", "electricity", "300", *JUNE)
    for day in (date(2024, 7, 1), date(2024, 7, 2)):
        ledger.day("read", "electricity", "5", day)
    ledger.terms += [
        term("read", organisation="school", valid_to=date(2024, 7, 2)),
        term("read", organisation="depot", valid_from=date(2024, 7, 2)),
    ]
    sums = ledger.calculate(books=BOOK).lines.group_by("organisation").agg(pl.col("quantity").sum())
    # 10 of 30 days and one day's readings; 20 of 30 days and one day's readings
    assert dict(sums.iter_rows()) == {"school": Decimal(105), "depot": Decimal(205)}


def test_an_unregistered_source_is_assumed_and_said_so() -> None:
    ledger = Ledger()
    ledger.bill("meter", "electricity", "100", *JUNE)
    assumptions = ledger.calculate(books=BOOK).assumptions
    assert ("source_assumed", "meter", CITY) in assumptions.rows()
    ledger.terms = [term("meter")]
    assert "source_assumed" not in ledger.calculate(books=BOOK).assumptions["code"].to_list()


def test_a_credit_lowers_the_quantity() -> None:
    ledger = Ledger()
    ledger.bill("meter", "electricity", "100", *JUNE)
    ledger.bill("meter", "electricity", "-20", *JUNE, document_type="credit")
    result = ledger.calculate(books=BOOK)
    assert counted(result, "meter") == Decimal(80)
    assert co2e(result, "ghgp_location") == Decimal("28.88")  # 80 × 0.361


def test_a_quantity_the_slices_do_not_hold_is_a_defect() -> None:
    ledger = Ledger()
    ledger.day("meter", "electricity", "12", date(2024, 6, 1), measured=0, estimated=0)
    with pytest.raises(QuantityLost):
        ledger.calculate(books=BOOK)


def test_coverage_counts_days_before_anything_is_spread() -> None:
    ledger = Ledger()
    ledger.terms = [term("meter"), term("silent")]
    ledger.day("meter", "electricity", "12", date(2024, 6, 1), measured=48)
    ledger.bill("meter", "electricity", "100", date(2024, 7, 1), date(2024, 7, 11))
    coverage = ledger.calculate(books=BOOK).coverage
    june = coverage.filter(pl.col("source") == "meter", pl.col("month") == date(2024, 6, 1))
    july = coverage.filter(pl.col("source") == "meter", pl.col("month") == date(2024, 7, 1))
    assert june.select("days", "days_measured", "days_billed").row(0) == (30, 0.5, 0.0)
    assert july.select("days", "days_measured", "days_billed").row(0) == (31, 0.0, 10.0)
    silent = coverage.filter(pl.col("source") == "silent")
    assert silent.height == 12
    assert silent["days_billed"].sum() == 0


def test_taking_a_source_away_lowers_the_coverage() -> None:
    from bilanz.app.shown.summary import summary

    ledger = Ledger()
    ledger.terms = [term("one"), term("two")]
    ledger.bill("one", "electricity", "100", *JUNE)
    before = summary(ledger.calculate(books=BOOK))["coverage"]["share_of_days"]
    ledger.bill("two", "electricity", "100", *JUNE)
    after = summary(ledger.calculate(books=BOOK))["coverage"]["share_of_days"]
    assert (before, after) == ("0.040984", "0.081967")  # 30 and 60 of 2 × 366 days


def test_a_term_without_an_activity_expects_the_months_of_its_source() -> None:
    found = []
    for activity in ("electricity", None):
        ledger = Ledger()
        ledger.terms.append(term("main", activity=activity))
        ledger.bill("main", "electricity", "100", date(2024, 1, 1), date(2024, 2, 1))
        found.append(ledger.calculate(books=("ghgp_location",)).coverage)
    assert found[0].height == 12
    assert found[1].equals(found[0])
