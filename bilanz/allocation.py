"""Which part of a consumption a certificate, contract or label covers, exactly and book by book.

    engine_slice ──► rows a book's hierarchy may cover ──► instrument after instrument takes its share
                 ──► engine_part   what each covers of each row, and the rest

The order is that of the book (certificate, contract, supplier label), then: named for the source before the
organisation before what is above it; with a limit before without; the earlier end; the identifier. A limited
instrument is spread over all it covers in proportion to the quantities, in millionths of their own unit, by
the largest remainder. Never by the order of imports: ties follow what the rows say.

Books that name no instrument for an activity never see a part: `views` says who sees what.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import chain
from math import lcm
from typing import Any, Final

import polars as pl

from bilanz.activity import activities
from bilanz.books import Book
from bilanz.connection import Database, lend
from bilanz.instrument import COVERED, INSTRUMENT_KINDS, INSTRUMENT_SCHEMA
from bilanz.records import QUANTITY, Role
from bilanz.scopes import MEMO, Terms, needs_factor, scope_of
from bilanz.sentences import Remark, packed, say
from bilanz.units import dimension, ratio

PLAIN: Final = 1
"""View of books that name no instrument; every other book has a bit of its own."""

ALL: Final = (1 << 62) - 1
"""Every view."""

MICRO: Final = 1_000_000
_BOUGHT: Final = "2"
_NOWHERE: Final = (MEMO, Role.GENERATED.value)

IDENTITY: Final = (
    "segment", "month", "unit", "basis", "role", "quality", "is_apportioned", "currency", "record_site",
    "turn",
)  # fmt: skip
"""What tells the counted slices apart."""

PART_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "segment": pl.Int64,
    "month": pl.Date,
    "unit": pl.String,
    "basis": pl.String,
    "role": pl.String,
    "quality": pl.String,
    "is_apportioned": pl.Boolean,
    "currency": pl.String,
    "record_site": pl.String,
    "turn": pl.Int64,
    "view": pl.Int64,
    "instrument": pl.String,  # empty: the rest
    "kind": pl.String,
    "contract": pl.String,  # factor_id of the instrument
    "amount": QUANTITY,
    "records": pl.Int64,
}

# Segments are numbered in the order of imports: rows are put in the order of what they say.
_ROWS: Final = f"""
SELECT {", ".join(f"s.{name}" for name in IDENTITY)}, s.quantity, s.records, g.organisation, g.source,
    g.activity, g.tenure, g.control
FROM engine_slice s JOIN engine_segment g ON g.segment = s.segment
WHERE s.outcome = 'counted' AND g.activity IN (SELECT activity FROM engine_covered)
ORDER BY g.organisation, g.source, g.activity, s.month, s.unit, s.basis, s.role, s.quality, s.is_apportioned,
    s.currency, s.record_site, s.turn, s.quantity, g.direction, g.product_group, g.region, g.site, g.tenure,
    g.control, g.minutes, g.first_day, g.segment
"""


@dataclass(frozen=True, slots=True)
class Cover:
    """An instrument as the engine sees it. `limit`: kWh, None: no limit; `depth` of its organisation."""

    id: str
    kind: str
    activity: str
    organisation: str | None
    source: str | None
    factor: str
    first: date
    end: date | None
    limit: int | None
    evidence: str
    depth: int

    @property
    def order(self) -> tuple[Any, ...]:
        """Place among those of its kind: the nearer, the limited, the one that ends first."""
        return (self.source is None, -self.depth, self.limit is None, self.end or date.max, self.id)


@dataclass(frozen=True, slots=True)
class Use:
    """How much of an instrument a book has used, in kWh."""

    book: str
    cover: Cover
    used: Fraction


@dataclass(frozen=True, slots=True)
class Allocation:
    """What became of the instruments. `strange`: those whose factor is not in the catalogue."""

    uses: tuple[Use, ...] = ()
    strange: tuple[str, ...] = ()
    above: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def assumptions(self) -> Iterator[tuple[str, str, str]]:
        """Yield what is listed: every instrument in use, what is left of it, and those that cannot count."""
        for use in self.uses:
            told = {"used": plain(use.used), "evidence": use.cover.evidence}
            if use.cover.limit is None:
                said = say("used_unlimited", **told)
            else:
                said = say("used_of", limit=use.cover.limit, **told)
            if use.used:
                yield "instrument_used", use.cover.id, packed([Remark(use.cover.factor, said)])
            if use.cover.limit is not None and use.used < use.cover.limit:
                unused = plain(Fraction(use.cover.limit) - use.used)
                left = say("unused_of", unused=unused, limit=use.cover.limit)
                yield "instrument_unused", use.cover.id, packed([Remark(use.cover.factor, left)])
        for name in self.strange:
            yield "instrument_strange", name, ""

    def reaching(self, book: Book, row: Mapping[str, Any]) -> tuple[Use, ...]:
        """Return the instruments that may cover a row of `engine_wide` in a book, in their order."""
        reach = _Reach(book, self.above, kinds_of(book))
        return tuple(use for use in self.uses if use.book == book.id and reach.covers(use.cover, row))


def plain(value: Fraction) -> str:
    """Return kWh as text with at most six decimals."""
    return f"{round(Decimal(value.numerator) / Decimal(value.denominator), 6).normalize():f}"


def views(books: Iterable[Book]) -> dict[str, int]:
    """Return book → the bit of what it sees: `PLAIN`, or one of its own where it names an instrument."""
    return {book.id: PLAIN << (index + 1) if kinds_of(book) else PLAIN for index, book in enumerate(books)}


def kinds_of(book: Book) -> dict[str, tuple[str, ...]]:
    """Return activity → kinds of instruments the book names for it, in its order."""
    found: dict[str, tuple[str, ...]] = {}
    for family in book.families:
        named = dict.fromkeys(rule.source for rule in family.sources if rule.source in INSTRUMENT_KINDS)
        if named:
            found |= dict.fromkeys(family.activities, tuple(named))
    return found


def ancestors(organisations: pl.DataFrame) -> dict[str, tuple[str, ...]]:
    """Return organisation → itself, its parent, and so on up to the root."""
    parents = dict(organisations.select("organisation", "parent").iter_rows())
    found: dict[str, tuple[str, ...]] = {}
    for name in parents:
        line = [name]
        while (parent := parents.get(line[-1])) is not None and parent not in line:
            line.append(parent)
        found[name] = tuple(line)
    return found


def allocate(
    con: Database,
    books: Sequence[Book],
    instruments: pl.DataFrame | None,
    organisations: pl.DataFrame,
    *,
    factors: Collection[str],
) -> Allocation:
    """Make the temporary table `engine_part` out of `engine_slice`, and return how far each instrument went.

    Args:
        con: a store connection with the slices of all organisations an instrument may cover.
        books: the books of the run.
        instruments: `INSTRUMENT_SCHEMA`; None: there are none.
        organisations: at least `organisation`, `parent`.
        factors: identifiers of the catalogue; an instrument whose factor is not there covers nothing.

    Shape: one row per slice covered, view and instrument, and one for the rest; amounts per slice and view
    add up to the slice.
    """
    frame = pl.DataFrame(schema=INSTRUMENT_SCHEMA) if instruments is None else instruments
    above = ancestors(organisations)
    covers = [_cover(row, above) for row in frame.iter_rows(named=True)]
    held = [cover for cover in covers if cover.factor in factors]
    seen, parts, uses = views(books), list[tuple[Any, ...]](), list[Use]()
    if held:
        lend(con, "engine_covered", _covered())
        rows = con.sql(_ROWS).pl().to_dicts()
        for book in books:
            if kinds_of(book):
                told = _spread_over(rows, book, held, above)
                uses += told.uses
                parts += _parts(rows, told, seen[book.id])
    lend(con, "engine_part", pl.DataFrame(parts, schema=PART_SCHEMA, orient="row"))
    strange = tuple(sorted(cover.id for cover in covers if cover.factor not in factors))
    return Allocation(tuple(uses), strange, above)


def _covered() -> pl.DataFrame:
    """Return the activities an instrument may cover: those of `COVERED` and the narrower ones."""
    names = [code for code, entry in activities().items() if code in COVERED or entry.parent in COVERED]
    return pl.DataFrame({"activity": names})


def _cover(row: dict[str, Any], above: Mapping[str, tuple[str, ...]]) -> Cover:
    return Cover(
        id=row["id"],
        kind=row["kind"],
        activity=row["activity"],
        organisation=row["organisation"],
        source=row["source"],
        factor=row["factor"],
        first=row["valid_from"],
        end=row["valid_to"],
        limit=row["quantity_kwh"],
        evidence=row["evidence"],
        depth=len(above.get(row["organisation"], ())),
    )


@dataclass(frozen=True, slots=True)
class _Reach:
    """What the instruments of a book are about: activity, holder, month, and what is bought.

    One held by an organisation covers what it buys itself (scope 2); one named for a source whatever the
    source counts. Source: GHG Protocol Scope 2 Guidance (2015), which speaks of scope 2 only.
    """

    book: Book
    above: Mapping[str, tuple[str, ...]]
    kinds: Mapping[str, tuple[str, ...]]
    places: dict[tuple[Any, ...], tuple[str, str]] = field(default_factory=dict)

    def names(self, cover: Cover) -> bool:
        """Tell whether the book names such an instrument for what it is about."""
        held = [code for code, kinds in self.kinds.items() if cover.kind in kinds]
        return any(cover.activity in {code, activities()[code].parent} for code in held)

    def covers(self, cover: Cover, row: Mapping[str, Any]) -> bool:
        """Tell whether an instrument is about a row."""
        entry, month = activities()[row["activity"]], row["month"]
        if cover.activity not in {entry.code, entry.parent} or cover.kind not in self.kinds.get(
            entry.code, ()
        ):
            return False
        if month < cover.first or (cover.end is not None and month >= cover.end):
            return False
        scope, category = self._place(row)
        if cover.source is not None:
            return cover.source == row["source"] and needs_factor(scope, category)
        return scope == _BOUGHT and cover.organisation in self.above.get(row["organisation"], ())

    def _place(self, row: Mapping[str, Any]) -> tuple[str, str]:
        """Return scope and category of a row; money is bought energy nobody knows the quantity of."""
        key = (row["activity"], row["role"], row["tenure"], row["control"], row["unit"])
        if key not in self.places:
            is_energy = dimension(row["unit"]) == "energy"
            self.places[key] = scope_of(self.book, key[0], Terms(*key[1:4])) if is_energy else _NOWHERE
        return self.places[key]


@dataclass(slots=True)
class _Spread:
    """What one book made of the rows. `taken`: row → (instrument, millionths of the unit of the row)."""

    uses: list[Use]
    taken: dict[int, list[tuple[Cover, int]]]
    open: list[int]


def _spread_over(
    rows: list[dict[str, Any]], book: Book, covers: list[Cover], above: Mapping[str, tuple[str, ...]]
) -> _Spread:
    """Let one instrument after another take its share of what is still open. Loops over months of sources."""
    reach = _Reach(book, above, kinds_of(book))
    known = [cover for cover in covers if reach.names(cover)]
    if not known:
        return _Spread([], {}, [])
    spread = _Spread([], {}, [int(row["quantity"] * MICRO) for row in rows])
    held, kinds = _by_holder(rows, above), [*dict.fromkeys(chain.from_iterable(reach.kinds.values()))]
    scale, sizes = grains({row["unit"] for row in rows if dimension(row["unit"]) == "energy"})
    for cover in sorted(known, key=lambda cover: (kinds.index(cover.kind), *cover.order)):
        near = held.get((cover.organisation, cover.source), ())
        reached = [index for index in near if reach.covers(cover, rows[index])]
        steps = [sizes[rows[index]["unit"]] for index in reached]
        limit = None if cover.limit is None else cover.limit * scale
        shares = apportion([spread.open[index] for index in reached], steps, limit)
        for index, share in zip(reached, shares, strict=True):
            if share:
                spread.open[index] -= share
                spread.taken.setdefault(index, []).append((cover, share))
        used = sum(share * step for share, step in zip(shares, steps, strict=True))
        spread.uses.append(Use(book.id, cover, Fraction(used, scale)))
    return spread


def grains(names: Collection[str]) -> tuple[int, dict[str, int]]:
    """Return (grains in a kWh, unit → grains in a millionth of it): whole numbers that measure every unit."""
    steps = {name: ratio(name, "kWh") / MICRO for name in names}
    scale = lcm(*(step.denominator for step in steps.values()))
    return scale, {name: step.numerator * (scale // step.denominator) for name, step in steps.items()}


def _by_holder(
    rows: list[dict[str, Any]], above: Mapping[str, tuple[str, ...]]
) -> dict[tuple[str | None, str | None], list[int]]:
    """Return (organisation, None) and (None, source) → the rows of a source, or of all below."""
    held: dict[tuple[str | None, str | None], list[int]] = {}
    for index, row in enumerate(rows):
        holders = [(name, None) for name in above.get(row["organisation"], ())]
        for holder in (*holders, (None, row["source"])):
            held.setdefault(holder, []).append(index)
    return held


def apportion(amounts: Sequence[int], steps: Sequence[int], limit: int | None) -> list[int]:
    """Return how much of each amount a limit covers, in proportion, by the largest remainder.

    Args:
        amounts: in millionths of a unit; negative ones (corrections, what a tenant used) take the same share.
        steps: grains in a millionth (see `grains`).
        limit: in grains; None: everything.

    The parts weigh no more than the limit, and less by under one millionth of the largest unit at most; none
    is larger than its amount. Equal remainders go to the first.
    """
    total = sum(amount * step for amount, step in zip(amounts, steps, strict=True))
    if total <= 0:
        return [0] * len(amounts)
    wanted = total if limit is None else min(total, limit)
    if wanted == total:
        return list(amounts)
    parts = [amount * wanted // total for amount in amounts]
    rests = [amount * wanted % total for amount in amounts]
    left = wanted - sum(part * step for part, step in zip(parts, steps, strict=True))
    for index in sorted(range(len(amounts)), key=rests.__getitem__, reverse=True):
        if rests[index] and left >= steps[index]:
            parts[index] += 1
            left -= steps[index]
    return parts


def _parts(rows: list[dict[str, Any]], spread: _Spread, view: int) -> Iterator[tuple[Any, ...]]:
    """Yield the parts of every row an instrument covers, and its rest; rows none covers stay whole."""
    for index, taken in sorted(spread.taken.items()):
        row = rows[index]
        same = tuple(row[name] for name in IDENTITY)
        for cover, share in taken:
            named = (view, cover.id, cover.kind, cover.factor)
            yield (*same, *named, Decimal(share).scaleb(-6), row["records"])
        if spread.open[index]:
            yield (*same, view, "", "", "", Decimal(spread.open[index]).scaleb(-6), row["records"])
