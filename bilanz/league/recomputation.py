"""What of a bundle can be calculated again from the bundle alone, and whether it comes out.

    quantity × factor          = mass of the gas, or CO2e as published      rows that say so
    mass × potential           = CO2e                                       rows with a mass
    outside + minority + eliminated + consolidated = CO2e                   every row
    Σ rows                     = control sums                               every book and scope, once
    Σ scopes 1 to 3            = numerator; numerator / denominator = ratio
    hash of the manifest       = the run's name

A row is the sum of lines that were rounded to 12 decimals each: products may differ by a unit of the last
decimal for each line; sums may not differ at all. Every check takes many bundles at once: tables carry the
column `member`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

import polars as pl

from bilanz.errors import Refused
from bilanz.league.bundle import MEASURES, PARTS, Head
from bilanz.league.products import MEMBER, comes_out, gap, leeway, products
from bilanz.league.table import known_sum
from bilanz.manifest import RUN_DIGITS, given, manifest_hash

COUNTED: Final = ("1", "2", "3")

_PLACES: Final = 6


@dataclass(frozen=True, slots=True)
class Check:
    """One check of one bundle. `rows`: looked at; `wrong`: that do not come out; `first`: one of them."""

    member: str
    name: str
    rows: int
    wrong: int
    first: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return it for other programs."""
        return {"name": self.name, "rows": self.rows, "wrong": self.wrong, "first": self.first}


def checks(tables: Mapping[str, pl.DataFrame], heads: Mapping[str, Head]) -> list[Check]:
    """Return every check of every bundle.

    Args:
        tables: name → rows of all bundles, with `member`.
        heads: member → head.
    """
    balance = tables["balance"]
    found = [
        *by_member("parts", _parts(balance), heads),
        *by_member("factors", _factors(tables), heads),
        *by_member("potentials", _potentials(balance, tables["potentials"]), heads),
        *by_member("controls", _controls(balance, tables["controls"]), heads),
        *by_member("numerators", _numerators(balance, tables["indicators"]), heads),
        *by_member("ratios", _ratios(tables["indicators"]), heads),
        *by_member("names", _names(tables), heads),
        *by_member("places", _places(balance, heads), heads),
        *_manifests(balance, heads),
    ]
    return sorted(found, key=lambda check: (check.member, check.name))


def refuse(found: Sequence[Check]) -> None:
    """Raise where something does not come out.

    Raises:
        Refused: names members and what is wrong.
    """
    wrong = [each for each in found if each.wrong]
    if wrong:
        told = "; ".join(f"{each.member}: {each.name}, {each.wrong} ({each.first})" for each in wrong[:5])
        message = "What was published does not come out again: {found}. Nothing was added."
        raise Refused(message, code="bundle_wrong", found=told)


def by_member(name: str, rows: pl.DataFrame, heads: Mapping[str, Head]) -> Iterator[Check]:
    """Yield a check of each bundle out of rows with `member`, `is_right` and `label`."""
    wrong = ~pl.col("is_right")
    sums = rows.group_by(MEMBER).agg(
        rows=pl.len(), wrong=wrong.sum(), first=pl.col("label").filter(wrong).first().fill_null("")
    )
    found = {row[0]: row[1:] for row in sums.iter_rows()}
    for member in heads:
        yield Check(member, name, *found.get(member, (0, 0, "")))


def _label(*names: str) -> pl.Expr:
    return pl.concat_str([pl.col(name).fill_null("–") for name in names], separator=" · ").alias("label")


def checked(rows: pl.DataFrame, is_right: pl.Expr, *names: str) -> pl.DataFrame:
    """Return `member`, `is_right` and `label` of rows; what is unknown is not right."""
    return rows.select(MEMBER, is_right.fill_null(value=False).alias("is_right"), _label(*names))


def _sum_of(names: Sequence[str]) -> pl.Expr:
    return pl.sum_horizontal(*names, ignore_nulls=False)


def _parts(balance: pl.DataFrame) -> pl.DataFrame:
    is_right = _sum_of(PARTS).eq_missing(pl.col("co2e_kg"))
    return checked(balance, is_right, "book", "scope", "category", "activity")


def _factors(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    marked = tables["balance"].filter("is_recomputable")
    told = products(marked, tables["factors"], tables["potentials"], tables["conversions"])
    return checked(told, comes_out(), "book", "activity", "gas", "factor_id")


def _potentials(balance: pl.DataFrame, potentials: pl.DataFrame) -> pl.DataFrame:
    massive = balance.filter(pl.col("mass_kg").is_not_null())
    values = potentials.filter(pl.col("book").is_not_null()).select(MEMBER, "book", "gas", gwp_value="value")
    told = massive.join(values, on=[MEMBER, "book", "gas"], how="left")
    product = (pl.col("mass_kg") * pl.col("gwp_value")).round(12).cast(pl.Decimal(38, 12))
    told = told.with_columns(weighted=product)
    # The mass of each line was rounded before it was weighted: a unit of its last decimal, times the weight.
    room = leeway() * (pl.col("gwp_value").cast(pl.Decimal(38, 12)) + pl.lit(Decimal(1)))
    return checked(told, gap("weighted", "co2e_kg") <= room, "book", "activity", "gas")


def _controls(balance: pl.DataFrame, controls: pl.DataFrame) -> pl.DataFrame:
    keys = [MEMBER, "book", "scope"]
    measured = [known_sum(name) for name in MEASURES]
    several = pl.col("joined").str.contains("activities")
    sums = balance.group_by(keys).agg(
        *measured,
        pl.col("lines").sum(),
        pl.col("lines").filter(several).sum().alias("joined_lines"),
        pl.col("co2e_kg").filter(several).sum().alias("joined_kg"),
    )
    names = [*MEASURES, "lines", "joined_lines", "joined_kg"]
    met = controls.join(sums, on=keys, how="full", suffix="_found", coalesce=True)
    alike = pl.all_horizontal(pl.col(name).eq_missing(pl.col(f"{name}_found")) for name in names)
    is_there = pl.col("lines").is_not_null() & pl.col("lines_found").is_not_null()
    return checked(met, alike & is_there & _is_single(*keys), "book", "scope")


def _numerators(balance: pl.DataFrame, indicators: pl.DataFrame) -> pl.DataFrame:
    """Return whether numerators are the sums of scopes 1 to 3; without any figure there, there is none."""
    counted = balance.filter(pl.col("scope").is_in(COUNTED))
    sums = counted.group_by(MEMBER, "book").agg(known_sum("consolidated_kg").alias("found"))
    told = indicators.join(sums, on=[MEMBER, "book"], how="left")
    is_so = pl.col("found") == pl.col("numerator_kg")
    return checked(told, is_so & _is_single(MEMBER, "book", "indicator"), "book", "indicator")


def _is_single(*keys: str) -> pl.Expr:
    """Tell of each row whether no other has its keys: what stands twice would be added up twice."""
    return pl.struct(keys).is_unique()


def _ratios(indicators: pl.DataFrame) -> pl.DataFrame:
    told = indicators.filter(pl.col("denominator").is_not_null() | pl.col("value").is_not_null())
    columns = ["numerator_kg", "denominator", "value"]
    is_right = [_is_ratio(*row) for row in told.select(columns).iter_rows()]  # three a book: few
    found = told.with_columns(pl.Series("is_so", is_right, dtype=pl.Boolean))
    return checked(found, pl.col("is_so"), "book", "indicator")


def _is_ratio(numerator: Decimal, denominator: Decimal | None, value: Decimal | None) -> bool:
    if not denominator or value is None:
        return False
    return value == quotient(Fraction(numerator), Fraction(denominator))


def quotient(numerator: Fraction, denominator: Fraction) -> Decimal:
    """Return a ratio to six decimals, half-even."""
    return Decimal(round(numerator / denominator * 10**_PLACES)).scaleb(-_PLACES)


def _places(balance: pl.DataFrame, heads: Mapping[str, Head]) -> pl.DataFrame:
    """Return whether rows that were not joined have as many places behind them as the head says."""
    smallest = pl.DataFrame(
        [(member, head.grain.smallest) for member, head in heads.items()],
        schema={MEMBER: pl.String, "smallest": pl.Int64},
        orient="row",
    )
    plain = balance.filter(~pl.col("joined").str.contains("activities"), pl.col("co2e_kg").is_not_null())
    told = plain.join(smallest, on=MEMBER)
    return checked(told, pl.col("places") >= pl.col("smallest"), "book", "organisation", "activity")


def _names(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return whether the organisations and factors that rows name are told."""
    found = []
    for column, table in (("organisation", "organisations"), ("factor_id", "factors")):
        told = tables[table].select(MEMBER, column, is_told=pl.lit(value=True)).unique()
        named = tables["balance"].filter(pl.col(column).is_not_null()).select(MEMBER, column).unique()
        met = named.join(told, on=[MEMBER, column], how="left")
        found.append(checked(met, pl.col("is_told"), column))
    return pl.concat(found)


def _manifests(balance: pl.DataFrame, heads: Mapping[str, Head]) -> Iterator[Check]:
    sums = balance.group_by(MEMBER).agg(pl.col("lines").sum(), pl.len(), pl.col("book").unique())
    found = {member: facts for member, *facts in sums.iter_rows()}
    for member, head in heads.items():
        yield _manifest(member, head, *found.get(member, (0, 0, [])))


def _manifest(member: str, head: Head, lines: int, rows: int, books: Sequence[str]) -> Check:
    """Check that run and hash follow from the inputs, and that head and balance speak of the same."""
    pinned = head.manifest
    digest = manifest_hash(given(pinned), pinned.result_hash)
    facts = {
        "manifest_hash": pinned.manifest_hash == digest,
        "run": pinned.run == digest[:RUN_DIGITS],
        "year": pinned.year == head.year,
        "books": set(books) <= set(pinned.books),
        "lines": lines == head.grain.lines and rows == head.grain.rows,
    }
    wrong = [name for name, is_so in facts.items() if not is_so]
    return Check(member, "manifest", len(facts), len(wrong), ", ".join(wrong))


def coverage(balance: pl.DataFrame) -> dict[str, tuple[int, int]]:
    """Return book → (rows that come of quantity × factor, rows with kg CO2e)."""
    told = balance.filter(pl.col("co2e_kg").is_not_null())
    found = told.group_by("book").agg(pl.len(), pl.col("is_recomputable").sum().cast(pl.Int64)).sort("book")
    return {book: (marked, rows) for book, rows, marked in found.iter_rows()}
