"""A row-per-day table → an import: rows with a meter and a date, one series per meter and quantity."""

from dataclasses import dataclass, field
from typing import Final

import polars as pl

from bilanz.issues import Issue
from bilanz.records import Direction
from importers.base import ImportRequest, ImportResult, Workspace
from importers.columns import numbers
from importers.days import clock, dates
from importers.days.columns import Day
from importers.days.layout import Layout, is_mpan
from importers.days.values import Values, has_values_outside
from importers.formats.delimited import Delimited
from importers.interval import vocabulary
from importers.interval.findings import ROW, Findings
from importers.interval.formats import declared_for
from importers.interval.points import POINT_SCHEMA, Facts, deliver, unit_facts
from importers.interval.reading import ZONE

_KEY: Final = ("meter", "unit", "kind", "measured", "flow")
_MEASURED: Final = {"AI": Direction.CONSUMPTION, "AE": Direction.FEED_IN}
_REACTIVE: Final = frozenset(["RI", "RE"])
_HALF_HOUR: Final = 30
_TOTAL: Final = r"(?i)\b(?:total|sum|summe|gesamt)\b"


def read(file: Delimited, layout: Layout, request: ImportRequest, workspace: Workspace) -> ImportResult:
    """Read an opened table."""
    return _Reading(file, layout, request, workspace).result()


@dataclass(slots=True)
class _Reading:
    """One table on its way to an import; `cells` are the columns of all quantities that are read."""

    file: Delimited
    layout: Layout
    request: ImportRequest
    workspace: Workspace
    findings: Findings = field(default_factory=Findings)

    def result(self) -> ImportResult:
        self.findings.add(*self.file.issues())
        days = self._quantities()
        cells = sum(len(day.places) for day in days)
        table, ragged = self.file.table()
        table = self._without_headers(table)
        self.findings.refuse(cells * len(ragged), *ragged)
        met = cells * (table.height + len(ragged))
        table = self._with_keys(self._with_meters(table, cells))
        table = self._with_days(table, cells)
        civil = self._civil()
        zone = self._zone(table, days, civil)
        keys = table.select(_KEY).unique(maintain_order=True)
        table = table.join(
            keys.with_row_index("key"), on=_KEY, how="left", maintain_order="left", nulls_equal=True
        )
        facts: list[Facts] = []
        points = [pl.DataFrame(schema=POINT_SCHEMA)]
        for day in days:
            own = table.with_columns(series=(pl.col("key") + len(facts)).cast(pl.Int32))
            facts += [self._facts(day, *key) for key in keys.rows()]
            points.append(self._values(own, day, zone))
        return deliver(
            pl.concat(points),
            facts,
            read=met,
            civil=civil,
            request=self.request,
            workspace=self.workspace,
            findings=self.findings,
        )

    def _quantities(self) -> list[Day]:
        """Return the quantities that are energy; reactive energy beside it is left out and said."""
        energy = [day for day in self.layout.days if day.refused is None]
        if not energy:
            return list(self.layout.days)
        left = [day.title for day in self.layout.days if day.refused is not None]
        self.findings.add(*(Issue("column_ignored", column=title, value=title) for title in left))
        known = [day for day in energy if day.unit is not None]
        # status codes and the like are numbered, too: beside columns that state a unit they are no quantity
        self.findings.add(
            *(
                Issue("column_ignored", column=day.title, value=day.title)
                for day in energy
                if known and day not in known
            )
        )
        return known or energy

    def _without_headers(self, table: pl.DataFrame) -> pl.DataFrame:
        """Leave out headers that are repeated between the rows: they hold no values."""
        if not self.layout.has_header:
            return table
        title = self.file.header[self.layout.date]
        repeated = pl.col(str(self.layout.date)).str.strip_chars() == title
        return table.filter(~repeated.fill_null(value=False))

    def _with_meters(self, table: pl.DataFrame, cells: int) -> pl.DataFrame:
        """Add `meter`; reject rows whose meter is missing, where others name theirs."""
        place = self.layout.meter
        if place is None:
            return table.with_columns(meter=pl.lit(None, dtype=pl.String))
        table = table.with_columns(meter=pl.col(str(place)).str.strip_chars(numbers.BLANKS))
        blank = numbers.is_blank(pl.col("meter"))
        table = self._without_totals(table, blank, cells)
        missing = table.filter(blank)
        self.findings.refuse(cells * missing.height)
        self.findings.note(missing.select(ROW), "missing_value", self.file.header[place])
        table = table.filter(~blank)
        if self.layout.is_mpan:
            self._doubt(table, place)
        return table

    def _without_totals(self, table: pl.DataFrame, blank: pl.Expr, cells: int) -> pl.DataFrame:
        """Ignore rows of totals below the table."""
        texts = pl.concat_str(pl.exclude(ROW), separator=" ", ignore_nulls=True)
        total = table.select((blank & texts.str.contains(_TOTAL)).fill_null(value=False).alias("x"))["x"]
        rows = table.filter(total)
        self.findings.ignored += cells * rows.height
        self.findings.note(
            rows.select(ROW, value=pl.lit("Total")), "total_row", self.file.header[self.layout.date]
        )
        return table.filter(~total)

    def _doubt(self, table: pl.DataFrame, place: int) -> None:
        """Say which metering points are no valid MPAN where the others are; their values count."""
        wrong = [text for text in table["meter"].unique(maintain_order=True) if not is_mpan(text)]
        rows = table.filter(pl.col("meter").is_in(wrong)).unique("meter", keep="first", maintain_order=True)
        self.findings.note(rows.select(ROW, value="meter"), "suspect_mpan", self.file.header[place])

    def _with_keys(self, table: pl.DataFrame) -> pl.DataFrame:
        """Add what else a row says of its series, and its status."""
        places = {"unit": self.layout.unit, "kind": self.layout.kind, "measured": self.layout.measured}
        places |= {"flow": self.layout.flow, "status": self.layout.status}
        said = {
            name: pl.lit(None, dtype=pl.String) if place is None else pl.col(str(place)).str.strip_chars()
            for name, place in places.items()
            if not (name == "status" and place is None)
        }
        return table.with_columns(**said)

    def _with_days(self, table: pl.DataFrame, cells: int) -> pl.DataFrame:
        """Add `day`, the midnight as written; reject rows without a date."""
        place = self.layout.date
        title, texts = self.file.header[place], table[str(place)]
        declared = next(iter(declared_for(self.request.declared, self.file.header, [place])), None)
        is_british = self.layout.is_mpan or self.request.zone == clock.ZONE
        found = dates.read(texts, table["meter"], title, declared=declared, is_british=is_british)
        self.findings.add(*found.issues)
        table = table.with_columns(day=found.days)
        wrong = table.filter(pl.col("day").is_null())
        self.findings.refuse(cells * wrong.height)
        if not any(issue.code == "ambiguous_date" for issue in found.issues):
            shown = wrong.select(ROW, value=pl.col(str(place)).fill_null(""))
            self.findings.note(shown, "not_a_date", title, expected=found.expected)
        return table.filter(pl.col("day").is_not_null())

    def _civil(self) -> str:
        if self.request.zone is not None:
            return self.request.zone
        is_british = self.layout.is_mpan or self.layout.days[0].minutes == _HALF_HOUR
        zone = clock.ZONE if is_british else ZONE
        self.findings.add(Issue("zone_assumed", parameters={"zone": zone}))
        return zone

    def _zone(self, table: pl.DataFrame, days: list[Day], civil: str) -> str:
        """Return the zone of the columns: the civil one, or its standard time if clocks never change."""
        if not any(has_values_outside(table, day, civil) for day in days):
            return civil
        fixed = clock.standard(civil)
        self.findings.add(Issue("standard_time", parameters={"zone": civil}))
        return fixed

    def _values(self, table: pl.DataFrame, day: Day, zone: str) -> pl.DataFrame:
        titles = [self.file.header[place] for place in day.places]
        declared = next(
            iter(declared_for(self.request.declared, (*titles, day.title), range(len(titles) + 1))), None
        )
        total = self.layout.total if len(self.layout.days) == 1 or day is self._quantities_first() else None
        return Values(table, self.file.header, day, zone, self.findings).read(declared, total)

    def _quantities_first(self) -> Day:
        """Return the quantity a sum of the day belongs to."""
        return next((day for day in self.layout.days if day.refused is None), self.layout.days[0])

    def _facts(
        self,
        day: Day,
        meter: str | None,
        unit: str | None,
        kind: str | None,
        measured: str | None,
        flow: str | None,
    ) -> Facts:
        """Return what a series is."""
        stated, refused = unit_facts(unit)
        if day.refused is not None:
            stated, refused = unit_facts(day.refused)
        elif day.unit is not None and stated not in {None, day.unit}:
            refused = ("unit_conflict", unit, {"stated": day.title})
        code = (measured or "").upper()
        if code in _REACTIVE:
            refused = ("refused_unit", code, {"reason": "reactive or apparent energy"})
        activity = vocabulary.activity_in([text for text in (kind, day.title) if text])
        if activity is None and meter is not None and is_mpan(meter):
            activity = "electricity"
        direction = day.direction or _MEASURED.get(code) or _direction(flow, kind)
        if flow and direction is None and refused is None:
            refused = ("direction_unknown", flow, {})
        return Facts(
            source=meter,
            title=day.title,
            unit=stated or day.unit,
            activity=activity,
            direction=direction,
            refused=refused,
        )


def _direction(*texts: str | None) -> Direction | None:
    """Return the direction the cells of a row state."""
    said = (vocabulary.direction_of(text) for text in texts if text)
    return next((direction for direction in said if direction is not None), None)
