"""Three scales of data quality, each by its own rule: BISKO Datengüte, the pedigree matrix, PCAF.

They ask different questions and are never merged:

    scale     of what                           weighted by          result
    BISKO     where final energy was read       energy               0 to 1, and a class
    pedigree  how far a figure fits its use     root of squares      95 % factor (GSD²) of one figure
    PCAF      how project emissions are known   outstanding amount   1 to 5

A table of proposals says which grade of one scale might stand for one of another. It is shown, never applied.

Weights, classes and factors are data with their standing (`factors/data/quality`); none is written here.
"""

import math
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Final

import polars as pl

from bilanz.errors import CatalogueError, Refused


class Standing(StrEnum):
    """How well a convention (no measured figure) is known. A report shows it beside what rests on it.

    `read`: in the source itself. `quoted`: in a text that quotes it. `unconfirmed`: the source was not at
    hand. `proposal`: of this program; nobody published it. `own`: of the data directory.
    """

    READ = "read"
    QUOTED = "quoted"
    UNCONFIRMED = "unconfirmed"
    PROPOSAL = "proposal"
    OWN = "own"


ORIGIN: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "edition": pl.String,
    "standing": pl.String,  # Standing
    "publisher": pl.String,
    "title": pl.String,
    "note": pl.String,
}
"""Where a convention comes from."""

_WEIGHT: Final = pl.Decimal(9, 6)

WEIGHT_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "grade": pl.String,  # A, B, C, D
    "weight": _WEIGHT,
    **ORIGIN,
}
CLASS_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "class": pl.String,
    "above": _WEIGHT,  # the index has to exceed it; null: the lowest class
    **ORIGIN,
}
PEDIGREE_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "indicator": pl.String,  # reliability, completeness, temporal, geographical, technological; basic
    "score": pl.Int32,  # 1 to 5; null: the basic factor
    "subject": pl.String,  # basic factor: of what; else null
    "factor": _WEIGHT,
    **ORIGIN,
}
PROPOSAL_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "scale": pl.String,
    "grade": pl.String,
    "other_scale": pl.String,
    "other_grade": pl.String,
    **ORIGIN,
}

GRADED_ENERGY_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "carrier": pl.String,
    "consumer": pl.String,
    "grade": pl.String,  # null: not graded, counts as the lowest and is listed
    "energy_kwh": pl.Decimal(38, 6),
}
INDEX_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "energy_kwh": pl.Decimal(38, 6),
    "ungraded_kwh": pl.Decimal(38, 6),
    "index": pl.Float64,  # of exact sums; null where there is no energy
    "class": pl.String,
}

LOWEST: Final = "D"
INDICATORS: Final = ("reliability", "completeness", "temporal", "geographical", "technological")
WORST_SCORE: Final = 5
BASIC: Final = "basic"
PCAF_SCORES: Final = (1, 2, 3, 4, 5)


def bisko(
    energy: pl.DataFrame, weights: pl.DataFrame, classes: pl.DataFrame, by: tuple[str, ...] = ()
) -> pl.DataFrame:
    """Return the Datengüte of final energy: DG = Σ(E · w) / ΣE, and its class.

    Shape: `GRADED_ENERGY_SCHEMA` in; one row per distinct `by` (one in all without) in `INDEX_SCHEMA`.
    Units: kWh in; the index from 0 to 1. Energy without a grade counts as D and stands in `ungraded_kwh`.
    Raises: Refused where a grade has no weight or an energy is negative.
    Source: BISKO as quoted; grades, weights and classes with their standing in `factors/data/quality`.
    """
    known = dict(weights.select("grade", "weight").iter_rows())
    strange = sorted(set(energy["grade"].drop_nulls()) - set(known))
    if strange:
        message = 'The data quality "{grade}" is not known. There are: {known}.'
        raise Refused(message, grade=strange[0], known=", ".join(sorted(known)))
    if energy.filter(pl.col("energy_kwh") < 0).height:
        raise Refused("Data quality is weighted with energy; a negative energy has no weight.")
    grade = pl.col("grade").fill_null(LOWEST)
    weighted = pl.col("energy_kwh").cast(pl.Float64) * grade.replace_strict(
        list(known), [float(weight) for weight in known.values()], return_dtype=pl.Float64
    )
    whole = pl.col("energy_kwh").sum()
    keys: list[pl.Expr] = [pl.col(name) for name in by] or [pl.lit(0).alias("_all")]
    sums = energy.group_by(keys, maintain_order=True).agg(
        whole.alias("energy_kwh"),
        pl.col("energy_kwh").filter(pl.col("grade").is_null()).sum().alias("ungraded_kwh"),
        pl.when(whole > 0).then(weighted.sum() / whole.cast(pl.Float64)).alias("index"),
    )
    told = sums.with_columns(_class(classes).alias("class"))
    return told.select(*by, *(pl.col(name).cast(kind) for name, kind in INDEX_SCHEMA.items()))


def _class(classes: pl.DataFrame) -> pl.Expr:
    """Return the class of an index: the first whose bound it exceeds; null for no index."""
    found = pl.lit(None, dtype=pl.String)
    for name, above in classes.sort("above", nulls_last=False).select("class", "above").iter_rows():
        reaches = pl.col("index").is_not_null() if above is None else pl.col("index") > float(above)
        found = pl.when(reaches).then(pl.lit(name)).otherwise(found)
    return found


def spread(scores: Mapping[str, int | None], pedigree: pl.DataFrame, subject: str) -> float:
    """Return GSD² of a figure: exp(√(ln²(U_basic) + Σ ln²(U_indicator))).

    The root already is the 95 % factor: the interval is [x / GSD², x · GSD²]. It is not multiplied by 1.96.

    Args:
        scores: indicator → 1 to 5; an indicator that is missing or None counts as 5.
        pedigree: `PEDIGREE_SCHEMA`.
        subject: what the basic factor is of.

    Raises:
        Refused: an indicator, a score or a subject that is not in the table.
    """
    strange = sorted(set(scores) - set(INDICATORS))
    if strange:
        message = 'The indicator "{name}" is not of the pedigree matrix: {known}.'
        raise Refused(message, name=strange[0], known=", ".join(INDICATORS))
    table = {
        (indicator, score, of): float(factor)
        for indicator, score, of, factor in pedigree.select(
            "indicator", "score", "subject", "factor"
        ).iter_rows()
    }
    wanted: list[tuple[str, int | None, str | None]] = [(BASIC, None, subject)]
    for name in INDICATORS:
        given = scores.get(name)
        wanted.append((name, WORST_SCORE if given is None else given, None))
    for key in wanted:
        if key not in table:
            message = 'The pedigree matrix has no factor for "{name}" ({score}).'
            raise Refused(message, name=key[2] or key[0], score="–" if key[1] is None else key[1])
    return math.exp(math.sqrt(sum(math.log(table[key]) ** 2 for key in wanted)))


def sigma(gsd2: float) -> float:
    """Return the standard deviation of the logarithm: ln(GSD²) / 2.

    Raises:
        Refused: it is below 1, which is no spread.
    """
    if not gsd2 >= 1:
        raise Refused("A 95 % factor is 1 or more, not {value}.", value=gsd2)
    return math.log(gsd2) / 2


def interval(value: Decimal, gsd2: float) -> tuple[float, float]:
    """Return the 95 % interval of a figure: [x / GSD², x · GSD²], the lower bound first."""
    sigma(gsd2)
    bounds = float(value) / gsd2, float(value) * gsd2
    return min(bounds), max(bounds)


def pcaf(projects: pl.DataFrame) -> tuple[Decimal | None, Decimal]:
    """Return (score weighted by outstanding amount, amount without a score) of projects.

    Shape: columns `outstanding` (decimal, one currency) and `score` (1 to 5, or null: not scored).
    The score is never weighted by tonnes; what has none is in no mean and is returned beside it.
    Raises: Refused for a score that is none of 1 to 5, or a negative amount.
    """
    scored = projects.filter(pl.col("score").is_not_null())
    if scored.filter(~pl.col("score").is_in(PCAF_SCORES)).height:
        raise Refused("A PCAF score is a whole number from 1 to 5.")
    if projects.filter(pl.col("outstanding") < 0).height:
        raise Refused("A PCAF score is weighted with the outstanding amount, which is not negative.")
    rest = projects.filter(pl.col("score").is_null())["outstanding"]
    whole = sum(scored["outstanding"], Decimal(0))
    product = sum(
        (amount * score for amount, score in scored.select("outstanding", "score").iter_rows()), Decimal(0)
    )
    return (product / whole if whole else None), sum(rest, Decimal(0))


def proposed(proposals: pl.DataFrame, scale: str, grade: str, other: str) -> str | None:
    """Return the grade of another scale proposed for one of a scale, or None: none is proposed.

    Raises:
        CatalogueError: the table proposes two.
    """
    found = proposals.filter(
        (pl.col("scale") == scale) & (pl.col("grade") == grade) & (pl.col("other_scale") == other)
    )["other_grade"]
    if found.len() > 1:
        raise CatalogueError('Two grades of "{other}" are proposed for {grade}.', other=other, grade=grade)
    return found[0] if found.len() else None
