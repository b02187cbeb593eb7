"""Bills of fuel and heat state their CO2 by law: held against what our factors make of the same quantity.

Germany: CO2KostAufG § 3; records keep `co2_stated_kg` among their attributes. More than 2 % apart is listed
among the assumptions of a run: one of the two rests on another heating value, factor or quantity.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Final

import polars as pl

from bilanz.decision import Key
from bilanz.factor import Chain
from bilanz.scopes import OWN_CONSUMPTION
from bilanz.store.connection import Store
from bilanz.weighting import Weighted, parts_of

CODE: Final = "co2_statement_differs"
TOLERANCE: Final = Fraction(2, 100)

_PREFERRED: Final = "ghgp_location"
_CO2: Final = "CO2"
_STATED: Final = """
    SELECT a.activity, a.unit, a.basis, CAST(a."start" AS DATE), a.quantity, a.organisation, a.source,
        a.document, json_extract_string(a.attributes, '$.co2_stated_kg')
    FROM activity_live a
    WHERE NOT a.is_superseded AND a.activity IS NOT NULL AND contains(a.attributes, '"co2_stated_kg"')
        AND a."start" < make_timestamp($1 + 1, 1, 2, 0, 0, 0) AND a."end" > make_timestamp($1, 1, 1, 0, 0, 0)
    ORDER BY ALL"""


def differing(
    store: Store, books: Sequence[Weighted], organisations: pl.DataFrame, *, year: int, region: str
) -> list[tuple[str, str, str]]:
    """Return (code, activity, detail) for every bill of a year whose statement is far from ours.

    Detail: source and document, the stated and our kilograms of CO2. Bills without a factor are in the
    exceptions already.
    """
    chosen = next((entry for entry in books if entry.book.id == _PREFERRED), next(iter(books), None))
    if chosen is None:
        return []
    regions = dict(organisations.select("organisation", "region").iter_rows())
    return [*_differing(store, chosen, regions, year=year, region=region)]


def _differing(
    store: Store, weighted: Weighted, regions: dict[str, str | None], *, year: int, region: str
) -> Iterator[tuple[str, str, str]]:
    for *what, organisation, source, document, text in store.rows(_STATED, [year]):
        activity, unit, basis, on, quantity = what
        stated = _number(text)
        place = regions.get(organisation) or region
        ours = _direct(weighted, Key(activity, "", unit, basis, place, on), quantity)
        if stated is None or ours is None or stated == 0:
            continue
        if abs(ours - stated) > TOLERANCE * abs(stated):
            told = " ".join(name for name in (source, document) if name)
            yield CODE, activity, f"{told}: {_kg(stated)} / {_kg(ours)} kg"


def _direct(weighted: Weighted, key: Key, quantity: Decimal) -> Fraction | None:
    """Return the CO2 of burning a quantity, in kg; None: no factor states it."""
    decision = weighted.matcher.decide(key)
    if decision.hit is None:
        return None
    burnt = [
        part.mass
        for part in parts_of(decision, weighted, OWN_CONSUMPTION)
        if part.gas == _CO2 and part.chain == Chain.DIRECT.value and part.mass is not None
    ]
    return sum(burnt, Fraction(0)) * Fraction(quantity) if burnt else None


def _number(text: str | None) -> Fraction | None:
    try:
        return Fraction(Decimal(text or ""))
    except (InvalidOperation, ValueError, OverflowError):
        return None


def _kg(value: Fraction) -> str:
    return f"{Decimal(value.numerator) / Decimal(value.denominator):.1f}"
