"""Organisations that stand in two bundles: refused, unless it is declared what they are.

apart  two entities that happen to have one identifier
same   one entity under two names, or in two bundles: it counts in the first, its lines leave the second
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from bilanz.errors import Refused, UnknownName, UsageError
from bilanz.league.bundle import DENOMINATOR_SCHEMA
from bilanz.league.products import MEMBER

_NAMED: Final = 5

LEFT_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "organisation": pl.String,  # member/organisation
    "counted": pl.String,  # where it counts instead
    "book": pl.String,
    "scope": pl.String,
    "consolidated_kg": pl.Decimal(38, 12),
}


@dataclass(frozen=True, slots=True)
class Declared:
    """What is declared about organisations in two bundles.

    Attributes:
        apart: identifiers that are of different entities.
        same: `member/organisation` whose lines leave → where the entity counts.
    """

    apart: frozenset[str] = frozenset()
    same: tuple[tuple[str, str], ...] = ()


def declared(apart: Iterable[str], same: Iterable[str]) -> Declared:
    """Return the declarations of `--apart ID` and `--same COUNTED=LEFT`.

    Raises:
        UsageError: one is not of that form, an organisation leaves twice, or counts where it leaves.
    """
    pairs: list[tuple[str, str]] = []
    for entry in same:
        counted, separator, left = entry.partition("=")
        if not separator or "/" not in counted or "/" not in left or counted == left:
            raise UsageError('"{entry}" is not MEMBER/ORGANISATION=MEMBER/ORGANISATION.', entry=entry)
        pairs.append((left, counted))
    gone = [left for left, _ in pairs]
    for left, counted in pairs:
        if counted in gone or gone.count(left) > 1:
            name = counted if counted in gone else left
            message = (
                'Of "{name}" --same says that it leaves, and something else as well: it would count nowhere.'
            )
            raise UsageError(message, name=name)
    return Declared(frozenset(apart), tuple(pairs))


def check(organisations: pl.DataFrame, told: Declared) -> None:
    """Hold the organisations of all bundles against the declarations.

    Args:
        organisations: `organisation` with `member`.
        told: what is declared.

    Raises:
        UnknownName: a declaration names an organisation no bundle has.
        Refused: an identifier stands in two bundles and nothing is declared.
    """
    known = {f"{member}/{name}" for member, name in organisations.select(MEMBER, "organisation").iter_rows()}
    plain = set(organisations["organisation"])
    for name in [*told.apart, *(name for pair in told.same for name in pair)]:
        if name not in known | plain:
            raise UnknownName('No bundle has the organisation "{name}".', name=name)
    gone = [left for left, _ in told.same]
    qualified = pl.concat_str(MEMBER, pl.lit("/"), "organisation")
    open_ones = organisations.filter(~pl.col("organisation").is_in(list(told.apart)), ~qualified.is_in(gone))
    several = (
        open_ones.group_by("organisation").agg(pl.col(MEMBER).sort()).filter(pl.col(MEMBER).list.len() > 1)
    )
    if several.is_empty():
        return
    rows = several.sort("organisation").iter_rows()
    listed = [f"{name} ({', '.join(members[:_NAMED])})" for name, members in rows]
    message = (
        "{count} organisations stand in several bundles: {found}. Say with --same which of them counts, or "
        "with --apart that they are different ones. Nothing was added."
    )
    found = "; ".join(listed[:_NAMED]) + ("; …" if len(listed) > _NAMED else "")
    raise Refused(message, code="overlap", count=len(listed), found=found)


def left_out(
    tables: Mapping[str, pl.DataFrame], told: Declared
) -> tuple[dict[str, pl.DataFrame], pl.DataFrame]:
    """Return the tables without the lines of organisations that count elsewhere, and what was left out.

    Their deliveries leave as well: those of where they count are held against the other side.

    Its member is left without ratios: what is left of the sum does not go with figures of all of it.

    Shape: the tables as they are; `LEFT_SCHEMA`.

    Raises:
        Refused: lines of the member are joined, so that those of the organisation cannot be told apart.
    """
    found = [pl.DataFrame(schema=LEFT_SCHEMA)]
    changed = dict(tables)
    for left, counted in told.same:
        member, _, name = left.partition("/")
        of_member = pl.col(MEMBER) == member
        rows = changed["balance"].filter(of_member)
        if rows["organisation"].null_count():
            message = (
                'The lines of "{organisation}" cannot leave the bundle of {member}: some of its lines are '
                "joined. {member} has to publish with --smallest 1, or without the organisation."
            )
            raise Refused(message, code="overlap", organisation=name, member=member)
        found.append(_left(rows.filter(pl.col("organisation") == name), left, counted))
        changed["balance"] = changed["balance"].filter(~(of_member & (pl.col("organisation") == name)))
        changed["indicators"] = _without_ratios(changed["indicators"], member, name)
        is_taken = _is_taken(tables["balance"].filter(of_member))
        changed["deliveries"], changed["delivered"] = _deliveries(changed, left, counted, is_taken=is_taken)
    return changed, pl.concat(found)


def _is_taken(balance: pl.DataFrame) -> bool:
    """Tell whether anything is taken off within a member: of which seller, its bundle does not say."""
    return bool((balance["eliminated_kg"].fill_null(0) != 0).any())


def _deliveries(
    tables: Mapping[str, pl.DataFrame], left: str, counted: str, *, is_taken: bool
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return deliveries and their lines: those of what leaves are told by where it counts.

    Where something is taken off within the member it leaves, nobody can say what is left of what it sold.
    """
    own = pl.when(pl.col("side") == "seller").then("seller").otherwise("buyer")
    named = pl.concat_str(MEMBER, pl.lit("/"), own)
    deliveries, delivered = tables["deliveries"], tables["delivered"]
    kept = deliveries.filter(named != left)
    if not is_taken:
        return kept, delivered
    sold = kept.filter(named == counted, pl.col("side") == "seller").select(MEMBER, "lines").unique()
    met = delivered.join(
        sold.with_columns(is_sold=pl.lit(value=True)), on=[MEMBER, "lines"], how="left", maintain_order="left"
    )
    unknown = pl.when(pl.col("is_sold").is_null()).then("taken")
    return kept, met.with_columns(taken=unknown).drop("is_sold")


def _left(rows: pl.DataFrame, left: str, counted: str) -> pl.DataFrame:
    sums = rows.group_by("book", "scope").agg(pl.col("consolidated_kg").sum()).sort("book", "scope")
    named = sums.with_columns(organisation=pl.lit(left), counted=pl.lit(counted))
    return named.select(pl.col(column).cast(kind) for column, kind in LEFT_SCHEMA.items())


def _without_ratios(indicators: pl.DataFrame, member: str, name: str) -> pl.DataFrame:
    kept = pl.when(pl.col(MEMBER) != member)
    nothing = pl.lit(None, DENOMINATOR_SCHEMA["value"])
    return indicators.with_columns(
        kept.then("denominator").otherwise(nothing).alias("denominator"),
        kept.then("value").otherwise(nothing).alias("value"),
        kept.then("missing").otherwise(pl.lit(name)).alias("missing"),
    )
