"""A period of an organisation: open → released → closed, with the run that stands for it.

open ──release (one person)──► released ──close (another)──► closed ──reopen──► open
                                                               └──restate──► a run beside it, with a diff
"""

from decimal import Decimal
from enum import StrEnum
from typing import Final

from sqlmodel import Field, SQLModel, Text

THRESHOLD: Final = Decimal("0.05")
"""Share of a total from which a change makes the base year be recalculated; declared per period."""

WHOLE: Final = ""
"""The organisation of a period over all organisations."""


class PeriodState(StrEnum):
    """Life of a period. A year without a row is open."""

    OPEN = "open"
    RELEASED = "released"
    CLOSED = "closed"


class Period(SQLModel, table=True):
    """A calendar year of an organisation with what is below it. Times: UTC, ISO 8601."""

    organisation: str = Field(primary_key=True, max_length=64)  # `WHOLE`: all organisations
    year: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    state: str = PeriodState.OPEN.value
    run: str | None = None  # the one that stands for it; null: open
    result_hash: str | None = Field(default=None, max_length=64)
    manifest_hash: str | None = Field(default=None, max_length=64)
    released_by: str | None = None
    released_at: str | None = None
    closed_by: str | None = None
    closed_at: str | None = None
    exceptions: int = 0  # of the run, each without a number in the balance
    exceptions_reason: str | None = Field(default=None, sa_type=Text)  # why it was released with them
    threshold: Decimal = Field(default=THRESHOLD, max_digits=7, decimal_places=6)
    is_base_year: bool = False

    @property
    def stands(self) -> bool:
        """Whether a run stands for the period, so that others stand beside it."""
        return self.run is not None


class PeriodInputs(SQLModel, table=True):
    """What a released run was made of and its manifest names by hash only; kept to calculate it again."""

    run: str = Field(primary_key=True, max_length=64)
    sha256: str = Field(max_length=64)
    content: str = Field(sa_type=Text)  # JSON: batches, resolutions, boundary


class Restatement(SQLModel, table=True):
    """What a closed period would be today: a run beside it, and the difference by line with its cause."""

    organisation: str = Field(primary_key=True, max_length=64)
    year: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    closed_run: str
    run: str
    by: str
    at: str
    reason: str = Field(sa_type=Text)
    content: str = Field(sa_type=Text)  # JSON: totals, steps, lines
