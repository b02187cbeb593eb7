"""Registers that count on → quantities between their readings; for message formats, APIs and meter CSV alike.

    rows (register, instant in UTC, what it showed, status, row)
            │ differences                                     one reading = one record of the file
            ▼
    POINT_SCHEMA (one row per pair of neighbouring readings)  ──► points.deliver ──► ImportResult

How to use it: number the registers as you number your `Facts` (`series` is the index into both), collect
their readings into a frame of `READING_SCHEMA`, call `differences(frame, titles, civil=…, findings=…)` and
hand the result to `importers.interval.points.deliver` with `read` = number of readings met in the file.
Then read = accepted + rejected + ignored holds, because every reading ends in exactly one of these:

    reading                                   becomes
    ----------------------------------------  ------------------------------------------------------------
    with an earlier one                       a quantity: what it counted since; period between the two
    the first of several                      ignored, `opening_reading` (one issue per register)
    the only one                              ignored, `single_reading`: says that the one before is needed
    same instant, same value again            ignored, `repeated_reading`
    same instant, another value later on      ignored, `restated_reading`: the later row counts
    lower than the one before                 rejected, `meter_reset`; the register is followed from there
    beside a fall that one odd reading made   rejected, `doubtful_reading`: see `_is_doubtful`
    quantity × factor not to be stored        rejected, `number_too_large`

Readings need no order and no regular distance. Instants are taken to the whole minute. Differences of a day
and more (and those off a grid) become activity records, shorter ones on a grid become readings: `deliver`
decides. A factor (transformer ratio) multiplies the differences exactly; none is applied unless the file
states one or the caller declares one (`declared_factor`).

Tariffs of one meter (1.8.1, 1.8.2) add up. Where they are read several times a day, give each its own source
(`M1 1.8.1`): the store knows a series by source, activity and direction, and would make them one.
"""

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final

import polars as pl

from bilanz import units
from bilanz.activity import folded
from bilanz.errors import FileRefused
from bilanz.issues import Issue
from bilanz.periods import local_iso
from bilanz.records import INSTANT, QUANTITY
from importers.interval.findings import LISTED, ROW, Findings
from importers.interval.points import POINT_SCHEMA
from importers.interval.scale import scaled

READING_SCHEMA: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "series": pl.Int32,  # register: index into the facts
    "instant": INSTANT,  # UTC, when it was read
    "reading": QUANTITY,  # what it showed, in its unit, before any factor
    "status": pl.Int8,  # STATUS_* of the reading
    ROW: pl.Int64,  # 1-based physical line; of a format without lines the number of the reading
}

FACTOR_NAMES: Final = frozenset({"factor", "faktor", "wandlerfaktor"})
UNIT_NAMES: Final = frozenset({"unit", "einheit"})
_COUNTED: Final = frozenset({"energy", "volume", "norm_volume", "standard_volume", "mass"})
_FACTOR: Final = re.compile(r"[0-9]{1,6}(?:[.,](?![0-9]{3}$)[0-9]{1,6})?")


def differences(
    readings: pl.DataFrame,
    titles: Sequence[str],
    *,
    civil: str,
    findings: Findings,
    factor: Fraction = Fraction(1),
) -> pl.DataFrame:
    """Return what each register counted between neighbouring readings.

    Args:
        readings: `READING_SCHEMA`, without nulls, in the order of the file: of two rows for one instant the
            later one counts.
        titles: what issues call a register, by its number.
        civil: IANA zone in which issues show instants.
        findings: takes issues and counts.
        factor: multiplies every difference.

    Shape: `POINT_SCHEMA`, by register and time; the row is that of the closing reading, and a difference is
    as good as the worse of its two readings.
    """
    minute = pl.col("instant").dt.truncate("1m").cast(INSTANT)
    rows = readings.select(*READING_SCHEMA).with_columns(minute)
    rows = rows.with_row_index("place").sort("series", "instant", "place")
    rows = _judged(_settled(rows, titles, civil, findings))
    _open(rows, titles, civil, findings)
    rows = rows.filter(~pl.col("is_first"))
    for code in ("meter_reset", "doubtful_reading"):
        _reject(rows.filter(pl.col("code") == code), code, titles, findings)
    return _points(rows.filter(pl.col("code").is_null()), titles, findings, factor)


def _settled(rows: pl.DataFrame, titles: Sequence[str], civil: str, findings: Findings) -> pl.DataFrame:
    """Keep the last reading of each instant; say which gave way."""
    same = (pl.col("series") == pl.col("series").shift(-1)) & (
        pl.col("instant") == pl.col("instant").shift(-1)
    )
    last = pl.struct("reading", later=ROW).last().over("series", "instant")
    rows = rows.with_columns(gives_way=same.fill_null(value=False), kept=last)
    given = rows.filter("gives_way")
    is_same = pl.col("reading") == pl.col("kept").struct.field("reading")
    for code, which in (("repeated_reading", is_same), ("restated_reading", ~is_same)):
        for (number,), part in given.filter(which).group_by("series", maintain_order=True):
            few = _shown(part, civil)
            findings.ignore(few, code, titles[int(str(number))])
    return rows.filter(~pl.col("gives_way")).drop("gives_way", "kept")


def _shown(part: pl.DataFrame, civil: str) -> pl.DataFrame:
    """Return what the issue of a reading that gave way says; instants as far as issues are listed."""
    at = [local_iso(civil, instant) for instant in part["instant"].head(LISTED)]
    at += [""] * (part.height - len(at))
    kept = pl.col("kept").struct
    parameters = pl.struct(
        pl.Series("instant", at, dtype=pl.String),
        kept.field("later").cast(pl.String),
        _without_zeros(kept.field("reading")).alias("taken"),
    )
    return part.select(ROW, _plain("reading").alias("value"), parameters.alias("parameters"))


def _judged(rows: pl.DataFrame) -> pl.DataFrame:
    """Add the reading before (value, instant, status), whether there is none, and `code` where refused."""

    def near(name: str, by: int) -> pl.Expr:
        return pl.col(name).shift(by).over("series")

    rows = rows.with_columns(
        opening=near("reading", 1),
        since=near("instant", 1),
        before=near("status", 1),
        is_first=near("reading", 1).is_null(),
        is_fall=(pl.col("reading") < near("reading", 1)).fill_null(value=False),
    )
    code = (
        pl.when("is_fall").then(pl.lit("meter_reset")).when(_is_doubtful()).then(pl.lit("doubtful_reading"))
    )
    return rows.with_columns(code=code)


def _is_doubtful() -> pl.Expr:
    """Return whether a rise stands beside a fall that vanishes when one odd reading is left out.

    100, 1120, 130: the second is odd, and 1020 would be counted. 100, 12, 140: again the second is odd, and
    128 would be. A meter that was changed does not come back: 9100, 5, 80.
    """
    shown = pl.col("reading")
    falls_next = pl.col("is_fall").shift(-1).over("series").fill_null(value=False)
    fell_before = pl.col("is_fall").shift(1).over("series").fill_null(value=False)
    is_spike = falls_next & (shown.shift(-1).over("series") >= pl.col("opening"))
    is_return = fell_before & (shown >= shown.shift(2).over("series"))
    return ((is_spike | is_return) & ~pl.col("is_fall")).fill_null(value=False)


def _open(rows: pl.DataFrame, titles: Sequence[str], civil: str, findings: Findings) -> None:
    """Ignore the first reading of each register; where it is the only one, say what is needed."""
    first = rows.with_columns(count=pl.len().over("series")).filter("is_first")
    chosen = first.select("series", ROW, "reading", "instant", "count")
    for number, row, reading, instant, count in chosen.iter_rows():
        parameters = {"instant": local_iso(civil, instant)}
        code = "single_reading" if count == 1 else "opening_reading"
        findings.ignored += 1
        findings.add(Issue(code, row, titles[number], f"{reading.normalize():f}", parameters))


def _reject(rows: pl.DataFrame, code: str, titles: Sequence[str], findings: Findings) -> None:
    for (number,), part in rows.group_by("series", maintain_order=True):
        few = part.select(
            ROW,
            _plain("reading").alias("value"),
            pl.struct(_plain("opening")).alias("parameters"),
        )
        findings.reject(few, code, titles[int(str(number))])


def _plain(column: str) -> pl.Expr:
    """Return a column of decimals as texts."""
    return _without_zeros(pl.col(column))


def _without_zeros(value: pl.Expr) -> pl.Expr:
    return value.cast(pl.String).str.strip_chars_end("0").str.strip_chars_end(".")


def _points(rows: pl.DataFrame, titles: Sequence[str], findings: Findings, factor: Fraction) -> pl.DataFrame:
    counted = rows.select(pl.col("reading") - pl.col("opening")).to_series().cast(QUANTITY)
    product = scaled(counted, factor)
    if product.rounded:
        parameters = {"count": str(product.rounded), "difference": product.difference}
        findings.add(Issue("rounded", parameters=parameters))
    length = (pl.col("instant") - pl.col("since")).dt.total_minutes().cast(pl.Int32)
    points = rows.with_columns(
        start=pl.col("since"),
        minutes=length,
        quantity=product.quantities,
        status=pl.max_horizontal("status", "before"),
    )
    for (number,), part in points.filter(pl.col("quantity").is_null()).group_by("series"):
        few = part.select(ROW, _plain("reading").alias("value"))
        findings.reject(few, "number_too_large", titles[int(str(number))])
    return points.filter(pl.col("quantity").is_not_null()).select(
        pl.col(name).cast(kind) for name, kind in POINT_SCHEMA.items()
    )


def declared_factor(declared: Mapping[str, str], findings: Findings) -> Fraction:
    """Return the factor the caller declared (`--declare factor=3`), said in an issue; 1 where none is.

    Raises:
        FileRefused: what was declared is no positive number, or one with three decimals (`1.000`).
    """
    text = _declared(declared, FACTOR_NAMES)
    if text is None:
        return Fraction(1)
    factor = Fraction(text.replace(",", ".")) if _FACTOR.fullmatch(text) else Fraction(0)
    if factor <= 0:
        message = (
            'The declared factor "{value}" is no positive number such as 3 or 2.5. Nothing was imported.'
        )
        raise FileRefused(message, code="invalid_factor", value=text)
    findings.add(Issue("factor_applied", value=text))
    return factor


def declared_unit(declared: Mapping[str, str]) -> str | None:
    """Return the canonical unit the caller declared for a file that states none (`--declare unit=kWh`).

    Raises:
        FileRefused: the unit is not on the whitelist.
    """
    text = _declared(declared, UNIT_NAMES)
    if text is None:
        return None
    found = units.find(text)
    if found is None:
        message = 'The declared unit "{value}" is not known; see `bilanz units`. Nothing was imported.'
        raise FileRefused(message, code="unknown_unit", value=text)
    return found.unit


def unit_refusal(unit: str | None) -> tuple[str, str | None, Mapping[str, str]] | None:
    """Return why a register is refused for its unit, as `Facts` take it; None: it is not.

    A register counts amounts, never power. Without a unit the issue says how to declare one.
    """
    if unit is None:
        return "register_unit", None, {}
    if units.dimension(unit) in _COUNTED:
        return None
    return "refused_unit", unit, {"reason": units.refusal(unit) or "not a quantity of energy or volume"}


def _declared(declared: Mapping[str, str], names: frozenset[str]) -> str | None:
    return next((text.strip() for name, text in declared.items() if folded(name) in names), None)
