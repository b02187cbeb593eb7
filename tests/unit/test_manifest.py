from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from bilanz.manifest import Inputs, frame_hash, manifest, result_hash
from bilanz.result import LINE_SCHEMA

GIVEN = Inputs(
    year=2024,
    region="DE",
    organisation=None,
    books=("bisko",),
    gwp="bisko: AR5",
    code_version="0.1.0",
    factor_release="f" * 64,
    book_hash="b" * 64,
    files=(("b", "x 1"), ("a", "x 1")),
    resolutions_hash="r" * 64,
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


@pytest.mark.parametrize(
    "other", [{"gwp": "bisko: AR6"}, {"region": "AT"}, {"organisation": "school"}, {"year": 2023}]
)
def test_the_manifest_hash_follows_every_input_and_not_the_clock(other: dict[str, Any]) -> None:
    first, second = manifest(lines("1"), GIVEN), manifest(lines("1"), GIVEN)
    assert first.manifest_hash == second.manifest_hash
    assert first.run == first.manifest_hash[:16]
    assert first.inputs == (("a", "x 1"), ("b", "x 1"))
    changed = manifest(lines("1"), replace(GIVEN, **other))
    assert changed.manifest_hash != first.manifest_hash
    assert changed.result_hash == first.result_hash
