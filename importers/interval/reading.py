"""One pass over an interval file: blocks → cells → complete series → one sorted Parquet file.

The pass is repeated only where the file turns out to be other than its first block said: a value that proves
another format (`Undecided`), or a series that comes back (`Scattered`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import polars as pl

from bilanz import units
from bilanz.issues import Issue
from bilanz.records import READING_SCHEMA
from importers.base import ImportRequest, ImportResult, Workspace
from importers.columns.declared import unit_of
from importers.formats.delimited import BLOCK, Delimited
from importers.interval import counters, formats, gather, series, vocabulary
from importers.interval.cells import Converter, Keys
from importers.interval.findings import Findings
from importers.interval.finish import Column, Finisher
from importers.interval.formats import Formats, Undecided
from importers.interval.gather import Scattered
from importers.interval.grid import Clock
from importers.interval.layout import Group
from importers.interval.outcome import Outcome
from importers.interval.series import Identity

ZONE: Final = "Europe/Berlin"
_ROW_GROUP: Final = 262_144
_FIXED: Final = ("Etc/", "UTC")
_BERLIN: Final = frozenset(["+01:00", "+02:00", "+0100", "+0200", "+01", "+02"])


def read(
    file: Delimited,
    groups: list[Group],
    request: ImportRequest,
    workspace: Workspace,
    *,
    block: int = BLOCK,
) -> ImportResult:
    """Read an opened file, so many bytes at a time.

    Raises:
        FileRefused: a quotation mark that is never closed.
    """
    from_all = is_mixed = False
    groups = [_with_declared_units(group, file, request.declared) for group in groups]
    while True:
        attempt = Reading(file, groups, request, workspace, block)
        try:
            return attempt.result(from_all=from_all, is_mixed=is_mixed)
        except Undecided:
            from_all = True
        except Scattered:
            is_mixed = True


def _with_declared_units(group: Group, file: Delimited, declared: Mapping[str, str]) -> Group:
    """Return a group whose values take the declared unit where the file states none."""
    values = []
    for value in group.values:
        texts = formats.declared_for(declared, file.header, [value.place])
        text = next((text for one in texts if (text := unit_of(one)) is not None), None)
        found = units.find(text) if text and value.unit is None and value.refused is None else None
        values.append(value if found is None else replace(value, unit=found.unit))
    return replace(group, values=tuple(values))


@dataclass(slots=True)
class Reading:
    """One attempt at a file."""

    file: Delimited
    groups: list[Group]
    request: ImportRequest
    workspace: Workspace
    block: int = BLOCK
    findings: Findings = field(default_factory=Findings)
    keys: Keys = field(default_factory=Keys)
    identities: dict[int, Identity] = field(default_factory=dict)
    converters: list[Converter] = field(default_factory=list)
    columns: dict[tuple[int, int], Column] = field(default_factory=dict)
    judged: set[int] = field(default_factory=set)
    undecided: dict[int, pl.Series] = field(default_factory=dict)

    def result(self, *, from_all: bool, is_mixed: bool) -> ImportResult:
        """Read the file.

        Raises:
            Undecided: again with the formats decided from all blocks.
            Scattered: again by way of the disk.
        """
        self._prepare(from_all=from_all)
        finisher = Finisher(self.identities, self.request, self.findings)
        path = self.workspace.directory / "readings.parquet"
        accepted = write(self._finished(finisher, is_mixed=is_mixed), path)
        outcome = Outcome(self.identities, self.columns, finisher.done, self.request, self.findings)
        table, records = outcome.series(), outcome.records(path)
        outcome.conclude(self.converters)
        return ImportResult(
            read=sum(converter.read for converter in self.converters),
            rejected=self.findings.rejected,
            ignored=self.findings.ignored,
            activities=records,
            series=table,
            readings=path if accepted else None,
            readings_accepted=accepted,
            issues=self.findings.frame(),
            control_sums=outcome.control_sums(),
        )

    def _prepare(self, *, from_all: bool) -> None:
        file, findings = self.file, self.findings
        findings.add(*file.issues())
        for index, group in enumerate(self.groups):
            found = formats.decide(file, group, self.request.declared, from_all=from_all, size=self.block)
            findings.add(*found.issues)
            findings.add(
                *(
                    Issue("column_ignored", column=file.header[at], value=file.header[at])
                    for at in group.ignored
                )
            )
            clock = self._clock(group, found)
            titles = [file.header[place] for place in group.begin]
            stamp = series.declared_stamp(self.request.declared, titles)
            for value in group.values:
                known = stamp or (None if group.kind == "stamp" else group.kind)
                self.columns[index, value.place] = Column(group, value, clock, " + ".join(titles), known)
            self.converters.append(Converter(file, self.groups, index, found, self.keys, findings))

    def _clock(self, group: Group, found: Formats) -> Clock:
        """Return the zone of the stamps: declared, stated, in the stamps, or the default, said so."""
        has_offset = found.begin is not None and found.begin.has_offset
        notes = [" ".join(fields) for _, fields in self.file.lines]
        stated = self.request.zone or vocabulary.zone_in([*self.file.header, *notes])
        civil = stated if stated and not stated.startswith(_FIXED) else ZONE
        is_told = stated is not None or (has_offset and found.offsets <= _BERLIN)
        if not is_told and group is self.groups[0]:
            self.findings.add(Issue("zone_assumed", parameters={"zone": ZONE}))
        return Clock(None if has_offset else stated or ZONE, civil)

    def _cells(self) -> Iterator[pl.DataFrame]:
        places = sorted({place for group in self.groups for place in group.places()})
        for block in gather.ahead(self.file.blocks(places, self.block)):
            for converter in self.converters:
                for cells in converter.convert(block):
                    self._identify()
                    self._judge(cells)
                    yield cells
            self.workspace.progress(block.share)

    def _identify(self) -> None:
        """Say what series are that were met for the first time."""
        for (index, place, text), number in self.keys.known.items():
            if number not in self.identities:
                column = self.columns[index, place]
                self.identities[number] = series.identify(column.group, column.value, text, self.request)

    def _judge(self, cells: pl.DataFrame) -> None:
        """Refuse series that are readings of a register; their first values decide."""
        new = cells.filter(~pl.col("series").is_in(list(self.judged)))
        for (number,), mine in new.group_by("series", maintain_order=True):
            place = int(str(number))
            known = self.identities[place]
            seen = self.undecided.pop(place, mine["quantity"].clear())
            values = pl.concat([seen, mine["quantity"]])
            if counters.decides(values.len(), is_labelled=known.is_register):
                self.judged.add(place)
            else:
                self.undecided[place] = values
            if known.refusal is None or known.refusal[0] == series.REGISTER:
                self.identities[place] = series.judged(known, values)

    def _gathered(self, *, is_mixed: bool) -> Iterator[pl.DataFrame]:
        size = self.file.path.stat().st_size
        if size <= self.block:
            return gather.in_memory(self._cells())
        if is_mixed or len(self.columns) > 1:
            return gather.mixed(
                gather.ahead(self._cells()), self.workspace.directory, blocks=size / self.block
            )
        return gather.on_end(gather.ahead(self._cells()))

    def _finished(self, finisher: Finisher, *, is_mixed: bool) -> Iterator[pl.DataFrame]:
        for cells in self._gathered(is_mixed=is_mixed):
            if len(self.columns) == 1:
                yield finisher.finish(cells, next(iter(self.columns.values())))
                continue
            parts = []
            for (index, place), column in self.columns.items():
                mine = [
                    number for (at, to, _), number in self.keys.known.items() if (at, to) == (index, place)
                ]
                parts.append(finisher.finish(cells.filter(pl.col("series").is_in(mine)), column))
            yield pl.concat(parts).sort("series", "start", maintain_order=True)


def write(frames: Iterator[pl.DataFrame], path: Path) -> int:
    """Write frames of readings, ascending by series and start, as one Parquet file; return their number.

    Starts and rows rise steadily and are kept as differences, which takes a third of the room. No field may
    be null, and bounds are kept only of what the file is sorted by: both spare a fifth of the time.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    count = 0
    schema = pa.schema(
        [
            field.with_nullable(nullable=False)
            for field in pl.DataFrame(schema=READING_SCHEMA).to_arrow().schema
        ]
    )
    with pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        use_dictionary=["series", "minutes", "quantity", "status"],
        column_encoding={"start": "DELTA_BINARY_PACKED", "source_row": "DELTA_BINARY_PACKED"},
        write_statistics=["series", "start"],
    ) as writer:
        for frame in gather.ahead(frames):
            count += frame.height
            table = pa.Table.from_arrays(frame.to_arrow().columns, schema=schema)
            writer.write_table(table, row_group_size=_ROW_GROUP)
    return count
