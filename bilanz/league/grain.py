"""The published grain: what is joined so that no single place can be read off, and nothing is lost.

    lines ──► cell     organisation × activity × role × unit, and where a source is counted in every book
    cell of fewer places than asked ──► of all organisations together ──► "several activities" of the scope
    cell of several factors or gases, one of them with fewer places ──► factors or gases together

A cell is published or joined as a whole, in every book and scope: else the quantity in one book and the
factor would give what another book hides. Where the rest of a scope is too small, the smallest published cell
is joined with it, since the total of the scope is published. A place is a site, or a source without a site.

Books, scopes and gases are equations over few quantities. What can be solved of fewer places than asked
(`bilanz.league.disclosure_control`) is joined further, up to what control sums tell by themselves.

A row states its parts: outside, of other owners, taken off, consolidated. Each that is not zero counts its
own places: what is left of three places when two are taken off is one.

Nothing is dropped: sums and counts of the rows are those of the lines, checked.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from bilanz.league.bundle import BALANCE_SCHEMA, MEASURES, PARTS, WIDE
from bilanz.league.disclosure_control import Matrix, revealed, row_space
from bilanz.league.equations import Unknowns, equations, unknowns
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
_ROW: Final = ("group", "label", "is_joined", *_KEYS, "is_silent")
"""What makes a published row."""


def joined(lines: pl.DataFrame, smallest: int) -> pl.DataFrame:
    """Return the rows that are published.

    Shape: `LINE_SCHEMA` with the parts of `MEASURES` in; `BALANCE_SCHEMA` out, sorted and without marks.

    Args:
        lines: lines of a run, of one member.
        smallest: places behind a row at least.

    Raises:
        QuantityLost: sums or counts are not those of the lines (a defect).
    """
    uses = _uses(_placed(lines, smallest))
    told = _closed(uses, smallest) if smallest > 1 else uses
    rows = _rows(_published(told, smallest))
    found = rows.select(pl.col(name).cast(kind) for name, kind in BALANCE_SCHEMA.items())
    _check(lines, found)
    # Rows may have the same keys: with and without emissions, or of cells counted in different scopes.
    return found.sort(*_KEYS, "joined", *MEASURES, "quantity", "lead_quantity", "lines", nulls_last=True)


def solvable(lines: pl.DataFrame, smallest: int) -> int:
    """Return of how many places control sums tell something, alone or with too few others: joined or not.

    Shape: `LINE_SCHEMA` with the parts of `MEASURES`.
    """
    known = unknowns(_uses(_placed(lines, smallest)), smallest)
    found = revealed(_controls(known), known.places, smallest)
    return len({place for column in found for place in known.places[column] or ()})


def place() -> pl.Expr:
    """Return the place of a source: its `site`; without one, the source of its organisation."""
    return pl.coalesce("site\x1f" + pl.col("site"), _key(["organisation", "source"]))


def _key(names: Sequence[str]) -> pl.Expr:
    return pl.concat_str([pl.col(name).fill_null("\x00") for name in names], separator=_SIGN)


def _placed(lines: pl.DataFrame, smallest: int) -> pl.DataFrame:
    """Return lines with `place`, the `group` they are published in, and what was joined for it (`label`)."""
    counted = _key(_WHERE).unique().sort().str.join("\x1e").over("organisation", "source", "site", *_OWN)
    cells = lines.with_columns(place=place(), counted=counted)
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
    parts = [pl.col("place").filter(pl.col(name) != 0).n_unique().over(*over) for name in PARTS]
    told = [pl.when(part > 0).then(part) for part in parts]
    return pl.min_horizontal(pl.col("place").n_unique().over(*over), *told)


def _remaining() -> pl.Expr:
    """Return the places of what is consolidated; what is taken off is told by scope whatever is joined."""
    return pl.col("place").filter(pl.col("consolidated_kg") != 0)


def _uses(placed: pl.DataFrame) -> pl.DataFrame:
    """Return lines of a source that are published in the same way as one: months together."""
    silent = pl.col("co2e_kg").is_null().alias("is_silent")
    keys = ["group", "label", "place", "source", "region", "is_lead", silent, *_KEYS]
    sums = [_known(pl.col(name)).alias(name) for name in ("quantity", "mass_kg", *MEASURES)]
    uses = placed.group_by(keys).agg(*sums, pl.len().alias("lines"))
    ordered = uses.sort("group", "place", "source", "region", "is_lead", *_KEYS)
    return ordered.with_columns(level=pl.lit(0)).with_row_index("row")


def _rest_filled(told: pl.DataFrame, smallest: int) -> pl.DataFrame:
    """Return uses with further cells joined into the rest of each scope that is too small by itself."""
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
        here = (pl.col("book") == open_ones[0][0]) & (pl.col("scope") == open_ones[0][1])
        group = _smallest(told.filter(here))
        if group is None:
            done.add(open_ones[0])
        else:
            told = _into_rest(told, [group])


def _smallest(uses: pl.DataFrame) -> str | None:
    """Return the group of the cell of fewest places that is not in a rest; None: there is none."""
    here = uses.filter(pl.col("label") != _OTHER)
    sizes = here.group_by("group").agg(pl.col("place").n_unique()).sort("place", "group")
    return None if sizes.is_empty() else str(sizes["group"][0])


def _into_rest(told: pl.DataFrame, groups: Collection[str]) -> pl.DataFrame:
    picked = pl.col("group").is_in([*groups])
    return told.with_columns(
        label=pl.when(picked).then(pl.lit(_OTHER)).otherwise("label"),
        level=pl.when(picked).then(0).otherwise("level"),
    )


def _published(told: pl.DataFrame, smallest: int) -> pl.DataFrame:
    """Return uses as they are published: with the keys of their rows, and which quantities these tell."""
    several = pl.col("label") == _OTHER
    return pl.concat(
        [_cells(told.filter(~several), smallest), _scopes(told.filter(several), smallest)], how="diagonal"
    )


def _cells(told: pl.DataFrame, smallest: int) -> pl.DataFrame:
    """Return uses of published cells; factors, then gases, with too few places lose their names."""
    shared = pl.col("label") == "organisations"
    several = pl.col("factor_id").n_unique().over("group", *_WHERE, "gas", "chain").max().over("group") > 1
    named = told.with_columns(
        organisation=pl.when(~shared).then("organisation"),
        is_several=_is_few(["factor_id"], ["group", "book"], smallest) | ((pl.col("level") > 0) & several),
    )
    named = named.with_columns(
        factor_id=pl.when(~pl.col("is_several")).then("factor_id"), label=_labelled("factors", "is_several")
    )
    few = _is_few(["gas", "chain", "factor_id"], ["group", *_WHERE], smallest) | (pl.col("level") > 1)
    found = _without_gases(named.drop("is_several").with_columns(is_joined=few))
    return found.with_columns(tells_quantity=~pl.col("is_joined"), tells_lead_quantity="is_lead")


def _scopes(told: pl.DataFrame, smallest: int) -> pl.DataFrame:
    """Return uses of the rest of each scope; categories and gases with too few places lose their names."""
    gone = ("organisation", "activity", "role", "factor_id", "unit", "basis")
    named = told.with_columns(
        *(pl.lit(None, pl.String).alias(name) for name in gone),
        quantity=pl.lit(None, WIDE),
        mass_kg=pl.lit(None, MASS),
        group=pl.lit(""),
        is_several=_is_few(["category"], ["book", "scope"], smallest) | (pl.col("level") > 1),
    )
    named = named.with_columns(
        category=pl.when(~pl.col("is_several")).then("category"), label=_labelled("categories", "is_several")
    )
    few = _is_few(["gas", "chain"], list(_WHERE), smallest) | (pl.col("level") > 0)
    found = _without_gases(named.drop("is_several").with_columns(is_joined=few))
    return found.with_columns(tells_quantity=pl.lit(value=False), tells_lead_quantity=pl.lit(value=False))


def _is_few(parts: Sequence[str], whole: Sequence[str], smallest: int) -> pl.Expr:
    """Tell of each use whether a part of its whole has too few places; what emits nothing is no part."""
    over: list[str | pl.Expr] = [*whole, *parts, pl.col("co2e_kg").is_null()]
    places, left = pl.col("place").n_unique().over(over), _remaining().n_unique().over(over)
    is_few = (places < smallest) | left.is_between(1, smallest - 1)
    return (is_few & pl.col("co2e_kg").is_not_null()).any().over(*whole)


def _labelled(what: str, condition: str) -> pl.Expr:
    separator = pl.when(pl.col("label") == "").then(pl.lit("")).otherwise(pl.lit(" "))
    return pl.when(condition).then(pl.col("label") + separator + pl.lit(what)).otherwise("label")


def _without_gases(told: pl.DataFrame) -> pl.DataFrame:
    """Return uses of which those whose gases are joined have none, and are one row."""
    kept = ~pl.col("is_joined")
    return told.with_columns(
        gas=pl.when(kept).then("gas"),
        chain=pl.when(kept).then("chain"),
        mass_kg=pl.when(kept).then("mass_kg"),
        label=_labelled("gases", "is_joined"),
    )


def _rows(told: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that uses make."""
    lead = pl.col("quantity").filter(pl.col("is_lead"))
    return (
        told.group_by(_ROW)
        .agg(
            _known(pl.col("quantity").filter(~pl.col("is_joined"))).alias("quantity"),
            _known(lead).alias("lead_quantity"),
            *(_known(pl.col(name)).alias(name) for name in ("mass_kg", *MEASURES)),
            pl.col("lines").sum(),
            pl.col("place").n_unique().alias("places"),
        )
        .with_columns(joined="label", is_recomputable=pl.lit(value=False), conversion=pl.lit(None, pl.String))
    )


def _known(values: pl.Expr) -> pl.Expr:
    """Return the sum of what is known; null, not zero, where nothing is."""
    wide = values.cast(pl.Decimal(38, 12))
    return pl.when(values.is_not_null().any()).then(wide.sum())


def _closed(uses: pl.DataFrame, smallest: int) -> pl.DataFrame:
    """Return uses joined so far that nothing can be solved but what control sums tell whatever is joined."""
    known = unknowns(uses, smallest)
    test = _Test(known, _controls(known), smallest)
    return test.rest_closed(_rest_filled(test.cells_closed(uses), smallest))


def _controls(known: Unknowns) -> Matrix:
    """Return what control sums say."""
    return row_space(equations(known, known.uses.select("row", "book", "scope"), ["book", "scope"]))


@dataclass(frozen=True, slots=True)
class _Test:
    """What can be solved of what is published. `anyway`: what control sums say."""

    known: Unknowns
    anyway: Matrix
    smallest: int

    def _solved(self, published: pl.DataFrame) -> frozenset[int]:
        """Return the unknowns of rows of which something is told; the rows share no unknown with others."""
        held = published.join(self.known.uses.select("row", "unknown"), on="row")["unknown"]
        columns = held.unique().sort().to_numpy()
        places = [self.known.places[each] for each in columns]
        if not any(places):
            return frozenset()
        basis = row_space(equations(self.known, published, _ROW)[:, columns])
        found = revealed(basis, places, self.smallest, anyway=self.anyway[:, columns])
        return frozenset(int(columns[each]) for each in found)

    def cells_closed(self, uses: pl.DataFrame) -> pl.DataFrame:
        """Return uses with cells that can be solved without factors, then without gases, then in the rest."""
        few = [each for each, places in enumerate(self.known.places) if places is not None]
        rows = self.known.uses.filter(pl.col("unknown").is_in(few))["row"].to_list()
        open_ones = uses.filter(pl.col("row").is_in(rows), pl.col("label") != _OTHER)
        pending = open_ones["group"].unique().sort().to_list()
        for level in range(3):
            cells = _cells(uses.filter(pl.col("group").is_in(pending)), self.smallest)
            pending = [str(key[0]) for key, own in cells.group_by("group") if self._solved(own)]
            uses = uses.with_columns(
                level=pl.when(pl.col("group").is_in(pending)).then(level + 1).otherwise("level")
            )
        return _into_rest(uses, pending)

    def rest_closed(self, uses: pl.DataFrame) -> pl.DataFrame:
        """Return uses with cells joined into the rest until it cannot be solved, and no further."""
        taken: list[str] = []
        told = uses
        while solved := self._solved_rest(told, 2):
            rows = self.known.uses.filter(pl.col("unknown").is_in([*solved])).select("book", "scope")
            near = told.join(rows.unique(), on=["book", "scope"], how="semi")
            group = _smallest(near) or _smallest(told)
            if group is None:
                break
            taken.append(group)
            told = _into_rest(uses, taken)
        # The last one was needed. Of those before it, some may be needed no longer.
        for group in taken[-2::-1]:
            fewer = [each for each in taken if each != group]
            if not self._solved_rest(_into_rest(uses, fewer), 2):
                taken = fewer
        told = _into_rest(uses, taken)
        level = next((level for level in range(2) if not self._solved_rest(told, level)), 2)
        is_rest = pl.col("label") == _OTHER
        return told.with_columns(level=pl.when(is_rest).then(level).otherwise("level"))

    def _solved_rest(self, uses: pl.DataFrame, level: int) -> frozenset[int]:
        rest = uses.filter(pl.col("label") == _OTHER).with_columns(level=pl.lit(level))
        return self._solved(_scopes(rest, self.smallest))


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
