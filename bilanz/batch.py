"""An import as the registry remembers it: whose file, who uploaded it, what became of it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import JSON, Column, Field, SQLModel


class BatchState(StrEnum):
    """Life of a batch. `committing` is only ever seen after a crash; opening the store settles it."""

    DRAFT = "draft"
    COMMITTING = "committing"
    COMMITTED = "committed"
    WITHDRAWN = "withdrawn"


class ImportBatch(SQLModel, table=True):
    """One imported file. read = accepted + rejected + ignored."""

    id: str = Field(primary_key=True, max_length=64)
    sha256: str = Field(index=True, max_length=64)
    file: str
    importer: str
    importer_version: str
    profile: str | None = None  # mapping profile, where one was used
    organisation: str = Field(index=True)
    uploaded_by: str
    uploaded_at: datetime
    state: str = BatchState.DRAFT.value
    n_read: int = 0
    n_accepted: int = 0
    n_rejected: int = 0
    n_ignored: int = 0
    control_sums: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
