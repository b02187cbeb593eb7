"""The supplementary book stands apart: its own section shows it, no other section ever does."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from unit.reports.synthetic import BOOKS, YEAR, frame, full_result

from bilanz.app.output.reporting import wording
from bilanz.result import EXCEPTION_SCHEMA, LINE_SCHEMA, Result
from reports import names
from reports.base import Panel, Wording, sections_found
from reports.page import page
from reports.sections.hourly import Hourly
from reports.supplementary import without
from reports.totals import book_column

SAID = Wording("en", supplementary=frozenset({"hourly"}), verdicts={"hourly": ("No standard asks for it.",)})
TOWN_HALL = pl.col("source") == "DE0001"


def with_hourly() -> Result:
    """Return the made-up year with an hourly book: the town hall's meter, 10 % less than by the annual mix.

    January of the other meter is matched but for 1 000 kWh, which have no hour.
    """
    result = full_result()
    annual = result.lines.filter(
        pl.col("book") == "ghgp_location", pl.col("scope") == "2", pl.col("activity") == "electricity"
    )
    first = date(YEAR, 1, 1)
    mine = annual.filter(TOWN_HALL | (pl.col("month") == first)).with_columns(
        book=pl.lit("hourly"),
        factor_id=pl.lit("series:grid"),
        co2e_kg=(pl.col("co2e_kg") * Decimal("0.9")).cast(LINE_SCHEMA["co2e_kg"]),
    )
    lacking = {
        "book": "hourly",
        "organisation": "werke",
        "source": "DE0002",
        "activity": "electricity",
        "month": first,
        "quantity": Decimal(1000),
        "unit": "kWh",
        "records": 4000,
        "code": "hour_missing",
    }
    return replace(
        result,
        manifest=replace(
            result.manifest, books=(*BOOKS, "hourly"), gwp=result.manifest.gwp + ", hourly: AR6"
        ),
        lines=pl.concat([result.lines, mine.select(result.lines.columns)]),
        exceptions=pl.concat([result.exceptions, frame([lacking], EXCEPTION_SCHEMA)]),
    )


def panels(result: Result) -> dict[str, Panel]:
    return {panel.identifier: panel for panel in Hourly().panels(result, SAID)}


def test_the_same_months_of_the_same_meters_stand_side_by_side() -> None:
    table = panels(with_hourly())["hourly-hourly"].table
    # location: 42 000 kWh in eleven months (May is missing) and 130 000 in January: 592 000 kWh ·
    # (0.36 direct + 0.05 upstream)
    # hourly: 90 % of the direct part only
    annual, hourly = table.row(1, named=True), table.row(3, named=True)
    assert (annual["energy_kwh"], annual["co2e_kg"]) == (592_000, Decimal(242_720))
    assert (hourly["energy_kwh"], hourly["co2e_kg"]) == (592_000, Decimal(191_808))
    assert annual["grams"] == pytest.approx(410)
    assert hourly["grams"] == pytest.approx(324)
    months = panels(with_hourly())["hourly-hourly-months"].table
    # January: 172 000 kWh · 0.324 kg; every other month: 42 000 · 0.324 = 13 608 kg
    assert months[book_column("hourly")].to_list() == [55_728, *[13_608] * 3, None, *[13_608] * 7]


def test_what_met_no_value_is_listed_with_its_quantity() -> None:
    table = panels(with_hourly())["hourly-hourly-unmatched"].table
    assert table.select("quantity", "unit", "records", "sources").rows() == [(Decimal(1000), "kWh", 4000, 1)]
    assert table["code"][0].startswith("The series states no value")


def test_it_is_marked_supplementary() -> None:
    panel = panels(with_hourly())["hourly-hourly"]
    assert panel.note.startswith("Supplementary: these figures replace none of the balance")
    assert panel.note.endswith("No standard asks for it.")
    assert "Supplementary: hourly grid intensity: 324.0 g/kWh" in panel.finding
    assert not any(column.header == "Sum" for column in panel.columns)


def test_no_other_section_sees_it() -> None:
    made = page(with_hourly(), SAID, title="x")
    plain = page(full_result(), SAID, title="x")
    head, _, tail = made.partition('<section id="hourly"')
    assert tail
    headline = head[head.index('id="headline') :]
    assert names.book("hourly", "en") not in headline
    trimmed = without(with_hourly(), SAID.supplementary)
    assert trimmed.manifest.books == BOOKS
    assert trimmed.manifest.gwp == full_result().manifest.gwp
    assert trimmed.lines.equals(full_result().lines)
    assert trimmed.exceptions.equals(full_result().exceptions)
    for section in sections_found():
        if not section.is_supplementary:
            for panel in section.panels(trimmed, SAID):
                assert panel.heading in plain


def test_there_is_no_section_where_the_book_was_not_asked_for() -> None:
    assert panels(full_result()) == {}
    assert 'id="hourly"' not in page(full_result(), SAID, title="x")


def test_a_run_of_the_supplementary_book_alone_has_no_other_section() -> None:
    result = with_hourly()
    alone = without(result, BOOKS)
    assert alone.manifest.books == ("hourly",)
    made = page(alone, SAID, title="x")
    assert 'id="hourly"' in made
    assert 'id="headline"' not in made


def test_the_books_say_which_of_them_is_supplementary() -> None:
    told = wording("de")
    assert told.supplementary - told.pairs.keys() == frozenset({"hourly"})


def test_nothing_matched_is_said() -> None:
    result = with_hourly()
    none = replace(result, lines=result.lines.filter(pl.col("book") != "hourly"))
    panel = panels(none)["hourly-hourly"]
    assert panel.finding == "No reading could be matched by the hour."
    assert "hourly-hourly-months" not in panels(none)
