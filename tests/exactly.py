"""Whether sums tell something of few places, in exact fractions: independent of the test in floats."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import combinations

Equation = Mapping[str, Fraction]
"""Unknown → weight."""


def rank(equations: Sequence[Equation], unknowns: Iterable[str]) -> int:
    """Return the rank of equations in some unknowns, by elimination."""
    rows = [dict(each) for each in equations]
    found = 0
    for name in unknowns:
        pivot = next((row for row in rows if row.get(name)), None)
        if pivot is None:
            continue
        rows.remove(pivot)
        found += 1
        for row in rows:
            if times := row.get(name, Fraction(0)) / pivot[name]:
                for other, weight in pivot.items():
                    row[other] = row.get(other, Fraction(0)) - times * weight
    return found


def told(equations: Sequence[Equation], place_of: Mapping[str, str], few: Iterable[str]) -> int:
    """Return how many independent combinations of equations speak of some places alone."""
    others = [name for name, place in place_of.items() if place not in set(few)]
    return rank(equations, place_of) - rank(equations, others)


def sets(places: Iterable[str], smallest: int) -> list[tuple[str, ...]]:
    """Return every set of fewer places than asked."""
    known = sorted(set(places))
    return [one for size in range(1, smallest) for one in combinations(known, size)]


def solved(equations: Sequence[Equation], right: Sequence[Fraction], name: str) -> Fraction | None:
    """Return an unknown of equations with their right sides; None: they do not tell it."""
    whole = [{**each, "=": value} for each, value in zip(equations, right, strict=True)]
    rows = [dict(each) for each in whole]
    others = sorted({key for row in rows for key in row} - {name, "="})
    for other in others:
        pivot = next((row for row in rows if row.get(other)), None)
        if pivot is None:
            continue
        rows.remove(pivot)
        for row in rows:
            times = row.get(other, Fraction(0)) / pivot[other]
            for key, weight in pivot.items():
                row[key] = row.get(key, Fraction(0)) - times * weight
    for row in rows:
        if row.get(name):
            return row.get("=", Fraction(0)) / row[name]
    return None
