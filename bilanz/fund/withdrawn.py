"""Rows of the fund that were taken back: the trail holds them, no figure does."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

ACTION: Final = "masterdata.withdraw"
"""Code of the entry in the trail, `bilanz.trail.ACTIONS`."""


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A row that was taken back.

    Attributes:
        sequence: of the entry in the trail.
        table: name of its table.
        key: what identified it, for people.
        on: day, UTC.
        values: column → cell, as it was.
    """

    sequence: int
    table: str
    key: str
    on: date
    reason: str
    values: Mapping[str, str]
