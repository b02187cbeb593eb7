"""The published grain: what is joined so that no single place can be read off, and nothing is lost.

    lines ──► cell     organisation × activity × role × unit, and where a source is counted in every book
    cell of fewer places than asked ──► of all organisations together ──► "several activities" of the scope
    cell of several factors or gases, one of them with fewer places ──► factors or gases together

A cell is published or joined as a whole, in every book and scope: else the quantity in one book and the
factor would give what another book hides. Where the rest of a scope is too small, the smallest published cell
is joined with it, since the total of the scope is published. A place is a site, or a source without a site.

A row states its parts: outside, of other owners, taken off, consolidated. Each that is not zero counts its
own places: what is left of three places when two are taken off is one.

Nothing is dropped: sums and counts of the rows are those of the lines, checked.
"""

from collections.abc import Sequence
from typing import Final

import polars as pl

from bilanz.league.bundle import BALANCE_SCHEMA, MEASURES, PARTS, WIDE
from bilanz.result import MASS
from bilanz.slices import QuantityLost

SMALLEST: Final = 3
"""Places behind a row at least, where nobody states another number.

The minimum frequency of official statistics: of two, each could take the own figure off and know the other's.
"""

_OWN: Final = ("organisation", "activity", "role", "unit", "basis")
_WHERE: Final = ("book", "scope", "category")
_SIGN: Final = "\x1f"
_OTHER: Final = "activities"
_KEYS: Final = (
    *("book", "organisation", "activity", "role", "scope", "category"),
    *("gas", "chain", "factor_id", "unit", "basis"),
)


def joined(lines: pl.DataFrame, smallest: int) -> pl.DataFrame:
    """Return the rows that are published.

    Shape: `LINE_SCHEMA` with the parts of `MEASURES` in; `BALANCE_SCHEMA` out, sorted and without marks.

    Args:
        lines: lines of a run, of one member.
        smallest: places behind a row at least.

    Raises:
        QuantityLost: sums or counts are not those of the lines (a defect).
    """
    told = _rest_filled(_placed(lines, smallest), smallest)
    several = pl.col("label") == _OTHER
    rows = [
        _rows(_cells(told.filter(~several), smallest)),
        _rows(_scopes(told.filter(several), smallest)),
    ]
    found = pl.concat(rows).select(pl.col(name).cast(kind) for name, kind in BALANCE_SCHEMA.items())
    _check(lines, found)
    return found.sort(*_KEYS, nulls_last=True)


def _key(names: Sequence[str]) -> pl.Expr:
    return pl.concat_str([pl.col(name).fill_null("\x00") for name in names], separator=_SIGN)


def _placed(lines: pl.DataFrame, smallest: int) -> pl.DataFrame:
    """Return lines with `place`, the `group` they are published in, and what was joined for it (`label`)."""
    place = pl.coalesce("site\x1f" + pl.col("site"), _key(["organisation", "source"]))
    counted = _key(_WHERE).unique().sort().str.join("\x1e").over("organisation", "source", "site", *_OWN)
    cells = lines.with_columns(place=place, counted=counted)
    cells = cells.with_columns(own=_key([*_OWN, "counted"]), shared=_key([*_OWN[1:], "counted"]))
    is_own = _places("own") >= smallest
    cells = cells.with_columns(is_own=is_own)
    is_shared = _places("shared", "is_own") >= smallest
    label = pl.when("is_own").then(pl.lit("")).when(is_shared).then(pl.lit("organisations"))
    return cells.with_columns(
        label=label.otherwise(pl.lit(_OTHER)),
        group=pl.when("is_own").then("own").otherwise("shared"),
    ).drop("counted", "own", "shared", "is_own")


def _places(*over: str) -> pl.Expr:
    """Return the places of lines, or of the part of them that rests on the fewest; zero is no part."""
    place = pl.col("place")
    parts = [place.filter(pl.col(name) != 0).n_unique().over(*over) for name in PARTS]
    told = [pl.when(part > 0).then(part) for part in parts]
    return pl.min_horizontal(place.n_unique().over(*over), *told)


def _remaining() -> pl.Expr:
    """Return the places of what is consolidated; what is taken off is told by scope whatever is joined."""
    return pl.col("place").filter(pl.col("consolidated_kg") != 0)


def _rest_filled(told: pl.DataFrame, smallest: int) -> pl.DataFrame:
    """Return lines with further cells joined into the rest of each scope that is too small by itself."""
    done: set[tuple[str, str]] = set()
    while True:
        rest = told.filter(pl.col("label") == _OTHER, pl.col("co2e_kg").is_not_null())
        small = (
            rest.group_by("book", "scope")
            .agg(place=pl.col("place").n_unique(), left=_remaining().n_unique())
            .filter((pl.col("place") < smallest) | pl.col("left").is_between(1, smallest - 1))
        )
        open_ones = [
            pair
            for pair in small.select("book", "scope").sort("book", "scope").iter_rows()
            if pair not in done
        ]
        if not open_ones:
            return told
        book, scope = open_ones[0]
        here = told.filter(pl.col("label") != _OTHER, pl.col("book") == book, pl.col("scope") == scope)
        sizes = (
            here.group_by("group", "label").agg(pl.col("place").n_unique()).sort("place", "group", "label")
        )
        if sizes.is_empty():
            done.add((book, scope))
            continue
        group, label, _ = sizes.row(0)
        picked = (pl.col("group") == group) & (pl.col("label") == label)
        told = told.with_columns(label=pl.when(picked).then(pl.lit(_OTHER)).otherwise("label"))


def _cells(told: pl.DataFrame, smallest: int) -> pl.DataFrame:
    """Return lines of published cells; factors, then gases, with too few places lose their names."""
    shared = pl.col("label") == "organisations"
    named = told.with_columns(
        organisation=pl.when(~shared).then("organisation"),
        is_several=_is_few(["factor_id"], ["group", "label", "book"], smallest),
    )
    named = named.with_columns(
        factor_id=pl.when(~pl.col("is_several")).then("factor_id"), label=_labelled("factors", "is_several")
    )
    few = _is_few(["gas", "chain", "factor_id"], ["group", "label", *_WHERE], smallest)
    return _without_gases(named.drop("is_several").with_columns(is_joined=few))


def _scopes(told: pl.DataFrame, smallest: int) -> pl.DataFrame:
    """Return lines of the rest of each scope; categories and gases with too few places lose their names."""
    gone = ("organisation", "activity", "role", "factor_id", "unit", "basis")
    named = told.with_columns(
        *(pl.lit(None, pl.String).alias(name) for name in gone),
        quantity=pl.lit(None, WIDE),
        mass_kg=pl.lit(None, MASS),
        group=pl.lit(""),
        is_several=_is_few(["category"], ["book", "scope"], smallest),
    )
    named = named.with_columns(
        category=pl.when(~pl.col("is_several")).then("category"), label=_labelled("categories", "is_several")
    )
    few = _is_few(["gas", "chain"], list(_WHERE), smallest)
    return _without_gases(named.drop("is_several").with_columns(is_joined=few))


def _is_few(parts: Sequence[str], whole: Sequence[str], smallest: int) -> pl.Expr:
    """Tell of each line whether a part of its whole has too few places; what emits nothing is no part."""
    over: list[str | pl.Expr] = [*whole, *parts, pl.col("co2e_kg").is_null()]
    places, left = pl.col("place").n_unique().over(over), _remaining().n_unique().over(over)
    is_few = (places < smallest) | left.is_between(1, smallest - 1)
    return (is_few & pl.col("co2e_kg").is_not_null()).any().over(*whole)


def _labelled(what: str, condition: str) -> pl.Expr:
    separator = pl.when(pl.col("label") == "").then(pl.lit("")).otherwise(pl.lit(" "))
    return pl.when(condition).then(pl.col("label") + separator + pl.lit(what)).otherwise("label")


def _without_gases(told: pl.DataFrame) -> pl.DataFrame:
    """Return lines of which those whose gases are joined have none, and are one row."""
    kept = ~pl.col("is_joined")
    return told.with_columns(
        gas=pl.when(kept).then("gas"),
        chain=pl.when(kept).then("chain"),
        mass_kg=pl.when(kept).then("mass_kg"),
        label=_labelled("gases", "is_joined"),
    )


def _rows(told: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that lines make."""
    keys = ["group", "label", "is_joined", *_KEYS, pl.col("co2e_kg").is_null().alias("is_silent")]
    lead = pl.col("quantity").filter(pl.col("is_lead"))
    return (
        told.group_by(keys)
        .agg(
            _known(pl.col("quantity").filter(~pl.col("is_joined"))).alias("quantity"),
            _known(lead).alias("lead_quantity"),
            *(_known(pl.col(name)).alias(name) for name in ("mass_kg", *MEASURES)),
            pl.len().alias("lines"),
            pl.col("place").n_unique().alias("places"),
        )
        .with_columns(joined="label", is_recomputable=pl.lit(value=False), conversion=pl.lit(None, pl.String))
    )


def _known(values: pl.Expr) -> pl.Expr:
    """Return the sum of what is known; null, not zero, where nothing is."""
    wide = values.cast(pl.Decimal(38, 12))
    return pl.when(values.is_not_null().any()).then(wide.sum())


def _check(lines: pl.DataFrame, rows: pl.DataFrame) -> None:
    """Raise unless rows have the sums and the number of the lines, by book and scope."""
    keys = ["book", "scope"]
    sums = [pl.col(name).sum() for name in MEASURES]
    before = lines.group_by(keys).agg(*sums, lines=pl.len().cast(pl.Int64)).sort(keys)
    after = rows.group_by(keys).agg(*sums, lines=pl.col("lines").sum().cast(pl.Int64)).sort(keys)
    if not before.equals(after):
        raise QuantityLost(
            "{lines} lines, {rows} rows that do not add up", lines=lines.height, rows=rows.height
        )


def counts(rows: pl.DataFrame) -> dict[str, int]:
    """Return what was joined → number of rows; rows of which nothing was joined are not in it."""
    words = rows.filter(pl.col("joined") != "").select(pl.col("joined").str.split(" ").explode())
    return dict(words.group_by("joined").len().sort("joined").iter_rows())
