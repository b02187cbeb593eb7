import json
from collections.abc import Mapping
from decimal import Decimal

import polars as pl
import pytest
from bench.leaguecases import PARTS, files_of, frames_of, head_of, key, lines_of, use

from bilanz.league.signing import PUBLIC, SIGNATURE, SUMS, signed
from bilanz.league.verification import verify

LINES = lines_of(
    *(
        use(unit, activity, 123, source=f"{unit}-{activity}")
        for unit in ("hall", "pool")
        for activity in PARTS
    )
)
FRAMES = frames_of("town", LINES)


def verdict(frames: Mapping[str, pl.DataFrame]) -> dict[str, int]:
    """Return check → rows that do not come out, of a bundle signed as it is."""
    found = verify(files_of(head_of("town", FRAMES), frames))
    assert found.integrity.is_whole
    assert not found.is_good
    return {check.name: check.wrong for check in found.checks if check.wrong}


def changed(table: str, column: str, by: Decimal) -> dict[str, pl.DataFrame]:
    """Return the tables with one figure of a table changed."""
    frame = FRAMES[table]
    first = pl.int_range(pl.len()) == 0
    value = (
        pl.when(first).then((pl.col(column) + by).cast(frame.schema[column])).otherwise(column).alias(column)
    )
    return {**FRAMES, table: frame.with_columns(value)}


def test_a_bundle_is_good_and_every_row_comes_of_quantity_and_factor() -> None:
    found = verify(files_of(head_of("town", FRAMES), FRAMES))
    assert found.is_good
    assert {check.name for check in found.checks if check.rows} >= {
        "factors",
        "potentials",
        "controls",
        "ratios",
    }
    assert found.recomputed == {"bisko": (14, 14), "ghgp_location": (14, 14)}
    told = found.as_json()
    assert (told["member"], told["year"], told["altered"]) == ("town", 2024, [])


@pytest.mark.parametrize(
    ("table", "column", "check"),
    [
        ("balance", "consolidated_kg", "parts"),
        ("balance", "quantity", "factors"),
        ("factors", "value", "factors"),
        ("potentials", "value", "potentials"),
        ("controls", "lines", "controls"),
        ("controls", "eliminated_kg", "controls"),
        ("indicators", "numerator_kg", "numerators"),
        ("indicators", "denominator", "ratios"),
        ("indicators", "value", "ratios"),
        ("balance", "lines", "manifest"),
    ],
)
def test_a_figure_changed_before_it_was_signed_is_found(table: str, column: str, check: str) -> None:
    by = Decimal(1) if table != "factors" else Decimal("0.001")
    assert check in verdict(changed(table, column, by))


def test_a_row_of_fewer_places_than_said_is_found() -> None:
    head = head_of("town", FRAMES, smallest=2)
    found = verify(files_of(head, FRAMES))
    assert {check.name for check in found.checks if check.wrong} == {"places"}


@pytest.mark.parametrize(("table", "check"), [("controls", "controls"), ("indicators", "numerators")])
def test_a_row_that_stands_twice_is_found(table: str, check: str) -> None:
    assert verdict({**FRAMES, table: pl.concat([FRAMES[table], FRAMES[table].head(1)])})[check] == 2


def test_a_scope_without_control_sum_is_found() -> None:
    assert "controls" in verdict({**FRAMES, "controls": FRAMES["controls"].head(5)})


def test_a_run_whose_inputs_are_not_those_of_its_name_is_found() -> None:
    head = head_of("town", FRAMES)
    wrong = head.model_copy(update={"run": head.run | {"factor_release": "0" * 64}})
    found = verify(files_of(wrong, FRAMES))
    assert {check.name: check.first for check in found.checks if check.wrong} == {
        "manifest": "manifest_hash, run"
    }


@pytest.mark.parametrize("name", ["balance.csv", "manifest.json", "factors.csv"])
def test_a_bundle_that_cannot_be_read_says_which_file(name: str) -> None:
    files = files_of(head_of("town", FRAMES), FRAMES)
    found = verify({**files, name: b"nothing of it"})
    assert not found.is_good
    assert found.problem is not None
    assert name in str(found.problem)
    assert name in found.integrity.altered


def test_a_manifest_without_the_run_is_refused() -> None:
    files = files_of(head_of("town", FRAMES), FRAMES)
    told = json.loads(files["manifest.json"])
    del told["run"]["result_hash"]
    found = verify({**files, "manifest.json": json.dumps(told).encode()})
    assert found.problem is not None
    assert not found.is_good


def test_a_table_with_more_digits_than_it_can_hold_is_odd() -> None:
    """The digit is lost when it is read, so the sums agree; the bytes do not."""
    files = files_of(head_of("town", FRAMES), FRAMES)
    content = files["potentials.csv"].replace(b",27.9,", b",27.90,")
    assert content != files["potentials.csv"]
    plain = {name: told for name, told in files.items() if name not in {SUMS, SIGNATURE, PUBLIC}}
    found = verify(signed({**plain, "potentials.csv": content}, key()))
    assert found.odd == ("potentials",)
    assert not found.is_good
