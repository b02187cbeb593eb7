"""Cells of a file, series by series: what belongs together is looked at together.

    one block          it is all there
    series on end      most large files: a series is complete as soon as the next one begins
    series mixed       parts are put on disk by groups of series and read back group by group

So a file of any size needs the memory of a few blocks.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

import polars as pl

from importers.interval.cells import CELL_SCHEMA

T = TypeVar("T")
ROWS: Final = 2_000_000
"""Rows looked at together, about."""


def ahead(items: Iterator[T]) -> Iterator[T]:
    """Yield items while the next one is made in a thread of its own: two stages work at the same time."""
    with ThreadPoolExecutor(max_workers=1) as worker:
        coming = worker.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = worker.submit(next, items, None)
            yield item


class Scattered(Exception):
    """A series comes back after it was complete."""


def in_memory(frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Yield all cells as one frame."""
    yield pl.concat([pl.DataFrame(schema=CELL_SCHEMA), *frames])


def on_end(frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Yield frames of complete series, ascending; only the last series of a block is held back.

    Raises:
        Scattered: a series comes back, or series do not ascend.
    """
    held = pl.DataFrame(schema=CELL_SCHEMA)
    done = -1
    for frame in frames:
        both = pl.concat([held, frame]) if held.height else frame
        if both.is_empty():
            continue
        series = both["series"]
        if not series.is_sorted() or int(series[0]) <= done:
            raise Scattered
        start = int(series.search_sorted(series[-1], side="left"))
        if start:
            done = int(series[start - 1])
            yield both.head(start)
        held = both.slice(start)
    if held.height:
        yield held


def mixed(frames: Iterable[pl.DataFrame], directory: Path, *, blocks: float) -> Iterator[pl.DataFrame]:
    """Yield frames of complete series, ascending, by way of the disk.

    Args:
        frames: cells in any order.
        directory: for the parts; they are removed as they are read.
        blocks: how many frames to expect; with the first one it tells how many series fit into memory.
    """
    parts: dict[int, list[Path]] = {}
    per_part = 0
    for number, frame in enumerate(frames):
        if not per_part and frame.height:
            per_part = max(1, int(ROWS * frame["series"].n_unique() / (frame.height * max(1.0, blocks))))
        split = frame.with_columns(part=pl.col("series") // per_part)
        for (key,), piece in split.group_by("part", maintain_order=True):
            path = directory / f"cells-{key}-{number}.arrow"
            piece.drop("part").write_ipc(path, compression="lz4")
            parts.setdefault(int(str(key)), []).append(path)
    for key in sorted(parts):
        yield pl.concat([pl.read_ipc(path) for path in parts[key]])
        for path in parts[key]:
            path.unlink()
