"""Differences of catalogues and their hash, whatever the rows."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger import Ledger, factor, with_factors

from factors.base import Catalogue, catalogue
from factors.base import release as hash_of
from factors.changes import changes
from factors.releases import frames_of

values = st.integers(1, 10**9).map(lambda nano: nano * Decimal("0.000000001"))
rows = st.dictionaries(
    st.tuples(st.sampled_from("abc"), st.sampled_from(["CO2", "CH4"]), st.sampled_from(["2023", "2024"])),
    values,
    max_size=8,
)


def made(told: dict[tuple[str, str, str], Decimal]) -> Catalogue:
    return with_factors(
        [
            factor(
                "diesel", str(value), factor_id=f"own:{edition}:{name}", gas=gas, edition=edition, title=name
            )
            for (name, gas, edition), value in told.items()
        ],
        only=True,
    )


def cells(frame: pl.DataFrame, kind: str, *columns: str) -> list[tuple[Any, ...]]:
    return sorted(frame.filter(pl.col("kind") == kind).select("key", "gas", *columns).rows())


@settings(deadline=None)
@given(rows)
def test_a_catalogue_is_like_itself_in_any_order(told: dict[tuple[str, str, str], Decimal]) -> None:
    one = made(told)
    other = replace(one, factors=one.factors.reverse())
    assert changes(one, other).is_empty()
    assert hash_of(frames_of(one)) == hash_of(frames_of(other))


@settings(deadline=None)
@given(rows, rows)
def test_differences_lead_from_one_to_the_other_and_back(
    first: dict[tuple[str, str, str], Decimal], second: dict[tuple[str, str, str], Decimal]
) -> None:
    there, back = changes(made(first), made(second)), changes(made(second), made(first))
    assert cells(there, "changed", "old", "new") == cells(back, "changed", "new", "old")
    new = {key for key in second if key not in first}
    told = there.filter(pl.col("kind").is_in(["added", "new_edition"]))
    assert sorted(told["new"].cast(pl.Decimal(38, 18))) == sorted(second[key] for key in new)
    gone = there.filter(pl.col("kind") == "removed")
    assert sorted(gone["old"].cast(pl.Decimal(38, 18))) == sorted(
        first[key] for key in first if key not in second
    )
    is_alike = hash_of(frames_of(made(first))) == hash_of(frames_of(made(second)))
    assert is_alike == (first == second)


def balanced(known: Catalogue) -> str:
    """Return the hash of a balance that needs factors, properties, potentials and maps."""
    ledger = Ledger()
    june = (date(2024, 6, 1), date(2024, 7, 1))
    ledger.bill("meter", "electricity", "1000", *june)
    ledger.bill("gas", "natural_gas", "500", *june, basis="Hs")
    ledger.bill("truck", "diesel", "100", *june, unit="l")
    ledger.bill("shop", "purchase", "90", *june, unit="EUR", quality="spend", product_group="C26")
    return ledger.calculate(catalogue=known).manifest.manifest_hash


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6))
def test_the_order_of_rows_in_a_catalogue_moves_no_balance(seed: int) -> None:
    known = catalogue()
    mixed = {
        name: frame.sample(fraction=1, shuffle=True, seed=seed) for name, frame in frames_of(known).items()
    }
    assert balanced(replace(known, **mixed)) == balanced(known)
