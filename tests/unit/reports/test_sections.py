"""The figures of each section against the synthetic result, with their arithmetic."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from unit.reports.synthetic import BOOKS, MONTHS, empty_result, frame, full_result

from bilanz.messages import Language
from bilanz.reconciliation import RECONCILIATION_SCHEMA
from bilanz.result import LINE_SCHEMA, ORGANISATION_SCHEMA, USAGE_SCHEMA
from reports import coverage, energy
from reports.base import Panel, Wording, sections_found
from reports.sections.organisations import Organisations, tree
from reports.sections.reconciliation import Reconciliation
from reports.sections.years import Years
from reports.totals import book_column, scope_of, total_of

RESULT = full_result()


def panels(language: Language = "de") -> dict[str, Panel]:
    return {
        panel.identifier: panel
        for section in sections_found()
        for panel in section.panels(RESULT, Wording(language))
    }


def rows(identifier: str, *columns: str) -> list[tuple[Any, ...]]:
    return panels()[identifier].table.select(columns).rows()


def test_sections_come_in_their_order_and_have_a_title() -> None:
    found = list(sections_found())
    names = [section.name for section in found]
    positions = [section.position for section in found]
    assert names[0] == "headline"
    assert names[-3:] == ["exceptions", "sources", "closing"]
    assert positions == sorted(set(positions))
    assert len(set(names)) == len(names) >= 13
    assert all(section.title("de") and section.title("en") for section in found)


def test_totals_are_the_sums_of_scopes_one_to_three() -> None:
    # bisko: natural gas 12 · 90 000 · 0.22 = 237 600; electricity rathaus 11 · 42 000 · 0.4 = 184 800,
    # werke 12 · 130 000 · 0.4 = 624 000, district heat 12 · 61 000 · 0.2 = 146 400
    assert scope_of(RESULT.lines, "bisko", "1") == Decimal(237_600)
    assert scope_of(RESULT.lines, "bisko", "2") == Decimal(184_800 + 624_000 + 146_400)
    assert total_of(RESULT.lines, "bisko") == Decimal(1_192_800)
    # memo: diesel 12 · 44 000 · 3.1, petrol 12 · 1 200 · 2.8, traction 12 · 55 000 · 0.4
    assert scope_of(RESULT.lines, "bisko", "memo") == Decimal(1_636_800 + 40_320 + 264_000)
    assert scope_of(RESULT.lines, "bisko", "3") is None


def test_what_no_organisation_has_stands_in_one_row_over_the_years() -> None:
    common = {"book": "bisko", "scope": "1", "category": "c", "gas": "CO2e"}
    now, before = (frame([{**common, "co2e_kg": Decimal(kg)}], LINE_SCHEMA) for kg in (300, 200))
    past = replace(RESULT, manifest=replace(RESULT.manifest, year=2024), lines=before)
    told = replace(RESULT, lines=now, beside=replace(RESULT.beside, earlier=(past,)))
    found = {panel.identifier: panel for panel in Years().panels(told, Wording("en"))}
    assert found["years-bisko"].table.rows() == [("not stated", Decimal(200), Decimal(300))]


def test_a_book_without_a_figure_has_no_total_and_no_difference() -> None:
    effect = {"book_a": "bisko", "book_b": "ghgp_market", "activity": "diesel", "cause": "scope"}
    made = frame([{**effect, "slices": 1, "effect_kg": Decimal(7)}], RECONCILIATION_SCHEMA)
    lines = RESULT.lines.filter(pl.col("book") != "ghgp_market")
    told = replace(RESULT, lines=lines, beside=replace(RESULT.beside, reconciliation=made))
    bridge = Reconciliation().panels(told, Wording("en"))[0]
    assert bridge.table["co2e_kg"].to_list() == [Decimal(1_192_800), None]  # the sum of the test above
    assert bridge.finding == "A book holds no figure: by how much the totals differ cannot be said."


def test_books_stand_side_by_side_and_are_never_added() -> None:
    table = panels()["headline-totals"].table
    assert table["book"].to_list() == [
        "kommunale Einrichtungen nach BISKO-Methodik",
        "GHG Protocol, standortbasiert",
        "GHG Protocol, marktbasiert",
    ]
    for panel in panels().values():
        headers = [column.header.casefold() for column in panel.columns]
        assert not any("alle bücher" in header for header in headers)
        if "book" in panel.table.columns:  # books in rows: no foot may add them
            assert not any(column.is_totalled for column in panel.columns), panel.identifier


def test_the_headline_says_what_is_not_computed_and_not_known() -> None:
    cards = panels("en")["headline-totals"].cards
    assert len(cards) == 3
    assert all(("95 % interval", "not computed") in card.details for card in cards)
    assert ("Conformity", "unknown") in cards[0].details
    assert not any(name == "Conformity" for name, _ in cards[1].details)
    statements = dict(panels("en")["headline-basis"].table.rows())
    assert statements["Conformity with BISKO"].startswith("Unknown.")
    assert "AR5" in statements["Global warming potentials"]
    assert statements["Left out by rule"] == (
        "Municipal facilities by the BISKO method: Purchased goods and services"
    )


def test_reasons_of_a_verdict_come_from_the_book() -> None:
    section = next(section for section in sections_found() if section.name == "headline")
    wording = Wording("en", verdicts={"bisko": ("Only a town hall.",)})
    panel = next(panel for panel in section.panels(RESULT, wording) if panel.identifier == "headline-basis")
    assert "Unknown. Only a town hall." in panel.table["statement"].to_list()


def test_coverage_counts_source_months() -> None:
    part = coverage.source_months(RESULT)
    assert (part.part, part.whole) == (95, 96)  # 8 sources · 12 months, one month of one meter missing
    found = coverage.by_organisation(RESULT).filter(pl.col("organisation") == "rathaus").row(0, named=True)
    assert (found["sources"], found["expected"], found["held"]) == (3, 36, 35)
    assert found["days_share"] == pytest.approx((3 * 365 - 31) / (3 * 365))
    may = coverage.by_month(RESULT).filter(pl.col("month") == MONTHS[4]).row(0, named=True)
    assert (may["held"], may["estimated"], may["absent"]) == (6, 1, 1)


def test_source_months_without_a_factor_lower_the_share() -> None:
    # 95 flows with lines; gas meter G-18 lacks 3 months; what the book leaves out counts on neither side
    assert coverage.with_factor(RESULT, "bisko") == coverage.Part(95, 98)
    # 3 product groups with, 1 without a factor
    assert coverage.with_factor(RESULT, "ghgp_market") == coverage.Part(98, 102)


def test_a_source_month_with_a_gap_beside_a_factor_is_not_complete() -> None:
    item = RESULT.lines.filter(pl.col("source") == "DE0002", pl.col("month") == MONTHS[0]).row(0, named=True)
    more = RESULT.exceptions.head(1).with_columns(
        organisation=pl.lit(item["organisation"]),
        source=pl.lit(item["source"]),
        activity=pl.lit(item["activity"]),
        month=pl.lit(item["month"]),
    )
    result = replace(RESULT, exceptions=pl.concat([RESULT.exceptions, more]))
    assert coverage.with_factor(result, "bisko") == coverage.Part(94, 98)


def test_shares_by_grade_make_up_each_book() -> None:
    found = coverage.by_grade(RESULT)
    for book in BOOKS:
        assert found.filter(pl.col("book") == book)["share"].sum() == pytest.approx(1)
    # exact in bisko: electricity 808 800 of 1 192 800
    exact = found.filter(pl.col("book") == "bisko", pl.col("grade") == "exact")
    assert exact["share"].to_list() == [pytest.approx(808_800 / 1_192_800)]
    assert found["grade"].to_list()[:3] == ["exact", "wider_region", "proxy"]


def test_the_missing_month_is_seen() -> None:
    assert panels()["months-coverage"].finding == "Im Mai 2025 fehlt am meisten: Quellen ohne Daten 1 von 8."
    values = dict(rows("months-emissions", "month", book_column("bisko")))
    assert len(values) == 12
    # every month 100 800 without 42 000 · 0.4 = 16 800 in May
    assert values[MONTHS[3]] == Decimal(100_800)
    assert values[MONTHS[4]] == Decimal(84_000)


def test_a_month_without_lines_is_a_gap_and_no_zero() -> None:
    lines = RESULT.lines.filter(pl.col("month") != MONTHS[7])
    section = next(section for section in sections_found() if section.name == "months")
    panel = section.panels(replace(RESULT, lines=lines), Wording("en"))[0]
    assert panel.table.filter(pl.col("month") == MONTHS[7]).row(0)[1:] == (None, None, None)
    assert panel.figure.data[0].y[7] is None
    assert "No figures for: Aug 2025." in panel.finding


def test_the_tree_adds_up_and_starts_with_the_city() -> None:
    table = panels()["organisations-ghgp-location"].table
    assert table["organisation"][0] == "Stadt Musterhafen"
    assert table["total"][0] == total_of(RESULT.lines, "ghgp_location")
    assert table["own"].sum() == table["total"][0]
    works = dict(zip(table["organisation"], table["total"], strict=True))
    # location: bus = diesel 360 000 · (2.6 + 0.6) + traction 660 000 · (0.36 + 0.05),
    # werke = electricity 1 560 000 · (0.36 + 0.05)
    assert works["\u2003Stadtwerke Musterhafen GmbH"] == Decimal(1_152_000 + 270_600 + 639_600)


def test_a_broken_tree_loses_no_organisation() -> None:
    organisations = frame(
        [
            {"organisation": "a", "parent": "b", "name": "A"},
            {"organisation": "b", "parent": "a", "name": "B"},
            {"organisation": "c", "parent": "gone", "name": "C"},
        ],
        ORGANISATION_SCHEMA,
    )
    own: dict[str, Decimal | None] = {
        "a": Decimal(1),
        "b": Decimal(2),
        "c": Decimal(3),
        "unregistered": Decimal(4),
    }
    roots = tree(replace(RESULT, organisations=organisations), own, "de")
    found = {node.code for root in roots for node in root.walk()}
    assert found == {"a", "b", "c", "unregistered"}
    assert sum(root.total or 0 for root in roots) == Decimal(10)


def test_negative_amounts_have_a_table_and_no_treemap() -> None:
    lines = RESULT.lines.with_columns(
        pl.when(pl.col("organisation") == "rathaus")
        .then(-pl.col("co2e_kg"))
        .otherwise("co2e_kg")
        .alias("co2e_kg")
    )
    section = next(section for section in sections_found() if section.name == "organisations")
    panel = section.panels(replace(RESULT, lines=lines), Wording("en"))[0]
    assert panel.figure is None
    assert "table" in panel.note


def test_tiles_never_exceed_their_parent() -> None:
    figure = panels()["organisations-ghgp-market"].figure
    trace = figure.data[0]
    values = dict(zip(trace.ids, trace.values, strict=True))
    assert len(values) == len(trace.ids)
    for code in set(trace.parents) - {""}:
        below = sum(
            values[child] for child, parent in zip(trace.ids, trace.parents, strict=True) if parent == code
        )
        assert below <= values[code]


def test_energy_by_net_and_gross_calorific_value_stays_apart() -> None:
    found = {
        (activity, basis): kwh
        for activity, basis, kwh in rows("energy-carriers", "activity", "basis", "energy_kwh")
    }
    assert found["Erdgas", "Hs"] == Decimal(1_080_000)
    assert found["Diesel", "Hi"] == Decimal("9.96") * 12 * 44_000
    assert not any(column.is_totalled for column in panels()["energy-carriers"].columns)
    assert panels()["energy-other"].table.select("flow", "energy_kwh").rows() == [
        ("eingespeist", Decimal(130_000))
    ]


def test_missing_costs_are_not_zero() -> None:
    known = dict(rows("energy-carriers", "activity", "with_cost"))
    assert known["Fernwärme"] == 0
    assert known["Erdgas"] == 1
    cost = panels()["energy-cost-eur"].table
    assert "Fernwärme" not in cost["activity"].to_list()
    # rathaus 11 · 12 600 (one month missing) + werke 12 · 31 200
    assert dict(cost.select("activity", "cost_net").rows())["Strom"] == Decimal(138_600 + 374_400)
    # 11 · 42 000 + 12 · 130 000 kWh for that money
    assert dict(cost.select("activity", "price").rows())["Strom"] == pytest.approx(513_000 / 2_022)


def usage_row(**more: object) -> dict[str, Any]:
    return {
        "organisation": "a",
        "source": "m",
        "activity": "electricity",
        "role": "consumed",
        "direction": "consumption",
        "month": MONTHS[0],
        "unit": "kWh",
        "basis": "none",
        **more,
    }


def test_a_cost_meets_the_reading_of_its_source_and_month() -> None:
    result = replace(
        empty_result(),
        usage=frame(
            [
                usage_row(quantity=Decimal(1000), energy_kwh=Decimal(1000), quality="measured"),
                usage_row(
                    quality="billed", cost_net=Decimal(300), currency="EUR"
                ),  # the bill of the same month
                usage_row(
                    month=MONTHS[1], quantity=Decimal(500), energy_kwh=Decimal(500), quality="measured"
                ),
            ],
            USAGE_SCHEMA,
        ),
    )
    own = energy.own_use(result)
    assert energy.by_carrier(own).row(0) == ("electricity", "none", Decimal(1500), pytest.approx(1000 / 1500))
    assert energy.cost_by_carrier(own, "EUR").row(0) == (
        "electricity",
        "none",
        Decimal(300),
        Decimal(1000),
        300.0,
    )


def test_no_price_where_a_cost_has_no_energy() -> None:
    result = replace(
        empty_result(),
        usage=frame(
            [
                usage_row(
                    quantity=Decimal(1000), energy_kwh=Decimal(1000), cost_net=Decimal(300), currency="EUR"
                ),
                usage_row(month=MONTHS[1], cost_net=Decimal(300), currency="EUR"),
            ],
            USAGE_SCHEMA,
        ),
    )
    assert energy.cost_by_carrier(energy.own_use(result), "EUR")["price"].to_list() == [None]


def test_two_currencies_never_share_a_panel_or_count_energy_twice() -> None:
    result = replace(
        empty_result(),
        usage=frame(
            [
                usage_row(
                    quantity=Decimal(1000), energy_kwh=Decimal(1000), cost_net=Decimal(300), currency="EUR"
                ),
                usage_row(cost_net=Decimal(7), currency="CHF"),
            ],
            USAGE_SCHEMA,
        ),
    )
    own = energy.own_use(result)
    assert energy.by_carrier(own)["energy_kwh"].to_list() == [Decimal(1000)]
    section = next(section for section in sections_found() if section.name == "energy")
    found = [panel.identifier for panel in section.panels(result, Wording("de"))]
    assert found == ["energy-carriers", "energy-cost-chf", "energy-cost-eur"]


def test_gas_in_cubic_metres_is_energy_by_net_calorific_value() -> None:
    row = usage_row(activity="natural_gas", unit="m3", quantity=Decimal(10), energy_kwh=Decimal(100))
    found = energy.usage(replace(empty_result(), usage=frame([row], USAGE_SCHEMA)))
    assert found["basis"].to_list() == ["Hi"]


def test_unknown_costs_are_said() -> None:
    row = usage_row(quantity=Decimal(10), energy_kwh=Decimal(10))
    section = next(section for section in sections_found() if section.name == "energy")
    found = section.panels(replace(empty_result(), usage=frame([row], USAGE_SCHEMA)), Wording("de"))
    assert [panel.identifier for panel in found] == ["energy-carriers", "energy-cost"]
    assert found[1].table["statement"].to_list() == ["keine Angabe"]


def test_the_fleet_is_shown_where_a_book_has_it_as_memo() -> None:
    table = panels()["fleet-emissions"].table
    assert table.select("activity", book_column("bisko")).row(0) == ("Diesel", Decimal(1_636_800))
    assert "BISKO" in panels()["fleet-emissions"].note
    assert rows("fleet-fuels", "organisation", "activity", "quantity", "unit")[0] == (
        "Hafenbus Verkehrsbetrieb",
        "Diesel",
        Decimal(360_000),
        "l",
    )


def test_purchases_without_a_factor_stay_visible() -> None:
    found = dict(rows("procurement-emissions", "product_group", book_column("ghgp_location")))
    assert found == {
        "Bauleistungen": Decimal(77_500),  # 250 000 · 0.31
        "IT und Büro": Decimal(17_600),  # 80 000 · 0.22
        "Reinigung": Decimal(4_800),  # 40 000 · 0.12
        "Kunst": None,
    }
    assert "Gütergruppen ohne Faktor und Wert: 1." in panels()["procurement-emissions"].finding
    spent = dict(rows("procurement-spending-eur", "product_group", "amount"))
    assert spent["Kunst"] == Decimal(9_000)


def test_purchases_that_are_not_classified_are_shown_as_such() -> None:
    usage = RESULT.usage.with_columns(
        product_group=pl.when(pl.col("product_group") != "Kunst").then("product_group")
    )
    section = next(section for section in sections_found() if section.name == "procurement")
    found = section.panels(replace(RESULT, usage=usage), Wording("de"))
    assert ("nicht zugeordnet", Decimal(9_000)) in found[1].table.rows()


def test_a_finding_names_what_it_lacks() -> None:
    lacking = "Mengen ohne Wert in mindestens einem Buch, die hier fehlen: Erdgas, Einkauf von Waren und"
    assert lacking in panels()["headline-totals"].finding
    assert lacking in panels()["carriers-emissions"].finding
    assert "fehlen" not in panels()["fleet-emissions"].finding  # no fuel of vehicles lacks a figure


def test_exceptions_of_several_books_are_not_counted_twice() -> None:
    found = {
        source: (records, books)
        for source, records, books in rows("exceptions-list", "source", "records", "books")
    }
    assert found["G-18"] == (3, "alle Bücher")  # three months, one record each
    assert found["einkauf:purchase"][0] == 3  # the same three records in two books
    assert found["einkauf:purchase"][1] == "GHG Protocol, standortbasiert, GHG Protocol, marktbasiert"


def test_every_exception_says_why_and_what_to_do() -> None:
    table = panels()["exceptions-reasons"].table
    assert table.select(pl.col("reason", "text", "remedy").is_null().any()).row(0) == (False, False, False)
    assert panels()["exceptions-superseded"].table["reason"][0].startswith("Die Menge ist bekannt")


def test_every_chart_shows_the_numbers_of_its_table() -> None:
    panel = panels()["carriers-emissions"]
    for trace, book in zip(panel.figure.data, BOOKS, strict=True):
        shown = [
            None if value is None else round(float(value) / 1000, 3)
            for value in panel.table[book_column(book)]
        ]
        assert list(trace.x) == shown


def test_long_lists_are_cut_in_the_chart_and_said() -> None:
    template = RESULT.lines.filter(
        pl.col("product_group").is_not_null(), pl.col("factor_id").is_not_null()
    ).head(1)
    many = pl.concat(
        [template.with_columns(product_group=pl.lit(f"Gruppe {number:02}")) for number in range(40)]
    )
    section = next(section for section in sections_found() if section.name == "procurement")
    panel = section.panels(replace(RESULT, lines=many), Wording("en"))[0]
    assert len(panel.figure.data[0].x) == 10
    assert panel.table.height == 44  # 40 with a factor, 4 groups with spending only
    assert "The chart shows the 10 largest of 44" in panel.note


def test_lines_schema_is_the_one_of_the_core() -> None:
    assert dict(RESULT.lines.schema) == {
        name: kind if not isinstance(kind, type) else kind() for name, kind in LINE_SCHEMA.items()
    }


def test_an_organisation_keeps_its_colour_from_book_to_book() -> None:
    maps = Organisations().panels(RESULT, Wording("en"))
    assert len(maps) == 3
    seen: dict[str, set[str]] = {}
    for panel in maps:
        trace = panel.figure.data[0]
        for code, fill in zip(trace.ids, trace.marker.colors, strict=True):
            seen.setdefault(code, set()).add(fill)
    assert len(seen) > 3
    assert all(len(colours) == 1 for colours in seen.values())
