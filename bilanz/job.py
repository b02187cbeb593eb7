"""Work that takes longer than a page: queued, run by whichever process serves, followed and cancelled.

queued ──► running ──► done
   │          ├──────► failed     what cannot be done is said in `error`
   └──────────┴──────► cancelled
"""

from enum import StrEnum
from typing import Any

from sqlmodel import JSON, BigInteger, Column, Field, SQLModel


class JobState(StrEnum):
    """Life of a job."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self in {JobState.DONE, JobState.FAILED, JobState.CANCELLED}


class Job(SQLModel, table=True):
    """A piece of work. Times: UTC, ISO 8601."""

    id: str = Field(primary_key=True, max_length=32)
    kind: str = Field(max_length=32)
    organisation: str = Field(index=True, max_length=64)  # whose; empty: of all
    subject: str = Field(default="", index=True)  # what it is about: an upload, a year
    by: str
    language: str = Field(max_length=2)
    state: str = JobState.QUEUED.value
    progress: float = 0.0  # share done
    is_cancel_asked: bool = False
    parameters: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    result: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    error: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))  # code, message, parameters
    created_at: str = Field(index=True)
    started_at: str | None = None
    ended_at: str | None = None


class Repeatable(SQLModel, table=True):
    """A request a program may send again: the same key and content give the answer of the first time."""

    __tablename__ = "repeatable"

    user: str = Field(primary_key=True, max_length=32)
    key: str = Field(primary_key=True, max_length=64)
    content: str = Field(max_length=64)  # sha256 of what was asked
    answer: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))  # null: not answered yet
    at: str = Field(index=True)


class UploadState(StrEnum):
    """Life of an uploaded file."""

    RECEIVED = "received"  # waits for being read
    READ = "read"  # read and counted, nothing stored: may be committed
    REFUSED = "refused"  # cannot be taken as it is; other terms may help
    COMMITTED = "committed"
    DISCARDED = "discarded"


class Upload(SQLModel, table=True):
    """A file somebody handed in, before and after it is an import."""

    id: str = Field(primary_key=True, max_length=32)
    organisation: str = Field(index=True, max_length=64)
    by: str
    at: str
    file: str  # its name with who handed it in; shown, never a path
    size: int = Field(sa_type=BigInteger)
    sha256: str = Field(index=True, max_length=64)
    state: str = UploadState.RECEIVED.value
    terms: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    outcome: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))  # of the last reading
    batch: str | None = None
