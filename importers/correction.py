"""Corrections made here: the standard upload, and beside each value which one it takes the place of."""

from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Final

import polars as pl

from bilanz.correction import IMPORTER
from importers.base import Claim, FileSample, ImportRequest, ImportResult, Workspace
from importers.formats.workbook import ROW
from importers.standard import StandardUpload, upload_table
from importers.upload.records import json_object

MARK: Final = "bilanz: correction"
"""First cell of the first line."""

PREFIX: Final = "bilanz: "
"""Columns that begin so become attributes of the record, whatever they are called."""

DIRECTION: Final = "direction"
"""The one column of ours that is no attribute: the flow where the role is that of the registry."""


class Correction(StandardUpload):
    """A corrected value with all its record says, the value it corrects, and the reason."""

    name: ClassVar[str] = IMPORTER
    version: ClassVar[str] = "1"
    suffixes: ClassVar[tuple[str, ...]] = (".csv",)

    def identify(self, sample: FileSample) -> Claim | None:
        """Claim by the first line, which no other file has."""
        text = sample.head.removeprefix(b"\xef\xbb\xbf")
        if not text.startswith(MARK.encode()):
            return None
        return Claim(1.0, "the first line says that it holds a correction")

    def read(self, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        """Read the file as an upload and keep beside each record what it corrects."""
        found = super().read(path, request, workspace)
        table = upload_table(path)
        columns = {
            title.removeprefix(PREFIX): pl.when(pl.col(str(place)) != "").then(pl.col(str(place)))
            for place, title in enumerate(table.header)
            if title.startswith(PREFIX)
        }
        if not columns:
            return found
        flow = columns.pop(DIRECTION, pl.lit(None, pl.String))
        kept = table.frame.select(
            pl.col(ROW).cast(pl.Int64).alias("source_row"), kept=json_object(columns), flow=flow
        )
        records = found.activities.join(kept, on="source_row", how="left", maintain_order="left")
        records = records.with_columns(attributes="kept", direction=pl.coalesce("flow", "direction"))
        return replace(found, activities=records.drop("kept", "flow"))
