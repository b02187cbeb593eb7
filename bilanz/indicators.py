"""Indicators of a territory and the grade of its data: ratios keep both their parts.

    grade of data   Σ energy × weight / Σ energy, per carrier and in total

Ungraded energy counts as the grade the method says. Where a numerator or a denominator is missing there is
no figure, and the row says which one.
"""

from collections.abc import Iterator
from decimal import Decimal, localcontext
from typing import Any, Final

import polars as pl

from bilanz.records import QUANTITY
from bilanz.territorial import TerritoryMethod
from bilanz.territory import GRADE_COLUMNS, UNGRADED, Territory

_TYPE = pl.DataType | type[pl.DataType]
_RATIO: Final = pl.Decimal(38, 6)

QUALITY_SCHEMA: Final[dict[str, _TYPE]] = {
    "organisation": pl.String,
    "carrier": pl.String,  # null: all
    "carrier_en": pl.String,
    "energy_kwh": QUANTITY,
    **dict.fromkeys(GRADE_COLUMNS, QUANTITY),
    "index": _RATIO,  # 0 to 1; null: no energy
    "de": pl.String,  # its class in words
    "en": pl.String,
}

INDICATOR_SCHEMA: Final[dict[str, _TYPE]] = {
    "organisation": pl.String,
    "indicator": pl.String,
    "subject": pl.String,  # kind of vehicle; else null
    "numerator": _RATIO,
    "numerator_unit": pl.String,
    "denominator": _RATIO,
    "denominator_unit": pl.String,  # inhabitants, employees, or a unit
    "value": _RATIO,  # numerator / denominator, to six decimals
    "missing": pl.String,  # numerator, denominator; null: the figure is there
    "is_partial": pl.Boolean,  # something of the numerator has no factor or no net energy
}

_STEP: Final = Decimal("0.000001")


def index(cells: pl.DataFrame, method: TerritoryMethod) -> Decimal | None:
    """Return Σ energy × weight / Σ energy of cells, to six decimals; None where there is no energy."""
    names = {f"energy_{grade.lower()}": weight for grade, weight in method.grades.weights.items()}
    names[UNGRADED] = method.grades.weights[method.grades.ungraded]
    with localcontext(prec=60):
        weighted = [_sum(cells, name) * weight for name, weight in names.items()]
        return _ratio(sum(weighted, Decimal(0)), _sum(cells, "energy_kwh"))


def quality(cells: pl.DataFrame, method: TerritoryMethod) -> pl.DataFrame:
    """Return the grade of data of every territory: in total, then per carrier.

    Shape: `QUALITY_SCHEMA`.
    """
    rows: list[dict[str, Any]] = []
    for (unit,), ours in cells.group_by("organisation", maintain_order=True):
        rows.append(_graded(unit, None, ours, method))
        by_carrier = sorted(ours["carrier"].unique(), key=method.order.__getitem__)
        rows += [_graded(unit, name, ours.filter(pl.col("carrier") == name), method) for name in by_carrier]
    return pl.DataFrame(rows, schema=QUALITY_SCHEMA, orient="row")


def _graded(
    unit: object, carrier: str | None, cells: pl.DataFrame, method: TerritoryMethod
) -> dict[str, Any]:
    found = index(cells, method)
    word = None if found is None else method.grades.class_of(found)
    return {
        "organisation": unit,
        "carrier": carrier,
        "carrier_en": None if carrier is None else method.english[carrier],
        "energy_kwh": _sum(cells, "energy_kwh"),
        **{name: _sum(cells, name) for name in GRADE_COLUMNS},
        "index": found,
        "de": word and word.de,
        "en": word and word.en,
    }


def indicators(
    territory: Territory, records: pl.DataFrame, organisations: pl.DataFrame, method: TerritoryMethod
) -> pl.DataFrame:
    """Return the indicators of every territory.

    Shape: `INDICATOR_SCHEMA`. `organisations`: of the run, with `population` and `staff` (a territory's:
    people employed there, all sectors) where they are known.
    """
    absent = [
        pl.lit(None).alias(name) for name in ("population", "staff") if name not in organisations.columns
    ]
    sizes = {row["organisation"]: row for row in organisations.with_columns(absent).to_dicts()}
    rows: list[dict[str, Any]] = []
    for unit in territory.cells["organisation"].unique(maintain_order=True):
        ours = pl.col("organisation") == unit
        size = sizes.get(unit, {"population": None, "staff": None})
        rows += _per_head(unit, territory.cells.filter(ours), size)
        rows += _shares(unit, territory.cells.filter(ours), territory.outside.filter(ours), method)
        rows += _modal_split(unit, records.filter(ours))
    return pl.DataFrame(rows, schema=INDICATOR_SCHEMA, orient="row")


def _per_head(unit: str, cells: pl.DataFrame, size: dict[str, Any]) -> Iterator[dict[str, Any]]:
    people, staff = _number(size["population"]), _number(size["staff"])
    homes, shops = (cells.filter(pl.col("sector") == name) for name in ("households", "commerce"))
    yield _row(unit, "co2e_per_inhabitant", _tonnes(cells), "t", people, "inhabitants", cells)
    yield _row(unit, "households_per_inhabitant", _tonnes(homes), "t", people, "inhabitants", homes)
    energy = _sum(shops, "energy_kwh") if shops.height else None
    yield _row(unit, "commerce_per_employee", energy, "kWh", staff, "employees", shops)
    # records state energy of transport without the kind of vehicle, and mileage without energy
    yield _row(unit, "cars_per_inhabitant", None, "kWh", people, "inhabitants", cells)


def _shares(
    unit: str, cells: pl.DataFrame, outside: pl.DataFrame, method: TerritoryMethod
) -> Iterator[dict[str, Any]]:
    power = cells.filter(pl.col("carrier").is_in(["Strom", "Heizstrom"]))
    heat = cells.filter(pl.col("use") == "heat")
    green = heat.filter(pl.col("carrier").is_in(list(method.renewable)))
    made = outside.filter(
        pl.col("reason") == "generated", pl.col("activity") == "electricity", pl.col("unit") == "kWh"
    )
    told = _sum(made, "quantity") if made.height else None
    yield _row(unit, "renewable_power", told, "kWh", _whole(power), "kWh", power)
    known = _sum(green, "energy_kwh") if green.height else None
    yield _row(unit, "renewable_heat", known, "kWh", _whole(heat), "kWh", heat)
    yield _row(unit, "cogeneration", None, "kWh", _whole(power), "kWh", power)


def _modal_split(unit: str, records: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield the share of every kind of vehicle in the vehicle kilometres.

    Or that it is not known: none are stated, or some of another year are among them.
    """
    told = records.filter(pl.col("unit") == "km", pl.col("vehicle").is_not_null())
    if told.is_empty() or told["leaves_year"].any():
        yield _row(unit, "modal_split", None, "km", None, "km", told)
        return
    whole = _sum(told, "quantity")
    for vehicle in told["vehicle"].unique().sort():
        part = _sum(told.filter(pl.col("vehicle") == vehicle), "quantity")
        yield _row(unit, "modal_split", part, "km", whole, "km", told) | {"subject": vehicle}


def _row(
    unit: str,
    indicator: str,
    numerator: Decimal | None,
    unit_above: str,
    denominator: Decimal | None,
    unit_below: str,
    cells: pl.DataFrame,
) -> dict[str, Any]:
    missing = "numerator" if numerator is None else "denominator" if not denominator else None
    has_gaps = "gaps" in cells.columns and cells.filter(pl.col("gaps") > 0).height > 0
    return {
        "organisation": unit,
        "indicator": indicator,
        "subject": None,
        "numerator": numerator,
        "numerator_unit": unit_above,
        "denominator": denominator,
        "denominator_unit": unit_below,
        "value": None if numerator is None else _ratio(numerator, denominator),
        "missing": missing,
        "is_partial": has_gaps and missing is None,
    }


def _ratio(above: Decimal, below: Decimal | None) -> Decimal | None:
    if not below:
        return None
    with localcontext(prec=60):
        return (above / below).quantize(_STEP)


def _tonnes(cells: pl.DataFrame) -> Decimal | None:
    """Return the emissions of cells in tonnes, to six decimals; None where there is no cell."""
    if cells.is_empty():
        return None
    with localcontext(prec=60):
        return (_sum(cells, "co2e_kg") / 1000).quantize(_STEP)


def _whole(cells: pl.DataFrame) -> Decimal | None:
    return _sum(cells, "energy_kwh") if cells.height else None


def _sum(frame: pl.DataFrame, name: str) -> Decimal:
    total = frame[name].sum() if frame.height else None
    return Decimal(0) if total is None else Decimal(total)


def _number(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))
