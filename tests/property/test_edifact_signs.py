"""The same message in other signs, broken lines and needless releases: the same values."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bilanz.errors import FileRefused
from importers.base import ImportRequest, Workspace
from importers.formats.edifact import segments
from importers.mscons import Mscons

GOLDEN = Path(__file__).parents[1] / "golden" / "mscons" / "one_line.edi"
SEGMENTS = [(one.tag, one.elements) for one in segments(GOLDEN)]
SIGNS = st.permutations(list(":+?'*;!~|^&%")).map(lambda signs: (signs[0], signs[1], signs[2], signs[3]))


def written(signs: tuple[str, str, str, str], point: str, released: list[bool], width: int) -> str:
    """Return the message in other signs, some letters released, in lines of a width (0: none)."""
    component, element, release, end = signs
    choices = iter(released * 10_000)

    def text(value: str) -> str:
        value = value.replace(".", point) if value.replace(".", "").isdigit() else value
        return "".join(f"{release}{sign}" if sign in signs or next(choices) else sign for sign in value)

    body = "".join(
        element.join([tag, *(component.join(text(part) for part in parts) for parts in elements)]) + end
        for tag, elements in SEGMENTS
    )
    whole = f"UNA{component}{element}{point}{release} {end}{body}"
    return "\n".join(whole[i : i + width] for i in range(0, len(whole), width)) if width else whole


def values(path: Path, directory: Path) -> list[str]:
    result = Mscons().read(path, ImportRequest(), Workspace(directory, lambda: None))  # type: ignore[arg-type, return-value]
    result.check()
    assert result.readings is not None
    readings = pl.read_parquet(result.readings).drop("source_row")
    return [*map(str, readings.iter_rows()), *map(str, result.activities["quantity"])]


@settings(max_examples=25, deadline=None)
@given(
    SIGNS,
    st.sampled_from([".", ","]),
    st.lists(st.booleans(), min_size=1, max_size=7),
    st.sampled_from([0, 35, 80, 81]),
)
def test_signs_do_not_change_values(
    tmp_path_factory: pytest.TempPathFactory,
    signs: tuple[str, str, str, str],
    point: str,
    released: list[bool],
    width: int,
) -> None:
    path = tmp_path_factory.mktemp("signs") / "file.edi"
    path.write_text(written(signs, point, released, width), encoding="utf-8", newline="")
    assert values(path, path.parent) == values(GOLDEN, path.parent)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, GOLDEN.stat().st_size - 1), st.binary(min_size=0, max_size=6), st.integers(0, 40))
def test_a_damaged_message_is_read_or_refused_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, place: int, put: bytes, taken: int
) -> None:
    data = GOLDEN.read_bytes()
    path = tmp_path_factory.mktemp("damaged") / "file.edi"
    path.write_bytes(data[:place] + put + data[place + taken :])
    try:
        result = Mscons().read(path, ImportRequest(), Workspace(path.parent, lambda: None))  # type: ignore[arg-type, return-value]
    except FileRefused:
        return
    result.check()
