"""Monte Carlo: many draws of sums Σ x · a · m, each quantity `a` and each factor `m` lognormal with mean 1.

    data (meters, contracts) ──a──┐
                                  x in cells (book, line, factor) ──► × m of the factor ──► targets (totals)
    factors, once per draw ───m───┘

    σ² = ln(1 + (U / 196)²),  value = exp(σ · z − σ² / 2)         U: half width in percent; the mean stays 1

Data whose x stand in the same ratio over the cells are drawn as one weighted sum: a meter of twelve parts
costs one draw, not twelve. Data are drawn in single precision (off by 10⁻⁵ at most, where the noise of 10 000
draws is 10⁻²) and added up in double, in fixed order. Every block of data and every factor has a seed of its
own, from what it is: the outcome depends neither on the number of threads nor on what else is drawn.
"""

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Indices = NDArray[np.int64]

PER_HALF_WIDTH: Final = 196.0
"""Half width in percent / this = standard deviation of a value with mean 1 (1.96 of them: the half width)."""

CHUNK: Final = 2_000
"""Draws held at once: cells × this × 8 bytes is what sampling needs."""

BLOCK: Final = 64
"""Data drawn by one call: small enough for the cache of a processor."""

_DATA, _FACTOR = 1, 2


@dataclass(frozen=True, slots=True)
class Group:
    """Data whose amounts stand in the same ratio over the cells.

    Attributes:
        seed: tells this group's draws from others'; from the names of its data.
        cells: where the amounts are.
        ratios: amount in each cell per unit of weight.
        weights: one per datum.
        sigmas: standard deviation of the logarithm, one per datum.
    """

    seed: int
    cells: Indices
    ratios: Numbers
    weights: Numbers
    sigmas: Numbers


@dataclass(frozen=True, slots=True)
class Cells:
    """Where data meet factors.

    Attributes:
        factors: name of the factor of each cell; equal names are drawn once.
        sigmas: standard deviation of the logarithm, one per cell.
    """

    factors: Sequence[str]
    sigmas: Numbers


@dataclass(frozen=True, slots=True)
class Target:
    """A sum over cells; `signs` is −1 for what is taken off."""

    cells: Indices
    signs: Numbers


def sigma(half_width: Numbers) -> Numbers:
    """Return the standard deviation of the logarithm of values with mean 1 and half widths in percent."""
    return np.sqrt(np.log1p(np.square(half_width / PER_HALF_WIDTH)))


def seed_of(*names: object) -> int:
    """Return a number for names: the same on every machine."""
    text = "\x1f".join(str(name) for name in names)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def sampled(
    groups: Sequence[Group],
    cells: Cells,
    targets: Sequence[Target],
    *,
    draws: int,
    seed: int,
    threads: int = 2,
) -> Numbers:
    """Return the draws of every target.

    Shape: (targets, draws). Units: those of the ratios times the weights.
    """
    found = np.empty((len(targets), draws))
    with ThreadPoolExecutor(max_workers=threads) as pool:
        for number, start in enumerate(range(0, draws, CHUNK)):
            width = min(CHUNK, draws - start)
            drawn = _quantities(groups, len(cells.factors), (seed, number), width, pool)
            drawn *= _multipliers(cells, (seed, number), width)
            for row, target in enumerate(targets):
                found[row, start : start + width] = np.einsum("c,cd->d", target.signs, drawn[target.cells])
    return found


def _quantities(
    groups: Sequence[Group], cells: int, place: tuple[int, int], width: int, pool: ThreadPoolExecutor
) -> Numbers:
    """Return what data add up to in every cell, before their factors: (cells, width)."""
    found = np.zeros((cells, width))
    parts = list(_blocks(groups))
    sums = pool.map(lambda part: _block(*part, place=place, width=width), parts)
    for (group, _), drawn in zip(parts, sums, strict=True):  # in order: sums of floats depend on it
        found[group.cells] += group.ratios[:, None] * drawn
    return found


def _blocks(groups: Sequence[Group]) -> Iterator[tuple[Group, int]]:
    for group in groups:
        yield from ((group, start) for start in range(0, len(group.weights), BLOCK))


def _block(group: Group, start: int, *, place: tuple[int, int], width: int) -> Numbers:
    """Return the weighted sum of the draws of up to `BLOCK` data."""
    part = slice(start, start + BLOCK)
    sigmas = group.sigmas[part].astype(np.float32)[:, None]
    # the mean of the lognormal goes into the weight: one pass less over the draws
    weights = group.weights[part] * np.exp(-np.square(group.sigmas[part]) / 2)
    rng = np.random.default_rng([_DATA, *place, group.seed, start])
    drawn = rng.standard_normal((len(weights), width), dtype=np.float32)
    drawn *= sigmas
    np.exp(drawn, out=drawn)
    found: NDArray[np.float32] = np.einsum("s,sd->d", weights.astype(np.float32), drawn)
    return found.astype(np.float64)


def _multipliers(cells: Cells, place: tuple[int, int], width: int) -> Numbers:
    """Return the draws of the factor of every cell: (cells, width); the same name has the same normal."""
    rows: dict[str, list[int]] = {}
    for row, name in enumerate(cells.factors):
        rows.setdefault(name, []).append(row)
    found = np.empty((len(cells.factors), width))
    for name, held in rows.items():
        normal = np.random.default_rng([_FACTOR, *place, seed_of(name)]).standard_normal(width)
        spread = cells.sigmas[held][:, None]
        found[held] = np.exp(spread * normal - np.square(spread) / 2)
    return found
