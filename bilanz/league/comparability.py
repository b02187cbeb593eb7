"""What bundles have to share before they are added: year, approach and potentials; and what else differs.

Sums over two years, two ways to draw a boundary or two sets of potentials are no figures: refused. A book
that not all members have gets no sum of the league. All else that differs is listed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from bilanz.errors import Refused
from bilanz.league.bundle import Bundle

MISMATCH_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "kind": pl.String,  # a key of `KINDS`
    "subject": pl.String,  # a book, or empty
    "value": pl.String,
    "members": pl.String,  # by comma
    "count": pl.Int64,
}

KINDS: Final = {
    "books": "a book that not all members have",
    "rules": "rules of the books",
    "factors": "releases of factors",
    "state": "state of the period",
    "code": "version of the program",
}
"""What may differ and is listed → in words."""

_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class Common:
    """What all bundles share. `books`: those every member has; `potentials`: book → set."""

    year: int
    approach: str
    books: tuple[str, ...]
    potentials: dict[str, str]


def common(bundles: Sequence[Bundle]) -> Common:
    """Return what bundles share.

    Raises:
        Refused: year, approach or the potentials of a book differ; says what which members have.
    """
    year = year_of(bundles)
    message = "The bundles draw their boundaries differently: {found}."
    approach = _one(((each.head.approach, each.member) for each in bundles), message)
    books = sorted({book for each in bundles for book in each.head.books})
    sets: dict[str, str] = {}
    for book in books:
        message = "The bundles weight {book} with several sets of global warming potentials: {found}."
        told = (
            (each.head.potentials.get(book, ""), each.member) for each in bundles if book in each.head.books
        )
        sets[book] = _one(told, message, book=book)
    shared = tuple(book for book in books if all(book in each.head.books for each in bundles))
    return Common(year, approach, shared, sets)


def year_of(bundles: Sequence[Bundle]) -> int:
    """Return the year of bundles.

    Raises:
        Refused: they are of several; says which members have which.
    """
    told = ((str(each.head.year), each.member) for each in bundles)
    return int(_one(told, "The bundles are of several years: {found}."))


def _one(pairs: Iterable[tuple[str, str]], message: str, **facts: str) -> str:
    found: dict[str, list[str]] = {}
    for value, member in pairs:
        found.setdefault(value, []).append(member)
    if len(found) > 1:
        told = "; ".join(f"{value} ({_listed(members)})" for value, members in sorted(found.items()))
        raise Refused(message, code="not_comparable", found=told, **facts)
    return next(iter(found))


def _listed(members: Sequence[str]) -> str:
    ordered = sorted(members)
    return ", ".join(ordered[:_NAMED]) + (", …" if len(ordered) > _NAMED else "")


def mismatches(bundles: Sequence[Bundle]) -> pl.DataFrame:
    """Return what differs between bundles that may be added.

    Shape: `MISMATCH_SCHEMA`; one row for each value of what has several.
    """
    rows: list[tuple[str, str, str, str]] = []
    books = sorted({book for each in bundles for book in each.head.books})
    releases = _releases(bundles)
    for each in bundles:
        pinned, member = each.head.manifest, each.member
        rows += [("books", book, "missing", member) for book in books if book not in pinned.books]
        rows += [("books", book, "there", member) for book in books if book in pinned.books]
        rows.append(("rules", "", pinned.book_hash, member))
        rows.append(("factors", "", releases[pinned.factor_release], member))
        rows.append(("state", "", each.head.state.state, member))
        rows.append(("code", "", pinned.code_version, member))
    told = pl.DataFrame(rows, schema=["kind", "subject", "value", "member"], orient="row")
    several = pl.col("value").n_unique().over("kind", "subject") > 1
    named = pl.col("member").sort()
    found = (
        told.filter(several)
        .group_by("kind", "subject", "value")
        .agg(named.head(_NAMED).str.join(", ").alias("members"), pl.len().alias("count"))
    )
    return found.select(pl.col(name).cast(kind) for name, kind in MISMATCH_SCHEMA.items()).sort(
        "kind", "subject", "value"
    )


def _releases(bundles: Sequence[Bundle]) -> dict[str, str]:
    """Return hash of a release of factors → how it is told: names are free, what is in a release is not."""
    named: dict[str, set[str]] = {}
    for each in bundles:
        pinned = each.head.manifest
        named.setdefault(pinned.factor_release, set()).add(pinned.release_name or "")
    return {digest: " ".join([*sorted(names - {""}), digest]) for digest, names in named.items()}
