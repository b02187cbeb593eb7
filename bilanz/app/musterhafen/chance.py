"""Repeatable variation: the same keys give the same number on every machine.

Python's and polars' own hashes and generators may change between releases; demo files must not. So a small
integer recipe of our own is used, good enough to look irregular and unfit for anything else.
"""

from zlib import crc32

import polars as pl

_FIELDS = ((10_007, 4_273), (9_973, 3_571), (9_967, 6_121))
"""Primes, each with a factor far from 0 and from the prime, so that neighbours differ visibly."""


def share(*keys: object) -> float:
    """Return a number in [0, 1) that depends on the keys alone."""
    text = "\x1f".join(str(key) for key in keys)
    return crc32(text.encode()) / 2**32


def between(low: float, high: float, *keys: object) -> float:
    """Return a number in [low, high) that depends on the keys alone."""
    return low + (high - low) * share(*keys)


def noise(position: pl.Expr, seed: int) -> pl.Expr:
    """Return a column in [-1, 1) that depends on integer positions and a seed alone.

    Quadratic residues modulo three primes are added modulo one, which hides the period of each.
    """
    step = position.cast(pl.Int64) + seed * 7_919
    residues = [(step * step * factor + step * 31) % prime / prime for prime, factor in _FIELDS]
    return (residues[0] + residues[1] + residues[2]) % 1 * 2 - 1
