"""The balance: slices times factors, exactly, with everything that found no factor beside it.

    engine_slice ──► engine_key    distinct keys, matched in each book
     engine_part ─┘                (parts an instrument covers are seen only by books that name it)
                 ──► engine_match  one row per key, book, gas and chain, with its multipliers
                 ──► engine_miss   one row per key and book without a factor
    slice × match ──► lines        mass = quantity · (high + low · 10⁻¹²), rounded once to 12 decimals
    engine_hour_slice ──► lines    of books that match by the hour: see `bilanz.hourly`

The invariant: per book and unit, slices = lines (lead rows) + exceptions + superseded; checked, not hoped.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

import polars as pl

from bilanz import hourly
from bilanz.allocation import ALL, IDENTITY, PLAIN, views
from bilanz.books import SERIES
from bilanz.connection import Database, lend
from bilanz.conversion import Converter, Misfit
from bilanz.decision import Key
from bilanz.errors import GwpMissing, UnitError
from bilanz.hourly import HourClass, Hours
from bilanz.matching import regions_of
from bilanz.records import Basis
from bilanz.result import EXCEPTION_SCHEMA, LINE_SCHEMA, MASS, SUPERSEDED_SCHEMA, USAGE_SCHEMA
from bilanz.scopes import Terms, needs_factor, scope_of
from bilanz.sentences import Remark, Sentence, packed, say
from bilanz.slices import QuantityLost
from bilanz.spend import ASSUMED as SPEND_ASSUMED
from bilanz.units import dimension, ratio
from bilanz.weighting import LIMB_DIGITS, Part, Weighted, assumed, limbs, parts_of

LIMB: Final = pl.Decimal(19, 12)
OWNER_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "organisation": pl.String,
    "owners": pl.String,
}

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
    "hour_class": pl.Int32,  # matched by the hour: number of the class; else null
    "view": pl.Int64,
}
_MATCH_LABELS: Final = ("book", "scope", "category", "gas", "chain", "factor_id", "grade", "is_lead")
_MISS_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "book": pl.String,
    "key_id": pl.Int64,
    "code": pl.String,
    "detail": pl.String,
    "view": pl.Int64,
}
_ENERGY_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "key_id": pl.Int64,
    "energy_high": LIMB,
    "energy_low": LIMB,
}

_KEY_COLUMNS: Final = (
    "activity", "product_group", "unit", "basis", "region", "area", "contract", "role", "tenure", "control",
    "kind", "owners",
)  # fmt: skip

# Few combinations, however many sources: their number is what the matching costs.
_COMBOS: Final = """
CREATE OR REPLACE TEMP TABLE engine_combo AS
WITH told AS (
    SELECT DISTINCT segment, unit, basis, role, '' AS kind, '' AS contract
    FROM engine_slice WHERE outcome = 'counted'
    UNION
    SELECT DISTINCT segment, unit, basis, role, kind, contract FROM engine_part
)
SELECT s.segment, g.activity, g.product_group, s.unit, s.basis, g.region, g.area, s.contract, s.role,
    g.tenure, g.control, s.kind, COALESCE(o.owners, '') AS owners,
    DENSE_RANK() OVER (ORDER BY g.activity, g.product_group, s.unit, s.basis, g.region, g.area, s.contract,
        s.role, g.tenure, g.control, s.kind, COALESCE(o.owners, '')) AS combo
FROM told s
JOIN engine_segment g ON g.segment = s.segment
LEFT JOIN engine_owner o ON o.organisation = g.organisation
"""

# `views`: the bits of the books that see the row; a slice that is in parts in a book is not seen there whole.
_COUNTED: Final = f"""
CREATE OR REPLACE TEMP TABLE engine_counted AS
WITH split AS (
    SELECT {", ".join(IDENTITY)}, BIT_OR("view") AS bits FROM engine_part GROUP BY {", ".join(IDENTITY)}
)
SELECT s.segment, s.origin, s.is_deduction, s.month, s.unit, s.basis, s.role, s.quality, s.is_apportioned,
    s.currency, s.record_site, CAST(s.quantity AS DECIMAL(19, 6)) AS amount, s.cost_net, s.records,
    c.combo * 12 + MONTH(s.month) AS key_id, {ALL} - COALESCE(p.bits, 0) AS views
FROM engine_slice s
JOIN engine_combo c ON c.segment = s.segment AND c.unit = s.unit AND c.basis = s.basis AND c.role = s.role
    AND c.kind = ''
LEFT JOIN split p ON {" AND ".join(f"p.{name} IS NOT DISTINCT FROM s.{name}" for name in IDENTITY)}
WHERE s.outcome = 'counted'
UNION ALL
SELECT p.segment, p.segment, FALSE, p.month, p.unit, p.basis, p.role, p.quality, p.is_apportioned, p.currency,
    p.record_site, p.amount, NULL, p.records, c.combo * 12 + MONTH(p.month), p."view"
FROM engine_part p
JOIN engine_combo c ON c.segment = p.segment AND c.unit = p.unit AND c.basis = p.basis AND c.role = p.role
    AND c.kind = p.kind AND c.contract = p.contract
WHERE p.segment IN (SELECT segment FROM engine_slice)
"""

_KEYS: Final = f"""
SELECT k.key_id, k.month, k.views, {", ".join(f"c.{name}" for name in _KEY_COLUMNS)}
FROM (SELECT key_id, month, BIT_OR(views) AS views FROM engine_counted GROUP BY key_id, month) AS k
JOIN (SELECT DISTINCT combo, {", ".join(_KEY_COLUMNS)} FROM engine_combo) AS c
    ON c.combo * 12 + MONTH(k.month) = k.key_id
ORDER BY k.key_id
"""


# Products stay exact in DECIMAL(38, 18): 10^13 units, multipliers up to 10^7. They are rounded in `_rounded`.
_LINES: Final = """
SELECT s.segment, m.match_id, s.month, s.role, s.record_site, s.amount AS quantity, s.unit, s.basis,
    s.amount * m.mass_high AS mass_high, s.amount * m.mass_low AS mass_low,
    s.amount * m.co2e_high AS co2e_high, s.amount * m.co2e_low AS co2e_low, s.quality, s.is_apportioned
FROM engine_counted s
JOIN engine_match m ON m.key_id = s.key_id AND m.hour_class IS NULL AND (s.views & m."view") <> 0
"""

_EXCEPTIONS: Final = """
SELECT m.book, g.organisation, g.source, g.activity, NULLIF(g.product_group, '') AS product_group, s.month,
    SUM(s.amount) AS quantity, s.unit, SUM(s.records) AS records, m.code, m.detail
FROM engine_counted s
JOIN engine_miss m ON m.key_id = s.key_id AND (s.views & m."view") <> 0
JOIN engine_segment g ON g.segment = s.segment
GROUP BY m.book, g.organisation, g.source, g.activity, g.product_group, s.month, s.unit, m.code, m.detail
UNION ALL
SELECT NULL, organisation, source, activity, NULLIF(product_group, ''), month, SUM(quantity), unit,
    SUM(records), CASE WHEN reason = 'instalment_open' THEN 'instalment' ELSE reason END, ''
FROM engine_wide WHERE outcome = 'exception'
GROUP BY organisation, source, activity, product_group, month, unit, reason
"""

_SUPERSEDED: Final = """
SELECT organisation, source, activity, NULLIF(product_group, '') AS product_group, month,
    SUM(quantity) AS quantity, unit, quality, SUM(records) AS records, reason
FROM engine_wide WHERE outcome = 'superseded'
GROUP BY organisation, source, activity, product_group, month, unit, quality, reason
"""

# What was paid belongs to the month also where a reading beats the bill: a row without quantity.
_USAGE: Final = f"""
SELECT s.segment, s.month, s.role, s.record_site, s.amount AS quantity, s.unit, s.basis,
    s.amount * e.energy_high AS energy_high, s.amount * e.energy_low AS energy_low,
    s.cost_net, s.currency, s.quality, s.is_apportioned
FROM engine_counted s LEFT JOIN engine_energy e ON e.key_id = s.key_id
WHERE (s.views & {PLAIN}) <> 0
UNION ALL
SELECT segment, month, role, record_site, NULL, unit, basis, NULL, NULL, SUM(cost_net),
    currency, quality, is_apportioned
FROM engine_slice
WHERE outcome = 'superseded' AND reason IN ('better_rank', 'same_purchase', 'quantity_beats_money')
    AND cost_net IS NOT NULL
GROUP BY segment, month, role, record_site, unit, basis, currency, quality, is_apportioned
"""

_SEGMENTS: Final = """
SELECT organisation, site, source, activity, NULLIF(product_group, '') AS product_group, region, direction
FROM engine_segment ORDER BY segment
"""

_ASSUMED: Final = f"""
SELECT DISTINCT 'source_assumed' AS code, g.source AS subject, g.organisation AS detail
FROM (SELECT DISTINCT segment FROM engine_counted) AS s JOIN engine_segment g ON g.segment = s.segment
WHERE g.is_assumed
UNION
{SPEND_ASSUMED}
"""


@dataclass(frozen=True, slots=True)
class Balance:
    """The frames of a calculation, in the schemas of `bilanz.result`."""

    lines: pl.DataFrame
    usage: pl.DataFrame
    exceptions: pl.DataFrame
    superseded: pl.DataFrame
    assumptions: pl.DataFrame


def calculate(
    con: Database,
    books: Iterable[Weighted],
    converter: Converter,
    owners: pl.DataFrame | None = None,
    hours: Hours | None = None,
) -> Balance:
    """Return the balance of the slices in `engine_slice` and their parts in `engine_part` in every book.

    `owners`: columns organisation, owners (see `bilanz.decision.Key`) where own factors belong to somebody.

    `hours`: sums readings for books that match by the hour.

    Raises:
        QuantityLost: a quantity is neither in a line, an exception nor superseded (a defect).
        CatalogueError: two factors fit alike and no rule decides.
    """
    lend(con, "engine_owner", pl.DataFrame(schema=OWNER_SCHEMA) if owners is None else owners)
    for statement in (_COMBOS, _COUNTED):
        con.execute(statement)
    keys, told = con.sql(_KEYS).pl(), list(books)
    seen = views([weighted.book for weighted in told])
    matches, classes = _lend_matches(con, keys, told, seen)
    if classes:
        hourly.match(con, hours or hourly.NoHours(), classes)
    more_lines, more_exceptions = (hourly.LINES, hourly.EXCEPTIONS) if classes else ("", "")
    lend(con, "engine_energy", _energies(keys, converter))
    segments = con.sql(_SEGMENTS).pl()
    lines = _with_place(
        _rounded(con.sql(_LINES + more_lines).pl(), {"mass": "mass_kg", "co2e": "co2e_kg"}), segments
    )
    lines = _typed(_beside(lines, matches.select(_MATCH_LABELS), "match_id"), LINE_SCHEMA)
    usage = _with_place(_rounded(con.sql(_USAGE).pl(), {"energy": "energy_kwh"}), segments)
    usage = _typed(usage, USAGE_SCHEMA)
    exceptions = _typed(con.sql(_EXCEPTIONS + more_exceptions).pl(), EXCEPTION_SCHEMA)
    superseded = _typed(con.sql(_SUPERSEDED).pl(), SUPERSEDED_SCHEMA)
    assumed = con.sql(_ASSUMED).pl().select(pl.col(name).cast(pl.String) for name in ASSUMPTION_SCHEMA)
    balance = Balance(
        lines=ordered(lines),
        usage=ordered(usage),
        exceptions=ordered(exceptions),
        superseded=ordered(superseded),
        assumptions=ordered(pl.concat([assumed, _taken_for_granted(keys, told, seen)]).unique()),
    )
    _check(con, told, balance)
    return balance


def _rounded(frame: pl.DataFrame, names: dict[str, str]) -> pl.DataFrame:
    """Return high + low · 10⁻¹² of every pair of products, rounded once to 12 decimals (half-even).

    Here and not in SQL: DuckDB takes 0.6 µs for each lowering of a scale, polars a hundredth of it.
    """
    exact, shift = pl.Decimal(38, 18), pl.lit("0.000000000001").cast(pl.Decimal(13, LIMB_DIGITS))
    sums = {
        target: (
            pl.col(f"{source}_high").cast(exact) + (pl.col(f"{source}_low").cast(exact) * shift).cast(exact)
        ).cast(MASS)
        for source, target in names.items()
    }
    return frame.with_columns(**sums)


def _beside(frame: pl.DataFrame, table: pl.DataFrame, index: str) -> pl.DataFrame:
    """Return a frame with the columns of the table's row that an index column names."""
    return frame.hstack(table[frame[index]].drop(index, strict=False))


def _with_place(frame: pl.DataFrame, segments: pl.DataFrame) -> pl.DataFrame:
    """Return slices with what their segment says; a site stated by the record itself comes first."""
    placed = _beside(frame.with_columns(pl.col("segment") - 1), segments, "segment")
    return placed.with_columns(site=pl.coalesce("record_site", "site"))


def key_of(row: dict[str, Any]) -> Key:
    """Return the matching key of a row of `engine_key`."""
    place = (row["activity"], row["product_group"], row["unit"], row["basis"], row["region"])
    return Key(*place, row["month"], row["contract"], row["area"], row["kind"], row["owners"])


def _lend_matches(
    con: Database, keys: pl.DataFrame, books: list[Weighted], seen: dict[str, int]
) -> tuple[pl.DataFrame, tuple[HourClass, ...]]:
    """Decide every key in every book, lend the outcome as two tables, and return matches and classes."""
    matches: list[tuple[Any, ...]] = []
    misses: list[tuple[Any, ...]] = []
    classes: dict[Any, int] = {None: -1}
    for row in keys.iter_rows(named=True):
        for weighted in books:
            bit = seen[weighted.book.id]
            if not row["views"] & bit:
                continue
            found, missed = _outcome(row, weighted)
            for *told, name in found:
                number = classes.setdefault(name, len(classes) - 1)
                matches.append((*told, None if name is None else number, bit))
            misses += [(*each, bit) for each in missed]
    table = pl.DataFrame(matches, schema=_MATCH_SCHEMA, orient="row").with_row_index("match_id")
    lend(con, "engine_match", table)
    lend(con, "engine_miss", pl.DataFrame(misses, schema=_MISS_SCHEMA, orient="row"))
    return table, tuple(HourClass(number, *name) for name, number in classes.items() if name is not None)


def _outcome(row: dict[str, Any], weighted: Weighted) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Return the match rows of a key in a book, or the one row that says why there are none.

    The last field of a match is the series and its kg per unit where it is matched by the hour.
    """
    terms = Terms(row["role"], row["tenure"], row["control"])
    name, key_id = weighted.book.id, row["key_id"]
    scope, category = scope_of(weighted.book, row["activity"], terms)
    if not needs_factor(scope, category):
        return [(name, key_id, scope, category, *[None] * 4, True, *[None] * 5)], []
    decision = weighted.matcher.decide(key_of(row))
    if decision.hit is None:
        return [], [(name, key_id, decision.code, packed(decision.detail))]
    try:
        parts = parts_of(decision, weighted, terms)
        return [(name, key_id, *_row(part, is_lead=index == 0)) for index, part in enumerate(parts)], []
    except GwpMissing as error:
        return [], [(name, key_id, "gwp_missing", packed([Remark("", _unweighted(error))]))]
    except OverflowError as error:
        return [], [(name, key_id, "too_large", packed([Remark("", say("too_large", multiplier=error))]))]


def _unweighted(error: GwpMissing) -> Sentence:
    """Return why a gas has no potential."""
    return say("gwp_component" if "blend" in error.parameters else "gwp_value", **error.parameters)


def _row(part: Part, *, is_lead: bool) -> tuple[Any, ...]:
    labels = (part.scope, part.category, part.gas, part.chain, part.hit.statement.id, part.hit.grade.value)
    hourly_by = (part.hit.statement.id, part.co2e) if part.hit.rule.source == SERIES else None
    return (*labels, is_lead, *limbs(part.mass), *limbs(part.co2e), hourly_by)


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
    regions, stated = regions_of(row["region"], ()), (row["activity"], row["unit"], row["basis"])
    found = converter.convert(*stated, "kWh", Basis.HI.value, regions, row["month"], row["area"])
    return None if isinstance(found, Misfit) else found.ratio


def _taken_for_granted(keys: pl.DataFrame, books: list[Weighted], seen: dict[str, int]) -> pl.DataFrame:
    """Return the assumptions of every decision in use."""
    rows: set[tuple[str, str, str]] = set()
    for row in keys.iter_rows(named=True):
        terms = Terms(row["role"], row["tenure"], row["control"])
        for weighted in books:
            is_seen = row["views"] & seen[weighted.book.id] != 0
            if is_seen and needs_factor(*scope_of(weighted.book, row["activity"], terms)):
                decision = weighted.matcher.decide(key_of(row))
                rows.update((*decision.assumptions, *assumed(decision, weighted)))
    return pl.DataFrame(sorted(rows), schema=ASSUMPTION_SCHEMA, orient="row")


def _typed(frame: pl.DataFrame, schema: dict[str, pl.DataType | type[pl.DataType]]) -> pl.DataFrame:
    return frame.select(pl.col(name).cast(kind) for name, kind in schema.items())


def ordered(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame sorted by all its columns: the order never depends on threads or imports."""
    return frame.sort(frame.columns, nulls_last=False)


def _sums(frame: pl.DataFrame, *, is_lead: bool = False) -> dict[tuple[str | None, str], Decimal]:
    """Return (book, unit) → quantity; book None: every book. `is_lead`: only rows that carry a quantity."""
    told = frame.filter("is_lead") if is_lead else frame
    book = "book" if "book" in frame.columns else pl.lit(None, dtype=pl.String).alias("book")
    sums = told.group_by(book, "unit").agg(pl.col("quantity").cast(pl.Decimal(38, 6)).sum())
    return {(name, unit): total for name, unit, total in sums.iter_rows()}


def _check(con: Database, books: list[Weighted], balance: Balance) -> None:
    """Raise unless every quantity is in a line, in the exceptions or superseded, by book and unit."""
    sliced = con.execute("SELECT unit, SUM(quantity) FROM engine_slice GROUP BY unit").fetchall()
    told = [_sums(balance.lines, is_lead=True), _sums(balance.exceptions), _sums(balance.superseded)]
    for unit, quantity in sliced:
        for book in (weighted.book.id for weighted in books):
            found = sum(
                (sums.get((name, unit), Decimal(0)) for sums in told for name in (book, None)), Decimal(0)
            )
            if found != quantity:
                message = "{book}, {unit}: {quantity} in the slices, {found} in the run"
                raise QuantityLost(message, book=book, unit=unit, quantity=quantity, found=found)
