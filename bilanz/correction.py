"""A correction made here: a record that names the one value it takes the place of, and why.

It is a file of the standard upload as every other, so archive, batch, resolution and trail show it, and
withdrawing it undoes it. What it names stands in the attributes of the record.
"""

from typing import Final

IMPORTER: Final = "correction"
"""Name of the importer that reads such files."""

BATCH: Final = "corrects_batch"
ROW: Final = "corrects_row"  # of a record
COLUMN: Final = "corrects_column"
DAY: Final = "corrects_day"  # of readings: the local day
WHY: Final = "correction_reason"
KEPT: Final = (BATCH, ROW, COLUMN, DAY, WHY)
"""Attributes a correction has beside those of the record it corrects."""
