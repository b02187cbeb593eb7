from datetime import date
from decimal import Decimal

import polars as pl

from bilanz.manifest import Inputs, frame_hash, manifest, result_hash
from bilanz.result import LINE_SCHEMA

GIVEN = Inputs(
    2024, ("bisko",), "bisko: AR5", "0.1.0", "f" * 64, "b" * 64, (("b", "x 1"), ("a", "x 1")), "r" * 64
)


def lines(*masses: str) -> pl.DataFrame:
    rows = [{"book": "bisko", "month": date(2024, 1, 1), "co2e_kg": Decimal(mass)} for mass in masses]
    return pl.DataFrame(rows, schema=LINE_SCHEMA)


def test_the_order_of_lines_does_not_matter_and_a_digit_does() -> None:
    assert result_hash(lines("1", "2")) == result_hash(lines("2", "1"))
    assert result_hash(lines("1", "2")) != result_hash(lines("1", "2.000000000001"))


def test_absent_and_empty_differ() -> None:
    assert frame_hash(pl.DataFrame({"a": [None]}, schema={"a": pl.String})) != frame_hash(
        pl.DataFrame({"a": [""]})
    )


def test_the_manifest_hash_follows_every_input_and_not_the_clock() -> None:
    first, second = manifest(lines("1"), GIVEN), manifest(lines("1"), GIVEN)
    assert first.manifest_hash == second.manifest_hash
    assert first.run == first.manifest_hash[:16]
    assert first.inputs == (("a", "x 1"), ("b", "x 1"))
    other = Inputs(2024, ("bisko",), "bisko: AR6", "0.1.0", "f" * 64, "b" * 64, GIVEN.files, "r" * 64)
    changed = manifest(lines("1"), other)
    assert changed.manifest_hash != first.manifest_hash
    assert changed.result_hash == first.result_hash
