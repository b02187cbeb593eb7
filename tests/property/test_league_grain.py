"""Whatever is joined: no row rests on fewer places than asked, and nothing is lost."""

from decimal import Decimal

import polars as pl
from bench.leaguecases import PARTS, files_of, frames_of, head_of, lines_of, use
from hypothesis import given, settings
from hypothesis import strategies as st

from bilanz.league.bundle import MEASURES
from bilanz.league.grain import joined
from bilanz.league.verification import verify

USES = st.lists(
    st.tuples(
        st.sampled_from(("hall", "school", "pool", "works")),
        st.sampled_from(sorted(PARTS)),
        st.integers(0, 5),
        st.integers(1, 10**6),
    ),
    min_size=1,
    max_size=14,
)


def made(uses: list[tuple[str, str, int, int]]) -> pl.DataFrame:
    parts = [
        use(unit, activity, quantity, source=f"{unit}-{activity}-{number}", months=(1,))
        for unit, activity, number, quantity in uses
    ]
    return lines_of(*parts)


@given(USES, st.integers(1, 6))
@settings(max_examples=60)
def test_rows_have_enough_places_or_are_all_of_their_scope(
    uses: list[tuple[str, str, int, int]], smallest: int
) -> None:
    lines = made(uses)
    nothing = (pl.col("co2e_kg") - pl.col("co2e_kg")).alias
    parts = [nothing(name) for name in ("outside_kg", "minority_kg", "eliminated_kg")]
    told = lines.with_columns(*parts, consolidated_kg="co2e_kg")
    rows = joined(told, smallest)
    small = rows.filter(pl.col("places") < smallest)
    for book, scope in small.select("book", "scope").iter_rows():
        assert rows.filter(pl.col("book") == book, pl.col("scope") == scope).height == 1
        own = lines.filter(pl.col("book") == book, pl.col("scope") == scope)
        assert own.n_unique("source") < smallest
    for name in MEASURES:
        assert rows[name].sum() == told[name].sum()
    assert rows["lines"].sum() == lines.height


@given(USES, st.integers(1, 6))
@settings(max_examples=25)
def test_what_is_published_verifies_and_a_changed_mass_does_not(
    uses: list[tuple[str, str, int, int]], smallest: int
) -> None:
    frames = frames_of("town", made(uses), smallest=smallest)
    head = head_of("town", frames, smallest=smallest)
    assert verify(files_of(head, frames)).is_good
    first = pl.int_range(pl.len()) == 0
    changed = frames["balance"].with_columns(
        pl.when(first).then(pl.col(name) + Decimal("0.000001")).otherwise(pl.col(name)).alias(name)
        for name in ("co2e_kg", "consolidated_kg")
    )
    assert not verify(files_of(head, {**frames, "balance": changed})).is_good
