"""Every frame of a result as Parquet in one zip, with a description of the columns (Data Package)."""

import io
from pathlib import Path
from typing import ClassVar

import polars as pl

from bilanz.messages import Language, translate
from bilanz.result import Result
from reports import datapackage
from reports.base import Wording
from reports.bundle import write_bundle
from reports.export import Export


class Parquet(Export):
    """Parquet files and `datapackage.json`: decimals stay decimals, text stays as it is."""

    name: ClassVar[str] = "parquet"
    suffix: ClassVar[str] = ".zip"

    def title(self, language: Language) -> str:
        """Return what the form is."""
        return translate("Every table of the balance, exact (Parquet, Data Package)", language)

    def write(self, result: Result, wording: Wording, path: Path) -> None:
        """Write the zip."""
        write_bundle(path, datapackage.members(result, wording.language, ".parquet", as_parquet))


def as_parquet(frame: pl.DataFrame) -> bytes:
    """Return a frame as the bytes of a Parquet file."""
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd", statistics=False)
    return buffer.getvalue()
