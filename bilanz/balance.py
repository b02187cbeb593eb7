"""The balance: slices times factors, exactly, with everything that found no factor beside it.

    engine_slice ──► engine_key    distinct keys, matched in each book
                 ──► engine_match  one row per key, book, gas and chain, with its multipliers
                 ──► engine_miss   one row per key and book without a factor
    slice × match ──► lines        mass = quantity · (high + low · 10⁻¹²), rounded once to 12 decimals

The invariant: per book and unit, slices = lines (lead rows) + exceptions + superseded. It is checked, not hoped.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

import polars as pl

from bilanz.books import Book
from bilanz.conversion import Converter, Misfit
from bilanz.errors import GwpMissing, UnitError
from bilanz.factor import Chain
from bilanz.gases import EQUIVALENT, GwpSet, gwp_value
from bilanz.matching import Decision, Hit, Key, Matcher, regions_of
from bilanz.records import Basis
from bilanz.result import EXCEPTION_SCHEMA, LINE_SCHEMA, SUPERSEDED_SCHEMA, USAGE_SCHEMA
from bilanz.scopes import BIOGENIC_CATEGORY, MEMO, OUTSIDE, needs_factor, scope_of, scope_of_upstream
from bilanz.shares import Database, lend
from bilanz.slices import QuantityLost
from bilanz.units import dimension, ratio

LIMB: Final = pl.Decimal(19, 12)
_LIMB_DIGITS: Final = 12
_SCALE: Final = 10**_LIMB_DIGITS
_TOO_LARGE: Final = 10**19

ASSUMPTION_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "code": pl.String,
    "subject": pl.String,
    "detail": pl.String,
}

_MATCH_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "book": pl.String,
    "key_id": pl.Int64,
    "scope": pl.String,
    "category": pl.String,
    "gas": pl.String,
    "chain": pl.String,
    "factor_id": pl.String,
    "grade": pl.String,
    "is_lead": pl.Boolean,
    "mass_high": LIMB,
    "mass_low": LIMB,
    "co2e_high": LIMB,
    "co2e_low": LIMB,
}
_MISS_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "book": pl.String,
    "key_id": pl.Int64,
    "code": pl.String,
    "detail": pl.String,
}
_ENERGY_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "key_id": pl.Int64,
    "energy_high": LIMB,
    "energy_low": LIMB,
}

_KEY_COLUMNS: Final = (
    "activity", "product_group", "unit", "basis", "region", "month", "contract", "role", "tenure", "control",
)  # fmt: skip

_KEYS = f"""
CREATE OR REPLACE TEMP TABLE engine_key AS
SELECT ROW_NUMBER() OVER (ORDER BY {", ".join(_KEY_COLUMNS)}) AS key_id, {", ".join(_KEY_COLUMNS)}
FROM (SELECT DISTINCT {", ".join(_KEY_COLUMNS)} FROM engine_slice WHERE outcome = 'counted') AS told
"""

_COUNTED = f"""
CREATE OR REPLACE TEMP TABLE engine_counted AS
SELECT s.*, k.key_id, CAST(s.quantity AS DECIMAL(19, 6)) AS amount
FROM engine_slice s
JOIN engine_key k ON {" AND ".join(f"k.{name} = s.{name}" for name in _KEY_COLUMNS)}
WHERE s.outcome = 'counted'
"""


def product(quantity: str, high: str, low: str, digits: int = 12) -> str:
    """Return the SQL of quantity · (high + low · 10⁻¹²), rounded once; quantity is DECIMAL(19, 6).

    Both products are exact in DECIMAL(38, 18) and DECIMAL(38, 30): 10^13 units and multipliers up to 10^7.
    """
    small = f"CAST({quantity} * {low} * CAST(0.000000000001 AS DECIMAL(13, 12)) AS DECIMAL(38, 18))"
    return f"CAST({quantity} * {high} + {small} AS DECIMAL(38, {digits}))"


_LINES = f"""
SELECT m.book, s.organisation, s.site, s.source, s.activity, NULLIF(s.product_group, '') AS product_group, s.role,
    s.region, s.month, m.scope, m.category, m.gas, m.chain, s.amount AS quantity, s.unit, s.basis, m.is_lead,
    {product("s.amount", "m.mass_high", "m.mass_low")} AS mass_kg,
    {product("s.amount", "m.co2e_high", "m.co2e_low")} AS co2e_kg,
    m.factor_id, m.grade, s.quality, s.is_apportioned
FROM engine_counted s
JOIN engine_match m ON m.key_id = s.key_id
"""

_EXCEPTIONS = """
SELECT m.book, s.organisation, s.source, s.activity, NULLIF(s.product_group, '') AS product_group, s.month,
    SUM(s.quantity) AS quantity, s.unit, SUM(s.records) AS records, m.code, m.detail
FROM engine_counted s JOIN engine_miss m ON m.key_id = s.key_id
GROUP BY m.book, s.organisation, s.source, s.activity, s.product_group, s.month, s.unit, m.code, m.detail
UNION ALL
SELECT NULL, organisation, source, activity, NULLIF(product_group, ''), month, SUM(quantity), unit, SUM(records),
    CASE WHEN reason = 'instalment_open' THEN 'instalment' ELSE reason END, ''
FROM engine_slice WHERE outcome = 'exception'
GROUP BY organisation, source, activity, product_group, month, unit, reason
"""

_SUPERSEDED = """
SELECT organisation, source, activity, NULLIF(product_group, '') AS product_group, month,
    SUM(quantity) AS quantity, unit, quality, SUM(records) AS records, reason
FROM engine_slice WHERE outcome = 'superseded'
GROUP BY organisation, source, activity, product_group, month, unit, quality, reason
"""

# What was paid belongs to the month also where a reading beats the bill: a row without quantity.
_USAGE = f"""
SELECT s.organisation, s.site, s.source, s.activity, NULLIF(s.product_group, '') AS product_group, s.role,
    s.direction, s.month, s.amount AS quantity, s.unit, s.basis,
    {product("s.amount", "e.energy_high", "e.energy_low", 6)} AS energy_kwh,
    s.cost_net, s.currency, s.quality, s.is_apportioned
FROM engine_counted s LEFT JOIN engine_energy e ON e.key_id = s.key_id
UNION ALL
SELECT organisation, site, source, activity, NULLIF(product_group, ''), role, direction, month,
    NULL, unit, basis, NULL, SUM(cost_net), currency, quality, is_apportioned
FROM engine_slice
WHERE outcome = 'superseded' AND reason IN ('better_rank', 'quantity_beats_money') AND cost_net IS NOT NULL
GROUP BY organisation, site, source, activity, product_group, role, direction, month, unit, basis, currency,
    quality, is_apportioned
"""

_ASSUMED = """
SELECT 'source_assumed' AS code, source AS subject, organisation AS detail
FROM engine_slice WHERE is_assumed AND outcome = 'counted' GROUP BY source, organisation
"""


@dataclass(frozen=True, slots=True)
class Weighted:
    """A book ready to be calculated: its decisions, and the potentials its gases are weighted with."""

    book: Book
    matcher: Matcher
    gwp: GwpSet


@dataclass(frozen=True, slots=True)
class Part:
    """One gas of one chain part: kg per unit of the quantity as an exact ratio; mass is None for CO2e."""

    scope: str
    category: str
    gas: str
    chain: str
    mass: Fraction | None
    co2e: Fraction
    hit: Hit


@dataclass(frozen=True, slots=True)
class Balance:
    """The frames of a calculation, in the schemas of `bilanz.result`."""

    lines: pl.DataFrame
    usage: pl.DataFrame
    exceptions: pl.DataFrame
    superseded: pl.DataFrame
    assumptions: pl.DataFrame


def parts_of(
    decision: Decision, weighted: Weighted, *, role: str, tenure: str, control: bool
) -> tuple[Part, ...]:
    """Return what one unit of the quantity emits, by gas and chain part.

    Raises:
        GwpMissing: the set has no value for a gas.
    """
    scope, category = scope_of(
        weighted.book, decision.key.activity, role=role, tenure=tenure, control=control
    )
    parts: list[Part] = []
    for hit in (decision.hit, decision.upstream, decision.biogenic):
        for chain in hit.chains if hit else ():
            if any(part.chain == chain for part in parts):
                continue
            place = _place(weighted.book, decision.key.activity, chain, scope, category)
            assert hit is not None  # noqa: S101 - for the type checker: an absent hit has no chains
            parts += _gases(hit, chain, place, weighted.gwp)
    return tuple(parts)


def _place(book: Book, activity: str, chain: Chain, scope: str, category: str) -> tuple[str, str]:
    """Return scope and category of a chain part of a line."""
    family = book.family(activity)
    if chain is Chain.BIOGENIC and scope != MEMO:
        return OUTSIDE, BIOGENIC_CATEGORY
    if chain is Chain.UPSTREAM and family is not None and family.chain == Chain.DIRECT.value:
        return scope_of_upstream(scope, category)
    return scope, category


def _gases(hit: Hit, chain: Chain, place: tuple[str, str], gwp: GwpSet) -> Iterator[Part]:
    for amount in hit.statement.gases(chain):
        kg = hit.conversion.ratio * amount.value * ratio(amount.mass_unit, "kg")
        if amount.gas == EQUIVALENT:
            yield Part(*place, amount.gas, chain.value, None, kg, hit)
        else:
            weight = Fraction(gwp_value(gwp, amount.gas).value)
            yield Part(*place, amount.gas, chain.value, kg, kg * weight, hit)


def limbs(multiplier: Fraction | None) -> tuple[Decimal | None, Decimal | None]:
    """Return (high, low) with multiplier = high + low · 10⁻¹², each with 12 decimals, rounded half-even.

    Raises:
        OverflowError: the multiplier is 10^7 or more.
    """
    if multiplier is None:
        return None, None
    high, low = divmod(round(multiplier * _SCALE * _SCALE), _SCALE)
    if abs(high) >= _TOO_LARGE:
        message = f"{float(multiplier)} kg per unit"
        raise OverflowError(message)
    return Decimal(high).scaleb(-_LIMB_DIGITS), Decimal(low).scaleb(-_LIMB_DIGITS)


def calculate(con: Database, books: Iterable[Weighted], converter: Converter) -> Balance:
    """Return the balance of the slices in `engine_slice` in every book.

    Raises:
        QuantityLost: a quantity is neither in a line, an exception nor superseded (a defect).
        CatalogueError: two factors fit alike and no rule decides.
    """
    for statement in (_KEYS, _COUNTED):
        con.execute(statement)
    keys = con.sql("SELECT * FROM engine_key ORDER BY key_id").pl()
    told = list(books)
    _lend_matches(con, keys, told)
    lend(con, "engine_energy", _energies(keys, converter))
    lines = _typed(con.sql(_LINES).pl(), LINE_SCHEMA)
    exceptions = _typed(con.sql(_EXCEPTIONS).pl(), EXCEPTION_SCHEMA)
    superseded = _typed(con.sql(_SUPERSEDED).pl(), SUPERSEDED_SCHEMA)
    for weighted in told:
        _check(con, weighted.book.id, lines, exceptions, superseded)
    assumed = con.sql(_ASSUMED).pl().select(pl.col(name).cast(pl.String) for name in ASSUMPTION_SCHEMA)
    return Balance(
        lines=ordered(lines),
        usage=ordered(_typed(con.sql(_USAGE).pl(), USAGE_SCHEMA)),
        exceptions=ordered(exceptions),
        superseded=ordered(superseded),
        assumptions=ordered(pl.concat([assumed, _taken_for_granted(keys, told)]).unique()),
    )


def key_of(row: dict[str, Any]) -> Key:
    """Return the matching key of a row of `engine_key`."""
    names = ("activity", "product_group", "unit", "basis", "region")
    return Key(*(row[name] for name in names), on=row["month"], contract=row["contract"])


def _lend_matches(con: Database, keys: pl.DataFrame, books: list[Weighted]) -> None:
    """Decide every key in every book and lend the outcome as two tables."""
    matches: list[tuple[Any, ...]] = []
    misses: list[tuple[Any, ...]] = []
    for row in keys.iter_rows(named=True):
        for weighted in books:
            found, missed = _outcome(row, weighted)
            matches += found
            misses += missed
    lend(con, "engine_match", pl.DataFrame(matches, schema=_MATCH_SCHEMA, orient="row"))
    lend(con, "engine_miss", pl.DataFrame(misses, schema=_MISS_SCHEMA, orient="row"))


def _outcome(row: dict[str, Any], weighted: Weighted) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Return the match rows of a key in a book, or the one row that says why there are none."""
    terms = {"role": row["role"], "tenure": row["tenure"], "control": row["control"]}
    name, key_id = weighted.book.id, row["key_id"]
    scope, category = scope_of(weighted.book, row["activity"], **terms)
    if not needs_factor(scope, category):
        return [(name, key_id, scope, category, *[None] * 4, True, *[None] * 4)], []
    decision = weighted.matcher.decide(key_of(row))
    if decision.hit is None:
        return [], [(name, key_id, decision.code, decision.detail)]
    try:
        parts = parts_of(decision, weighted, **terms)
        return [(name, key_id, *_row(part, is_lead=index == 0)) for index, part in enumerate(parts)], []
    except GwpMissing as error:
        return [], [(name, key_id, "gwp_missing", str(error))]
    except OverflowError as error:
        return [], [(name, key_id, "too_large", str(error))]


def _row(part: Part, *, is_lead: bool) -> tuple[Any, ...]:
    labels = (part.scope, part.category, part.gas, part.chain, part.hit.statement.id, part.hit.grade.value)
    return (*labels, is_lead, *limbs(part.mass), *limbs(part.co2e))


def _energies(keys: pl.DataFrame, converter: Converter) -> pl.DataFrame:
    """Return kWh per unit of every key that is energy, or becomes energy by a heating value."""
    rows = [(row["key_id"], *limbs(energy_of(row, converter))) for row in keys.iter_rows(named=True)]
    return pl.DataFrame(rows, schema=_ENERGY_SCHEMA, orient="row").drop_nulls()


def energy_of(row: dict[str, Any], converter: Converter) -> Fraction | None:
    """Return kWh per unit in the basis given, Hi where it is reached through a heating value, or None."""
    try:
        kind = dimension(row["unit"])
    except UnitError:
        return None
    if kind == "energy":
        return ratio(row["unit"], "kWh")
    if kind.startswith("money"):
        return None
    regions = regions_of(row["region"], ())
    basis = Basis.HI.value
    found = converter.convert(row["activity"], row["unit"], row["basis"], "kWh", basis, regions, row["month"])
    return None if isinstance(found, Misfit) else found.ratio


def _taken_for_granted(keys: pl.DataFrame, books: list[Weighted]) -> pl.DataFrame:
    """Return the assumptions of every decision in use."""
    rows: set[tuple[str, str, str]] = set()
    for row in keys.iter_rows(named=True):
        terms = {"role": row["role"], "tenure": row["tenure"], "control": row["control"]}
        for weighted in books:
            if needs_factor(*scope_of(weighted.book, row["activity"], **terms)):
                rows.update(weighted.matcher.decide(key_of(row)).assumptions)
    return pl.DataFrame(sorted(rows), schema=ASSUMPTION_SCHEMA, orient="row")


def _typed(frame: pl.DataFrame, schema: dict[str, pl.DataType | type[pl.DataType]]) -> pl.DataFrame:
    return frame.select(pl.col(name).cast(kind) for name, kind in schema.items())


def ordered(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame sorted by all its columns: the order never depends on threads or imports."""
    return frame.sort(frame.columns, nulls_last=False)


def _sums(frame: pl.DataFrame) -> dict[str, Decimal]:
    wide = frame.group_by("unit").agg(pl.col("quantity").cast(pl.Decimal(38, 6)).sum())
    return dict(wide.iter_rows())


def _check(
    con: Database, book: str, lines: pl.DataFrame, exceptions: pl.DataFrame, superseded: pl.DataFrame
) -> None:
    """Raise unless every quantity is in a line, in the exceptions or superseded, unit by unit."""
    sliced = con.execute("SELECT unit, SUM(quantity) FROM engine_slice GROUP BY unit").fetchall()
    told = [
        _sums(lines.filter((pl.col("book") == book) & pl.col("is_lead"))),
        _sums(exceptions.filter(pl.col("book").is_null() | (pl.col("book") == book))),
        _sums(superseded),
    ]
    for unit, quantity in sliced:
        found = sum((sums.get(unit, Decimal(0)) for sums in told), Decimal(0))
        if found != quantity:
            message = "{book}, {unit}: {quantity} in the slices, {found} in the run"
            raise QuantityLost(message, book=book, unit=unit, quantity=quantity, found=found)
