"""Values of metering messages → points: every value is accepted, rejected or ignored once."""

from dataclasses import dataclass
from typing import Final

import polars as pl

from bilanz.errors import FileRefused
from bilanz.issues import Issue
from importers.base import ImportRequest
from importers.interval.findings import ROW, Findings
from importers.interval.points import POINT_SCHEMA, Facts, with_quantities
from importers.mscons_message import codes, envelope, moments
from importers.mscons_message.registers import KEY, Register, registers, tariffs_apart
from importers.mscons_message.repeats import without_repeats
from importers.mscons_message.slots import on_slots

TITLE: Final = "QTY"
SERIES_LIMIT: Final = 20_000
"""Most series of one file; a message of a large grid operator has some hundred metering points."""

_DAY: Final = pl.duration(days=1)
_TEXT: Final = pl.col("value")
_FALLS: Final = 3
_STEPS_A_FALL: Final = 5
"""Values that fall so often, and once in so many steps at least, are quantities and no counter."""


@dataclass(slots=True)
class Reading:
    """Reads the values of one file."""

    zone: str
    request: ImportRequest
    findings: Findings

    def points(
        self, values: pl.DataFrame, table: pl.DataFrame, file: str
    ) -> tuple[pl.DataFrame, list[Facts]]:
        """Return `POINT_SCHEMA` and the facts of its series.

        Args:
            values: as `context.values` returns them.
            table: the segments, for withdrawn messages and the order of messages.
            file: its name.

        Raises:
            FileRefused: `too_many_series`.
        """
        values = self._standing(values, table)
        values, known = self._registered(values, file)
        values = self._with_status(self._with_periods(values))
        values = self._with_instants(self._with_numbers(values))
        values = self._without_counters(values, known)
        values = without_repeats(self._latest(values, table, known), known, TITLE, self.zone, self.findings)
        values = on_slots(values, self.zone, self.findings).sort(ROW)
        minutes = (pl.col("end") - pl.col("start")).dt.total_minutes()
        points = values.with_columns(minutes=minutes).select(
            pl.col(name).cast(kind) for name, kind in POINT_SCHEMA.items()
        )
        return points, tariffs_apart(known, points)

    def _standing(self, values: pl.DataFrame, table: pl.DataFrame) -> pl.DataFrame:
        """Ignore the values of messages that withdraw an earlier one, and of the withdrawn one."""
        gone = values.join(envelope.withdrawn(table), on="message")
        if gone.is_empty():
            return values
        each = gone.group_by("message", maintain_order=True).agg(
            pl.col(ROW).first(), pl.len(), pl.col("by").first()
        )
        self.findings.ignored += gone.height
        for _, row, count, by in each.iter_rows():
            self.findings.add(Issue("message_withdrawn", row, "BGM", by, {"count": str(count)}))
        return values.join(gone.select("message").unique(), on="message", how="anti", maintain_order="left")

    def _registered(self, values: pl.DataFrame, file: str) -> tuple[pl.DataFrame, list[Register]]:
        """Add `series`; reject those that are no consumption or lack a unit, one issue for each reason."""
        code = pl.col("code").str.strip_chars().str.replace(r"\*255$", "")
        values = values.with_columns(
            code=code, point=pl.col("point").str.strip_chars(), unit=pl.col("unit").str.strip_chars()
        )
        keys = values.select(KEY).unique(maintain_order=True)
        if keys.height > SERIES_LIMIT:
            message = "{file} holds {count} series; up to {limit} are read from one file."
            raise FileRefused(
                message, code="too_many_series", file=file, count=keys.height, limit=SERIES_LIMIT
            )
        known = registers(keys, self.request.unit)
        values = values.join(keys.with_row_index("series"), on=list(KEY), maintain_order="left")
        counts = values.group_by("series").agg(pl.len(), pl.col(ROW).first())
        refused: dict[tuple[str, str | None, str], tuple[int, Issue]] = {}
        for number, count, row in counts.sort(ROW).iter_rows():
            facts = known[number].facts
            if facts.refused is None:
                continue
            what, value, parameters = facts.refused
            total, issue = refused.get(
                (what, value, facts.title), (0, Issue(what, row, facts.title, value, dict(parameters)))
            )
            refused[what, value, facts.title] = (total + count, issue)
        for total, issue in refused.values():
            self.findings.refuse(total, issue)
        taken = [number for number, register in enumerate(known) if register.facts.refused is None]
        return values.filter(pl.col("series").is_in(taken)), known

    def _with_periods(self, values: pl.DataFrame) -> pl.DataFrame:
        """Leave out what has no period of its own; a value with a date of reading is no consumption."""
        self.findings.ignore(values.filter("is_reading").select(ROW, "value"), "meter_reading", TITLE)
        values = values.filter(~pl.col("is_reading"))
        has_both = pl.col("start_text").is_not_null() & pl.col("end_text").is_not_null()
        self.findings.reject(values.filter(~has_both).select(ROW, "value"), "no_own_period", "DTM")
        return values.filter(has_both)

    def _with_status(self, values: pl.DataFrame) -> pl.DataFrame:
        qualifier = pl.col("qualifier")
        values = values.with_columns(
            status=qualifier.replace_strict(codes.STATUS, default=None, return_dtype=pl.Int8)
        )
        bad = values.filter(pl.col("status").is_null())
        reason = qualifier.replace_strict(codes.REFUSED, default=codes.UNKNOWN, return_dtype=pl.String)
        self.findings.reject(
            bad.select(ROW, "value", parameters=pl.struct(qualifier=qualifier, reason=reason)),
            "value_unusable",
            TITLE,
        )
        return values.filter(pl.col("status").is_not_null())

    def _with_numbers(self, values: pl.DataFrame) -> pl.DataFrame:
        """Read the values; both decimal marks are read whatever UNA declares, as there is no other mark."""
        single = _TEXT.str.count_matches("[.,]", literal=False) <= 1
        text = (
            pl.when(single).then(_TEXT.str.strip_chars().str.replace(",", ".", literal=True)).otherwise(_TEXT)
        )
        values = with_quantities(values.with_columns(text=text), "text", TITLE, self.findings)
        negative = pl.col("quantity") < 0
        self.findings.reject(values.filter(negative).select(ROW, "value"), "negative_quantity", TITLE)
        values = values.filter(~negative)
        empty = pl.col("qualifier").is_in(codes.PLACEHOLDERS) & (pl.col("quantity") == 0)
        shown = values.filter(empty).select(ROW, "value", parameters=pl.struct("qualifier"))
        self.findings.ignore(shown, "placeholder_value", TITLE)
        return values.filter(~empty)

    def _with_instants(self, values: pl.DataFrame) -> pl.DataFrame:
        for name in ("start", "end"):
            values = moments.with_local(values, name)
            unread = pl.col(f"{name}_local").is_null()
            shown = values.filter(unread).select(ROW, value=f"{name}_text")
            self.findings.reject(shown, "not_a_date", "DTM", expected=moments.EXPECTED)
            values = values.filter(~unread)
        values = self._with_last_days(values)
        if self.request.zone is None and values["start_offset"].null_count():
            self.findings.add(Issue("zone_assumed", parameters={"zone": self.zone}))
        values = moments.with_instants(values, self.zone, "DTM", self.findings)
        is_wrong = (pl.col("end") - pl.col("start") < pl.duration(minutes=1)).fill_null(value=True)
        shown = values.filter(is_wrong).select(
            ROW, value=pl.concat_str("start_text", pl.lit(" – "), "end_text")
        )
        self.findings.reject(shown, "end_before_start", "DTM")
        return values.filter(~is_wrong)

    def _with_last_days(self, values: pl.DataFrame) -> pl.DataFrame:
        """Decide whether the last day of periods written in days belongs to them; nothing else decides it."""
        is_days = pl.col("start_format").is_in(moments.DAYS) & pl.col("end_format").is_in(moments.DAYS)
        days = values.filter(is_days)
        if days.is_empty():
            return values
        start, end = pl.col("start_local"), pl.col("end_local")
        following = start.shift(-1).over("series", order_by="start_local")
        is_month = start.dt.day() == 1
        whole = (start == end) | (following == end + _DAY) | (is_month & ((end + _DAY).dt.day() == 1))
        open_ = (following == end) | (is_month & (end.dt.day() == 1) & (end > start))
        belongs, not_ = days.select(belongs=whole.any(), not_=open_.any()).row(0)
        if belongs == not_:
            shown = days.select(ROW, value=pl.concat_str("start_text", pl.lit(" – "), "end_text"))
            self.findings.reject(shown, "days_unclear", "DTM")
            return values.filter(~is_days)
        shift = pl.when(is_days & belongs).then(_DAY).otherwise(pl.duration())
        return values.with_columns(end_local=end + shift)

    def _without_counters(self, values: pl.DataFrame, known: list[Register]) -> pl.DataFrame:
        """Reject registers that count since the meter was set up, unless values fall again and again.

        One fall proves nothing: the meter may have been changed.
        """
        counters = [number for number, register in enumerate(known) if register.is_counter]
        mine = values.filter(pl.col("series").is_in(counters)).sort("series", "start")
        falls = mine.group_by("series", maintain_order=True).agg(
            pl.len(), pl.col(ROW).min(), falls=(pl.col("quantity").diff() < 0).sum()
        )
        is_quantity = (pl.col("falls") >= _FALLS) & (pl.col("falls") * _STEPS_A_FALL >= pl.col("len") - 1)
        rising = falls.filter(~is_quantity)
        for number, count, row, _ in rising.iter_rows():
            facts = known[number].facts
            parameters = {"reason": "a reading of the counter"}
            issue = Issue("register_refused", row, facts.title, facts.title.removeprefix("QTY "), parameters)
            self.findings.refuse(count, issue)
        return values.filter(~pl.col("series").is_in(rising["series"].implode()))

    def _latest(self, values: pl.DataFrame, table: pl.DataFrame, known: list[Register]) -> pl.DataFrame:
        """Ignore values that a later message of the file states again for the same interval.

        A correction may spell the register or its unit another way; it becomes part of the series it mends.
        """
        ranked = values.join(envelope.order(table), on="message", how="left", maintain_order="left")
        order = pl.int_range(len(known), eager=True, dtype=pl.UInt32)
        facts = pl.DataFrame(
            {
                "series": order,
                "what": [one.quantity for one in known],
                "unit_of": [one.facts.unit for one in known],
            },
            schema_overrides={"what": pl.String, "unit_of": pl.String},
        )
        ranked = ranked.join(facts, on="series", maintain_order="left")
        interval = ["what", "start", "end"]
        earlier = pl.col("rank") < pl.col("rank").max().over(interval)
        self.findings.ignore(ranked.filter(earlier).select(ROW, "value"), "value_replaced", TITLE)
        mended = pl.col("series").sort_by("rank", ROW).first().over(*interval, "unit_of")
        return ranked.with_columns(series=mended).filter(~earlier)
