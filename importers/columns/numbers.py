"""Numbers written by people and programs: which sign is the decimal point, decided from a whole column.

`1.234` is 1234 in German and 1.234 in English, and no single value can say which. So the format belongs to
the column, and every value is asked:

    survey       counts what can be read with a decimal comma, with a decimal point, or with both
    decide       chooses the only reading that is left, or says `Ambiguous`: nothing is guessed
    to_decimal   reads the text as DECIMAL(19,6); what does not fit the format is null, never a near number

What a number may look like, with decimal comma (mirrored for the decimal point):

    12   12,5   ,5   1.234,56   1'234,56   1 234,56   −12,5   12,5-   1,2E+05      blanks around it
    not: 1.23,4   1,2,3   (12,5)   12,5 kWh   #VALUE!   0.123 (no group begins with zero)   1,
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Final

import polars as pl

from bilanz.issues import Issue
from bilanz.records import QUANTITY

BLANKS: Final = " \t\u00a0\u2007\u2009\u202f"
"""Spaces met around numbers and between groups: ordinary, tab, no-break, figure, thin, narrow no-break."""

_GROUPS: Final = {",": ".'\u2019" + BLANKS, ".": ",'\u2019" + BLANKS}
_EXACT: Final = pl.Decimal(38, 18)
_PLACES: Final = 6
_LIMIT: Final = Decimal(10) ** 13  # DECIMAL(19,6) holds less than this
_PLAIN: Final = {",": "^-?[0-9]+(?:,[0-9]+)?$", ".": r"^-?[0-9]+(?:\.[0-9]+)?$"}


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """How the numbers of one column are written.

    Attributes:
        decimal: "," or ".".
        group: the signs that may separate groups of three digits; "" where none may.
        is_plain: no value needs more than its decimal sign replaced (known from a survey; speed only).
    """

    decimal: str
    group: str = ""
    is_plain: bool = field(default=False, compare=False)

    @property
    def label(self) -> str:
        """The format as an example: `1.234,56`."""
        return f"1{self.group[:1]}234{self.decimal}56"


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Nothing in the column decides between the candidates, or its values contradict each other.

    Attributes:
        candidates: labels of the formats in question, e.g. `("1.234,56", "1,234.56")`.
        code: the issue to raise, "ambiguous_number" or "ambiguous_date".
    """

    candidates: tuple[str, ...]
    code: str = "ambiguous_number"

    def issue(self, column: str, *, row: int | None = None, value: str | None = None) -> Issue:
        """Return the issue of a column that is refused until its format is declared."""
        return Issue(self.code, row, column, value, {"candidates": " / ".join(self.candidates)})


_UNDECIDED: Final = Ambiguous(("1.234,56", "1,234.56"))


def parse_declared(declared: str) -> NumberFormat | None:
    """Read a declared format: `1.234,56`, `1,234.56`, `1'234.56`, `1 234,56`, `1234,56`; None: it is none."""
    found = re.fullmatch(f"1([.,'\u2019{BLANKS}]?)234([.,])56", declared.strip())
    if found is None or found[1] == found[2]:
        return None
    families = ("'\u2019", BLANKS, found[1])
    group = next((family for family in families if found[1] in family), "") if found[1] else ""
    return NumberFormat(found[2], group)


@cache
def _grammar(decimal: str, group: str) -> str:
    """Return one format as a regular expression, the same for Python and polars."""
    point = re.escape(decimal)
    runs = "|".join(f"(?:{re.escape(sign)}[0-9]{{3}})+" for sign in group)
    grouped = f"|[1-9][0-9]{{0,2}}(?:{runs})" if runs else ""
    core = f"(?:(?:[0-9]+{grouped})(?:{point}[0-9]+)?|{point}[0-9]+)"
    scientific = f"[0-9]+(?:{point}[0-9]+)?[eE][-+]?[0-9]{{1,2}}"
    return f"^[{BLANKS}]*(?:[-+−]?(?:{core}|{scientific})|{core}[-−])[{BLANKS}]*$"


def _readable(column: pl.Expr, decimal: str, group: str | None = None) -> pl.Expr:
    pattern = _grammar(decimal, _GROUPS[decimal] if group is None else group)
    return column.str.contains(pattern).fill_null(value=False)


def is_blank(column: pl.Expr) -> pl.Expr:
    """Return whether a cell is missing: null, empty or nothing but blanks. Missing is not zero."""
    return column.is_null() | (column.str.strip_chars(BLANKS) == "")


def survey(column: pl.Expr, weight: pl.Expr | None = None) -> pl.Expr:
    """Count what the values of a text column can be: one struct of counts, streaming-safe, additive.

    Fields (UInt32): `values` (cells that are not blank), `comma` and `point` (readable with that decimal
    sign only: the proofs), `open` (readable with both, as different numbers: `1.234`), `plain` (digits with
    one sign among them, or none), `commas` and `points` (cells that hold the sign). `weight`: how many cells
    each text stands for.
    """
    comma, point = _readable(column, ","), _readable(column, ".")
    commas = column.str.contains(",", literal=True).fill_null(value=False)
    points = column.str.contains(".", literal=True).fill_null(value=False)
    plain = column.str.contains("^-?[0-9]+(?:[.,][0-9]+)?$").fill_null(value=False)
    cells = {
        "values": ~is_blank(column),
        "comma": comma & ~point,
        "point": point & ~comma,
        "open": comma & point & (commas | points),
        "plain": plain,
        "commas": commas,
        "points": points,
    }
    return pl.struct(*(counted(which, weight).alias(name) for name, which in cells.items()))


def counted(which: pl.Expr, weight: pl.Expr | None) -> pl.Expr:
    """Return how many cells are meant, each text standing for as many as its weight says."""
    return which.sum() if weight is None else weight.filter(which).sum()


def survey_series(column: pl.Series) -> dict[str, int]:
    """Survey a text series; each text is looked at once, however often a meter repeats it."""
    texts = column.to_frame("x").group_by("x").len()
    return dict(texts.select(survey(pl.col("x"), pl.col("len")).alias("s")).item())


def decide(counts: Mapping[str, int], declared: str | None = None) -> NumberFormat | Ambiguous:
    """Choose the format of a column from the survey of *all* its values, or say that nothing decides.

    A value readable in one way only is a proof. Where values prove both signs, each has just the one
    reading left and the rarer kind becomes `not_a_number`; but if any value could be read both ways, or
    neither kind is rarer, the column is ambiguous. A declared format is taken as it is.
    """
    if declared is not None and (fixed := parse_declared(declared)) is not None:
        return fixed
    comma, point = counts["comma"], counts["point"]
    is_contradictory = comma > 0 and point > 0 and (counts["open"] > 0 or comma == point)
    is_undecided = comma == point == 0 and counts["open"] > 0
    if is_contradictory or is_undecided:
        return _UNDECIDED
    decimal = "," if comma > point else "."
    other = "points" if decimal == "," else "commas"
    is_plain = counts["plain"] == counts["values"] and not counts[other]
    return NumberFormat(decimal, _GROUPS[decimal], is_plain)


def decide_series(column: pl.Series, declared: str | None = None) -> NumberFormat | Ambiguous:
    """Choose the format of a text series that fits into memory; see `decide`."""
    return decide(survey_series(column), declared)


def _bare(column: pl.Expr, fmt: NumberFormat) -> pl.Expr:
    """Return the digits with a decimal point and a leading minus; null where the text is no number.

    A plain column is guarded too: polars would read `1.234` under a decimal comma as 1.234.
    """
    if fmt.is_plain:
        text = column.str.replace(fmt.decimal, ".", literal=True) if fmt.decimal == "," else column
        return pl.when(column.str.contains(_PLAIN[fmt.decimal])).then(text)
    group = re.escape(fmt.group.translate({ord(sign): None for sign in BLANKS}))
    text = column.str.replace_all(f"[+{group}{BLANKS}]", "").str.replace(fmt.decimal, ".", literal=True)
    text = text.str.replace("−", "-", literal=True).str.replace("^([^-]+)-$", "-$1")
    return pl.when(_readable(column, fmt.decimal, fmt.group)).then(text)


def to_decimal(column: pl.Expr, fmt: NumberFormat, scale: int = _PLACES) -> pl.Expr:
    """Read a text column as DECIMAL(19, scale), rounded half-even; null where blank or not a number.

    Tell the two apart with `is_blank`. A number of 10^13 and more (scale 6) is null as well.
    """
    return _bare(column, fmt).cast(pl.Decimal(QUANTITY.precision, scale), strict=False)


def read_series(column: pl.Series, fmt: NumberFormat) -> pl.Series:
    """Read a text series as `to_decimal` does; four times as fast where the column is plain."""
    text = _plain_text(column, fmt.decimal) if fmt.is_plain else None
    if text is None:
        return column.to_frame("x").select(to_decimal(pl.col("x"), fmt)).to_series()
    return text.cast(QUANTITY, strict=False)


@cache
def _signs(decimal: str) -> bytes:
    """Return what bytes.translate makes of a plain number: the decimal sign a point, what is foreign NUL."""
    kept = b"0123456789-"
    return bytes(sign if sign in kept else ord(".") if sign == ord(decimal) else 0 for sign in range(256))


def _plain_text(column: pl.Series, decimal: str) -> pl.Series | None:
    """Return a series with decimal points if it holds digits, minus and decimal signs only, else None.

    What such signs in a wrong order (`1-2`, `1,2,3`) say is left to the cast, which takes none of it. All
    texts lie in one piece of memory, so one pass over bytes looks at them and replaces the sign.
    """
    import pyarrow as pa

    array = column.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    valid, offsets, values = array.buffers()
    data = b"" if values is None else values.to_pybytes().translate(_signs(decimal))
    if b"\0" in data:
        return None
    if decimal == ".":
        return column
    return pl.Series(
        column.name,
        pa.LargeStringArray.from_buffers(len(array), offsets, pa.py_buffer(data), valid, -1, array.offset),
    )


def excess(column: pl.Expr, fmt: NumberFormat) -> pl.Expr:
    """Return read − written value as DECIMAL(38,18) where a number has more than six decimals, else null.

    Count it for the number of values that may have been rounded and sum it for the change of the total:
    the `rounded` issue. Digits beyond the eighteenth are not seen.
    """
    bare = _bare(column, fmt)
    long = pl.when(column.str.contains(rf"{re.escape(fmt.decimal)}[0-9]{{7}}|[0-9][eE]")).then(bare)
    difference = long.cast(QUANTITY, strict=False).cast(_EXACT) - long.cast(_EXACT, strict=False)
    return pl.when(difference != 0).then(difference)


def parse(text: str | None, fmt: NumberFormat) -> Decimal | None:
    """Read one text by the rules of `to_decimal`, but exactly (not rounded); None: blank or not a number."""
    if text is None or re.fullmatch(_grammar(fmt.decimal, fmt.group), text) is None:
        return None
    kept = {ord(sign): None for sign in fmt.group + BLANKS + "+"}
    scientific = "e" in text or "E" in text
    bare = text.strip(BLANKS) if scientific else text.translate(kept)
    bare = bare.replace(fmt.decimal, ".").replace("−", "-")
    value = Decimal(f"-{bare[:-1]}" if bare.endswith("-") else bare)
    return value if abs(value) < _LIMIT else None
