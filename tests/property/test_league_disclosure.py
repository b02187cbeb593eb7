"""What is published never determines a quantity of fewer places than asked, by exact linear algebra."""

from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from typing import Any

import exactly
import polars as pl
from bench.leaguecases import BOOKS, lines_of, use
from hypothesis import given, settings
from hypothesis import strategies as st

from bilanz.league.bundle import MEASURES, PARTS
from bilanz.league.grain import joined, solvable

TIMES = {"natural_gas": "1", "electricity": "1.5", "district_heat": "2"}
"""Activity → factor of the second book by that of the first."""

CELLS = st.lists(
    st.tuples(
        st.sampled_from(("hall", "school")),
        st.sampled_from(sorted(TIMES)),
        st.integers(1, 5),  # places
        st.integers(0, 2),  # of them with a contract of their own: in the second book another factor
        st.sampled_from((0, 0, 0, 1, 5)),  # of them that buy within the city: taken off
        st.integers(0, 2),  # number of the first place
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda one: one[:2],
)


def uses_of(cells: list[tuple[str, str, int, int, int, int]]) -> list[tuple[str, str, int, int, bool, bool]]:
    return [
        (unit, activity, first + place, 1000 + 7 * place, place < green, place >= places - inside)
        for unit, activity, places, green, inside, first in cells
        for place in range(places)
    ]


def made(uses: list[tuple[str, str, int, int, bool, bool]], *, is_plain: bool) -> pl.DataFrame:
    """Return lines; places are sites with one source an activity."""
    parts = []
    for unit, activity, number, quantity, is_green, is_inside in uses:
        lines = lines_of(use(unit, activity, quantity, source=f"{unit}-{activity}-{number}", months=(1,)))
        is_second = pl.col("book") == BOOKS[1]
        times = Decimal(TIMES[activity]) * (Decimal("0.25") if is_green and not is_plain else 1)
        name = f"case:{activity}" + (":green" if is_green and not is_plain else "")
        gone = is_inside and not is_plain
        nothing = pl.col("co2e_kg") - pl.col("co2e_kg")
        changed = lines.with_columns(
            *(
                pl.when(is_second)
                .then(pl.col(each) * pl.lit(times))
                .otherwise(each)
                .cast(lines.schema[each])
                .alias(each)
                for each in ("mass_kg", "co2e_kg")
            ),
            factor_id=pl.when(is_second).then(pl.lit(name)).otherwise("factor_id"),
            site=pl.lit(f"{unit}-{number}"),
        )
        parts.append(
            changed.with_columns(
                outside_kg=nothing,
                minority_kg=nothing,
                eliminated_kg=pl.col("co2e_kg") if gone else nothing,
                consolidated_kg=nothing if gone else pl.col("co2e_kg"),
            )
        )
    return pl.concat(parts)


def row_of(rows: list[dict[str, Any]], line: dict[str, Any]) -> int:
    """Return the published row a line is in: of its organisation, else of all, else of its scope."""
    for names in (("organisation", "activity"), ("activity",), ()):
        held = [
            number
            for number, row in enumerate(rows)
            if (row["book"], row["scope"]) == (line["book"], line["scope"])
            and all(row[name] == line[name] for name in names)
            and all(row[name] is None for name in {"organisation", "activity"} - set(names))
            and all(row[name] in {None, line[name]} for name in ("category", "gas", "chain", "factor_id"))
        ]
        if held:
            assert len(held) == 1
            return held[0]
    raise AssertionError(line)


def equations(lines: pl.DataFrame, rows: list[dict[str, Any]] | None) -> list[exactly.Equation]:
    """Return what rows say of the quantity of each source; without rows: what control sums say."""
    found: dict[Any, dict[str, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    for line in lines.iter_rows(named=True):
        at = (line["book"], line["scope"]) if rows is None else row_of(rows, line)
        for name in PARTS:
            found[at, name][line["source"]] += Fraction(line[name]) / Fraction(line["quantity"])
        row = None if rows is None else rows[at]
        if row is not None and row["quantity"] is not None:
            found[at, "quantity"][line["source"]] += 1
        if row is not None and row["lead_quantity"] is not None and line["is_lead"]:
            found[at, "lead"][line["source"]] += 1
    return list(found.values())


@given(cells=CELLS, smallest=st.integers(2, 3), is_plain=st.booleans())
@settings(max_examples=100, deadline=None)
def test_rows_tell_of_few_places_what_control_sums_tell_and_nothing_else(
    *, cells: list[tuple[str, str, int, int, int, int]], smallest: int, is_plain: bool
) -> None:
    lines = made(uses_of(cells), is_plain=is_plain)
    rows = joined(lines, smallest)
    place_of = dict(lines.select("source", "site").iter_rows())
    published, controls = equations(lines, rows.to_dicts()), equations(lines, None)
    few = exactly.sets(place_of.values(), smallest)
    anyway = {places: exactly.told(controls, place_of, places) for places in few}
    for places in few:
        assert exactly.told(published, place_of, places) == anyway[places], places
    assert bool(solvable(lines, smallest)) == any(anyway.values())
    for name in MEASURES:
        assert rows[name].sum() == lines[name].sum()
    assert rows["lines"].sum() == lines.height
