"""What organisations declare beside a balance, for the year and organisations of a run."""

import polars as pl

from bilanz.compensation import declared
from bilanz.result import Result


def declared_beside(compensations: pl.DataFrame, result: Result) -> pl.DataFrame:
    """Return the certificates declared beside a run by its organisations."""
    return declared(compensations, result.manifest.year, result.organisations["organisation"].to_list())
