"""Gases themselves as activities: 1 kg that escapes is 1 kg of the gas, weighted with the set of the run.

A refrigerant topped up (`refrigerant`) and a gas measured or calculated by the operator (`released_gas`) are
kilograms of a named substance. Their factor is no published figure but a definition, so it is made here from
the tables of potentials and blends and not kept in a file. A set without a value gives no number.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, Final

import polars as pl

from bilanz.factor import FACTOR_SCHEMA, Chain, Evidence
from bilanz.gases import EQUIVALENT, known_gases

SOURCE: Final = "substance"
EDITION: Final = "1"
ACTIVITIES: Final = ("refrigerant", "released_gas")
_ALWAYS: Final = date(1900, 1, 1)


def statements(gwp: pl.DataFrame, blends: pl.DataFrame) -> pl.DataFrame:
    """Return one factor per substance and activity: 1 kg per kg.

    Args:
        gwp: rows of `GWP_SCHEMA`.
        blends: columns blend, gas, share_percent.

    Shape: rows of `FACTOR_SCHEMA`.
    """
    codes = sorted(known_gases(gwp, blends) - {EQUIVALENT})
    return pl.DataFrame(list(_rows(codes)), schema=FACTOR_SCHEMA, orient="row")


def _rows(codes: list[str]) -> Iterator[dict[str, Any]]:
    constant = dict.fromkeys(FACTOR_SCHEMA) | {
        "source": SOURCE,
        "edition": EDITION,
        "region": "World",
        "valid_from": _ALWAYS,
        "value": Decimal(1),
        "mass_unit": "kg",
        "per_unit": "kg",
        "basis": "none",
        "chain": Chain.DIRECT.value,
        "evidence": Evidence.PRIMARY.value,
        "publisher": "by definition",
        "title": "Mass of the substance itself",
        "locator": "1 kg = 1 kg",
        "licence": "none",
    }
    for activity in ACTIVITIES:
        for code in codes:
            name = f"{SOURCE}:{EDITION}:{activity}:{code}"
            yield constant | {"factor_id": name, "activity": activity, "product_group": code, "gas": code}
