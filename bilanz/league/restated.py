"""What a later bundle of a member changes against its earlier one, and which inputs differ."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import polars as pl

from bilanz.league.bundle import Bundle
from bilanz.result import MASS

DIFFERENCE_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "member": pl.String,
    "book": pl.String,
    "scope": pl.String,
    "before_kg": MASS,  # consolidated; null: the book or scope was not there
    "after_kg": MASS,
    "difference_kg": MASS,  # null: one of them was not there
    "run_before": pl.String,
    "run_after": pl.String,
    "causes": pl.String,  # inputs that differ, by comma: files, resolutions, factors, …
}

_INPUTS: Final = {
    "files": "inputs",
    "resolutions": "resolutions_hash",
    "factors": "factor_release",
    "books": "book_hash",
    "potentials": "gwp",
    "code": "code_version",
}
"""Code of an input → field of the manifest."""


def differences(before: Sequence[Bundle], after: Sequence[Bundle]) -> pl.DataFrame:
    """Return what changed for each member there is an earlier bundle of.

    Shape: `DIFFERENCE_SCHEMA`; rows whose figure is the same are left out.
    """
    known = {each.member: each for each in before}
    rows = [row for each in after if each.member in known for row in _of_member(known[each.member], each)]
    return pl.DataFrame(rows, schema=DIFFERENCE_SCHEMA, orient="row").sort("member", "book", "scope")


def _of_member(before: Bundle, after: Bundle) -> list[tuple[object, ...]]:
    old, new = _sums(before), _sums(after)
    one, other = before.head.manifest, after.head.manifest
    causes = [code for code, name in _INPUTS.items() if getattr(one, name) != getattr(other, name)]
    if not causes and one.result_hash == other.result_hash:
        causes = ["consolidation"]
    told = ", ".join(causes or ["boundary"])
    rows: list[tuple[object, ...]] = []
    for key in sorted(old.keys() | new.keys()):
        was, now = old.get(key), new.get(key)
        if was != now:
            change = None if was is None or now is None else now - was
            rows.append((after.member, *key, was, now, change, one.run, other.run, told))
    return rows


def _sums(bundle: Bundle) -> dict[tuple[str, str], Decimal]:
    controls = bundle.tables["controls"].select("book", "scope", "consolidated_kg")
    return {(book, scope): mass for book, scope, mass in controls.iter_rows()}
