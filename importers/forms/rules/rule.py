"""What a rule is."""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from importers.forms.rows import Sheet


@dataclass(frozen=True, slots=True)
class Rule:
    """How the rows of a form become rows of the upload.

    Attributes:
        read: rows with the texts of the form → one frame per statement with the texts of the upload. Rows it
            leaves out are ignored and have an issue, unless an error was raised for them: then they are
            rejected.
        statements: quantities a row of the form may state; each is counted.
    """

    read: Callable[[pl.DataFrame, Sheet], list[pl.DataFrame]]
    statements: int = 1
