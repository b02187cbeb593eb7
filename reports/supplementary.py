"""What supplements a balance stands apart: no other section ever sees it, so no total can hold it."""

from collections.abc import Collection
from dataclasses import replace

import polars as pl

from bilanz.result import Result


def without(result: Result, books: Collection[str]) -> Result:
    """Return a result without the lines, exceptions and warming potentials of some books."""
    if not set(books) & set(result.manifest.books):
        return result
    potentials = [entry for entry in result.manifest.gwp.split(", ") if entry.partition(": ")[0] not in books]
    manifest = replace(
        result.manifest,
        books=tuple(book for book in result.manifest.books if book not in books),
        gwp=", ".join(potentials),
    )
    kept = pl.col("book").is_null() | ~pl.col("book").is_in(list(books))
    return replace(
        result,
        manifest=manifest,
        lines=result.lines.filter(kept),
        exceptions=result.exceptions.filter(kept),
    )
