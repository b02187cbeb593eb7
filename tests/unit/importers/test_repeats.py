"""Whatever repeats or does not, the values are those of the function."""

from collections.abc import Sequence

import polars as pl
import pytest

from importers.interval import repeats
from importers.interval.repeats import Repeated

RUN = [f"t{number:05}" for number in range(1500)]


def number_of(texts: pl.Series) -> pl.Series:
    return texts.str.slice(1).cast(pl.Int64, strict=False)


def cut(texts: Sequence[str | None], size: int) -> list[pl.Series]:
    whole = pl.Series(texts, dtype=pl.String)
    return [whole.slice(place, size) for place in range(0, len(texts), size)]


@pytest.mark.parametrize("size", [700, 1500, 4000])
@pytest.mark.parametrize(
    "texts",
    [
        RUN * 6,
        RUN * 2 + RUN[:900] + RUN * 3,  # one series ends early
        [*RUN, "x", None, *RUN, *RUN[3:], *RUN * 4],
        RUN + RUN[::-1] + RUN * 3,
        [text for text in RUN[:40] for _ in range(200)],  # all series of one stamp, then of the next
        [None] * 5000,
        [],
    ],
)
def test_the_values_are_those_of_the_function(texts: list[str | None], size: int) -> None:
    reader = Repeated(number_of)
    found = [reader.read(part) for part in cut(texts, size)]
    assert [part.len() for part in found] == [part.len() for part in cut(texts, size)]
    values = [value for part in found for value in part]
    assert values == number_of(pl.Series(texts, dtype=pl.String)).to_list()


def test_what_repeats_is_read_once() -> None:
    read: list[int] = []

    def counting(texts: pl.Series) -> pl.Series:
        read.append(texts.len())
        return number_of(texts)

    reader = Repeated(counting)
    for part in cut(RUN * 20, 4000):
        reader.read(part)
    assert read == [4000]


def test_after_some_misses_nothing_is_compared_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeats, "_PATIENCE", 1)
    reader = Repeated(number_of)
    for part in [*cut(RUN * 2, 3000), *cut(RUN[::-1] * 2, 3000), *cut(RUN * 2, 3000)]:
        assert reader.read(part).to_list() == number_of(part).to_list()
