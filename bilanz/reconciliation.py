"""Why two books differ: each difference with its cause, and the causes add up to the difference, exactly.

    total of A ── boundary ── exception ── upstream ── gwp ── factor ──► total of B

The same quantity (source, activity, month, unit) is looked at in both books, in this order:

    boundary   one book leaves the quantity, or a part of it, outside its totals
    exception  one book has no factor for it
    upstream   one book counts the upstream part in lines of its own, the other does not count it
    chain      one book takes a single figure with upstream, the other one without: not to be told apart
    gwp        the same masses with the other set of potentials
    factor     another factor, or another instrument
    scope      the same quantity in another scope; moves no total (effect zero), said for the reader

Effects are sums of decimals. What rounding leaves of a share stays in the last cause that applies.
"""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

import polars as pl

from bilanz.errors import GwpMissing
from bilanz.gases import EQUIVALENT, GwpSet, gwp_value
from bilanz.result import MASS, Result
from bilanz.scopes import COUNTED, MEMO
from bilanz.slices import QuantityLost

CAUSES: Final = ("boundary", "exception", "upstream", "chain", "gwp", "factor", "scope")

RECONCILIATION_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "book_a": pl.String,
    "book_b": pl.String,
    "activity": pl.String,
    "cause": pl.String,  # one of `CAUSES`
    "scope_a": pl.String,  # "1", "2", "3", "1+3", "memo"; null: no line
    "scope_b": pl.String,
    "slices": pl.Int64,  # quantities of a source and month
    "effect_kg": MASS,  # kg CO2e: B less A
}

_KEY: Final = ("organisation", "source", "activity", "product_group", "month", "unit")
_QUANTITY: Final = pl.Decimal(38, 6)
_DIGITS: Final = 12
_ZERO: Final = Decimal(0)
_AMOUNTS: Final = ("co2e", "upstream", "gwp_main", "gwp_upstream")


def reconciliation(result: Result, book_a: str, book_b: str, sets: Mapping[str, GwpSet]) -> pl.DataFrame:
    """Return the causes of the difference between two books of a run, by activity and scope.

    Args:
        result: the run.
        book_a: a book of the run.
        book_b: another one.
        sets: book → the potentials it was weighted with.

    Shape: `RECONCILIATION_SCHEMA`, the largest effect first.

    Raises:
        QuantityLost: the effects do not add up to the difference of the totals (a defect).
    """
    sides = [
        _side(result, book, _reweighting(result.lines, sets[book], sets[other]), name)
        for book, other, name in ((book_a, book_b, "a"), (book_b, book_a, "b"))
    ]
    both = sides[0].join(sides[1], on=_KEY, how="full", coalesce=True, nulls_equal=True)
    quantities = [pl.col(f"{name}_{side}").fill_null(0) for name in _HELD for side in "ab"]
    is_both = pl.col("co2e_a").is_not_null() & pl.col("co2e_b").is_not_null()
    is_other_set = sets[book_a].name != sets[book_b].name
    told = _caused(_scaled(both.with_columns(*quantities, is_both=is_both)), is_other_set=is_other_set)
    table = _table(told, book_a, book_b)
    _check(result, table, book_a, book_b)
    return table


_HELD: Final = ("inside", "memo", "missing")


def _reweighting(lines: pl.DataFrame, own: GwpSet, other: GwpSet) -> pl.DataFrame:
    """Return gas → how much more a kilogram weighs in the other set; a gas without a value in it has none."""
    rows = []
    for gas in lines["gas"].drop_nulls().unique().sort():
        if gas != EQUIVALENT and own.name != other.name:
            try:
                rows.append((gas, gwp_value(other, gas).value - gwp_value(own, gas).value))
            except GwpMissing:
                continue
    return pl.DataFrame(rows, schema={"gas": pl.String, "more": pl.Decimal(38, 6)}, orient="row")


def _side(result: Result, book: str, more: pl.DataFrame, side: str) -> pl.DataFrame:
    """Return one book by key: emissions, parts of the chain, factors, scopes, and where the quantity is."""
    lines = result.lines.filter(pl.col("book") == book)
    lines = lines.join(more, on="gas", how="left", maintain_order="left")
    counted, upstream = pl.col("scope").is_in(list(COUNTED)), pl.col("chain") == "upstream"
    weighed = (pl.col("mass_kg") * pl.col("more")).cast(MASS).fill_null(0)
    lead, memo = pl.col("is_lead"), pl.col("scope") == MEMO
    quantity = pl.col("quantity").cast(_QUANTITY)
    emitting = counted & pl.col("co2e_kg").is_not_null()
    found = lines.with_columns(weighed=weighed).group_by(_KEY).agg(
        pl.when(emitting.any()).then(pl.col("co2e_kg").filter(counted).sum()).alias("co2e"),
        pl.col("co2e_kg").filter(counted & upstream).sum().alias("upstream"),
        pl.col("weighed").filter(counted & ~upstream).sum().alias("gwp_main"),
        pl.col("weighed").filter(counted & upstream).sum().alias("gwp_upstream"),
        (counted & upstream).any().alias("has_upstream"),
        (counted & (pl.col("chain") == "total")).any().alias("has_total"),
        pl.col("factor_id").filter(counted).drop_nulls().unique().sort().str.join(" ").alias("factors"),
        pl.col("scope").filter(pl.col("scope") != "outside").unique().sort().str.join("+").alias("scope"),
        quantity.filter(lead & ~memo).sum().alias("inside"),
        quantity.filter(lead & memo).sum().alias("memo"),
    )  # fmt: skip
    lacking = result.exceptions.filter(pl.col("book").is_null() | (pl.col("book") == book))
    missing = lacking.group_by(_KEY).agg(quantity.sum().alias("missing"))
    whole = found.join(missing, on=_KEY, how="full", coalesce=True, nulls_equal=True)
    return whole.rename({name: f"{name}_{side}" for name in whole.columns if name not in _KEY})


def _scaled(both: pl.DataFrame) -> pl.DataFrame:
    """Return the keys with what a quantity that only one book counts makes: `boundary` and `exception`.

    Where both books count a part of it, A is scaled to the part B counts: rare, so row by row.
    """
    memo, missing = (pl.col(f"{name}_a") != pl.col(f"{name}_b") for name in ("memo", "missing"))
    one_sided = pl.col("co2e_a").is_null() != pl.col("co2e_b").is_null()
    partly = pl.col("is_both") & (pl.col("inside_a") != pl.col("inside_b"))
    is_rare = partly | (one_sided & memo & missing)
    zero = pl.lit(0).cast(MASS)
    effect = pl.col("co2e_b").fill_null(0) - pl.col("co2e_a").fill_null(0)
    alone = one_sided & ~is_rare
    plain = both.filter(~is_rare).with_columns(
        boundary=pl.when(alone & ~missing).then(effect).otherwise(zero).cast(MASS),
        exception=pl.when(alone & missing).then(effect).otherwise(zero).cast(MASS),
        **{
            f"{name}_{side}": pl.when(alone).then(zero).otherwise(f"{name}_{side}").cast(MASS)
            for name in _AMOUNTS
            for side in "ab"
        },
    )
    rows = [_moved(row) for row in both.filter(is_rare).iter_rows(named=True)]
    return pl.concat([plain, pl.DataFrame(rows, schema=plain.schema, orient="row")])


def _moved(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row with the effect of the quantity taken out of A; of one side only, nothing is left."""
    a, b = row["co2e_a"], row["co2e_b"]
    if a is None or b is None:
        nothing = {f"{name}_{side}": _ZERO for name in _AMOUNTS for side in "ab"}
        return row | nothing | _split(row, (b or _ZERO) - (a or _ZERO))
    if row["inside_a"] == 0 or row["inside_b"] == 0:
        return row | {"boundary": _ZERO, "exception": _ZERO}
    share = Fraction(row["inside_b"]) / Fraction(row["inside_a"])
    scaled = {f"{name}_a": _part(row[f"{name}_a"], share) for name in _AMOUNTS}
    return row | scaled | _split(row, scaled["co2e_a"] - a)


def _split(row: dict[str, Any], effect: Decimal) -> dict[str, Decimal]:
    """Return the effect by whether the quantity is memo in the other book, or an exception."""
    memo, missing = (row[f"{name}_b"] - row[f"{name}_a"] for name in ("memo", "missing"))
    if missing == 0 or memo + missing == 0:
        return {"boundary": effect, "exception": _ZERO}
    outside = _part(effect, Fraction(memo) / Fraction(memo + missing))
    return {"boundary": outside, "exception": effect - outside}


def _part(amount: Decimal, share: Fraction) -> Decimal:
    """Return a share of an amount, rounded once to 12 decimals (half-even)."""
    return Decimal(round(Fraction(amount) * share * 10**_DIGITS)).scaleb(-_DIGITS)


def _caused(both: pl.DataFrame, *, is_other_set: bool) -> pl.DataFrame:
    """Return the keys with `upstream`, `chain`, `gwp` and `factor`: what is left of B less A, by cause."""
    zero = pl.lit(0).cast(MASS)
    filled = both.with_columns(
        pl.col(f"{name}_{side}").fill_null(0) for name in _AMOUNTS for side in "ab"
    ).with_columns(
        pl.col(f"{name}_{side}").fill_null(value=False)
        for name in ("has_upstream", "has_total")
        for side in "ab"
    )
    rest = pl.col("co2e_b") - pl.col("co2e_a")
    whole_a, whole_b = ((pl.col(f"has_upstream_{s}") | pl.col(f"has_total_{s}")) for s in "ab")
    differs, is_total = whole_a != whole_b, pl.col("has_total_a") | pl.col("has_total_b")
    alike = pl.col("factors_a").eq_missing(pl.col("factors_b")) & is_other_set
    gwp = pl.col("gwp_main_a") + pl.when(differs & ~is_total).then(zero).otherwise("gwp_upstream_a")
    found = filled.with_columns(
        upstream=pl.when(differs & ~is_total)
        .then(pl.when(whole_b).then(pl.col("upstream_b")).otherwise(-pl.col("upstream_a")))
        .otherwise(zero),
    ).with_columns(gwp=pl.when(alike).then(rest - pl.col("upstream")).otherwise(gwp))
    left = rest - pl.col("upstream") - pl.col("gwp")
    mixed = differs & is_total
    return found.with_columns(
        chain=pl.when(mixed).then(left).otherwise(zero), factor=pl.when(mixed).then(zero).otherwise(left)
    )


def _table(told: pl.DataFrame, book_a: str, book_b: str) -> pl.DataFrame:
    """Return one row per activity, cause and scopes; causes without effect are left out, `scope` is said."""
    places = ("activity", "scope_a", "scope_b")
    effects = told.select(*places, *(pl.col(cause).cast(MASS) for cause in CAUSES[:-1]))
    long = effects.unpivot(CAUSES[:-1], index=places, variable_name="cause", value_name="effect_kg")
    moved = told.filter(pl.col("is_both") & (pl.col("scope_a") != pl.col("scope_b"))).select(
        *places, pl.lit("scope").alias("cause"), pl.lit(0).cast(MASS).alias("effect_kg")
    )
    kept = pl.concat([long.filter(pl.col("effect_kg") != 0), moved])
    sums = kept.group_by(*places, "cause").agg(
        pl.len().cast(pl.Int64).alias("slices"), pl.col("effect_kg").sum()
    )
    named = sums.with_columns(book_a=pl.lit(book_a), book_b=pl.lit(book_b))
    typed = named.select(pl.col(name).cast(kind) for name, kind in RECONCILIATION_SCHEMA.items())
    order = [-pl.col("effect_kg").abs(), *(pl.col(name) for name in (*places, "cause"))]
    return typed.sort(order, nulls_last=True)


def difference(result: Result, book_a: str, book_b: str) -> Decimal:
    """Return the total of B less the total of A, in kg CO2e of scopes 1 to 3."""
    counted = result.lines.filter(pl.col("scope").is_in(list(COUNTED)))
    sums = dict(counted.group_by("book").agg(pl.col("co2e_kg").sum()).iter_rows())
    return Decimal(sums.get(book_b) or 0) - Decimal(sums.get(book_a) or 0)


def _check(result: Result, table: pl.DataFrame, book_a: str, book_b: str) -> None:
    """Raise unless the effects add up to the difference of the totals."""
    found, expected = Decimal(table["effect_kg"].sum() or 0), difference(result, book_a, book_b)
    if found != expected:
        message = "{a}, {b}: the totals differ by {expected} kg, the causes by {found} kg"
        raise QuantityLost(message, a=book_a, b=book_b, expected=expected, found=found)
