"""Every frame of a result as CSV in one zip, with a description of the columns (Data Package)."""

from pathlib import Path
from typing import ClassVar

import polars as pl

from bilanz.messages import Language, translate
from bilanz.result import Result
from reports import datapackage
from reports.base import Wording
from reports.bundle import write_bundle
from reports.export import Export
from reports.table import FORMULA_STARTS


class Tables(Export):
    """CSV files and `datapackage.json`; no cell is read as a formula, no number is changed."""

    name: ClassVar[str] = "tables"
    suffix: ClassVar[str] = ".zip"

    def title(self, language: Language) -> str:
        """Return what the form is."""
        return translate("Every table of the balance, exact (CSV, Data Package)", language)

    def write(self, result: Result, wording: Wording, path: Path) -> None:
        """Write the zip: numbers with a decimal point, absent values empty, empty texts quoted."""
        write_bundle(path, datapackage.members(result, wording.language, ".csv", as_csv))


def as_csv(frame: pl.DataFrame) -> bytes:
    """Return a frame as CSV. Text that a spreadsheet would take for a formula is marked."""
    nested = [name for name, kind in frame.schema.items() if kind.is_nested()]
    flat = frame.with_columns(_as_json(frame[name]) for name in nested)
    texts = [pl.col(name) for name, kind in flat.schema.items() if kind == pl.String]
    marked = flat.with_columns(
        pl.when(text.str.slice(0, 1).is_in(FORMULA_STARTS)).then("'" + text).otherwise(text).name.keep()
        for text in texts
    )
    return marked.write_csv().encode()


def _as_json(values: pl.Series) -> pl.Series:
    """Return lists and structures as JSON text; an absent one stays absent."""
    packed = pl.struct("value").struct.json_encode().str.strip_prefix('{"value":').str.strip_suffix("}")
    told = pl.DataFrame({"value": values}).select(pl.when(pl.col("value").is_not_null()).then(packed))
    return told.to_series().alias(values.name)
