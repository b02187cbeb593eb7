"""What a league publishes of its consolidation: its own package, checked and signed like that of a member.

members.csv totals.csv groups.csv ratios.csv deliveries.csv mismatches.csv left_out.csv differences.csv
territory.csv, effects.csv       where members have them
manifest.json                    the bundles it was made of, by hash and key
"""

import json
from collections.abc import Mapping
from fractions import Fraction
from typing import Final, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, ValidationError

from bilanz.errors import Refused
from bilanz.league.across import ACROSS_SCHEMA
from bilanz.league.bundle import EFFECT_SCHEMA, HEAD, MEASURES, TERRITORY_SCHEMA, Types, check_format
from bilanz.league.comparability import MISMATCH_SCHEMA
from bilanz.league.consolidation import GROUP_SCHEMA, MEMBER_SCHEMA, RATIO_SCHEMA, TOTAL_SCHEMA, League
from bilanz.league.description import Subject
from bilanz.league.overlap import LEFT_SCHEMA, Declared
from bilanz.league.products import MEMBER
from bilanz.league.recomputation import COUNTED, Check, quotient
from bilanz.league.restated import DIFFERENCE_SCHEMA
from bilanz.league.table import broken, known_sum, of_csv

FORMAT: Final = "bilanz-league 2"
_NAME: Final = "bilanz-league "

SCHEMAS: Final[Mapping[str, Types]] = {
    "members": MEMBER_SCHEMA,
    "totals": TOTAL_SCHEMA,
    "groups": GROUP_SCHEMA,
    "ratios": RATIO_SCHEMA,
    "deliveries": ACROSS_SCHEMA,
    "mismatches": MISMATCH_SCHEMA,
    "left_out": LEFT_SCHEMA,
    "differences": DIFFERENCE_SCHEMA,
    "territory": {**TERRITORY_SCHEMA, MEMBER: pl.String},
    "effects": {**EFFECT_SCHEMA, MEMBER: pl.String},
}
_OPTIONAL: Final = ("territory", "effects")


class LeagueHead(BaseModel):
    """What the package of a league is (`manifest.json`). `bundles`: member → sha256 of its list of hashes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["bilanz-league 2"] = FORMAT
    league: str
    year: int
    published_at: str
    approach: str
    books: dict[str, str]
    bundles: dict[str, str]
    keys: dict[str, str]
    apart: list[str]
    same: dict[str, str]

    def as_bytes(self) -> bytes:
        """Return it as the file."""
        return (json.dumps(self.model_dump(), ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def head(found: League, told: Declared, *, league: str, published_at: str) -> LeagueHead:
    """Return the head of a consolidation. `published_at`: UTC, ISO 8601."""
    shared = found.common
    return LeagueHead(
        league=league,
        year=shared.year,
        published_at=published_at,
        approach=shared.approach,
        books={book: shared.potentials[book] for book in shared.books},
        bundles=dict(found.members.select(MEMBER, "bundle").iter_rows()),
        keys=dict(found.members.select(MEMBER, "fingerprint").iter_rows()),
        apart=sorted(told.apart),
        same=dict(told.same),
    )


def subject(told: LeagueHead, tables: Mapping[str, pl.DataFrame]) -> Subject:
    """Return what the package of a league is of."""
    return Subject(
        member=told.league,
        title=told.league,
        package=f"bilanz-league-{told.year}",
        year=told.year,
        issued=told.published_at,
        is_final="open" not in set(tables["members"]["state"]),
        head=told.as_bytes(),
        tables=frozenset(SCHEMAS),
    )


def frames(found: League) -> dict[str, pl.DataFrame]:
    """Return the tables of a consolidation that are published."""
    told = found.frames()
    return {name: told[name] for name in SCHEMAS if name not in _OPTIONAL or told[name].height}


def is_league(files: Mapping[str, bytes]) -> bool:
    """Tell whether files are those of a league."""
    try:
        told = json.loads(files.get(HEAD, b""))
    except (ValueError, RecursionError):
        return False
    return isinstance(told, dict) and str(told.get("format")).startswith(_NAME)


def read(files: Mapping[str, bytes]) -> tuple[LeagueHead, dict[str, pl.DataFrame]]:
    """Return head and tables of the package of a league.

    Raises:
        Refused: a file is missing or is not what it must be.
    """
    check_format(files[HEAD], FORMAT)
    try:
        told = LeagueHead.model_validate_json(files[HEAD])
    except ValidationError as error:
        raise broken(HEAD, str(error.errors()[0]["msg"])) from None
    found = {}
    for name, schema in SCHEMAS.items():
        path = f"{name}.csv"
        if path in files:
            found[name] = of_csv(files[path], schema, path)
        elif name not in _OPTIONAL:
            raise Refused("The bundle has no {file}.", code="bundle_broken", file=path)
    return told, found


def checks(told: LeagueHead, tables: Mapping[str, pl.DataFrame]) -> list[Check]:
    """Return whether the sums and ratios of a league come out of those of its members."""
    return [
        _check(told, "sums", _sums(tables["totals"])),
        _check(told, "parts", _parts(tables["totals"])),
        _check(told, "ratios", _ratios(tables["ratios"], _without_figure(told, tables["totals"]))),
        _check(told, "members", _members(told, tables["members"])),
    ]


def _check(told: LeagueHead, name: str, facts: dict[str, bool]) -> Check:
    wrong = [label for label, is_so in facts.items() if not is_so]
    return Check(told.league, name, len(facts), len(wrong), wrong[0] if wrong else "")


def _sums(totals: pl.DataFrame) -> dict[str, bool]:
    keys = ["book", "scope"]
    sums = [known_sum(name) for name in MEASURES]
    members = totals.filter(pl.col(MEMBER).is_not_null()).group_by(keys).agg(sums)
    league = totals.filter(pl.col(MEMBER).is_null()).select(*keys, *MEASURES)
    met = league.join(members, on=keys, how="full", suffix="_found", coalesce=True)
    alike = pl.all_horizontal(pl.col(name).eq_missing(pl.col(f"{name}_found")) for name in MEASURES)
    return {f"{book} · {scope}": is_so for book, scope, is_so in met.select(*keys, alike).iter_rows()}


def _parts(totals: pl.DataFrame) -> dict[str, bool]:
    is_so = pl.col("league_kg").eq_missing(pl.col("consolidated_kg") - pl.col("across_kg"))
    rows = totals.select(pl.col(MEMBER).fill_null("–"), "book", "scope", is_so=is_so).iter_rows()
    return {f"{member} · {book} · {scope}": is_right for member, book, scope, is_right in rows}


def _without_figure(told: LeagueHead, totals: pl.DataFrame) -> dict[str, set[str]]:
    """Return book → members without a figure in scopes 1 to 3 of it."""
    counted = totals.filter(pl.col("scope").is_in(COUNTED), pl.col("league_kg").is_not_null())
    known = dict(counted.drop_nulls(MEMBER).group_by("book").agg(pl.col(MEMBER).unique()).iter_rows())
    return {book: told.bundles.keys() - set(known.get(book, [])) for book in told.books}


def _ratios(ratios: pl.DataFrame, silent: Mapping[str, set[str]]) -> dict[str, bool]:
    """Return whether ratios of the league are numerator / denominator, and this the sum of its members'.

    There is none where a member has no figure in the book, and it is named.
    """
    found = {}
    league = pl.col(MEMBER).is_null()
    for row in ratios.filter(league).iter_rows(named=True):
        own = ratios.filter(~league, pl.col("book") == row["book"], pl.col("indicator") == row["indicator"])
        label = f"{row['book']} · {row['indicator']}"
        if row["denominator"] is None:
            found[label] = bool(row["missing"] or row["silent"]) or own.is_empty()
        else:
            is_sum = own["denominator"].sum() == row["denominator"] and not silent.get(row["book"])
            value = quotient(Fraction(row["numerator_kg"]), Fraction(row["denominator"]))
            found[label] = is_sum and value == row["value"]
    return found


def _members(told: LeagueHead, members: pl.DataFrame) -> dict[str, bool]:
    named = {
        member: (digest, key)
        for member, digest, key in members.select(MEMBER, "bundle", "fingerprint").iter_rows()
    }
    names = told.bundles.keys() | named.keys()
    return {name: named.get(name) == (told.bundles.get(name), told.keys.get(name)) for name in sorted(names)}
