"""Green Button CSV of Southern California Edison: begin and end in one cell, the header again for every day.

    Energy consumption time period,Usage(Real energy in kilowatt-hours),Reading quality
    "2024-05-01 00:00:00 to 2024-05-01 00:15:00","0.25",""

Lines of text and headers between the blocks of days hold no readings. Times are local and state no zone: the
utility's own, Pacific time, is taken and said.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Final

import polars as pl

from bilanz import units
from bilanz.errors import FileRefused
from bilanz.issues import Issue
from bilanz.records import STATUS_ESTIMATED, Direction
from importers.base import SURE, Claim, FileSample, Importer, ImportRequest, ImportResult, Workspace
from importers.columns import times
from importers.columns.numbers import Ambiguous
from importers.formats.delimited import Delimited, open_delimited, open_sample
from importers.interval import grid, vocabulary
from importers.interval.findings import ROW, Findings
from importers.interval.grid import Clock
from importers.interval.points import POINT_SCHEMA, Facts, deliver, with_quantities

ZONE: Final = "America/Los_Angeles"
LEAST: Final = 2
_SPAN: Final = r"^(.*?[0-9])[\s\x{a0}]+to[\s\x{a0}]+([0-9].*)$"
_PLACES: Final = {"span": 0, "usage": 1, "quality": 2}
_HOUR: Final = 60


class SceCsv(Importer):
    """Usage by interval, one cell per period."""

    name: ClassVar[str] = "sce_csv"
    version: ClassVar[str] = "1"
    suffixes: ClassVar[tuple[str, ...]] = (".csv",)

    def identify(self, sample: FileSample) -> Claim | None:
        """Claim a header of period and usage above cells `… to …`."""
        opened = open_sample(sample, _score)
        if opened is None or opened[0] < LEAST:
            return None
        _, file, lines = opened
        first = next((fields[0] for row, fields in lines if row > file.header_row), "")
        if re.match(r".*\d[\s\u00a0]+to[\s\u00a0]+\d", first) is None:
            return None
        return Claim(SURE + 0.05, 'Begin and end in one cell of "{column}".', {"column": file.header[0]})

    def read(self, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        """Read the whole file.

        Raises:
            FileRefused: empty, binary, no header, or no cell with begin and end.
        """
        file = open_delimited(path, _score, least=LEAST)
        findings = Findings()
        findings.add(*file.issues())
        rows, met = _rows(file, findings)
        zone = request.zone or _stated_zone(file, findings)
        points = _points(file, rows, zone, findings)
        return deliver(
            points,
            [_facts(file)],
            read=met,
            civil=zone,
            request=request,
            workspace=workspace,
            findings=findings,
        )


def _score(fields: Sequence[str]) -> int:
    """Return how much a line looks like the header: a time period and a usage."""
    found = [vocabulary.words(text) for text in fields]
    has_period = bool(found) and found[0][-2:] == ("time", "period")
    return LEAST if has_period and any("usage" in text for text in found[1:]) else 0


def _rows(file: Delimited, findings: Findings) -> tuple[pl.DataFrame, int]:
    """Return the rows of readings, and how many the file has; ragged ones are rejected."""
    table, ragged = file.table()
    wrong = [
        issue for issue in ragged if issue.parameters["found"] != "1"
    ]  # a single field is a line of text
    findings.refuse(len(wrong), *wrong)
    header = pl.col("0").str.strip_chars() == file.header[0]
    table = table.filter(~header.fill_null(value=False))
    return table, table.height + len(wrong)


def _stated_zone(file: Delimited, findings: Findings) -> str:
    stated = vocabulary.zone_in([" ".join(fields) for _, fields in file.lines])
    if stated is None:
        findings.add(Issue("zone_assumed", parameters={"zone": ZONE}))
    return stated or ZONE


def _points(file: Delimited, rows: pl.DataFrame, zone: str, findings: Findings) -> pl.DataFrame:
    """Return the readings (`POINT_SCHEMA`); what cannot be read is rejected or ignored."""
    title = file.header[0]
    span = pl.col("0").str.extract_groups(_SPAN).struct
    cells = rows.with_columns(low=span.field("1"), high=span.field("2"))
    formats = [times.decide_series(cells[name]) for name in ("low", "high")]
    low, high = (None if isinstance(found, Ambiguous) else found for found in formats)
    if low is None or high is None:
        message = '{file}: no cell of "{column}" holds begin and end of an interval.'
        raise FileRefused(message, code="no_times", file=file.path.name, column=title)
    cells = cells.with_columns(
        local=times.to_local(pl.col("low"), low), until=times.to_local(pl.col("high"), high)
    )
    timed = pl.col("local").is_not_null() & pl.col("until").is_not_null()
    wrong = cells.filter(~timed).select(ROW, value=pl.col("0").fill_null(""))
    findings.reject(wrong, "not_a_date", title, expected=f"{low.label} to {high.label}")
    usage = str(_PLACES["usage"])
    cells = with_quantities(cells.filter(timed), usage, file.header[_PLACES["usage"]], findings)
    cells = cells.with_columns(
        minutes=_minutes(cells), series=pl.lit(0, dtype=pl.Int32), status=_status(file, cells)
    )
    odd = cells.filter(pl.col("minutes") <= 0).select(ROW, value="0")
    findings.reject(odd, "end_before_start", title)
    cells = grid.to_instants(cells.filter(pl.col("minutes") > 0), Clock(zone, zone), title, findings)
    cells = cells.with_columns(start=pl.col("stamp"))
    return cells.select(pl.col(name).cast(kind) for name, kind in POINT_SCHEMA.items())


def _minutes(cells: pl.DataFrame) -> pl.Series:
    """Return the lengths as written; an interval over a change of the clocks is as long as the others."""
    length = cells.select((pl.col("until") - pl.col("local")).dt.total_minutes().cast(pl.Int32)).to_series()
    if length.is_empty():
        return length
    usual = int(str(length.mode().sort()[0]))
    return pl.select(pl.when((length - usual).abs() == _HOUR).then(usual).otherwise(length)).to_series()


def _status(file: Delimited, cells: pl.DataFrame) -> pl.Series:
    """Return STATUS_* of the readings; a word nobody knows counts as estimated."""
    texts = cells[str(min(_PLACES["quality"], file.width - 1))].fill_null("")
    if file.width <= _PLACES["quality"]:
        texts = pl.repeat("", cells.height, dtype=pl.String, eager=True)
    table = {text: vocabulary.status(text) for text in texts.unique()}
    known = {text: STATUS_ESTIMATED if one is None else one for text, one in table.items()}
    return texts.replace_strict(known, return_dtype=pl.Int8).cast(pl.Int8)


def _facts(file: Delimited) -> Facts:
    """Return what the preamble and the header say of the series."""
    title = file.header[_PLACES["usage"]]
    notes = [" ".join(fields) for _, fields in file.lines]
    kinds = [text for text in notes if text.casefold().startswith("type of readings")]
    tokens = re.findall(r"[A-Za-z]+(?:-[A-Za-z]+)*", title)
    unit = next((found.unit for token in tokens if (found := units.find(token)) is not None), None)
    consumes = "consumption" in vocabulary.words(file.header[0])
    return Facts(
        source=None,
        title=title,
        unit=unit,
        activity=vocabulary.activity_in(kinds),
        direction=Direction.CONSUMPTION if consumes else None,
    )
