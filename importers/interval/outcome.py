"""What a file came to beyond its readings: the table of series, records longer than a grid, sums, remarks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Final

import polars as pl

from bilanz.issues import Issue
from bilanz.periods import local_iso
from bilanz.records import ACTIVITY_SCHEMA, SERIES_SCHEMA, STATUS_ESTIMATED, Quality
from importers.base import ControlSum, ImportRequest
from importers.interval import cover, series
from importers.interval.cells import Converter
from importers.interval.findings import LISTED, ROW, Findings
from importers.interval.finish import Column, Finished
from importers.interval.grid import DAY_MINUTES, energy_unit, with_energy
from importers.interval.series import Identity

_PLACES: Final = Decimal("0.000000000001")
_MOSTLY: Final = 0.5


@dataclass(slots=True)
class Outcome:
    """Draws the conclusions of one reading of a file.

    Attributes:
        is_stated: the format states the length of every value, so that a day among quarter hours is a day
            whose quarter hours were not delivered, and no row of totals.
    """

    identities: Mapping[int, Identity]
    columns: Mapping[tuple[int, int], Column]
    done: Finished
    request: ImportRequest
    findings: Findings
    is_stated: bool = False
    _assumed: dict[str, set[str]] = field(default_factory=dict)
    _without_basis: dict[str, str] = field(default_factory=dict)
    _stored_apart: set[tuple[str, str]] = field(default_factory=set)
    _recorded: set[tuple[str, str]] = field(default_factory=set)

    def series(self) -> pl.DataFrame:
        """Return the series that have readings (`SERIES_SCHEMA`)."""
        rows = [
            {"series": number, "minutes": minutes, **self._facts(number, minutes)}
            for number, minutes in sorted(self.done.minutes.items())
        ]
        return pl.DataFrame(rows, schema=SERIES_SCHEMA)

    def _facts(self, number: int, minutes: int) -> dict[str, str | None]:
        """Return what a series or record is, and note what was assumed."""
        known = self.identities[number]
        activity, is_assumed = series.settled_activity(known, minutes)
        unit, title = energy_unit(known.unit or "", minutes), known.value.title
        if is_assumed:
            self._assumed.setdefault("activity_assumed", set()).add(title)
        if known.is_direction_assumed:
            self._assumed.setdefault("direction_assumed", set()).add(title)
        if series.lacks_basis(activity, unit, known.basis):
            self._assumed.setdefault("basis_missing", set()).add(title)
            self._without_basis[title] = unit
        owner = next(column for column in self.columns.values() if column.value is known.value)
        return {
            "source": self._source(known),
            "activity": activity,
            "direction": known.direction.value,
            "unit": unit,
            "basis": known.basis,
            "zone": owner.clock.civil,
            "column": title,
        }

    def _source(self, known: Identity) -> str | None:
        """Return the source of a series: the caller's where the file names at most one."""
        named = {identity.source for identity in self.identities.values()}
        return self.request.source if self.request.source and len(named) == 1 else known.source

    def records(self, readings: Path) -> pl.DataFrame:
        """Return values of a day and more as activity records; a sum of readings at hand is ignored."""
        frames = [frame for frame in self.done.longer if frame.height]
        if not frames:
            return pl.DataFrame(schema=ACTIVITY_SCHEMA)
        every = pl.concat(frames).sort("series", "start", ROW)
        every = every.filter(~self._covered(every, readings))
        self._stored_apart = set(self.done.sums)
        rows = [
            self._as_records(number, every.filter(pl.col("series") == number))
            for number in every["series"].unique(maintain_order=True)
        ]
        return pl.concat(rows) if rows else pl.DataFrame(schema=ACTIVITY_SCHEMA)

    def _covered(self, every: pl.DataFrame, readings: Path) -> pl.Series:
        """Return which values repeat readings of the same source and direction; they are reported.

        A longer value of a series that has readings itself repeats its own readings or none: beside those of
        another tariff of the same source it is energy of its own.
        """
        alike = {
            number: f"{known.source}|{known.direction}|{known.value.unit}|{known.activity}"
            for number, known in self.identities.items()
        }
        own = pl.col("series").cast(pl.String)
        what = pl.col("series").replace_strict(alike, return_dtype=pl.String)
        has_readings = pl.col("series").is_in(list(self.done.minutes))
        every = every.with_columns(what=pl.when(has_readings).then(own).otherwise(what))
        if not self.done.minutes:
            return pl.repeat(value=False, n=every.height, eager=True, dtype=pl.Boolean)
        found = pl.scan_parquet(readings).select("series", "start", "quantity").collect()
        longer = found.filter(pl.col("series").is_in(every["series"].unique().implode()))
        found = pl.concat([found.with_columns(key=what), longer.with_columns(key=own)])
        length = pl.col("series").replace_strict(self.done.minutes, default=0, return_dtype=pl.Int64)
        found = found.with_columns(end=pl.col("start") + pl.duration(minutes=length))
        every = every.rename({"what": "key"})
        every = every.with_columns(share=cover.shares(every, found))
        whole = every["share"] >= cover.MOSTLY
        self.findings.ignore(
            every.filter(whole).select(ROW, value=pl.col("quantity").cast(pl.String)),
            "total_row",
            self.identities[every["series"][0]].value.title,
        )
        self._say_partly_covered(every.filter((pl.col("share") > 0) & ~whole), found)
        covered = every["share"] > 0
        return covered if self.is_stated else covered | self._uncovered_totals(every, covered)

    def _say_partly_covered(self, partly: pl.DataFrame, found: pl.DataFrame) -> None:
        """Ignore longer values of which readings cover a part: neither the whole nor both may count."""
        partly = partly.with_columns(sum=cover.sums(partly, found))
        for (number,), mine in partly.group_by("series", maintain_order=True):
            known = self.identities[int(str(number))]
            owner = next(column for column in self.columns.values() if column.value is known.value)
            zone, few = owner.clock.civil, mine.head(LISTED)
            spans = [
                f"{local_iso(zone, start)} – {local_iso(zone, end)}"
                for start, end in few.select("start", "end").iter_rows()
            ]
            period = pl.Series(spans + [""] * (mine.height - few.height), dtype=pl.String)
            share = (pl.col("share") * 100).round(1).cast(pl.String)
            parameters = pl.struct(share=share, sum=_shortest("sum"), period=period)
            shown = mine.select(ROW, value=_shortest("quantity"), parameters=parameters)
            self.findings.ignore(shown, "partly_covered", known.value.title, unit=known.unit or "–")

    def _uncovered_totals(self, every: pl.DataFrame, covered: pl.Series) -> pl.Series:
        """Return which values stand among readings of their own column as totals, but cover none of them.

        Most values of the column that are longer than its interval repeat readings; so do these by their
        nature, and their readings are missing.
        """
        share = every.select("series", covered=covered).with_columns(pl.col("covered").mean().over("series"))
        is_own = share["series"].is_in(list(self.done.minutes))
        totals = is_own & (share["covered"] >= _MOSTLY) & ~covered
        self.findings.ignore(
            every.filter(totals).select(ROW, value=_shortest("quantity")),
            "uncovered_total",
            self.identities[every["series"][0]].value.title,
        )
        return totals

    def _as_records(self, number: int, mine: pl.DataFrame) -> pl.DataFrame:
        facts = self._facts(number, self.done.minutes.get(number, DAY_MINUTES))
        text, written = pl.col("quantity").cast(pl.String), self.identities[number].unit or ""
        mine = mine.with_columns(
            written=text, minutes=(pl.col("end") - pl.col("start")).dt.total_minutes().cast(pl.Int32)
        )
        mine = with_energy(mine, written)[0]
        quality = pl.when(pl.col("status") == STATUS_ESTIMATED).then(pl.lit(Quality.ESTIMATED.value))
        known = {name: pl.lit(facts[name], dtype=pl.String) for name in facts if name in ACTIVITY_SCHEMA}
        title, unit = facts["column"] or "", facts["unit"] or ""
        before, count = self.done.sums.get((title, unit), (Fraction(0), 0))
        total = Fraction(mine["quantity"].cast(pl.Decimal(38, 6)).sum() or 0)
        self.done.sums[title, unit] = (before + total, count + mine.height)
        self._recorded.add((title, unit))
        return mine.select(
            pl.col(ROW).alias("source_row"),
            "start",
            "end",
            "quantity",
            quality.otherwise(pl.lit(Quality.MEASURED.value)).alias("quality"),
            original_quantity=pl.col("written"),
            original_unit=pl.lit(written),
            **known,
        ).select(
            pl.col(name) if name in (*known, *_RECORD) else pl.lit(None, dtype=kind).alias(name)
            for name, kind in ACTIVITY_SCHEMA.items()
        )

    def control_sums(self) -> tuple[ControlSum, ...]:
        """Return what the stored quantities of each column must add up to.

        Columns that gave readings as well as records are left out: the two are stored apart.
        """
        return tuple(
            ControlSum(title, unit, _decimal(total), count)
            for (title, unit), (total, count) in self.done.sums.items()
            if (title, unit) not in self._stored_apart & self._recorded
        )

    def conclude(self, converters: Iterable[Converter]) -> None:
        """Say what concerns whole columns: assumptions, rounding, unknown words, stated totals."""
        for code, titles in self._assumed.items():
            for title in sorted(titles):
                self.findings.add(_assumption(code, title, self._without_basis.get(title, "")))
        for converter in converters:
            for place, (count, changes) in converter.rounded.items():
                self._rounded(converter.file.header[place], count, f"{changes.sum():f}")
            words = sorted(converter.unknown_status)
            self.findings.add(*(Issue("unknown_status", value=word) for word in words))
        for title, (count, change) in self.done.rounded.items():
            if count:
                self._rounded(title, count, f"{_decimal(change):f}")
        for column in self.columns.values():
            stated = column.value.total
            if stated is not None and _differs(stated, column.total):
                shown = {"expected": str(stated)}
                issue = Issue("control_sum", None, column.value.title, str(column.total), shown)
                self.findings.add(issue)

    def _rounded(self, title: str, count: int, difference: str) -> None:
        parameters = {"count": str(count), "difference": difference}
        self.findings.add(Issue("rounded", column=title, parameters=parameters))


def _shortest(column: str) -> pl.Expr:
    """Return quantities as text without the zeros behind their last decimal."""
    return pl.col(column).cast(pl.String).str.strip_chars_end("0").str.strip_chars_end(".")


_RECORD: Final = ("source_row", "start", "end", "quantity", "quality", "original_quantity", "original_unit")


def _assumption(code: str, title: str, unit: str) -> Issue:
    if code == "activity_assumed":
        reason = {"reason": "a profile in energy finer than an hour"}
        return Issue(code, column=title, value="electricity", parameters=reason)
    if code == "basis_missing":
        return Issue(code, column=title, parameters={"unit": unit})
    return Issue(code, column=title, value="consumption")


def _differs(stated: Decimal, total: Decimal) -> bool:
    """Return whether a sum differs from a stated one by more than the rounding of the latter."""
    exponent = stated.as_tuple().exponent
    step = Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0)
    return abs(stated - total) * 2 > step


def _decimal(value: Fraction) -> Decimal:
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(_PLACES).normalize() + Decimal(0)
