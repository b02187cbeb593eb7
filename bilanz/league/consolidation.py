"""The balance of a league out of the bundles of its members.

member   own ─ outside ─ minority ─ eliminated within ──► consolidated (published)
league   Σ members ─ eliminated between members        ──► consolidated
ratios   Σ numerators ─ eliminated / Σ denominators: never a mean of ratios

Territories stand beside each other: nothing of them is eliminated, none is added to organisations.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

import polars as pl

from bilanz.errors import Refused
from bilanz.league.across import Across, across
from bilanz.league.agreement import agreements
from bilanz.league.bundle import EFFECT_SCHEMA, MEASURES, OPTIONAL, SCHEMAS, TERRITORY_SCHEMA, WIDE, Bundle
from bilanz.league.comparability import Common, common, mismatches, year_of
from bilanz.league.overlap import Declared, check, left_out
from bilanz.league.products import MEMBER
from bilanz.league.recomputation import COUNTED, checks, quotient, refuse
from bilanz.league.restated import differences
from bilanz.league.table import known_sum
from bilanz.result import MASS

_TYPES = dict[str, pl.DataType | type[pl.DataType]]

MEMBER_SCHEMA: Final[_TYPES] = {
    MEMBER: pl.String,
    "name": pl.String,
    "kind": pl.String,
    "region": pl.String,
    "state": pl.String,
    "run": pl.String,
    "result_hash": pl.String,
    "bundle": pl.String,  # sha256 of its list of hashes
    "fingerprint": pl.String,
    "published_at": pl.String,
    "exceptions": pl.Int64,
    "effects_left_out": pl.Int64,  # projects of too few places
}

TOTAL_SCHEMA: Final[_TYPES] = {
    MEMBER: pl.String,  # null: the league
    "book": pl.String,
    "scope": pl.String,
    **dict.fromkeys(MEASURES, MASS),
    "across_kg": MASS,  # eliminated between members; only of the league
    "league_kg": MASS,  # consolidated - across
}

GROUP_SCHEMA: Final[_TYPES] = {
    "book": pl.String,
    "scope": pl.String,
    "category": pl.String,  # null: several
    "activity": pl.String,
    "members": pl.Int64,
    "consolidated_kg": MASS,  # before what is eliminated between members
}

RATIO_SCHEMA: Final[_TYPES] = {
    MEMBER: pl.String,  # null: the league
    "book": pl.String,
    "indicator": pl.String,
    "numerator_kg": MASS,
    "denominator": WIDE,
    "value": WIDE,
    "missing": pl.String,  # of the league: members without the figure
    "silent": pl.String,  # of the league: members without any emissions in scopes 1 to 3 of the book
}


@dataclass(frozen=True, slots=True)
class League:
    """The balance of a league.

    Attributes:
        common: what all bundles share.
        members: `MEMBER_SCHEMA`.
        totals: `TOTAL_SCHEMA`; the league last of each book and scope; only books all members have.
        groups: `GROUP_SCHEMA`.
        ratios: `RATIO_SCHEMA`.
        deliveries: `bilanz.league.across.ACROSS_SCHEMA`.
        mismatches: `bilanz.league.comparability.MISMATCH_SCHEMA`.
        left_out: `bilanz.league.overlap.LEFT_SCHEMA`.
        differences: `bilanz.league.restated.DIFFERENCE_SCHEMA`.
        territory: `TERRITORY_SCHEMA` with `member`.
        effects: `EFFECT_SCHEMA` with `member`.
    """

    common: Common
    members: pl.DataFrame
    totals: pl.DataFrame
    groups: pl.DataFrame
    ratios: pl.DataFrame
    deliveries: pl.DataFrame
    mismatches: pl.DataFrame
    left_out: pl.DataFrame
    differences: pl.DataFrame
    territory: pl.DataFrame
    effects: pl.DataFrame

    def frames(self) -> dict[str, pl.DataFrame]:
        """Return name → frame."""
        names = ("members", "totals", "groups", "ratios", "deliveries", "mismatches", "left_out")
        return {name: getattr(self, name) for name in (*names, "differences", "territory", "effects")}


def consolidate(
    bundles: Sequence[Bundle], told: Declared | None = None, before: Sequence[Bundle] = ()
) -> League:
    """Return the balance of a league.

    Args:
        bundles: of the members; of two by one member the later published counts, the other is `before`.
        told: what is declared about organisations in two bundles.
        before: what members published earlier of the same year.

    Raises:
        Refused: the bundles cannot be added, do not come out, or speak of one organisation twice.
    """
    current, older = _latest(bundles, before)
    shared = common(current)
    heads = {each.member: each.head for each in current}
    tables = stacked(current)
    refuse_wrong(tables, current)
    refuse_wrong(stacked(older), older)
    declared = told or Declared()
    check(tables["organisations"], declared)
    _check_territories(tables["territory"])
    kept, left = left_out(tables, declared)
    between = across(
        kept["deliveries"],
        kept["delivered"],
        kept["organisations"],
        year=shared.year,
        same=dict(declared.same),
    )
    totals = _totals(kept["balance"], between, shared)
    return League(
        common=shared,
        members=_members(current),
        totals=totals,
        groups=_groups(kept["balance"], shared),
        ratios=_ratios(kept, totals, list(heads)),
        deliveries=between.outcomes,
        mismatches=mismatches(current),
        left_out=left,
        differences=differences(older, current),
        territory=kept["territory"],
        effects=kept["effects"],
    )


def _latest(bundles: Sequence[Bundle], before: Sequence[Bundle]) -> tuple[list[Bundle], list[Bundle]]:
    """Return the latest bundle of each member, by member, and the one before it.

    Raises:
        Refused: there is no bundle, they are of several years, two of one member were published at the same
            time, or one of `before` is not earlier than that of its member and year.
    """
    found: dict[str, list[Bundle]] = {}
    for each in bundles:
        found.setdefault(each.member, []).append(each)
    if not found:
        raise Refused("There is no bundle to consolidate.")
    year_of(bundles)
    current, older = [], []
    for member in sorted(found):
        ordered = sorted(found[member], key=lambda each: each.head.published_at)
        if len({each.head.published_at for each in ordered}) < len(ordered):
            raise same_time(member)
        current.append(ordered[-1])
        earlier = [each for each in before if each.member == member]
        known = sorted([*ordered[:-1], *earlier], key=lambda each: each.head.published_at)
        older += known[-1:]
    _check_before(before, {each.member: each for each in current})
    return current, older


def same_time(member: str) -> Refused:
    """Return the refusal of two bundles of a member that were published at once."""
    message = "Two bundles of {member} were published at the same time: which one counts cannot be said."
    return Refused(message, member=member)


def _check_before(before: Sequence[Bundle], current: Mapping[str, Bundle]) -> None:
    """Raise where an earlier bundle is not one.

    Raises:
        Refused: its member or year is not among those added, or it was published later.
    """
    for each in before:
        head, now = each.head, current.get(each.member)
        if now is None or now.head.year != head.year or now.head.published_at < head.published_at:
            message = (
                "The bundle of {member}, {year}, published {published}, is not earlier than one that is "
                "added: it has to be of the same member and year. Nothing was added."
            )
            raise Refused(
                message, code="not_earlier", member=each.member, year=head.year, published=head.published_at
            )


def stacked(bundles: Sequence[Bundle]) -> dict[str, pl.DataFrame]:
    """Return name → the rows of all bundles with `member`; optional tables as far as they are there."""
    found = {}
    for name, schema in {**SCHEMAS, **OPTIONAL}.items():
        none = pl.DataFrame(schema={**schema, MEMBER: pl.String})
        frames = [
            each.tables[name].with_columns(pl.lit(each.member).alias(MEMBER))
            for each in bundles
            if name in each.tables
        ]
        found[name] = pl.concat([none, *frames])
    return found


def refuse_wrong(tables: Mapping[str, pl.DataFrame], bundles: Sequence[Bundle]) -> None:
    """Raise where a bundle does not come out again, or contradicts itself.

    Raises:
        Refused: names members and what is wrong.
    """
    heads = {each.member: each.head for each in bundles}
    refuse([*checks(tables, heads), *agreements(tables, heads)])


def _check_territories(territory: pl.DataFrame) -> None:
    """Raise where two members publish one territory.

    Raises:
        Refused: names it.
    """
    several = (
        territory.group_by("territory")
        .agg(pl.col(MEMBER).unique().sort())
        .filter(pl.col(MEMBER).list.len() > 1)
    )
    for name, members in several.sort("territory").iter_rows():
        message = "The territory {territory} stands in the bundles of {members}. Nothing was added."
        raise Refused(message, code="overlap", territory=name, members=", ".join(members))


def _members(bundles: Sequence[Bundle]) -> pl.DataFrame:
    rows = []
    for each in bundles:
        head, pinned = each.head, each.head.manifest
        own = (head.member.id, head.member.name, head.member.kind, head.member.region, head.state.state)
        rows.append(
            (
                *own,
                pinned.run,
                pinned.result_hash,
                each.digest,
                each.fingerprint,
                head.published_at,
                head.exceptions,
                head.grain.effects_left_out,
            )
        )
    return pl.DataFrame(rows, schema=MEMBER_SCHEMA, orient="row")


def _totals(balance: pl.DataFrame, between: Across, shared: Common) -> pl.DataFrame:
    """Return members and league by book and scope; what counts twice between members goes from the league."""
    told = balance.filter(pl.col("book").is_in(list(shared.books)))
    sums = [known_sum(name) for name in MEASURES]
    members = told.group_by(MEMBER, "book", "scope").agg(sums)
    whole = members.group_by("book", "scope").agg(sums).with_columns(pl.lit(None, pl.String).alias(MEMBER))
    gone = between.eliminated.group_by("book", "scope").agg(pl.col("eliminated").sum().alias("across_kg"))
    nothing = pl.lit(Decimal(0), MASS)
    league = whole.join(gone, on=["book", "scope"], how="left").with_columns(
        pl.col("across_kg").fill_null(nothing)
    )
    found = pl.concat([members.with_columns(across_kg=nothing), league], how="diagonal_relaxed")
    found = found.with_columns(league_kg=pl.col("consolidated_kg") - pl.col("across_kg"))
    kept = found.select(pl.col(name).cast(kind) for name, kind in TOTAL_SCHEMA.items())
    return kept.sort("book", "scope", MEMBER, nulls_last=True)


def _groups(balance: pl.DataFrame, shared: Common) -> pl.DataFrame:
    told = balance.filter(pl.col("book").is_in(list(shared.books)), pl.col("co2e_kg").is_not_null())
    keys = ["book", "scope", "category", "activity"]
    sums = told.group_by(keys).agg(
        pl.col(MEMBER).n_unique().alias("members"), pl.col("consolidated_kg").sum()
    )
    kept = sums.select(pl.col(name).cast(kind) for name, kind in GROUP_SCHEMA.items())
    return kept.sort(keys, nulls_last=True)


def _ratios(tables: Mapping[str, pl.DataFrame], totals: pl.DataFrame, members: Sequence[str]) -> pl.DataFrame:
    """Return the ratios of members as they are, and of the league as Σ / Σ."""
    counted = totals.filter(pl.col("scope").is_in(COUNTED))
    summed = counted.group_by(MEMBER, "book").agg(known_sum("league_kg"))
    sums = {(member, book): mass for member, book, mass in summed.iter_rows()}
    books = sorted({book for _, book in sums})
    own = tables["indicators"].filter(pl.col("book").is_in(books))
    numerators = own.select(MEMBER, "book").unique().rows()
    masses = pl.DataFrame(
        [(member, book, sums.get((member, book))) for member, book in numerators],
        schema={MEMBER: pl.String, "book": pl.String, "mass": MASS},
        orient="row",
    )
    told = own.join(masses, on=[MEMBER, "book"]).with_columns(numerator_kg="mass")
    kept = told.select(pl.col(name).cast(kind) for name, kind in RATIO_SCHEMA.items())
    names = sorted(own["indicator"].unique())
    rows = [_ratio(own, book, name, sums, members) for book in books for name in names]
    league = pl.DataFrame(rows, schema=RATIO_SCHEMA, orient="row")
    return pl.concat([kept, league]).sort("book", "indicator", MEMBER, nulls_last=True)


def _ratio(
    own: pl.DataFrame,
    book: str,
    name: str,
    sums: Mapping[tuple[str | None, str], Decimal | None],
    members: Sequence[str],
) -> tuple[object, ...]:
    """Return the ratio of the league: Σ numerators / Σ denominators.

    There is none where a member has no figure, or the figure and no emissions in the book: its people would
    count and what they emit would not. A sum of zero is a figure.
    """
    mass = sums.get((None, book))
    silent = [member for member in sorted(members) if sums.get((member, book)) is None]
    told = own.filter(pl.col("book") == book, pl.col("indicator") == name)
    known = told.filter(pl.col("denominator").is_not_null())
    missing = sorted(set(members) - set(known[MEMBER]) - set(silent))
    if missing or silent or mass is None:
        return None, book, name, mass, None, None, ", ".join(missing), ", ".join(silent)
    denominator = known["denominator"].sum()
    value = quotient(Fraction(mass), Fraction(denominator)) if denominator else None
    return None, book, name, mass, denominator, value, "", ""


EMPTY_TERRITORY: Final = pl.DataFrame(schema={**TERRITORY_SCHEMA, MEMBER: pl.String})
EMPTY_EFFECTS: Final = pl.DataFrame(schema={**EFFECT_SCHEMA, MEMBER: pl.String})
