"""Values of a metering point that repeat the energy of others: as power, as volume, as one tariff of a total.

1-1:1.5.0 KWT   beside 1-1:1.29.0 KWH     the mean power of the same intervals
7-10:… MTQ      beside 7-20:… KWH         the volume of the same gas
1-1:1.9.1       beside 1-1:1.9.0          the part of one tariff, whatever the bounds of the two
"""

from collections.abc import Sequence
from typing import Final

import polars as pl

from bilanz import units
from bilanz.issues import Issue
from bilanz.periods import local_iso
from importers.interval import cover
from importers.interval.findings import ROW, Findings
from importers.meterxml.metercodes import OTHER_UNIT
from importers.meterxml.values import POWER, ignore_all, leave_out
from importers.mscons_message.registers import Register

_ENERGY: Final = "energy"
_OTHERS: Final = {POWER: ("power",), OTHER_UNIT: ("volume", "norm_volume")}
"""Why values give way to energy → the dimensions of their units."""
_TOTAL: Final = "0"


def without_repeats(
    values: pl.DataFrame, known: Sequence[Register], title: str, zone: str, findings: Findings
) -> pl.DataFrame:
    """Return the values less those whose period others of the same point cover; these are ignored and said.

    Args:
        values: `series`, `start`, `end` (UTC), `value`, `__row`.
        known: by number of the series.
        title: what issues call the values.
        zone: IANA zone in which issues show instants.
        findings: takes issues and counts.
    """
    columns = values.columns
    values = values.join(_kinds(known), on="series", maintain_order="left")
    for reason, dimensions in _OTHERS.items():
        is_other = pl.col("dimension").is_in(dimensions)
        is_energy = pl.col("dimension") == _ENERGY
        values = _without_partial(values, is_other, is_energy, known, zone, findings)
        repeats = _shares(values, is_other, is_energy) >= cover.MOSTLY
        gone = values.filter(repeats)
        if gone.height:
            names = (known[number].facts.title for number in gone["series"].unique().sort())
            leave_out(reason, names, gone.height, findings)
        values = values.filter(~repeats)
    values = values.with_columns(key=pl.concat_str("key", "dimension", separator="|"))
    values = _without_partial(values, ~pl.col("is_total"), pl.col("is_total"), known, zone, findings)
    parts = _shares(values, ~pl.col("is_total"), pl.col("is_total")) >= cover.MOSTLY
    findings.ignore(values.filter(parts).select(ROW, "value"), "tariff_part", title)
    return values.filter(~parts).select(columns)


def _kinds(known: Sequence[Register]) -> pl.DataFrame:
    """Return what each series measures: `series`, `key`, `dimension`, `is_total`."""
    rows = [
        (
            number,
            f"{one.facts.source}|{one.facts.activity}|{one.facts.direction}",
            units.dimension(one.facts.unit) if one.facts.unit else "",
            one.tariff == _TOTAL,
        )
        for number, one in enumerate(known)
    ]
    schema = {"series": pl.UInt32, "key": pl.String, "dimension": pl.String, "is_total": pl.Boolean}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _shares(values: pl.DataFrame, which: pl.Expr, others: pl.Expr) -> pl.Series:
    """Return which share of those values the others of the same key cover; 0 for all the rest."""
    found = cover.shares(values, values.filter(others))
    return values.select(pl.when(which).then(found).otherwise(0.0).alias("share")).to_series()


def _without_partial(
    values: pl.DataFrame,
    which: pl.Expr,
    others: pl.Expr,
    known: Sequence[Register],
    zone: str,
    findings: Findings,
) -> pl.DataFrame:
    """Ignore those values of which the others cover a part only: both would count that part twice."""
    share = _shares(values, which, others)
    is_part = (share > 0) & (share < cover.MOSTLY)
    gone = values.filter(is_part).with_columns(share=share.filter(is_part))
    gone = gone.with_columns(sum=cover.sums(gone, values.filter(others)))
    for number, row, start, end, value, part, total in gone.select(
        "series", ROW, "start", "end", "value", "share", "sum"
    ).iter_rows():
        facts = known[number].facts
        parameters = {
            "share": f"{part * 100:.1f}",
            "sum": f"{total.normalize():f}",
            "period": f"{local_iso(zone, start)} – {local_iso(zone, end)}",
            "unit": facts.unit or "–",
        }
        ignore_all(1, Issue("partly_covered", row, facts.title, value, parameters), findings)
    return values.filter(~is_part)
