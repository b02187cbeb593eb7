"""A closed period with one restatement, made up for sections and exports."""

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from bilanz.restatement import differences, totals
from bilanz.result import LINE_SCHEMA, Closing, Restated


def lines(*rows: tuple[str, str, str, str]) -> pl.DataFrame:
    """Return lines of the first book: organisation, source, activity, kg CO2e in scope 2 of March 2025."""
    told: list[dict[str, Any]] = [
        {
            "book": "bisko",
            "organisation": organisation,
            "source": source,
            "activity": activity,
            "month": date(2025, 3, 1),
            "scope": "2",
            "category": "purchased_electricity",
            "co2e_kg": Decimal(mass),
        }
        for organisation, source, activity, mass in rows
    ]
    return pl.DataFrame(told, schema=LINE_SCHEMA, orient="row")


MAIN = ("rathaus", "DE0001", "electricity")
HEAT = ("rathaus", "DE0002", "district_heat")
STEPS = [
    lines((*MAIN, "10000"), (*HEAT, "8000")),
    lines((*MAIN, "10000"), (*HEAT, "8000")),  # method: nothing
    lines((*MAIN, "10400"), (*HEAT, "8000")),  # data: + 400
    lines((*MAIN, "10400"), (*HEAT, "7200")),  # factor: - 800
    lines((*MAIN, "10400"), ("depot", *HEAT[1:], "7200")),  # boundary: moved, no change of the total
]


def closing(state: str = "closed") -> Closing:
    """Return the view; the threshold of 2 % is reached: |-400| / 18 000 = 2.2 %."""
    threshold = Decimal("0.02")
    is_closed = state == "closed"
    restated = Restated(
        number=1,
        run="fedcba9876543210",
        by="Controlling",
        at="2026-11-02T09:15:00+00:00",
        reason="Nachlieferung des Netzbetreibers",
        totals=totals(STEPS, ("bisko",), threshold),
        differences=differences(STEPS),
    )
    return Closing(
        state=state,
        released_by="Umweltamt",
        released_at="2026-03-02T08:00:00+00:00",
        closed_by="Controlling" if is_closed else None,
        closed_at="2026-03-09T10:30:00+00:00" if is_closed else None,
        exceptions=8,
        exceptions_reason="Abrechnung folgt",
        threshold=threshold,
        is_base_year=True,
        restatements=(restated,) if is_closed else (),
    )
