"""Estimates made by `bilanz fill`: the standard upload, and beside each value what it rests on."""

from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Final

import polars as pl

from importers.base import Claim, FileSample, ImportRequest, ImportResult, Workspace
from importers.formats.workbook import ROW
from importers.standard import StandardUpload, upload_table
from importers.upload.records import json_object

MARK: Final = "bilanz: estimation"
"""First cell of the first line."""

KEPT: Final[tuple[str, ...]] = ("method", "reference", "formula", "basis_data")
"""Columns `bilanz: …` beside those of the upload; they become attributes of the record."""

_PREFIX: Final = "bilanz: "


class Estimation(StandardUpload):
    """Estimated months, each with its method, reference months, formula and the numbers in it."""

    name: ClassVar[str] = "estimation"
    version: ClassVar[str] = "1"
    suffixes: ClassVar[tuple[str, ...]] = (".csv",)

    def identify(self, sample: FileSample) -> Claim | None:
        """Claim by the first line, which no other file has."""
        text = sample.head.removeprefix(b"\xef\xbb\xbf")
        if not text.startswith(MARK.encode()):
            return None
        return Claim(1.0, "the first line says that it holds estimates")

    def read(self, path: Path, request: ImportRequest, workspace: Workspace) -> ImportResult:
        """Read the file as an upload and keep beside each record what it rests on."""
        found = super().read(path, request, workspace)
        table = upload_table(path)
        places = {title: place for place, title in enumerate(table.header)}
        told = {name: places.get(f"{_PREFIX}{name}") for name in KEPT}
        columns = {name: pl.col(str(place)) for name, place in told.items() if place is not None}
        if not columns:
            return found
        kept = table.frame.select(pl.col(ROW).cast(pl.Int64).alias("source_row"), kept=json_object(columns))
        records = found.activities.join(kept, on="source_row", how="left", maintain_order="left")
        return replace(found, activities=records.with_columns(attributes="kept").drop("kept"))
