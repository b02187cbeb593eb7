"""What may be counted twice: found by hand-made usage, never subtracted."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
from unit.reports.synthetic import frame, full_result

from bilanz.declared import OVERLAP_SCHEMA
from bilanz.messages import LANGUAGES
from bilanz.organisation import SOURCE_TERM_SCHEMA
from bilanz.result import USAGE_SCHEMA, Beside
from bilanz.suspects import SUSPECT_SCHEMA, suspects
from reports.base import Wording
from reports.sections.overlaps import Overlaps

Row = dict[str, Any]


def used(source: str, *quantities: str, **told: object) -> list[Row]:
    row = {
        "organisation": "city",
        "source": source,
        "activity": "electricity",
        "role": "consumed",
        "direction": "consumption",
        "unit": "kWh",
    }
    return [
        {**row, "month": date(2024, month, 1), "quantity": Decimal(quantity), **told}
        for month, quantity in enumerate(quantities, start=1)
    ]


def found(
    *rows: list[Row], overlaps: list[Row] | None = None, terms: list[Row] | None = None
) -> pl.DataFrame:
    usage = frame([row for each in rows for row in each], USAGE_SCHEMA)
    return suspects(usage, frame(terms or [], SOURCE_TERM_SCHEMA), frame(overlaps or [], OVERLAP_SCHEMA))


ONE = used("A", "100", "200", "300")
TWIN = used("B", "100.4", "200", "299")


def test_two_sources_that_agree_in_three_months() -> None:
    """0.4 %, 0 and 0.33 %: 600 and 599.4 kWh."""
    table = found(ONE, TWIN)
    assert table.columns == list(SUSPECT_SCHEMA)
    assert table.select("kind", "first_source", "second_source", "months").rows() == [
        ("equal_quantities", "A", "B", 3)
    ]
    assert table.select("first_quantity", "second_quantity").row(0) == (Decimal(600), Decimal("599.4"))


def test_what_differs_or_agrees_by_chance_is_none() -> None:
    assert found(ONE, used("B", "100", "200", "310")).is_empty()  # two months only
    assert found(ONE, used("B", "100.6", "201.1", "302")).is_empty()  # more than half a percent
    assert found(used("A", "0", "0", "0"), used("B", "0", "0", "0")).is_empty()
    assert found(ONE, used("B", "100", "200", "300", organisation="other")).is_empty()
    assert found(ONE, used("B", "100", "200", "300", role="sub_meter")).is_empty()


def test_declared_pairs_and_sub_meters_are_none() -> None:
    declared = [{"part_source": "B", "whole_source": "A"}]
    assert found(ONE, TWIN, overlaps=declared).is_empty()
    assert found(ONE, TWIN, terms=[{"source": "A", "parent": "B"}]).is_empty()


def test_heating_electricity_beside_the_meter_of_its_site() -> None:
    pump = used("pump", "30", "40", "50", activity="electricity_heating", site="school")
    table = found(pump, used("main", "100", "200", "300", site="school"))
    assert table.select("kind", "first_source", "second_source").rows() == [
        ("heating_beside", "pump", "main")
    ]
    assert found(pump, used("main", "100", "200", "300", site="depot")).is_empty()


def test_spend_that_is_the_cost_of_a_quantity() -> None:
    metered = used("A", "1", "2", "3", cost_net=Decimal(100), currency="EUR")
    spent = used("ledger", "100", "100", "100.4", activity="purchase", unit="EUR")
    table = found(metered, spent)
    assert table.select("kind", "first_source", "second_source", "unit").rows() == [
        ("same_amount", "ledger", "A", "EUR")
    ]


def test_commerce_of_the_territory_beside_own_meters() -> None:
    """600 kWh of the city's meters in the same months as 9000 of commerce."""
    table = found(ONE, used("commerce / small", "3000", "3000", "3000", organisation="territory"))
    row = table.row(0, named=True)
    assert (row["kind"], row["second_source"], row["months"]) == ("municipal_inside", "commerce / small", 3)
    assert (row["first_quantity"], row["second_quantity"]) == (Decimal(600), Decimal(9000))


def test_the_section_shows_what_was_done_and_what_is_suspected() -> None:
    base = full_result()
    assert Overlaps().panels(base, Wording("en")) == []
    told = [("overlap_subtracted", "pump-main", "pump → main: 300 kWh")]
    result = replace(
        base,
        assumptions=pl.DataFrame(told, schema=base.assumptions.schema, orient="row"),
        beside=Beside(suspects=found(ONE, TWIN)),
    )
    for language in LANGUAGES:
        declared, suspected = Overlaps().panels(result, Wording(language))
        assert declared.table["detail"].to_list() == ["pump → main: 300 kWh"]
        assert suspected.table.height == 1
    assert declared.finding.startswith("Declared overlaps in effect: 1.")
