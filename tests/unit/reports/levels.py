"""The made-up result at every level: one joins in February, two deliveries, a figure is missing."""

from datetime import date
from decimal import Decimal

import polars as pl

from bilanz.boundary import MEMBERSHIP_SCHEMA, Approach
from bilanz.consolidated import Consolidation
from bilanz.consolidation import levels, nodes, plan
from bilanz.delivery import DELIVERY_SCHEMA
from bilanz.doublecount import outcomes, suspects
from bilanz.ratios import INDICATORS, indicators
from bilanz.result import Result

PARENTS = {"rathaus": "stadt", "werke": "stadt", "depot": "stadt", "bus": "werke", "einkauf": "stadt"}
FIGURES = {
    "stadt": (20_000, None, None),
    "rathaus": (None, 30_000, 200),
    "werke": (None, 9_000, 90),
    "depot": (None, 4_000, 60),
    "bus": (None, 5_000, 70),
    "einkauf": (None, None, 10),  # its floor area is not stated
}


def consolidation(result: Result) -> Consolidation:
    """The levels of the made-up result under operational control."""
    members = memberships()
    year = result.manifest.year
    made = plan(result.lines, members, deliveries(), year=year, approach=Approach.OPERATIONAL)
    found = levels(result.lines, made)
    known = result.organisations.select("organisation", "kind").with_columns(
        pl.Series(name, [FIGURES[code][index] for code in result.organisations["organisation"]])
        for index, name in enumerate(INDICATORS)
    )
    return Consolidation(
        approach=Approach.OPERATIONAL.value,
        nodes=nodes(made, members),
        levels=found,
        deliveries=outcomes(result.lines, made),
        suspects=suspects(result.usage, made, {"werke": "Stadtwerke Musterhafen GmbH", "depot": "Karte 9"}),
        indicators=indicators(result.lines, found, made, known),
    )


def memberships() -> pl.DataFrame:
    rows = [
        {
            "organisation": organisation,
            "parent": parent,
            "valid_from": date(2025, 2, 15) if organisation == "depot" else None,
            "valid_to": None,
            "equity_share": Decimal(1),
            "operational_control": True,
            "financial_control": True,
            "is_declared": organisation in {"depot", "bus"},
        }
        for organisation, parent in PARENTS.items()
    ]
    return pl.DataFrame(rows, schema=MEMBERSHIP_SCHEMA, orient="row")


def deliveries() -> pl.DataFrame:
    common = {"seller": "werke", "valid_from": date(2020, 1, 1), "evidence": "contract"}
    rows = [
        common | {"id": "waerme", "kind": "generates", "buyer": "rathaus", "activity": "district_heat"},
        common | {"id": "strom", "kind": "resells", "buyer": "einkauf", "activity": "electricity"},
    ]
    return pl.DataFrame([dict.fromkeys(DELIVERY_SCHEMA) | row for row in rows], schema=DELIVERY_SCHEMA)
