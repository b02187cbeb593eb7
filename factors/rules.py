"""Rules that every table beside the factors shares: presence, codes, dates, decimals, nothing twice.

A rule is an expression that is true where the row is broken; see `factors.gate` for those of factors.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import Final

import polars as pl

from bilanz.factor import FACTOR_VALUE, Evidence
from factors import gate
from factors.table import Rule

REQUIRED: Final = "A value is required."
_REGION: Final = r"^(World|EU\d\d|[A-Z]{2}(-[A-Z0-9]{1,3})?)$"


def present(schema: Iterable[str], nullable: Collection[str]) -> Iterator[Rule]:
    """Yield one rule per column that must not be empty. What a third party says has no licence of its own."""
    own = pl.col("evidence") == Evidence.CUSTOM.value
    for name in schema:
        if name in ("publisher", "locator", "licence"):
            yield Rule(name, pl.col(name).is_null() & ~own, REQUIRED)
        elif name not in nullable:
            yield Rule(name, pl.col(name).is_null(), REQUIRED)


def closed(column: str, codes: Iterable[str], reason: str) -> Rule:
    """Return the rule that a column holds one of a few codes."""
    return Rule(column, ~pl.col(column).is_in(list(codes)), reason)


def described() -> Iterator[Rule]:
    """Yield the rules about evidence, region and edition."""
    yield closed("evidence", (kind.value for kind in Evidence), "Not a kind of evidence in use.")
    yield Rule("region", ~pl.col("region").str.contains(_REGION), "Expected an ISO 3166 code, EU27 or World.")
    edition = pl.col("edition").str.contains(r"^[a-z0-9_]+$")
    yield Rule("edition", ~edition, "Expected small letters, digits and underscores.")


def dated() -> Iterator[Rule]:
    """Yield the rules about an interval; where both ends are empty, it is undated."""
    start, end = gate.iso_date("valid_from"), gate.iso_date("valid_to")
    for name, read in (("valid_from", start), ("valid_to", end)):
        broken = pl.col(name).is_not_null() & read.is_null()
        yield Rule(name, broken, "A date such as 2024-01-01 is expected.")
    only_end = pl.col("valid_from").is_null() & pl.col("valid_to").is_not_null()
    yield Rule("valid_from", only_end | (start >= end), "A date before valid_to is expected.")


def whole_years() -> Rule:
    """Return the rule that an interval begins and ends with a year."""
    ends = pl.all_horizontal(pl.col(name).str.ends_with("-01-01") for name in ("valid_from", "valid_to"))
    return Rule("valid_from", ~ends, "Whole years are expected: from 1 January to 1 January.")


def whole_months() -> Rule:
    """Return the rule that an interval begins and ends with a month."""
    ends = pl.all_horizontal(pl.col(name).str.ends_with("-01") for name in ("valid_from", "valid_to"))
    return Rule("valid_from", ~ends, "Whole months are expected: from the first to the first of a month.")


def number(column: str) -> pl.Expr:
    """Return a text as a number, null where it is no plain decimal."""
    return pl.when(gate.decimal_text(column)).then(pl.col(column)).cast(FACTOR_VALUE)


def decimal(column: str) -> Rule:
    """Return the rule that a column is a plain decimal."""
    return Rule(column, ~gate.decimal_text(column), 'A plain decimal with a point is expected ("0.25").')


def distinct(column: str, key: Iterable[str]) -> Iterator[Rule]:
    """Yield the rules that neither an identifier nor what it says occurs twice."""
    yield Rule(column, pl.col(column).is_duplicated(), "The same identifier twice.")
    yield Rule(column, pl.struct(*key).is_duplicated(), "The same statement twice.")
    prefix = pl.concat_str("source", "edition", separator=":") + ":"
    yield Rule(column, ~pl.col(column).str.starts_with(prefix), "Must begin with source:edition:.")
