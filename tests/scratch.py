"""A lent database for readers that need none."""

import polars as pl


class NoScratch:
    """Fails the test that asks it: the reader under test is one that needs no database."""

    def execute(self, query: str, parameters: list[object] | None = None) -> list[tuple[object, ...]]:
        message = f"this reader needs no database, and asked: {query} {parameters or ''}"
        raise AssertionError(message)

    def frame(self, query: str) -> pl.DataFrame:
        message = f"this reader needs no database, and asked: {query}"
        raise AssertionError(message)
